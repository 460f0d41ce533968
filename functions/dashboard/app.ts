import { createSurface, type SurfaceApp } from "../../shared/http/app.ts";
import { authenticate } from "../../shared/access/auth.ts";
import type { Env } from "../../shared/env.ts";
import { mountMetricsRoutes } from "./routes.ts";

/** The `dashboard` surface: what happened, in figures. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("dashboard", env);
  app.use(authenticate(env));
  // Protected
  mountMetricsRoutes(app);
  return app;
}
