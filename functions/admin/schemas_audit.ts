import { z } from "@hono/zod-openapi";
import { PageSchema } from "../../shared/http/page.ts";
import { Cursor, Instant, Limit, Uuid } from "../../shared/http/query.ts";

export const AuditQuery = z.strictObject({
  organization_id: Uuid.optional().openapi({
    description:
      "Of which the caller is an admin or owner; default: what he did, and what was done to his data",
  }),
  from: Instant.optional(),
  to: Instant.optional(),
  actor: Uuid.optional(),
  action: z.string().min(1).max(100).optional().openapi({ example: "org_members.update" }),
  subject_type: z.string().min(1).max(100).optional(),
  subject_id: z.string().min(1).max(200).optional(),
  format: z.enum(["json", "csv"]).default("json").openapi({
    description: "csv: the same page; Link leads to the next",
  }),
  limit: Limit,
  cursor: Cursor,
});

const Row = z.record(z.string(), z.unknown()).nullable();

export const AuditEntrySchema = z.object({
  id: z.uuid(),
  at: z.iso.datetime({ offset: true }),
  organization_id: z.uuid().nullable().openapi({
    description: "Null: a person's own data, which no organisation sees",
  }),
  actor: z.uuid().nullable().openapi({ description: "The user, or the pseudonym of one who was erased" }),
  actor_type: z.enum(["user", "api_key", "service", "system", "anonymous"]),
  key_id: z.string().nullable(),
  action: z.string(),
  owner_id: z.uuid().nullable().openapi({ description: "Whose data it was" }),
  subject_type: z.string().nullable(),
  subject_id: z.string().nullable(),
  old: Row.openapi({
    description: "Former values of the changed columns; names, numbers and texts are left out",
  }),
  new: Row,
  request_id: z.string().nullable(),
  address: z.string().nullable(),
  details: z.record(z.string(), z.unknown()).openapi({
    description:
      "columns: every changed column, those left out too; rows: how many, where many are told as one",
  }),
  seq: z.number().int().nullable().openapi({
    description: "Place in the organisation's chain; null until it is sealed",
  }),
}).openapi("AuditEntry");

export const AuditMeta = z.object({ page: PageSchema });

export const VerifyQuery = z.strictObject({
  organization_id: Uuid.optional().openapi({
    description: "Of which the caller is an admin or owner; default: the only organisation",
  }),
  anchor_seq: z.string().regex(/^\d{1,15}$/, "Expected a whole number").transform(Number).optional().openapi({
    type: "integer",
    description: "head.seq of an earlier answer: what was sealed then must still be there",
  }),
  anchor_hash: z.string().regex(/^[0-9a-f]{64}$/, "Expected a SHA-256 in hexadecimal digits").optional(),
}).refine(
  ({ anchor_seq, anchor_hash }) => (anchor_seq === undefined) === (anchor_hash === undefined),
  { message: "anchor_seq and anchor_hash go together", path: ["anchor_hash"] },
);

export const VerdictSchema = z.object({
  is_intact: z.boolean(),
  rows: z.number().int(),
  unsealed: z.number().int(),
  head: z.object({ seq: z.number().int(), hash: z.string() }).openapi({
    description: "To be kept elsewhere, as the anchor of a later check",
  }),
  faults: z.array(z.object({
    seq: z.number().int().nullable(),
    id: z.uuid().nullable(),
    kind: z.enum([
      "missing_before",
      "not_after_the_one_before",
      "changed",
      "erased_by_nobody",
      "tail_missing",
      "anchor_missing",
    ]),
  })),
}).openapi("AuditVerdict");
