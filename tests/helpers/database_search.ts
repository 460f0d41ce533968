import type { Database } from "../../dev/database.ts";

/**
 * The tables of all schemas but the system's own that have one of these words in a row, whatever the column, case
 * aside: `schema.table`, with the words found.
 */
export async function tablesWith(db: Database, words: readonly string[]): Promise<string[]> {
  const tables = await db.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
       from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      where c.relkind in ('r', 'm') and n.nspname !~ '^(pg_|information_schema)' order by 1`,
  );
  if (tables.length < 30) throw new Error("Cannot search: there are too few tables");
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await db.query<{ word: string }>(
      `select word from unnest($1::text[]) as word
        where exists (select from ${name} as t where strpos(lower(t::text), lower(word)) > 0)`,
      [[...words]],
    );
    if (rows.length > 0) found.push(`${name}: ${rows.map(({ word }) => word).join(", ")}`);
  }
  return found;
}

/**
 * What pg_dump (`PG_DUMP` names another than that of the path) writes of a database on a server; null for an embedded
 * one, and without a pg_dump that is new enough.
 */
export async function dumpText(db: Database): Promise<string | null> {
  const server = Deno.env.get("DATABASE_URL");
  if (db.engine !== "postgres" || !server) return null;
  const [row] = await db.query<{ name: string }>("select current_database() as name");
  const url = new URL(server);
  url.pathname = `/${row?.name}`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.env.get("PG_DUMP") ?? "pg_dump", {
    args: [url.href],
  }).output().catch(
    () => ({
      code: -1,
      stdout: new Uint8Array(),
      stderr: new Uint8Array(),
    }),
  );
  const error = new TextDecoder().decode(stderr);
  if (code === -1 || error.includes("server version mismatch")) return null;
  if (code !== 0) throw new Error(`Cannot dump: ${error}`);
  return new TextDecoder().decode(stdout);
}
