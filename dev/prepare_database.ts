import { bootstrap, type DatabaseKind } from "./bootstrap.ts";
import type { Database } from "./database.ts";
import { applyMigrations, type Migration, MigrationError, planMigrations } from "./migrations.ts";

/** What `prepareDatabase` found and did. */
export interface Preparation {
  kind: DatabaseKind;
  /** Migration files applied now. */
  applied: string[];
  /** Applied migration files that were edited since: the database may lack what they say now. */
  changed: string[];
}

// Two processes may start on one server at a time; the number is this project's, of no meaning.
const ADVISORY_LOCK = 7_460_110_514;

async function prepare(db: Database, migrations: Migration[]): Promise<Preparation> {
  const kind = await bootstrap(db);
  const { pending, changed } = await planMigrations(db, migrations);
  const files = changed.map(({ file }) => file);
  if (files.length > 0 && db.engine === "pglite") {
    throw new MigrationError(
      `Migrations changed after they were applied to this database: ${files.join(", ")}. ` +
        "`deno task db:reset` deletes its data, so that the next start can apply them anew",
    );
  }
  await applyMigrations(db, pending);
  return { kind, applied: pending.map(({ file }) => file), changed: files };
}

/**
 * Brings a database to where the migration files are: what Supabase gives every database, then the files.
 *
 * @throws MigrationError as `planMigrations` and `applyMigrations` do, and, on the embedded engine only, when
 * an applied file has changed.
 */
export function prepareDatabase(db: Database, migrations: Migration[]): Promise<Preparation> {
  if (db.engine === "pglite") return prepare(db, migrations);
  return db.session(async (session) => {
    await session.query("select pg_advisory_lock($1)", [ADVISORY_LOCK]);
    try {
      return await prepare(db, migrations);
    } finally {
      await session.query("select pg_advisory_unlock($1)", [ADVISORY_LOCK]);
    }
  });
}
