import { z } from "@hono/zod-openapi";
import { Cursor, Limit, Uuid } from "../../shared/http/query.ts";

const Time = z.iso.datetime({ offset: true });
const Types = z.array(z.enum(["alert.raised", "alert.resolved", "events.created"])).min(1).max(3);
const Address = z.url({ error: "Expected an https address" }).max(2000).openapi({
  description: "https, at a public address; redirects are not followed",
  example: "https://example.com/hooks/phonelog",
});
const Description = z.string().trim().min(1).max(200);

export const WebhookSchema = z.object({
  id: z.uuid(),
  user_id: z.uuid().nullable(),
  organization_id: z.uuid().nullable(),
  url: z.string(),
  types: Types,
  description: z.string().nullable(),
  enabled: z.boolean(),
  secret_version: z.number().int(),
  secret_changed_at: Time,
  failures: z.number().int().openapi({ description: "Attempts that failed since the last that did not" }),
  created_at: Time,
  updated_at: Time,
  secret: z.string().optional().openapi({
    description:
      "Verifies messages by the Standard Webhooks specification. Shown when the webhook is made or its secret rotated, and never again",
    example: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw…",
  }),
}).openapi("Webhook");

export const NewWebhookSchema = z.strictObject({
  url: Address,
  types: Types.openapi({ description: "events.created is for one's own webhooks only" }),
  organization_id: Uuid.optional().openapi({ description: "Makes it the organisation's; for its admins" }),
  description: Description.optional(),
}).openapi("NewWebhook");

export const WebhookChangesSchema = z.strictObject({
  url: Address,
  types: Types,
  description: Description.nullable(),
  enabled: z.boolean(),
  rotate_secret: z.literal(true).openapi({
    description: "Gives it a new secret; for a day messages are signed with the former one too",
  }),
}).partial()
  .refine((changes) => Object.keys(changes).length > 0, "At least one of the members")
  .openapi("WebhookChanges");

export const DeliverySchema = z.object({
  id: z.uuid().openapi({ description: "With msg_ before it the header webhook-id" }),
  type: z.string(),
  state: z.enum(["pending", "delivered", "dead"]),
  attempts: z.number().int(),
  next_attempt_at: Time,
  last_attempt_at: Time.nullable(),
  last_status: z.number().int().nullable(),
  last_error: z.string().nullable().openapi({
    description:
      "timeout, connection_failed, tls_failed, address_refused, redirected, status or answer_invalid",
  }),
  created_at: Time,
  finished_at: Time.nullable(),
}).openapi("WebhookDelivery");

export const WebhookParams = z.strictObject({ id: Uuid });
export const DeliveriesQuery = z.strictObject({ limit: Limit, cursor: Cursor });
