import { assertEquals } from "@std/assert";
import { type DurationUnit, readDuration } from "./duration.ts";

Deno.test("seconds come out of each way to write a duration", () => {
  const cases: [string, number][] = [
    ["0", 0],
    ["90", 90],
    ["90.0", 90],
    ["89,6", 90],
    [" 90 s", 90],
    ["90sec", 90],
    ["1:30", 90],
    ["0:05", 5],
    ["00:01:30", 90],
    ["1:02:03", 3723],
    ["100:00", 6000],
    ["1m 30s", 90],
    ["1 min 30 sec.", 90],
    ["1h 2m", 3720],
    ["2 Std. 1 Min.", 7260],
    ["1 heure 2 minutes", 3720],
    ["1.5 min", 90],
    ["PT1M30S", 90],
    ["PT2H", 7200],
    ["P1DT1S", 86401],
    ["1500 ms", 2],
  ];
  for (const [text, seconds] of cases) assertEquals(readDuration(text), seconds, text);
});

Deno.test("an unknown duration is null, a wrong one is undefined", () => {
  for (const text of ["", " ", "-", "-1", "null", "N/A"]) assertEquals(readDuration(text), null, text);
  for (
    const text of ["-5", "long", "1:75", "1:75:00", "90 apples", "PT", "1:2:3:4", "1e3", "1 ".repeat(1e6)]
  ) {
    assertEquals(readDuration(text), undefined, text);
  }
});

Deno.test("the header's unit decides what a bare number is", () => {
  const read = (text: string, unit: DurationUnit) => readDuration(text, unit);
  assertEquals([read("1500", "ms"), read("2", "min"), read("1.5", "min")], [2, 120, 90]);
  assertEquals([read("1:30", "h:mm"), read("1:30:10", "h:mm"), read("1:30", "min")], [5400, 5410, 90]);
});
