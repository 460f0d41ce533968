import { createAdmin } from "../../shared/admin.ts";
import { createSurface, type SurfaceApp } from "../../shared/app.ts";
import { authenticate } from "../../shared/auth.ts";
import { CursorCodec } from "../../shared/cursor.ts";
import type { Env } from "../../shared/env.ts";
import { requireSecretKey } from "../../shared/secret_key.ts";
import { mountLiveRoutes } from "./routes.ts";
import { mountAlertRoutes } from "./routes_alerts.ts";
import { mountAuditRoutes } from "./routes_audit.ts";
import { mountMemberRoutes } from "./routes_members.ts";
import { mountOperatorRoutes, mountUserMetricsRoutes } from "./routes_monitoring.ts";
import { mountWebhookRoutes } from "./routes_webhooks.ts";

/** The `admin` surface: what operators and admins of organisations ask. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("admin", env);
  const codec = new CursorCodec(env.cursor_secret);
  app.openAPIRegistry.registerComponent("securitySchemes", "secret_key", {
    type: "apiKey",
    in: "header",
    name: "apikey",
  });
  // Public
  mountLiveRoutes(app);
  // The secret key only
  app.on("GET", ["/health", "/metrics"], requireSecretKey(env));
  mountOperatorRoutes(app, createAdmin(env), env.redis_url);
  app.use(authenticate(env));
  // Protected
  mountUserMetricsRoutes(app);
  mountAuditRoutes(app, codec);
  mountMemberRoutes(app, codec);
  mountAlertRoutes(app, codec);
  mountWebhookRoutes(app, env, codec);
  return app;
}
