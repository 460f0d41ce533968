import postgres from "postgres";

/** A statement with `$1` parameters. */
export interface Statement {
  readonly sql: string;
  readonly params?: readonly unknown[];
}

/** Whom a statement runs as: a signed-in user under row-level security, or the operator beside it. */
export type Identity = { readonly user_id: string } | "operator";

/** What came of a timed statement. */
export interface Timed {
  readonly ms: number;
  readonly rows: Record<string, unknown>[];
}

/** One connection that does what PostgREST does: a transaction per call, role and claims set, then the statement. */
export interface SqlClient extends AsyncDisposable {
  /**
   * Times the statement alone; `is_prepared` keeps its parsed form on the connection, as PostgREST does for calls.
   * The first read of a teammate's log is noted by a transaction that may write, as the functions do, and not timed.
   */
  time(identity: Identity, statement: Statement, is_prepared?: boolean): Promise<Timed>;
  /** Times a statement that writes, as a signed-in user, with its commit. */
  timeWrite(user_id: string, statement: Statement): Promise<Timed>;
  /** Runs a script as the operator. */
  exec(script: string): Promise<void>;
  query<T>(sql: string, params?: readonly unknown[]): Promise<T[]>;
}

const AS_USER = `select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true),
  set_config('request.method', 'GET', true), set_config('search_path', 'public, extensions', true)`;

function claimsOf(user_id: string): string {
  return JSON.stringify({ sub: user_id, role: "authenticated", aud: "authenticated" });
}

/** Opens a connection of its own. */
export function openSqlClient(
  database_url: string,
  onnotice: (message: string) => void = () => {},
): SqlClient {
  const sql = postgres(database_url, {
    max: 1,
    connection: { TimeZone: "UTC" },
    onnotice: (notice) => onnotice(String(notice["message"])),
  });
  const query = async (
    text: string,
    params: readonly unknown[] = [],
    prepare = false,
  ) => [...await sql.unsafe(text, params as postgres.ParameterOrJSON<never>[], { prepare })];
  const timeRead = async (identity: Identity, { sql: text, params }: Statement, is_prepared: boolean) => {
    await query(identity === "operator" ? "begin" : "begin read only");
    try {
      if (identity !== "operator") await query(AS_USER, [claimsOf(identity.user_id)], true);
      const started = performance.now();
      const rows = await query(text, params, is_prepared);
      return { ms: performance.now() - started, rows };
    } finally {
      await query("rollback");
    }
  };
  const timeWrite = async (user_id: string, { sql: text, params }: Statement) => {
    await query("begin");
    await query(AS_USER, [claimsOf(user_id)], true);
    const started = performance.now();
    const rows = await query(text, params, true);
    await query("commit");
    return { ms: performance.now() - started, rows };
  };
  return {
    async time(identity, statement, is_prepared = false) {
      try {
        return await timeRead(identity, statement, is_prepared);
      } catch (error) {
        if (identity === "operator" || !(error instanceof Error) || error.message !== "read_not_recorded") {
          throw error;
        }
        await timeWrite(identity.user_id, statement);
        return await timeRead(identity, statement, is_prepared);
      }
    },
    timeWrite,
    exec: async (script) => void await sql.unsafe(script).simple(),
    query: async <T>(text: string, params?: readonly unknown[]) => await query(text, params) as T[],
    [Symbol.asyncDispose]: () => sql.end({ timeout: 5 }),
  };
}

/** The call of a public function by named arguments, its answer as text; undefined arguments are left out. */
export function callOf(name: string, args: Readonly<Record<string, unknown>>): Statement {
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  const named = given.map(([argument], index) => `${argument} => $${index + 1}`).join(", ");
  return {
    sql: `select (public.${name}(${named}))::text as answer`,
    params: given.map(([, value]) => value),
  };
}
