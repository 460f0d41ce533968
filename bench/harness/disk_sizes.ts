import { markdown } from "./report.ts";
import type { SqlClient } from "./sql_client.ts";

/** A table or an index of the project. */
interface RelationSize {
  readonly table: string;
  /** Null for the table itself. */
  readonly index: string | null;
  readonly bytes: number;
}

/** Bytes of everything in a database. */
export async function databaseBytes(sql: SqlClient): Promise<number> {
  const [row] = await sql.query<{ bytes: string }>("select pg_database_size(current_database()) as bytes");
  return Number(row?.bytes);
}

/** Bytes of each table and index, the largest first. */
async function relationSizes(sql: SqlClient): Promise<RelationSize[]> {
  const rows = await sql.query<{ table: string; index: string | null; bytes: string }>(`
    select t.oid::regclass::text as table, i.relname as index,
      case when i.oid is null then pg_table_size(t.oid) else pg_relation_size(i.oid) end as bytes
      from pg_class as t
      left join lateral (select null::oid as oid, null::name as relname union all
        select c.oid, c.relname from pg_index as x join pg_class as c on c.oid = x.indexrelid where x.indrelid = t.oid) as i on true
     where t.relkind = 'r' and t.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
     order by bytes desc`);
  return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }));
}

/** Tables and indexes with more than a hundredth of it all, and the sum, in MB for each million of events. */
export async function sizesTable(sql: SqlClient, events: number): Promise<string> {
  const sizes = await relationSizes(sql);
  const sum = (list: readonly RelationSize[]) => list.reduce((total, { bytes }) => total + bytes, 0);
  const show = (bytes: number) => (bytes / events).toFixed(1);
  const total = sum(sizes);
  const rows = sizes.filter(({ bytes }) => bytes > total / 100).map(({ table, index, bytes }) => [
    index === null ? `\`${table}\`` : `\`${table}\`: index \`${index}\``,
    show(bytes),
    `${(100 * bytes / total).toFixed(0)} %`,
  ]);
  return markdown(["relation", "MB a million events", "of all"], [
    ...rows,
    ["everything else", show(total - sum(sizes.filter(({ bytes }) => bytes > total / 100))), ""],
    ["all tables and indexes", show(total), "100 %"],
  ]);
}
