/** Length of every vector, as the column in the database has it. */
export const DIMENSIONS = 384;

/** Makes vectors of questions. Vectors of different `model` or `version` must not be compared. */
export interface Embedder {
  readonly model: string;
  /** Changes whenever the same text would get another vector. */
  readonly version: string;
  /** Fast and local enough to run while somebody waits; others are left to the queue. */
  readonly inline: boolean;
  /**
   * One vector of {@link DIMENSIONS} numbers for each text, in order, of length 1; of length 0 for a text without words.
   *
   * @throws EmbeddingFailure
   */
  embed(texts: readonly string[]): Promise<number[][]>;
}

/** Why there is no vector; all but `invalid` may pass by themselves. */
export type EmbeddingFailureReason = "rate_limited" | "timeout" | "unavailable" | "invalid";

/** A provider gave no vectors. The message holds nothing of its answer; the cause is for the log only. */
export class EmbeddingFailure extends Error {
  override readonly name = "EmbeddingFailure";

  constructor(readonly reason: EmbeddingFailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** The vector scaled to length 1, to six decimals; nothing stays nothing. */
export function unitVector(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => Math.round(value / length * 1e6) / 1e6);
}

/**
 * What a provider answered, as unit vectors.
 *
 * @throws EmbeddingFailure `invalid` unless these are as many as asked for, each of {@link DIMENSIONS} numbers, not all 0.
 */
export function checkVectors(vectors: readonly unknown[], count: number): number[][] {
  if (vectors.length !== count) {
    throw new EmbeddingFailure("invalid", `The model answered ${vectors.length} vectors for ${count} texts`);
  }
  return vectors.map((vector) => {
    if (!Array.isArray(vector) || vector.length !== DIMENSIONS) {
      throw new EmbeddingFailure("invalid", `The model's vectors have not ${DIMENSIONS} numbers`);
    }
    if (!vector.every((value) => Number.isFinite(value)) || vector.every((value) => value === 0)) {
      throw new EmbeddingFailure("invalid", "The model answered a vector without a direction");
    }
    return unitVector(vector);
  });
}
