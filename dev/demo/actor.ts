import { type Calendar, createCalendar, createMoods } from "./calendar.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { people, type Person, type PersonKey } from "./people.ts";

/** A person while the data is being made: with a calendar, with moods, and with a ledger that fills. */
export interface Actor {
  person: Person;
  calendar: Calendar;
  /** How busy each day is, around 1. */
  moods: readonly number[];
  ledger: Ledger;
}

/** The whole cast by key. */
export type Cast = Readonly<Record<PersonKey, Actor>>;

/** Puts the six people into the 400 days before `today_ms` (midnight UTC); `seed` decides their moods. */
export function createCast(seed: string, today_ms: number): Cast {
  const zones = [...new Set(people.map((person) => person.time_zone))];
  const calendars = new Map(zones.map((zone) => [zone, createCalendar(zone, today_ms)]));
  const actors = people.map((person) => {
    const calendar = calendars.get(person.time_zone) ?? createCalendar(person.time_zone, today_ms);
    return [person.key, {
      person,
      calendar,
      moods: createMoods(`${seed}/${person.key}`),
      ledger: createLedger(),
    }];
  });
  return Object.fromEntries(actors);
}
