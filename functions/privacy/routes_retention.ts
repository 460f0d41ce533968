import { createRoute } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { maxBody, responses, type SurfaceApp, USER_SECURITY } from "../../shared/http/app.ts";
import { RetentionBody, RetentionQuery, RetentionSchema } from "./schemas_retention.ts";

const read = createRoute({
  method: "get",
  path: "/retention",
  summary: "How long calls, messages and questions are kept",
  security: USER_SECURITY,
  request: { query: RetentionQuery },
  responses: responses("The policies, and what waits to be removed", RetentionSchema),
});

const write = createRoute({
  method: "put",
  path: "/retention",
  summary: "Replace the policies, or try them out",
  description: "What an organisation's admins shorten applies a day later. A legal hold wins.",
  security: USER_SECURITY,
  middleware: [maxBody(256_000)] as const,
  request: {
    query: RetentionQuery,
    body: { required: true, content: { "application/json": { schema: RetentionBody } } },
  },
  responses: responses("The policies, and what they remove", RetentionSchema),
});

/** How long data is kept, by the time of the event. */
export function mountRetentionRoutes(app: SurfaceApp): void {
  app.openapi(
    read,
    async (c) => answer(c, await c.var.caller.rpc("get_retention", c.req.valid("query"), { get: true })),
  );

  app.openapi(write, async (c) => {
    const { dry_run, ...settings } = c.req.valid("json");
    return answer(
      c,
      await c.var.caller.rpc("set_retention", { ...settings, ...c.req.valid("query"), is_dry_run: dry_run }),
    );
  });
}
