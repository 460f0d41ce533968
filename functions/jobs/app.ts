import { createAdmin } from "../../shared/access/admin.ts";
import { createSurface, type SurfaceApp } from "../../shared/http/app.ts";
import type { Env } from "../../shared/env.ts";
import { requireSecretKey } from "../../shared/access/secret_key.ts";
import { mountJobRoutes } from "./routes.ts";

/** The platform gives a request 150 seconds to its first byte, and a job's step one statement's time limit. */
const MAX_STEP_MS = 130_000;

/** The `jobs` surface: what runs by itself, for pg_cron, the local scheduler and the operator. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("jobs", env);
  app.openAPIRegistry.registerComponent("securitySchemes", "secret_key", {
    type: "apiKey",
    in: "header",
    name: "apikey",
  });
  // The secret key only
  app.use(requireSecretKey(env));
  mountJobRoutes(app, { env, admin: createAdmin(env, MAX_STEP_MS) });
  return app;
}
