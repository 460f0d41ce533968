import { decodeJwt, SignJWT } from "jose";
import type { ApiUser } from "../helpers/api.ts";
import type { Attacker } from "./attackers.ts";

/** Whether the project has API keys. */
export async function hasKeys(): Promise<boolean> {
  return await Deno.stat(new URL("../../functions/keys", import.meta.url)).then(() => true, () => false);
}

/** The token that a function makes of an API key: one of the owner's with these claims more. */
export async function signKeyToken(owner: ApiUser, claims: Record<string, unknown>): Promise<string> {
  const { kid, private_key } = owner.stack.keys;
  return await new SignJWT({ ...decodeJwt(owner.token), ...claims })
    .setProtectedHeader({ alg: "ES256", kid, typ: "JWT" })
    .sign(private_key);
}

interface Key {
  id: string;
  key: string;
}

async function createKey(owner: ApiUser, name: string, more: Record<string, unknown> = {}): Promise<Key> {
  const { status, body } = await owner.post("/api/keys", { name, scopes: ALL_SCOPES, ...more });
  if (status !== 201) throw new Error(`Cannot make a key: ${status} ${JSON.stringify(body)}`);
  return body.data;
}

const ALL_SCOPES = [
  "events:read",
  "events:write",
  "contacts:read",
  "contacts:write",
  "analytics:read",
  "nlq:query",
];

/** Programs with keys of the victim's that are good for nothing; none where the project has no keys. */
export async function keyAttackers(victim: ApiUser): Promise<Attacker[]> {
  if (!await hasKeys()) return [];
  const { db, publishable_key } = victim.stack;
  const revoked = await createKey(victim, "revoked");
  await victim.call("DELETE", `/api/keys/${revoked.id}`);
  const expired = await createKey(victim, "expired");
  await db.query("update private.api_keys set expires_at = now() - interval '1 second' where id = $1", [
    expired.id,
  ]);
  const elsewhere = await createKey(victim, "of another network", { networks: ["203.0.113.0/24"] });
  const rotated = await createKey(victim, "rotated");
  await victim.post(`/api/keys/${rotated.id}/rotate`, { overlap_seconds: 0 });
  const [first, second] = [await createKey(victim, "first"), await createKey(victim, "second")];
  const keys: Record<string, string> = {
    "that is revoked": revoked.key,
    "that is expired": expired.key,
    "for another network": elsewhere.key,
    "that was rotated": rotated.key,
    "with the secret of another": first.key.replace(/_.*_/, second.key.match(/_.*_/)?.[0] ?? ""),
    "with another secret": first.key.replace(/.$/, (digit) => digit === "0" ? "1" : "0"),
    "without a secret": first.key.split("_").slice(0, 2).join("_"),
  };
  return Object.entries(keys).map(([name, key]): Attacker => ({
    name: `A key ${name}`,
    id: null,
    rank: 0,
    status: 401,
    is_sampled: true,
    // He claims to come from where the key may be used.
    headers: {
      apikey: publishable_key,
      "x-api-key": key,
      "x-forwarded-for": "203.0.113.7",
      "x-real-ip": "203.0.113.7",
    },
  }));
}

/** A program with a key of the victim's that has this one scope. */
export async function scopedAttacker(victim: ApiUser, scope: string): Promise<Attacker> {
  const { key } = await createKey(victim, scope, { scopes: [scope] });
  return {
    name: `A key for ${scope} alone`,
    id: null,
    rank: 0,
    headers: { apikey: victim.stack.publishable_key, "x-api-key": key },
  };
}
