import type { Meaning } from "../language/language.ts";
import type { Dimension, Filters, Period, Range } from "../plan.ts";
import { type Item, meaning, type Name, type NameMatch } from "./items.ts";

type Status = Filters["statuses"][number];
type Direction = "inbound" | "outbound";
type EventType = "call" | "sms";

/** Why words that were all understood make no question that can be answered. */
export class Unclear extends Error {
  override readonly name = "Unclear";
  readonly reason: UnclearReason;
  readonly said: string;
  readonly choices: readonly NameMatch[];

  constructor(reason: UnclearReason, said = "", choices: readonly NameMatch[] = []) {
    super(`Cannot read the question: ${reason}`);
    this.reason = reason;
    this.said = said;
    this.choices = choices;
  }
}

export type UnclearReason =
  | "nothing_asked"
  | "unknown_words"
  | "several_people"
  | "several_times"
  | "contradiction"
  | "which_unit"
  | "needs_person"
  | "no_context"
  | "not_here"
  | "unsupported"
  | "impossible_time";

/** What the items of a question say, gathered but not yet made into a plan. */
export interface Slots {
  times: (Period | Range)[];
  hours: { from: number; to: number }[];
  weekdays: number[];
  types: EventType[];
  /** True when a direction was said by "to" or "from" somebody. */
  is_toward: boolean;
  /** True when calls or messages of any type were named. */
  is_about_events: boolean;
  directions: Direction[];
  statuses: Status[][];
  people: NameMatch[];
  excluded: NameMatch[];
  company: string | null;
  tag: string | null;
  line: NameMatch | null;
  number: string | null;
  known: boolean | null;
  min_seconds: number | null;
  max_seconds: number | null;
  text: string | null;
  source: Filters["source"];
  amounts: number[];
  dimensions: { dimension: Dimension; each: boolean }[];
  /** The rest of what was meant, by sort. */
  said: Set<Meaning["is"]>;
  meanings: Meaning[];
}

const ALL_DAYS = [1, 2, 3, 4, 5, 6, 7];
/** Between "not" and what is denied. */
const PASSED_OVER: ReadonlySet<Meaning["is"]> = new Set([
  "filler",
  "toward",
  "introduces",
  "me",
  "be",
  "have",
]);
/** What "not" may stand before; other words may come between. */
const DENIABLE: ReadonlySet<Meaning["is"]> = new Set([
  "status",
  "known",
  "hours",
  "weekdays",
  "filler",
  "toward",
  "introduces",
  "me",
  "be",
  "have",
  "direction",
  "type",
  "people",
]);
const CALL_STATUSES: Status[] = ["answered", "missed", "declined", "voicemail", "blocked"];

/** What says something about who did what; times and fillers may stand anywhere between. */
function isSilent(item: Item): boolean {
  if (item.kind === "time" || item.kind === "hours" || item.kind === "amount") return true;
  if (item.kind !== "phrase") return false;
  return [
    "filler",
    "edge",
    "rank",
    "hours",
    "weekdays",
    "only",
    "comparative",
    "how_many",
    "average",
    "top",
    "have",
    "be",
    "possessive",
    "ours",
  ]
    .includes(item.means.is);
}

function flip(hours: { from: number; to: number }[]): { from: number; to: number }[] {
  const [only] = hours;
  return hours.length === 1 && only
    ? [{ from: only.to % 1440, to: only.from === 0 ? 1440 : only.from }]
    : hours;
}

/** Gathers the items. @throws Unclear for several people alike. */
export class Gathering {
  readonly slots: Slots = {
    times: [],
    hours: [],
    weekdays: [],
    types: [],
    is_toward: false,
    is_about_events: false,
    directions: [],
    statuses: [],
    people: [],
    excluded: [],
    company: null,
    tag: null,
    line: null,
    number: null,
    known: null,
    min_seconds: null,
    max_seconds: null,
    text: null,
    source: null,
    amounts: [],
    dimensions: [],
    said: new Set(),
    meanings: [],
  };
  readonly #items: readonly Item[];
  /** The items that tell who did what. */
  readonly #line: readonly Item[];
  #is_negated = false;
  #is_mutual = false;

  constructor(items: readonly Item[]) {
    this.#items = items;
    this.#line = items.filter((item) => !isSilent(item));
    this.#is_mutual = items.some((item) => meaning(item, "type")?.mutual === true);
    for (const item of items) this.#take(item);
    if (this.#is_negated) throw new Unclear("unsupported");
    for (const [at, item] of this.#line.entries()) this.#relate(at, item);
    if (this.#isOfOthers()) throw new Unclear("not_here");
    const is_with_me = this.slots.said.has("me") || this.slots.said.has("together");
    if (
      !is_with_me &&
      (this.slots.said.has("each_other") || this.#isAmongOthers() || this.#isHadByOthers())
    ) {
      throw new Unclear("not_here");
    }
  }

  /** "Dad's busiest hour", "Grace's missed calls". */
  #isOfOthers(): boolean {
    return this.#items.some((item, at) => {
      const after = this.#items[at + 2];
      return item.kind === "name" && meaning(this.#items[at + 1], "possessive") !== undefined &&
        ["busy", "status", "people", "dimension"].some((sort) => meaning(after, sort as Meaning["is"]));
    });
  }

  /** "How many calls did Grace have". */
  #isHadByOthers(): boolean {
    return this.#items.some((item, at) =>
      item.kind === "name" && meaning(this.#items[at + 1], "have") !== undefined &&
      isBare(item, this.#items[at - 1])
    );
  }

  /** "Did Dad talk to Grace", "did Dad and Grace talk": nobody of them is the asker. */
  #isAmongOthers(): boolean {
    const at = this.#line.findIndex((item) => meaning(item, "type")?.mutual);
    const before = this.#line[at - 1];
    return at > 0 && before?.kind === "name" && isBare(before, this.#line[at - 2]) &&
      this.slots.people.length > 1;
  }

  #take(item: Item): void {
    const { slots } = this;
    const is_negated = this.#is_negated;
    if (
      item.kind !== "phrase" ||
      !PASSED_OVER.has(item.means.is)
    ) {
      this.#is_negated = false;
    }
    switch (item.kind) {
      case "time":
        // "Who do I get calls from this year": the "from" is about somebody.
        if (item.is_from && slots.said.has("who") && slots.types.length > 0) this.#direct("inbound");
        slots.times.push(item.time);
        slots.hours.push(...item.hours);
        break;
      case "hours":
        slots.hours.push(...(is_negated ? flip([...item.hours]) : item.hours));
        break;
      case "duration":
        slots.min_seconds = item.min_seconds ?? slots.min_seconds;
        slots.max_seconds = item.max_seconds ?? slots.max_seconds;
        break;
      case "amount":
        slots.amounts.push(item.value);
        break;
      case "number":
        slots.number = item.number;
        break;
      case "text":
        slots.text = item.text;
        break;
      case "name":
        this.#name(item, is_negated);
        break;
      case "phrase":
        this.#phrase(item.means, is_negated);
    }
  }

  #name(item: Name, is_negated: boolean): void {
    const [choice, other] = item.choices;
    if (!choice) return;
    if (other) throw new Unclear("several_people", item.said, item.choices);
    if (choice.kind === "contact") {
      const into = is_negated || this.#continuesExclusion(item) ? this.slots.excluded : this.slots.people;
      if (!into.some((known) => known.id === choice.id)) into.push(choice);
    } else if (is_negated) throw new Unclear("unsupported", item.said);
    else if (choice.kind === "company") this.slots.company = choice.name;
    else if (choice.kind === "tag") this.slots.tag = choice.name;
    else this.slots.line = choice;
  }

  /** "Except Mum and Dad": what is joined to somebody left out is left out too. */
  #continuesExclusion(item: Name): boolean {
    const at = this.#items.indexOf(item);
    const before = this.#items[at - 2];
    return meaning(this.#items[at - 1], "join") !== undefined && before?.kind === "name" &&
      this.slots.excluded.some((known) => known.id === before.choices[0]?.id);
  }

  #phrase(means: Meaning, is_negated: boolean): void {
    const { slots } = this;
    // What is not known how to leave out is not left out in silence.
    if (is_negated && !DENIABLE.has(means.is)) throw new Unclear("unsupported");
    slots.said.add(means.is);
    slots.meanings.push(means);
    switch (means.is) {
      case "not":
        this.#is_negated = true;
        break;
      case "type":
        // "Who have I not called": nobody is found by what is not there.
        if (is_negated) throw new Unclear("unsupported");
        slots.is_about_events = true;
        if (means.type !== null && !slots.types.includes(means.type)) slots.types.push(means.type);
        break;
      case "who":
        if (means.theirs) slots.directions.push("inbound");
        if (means.calls) slots.types.push("call");
        break;
      case "people":
        if (means.callers) {
          slots.directions.push("inbound");
          slots.types.push("call");
        }
        break;
      case "status":
        slots.statuses.push(
          is_negated ? CALL_STATUSES.filter((status) => !means.statuses.includes(status)) : means.statuses,
        );
        if (means.type && !slots.types.includes(means.type)) slots.types.push(means.type);
        break;
      case "known":
        slots.known = is_negated ? !means.is_known : means.is_known;
        break;
      case "hours":
        slots.hours.push(...(is_negated ? flip(means.hours) : means.hours));
        if (means.weekdays && is_negated) throw new Unclear("unsupported");
        slots.weekdays.push(...(means.weekdays ?? []));
        break;
      case "weekdays":
        slots.weekdays.push(
          ...(is_negated ? ALL_DAYS.filter((day) => !means.weekdays.includes(day)) : means.weekdays),
        );
        break;
      case "source":
        slots.source = means.source;
        break;
      case "dimension":
        slots.dimensions.push({ dimension: means.dimension, each: means.each });
        break;
      default:
        break;
    }
  }

  /** "I have more calls": calls are what I have, not what I do. */
  #isHad(me: Item | undefined, type: Item): boolean {
    if (!me) return false;
    return this.#items.slice(this.#items.indexOf(me), this.#items.indexOf(type)).some((item) =>
      meaning(item, "have") !== undefined
    );
  }

  /** "Was I called", "have I been texted": done to me. */
  #isPassive(type: Item): boolean {
    const at = this.#items.indexOf(type);
    const me = this.#items.findLastIndex((item, i) => i < at && meaning(item, "me")?.as === "subject");
    return me >= 0 &&
      this.#items.slice(Math.max(0, me - 1), at).some((item) => meaning(item, "be") !== undefined);
  }

  /** "My most called contacts": it was done to them. */
  #isRanked(type: Item, after: Item | undefined): boolean {
    return meaning(this.#items[this.#items.indexOf(type) - 1], "rank") !== undefined &&
      ["people", "who"].some((sort) => meaning(after, sort as Meaning["is"]));
  }

  /** "Was Will called": it was done to him. */
  #isBeside(name: Item, type: Item): boolean {
    const [first, last] = [this.#items.indexOf(name), this.#items.indexOf(type)];
    return this.#items.slice(Math.max(0, first - 1), last).some((item) => meaning(item, "be") !== undefined);
  }

  /** The asked for person of "who did I get calls from" stands at the front. */
  #isFronted(): boolean {
    return this.slots.said.has("who") || this.slots.said.has("people") || this.slots.said.has("anaphor");
  }

  #direct(direction: Direction): void {
    if (!this.slots.directions.includes(direction)) this.slots.directions.push(direction);
  }

  /** Who did it to whom: from the words beside a call, a text, or a name. */
  #relate(at: number, item: Item): void {
    const before = this.#line[at - 1];
    const after = this.#line[at + 1];
    const type = meaning(item, "type");
    if (type && !type.mutual) {
      const before_before = this.#line[at - 2];
      if (meaning(after, "me")?.as === "object") this.#direct("inbound");
      else if (type.done && this.#isRanked(item, after)) this.#direct("outbound");
      else if (type.done && this.#isPassive(item)) this.#direct("inbound");
      else if (type.done && before && isBare(before, before_before) && this.#isBeside(before, item)) {
        this.#direct("outbound");
      } else if (meaning(before, "me")?.as === "subject") {
        if (type.form === "verb" || (type.one && !this.#isHad(before, item))) this.#direct("outbound");
      } else if (type.form === "noun" && meaning(before, "who") && after?.kind === "name") {
        // "Who calls Grace".
        throw new Unclear("not_here");
      } else if (isBare(before, before_before) && after?.kind === "name" && type.form !== "noun") {
        throw new Unclear("not_here");
      } else if (isBare(before, before_before) && type.form !== "noun") {
        // "Who did Mum call": her log again.
        if (this.#line.slice(0, at).some((item) => meaning(item, "who") || meaning(item, "people"))) {
          throw new Unclear("not_here");
        }
        this.#direct("inbound");
      } else if (
        isBare(before, before_before) && after === undefined &&
        !["versus", "compare", "together"].some((sort) => this.slots.said.has(sort as Meaning["is"]))
      ) this.#direct("inbound");
      else if (
        type.form === "verb" &&
        (meaning(before, "who") || meaning(before, "people") || meaning(before, "someone") ||
          meaning(before, "known"))
      ) {
        // "Who called Grace": not me.
        if (after?.kind === "name") throw new Unclear("not_here");
        this.#direct("inbound");
      }
      return;
    }
    const direction = meaning(item, "direction");
    // "Get my calls with Mum" asks for a list.
    if (direction?.of_them && at === 0 && direction.direction === "inbound") return;
    if (direction) {
      const has_object = meaning(after, "me")?.as === "object";
      const said = this.slots.meanings.flatMap((means) =>
        means.is === "direction" && !means.of_them ? [means.direction] : []
      );
      // "Who got the most calls": those that I made; "who made the most": those that I got.
      if (meaning(before, "who") && direction.of_them) {
        return this.#direct(direction.direction === "outbound" ? "inbound" : "outbound");
      }
      // "The calls that Grace made" are in her log, unless they were made to me.
      const is_theirs = before?.kind === "name" &&
        !["toward", "introduces", "not"].some((sort) => meaning(this.#line[at - 2], sort as Meaning["is"]));
      if (is_theirs && direction.of_them) {
        if (direction.of_them === "themselves" && !has_object && said.length === 0) {
          throw new Unclear("not_here");
        }
        return this.#direct(direction.direction === "outbound" ? "inbound" : "outbound");
      }
      this.#direct(
        has_object || (isBare(before, this.#line[at - 2]) && direction.direction === "outbound")
          ? "inbound"
          : direction.direction,
      );
      return;
    }
    // "In which Dad said lunch", "did I mention lunch".
    if (meaning(item, "introduces")?.slot === "text" || item.kind === "text") {
      if (isBare(before, this.#line[at - 2])) return this.#direct("inbound");
      if (meaning(before, "me")?.as === "subject") return this.#direct("outbound");
    }
    const toward = meaning(item, "toward");
    if (
      toward &&
      (after?.kind === "name" || after?.kind === "number" || meaning(after, "introduces") ||
        meaning(after, "known") || meaning(after, "anaphor") || meaning(after, "people") ||
        meaning(after, "someone") || meaning(after, "who") || meaning(after, "not") ||
        (toward.toward !== "between" && after === undefined && this.#isFronted()))
    ) {
      // "From the business line".
      if (meaning(after, "introduces")?.slot === "line") return;
      if (after?.kind === "name" && after.choices[0]?.kind === "line") return;
      // Between two others.
      if (toward.toward === "between") {
        if (this.slots.said.has("together")) return;
        throw new Unclear("not_here");
      }
      const negated = meaning(before, "not") !== undefined;
      const direction = toward.toward === "to" ? "outbound" : "inbound";
      if (negated || toward.toward === "with" || (direction === "outbound" && this.#is_mutual)) return;
      this.#direct(direction);
      this.slots.is_toward = true;
    }
  }
}

/** A name that stands for who did it: without "to" or "with" before it. */
function isBare(item: Item | undefined, before: Item | undefined): boolean {
  if (item?.kind !== "name" && item?.kind !== "number" && meaning(item, "anaphor")?.of !== "contact") {
    return false;
  }
  return !meaning(before, "toward") && !meaning(before, "type") && !meaning(before, "direction") &&
    (meaning(before, "introduces")?.slot ?? "number") === "number" &&
    !meaning(before, "not");
}
