import { createSurface, type SurfaceApp } from "../../shared/app.ts";
import { authenticate } from "../../shared/auth.ts";
import { CursorCodec } from "../../shared/cursor.ts";
import type { Env } from "../../shared/env.ts";
import { mountPrivacyRoutes } from "./routes.ts";

/** The `privacy` surface: what people may ask of the data that is held about them. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("privacy", env);
  app.use(authenticate(env));
  // Protected
  mountPrivacyRoutes(app, new CursorCodec(env.cursor_secret));
  return app;
}
