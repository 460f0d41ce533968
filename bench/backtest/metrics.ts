/** Probabilities beside what happened (1 or 0), in the same order. */
export interface Forecasts {
  readonly predicted: readonly number[];
  readonly happened: readonly number[];
}

const CLOSEST = 1e-6;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function lossOf(predicted: number, happened: number): number {
  const p = Math.min(Math.max(predicted, CLOSEST), 1 - CLOSEST);
  return -(happened * Math.log(p) + (1 - happened) * Math.log(1 - p));
}

/** Natural log loss of each forecast; probabilities are kept 1e-6 from 0 and 1. */
export function logLosses({ predicted, happened }: Forecasts): number[] {
  return predicted.map((p, i) => lossOf(p, happened[i] ?? 0));
}

/** Mean natural log loss. */
export function logLoss(forecasts: Forecasts): number {
  return mean(logLosses(forecasts));
}

/** Mean squared error of the probabilities. */
export function brier({ predicted, happened }: Forecasts): number {
  return mean(predicted.map((p, i) => (p - (happened[i] ?? 0)) ** 2));
}

/** Chance that what happened got the higher score than what did not; ties count half. NaN with one kind only. */
export function auc({ predicted, happened }: Forecasts): number {
  const order = predicted.map((score, i) => ({ score, y: happened[i] ?? 0 })).sort((a, b) =>
    a.score - b.score
  );
  const positives = happened.reduce((sum, y) => sum + y, 0);
  const negatives = happened.length - positives;
  let ranks = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && order[to]?.score === order[from]?.score) to++;
    for (let i = from; i < to; i++) ranks += order[i]?.y === 1 ? (from + 1 + to) / 2 : 0;
    from = to;
  }
  return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
}

/** Expected calibration error over 10 bins of equal width: mean |forecast - frequency|, weighted by the bins' sizes. */
export function calibrationError({ predicted, happened }: Forecasts): number {
  const bins = Array.from({ length: 10 }, () => ({ predicted: 0, happened: 0 }));
  predicted.forEach((p, i) => {
    const bin = bins[Math.min(Math.floor(p * 10), 9)];
    if (!bin) return;
    bin.predicted += p;
    bin.happened += happened[i] ?? 0;
  });
  return bins.reduce((sum, bin) => sum + Math.abs(bin.predicted - bin.happened), 0) / predicted.length;
}

/** Average precision: mean of the precision at each positive, from the highest score down; ties share a rank. */
export function averagePrecision({ predicted, happened }: Forecasts): number {
  const order = predicted.map((score, i) => ({ score, y: happened[i] ?? 0 })).sort((a, b) =>
    b.score - a.score
  );
  const positives = happened.reduce((sum, y) => sum + y, 0);
  let found = 0;
  let area = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    let hits = 0;
    while (to < order.length && order[to]?.score === order[from]?.score) hits += order[to++]?.y ?? 0;
    found += hits;
    area += hits * found / to;
    from = to;
  }
  return area / positives;
}

/** A small generator of numbers in [0, 1) with a seed (mulberry32), so that every run prints the same. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * 95 % interval of a mean by resampling groups (people) with replacement, since the values of one are alike.
 *
 * @returns Lower and upper bound, from 1,000 seeded resamples.
 */
export function groupedInterval(values: readonly number[], groups: readonly string[]): [number, number] {
  const sums = new Map<string, [number, number]>();
  values.forEach((value, i) => {
    const [sum, n] = sums.get(groups[i] ?? "") ?? [0, 0];
    sums.set(groups[i] ?? "", [sum + value, n + 1]);
  });
  const all = [...sums.values()];
  const random = seededRandom(1);
  const means = Array.from({ length: 1000 }, () => {
    let [total, count] = [0, 0];
    for (let k = 0; k < all.length; k++) {
      const [sum, n] = all[Math.floor(random() * all.length)] ?? [0, 0];
      total += sum;
      count += n;
    }
    return total / count;
  }).sort((a, b) => a - b);
  return [means[25] ?? NaN, means[974] ?? NaN];
}

/** Lines of a table with aligned columns; the first column to the left, figures to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)).join("  ")
  ).join("\n");
}
