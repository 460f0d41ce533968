import type { Language } from "../language/language.ts";
import type { Clock } from "../clock.ts";
import type { Period, Range, Unit } from "../plan.ts";
import { readNumber, readOrdinal } from "./numbers.ts";
import { takes, takesKey } from "./phrases.ts";
import type { Word } from "./words.ts";

type Hours = { from: number; to: number };

/** A time found in a question: a period or range, and hours of the day where it has some ("yesterday evening"). */
export interface TimeFound {
  readonly start: number;
  readonly end: number;
  readonly time: Period | Range;
  readonly hours: readonly Hours[];
  /** "From last week": the "from" may belong to somebody asked for instead. */
  readonly is_from: boolean;
  /** Words such as "may" or "march" stand alone, so something else may be meant. */
  readonly is_weak: boolean;
}

interface Read {
  readonly end: number;
  readonly period: Period;
  readonly hours?: readonly Hours[];
  readonly is_from?: boolean;
  readonly is_weak?: boolean;
}

type Named = Extract<Period, { kind: "named" }>;

const NAMED: Named = { kind: "named", year: null, month: null, day: null, weekday: null, ago: 0 };
const BARE: Range = { kind: "range", since: null, after: null, until: null, before: null };

function calendar(unit: Unit, offset: number, n = 1): Period {
  return { kind: "calendar", unit, n, offset };
}

/** Regions that write the month before the day and the year last. */
const MONTH_FIRST: ReadonlySet<string> = new Set(["US", "PH", "FM", "MH", "PW", "GU", "PR"]);

/** Reads times out of the words of a question, as the language's data spells them. */
export class TimeReader {
  readonly #words: readonly Word[];
  readonly #language: Language;
  readonly #clock: Clock;
  readonly #region: string;

  /** @param region ISO 3166-1 alpha-2, for the order of day and month in "4/5/2026". */
  constructor(words: readonly Word[], language: Language, clock: Clock, region: string) {
    this.#words = words;
    this.#language = language;
    this.#clock = clock;
    this.#region = region;
  }

  /** Every time that begins at a word, longest last. */
  find(start: number): TimeFound[] {
    const found: TimeFound[] = [];
    const add = (read: Read | undefined) => {
      if (read) {
        found.push({
          start,
          end: read.end,
          time: read.period,
          hours: read.hours ?? [],
          is_from: read.is_from ?? false,
          is_weak: read.is_weak ?? false,
        });
      }
    };
    const t = this.#language.times;
    for (const read of this.#periods(start)) add(read);
    const into = takes(t.into, this.#words, start);
    if (into > 0) {
      for (const read of this.#periods(start + into)) {
        add({ ...read, is_weak: false, is_from: this.#has(t.from, start) === into });
      }
      const year = this.#year(start + into, false);
      if (year) add({ end: year.end, period: { ...NAMED, year: year.value } });
    }
    for (const range of this.#ranges(start)) found.push({ start, is_from: false, ...range });
    return found.sort((a, b) => a.end - b.end);
  }

  /** How many days ahead are meant: "in the next 10 days". */
  findHorizon(start: number): { end: number; days: number } | undefined {
    const t = this.#language.times;
    const into = this.#has(t.into, start);
    const next = this.#has(t.next, start + into);
    const amount = next > 0 ? this.#amount(start + into + next) : undefined;
    const unit = amount && this.#unit(amount.end);
    if (!amount || !unit || (unit.unit !== "day" && unit.unit !== "week")) return undefined;
    return { end: unit.end, days: amount.value * unit.times * (unit.unit === "week" ? 7 : 1) };
  }

  #has(phrases: readonly string[], at: number): number {
    return takes(phrases, this.#words, at);
  }

  #unit(at: number): { unit: Unit; times: number; end: number } | undefined {
    const t = this.#language.times;
    const folded = this.#words[at]?.folded;
    if (folded === undefined) return undefined;
    if (Object.hasOwn(t.units, folded)) return { unit: t.units[folded] as Unit, times: 1, end: at + 1 };
    const multiple = Object.hasOwn(t.multiples, folded) ? t.multiples[folded] : undefined;
    return multiple && { unit: multiple.unit, times: multiple.n, end: at + 1 };
  }

  /** "seven", "a", "a couple of". */
  #amount(at: number): { value: number; end: number } | undefined {
    const t = this.#language.times;
    const the = this.#has(t.the, at);
    const number = readNumber(this.#words, at + the, this.#language);
    if (!number || number.value < 1) return undefined;
    const of = this.#has(["of"], at + the + number.length);
    return { value: number.value, end: at + the + number.length + of };
  }

  #year(at: number, is_marked: boolean): { value: number; end: number } | undefined {
    const word = this.#words[at];
    const digits = word && /^(19[7-9]\d|20\d\d|21\d\d)$/.exec(word.folded);
    return word?.kind === "word" && digits && !is_marked
      ? { value: Number(digits[0]), end: at + 1 }
      : undefined;
  }

  /** A year after a month or date: "2025", "last year", "this year". */
  #ofYear(at: number): { year: number; end: number } | undefined {
    const t = this.#language.times;
    const of = this.#has(t.of, at);
    const said = this.#year(at + of, false);
    if (said) return { year: said.value, end: said.end };
    for (const [words, back] of [[t.last, 1], [t.previous, 1], [t.this, 0]] as const) {
      const length = this.#has(words, at + of);
      if (length > 0 && this.#unit(at + of + length)?.unit === "year") {
        return { year: this.#clock.now.year - back, end: at + of + length + 1 };
      }
    }
    return undefined;
  }

  /** Part of the day after a day: "yesterday evening", "on Monday at night". */
  #partOfDay(at: number): { hours: Hours[]; end: number } | undefined {
    const part = takesKey(this.#language.times.parts_of_day, this.#words, at);
    return part && { hours: [part.value], end: at + part.length };
  }

  *#withPart(read: Read): Generator<Read> {
    yield read;
    const part = this.#partOfDay(read.end);
    if (part) yield { ...read, end: part.end, hours: part.hours };
    const so_far = this.#has(this.#language.times.so_far, read.end);
    if (so_far > 0) yield { ...read, end: read.end + so_far };
  }

  *#periods(start: number): Generator<Read> {
    for (const read of this.#singles(start)) yield* this.#withPart(read);
  }

  *#singles(start: number): Generator<Read> {
    const t = this.#language.times;
    const word = this.#words[start];
    if (!word) return;
    if (word.kind === "date") {
      const date = readDate(word.folded, this.#clock, this.#region);
      if (date) yield { end: start + 1, period: { kind: "absolute", from: date, to: date } };
      return;
    }
    if (word.kind !== "word") return;

    const day = takesKey(t.days, this.#words, start);
    if (day) yield { end: start + day.length, period: calendar("day", day.value) };

    yield* this.#relative(start);
    yield* this.#nights(start);
    yield* this.#calendarNames(start);
    yield* this.#quarters(start);

    const the = this.#has(t.the, start);
    const holiday = takesKey(t.holidays, this.#words, start + this.#has(t.the, start));
    if (holiday) {
      const end = start + the + holiday.length;
      const named: Named = { ...NAMED, month: holiday.value.month, day: holiday.value.day };
      yield { end, period: named };
      const year = this.#ofYear(end);
      if (year) yield { end: year.end, period: { ...named, year: year.year } };
      const last = this.#has(t.last, start);
      if (last > 0) yield { end, period: named };
    }
    const last = this.#has(t.last, start);
    const lastHoliday = last > 0 ? takesKey(t.holidays, this.#words, start + last) : undefined;
    if (lastHoliday) {
      yield { end: start + last + lastHoliday.length, period: { ...NAMED, ...lastHoliday.value } };
    }
    const marked = this.#words[start]?.folded === "year" ? this.#year(start + 1, false) : undefined;
    if (marked) yield { end: marked.end, period: { ...NAMED, year: marked.value } };
  }

  /** this week, last month, the past 7 days, previous two months, 3 days ago, the week before last. */
  *#relative(start: number): Generator<Read> {
    const t = this.#language.times;
    const current = this.#has(t.this, start);
    if (current > 0) {
      const unit = this.#unit(start + current);
      if (unit && unit.times === 1) yield { end: unit.end, period: calendar(unit.unit, 0) };
    }
    for (const [words, kind] of [[t.last, "last"], [t.past, "past"], [t.previous, "previous"]] as const) {
      const length = this.#has(words, start);
      if (length === 0) continue;
      const amount = this.#amount(start + length);
      const several = amount && this.#unit(amount.end);
      if (amount && several) {
        const n = amount.value * several.times;
        yield {
          end: several.end,
          period: kind === "previous" && !["minute", "hour"].includes(several.unit)
            ? calendar(several.unit, -1, n)
            : { kind: "rolling", unit: several.unit, n },
        };
      }
      const one = this.#unit(start + length);
      if (one) {
        const is_rolling = kind === "past" || one.times > 1 || ["minute", "hour"].includes(one.unit);
        yield {
          end: one.end,
          period: is_rolling
            ? {
              kind: "rolling",
              unit: one.unit === "day" && one.times === 1 ? "hour" : one.unit,
              n: one.unit === "day" && one.times === 1 ? 24 : one.times,
            }
            : calendar(one.unit, -1),
        };
      }
    }
    // The weekend that has begun last.
    const the = this.#has(t.the, start);
    if (the > 0 || this.#unit(start)?.unit === "weekend") {
      const unit = this.#unit(start + the);
      if (unit?.unit === "weekend" && this.#words[start + the]?.folded !== "weekends") {
        yield {
          end: unit.end,
          period: calendar("weekend", this.#clock.now.dayOfWeek >= 6 ? 0 : -1),
          is_weak: the === 0,
        };
      }
      const before_last = unit ? this.#has(t.before_last, unit.end) : 0;
      if (unit && before_last > 0) yield { end: unit.end + before_last, period: calendar(unit.unit, -2) };
    }
    const so_far = this.#unit(start);
    const to_date = so_far ? this.#has(t.to_date, so_far.end) : 0;
    if (so_far?.times === 1 && to_date > 0) {
      yield { end: so_far.end + to_date, period: calendar(so_far.unit, 0) };
    }
    // "The longest calls of the year": of the one that is running.
    const running = this.#has(t.of_the, start);
    const whole = running > 0 ? this.#unit(start + running) : undefined;
    if (whole && whole.times === 1 && ["month", "quarter", "year"].includes(whole.unit)) {
      yield { end: whole.end, period: calendar(whole.unit, 0), is_weak: true };
    }
    const amount = this.#amount(start) ?? this.#one(start);
    const unit = amount && this.#unit(amount.end);
    const ago = unit ? this.#has(t.ago, unit.end) : 0;
    if (amount && unit && ago > 0) {
      yield { end: unit.end + ago, period: calendar(unit.unit, -amount.value * unit.times) };
    }
  }

  #one(start: number): { value: number; end: number } | undefined {
    const word = this.#words[start]?.folded;
    return word === "a" || word === "an" ? { value: 1, end: start + 1 } : undefined;
  }

  /** Last night, tonight, this morning. */
  *#nights(start: number): Generator<Read> {
    const t = this.#language.times;
    const { now } = this.#clock;
    const today = now.toPlainDate();
    const yesterday = today.subtract({ days: 1 });
    const night = (this.#words[start + 1]?.folded ?? "") === "night";
    if (this.#words[start]?.folded === "tonight") {
      yield {
        end: start + 1,
        period: { kind: "absolute", from: `${today}T18:00`, to: `${today.add({ days: 1 })}T00:00` },
      };
    }
    if (night && t.last.includes(this.#words[start]?.folded ?? "")) {
      yield {
        end: start + 2,
        period: { kind: "absolute", from: `${yesterday}T18:00`, to: `${today}T05:00` },
      };
    }
    const current = this.#has(t.this, start);
    const part = current > 0 ? this.#partOfDay(start + current) : undefined;
    if (part) yield { end: part.end, period: calendar("day", 0), hours: part.hours };
  }

  #month(at: number): number | undefined {
    const folded = this.#words[at]?.folded ?? "";
    return Object.hasOwn(this.#language.times.months, folded)
      ? this.#language.times.months[folded]
      : undefined;
  }

  #weekday(at: number): number | undefined {
    const folded = this.#words[at]?.folded ?? "";
    return Object.hasOwn(this.#language.times.weekdays, folded)
      ? this.#language.times.weekdays[folded]
      : undefined;
  }

  /** March, March 2025, 3 May, May 3rd last year, the 3rd, Monday, last Monday. */
  *#calendarNames(start: number): Generator<Read> {
    const t = this.#language.times;
    const { now } = this.#clock;
    const dated = (read: { month: number | null; day: number | null; end: number }): Read[] => {
      const named: Named = { ...NAMED, month: read.month, day: read.day };
      const year = read.month === null ? undefined : this.#ofYear(read.end);
      const reads: Read[] = [{ end: read.end, period: named, is_weak: read.day === null }];
      if (year) reads.push({ end: year.end, period: { ...named, year: year.year } });
      return reads;
    };
    for (const date of this.#dates(start)) yield* dated(date);
    const month = this.#month(start);
    if (month !== undefined) yield* dated({ month, day: null, end: start + 1 });
    for (const [words, back] of [[t.last, 1], [t.previous, 1], [t.this, 0]] as const) {
      const length = this.#has(words, start);
      if (length === 0) continue;
      const named = this.#month(start + length);
      // The latest that has ended, so not the current one; "this March" is that of this year.
      if (named !== undefined) {
        yield {
          end: start + length + 1,
          period: back === 1
            ? { ...NAMED, month: named, ago: named === now.month ? 1 : 0 }
            : { ...NAMED, month: named, year: now.year },
        };
      }
      const weekday = this.#weekday(start + length);
      if (weekday !== undefined) {
        yield {
          end: start + length + 1,
          period: { ...NAMED, weekday, ago: back === 1 && weekday === now.dayOfWeek ? 1 : 0 },
        };
      }
    }
    const weekday = this.#weekday(start);
    if (weekday !== undefined) {
      yield { end: start + 1, period: { ...NAMED, weekday } };
      const last = this.#has(t.last, start + 1) || this.#has(t.previous, start + 1) ||
        (this.#has(t.of, start + 1) && this.#has(t.last, start + 2) ? 2 : 0);
      if (last > 0 && this.#unit(start + 1 + last)?.unit === "week") {
        const monday = startOfLastWeek(this.#clock).add({ days: (weekday - this.#clock.week_start + 7) % 7 });
        yield {
          end: start + 2 + last,
          period: { kind: "absolute", from: monday.toString(), to: monday.toString() },
        };
      }
      // Monday 3 May, Monday the 3rd of May.
      for (const date of this.#dates(start + 1)) {
        if (date.month !== null) yield* dated(date);
      }
    }
  }

  /** A day of a month, with the month's name or with "the". */
  *#dates(start: number): Generator<{ month: number | null; day: number; end: number }> {
    const t = this.#language.times;
    const month = this.#month(start);
    if (month !== undefined) {
      const the = this.#has(t.the, start + 1);
      const day = readOrdinal(this.#words, start + 1 + the, this.#language, false);
      if (day !== undefined) yield { month, day, end: start + 2 + the };
    }
    const the = this.#has(t.the, start);
    const day = readOrdinal(this.#words, start + the, this.#language, false);
    if (day === undefined) return;
    const at = start + the + 1;
    const of = this.#has(["of", "in"], at);
    const named = this.#month(at + of);
    if (named !== undefined) yield { month: named, day, end: at + of + 1 };
    if (
      the > 0 && readOrdinal(this.#words, start + the, this.#language, true) !== undefined &&
      !Object.hasOwn(this.#language.ordinals, this.#words[start + the]?.folded ?? "")
    ) {
      yield { month: null, day, end: at };
      for (const [words, offset] of [[t.this, 0], [t.last, -1]] as const) {
        const length = this.#has(words, at + this.#has(["of"], at));
        const unit = length > 0 ? this.#unit(at + this.#has(["of"], at) + length) : undefined;
        if (unit?.unit === "month") {
          const first = this.#clock.now.toPlainDate().with({ day: 1 }).add({ months: offset });
          if (day <= first.daysInMonth) yield { month: first.month, day, end: unit.end };
        }
      }
    }
  }

  /** Q1, Q1 2025, the first quarter of 2025. */
  *#quarters(start: number): Generator<Read> {
    const t = this.#language.times;
    const short = /^q([1-4])$/.exec(this.#words[start]?.folded ?? "");
    const the = this.#has(t.the, start);
    const ordinal = readOrdinal(this.#words, start + the, this.#language, true);
    const spelled = ordinal !== undefined && ordinal <= 4 && this.#unit(start + the + 1)?.unit === "quarter"
      ? ordinal
      : undefined;
    const quarter = short ? Number(short[1]) : spelled;
    if (quarter === undefined) return;
    const end = short ? start + 1 : start + the + 2;
    const of = (year: number, at: number): Read => {
      const first = `${year}-${String(3 * quarter - 2).padStart(2, "0")}-01`;
      const last = this.#clock.now.toPlainDate().with({ year, month: 3 * quarter, day: 1 });
      return {
        end: at,
        period: { kind: "absolute", from: first, to: last.with({ day: last.daysInMonth }).toString() },
      };
    };
    const { year, month } = this.#clock.now;
    yield of(3 * quarter - 2 <= month ? year : year - 1, end);
    const said = this.#ofYear(end);
    if (said) yield of(said.year, said.end);
  }

  *#ranges(start: number): Generator<Omit<TimeFound, "start" | "is_from">> {
    const t = this.#language.times;
    const side = (at: number): Read[] => {
      const reads = [...this.#singles(at)];
      const into = takes(
        [
          "the",
          "in",
          "on",
          "the end of",
          "the start of",
          "the beginning of",
          "start of",
          "beginning of",
          "last",
        ],
        this.#words,
        at,
      );
      if (into > 0 && this.#words[at]?.folded !== "last") reads.push(...this.#singles(at + into));
      const begin = this.#has(t.start_of, at);
      const unit = begin > 0 ? this.#unit(at + begin) : undefined;
      if (unit?.times === 1) reads.push({ end: unit.end, period: calendar(unit.unit, 0) });
      const year = this.#year(at, false);
      if (year) reads.push({ end: year.end, period: { ...NAMED, year: year.value } });
      return reads;
    };
    const open = (
      words: readonly string[],
      range: (period: Period) => Range,
    ): Omit<TimeFound, "start" | "is_from">[] => {
      const length = this.#has(words, start);
      if (length === 0) return [];
      return side(start + length).map((read) => ({
        end: read.end,
        time: range(read.period),
        hours: [],
        is_weak: false,
      }));
    };
    yield* open(t.since, (since) => ({ ...BARE, since }));
    yield* open(t.until, (until) => ({ ...BARE, until }));
    yield* open(t.before, (before) => ({ ...BARE, before }));
    yield* open(t.after, (after) => ({ ...BARE, after }));
    const from = this.#has(t.from, start);
    if (from > 0) {
      for (const read of side(start + from)) {
        const onwards = this.#has(t.onwards, read.end);
        if (onwards > 0) {
          yield { end: read.end + onwards, time: { ...BARE, since: read.period }, hours: [], is_weak: false };
        }
      }
    }
    // Between A and B, from A to B, and "3 to 9 May".
    const opens: [number, readonly string[]][] = [
      [this.#has(t.between, start), t.and],
      [from, t.to],
      [this.#has(t.since, start), t.until],
      [0, t.to],
    ];
    for (const [length, joins] of opens) {
      if (length === 0 && joins !== t.to) continue;
      const at = start + length;
      for (const first of side(at)) {
        const join = this.#has(joins, first.end);
        if (join === 0) continue;
        for (const last of side(first.end + join)) {
          yield {
            end: last.end,
            time: { ...BARE, since: inYearOf(first.period, last.period), until: last.period },
            hours: [],
            is_weak: false,
          };
        }
        // May 3 to 9
        const day = readOrdinal(this.#words, first.end + join, this.#language, false);
        if (
          first.period.kind === "named" && first.period.month !== null && first.period.day !== null &&
          day !== undefined
        ) {
          yield {
            end: first.end + join + 1,
            time: { ...BARE, since: first.period, until: { ...first.period, day } },
            hours: [],
            is_weak: false,
          };
        }
      }
      // 3 to 9 May
      const the = this.#has(t.the, at);
      const day = readOrdinal(this.#words, at + the, this.#language, false);
      const join = day === undefined ? 0 : this.#has(joins, at + the + 1);
      if (day === undefined || join === 0) continue;
      for (const last of side(at + the + 1 + join)) {
        if (last.period.kind === "named" && last.period.day !== null) {
          yield {
            end: last.end,
            time: { ...BARE, since: { ...last.period, day }, until: last.period },
            hours: [],
            is_weak: false,
          };
        }
      }
    }
  }
}

/** "From March to May 2025": the year belongs to both. */
function inYearOf(first: Period, last: Period): Period {
  // "The 3rd to the 9th of May": the month belongs to both.
  if (
    last.kind === "named" && last.month !== null && first.kind === "named" && first.month === null &&
    first.day !== null
  ) {
    return { ...first, month: last.month, year: last.year };
  }
  if (last.kind !== "named" || last.year === null || last.month === null) return first;
  if (first.kind !== "named" || first.year !== null || first.month === null) return first;
  return { ...first, year: last.year - (first.month > last.month ? 1 : 0) };
}

function startOfLastWeek({ now, week_start }: Clock) {
  const today = now.toPlainDate();
  return today.subtract({ days: (today.dayOfWeek - week_start + 7) % 7 + 7 });
}

/** An ISO date, or a local one: "4/5/2026" is in April where the month comes first, and in May elsewhere. */
function readDate(text: string, { now }: Clock, region: string): string | undefined {
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const local = /^(\d{1,2})([/.])(\d{1,2})[/.](\d{2}|\d{4})$/.exec(text);
  let [year, month, day] = iso ? [Number(iso[1]), Number(iso[2]), Number(iso[3])] : [0, 0, 0];
  if (local) {
    const [a, b] = [Number(local[1]), Number(local[3])];
    year = Number(local[4]) + (local[4]?.length === 2 ? 2000 : 0);
    if (local[2] === "." || a > 12) [day, month] = [a, b];
    else if (b > 12 || MONTH_FIRST.has(region)) [month, day] = [a, b];
    else [day, month] = [a, b];
  }
  const first = now.toPlainDate().with({ day: 1 });
  if (month < 1 || month > 12 || year < 1970 || year > 2200) return undefined;
  const start = first.with({ year, month });
  return day >= 1 && day <= start.daysInMonth ? start.with({ day }).toString() : undefined;
}
