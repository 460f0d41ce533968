import type { Occasion } from "./forecasters.ts";
import { featuresAt, happensWithin, lowerBound, type Tie } from "./interactions.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** A forecast needs a week of log before it. */
const HISTORY_DAYS = 7;
const MAX_ORIGINS = 120;

/** Which people are in the same fold, and which ties are the same event seen from both phones. */
export interface Folds {
  readonly count: number;
  /** Fold of a person. */
  of(person: string): number;
  /** Folds whose people have this tie, too. */
  seenBy(tie: number): ReadonlySet<number>;
}

/** Splits people into folds, in the order of their names. A tie that two logs share is known to both their folds. */
export function foldsOf(ties: readonly Tie[], count: number): Folds {
  const people = [...new Set(ties.map(({ person }) => person.id))].sort();
  const fold = new Map(people.map((id, i) => [id, i % count]));
  const holders = Map.groupBy(
    ties.flatMap((tie, i) => tie.times.map((ts) => ({ ts, i }))),
    ({ ts }) => ts,
  );
  const seen = ties.map((tie) => new Set([fold.get(tie.person.id) ?? 0]));
  for (const shared of holders.values()) {
    for (const { i } of shared) {
      for (const { i: other } of shared) seen[i]?.add(fold.get(ties[other]?.person.id ?? "") ?? 0);
    }
  }
  return { count, of: (person) => fold.get(person) ?? 0, seenBy: (tie) => seen[tie] ?? new Set() };
}

function pastWindows(tie: Tie, at: number, horizon: number) {
  let [windows, hits] = [0, 0];
  for (
    let day = Math.ceil(tie.person.starts_at / DAY_MS) * DAY_MS;
    day + horizon * DAY_MS <= at;
    day += DAY_MS
  ) {
    windows++;
    if (happensWithin(tie, day, horizon)) hits++;
  }
  return { windows, hits };
}

function purchasesAt(tie: Tie, at: number) {
  const known = tie.times.slice(0, lowerBound(tie.times, at));
  const days = new Set(known.map((ts) => Math.floor(ts / DAY_MS)));
  const [first = at, last = at] = [known[0], known.at(-1)];
  return {
    repeats: days.size - 1,
    last: days.size > 1 ? (last - first) / DAY_MS : 0,
    age: (at - first) / DAY_MS,
  };
}

/**
 * All occasions of a horizon: moments from the eighth day of a person's log on, one every six hours (fewer in a long
 * log) and at other hours each day, as long as the log lasts for the horizon after it.
 *
 * @param horizon Days.
 */
export function occasionsOf(ties: readonly Tie[], horizon: number): Occasion[] {
  return ties.flatMap((tie, index) => {
    const { starts_at, ends_at, id } = tie.person;
    const first = Math.ceil(starts_at / DAY_MS) * DAY_MS + HISTORY_DAYS * DAY_MS;
    const step = Math.max(6, Math.ceil((ends_at - first) / HOUR_MS / MAX_ORIGINS / 6) * 6);
    const occasions: Occasion[] = [];
    for (let k = 0;; k++) {
      const at = first + k * step * HOUR_MS + (k % 6) * HOUR_MS;
      if (at + horizon * DAY_MS > ends_at) return occasions;
      const features = featuresAt(tie, at, starts_at);
      if (!features) continue;
      occasions.push({
        tie: index,
        person: id,
        features,
        purchases: purchasesAt(tie, at),
        past: pastWindows(tie, at, horizon),
        happened: happensWithin(tie, at, horizon) ? 1 : 0,
        is_daily: k % 4 === 0,
      });
    }
  });
}
