import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { maxBody, responses, type SurfaceApp, USER_SECURITY } from "../../shared/http/app.ts";
import { NoQuery } from "./schemas.ts";
import { ErasureBody, ErasureQuery, ErasureSchema, PreviewSchema } from "./schemas_erasure.ts";

const list = createRoute({
  method: "get",
  path: "/erasure",
  summary: "One's erasures and how far they are",
  security: USER_SECURITY,
  request: { query: NoQuery },
  responses: responses("Newest first", z.array(ErasureSchema)),
});

const erase = createRoute({
  method: "post",
  path: "/erasure",
  summary: "Preview what an erasure removes, or ask for it with the preview's confirmation",
  description:
    "Of the account, of a contact or of a number. It begins when the grace period is over, and can be taken back until then.",
  security: USER_SECURITY,
  middleware: [maxBody(4_000)] as const,
  request: {
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: ErasureBody } } },
  },
  responses: {
    ...responses("The preview", PreviewSchema),
    ...responses("The erasure that was asked for", ErasureSchema, undefined, 201),
  },
});

const cancel = createRoute({
  method: "delete",
  path: "/erasure",
  summary: "Take back an erasure that has not begun",
  description: "Of a finished one, let the numbers in again that later imports refuse.",
  security: USER_SECURITY,
  request: { query: ErasureQuery },
  responses: responses("The erasure as it was", ErasureSchema),
});

/** The right to be forgotten, and to forget somebody. */
export function mountErasureRoutes(app: SurfaceApp): void {
  app.openapi(list, async (c) => answer(c, await c.var.caller.rpc("get_erasures", {}, { get: true })));

  app.openapi(erase, async (c) => {
    const { confirmation, keep_out, ...subject } = c.req.valid("json");
    if (confirmation === undefined) {
      return answer(c, await c.var.caller.rpc("preview_erasure", subject, { get: true }));
    }
    const request = await c.var.caller.rpc("request_erasure", { confirmation, keep_out, ...subject });
    return answer(c, request, { status: 201 });
  });

  app.openapi(
    cancel,
    async (c) => answer(c, await c.var.caller.rpc("cancel_erasure", { request_id: c.req.valid("query").id })),
  );
}
