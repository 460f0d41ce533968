import type { SupabaseClient } from "@supabase/supabase-js";
import type { Context } from "hono";
import { endTime, startTime } from "hono/timing";
import type { Variables } from "../access/auth.ts";
import type { Database } from "./database.types.ts";
import { databaseProblem } from "./database_error.ts";
import type { Env } from "../env.ts";
import { platform } from "../platform.ts";

/** What an answer is made from beside the caller's own data, by the request's parameters: `get_data_version`. */
export interface Reads {
  readonly reads?: "own" | "teammates" | "organization";
  readonly user_id?: string | undefined;
  readonly contact_id?: string | undefined;
  readonly organization_id?: string | undefined;
  /** Given where an answer for a period that is over no longer depends on the time. */
  readonly ends_at?: string | undefined;
}

/** The data as the primary had it when a request asked. */
export interface DataVersion {
  readonly version: string;
  readonly reads: Reads;
}

type Client = SupabaseClient<Database>;
type Reply = Awaited<ReturnType<Client["rpc"]>>;

const GRACE_MS = 5;
/** How long a replica that did not is left alone. */
const REST_MS = 2000;
/** No read takes longer, though the replica lives: above the database's own limit (`statement_timeout`). */
const MAX_READ_MS = 10_000;

/** A query that failed says nothing of the server, but where it had no connection (08), no room (53) or was going (57P). */
function lives({ status, error }: Reply): boolean {
  if (error === null || (status > 0 && status < 500)) return true;
  return /^(?!08|53|57P)[0-9A-Z]{5}$/.test(error.code);
}

/** Waits for an answer, so long at most. What has arrived while this isolate was busy is read before the end. */
async function within<T>(ms: number, answer: PromiseLike<T>): Promise<T | undefined> {
  const over = Promise.withResolvers<undefined>();
  let timer = setTimeout(() => timer = setTimeout(() => over.resolve(undefined), GRACE_MS), ms - GRACE_MS);
  return await Promise.race([answer, over.promise]).finally(() => clearTimeout(timer));
}

/**
 * The read replica of the project as this isolate knows it. One that is dead, paused or slow to answer the smallest
 * question costs those who are reading from it twice `wait_ms`, once; then nobody, until it answers again.
 */
export class Replica {
  #is_up = true;
  #ask_again_at = 0;
  #asked: Promise<boolean> | undefined;

  /**
   * @param wait_ms After so long without an answer it is asked whether it lives, and has as long to say so.
   */
  constructor(readonly url: string, readonly wait_ms: number) {}

  /** Whether it lives, asked once for all who want to know. */
  #ask(client: Client): Promise<boolean> {
    const ask = async () => {
      const cut = new AbortController();
      const call = client.rpc("get_data_version", {}, { get: true }).retry(false).abortSignal(cut.signal);
      const reply = await within(this.wait_ms, call);
      if (reply === undefined) cut.abort();
      this.#is_up = reply !== undefined && lives(reply);
      this.#ask_again_at = performance.now() + REST_MS;
      this.#asked = undefined;
      return this.#is_up;
    };
    return this.#asked ??= ask();
  }

  /** Whether to read from it. Where it does not live that is asked now and then, and nobody waits for the answer. */
  isUp(client: () => Client): boolean {
    if (!this.#is_up && performance.now() >= this.#ask_again_at) {
      const asked = this.#ask(client());
      platform?.waitUntil(asked);
    }
    return this.#is_up;
  }

  /** What it answers to a read; undefined when it does not. */
  async read(client: Client, start: (signal: AbortSignal) => PromiseLike<Reply>): Promise<Reply | undefined> {
    const cut = new AbortController();
    const until = performance.now() + MAX_READ_MS;
    const reply = Promise.resolve(start(cut.signal));
    while (performance.now() < until) {
      const first = await within(this.wait_ms, reply) ?? await Promise.race([reply, this.#ask(client)]);
      if (first === true) continue;
      if (first !== false && lives(first)) return first;
      break;
    }
    cut.abort();
    this.#is_up = false;
    this.#ask_again_at = performance.now() + REST_MS;
    return undefined;
  }
}

/** The replica at `PHONELOG_READ_URL`; undefined where there is none. */
export function createReplica({ read_url, replica_wait_ms }: Env): Replica | undefined {
  return read_url === undefined ? undefined : new Replica(read_url, replica_wait_ms);
}

/**
 * Calls a reading function at the replica, in the very version of the data that the primary named for this request: so
 * no answer lacks anything that was written before it was asked for, by whomever.
 *
 * @param clientAt A client of the caller's own.
 * @returns undefined where the primary is to be asked: there is no replica, the route names no version, the replica is
 * behind or away, or refuses, whatever the reason.
 * @throws Problem `database_timeout`: what took the replica too long is not begun once more.
 */
export async function readReplica(
  c: Context<{ Variables: Variables }>,
  clientAt: (url: string) => Client,
  function_name: string,
  args: Record<string, unknown>,
): Promise<Reply | undefined> {
  const { replica, read_at } = c.var;
  if (replica === undefined || read_at === undefined) return undefined;
  c.set("database", "primary");
  if (!replica.isUp(() => clientAt(replica.url))) return undefined;

  const client = clientAt(replica.url);
  const call = {
    version: read_at.version,
    reads: JSON.stringify(read_at.reads),
    function_name,
    arguments: JSON.stringify(args),
  };
  startTime(c, function_name, "replica");
  const reply = await replica.read(
    client,
    (signal) => client.rpc("read_at_version", call, { get: true }).abortSignal(signal),
  );
  endTime(c, function_name);
  if (reply?.error?.code === "57014") throw databaseProblem(reply.error, reply.status);
  if (reply === undefined || reply.error) return undefined;
  c.set("database", "replica");
  return reply;
}
