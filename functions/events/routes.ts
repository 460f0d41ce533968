import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { keySecurity, maxBody, responses, type SurfaceApp } from "../../shared/http/app.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { idempotent } from "../../shared/http/idempotency.ts";
import { createEvents, listEvents } from "./events.ts";
import {
  CreatedSchema,
  CreateSchema,
  DeletedSchema,
  EventParams,
  EventSchema,
  ListMeta,
  ListQuery,
  NoQuery,
} from "./schemas.ts";

const list = createRoute({
  method: "get",
  path: "/",
  summary: "Calls and messages, by time",
  security: keySecurity("events:read"),
  request: { query: ListQuery },
  responses: responses("A page of events", z.array(EventSchema), ListMeta),
});

const create = createRoute({
  method: "post",
  path: "/",
  summary: "Take in up to 1,000 events",
  description:
    "Duplicates are known and merged. Good rows are kept when others are refused; when all are, 422.",
  security: keySecurity("events:write"),
  "x-cost": 2,
  middleware: [maxBody(8_000_000), idempotent()] as const,
  request: {
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: CreateSchema } } },
  },
  responses: responses("What became of each event", CreatedSchema),
});

const one = createRoute({
  method: "get",
  path: "/{id}",
  summary: "One event",
  security: keySecurity("events:read"),
  request: { params: EventParams, query: NoQuery },
  responses: responses("The event", EventSchema),
});

const remove = createRoute({
  method: "delete",
  path: "/{id}",
  summary: "Delete one of one's own events",
  description: "It does not come back with a later import.",
  security: keySecurity("events:write"),
  middleware: [idempotent()] as const,
  request: { params: EventParams, query: NoQuery },
  responses: responses("It is gone", DeletedSchema),
});

export function mountEventRoutes(app: SurfaceApp, codec: CursorCodec): void {
  app.openapi(list, async (c) => {
    const { events, meta } = await listEvents(c.var.caller, codec, c.req.valid("query"));
    return answer(c, events, { meta });
  });

  app.openapi(create, async (c) => answer(c, await createEvents(c.var.caller, c.req.valid("json"))));

  app.openapi(one, async (c) => {
    const { id } = c.req.valid("param");
    return answer(c, await c.var.caller.rpc("get_event", { event_id: id }, { get: true }));
  });

  app.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    await c.var.caller.rpc("delete_event", { event_id: id });
    return answer(c, { id, deleted: true });
  });
}
