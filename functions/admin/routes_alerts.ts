import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { maxBody, responses, type SurfaceApp, USER_SECURITY } from "../../shared/http/app.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { listAlerts } from "./alerts.ts";
import {
  AcknowledgementSchema,
  AlertParams,
  AlertSchema,
  AlertsQuery,
  ListMeta,
  NoQuery,
} from "./schemas_alerts.ts";

const list = createRoute({
  method: "get",
  path: "/alerts",
  summary: "One's own alerts, and those of the organisations that one administers",
  security: USER_SECURITY,
  request: { query: AlertsQuery },
  responses: responses("A page of alerts, newest first", z.array(AlertSchema), ListMeta),
});

const acknowledge = createRoute({
  method: "patch",
  path: "/alerts/{id}",
  summary: "Say that somebody takes care of an alert, or take that back",
  security: USER_SECURITY,
  middleware: [maxBody(1000)] as const,
  request: {
    params: AlertParams,
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: AcknowledgementSchema } } },
  },
  responses: responses("The alert after the change", AlertSchema),
});

export function mountAlertRoutes(app: SurfaceApp, codec: CursorCodec): void {
  app.openapi(list, async (c) => {
    const { alerts, page } = await listAlerts(c.var.caller, codec, c.req.valid("query"));
    return answer(c, alerts, { meta: { page } });
  });

  app.openapi(acknowledge, async (c) => {
    const { id } = c.req.valid("param");
    return answer(
      c,
      await c.var.caller.rpc("acknowledge_alert", { alert_id: id, ...c.req.valid("json") }),
    );
  });
}
