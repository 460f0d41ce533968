import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { keySecurity, responses, type SurfaceApp } from "../../shared/http/app.ts";
import { cached, CacheMeta } from "../../shared/cache/result_cache.ts";
import { period, Time } from "./schemas.ts";

/** What the score is made of. */
export const QUALITY_COMPONENTS = [
  "coverage",
  "corroboration",
  "duplicates",
  "timestamps",
  "numbers",
  "linkage",
  "freshness",
] as const;

export const QualityQuery = z.strictObject({
  ...period("29 local days before today", "now, and what lies in the future"),
});

const ComponentSchema = z.object({
  score: z.number().min(0).max(1).nullable().openapi({
    description: "1 - failing / checked; null where nothing was checked",
  }),
  checked: z.number().openapi({ description: "Events; hours of coverage; sources of freshness" }),
  failing: z.number(),
  sample_ids: z.array(z.uuid()).openapi({ description: "Up to five of those that fail, newest first" }),
  detail: z.string(),
}).openapi("QualityComponent");

export const QualitySchema = z.object({
  from: Time,
  to: Time,
  time_zone: z.string(),
  components: z.object({
    coverage: ComponentSchema,
    corroboration: ComponentSchema,
    duplicates: ComponentSchema,
    timestamps: ComponentSchema,
    numbers: ComponentSchema,
    linkage: ComponentSchema,
    freshness: ComponentSchema,
  }),
  overall: z.object({
    score: z.number().min(0).max(1).nullable(),
    formula: z.string(),
    components: z.array(z.enum(QUALITY_COMPONENTS)),
  }),
  generated_at: Time,
}).openapi("DataQuality");

const quality = createRoute({
  method: "get",
  path: "/quality",
  summary: "What share of one's data is as it should be, by the ways in which it may not be",
  security: keySecurity("analytics:read"),
  "x-cost": 5,
  middleware: cached(60),
  request: { query: QualityQuery },
  responses: responses("The components and their mean", QualitySchema, CacheMeta),
});

/** `GET /analytics/quality`. */
export function mountQuality(app: SurfaceApp): void {
  app.openapi(quality, async (c) => {
    const { from, to, ...query } = c.req.valid("query");
    return answer(
      c,
      await c.var.caller.rpc("score_data_quality", { starts_at: from, ends_at: to, ...query }, { get: true }),
    );
  });
}
