import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { maxBody, responses, type SurfaceApp, USER_SECURITY } from "../../shared/http/app.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { ListMeta, NoQuery } from "./schemas_alerts.ts";
import {
  DeliveriesQuery,
  DeliverySchema,
  NewWebhookSchema,
  WebhookChangesSchema,
  WebhookParams,
  WebhookSchema,
} from "./schemas_webhooks.ts";
import { changeWebhook, createWebhook, listDeliveries, type WebhookEnv } from "./webhooks.ts";

const list = createRoute({
  method: "get",
  path: "/webhooks",
  summary: "One's own webhooks, and those of the organisations that one administers",
  security: USER_SECURITY,
  request: { query: NoQuery },
  responses: responses("The webhooks, newest first", z.array(WebhookSchema)),
});

const create = createRoute({
  method: "post",
  path: "/webhooks",
  summary: "Have an address told of alerts, or of one's own new events",
  description: "The answer shows the secret, this once. Ten for a person and ten for an organisation.",
  security: USER_SECURITY,
  middleware: [maxBody(10_000)] as const,
  request: {
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: NewWebhookSchema } } },
  },
  responses: responses("The webhook", WebhookSchema, z.object({}), 201),
});

const change = createRoute({
  method: "patch",
  path: "/webhooks/{id}",
  summary: "Change a webhook, or rotate its secret",
  security: USER_SECURITY,
  middleware: [maxBody(10_000)] as const,
  request: {
    params: WebhookParams,
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: WebhookChangesSchema } } },
  },
  responses: responses("The webhook after the change", WebhookSchema),
});

const remove = createRoute({
  method: "delete",
  path: "/webhooks/{id}",
  summary: "Delete a webhook, and what waits to be sent to it",
  security: USER_SECURITY,
  request: { params: WebhookParams, query: NoQuery },
  responses: responses("It is deleted", z.object({ id: z.uuid() })),
});

const test = createRoute({
  method: "post",
  path: "/webhooks/{id}/test",
  summary: "Send a message of type webhook.test",
  description:
    "It goes out with the next run of the job, within a minute; the deliveries tell what became of it.",
  security: USER_SECURITY,
  middleware: [maxBody(1000)] as const,
  request: { params: WebhookParams, query: NoQuery },
  responses: responses("The message, pending", DeliverySchema, z.object({}), 201),
});

const deliveries = createRoute({
  method: "get",
  path: "/webhooks/{id}/deliveries",
  summary: "The messages to a webhook, and what became of them",
  security: USER_SECURITY,
  request: { params: WebhookParams, query: DeliveriesQuery },
  responses: responses("A page of messages, newest first", z.array(DeliverySchema), ListMeta),
});

export function mountWebhookRoutes(app: SurfaceApp, env: WebhookEnv, codec: CursorCodec): void {
  app.openapi(list, async (c) => answer(c, await c.var.caller.rpc("get_webhooks", {}, { get: true })));

  app.openapi(
    create,
    async (c) => answer(c, await createWebhook(c.var.caller, env, c.req.valid("json")), { status: 201 }),
  );

  app.openapi(change, async (c) => {
    const { id } = c.req.valid("param");
    return answer(c, await changeWebhook(c.var.caller, env, id, c.req.valid("json")));
  });

  app.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    await c.var.caller.rpc("delete_webhook", { webhook_id: id });
    return answer(c, { id });
  });

  app.openapi(test, async (c) => {
    const { id } = c.req.valid("param");
    return answer(c, await c.var.caller.rpc("test_webhook", { webhook_id: id }), { status: 201 });
  });

  app.openapi(deliveries, async (c) => {
    const { id } = c.req.valid("param");
    const { deliveries, page } = await listDeliveries(c.var.caller, codec, id, c.req.valid("query"));
    return answer(c, deliveries, { meta: { page } });
  });
}
