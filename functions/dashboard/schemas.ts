import { z } from "@hono/zod-openapi";
import { Instant, TimeZone, Uuid } from "../../shared/query.ts";

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
  data_freshness: z.object({ last_event_at: z.iso.datetime({ offset: true }).nullable() }),
  generated_at: z.iso.datetime({ offset: true }),
}).openapi("DashboardMetrics");
