import { fold } from "../fold.ts";
import type { Language } from "../language/language.ts";

/** A word of a question: as it stands there, and as it is compared. */
export interface Word {
  readonly kind: "word" | "quoted" | "number" | "date";
  readonly raw: string;
  /** Lower case, without accents; of a phone number its raw form. */
  readonly folded: string;
  readonly is_capital: boolean;
  /** UTF-16 range in the question. */
  readonly start: number;
  readonly end: number;
}

const QUOTED = /["“”„«»]([^"“”„«»]{1,200})["“”„«»]|(?<![\p{L}\p{N}])['‘]([^'’‘]{2,200})['’](?![\p{L}\p{N}])/u;
const DATE = /\d{4}-\d{2}-\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}/;
const PHONE = /(?:\+|\(\d{1,5}\)|\d)[\d\s().\-/]{4,}\d/;
const CLOCK = /\d{1,2}[:.]\d{2}(?!\d)/;
const NUMBER = /\d+(?:st|nd|rd|th)?/;
const WORD = /[\p{L}\p{M}](?:[\p{L}\p{M}\p{N}]|['’ʼ.&\-](?=[\p{L}\p{M}]))*/u;
const TOKEN = new RegExp(
  `(?<quoted>${QUOTED.source})|(?<date>(?<![\\d])(?:${DATE.source})(?!\\d))|(?<phone>(?<![\\p{L}\\d])${PHONE.source}(?!\\d))|(?<clock>${CLOCK.source})|(?<number>${NUMBER.source})|(?<word>${WORD.source})|(?<sign>[%&,–—-])|(?<other>[^\\s?!.;:()\\[\\]"“”'’‘…/*])`,
  "gu",
);

/** Enough digits for a phone number, and not two dates or a range of numbers. */
function isPhone(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  return digits.length >= 7 || (text.startsWith("+") && digits.length >= 5);
}

function push(words: Word[], kind: Word["kind"], raw: string, start: number, folded = fold(raw)): void {
  words.push({ kind, raw, folded, is_capital: /^\p{Lu}/u.test(raw), start, end: start + raw.length });
}

/** A word as its parts: short forms written out, "Mum's" as two. */
function pushWord(words: Word[], raw: string, start: number, language: Language): void {
  const folded = fold(raw).replace(/\.$/, "");
  const contraction = language.contractions[folded];
  if (contraction !== undefined) {
    for (const part of contraction.split(" ")) {
      words.push({ kind: "word", raw, folded: part, is_capital: false, start, end: start + raw.length });
    }
    return;
  }
  const ending = Object.keys(language.endings).find((end) =>
    folded.endsWith(end) && folded.length > end.length
  );
  if (ending !== undefined) {
    const cut = raw.length - ending.length;
    push(words, "word", raw.slice(0, cut), start);
    push(words, "word", raw.slice(cut), start + cut, language.endings[ending]);
    return;
  }
  const possessive = language.possessive.find((ending) =>
    folded.endsWith(ending) && folded.length > ending.length
  );
  if (possessive !== undefined && !(folded in language.times.holidays)) {
    const cut = raw.length - possessive.length;
    push(words, "word", raw.slice(0, cut), start);
    push(words, "word", raw.slice(cut), start + cut, possessive);
    return;
  }
  if (folded.includes("-") && folded.length > 3) {
    let at = start;
    for (const part of raw.split("-")) {
      push(words, "word", part, at);
      at += part.length + 1;
    }
    return;
  }
  push(words, "word", raw, start, folded);
}

/** The words of a question, in order. Signs that say nothing are left out; a sign that could mean something is a word. */
export function readWords(question: string, language: Language): Word[] {
  const words: Word[] = [];
  for (const match of question.matchAll(TOKEN)) {
    const raw = match[0];
    const start = match.index;
    const groups = match.groups ?? {};
    if (groups.quoted !== undefined) {
      const inner = raw.slice(1, -1).trim();
      if (inner !== "") {
        words.push({
          kind: "quoted",
          raw: inner,
          folded: fold(inner),
          is_capital: false,
          start,
          end: start + raw.length,
        });
      }
    } else if (groups.date !== undefined) push(words, "date", raw, start);
    else if (groups.phone !== undefined) {
      if (isPhone(raw)) push(words, "number", raw.trim(), start);
      // Numbers beside each other, such as "5 2026" or "9-5".
      else {
        for (const part of raw.matchAll(/\d+|[-–]/g)) push(words, "word", part[0], start + part.index);
      }
    } else if (groups.word !== undefined) pushWord(words, raw, start, language);
    else if (raw !== ",") push(words, "word", raw, start);
  }
  return words;
}
