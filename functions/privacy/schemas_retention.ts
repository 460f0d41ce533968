import { z } from "@hono/zod-openapi";
import { Uuid } from "../../shared/http/query.ts";

const Type = z.enum(["call", "sms", "question"]);

export const RetentionQuery = z.strictObject({
  organization_id: Uuid.optional().openapi({
    description: "The policies of an organisation, for its admins; default: one's own",
  }),
});

export const RetentionBody = z.strictObject({
  policies: z.array(z.strictObject({
    user_id: Uuid.nullable().default(null).openapi({
      description: "Of an organisation: for this member only",
    }),
    type: Type.nullable().default(null).openapi({ description: "Null: all" }),
    keep_days: z.int().min(1).max(36500).openapi({ description: "An organisation's at least 7" }),
    keep_sums: z.boolean().default(false).openapi({
      description: "Figures go on counting what was removed, without who it was with",
    }),
  })).max(1000),
  erasure_grace_days: z.int().min(0).max(30).optional().openapi({
    description: "Of an organisation: how long its members can take back an erasure",
  }),
  dry_run: z.boolean().default(false).openapi({
    description: "Say what would be removed and change nothing",
  }),
});

const Count = z.number().int().optional();

export const RetentionSchema = z.object({
  organization_id: z.uuid().nullable(),
  erasure_grace_days: z.number().int().nullable(),
  policies: z.array(z.object({
    user_id: z.uuid().nullable(),
    type: Type.nullable(),
    keep_days: z.number().int(),
    keep_sums: z.boolean(),
    effective_at: z.iso.datetime({ offset: true }),
  })),
  expired: z.object({ call: Count, sms: Count, question: Count }).openapi({
    description:
      "Rows that these policies remove now, of the types that have one; of members without private contacts, and without who does not share",
  }),
}).openapi("Retention");
