import type { Database } from "./database.ts";
import { withDatabaseLock } from "./database_lock.ts";
import { seedDemo } from "./demo/seed.ts";

/** What sends requests to the stack from inside. */
export interface InProcessApp {
  fetch(input: string | Request, init?: RequestInit): Promise<Response>;
}

const SEED = "dev/demo/seed.ts";

/**
 * Whether the demo may be seeded: nobody uses the database, or an earlier seeding was cut off. Accounts of a
 * Supabase project are its own Auth's to make.
 */
async function isDue(db: Database): Promise<boolean> {
  await db.exec(`create table if not exists supabase_migrations.seed_files (
    path text not null primary key, hash text not null)`);
  const [seed] = await db.query<{ hash: string }>(
    "select hash from supabase_migrations.seed_files where path = $1",
    [SEED],
  );
  if (seed !== undefined) return seed.hash === "started";
  const [users] = await db.query<{ is_unused: boolean }>(`
    select not exists (select from auth.users) and relowner::regrole::text <> 'supabase_auth_admin' as is_unused
      from pg_class where oid = 'auth.users'::regclass`);
  return users?.is_unused === true;
}

async function mark(db: Database, hash: string): Promise<void> {
  await db.query(
    `insert into supabase_migrations.seed_files values ($1, $2)
     on conflict (path) do update set hash = excluded.hash`,
    [SEED, hash],
  );
}

/** What a seeding needs. */
export interface DemoOptions {
  db: Database;
  app: InProcessApp;
  /** The demo's today, `YYYY-MM-DD`. */
  day: string;
  log: (message: string) => void;
  /** What fills the database; goes on where an earlier call was cut off. */
  seed?: (db: Database, app: InProcessApp, day: string) => Promise<unknown>;
}

/**
 * Seeds the demo organisation on the first run, through the stack's own APIs. A database that has users already
 * is never touched. What was seeded is noted where the Supabase CLI notes its seed files.
 *
 * @returns Whether it seeded.
 */
export function seedDemoOnce({ db, app, day, log, seed = seedDemo }: DemoOptions): Promise<boolean> {
  return withDatabaseLock(db, async () => {
    if (!await isDue(db)) return false;
    log("Seeding the demo organisation: the first time only");
    await mark(db, "started");
    await seed(db, app, day);
    await mark(db, day);
    return true;
  });
}
