import { canonical } from "../canonical.ts";
import {
  type Dimension,
  EMPTY_PLAN,
  type Mention,
  NO_FILTERS,
  type Period,
  type Plan,
  type Range,
} from "../plan.ts";
import { type Item, meaning, type NameMatch } from "./items.ts";
import type { Meaning } from "../language/language.ts";
import { Gathering, type Slots, Unclear } from "./slots.ts";

const TIMES: readonly Dimension[] = ["hour", "weekday", "day", "week", "month", "year"];
const SERIES: readonly Dimension[] = ["day", "week", "month", "year"];

/** How a question begins, once politeness and times are left out. */
export interface Opening {
  /** With a word that orders often begin with. */
  readonly is_order: boolean;
  /** With a word that asks for a yes or no. */
  readonly is_yes_no: boolean;
}

type Rank = "most" | "least" | "longest" | "shortest";

function mention(match: NameMatch): Mention {
  return { text: match.name, contact_id: match.id };
}

/** The period just before, of the same length in the same units; undefined where there is no such thing. */
function before(period: Period | Range, by: "period" | "year"): Period | Range | undefined {
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

function onlyOne<Value>(values: readonly Value[], said: string): Value | null {
  if (values.length > 1) throw new Unclear("contradiction", said);
  return values[0] ?? null;
}

/** Makes a plan of what a question says. */
class Assembly {
  readonly #items: readonly Item[];
  readonly #slots: Slots;
  readonly #opening: Opening;

  constructor(items: readonly Item[], opening: Opening) {
    this.#items = items;
    this.#slots = new Gathering(items).slots;
    this.#opening = opening;
  }

  get slots(): Slots {
    return this.#slots;
  }

  #said(...sorts: Parameters<Slots["said"]["has"]>[0][]): boolean {
    return sorts.some((sort) => this.#slots.said.has(sort));
  }

  #intent(): Plan["intent"] | undefined {
    const named = this.#items.flatMap((item) => meaning(item, "intent") ?? []);
    return (named.find((means) => means.asks === "strongly"))?.intent;
  }

  #rank(): Rank | undefined {
    for (const item of this.#items) {
      const rank = meaning(item, "rank")?.rank;
      if (rank) return rank;
    }
    return this.#said("top") ? "most" : undefined;
  }

  /** First or last; the "last" of "how long do my calls last" is neither. */
  #edge(): "last" | "first" | undefined {
    const at = this.#items.findIndex((item) => meaning(item, "edge"));
    const is_verb = this.#said("how_long") && meaning(this.#items[at - 1], "type") !== undefined;
    return is_verb ? undefined : meaning(this.#items[at], "edge")?.edge;
  }

  /** True when the question asks for something by itself, and not only adds to the one before. */
  asks(): boolean {
    return this.#said(
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
      this.#slots.types.length > 0 || this.#slots.is_about_events;
  }

  build(): Plan {
    const slots = this.#slots;
    if (this.#said("foreign")) throw new Unclear("not_here");
    const intent = this.#intent();
    if (intent === "unreturned" && this.#opening.is_order) throw new Unclear("not_here");
    if (intent !== undefined && intent !== "list") return this.#whole(intent);
    if (this.#said("share")) return this.#share();
    const compared = this.#compare();
    if (compared) return compared;
    if (slots.times.length > 1) throw new Unclear("several_times");
    if (this.#isOrder()) throw new Unclear("not_here");
    return this.#single(this.#base());
  }

  /** "Call Dad", "make a call", "dial the last number": not a question. */
  #isOrder(): boolean {
    const [first, second] = this.#items.filter((item) => !meaning(item, "filler"));
    const type = meaning(first, "type");
    if (
      this.#opening.is_order &&
      (meaning(first, "direction") || meaning(first, "status") || meaning(first, "edge"))
    ) return true;
    if (
      !type || this.#said("how_many", "how_long", "average", "when", "who", "over_time", "share", "compare")
    ) return false;
    const is_deed = type.one === true || (type.form === "verb" && !type.done);
    const toward = meaning(second, "toward")?.toward;
    return is_deed && (second?.kind === "name" || second?.kind === "number" ||
      (this.#opening.is_order && toward !== "from" && toward !== "with" && !meaning(second, "status")));
  }

  /** Filters and time of a question that is about one thing. */
  #base(): Plan {
    const slots = this.#slots;
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
        statuses: slots.statuses.length > 1 ? this.#statuses() : slots.statuses[0] ?? [],
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

  #statuses(): Plan["filters"]["statuses"] {
    const all = [...new Set(this.#slots.statuses.flat())];
    return all;
  }

  /** Intents that a phrase names. */
  #whole(intent: Plan["intent"]): Plan {
    const slots = this.#slots;
    if (slots.times.length > 1) throw new Unclear("several_times");
    const contacts = slots.people.map(mention);
    const base = {
      ...EMPTY_PLAN,
      intent,
      time: slots.times[0] ?? null,
      filters: { ...NO_FILTERS, contacts },
    };
    const horizon = this.#items.flatMap((item) => meaning(item, "horizon") ?? [])[0]?.days;
    switch (intent) {
      case "profile":
        if (contacts.length !== 1) throw new Unclear("needs_person");
        return base;
      case "unreturned": {
        // "Has not called me back" is about them, "have I not called back" about me.
        const theirs = this.#items.some((item) => meaning(item, "intent")?.theirs === true);
        return {
          ...base,
          filters: { ...base.filters, type: "call", direction: theirs ? "outbound" : "inbound" },
        };
      }
      case "predict":
        // How many there will be is not foreseen, only who is likely.
        if (slots.times.length > 0 || this.#said("how_many", "how_long")) throw new Unclear("unsupported");
        return { ...base, horizon_days: horizon ?? 7 };
      default:
        if (contacts.length > 0 || this.#said("rank")) throw new Unclear("unsupported");
        return base;
    }
  }

  #share(): Plan {
    const base = { ...this.#base(), intent: "share" as const };
    const { filters } = base;
    const part: NonNullable<Plan["part"]> = {
      contact: null,
      type: null,
      direction: null,
      statuses: [],
      is_known: null,
    };
    const narrowed = { ...filters };
    const spent = this.#said("how_long");
    const slots = this.#slots;
    const [contact, second] = filters.contacts;
    if (filters.statuses.length > 0) {
      part.statuses = filters.statuses;
      narrowed.statuses = [];
    } else if (contact && !second) {
      part.contact = contact;
      narrowed.contacts = [];
      if (slots.is_toward) [part.direction, narrowed.direction] = [filters.direction, null];
    } else if (filters.is_known !== null) {
      part.is_known = filters.is_known;
      narrowed.is_known = null;
    } else if (filters.direction !== null) {
      part.direction = filters.direction;
      narrowed.direction = null;
    } else if (filters.type !== null) {
      part.type = filters.type;
      narrowed.type = null;
    } else throw new Unclear("unsupported");
    if (spent) narrowed.type = "call";
    return { ...base, metric: spent ? "talk_time" : "events", filters: narrowed, part };
  }

  /** Two sides of the same sort, in the order said. */
  #compare(): Plan | undefined {
    const slots = this.#slots;
    const asked = this.#said("compare", "versus") ||
      (this.#said("comparative") && this.#items.some((item) => meaning(item, "join")));
    const earlier = this.#items.flatMap((item) => meaning(item, "period_before") ?? [])[0];
    if (!asked && !(earlier && this.#said("comparative"))) {
      return undefined;
    }
    const side: NonNullable<Plan["compare"]> = {
      time: null,
      contact: null,
      type: null,
      direction: null,
      statuses: [],
    };
    const [time, other_time] = slots.times;
    const [person, other_person] = slots.people;
    const [type, other_type] = slots.types;
    const [direction, other_direction] = slots.directions;
    const [status, other_status] = slots.statuses;
    const as = (changes: Partial<Slots>, compare: NonNullable<Plan["compare"]>): Plan => {
      Object.assign(slots, changes);
      if (slots.times.length > 1) throw new Unclear("several_times");
      const base = this.#base();
      const metric = this.#metric(base);
      const filters = metric === "events"
        ? base.filters
        : { ...base.filters, type: base.filters.type ?? "call" as const };
      if (metric !== "events" && filters.type === "sms") throw new Unclear("contradiction");
      return { ...base, filters, intent: "compare", metric, compare };
    };
    if (time && other_time && slots.times.length === 2) {
      return as({ times: [time] }, { ...side, time: other_time });
    }
    if (time && !other_time && (earlier || (this.#edge() === "last" && this.#said("versus")))) {
      const past = before(time, earlier?.by ?? "period");
      if (!past) throw new Unclear("unsupported");
      return as({}, { ...side, time: past });
    }
    if (person && other_person && slots.people.length === 2) {
      return as({ people: [person] }, { ...side, contact: mention(other_person) });
    }
    if (type && other_type) return as({ types: [type] }, { ...side, type: other_type });
    if (direction && other_direction) {
      return as({ directions: [direction] }, { ...side, direction: other_direction });
    }
    if (status && other_status && slots.statuses.length === 2) {
      return as({ statuses: [status] }, { ...side, statuses: other_status });
    }
    if (this.#said("compare", "versus")) throw new Unclear("unsupported");
    return undefined;
  }

  #metric(base: Plan): Plan["metric"] {
    if (this.#said("median")) return "median_duration";
    if (this.#said("average")) return "average_duration";
    if (this.#said("how_long") || this.#items.some((item) => meaning(item, "comparative")?.longer)) {
      return "talk_time";
    }
    if (this.#items.some((item) => meaning(item, "rank")?.rank === "longest") && base.intent !== "list") {
      return "talk_time";
    }
    return "events";
  }

  #limit(plural: boolean): number | undefined {
    const amount = this.#slots.amounts.shift();
    if (amount !== undefined) {
      if (amount < 1 || amount > 200) throw new Unclear("unsupported");
      return amount;
    }
    return plural ? 5 : undefined;
  }

  #single(base: Plan): Plan {
    const slots = this.#slots;
    const rank = this.#rank();
    const edge = this.#edge();
    const who = this.#items.flatMap((item) => meaning(item, "who") ?? [])[0];
    const busy = this.#items.flatMap((item) => meaning(item, "busy") ?? [])[0];
    const people = this.#said("people");
    const each = slots.dimensions.filter((entry) => entry.each);
    const which = slots.dimensions.find((entry) => !entry.each && TIMES.includes(entry.dimension));
    const timed = this.#said("how_long", "average", "median");
    if (each.length > 1) throw new Unclear("unsupported");
    const calls = { ...base, filters: { ...base.filters, type: "call" as const } };
    const measured = timed ? { ...calls, metric: this.#metric(base) } : base;
    if (timed && base.filters.type === "sms") throw new Unclear("contradiction");

    // "On average how many calls per day": a mean of counts, which no metric is.
    if (this.#said("average", "median") && (this.#said("how_many") || (each[0] && !timed))) {
      throw new Unclear("unsupported");
    }
    // "How long": nothing of which it is asked.
    const lengths = this.#items.flatMap((item) => meaning(item, "how_long") ?? []);
    const is_bare = lengths.length > 0 && lengths.every(({ bare }) => bare);
    if (
      is_bare && !slots.is_about_events && slots.types.length === 0 &&
      !this.#said("average", "median", "rank")
    ) {
      throw new Unclear("nothing_asked");
    }

    if (each[0]) return this.#split(measured, each[0].dimension);
    if (this.#said("over_time")) return { ...measured, intent: "trend" };

    if (busy || (which && (rank === "most" || rank === "least"))) {
      const dimension = which?.dimension ?? slots.dimensions[0]?.dimension;
      if (!dimension || !TIMES.includes(dimension)) throw new Unclear("which_unit");
      const least = busy?.rank === "least" || rank === "least";
      return {
        ...measured,
        intent: "busiest",
        dimension,
        sort: least ? "least" : "most",
        limit: this.#limit(false) ?? 1,
      };
    }
    if (this.#said("how_many") && people && !who) {
      // How many contacts there are is another matter than how many there was something with.
      if (!slots.is_about_events && slots.types.length === 0) throw new Unclear("unsupported");
      return { ...base, metric: "contacts" };
    }
    if (who || (people && (rank || this.#said("top")))) return this.#people(measured, who, rank, edge);
    if (rank === "longest" || rank === "shortest") {
      if (this.#said("how_long")) {
        return {
          ...calls,
          intent: "duration",
          metric: rank === "longest" ? "longest_duration" : "shortest_duration",
        };
      }
      return { ...calls, intent: "list", sort: rank, limit: this.#limit(!this.#isOne()) ?? 1 };
    }
    const attribute = slots.dimensions.find((entry) => !entry.each && !TIMES.includes(entry.dimension));
    if (attribute && (rank === "most" || rank === "least")) {
      return {
        ...measured,
        intent: "top",
        dimension: attribute.dimension,
        sort: rank,
        limit: this.#limit(false) ?? 1,
      };
    }
    if (rank !== undefined) {
      if (this.#said("when")) throw new Unclear("which_unit");
      throw new Unclear("unsupported");
    }
    if (edge && !timed && !this.#said("how_many")) {
      const amount = this.#limit(false);
      const sort = edge === "last" ? "newest" : "oldest";
      if (!this.#said("when") && (amount !== undefined && amount > 1)) {
        return { ...base, intent: "list", sort, limit: amount };
      }
      if (!this.#said("when") && amount === undefined && !this.#isOne()) {
        return { ...base, intent: "list", sort, limit: 50 };
      }
      return { ...base, intent: edge, limit: 1, sort: "newest" };
    }
    if (edge && this.#said("how_long")) return { ...base, intent: edge, limit: 1 };
    if (timed) return { ...measured, intent: "duration" };
    if (this.#said("how_many")) {
      if (edge || (!slots.is_about_events && slots.types.length === 0)) throw new Unclear("nothing_asked");
      return base;
    }
    if (this.#said("when")) return { ...base, intent: "list" };
    if (this.#said("intent")) return { ...base, intent: "list", limit: this.#limit(false) ?? 50 };
    if ((this.#opening.is_yes_no || this.#said("whether") || this.#isStatement()) && this.asks()) return base;
    if (!this.asks()) throw new Unclear("nothing_asked");
    return { ...base, intent: "list", limit: this.#limit(false) ?? 50 };
  }

  /** "I called Will yesterday?" wants to be confirmed. */
  #isStatement(): boolean {
    const [first, second] = this.#items.filter((item) =>
      !meaning(item, "filler") && !meaning(item, "be") && !meaning(item, "have")
    );
    const type = meaning(second, "type");
    return type?.form === "verb" && (meaning(first, "me")?.as === "subject" || first?.kind === "name");
  }

  /** One call or message is asked for: "my last call", not "my last calls". */
  #isOne(): boolean {
    const types = this.#items.flatMap((item) => meaning(item, "type") ?? []);
    return types.length === 0 ||
      types.some((type) =>
        type.one === true || type.form === "verb" || type.type === null ||
        (type.mutual && type.form === "either")
      );
  }

  #people(
    base: Plan,
    who: { many: boolean } | undefined,
    rank: Rank | undefined,
    edge: "last" | "first" | undefined,
  ): Plan {
    const top = { ...base, intent: "top" as const, dimension: "contact" as const };
    if (edge) return { ...base, intent: edge, limit: 1 };
    const is_many = who?.many === true || this.#said("people");
    if (rank === "longest" || rank === "shortest") {
      const of_one = this.#items.some((item, at) =>
        meaning(item, "rank") !== undefined && meaning(this.#items[at + 1], "type") !== undefined
      );
      if (of_one) {
        return {
          ...base,
          intent: "list",
          filters: { ...base.filters, type: "call" },
          sort: rank,
          limit: this.#limit(false) ?? 1,
        };
      }
      return {
        ...top,
        filters: { ...base.filters, type: "call" },
        metric: "talk_time",
        sort: rank === "longest" ? "most" : "least",
        limit: this.#limit(is_many) ?? 1,
      };
    }
    if (rank) return { ...top, sort: rank, limit: this.#limit(is_many) ?? 1 };
    return { ...top, sort: "most", limit: this.#limit(false) ?? 50 };
  }

  #split(base: Plan, dimension: Dimension): Plan {
    if (SERIES.includes(dimension)) return { ...base, intent: "trend", dimension };
    return {
      ...base,
      intent: TIMES.includes(dimension) ? "busiest" : "top",
      dimension,
      sort: "most",
      limit: this.#limit(false) ?? 50,
    };
  }

  /** What this question changes of the one before: everything that it says itself. */
  continue(previous: Plan): Plan {
    const slots = this.#slots;
    const [status] = slots.statuses;
    const filters = { ...previous.filters };
    if (slots.times.length > 1) throw new Unclear("several_times");
    if (slots.people.length > 0) {
      filters.contacts = slots.people.map(mention);
      Object.assign(filters, { company: null, tag: null, number: null });
    }
    if (slots.excluded.length > 0) filters.excluded_contacts = slots.excluded.map(mention);
    if (slots.company !== null) Object.assign(filters, { company: slots.company, contacts: [], tag: null });
    if (slots.tag !== null) Object.assign(filters, { tag: slots.tag, contacts: [], company: null });
    if (slots.number !== null) Object.assign(filters, { number: slots.number, contacts: [] });
    const type = onlyOne([...new Set(slots.types)], "type");
    if (type !== null && type !== filters.type) {
      Object.assign(filters, { type, statuses: [], min_seconds: null, max_seconds: null });
    }
    const direction = onlyOne([...new Set(slots.directions)], "direction");
    if (direction !== null) filters.direction = direction;
    if (status) filters.statuses = status;
    if (slots.min_seconds !== null) filters.min_seconds = slots.min_seconds;
    if (slots.max_seconds !== null) filters.max_seconds = slots.max_seconds;
    if (slots.hours.length > 0) filters.hours = slots.hours;
    if (slots.weekdays.length > 0) filters.weekdays = [...new Set(slots.weekdays)].sort();
    if (slots.text !== null) filters.text = slots.text;
    if (slots.source !== null) filters.source = slots.source;
    if (slots.line !== null) filters.line = slots.line.name;
    if (slots.known !== null) filters.is_known = slots.known;
    const earlier = this.#items.flatMap((item) => meaning(item, "period_before") ?? [])[0];
    const past = earlier && previous.time ? before(previous.time, earlier.by) : undefined;
    if (earlier && !past) throw new Unclear("unsupported");
    const merged: Plan = { ...previous, filters, time: slots.times[0] ?? past ?? previous.time };
    if (
      this.#said(
        "how_many",
        "how_long",
        "average",
        "median",
        "who",
        "rank",
        "over_time",
        "edge",
        "share",
        "intent",
      ) || slots.dimensions.length > 0
    ) {
      const asked = this.#reask(merged);
      if (asked) return asked;
    }
    return merged;
  }

  /** A follow-up that asks for something else of the same events: "and how long?", "by month". */
  #reask(merged: Plan): Plan | undefined {
    const fresh = { ...EMPTY_PLAN, filters: merged.filters, time: merged.time };
    if (this.#said("share")) {
      const slots = this.#slots;
      const [status] = slots.statuses;
      if (!status) throw new Unclear("unsupported");
      return {
        ...fresh,
        intent: "share",
        filters: { ...merged.filters, statuses: [] },
        part: { contact: null, type: null, direction: null, statuses: status, is_known: null },
      };
    }
    const intent = this.#intent();
    if (intent !== undefined && intent !== "list") throw new Unclear("unsupported");
    return this.#single(fresh);
  }
}

/** Somebody comes after "to" or "with". */
function isReached(after: readonly Item[], is_by: boolean): boolean {
  const next = after.find((item) => !meaning(item, "filler") && !meaning(item, "not"));
  if (!next) return false;
  // "The hour with the most calls".
  if (meaning(next, "rank")) return true;
  // "The busiest day by calls" is no person.
  if (is_by && ["type", "how_many", "how_long"].some((sort) => meaning(next, sort as Meaning["is"]))) {
    return true;
  }
  return next.kind === "name" || next.kind === "number" ||
    ["introduces", "known", "anaphor", "me"].some((sort) => meaning(next, sort as Meaning["is"]));
}

/** Words that open a slot which nothing fills: "what did Mum say". */
function checkUsed(items: readonly Item[], said: ReadonlySet<Meaning["is"]>): void {
  for (const [at, item] of items.entries()) {
    const opens = meaning(item, "introduces");
    const after = items[at + 1];
    const fills = opens?.slot === "text"
      ? after?.kind === "text"
      : [items[at - 1], after].some((beside) => beside?.kind === "name" || meaning(beside, "introduces"));
    if (opens && !fills) throw new Unclear("unsupported");
    if (
      meaning(item, "toward") && !said.has("compare") && !said.has("who") && !said.has("people") &&
      !isReached(items.slice(at + 1), meaning(item, "toward")?.toward === "by")
    ) {
      throw new Unclear("unsupported");
    }
  }
  if (said.has("anaphor") && items.some((item) => meaning(item, "anaphor")?.of === "contact")) {
    throw new Unclear("no_context");
  }
}

/**
 * The plan that a question's items make. `opening` says how it begins. `previous` is the plan of the question before, which a follow-up changes.
 *
 * @throws Unclear when the words are known but make no one question.
 */
export function assemble(
  items: readonly Item[],
  opening: Opening,
  previous: Plan | null,
): Plan {
  const assembly = new Assembly(items, opening);
  const { slots } = assembly;
  const opens = meaning(items.find((item) => !meaning(item, "filler")), "follow_up") !== undefined ||
    meaning(items[0], "join") !== undefined || meaning(items[0], "only") !== undefined;
  const points = slots.said.has("anaphor");
  const points_at_somebody = items.some((item) => meaning(item, "anaphor")?.of === "contact");
  if (points_at_somebody && previous && previous.filters.contacts.length !== 1) {
    throw new Unclear("no_context");
  }
  const is_fragment = !assembly.asks();
  if (slots.said.has("foreign")) throw new Unclear("not_here");
  if (opens || points || is_fragment) {
    const says_something = items.some((item) => !meaning(item, "filler"));
    if (previous && says_something) {
      const next = canonical(assembly.continue(previous));
      // "And with them?": nothing that could be changed.
      if (JSON.stringify(next) === JSON.stringify(canonical(previous))) throw new Unclear("no_context");
      return next;
    }
    if (!says_something) throw new Unclear("nothing_asked");
    if (points || opens) throw new Unclear("no_context");
    if (is_fragment) throw new Unclear("nothing_asked");
  }
  checkUsed(items, assembly.slots.said);
  const plan = assembly.build();
  // "Mum's numbers": people are not what a list of calls shows.
  const counts_people = plan.metric === "contacts" || plan.dimension === "contact" ||
    plan.intent === "last" || plan.intent === "first";
  if (
    slots.said.has("people") && !counts_people && !["predict", "compare", "unreturned"].includes(plan.intent)
  ) throw new Unclear("unsupported");
  // "More than usual", "which days did I call": what was asked for is in no answer.
  if (slots.said.has("comparative") && plan.intent !== "compare") throw new Unclear("unsupported");
  const which = slots.dimensions.some(({ each }) => !each);
  if (which && ["count", "duration", "list", "trend", "compare", "share"].includes(plan.intent)) {
    throw new Unclear("unsupported");
  }
  // A number that limits nothing, and text to look for in calls.
  if (slots.amounts.length > 0 || (plan.filters.text !== null && plan.filters.type !== "sms")) {
    throw new Unclear("unsupported");
  }
  return canonical(plan);
}
