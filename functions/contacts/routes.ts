import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { keySecurity, maxBody, responses, type SurfaceApp } from "../../shared/http/app.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { idempotent } from "../../shared/http/idempotency.ts";
import { listContacts } from "./contacts.ts";
import { mountIntelligence } from "./intelligence.ts";
import { mountRelationships } from "./relationships.ts";
import { ChangesSchema, ContactParams, ContactSchema, ListMeta, ListQuery, NoQuery } from "./schemas.ts";

const list = createRoute({
  method: "get",
  path: "/",
  summary: "One's contacts, by name",
  security: keySecurity("contacts:read"),
  request: { query: ListQuery },
  responses: responses("A page of contacts", z.array(ContactSchema), ListMeta),
});

const one = createRoute({
  method: "get",
  path: "/{id}",
  summary: "One contact",
  security: keySecurity("contacts:read"),
  request: { params: ContactParams, query: NoQuery },
  responses: responses("The contact", ContactSchema),
});

const change = createRoute({
  method: "patch",
  path: "/{id}",
  summary: "Change name, company, tags or notes of one's own contact",
  security: keySecurity("contacts:write"),
  middleware: [maxBody(64_000), idempotent()] as const,
  request: {
    params: ContactParams,
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: ChangesSchema } } },
  },
  responses: responses("The contact after the change", ContactSchema),
});

export function mountContactRoutes(app: SurfaceApp, codec: CursorCodec): void {
  app.openapi(list, async (c) => {
    const { contacts, page } = await listContacts(c.var.caller, codec, c.req.valid("query"));
    return answer(c, contacts, { meta: { page } });
  });

  app.openapi(one, async (c) => {
    const { id } = c.req.valid("param");
    return answer(c, await c.var.caller.rpc("get_contact", { contact_id: id }, { get: true }));
  });

  app.openapi(change, async (c) => {
    const { id } = c.req.valid("param");
    return answer(
      c,
      await c.var.caller.rpc("update_contact", { contact_id: id, changes: c.req.valid("json") as never }),
    );
  });

  mountIntelligence(app);
  mountRelationships(app);
}
