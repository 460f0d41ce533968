import { z } from "@hono/zod-openapi";
import { PredictionSchema } from "../../shared/prediction.ts";
import { Instant, TimeZone } from "../../shared/http/query.ts";

const Time = z.iso.datetime({ offset: true });
const Count = z.number().int();
const Figure = z.number().nullable();

export const IntelligenceQuery = z.strictObject({
  from: Instant.optional().openapi({ description: "Inclusive; default: 364 local days before today" }),
  to: Instant.optional().openapi({ description: "Exclusive; default: now" }),
  time_zone: TimeZone.optional().openapi({ description: "IANA name; default: the profile's" }),
});

const ResponseSchema = z.object({ count: Count, median_seconds: Figure });
const ResponsesSchema = ResponseSchema.extend({ to_messages: ResponseSchema, to_calls: ResponseSchema });

const UnansweredSchema = z.object({
  calls: Count,
  returned: Count,
  never_returned: Count,
  open: Count.openapi({ description: "Not returned, and less than 7 days old" }),
  last_unreturned_at: Time.nullable(),
});

const part = <Shape extends z.ZodRawShape>(evidence: Shape) =>
  z.object({ value: z.number(), weight: z.number(), ...evidence });

const StrengthSchema = z.object({
  score: z.number().min(0).max(100).nullable().openapi({
    description: "Null for a one-way tie or fewer than 3 events",
  }),
  verdict: z.enum(["strong", "moderate", "weak", "fading", "unknown"]),
  parts: z.object({
    days: part({ active_days: Count }),
    bursts: part({ sessions: Count }),
    regular_hours: part({ hours_of_week: Count }),
    stability: part({ weeks: Count }),
    decay: z.object({ value: z.number(), usual_gap_days: Figure, elapsed_days: z.number() }),
  }),
  observed_days: Count,
  is_one_way: z.boolean(),
}).openapi("TieStrength");

export const IntelligenceSchema = z.object({
  contact: z.object({
    id: z.uuid(),
    user_id: z.uuid(),
    name: z.string().nullable(),
    company: z.string().nullable(),
    numbers: z.array(z.string()).openapi({ description: "Empty where the owner's rule masks them" }),
  }),
  from: Time,
  to: Time,
  time_zone: z.string(),
  totals: z.object({
    events: Count,
    calls: Count,
    sms: Count,
    inbound: Count,
    outbound: Count,
    answered_calls: Count,
    missed_calls: Count,
    talk_seconds: Count,
    median_duration_seconds: Figure.openapi({ description: "Of answered calls" }),
  }),
  all_time: z.object({
    events: Count,
    calls: Count,
    sms: Count,
    inbound: Count,
    answered_calls: Count,
    missed_calls: Count,
    talk_seconds: Count,
    active_days: Count.openapi({ description: "UTC days" }),
    first_interaction_at: Time.nullable(),
    last_interaction_at: Time.nullable(),
  }),
  frequency: z.object({
    per_day: Figure,
    per_week: Figure,
    per_month: Figure,
    active_days: Count,
    active_weeks: Count,
    active_months: Count,
    median_gap_days: Figure,
    gap_mad_days: Figure,
    sessions: Count.openapi({ description: "Runs of events with at most an hour between them" }),
    events_per_session: Figure,
  }),
  hour_profile: z.array(z.array(Count).length(24)).length(7).openapi({
    description: "Events per ISO weekday and local hour",
  }),
  reciprocity: z.object({ initiated_by_owner: Count, initiated_by_contact: Count, balance: Figure }),
  response_time: z.object({ owner: ResponsesSchema, contact: ResponsesSchema }),
  unanswered: z.object({ by_owner: UnansweredSchema, by_contact: UnansweredSchema }),
  trend: z.object({
    verdict: z.enum(["rising", "steady", "falling", "unknown"]),
    weeks: Count,
    sessions: Count,
    change_pct_4_weeks: Figure,
    interval_95: z.array(z.number()).length(2).nullable(),
  }),
  strength: StrengthSchema.nullable(),
  prediction: z.union([PredictionSchema, z.null()]),
  generated_at: Time,
}).openapi("ContactIntelligence");
