import type { z } from "@hono/zod-openapi";
import { createSecret, formatKey } from "../../shared/access/api_key.ts";
import type { Caller } from "../../shared/access/auth.ts";
import { sha256 } from "../../shared/digest.ts";
import type { CreateSchema, KeySchema, NewKeySchema, RotateSchema } from "./schemas.ts";

type Key = z.infer<typeof KeySchema>;
type NewKey = z.infer<typeof NewKeySchema>;

/** Makes a key of the caller. The secret is made here and only its hash leaves this function, so it is in no log of SQL. */
export async function createKey(caller: Caller, wanted: z.infer<typeof CreateSchema>): Promise<NewKey> {
  const secret = createSecret();
  const key = await caller.rpc<Key, "create_api_key">("create_api_key", {
    name: wanted.name,
    scopes: wanted.scopes,
    key_hash: await sha256(secret),
    expires_at: wanted.expires_at ?? undefined,
    networks: wanted.networks,
  });
  return { ...key, key: formatKey(key.id, secret) };
}

/** Gives a key of the caller another secret. */
export async function rotateKey(
  caller: Caller,
  key_id: string,
  { overlap_seconds }: z.infer<typeof RotateSchema>,
): Promise<NewKey> {
  const secret = createSecret();
  const key = await caller.rpc<Key, "rotate_api_key">("rotate_api_key", {
    key_id,
    key_hash: await sha256(secret),
    overlap_seconds,
  });
  return { ...key, key: formatKey(key.id, secret) };
}
