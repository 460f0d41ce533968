import { z } from "@hono/zod-openapi";
import { Cursor, Limit, Uuid } from "../../shared/http/query.ts";

const Visibility = z.enum(["private", "team", "public"]).openapi({
  description:
    "private: nobody else. team: members and up. public: the whole organisation, viewers in aggregates",
});

export const RuleParams = z.strictObject({ contact_id: Uuid });

export const RulesQuery = z.strictObject({ visibility: Visibility.optional(), limit: Limit, cursor: Cursor });

export const RuleSchema = z.object({
  contact_id: z.uuid(),
  contact_name: z.string().nullable(),
  visibility: Visibility,
  mask_number: z.boolean().openapi({ description: "Teammates see no number" }),
  mask_content: z.boolean().openapi({ description: "Teammates see no text" }),
  is_default: z.boolean().openapi({ description: "The contact has no rule of its own" }),
  updated_at: z.iso.datetime({ offset: true }).nullable(),
}).openapi("PrivacyRule");

export const NewRuleSchema = z.strictObject({
  visibility: Visibility,
  mask_number: z.boolean().default(false),
  mask_content: z.boolean().default(true),
}).openapi("NewPrivacyRule");

export const BulkSchema = z.strictObject({
  rule: NewRuleSchema.nullable().openapi({ description: "null: the contacts have the default again" }),
  contact_ids: z.array(Uuid).min(1).max(1000).optional(),
  tag: z.string().min(1).max(100).optional().openapi({ description: "All contacts that have it" }),
  all: z.literal(true).optional().openapi({ description: "All contacts there are now" }),
}).refine(
  ({ contact_ids, tag, all }) => [contact_ids, tag, all].filter((given) => given !== undefined).length === 1,
  { message: "Exactly one of contact_ids, tag and all", path: ["contact_ids"] },
).openapi("PrivacyRulesBulk");

export const BulkDoneSchema = z.object({
  contacts: z.number().int().openapi({ description: "So many are meant" }),
  changed: z.number().int().openapi({ description: "So many had another rule before" }),
}).openapi("PrivacyRulesChanged");
