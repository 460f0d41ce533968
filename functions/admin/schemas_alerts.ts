import { z } from "@hono/zod-openapi";
import { PageSchema } from "../../shared/http/page.ts";
import { Cursor, Limit, Uuid } from "../../shared/http/query.ts";

const Time = z.iso.datetime({ offset: true });

export const AlertSchema = z.object({
  id: z.uuid(),
  user_id: z.uuid().nullable().openapi({ description: "Of a person's own alert" }),
  organization_id: z.uuid().nullable().openapi({ description: "Of an organisation's, for its admins" }),
  kind: z.string().openapi({
    description: "anomaly, data_gap, webhook_failing; more may come",
    example: "data_gap",
  }),
  severity: z.enum(["info", "warning", "error"]),
  title: z.string(),
  details: z.record(z.string(), z.unknown()).openapi({
    description: "Ids, times and measures by kind; no names, numbers or texts",
  }),
  occurred_at: Time.nullable().openapi({ description: "When what it tells of happened; null for a state" }),
  first_seen: Time,
  last_seen: Time,
  count: z.number().int().openapi({ description: "How often it was seen while open" }),
  resolved_at: Time.nullable(),
  acknowledged_at: Time.nullable(),
  acknowledged_by: z.uuid().nullable(),
}).openapi("Alert");

export const AlertsQuery = z.strictObject({
  state: z.enum(["open", "unacknowledged", "resolved", "all"]).optional().openapi({ default: "open" }),
  kind: z.string().regex(/^[a-z][a-z_]{0,49}$/, "Expected a kind of alert, such as data_gap").optional(),
  organization_id: Uuid.optional().openapi({ description: "Only this organisation's" }),
  limit: Limit,
  cursor: Cursor,
});

export const ListMeta = z.object({ page: PageSchema });
export const AlertParams = z.strictObject({ id: Uuid });
export const AcknowledgementSchema = z.strictObject({ acknowledged: z.boolean() }).openapi("Acknowledgement");
export const NoQuery = z.strictObject({});
