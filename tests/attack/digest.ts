import type { Database } from "../../dev/database.ts";

/** What the database holds. */
export interface Digest {
  /** Count and hash of the rows of each table. */
  readonly tables: ReadonlyMap<string, string>;
  /** The hash of each row of the logs. */
  readonly logs: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Tables that an attack may add to, and nothing else: what is in them stays as it is. All others stay as they are,
 * but for the attacker's own rows.
 */
const LOGS = new Set(["public.audit_log", "private.job_runs"]);
/** How often somebody asked, and nothing of anybody's data. */
const IGNORED = new Set(["private.rate_limits"]);

/** When a key was last tried is written, whoever tries it. */
const IGNORED_COLUMNS: Readonly<Record<string, string>> = {
  "private.api_keys": "{last_used_at,last_used_address,last_refused_at}",
};

interface Table {
  name: string;
  owner: string | null;
  has_organization: boolean;
}

const TABLES = `
  select format('%I.%I', n.nspname, c.relname) as name,
         (select coalesce(u.owner_column, 'user_id') from pg_catalog.pg_attribute as a
            left join private.user_tables as u on u.table_name = c.oid
           where a.attrelid = c.oid and a.attname = coalesce(u.owner_column, 'user_id') and not a.attisdropped) as owner,
         exists (select from pg_catalog.pg_attribute as a where a.attrelid = c.oid and a.attname = 'organization_id'
                   and not a.attisdropped) as has_organization
    from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema$)'
   order by 1`;

/** A table's rows that are not the attacker's own: a row in an organisation that was there before is never his own. */
function notHis({ name, owner, has_organization }: Table): string {
  if (name === "public.organizations") return "id = any ($2)";
  if (name === "auth.users") return "id is distinct from $1";
  if (owner === null) {
    return has_organization ? "(organization_id is null or organization_id = any ($2))" : "true";
  }
  const others = `${owner}::text is distinct from $1::text`;
  return has_organization ? `(${others} or organization_id = any ($2))` : others;
}

function digestOf(table: Table): string {
  const ignored = IGNORED_COLUMNS[table.name];
  const content = ignored === undefined ? "t" : `(to_jsonb(t) - '${ignored}'::text[])`;
  return `select '${table.name}' as name,
    count(*) || ' rows ' || coalesce(sum(hashtextextended(${content}::text, 0)::numeric), 0) as rows
    from ${table.name} as t where (${
    notHis(table)
  }) and $1::uuid is null is not null and $2::uuid[] is not null`;
}

/**
 * What the database holds, as a superuser sees it, without the rows of one account.
 *
 * @param attacker_id Null leaves out nothing.
 * @param organization_ids The organisations that were there before and are not his to administer: their rows are not his own.
 */
export async function digest(
  db: Database,
  attacker_id: string | null,
  organization_ids: readonly string[],
): Promise<Digest> {
  const tables = (await db.query<Table>(TABLES)).filter(({ name }) => !IGNORED.has(name));
  const kept = tables.filter(({ name }) => !LOGS.has(name));
  const rows = await db.query<{ name: string; rows: string }>(kept.map(digestOf).join("\nunion all\n"), [
    attacker_id,
    organization_ids,
  ]);
  const logs = new Map<string, Set<string>>();
  for (const { name } of tables.filter(({ name }) => LOGS.has(name))) {
    const hashes = await db.query<{ hash: string }>(`select md5(t::text) as hash from ${name} as t`);
    logs.set(name, new Set(hashes.map(({ hash }) => hash)));
  }
  return { tables: new Map(rows.map(({ name, rows }) => [name, rows])), logs };
}

/** The tables that differ, with what was and what is, and the logs that lost a row. */
export function changes(before: Digest, after: Digest): string[] {
  const changed = [...after.tables].filter(([name, rows]) => before.tables.get(name) !== rows)
    .map(([name, rows]) => `${name} had ${before.tables.get(name) ?? "no table"} and has ${rows}`);
  const lost = [...before.logs].filter(([name, rows]) => !rows.isSubsetOf(after.logs.get(name) ?? new Set()))
    .map(([name]) => `${name} has not all the rows that it had`);
  return [...changed, ...lost];
}
