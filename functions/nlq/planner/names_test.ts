import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ENGLISH } from "../language/english/english.ts";
import { chooseMatches, distance, type MentionMatch } from "./names.ts";

const contact = (name: string, also_known_as: string | null = null): MentionMatch => ({
  kind: "contact",
  id: name,
  name,
  also_known_as,
  number: null,
  score: 1,
  exact: false,
});
const KNOWN = [
  contact("Will Turner"),
  contact("William Hill"),
  contact("Anna Schmidt"),
  contact("Anna Schulz"),
  contact("Mum"),
  contact("José", "Pepe"),
  { ...contact("Orange"), kind: "company" as const, id: null },
];

function who(said: string, among = KNOWN): string {
  const chosen = chooseMatches(said, among, ENGLISH);
  return chosen ? `${chosen.closeness}: ${chosen.choices.map(({ name }) => name).join(", ")}` : "nobody";
}

Deno.test("A whole name goes before a part, a part before a typo", () => {
  assertEquals(who("mum"), "whole: Mum");
  assertEquals(who("pepe"), "whole: José");
  assertEquals(who("Jose"), "whole: José");
  assertEquals(who("will"), "part: Will Turner");
  assertEquals(who("Anna"), "part: Anna Schmidt, Anna Schulz");
  assertEquals(who("Anna Schmdit"), "typo: Anna Schmidt");
  assertEquals(who("orange"), "whole: Orange");
});

Deno.test("Mom is Mum where nobody is called Mom, and nobody is made up", () => {
  assertEquals(who("mom"), "part: Mum");
  assertEquals(who("mom", [...KNOWN, contact("Mom")]), "whole: Mom");
  assertEquals(who("Zoe"), "nobody");
  assertEquals(who("Wall"), "typo: Will Turner");
  assertEquals(who("Ann"), "nobody");
});

Deno.test("The distance of words is that of a slow definition", () => {
  const slow = (a: string, b: string): number => {
    if (a === "" || b === "") return a.length + b.length;
    const swap = a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)
      ? slow(a.slice(0, -2), b.slice(0, -2)) + 1
      : Infinity;
    return Math.min(
      slow(a.slice(0, -1), b) + 1,
      slow(a, b.slice(0, -1)) + 1,
      slow(a.slice(0, -1), b.slice(0, -1)) + (a.at(-1) === b.at(-1) ? 0 : 1),
      swap,
    );
  };
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 5 });
  fc.assert(fc.property(word, word, (a, b) => assertEquals(distance(a, b), slow(a, b))));
});
