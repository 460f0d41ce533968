import { importJWK, SignJWT } from "jose";
import type { Env } from "../env.ts";
import { Problem } from "../http/problem.ts";

/** A verified API key. */
export interface VerifiedKey {
  readonly user_id: string;
  readonly key_id: string;
  readonly scopes: readonly string[];
}

/** Gives the token that acts as a key's owner within the key's scopes. */
export type KeyTokens = (key: VerifiedKey) => Promise<string>;

const LIFE_S = 60;
/** A cached token has at least half of its life left. The key itself is verified on every request. */
const CACHED_MS = 30_000;
const MAX_CACHED = 1000;

/**
 * Signs tokens with the project's own imported key (ES256): the database knows them as it knows a person's, and reads
 * the claims `key_id` and `key_scopes` (private.has_scope).
 *
 * @throws Problem `keys_not_configured` when used in a project that has no signing key of its own.
 */
export function createKeyTokens(env: Env): KeyTokens {
  const cached = new Map<string, { token: string; until: number }>();
  let imported: ReturnType<typeof importJWK> | undefined;

  async function sign(key: VerifiedKey): Promise<string> {
    const jwk = env.signing_key;
    if (jwk === undefined) {
      throw new Problem(
        "keys_not_configured",
        "This project takes no API keys: it has no PHONELOG_SIGNING_KEY",
      );
    }
    imported ??= importJWK(jwk, "ES256");
    return await new SignJWT({ role: "authenticated", key_id: key.key_id, key_scopes: [...key.scopes] })
      .setProtectedHeader({ alg: "ES256", kid: jwk.kid, typ: "JWT" })
      .setSubject(key.user_id)
      .setIssuer(env.issuers[0] ?? "")
      .setAudience("authenticated")
      .setIssuedAt()
      .setExpirationTime(`${LIFE_S}s`)
      .sign(await imported);
  }

  return async (key) => {
    const name = JSON.stringify([key.user_id, key.key_id, key.scopes]);
    const found = cached.get(name);
    if (found !== undefined && found.until > Date.now()) return found.token;
    const token = await sign(key);
    // The oldest goes first: all live equally long.
    cached.delete(name);
    const [oldest] = cached.keys();
    if (cached.size >= MAX_CACHED && oldest !== undefined) cached.delete(oldest);
    cached.set(name, { token, until: Date.now() + CACHED_MS });
    return token;
  };
}
