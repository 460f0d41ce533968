import { createContextClient } from "@supabase/server/core";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { MiddlewareHandler } from "hono";
import type { Context } from "hono";
import { endTime, startTime } from "hono/timing";
import { createAdmin } from "./admin.ts";
import { clientAddress } from "./client_address.ts";
import { callerEnv, type Credentials, readCredentials, requireKey, requireScope } from "./credentials.ts";
import type { Database } from "../database/database.types.ts";
import { databaseProblem } from "../database/database_error.ts";
import { databaseCall, databaseFetch, type DatabaseWork } from "../database/database_work.ts";
import type { Env } from "../env.ts";
import { createKeyTokens } from "./key_token.ts";
import { Problem } from "../http/problem.ts";
import { createRefusalLog } from "./refusal_log.ts";
import { createAdmit, requireTokens, stateLimits } from "../limits/rate_limit.ts";
import { type DataVersion, readReplica, type Replica } from "../database/replica.ts";
import type { AnswerCache, ResultCache } from "../cache/result_cache.ts";
import type { RouteRule } from "./route_rule.ts";
import type { Trace } from "../monitoring/trace.ts";

type SurfaceContext = Context<{ Variables: Variables }>;

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
  trace: Trace;
  database_work: DatabaseWork;
  caller: Caller;
  /** Rows of the list that is the answer. */
  rows?: number;
  /** Where the surface keeps answers, if it does. */
  results: ResultCache | undefined;
  /** Set by `cached` for its route. */
  cache?: AnswerCache;
  /** A copy of the database, where there is one. */
  replica: Replica | undefined;
  /** The data that a replica must have to answer the request; set by `cached`, too. */
  read_at?: DataVersion;
  /** Where the data of a route that a replica may answer was read. */
  database?: "primary" | "replica";
}

type ClientAt = (url: string) => SupabaseClient<Database>;

function createCaller(c: SurfaceContext, id: string, env: Env, clientAt: ClientAt): Caller {
  const client = clientAt(env.supabase_url);
  return {
    id,
    async rpc<Result>(name: string, args: unknown, options: { get?: boolean } = {}): Promise<Result> {
      // An argument that is not given takes the function's own default.
      const given = Object.fromEntries(Object.entries(args ?? {}).filter(([, value]) => value !== undefined));
      const copy = options.get ? await readReplica(c, clientAt, name, given) : undefined;
      if (copy !== undefined) return copy.data as Result;
      startTime(c, name, "database");
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

/**
 * Lets in requests with a valid user token of this project, or with an API key that has the scope of the route, as long
 * as their caller's limits allow, and gives the handler its {@link Caller}. A new client per request, from the caller's
 * own token or one that acts for the key's owner: handlers have no other.
 */
export function authenticate(env: Env): MiddlewareHandler<{ Variables: Variables }> {
  const supabase_env = callerEnv(env);
  const admin = createAdmin(env);
  const admit = createAdmit(env, admin);
  const noteRefusal = createRefusalLog(admin);
  const keyToken = createKeyTokens(env);
  return async function authenticateCaller(c, next) {
    const { rule, requestId } = c.var;
    const address = clientAddress(c.req.header("x-forwarded-for"), env.trusted_hops);
    const headers = {
      "x-request-id": requestId,
      ...(address !== undefined && { "x-client-address": address }),
    };
    const charge = async ({ user_id, key }: Credentials) => {
      startTime(c, "admit", "limits");
      const ask = () => admit({ cost: rule.cost, address, user_id, key }, headers);
      const admission = env.redis_url === undefined ? await databaseCall(c, ask) : await ask();
      endTime(c, "admit");
      stateLimits(c, admission.verdicts ?? []);
      requireTokens(c, admission.verdicts, rule.cost);
      return admission;
    };
    const credentials = await readCredentials(c, env).catch(async (error) => {
      if (!(error instanceof Problem && error.code === "token_invalid")) throw error;
      // What was made up is charged to its address, and noted; a note that fails changes nothing.
      await charge({});
      await noteRefusal(error.code, c.req.path.split("/")[1] ?? "", headers);
      throw error;
    });
    const admission = await charge(credentials);

    const { key, user_id = "" } = credentials;
    let { token = "" } = credentials;
    let id = user_id;
    if (key !== undefined) {
      const verified = requireKey(admission.key);
      requireScope(verified, rule);
      [id, token] = [verified.user_id, await keyToken(verified)];
    }
    const clientAt = (url: string) =>
      createContextClient<Database>({
        auth: { token },
        env: { ...supabase_env, url },
        supabaseOptions: { global: { fetch: databaseFetch(c), headers } },
      });
    c.set("caller", createCaller(c, id, env, clientAt));
    await next();
    // Once more for an answer that was not made by the context, such as one that is replayed.
    stateLimits(c, admission.verdicts ?? []);
  };
}
