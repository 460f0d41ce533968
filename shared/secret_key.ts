import { verifyAuth } from "@supabase/server/core";
import type { MiddlewareHandler } from "hono";
import type { Variables } from "./auth.ts";
import type { Env } from "./env.ts";
import { Problem } from "./problem.ts";

/**
 * Lets in requests with one of the project's secret keys as `apikey`, compared in constant time; a user's token or a
 * publishable key is not enough.
 */
export function requireSecretKey(env: Env): MiddlewareHandler<{ Variables: Variables }> {
  const supabase_env = {
    url: env.supabase_url,
    publishableKeys: {},
    secretKeys: { ...env.secret_keys },
    jwks: null,
  };
  return async function requireSecret(c, next) {
    const { error } = await verifyAuth(c.req.raw, { auth: "secret:*", env: supabase_env });
    if (error) {
      throw c.req.header("apikey") || c.req.header("authorization")
        ? new Problem(
          "secret_key_required",
          "This is for the operator's programs, with a secret key as apikey",
          {
            cause: error,
          },
        )
        : new Problem("not_authenticated", "Send a secret key of the project as apikey");
    }
    await next();
  };
}

/** For the `security` member of routes that take the secret key only. */
export const SECRET_KEY_SECURITY = [{ secret_key: [] }];
