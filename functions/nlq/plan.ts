import { z } from "@hono/zod-openapi";
import { Direction, EventType, SourceKind, Status } from "../../shared/http/event_query.ts";

/** What is asked. `busiest` ranks times, `top` ranks people and attributes. */
export const Intent = z.enum([
  "count",
  "duration",
  "list",
  "top",
  "last",
  "first",
  "trend",
  "compare",
  "share",
  "busiest",
  "unreturned",
  "profile",
  "gaps",
  "quality",
  "predict",
]);

/**
 * What is measured over the events that the filters leave: how many, how many different contacts, seconds of
 * all calls together, or mean, median, longest and shortest seconds of the answered calls.
 */
export const Metric = z.enum([
  "events",
  "contacts",
  "talk_time",
  "average_duration",
  "median_duration",
  "longest_duration",
  "shortest_duration",
]);

export const Dimension = z.enum([
  "contact",
  "hour",
  "weekday",
  "day",
  "week",
  "month",
  "year",
  "type",
  "direction",
  "status",
  "source",
  "line",
]);

export const Unit = z.enum(["minute", "hour", "day", "weekend", "week", "month", "quarter", "year"]);

const LocalDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const LocalTime = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/);

/** One stretch of time as it is said, in the asker's zone and week; it becomes instants only when it is run. */
export const Period = z.discriminatedUnion("kind", [
  /** `n` whole units, the last of them `offset` units from the current one: last week -1, the last three months n 3 offset -1. */
  z.strictObject({
    kind: z.literal("calendar"),
    unit: Unit,
    n: z.number().int().min(1).max(1000),
    offset: z.number().int().min(-1000).max(1000),
  }),
  /** The last `n` units up to this moment. */
  z.strictObject({ kind: z.literal("rolling"), unit: Unit, n: z.number().int().min(1).max(100_000) }),
  /**
   * A month, a day of a month or a weekday by its name: the latest that has begun, `years_ago` or `weeks_ago` before it, or that
   * of the year said.
   */
  z.strictObject({
    kind: z.literal("named"),
    year: z.number().int().min(1970).max(2200).nullable(),
    month: z.number().int().min(1).max(12).nullable(),
    day: z.number().int().min(1).max(31).nullable(),
    weekday: z.number().int().min(1).max(7).nullable(),
    ago: z.number().int().min(0).max(100),
  }),
  /** Local dates, `to` included, or local times, `to` not included. */
  z.strictObject({
    kind: z.literal("absolute"),
    from: z.union([LocalDate, LocalTime]),
    to: z.union([LocalDate, LocalTime]),
  }),
]);

/**
 * From the start of `since` (null: the beginning) to the end of `until` or the start of `before`; `after` begins at the end of
 * its period. One alone leaves the other side open: the beginning, or now.
 */
export const Range = z.strictObject({
  kind: z.literal("range"),
  since: Period.nullable(),
  after: Period.nullable(),
  until: Period.nullable(),
  before: Period.nullable(),
});

/** Null: all of the log. */
export const Time = z.union([Period, Range]).nullable();

/** Somebody as named in the question; the id once it is known who that is. */
export const Mention = z.strictObject({ text: z.string().min(1).max(200), contact_id: z.uuid().nullable() });

const Seconds = z.number().int().min(0).max(604_800).nullable();

/** Which events count. Lists hold alternatives; an empty one excludes nothing. */
export const Filters = z.strictObject({
  contacts: z.array(Mention).max(10),
  excluded_contacts: z.array(Mention).max(10),
  /** Contacts of this company, and with this tag. */
  company: z.string().min(1).max(200).nullable(),
  tag: z.string().min(1).max(200).nullable(),
  /** E.164, or as sent. */
  number: z.string().min(1).max(64).nullable(),
  /** False: numbers without a name, and withheld ones. */
  is_known: z.boolean().nullable(),
  type: EventType.nullable(),
  direction: Direction.nullable(),
  statuses: z.array(Status).max(8),
  min_seconds: Seconds,
  max_seconds: Seconds,
  /** Minutes of the local day, half-open; over midnight when `from` is not before `to`. */
  hours: z.array(z.strictObject({
    from: z.number().int().min(0).max(1439),
    to: z.number().int().min(1).max(1440),
  })).max(4),
  /** ISO: 1 is Monday. */
  weekdays: z.array(z.number().int().min(1).max(7)).max(7),
  /** Words of messages, in web search syntax. */
  text: z.string().min(1).max(200).nullable(),
  source: SourceKind.nullable(),
  /** Label of a SIM or handset. */
  line: z.string().min(1).max(200).nullable(),
});

/** A question as the machine understood it. It names no instants: the same plan asked tomorrow means tomorrow's yesterday. */
export const Plan = z.strictObject({
  intent: Intent,
  metric: Metric,
  dimension: Dimension.nullable(),
  filters: Filters,
  time: Time,
  /** The other side of a comparison: what differs from the first (null members do not differ). */
  compare: z.strictObject({
    time: z.union([Period, Range]).nullable(),
    contact: Mention.nullable(),
    type: EventType.nullable(),
    direction: Direction.nullable(),
    statuses: z.array(Status).max(8),
  }).nullable(),
  /** Of a share: what narrows the whole to the part. */
  part: z.strictObject({
    contact: Mention.nullable(),
    type: EventType.nullable(),
    direction: Direction.nullable(),
    statuses: z.array(Status).max(8),
    is_known: z.boolean().nullable(),
  }).nullable(),
  /** Of rankings, most (desc) or least (asc) first; of lists, by time or duration. */
  sort: z.enum(["newest", "oldest", "longest", "shortest", "most", "least"]),
  limit: z.number().int().min(1).max(200),
  /** Days ahead, of predictions. */
  horizon_days: z.union([z.literal(1), z.literal(7), z.literal(14), z.literal(28)]).nullable(),
});

export type Plan = z.infer<typeof Plan>;
export type Filters = z.infer<typeof Filters>;
export type Period = z.infer<typeof Period>;
export type Range = z.infer<typeof Range>;
export type Time = z.infer<typeof Time>;
export type Mention = z.infer<typeof Mention>;
export type Intent = z.infer<typeof Intent>;
export type Metric = z.infer<typeof Metric>;
export type Dimension = z.infer<typeof Dimension>;
export type Unit = z.infer<typeof Unit>;

/** Filters that let everything through. */
export const NO_FILTERS: Filters = {
  contacts: [],
  excluded_contacts: [],
  company: null,
  tag: null,
  number: null,
  is_known: null,
  type: null,
  direction: null,
  statuses: [],
  min_seconds: null,
  max_seconds: null,
  hours: [],
  weekdays: [],
  text: null,
  source: null,
  line: null,
};

/** A plan that counts everything: what others are made from. */
export const EMPTY_PLAN: Plan = {
  intent: "count",
  metric: "events",
  dimension: null,
  filters: NO_FILTERS,
  time: null,
  compare: null,
  part: null,
  sort: "newest",
  limit: 50,
  horizon_days: null,
};
