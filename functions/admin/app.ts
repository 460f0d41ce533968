import { createSurface, type SurfaceApp } from "../../shared/app.ts";
import { authenticate } from "../../shared/auth.ts";
import { CursorCodec } from "../../shared/cursor.ts";
import type { Env } from "../../shared/env.ts";
import { mountLiveRoutes } from "./routes.ts";
import { mountAlertRoutes } from "./routes_alerts.ts";
import { mountWebhookRoutes } from "./routes_webhooks.ts";

/** The `admin` surface: what operators and admins ask. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("admin", env);
  const codec = new CursorCodec(env.cursor_secret);
  // Public
  mountLiveRoutes(app);
  app.use(authenticate(env));
  // Protected
  mountAlertRoutes(app, codec);
  mountWebhookRoutes(app, env, codec);
  return app;
}
