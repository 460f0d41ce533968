/** A row as the driver gives it: timestamps and dates as text, json parsed, int8 and numeric as number if exact. */
export type Row = Record<string, unknown>;

/** What runs SQL in one place: a transaction, a connection of one's own, or the database at large. */
export interface Session {
  /** Runs one statement with `$1` parameters; objects are sent as json, arrays as Postgres arrays. */
  query<T = Row>(sql: string, params?: unknown[]): Promise<T[]>;
  /** Runs a script and gives the rows of its statements, in order; one without rows may be left out. */
  exec(sql: string): Promise<Row[][]>;
}

/**
 * What sessions of a Supabase database have. The embedded engine and servers get the same, so that SQL behaves
 * alike in all three.
 */
export const SESSION_SETTINGS = { search_path: '"$user", public, extensions', TimeZone: "UTC" } as const;

/** Runs `fn` between begin and commit on a session that nobody else uses meanwhile. */
export async function inTransaction<T>(session: Session, fn: (session: Session) => Promise<T>): Promise<T> {
  await session.exec("begin");
  try {
    const result = await fn(session);
    await session.exec("commit");
    return result;
  } catch (error) {
    await session.exec("rollback").catch(() => {});
    throw error;
  }
}

/** Ends what a session left open and forgets its role and settings. */
export async function resetSession(session: Session): Promise<void> {
  await session.exec("rollback");
  await session.exec("reset session authorization; reset role; reset all");
}
