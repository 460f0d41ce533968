import type { Temporal } from "temporal-polyfill";
import { EMPTY_PLAN } from "../plan.ts";
import { CONVENTIONS } from "./conventions.ts";
import { EXAMPLES } from "./examples.ts";

/** A message of a chat. */
export interface Message {
  readonly role: "system" | "user";
  readonly content: string;
}

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** A value without the members that say nothing: they double the prompt and teach little. */
function pruned(value: unknown, empty: unknown): unknown {
  if (JSON.stringify(value) === JSON.stringify(empty)) return undefined;
  if (Array.isArray(value)) return value.map((item) => pruned(item, null));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([key, member]) =>
    [key, pruned(member, (empty as Record<string, unknown> | null | undefined)?.[key] ?? null)] as const
  );
  return Object.fromEntries(members.filter(([key, member]) => member !== undefined && key !== "contact_id"));
}

const SHOWN = EXAMPLES.map(({ question, plan }) =>
  `${JSON.stringify(question)} ${
    JSON.stringify({ intent: plan.intent, ...pruned(plan, EMPTY_PLAN) as object })
  }`
).join("\n");

/** The part that is the same for everybody, first and byte for byte, so that servers can keep it. */
const RULES = `${CONVENTIONS}\n\nExamples, without the members that are empty:\n${SHOWN}`;

/**
 * What a model is told: the rules, today's date, weekday, time, zone and week, and, as data in a message of its own,
 * the question and the plan before. Nothing of the database is in it.
 *
 * @param question Masked, see `mask`.
 * @param previous_plan Hidden, see `hidePlan`; null where there is none.
 */
export function promptOf(
  question: string,
  previous_plan: unknown,
  now: Temporal.ZonedDateTime,
  week_start: number,
): Message[] {
  const day = (iso: number) => WEEKDAYS[iso - 1] ?? "Monday";
  const today = `Now it is ${now.toPlainDateTime().toString({ smallestUnit: "minute" })}, ` +
    `${day(now.dayOfWeek)}, in ${now.timeZoneId}. Weeks begin on ${day(week_start)}.`;
  return [
    { role: "system", content: `${RULES}\n\n${today}` },
    { role: "user", content: JSON.stringify({ question, previous_plan }) },
  ];
}
