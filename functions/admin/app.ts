import { createSurface, type SurfaceApp } from "../../shared/app.ts";
import { authenticate } from "../../shared/auth.ts";
import { CursorCodec } from "../../shared/cursor.ts";
import type { Env } from "../../shared/env.ts";
import { mountLiveRoutes } from "./routes.ts";
import { mountAuditRoutes } from "./routes_audit.ts";
import { mountMemberRoutes } from "./routes_members.ts";

/** The `admin` surface: what operators and admins of organisations ask. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("admin", env);
  const codec = new CursorCodec(env.cursor_secret);
  // Public
  mountLiveRoutes(app);
  app.use(authenticate(env));
  // Protected
  mountAuditRoutes(app, codec);
  mountMemberRoutes(app, codec);
  return app;
}
