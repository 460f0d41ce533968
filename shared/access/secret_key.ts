import { verifyCredentials } from "@supabase/server/core";
import type { MiddlewareHandler } from "hono";
import type { Variables } from "./auth.ts";
import type { Env } from "../env.ts";
import { Problem } from "../http/problem.ts";

/**
 * Lets in requests with one of the project's secret keys, as `apikey` or, as Prometheus sends it, as a bearer token;
 * compared in constant time. A user's token or a publishable key is not enough.
 */
export function requireSecretKey(env: Env): MiddlewareHandler<{ Variables: Variables }> {
  const supabase_env = {
    url: env.supabase_url,
    publishableKeys: {},
    secretKeys: { ...env.secret_keys },
    jwks: null,
  };
  return async function requireSecret(c, next) {
    const [, bearer] = /^Bearer\s+(\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
    const given = [c.req.header("apikey"), bearer].flatMap((key) => key ? [key] : []);
    if (given.length === 0) {
      throw new Problem("not_authenticated", "Send a secret key of the project as apikey");
    }
    for (const apikey of given) {
      const { data } = await verifyCredentials({ token: null, apikey }, {
        auth: "secret:*",
        env: supabase_env,
      });
      if (data) return await next();
    }
    throw new Problem(
      "secret_key_required",
      "This is for the operator's programs, with a secret key as apikey",
    );
  };
}

/** For the `security` member of routes that take the secret key only. */
export const SECRET_KEY_SECURITY = [{ secret_key: [] }];
