import { EMPTY_PLAN, NO_FILTERS, type Plan } from "../plan.ts";

/** A question as a model sees it, and the plan it means. */
export interface Example {
  readonly question: string;
  readonly plan: Plan;
}

type Sketch = Partial<Omit<Plan, "filters">> & { filters?: Partial<Plan["filters"]> };

const plan = (sketch: Sketch): Plan => ({
  ...EMPTY_PLAN,
  ...sketch,
  filters: { ...NO_FILTERS, ...sketch.filters },
});
const who = (text: string) => ({ text, contact_id: null });
const NO_SIDE = { time: null, contact: null, type: null, direction: null, statuses: [] };
const NO_PART = { contact: null, type: null, direction: null, statuses: [], is_known: null };

/** What a model learns the plans from; they are shown without the members that are empty. */
export const EXAMPLES: readonly Example[] = [
  {
    question: "How often did I call Mum last month?",
    plan: plan({
      filters: { contacts: [who("Mum")], type: "call", direction: "outbound" },
      time: { kind: "calendar", unit: "month", n: 1, offset: -1 },
    }),
  },
  {
    question: "did dr lee ring me on monday morning",
    plan: plan({
      filters: {
        contacts: [who("dr lee")],
        type: "call",
        direction: "inbound",
        hours: [{ from: 300, to: 720 }],
      },
      time: { kind: "named", year: null, month: null, day: null, weekday: 1, ago: 0 },
    }),
  },
  {
    question: "average length of calls with family over 2 minutes since March, not counting Tom",
    plan: plan({
      intent: "duration",
      metric: "average_duration",
      filters: { tag: "family", excluded_contacts: [who("Tom")], type: "call", min_seconds: 121 },
      time: {
        kind: "range",
        since: { kind: "named", year: null, month: 3, day: null, weekday: null, ago: 0 },
        after: null,
        until: null,
        before: null,
      },
    }),
  },
  {
    question: "show unanswered calls from [NUMBER_1] in the past 3 weeks",
    plan: plan({
      intent: "list",
      filters: {
        number: "[NUMBER_1]",
        type: "call",
        direction: "inbound",
        statuses: ["missed", "declined", "voicemail", "blocked"],
      },
      time: { kind: "rolling", unit: "day", n: 21 },
    }),
  },
  {
    question: "what were my three longest calls this year?",
    plan: plan({
      intent: "list",
      filters: { type: "call" },
      time: { kind: "calendar", unit: "year", n: 1, offset: 0 },
      sort: "longest",
      limit: 3,
    }),
  },
  {
    question: "who texts me the most on weekends?",
    plan: plan({
      intent: "top",
      dimension: "contact",
      filters: { type: "sms", direction: "inbound", weekdays: [6, 7] },
      sort: "most",
      limit: 1,
    }),
  },
  {
    question: "When did I last speak to Anna Schulz at Orange?",
    plan: plan({
      intent: "last",
      filters: { contacts: [who("Anna Schulz")], company: "Orange", type: "call" },
      limit: 1,
    }),
  },
  {
    question: "Did I talk longer to Mum than to Dad between 3 and 9 May 2025?",
    plan: plan({
      intent: "compare",
      metric: "talk_time",
      filters: { contacts: [who("Mum")], type: "call" },
      time: { kind: "absolute", from: "2025-05-03", to: "2025-05-09" },
      compare: { ...NO_SIDE, contact: who("Dad") },
    }),
  },
  {
    question: "fewer missed calls this week than last week?",
    plan: plan({
      intent: "compare",
      filters: { type: "call", statuses: ["missed"] },
      time: { kind: "calendar", unit: "week", n: 1, offset: 0 },
      compare: { ...NO_SIDE, time: { kind: "calendar", unit: "week", n: 1, offset: -1 } },
    }),
  },
  {
    question: "what percentage of calls in the previous 3 months came from unknown numbers",
    plan: plan({
      intent: "share",
      filters: { type: "call", direction: "inbound" },
      time: { kind: "calendar", unit: "month", n: 3, offset: -1 },
      part: { ...NO_PART, is_known: false },
    }),
  },
  {
    question: "at what time of day am I on the phone most?",
    plan: plan({
      intent: "busiest",
      dimension: "hour",
      filters: { type: "call" },
      sort: "most",
      limit: 1,
    }),
  },
  {
    question: "messages about [QUOTE_1] per month",
    plan: plan({ intent: "trend", dimension: "month", filters: { type: "sms", text: "[QUOTE_1]" } }),
  },
  {
    question: "who do I still have to call back?",
    plan: plan({ intent: "unreturned", filters: { type: "call", direction: "inbound" } }),
  },
  {
    question: "who will call me in the next ten days",
    plan: plan({ intent: "predict", horizon_days: 14, filters: { type: "call", direction: "inbound" } }),
  },
  { question: "tell me about Zoë", plan: plan({ intent: "profile", filters: { contacts: [who("Zoë")] } }) },
];
