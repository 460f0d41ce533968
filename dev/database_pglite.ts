import { PGlite } from "@electric-sql/pglite";
import { btree_gin } from "@electric-sql/pglite/contrib/btree_gin";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";
import { pgtap } from "@electric-sql/pglite/pgtap";
import { vector } from "@electric-sql/pglite/vector";
import { createPgliteConnection } from "@supabase/lite/pglite";
import type { Database, DatabaseOptions } from "./database.ts";
import { keepGrants } from "./lite.ts";
import { inTransaction, resetSession, type Row, type Session, SESSION_SETTINGS } from "./session.ts";
import { Turn } from "./turn.ts";

const EXTENSIONS = { btree_gin, pg_trgm, unaccent, vector, pgtap };

function startParameters(shared_buffers_mb: number): string[] {
  const settings = {
    ...SESSION_SETTINGS,
    shared_buffers: `${shared_buffers_mb}MB`,
    work_mem: "16MB",
    random_page_cost: "1.1",
    jit: "off",
  };
  return [
    ...PGlite.defaultStartParams,
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
}

/** The engine's runtime leaves an exit code of its own behind, when it starts and with every SQL error. */
async function keepExitCode<T>(fn: () => Promise<T>): Promise<T> {
  const exit_code = Deno.exitCode;
  try {
    return await fn();
  } finally {
    Deno.exitCode = exit_code;
  }
}

/**
 * Opens the embedded engine. A commit is in the files of the data directory when it is acknowledged: it survives
 * the end of the process in any way (kill -9), though not a power cut, because WASM has no fsync.
 */
export async function openPglite(data: string, options: DatabaseOptions): Promise<Database> {
  const connection = await createPgliteConnection({
    ...(data === ":memory:" ? {} : { url: data }),
    pgliteOptions: {
      extensions: EXTENSIONS,
      // Arguments in a URL are text; every other type takes text as it is.
      serializers: { 16: (value: unknown) => String(value).startsWith("t") ? "t" : "f" },
      startParams: startParameters(options.shared_buffers_mb ?? 128),
      ...(options.load_data_dir === undefined ? {} : { loadDataDir: options.load_data_dir }),
    },
  });
  keepGrants(connection);
  const engine = connection.driver;
  await keepExitCode(() => engine.waitReady);
  const turn = new Turn();
  const take = <T>(fn: () => Promise<T>) => turn.take(() => keepExitCode(fn));
  const session: Session = {
    async query<T = Row>(sql: string, params: unknown[] = []) {
      return (await engine.query<T>(sql, params)).rows;
    },
    async exec(sql) {
      return (await engine.exec(sql)).map((result) => result.rows);
    },
  };
  return {
    engine: "pglite",
    connection,
    query: (sql, params) => take(() => session.query(sql, params)),
    exec: (sql) => take(() => session.exec(sql)),
    transaction: (fn) => take(() => inTransaction(session, fn)),
    session: (fn) => take(() => fn(session).finally(() => resetSession(session))),
    exclusive: (fn) => take(fn),
    dump: () => take(() => engine.dumpDataDir("none")),
    close: () => take(() => connection.close()),
  };
}
