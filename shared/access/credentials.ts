import { verifyAuth } from "@supabase/server/core";
import type { Context } from "hono";
import { parseKey, type PresentedKey } from "./api_key.ts";
import type { Env } from "../env.ts";
import type { VerifiedKey } from "./key_token.ts";
import { Problem } from "../http/problem.ts";
import type { Admission } from "../limits/rate_limit.ts";
import type { RouteRule } from "./route_rule.ts";

const INVALID_KEY = "The API key is not valid, or not from here";

/** Who calls, before anything was asked of the database. */
export interface Credentials {
  readonly user_id?: string;
  readonly token?: string;
  readonly key?: PresentedKey;
}

/** What the Supabase libraries know of the project: nothing that acts as the project itself. */
export function callerEnv(env: Env) {
  return {
    url: env.supabase_url,
    publishableKeys: { ...env.publishable_keys },
    secretKeys: {},
    jwks: env.jwks,
  };
}

async function readToken(c: Context, env: Env): Promise<Credentials> {
  const { data, error } = await verifyAuth(c.req.raw, {
    auth: "user",
    audience: "authenticated",
    issuer: [...env.issuers],
    env: callerEnv(env),
  });
  if (error) {
    if (error.status >= 500) {
      throw new Problem("database_unavailable", "The keys of Auth could not be read", { cause: error });
    }
    throw c.req.header("authorization")
      ? new Problem("token_invalid", "The token is expired, forged or not of this project", { cause: error })
      : new Problem(
        "not_authenticated",
        "Send Authorization: Bearer with the token of a signed-in user, or X-API-Key",
      );
  }
  const { id, role } = data.userClaims ?? {};
  // The tokens of keys stay here: one that came back as a person's would go around the key's own checks.
  if (!id || !data.token || role !== "authenticated" || data.jwtClaims?.key_id !== undefined) {
    throw new Problem("token_invalid", "The token is not that of a signed-in user");
  }
  return { user_id: id, token: data.token };
}

async function readKey(text: string, env: Env): Promise<Credentials> {
  if (env.signing_key === undefined) {
    throw new Problem(
      "keys_not_configured",
      "This project takes no API keys: it has no PHONELOG_SIGNING_KEY",
    );
  }
  const key = await parseKey(text);
  if (key === undefined) throw new Problem("token_invalid", INVALID_KEY);
  return { key };
}

/**
 * Reads an API key if there is one, else the token of a signed-in person, which is verified here.
 *
 * @throws Problem `not_authenticated`, `token_invalid`, `keys_not_configured`, or `database_unavailable` for Auth's keys.
 */
export async function readCredentials(c: Context, env: Env): Promise<Credentials> {
  const key = c.req.header("x-api-key");
  return key === undefined ? await readToken(c, env) : await readKey(key, env);
}

/**
 * What the database said of a key, when that is good.
 *
 * @throws Problem `token_invalid`
 */
export function requireKey(key: Admission["key"]): VerifiedKey {
  if (key?.state === "valid") return key;
  throw new Problem("token_invalid", key?.state === "expired" ? "The API key has expired" : INVALID_KEY);
}

/**
 * Refuses a key that lacks the scope of the route.
 *
 * @throws Problem `scope_insufficient`
 */
export function requireScope({ scopes }: VerifiedKey, { scope }: RouteRule): void {
  if (scope === undefined || (scope !== null && scopes.includes(scope))) return;
  throw new Problem(
    "scope_insufficient",
    scope === null ? "No API key may do this: sign in" : `The API key lacks the scope ${scope}`,
  );
}
