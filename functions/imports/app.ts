import { createSurface, type SurfaceApp } from "../../shared/http/app.ts";
import { authenticate } from "../../shared/access/auth.ts";
import { CursorCodec } from "../../shared/http/cursor.ts";
import type { Env } from "../../shared/env.ts";
import { mountImportRoutes } from "./routes.ts";

/** The `imports` surface: files of calls and messages go in. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("imports", env);
  app.use(authenticate(env));
  // Protected
  mountImportRoutes(app, new CursorCodec(env.cursor_secret));
  return app;
}
