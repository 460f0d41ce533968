import { bootstrap, type DatabaseKind } from "./bootstrap.ts";
import type { Database } from "./database.ts";
import { withDatabaseLock } from "./database_lock.ts";
import { applyMigrations, type Migration, MigrationError, planMigrations } from "./migrations.ts";

/** What `prepareDatabase` found and did. */
export interface Preparation {
  kind: DatabaseKind;
  /** Migration files applied now. */
  applied: string[];
  /** Applied migration files that were edited since: the database may lack what they say now. */
  changed: string[];
}

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
  return withDatabaseLock(db, () => prepare(db, migrations));
}
