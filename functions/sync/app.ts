import { createSurface, type SurfaceApp } from "../../shared/http/app.ts";
import { authenticate } from "../../shared/access/auth.ts";
import type { Env } from "../../shared/env.ts";
import { mountSyncRoutes } from "./routes.ts";

/** The `sync` surface: what delivers events, and whether it does. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("sync", env);
  app.use(authenticate(env));
  // Protected
  mountSyncRoutes(app);
  return app;
}
