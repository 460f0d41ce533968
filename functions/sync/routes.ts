import { createRoute } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { keySecurity, maxBody, responses, type SurfaceApp } from "../../shared/http/app.ts";
import { idempotent } from "../../shared/http/idempotency.ts";
import { CoverageSchema, HealthSchema, NoQuery, ReportSchema } from "./schemas.ts";

const health = createRoute({
  method: "get",
  path: "/health",
  summary: "Health of each source that delivers events",
  security: keySecurity("analytics:read"),
  request: { query: NoQuery },
  responses: responses("The sources and the worst of them", HealthSchema),
});

const coverage = createRoute({
  method: "get",
  path: "/coverage",
  summary: "The intervals each source delivered in full",
  security: keySecurity("analytics:read"),
  request: { query: NoQuery },
  responses: responses("Half-open intervals by source and type", CoverageSchema),
});

const report = createRoute({
  method: "post",
  path: "/reports",
  summary: "A source says what it delivered and how it is",
  security: keySecurity("sync:write"),
  middleware: [maxBody(64_000), idempotent()] as const,
  request: {
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: ReportSchema } } },
  },
  responses: responses("Health after the report", HealthSchema, undefined, 201),
});

export function mountSyncRoutes(app: SurfaceApp): void {
  app.openapi(
    health,
    async (c) => answer(c, await c.var.caller.rpc("analyze_sync_health", {}, { get: true })),
  );

  app.openapi(coverage, async (c) => answer(c, await c.var.caller.rpc("get_coverage", {}, { get: true })));

  app.openapi(report, async (c) => {
    await c.var.caller.rpc("report_sync", { report: c.req.valid("json") });
    return answer(c, await c.var.caller.rpc("analyze_sync_health", {}), { status: 201 });
  });
}
