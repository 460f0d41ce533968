import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { keySecurity, responses, type SurfaceApp } from "../../shared/http/app.ts";
import { wholeNumber } from "../../shared/http/query.ts";
import { cached, CacheMeta } from "../../shared/cache/result_cache.ts";
import { period, Time } from "./schemas.ts";

export const AnomaliesQuery = z.strictObject({
  ...period("89 local days before today", "now. Days that are not over are not judged"),
  alarm_days: wholeNumber(7, 3650).optional().openapi({
    type: "integer",
    minimum: 7,
    maximum: 3650,
    default: 60,
    description: "One false alarm in so many days",
  }),
});

const AnomalySchema = z.object({
  kind: z.enum(["volume", "duration", "unusual_hour", "new_number_burst", "drop_off"]),
  test: z.enum(["calls", "texts", "duration", "hour", "new_number", "new_numbers", "drop_off"]),
  direction: z.enum(["up", "down"]),
  channel: z.enum(["all", "call", "sms"]),
  date: z.iso.date().openapi({ description: "The local day" }),
  from: Time,
  to: Time,
  observed: z.number().openapi({ description: "Events; seconds of a duration; days of a drop-off" }),
  expected: z.number().nullable(),
  score: z.number(),
  p_value: z.number(),
  contact_id: z.uuid().nullable(),
  contact_name: z.string().nullable(),
  event_ids: z.array(z.uuid()).openapi({ description: "Up to five of the events" }),
  explanation: z.string(),
}).openapi("Anomaly");

export const AnomaliesSchema = z.object({
  from: Time,
  to: Time,
  time_zone: z.string(),
  alarm_days: z.number().int(),
  anomalies: z.array(AnomalySchema),
  days_judged: z.number().int(),
  days_left_out: z.number().int().openapi({ description: "Days with a gap in the data" }),
  false_alarms_expected: z.number(),
  generated_at: Time,
}).openapi("Anomalies");

const anomalies = createRoute({
  method: "get",
  path: "/anomalies",
  summary: "Days, calls, hours, numbers and contacts unlike one's own past, at a false-alarm rate of choice",
  security: keySecurity("analytics:read"),
  "x-cost": 5,
  middleware: cached(60),
  request: { query: AnomaliesQuery },
  responses: responses("Anomalies in order of time", AnomaliesSchema, CacheMeta),
});

/** `GET /analytics/anomalies`. */
export function mountAnomalies(app: SurfaceApp): void {
  app.openapi(anomalies, async (c) => {
    const { from, to, ...query } = c.req.valid("query");
    return answer(
      c,
      await c.var.caller.rpc("detect_anomalies", { starts_at: from, ends_at: to, ...query }, { get: true }),
    );
  });
}
