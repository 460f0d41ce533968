import { createRoute, z } from "@hono/zod-openapi";
import type { Admin } from "../../shared/access/admin.ts";
import { answer } from "../../shared/http/answer.ts";
import { keySecurity, responses, type SurfaceApp } from "../../shared/http/app.ts";
import { databaseCall } from "../../shared/database/database_work.ts";
import { type MetricFamily, requestMetrics } from "../../shared/monitoring/request_metrics.ts";
import { SECRET_KEY_SECURITY } from "../../shared/access/secret_key.ts";
import { chooseFormat, CONTENT_TYPES, expose } from "./exposition.ts";
import { systemHealth } from "./health.ts";
import {
  HealthSchema,
  NoQuery,
  UserMetricsParams,
  UserMetricsQuery,
  UserMetricsSchema,
} from "./schemas_monitoring.ts";

const health = createRoute({
  method: "get",
  path: "/health",
  summary: "The state of the system, each check with its threshold",
  security: SECRET_KEY_SECURITY,
  request: { query: NoQuery },
  responses: {
    ...responses("Nothing fails", HealthSchema),
    503: {
      description: "A check fails: the same answer",
      content: { "application/json": { schema: z.object({ data: HealthSchema, meta: z.object({}) }) } },
    },
  },
});

const metrics = createRoute({
  method: "get",
  path: "/metrics",
  summary: "Metrics for Prometheus",
  description: "Text format 0.0.4, or OpenMetrics 1.0 where `Accept` names it.",
  security: SECRET_KEY_SECURITY,
  request: { query: NoQuery },
  responses: {
    200: {
      description: "The metrics",
      content: {
        "text/plain": { schema: z.string() },
        "application/openmetrics-text": { schema: z.string() },
      },
    },
    default: responses("", z.unknown()).default,
  },
});

const userMetrics = createRoute({
  method: "get",
  path: "/users/{id}/metrics",
  summary: "One person's figures, for himself and for his organisations' admins and owners",
  description: "Aggregates only. Other people's private contacts count nowhere.",
  security: keySecurity("admin:read"),
  request: { params: UserMetricsParams, query: UserMetricsQuery },
  responses: responses("The person's figures", UserMetricsSchema),
});

/** Routes for the operator, who has the secret key. */
export function mountOperatorRoutes(app: SurfaceApp, admin: Admin, redis_url: string | undefined): void {
  app.openapi(health, async (c) => {
    const data = await systemHealth(c, admin, redis_url);
    c.header("Cache-Control", "no-store");
    return c.json({ data, meta: {} }, data.status === "fail" ? 503 : 200) as never;
  });

  app.openapi(metrics, async (c) => {
    const headers = { "x-request-id": c.var.requestId };
    const found = await databaseCall(c, () => admin.rpc<MetricFamily[]>("get_system_metrics", {}, headers));
    const format = chooseFormat(c.req.header("accept"));
    c.header("Content-Type", CONTENT_TYPES[format]);
    c.header("Cache-Control", "no-store");
    return c.body(expose([...found, ...requestMetrics.families()], format));
  });
}

/** Routes for signed-in people. */
export function mountUserMetricsRoutes(app: SurfaceApp): void {
  app.openapi(userMetrics, async (c) => {
    const { from, to, time_zone } = c.req.valid("query");
    return answer(
      c,
      await c.var.caller.rpc("get_user_metrics", {
        target_user_id: c.req.valid("param").id,
        starts_at: from,
        ends_at: to,
        time_zone,
      }, { get: true }),
    );
  });
}
