import { createSurface, type SurfaceApp } from "../../shared/app.ts";
import { authenticate } from "../../shared/auth.ts";
import { CursorCodec } from "../../shared/cursor.ts";
import type { Env } from "../../shared/env.ts";
import { mountSearchRoutes } from "./routes.ts";

/** The `search` surface: events and people by number, name and text. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("search", env);
  app.use(authenticate(env));
  // Protected
  mountSearchRoutes(app, new CursorCodec(env.cursor_secret));
  return app;
}
