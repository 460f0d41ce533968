import { createRoute } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { keySecurity, responses, type SurfaceApp } from "../../shared/http/app.ts";
import { cached, CacheMeta } from "../../shared/cache/result_cache.ts";
import { ContactParams } from "./schemas.ts";
import { RelationshipsQuery, RelationshipsSchema } from "./schemas_relationships.ts";

const relationships = createRoute({
  method: "get",
  path: "/{id}/relationships",
  summary: "Who in the organisation knows this person, and who occurs together with them",
  security: keySecurity("contacts:read"),
  "x-cost": 5,
  middleware: cached(60, (request) => ({ reads: "teammates", contact_id: request.param("id") })),
  request: { params: ContactParams, query: RelationshipsQuery },
  responses: responses("People around the contact", RelationshipsSchema, CacheMeta),
});

/** `GET /contacts/{id}/relationships`. */
export function mountRelationships(app: SurfaceApp): void {
  app.openapi(relationships, async (c) => {
    const { from, to } = c.req.valid("query");
    const args = { contact_id: c.req.valid("param").id, starts_at: from, ends_at: to };
    return answer(c, await c.var.caller.rpc("get_contact_relationships", args, { get: true }));
  });
}
