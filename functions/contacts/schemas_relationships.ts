import { z } from "@hono/zod-openapi";
import { Instant } from "../../shared/http/query.ts";

const Time = z.iso.datetime({ offset: true });
const Count = z.number().int();

export const RelationshipsQuery = z.strictObject({
  from: Instant.optional().openapi({
    description: "Inclusive; for contacts that occur together; default: 90 days before to",
  }),
  to: Instant.optional().openapi({ description: "Exclusive; default: now" }),
});

const MutualSchema = z.object({
  count: Count,
  adamic_adar: z.number().openapi({ description: "Sum of 1/ln(owners + 1): rarer contacts tie closer" }),
  contacts: z.array(z.object({ contact_id: z.uuid(), name: z.string().nullable(), owners: Count })).openapi({
    description: "The caller's own contacts that the teammate has, too; at most 20",
  }),
}).openapi("MutualContacts");

const AcquaintanceSchema = z.object({
  user_id: z.uuid(),
  display_name: z.string().nullable(),
  is_me: z.boolean(),
  contact_id: z.uuid(),
  events: Count,
  active_days: Count,
  recent_active_days: Count.openapi({ description: "UTC days with an event in the last 90" }),
  first_interaction_at: Time,
  last_interaction_at: Time,
  mutual: MutualSchema,
}).openapi("Acquaintance");

export const RelationshipsSchema = z.object({
  contact: z.object({ id: z.uuid(), user_id: z.uuid(), name: z.string().nullable() }),
  from: Time,
  to: Time,
  known_by: z.array(AcquaintanceSchema).openapi({ description: "Who knows this person, best first" }),
  together: z.array(z.object({
    contact_id: z.uuid(),
    name: z.string().nullable(),
    support: Count.openapi({ description: "Sessions of this contact with the other's within an hour" }),
    sessions: Count,
    own_sessions: Count,
    expected: z.number().openapi({ description: "Support by chance" }),
    lift: z.number(),
  })),
  generated_at: Time,
}).openapi("ContactRelationships");
