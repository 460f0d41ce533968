import type { OutsiderKey } from "./circle.ts";
import type { PersonKey } from "./people.ts";
import type { Profile } from "./rhythm.ts";
import type { Topic } from "./scripts.ts";

/** How a tie changes over the 400 days. */
export type Phase =
  | { kind: "new"; days_ago: number }
  | { kind: "fading"; half_life_days: number }
  | { kind: "ended"; days_ago: number };

/** What two people have to do with each other, seen from the one whose tie it is. */
export interface Tie<With> {
  with: With;
  profile: Profile;
  /** Conversations and calls a week, on average. */
  per_week: number;
  /** Share of them that are texts. */
  texts: number;
  /** Share that I start. */
  mine: number;
  /** Median length of a call in minutes. */
  minutes: number;
  topics: readonly Topic[];
  phase: Phase | null;
}

/** A tie with somebody without an account, and the name he or she has in my address book. */
export type OutsideTie = Tie<OutsiderKey> & { name: string };

/** A tie between two people with accounts; `of` is the one from whom it is seen. */
export type InsideTie = Tie<PersonKey> & { of: PersonKey };

type Numbers = [per_week: number, texts: number, mine: number, minutes: number];

/** Writes a tie with an outsider in one line. */
export function knows(
  key: OutsiderKey,
  name: string,
  profile: Profile,
  [per_week, texts, mine, minutes]: Numbers,
  topics: readonly Topic[],
  phase: Phase | null = null,
): OutsideTie {
  return { with: key, name, profile, per_week, texts, mine, minutes, topics, phase };
}

function colleagues(of: PersonKey, other: PersonKey, topics: readonly Topic[], numbers: Numbers): InsideTie {
  const [per_week, texts, mine, minutes] = numbers;
  return { of, with: other, profile: "work", per_week, texts, mine, minutes, topics, phase: null };
}

const office: readonly Topic[] = ["team", "team", "team", "lunch"];
const overseas: readonly Topic[] = ["team", "team", "client"];

/** Who in the firm talks to whom. */
export const colleagueTies: readonly InsideTie[] = [
  colleagues("olivia", "adam", office, [7, 0.5, 0.55, 4]),
  colleagues("olivia", "ana", overseas, [3.2, 0.6, 0.5, 9]),
  colleagues("olivia", "milo", overseas, [1.7, 0.6, 0.55, 6]),
  colleagues("olivia", "vera", office, [0.16, 0.5, 0.6, 5]),
  colleagues("adam", "ana", overseas, [1.8, 0.6, 0.5, 7]),
  colleagues("adam", "milo", overseas, [1.1, 0.65, 0.5, 5]),
  colleagues("ana", "milo", office, [2.9, 0.7, 0.45, 3]),
];
