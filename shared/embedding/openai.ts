import type OpenAI from "openai";
import { checkVectors, DIMENSIONS, type Embedder, EmbeddingFailure } from "./embedder.ts";

/** Where vectors are asked for. */
export interface OpenAiSettings {
  readonly api_key: string;
  /** Without a trailing slash. */
  readonly base_url: string;
  readonly model: string;
  /** Of one request; 10 seconds unless told. */
  readonly timeout_ms?: number;
  /** Texts of one request; 100 unless told. */
  readonly batch_size?: number;
}

/** The smallest of OpenAI's that can be cut to 384 dimensions. */
export const DEFAULT_MODEL = "text-embedding-3-small";

export const DEFAULT_BASE_URL = "https://api.openai.com/v1";

function failureOf(error: unknown, api: typeof OpenAI): EmbeddingFailure {
  if (error instanceof EmbeddingFailure) return error;
  if (error instanceof api.APIConnectionTimeoutError) {
    return new EmbeddingFailure("timeout", "The model did not answer in time", { cause: error });
  }
  if (error instanceof api.RateLimitError) {
    return new EmbeddingFailure("rate_limited", "The model's rate limit is reached", { cause: error });
  }
  if (error instanceof api.APIError) {
    return new EmbeddingFailure("unavailable", `The model answered ${error.status ?? "nothing"}`, {
      cause: error,
    });
  }
  return new EmbeddingFailure("invalid", "The model's answer could not be read", { cause: error });
}

function vectorsOf(response: OpenAI.CreateEmbeddingResponse, count: number): number[][] {
  if (!Array.isArray(response?.data)) throw new EmbeddingFailure("invalid", "The model answered no vectors");
  const ordered = response.data.toSorted((one, other) => one.index - other.index);
  return checkVectors(ordered.map(({ embedding }) => embedding), count);
}

/** Vectors of OpenAI, or of a server that speaks its API. It does not try again: the queue does, later. */
export function openAiEmbedder(settings: OpenAiSettings): Embedder {
  const { timeout_ms = 10_000, batch_size = 100 } = settings;

  async function embedBatch(client: OpenAI, api: typeof OpenAI, input: string[]): Promise<number[][]> {
    try {
      const response = await client.embeddings.create(
        { model: settings.model, input, dimensions: DIMENSIONS, encoding_format: "float" },
      );
      return vectorsOf(response, input.length);
    } catch (error) {
      throw failureOf(error, api);
    }
  }

  return {
    model: settings.model,
    version: String(DIMENSIONS),
    inline: false,
    async embed(texts) {
      if (texts.length === 0) return [];
      // Loading it takes a while, and most deployments have no key.
      const { default: api } = await import("openai");
      const client = new api({
        apiKey: settings.api_key,
        baseURL: settings.base_url,
        organization: null,
        project: null,
        maxRetries: 0,
        timeout: timeout_ms,
        logLevel: "off",
      });
      const vectors: number[][] = [];
      for (let start = 0; start < texts.length; start += batch_size) {
        vectors.push(...await embedBatch(client, api, texts.slice(start, start + batch_size)));
      }
      return vectors;
    },
  };
}
