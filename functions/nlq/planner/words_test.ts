import { assertEquals } from "@std/assert";
import { ENGLISH } from "../language/english/english.ts";
import { readWords } from "./words.ts";

const folded = (question: string) => readWords(question, ENGLISH).map((word) => word.folded);

Deno.test("Short forms are written out, possessives parted, accents and case folded", () => {
  assertEquals(folded("Who hasn't José's café called?"), [
    "who",
    "has",
    "not",
    "jose",
    "'s",
    "cafe",
    "called",
  ]);
  assertEquals(folded("O’Brien"), ["o'brien"]);
});

Deno.test("Numbers, dates, clocks and quotations are told apart", () => {
  const kinds = (question: string) =>
    readWords(question, ENGLISH).map((word) => `${word.kind} ${word.folded}`);
  assertEquals(kinds("call +49 (30) 123-456"), ["word call", "number +49 (30) 123-456"]);
  assertEquals(kinds("on 2026-05-03"), ["word on", "date 2026-05-03"]);
  assertEquals(kinds("between 9 and 17:30"), ["word between", "word 9", "word and", "word 17:30"]);
  assertEquals(kinds('that say "see you"'), ["word that", "word say", "quoted see you"]);
  assertEquals(kinds("3rd of May 2026"), ["word 3rd", "word of", "word may", "word 2026"]);
});

Deno.test("What is no word stays one, so that it cannot be overlooked", () => {
  assertEquals(folded("calls 🎉 today"), ["calls", "🎉", "today"]);
  assertEquals(folded("звонки"), ["звонки"]);
  assertEquals(folded("  ?! "), []);
});

Deno.test("Words know where they stand in the question", () => {
  const question = "Did Mum call?";
  assertEquals(readWords(question, ENGLISH).map(({ start, end }) => question.slice(start, end)), [
    "Did",
    "Mum",
    "call",
  ]);
});
