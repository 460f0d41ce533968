import { fileURLToPath } from "node:url";
import { type Database, openDatabase } from "../../dev/database.ts";
import { readMigrations } from "../../dev/migrations.ts";
import { prepareDatabase } from "../../dev/prepare_database.ts";
import { templateHash } from "./template_hash.ts";

const MIGRATIONS = fileURLToPath(new URL("../../supabase/migrations", import.meta.url));

function urlOf(server_url: string, database: string): string {
  const url = new URL(server_url);
  url.pathname = `/${database}`;
  return url.href;
}

async function onServer<T>(server_url: string, fn: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({ database_url: server_url });
  return await fn(db).finally(() => db.close());
}

/** Drops what earlier runs left: templates of other migrations, copies of runs that were killed. */
async function sweep(server: Database): Promise<void> {
  const old = await server.query<{ datname: string }>(`
    select datname from pg_database
     where datname ~ '^phonelog_(template|draft|test)_'
       and (pg_stat_file('base/' || oid || '/PG_VERSION', true)).modification < now() - interval '1 day'`);
  for (const { datname } of old) await server.exec(`drop database if exists ${datname}`).catch(() => {});
}

async function build(server_url: string, template: string): Promise<void> {
  const draft = `phonelog_draft_${crypto.randomUUID().slice(0, 8)}`;
  await onServer(server_url, async (server) => {
    await sweep(server);
    await server.exec(`create database ${draft}`);
  });
  await onServer(urlOf(server_url, draft), async (db) => {
    await prepareDatabase(db, await readMigrations(MIGRATIONS));
  });
  await onServer(server_url, async (server) => {
    // Whoever comes second finds the name taken, by a template that is as good.
    await server.exec(`alter database ${draft} rename to ${template}`)
      .catch(() => server.exec(`drop database ${draft} with (force)`));
  });
}

let template: Promise<string> | undefined;

async function findTemplate(server_url: string): Promise<string> {
  const name = `phonelog_template_${await templateHash(MIGRATIONS)}`;
  const found = await onServer(
    server_url,
    (server) => server.query("select from pg_database where datname = $1", [name]),
  );
  if (found.length === 0) await build(server_url, name);
  return name;
}

/** Opens a migrated database on the server of this URL, which `close` drops. */
export async function openServerCopy(server_url: string): Promise<Database> {
  template ??= findTemplate(server_url);
  const source = await template;
  const name = `phonelog_test_${Deno.pid}_${crypto.randomUUID().slice(0, 8)}`;
  await onServer(server_url, (server) => server.exec(`create database ${name} template ${source}`));
  const db = await openDatabase({ database_url: urlOf(server_url, name) });
  return {
    ...db,
    close: async () => {
      await db.close();
      await onServer(server_url, (server) => server.exec(`drop database ${name} with (force)`));
    },
  };
}
