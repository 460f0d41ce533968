import { createAdmin } from "../../shared/admin.ts";
import { createSurface, type SurfaceApp } from "../../shared/app.ts";
import { authenticate } from "../../shared/auth.ts";
import { CursorCodec } from "../../shared/cursor.ts";
import type { Env } from "../../shared/env.ts";
import { mountExportLink } from "./routes_exports.ts";
import { mountPrivacyRoutes } from "./routes.ts";

/** The `privacy` surface: what people may ask of the data that is held about them. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("privacy", env);
  const codec = new CursorCodec(env.cursor_secret);
  const exporting = { admin: createAdmin(env), codec, public_url: env.public_url };
  // Public: a signed link is its own permission
  mountExportLink(app, exporting);
  app.use(authenticate(env));
  // Protected
  mountPrivacyRoutes(app, codec, exporting);
  return app;
}
