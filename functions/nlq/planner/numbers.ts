import type { Language } from "../language/language.ts";
import type { Word } from "./words.ts";

/** A whole number at a word, in digits or words ("twenty five"): its value and how many words it takes. */
export function readNumber(
  words: readonly Word[],
  start: number,
  language: Language,
): { value: number; length: number } | undefined {
  const word = words[start];
  if (!word || word.kind !== "word") return undefined;
  if (/^\d{1,6}$/.test(word.folded)) return { value: Number(word.folded), length: 1 };
  const value = Object.hasOwn(language.numbers, word.folded) ? language.numbers[word.folded] : undefined;
  if (value === undefined) return undefined;
  const next = words[start + 1];
  const unit = next && Object.hasOwn(language.numbers, next.folded)
    ? language.numbers[next.folded]
    : undefined;
  if (value >= 20 && value < 100 && unit !== undefined && unit > 0 && unit < 10) {
    return { value: value + unit, length: 2 };
  }
  if (value < 10 && unit === 100) return { value: value * 100, length: 2 };
  return { value, length: 1 };
}

/** A day of a month: "3", "3rd", "third". */
export function readOrdinal(
  words: readonly Word[],
  start: number,
  language: Language,
  needs_ending: boolean,
): number | undefined {
  const word = words[start];
  if (!word || word.kind !== "word") return undefined;
  const digits = /^(\d{1,2})(st|nd|rd|th)?$/.exec(word.folded);
  const value = digits
    ? (needs_ending && !digits[2] ? undefined : Number(digits[1]))
    : Object.hasOwn(language.ordinals, word.folded)
    ? language.ordinals[word.folded]
    : undefined;
  return value !== undefined && value >= 1 && value <= 31 ? value : undefined;
}
