import type { Dimension, Plan } from "../plan.ts";
import { meaning } from "./items.ts";
import type { Question, Rank } from "./question.ts";
import { Unclear } from "./slots.ts";

const TIMES: readonly Dimension[] = ["hour", "weekday", "day", "week", "month", "year"];
const SERIES: readonly Dimension[] = ["day", "week", "month", "year"];

function peoplePlan(
  q: Question,
  base: Plan,
  who: { many: boolean } | undefined,
  rank: Rank | undefined,
  edge: "last" | "first" | undefined,
): Plan {
  const top = { ...base, intent: "top" as const, dimension: "contact" as const };
  if (edge) return { ...base, intent: edge, limit: 1 };
  const is_many = who?.many === true || q.said("people");
  if (rank === "longest" || rank === "shortest") {
    const of_one = q.items.some((item, at) =>
      meaning(item, "rank") !== undefined && meaning(q.items[at + 1], "type") !== undefined
    );
    if (of_one) {
      return {
        ...base,
        intent: "list",
        filters: { ...base.filters, type: "call" },
        sort: rank,
        limit: q.limit(false) ?? 1,
      };
    }
    return {
      ...top,
      filters: { ...base.filters, type: "call" },
      metric: "talk_time",
      sort: rank === "longest" ? "most" : "least",
      limit: q.limit(is_many) ?? 1,
    };
  }
  if (rank) return { ...top, sort: rank, limit: q.limit(is_many) ?? 1 };
  return { ...top, sort: "most", limit: q.limit(false) ?? 50 };
}

function splitPlan(q: Question, base: Plan, dimension: Dimension): Plan {
  const counted = q.countsPeople() ? { ...base, metric: "contacts" as const } : base;
  if (SERIES.includes(dimension)) return { ...counted, intent: "trend", dimension };
  return {
    ...base,
    intent: TIMES.includes(dimension) ? "busiest" : "top",
    dimension,
    sort: "most",
    limit: q.limit(false) ?? 50,
  };
}

export function singlePlan(q: Question, base: Plan): Plan {
  const slots = q.slots;
  const rank = q.rank();
  const edge = q.edge();
  const who = q.who();
  const busy = q.items.flatMap((item) => meaning(item, "busy") ?? [])[0];
  const people = q.said("people");
  const each = slots.dimensions.filter((entry) => entry.each);
  const which = slots.dimensions.find((entry) => !entry.each && TIMES.includes(entry.dimension));
  const timed = q.said("how_long", "average", "median");
  if (each.length > 1) throw new Unclear("unsupported");
  const calls = { ...base, filters: { ...base.filters, type: "call" as const } };
  const measured = timed ? { ...calls, metric: q.metric(base) } : base;
  if (timed && base.filters.type === "sms") throw new Unclear("contradiction");

  // "On average how many calls per day": a mean of counts, which no metric is.
  const means = q.items.flatMap((item) => meaning(item, "average") ?? []);
  const is_mean_of_counts = each[0] !== undefined && !q.said("how_long") && means.length > 0 &&
    means.every(({ bare }) => bare);
  if (q.said("average", "median") && (q.said("how_many") || is_mean_of_counts)) {
    throw new Unclear("unsupported");
  }
  // "When do I usually call Mum": by the hour or the weekday?
  if (q.said("average") && q.said("when")) throw new Unclear("which_unit");
  // "How long": nothing of which it is asked.
  const lengths = q.items.flatMap((item) => meaning(item, "how_long") ?? []);
  const is_bare = lengths.length > 0 && lengths.every(({ bare }) => bare);
  if (
    is_bare && !slots.is_about_events && slots.types.length === 0 &&
    !q.said("average", "median", "rank")
  ) {
    throw new Unclear("nothing_asked");
  }

  // "The longest call each month".
  const lasting = rank === "longest"
    ? "longest_duration" as const
    : rank === "shortest"
    ? "shortest_duration" as const
    : null;
  if (each[0]) {
    return splitPlan(q, lasting === null ? measured : { ...calls, metric: lasting }, each[0].dimension);
  }
  if (q.said("over_time")) return { ...measured, intent: "trend" };

  if (busy || (which && (rank === "most" || rank === "least"))) {
    const dimension = which?.dimension ?? slots.dimensions[0]?.dimension;
    if (!dimension || !TIMES.includes(dimension)) throw new Unclear("which_unit");
    const least = busy?.rank === "least" || rank === "least";
    return {
      ...measured,
      intent: "busiest",
      dimension,
      sort: least ? "least" : "most",
      limit: q.limit(false) ?? 1,
    };
  }
  if (q.countsPeople() && !who) {
    // How many contacts there are is another matter than how many there was something with.
    if (!slots.is_about_events && slots.types.length === 0) throw new Unclear("unsupported");
    return { ...base, metric: "contacts" };
  }
  const top = q.items.some((item) => meaning(item, "top")?.one) ? { many: false } : undefined;
  const callers = q.items.some((item) => meaning(item, "people")?.callers);
  if (who || top || callers || (people && (rank || q.said("top")))) {
    return peoplePlan(q, measured, who ?? top, rank, edge);
  }
  if (rank === "longest" || rank === "shortest") {
    if (q.said("how_long")) {
      return {
        ...calls,
        intent: "duration",
        metric: rank === "longest" ? "longest_duration" : "shortest_duration",
      };
    }
    // "Out of my calls, which was the longest" asks for one.
    return { ...calls, intent: "list", sort: rank, limit: q.limit(!q.isOne() && !q.said("share")) ?? 1 };
  }
  const attribute = slots.dimensions.find((entry) => !entry.each && !TIMES.includes(entry.dimension));
  if (attribute && (rank === "most" || rank === "least")) {
    return {
      ...measured,
      intent: "top",
      dimension: attribute.dimension,
      sort: rank,
      limit: q.limit(false) ?? 1,
    };
  }
  if (rank !== undefined) {
    if (q.said("when")) throw new Unclear("which_unit");
    throw new Unclear("unsupported");
  }
  if (edge && !timed && !q.said("how_many")) {
    const amount = q.limit(false);
    const sort = edge === "last" ? "newest" : "oldest";
    if (!q.said("when") && (amount !== undefined && amount > 1)) {
      return { ...base, intent: "list", sort, limit: amount };
    }
    if (!q.said("when") && amount === undefined && !q.isOne()) {
      return { ...base, intent: "list", sort, limit: 50 };
    }
    return { ...base, intent: edge, limit: 1, sort: "newest" };
  }
  if (edge && q.said("how_long")) return { ...base, intent: edge, limit: 1 };
  if (timed) return { ...measured, intent: "duration" };
  if (q.said("how_many")) {
    // "How many of those" is about the events of the question before.
    const is_about_something = slots.is_about_events || slots.types.length > 0 || q.said("anaphor");
    if (edge || !is_about_something) throw new Unclear("nothing_asked");
    return base;
  }
  if (q.said("when")) return { ...base, intent: "list" };
  if (q.said("intent")) return { ...base, intent: "list", limit: q.limit(false) ?? 50 };
  if ((q.opening.is_yes_no || q.said("whether") || q.isStatement()) && q.asks()) return base;
  if (!q.asks()) throw new Unclear("nothing_asked");
  return { ...base, intent: "list", limit: q.limit(false) ?? 50 };
}
