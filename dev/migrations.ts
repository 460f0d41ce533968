import type { Database, Session } from "./database.ts";
import { canonicalSql, lineOfPosition, splitStatements, type SqlStatement } from "./sql_statements.ts";

/** A file of `supabase/migrations`: `<version>_<name>.sql`. */
export interface Migration {
  version: string;
  name: string;
  file: string;
  text: string;
}

/** How the files stand to the database. */
export interface MigrationPlan {
  /** Not applied yet, in order. */
  pending: Migration[];
  /** Applied, but with other statements than the file has now; comments and white space do not count. */
  changed: Migration[];
}

/** A migration that fails, or a history that does not fit the files. No file is half applied. */
export class MigrationError extends Error {
  override name = "MigrationError";
}

// The Supabase CLI's own table, so that `supabase migration list` and `db push` agree with what is done here.
const HISTORY = `
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
  version text not null primary key,
  statements text[],
  name text
);`;

/** Reads the migrations of a directory in the order of their versions. Other files are not migrations. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const migrations: Migration[] = [];
  for await (const entry of Deno.readDir(directory)) {
    const [, version, name] = /^(\d+)_(.*)\.sql$/.exec(entry.name) ?? [];
    if (version === undefined || name === undefined) continue;
    migrations.push({
      version,
      name,
      file: entry.name,
      text: await Deno.readTextFile(`${directory}/${entry.name}`),
    });
  }
  return migrations.sort((a, b) => a.version < b.version ? -1 : 1);
}

function describe(error: unknown, migration: Migration, statement: SqlStatement): string {
  const { message, code, detail, hint, position } = error as Record<string, string | undefined>;
  const line = position === undefined
    ? statement.line
    : lineOfPosition(migration.text, statement, Number(position));
  const more = [detail, hint].filter(Boolean).map((text) => `\n  ${text}`).join("");
  return `Cannot apply migration ${migration.file}, line ${line}: ${message} (${
    code ?? "no SQLSTATE"
  })${more}`;
}

async function apply(session: Session, migration: Migration): Promise<void> {
  const statements = splitStatements(migration.text);
  for (const statement of statements.filter(({ has_code }) => has_code)) {
    try {
      await session.exec(statement.text);
    } catch (cause) {
      throw new MigrationError(describe(cause, migration, statement), { cause });
    }
  }
  await session.query(
    "insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3)",
    [migration.version, migration.name, statements.map(({ text }) => text)],
  );
}

function isSame(migration: Migration, statements: string[] | null): boolean {
  return canonicalSql(migration.text) === canonicalSql((statements ?? []).join("\n;\n"));
}

/**
 * Compares the files with what the database has applied, by us or by `supabase db push`.
 *
 * @throws MigrationError when the database is ahead of the files, or a file comes before the last one applied.
 */
export async function planMigrations(db: Database, migrations: Migration[]): Promise<MigrationPlan> {
  await db.exec(HISTORY);
  const rows = await db.query<{ version: string; statements: string[] | null }>(
    "select version, statements from supabase_migrations.schema_migrations order by version",
  );
  const history = new Map(rows.map(({ version, statements }) => [version, statements]));
  const known = new Set(migrations.map(({ version }) => version));
  const unknown = [...history.keys()].filter((version) => !known.has(version));
  if (unknown.length > 0) {
    throw new MigrationError(
      `Cannot migrate: the database has versions without a file: ${unknown.join(", ")}`,
    );
  }
  const last = rows.at(-1)?.version ?? "";
  const pending = migrations.filter(({ version }) => !history.has(version));
  const late = pending.filter(({ version }) => version < last).map(({ file }) => file);
  if (late.length > 0) {
    throw new MigrationError(
      `Cannot migrate: ${late.join(", ")} would come before ${last}, which is applied`,
    );
  }
  const changed = migrations.filter((migration) =>
    history.has(migration.version) && !isSame(migration, history.get(migration.version) ?? null)
  );
  return { pending, changed };
}

/**
 * Applies migrations in order, each in a transaction of its own, and records them as `supabase db push` does.
 *
 * @throws MigrationError naming file, line and SQL error; the files before the failing one stay applied.
 */
export async function applyMigrations(db: Database, pending: Migration[]): Promise<void> {
  for (const migration of pending) await db.transaction((transaction) => apply(transaction, migration));
}
