import type { Database } from "../../dev/database.ts";
import type { Target } from "./target.ts";

/** Least rank in the victim's organisation (private.role_rank) that may see it. */
export type LeastRank = number;

/** Above every rank: the victim alone. */
export const NOBODY: LeastRank = 9;
const VIEWER: LeastRank = 1;
const MEMBER: LeastRank = 2;
const ADMIN: LeastRank = 4;

/** A row id, number or word of the victim's. */
export interface Marker {
  readonly says: string;
  readonly least_rank: LeastRank;
}

/** Every word of the victim's begins with this and is nowhere else. */
const WORD = /qx[a-z]+/g;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
/** Her numbers and those of her contacts, however they are written. */
const NUMBER = /7700\D?9\D?00\D?[0-9]{3}/g;

/** Words that the rules show to others; every other word of hers is hers alone. */
const SHOWN_WORDS: Readonly<Record<string, LeastRank>> = {
  qxorganization: VIEWER,
  qxperson: MEMBER,
  qxmaskedname: MEMBER,
  qxmaskedcompany: MEMBER,
  qxplainname: MEMBER,
  qxplaincompany: MEMBER,
  qxopenname: MEMBER,
  qxopencompany: MEMBER,
  qxopentext: MEMBER,
  qxmail: ADMIN,
  qxinvited: ADMIN,
  qxreason: ADMIN,
  qxorganizationalert: ADMIN,
};
/** Tables whose row ids an admin finds in the audit log: what is done to keys and to policies is the organisation's matter. */
const SHOWN_TABLES: Readonly<Record<string, LeastRank>> = {
  "private.api_keys": ADMIN,
  "retention_policies": ADMIN,
};
const SHOWN_NUMBERS: Readonly<Record<string, LeastRank>> = { "7700900333": MEMBER, "7700900444": MEMBER };

interface Column {
  table: string;
  columns: string[];
  owner: string;
  has_contact: boolean;
}

/** Every table with an owner, with its other uuid columns. */
const OWNED = `
  select c.oid::regclass::text as table, u.owner_column as owner,
         array_agg(a.attname order by a.attnum) as columns,
         bool_or(a.attname = 'contact_id') as has_contact
    from private.user_tables as u
    join pg_catalog.pg_class as c on c.oid = u.table_name
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   where a.atttypid = 'uuid'::regtype and a.attname not in (u.owner_column, 'organization_id', 'user_id')
   group by c.oid, u.owner_column`;

async function rowIds(db: Database, user_id: string): Promise<Map<string, Marker>> {
  const markers = new Map<string, Marker>();
  for (const { table, owner, columns } of await db.query<Column>(OWNED)) {
    for (const column of columns) {
      const rows = await db.query<{ id: string }>(
        `select distinct ${column}::text as id from ${table} where ${owner} = $1 and ${column} is not null`,
        [user_id],
      );
      for (const { id } of rows) {
        const least_rank = column === "id" ? SHOWN_TABLES[table] ?? NOBODY : NOBODY;
        if (!markers.has(id)) markers.set(id, { says: `${table}.${column}`, least_rank });
      }
    }
  }
  return markers;
}

/** The victim's row ids by who may see them: of what her rules show to the team, events and contacts. */
export async function markersOf(db: Database, target: Target): Promise<Map<string, Marker>> {
  const markers = await rowIds(db, target.user_id);
  const shown = await db.query<{ id: string; says: string }>(
    `select e.id::text, 'an event she shows' as says from public.events as e
       left join public.privacy_rules as r using (user_id, contact_id)
      where e.user_id = $1 and r.visibility is distinct from 'private'
      union all
     select c.id::text, 'a contact she shows' from public.contacts as c
       left join public.privacy_rules as r on r.user_id = c.user_id and r.contact_id = c.id
      where c.user_id = $1 and r.visibility is distinct from 'private'`,
    [target.user_id],
  );
  for (const { id, says } of shown) markers.set(id, { says, least_rank: MEMBER });
  markers.set(target.user_id, { says: "her id", least_rank: VIEWER });
  markers.set(target.organization_id, { says: "her organisation", least_rank: VIEWER });
  return markers;
}

/** Cursors and links, which are payload and signature; in the signature, as in secrets, chance can write any word. */
const SIGNED = /([\w-]+)\.[\w-]{43}(?![\w-])/g;
const SECRET = /(whsec|plk)_[\w+/=-]+/g;

function decoded(payload: string): string {
  try {
    return atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return payload;
  }
}

/** Each marker of the victim's in a text, once. */
export function findMarkers(text: string, markers: ReadonlyMap<string, Marker>): Map<string, Marker> {
  const found = new Map<string, Marker>();
  const lower = text.replaceAll(SIGNED, (_, payload: string) => decoded(payload)).replaceAll(SECRET, "")
    .toLowerCase();
  for (const [id] of lower.matchAll(UUID)) {
    const marker = markers.get(id);
    if (marker !== undefined) found.set(id, marker);
  }
  for (const [word] of lower.matchAll(WORD)) {
    found.set(word, { says: "a word of hers", least_rank: SHOWN_WORDS[word] ?? NOBODY });
  }
  for (const [number] of lower.matchAll(NUMBER)) {
    const digits = number.replaceAll(/\D/g, "");
    found.set(digits, { says: "a number of hers", least_rank: SHOWN_NUMBERS[digits] ?? NOBODY });
  }
  return found;
}
