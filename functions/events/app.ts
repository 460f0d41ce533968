import { createSurface, type SurfaceApp } from "../../shared/http/app.ts";
import { authenticate } from "../../shared/access/auth.ts";
import { CursorCodec } from "../../shared/http/cursor.ts";
import type { Env } from "../../shared/env.ts";
import { mountEventRoutes } from "./routes.ts";

/** The `events` surface: calls and messages themselves. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("events", env);
  app.use(authenticate(env));
  // Protected
  mountEventRoutes(app, new CursorCodec(env.cursor_secret));
  return app;
}
