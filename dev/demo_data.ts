import type { Database } from "./database.ts";

/** What sends requests to the stack from inside. */
export interface InProcessApp {
  fetch(input: string | Request, init?: RequestInit): Promise<Response>;
}

const SEED = "dev/demo/seed.ts";

/** Whether the demo may be seeded: nobody uses the database, or an earlier seeding was cut off. */
async function isDue(db: Database): Promise<boolean> {
  await db.exec(`create table if not exists supabase_migrations.seed_files (
    path text not null primary key, hash text not null)`);
  const [seed] = await db.query<{ hash: string }>(
    "select hash from supabase_migrations.seed_files where path = $1",
    [SEED],
  );
  if (seed !== undefined) return seed.hash === "started";
  const [users] = await db.query<{ found: boolean }>("select exists (select from auth.users) as found");
  return users?.found === false;
}

async function mark(db: Database, hash: string): Promise<void> {
  await db.query(
    `insert into supabase_migrations.seed_files values ($1, $2)
     on conflict (path) do update set hash = excluded.hash`,
    [SEED, hash],
  );
}

/**
 * Seeds the demo organisation on the first run, through the stack's own APIs. A database that has users already
 * is never touched. What was seeded is noted where the Supabase CLI notes its seed files.
 *
 * @param day The demo's today, `YYYY-MM-DD`.
 * @returns Whether it seeded.
 */
export async function seedDemoOnce(db: Database, app: InProcessApp, day: string): Promise<boolean> {
  const module = new URL("./demo/seed.ts", import.meta.url);
  // TODO(lead): import seedDemo statically when dev/demo/seed.ts is there, and drop this check.
  if (!await Deno.stat(module).then(() => true, () => false)) return false;
  if (!await isDue(db)) return false;
  await mark(db, "started");
  const { seedDemo } = await import(module.href);
  await seedDemo(db, app, day);
  await mark(db, day);
  return true;
}
