import { percentile } from "../process_usage.ts";

interface Timing {
  readonly ms: number;
}

/** Times of one thing done again and again, ms. */
export interface Sample<Run extends Timing = Timing> {
  readonly runs: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  readonly times: readonly Run[];
}

/** How often to run. */
export interface Effort {
  /** Timed runs that are wanted. */
  readonly runs: number;
  readonly warmups: number;
  /** When this much time is used up, the runs end early, but not before `least`. */
  readonly budget_ms: number;
  readonly least: number;
}

/** Enough for a p95 of what must be fast. */
export const CAREFUL: Effort = { runs: 40, warmups: 8, budget_ms: 10_000, least: 10 };
/** For rivals, which may take seconds. */
export const BRIEF: Effort = { runs: 30, warmups: 2, budget_ms: 4_000, least: 3 };
/** What takes longer than this altogether is not worth more than the least of runs. */
const PATIENCE_MS = 20_000;
const LEAST_EVER = 3;

/**
 * Warms up, then collects times.
 *
 * @param run Does it for the n-th time and gives the ms it took, and what else is to be kept of it.
 */
export async function measure<Run extends Timing>(
  run: (turn: number) => Promise<Run>,
  effort: Effort,
): Promise<Sample<Run>> {
  const started = performance.now();
  const isOver = (limit_ms: number) => performance.now() - started > limit_ms;
  for (let turn = 0; turn < effort.warmups && (turn === 0 || !isOver(effort.budget_ms / 2)); turn++) {
    await run(turn);
  }
  const times: Run[] = [];
  while (
    times.length < LEAST_EVER || (times.length < effort.least && !isOver(PATIENCE_MS)) ||
    (times.length < effort.runs && !isOver(effort.budget_ms))
  ) {
    times.push(await run(times.length));
  }
  const all = times.map(({ ms }) => ms);
  return {
    runs: times.length,
    p50: percentile(all, 0.5),
    p95: percentile(all, 0.95),
    max: Math.max(...all),
    times,
  };
}
