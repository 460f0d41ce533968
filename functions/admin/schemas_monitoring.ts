import { z } from "@hono/zod-openapi";
import { Instant, TimeZone, Uuid } from "../../shared/http/query.ts";

const Status = z.enum(["ok", "warn", "fail"]);
const Figure = z.number().nullable();
const Count = z.number().int();
const Time = z.iso.datetime({ offset: true });

export const HealthCheckSchema = z.object({
  name: z.string(),
  area: z.string(),
  status: Status,
  value: Figure,
  unit: z.string().nullable(),
  warn_at: Figure.openapi({ description: "From this value on (inclusive) a warning; null: never" }),
  fail_at: Figure.openapi({ description: "From this value on (inclusive) a failure; null: never" }),
  says: z.string(),
  details: z.record(z.string(), z.unknown()),
}).openapi("HealthCheck");

export const HealthSchema = z.object({
  status: Status.openapi({ description: "The worst of the checks" }),
  checks: z.array(HealthCheckSchema),
  schema_version: z.string().nullable(),
  server_version: z.string().nullable(),
  generated_at: Time,
}).openapi("Health");

export const NoQuery = z.strictObject({});

export const UserMetricsParams = z.object({ id: Uuid });

export const UserMetricsQuery = z.strictObject({
  from: Instant.optional().openapi({ description: "Inclusive; default: 29 local days before today" }),
  to: Instant.optional().openapi({ description: "Exclusive; default: now" }),
  time_zone: TimeZone.optional().openapi({ description: "IANA name; default: the profile's" }),
});

const Figures = {
  total_events: Count,
  total_calls: Count,
  total_sms: Count,
  inbound: Count,
  outbound: Count,
  answered_calls: Count,
  missed_calls: Count,
  unique_contacts: Count,
  total_call_duration_minutes: z.number(),
  avg_call_duration_minutes: Figure,
  median_call_duration_minutes: Figure,
};

export const UserMetricsSchema = z.object({
  user_id: z.uuid(),
  display_name: z.string().nullable(),
  memberships: z.array(z.object({ organization_id: z.uuid(), role: z.string(), joined_at: Time })).openapi({
    description: "In the organisations that the caller administers; one's own: all",
  }),
  from: Time,
  to: Time,
  time_zone: z.string(),
  period: z.object({ ...Figures, new_contacts: Count, active_days: Count }),
  comparison: z.object({
    from: Time,
    to: Time,
    metrics: z.record(
      z.string(),
      z.object({ current: Figure, previous: Figure, change: Figure, change_pct: Figure }),
    ),
  }),
  all_time: z.object({ ...Figures, last_event_at: Time.nullable() }),
  sources: z.record(z.string(), Count).openapi({ description: "Events of all time by source" }),
  questions: Count.openapi({ description: "Asked in words in the period" }),
  generated_at: Time,
}).openapi("UserMetrics");
