import { Temporal } from "temporal-polyfill";
import { sha256 } from "../../shared/digest.ts";
import type { Clock } from "./clock.ts";
import type { Filters, Mention, Period, Plan, Range } from "./plan.ts";
import { type Interval, resolveTime } from "./resolve_time.ts";

/** A plan with instants for times and ids for people: the argument of `run_query_plan`, member for member. */
export interface ResolvedPlan {
  readonly intent: Plan["intent"];
  readonly metric: Plan["metric"];
  readonly dimension: Plan["dimension"];
  readonly filters: Omit<Filters, "contacts" | "excluded_contacts" | "line"> & {
    readonly contact_ids: readonly string[];
    readonly excluded_contact_ids: readonly string[];
    readonly line_id: string | null;
  };
  /** Half-open; null is open. A period that is not over is open at its end, so that its answer holds until new data comes. */
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  readonly time_zone: string;
  readonly week_start: number;
  readonly compare: {
    readonly starts_at: string | null;
    readonly ends_at: string | null;
    readonly has_interval: boolean;
    readonly contact_ids: readonly string[] | null;
    readonly type: Filters["type"];
    readonly direction: Filters["direction"];
    readonly statuses: Filters["statuses"];
  } | null;
  readonly part: {
    readonly contact_ids: readonly string[] | null;
    readonly type: Filters["type"];
    readonly direction: Filters["direction"];
    readonly statuses: Filters["statuses"];
    readonly is_known: boolean | null;
  } | null;
  readonly sort: Plan["sort"];
  readonly limit: number;
  readonly horizon_days: Plan["horizon_days"];
}

/** Somebody in a plan whom nobody has looked up. A plan must have been looked up before it is resolved. */
function idOf(mention: Mention): string {
  if (mention.contact_id === null) throw new Error("Cannot resolve a mention without its contact");
  return mention.contact_id;
}

function instant(moment: Temporal.ZonedDateTime | null): string | null {
  return moment === null ? null : moment.toInstant().toString();
}

function intervalOf(time: Period | Range | null, clock: Clock): Interval {
  const interval = resolveTime(time, clock);
  if (!interval) throw new RangeError("Cannot resolve a time that does not exist");
  const is_running = interval.to !== null && Temporal.ZonedDateTime.compare(interval.to, clock.now) >= 0;
  return is_running ? { from: interval.from, to: null } : interval;
}

/**
 * Puts instants and ids into a plan.
 *
 * @param line_id Of the line that the filters name.
 * @throws RangeError for a time that does not exist, such as 30 February.
 */
export function resolvePlan(plan: Plan, clock: Clock, line_id: string | null): ResolvedPlan {
  const { contacts, excluded_contacts, line: _, ...filters } = plan.filters;
  const { from, to } = intervalOf(plan.time, clock);
  const other = plan.compare?.time ? intervalOf(plan.compare.time, clock) : null;
  const contact_ids = (mention: Mention | null) => mention === null ? null : [idOf(mention)];
  return {
    intent: plan.intent,
    metric: plan.metric,
    dimension: plan.dimension,
    filters: {
      ...filters,
      contact_ids: contacts.map(idOf),
      excluded_contact_ids: excluded_contacts.map(idOf),
      line_id,
    },
    starts_at: instant(from),
    ends_at: instant(to),
    time_zone: clock.now.timeZoneId,
    week_start: clock.week_start,
    compare: plan.compare && {
      starts_at: instant(other?.from ?? null),
      ends_at: instant(other?.to ?? null),
      has_interval: other !== null,
      contact_ids: contact_ids(plan.compare.contact),
      type: plan.compare.type,
      direction: plan.compare.direction,
      statuses: plan.compare.statuses,
    },
    part: plan.part && {
      contact_ids: contact_ids(plan.part.contact),
      type: plan.part.type,
      direction: plan.part.direction,
      statuses: plan.part.statuses,
      is_known: plan.part.is_known,
    },
    sort: plan.sort,
    limit: plan.limit,
    horizon_days: plan.horizon_days,
  };
}

/** The same value with the members of every object in one order: a plan that comes from the database has them in another. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, one]) => [key, ordered(one)]),
  );
}

/** Answers that change by themselves while the data stays: they look at the clock, or at what teammates have. */
const NOT_KEPT: ReadonlySet<Plan["intent"]> = new Set(["gaps", "quality", "predict", "profile"]);

/**
 * The key that an answer is kept under: the resolved plan on a local day. The owner and the data's version go beside it. Undefined for
 * answers that are not kept.
 */
export async function answerKey(resolved: ResolvedPlan, local_date: string): Promise<string | undefined> {
  if (NOT_KEPT.has(resolved.intent)) return undefined;
  return await sha256(JSON.stringify([local_date, ordered(resolved)]));
}
