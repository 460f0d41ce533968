import { createRandom } from "./random.ts";

/** Milliseconds in a day of 24 hours. */
export const DAY_MS = 86_400_000;

/** How many whole days of history lie before the given day. */
export const HISTORY_DAYS = 400;

/** The days of the demo as one person's wall clock shows them. Day 0 is the oldest, day 400 is "today". */
export interface Calendar {
  /** The IANA zone. */
  time_zone: string;
  /** The instant at which a local day reads `minute` minutes past midnight, in ms since 1970. */
  at(day: number, minute: number): number;
  /** ISO weekday of a local day: 1 Monday to 7 Sunday. */
  weekday(day: number): number;
  /** Month and day, `MM-DD`, of a local day. */
  monthDay(day: number): string;
  /** Hour of the local day, 0-23, in which an instant falls; may be one off in the hours of a clock change. */
  hour(ms: number): number;
}

/**
 * The instant of midnight UTC at the start of a day written `YYYY-MM-DD`; throws a `RangeError` for anything else,
 * dates that do not exist included.
 */
export function parseDay(day: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== day) {
    throw new RangeError(`Cannot parse day "${day}": Not a date written YYYY-MM-DD`);
  }
  return ms;
}

function createOffsetReader(timeZone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  return (ms) => {
    const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?$/.exec(format.format(ms)) ?? [];
    const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
    return sign === "-" ? -offset : offset;
  };
}

/**
 * Creates the calendar of a zone for the 400 days before `today_ms` (midnight UTC) and that day itself. Meant for
 * zones that change their clocks between 2 and 3 in the morning, as Europe/Berlin and America/New_York do: a time in
 * that hour of such a day is read with the new offset.
 */
export function createCalendar(timeZone: string, today_ms: number): Calendar {
  const first_ms = today_ms - HISTORY_DAYS * DAY_MS;
  const readOffset = createOffsetReader(timeZone);
  const offsets = Array.from({ length: HISTORY_DAYS + 2 }, (_, day) => {
    const midnight = first_ms + day * DAY_MS;
    return readOffset(midnight - readOffset(midnight));
  });
  const first_weekday = new Date(first_ms).getUTCDay();
  const month_days = offsets.map((_, day) => new Date(first_ms + day * DAY_MS).toISOString().slice(5, 10));
  const offset = (day: number) => offsets[Math.max(0, Math.min(day, HISTORY_DAYS + 1))] ?? 0;
  return {
    time_zone: timeZone,
    at: (day, minute) => first_ms + day * DAY_MS + minute * 60_000 - offset(minute < 120 ? day : day + 1),
    weekday: (day) => (first_weekday + day + 6) % 7 + 1,
    monthDay: (day) => month_days[day] ?? "",
    hour: (ms) => {
      const local = ms + offset(Math.floor((ms - first_ms) / DAY_MS));
      const day = Math.floor((local - first_ms) / DAY_MS);
      return new Date(ms + offset(local - first_ms - day * DAY_MS < 7_200_000 ? day : day + 1)).getUTCHours();
    },
  };
}

/**
 * How busy each day of a person is, 1 on average: a slow wave over the weeks with a quick one on top. Real days differ by
 * more than chance alone gives.
 */
export function createMoods(seed: string): number[] {
  const random = createRandom(`${seed}/moods`);
  let slow = 1;
  const moods = Array.from({ length: HISTORY_DAYS + 1 }, () => {
    slow = Math.pow(slow, 0.95) * random.logNormal(1, 0.05);
    return slow * random.logNormal(1, 0.25);
  });
  const mean = moods.reduce((sum, mood) => sum + mood, 0) / moods.length;
  return moods.map((mood) => mood / mean);
}
