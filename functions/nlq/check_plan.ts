import type { FieldError } from "../../shared/http/problem.ts";
import { checkFilters } from "./check_filters.ts";
import { checkCompare, checkPart } from "./check_sides.ts";
import { checkTime } from "./check_time.ts";
import type { Dimension, Intent, Metric, Plan } from "./plan.ts";

const DURATIONS: readonly Metric[] = [
  "talk_time",
  "average_duration",
  "median_duration",
  "longest_duration",
  "shortest_duration",
];
const ANY: readonly Metric[] = ["events", "contacts", ...DURATIONS];

/** What each intent can measure; the others measure events. */
const METRICS: Partial<Record<Intent, readonly Metric[]>> = {
  count: ["events", "contacts"],
  duration: DURATIONS,
  top: ANY,
  trend: ANY,
  compare: ANY,
  share: ["events", "contacts", "talk_time"],
  busiest: ANY,
};

/** What each intent goes by; the others by nothing. */
const DIMENSIONS: Partial<Record<Intent, readonly (Dimension | null)[]>> = {
  top: ["contact", "type", "direction", "status", "source", "line"],
  busiest: ["hour", "weekday", "day", "week", "month", "year"],
  trend: [null, "day", "week", "month", "year"],
};

const SORTS: Partial<Record<Intent, readonly Plan["sort"][]>> = {
  list: ["newest", "oldest", "longest", "shortest"],
  top: ["most", "least"],
  busiest: ["most", "least"],
};

function* shapeFaults(plan: Plan): Generator<FieldError> {
  const { intent, metric, dimension } = plan;
  if (!(METRICS[intent] ?? ["events"]).includes(metric)) {
    yield { path: "metric", message: `Cannot answer ${intent} with ${metric}` };
  }
  if (!(DIMENSIONS[intent] ?? [null]).includes(dimension)) {
    yield { path: "dimension", message: `Cannot answer ${intent} by ${dimension ?? "nothing"}` };
  }
  if (metric === "contacts" && dimension === "contact") {
    yield { path: "metric", message: "A contact is not counted in contacts" };
  }
  if (DURATIONS.includes(metric) && plan.filters.type === "sms") {
    yield { path: "filters/type", message: "Messages do not last" };
  }
  if (!(SORTS[intent] ?? [plan.sort]).includes(plan.sort)) {
    yield { path: "sort", message: `Cannot sort ${intent} by ${plan.sort}` };
  }
  if ((intent === "last" || intent === "first") && plan.limit !== 1) {
    yield { path: "limit", message: "There is one of these" };
  }
}

function* intentFaults(plan: Plan): Generator<FieldError> {
  const { intent, filters } = plan;
  if (intent === "profile" && filters.contacts.length !== 1) {
    yield { path: "filters/contacts", message: "Needs one contact" };
  }
  if (intent === "unreturned" && filters.direction === null) {
    yield { path: "filters/direction", message: "Needs the side that did not return the call" };
  }
  if (intent === "unreturned" && filters.type === "sms") {
    yield { path: "filters/type", message: "Is about calls" };
  }
  if ((intent === "predict") !== (plan.horizon_days !== null)) {
    yield { path: "horizon_days", message: intent === "predict" ? "Is missing" : "Is for predictions only" };
  }
  if (intent === "predict" && plan.time !== null) {
    yield { path: "time", message: "A prediction is not about the past" };
  }
  if (intent === "predict" && filters.contacts.length > 1) {
    yield { path: "filters/contacts", message: "Takes one contact" };
  }
}

/**
 * What a plan of the right shape says that means nothing: a profile of nobody, a comparison of a thing with itself,
 * messages of ten minutes. Pure; the same for the plans of both planners and for those sent as a correction.
 *
 * @returns The faults with their paths in the plan (`filters/type`), none for a plan that can be run.
 */
export function checkPlan(plan: Plan): FieldError[] {
  return [
    ...shapeFaults(plan),
    ...intentFaults(plan),
    ...checkFilters(plan.filters),
    ...checkTime(plan.time, "time"),
    ...checkCompare(plan),
    ...checkPart(plan),
  ];
}
