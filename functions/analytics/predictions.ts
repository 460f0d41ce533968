import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { keySecurity, responses, type SurfaceApp } from "../../shared/http/app.ts";
import type { Caller } from "../../shared/access/auth.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { describePage, type Listing, type Page, PageSchema } from "../../shared/http/page.ts";
import { PredictionSchema } from "../../shared/prediction.ts";
import { Cursor, Limit, TimeZone, Uuid } from "../../shared/http/query.ts";
import { cached, CacheMeta } from "../../shared/cache/result_cache.ts";

const Time = z.iso.datetime({ offset: true });

export const PredictionsQuery = z.strictObject({
  horizon: z.enum(["1", "7", "14", "28"]).default("7").transform(Number).openapi({
    type: "integer",
    enum: [1, 7, 14, 28],
    default: 7,
    description: "Days ahead",
  }),
  contact_id: Uuid.optional().openapi({ description: "This contact only; a teammate's as the rules allow" }),
  standing: z.enum(["overdue", "drifting", "usual"]).optional(),
  time_zone: TimeZone.optional().openapi({ description: "IANA name; default: the profile's" }),
  limit: Limit,
  cursor: Cursor,
});

const NotableSchema = z.object({
  contact_id: z.uuid(),
  name: z.string().nullable(),
  elapsed_days: z.number(),
  usual_gap_days: z.number().nullable(),
  recent_days: z.number().int().openapi({ description: "Days with contact in the last 28" }),
  earlier_days: z.number().int().openapi({ description: "Days with contact in the 62 before" }),
  last_interaction_at: Time,
  text: z.string(),
});

export const PredictionsSchema = z.object({
  horizon_days: z.number().int(),
  as_of: Time,
  time_zone: z.string(),
  predictions: z.array(PredictionSchema.extend({ name: z.string().nullable() })),
  overdue: z.array(NotableSchema),
  drifting: z.array(NotableSchema),
  data_until: Time.nullable(),
  is_stale: z.boolean().openapi({
    description: "No event for 7 days: then nobody is called overdue or drifting",
  }),
  generated_at: Time,
}).openapi("Predictions");

type Predictions = z.infer<typeof PredictionsSchema>;

const predictions = createRoute({
  method: "get",
  path: "/predictions",
  summary: "Who is likely to be in touch, when and why; who is overdue or drifting",
  security: keySecurity("analytics:read"),
  "x-cost": 5,
  middleware: cached(60, (request) => ({ contact_id: request.query("contact_id") })),
  request: { query: PredictionsQuery },
  responses: responses(
    "A page of predictions, likeliest first",
    PredictionsSchema,
    CacheMeta.extend({ page: PageSchema }),
  ),
});

async function listPredictions(
  caller: Caller,
  codec: CursorCodec,
  query: z.infer<typeof PredictionsQuery>,
): Promise<{ data: Predictions; page: Page }> {
  const { horizon, contact_id, standing, time_zone } = query;
  const scope = ["predictions", caller.id, horizon, contact_id, standing];
  const position = query.cursor === undefined ? undefined : await codec.decode(query.cursor, scope);
  // All pages are as of the moment of the first one: probabilities move with the clock.
  const [as_of, probability, cursor_id] = position?.key ?? [];
  const { has_more, total, total_is_estimate, ...data } = await caller.rpc<Listing & Predictions>(
    "predict_interactions",
    {
      horizon,
      contact_id,
      standing,
      time_zone,
      as_of,
      max_rows: query.limit ?? 50,
      cursor_probability: probability === undefined ? undefined : Number(probability),
      cursor_id,
      backward: position?.backward,
    },
    { get: true },
  );
  const keyOf = ({ probability, contact_id }: Predictions["predictions"][number]) => [
    data.as_of,
    String(probability),
    contact_id,
  ];
  const [first, last] = [data.predictions[0], data.predictions.at(-1)];
  const keys = first && last ? { first: keyOf(first), last: keyOf(last) } : undefined;
  return {
    data,
    page: await describePage(codec, scope, { has_more, total, total_is_estimate }, keys, position),
  };
}

/** `GET /analytics/predictions`. */
export function mountPredictions(app: SurfaceApp, codec: CursorCodec): void {
  app.openapi(predictions, async (c) => {
    const { data, page } = await listPredictions(c.var.caller, codec, c.req.valid("query"));
    return answer(c, data, { meta: { page } });
  });
}
