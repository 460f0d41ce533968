import { createRoute } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { responses, type SurfaceApp } from "../../shared/http/app.ts";
import { LiveSchema } from "./schemas.ts";

const live = createRoute({
  method: "get",
  path: "/live",
  summary: "Whether this function runs",
  description: "For load balancers: says nothing about the project or its database.",
  responses: responses("It runs", LiveSchema),
});

/** Routes that need no caller. */
export function mountLiveRoutes(app: SurfaceApp): void {
  app.openapi(live, (c) => answer(c, { status: "live" }));
}
