import { assertEquals, assertThrows } from "@std/assert";
import { template } from "./template.ts";

const at = (question: string, text: string, slot: string) => {
  const start = question.indexOf(text);
  return { start, end: start + text.length, slot };
};

Deno.test("Slots are masked, in whatever order they are given", () => {
  const question = "Calls from  Mum in May?";
  const spans = [at(question, "May", "time"), at(question, "Mum", "contact")];
  assertEquals(template(question, spans), "calls from ⟨contact⟩ in ⟨time⟩");
});

Deno.test("Questions that differ in a slot have the same template, and those that differ in a word have not", () => {
  const of = (question: string, time: string) => template(question, [at(question, time, "time")]);
  assertEquals(of("Missed calls last week", "last week"), of("missed calls, LAST MONTH!", "LAST MONTH"));
  assertEquals(
    of("missed calls yesterday", "yesterday") === of("missed texts yesterday", "yesterday"),
    false,
  );
});

Deno.test("A slot next to a slot, at the beginning, at the end, and a question that is nothing else", () => {
  const question = "Mum 10:30";
  assertEquals(
    template(question, [at(question, "Mum", "contact"), at(question, " 10:30", "time")]),
    "⟨contact⟩ ⟨time⟩",
  );
  assertEquals(template("", []), "");
  assertEquals(template("?!", []), "");
});

Deno.test("Who writes a slot himself has none by it", () => {
  assertEquals(template("calls from ⟨contact⟩", []), "calls from contact");
});

Deno.test("Letters of all scripts and emoji before a slot keep their places", () => {
  const question = "👍 Звонки от Мама";
  assertEquals(template(question, [at(question, "Мама", "contact")]), "звонки от ⟨contact⟩");
});

Deno.test("Spans that overlap, are empty or lie outside are refused", () => {
  for (const spans of [[[0, 3], [2, 4]], [[1, 1]], [[3, 2]], [[-1, 2]], [[0, 6]]]) {
    assertThrows(
      () => template("calls", spans.map(([start = 0, end = 0]) => ({ start, end, slot: "x" }))),
      RangeError,
      "Cannot mask",
    );
  }
});
