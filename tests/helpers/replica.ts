import { fileURLToPath } from "node:url";
import { type Database, openDatabase } from "../../dev/database.ts";
import { readMigrations } from "../../dev/migrations.ts";
import { prepareDatabase } from "../../dev/prepare_database.ts";

/** Where `pg17` (see `.ci/run`) keeps PostgreSQL: a folder that is a machine of its own to its programs. */
const ROOT = Deno.env.get("PG17_ROOT") ?? "/var/lib/pg17";
const BIN = "/usr/lib/postgresql/17/bin";
const MIGRATIONS = fileURLToPath(new URL("../../supabase/migrations", import.meta.url));
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  shared_buffers: "64MB",
  max_connections: "60",
  fsync: "off",
};

/** A PostgreSQL server of the test's own on loopback. */
export interface Server {
  readonly url: string;
  /** Stops all of its processes where they stand (`SIGSTOP`), or lets them go on (`SIGCONT`). */
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again at the same port. */
  restart(): Promise<void>;
}

/** A migrated primary and a hot standby that streams from it. */
export interface Pair extends AsyncDisposable {
  readonly primary: Server;
  readonly standby: Server;
  /** Waits until the standby shows all that the primary has. */
  caughtUp(): Promise<void>;
  /** Has the standby take in what it gets, and not show it, until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/** Whether two servers can be started: PostgreSQL's programs are there, and this is root, who may. */
export async function hasPostgres(): Promise<boolean> {
  const has_programs = await Deno.stat(`${ROOT}${BIN}/pg_basebackup`).then(() => true, () => false);
  return has_programs && Deno.uid() === 0;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Runs PostgreSQL's programs as their user. */
async function programs(): Promise<(name: string, ...args: string[]) => Deno.Command> {
  const { uid, gid } = await Deno.stat(`${ROOT}/pg`);
  return (name, ...args) =>
    new Deno.Command("chroot", {
      args: [`--userspec=${uid}:${gid}`, ROOT, `${BIN}/${name}`, ...args],
      env: { LC_ALL: "C.UTF-8" },
      stdout: "null",
      stderr: "piped",
    });
}

async function finish(command: Deno.Command): Promise<void> {
  const { success, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Starts a server, and gives it when it takes connections. */
async function start(command: Deno.Command): Promise<Deno.ChildProcess> {
  const child = command.spawn();
  const ready = Promise.withResolvers<void>();
  (async () => {
    let printed = "";
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
      printed = (printed + chunk).slice(-10_000);
      if (printed.includes("ready to accept")) ready.resolve();
    }
    ready.reject(new Error(`PostgreSQL did not start: ${printed}`));
  })();
  await ready.promise;
  return child;
}

async function startServer(run: Awaited<ReturnType<typeof programs>>, data: string): Promise<Server> {
  const port = freePort();
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const command = run("postgres", "-D", data, "-p", String(port), ...settings);
  let child = await start(command);
  // Each of its processes is a group of its own; some may end meanwhile.
  const send = (pid: number, signal: Deno.Signal) => {
    try {
      Deno.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  const signal: Server["signal"] = (signal) => {
    send(child.pid, signal);
    const children = `/proc/${child.pid}/task/${child.pid}/children`;
    for (const [pid] of Deno.readTextFileSync(children).matchAll(/\d+/g)) send(Number(pid), signal);
  };
  return {
    url: `postgres://postgres@127.0.0.1:${port}/phonelog`,
    signal,
    kill: async () => {
      // "Immediate": nobody is waited for, nothing is written, the next start recovers.
      child.kill("SIGQUIT");
      await child.status;
    },
    restart: async () => {
      child = await start(command);
    },
  };
}

async function migrate(server: Server): Promise<void> {
  const root = await openDatabase({ database_url: server.url.replace(/phonelog$/, "postgres") });
  await root.exec("create database phonelog").finally(() => root.close());
  const db = await openDatabase({ database_url: server.url });
  await prepareDatabase(db, await readMigrations(MIGRATIONS)).finally(() => db.close());
}

async function on<T>(server: Server, fn: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({ database_url: server.url });
  return await fn(db).finally(() => db.close());
}

async function value(server: Server, expression: string): Promise<string> {
  const [row] = await on(
    server,
    (db) => db.query<{ value: string }>(`select (${expression})::text as value`),
  );
  return row?.value ?? "";
}

/** Makes both servers, in files of their own; dispose of them at the end (`await using`). */
export async function startPair(): Promise<Pair> {
  await using opened = new AsyncDisposableStack();
  const run = await programs();
  const { uid, gid } = await Deno.stat(`${ROOT}/pg`);
  const folder = await Deno.makeTempDir({ dir: `${ROOT}/tmp`, prefix: "phonelog_replica_" });
  opened.defer(() => Deno.remove(folder, { recursive: true }));
  await Deno.chown(folder, uid, gid);
  const inside = folder.slice(ROOT.length);

  await finish(run("initdb", "-D", `${inside}/primary`, "-U", "postgres", "-E", "UTF8", "-A", "trust", "-N"));
  const primary = await startServer(run, `${inside}/primary`);
  opened.defer(() => primary.kill());
  await migrate(primary);
  const from = primary.url.replace(/\/phonelog$/, "");
  await finish(run("pg_basebackup", "-d", from, "-D", `${inside}/standby`, "-R", "-c", "fast", "-N"));
  const standby = await startServer(run, `${inside}/standby`);
  opened.defer(() => standby.kill().catch(() => {}));

  const closing = opened.move();
  return {
    primary,
    standby,
    caughtUp: async () => {
      const written = await value(primary, "pg_current_wal_insert_lsn()");
      while (await value(standby, `pg_last_wal_replay_lsn() < '${written}'`) === "true");
    },
    pause: async () => void await value(standby, "select pg_wal_replay_pause()"),
    resume: async () => void await value(standby, "select pg_wal_replay_resume()"),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
