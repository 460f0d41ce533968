import { createRoute } from "@hono/zod-openapi";
import { answer } from "../../shared/answer.ts";
import { responses, type SurfaceApp, USER_SECURITY } from "../../shared/app.ts";
import { MetricsQuery, MetricsSchema } from "./schemas.ts";

const metrics = createRoute({
  method: "get",
  path: "/metrics",
  summary: "Totals, series and comparison of a period",
  security: USER_SECURITY,
  request: { query: MetricsQuery },
  responses: responses("The period's figures", MetricsSchema),
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
}
