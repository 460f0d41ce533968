import { z } from "@hono/zod-openapi";
import { Instant } from "../../shared/http/query.ts";

export const SourceKind = z.enum(["carrier", "device", "backup", "manual", "api"]);
const EventType = z.enum(["call", "sms"]);

export const NoQuery = z.strictObject({});

const SourceErrorSchema = z.object({
  code: z.string().max(100),
  detail: z.string().max(500).optional(),
  at: Instant.optional(),
}).openapi("SourceError");

export const ReportSchema = z.strictObject({
  source: SourceKind,
  name: z.string().max(100).default("").openapi({ description: "Tells two sources of one kind apart" }),
  from: Instant.optional().openapi({ description: "With to: everything in [from, to) was delivered" }),
  to: Instant.optional(),
  types: z.array(EventType).min(1).max(2).optional().openapi({
    description: "What was delivered; default: both",
  }),
  queue_depth: z.number().int().min(0).max(1_000_000_000).optional(),
  sent_at: Instant.optional().openapi({
    description: "The source's own clock, from which its drift is told",
  }),
  errors: z.array(SourceErrorSchema).max(20).default([]),
})
  .refine((report) => (report.from === undefined) === (report.to === undefined), {
    path: ["to"],
    message: "from and to come together",
  })
  .refine((report) => !report.from || !report.to || Date.parse(report.from) < Date.parse(report.to), {
    path: ["to"],
    message: "to is after from",
  })
  .refine((report) => !report.to || Date.parse(report.to) <= Date.now() + 86_400_000, {
    path: ["to"],
    message: "to is in the future",
  })
  .openapi("SyncReport");

const Health = z.enum(["healthy", "degraded", "failing", "unknown"]);
const Time = z.iso.datetime({ offset: true }).nullable();

export const HealthSchema = z.object({
  overall_health: Health.openapi({ description: "That of the worst source; unknown without any" }),
  sources: z.record(
    z.string(),
    z.object({
      kind: SourceKind,
      name: z.string(),
      health: Health,
      reasons: z.array(z.object({ code: z.string(), severity: Health, detail: z.string() })).openapi({
        description: "Why it is not healthy; empty when it is",
      }),
      last_heard_at: Time,
      last_report_at: Time,
      last_ingest_at: Time,
      last_event_at: Time,
      silent_hours: z.number().nullable(),
      queue_depth: z.number().int().nullable(),
      clock_drift_seconds: z.number().nullable(),
      errors: z.array(SourceErrorSchema),
    }),
  ).openapi({ description: "By kind, or kind:name" }),
  generated_at: z.iso.datetime({ offset: true }),
}).openapi("SyncHealth");

export const CoverageSchema = z.array(
  z.object({
    source: SourceKind,
    name: z.string(),
    type: EventType,
    intervals: z.array(
      z.object({ from: z.iso.datetime({ offset: true }), to: z.iso.datetime({ offset: true }) }),
    ),
    updated_at: z.iso.datetime({ offset: true }),
  }).openapi("Coverage"),
);
