import { z } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler, Next } from "hono";
import { endTime, startTime } from "hono/timing";
import { answerKept } from "../http/answer.ts";
import type { Variables } from "../access/auth.ts";
import { sha256 } from "../digest.ts";
import type { Env } from "../env.ts";
import { Problem } from "../http/problem.ts";
import type { Reads } from "../database/replica.ts";
import { type Kept, type KeptVersion, type ResultStore, resultStores } from "./result_store.ts";
import { API_VERSION } from "../version.ts";

/** Where an answer came from: kept, made and kept, or made because nothing can be kept now. */
export type CacheState = "hit" | "miss" | "off";

/** `meta` of routes whose answers are kept. */
export const CacheMeta = z.object({
  cache: z.enum(["hit", "miss", "off"]).openapi({
    description: "Kept from before, made now, or nothing is kept",
  }),
});

/** What a request knows of the cache. */
export interface AnswerCache {
  readonly state: CacheState;
  /** Keeps what is answered. */
  readonly keep?: (kept: Kept) => void;
}

/** How the search for an answer ended; without one where it could not be made. */
interface Flight {
  readonly kept: Kept | undefined;
  readonly was_kept: boolean;
}

/** What a request asks, and the last answer to it. */
interface Lookup {
  readonly store: ResultStore;
  readonly question: string;
  /** Waits for it. */
  readonly last: () => Promise<KeptVersion | undefined>;
}

/** The cache of a surface. */
export interface ResultCache {
  /** Of this project: several may share a Redis. */
  readonly project: string;
  readonly openStore: () => ResultStore;
  /** Answers that are being looked up or made in this isolate, by question and version. */
  readonly flights: Map<string, Promise<Flight>>;
}

type SurfaceContext = Context<{ Variables: Variables }>;

/** How long an answer is kept that the next minute's question does not get any more. */
const MINUTE_SECONDS = 60;
/** Larger answers are not kept. */
const MAX_LENGTH = 1_000_000;
/** How long an isolate counts as being at an answer. */
const CLAIM_MS = 2000;
/** How long others wait for it before they make it, too. */
export const PATIENCE_MS = 400;
const LOOK_AGAIN_MS = 20;

/** Makes the cache of a surface; undefined where answers are not to be kept. */
export function createResultCache(env: Env): ResultCache | undefined {
  const openStore = resultStores(env);
  return openStore && { project: env.supabase_url, openStore, flights: new Map() };
}

/**
 * Asks the database, which judges the caller as the route does.
 *
 * @returns undefined when it refuses: then the route says why.
 */
async function dataVersion(c: SurfaceContext, reads: Reads): Promise<string | undefined> {
  try {
    return await c.var.caller.rpc<string>("get_data_version", { ...reads }, { get: true });
  } catch (error) {
    if (error instanceof Problem && error.status < 500) return undefined;
    throw error;
  }
}

/** Nothing of the request can be read from it. Each API key has its own, since its scopes are part of the version. */
function questionOf(c: SurfaceContext, project: string): Promise<string> {
  const { pathname, searchParams } = new URL(c.req.url);
  searchParams.sort();
  const key = c.req.header("x-api-key");
  return sha256(JSON.stringify([project, API_VERSION, c.var.caller.id, key, pathname, [...searchParams]]));
}

async function lookUp(c: SurfaceContext, { project, openStore }: ResultCache): Promise<Lookup> {
  const question = await questionOf(c, project);
  const store = openStore();
  return { store, question, last: store.ask(question) };
}

/** The answer that is kept, also one that another isolate is just making; undefined: the caller has to make it. */
async function find(store: ResultStore, question: string, version: string): Promise<Kept | undefined> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await store.look(question, version, CLAIM_MS);
    if (found !== "elsewhere") return found;
    if (performance.now() > until) return undefined;
    await new Promise((wake) => setTimeout(wake, LOOK_AGAIN_MS));
  }
}

function answerHit(c: SurfaceContext, kept: Kept): Response {
  c.set("cache", { state: "hit" });
  return answerKept(c, kept);
}

/** Waits for the answer or has it made, and kept. */
async function findOrMake(
  c: SurfaceContext,
  { store, question }: Lookup,
  version: string,
  keep_ms: number,
  next: Next,
): Promise<Flight> {
  startTime(c, "claim");
  const found = await find(store, question, version).then((kept) => ({ kept }), () => undefined);
  endTime(c, "claim");
  if (found?.kept) return { kept: found.kept, was_kept: true };
  const made: { kept?: Kept } = {};
  c.set("cache", { state: found ? "miss" : "off", keep: (kept) => made.kept = kept });
  await next();
  // Where it cannot be kept, it is made again next time.
  if (found && made.kept && made.kept.body.length <= MAX_LENGTH) {
    await store.set(question, { ...made.kept, version }, keep_ms).catch(() => {});
  } else if (found) {
    await store.release(question, version).catch(() => {});
  }
  return { kept: made.kept, was_kept: false };
}

/**
 * Answers a GET from what was answered before, as long as the version of the data is the same. Goes into the definition
 * of a route that is read often and costs much, after authentication. The database is asked for the version every time,
 * so a write is seen by the next read and whoever lost access gets nothing; the last answer is looked up meanwhile.
 * Answers with an error are not kept. Where Redis is away, slow or full the route answers as if there were no cache,
 * 50 ms later at most. The version is also what lets a replica answer in place of the primary.
 *
 * @param seconds How long an answer may be kept; one that depends on the time, a minute at most.
 * @param readsOf What the answer is made from beside the caller's own data.
 */
export function cached(
  seconds: number,
  readsOf: (request: SurfaceContext["req"]) => Reads = () => ({}),
): MiddlewareHandler<{ Variables: Variables }> {
  return async function answerFromCache(c, next) {
    const { results: cache, replica } = c.var;
    c.set("cache", { state: "off" });
    if (cache === undefined && replica === undefined) return await next();
    const reads = readsOf(c.req);
    const [version, lookup] = await Promise.all([dataVersion(c, reads), cache && lookUp(c, cache)]);
    if (version === undefined) return await next();
    c.set("read_at", { version, reads });
    if (cache === undefined || lookup === undefined) return await next();
    startTime(c, "cache");
    const last = await lookup.last().catch(() => undefined);
    endTime(c, "cache");
    if (last?.version === version) return answerHit(c, last);

    const key = `${lookup.question}:${version}`;
    const flight = cache.flights.get(key);
    if (flight !== undefined) {
      const { kept } = await flight;
      if (kept) return answerHit(c, kept);
    }
    const keep_seconds = reads.ends_at === undefined ? Math.min(seconds, MINUTE_SECONDS) : seconds;
    const own = findOrMake(c, lookup, version, keep_seconds * 1000, next);
    cache.flights.set(key, own);
    const { kept, was_kept } = await own.finally(() => {
      if (cache.flights.get(key) === own) cache.flights.delete(key);
    });
    if (kept && was_kept) return answerHit(c, kept);
  };
}
