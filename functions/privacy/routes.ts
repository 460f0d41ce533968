import type { SurfaceApp } from "../../shared/app.ts";
import type { CursorCodec } from "../../shared/cursor.ts";
import { mountRuleRoutes } from "./routes_rules.ts";

/** Everything that takes a signed-in user, area by area. */
export function mountPrivacyRoutes(app: SurfaceApp, codec: CursorCodec): void {
  mountRuleRoutes(app, codec);
}
