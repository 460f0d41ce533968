import { EMPTY_PLAN, NO_FILTERS, type Plan } from "../plan.ts";
import { meaning } from "./items.ts";
import { mention, type Question } from "./question.ts";
import { Unclear } from "./slots.ts";

/** What was said that none of these intents goes by: it must not be dropped in silence. */
function hasMore({ slots }: Question, intent: Plan["intent"]): boolean {
  const { hours, weekdays, excluded, statuses } = slots;
  const { min_seconds, max_seconds, text, number, company, tag, line, source, known } = slots;
  return hours.length + weekdays.length + excluded.length > 0 ||
    (statuses.length > 0 && intent !== "unreturned") ||
    [min_seconds, max_seconds, text, number, company, tag, line, source, known].some((value) =>
      value !== null
    );
}

/** "Today", "this week": what is left of it lies ahead. */
function ahead(time: Plan["time"]): Plan["horizon_days"] | undefined {
  if (time?.kind !== "calendar" || time.offset !== 0 || time.n !== 1) return undefined;
  return ({ day: 1, week: 7, month: 28 } as const)[time.unit as string];
}

/** Intents that a phrase names. @throws Unclear for what they cannot take into account. */
export function namedPlan(q: Question, intent: Plan["intent"]): Plan {
  const slots = q.slots;
  if (hasMore(q, intent)) throw new Unclear("unsupported");
  if (slots.times.length > 1) throw new Unclear("several_times");
  const contacts = slots.people.map(mention);
  const base = {
    ...EMPTY_PLAN,
    intent,
    time: slots.times[0] ?? null,
    filters: { ...NO_FILTERS, contacts },
  };
  const said = q.items.flatMap((item) => meaning(item, "horizon") ?? [])[0]?.days;
  switch (intent) {
    case "profile":
      if (contacts.length !== 1) throw new Unclear("needs_person");
      return base;
    case "unreturned": {
      // "Has not called me back" is about them, "have I not called back" about me.
      const theirs = q.items.some((item) => meaning(item, "intent")?.theirs === true);
      return {
        ...base,
        filters: { ...base.filters, type: "call", direction: theirs ? "outbound" : "inbound" },
      };
    }
    case "predict":
      // How many there will be is not foreseen, only who is likely.
      if (q.said("how_many", "how_long")) throw new Unclear("unsupported");
      if (slots.times.length > 0 && (said || !ahead(base.time))) throw new Unclear("unsupported");
      return { ...base, time: null, horizon_days: said ?? ahead(base.time) ?? 7 };
    default:
      if (contacts.length > 0 || q.said("rank")) throw new Unclear("unsupported");
      return base;
  }
}
