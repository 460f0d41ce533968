import { assertEquals } from "@std/assert";
import { ENGLISH } from "../language/english/english.ts";
import { readDurations, readHours } from "./bounds.ts";
import { readWords } from "./words.ts";

const durations = (said: string) => {
  const words = readWords(said, ENGLISH);
  return readDurations(words, 0, ENGLISH).filter(({ end }) => end === words.length).map((
    { min_seconds, max_seconds },
  ) => [min_seconds, max_seconds]);
};
const hours = (said: string) => {
  const words = readWords(said, ENGLISH);
  return readHours(words, 0, ENGLISH).filter(({ end }) => end === words.length).map((
    { hours: { from, to } },
  ) => [from, to]);
};

Deno.test("Lengths of calls become bounds in seconds, both included", () => {
  assertEquals(durations("longer than ten minutes"), [[601, null]]);
  assertEquals(durations("at least half an hour"), [[1800, null]]);
  assertEquals(durations("under a minute"), [[null, 59]]);
  assertEquals(durations("no longer than 90 seconds"), [[null, 90]]);
  assertEquals(durations("between 5 and 10 minutes"), [[300, 600]]);
  assertEquals(durations("longer than ten"), []);
  assertEquals(durations("longer than ten florbs"), []);
});

Deno.test("Hours of the day are read where their half is beyond doubt", () => {
  assertEquals(hours("after 10 pm"), [[1320, 1440]]);
  assertEquals(hours("before 8am"), [[0, 480]]);
  assertEquals(hours("between 9 and 5"), [[540, 1020]]);
  assertEquals(hours("from 18:00 to 20:30"), [[1080, 1230]]);
  assertEquals(hours("between 7 and 9 pm"), [[1140, 1260]]);
  assertEquals(hours("between 10 pm and 2 am"), [[1320, 120]]);
  assertEquals(hours("between 2 and 4"), []);
  assertEquals(hours("after 9"), []);
});
