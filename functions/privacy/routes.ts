import type { SurfaceApp } from "../../shared/app.ts";
import type { Exporting } from "./exports.ts";
import { mountExportRoutes } from "./routes_exports.ts";

/** Everything that takes a signed-in user, area by area. */
export function mountPrivacyRoutes(app: SurfaceApp, exporting: Exporting): void {
  mountExportRoutes(app, exporting);
}
