import type { Database } from "./database.ts";

// This project's number, of no meaning.
const LOCK = 7_460_110_514;

/**
 * Runs `fn`, which may use the whole database, while no other process does so on it: several may start on one
 * server at a time. The embedded database has one process anyway.
 */
export function withDatabaseLock<T>(db: Database, fn: () => Promise<T>): Promise<T> {
  if (db.engine === "pglite") return fn();
  return db.session(async (session) => {
    await session.query("select pg_advisory_lock($1)", [LOCK]);
    try {
      return await fn();
    } finally {
      await session.query("select pg_advisory_unlock($1)", [LOCK]);
    }
  });
}
