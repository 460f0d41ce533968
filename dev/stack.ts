import { fileURLToPath } from "node:url";
import { type Database, openDatabase } from "./database.ts";
import { lockData } from "./data_lock.ts";
import { seedDemoOnce } from "./demo_data.ts";
import { createGateway } from "./gateway.ts";
import { PUBLISHABLE_KEY, SECRET_KEY } from "./lite.ts";
import { createLocalSupabase } from "./local_supabase.ts";
import { openKeys, type SigningKeys } from "./keys.ts";
import { type Scheduler, startScheduler } from "./scheduler.ts";
import { listen } from "./server.ts";
import { createPasswordAuth, type PasswordAuth } from "./password_auth.ts";
import { openStackDatabase } from "./stack_database.ts";
import { loadSurfaces, platformVariables } from "./surfaces.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MAX_DRAIN_MS = 10_000;

/** How a stack starts; every option has the default of `deno task start`. */
export interface StackOptions {
  /** 54321 unless told; 0 takes any free one. */
  port?: number;
  /** 127.0.0.1 unless told. The keys are public knowledge: anyone who reaches the port has full access. */
  host?: string;
  /** Directory of the embedded data and the signing key, or `:memory:`. `.phonelog` unless told. */
  data?: string;
  /** A server instead of the embedded engine. */
  database_url?: string;
  /** A streaming replica of that server, which the functions read from. */
  read_database_url?: string;
  /** An open, prepared database, which `stop` closes; in place of `database_url` and the embedded one. */
  db?: Database;
  /** Seed the demo organisation into a database without users. */
  demo?: boolean;
  /** The demo's today, `YYYY-MM-DD`. */
  day?: string;
  migrations_dir?: string;
  functions_dir?: string;
  /** Names of the surfaces to load; all unless told. */
  surfaces?: readonly string[];
  /** Start the jobs when they are due. */
  jobs?: boolean;
  /** What the functions get beside the platform's variables. */
  secrets?: Record<string, string>;
  log?: (message: string) => void;
}

/** A running stack. */
export interface Stack extends PasswordAuth {
  /** Without a path. */
  url: string;
  publishable_key: string;
  secret_key: string;
  keys: SigningKeys;
  db: Database;
  /** Sends a request in process; a path is taken at `url`. Not inside a transaction on `db`. */
  fetch(input: string | Request, init?: RequestInit): Promise<Response>;
  /** Takes no more requests, waits for those in hand, closes the database. */
  stop(): Promise<void>;
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** Has the jobs of private.job_schedule run on this stack, as pg_cron does on a server. */
export function scheduleJobs(db: Database, fetch: Stack["fetch"], log: (message: string) => void): Scheduler {
  return startScheduler({
    listDue: async () => {
      const due = await db.query<{ name: string }>("select name from private.notice_due_jobs()");
      return due.map(({ name }) => name);
    },
    run: (name) => fetch(`/functions/v1/jobs/${name}`, { method: "POST", headers: { apikey: SECRET_KEY } }),
    log,
  });
}

/**
 * Starts the whole backend in this process: database, REST, Auth and every function, behind one HTTP port.
 *
 * @throws DataInUseError when another process holds the data, MigrationError, or an Error in one sentence.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { data = `${ROOT}.phonelog`, database_url, read_database_url, log = () => {} } = options;
  await using opened = new AsyncDisposableStack();
  const is_embedded = options.db === undefined && database_url === undefined && data !== ":memory:";
  const lock = is_embedded ? await lockData(data) : undefined;
  if (lock !== undefined) opened.defer(() => lock.release());
  const server = listen(options.host ?? "127.0.0.1", options.port ?? 54321, log);
  opened.defer(() => server.stop(MAX_DRAIN_MS));
  const migrations_dir = options.migrations_dir ?? `${ROOT}supabase/migrations`;
  const db = options.db ?? await openStackDatabase({ database_url, data, migrations_dir, log });
  opened.defer(() => db.close());
  const copy = read_database_url === undefined
    ? undefined
    : await openDatabase({ database_url: read_database_url });
  if (copy !== undefined) opened.defer(() => copy.close());
  // Its REST would read the catalogue on its first request, which takes longer than a replica is waited for.
  await copy?.connection.introspect({ useCache: true });

  const keys = await openKeys(data === ":memory:" ? undefined : `${data}/signing_key.json`);
  const variables = platformVariables(server.url, keys, {
    ...options.secrets,
    ...(copy && { SUPABASE_READ_URL: `${server.url}/replica` }),
  });
  const functions_dir = options.functions_dir ?? `${ROOT}functions`;
  const surfaces = await loadSurfaces(functions_dir, variables, options.surfaces);
  const supabase = createLocalSupabase({ db, keys, url: server.url, log });
  const replica = copy && createLocalSupabase({ db: copy, keys, url: server.url, log });
  const gateway = createGateway({ keys, supabase, ...(replica && { replica }), surfaces, log });
  const fetch: Stack["fetch"] = (input, init) =>
    gateway(new Request(typeof input === "string" ? new URL(input, server.url) : input, init), "127.0.0.1");
  // The functions call REST and Auth where this server listens, as they do on the platform.
  server.serve(gateway, (request) => /^\/(auth|rest)\/v1\//.test(new URL(request.url).pathname));
  if (options.demo) await seedDemoOnce({ db, app: { fetch }, day: options.day ?? today(), log });
  const scheduler = options.jobs ? scheduleJobs(db, fetch, log) : undefined;
  await lock?.announce(server.url);

  const closing = opened.move();
  return {
    url: server.url,
    publishable_key: PUBLISHABLE_KEY,
    secret_key: SECRET_KEY,
    keys,
    db,
    fetch,
    ...createPasswordAuth(fetch),
    stop: async () => {
      // First, because a job calls the server.
      await scheduler?.stop();
      await server.stop(MAX_DRAIN_MS);
      await closing.disposeAsync();
    },
  };
}
