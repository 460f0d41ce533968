import { createRoute } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { maxBody, responses, type SurfaceApp, USER_SECURITY } from "../../shared/http/app.ts";
import { NoQuery } from "./schemas.ts";
import { DatasetQuery, DatasetSchema, SharingBody, SharingSchema } from "./schemas_dataset.ts";

const sharing = createRoute({
  method: "get",
  path: "/sharing",
  summary: "Whether one's log is shared with teammates at all",
  security: USER_SECURITY,
  request: { query: NoQuery },
  responses: responses("The choice", SharingSchema),
});

const share = createRoute({
  method: "put",
  path: "/sharing",
  summary: '"Do not share" (CCPA), or share again as the privacy rules say',
  security: USER_SECURITY,
  middleware: [maxBody(1_000)] as const,
  request: {
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: SharingBody } } },
  },
  responses: responses("The choice", SharingSchema),
});

const dataset = createRoute({
  method: "get",
  path: "/dataset",
  summary: "An organisation's anonymised figures of a week",
  description:
    "For analysts and up. A week is released once and stays as it is: figures of fewer than 5 members, or dominated by one, are suppressed, and others with them until none can be computed.",
  security: USER_SECURITY,
  request: { query: DatasetQuery },
  responses: responses("The release", DatasetSchema),
});

/** What of one's data others get to see, as itself or in figures. */
export function mountDatasetRoutes(app: SurfaceApp): void {
  app.openapi(sharing, async (c) => answer(c, await c.var.caller.rpc("get_sharing", {}, { get: true })));

  app.openapi(share, async (c) => answer(c, await c.var.caller.rpc("set_sharing", c.req.valid("json"))));

  app.openapi(
    dataset,
    async (c) => answer(c, await c.var.caller.rpc("get_dataset", c.req.valid("query"), { get: true })),
  );
}
