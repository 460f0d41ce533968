import { createAdmin } from "../../shared/admin.ts";
import { createSurface, type SurfaceApp } from "../../shared/app.ts";
import { authenticate } from "../../shared/auth.ts";
import type { Env } from "../../shared/env.ts";
import { requireSecretKey } from "../../shared/secret_key.ts";
import { mountLiveRoutes } from "./routes.ts";
import { mountOperatorRoutes, mountUserMetricsRoutes } from "./routes_monitoring.ts";

/** The `admin` surface: what an operator asks, and what admins ask of their organisations. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("admin", env);
  app.openAPIRegistry.registerComponent("securitySchemes", "secret_key", {
    type: "apiKey",
    in: "header",
    name: "apikey",
  });
  // Public
  mountLiveRoutes(app);
  // With the secret key
  app.on("GET", ["/health", "/metrics"], requireSecretKey(env));
  mountOperatorRoutes(app, createAdmin(env), env.redis_url);
  app.use(authenticate(env));
  // Protected
  mountUserMetricsRoutes(app);
  return app;
}
