import { createContextClient, verifyAuth } from "@supabase/server/core";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { MiddlewareHandler } from "hono";
import type { Context } from "hono";
import { endTime, startTime } from "hono/timing";
import type { Database } from "./database.types.ts";
import { databaseProblem } from "./database_error.ts";
import type { Env } from "./env.ts";
import { Problem } from "./problem.ts";
import type { AnswerCache, ResultCache } from "./result_cache.ts";

type Functions = Database["public"]["Functions"];

/** Arguments by name; what is undefined is left to the function's default. */
type Arguments<Name extends keyof Functions> = {
  [K in keyof Functions[Name]["Args"]]: Functions[Name]["Args"][K] | undefined;
};

/** Who calls, and the only way a handler reaches the database: as that user, under row-level security. */
export interface Caller {
  readonly id: string;
  /**
   * Calls a database function as the caller.
   *
   * @param options `get` runs it in a read-only transaction, which a replica can serve.
   * @throws Problem for what the function raises, and for a database that does not answer.
   */
  rpc<Result, Name extends keyof Functions & string = keyof Functions & string>(
    name: Name,
    args: Arguments<Name>,
    options?: { get?: boolean },
  ): Promise<Result>;
}

/** Variables that the middleware sets for handlers. */
export interface Variables {
  requestId: string;
  caller: Caller;
  /** Where the surface keeps answers, if it does. */
  results: ResultCache | undefined;
  /** Set by `cached` for its route. */
  cache?: AnswerCache;
}

function createCaller(c: Context, id: string, client: SupabaseClient<Database>): Caller {
  return {
    id,
    async rpc<Result>(name: string, args: unknown, options: { get?: boolean } = {}): Promise<Result> {
      startTime(c, name, "database");
      // An argument that is not given takes the function's own default.
      const given = Object.fromEntries(Object.entries(args ?? {}).filter(([, value]) => value !== undefined));
      const { data, error, status } = await client.rpc(name as keyof Functions, given as never, {
        get: options.get ?? false,
      });
      endTime(c, name);
      if (error) throw databaseProblem(error, status);
      return data as Result;
    },
  };
}

/**
 * Lets in requests with a valid user token of this project and gives the handler its {@link Caller}. A new client per
 * request, from the caller's own token; there is no other client here.
 */
export function authenticate(env: Env): MiddlewareHandler<{ Variables: Variables }> {
  const supabase_env = {
    url: env.supabase_url,
    publishableKeys: { ...env.publishable_keys },
    secretKeys: {},
    jwks: env.jwks,
  };
  return async function authenticateUser(c, next) {
    const { data, error } = await verifyAuth(c.req.raw, {
      auth: "user",
      audience: "authenticated",
      issuer: [...env.issuers],
      env: supabase_env,
    });
    if (error) {
      if (error.status >= 500) {
        throw new Problem("database_unavailable", "The keys of Auth could not be read", { cause: error });
      }
      throw c.req.header("authorization")
        ? new Problem("token_invalid", "The token is expired, forged or not of this project", {
          cause: error,
        })
        : new Problem("not_authenticated", "Send Authorization: Bearer with the token of a signed-in user");
    }
    const id = data.userClaims?.id;
    if (!id || data.userClaims?.role !== "authenticated") {
      throw new Problem("token_invalid", "The token is not that of a signed-in user");
    }
    const client = createContextClient<Database>({
      auth: { token: data.token },
      env: supabase_env,
      supabaseOptions: { global: { headers: { "x-request-id": c.var.requestId } } },
    });
    c.set("caller", createCaller(c, id, client));
    await next();
  };
}
