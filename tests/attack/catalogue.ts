import type { Database } from "../../dev/database.ts";

/** A column of a table, and what signed-in users are granted on it. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly readable: boolean;
  readonly insertable: boolean;
  readonly updatable: boolean;
}

/** A table or view. */
export interface Relation {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  /** The column with the owner; null for what belongs to an organisation or to nobody. */
  readonly owner: string | null;
  readonly has_organization: boolean;
  /** Whether signed-in users are granted deletion. */
  readonly deletable: boolean;
  /** Tables that a foreign key ties it to, in either direction. */
  readonly neighbours: readonly string[];
}

/** An argument of a function. */
export interface Argument {
  readonly name: string;
  readonly type: string;
  readonly has_default: boolean;
}

/** A function that the REST interface serves. */
export interface Callable {
  readonly schema: string;
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly is_volatile: boolean;
  readonly for_users: boolean;
  readonly for_service: boolean;
}

const NOT_OF_EXTENSION =
  "not exists (select from pg_catalog.pg_depend as d where d.objid = x.oid and d.deptype = 'e')";

const RELATIONS = `
  select n.nspname as schema, x.relname as name,
    (select jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, null),
        'readable', has_column_privilege('authenticated', x.oid, a.attnum, 'select'),
        'insertable', has_column_privilege('authenticated', x.oid, a.attnum, 'insert'),
        'updatable', has_column_privilege('authenticated', x.oid, a.attnum, 'update')) order by a.attnum)
       from pg_catalog.pg_attribute as a where a.attrelid = x.oid and a.attnum > 0 and not a.attisdropped) as columns,
    coalesce((select jsonb_agg(a.attname order by k.place)
       from pg_catalog.pg_index as i
       cross join unnest(i.indkey::smallint[]) with ordinality as k (attnum, place)
       join pg_catalog.pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
      where i.indrelid = x.oid and i.indisprimary), '[]') as key,
    (select a.attname from pg_catalog.pg_attribute as a
      where a.attrelid = x.oid and not a.attisdropped and a.attname = coalesce(
        (select u.owner_column from private.user_tables as u where u.table_name = x.oid), 'user_id')) as owner,
    exists (select from pg_catalog.pg_attribute as a
      where a.attrelid = x.oid and not a.attisdropped and a.attname = 'organization_id') as has_organization,
    has_table_privilege('authenticated', x.oid, 'delete') as deletable,
    coalesce((select jsonb_agg(distinct other.relname) from pg_catalog.pg_constraint as k
       join pg_catalog.pg_class as other on other.oid = case k.conrelid when x.oid then k.confrelid else k.conrelid end
      where k.contype = 'f' and x.oid in (k.conrelid, k.confrelid) and other.relnamespace = 'public'::regnamespace), '[]') as neighbours
  from pg_catalog.pg_class as x join pg_catalog.pg_namespace as n on n.oid = x.relnamespace
 where n.nspname = $1 and x.relkind in ('r', 'p', 'v', 'm', 'f') and ${NOT_OF_EXTENSION}
 order by x.relname`;

const FUNCTIONS = `
  select n.nspname as schema, x.proname as name, x.provolatile = 'v' as is_volatile,
    coalesce((select jsonb_agg(jsonb_build_object('name', x.proargnames[i], 'type', format_type(t.type, null),
        'has_default', i > x.pronargs - x.pronargdefaults) order by i)
       from unnest(x.proargtypes::oid[]) with ordinality as t (type, i)), '[]') as arguments,
    has_function_privilege('authenticated', x.oid, 'execute') as for_users,
    has_function_privilege('service_role', x.oid, 'execute') as for_service
  from pg_catalog.pg_proc as x join pg_catalog.pg_namespace as n on n.oid = x.pronamespace
 where n.nspname = $1 and x.prokind in ('f', 'p') and x.prorettype <> 'trigger'::regtype and ${NOT_OF_EXTENSION}
 order by x.proname, x.oid`;

/** The tables and views of a schema. */
export function relationsOf(db: Database, schema: string): Promise<Relation[]> {
  return db.query<Relation>(RELATIONS, [schema]);
}

/** The functions of a schema, triggers left out. */
export function functionsOf(db: Database, schema: string): Promise<Callable[]> {
  return db.query<Callable>(FUNCTIONS, [schema]);
}
