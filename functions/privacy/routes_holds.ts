import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { maxBody, responses, type SurfaceApp, USER_SECURITY } from "../../shared/http/app.ts";
import { OrganizationQuery } from "./schemas.ts";
import { HoldBody, HoldPath, HoldSchema } from "./schemas_holds.ts";

const list = createRoute({
  method: "get",
  path: "/holds",
  summary: "Whose data the organisation preserves, and why; for its admins",
  security: USER_SECURITY,
  request: { query: OrganizationQuery },
  responses: responses("The legal holds", z.array(HoldSchema)),
});

const set = createRoute({
  method: "put",
  path: "/holds/{user_id}",
  summary: "Preserve a member's data: nothing of it is erased or expires",
  security: USER_SECURITY,
  middleware: [maxBody(4_000)] as const,
  request: {
    params: HoldPath,
    query: OrganizationQuery,
    body: { required: true, content: { "application/json": { schema: HoldBody } } },
  },
  responses: responses("The legal holds", z.array(HoldSchema)),
});

const lift = createRoute({
  method: "delete",
  path: "/holds/{user_id}",
  summary: "End a legal hold; nobody his own",
  security: USER_SECURITY,
  request: { params: HoldPath, query: OrganizationQuery },
  responses: responses("The hold is lifted", z.object({ user_id: z.uuid(), lifted: z.boolean() })),
});

/** Legal holds, which win over erasure and retention. */
export function mountHoldRoutes(app: SurfaceApp): void {
  app.openapi(
    list,
    async (c) => answer(c, await c.var.caller.rpc("get_legal_holds", c.req.valid("query"), { get: true })),
  );

  app.openapi(set, async (c) => {
    const { user_id } = c.req.valid("param");
    return answer(
      c,
      await c.var.caller.rpc("set_legal_hold", {
        member_id: user_id,
        ...c.req.valid("json"),
        ...c.req.valid("query"),
      }),
    );
  });

  app.openapi(lift, async (c) => {
    const { user_id } = c.req.valid("param");
    await c.var.caller.rpc("lift_legal_hold", { member_id: user_id, ...c.req.valid("query") });
    return answer(c, { user_id, lifted: true });
  });
}
