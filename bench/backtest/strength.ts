import { featuresAt, happensWithin, lowerBound, type Tie, tiesOf } from "./interactions.ts";
import { auc, formatTable, seededRandom } from "./metrics.ts";
import type { Person } from "./phones.ts";
import type { Print } from "./predictions.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Judged {
  readonly person: string;
  readonly moment: number;
  readonly strength: number;
  readonly count: number;
  readonly is_one_way: boolean;
  readonly happened: 0 | 1;
}

/** Score of private.tie_strength, unrounded and also for one-way ties; undefined before the first event. */
export function strengthAt(tie: Tie, at: number): number | undefined {
  const { starts_at } = tie.person;
  const features = featuresAt(tie, at, starts_at);
  if (!features) return undefined;
  const today = Math.floor(at / DAY_MS);
  const since = Math.max(today - 89, Math.floor(starts_at / DAY_MS));
  const recent = tie.times.slice(lowerBound(tie.times, since * DAY_MS), lowerBound(tie.times, at));
  const days = [...new Set(recent.map((ts) => Math.floor(ts / DAY_MS)))];
  const observed = today - since + 1;
  const sessions = recent.filter((ts, i) => i === 0 || ts - (recent[i - 1] ?? 0) > HOUR_MS).length;
  const hours = new Set(recent.map((ts) => Math.floor(ts / HOUR_MS) % 168)).size;
  const weeks = new Set(recent.map((ts) => Math.floor((at - ts) / (7 * DAY_MS)))).size;
  const gaps = days.slice(1).map((day, i) => day - (days[i] ?? 0)).sort((a, b) => a - b);
  const usual = ((gaps[Math.ceil(gaps.length / 2) - 1] ?? 1) + (gaps[Math.floor(gaps.length / 2)] ?? 1)) / 2;
  const decay = gaps.length === 0
    ? 1
    : Math.min(1, 8 * Math.max(usual, 1) / Math.max(features.elapsed, 1e-9));
  return 100 * decay * (0.4 * Math.log10(1 + 9 * days.length / observed) +
    0.25 * Math.min(1, Math.log(1 + 7 * sessions / observed) / Math.log(22)) +
    0.25 * Math.min(1, Math.log(1 + 28 * hours / observed) / Math.log(41)) +
    0.1 * Math.min(1, weeks / Math.ceil(observed / 7)));
}

function judge(ties: readonly Tie[], horizon: number): Judged[] {
  return ties.flatMap((tie) => {
    const { starts_at, ends_at, id } = tie.person;
    const judged: Judged[] = [];
    for (let day = 7; starts_at + (day + horizon) * DAY_MS <= ends_at; day++) {
      const at = starts_at + day * DAY_MS;
      const strength = strengthAt(tie, at);
      if (strength === undefined) continue;
      const known = lowerBound(tie.times, at);
      const inbound = tie.inbound.slice(0, known).filter((value) => value).length;
      judged.push({
        person: id,
        moment: day,
        strength,
        count: known,
        is_one_way: inbound === 0 || inbound === known,
        happened: happensWithin(tie, at, horizon) ? 1 : 0,
      });
    }
    return judged;
  });
}

function aucOf(judged: readonly Judged[], score: (one: Judged) => number): number {
  return auc({ predicted: judged.map(score), happened: judged.map(({ happened }) => happened) });
}

/** Mean, over the moments, of the AUC among the ties of one moment: the clock then helps neither score. */
function aucWithin(judged: readonly Judged[], score: (one: Judged) => number): number {
  const values = [...Map.groupBy(judged, ({ moment }) => moment).values()].map((group) => aucOf(group, score))
    .filter(Number.isFinite);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** 95 % interval of what the strength gains over the count, by resampling people (300 times, seeded). */
function gainInterval(judged: readonly Judged[]): [number, number] {
  const people = [...Map.groupBy(judged, ({ person }) => person).values()];
  const random = seededRandom(1);
  const values = Array.from({ length: 300 }, () => {
    const sample = people.flatMap(() => people[Math.floor(random() * people.length)] ?? []);
    return aucOf(sample, ({ strength }) => strength) - aucOf(sample, ({ count }) => count);
  }).sort((a, b) => a - b);
  return [values[7] ?? NaN, values[292] ?? NaN];
}

/** Whether the strength of a tie tells which ties are alive afterwards better than the number of events does. */
export function backtestStrength(people: readonly Person[], print: Print): void {
  const ties = tiesOf(people);
  const longest = Math.max(...people.map(({ starts_at, ends_at }) => ends_at - starts_at)) / DAY_MS;
  const horizons = [7, 14, 28].filter((days) => longest >= days + 8);
  print(`\n# Tie strength: is the tie alive within the horizon? AUC, moments from the eighth day on\n`);
  if (!horizons.includes(28)) print("28 days ahead can not be judged: the logs last as long\n");
  const rows = horizons.flatMap((horizon) => {
    const all = judge(ties, horizon);
    return ([["all ties", all], ["two-way ties", all.filter(({ is_one_way }) => !is_one_way)]] as const).map(
      ([name, judged]) => {
        const [strength, count] = [
          aucOf(judged, ({ strength }) => strength),
          aucOf(judged, ({ count }) => count),
        ];
        const [low, high] = gainInterval(judged);
        return [
          `${horizon} days, ${name}`,
          strength.toFixed(3),
          count.toFixed(3),
          (strength - count).toFixed(3),
          (aucWithin(judged, ({ strength }) => strength) - aucWithin(judged, ({ count }) => count)).toFixed(
            3,
          ),
          `${low.toFixed(3)} to ${high.toFixed(3)}`,
          String(judged.length),
        ];
      },
    );
  });
  print(
    formatTable([["", "strength", "count", "gain", "gain within a moment", "gain, 95 %", "cases"], ...rows]),
  );
}
