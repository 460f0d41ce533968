import { Temporal } from "temporal-polyfill";
import type { Intent } from "../../functions/nlq/plan.ts";
import type { ResolvedPlan } from "./resolved_plan.ts";

type Bounds = Pick<ResolvedPlan, "starts_at" | "ends_at">;
type Member =
  | "metric"
  | "dimension"
  | "filters"
  | "contacts"
  | "period"
  | "compare"
  | "part"
  | "order"
  | "horizon";

/** The members that have a say in the answer to each intent; the others may be anything. */
const USED: Record<Intent, readonly Member[]> = {
  count: ["metric", "filters", "period"],
  duration: ["metric", "filters", "period"],
  list: ["filters", "period", "order"],
  top: ["metric", "dimension", "filters", "period", "order"],
  last: ["filters", "period"],
  first: ["filters", "period"],
  trend: ["metric", "dimension", "filters", "period"],
  compare: ["metric", "filters", "period", "compare"],
  share: ["metric", "filters", "period", "part"],
  busiest: ["metric", "dimension", "filters", "period", "order"],
  unreturned: ["filters", "period"],
  profile: ["contacts"],
  gaps: ["period"],
  quality: ["period"],
  predict: ["contacts", "horizon"],
};

function fold(text: string | null): string | null {
  return text?.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/^"|"$/g, "").trim() ?? null;
}

function sorted<T>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
}

/** Instants as milliseconds; an end that has not come yet is open, since the log ends now. */
function period(
  { starts_at, ends_at }: Bounds,
  now: string,
): { starts_at: number | null; ends_at: number | null } {
  const end = ends_at === null ? null : Date.parse(ends_at);
  return {
    starts_at: starts_at === null ? null : Date.parse(starts_at),
    ends_at: end === null || end >= Date.parse(now) ? null : end,
  };
}

/** One part of one day is the same said by the clock or by hours, so it becomes instants. */
function withoutHours(plan: ResolvedPlan, now: string): ResolvedPlan {
  const [range, ...others] = plan.filters.hours;
  if (range === undefined || others.length > 0 || range.from >= range.to || plan.starts_at === null) {
    return plan;
  }
  const start = Temporal.Instant.from(plan.starts_at).toZonedDateTimeISO(plan.time_zone);
  const end = Temporal.Instant.from(plan.ends_at ?? now).toZonedDateTimeISO(plan.time_zone);
  if (!end.subtract({ milliseconds: 1 }).toPlainDate().equals(start.toPlainDate())) return plan;
  const at = (minute: number) =>
    start.toPlainDate().toPlainDateTime().add({ minutes: minute }).toZonedDateTime(plan.time_zone);
  const [from, to] = [at(range.from), at(range.to)];
  const earlier = Temporal.ZonedDateTime.compare(start, from) < 0 ? from : start;
  const later = Temporal.ZonedDateTime.compare(end, to) < 0 ? end : to;
  return {
    ...plan,
    filters: { ...plan.filters, hours: [] },
    starts_at: earlier.toInstant().toString(),
    ends_at: later.toInstant().toString(),
  };
}

function filters(plan: ResolvedPlan) {
  const { filters } = plan;
  return {
    ...filters,
    contact_ids: sorted(filters.contact_ids),
    excluded_contact_ids: sorted(filters.excluded_contact_ids),
    company: fold(filters.company),
    tag: fold(filters.tag),
    text: fold(filters.text),
    // Missed calls are what is unreturned, said or not.
    statuses: plan.intent === "unreturned" ? [] : sorted(filters.statuses),
    hours: sorted(filters.hours.map(({ from, to }) => ({ from, to }))),
    weekdays: sorted(filters.weekdays),
  };
}

function isGiven([, value]: [string, unknown]): boolean {
  return value !== null && !(Array.isArray(value) && value.length === 0);
}

/** What differs from the whole: a member that repeats it says nothing. */
function difference(plan: ResolvedPlan, side: NonNullable<ResolvedPlan["compare"] | ResolvedPlan["part"]>) {
  const first = filters(plan);
  const ids = side.contact_ids === null ? null : sorted(side.contact_ids);
  const statuses = sorted(side.statuses);
  const is_same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  return {
    contact_ids: ids === null || ids.length === 0 || is_same(ids, first.contact_ids) ? null : ids,
    type: side.type === first.type ? null : side.type,
    direction: side.direction === first.direction ? null : side.direction,
    statuses: is_same(statuses, first.statuses) ? [] : statuses,
  };
}

function otherPeriod(plan: ResolvedPlan, now: string) {
  if (!plan.compare?.has_interval) return null;
  const [mine, other] = [period(plan, now), period(plan.compare, now)];
  return JSON.stringify(mine) === JSON.stringify(other) ? null : other;
}

/**
 * A plan with everything left out that has no say in its answer, so that two plans ask the same exactly when their
 * canonical forms are equal as JSON.
 *
 * @param now When it was asked: later ends mean the same as this moment.
 */
export function canonicalPlan(given: ResolvedPlan, now: string): Record<string, unknown> {
  const plan = withoutHours(given, now);
  const used = new Set(USED[plan.intent]);
  return {
    intent: plan.intent,
    ...(used.has("metric") && { metric: plan.metric }),
    ...(used.has("dimension") && { dimension: plan.dimension }),
    ...(used.has("filters") &&
      { filters: Object.fromEntries(Object.entries(filters(plan)).filter(isGiven).sort()) }),
    ...(used.has("contacts") && { contact_ids: sorted(plan.filters.contact_ids) }),
    ...(used.has("period") && { period: period(plan, now) }),
    ...(used.has("compare") && plan.compare !== null && {
      compare: { ...difference(plan, plan.compare), period: otherPeriod(plan, now) },
    }),
    ...(used.has("part") && plan.part !== null && {
      part: {
        ...difference(plan, plan.part),
        is_known: plan.part.is_known === plan.filters.is_known ? null : plan.part.is_known,
      },
    }),
    ...(used.has("order") && { sort: plan.sort, limit: plan.limit }),
    ...(used.has("horizon") && { horizon_days: plan.horizon_days }),
  };
}

/** True when both plans ask the same. */
export function isSamePlan(a: ResolvedPlan, b: ResolvedPlan, now: string): boolean {
  return JSON.stringify(canonicalPlan(a, now)) === JSON.stringify(canonicalPlan(b, now));
}
