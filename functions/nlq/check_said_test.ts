import { assertEquals } from "@std/assert";
import { checkSaid } from "./check_said.ts";
import { fold, holdsPhrase, wordsOf } from "./fold.ts";
import { EMPTY_PLAN, type Filters, NO_FILTERS, type Plan } from "./plan.ts";

const who = (text: string) => ({ text, contact_id: null });
const plan = (filters: Partial<Filters>, sketch: Partial<Plan> = {}): Plan => ({
  ...EMPTY_PLAN,
  ...sketch,
  filters: { ...NO_FILTERS, ...filters },
});
const faults = (question: string, filters: Partial<Filters>, previous: Plan | null = null) =>
  checkSaid(plan(filters), question, previous).map(({ path }) => path);

Deno.test("A text is compared without case, accents, invisible characters and kinds of apostrophes", () => {
  assertEquals(fold("  Zoë\u200b’s \n ＪＯＳÉ "), "zoe's jose");
  assertEquals(wordsOf("O’Brien & Söhne, 3x"), ["o", "brien", "sohne", "3x"]);
  // Cyrillic М looks like M and is another letter.
  assertEquals(fold("Мum") === fold("Mum"), false);
});

Deno.test("A phrase is found as whole words only", () => {
  assertEquals(holdsPhrase(fold("Anna's and Ann's calls"), "Ann"), true);
  assertEquals(holdsPhrase(fold("Anna's calls"), "Ann"), false);
  assertEquals(holdsPhrase(fold("anything"), "\u200b"), false);
  assertEquals(holdsPhrase(fold("calls from Dr. Lee"), "dr. lee"), true);
});

Deno.test("Names are those of the question", () => {
  assertEquals(faults("did ZOE call me", { contacts: [who("Zoë")] }), []);
  assertEquals(faults("did Zoe call me", { contacts: [who("Mum")] }), ["filters/contacts/0"]);
  assertEquals(faults("did Zoe call me", { excluded_contacts: [who("Zo")] }), [
    "filters/excluded_contacts/0",
  ]);
  assertEquals(faults("calls with Orange", { company: "Orange" }), []);
  assertEquals(faults("calls with Orange", { company: "Apple", line: "Work" }), [
    "filters/company",
    "filters/line",
  ]);
  assertEquals(faults("calls with friends", { tag: "friend" }), []);
  assertEquals(faults("calls with friends", { tag: "fri" }), ["filters/tag"]);
  const sides = plan({}, {
    compare: { time: null, contact: who("Dad"), type: null, direction: null, statuses: [] },
    part: { contact: who("Tom"), type: null, direction: null, statuses: [], is_known: null },
  });
  assertEquals(checkSaid(sides, "Mum", null).map(({ path }) => path), ["compare/contact", "part/contact"]);
});

Deno.test("Numbers are those of the question, with or without the country code", () => {
  assertEquals(faults("calls from 0151 234567", { number: "0151 234567" }), []);
  assertEquals(faults("calls from 0151 234567", { number: "+49151234567" }), []);
  assertEquals(faults("calls from 0151 234567", { number: "+49151234568" }), ["filters/number"]);
  assertEquals(faults("calls from 911", { number: "911" }), []);
  assertEquals(faults("calls in 2911", { number: "911" }), ["filters/number"]);
});

Deno.test("Words of messages are those of the question, in any order", () => {
  assertEquals(faults("texts about the blue door", { text: '"blue door" or door' }), []);
  assertEquals(faults("texts about the blue door", { text: "blue password" }), ["filters/text"]);
  assertEquals(faults("texts about the blue door", { text: "or" }), ["filters/text"]);
});

Deno.test("What the question before named may be meant again, nothing else of it", () => {
  const before = plan({ contacts: [who("Mum")], company: "Orange", number: "+49151234567", text: "dinner" });
  const filters = { contacts: [who("Mum")], company: "Orange", number: "+49151234567", text: "dinner" };
  assertEquals(faults("and in May?", filters, before), []);
  assertEquals(faults("and in May?", filters), [
    "filters/contacts/0",
    "filters/company",
    "filters/number",
    "filters/text",
  ]);
});
