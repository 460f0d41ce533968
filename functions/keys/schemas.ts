import { z } from "@hono/zod-openapi";
import { SCOPES } from "../../shared/access/api_key.ts";
import { Instant, Uuid } from "../../shared/http/query.ts";

export const NoQuery = z.strictObject({});
export const KeyParams = z.object({ id: Uuid });

const ScopeSchema = z.enum(SCOPES).openapi("ApiKeyScope");

export const CreateSchema = z.strictObject({
  name: z.string().trim().min(1).max(100).openapi({ example: "Nightly import" }),
  scopes: z.array(ScopeSchema).min(1).max(SCOPES.length),
  expires_at: Instant.nullish().openapi({ description: "Default: never" }),
  networks: z.array(z.string().min(2).max(50)).max(50).optional().openapi({
    description: "Addresses and networks that it may be used from; default: any",
    example: ["203.0.113.0/24", "2001:db8::/32"],
  }),
}).openapi("ApiKeyRequest");

export const RotateSchema = z.strictObject({
  overlap_seconds: z.number().int().min(0).max(2_592_000).optional().openapi({
    default: 86_400,
    description: "How long the secret before is good for",
  }),
}).openapi("ApiKeyRotation");

const Time = z.iso.datetime({ offset: true });

export const KeySchema = z.object({
  id: z.uuid(),
  name: z.string(),
  scopes: z.array(ScopeSchema),
  networks: z.array(z.string()),
  state: z.enum(["active", "expired", "revoked"]),
  created_at: Time,
  expires_at: Time.nullable(),
  rotated_at: Time.nullable(),
  previous_until: Time.nullable().openapi({ description: "Until then the secret before is good too" }),
  last_used_at: Time.nullable().openapi({ description: "To the minute" }),
  last_used_address: z.string().nullable(),
  revoked_at: Time.nullable(),
}).openapi("ApiKey");

export const NewKeySchema = KeySchema.extend({
  key: z.string().openapi({ description: "For X-API-Key; it is not shown again" }),
}).openapi("NewApiKey");

export const RevokedSchema = z.object({ id: z.uuid(), revoked: z.literal(true) });
