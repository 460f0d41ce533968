import type { Meaning } from "../language/language.ts";
import { EMPTY_PLAN, type Mention, NO_FILTERS, type Period, type Plan, type Range } from "../plan.ts";
import { type Item, meaning, type NameMatch } from "./items.ts";
import { Gathering, type Slots, Unclear } from "./slots.ts";

/** How a question begins, once politeness and times are left out. */
export interface Opening {
  /** With a word that orders often begin with. */
  readonly is_order: boolean;
  /** With a word that asks for a yes or no. */
  readonly is_yes_no: boolean;
}

export type Rank = "most" | "least" | "longest" | "shortest";

/** Somebody found, as a plan names him. */
export function mention(match: NameMatch): Mention {
  return { text: match.name, contact_id: match.id };
}

/** The period just before, of the same length in the same units; undefined where there is no such thing. */
export function before(period: Period | Range, by: "period" | "year"): Period | Range | undefined {
  if (period.kind === "calendar") {
    if (by === "period") return { ...period, offset: period.offset - period.n };
    const year = { month: 12, quarter: 4, year: 1 }[period.unit as string];
    return year === undefined ? undefined : { ...period, offset: period.offset - year };
  }
  if (period.kind === "named" && by === "year") {
    return period.year !== null ? { ...period, year: period.year - 1 } : { ...period, ago: period.ago + 1 };
  }
  if (period.kind === "named" && period.year !== null && period.month === null) {
    return { ...period, year: period.year - 1 };
  }
  return undefined;
}

/** The only value, or null; several exclude each other. */
export function onlyOne<Value>(values: readonly Value[], said: string): Value | null {
  if (values.length > 1) throw new Unclear("contradiction", said);
  return values[0] ?? null;
}

/** "Who is calling me": of nobody by name, so somebody is asked for. */
function whoIsAsked(items: readonly Item[]): readonly Item[] {
  if (
    items.some((item) =>
      item.kind === "number" || (item.kind === "name" && item.choices[0]?.kind === "contact")
    )
  ) {
    return items;
  }
  return items.map((item) =>
    meaning(item, "intent")?.who
      ? { kind: "phrase", start: item.start, end: item.end, means: { is: "who", many: false } }
      : item
  );
}

/** "Which family contact": who, of a group. */
function groupAsWho(items: readonly Item[]): readonly Item[] {
  const at = items.findIndex((item, at) => {
    const noun = items[at + 1];
    const type = meaning(noun, "type");
    return item.kind === "name" && item.choices[0]?.kind !== "contact" &&
      meaning(items[at - 1], "intent")?.intent === "list" &&
      (meaning(noun, "people") !== undefined || (type?.type === null && type.form === "verb"));
  });
  const [asked, group, noun] = [items[at - 1], items[at], items[at + 1]];
  if (at < 1 || !asked || !group || !noun) return items;
  const who: Item = {
    kind: "phrase",
    start: asked.start,
    end: asked.end,
    means: { is: "who", many: meaning(noun, "people") !== undefined },
  };
  return [...items.slice(0, at - 1), who, group, ...items.slice(at + 2)];
}

/** "My most called contact": somebody, and no deed. */
function calledContactAsWho(items: readonly Item[]): readonly Item[] {
  return items.map((item, at) => {
    const type = meaning(item, "type");
    const is_contact = type?.type === null && type.form === "verb" && !type.done && !type.mutual;
    return is_contact && meaning(items[at - 1], "type")?.done && meaning(items[at - 2], "rank")
      ? { kind: "phrase", start: item.start, end: item.end, means: { is: "who", many: false } }
      : item;
  });
}

/** A question as its items say it: what plans are made from. */
export class Question {
  readonly items: readonly Item[];
  readonly slots: Slots;
  readonly opening: Opening;

  constructor(items: readonly Item[], opening: Opening) {
    this.items = groupAsWho(whoIsAsked(calledContactAsWho(items)));
    this.slots = new Gathering(this.items).slots;
    this.opening = opening;
  }

  /** True when something of one of these sorts was said. */
  said(...sorts: Meaning["is"][]): boolean {
    return sorts.some((sort) => this.slots.said.has(sort));
  }

  /** The intent that a phrase names. */
  intent(): Plan["intent"] | undefined {
    const named = this.items.flatMap((item) => meaning(item, "intent") ?? [])
      .filter(({ asks }) => asks === "strongly").map(({ intent }) => intent);
    // "Who is waiting for a call": "who is" asks about somebody only where nothing else is asked.
    return named.find((intent) => intent !== "profile") ?? named[0];
  }

  /** Most or least, longest or shortest. */
  rank(): Rank | undefined {
    for (const item of this.items) {
      const rank = meaning(item, "rank")?.rank;
      if (rank) return rank;
    }
    return this.said("top") ? "most" : undefined;
  }

  /** First or last; the "last" of "how long do my calls last" is neither. */
  edge(): "last" | "first" | undefined {
    const at = this.items.findIndex((item) => meaning(item, "edge"));
    const is_verb = this.said("how_long") &&
      (meaning(this.items[at - 1], "type") !== undefined || this.said("average"));
    return is_verb ? undefined : meaning(this.items[at], "edge")?.edge;
  }

  /** True when the question asks for something by itself, and not only adds to the one before. */
  asks(): boolean {
    return this.said(
      "how_many",
      "how_long",
      "average",
      "median",
      "share",
      "compare",
      "over_time",
      "who",
      "rank",
      "top",
      "edge",
      "when",
      "busy",
      "intent",
    ) ||
      this.slots.types.length > 0 || this.slots.is_about_events;
  }

  /** "How many times did people call": of calls, not of people. */
  asksHowOften(): boolean {
    return this.items.some((item) => meaning(item, "how_many")?.times);
  }

  /** Who is asked for; the "who" of "count the people who called" only says which people. */
  who(): { readonly many: boolean } | undefined {
    const at = this.items.findIndex((item) => meaning(item, "who"));
    const is_relative = this.countsPeople() && meaning(this.items[at - 1], "people") !== undefined;
    return is_relative ? undefined : meaning(this.items[at], "who");
  }

  /** "How many people", not "how many calls from people". */
  countsPeople(): boolean {
    const asked = this.items.findIndex((item) =>
      meaning(item, "how_many") && !meaning(item, "how_many")?.times
    );
    const at = this.items.findIndex((item) => meaning(item, "people"));
    if (asked < 0 || at < asked) return false;
    return !this.items.slice(asked, at).some((item) => {
      const type = meaning(item, "type");
      return type !== undefined && type.form !== "verb" && !type.one;
    });
  }

  /** The number said, which is used up by it; five of a plural without one. */
  limit(plural: boolean): number | undefined {
    const amount = this.slots.amounts.shift();
    if (amount !== undefined) {
      if (amount < 1 || amount > 200) throw new Unclear("unsupported");
      return amount;
    }
    return plural ? 5 : undefined;
  }

  /** What is measured, as the words say. */
  metric(base: Plan): Plan["metric"] {
    if (this.said("median")) return "median_duration";
    if (this.said("average")) return "average_duration";
    if (this.said("how_long") || this.items.some((item) => meaning(item, "comparative")?.longer)) {
      return "talk_time";
    }
    if (this.items.some((item) => meaning(item, "rank")?.rank === "longest") && base.intent !== "list") {
      return "talk_time";
    }
    return "events";
  }

  /** "Call Dad", "make a call", "dial the last number": not a question. */
  isOrder(): boolean {
    const [first, second] = this.items.filter((item) => !meaning(item, "filler"));
    const type = meaning(first, "type");
    if (
      this.opening.is_order &&
      (meaning(first, "direction") || meaning(first, "status") || meaning(first, "edge"))
    ) return true;
    if (
      !type || this.said("how_many", "how_long", "average", "when", "who", "over_time", "share", "compare")
    ) return false;
    const is_deed = type.one === true || (type.form === "verb" && !type.done);
    const toward = meaning(second, "toward")?.toward;
    return is_deed && (second?.kind === "name" || second?.kind === "number" ||
      (this.opening.is_order && toward !== "from" && toward !== "with" && !meaning(second, "status")));
  }

  /** "I called Will yesterday?" wants to be confirmed. */
  isStatement(): boolean {
    const [first, second] = this.items.filter((item) =>
      !meaning(item, "filler") && !meaning(item, "be") && !meaning(item, "have")
    );
    const type = meaning(second, "type");
    return type?.form === "verb" && (meaning(first, "me")?.as === "subject" || first?.kind === "name");
  }

  /** One call or message is asked for: "my last call", not "my last calls". */
  isOne(): boolean {
    const types = this.items.flatMap((item) => meaning(item, "type") ?? []);
    return types.length === 0 ||
      types.some((type) =>
        type.one === true || type.form === "verb" || type.type === null ||
        (type.mutual && type.form === "either")
      );
  }
}

/** Filters and time of a question that is about one thing. */
export function basePlan(q: Question): Plan {
  const slots = q.slots;
  const has_duration = slots.min_seconds !== null || slots.max_seconds !== null;
  const types = [...new Set(slots.types)];
  const type = types.length === 1 ? types[0] ?? null : has_duration ? "call" : null;
  if (type === "sms" && (has_duration || slots.statuses.flat().includes("missed"))) {
    throw new Unclear("contradiction");
  }
  return {
    ...EMPTY_PLAN,
    filters: {
      ...NO_FILTERS,
      contacts: slots.people.map(mention),
      excluded_contacts: slots.excluded.map(mention),
      company: slots.company,
      tag: slots.tag,
      number: slots.number,
      is_known: slots.known,
      type,
      direction: onlyOne([...new Set(slots.directions)], "direction"),
      statuses: slots.statuses.length > 1 ? [...new Set(q.slots.statuses.flat())] : slots.statuses[0] ?? [],
      min_seconds: slots.min_seconds,
      max_seconds: slots.max_seconds,
      hours: slots.hours,
      weekdays: [...new Set(slots.weekdays)].sort(),
      text: slots.text,
      source: slots.source,
      line: slots.line?.name ?? null,
    },
    time: slots.times[0] ?? null,
  };
}
