import type { Language } from "../language/language.ts";
import { readNumber } from "./numbers.ts";
import { takes, takesKey } from "./phrases.ts";
import type { Word } from "./words.ts";

/** "Longer than ten minutes": seconds, both included. */
export interface DurationFound {
  readonly end: number;
  readonly min_seconds: number | null;
  readonly max_seconds: number | null;
}

/** "After 10 pm": minutes of the local day, half-open. */
export interface HoursFound {
  readonly end: number;
  readonly hours: { from: number; to: number };
}

/** A length of time at a word, in seconds: "10 minutes", "an hour", "half an hour", "2m". */
function readLength(
  words: readonly Word[],
  start: number,
  language: Language,
): { seconds: number; end: number } | undefined {
  const d = language.durations;
  const half = takesKey(d.halves, words, start);
  if (half) return { seconds: half.value, end: start + half.length };
  const folded = words[start]?.folded;
  const joined = /^(\d+)$/.test(folded ?? "") ? readNumber(words, start, language) : undefined;
  const amount = joined ?? readNumber(words, start, language) ??
    (folded === "a" || folded === "an" ? { value: 1, length: 1 } : undefined);
  const of = amount && words[start + amount.length]?.folded === "of" ? 1 : 0;
  const unit = amount && words[start + amount.length + of]?.folded;
  if (!amount || unit === undefined || !Object.hasOwn(d.units, unit)) return undefined;
  const seconds = amount.value * (d.units[unit] ?? 0);
  return seconds <= 604_800 ? { seconds, end: start + amount.length + of + 1 } : undefined;
}

/** Bounds on how long a call was, that begin at a word. */
export function readDurations(words: readonly Word[], start: number, language: Language): DurationFound[] {
  const d = language.durations;
  const kinds = [
    [d.more_than, (s: number) => ({ min_seconds: s + 1, max_seconds: null })],
    [d.at_least, (s: number) => ({ min_seconds: s, max_seconds: null })],
    [d.less_than, (s: number) => ({ min_seconds: null, max_seconds: s - 1 })],
    [d.at_most, (s: number) => ({ min_seconds: null, max_seconds: s })],
  ] as const;
  const found: DurationFound[] = [];
  for (const [phrases, bound] of kinds) {
    const length = takes(phrases, words, start);
    const read = length > 0 ? readLength(words, start + length, language) : undefined;
    if (read && read.seconds > 0) found.push({ end: read.end, ...bound(read.seconds) });
  }
  // Between 5 and 10 minutes, from 5 to 10 minutes, of 5 to 10 minutes, 5 to 10 minutes.
  const ranges: [number, readonly string[]][] = [
    [takes(language.times.between, words, start), language.times.and],
    [
      takes(language.times.from, words, start) || takes(language.durations.of, words, start),
      language.times.to,
    ],
  ];
  for (const [between, joins] of ranges) {
    if (between === 0 && joins === language.times.and) continue;
    const low = readLength(words, start + between, language);
    const bare = low ? undefined : readNumber(words, start + between, language);
    const at = low?.end ?? (bare ? start + between + bare.length : 0);
    const and = at > 0 ? takes(joins, words, at) : 0;
    const high = and > 0 ? readLength(words, at + and, language) : undefined;
    if (high) {
      const unit = language.durations.units[words[high.end - 1]?.folded ?? ""] ?? 0;
      const min_seconds = low ? low.seconds : (bare?.value ?? 0) * unit;
      if (min_seconds < high.seconds) found.push({ end: high.end, min_seconds, max_seconds: high.seconds });
    }
  }
  // "10 minutes or longer", "of 10 minutes or more"
  const of = words[start]?.folded === "of" || words[start]?.folded === "lasting" ? 1 : 0;
  const length = readLength(words, start + of, language);
  if (length) {
    const more = takes(["or more", "or longer", "and more", "and longer", "plus"], words, length.end);
    const less = takes(["or less", "or shorter"], words, length.end);
    if (more > 0) found.push({ end: length.end + more, min_seconds: length.seconds, max_seconds: null });
    if (less > 0) found.push({ end: length.end + less, min_seconds: null, max_seconds: length.seconds });
  }
  return found;
}

interface Clock {
  readonly minute: number;
  readonly end: number;
  /** "9" alone may be either half of the day. */
  readonly is_exact: boolean;
}

function readClock(words: readonly Word[], start: number, language: Language): Clock | undefined {
  const t = language.times;
  const noon = takesKey(t.noon, words, start);
  if (noon) return { minute: noon.value, end: start + noon.length, is_exact: true };
  const folded = words[start]?.folded ?? "";
  const digits = /^(\d{1,2})(?:[:.](\d{2}))?$/.exec(folded);
  const spelled = digits ? undefined : readNumber(words, start, language);
  const hour = digits ? Number(digits[1]) : spelled?.value;
  const minute = Number(digits?.[2] ?? 0);
  if (hour === undefined || hour > 24 || minute > 59) return undefined;
  let end = start + (spelled?.length ?? 1);
  end += takes(t.oclock, words, end);
  const am = takes(t.am, words, end);
  const pm = takes(t.pm, words, end);
  if ((am > 0 || pm > 0) && hour >= 1 && hour <= 12) {
    return {
      minute: (hour % 12 + (pm > 0 ? 12 : 0)) * 60 + minute,
      end: end + Math.max(am, pm),
      is_exact: true,
    };
  }
  return { minute: hour * 60 + minute, end, is_exact: digits?.[2] !== undefined || hour > 12 || hour === 0 };
}

/** Hours of the day that begin at a word: after 10 pm, before 8, between 9 and 5, from 18:00 to 20:00. */
export function readHours(words: readonly Word[], start: number, language: Language): HoursFound[] {
  const t = language.times;
  const found: HoursFound[] = [];
  const after = takes(t.after, words, start);
  const later = after > 0 ? readClock(words, start + after, language) : undefined;
  if (later?.is_exact && later.minute > 0 && later.minute < 1440) {
    found.push({ end: later.end, hours: { from: later.minute, to: 1440 } });
  }
  const before = takes(t.before, words, start);
  const earlier = before > 0 ? readClock(words, start + before, language) : undefined;
  if (earlier?.is_exact && earlier.minute > 0) {
    found.push({ end: earlier.end, hours: { from: 0, to: earlier.minute } });
  }
  for (const [opens, joins] of [[t.between, t.and], [t.from, t.to]] as const) {
    const length = takes(opens, words, start);
    const first = length > 0 ? readClock(words, start + length, language) : undefined;
    const join = first ? takes(joins, words, first.end) : 0;
    const last = first && join > 0 ? readClock(words, first.end + join, language) : undefined;
    if (!first || !last) continue;
    const hours = spanOf(first, last);
    if (hours) found.push({ end: last.end, hours });
  }
  return found;
}

/** "9 and 5" is the working day; "7 and 9 pm" is one evening; "2 and 4" could be either half, so it is not read. */
function spanOf(first: Clock, last: Clock): { from: number; to: number } | undefined {
  const to = last.minute === 0 ? 1440 : last.minute;
  if (first.is_exact && last.is_exact) return first.minute === to ? undefined : { from: first.minute, to };
  if (!first.is_exact && last.is_exact) {
    const same_half = first.minute + (to > 720 && first.minute < 720 ? 720 : 0);
    return { from: same_half < to ? same_half : first.minute, to };
  }
  if (first.minute > last.minute && last.minute <= 720 && !last.is_exact) {
    return { from: first.minute, to: last.minute + 720 };
  }
  return undefined;
}
