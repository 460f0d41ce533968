import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { expand } from "./conversation.ts";
import { createRandom } from "./random.ts";
import { scripts } from "./scripts.ts";
import { shortReplies, words } from "./words.ts";

Deno.test("Every symbol of every script and word can be expanded to the end", () => {
  const random = createRandom("grammar");
  const texts = [...Object.values(scripts).flat(2), ...shortReplies, ...Object.values(words).flat()];
  assert(texts.length > 300);
  for (const text of texts) {
    for (let i = 0; i < 20; i++) {
      const expanded = expand(random, text, new Map());
      assertEquals(/[<>]/.test(expanded), false, `"${text}" became "${expanded}"`);
    }
  }
});

Deno.test("A symbol in capitals keeps its meaning, others are drawn anew", () => {
  const random = createRandom("memory");
  const kept = expand(random, Array(30).fill("<FOOD>").join("|"), new Map()).split("|");
  assertEquals(new Set(kept).size, 1);
  const drawn = expand(random, Array(30).fill("<food>").join("|"), new Map()).split("|");
  assert(new Set(drawn).size > 3);
});

Deno.test("expand() draws codes of six digits and refuses an unknown symbol", () => {
  const random = createRandom("code");
  assertMatch(expand(random, "<code>", new Map()), /^\d{6}$/);
  assertThrows(() => expand(random, "<nonsense>", new Map()), RangeError, 'Cannot expand "<nonsense>"');
});
