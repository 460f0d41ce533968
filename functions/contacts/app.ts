import { createSurface, type SurfaceApp } from "../../shared/http/app.ts";
import { authenticate } from "../../shared/access/auth.ts";
import { CursorCodec } from "../../shared/http/cursor.ts";
import type { Env } from "../../shared/env.ts";
import { mountContactRoutes } from "./routes.ts";

/** The `contacts` surface: the people and senders in one's log. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("contacts", env);
  app.use(authenticate(env));
  // Protected
  mountContactRoutes(app, new CursorCodec(env.cursor_secret));
  return app;
}
