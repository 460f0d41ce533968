import type { Person } from "./phones.ts";

const DAY_MS = 86_400_000;
/** As in private.interaction_features. */
export const WINDOW_DAYS = 90;
export const HALF_LIFE_DAYS = 28;

/** A person and one of that person's contacts. */
export interface Tie {
  readonly person: Person;
  readonly number: string;
  /** Starts of all events with the contact, ms, ascending; and whether each was inbound. */
  readonly times: readonly number[];
  readonly inbound: readonly boolean[];
}

/** What is known of a tie at a moment, from earlier events only. */
export interface Features {
  /** Days since the last event. */
  readonly elapsed: number;
  /** UTC days with an event in the last 90, each halved for every 28 days of its age. */
  readonly active: number;
  /** The same sum over all UTC days since the log began: what daily contact would give. */
  readonly observed: number;
  /** UTC days with an event, of all time; the bands of the report. */
  readonly active_days: number;
}

/** Ties of all people, by contact number. Events without a number belong to none. */
export function tiesOf(people: readonly Person[]): Tie[] {
  return people.flatMap((person) => {
    const numbers = Map.groupBy(
      person.events.filter(({ number }) => number !== null),
      ({ number }) => number,
    );
    return [...numbers].map(([number, events]) => ({
      person,
      number: number ?? "",
      times: events.map(({ ts }) => ts),
      inbound: events.map(({ direction }) => direction === "inbound"),
    }));
  });
}

/** First index whose value is not less than `value`. */
export function lowerBound(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether the tie has an event in `[at, at + days)`. */
export function happensWithin(tie: Tie, at: number, days: number): boolean {
  return (tie.times[lowerBound(tie.times, at)] ?? Infinity) < at + days * DAY_MS;
}

/**
 * The features of a tie at a moment; undefined before its first event. The same as private.interaction_features.
 *
 * @param observed_since First event of the person with any contact, ms.
 */
export function featuresAt(tie: Tie, at: number, observed_since: number): Features | undefined {
  const known = lowerBound(tie.times, at);
  const last = tie.times[known - 1];
  if (last === undefined) return undefined;
  const today = Math.floor(at / DAY_MS);
  const first_day = Math.max(today - WINDOW_DAYS + 1, Math.floor(observed_since / DAY_MS));
  const weight = (day: number) => 2 ** (-(at / DAY_MS - day) / HALF_LIFE_DAYS);
  const days = new Set(tie.times.slice(0, known).map((ts) => Math.floor(ts / DAY_MS)));
  let [active, observed] = [0, 0];
  for (let day = first_day; day <= today; day++) {
    observed += weight(day);
    if (days.has(day)) active += weight(day);
  }
  return { elapsed: (at - last) / DAY_MS, active, observed, active_days: days.size };
}

/**
 * The terms of the model, after the constant 1; the same as private.prediction_terms. Recency: ln days since the last
 * event. Rhythm: log odds of an active day among as many independent days as the root of the horizon (active days come in
 * runs), each with the share of active days so far, to which one day with and one without are added. Silence: ln of how far a silence goes beyond 14 days.
 *
 * @param horizon Days.
 */
export function termsOf({ elapsed, active, observed }: Features, horizon: number): number[] {
  const daily = (active + 1) /
    (Math.max(observed, active) + 2);
  return [
    1,
    Math.log(elapsed + 0.05),
    Math.log((1 - daily) ** -Math.sqrt(horizon) - 1),
    Math.log(Math.max(elapsed, 14) / 14),
  ];
}
