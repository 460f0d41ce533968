import type { Language, Meaning } from "../language/language.ts";
import type { Word } from "./words.ts";

interface Slot {
  readonly words: ReadonlySet<string>;
  readonly is_optional: boolean;
}

interface Pattern {
  readonly slots: readonly Slot[];
  readonly means: Meaning;
}

/** A phrase found in a question: the words from `start` up to `end`. */
export interface Found {
  readonly start: number;
  readonly end: number;
  readonly means: Meaning;
}

function compile(pattern: string, means: Meaning): Pattern {
  const slots = pattern.split(" ").map((slot) => {
    const is_optional = slot.endsWith("?");
    return { words: new Set((is_optional ? slot.slice(0, -1) : slot).split("|")), is_optional };
  });
  return { slots, means };
}

const CORE: ReadonlySet<Meaning["is"]> = new Set([
  "filler",
  "be",
  "have",
  "type",
  "direction",
  "status",
  "me",
  "toward",
  "join",
  "not",
  "who",
  "how_many",
  "rank",
  "people",
  "intent",
]);

const NAMING: ReadonlySet<Meaning["is"]> = new Set([
  "type",
  "direction",
  "status",
  "people",
  "how_long",
  "average",
  "median",
  "share",
  "compare",
  "busy",
  "rank",
  "dimension",
  "hours",
  "weekdays",
  "over_time",
]);

/** The phrases of a language by the words that they can begin with. */
export class PhraseBook {
  readonly #patterns = new Map<string, Pattern[]>();
  /** Words that say nothing, and those that say something: what a mistyped word is put right to. */
  readonly fillers = new Set<string>();
  readonly words = new Set<string>();

  /** Words that name what is asked for by themselves: a letter that is wrong in one of them is put right. */
  readonly nouns = new Set<string>();
  /** Words that questions are made of, whatever they are about. */
  readonly core = new Set<string>();

  constructor(language: Language) {
    for (const phrase of language.phrases) {
      for (const say of phrase.say.trim().split(/\s*;\s*/)) {
        this.#add(compile(say, phrase.means));
      }
    }
    for (const word of this.fillers) this.words.delete(word);
  }

  #add(pattern: Pattern): void {
    if (pattern.slots.length === 1 && CORE.has(pattern.means.is)) {
      for (const word of pattern.slots[0]?.words ?? []) this.core.add(word);
    }
    if (pattern.means.is === "how_many") {
      for (const word of pattern.slots.flatMap((slot) => [...slot.words])) this.nouns.add(word);
    }
    if (pattern.slots.length === 1 && NAMING.has(pattern.means.is)) {
      for (const word of pattern.slots[0]?.words ?? []) this.nouns.add(word);
    }
    const is_filler = ["filler", "have", "be"].includes(pattern.means.is);
    for (const slot of pattern.slots) {
      for (const word of slot.words) {
        (is_filler && pattern.slots.length === 1 ? this.fillers : this.words).add(word);
      }
    }
    for (const slot of pattern.slots) {
      for (const word of slot.words) {
        const known = this.#patterns.get(word);
        if (known) known.push(pattern);
        else this.#patterns.set(word, [pattern]);
      }
      if (!slot.is_optional) break;
    }
  }

  /** All phrases that begin at a word. */
  find(words: readonly Word[], start: number): Found[] {
    const first = words[start];
    if (!first || first.kind !== "word") return [];
    const found: Found[] = [];
    for (const pattern of this.#patterns.get(first.folded) ?? []) {
      for (const end of ends(pattern.slots, words, start)) {
        if (end > start) found.push({ start, end, means: pattern.means });
      }
    }
    return found;
  }
}

function ends(slots: readonly Slot[], words: readonly Word[], start: number): Set<number> {
  let at = new Set([start]);
  for (const slot of slots) {
    const next = new Set<number>(slot.is_optional ? at : []);
    for (const position of at) {
      const word = words[position];
      if (word?.kind === "word" && slot.words.has(word.folded)) next.add(position + 1);
    }
    at = next;
    if (at.size === 0) break;
  }
  return at;
}

/** The first of several phrases, written with spaces, that stands at a word: how many words it takes, 0 for none. */
export function takes(phrases: readonly string[], words: readonly Word[], start: number): number {
  let longest = 0;
  for (const phrase of phrases) {
    const parts = phrase.split(" ");
    if (parts.length > longest && parts.every((part, i) => words[start + i]?.folded === part)) {
      longest = parts.length;
    }
  }
  return longest;
}

/** The same for the keys of a table: what stands there and its value. */
export function takesKey<Value>(
  table: Readonly<Record<string, Value>>,
  words: readonly Word[],
  start: number,
): { length: number; value: Value } | undefined {
  let best: { length: number; value: Value } | undefined;
  let key = "";
  for (let length = 1; length <= 5; length++) {
    const word = words[start + length - 1];
    if (!word) break;
    // "new year's" comes as two words.
    key = word.folded === "'s" ? key + word.folded : key === "" ? word.folded : `${key} ${word.folded}`;
    if (Object.hasOwn(table, key)) best = { length, value: table[key] as Value };
  }
  return best;
}
