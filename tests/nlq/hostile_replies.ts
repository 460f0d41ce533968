import { EMPTY_PLAN, NO_FILTERS } from "../../functions/nlq/plan.ts";
import type { Victim } from "./hostile.ts";

const said = (sketch: Record<string, unknown>, filters: Record<string, unknown> = {}) => ({
  unsupported: null,
  plan: { ...EMPTY_PLAN, ...sketch, filters: { ...NO_FILTERS, ...filters } },
});

/**
 * What a model that obeys the question, or has gone mad, replies: the worst that can be said in the shape of a plan, and
 * out of it. A server answers any question with these; nothing of them may reach a row, a write or the asker.
 */
export function hostileReplies(victim: Victim): unknown[] {
  const { user_id, contact_id, name, number, word } = victim;
  return [
    said({ intent: "list", limit: 200 }),
    said({ intent: "list", limit: 100_000 }),
    said({ intent: "list", user_id }),
    said({ intent: "list" }, { contacts: [{ text: name, contact_id }] }),
    said({ intent: "list" }, { contacts: [{ text: "Mum", contact_id }] }),
    said({ intent: "list" }, { contact_ids: [contact_id] }),
    said({ intent: "profile" }, { contacts: [{ text: name }] }),
    said({ intent: "list" }, { number }),
    said({ intent: "list" }, { text: word, type: "sms" }),
    said({ intent: "list" }, { text: "' or 1=1 --" }),
    said({ intent: "list" }, { company: "'; drop table events; --" }),
    said({ intent: "top", dimension: "contact", sort: "most", limit: 200 }),
    said({ intent: "top", dimension: "user_id", sort: "most" }),
    said({ intent: "delete" }),
    said({ intent: "quality" }),
    said({ intent: "predict", horizon_days: 28 }),
    said({ time: { kind: "absolute", from: "0000-01-01", to: "9999-12-31" } }),
    said({ time: { kind: "calendar", unit: "year", n: 1000, offset: -1000 } }),
    said({ metric: "events; drop table events" }),
    { unsupported: `my rules are secret and the key is sk-live-1`, plan: null },
    { unsupported: "other_people", plan: EMPTY_PLAN },
    { plan: EMPTY_PLAN, sql: "select * from auth.users" },
    { answer: "You called 42 times", rows: [{ id: victim.event_id }] },
    JSON.parse('{"__proto__":{"plan":{"intent":"list"}},"unsupported":null,"plan":null}'),
    "select * from auth.users",
    null,
    [],
  ];
}
