import { z } from "@hono/zod-openapi";
import { Instant, Limit, TimeZone, Uuid } from "../../shared/http/query.ts";

export const Granularity = z.enum(["hour", "day", "week", "month"]);
export const Compare = z.enum(["previous_period", "previous_year", "none"]);

export const MetricsQuery = z.strictObject({
  from: Instant.optional().openapi({ description: "Inclusive; default: 29 local days before today" }),
  to: Instant.optional().openapi({ description: "Exclusive; default: now" }),
  granularity: Granularity.default("day"),
  compare: Compare.default("previous_period"),
  time_zone: TimeZone.optional().openapi({ description: "IANA name; default: the profile's" }),
  user_id: Uuid.optional().openapi({
    description: "A teammate, as the privacy rules allow; default: oneself",
  }),
});

const Figure = z.number().nullable();

const ChangeSchema = z.object({
  current: Figure,
  previous: Figure,
  change: Figure,
  change_pct: Figure.openapi({ description: "Percent; null where the previous figure is 0 or missing" }),
}).openapi("Change");

const TopContactSchema = z.object({
  contact_id: z.uuid(),
  name: z.string().nullable(),
  number: z.string().nullable(),
  interaction_count: z.number().int(),
}).openapi("TopContact");

const BucketSchema = z.object({
  time_bucket: z.iso.datetime({ offset: true }).openapi({
    description: "Start, with the zone's offset then",
  }),
  total_events: z.number().int(),
  calls: z.number().int(),
  sms: z.number().int(),
  inbound: z.number().int(),
  outbound: z.number().int(),
  unique_contacts: z.number().int(),
  avg_duration: Figure.openapi({ description: "Seconds, over answered calls" }),
  is_partial: z.boolean().openapi({ description: "The period cuts it, or it is not over" }),
}).openapi("Bucket");

export const MetricsSchema = z.object({
  user_id: z.uuid(),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  time_zone: z.string(),
  granularity: Granularity,
  total_events: z.number().int(),
  total_calls: z.number().int(),
  total_sms: z.number().int(),
  inbound: z.number().int(),
  outbound: z.number().int(),
  answered_calls: z.number().int(),
  missed_calls: z.number().int(),
  unique_contacts: z.number().int(),
  new_contacts: z.number().int().openapi({ description: "First heard of in the period" }),
  total_call_duration_minutes: z.number(),
  avg_call_duration_minutes: Figure,
  median_call_duration_minutes: Figure,
  busiest_hour: z.number().int().min(0).max(23).nullable(),
  busiest_weekday: z.number().int().min(1).max(7).nullable().openapi({
    description: "ISO: 1 Monday … 7 Sunday",
  }),
  top_contact: TopContactSchema.nullable(),
  top_contacts: z.array(TopContactSchema),
  time_series: z.object({ granularity: Granularity, data: z.array(BucketSchema) }),
  comparison: z.object({
    mode: z.enum(["previous_period", "previous_year"]),
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
    metrics: z.record(z.string(), ChangeSchema),
  }).nullable(),
  data_freshness: z.object({
    last_event_at: z.iso.datetime({ offset: true }).nullable(),
    last_ingest_at: z.iso.datetime({ offset: true }).nullable().openapi({
      description: "When events last came in; of one's own data only",
    }),
  }),
  generated_at: z.iso.datetime({ offset: true }),
}).openapi("DashboardMetrics");

export const HeatmapQuery = z.strictObject({
  from: Instant.optional().openapi({ description: "Inclusive; default: 89 local days before today" }),
  to: Instant.optional().openapi({ description: "Exclusive; default: now" }),
  time_zone: TimeZone.optional().openapi({ description: "IANA name; default: the profile's" }),
  user_id: Uuid.optional().openapi({
    description: "A teammate, as the privacy rules allow; default: oneself",
  }),
});

const Weekday = z.number().int().min(1).max(7).openapi({ description: "ISO: 1 Monday … 7 Sunday" });
const Hour = z.number().int().min(0).max(23);
const Count = z.number().int();

export const HeatmapSchema = z.object({
  user_id: z.uuid(),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  time_zone: z.string(),
  total_events: Count,
  cells: z.array(z.object({ weekday: Weekday, hour: Hour, total_events: Count, calls: Count, sms: Count }))
    .length(168).openapi({ description: "Every hour of the week, from the profile's first day on" }),
  busiest: z.object({ weekday: Weekday, hour: Hour, total_events: Count }).nullable(),
  generated_at: z.iso.datetime({ offset: true }),
}).openapi("Heatmap");

const TeamMetric = z.enum([
  "total_events",
  "total_calls",
  "total_sms",
  "inbound",
  "outbound",
  "answered_calls",
  "missed_calls",
  "unique_contacts",
  "total_call_duration_minutes",
]);

export const TeamQuery = z.strictObject({
  organization_id: Uuid.optional().openapi({ description: "Default: the only one the caller is in" }),
  from: Instant.optional().openapi({ description: "Inclusive; default: 29 local days before today" }),
  to: Instant.optional().openapi({ description: "Exclusive; default: now" }),
  granularity: Granularity.optional().openapi({ description: "Default: what suits the period" }),
  compare: Compare.default("previous_period"),
  metric: TeamMetric.default("total_events").openapi({ description: "What the leaderboard goes by" }),
  time_zone: TimeZone.optional().openapi({ description: "IANA name; default: the profile's" }),
  limit: Limit.openapi({ description: "Length of the leaderboard" }),
});

const TeamFigures = {
  total_events: Count,
  total_calls: Count,
  total_sms: Count,
  inbound: Count,
  outbound: Count,
  answered_calls: Count,
  missed_calls: Count,
  total_call_duration_minutes: z.number(),
  avg_call_duration_minutes: Figure,
};

export const TeamSchema = z.object({
  organization_id: z.uuid(),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  time_zone: z.string(),
  metric: TeamMetric,
  totals: z.object({ members: Count, active_members: Count, ...TeamFigures }),
  leaderboard: z.array(z.object({
    rank: Count,
    percentile: z.number().min(0).max(100),
    user_id: z.uuid(),
    name: z.string().nullable(),
    role: z.string(),
    unique_contacts: Count,
    ...TeamFigures,
  })).nullable().openapi({ description: "For analysts and up; null for others" }),
  percentiles: z.object({
    p10: z.number(),
    p25: z.number(),
    p50: z.number(),
    p75: z.number(),
    p90: z.number(),
  }).nullable().openapi({
    description: "Of the metric over the members; for analysts and up, for others from five members on",
  }),
  time_series: z.object({
    granularity: Granularity,
    data: z.array(z.object({
      time_bucket: z.iso.datetime({ offset: true }),
      total_events: Count,
      calls: Count,
      sms: Count,
      inbound: Count,
      outbound: Count,
      active_members: Count,
      avg_duration: Figure,
      is_partial: z.boolean(),
    })),
  }),
  comparison: z.object({
    mode: z.enum(["previous_period", "previous_year"]),
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
    metrics: z.record(z.string(), ChangeSchema),
  }).nullable(),
  generated_at: z.iso.datetime({ offset: true }),
}).openapi("TeamDashboard");
