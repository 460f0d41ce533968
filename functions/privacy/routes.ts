import type { SurfaceApp } from "../../shared/app.ts";
import type { CursorCodec } from "../../shared/cursor.ts";
import type { Exporting } from "./exports.ts";
import { mountExportRoutes } from "./routes_exports.ts";
import { mountRuleRoutes } from "./routes_rules.ts";

/** Everything that takes a signed-in user, area by area. */
export function mountPrivacyRoutes(app: SurfaceApp, codec: CursorCodec, exporting: Exporting): void {
  mountRuleRoutes(app, codec);
  mountExportRoutes(app, exporting);
}
