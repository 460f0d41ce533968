import { assert, assertEquals, assertThrows } from "@std/assert";
import { Temporal } from "temporal-polyfill";
import { createCalendar, createMoods, HISTORY_DAYS, parseDay } from "./calendar.ts";

const TODAY = "2026-11-22";

for (const zone of ["Europe/Berlin", "America/New_York", "UTC"]) {
  Deno.test(`createCalendar() agrees with Temporal on every day in ${zone}`, () => {
    const calendar = createCalendar(zone, parseDay(TODAY));
    for (let day = 0; day <= HISTORY_DAYS; day++) {
      const date = Temporal.PlainDate.from(TODAY).subtract({ days: HISTORY_DAYS - day });
      assertEquals(calendar.weekday(day), date.dayOfWeek);
      assertEquals(calendar.monthDay(day), date.toString().slice(5));
      for (const minute of [0, 119, 180, 725, 1439]) {
        const time = { hour: Math.floor(minute / 60), minute: minute % 60 };
        const expected = date.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds;
        assertEquals(calendar.at(day, minute), expected, `${date} ${minute} in ${zone}`);
        if (minute >= 180) assertEquals(calendar.hour(expected), time.hour);
      }
    }
  });
}

Deno.test("parseDay() refuses what is not a day", () => {
  assertEquals(parseDay("2024-02-29"), Date.UTC(2024, 1, 29));
  for (const text of ["2026-02-29", "2026-2-1", "", "tomorrow", "2026-11-22T00:00:00Z", "2026-13-01"]) {
    assertThrows(() => parseDay(text), RangeError, `Cannot parse day "${text}"`);
  }
});

Deno.test("createMoods() is 1 on average and differs from day to day", () => {
  const moods = createMoods("test");
  const mean = moods.reduce((sum, mood) => sum + mood, 0) / moods.length;
  assert(Math.abs(mean - 1) < 1e-9);
  assert(moods.every((mood) => mood > 0));
  assert(Math.max(...moods) > 1.5 && Math.min(...moods) < 0.6);
});
