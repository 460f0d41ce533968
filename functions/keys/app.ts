import { createSurface, type SurfaceApp } from "../../shared/http/app.ts";
import { authenticate } from "../../shared/access/auth.ts";
import type { Env } from "../../shared/env.ts";
import { mountKeyRoutes } from "./routes.ts";

/** The `keys` surface: API keys, with which programs act for their owner. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("keys", env);
  app.use(authenticate(env));
  // Protected
  mountKeyRoutes(app);
  return app;
}
