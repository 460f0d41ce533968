import { assertEquals } from "@std/assert";
import { isMangledNumber, readNumber, unwrapNumber } from "./phone_number.ts";

Deno.test("words for a withheld number in any of the languages are null", () => {
  for (
    const text of [
      "",
      " ",
      "-1",
      "-2",
      "null",
      "Private Number",
      "Unbekannt",
      "Numéro masqué",
      "Número oculto",
      "Numero privato",
      "Desconhecido",
      "Onbekend",
      "No Caller ID",
      "—",
      "unterdrückt",
    ]
  ) assertEquals(readNumber(text), null, text);
});

Deno.test("numbers and sender names stay as they are, trimmed", () => {
  for (const text of ["+45 20 00 00 01", "(020) 7946-0001", "INFO-SMS", "*100#", "112", "007"]) {
    assertEquals(readNumber(` ${text} `), text);
  }
});

Deno.test("what spreadsheets put around a number is taken off", () => {
  assertEquals(['="+4520"', "'+4520", "=4520", "447701234567.0", "+45.20"].map(unwrapNumber), [
    "+4520",
    "+4520",
    "4520",
    "447701234567",
    "+45.20",
  ]);
});

Deno.test("a number rounded by a spreadsheet is told from one that is not", () => {
  assertEquals(["4.47701E+11", "4,47701E+11", "4E11", "1e5"].map(isMangledNumber), [true, true, true, true]);
  assertEquals(["+4520", "447701234567", "E+11", "4.5"].map(isMangledNumber), [false, false, false, false]);
});
