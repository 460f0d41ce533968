import { createSurface, type SurfaceApp } from "../../shared/http/app.ts";
import { authenticate } from "../../shared/access/auth.ts";
import { CursorCodec } from "../../shared/http/cursor.ts";
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
