/** Where each coefficient is drawn to, and how strongly (1/variance); 0 leaves it to the data. */
export interface Prior {
  readonly mean: readonly number[];
  readonly precision: readonly number[];
}

/** The logistic function. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

/** Solves `matrix · x = vector` by elimination with pivoting. */
export function solve(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, vector[i] ?? 0]);
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    const rest = rows.slice(column).sort((a, b) => Math.abs(b[column] ?? 0) - Math.abs(a[column] ?? 0));
    rows.splice(column, n - column, ...rest);
    const pivot = rows[column] ?? [];
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = (row[column] ?? 0) / (pivot[column] ?? 1);
      for (let k = column; k <= n; k++) row[k] = (row[k] ?? 0) - factor * (pivot[k] ?? 0);
    }
  }
  return rows.map((row, i) => (row[n] ?? 0) / (row[i] ?? 1));
}

function objective(
  weights: readonly number[],
  terms: readonly (readonly number[])[],
  shares: readonly number[],
  { mean, precision }: Prior,
): number {
  return terms.reduce(
    (sum, row, i) => {
      const x = dot(row, weights);
      return sum + (shares[i] ?? 0) * x - Math.max(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
    },
    -weights.reduce((sum, w, j) => sum + (precision[j] ?? 0) * (w - (mean[j] ?? 0)) ** 2, 0) / 2,
  );
}

/**
 * Logistic regression with a normal prior, by Newton's method (iteratively reweighted least squares); a step that
 * does not improve is halved.
 *
 * @param terms One row per observation, the constant 1 first.
 * @param shares What happened: 0, 1 or a share between.
 * @returns One coefficient per term.
 */
export function fitLogistic(
  terms: readonly (readonly number[])[],
  shares: readonly number[],
  prior: Prior,
): number[] {
  let weights = [...prior.mean];
  let value = objective(weights, terms, shares, prior);
  for (let round = 0; round < 50; round++) {
    const step = newtonStep(weights, terms, shares, prior);
    let scale = 1;
    const moved = () => weights.map((w, j) => w + scale * (step[j] ?? 0));
    while (scale > 1e-6 && objective(moved(), terms, shares, prior) < value) scale /= 2;
    weights = moved();
    value = objective(weights, terms, shares, prior);
    if (Math.max(...step.map(Math.abs)) < 1e-9) break;
  }
  return weights;
}

function newtonStep(
  weights: readonly number[],
  terms: readonly (readonly number[])[],
  shares: readonly number[],
  { mean, precision }: Prior,
): number[] {
  const gradient = weights.map((w, j) => (precision[j] ?? 0) * ((mean[j] ?? 0) - w));
  const curvature = weights.map((_, j) => weights.map((_, k) => j === k ? precision[j] ?? 0 : 0));
  terms.forEach((row, i) => {
    const p = sigmoid(dot(row, weights));
    row.forEach((term, j) => {
      gradient[j] = (gradient[j] ?? 0) + term * ((shares[i] ?? 0) - p);
      const line = curvature[j] ?? [];
      row.forEach((other, k) => line[k] = (line[k] ?? 0) + term * other * p * (1 - p));
    });
  });
  return solve(curvature, gradient);
}

/** The probability that coefficients give to terms. */
export function probabilityOf(weights: readonly number[], terms: readonly number[]): number {
  return sigmoid(dot(weights, terms));
}
