import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { maxBody, responses, type SurfaceApp } from "../../shared/http/app.ts";
import { SECRET_KEY_SECURITY } from "../../shared/access/secret_key.ts";
import type { JobContext } from "./job.ts";
import { runJob } from "./run_job.ts";
import { FinishedRunSchema, JobParams, JobSchema, JobsMeta, NoQuery } from "./schemas.ts";

const list = createRoute({
  method: "get",
  path: "/",
  summary: "The jobs, when they are due, and their last runs",
  security: SECRET_KEY_SECURITY,
  request: { query: NoQuery },
  responses: responses("The jobs", z.array(JobSchema), JobsMeta),
});

const run = createRoute({
  method: "post",
  path: "/{name}",
  summary: "Run a job now",
  description:
    "One run of a job at a time (409 job_running). A body is not read. What fails is tried again by the schedule.",
  security: SECRET_KEY_SECURITY,
  middleware: [maxBody(10_000)] as const,
  request: { params: JobParams, query: NoQuery },
  responses: responses("The run, done", FinishedRunSchema),
});

export function mountJobRoutes(app: SurfaceApp, operator: Pick<JobContext, "env" | "admin">): void {
  app.openapi(list, async (c) => {
    const { jobs, alerts } = await operator.admin.rpc<{ jobs: unknown; alerts: unknown }>("get_jobs", {});
    return answer(c, jobs, { meta: { alerts } });
  });

  app.openapi(run, async (c) => answer(c, await runJob(operator, c.req.valid("param").name)));
}
