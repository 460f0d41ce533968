import { z } from "@hono/zod-openapi";

const Time = z.iso.datetime({ offset: true });
const Count = z.number().int();
const Figure = z.number().nullable();

const ReasonSchema = z.object({
  term: z.enum(["recency", "rhythm", "silence", "base"]),
  value: Figure,
  effect: z.number().openapi({ description: "Log odds; the effects add up to the probability's log odds" }),
  text: z.string(),
});

const Probability = z.number().min(0).max(1);

/** What `predict_interactions` says of one contact. */
export const PredictionSchema = z.object({
  contact_id: z.uuid(),
  probability: Probability.openapi({ description: "Within the horizon asked for" }),
  probabilities: z.object({ "1": Probability, "7": Probability, "14": Probability, "28": Probability }),
  outlook: z.enum(["expected", "not_within_28_days"]),
  expected_at: Time.nullable().openapi({ description: "When the probability reaches 0.5" }),
  interval_80: z.object({ from: Time.nullable(), to: Time.nullable() }),
  likely: z.object({
    weekday: z.number().int().min(1).max(7).openapi({ description: "ISO: 1 Monday … 7 Sunday" }),
    hour: z.number().int().min(0).max(23),
    share: z.number(),
  }),
  confidence: z.object({
    level: z.enum(["high", "medium", "low"]),
    active_days: Count,
    observed_days: Count,
    basis: z.enum(["default", "extrapolated", "fitted"]),
  }),
  standing: z.enum(["usual", "overdue", "drifting"]),
  last_interaction_at: Time,
  elapsed_days: z.number(),
  usual_gap_days: Figure,
  reasons: z.array(ReasonSchema),
}).openapi("Prediction");
