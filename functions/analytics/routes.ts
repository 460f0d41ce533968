import type { SurfaceApp } from "../../shared/http/app.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { mountAnomalies } from "./anomalies.ts";
import { mountGaps } from "./gaps.ts";
import { mountPredictions } from "./predictions.ts";
import { mountQuality } from "./quality.ts";
import { mountTrends } from "./trends.ts";

/** Each analytic is a file: its query, its answer, its route. */
export function mountAnalyticsRoutes(app: SurfaceApp, codec: CursorCodec): void {
  mountTrends(app);
  mountGaps(app);
  mountAnomalies(app);
  mountQuality(app);
  mountPredictions(app, codec);
}
