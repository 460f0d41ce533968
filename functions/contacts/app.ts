import { createSurface, type SurfaceApp } from "../../shared/app.ts";
import { authenticate } from "../../shared/auth.ts";
import { CursorCodec } from "../../shared/cursor.ts";
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
