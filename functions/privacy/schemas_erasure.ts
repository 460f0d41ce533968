import { z } from "@hono/zod-openapi";
import { Uuid } from "../../shared/http/query.ts";

const Time = z.iso.datetime({ offset: true });
const Scope = z.enum(["account", "contact", "number"]);

export const ErasureQuery = z.strictObject({
  id: Uuid.optional().openapi({ description: "Default: the erasure of the account" }),
});

export const ErasureBody = z.strictObject({
  scope: Scope,
  contact_id: Uuid.optional().openapi({
    description: "With scope contact: the contact with all its numbers",
  }),
  number: z.string().min(1).max(64).optional().openapi({
    description: "With scope number: it alone; its contact, too, when it has no other",
  }),
  confirmation: z.string().max(100).optional().openapi({
    description: "Of the preview. Without it, the answer is the preview and nothing is asked for",
  }),
  keep_out: z.boolean().default(true).openapi({
    description: "Of a contact or number: later imports refuse the numbers, of which a keyed hash is kept",
  }),
});

export const ErasureSchema = z.object({
  id: z.uuid(),
  scope: Scope,
  state: z.enum(["waiting", "running", "done"]),
  contact_id: z.uuid().nullable(),
  numbers: z.array(z.string()),
  keep_out: z.boolean(),
  erased_events: z.number().int(),
  requested_at: Time,
  due_at: Time.openapi({ description: "Until then it can be taken back" }),
  finished_at: Time.nullable(),
}).openapi("Erasure");

export const PreviewSchema = z.object({
  scope: Scope,
  contact_id: z.uuid().nullable(),
  numbers: z.array(z.string()),
  counts: z.record(z.string(), z.number().int()).openapi({ description: "Rows by table" }),
  organizations: z.array(z.object({
    id: z.uuid(),
    name: z.string(),
    role: z.string(),
    outcome: z.enum(["removed", "handed_over", "left"]).openapi({
      description: "Of the account: removed with its last member, handed over by its last owner, or left",
    }),
  })),
  grace_days: z.number().int(),
  is_held: z.boolean().openapi({ description: "A legal hold preserves the data: nothing can be erased now" }),
  confirmation: z.string().openapi({ description: "To be sent back; it changes with what would be erased" }),
}).openapi("ErasurePreview");
