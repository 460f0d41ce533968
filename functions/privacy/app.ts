import { createAdmin } from "../../shared/access/admin.ts";
import { createSurface, type SurfaceApp } from "../../shared/http/app.ts";
import { authenticate } from "../../shared/access/auth.ts";
import { CursorCodec } from "../../shared/http/cursor.ts";
import type { Env } from "../../shared/env.ts";
import { mountExportLink } from "./routes_exports.ts";
import { mountPrivacyRoutes } from "./routes.ts";

/** The `privacy` surface: what people may ask of the data that is held about them. */
export function createApp(env: Env): SurfaceApp {
  const app = createSurface("privacy", env);
  const exporting = {
    admin: createAdmin(env),
    codec: new CursorCodec(env.cursor_secret),
    public_url: env.public_url,
  };
  // Public: a signed link is its own permission
  mountExportLink(app, exporting);
  app.use(authenticate(env));
  // Protected
  mountPrivacyRoutes(app, exporting);
  return app;
}
