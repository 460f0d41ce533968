import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { testDatabase } from "../tests/helpers/database.ts";
import { bootstrap } from "./bootstrap.ts";
import type { Database } from "./database.ts";
import {
  applyMigrations,
  type Migration,
  MigrationError,
  planMigrations,
  readMigrations,
} from "./migrations.ts";
import { prepareDatabase } from "./prepare_database.ts";

const FIRST: Migration = {
  version: "20260101000000",
  name: "first",
  file: "20260101000000_first.sql",
  text: "-- Why\ncreate table public.first_things (id int);\ncreate function public.one() returns int\n" +
    "language sql as $$ select 1 $$;\n",
};
const SECOND: Migration = {
  version: "20260102000000",
  name: "second_of_two",
  file: "20260102000000_second_of_two.sql",
  text: "create table public.second_things (id int)",
};

/** A database whose history is empty, as if only Supabase's own parts were there. */
async function withEmptyHistory(fn: (db: Database) => Promise<void>): Promise<void> {
  const db = await testDatabase();
  await db.exec("drop schema supabase_migrations cascade");
  await fn(db).finally(() => db.close());
}

async function migrate(db: Database, ...files: Migration[]): Promise<string[]> {
  const { pending } = await planMigrations(db, files);
  await applyMigrations(db, pending);
  return pending.map(({ name }) => name);
}

async function hasTable(db: Database, name: string): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>("select to_regclass($1) is not null as found", [
    `public.${name}`,
  ]);
  return row?.found ?? false;
}

Deno.test("Migrations are applied once, in order", () =>
  withEmptyHistory(async (db) => {
    assertEquals(await migrate(db, FIRST), ["first"]);
    assertEquals(await migrate(db, FIRST, SECOND), ["second_of_two"]);
    assertEquals(await migrate(db, FIRST, SECOND), []);
    assertEquals(await hasTable(db, "second_things"), true);
  }));

Deno.test("The history is written as the Supabase CLI writes it", () =>
  withEmptyHistory(async (db) => {
    await migrate(db, FIRST);
    assertEquals(await db.query("select * from supabase_migrations.schema_migrations"), [{
      version: "20260101000000",
      statements: [
        "-- Why\ncreate table public.first_things (id int)",
        "create function public.one() returns int\nlanguage sql as $$ select 1 $$",
      ],
      name: "first",
    }]);
  }));

Deno.test("A failing migration names file, line and error, and leaves nothing of itself", () =>
  withEmptyHistory(async (db) => {
    const failing = { ...SECOND, text: `${SECOND.text};\n\nselect 1,\n  nope;` };
    const error = await assertRejects(() => migrate(db, FIRST, failing), MigrationError);
    assertStringIncludes(error.message, "20260102000000_second_of_two.sql, line 4");
    assertStringIncludes(error.message, 'column "nope" does not exist (42703)');
    assertEquals(await hasTable(db, "second_things"), false);
    assertEquals(await migrate(db, FIRST, SECOND), ["second_of_two"]);
  }));

Deno.test("An applied file that was edited is found, one with another comment is not", () =>
  withEmptyHistory(async (db) => {
    await migrate(db, FIRST, SECOND);
    const commented = { ...FIRST, text: FIRST.text.replace("-- Why", "\n-- Because\n") };
    const edited = { ...SECOND, text: SECOND.text.replace("int", "bigint") };
    const { changed } = await planMigrations(db, [commented, edited]);
    assertEquals(changed.map(({ name }) => name), ["second_of_two"]);
  }));

Deno.test("The embedded database refuses edited files and says how to start afresh; a server only reports them", () =>
  withEmptyHistory(async (db) => {
    await migrate(db, FIRST);
    const edited = { ...FIRST, text: FIRST.text.replace("select 1", "select 2") };
    if (db.engine === "pglite") {
      await assertRejects(() => prepareDatabase(db, [edited, SECOND]), MigrationError, "deno task db:reset");
      assertEquals(await hasTable(db, "second_things"), false);
    } else {
      const { applied, changed } = await prepareDatabase(db, [edited, SECOND]);
      assertEquals({ applied, changed }, { applied: [SECOND.file], changed: [FIRST.file] });
    }
  }));

Deno.test("A file older than the last applied one is refused, as supabase db push does", () =>
  withEmptyHistory(async (db) => {
    await migrate(db, SECOND);
    await assertRejects(() => migrate(db, FIRST, SECOND), MigrationError, "would come before 20260102000000");
  }));

Deno.test("A database that is ahead of the files is refused", () =>
  withEmptyHistory(async (db) => {
    await migrate(db, FIRST, SECOND);
    await assertRejects(() => migrate(db, FIRST), MigrationError, "without a file: 20260102000000");
  }));

Deno.test("bootstrap() changes nothing the second time", async () => {
  const db = await testDatabase();
  try {
    const catalogue = () =>
      db.query(`
        select 'function' as kind, oid::regprocedure::text as name, prosrc as value from pg_proc
         where pronamespace = 'auth'::regnamespace
        union all select 'grants', relname, relacl::text from pg_class where relnamespace = 'auth'::regnamespace
        union all select 'default grants', defaclnamespace::regnamespace::text, defaclacl::text from pg_default_acl
        order by kind, name, value`);
    const before = await catalogue();
    assertEquals(await bootstrap(db), "local");
    assertEquals(await catalogue(), before);
  } finally {
    await db.close();
  }
});

Deno.test("bootstrap() leaves a Supabase project's database alone", async () => {
  const db = await testDatabase();
  const [role] = await db.query("select from pg_roles where rolname = 'supabase_auth_admin'");
  if (role === undefined) await db.exec("create role supabase_auth_admin nologin");
  try {
    await db.exec("alter table auth.users owner to supabase_auth_admin; drop function auth.email()");
    assertEquals(await bootstrap(db), "supabase");
    assertEquals(await db.query("select to_regprocedure('auth.email()') as email"), [{ email: null }]);
  } finally {
    await db.exec("alter table auth.users owner to current_user");
    if (role === undefined) await db.exec("drop role supabase_auth_admin");
    await db.close();
  }
});

Deno.test("readMigrations() takes numbered SQL files in the order of their versions", async () => {
  const directory = await Deno.makeTempDir();
  for (const name of ["2_b.sql", "1_a_c.sql", "notes.md", "x_y.sql"]) {
    await Deno.writeTextFile(`${directory}/${name}`, "select 1");
  }
  const found = (await readMigrations(directory)).map(({ version, name }) => [version, name]);
  assertEquals(found, [["1", "a_c"], ["2", "b"]]);
  await Deno.remove(directory, { recursive: true });
});
