import { createContextClient, verifyAuth } from "@supabase/server/core";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { MiddlewareHandler } from "hono";
import type { Context } from "hono";
import { endTime, startTime } from "hono/timing";
import { createAdmin } from "./admin.ts";
import { parseKey, type PresentedKey } from "./api_key.ts";
import { clientAddress } from "./client_address.ts";
import type { Database } from "./database.types.ts";
import { databaseProblem } from "./database_error.ts";
import type { Env } from "./env.ts";
import { createKeyTokens, type VerifiedKey } from "./key_token.ts";
import { Problem } from "./problem.ts";
import { createRefusalLog } from "./refusal_log.ts";
import { type Admission, createAdmit, requireTokens, stateLimits } from "./rate_limit.ts";
import type { RouteRule } from "./route_rule.ts";

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
   * @param options `get` runs it in a read-only transaction, which a replica can serve. A read of somebody else's data
   * must be noted in the audit log first: then the database says so, and the same call is made where it can be.
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
  /** Of the route that the request leads to. */
  rule: RouteRule;
  caller: Caller;
}

const INVALID_KEY = "The API key is not valid, or not from here";

function createCaller(c: Context, id: string, client: SupabaseClient<Database>): Caller {
  return {
    id,
    async rpc<Result>(name: string, args: unknown, options: { get?: boolean } = {}): Promise<Result> {
      startTime(c, name, "database");
      // An argument that is not given takes the function's own default.
      const given = Object.fromEntries(Object.entries(args ?? {}).filter(([, value]) => value !== undefined));
      let answer = await client.rpc(name as keyof Functions, given as never, { get: options.get ?? false });
      if (answer.error?.message === "read_not_recorded") {
        answer = await client.rpc("read_recorded", { function_name: name, arguments: given as never });
      }
      endTime(c, name);
      if (answer.error) throw databaseProblem(answer.error, answer.status);
      return answer.data as Result;
    },
  };
}

/** Who calls, before anything was asked of the database. */
interface Credentials {
  readonly user_id?: string;
  readonly token?: string;
  readonly key?: PresentedKey;
}

type SupabaseEnv = NonNullable<Parameters<typeof verifyAuth>[1]["env"]>;

async function readToken(c: Context, env: Env, supabase_env: SupabaseEnv): Promise<Credentials> {
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

function requireKey(key: Admission["key"]): VerifiedKey {
  if (key?.state === "valid") return key;
  throw new Problem("token_invalid", key?.state === "expired" ? "The API key has expired" : INVALID_KEY);
}

function requireScope({ scopes }: VerifiedKey, { scope }: RouteRule): void {
  if (scope === undefined || (scope !== null && scopes.includes(scope))) return;
  throw new Problem(
    "scope_insufficient",
    scope === null ? "No API key may do this: sign in" : `The API key lacks the scope ${scope}`,
  );
}

/**
 * Lets in requests with a valid user token of this project, or with an API key that has the scope of the route, as long
 * as their caller's limits allow, and gives the handler its {@link Caller}. A new client per request, from the caller's
 * own token or one that acts for the key's owner: handlers have no other.
 */
export function authenticate(env: Env): MiddlewareHandler<{ Variables: Variables }> {
  const supabase_env = {
    url: env.supabase_url,
    publishableKeys: { ...env.publishable_keys },
    secretKeys: {},
    jwks: env.jwks,
  };
  const admin = createAdmin(env);
  const admit = createAdmit(env, admin);
  const noteRefusal = createRefusalLog(admin);
  const keyToken = createKeyTokens(env);
  return async function authenticateCaller(c, next) {
    const { rule, requestId } = c.var;
    const presented = c.req.header("x-api-key");
    const address = clientAddress(c.req.header("x-forwarded-for"), env.trusted_hops);
    const headers = {
      "x-request-id": requestId,
      ...(address !== undefined && { "x-client-address": address }),
    };
    const credentials = presented === undefined
      ? await readToken(c, env, supabase_env).catch(async (error) => {
        if (error instanceof Problem && error.code === "token_invalid") {
          await noteRefusal(error.code, c.req.path.split("/")[1] ?? "", headers);
        }
        throw error;
      })
      : await readKey(presented, env);
    startTime(c, "admit", "limits");
    const { user_id, key } = credentials;
    const admission = await admit({ cost: rule.cost, address, user_id, key }, headers);
    endTime(c, "admit");
    stateLimits(c, admission.verdicts ?? []);
    requireTokens(c, admission.verdicts, rule.cost);

    let { token = "" } = credentials;
    let id = user_id ?? "";
    if (key !== undefined) {
      const verified = requireKey(admission.key);
      requireScope(verified, rule);
      [id, token] = [verified.user_id, await keyToken(verified)];
    }
    const client = createContextClient<Database>({
      auth: { token },
      env: supabase_env,
      supabaseOptions: { global: { headers } },
    });
    c.set("caller", createCaller(c, id, client));
    await next();
    // Once more for an answer that was not made by the context, such as one that is replayed.
    stateLimits(c, admission.verdicts ?? []);
  };
}
