import { EMPTY_PLAN, type Plan } from "../plan.ts";
import { meaning } from "./items.ts";
import { before, mention, onlyOne, type Question } from "./question.ts";
import { singlePlan } from "./single_plan.ts";
import { Unclear } from "./slots.ts";

/** A follow-up that asks for something else of the same events: "and how long?", "by month". */
function reask(q: Question, merged: Plan): Plan | undefined {
  const fresh = { ...EMPTY_PLAN, filters: merged.filters, time: merged.time };
  if (q.said("share")) {
    const slots = q.slots;
    const [status] = slots.statuses;
    if (!status) throw new Unclear("unsupported");
    return {
      ...fresh,
      intent: "share",
      filters: { ...merged.filters, statuses: [] },
      part: { contact: null, type: null, direction: null, statuses: status, is_known: null },
    };
  }
  const intent = q.intent();
  if (intent !== undefined && intent !== "list") throw new Unclear("unsupported");
  return singlePlan(q, fresh);
}

/** What this question changes of the one before: everything that it says itself. */
export function continuePlan(q: Question, previous: Plan): Plan {
  const slots = q.slots;
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
  const earlier = q.items.flatMap((item) => meaning(item, "period_before") ?? [])[0];
  const past = earlier && previous.time ? before(previous.time, earlier.by) : undefined;
  if (earlier && !past) throw new Unclear("unsupported");
  const merged: Plan = { ...previous, filters, time: slots.times[0] ?? past ?? previous.time };
  if (
    q.said(
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
    const asked = reask(q, merged);
    if (asked) return asked;
  }
  return merged;
}
