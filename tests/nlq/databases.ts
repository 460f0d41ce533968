import { BERLIN_PEOPLE, KATHMANDU_PEOPLE, NEW_YORK_PEOPLE, type Person } from "./people.ts";

/** One person's log that questions are asked of, made anew for each moment at which they are asked. */
export interface EvaluationDatabase {
  readonly time_zone: string;
  readonly default_region: string;
  /** ISO weekday. */
  readonly week_start: number;
  /** Names of the SIMs and handsets. */
  readonly lines: readonly [string, string];
  readonly people: readonly Person[];
  /** When questions are asked; the log ends there. */
  readonly moments: readonly string[];
}

/** The databases by name. Together their moments are both changes of the clocks, ends of months and years, a leap day. */
export const DATABASES = {
  new_york: {
    time_zone: "America/New_York",
    default_region: "US",
    week_start: 7,
    lines: ["Personal", "Business"],
    people: NEW_YORK_PEOPLE,
    moments: ["2026-03-08T19:30:00Z", "2026-11-01T15:15:00Z", "2026-01-01T04:10:00Z"],
  },
  berlin: {
    time_zone: "Europe/Berlin",
    default_region: "DE",
    week_start: 1,
    lines: ["Privat", "Firma"],
    people: BERLIN_PEOPLE,
    moments: [
      "2026-03-29T10:00:00Z",
      "2026-10-25T19:45:00Z",
      "2026-06-30T07:05:00Z",
      "2026-06-30T02:30:00Z",
    ],
  },
  kathmandu: {
    time_zone: "Asia/Kathmandu",
    default_region: "NP",
    week_start: 1,
    lines: ["Ncell", "NTC"],
    people: KATHMANDU_PEOPLE,
    moments: ["2024-02-29T12:25:00Z", "2026-05-31T17:35:00Z"],
  },
} as const satisfies Record<string, EvaluationDatabase>;

export type DatabaseName = keyof typeof DATABASES;
