import { z } from "@hono/zod-openapi";
import { PageSchema } from "../../shared/http/page.ts";
import { Cursor, Limit, Uuid } from "../../shared/http/query.ts";

const Time = z.iso.datetime({ offset: true });

export const ContactSchema = z.object({
  id: z.uuid(),
  user_id: z.uuid(),
  name: z.string().nullable(),
  also_known_as: z.array(z.string()).openapi({ description: "Other names that logs gave to its numbers" }),
  company: z.string().nullable(),
  tags: z.array(z.string()),
  notes: z.string().nullable(),
  numbers: z.array(z.string()).openapi({ description: "Empty where the owner's rule masks them" }),
  interaction_count: z.number().int(),
  first_interaction_at: Time.nullable(),
  last_interaction_at: Time.nullable(),
  created_at: Time,
  updated_at: Time,
}).openapi("Contact");

export const ListQuery = z.strictObject({
  q: z.string().min(1).max(200).optional().openapi({ description: "Part of a name, company or number" }),
  tag: z.string().min(1).max(100).optional(),
  limit: Limit,
  cursor: Cursor,
});

export const ListMeta = z.object({ page: PageSchema });
export const ContactParams = z.strictObject({ id: Uuid });
export const NoQuery = z.strictObject({});

export const ChangesSchema = z.strictObject({
  name: z.string().trim().min(1).max(200).nullable(),
  company: z.string().trim().min(1).max(200).nullable(),
  tags: z.array(z.string().trim().min(1).max(100)).max(50),
  notes: z.string().max(10_000).nullable(),
}).partial()
  .refine((changes) => Object.keys(changes).length > 0, "At least one of name, company, tags, notes")
  .openapi("ContactChanges");
