import { type Database, openDatabase } from "./database.ts";
import { openEmbedded } from "./embedded_data.ts";
import { readMigrations } from "./migrations.ts";
import { prepareDatabase } from "./prepare_database.ts";

/** Which database a stack serves from, and the files it has to be at. */
export interface StackDatabaseOptions {
  /** A server; without it the embedded engine in `data`. */
  database_url?: string | undefined;
  /** A locked data directory, or `:memory:`. */
  data: string;
  migrations_dir: string;
  log: (message: string) => void;
}

async function open({ database_url, data, log }: StackDatabaseOptions): Promise<Database> {
  if (database_url !== undefined) return await openDatabase({ database_url });
  return data === ":memory:" ? await openDatabase({ data }) : await openEmbedded(data, log);
}

async function prepare(db: Database, { migrations_dir, log }: StackDatabaseOptions): Promise<void> {
  const { kind, applied, changed } = await prepareDatabase(db, await readMigrations(migrations_dir));
  if (applied.length > 0) log(`Applied ${applied.length} migrations`);
  if (kind === "supabase") {
    log("WARNING: this database is a Supabase project's: sign-in belongs to that project's own Auth");
  }
  if (changed.length > 0) {
    log(`WARNING: edited after they were applied, and not applied again: ${changed.join(", ")}`);
    log("WARNING: recreate the database, or its tables and functions are not what the files say");
  }
}

/** Opens the database of a stack and brings it to where the migration files are. */
export async function openStackDatabase(options: StackDatabaseOptions): Promise<Database> {
  const db = await open(options);
  try {
    await prepare(db, options);
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}
