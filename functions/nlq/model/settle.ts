import { EMPTY_PLAN, type Metric, type Plan } from "../plan.ts";
import { Status } from "../../../shared/http/event_query.ts";

const RANKED: readonly Plan["intent"][] = ["list", "top", "busiest"];
const LIMITED: readonly Plan["intent"][] = [...RANKED, "unreturned", "predict"];
const NOT_DURATIONS: readonly Metric[] = ["events", "contacts"];

/** A member whose own members are all null or empty, as models like to write "none". */
function orNull<T extends object>(value: T | null): T | null {
  const isEmpty = value !== null &&
    Object.entries(value).every(([key, member]) =>
      key === "kind" || member === null || (Array.isArray(member) && member.length === 0)
    );
  return isEmpty ? null : value;
}

function settleTime<T extends Plan["time"]>(time: T): T | null {
  return time?.kind === "range" ? orNull(time) : time;
}

/**
 * A plan of a model as the built-in planner writes the same: members that its intent makes no use of as they are in
 * `EMPTY_PLAN`, lists in order, calls where only calls can be meant. It never drops what would change the answer.
 */
export function settle(plan: Plan): Plan {
  const { intent, filters } = plan;
  const lasts = !NOT_DURATIONS.includes(plan.metric) || filters.min_seconds !== null ||
    filters.max_seconds !== null || (intent === "list" && ["longest", "shortest"].includes(plan.sort));
  const compare = orNull(plan.compare && { ...plan.compare, time: settleTime(plan.compare.time) });
  const isSingle = (intent === "last" || intent === "first") && plan.limit === EMPTY_PLAN.limit;
  return {
    ...plan,
    filters: {
      ...filters,
      // A comparison may ask for the other type on its other side.
      type: filters.type ?? ((lasts && !compare?.type) || intent === "unreturned" ? "call" : null),
      statuses: Status.options.filter((status) => filters.statuses.includes(status)),
      weekdays: [...new Set(filters.weekdays)].sort((one, other) => one - other),
    },
    time: settleTime(plan.time),
    compare,
    part: orNull(plan.part),
    sort: RANKED.includes(intent) ? plan.sort : EMPTY_PLAN.sort,
    limit: isSingle
      ? 1
      : LIMITED.includes(intent) || intent === "last" || intent === "first"
      ? plan.limit
      : EMPTY_PLAN.limit,
    horizon_days: intent === "predict" ? plan.horizon_days ?? 7 : null,
  };
}
