import { createSurface, type SurfaceApp } from "../../shared/app.ts";
import { authenticate } from "../../shared/auth.ts";
import { CursorCodec } from "../../shared/cursor.ts";
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
