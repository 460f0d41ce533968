import type { PgliteConnection } from "@supabase/lite/pglite";
import type { PostgresConnection } from "@supabase/lite/postgres";
import { openPglite } from "./database_pglite.ts";
import { openPostgres } from "./database_postgres.ts";
import type { Session } from "./session.ts";

export type { Row, Session } from "./session.ts";

/**
 * One interface over the embedded engine and a server. Errors are the driver's own; both carry `code` (SQLSTATE),
 * `message`, `detail`, `hint`, `where` and `position`.
 */
export interface Database extends Session {
  readonly engine: "pglite" | "postgres";
  /** What `@supabase/lite` serves from. On PGlite use it inside `exclusive` only. */
  readonly connection: PgliteConnection | PostgresConnection;
  /** Runs `fn` between begin and commit; rolls back and rethrows when it throws. Use the handle it is given. */
  transaction<T>(fn: (transaction: Session) => Promise<T>): Promise<T>;
  /** Runs `fn` on one connection without a transaction; settings and roles it leaves behind are reset. */
  session<T>(fn: (session: Session) => Promise<T>): Promise<T>;
  /** Keeps everyone else out while `fn` runs: PGlite has one connection for all. On a server it just runs `fn`. */
  exclusive<T>(fn: () => Promise<T>): Promise<T>;
  /** The data directory as a tar archive. PGlite only. */
  dump(): Promise<Blob>;
  close(): Promise<void>;
}

/** Where the data is; exactly one of `data` and `database_url`. */
export interface DatabaseOptions {
  /** A directory, or `:memory:`. */
  data?: string;
  database_url?: string;
  /** What an empty embedded database starts from, as `dump` gave it. */
  load_data_dir?: Blob;
  /** Embedded only, in MB; 128 unless told. */
  shared_buffers_mb?: number;
}

/** Opens the database. A directory is created when missing; roles and tables are `bootstrap`'s. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { data, database_url } = options;
  if (database_url !== undefined && data === undefined) return openPostgres(database_url);
  if (data !== undefined && database_url === undefined) return await openPglite(data, options);
  throw new TypeError("Cannot open a database: give either data or database_url");
}
