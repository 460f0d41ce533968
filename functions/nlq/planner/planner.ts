import type { Clock } from "../clock.ts";
import type { Language, Meaning } from "../language/language.ts";
import type { Period, Plan, Range } from "../plan.ts";
import { resolveTime } from "../resolve_time.ts";
import { assemble } from "./assemble.ts";
import { readDurations, readHours } from "./bounds.ts";
import { type Candidate, type Cover, coverWords } from "./cover.ts";
import type { Item, NameMatch } from "./items.ts";
import {
  chooseMatches,
  type Closeness,
  costOf,
  distance,
  type FindMentions,
  mentionsIn,
  nameItem,
  synonyms,
} from "./names.ts";
import { readNumber } from "./numbers.ts";
import { PhraseBook, takes } from "./phrases.ts";
import { Unclear } from "./slots.ts";
import { TimeReader } from "./times.ts";
import { readWords, type Word } from "./words.ts";

/** Who asks, when, and after what. */
export interface PlannerContext {
  readonly clock: Clock;
  /** Of the asker, ISO 3166-1 alpha-2. */
  readonly region: string;
  readonly previous: Plan | null;
  readonly findMentions: FindMentions;
  /** A phone number as it stands in the log: E.164, or as said. */
  readonly readNumber: (number: string) => string;
}

/** A stretch of the question that names a time or somebody, and what it stands for. */
export interface Slot {
  readonly start: number;
  readonly end: number;
  readonly slot: "contact" | "time";
  readonly contact: NameMatch | null;
  readonly time: Period | Range | null;
}

/** What the built-in planner makes of a question: a plan, or why there is none. */
export type Reading =
  & { readonly slots: readonly Slot[] }
  & ({ readonly plan: Plan; readonly unclear: null } | { readonly plan: null; readonly unclear: Unclear });

/** The names and times of a question by their letters. Times with hours, and several people alike, are no slots: they say more. */
function slotsOf(items: readonly Item[], words: readonly Word[]): Slot[] {
  return items.flatMap((item): Slot[] => {
    const start = words[item.start]?.start ?? 0;
    const end = words[item.end - 1]?.end ?? 0;
    if (item.kind === "time" && item.hours.length === 0) {
      return [{ start, end, slot: "time", contact: null, time: item.time }];
    }
    const [contact, other] = item.kind === "name" ? item.choices : [];
    if (contact?.kind === "contact" && !other) return [{ start, end, slot: "contact", contact, time: null }];
    return [];
  });
}

/** A word that says something is read so before one that says nothing; "at" may stand before a company, but seldom does. */
const COSTS: Partial<Record<Meaning["is"], number>> = { filler: 1.3, introduces: 1.5 };
/** Days ahead that can be foreseen. */
const HORIZONS = [1, 7, 14, 28] as const;
const TEXT_WORDS = 6;
const MOST_MENTIONS = 20;

interface NameCandidate extends Candidate {
  readonly closeness: Closeness;
  readonly is_expected: boolean;
}

/** Some of the names before any other meaning of their words. */
function eager(names: readonly NameCandidate[], some: readonly NameCandidate[]): NameCandidate[] {
  return names.map((name) => name.is_expected && some.includes(name) ? { ...name, cost: -1 } : name);
}

/** Two neighbours have changed places. */
function isSwap(a: string, b: string): boolean {
  return a.length === b.length && a.length >= 4 && distance(a, b) === 1 &&
    [...a].sort().join("") === [...b].sort().join("");
}

/**
 * Reads questions of one language into plans. Every word must be used up: what cannot be read is asked back about.
 */
export class Planner {
  readonly #language: Language;
  readonly #book: PhraseBook;

  constructor(language: Language) {
    this.#language = language;
    this.#book = new PhraseBook(language);
  }

  /** Words that say nothing. */
  get fillers(): ReadonlySet<string> {
    return this.#book.fillers;
  }

  /** Reads a question; a reading that has no plan says what has to be asked back. */
  async read(question: string, context: PlannerContext): Promise<Reading> {
    const words = readWords(question, this.#language);
    const covers = await this.#covers(words, context);
    let first: Reading | undefined;
    for (const cover of covers) {
      const reading = this.#readCover(words, cover, context);
      if (reading.plan) return reading;
      first ??= reading;
      // What was understood and is not to be answered stays so, however else it could be read.
      if (reading.unclear.reason === "not_here" || reading.unclear.reason === "several_people") break;
    }
    return first ?? { plan: null, unclear: new Unclear("nothing_asked"), slots: [] };
  }

  #readCover(words: readonly Word[], cover: Cover, context: PlannerContext): Reading {
    const slots = slotsOf(cover.items, words);
    try {
      if (words.length === 0) throw new Unclear("nothing_asked");
      if (cover.leftover.length > 0) {
        throw new Unclear("unknown_words", cover.leftover.map((at) => words[at]?.raw ?? "").join(" "));
      }
      const word = this.#opening(words, cover.items);
      const opening = {
        is_order: this.#language.orders.includes(word),
        is_yes_no: this.#language.yes_no.includes(word),
      };
      const plan = assemble(cover.items, opening, context.previous);
      this.#checkTimes(plan, context.clock);
      return { plan, unclear: null, slots };
    } catch (error) {
      if (!(error instanceof Unclear)) throw error;
      return { plan: null, unclear: error, slots };
    }
  }

  /** The first word that is neither politeness nor a time: "Yesterday, did I call Mum?" opens with "did". */
  #opening(words: readonly Word[], items: readonly Item[]): string {
    const timed = new Set(
      items.flatMap((item) =>
        item.kind === "time" || item.kind === "hours" ? words.slice(item.start, item.end) : []
      ),
    );
    return words.find((word) => !timed.has(word) && !this.#language.polite.includes(word.folded))?.folded ??
      "";
  }

  #checkTimes(plan: Plan, clock: Clock): void {
    for (const time of [plan.time, plan.compare?.time ?? null]) {
      if (time !== null && resolveTime(time, clock) === null) throw new Unclear("impossible_time");
    }
  }

  /**
   * The ways to read all words, the likeliest first: as they stand; with slips in ordinary words put right; with slips in names;
   * with whole names before any other meaning ("May"). One that leaves words over only where each does.
   */
  async #covers(words: readonly Word[], context: PlannerContext): Promise<Cover[]> {
    const plain = this.#candidates(words, context);
    const leftover = new Set(coverWords(words.length, plain).leftover);
    const names = await this.#names(words, leftover, context);
    const exact = names.filter(({ closeness }) => closeness !== "typo");
    const read = (among: readonly Candidate[], named: readonly NameCandidate[]) =>
      coverWords(words.length, [...among, ...named]);
    const covers = [read(plain, exact)];
    const corrected = this.#correct(words, covers[0]?.leftover ?? []);
    if (corrected) covers.push(read(this.#candidates(corrected, context), exact));
    covers.push(read(plain, names));
    // "From May in May": one of them is somebody, and the other a month.
    for (const name of exact.filter((name) => name.is_expected)) {
      covers.push(read(plain, eager(exact, [name])));
    }
    covers.push(read(plain, eager(exact, exact)));
    const whole = covers.filter((cover) => cover.leftover.length === 0);
    return whole.length > 0 ? whole : covers.slice(0, 1);
  }

  /** Every reading of every stretch of words, but for names. */
  #candidates(words: readonly Word[], context: PlannerContext): Candidate[] {
    const candidates: Candidate[] = [];
    const times = new TimeReader(words, this.#language, context.clock, context.region);
    for (const [start, word] of words.entries()) {
      for (const found of this.#book.find(words, start)) {
        candidates.push({ item: { kind: "phrase", ...found }, cost: COSTS[found.means.is] ?? 1 });
        if (found.means.is === "introduces" && found.means.slot === "text") {
          candidates.push(...this.#texts(words, found.end, start));
        }
      }
      for (const { start: from, end, time, hours, is_from, is_weak } of times.find(start)) {
        candidates.push({
          item: { kind: "time", start: from, end, time, hours, is_from },
          cost: is_weak ? 1.5 : 0.9,
        });
      }
      const ahead = times.findHorizon(start);
      const days = HORIZONS.find((horizon) => ahead !== undefined && ahead.days <= horizon);
      if (ahead && days !== undefined) {
        candidates.push({
          item: { kind: "phrase", start, end: ahead.end, means: { is: "horizon", days } },
          cost: 0.9,
        });
      }
      for (const { end, ...bounds } of readDurations(words, start, this.#language)) {
        candidates.push({ item: { kind: "duration", start, end, ...bounds }, cost: 0.8 });
      }
      for (const { end, hours } of readHours(words, start, this.#language)) {
        candidates.push({ item: { kind: "hours", start, end, hours: [hours] }, cost: 0.8 });
      }
      const amount = readNumber(words, start, this.#language);
      if (amount) {
        candidates.push({
          item: { kind: "amount", start, end: start + amount.length, value: amount.value },
          cost: 1.6,
        });
      }
      if (word.kind === "number") {
        candidates.push({
          item: { kind: "number", start, end: start + 1, number: context.readNumber(word.raw) },
          cost: 1,
        });
      }
      if (word.kind === "quoted") {
        candidates.push({
          item: {
            kind: "text",
            start,
            end: start + 1,
            text: word.raw.includes(" ") ? `"${word.raw}"` : word.raw,
          },
          cost: 1,
        });
      }
    }
    return candidates;
  }

  /** The words after "about", as text to look for. */
  #texts(words: readonly Word[], at: number, start: number): Candidate[] {
    const candidates: Candidate[] = [];
    if (this.#language.never_before_a_text.includes(words[start - 1]?.folded ?? "")) return candidates;
    const skip = takes(this.#language.before_a_text, words, at);
    for (let end = at + skip + 1; end <= Math.min(words.length, at + skip + TEXT_WORDS); end++) {
      const within = words.slice(at + skip, end);
      // A text does not run on over "from Mum" or "in May".
      if (within.some((word) => word.kind !== "word" || this.#language.ends_a_text.includes(word.folded))) {
        break;
      }
      const text = within.map((word) => word.raw).join(" ");
      candidates.push({ item: { kind: "text", start, end, text }, cost: 2 + 0.8 * within.length });
    }
    return candidates;
  }

  /** Everybody and everything of the asker's that stretches of words may name. */
  async #names(
    words: readonly Word[],
    leftover: ReadonlySet<number>,
    context: PlannerContext,
  ): Promise<NameCandidate[]> {
    const mentions = mentionsIn(words, leftover, this.#language, this.#book.core);
    const texts = new Set(mentions.map(({ text }) => text).slice(0, MOST_MENTIONS));
    for (const other of mentions.flatMap(({ text }) => synonyms(text, this.#language))) {
      if (texts.size < MOST_MENTIONS) texts.add(other);
    }
    if (texts.size === 0) return [];
    const matches = await context.findMentions([...texts]);
    return mentions.flatMap((mention) => {
      const found = [mention.text, ...synonyms(mention.text, this.#language)].flatMap((text) =>
        matches.get(text) ?? []
      );
      const distinct = [
        ...new Map(found.map((match) => [`${match.kind} ${match.id ?? match.name}`, match])).values(),
      ];
      const chosen = chooseMatches(mention.text, distinct, this.#language);
      if (!chosen) return [];
      const is_unread = words.slice(mention.start, mention.end).some((_, i) =>
        leftover.has(mention.start + i)
      );
      const { closeness, choices } = chosen;
      const { is_expected } = mention;
      return [{
        item: nameItem(mention, choices),
        cost: costOf(mention, closeness, is_unread),
        closeness,
        is_expected,
      }];
    });
  }

  /** The question with words that are one slip away from a known one put right; undefined when none is. */
  #correct(words: readonly Word[], leftover: readonly number[]): Word[] | undefined {
    const corrected = [...words];
    let is_better = false;
    for (const at of leftover) {
      const word = words[at];
      if (word?.kind !== "word" || word.folded.length < 4 || (word.is_capital && at > 0)) continue;
      const known = [
        ...this.#book.words,
        ...Object.keys(this.#language.times.units),
        ...Object.keys(this.#language.times.months),
        ...Object.keys(this.#language.times.weekdays),
        ...Object.keys(this.#language.times.days),
      ];
      const near = new Set([
        ...known.filter((other) =>
          other[0] === word.folded[0] && (word.folded.length > 4 || other.length > 4) &&
          distance(other, word.folded) === 1
        ),
        ...[...known, ...this.#book.fillers].filter((other) => isSwap(other, word.folded)),
      ]);
      const [only] = near;
      if (near.size !== 1 || only === undefined) continue;
      corrected[at] = { ...word, folded: only };
      is_better = true;
    }
    return is_better ? corrected : undefined;
  }
}
