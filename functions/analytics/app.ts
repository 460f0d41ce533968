import { createSurface, type SurfaceApp } from "../../shared/http/app.ts";
import { authenticate } from "../../shared/access/auth.ts";
import { CursorCodec } from "../../shared/http/cursor.ts";
import type { Env } from "../../shared/env.ts";
import { mountAnalyticsRoutes } from "./routes.ts";

/** The `analytics` surface: trends, and what the data says about itself and about what comes next. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("analytics", env);
  app.use(authenticate(env));
  // Protected
  mountAnalyticsRoutes(app, new CursorCodec(env.cursor_secret));
  return app;
}
