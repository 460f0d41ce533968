import type { Plan } from "../plan.ts";
import { type Item, meaning } from "./items.ts";
import { basePlan, before, mention, type Question } from "./question.ts";
import { type Slots, Unclear } from "./slots.ts";

type Narrower = "status" | "name" | "deed" | "group" | "known" | "direction" | "type";

/** What is said of the part: "the share of calls among my messages" ends it with what comes before the whole. */
function ofPart({ items }: Question): readonly Item[] {
  const whole = items.findIndex((item) => meaning(item, "share")?.whole);
  const before = items.slice(0, Math.max(0, whole));
  return before.some((item) => narrower(item) !== undefined) ? before : items;
}

function narrower(item: Item): Narrower | undefined {
  if (item.kind === "name") return item.choices[0]?.kind === "contact" ? "name" : "group";
  if (item.kind !== "phrase") return undefined;
  const { is } = item.means;
  if (is === "type") return item.means.type === null ? undefined : "type";
  return is === "status" || is === "known" || is === "direction" ? is : undefined;
}

/** The sort of what was said last of all that could narrow a whole to a part. */
function lastNarrower(q: Question): Narrower | undefined {
  const items = ofPart(q).filter((item) => !meaning(item, "share") && !meaning(item, "filler"));
  const sorts = items.map(narrower);
  const last = sorts.findLastIndex((sort) => sort !== undefined);
  // "The percentage of answered calls": of the calls, those.
  const beside = sorts[last - 1];
  // "That Mum sent".
  if (sorts[last] === "direction" && beside === "name") return "deed";
  const is_only = sorts.slice(0, Math.max(0, last - 1)).every((sort) => sort === undefined);
  const is_adjective = beside === "status" || beside === "known" || beside === "direction";
  return sorts[last] === "type" && is_only && is_adjective ? beside : sorts[last];
}

/** What part of a whole something is. */
export function sharePlan(q: Question): Plan {
  const base = { ...basePlan(q), intent: "share" as const };
  const { filters } = base;
  const part: NonNullable<Plan["part"]> = {
    contact: null,
    type: null,
    direction: null,
    statuses: [],
    is_known: null,
  };
  const narrowed = { ...filters };
  const spent = q.said("how_long");
  const slots = q.slots;
  const [contact, second] = filters.contacts;
  // "Of my calls … were missed", "of my missed calls … are from Mum": what is said last narrows the rest.
  switch (lastNarrower(q)) {
    case "status":
      part.statuses = filters.statuses;
      narrowed.statuses = [];
      break;
    case "name":
    case "deed":
      if (!contact || second) throw new Unclear("unsupported");
      part.contact = contact;
      narrowed.contacts = [];
      if (slots.is_toward || lastNarrower(q) === "deed") {
        [part.direction, narrowed.direction] = [filters.direction, null];
      }
      break;
    case "known":
      part.is_known = filters.is_known;
      narrowed.is_known = null;
      break;
    case "direction":
      part.direction = filters.direction;
      narrowed.direction = null;
      break;
    case "type":
      if (filters.type === null) throw new Unclear("unsupported");
      part.type = filters.type;
      narrowed.type = null;
      break;
    default:
      throw new Unclear("unsupported");
  }
  if (spent) narrowed.type = "call";
  return { ...base, metric: spent ? "talk_time" : "events", filters: narrowed, part };
}

/** Two sides of the same sort, in the order said. */
export function comparePlan(q: Question): Plan | undefined {
  const slots = q.slots;
  const asked = q.said("compare", "versus") ||
    (q.said("comparative") && q.items.some((item) => meaning(item, "join"))) ||
    // "Which was busier, March or April".
    (q.said("busy") && slots.times.length === 2);
  const earlier = q.items.flatMap((item) => meaning(item, "period_before") ?? [])[0];
  if (!asked && !(earlier && q.said("comparative"))) {
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
    const base = basePlan(q);
    const metric = q.metric(base);
    const filters = metric === "events"
      ? base.filters
      : { ...base.filters, type: base.filters.type ?? "call" as const };
    if (metric !== "events" && filters.type === "sms") throw new Unclear("contradiction");
    return { ...base, filters, intent: "compare", metric, compare };
  };
  // "Compare March to April" is no stretch of two months.
  if (time?.kind === "range" && time.since && time.until && !other_time && q.said("compare")) {
    return as({ times: [time.since] }, { ...side, time: time.until });
  }
  if (time && other_time && slots.times.length === 2) {
    return as({ times: [time] }, { ...side, time: other_time });
  }
  if (time && !other_time && (earlier || (q.edge() === "last" && q.said("versus")))) {
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
  // "How does it split by type".
  if (q.said("compare", "versus") && !slots.dimensions.some(({ each }) => each)) {
    throw new Unclear("unsupported");
  }
  return undefined;
}
