import { assertEquals } from "@std/assert";
import { EMPTY_PLAN, NO_FILTERS, type Plan } from "../plan.ts";
import { settle } from "./settle.ts";

const plan = (sketch: Partial<Plan>, filters: Partial<Plan["filters"]> = {}): Plan => ({
  ...EMPTY_PLAN,
  ...sketch,
  filters: { ...NO_FILTERS, ...filters },
});

Deno.test("Members that the intent makes no use of are as in the empty plan", () => {
  assertEquals(settle(plan({ sort: "most", limit: 10, horizon_days: 7 })), EMPTY_PLAN);
  assertEquals(settle(plan({ intent: "predict" })).horizon_days, 7);
  assertEquals(settle(plan({ intent: "last" })).limit, 1);
});

Deno.test("What would change the answer is never dropped, but left for the check to refuse", () => {
  assertEquals(settle(plan({ intent: "last", limit: 5 })).limit, 5);
  assertEquals(settle(plan({ dimension: "contact" })).dimension, "contact");
  const top = plan({ intent: "top", dimension: "contact", sort: "least", limit: 3 });
  assertEquals(settle(top), top);
});

Deno.test("Sides of nothing but nulls are none", () => {
  const none = { contact: null, type: null, direction: null, statuses: [] };
  const range = { kind: "range", since: null, after: null, until: null, before: null } as const;
  assertEquals(
    settle(plan({ time: range, part: { ...none, is_known: null }, compare: { ...none, time: range } })),
    EMPTY_PLAN,
  );
});

Deno.test("What lasts is a call, and lists are in their order", () => {
  assertEquals(settle(plan({ intent: "duration", metric: "talk_time" })).filters.type, "call");
  assertEquals(settle(plan({}, { max_seconds: 59 })).filters.type, "call");
  assertEquals(settle(plan({}, { min_seconds: 5, type: "sms" })).filters.type, "sms");
  const { statuses, weekdays } = settle(
    plan({}, { statuses: ["blocked", "missed", "missed"], weekdays: [7, 6, 7] }),
  ).filters;
  assertEquals([statuses, weekdays], [["missed", "blocked"], [6, 7]]);
});
