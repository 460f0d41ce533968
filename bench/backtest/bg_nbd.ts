/** A tie as the BG/NBD model sees it: active days after the first, days to the last and to now. */
export interface Purchases {
  readonly repeats: number;
  readonly last: number;
  readonly age: number;
}

/** Parameters r, alpha, a, b (Fader, Hardie & Lee, Marketing Science 24:275, 2005). */
export type BgNbd = readonly [r: number, alpha: number, a: number, b: number];

const LANCZOS = [
  676.5203681218851,
  -1259.1392167224028,
  771.32342877765313,
  -176.61502916214059,
  12.507343278686905,
  -0.13857109526572012,
  9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/** Natural logarithm of the gamma function of a positive number. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const sum = LANCZOS.reduce((total, c, i) => total + c / (z + i + 1), 0.99999999999980993);
  const t = z + LANCZOS.length - 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

function logLikelihood([r, alpha, a, b]: BgNbd, { repeats: x, last, age }: Purchases): number {
  const common = logGamma(r + x) - logGamma(r) + r * Math.log(alpha) +
    logGamma(a + b) + logGamma(b + x) - logGamma(b) - logGamma(a + b + x);
  const alive = -(r + x) * Math.log(alpha + age);
  if (x === 0) return common + alive;
  const gone = Math.log(a / (b + x - 1)) - (r + x) * Math.log(alpha + last);
  const top = Math.max(alive, gone);
  return common + top + Math.log(Math.exp(alive - top) + Math.exp(gone - top));
}

/** Maximises by the simplex of Nelder and Mead, from `start`. */
function maximise(value: (x: number[]) => number, start: number[]): number[] {
  const simplex = [start, ...start.map((_, i) => start.map((v, j) => i === j ? v + 0.7 : v))]
    .map((x) => ({ x, f: value(x) }));
  for (let round = 0; round < 250; round++) {
    simplex.sort((p, q) => q.f - p.f);
    const worst = simplex.pop();
    if (!worst) break;
    const centre = start.map((_, i) => simplex.reduce((sum, p) => sum + (p.x[i] ?? 0), 0) / simplex.length);
    const at = (scale: number) => {
      const x = centre.map((c, i) => c + scale * ((worst.x[i] ?? 0) - c));
      return { x, f: value(x) };
    };
    const mirrored = at(-1);
    const best = simplex[0]?.f ?? -Infinity;
    if (mirrored.f > best) {
      const further = at(-2);
      simplex.push(further.f > mirrored.f ? further : mirrored);
    } else if (mirrored.f > (simplex.at(-1)?.f ?? -Infinity)) simplex.push(mirrored);
    else {
      const nearer = at(0.5);
      simplex.push(nearer.f > worst.f ? nearer : { x: at(0.25).x, f: at(0.25).f });
    }
  }
  return simplex.sort((p, q) => q.f - p.f)[0]?.x ?? start;
}

/** Fits the model by maximum likelihood. */
export function fitBgNbd(ties: readonly Purchases[]): BgNbd {
  const parameters = (x: number[]) =>
    x.map((v) => Math.exp(Math.min(Math.max(v, -8), 8))) as unknown as BgNbd;
  return parameters(maximise(
    (x) => ties.reduce((sum, tie) => sum + logLikelihood(parameters(x), tie), 0),
    [0, 1, -1, 1],
  ));
}

/** Probability of at least one more active day within `days`. */
export function bgNbdProbability(
  [r, alpha, a, b]: BgNbd,
  { repeats: x, last, age }: Purchases,
  days: number,
): number {
  const odds_gone = x === 0 ? 0 : a / (b + x - 1) * ((alpha + age) / (alpha + last)) ** (r + x);
  return (1 - ((alpha + age) / (alpha + age + days)) ** (r + x)) / (1 + odds_gone);
}
