import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { createRandom } from "./random.ts";

function draw<T>(count: number, next: () => T): T[] {
  return Array.from({ length: count }, next);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

Deno.test("createRandom() gives the same numbers for the same seed, for ever", () => {
  const random = createRandom("2026-11-22/olivia");
  assertEquals(draw(5, () => random.int(0, 999_999)), [229638, 942654, 149844, 156335, 128143]);
  const [a, b] = [createRandom("seed"), createRandom("seed")];
  assertEquals(draw(100, a.next), draw(100, b.next));
});

Deno.test("createRandom() gives unrelated numbers for seeds that differ in one letter", () => {
  const [a, b] = [createRandom("2026-11-22"), createRandom("2026-11-23")];
  const pairs = draw(5_000, () => [a.next(), b.next()] as const);
  assertNotEquals(pairs[0]?.[0], pairs[0]?.[1]);
  const covariance = mean(pairs.map(([x, y]) => (x - 0.5) * (y - 0.5)));
  assert(Math.abs(covariance) < 0.005, `Covariance ${covariance}`);
});

Deno.test("next() is uniform in [0, 1) and has no memory of the value before", () => {
  const random = createRandom("uniform");
  const values = draw(20_000, random.next);
  assert(values.every((value) => value >= 0 && value < 1));
  const buckets = draw(20, () => 0);
  for (const value of values) buckets[Math.floor(value * 20)] = (buckets[Math.floor(value * 20)] ?? 0) + 1;
  const chi_square = buckets.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
  assert(chi_square < 43.8, `Chi square ${chi_square} is beyond p = 0.001 at 19 degrees of freedom`);
  const serial = mean(values.slice(1).map((value, i) => (value - 0.5) * ((values[i] ?? 0) - 0.5)));
  assert(Math.abs(serial) < 0.003, `Serial covariance ${serial}`);
});

Deno.test("int() reaches both ends and nothing beyond", () => {
  const random = createRandom("dice");
  assertEquals([...new Set(draw(500, () => random.int(1, 6)))].sort(), [1, 2, 3, 4, 5, 6]);
});

Deno.test("weighted() draws in proportion and never draws a weight of 0", () => {
  const random = createRandom("weights");
  const drawn = draw(9_000, () => random.weighted([1, 0, 2]));
  assertEquals(drawn.filter((index) => index === 1).length, 0);
  const share = drawn.filter((index) => index === 2).length / drawn.length;
  assert(Math.abs(share - 2 / 3) < 0.02, `Share ${share}`);
});

Deno.test("poisson() has the mean and the variance that were asked for", () => {
  const random = createRandom("poisson");
  const counts = draw(20_000, () => random.poisson(1.7));
  const variance = mean(counts.map((count) => (count - 1.7) ** 2));
  assert(Math.abs(mean(counts) - 1.7) < 0.05, `Mean ${mean(counts)}`);
  assert(Math.abs(variance - 1.7) < 0.1, `Variance ${variance}`);
  assertEquals(random.poisson(0), 0);
});

Deno.test("logNormal() has the median and the spread that were asked for", () => {
  const random = createRandom("log-normal");
  const logs = draw(20_000, () => Math.log(random.logNormal(240, 0.9) / 240));
  assert(Math.abs(mean(logs)) < 0.03, `Mean of the logarithm ${mean(logs)}`);
  const sigma = Math.sqrt(mean(logs.map((log) => log * log)));
  assert(Math.abs(sigma - 0.9) < 0.03, `Sigma ${sigma}`);
});

Deno.test("pick() refuses an empty list", () => {
  assertThrows(() => createRandom("x").pick([]), RangeError, "Cannot pick");
});
