import { createRoute, z } from "@hono/zod-openapi";
import Papa from "papaparse";
import { answer, answerCsv } from "../../shared/http/answer.ts";
import { keySecurity, responses, type SurfaceApp } from "../../shared/http/app.ts";
import { Uuid, wholeNumber } from "../../shared/http/query.ts";
import { cached, CacheMeta } from "../../shared/cache/result_cache.ts";
import { Figure, period, Time } from "./schemas.ts";

const Metric = z.enum([
  "total_events",
  "total_calls",
  "total_sms",
  "inbound",
  "outbound",
  "answered_calls",
  "missed_calls",
  "unique_contacts",
  "total_call_duration_minutes",
  "avg_call_duration_minutes",
]);
const Interval = z.enum(["hour", "day", "week", "month"]);
const Breakdown = z.enum([
  "none",
  "contact",
  "type",
  "direction",
  "status",
  "source",
  "line",
  "hour",
  "weekday",
]);

export const TrendsQuery = z.strictObject({
  metric: Metric.default("total_events"),
  ...period("29 local days before today"),
  interval: Interval.default("day"),
  breakdown: Breakdown.default("none"),
  top: wholeNumber(1, 50).optional().openapi({
    type: "integer",
    minimum: 1,
    maximum: 50,
    description: "Series beyond these are one, other; default: 10, of hours 24",
  }),
  compare: z.enum(["previous_period", "previous_year", "none"]).default("none"),
  user_id: Uuid.optional().openapi({
    description: "A teammate, as the privacy rules allow; default: oneself",
  }),
  format: z.enum(["json", "csv"]).default("json").openapi({
    description: "csv: a row per bucket, a column per series",
  }),
});

export const TrendsSchema = z.object({
  user_id: z.uuid(),
  metric: Metric,
  interval: Interval,
  breakdown: Breakdown,
  from: Time,
  to: Time,
  time_zone: z.string(),
  is_additive: z.boolean().openapi({ description: "The series sum to the last one in every bucket" }),
  buckets: z.array(z.object({
    time_bucket: Time.openapi({ description: "Start, with the zone's offset then" }),
    is_partial: z.boolean().openapi({ description: "The period cuts it, or it is not over" }),
  })),
  series: z.array(z.object({
    key: z.string().nullable().openapi({ description: "The value of the breakdown; other; null: all" }),
    label: z.string().nullable(),
    total: Figure,
    share_pct: Figure,
    values: z.array(Figure).openapi({ description: "One per bucket" }),
    change: z.object({ current: Figure, previous: Figure, change: Figure, change_pct: Figure }).optional(),
  })).openapi({ description: "By size, hours and weekdays in order, then other, then all" }),
  comparison: z.object({ mode: z.enum(["previous_period", "previous_year"]), from: Time, to: Time })
    .nullable(),
  generated_at: Time,
}).openapi("Trends");

type Trends = z.infer<typeof TrendsSchema>;

/** A row per bucket: its start, then every series, `all` last. A cell that a spreadsheet would run is quoted. */
export function trendsCsv({ buckets, series }: Trends): string {
  return Papa.unparse({
    fields: ["time_bucket", ...series.map(({ key, label }) => key === null ? "all" : label ?? key)],
    data: buckets.map(({ time_bucket }, row) => [time_bucket, ...series.map(({ values }) => values[row])]),
  }, { escapeFormulae: true, newline: "\r\n" }) + "\r\n";
}

const trends = createRoute({
  method: "get",
  path: "/trends",
  summary: "A figure over time, split by an attribute, beside an earlier period",
  security: keySecurity("analytics:read"),
  "x-cost": 5,
  middleware: cached(600, (request) => ({ user_id: request.query("user_id"), ends_at: request.query("to") })),
  request: { query: TrendsQuery },
  responses: responses("The series", TrendsSchema, CacheMeta),
});

/** `GET /analytics/trends`. */
export function mountTrends(app: SurfaceApp): void {
  app.openapi(trends, async (c) => {
    const { from, to, interval, top, format, ...query } = c.req.valid("query");
    const { granularity, ...found } = await c.var.caller.rpc("get_trends", {
      starts_at: from,
      ends_at: to,
      granularity: interval,
      max_series: top,
      ...query,
    }, { get: true }) as Record<string, unknown>;
    const answered = { ...found, interval: granularity } as Trends;
    return format === "csv" ? answerCsv(c, trendsCsv(answered)) : answer(c, answered);
  });
}
