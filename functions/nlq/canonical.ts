import { EMPTY_PLAN, NO_FILTERS, type Plan } from "./plan.ts";

/** The members that an intent goes by; the others say nothing about it. */
const USED: Record<Plan["intent"], readonly (keyof Plan)[]> = {
  count: ["metric", "filters", "time"],
  duration: ["metric", "filters", "time"],
  list: ["filters", "time", "sort", "limit"],
  top: ["metric", "dimension", "filters", "time", "sort", "limit"],
  last: ["filters", "time"],
  first: ["filters", "time"],
  trend: ["metric", "dimension", "filters", "time"],
  compare: ["metric", "filters", "time", "compare"],
  share: ["metric", "filters", "time", "part"],
  busiest: ["metric", "dimension", "filters", "time", "sort", "limit"],
  unreturned: ["filters", "time", "limit"],
  profile: ["filters", "time"],
  gaps: ["time"],
  quality: ["time"],
  predict: ["filters", "horizon_days"],
};

/** One plan of all that ask for the same: what the intent does not use is as in the empty plan. Equal questions have equal canonical plans. */
export function canonical(plan: Plan): Plan {
  const clean: Plan = { ...EMPTY_PLAN, intent: plan.intent };
  for (const member of USED[plan.intent]) Object.assign(clean, { [member]: plan[member] });
  if (plan.intent === "last" || plan.intent === "first") clean.limit = 1;
  if (plan.intent === "profile" || plan.intent === "predict") {
    clean.filters = { ...NO_FILTERS, contacts: plan.filters.contacts };
  }
  return clean;
}
