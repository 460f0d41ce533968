import { createRoute } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { keySecurity, responses, type SurfaceApp } from "../../shared/http/app.ts";
import { cached, CacheMeta } from "../../shared/cache/result_cache.ts";
import {
  HeatmapQuery,
  HeatmapSchema,
  MetricsQuery,
  MetricsSchema,
  TeamQuery,
  TeamSchema,
} from "./schemas.ts";

const metrics = createRoute({
  method: "get",
  path: "/metrics",
  summary: "Totals, series and comparison of a period",
  security: keySecurity("analytics:read"),
  "x-cost": 2,
  middleware: cached(600, (request) => ({ user_id: request.query("user_id"), ends_at: request.query("to") })),
  request: { query: MetricsQuery },
  responses: responses("The period's figures", MetricsSchema, CacheMeta),
});

const heatmap = createRoute({
  method: "get",
  path: "/heatmap",
  summary: "How much happens at which hour of which weekday",
  security: keySecurity("analytics:read"),
  "x-cost": 2,
  middleware: cached(600, (request) => ({ user_id: request.query("user_id"), ends_at: request.query("to") })),
  request: { query: HeatmapQuery },
  responses: responses("The 168 hours of the week", HeatmapSchema, CacheMeta),
});

const team = createRoute({
  method: "get",
  path: "/team",
  summary: "An organisation's totals; leaderboard and names for analysts and up",
  security: keySecurity("analytics:read"),
  "x-cost": 5,
  middleware: cached(600, (request) => ({
    reads: "organization",
    organization_id: request.query("organization_id"),
    ends_at: request.query("to"),
  })),
  request: { query: TeamQuery },
  responses: responses("The organisation's figures", TeamSchema, CacheMeta),
});

export function mountMetricsRoutes(app: SurfaceApp): void {
  app.openapi(metrics, async (c) => {
    const { from, to, ...query } = c.req.valid("query");
    const metrics = await c.var.caller.rpc("get_dashboard_metrics", {
      starts_at: from,
      ends_at: to,
      ...query,
    }, { get: true });
    return answer(c, metrics);
  });

  app.openapi(heatmap, async (c) => {
    const { from, to, ...query } = c.req.valid("query");
    return answer(
      c,
      await c.var.caller.rpc("get_activity_heatmap", { starts_at: from, ends_at: to, ...query }, {
        get: true,
      }),
    );
  });

  app.openapi(team, async (c) => {
    const { from, to, limit, ...query } = c.req.valid("query");
    return answer(
      c,
      await c.var.caller.rpc("get_team_dashboard_metrics", {
        starts_at: from,
        ends_at: to,
        max_rows: limit,
        ...query,
      }, { get: true }),
    );
  });
}
