import type { Actor } from "./actor.ts";
import { type Calendar, HISTORY_DAYS } from "./calendar.ts";
import type { Person } from "./people.ts";
import { createRandom } from "./random.ts";
import type { Phase, Tie } from "./ties.ts";

/** When in the day and the week people of one kind talk. */
export type Profile = "work" | "errand" | "overseas" | "home" | "family" | "evening" | "friend";

/** The start of one call or conversation. */
export interface Session {
  /** Milliseconds since 1970. */
  ms: number;
  /** Whether the person whose tie it is began it. */
  is_mine: boolean;
  is_text: boolean;
}

/** One weight, 0-9, for each hour from midnight; then what a day of the weekend counts against a weekday. */
const profiles: Record<Profile, { hours: string; weekend: number }> = {
  work: { hours: "000000013899637987531000", weekend: 0.07 },
  errand: { hours: "000000002787634665300000", weekend: 0.3 },
  overseas: { hours: "000000001355544689875210", weekend: 0.15 },
  home: { hours: "100000367432463335788743", weekend: 1.1 },
  family: { hours: "000000012223331223478842", weekend: 1.7 },
  evening: { hours: "210000012212342224567986", weekend: 1.5 },
  friend: { hours: "110000001233443334677764", weekend: 1.6 },
};

const PUBLIC_HOLIDAYS: ReadonlySet<string> = new Set(["12-25", "12-26", "01-01"]);
const ASLEEP = 0.012;

/** What a waking hour weighs against one asleep; a person wakes an hour later at weekends. */
function wakefulness(person: Person, hour: number, isWeekend: boolean): number {
  return hour >= person.wake + (isWeekend ? 1 : 0) && hour < person.bed ? 1 : ASLEEP;
}

function phaseFactor(phase: Phase | null, day: number): number {
  if (phase === null) return 1;
  if (phase.kind === "fading") return Math.pow(2, -day / phase.half_life_days);
  const turn = HISTORY_DAYS - phase.days_ago;
  if (phase.kind === "ended") return day < turn ? 1 : 0;
  return day < turn ? 0 : Math.min(1, 0.3 + (day - turn) / 20);
}

/** Whether two people are in touch on a day, going by the phase of their tie. */
export function isInTouch(phase: Phase | null, day: number): boolean {
  return phaseFactor(phase, day) > 0.1;
}

/** What the date does to a person's traffic: his or her own holiday, and the days on which offices are shut. */
function dateFactor(person: Person, profile: Profile, calendar: Calendar, day: number): number {
  const is_business = profile === "work" || profile === "errand" || profile === "overseas";
  if (PUBLIC_HOLIDAYS.has(calendar.monthDay(day))) return is_business ? 0.04 : 1.8;
  if (!isOnHoliday(person, day)) return 1;
  return is_business ? 0.05 : 0.5;
}

/** Whether a day falls in the person's holiday. */
export function isOnHoliday(person: Person, day: number): boolean {
  const first = HISTORY_DAYS - (person.holiday?.days_ago ?? -1);
  return day >= first && day < first + (person.holiday?.days ?? 0);
}

/**
 * The starts of all calls and conversations of a tie, in order of time. Their number is Poisson from day to day round
 * a rate that follows the tie's phase, the weekday, the date and the person's mood; the hour follows the profile, and
 * only seldom falls into the sleep of either side.
 */
export function findSessions(seed: string, tie: Tie<string>, actor: Actor, other: Actor | null): Session[] {
  const random = createRandom(seed);
  const { person, calendar, moods } = actor;
  const { hours, weekend } = profiles[tie.profile];
  const sessions: Session[] = [];
  const known = new Map<string, number[]>();
  for (let day = 0; day <= HISTORY_DAYS; day++) {
    const is_weekend = calendar.weekday(day) >= 6;
    const share = (is_weekend ? weekend : 1) / (5 + 2 * weekend);
    const rate = tie.per_week * share * phaseFactor(tie.phase, day) * (moods[day] ?? 1) *
      dateFactor(person, tie.profile, calendar, day) *
      (other === null ? 1 : dateFactor(other.person, tie.profile, other.calendar, day));
    const count = random.poisson(rate);
    if (count === 0) continue;
    const shift = other === null ? 0 : other.calendar.hour(calendar.at(day, 720)) - 12;
    const key = `${shift}/${is_weekend}`;
    const weights = known.get(key) ??
      [...hours].map((weight, hour) =>
        Number(weight) * wakefulness(person, hour, is_weekend) *
        (other === null ? 1 : wakefulness(other.person, (hour + shift + 24) % 24, is_weekend))
      );
    known.set(key, weights);
    for (let i = 0; i < count; i++) {
      const minute = random.weighted(weights) * 60 + random.next() * 60;
      const is_mine = random.chance(tie.mine);
      sessions.push({ ms: Math.floor(calendar.at(day, minute)), is_mine, is_text: random.chance(tie.texts) });
    }
  }
  return sessions.sort((a, b) => a.ms - b.ms);
}
