/** A seeded source of random numbers: the same seed gives the same numbers for ever. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [low, high]. */
  int(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One of the items, all equally likely; throws a `RangeError` where there are none. */
  pick<T>(items: readonly T[]): T;
  /** An index drawn in proportion to the weights. */
  weighted(weights: readonly number[]): number;
  /** Log-normal with the given median; `sigma` is the standard deviation of the logarithm. */
  logNormal(median: number, sigma: number): number;
  /** Poisson with the given mean (meant for means below 50). */
  poisson(mean: number): number;
}

/** FNV-1a, 32 bits (Fowler, Noll and Vo), started at a basis of the caller's choice. */
function hash(text: string, basis: number): number {
  let value = basis >>> 0;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
}

/**
 * sfc32, "small fast chaotic" (Chris Doty-Humphrey, PractRand 0.94): 128 bits of state of which one word is a
 * counter, so no cycle is shorter than 2^32. The first 15 outputs are thrown away, as its author advises.
 */
function createSfc32(seed: string): () => number {
  let a = hash(seed, 0x811c9dc5);
  let b = hash(seed, 0x9e3779b9);
  let c = hash(seed, 0x7f4a7c15);
  let counter = 1;
  const step = (): number => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out >>> 0;
  };
  for (let i = 0; i < 15; i++) step();
  return step;
}

/**
 * Creates a random source from any text. Give each topic a seed of its own (`"2026-11-22/owner/calls"`): a change in
 * one topic then leaves the others as they were.
 *
 * @example
 * ```ts
 * const random = createRandom("2026-11-22/owner");
 * random.int(1, 6); // always the same number
 * ```
 */
export function createRandom(seed: string): Random {
  const word = createSfc32(seed);
  const next = () => word() / 4294967296;
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: <T>(items: readonly T[]): T => {
      if (items.length === 0) throw new RangeError("Cannot pick from an empty list");
      return items[int(0, items.length - 1)] as T;
    },
    weighted: (weights) => {
      let left = next() * weights.reduce((sum, weight) => sum + weight, 0);
      const found = weights.findIndex((weight) => (left -= weight) < 0);
      return found < 0 ? weights.length - 1 : found;
    },
    // Box and Muller (1958); 1 - next() keeps the logarithm away from 0.
    logNormal: (median, sigma) => {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return median * Math.exp(sigma * normal);
    },
    // Knuth, The Art of Computer Programming 2, 3.4.1: count uniforms until their product falls below e^-mean.
    poisson: (mean) => {
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = next(); product > limit; product *= next()) count++;
      return count;
    },
  };
}
