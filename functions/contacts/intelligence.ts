import { createRoute } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { keySecurity, responses, type SurfaceApp } from "../../shared/http/app.ts";
import { cached, CacheMeta } from "../../shared/cache/result_cache.ts";
import { ContactParams } from "./schemas.ts";
import { IntelligenceQuery, IntelligenceSchema } from "./schemas_intelligence.ts";

const intelligence = createRoute({
  method: "get",
  path: "/{id}/intelligence",
  summary: "One contact in depth: rhythm, balance, trend, strength and what to expect",
  security: keySecurity("contacts:read"),
  "x-cost": 2,
  middleware: cached(60, (request) => ({ contact_id: request.param("id") })),
  request: { params: ContactParams, query: IntelligenceQuery },
  responses: responses("The contact's figures", IntelligenceSchema, CacheMeta),
});

/** `GET /contacts/{id}/intelligence`. */
export function mountIntelligence(app: SurfaceApp): void {
  app.openapi(intelligence, async (c) => {
    const { from, to, time_zone } = c.req.valid("query");
    const args = { contact_id: c.req.valid("param").id, starts_at: from, ends_at: to, time_zone };
    return answer(c, await c.var.caller.rpc("get_contact_intelligence", args, { get: true }));
  });
}
