import { assertEquals } from "@std/assert";
import { checkTime } from "./check_time.ts";
import type { Period, Time } from "./plan.ts";

const faults = (time: Time) => checkTime(time, "time").map(({ path }) => path);
const named = (members: Partial<Extract<Period, { kind: "named" }>>): Period => ({
  kind: "named",
  year: null,
  month: null,
  day: null,
  weekday: null,
  ago: 0,
  ...members,
});
const NO_ENDS = { kind: "range", since: null, after: null, until: null, before: null } as const;
const MARCH = named({ month: 3 });

Deno.test("All of the log, and what people say, are times", () => {
  for (
    const time of [
      null,
      { kind: "calendar", unit: "weekend", n: 1, offset: -1 },
      { kind: "calendar", unit: "month", n: 3, offset: -1 },
      { kind: "rolling", unit: "day", n: 30 },
      { kind: "absolute", from: "2026-05-03", to: "2026-05-03" },
      { kind: "absolute", from: "2026-05-03T18:00", to: "2026-05-04T05:00" },
      named({ weekday: 1 }),
      named({ month: 2, day: 29 }),
      named({ year: 2024, month: 2, day: 29 }),
      named({ year: 2025 }),
      named({ day: 5 }),
      { ...NO_ENDS, since: MARCH },
      { ...NO_ENDS, after: MARCH, before: named({ month: 5 }) },
    ] satisfies Time[]
  ) assertEquals(faults(time), [], JSON.stringify(time));
});

Deno.test("Days that no calendar has are none", () => {
  for (
    const time of [
      named({ month: 2, day: 30 }),
      named({ month: 4, day: 31 }),
      named({ year: 2025, month: 2, day: 29 }),
      { kind: "absolute", from: "2026-02-29", to: "2026-03-01" },
      { kind: "absolute", from: "2026-02-01", to: "2026-13-01" },
      { kind: "absolute", from: "2026-05-03T24:30", to: "2026-05-04T05:00" },
    ] satisfies Time[]
  ) assertEquals(faults(time), ["time"], JSON.stringify(time));
});

Deno.test("Names that name nothing or too much are none", () => {
  for (
    const time of [
      named({}),
      named({ ago: 1 }),
      named({ year: 2025, ago: 1 }),
      named({ year: 2025, day: 3 }),
      named({ year: 2025, weekday: 3 }),
    ]
  ) assertEquals(faults(time), ["time"], JSON.stringify(time));
});

Deno.test("Periods begin before they end, before now, and not before the calendar of the database", () => {
  for (
    const time of [
      { kind: "calendar", unit: "day", n: 1, offset: 1 },
      { kind: "calendar", unit: "month", n: 2, offset: 2 },
      { kind: "calendar", unit: "year", n: 1, offset: -1000 },
      { kind: "rolling", unit: "year", n: 100_000 },
      { kind: "rolling", unit: "weekend", n: 2 },
      { kind: "absolute", from: "2026-05-04", to: "2026-05-03" },
      { kind: "absolute", from: "2026-05-03T18:00", to: "2026-05-03T18:00" },
      { kind: "absolute", from: "2026-05-03", to: "2026-05-04T10:00" },
      { kind: "absolute", from: "0001-01-01", to: "2026-05-04" },
      { kind: "absolute", from: "2026-01-01", to: "9999-05-04" },
    ] satisfies Time[]
  ) assertEquals(faults(time), ["time"], JSON.stringify(time));
  assertEquals(faults({ kind: "calendar", unit: "week", n: 2, offset: 1 }), []);
});

Deno.test("A range has one beginning, one end or both, each of them a time", () => {
  assertEquals(faults(NO_ENDS), ["time"]);
  assertEquals(faults({ ...NO_ENDS, since: MARCH, after: MARCH }), ["time"]);
  assertEquals(faults({ ...NO_ENDS, until: MARCH, before: MARCH }), ["time"]);
  assertEquals(faults({ ...NO_ENDS, since: named({}), before: MARCH }), ["time/since"]);
});
