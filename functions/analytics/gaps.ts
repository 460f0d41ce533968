import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { keySecurity, responses, type SurfaceApp } from "../../shared/http/app.ts";
import { wholeNumber } from "../../shared/http/query.ts";
import { cached, CacheMeta } from "../../shared/cache/result_cache.ts";
import { period, Time } from "./schemas.ts";

const Channel = z.enum(["all", "call", "sms"]);

export const GapsQuery = z.strictObject({
  ...period("89 local days before today"),
  min_hours: wholeNumber(1, 720).optional().openapi({
    type: "integer",
    minimum: 1,
    maximum: 720,
    default: 6,
    description: "Shorter gaps are left out",
  }),
});

const EvidenceSchema = z.object({
  kind: z.enum(["no_coverage", "teammate_events", "id_sequence", "surprise", "other_channel_active"]),
  count: z.number().nullable(),
  detail: z.string(),
  events: z.array(z.object({
    user_id: z.uuid(),
    event_id: z.uuid(),
    ts: Time,
    type: z.enum(["call", "sms"]),
    direction: z.enum(["inbound", "outbound"]).openapi({ description: "As the caller's log should show it" }),
  })).optional().openapi({ description: "The first five events of teammates" }),
}).openapi("GapEvidence");

const GapSchema = z.object({
  start: Time,
  end: Time,
  duration_hours: z.number(),
  verdict: z.enum(["proven", "suspected", "quiet"]),
  channel: Channel,
  is_trailing: z.boolean().openapi({ description: "No event has followed yet" }),
  line_id: z.uuid().nullable(),
  source: z.string().nullable().openapi({ description: "kind or kind:name, as in /sync/health" }),
  expected_events: z.number().nullable(),
  surprise: z.number().nullable().openapi({
    description: "Nats: -ln of the chance that the owner's rhythm leaves it empty",
  }),
  p_quiet: z.number().nullable().openapi({
    description: "Chance that a history like this has a silence as surprising though nothing is missing",
  }),
  evidence: z.array(EvidenceSchema),
  resync: z.object({ source: z.string().nullable(), from: Time, to: Time }),
}).openapi("Gap");

const CoveredSchema = z.object({
  has_claims: z.boolean(),
  covered_hours: z.number(),
  share: z.number().nullable(),
});

export const GapsSchema = z.object({
  from: Time,
  to: Time,
  time_zone: z.string(),
  min_hours: z.number().int(),
  gaps: z.array(GapSchema),
  trailing_gap: z.object({
    start: Time,
    end: Time,
    duration_hours: z.number(),
    expected_events: z.number(),
    surprise: z.number(),
    p_quiet: z.number(),
    verdict: z.enum(["suspected", "quiet"]),
  }).nullable().openapi({ description: "From the last event up to now; null without events" }),
  shortest_detectable_gap_hours: z.object({
    all: z.number().nullable(),
    call: z.number().nullable(),
    sms: z.number().nullable(),
  }).openapi({ description: "A shorter silence says nothing; null for a channel without events" }),
  coverage: z.object({ call: CoveredSchema, sms: CoveredSchema }),
  incomplete_imports: z.array(z.object({
    import_id: z.uuid(),
    filename: z.string().nullable(),
    kind: z.string().nullable(),
    state: z.string(),
    declared: z.number().int().nullable(),
    found: z.number().int(),
    missing: z.number().int().nullable(),
    verdict: z.enum(["proven", "suspected"]),
    created_at: Time,
  })).openapi({ description: "Files that did not come in whole; where in time they are cut is not known" }),
  generated_at: Time,
}).openapi("DataGaps");

const gaps = createRoute({
  method: "get",
  path: "/gaps",
  summary: "Where one's data has holes: proven, suspected or merely quiet, and what to sync again",
  security: keySecurity("analytics:read"),
  "x-cost": 5,
  middleware: cached(60, () => ({ reads: "teammates" })),
  request: { query: GapsQuery },
  responses: responses("Gaps in order of time", GapsSchema, CacheMeta),
});

/** `GET /analytics/gaps`. */
export function mountGaps(app: SurfaceApp): void {
  app.openapi(gaps, async (c) => {
    const { from, to, ...query } = c.req.valid("query");
    return answer(
      c,
      await c.var.caller.rpc("detect_data_gaps", { starts_at: from, ends_at: to, ...query }, { get: true }),
    );
  });
}
