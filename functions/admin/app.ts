import { createAdmin } from "../../shared/access/admin.ts";
import { createSurface, type SurfaceApp } from "../../shared/http/app.ts";
import { authenticate } from "../../shared/access/auth.ts";
import { CursorCodec } from "../../shared/http/cursor.ts";
import type { Env } from "../../shared/env.ts";
import { requireSecretKey } from "../../shared/access/secret_key.ts";
import { mountLiveRoutes } from "./routes.ts";
import { mountAuditRoutes } from "./routes_audit.ts";
import { mountMemberRoutes } from "./routes_members.ts";
import { mountAlertRoutes } from "./routes_alerts.ts";
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
  mountAuditRoutes(app, codec);
  mountMemberRoutes(app, codec);
  mountUserMetricsRoutes(app);
  mountAlertRoutes(app, codec);
  mountWebhookRoutes(app, env, codec);
  return app;
}
