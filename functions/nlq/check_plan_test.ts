import { assertEquals } from "@std/assert";
import { checkPlan } from "./check_plan.ts";
import { EMPTY_PLAN, type Filters, NO_FILTERS, type Plan } from "./plan.ts";

const MUM = { text: "Mum", contact_id: null };
const DAD = { text: "Dad", contact_id: null };
const NO_SIDE = { time: null, contact: null, type: null, direction: null, statuses: [] };
const NO_PART = { contact: null, type: null, direction: null, statuses: [], is_known: null };
const THIS_WEEK = { kind: "calendar", unit: "week", n: 1, offset: 0 } as const;
const LAST_WEEK = { ...THIS_WEEK, offset: -1 } as const;

/** Paths of the faults of a plan. */
function faults(sketch: Partial<Plan>, filters: Partial<Filters> = {}): string[] {
  const plan = { ...EMPTY_PLAN, ...sketch, filters: { ...NO_FILTERS, ...filters } };
  return checkPlan(plan).map(({ path }) => path);
}

Deno.test("An empty plan and one of each intent mean something", () => {
  assertEquals(faults({}), []);
  assertEquals(faults({ metric: "contacts" }), []);
  assertEquals(faults({ intent: "duration", metric: "talk_time" }, { type: "call" }), []);
  assertEquals(faults({ intent: "list", sort: "longest", limit: 1 }, { type: "call" }), []);
  assertEquals(faults({ intent: "top", dimension: "contact", sort: "most", limit: 5 }), []);
  assertEquals(faults({ intent: "last", limit: 1 }), []);
  assertEquals(faults({ intent: "first", limit: 1 }), []);
  assertEquals(faults({ intent: "trend", dimension: null }), []);
  assertEquals(faults({ intent: "busiest", dimension: "hour", sort: "least", limit: 1 }), []);
  assertEquals(faults({ intent: "unreturned" }, { type: "call", direction: "inbound" }), []);
  assertEquals(faults({ intent: "profile" }, { contacts: [MUM] }), []);
  assertEquals(faults({ intent: "gaps" }), []);
  assertEquals(faults({ intent: "quality" }), []);
  assertEquals(faults({ intent: "predict", horizon_days: 7 }, { contacts: [MUM] }), []);
});

Deno.test("A metric or a dimension must suit the intent", () => {
  assertEquals(faults({ metric: "talk_time" }), ["metric"]);
  assertEquals(faults({ intent: "duration", metric: "events" }), ["metric"]);
  assertEquals(faults({ intent: "share", metric: "median_duration", part: { ...NO_PART, type: "call" } }), [
    "metric",
  ]);
  assertEquals(faults({ dimension: "contact" }), ["dimension"]);
  assertEquals(faults({ intent: "top", dimension: null, sort: "most" }), ["dimension"]);
  assertEquals(faults({ intent: "top", dimension: "hour", sort: "most" }), ["dimension"]);
  assertEquals(faults({ intent: "busiest", dimension: "contact", sort: "most" }), ["dimension"]);
  assertEquals(faults({ intent: "trend", dimension: "type" }), ["dimension"]);
  assertEquals(faults({ intent: "top", dimension: "contact", metric: "contacts", sort: "most" }), ["metric"]);
});

Deno.test("Ranks, limits and horizons must suit the intent", () => {
  assertEquals(faults({ intent: "list", sort: "most" }), ["sort"]);
  assertEquals(faults({ intent: "top", dimension: "contact", sort: "newest" }), ["sort"]);
  assertEquals(faults({ intent: "last", limit: 5 }), ["limit"]);
  assertEquals(faults({ horizon_days: 7 }), ["horizon_days"]);
  assertEquals(faults({ intent: "predict" }), ["horizon_days"]);
  assertEquals(faults({ intent: "predict", horizon_days: 7, time: LAST_WEEK }), ["time"]);
});

Deno.test("A profile is of one contact, and an unreturned call of one side", () => {
  assertEquals(faults({ intent: "profile" }), ["filters/contacts"]);
  assertEquals(faults({ intent: "profile" }, { contacts: [MUM, DAD] }), ["filters/contacts"]);
  assertEquals(faults({ intent: "unreturned" }, { type: "call" }), ["filters/direction"]);
  assertEquals(faults({ intent: "unreturned" }, { type: "sms", direction: "inbound" }), ["filters/type"]);
  assertEquals(faults({ intent: "predict", horizon_days: 1 }, { contacts: [MUM, DAD] }), [
    "filters/contacts",
  ]);
});

Deno.test("Messages do not last and are not missed, calls hold no words", () => {
  assertEquals(faults({ intent: "duration", metric: "talk_time" }, { type: "sms" }), ["filters/type"]);
  assertEquals(faults({}, { type: "sms", min_seconds: 600 }), ["filters/type"]);
  assertEquals(faults({}, { max_seconds: 59 }), ["filters/type"]);
  assertEquals(faults({}, { type: "sms", statuses: ["missed"] }), ["filters/statuses"]);
  assertEquals(faults({}, { type: "call", statuses: ["sent"] }), ["filters/statuses"]);
  assertEquals(faults({}, { direction: "inbound", statuses: ["sent"] }), ["filters/statuses"]);
  assertEquals(faults({}, { direction: "outbound", statuses: ["received"] }), ["filters/statuses"]);
  assertEquals(faults({}, { statuses: ["missed", "missed"] }), ["filters/statuses"]);
  assertEquals(faults({}, { type: "call", text: "dinner" }), ["filters/text"]);
  assertEquals(faults({}, { type: "sms", text: "dinner", statuses: ["failed"] }), []);
});

Deno.test("Filters that shut each other out are found", () => {
  assertEquals(faults({}, { type: "call", min_seconds: 60, max_seconds: 59 }), ["filters/min_seconds"]);
  assertEquals(faults({}, { type: "call", min_seconds: 60, max_seconds: 60 }), []);
  const excluded = { contacts: [MUM], excluded_contacts: [{ ...MUM, text: "mum" }] };
  assertEquals(faults({}, excluded), ["filters/excluded_contacts"]);
  assertEquals(faults({}, { is_known: false, contacts: [MUM] }), ["filters/is_known"]);
  assertEquals(faults({}, { is_known: false, tag: "family" }), ["filters/is_known"]);
  assertEquals(faults({}, { hours: [{ from: 600, to: 600 }] }), ["filters/hours"]);
  assertEquals(faults({}, { hours: [{ from: 1320, to: 300 }] }), []);
  assertEquals(faults({}, { weekdays: [1, 1] }), ["filters/weekdays"]);
});

Deno.test("Two with one name are told apart by their ids", () => {
  const one = { text: "Sam", contact_id: "0198f1c2-0000-7000-8000-000000000001" };
  const other = { text: "Sam", contact_id: "0198f1c2-0000-7000-8000-000000000002" };
  assertEquals(faults({}, { contacts: [one], excluded_contacts: [other] }), []);
  assertEquals(faults({}, { contacts: [one], excluded_contacts: [{ ...one, text: "Samuel" }] }), [
    "filters/excluded_contacts",
  ]);
});

Deno.test("A comparison has another side, that differs from the first", () => {
  const compare = (
    side: Partial<NonNullable<Plan["compare"]>>,
    filters: Partial<Filters> = {},
    time = null,
  ) => faults({ intent: "compare", time, compare: { ...NO_SIDE, ...side } }, filters);
  assertEquals(faults({ intent: "compare" }), ["compare"]);
  assertEquals(compare({}), ["compare"]);
  assertEquals(faults({ compare: { ...NO_SIDE, type: "sms" } }), ["compare"]);
  assertEquals(compare({ contact: DAD }, { contacts: [MUM] }), []);
  assertEquals(compare({ contact: DAD }), ["compare/contact"]);
  assertEquals(compare({ contact: { ...MUM, text: "MUM" } }, { contacts: [MUM] }), ["compare/contact"]);
  assertEquals(compare({ type: "sms" }, { type: "call" }), []);
  assertEquals(compare({ type: "call" }, { type: "call" }), ["compare/type"]);
  assertEquals(compare({ type: "call" }), ["compare/type"]);
  assertEquals(compare({ direction: "inbound" }, { direction: "inbound" }), ["compare/direction"]);
  assertEquals(compare({ statuses: ["answered"] }, { statuses: ["missed"] }), []);
  assertEquals(compare({ statuses: ["missed"] }, { statuses: ["missed"] }), ["compare/statuses"]);
  assertEquals(compare({ type: "sms" }, { type: "call", min_seconds: 60 }), ["compare/type"]);
  assertEquals(compare({ type: "sms" }, { type: "call", statuses: ["missed"] }), ["compare/statuses"]);
});

Deno.test("Two periods are compared when both are said and differ", () => {
  const sides = (time: Plan["time"], other: NonNullable<Plan["compare"]>["time"]) =>
    faults({ intent: "compare", time, compare: { ...NO_SIDE, time: other } });
  assertEquals(sides(THIS_WEEK, LAST_WEEK), []);
  assertEquals(sides(THIS_WEEK, THIS_WEEK), ["compare/time"]);
  assertEquals(sides(null, LAST_WEEK), ["compare/time"]);
  assertEquals(sides(THIS_WEEK, { ...THIS_WEEK, offset: 1 }), ["compare/time"]);
});

Deno.test("A share has a part that is neither all nor nothing of the whole by its words alone", () => {
  const share = (part: Partial<NonNullable<Plan["part"]>>, filters: Partial<Filters> = {}) =>
    faults({ intent: "share", part: { ...NO_PART, ...part } }, filters);
  assertEquals(share({ statuses: ["missed"] }, { type: "call" }), []);
  assertEquals(share({ contact: MUM }), []);
  assertEquals(faults({ intent: "share" }), ["part"]);
  assertEquals(share({}), ["part"]);
  assertEquals(faults({ part: { ...NO_PART, type: "call" } }), ["part"]);
  assertEquals(share({ type: "call" }, { type: "call" }), ["part/type"]);
  assertEquals(share({ direction: "inbound" }, { direction: "outbound" }), ["part/direction"]);
  assertEquals(share({ is_known: false }, { is_known: true }), ["part/is_known"]);
  assertEquals(share({ is_known: false, contact: MUM }), ["part/is_known"]);
  assertEquals(share({ statuses: ["missed"] }, { statuses: ["answered"] }), ["part/statuses"]);
  assertEquals(share({ statuses: ["missed"] }, { type: "sms" }), ["part/statuses"]);
});
