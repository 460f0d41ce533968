import { z } from "@hono/zod-openapi";
import { PageSchema } from "../../shared/http/page.ts";
import { Cursor, Limit, TimeZone } from "../../shared/http/query.ts";
import { Plan } from "./plan.ts";

const Time = z.iso.datetime({ offset: true });

export const Question = z.strictObject({
  question: z.string().trim().min(1).max(1000).openapi({
    description: "In plain words, such as: How often did I call Mum last month?",
  }),
  time_zone: TimeZone.optional().openapi({ description: "Of days and hours; default: the profile's" }),
  context_id: z.uuid().optional().openapi({
    description: "The question before, which this one follows up: and in May?",
  }),
});
export type Question = z.infer<typeof Question>;

const PlanSchema = Plan.openapi("QueryPlan");
const Clarification = z.object({
  question: z.string(),
  choices: z.array(z.object({
    label: z.string(),
    question: z.string().openapi({ description: "The whole question, to be sent as it is" }),
  })),
}).openapi("Clarification");

const Warning = z.looseObject({ code: z.string() }).openapi({
  description:
    "data_gap: the period has a gap {starts_at, ends_at, verdict, channel}; period_cut: only a part was looked at; model_unavailable",
});

export const Answer = z.object({
  id: z.uuid(),
  answer: z.string().nullable().openapi({ description: "Null where a question is asked back" }),
  value: z.number().nullable().openapi({
    description:
      "Events, people, seconds, percent, or a difference, as the plan says; null where rows are the answer",
  }),
  values: z.record(z.string(), z.unknown()),
  rows: z.array(z.record(z.string(), z.unknown())),
  total: z.number().int().openapi({ description: "Rows there are in all" }),
  citations: z.array(z.uuid()).openapi({
    description: "Events that the answer rests on: up to 20, newest first",
  }),
  interval: z.object({ from: Time.nullable(), to: Time.nullable(), time_zone: z.string() }).nullable()
    .openapi({
      description: "What was understood as the time: from inclusive, to exclusive; null: open",
    }),
  interpretation: z.string().nullable(),
  plan: z.union([PlanSchema, z.null()]),
  resolved: z.union([z.record(z.string(), z.unknown()), z.null()]).openapi({
    description: "The plan as it ran: send it to run_query_plan to count again",
  }),
  chart: z.object({ type: z.enum(["line", "bar", "pie"]), x: z.string(), y: z.string() }).nullable(),
  warnings: z.array(Warning),
  clarification: z.union([Clarification, z.null()]),
  planner: z.enum(["built_in", "model"]),
}).openapi("QuestionAnswer");
export type Answer =
  & Omit<z.infer<typeof Answer>, "resolved" | "values" | "rows">
  & { resolved: object | null; values: Record<string, unknown>; rows: Record<string, unknown>[] };

export const AnswerMeta = z.object({
  cache: z.enum(["exact", "template", "answer", "miss"]).openapi({
    description:
      "exact: read before; template: read before with other names; answer: the same answer holds still",
  }),
});

export const HistoryQuery = z.strictObject({ limit: Limit, cursor: Cursor });
export const HistoryEntry = z.object({
  id: z.uuid(),
  asked_at: Time,
  question: z.string(),
  answer: z.string().nullable(),
  clarification: z.union([Clarification, z.null()]),
  plan: z.union([PlanSchema, z.null()]),
  planner: z.enum(["built_in", "model"]),
  time_zone: z.string(),
  context_id: z.uuid().nullable(),
  feedback: z.enum(["right", "wrong", "meant"]).nullable(),
  feedback_at: Time.nullable(),
  corrected_plan: z.union([PlanSchema, z.null()]),
  cache: AnswerMeta.shape.cache,
  took_ms: z.number().int().nullable(),
}).openapi("AskedQuestion");
export const ListMeta = z.object({ page: PageSchema });

export const QueryParams = z.object({ id: z.uuid().openapi({ param: { name: "id", in: "path" } }) });
export const NoQuery = z.strictObject({});
export const Deleted = z.object({ deleted: z.number().int() });

export const Feedback = z.strictObject({
  verdict: z.enum(["right", "wrong", "meant"]).openapi({
    description: "meant: the plan below is what was meant",
  }),
  plan: Plan.optional(),
}).refine(({ verdict, plan }) => (verdict === "meant") === (plan !== undefined), {
  error: "A plan goes with meant, and only with it",
  path: ["plan"],
});

export const SuggestionQuery = z.strictObject({
  q: z.string().max(200).optional().openapi({ description: "What has been typed so far" }),
  limit: Limit,
});
export const Suggestion = z.object({
  question: z.string(),
  from: z.enum(["history", "data"]).openapi({ description: "Asked before, or made from what is in the log" }),
}).openapi("Suggestion");
