import type { SurfaceApp } from "../../shared/http/app.ts";
import type { Exporting } from "./exports.ts";
import { mountDatasetRoutes } from "./routes_dataset.ts";
import { mountErasureRoutes } from "./routes_erasure.ts";
import { mountExportRoutes } from "./routes_exports.ts";
import { mountHoldRoutes } from "./routes_holds.ts";
import { mountRetentionRoutes } from "./routes_retention.ts";
import { mountRuleRoutes } from "./routes_rules.ts";

/** Everything that takes a signed-in user, area by area. */
export function mountPrivacyRoutes(app: SurfaceApp, exporting: Exporting): void {
  mountRuleRoutes(app, exporting.codec);
  mountExportRoutes(app, exporting);
  mountErasureRoutes(app);
  mountHoldRoutes(app);
  mountRetentionRoutes(app);
  mountDatasetRoutes(app);
}
