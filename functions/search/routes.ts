import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { keySecurity, responses, type SurfaceApp } from "../../shared/http/app.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { ContactHitSchema, ContactQuery, EventHitSchema, EventQuery, ListMeta } from "./schemas.ts";
import { searchContacts, searchEvents } from "./search.ts";

const events = createRoute({
  method: "get",
  path: "/events",
  summary: "Calls and messages by number, name or text",
  security: keySecurity("events:read"),
  "x-cost": 2,
  request: { query: EventQuery },
  responses: responses("A page of what was found", z.array(EventHitSchema), ListMeta),
});

const contacts = createRoute({
  method: "get",
  path: "/contacts",
  summary: "Contacts by name or number",
  security: keySecurity("contacts:read"),
  request: { query: ContactQuery },
  responses: responses("A page of what was found", z.array(ContactHitSchema), ListMeta),
});

export function mountSearchRoutes(app: SurfaceApp, codec: CursorCodec): void {
  app.openapi(events, async (c) => {
    const found = await searchEvents(c.var.caller, codec, c.req.valid("query"));
    return answer(c, found.events, { meta: { page: found.page } });
  });

  app.openapi(contacts, async (c) => {
    const found = await searchContacts(c.var.caller, codec, c.req.valid("query"));
    return answer(c, found.contacts, { meta: { page: found.page } });
  });
}
