import { createSurface, type SurfaceApp } from "../../shared/app.ts";
import type { Env } from "../../shared/env.ts";
import { mountLiveRoutes } from "./routes.ts";

/** The `admin` surface: what an operator asks. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("admin", env);
  // Public
  mountLiveRoutes(app);
  return app;
}
