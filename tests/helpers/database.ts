import type { Database, Session } from "../../dev/database.ts";
import { type Stack, type StackOptions, startStack } from "../../dev/stack.ts";
import { openEmbeddedCopy } from "./embedded_copy.ts";
import { openServerCopy } from "./server_copy.ts";

/**
 * A database of one's own, as the migrations leave it: a copy of a template that is made once for each state of
 * the migration files. On PGlite, or on the server of `DATABASE_URL` when that is set. Close it to delete it.
 */
export function testDatabase(): Promise<Database> {
  const database_url = Deno.env.get("DATABASE_URL");
  return database_url ? openServerCopy(database_url) : openEmbeddedCopy();
}

/** A whole stack on a free port over a database of its own; without the demo unless asked for. */
export async function testStack(options: StackOptions = {}): Promise<Stack> {
  return await startStack({ port: 0, data: ":memory:", ...options, db: options.db ?? await testDatabase() });
}

/**
 * Runs `fn` in a transaction as PostgREST would for this user: role and claims are set, row-level security holds.
 * Null is a caller without a token. What `fn` wrote is committed.
 */
export function asUser<T>(
  db: Database,
  user_id: string | null,
  fn: (session: Session) => Promise<T>,
): Promise<T> {
  const role = user_id === null ? "anon" : "authenticated";
  const claims = user_id === null ? { role } : { sub: user_id, role, aud: "authenticated" };
  return db.transaction(async (transaction) => {
    await transaction.query(
      "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)",
      [
        role,
        JSON.stringify(claims),
      ],
    );
    return await fn(transaction);
  });
}

/** Adds an account as Auth does, without its password; gives its id. */
export async function createUser(db: Database, email: string): Promise<string> {
  const id = crypto.randomUUID();
  await db.query("insert into auth.users (id, email, email_confirmed_at) values ($1, $2, now())", [
    id,
    email,
  ]);
  return id;
}
