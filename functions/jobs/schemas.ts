import { z } from "@hono/zod-openapi";

const Time = z.iso.datetime({ offset: true });

export const JobParams = z.strictObject({
  name: z.string().regex(/^[a-z][a-z_]{0,49}$/, "Expected the name of a job, such as expire_rows"),
});
export const NoQuery = z.strictObject({});

const RunShape = {
  id: z.uuid(),
  attempt: z.number().int(),
  result: z.record(z.string(), z.unknown()).openapi({ description: "Counts; more: work was left" }),
  error_code: z.string().nullable().openapi({ description: "SQLSTATE or a code of ours" }),
  error_at: z.string().nullable().openapi({ description: "Where in the SQL it failed" }),
};

export const FinishedRunSchema = z.object({ ...RunShape, state: z.literal("done") }).openapi(
  "FinishedJobRun",
);

export const JobSchema = z.object({
  name: z.string(),
  kind: z.enum(["sql", "function"]),
  cron: z.string(),
  time_zone: z.string(),
  enabled: z.boolean(),
  timeout_seconds: z.number(),
  max_attempts: z.number().int(),
  last_due_at: Time.nullable(),
  last_done_at: Time.nullable(),
  runs: z.array(z.object({
    ...RunShape,
    state: z.enum(["running", "done", "failed", "lost"]),
    started_at: Time,
    finished_at: Time.nullable(),
  })).openapi({ description: "The last five, newest first" }),
}).openapi("Job");

export const JobsMeta = z.object({
  alerts: z.array(z.record(z.string(), z.unknown())).openapi({
    description: "Open alerts of the operation itself",
  }),
});
