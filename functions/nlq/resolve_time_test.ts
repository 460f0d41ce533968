import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { clockAt } from "./clock.ts";
import type { Period, Time } from "./plan.ts";
import { resolveTime, startOf } from "./resolve_time.ts";

const NAMED = { kind: "named", year: null, month: null, day: null, weekday: null, ago: 0 } as const;

/** A time as local wall times, "now" for an end that has not come. */
function local(time: Time, now: string, zone: string, week_start = 1): [string | null, string | null] | null {
  const clock = clockAt(new Date(now), zone, week_start);
  const interval = resolveTime(time, clock);
  if (!interval) return null;
  const { from, to } = interval;
  const wall = (moment: typeof from) => moment?.toPlainDateTime().toString().slice(0, 16) ?? null;
  return [wall(from), to?.equals(clock.now) ? "now" : wall(to)];
}

Deno.test("Calendar units are whole local ones, on days of 23 and 25 hours too", () => {
  const day: Period = { kind: "calendar", unit: "day", n: 1, offset: 0 };
  const yesterday: Period = { ...day, offset: -1 };
  assertEquals(local(yesterday, "2026-03-09T12:00:00Z", "America/New_York"), [
    "2026-03-08T00:00",
    "2026-03-09T00:00",
  ]);
  const short = resolveTime(yesterday, clockAt(new Date("2026-03-09T12:00:00Z"), "America/New_York", 1));
  assertEquals(short?.from && short.to?.since(short.from).hours, 23);
  const long = resolveTime(yesterday, clockAt(new Date("2026-11-02T12:00:00Z"), "America/New_York", 1));
  assertEquals(long?.from && long.to?.since(long.from).hours, 25);
  assertEquals(local(day, "2026-05-31T18:10:00Z", "Asia/Kathmandu"), ["2026-05-31T00:00", "now"]);
  assertEquals(local({ ...day, unit: "month", n: 3, offset: -1 }, "2024-02-29T12:00:00Z", "UTC"), [
    "2023-11-01T00:00",
    "2024-02-01T00:00",
  ]);
  assertEquals(local({ ...day, unit: "quarter", offset: -1 }, "2026-02-10T12:00:00Z", "UTC"), [
    "2025-10-01T00:00",
    "2026-01-01T00:00",
  ]);
});

Deno.test("Weeks begin on the asker's day, weekends are Saturday and Sunday", () => {
  const week: Period = { kind: "calendar", unit: "week", n: 1, offset: -1 };
  assertEquals(local(week, "2026-11-22T12:00:00Z", "UTC", 1), ["2026-11-09T00:00", "2026-11-16T00:00"]);
  assertEquals(local(week, "2026-11-22T12:00:00Z", "UTC", 7), ["2026-11-15T00:00", "2026-11-22T00:00"]);
  assertEquals(local({ ...week, unit: "weekend" }, "2026-11-18T12:00:00Z", "UTC"), [
    "2026-11-14T00:00",
    "2026-11-16T00:00",
  ]);
});

Deno.test("Rolling days are whole ones with today, hours are exact", () => {
  assertEquals(local({ kind: "rolling", unit: "day", n: 7 }, "2026-11-22T15:30:00Z", "UTC"), [
    "2026-11-16T00:00",
    "now",
  ]);
  assertEquals(local({ kind: "rolling", unit: "hour", n: 3 }, "2026-11-22T15:30:00Z", "UTC"), [
    "2026-11-22T12:30",
    "now",
  ]);
  assertEquals(local({ kind: "rolling", unit: "month", n: 1 }, "2026-03-31T15:30:00Z", "UTC"), [
    "2026-02-28T00:00",
    "now",
  ]);
});

Deno.test("A name is the latest that has begun", () => {
  const now = "2026-05-05T12:00:00Z";
  assertEquals(local({ ...NAMED, month: 5 }, now, "UTC"), ["2026-05-01T00:00", "now"]);
  assertEquals(local({ ...NAMED, month: 6 }, now, "UTC"), ["2025-06-01T00:00", "2025-07-01T00:00"]);
  assertEquals(local({ ...NAMED, month: 5, day: 9 }, now, "UTC"), ["2025-05-09T00:00", "2025-05-10T00:00"]);
  assertEquals(local({ ...NAMED, day: 31 }, now, "UTC"), ["2026-03-31T00:00", "2026-04-01T00:00"]);
  assertEquals(local({ ...NAMED, weekday: 2 }, now, "UTC"), ["2026-05-05T00:00", "now"]);
  assertEquals(local({ ...NAMED, weekday: 3 }, now, "UTC"), ["2026-04-29T00:00", "2026-04-30T00:00"]);
  assertEquals(local({ ...NAMED, month: 2, day: 29 }, now, "UTC"), ["2024-02-29T00:00", "2024-03-01T00:00"]);
  assertEquals(local({ ...NAMED, year: 2025, month: 2, day: 29 }, now, "UTC"), null);
  assertEquals(local({ ...NAMED, year: 2031 }, now, "UTC"), null);
});

Deno.test("A day that begins at this very moment has begun, and tomorrow has not", () => {
  const day = (offset: number) => ({ kind: "calendar", unit: "day", n: 1, offset } as const);
  const midnight = "2026-05-05T00:00:00Z";
  const clock = clockAt(new Date(midnight), "UTC", 1);
  const today = resolveTime(day(0), clock);
  assertEquals([today?.from, today?.to].map((moment) => moment?.toInstant().toString()), [
    "2026-05-05T00:00:00Z",
    "2026-05-05T00:00:00.001Z",
  ]);
  assertEquals(resolveTime(day(1), clock), null);
});

Deno.test("Of a range the end follows the start, whatever the year", () => {
  const range = { kind: "range", since: null, after: null, until: null, before: null } as const;
  const may = (day: number) => ({ ...NAMED, month: 5, day });
  assertEquals(local({ ...range, since: may(3), until: may(9) }, "2026-05-05T12:00:00Z", "UTC"), [
    "2026-05-03T00:00",
    "now",
  ]);
  const winter = { ...range, since: { ...NAMED, month: 11 }, until: { ...NAMED, month: 2 } };
  assertEquals(local(winter, "2026-03-05T12:00:00Z", "UTC"), ["2025-11-01T00:00", "2026-03-01T00:00"]);
  assertEquals(local(winter, "2026-01-05T12:00:00Z", "UTC"), ["2025-11-01T00:00", "now"]);
  assertEquals(local({ ...range, before: may(3) }, "2026-05-05T12:00:00Z", "UTC"), [
    null,
    "2026-05-03T00:00",
  ]);
  assertEquals(local({ ...range, after: may(3) }, "2026-05-05T12:00:00Z", "UTC"), ["2026-05-04T00:00", null]);
  assertEquals(local(null, "2026-05-05T12:00:00Z", "UTC"), [null, null]);
  const backwards = { kind: "absolute", from: "2026-05-03", to: "2026-05-01" } as const;
  assertEquals(local(backwards, "2026-05-05T12:00:00Z", "UTC"), null);
});

const ZONES = ["America/New_York", "Asia/Kathmandu", "Pacific/Chatham", "UTC"];
const UNITS = ["day", "week", "month", "quarter", "year"] as const;

Deno.test("Units tile time: each ends where the next begins, and the current one holds now", () => {
  fc.assert(fc.property(
    fc.date({ min: new Date("2000-01-01"), max: new Date("2035-01-01"), noInvalidDate: true }),
    fc.constantFrom(...ZONES),
    fc.constantFrom(...UNITS),
    fc.integer({ min: 1, max: 7 }),
    fc.integer({ min: -30, max: -1 }),
    (now, zone, unit, week_start, offset) => {
      const clock = clockAt(now, zone, week_start);
      const at = (back: number) => resolveTime({ kind: "calendar", unit, n: 1, offset: back }, clock);
      const [one, next] = [at(offset), at(offset + 1)];
      assertEquals(String(one?.to), String(next?.from));
      const start = startOf(unit, clock.now, week_start);
      assertEquals(Temporal.ZonedDateTime.compare(start, clock.now) <= 0, true);
      assertEquals(String(start), String(start.startOfDay()));
      if (unit === "week") assertEquals(start.dayOfWeek, week_start);
    },
  ));
});
