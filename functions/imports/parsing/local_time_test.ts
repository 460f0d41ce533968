import { assert, assertEquals } from "@std/assert";
import { type DateOrder, guessDateOrder } from "./date_order.ts";
import { LocalZone } from "./local_zone.ts";
import { readTime } from "./local_time.ts";

function read(text: string, order: DateOrder = "dmy", zone = "Europe/Copenhagen"): string | null {
  return readTime(text, { zone: new LocalZone(zone), orders: guessDateOrder([], order).orders });
}

const MOMENT = "2014-02-02T16:17:46.000Z";

Deno.test("one moment is read from each style of date and clock", () => {
  for (
    const text of [
      "1391357866",
      "1391357866000",
      "1391357866000000",
      " 1391357866.0 ",
      "2014-02-02T16:17:46Z",
      "2014-02-02T16:17:46.000Z",
      "2014-02-02T17:17:46+01:00",
      "2014-02-02 17:17:46 +0100",
      "2014-02-02 18:17:46 GMT+2",
      "2014-02-02 11:17:46 EST",
      "2014-02-02 17:17:46 CET",
      "2014-02-02 17:17:46",
      "2014/02/02 17:17:46",
      "2014.2.2. 17:17:46",
      "20140202T171746",
      "20140202161746Z",
      "02/02/2014 17:17:46",
      "2/2/14 5:17:46 PM",
      "2.2.2014 17:17:46",
      "2.2.14, 17.17.46",
      "02-02-2014, 05:17:46 p.m.",
      "2-2-2014 17:17:46 Uhr",
      "17:17:46 02/02/2014",
      "Feb 2, 2014 5:17:46 PM",
      "Feb 2, 2014, 5:17:46\u202fPM",
      "February 2nd, 2014 at 5:17:46 pm",
      "Sunday, February 2, 2014 17:17:46",
      "Sun, 2 Feb 2014 16:17:46 +0000",
      "Sun Feb 02 17:17:46 GMT+01:00 2014",
      "Sun Feb  2 17:17:46 2014",
      "2-Feb-2014 17:17:46",
      "2014-Feb-02 17:17:46",
      "2. Februar 2014 um 17:17:46",
      "So., 2. Feb. 2014, 17:17:46",
      "2 févr. 2014 à 17:17:46",
      "dim. 2 février 2014 17h17m46",
      "2 de febrero de 2014, 17:17:46",
      "2 feb 2014 5:17:46 p. m.",
      "2 febbraio 2014 alle 17:17:46",
      "2 de fev de 2014 às 17:17:46",
      "zo 2 februari 2014 om 17:17:46",
    ]
  ) assertEquals(read(text), MOMENT, text);
});

Deno.test("minutes without seconds, fractions and midnights are exact", () => {
  assertEquals(read("02/03/2014 4:17 PM", "mdy"), "2014-02-03T15:17:00.000Z");
  assertEquals(read("02/03/2014 4:17 PM", "dmy"), "2014-03-02T15:17:00.000Z");
  assertEquals(read("14-02-03 04:17", "ymd"), "2014-02-03T03:17:00.000Z");
  assertEquals(read("2014-02-02 17:17:46.25"), "2014-02-02T16:17:46.250Z");
  assertEquals(read("2014-02-02T17:17:46,123456"), "2014-02-02T16:17:46.123Z");
  assertEquals(read("2014-02-02 12:05 AM"), "2014-02-01T23:05:00.000Z");
  assertEquals(read("2014-02-02 12:05 PM"), "2014-02-02T11:05:00.000Z");
});

Deno.test("what is no point in time is none", () => {
  for (
    const text of [
      "",
      "today",
      "2014-02-02",
      "02/02/2014",
      "17:17:46",
      "2014-02-30 10:00",
      "13/13/2014 10:00",
      "2014-02-02 25:00",
      "2014-02-02 10:61",
      "2014-02-02 10:00 XYZ",
      "Foo 2, 2014 10:00",
      "1969-12-31 10:00",
      "9999-12-31 10:00",
      "12345",
      "1.39136E+12",
      "99999999999999999",
    ]
  ) assertEquals(read(text), null, text);
});

Deno.test("a long text in the place of a time costs nothing", () => {
  const start = performance.now();
  for (const text of [", ".repeat(1e6), "1".repeat(1e6), "Feb ".repeat(1e6), "2014-02-02 ".repeat(1e5)]) {
    assertEquals(read(text), null);
  }
  assert(performance.now() - start < 1000);
});

Deno.test("a day above 12 in the first place is never read as a month", () => {
  assertEquals(read("13/02/2014 10:00", "mdy"), null);
  assertEquals(read("02/13/2014 10:00", "dmy"), null);
});

Deno.test("times that a clock change skips or repeats are read by the compatible rule", () => {
  assertEquals(read("2014-03-30 02:30:00"), "2014-03-30T01:30:00.000Z", "skipped: read as 03:30 summer time");
  assertEquals(read("2014-03-30 01:59:59"), "2014-03-30T00:59:59.000Z");
  assertEquals(read("2014-03-30 03:00:00"), "2014-03-30T01:00:00.000Z");
  assertEquals(read("2014-10-26 02:30:00"), "2014-10-26T00:30:00.000Z", "repeated: the first time");
  assertEquals(read("2014-10-26 03:00:00"), "2014-10-26T02:00:00.000Z");
  assertEquals(read("2014-10-26 02:30:00 +01:00"), "2014-10-26T01:30:00.000Z", "an offset decides");
  assertEquals(read("2014-02-02 12:00", "dmy", "Asia/Kathmandu"), "2014-02-02T06:15:00.000Z");
});

Deno.test("a day above 12 tells the order of its way of writing, else custom does", () => {
  const guess = (texts: string[], wanted?: DateOrder) => {
    const { orders, is_sure: isSure } = guessDateOrder(texts, wanted);
    return `${orders["/"]} ${orders["-"]} ${orders["."]} ${isSure}`;
  };
  assertEquals(guess(["02/03/2014 10:00", "13/02/2014 10:00"]), "dmy dmy dmy true");
  assertEquals(guess(["02/03/2014 10:00", "02/13/2014 10:00"]), "mdy dmy dmy true");
  assertEquals(guess(["02/03/2014 10:00"]), "dmy dmy dmy false");
  assertEquals(guess(["02/03/2014 4:17 PM"]), "mdy mdy dmy false");
  assertEquals(guess(["02/03/2014 4:17 PM", "13/02/2014 4:17 p. m."]), "dmy mdy dmy true");
  assertEquals(guess(["02.13.2014 16:17"]), "dmy dmy mdy true");
  assertEquals(guess(["2.3.2014 16:17", "2014-02-13 10:00"]), "dmy dmy dmy true");
  assertEquals(guess(["13/02/2014 10:00"], "mdy"), "mdy mdy mdy true");
});
