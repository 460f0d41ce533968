import type { Attack } from "./campaign.ts";
import type { Attacker } from "./attackers.ts";
import type { Column, Relation } from "./catalogue.ts";
import type { AttackRequest } from "./request.ts";
import type { Row, Target } from "./target.ts";

const COUNT = { prefer: "count=exact" };
const RETURN = { prefer: "return=representation" };
const UPSERT = { prefer: "resolution=merge-duplicates,return=representation" };

/** Which rows of a table are the victim's, as `[column, value]`. */
function hers(relation: Relation, target: Target): [string, string] {
  if (relation.name === "organizations") return ["id", target.organization_id];
  if (relation.owner !== null) return [relation.owner, target.user_id];
  return [relation.has_organization ? "organization_id" : relation.key[0] ?? "id", target.organization_id];
}

/** What a signed-in user can select: columns are named where not all are granted. */
function readable({ columns }: Relation): string {
  const granted = columns.filter((column) => column.readable);
  return granted.length === 0 || granted.length === columns.length
    ? "*"
    : granted.map(({ name }) => name).join(",");
}

/** The filter for one row. */
function exactly({ key }: Relation, row: Row): string {
  return key.map((name) => `${name}=eq.${encodeURIComponent(String(row[name]))}`).join("&");
}

function pick(row: Row, columns: readonly Column[]): Row {
  return Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null]));
}

/** Another value for a column, of its type. */
function otherValue({ type }: Column, value: unknown, attacker: Attacker): unknown {
  if (type === "uuid") return attacker.id ?? crypto.randomUUID();
  if (typeof value === "number") return value === 1 ? 2 : 1;
  if (typeof value === "boolean") return !value;
  if (type === "text") return "attacked";
  if (type === "text[]") return ["attacked"];
  return value ?? null;
}

function reads(relation: Relation, target: Target, row: Row, attacker: Attacker): AttackRequest[] {
  const path = `/rest/v1/${relation.name}`;
  const [column, value] = hers(relation, target);
  const [key = column] = relation.key;
  // What belongs to the organisation its members may see.
  const counts = relation.owner !== null && !relation.has_organization ? { counts_hers: true } as const : {};
  const get = (query: string, more: Partial<AttackRequest> = {}): AttackRequest => ({
    method: "GET",
    path: `${path}?${query}`,
    ...more,
  });
  const exact = exactly(relation, row);
  const all = readable(relation);
  const words = relation.columns.filter(({ type, name }) =>
    type === "text" && /q[xy][a-z]|\+4477009/i.test(String(row[name]))
  );
  const few: AttackRequest[] = [
    get(`select=${all}`),
    { method: "HEAD", path: `${path}?${column}=eq.${value}`, headers: COUNT, ...counts },
    ...relation.neighbours.slice(0, 1).map((neighbour) => get(`select=${all},${neighbour}(*)&limit=1000`)),
  ];
  if (!attacker.is_thorough) return few;
  return [
    ...few,
    get(`select=${all}&${column}=eq.${value}`, { headers: COUNT, ...counts }),
    get(`select=${all}&or=(${column}.eq.${value},${key}.not.is.null)&limit=1000`),
    get(`select=${all}&${key}=not.is.null&order=${key}.desc&limit=1000`, { headers: { accept: "text/csv" } }),
    get(`select=${all}&not.and=(${column}.neq.${value})`),
    get(`select=${all}&${exact}`, { headers: { accept: "application/vnd.pgrst.object+json" } }),
    ...relation.neighbours.slice(1).map((neighbour) => get(`select=${all},${neighbour}(*)&limit=1000`)),
    ...relation.neighbours.map((neighbour) =>
      get(`select=${key},${neighbour}!inner(*)&${column}=eq.${value}`)
    ),
    ...words.map(({ name }) =>
      get(`select=${key}&${name}=ilike.*${encodeURIComponent(String(row[name]).slice(-9))}*`, {
        headers: COUNT,
        ...counts,
      })
    ),
  ];
}

function writes(relation: Relation, target: Target, row: Row, attacker: Attacker): AttackRequest[] {
  const path = `/rest/v1/${relation.name}`;
  const [column, value] = hers(relation, target);
  const [key = column] = relation.key;
  const insertable = relation.columns.filter((c) => c.insertable);
  const updatable = relation.columns.filter((c) => c.updatable);
  const whole = pick(row, relation.columns);
  const changed = Object.fromEntries(
    relation.columns.map((c) => [c.name, otherValue(c, row[c.name], attacker)]),
  );
  const on_conflict = relation.key.join(",");
  const requests: AttackRequest[] = [
    { method: "POST", path, headers: RETURN, json: whole },
    {
      method: "POST",
      path: `${path}?on_conflict=${on_conflict}`,
      headers: UPSERT,
      json: { ...changed, ...pick(row, relation.columns.filter((c) => relation.key.includes(c.name))) },
    },
    { method: "PATCH", path: `${path}?${column}=eq.${value}`, headers: RETURN, json: changed },
    // Each column by itself as well, since one that is not allowed refuses the rest.
    ...[updatable, ...attacker.is_thorough ? updatable.map((c) => [c]) : []].filter(({ length }) =>
      length > 0
    )
      .map((columns): AttackRequest => ({
        method: "PATCH",
        path: `${path}?${column}=eq.${value}`,
        json: pick(changed, columns),
      })),
    { method: "DELETE", path: `${path}?${column}=eq.${value}`, headers: RETURN },
  ];
  if (insertable.length > 0) {
    const fresh = insertable.some(({ name }) => name === "id") ? { id: crypto.randomUUID() } : {};
    requests.push(
      {
        method: "POST",
        path: `${path}?on_conflict=${on_conflict}`,
        headers: UPSERT,
        json: pick(row, insertable),
      },
      // Whatever key is taken already, one of these is free: one of the contacts has no rule.
      ...target.subjects.filter((_, i) => "contact_id" in row ? i !== 2 : i === 0).map((
        { contact_id },
      ): AttackRequest => ({
        method: "POST",
        path,
        json: { ...pick(row, insertable), ...fresh, ..."contact_id" in row && { contact_id } },
      })),
    );
  }
  if (relation.owner !== null && attacker.id !== null) {
    const owner = relation.owner;
    requests.push(
      // A row of his own that points at hers, and one that he makes hers.
      { method: "POST", path, json: { ...pick(row, insertable), [owner]: attacker.id } },
      { method: "PATCH", path: `${path}?${owner}=eq.${attacker.id}`, json: { [owner]: target.user_id } },
      { method: "DELETE", path: `${path}?or=(${owner}.eq.${target.user_id},${key}.not.is.null)` },
    );
  }
  return requests;
}

/** Reads, counts, look-throughs, embeddings and every way to write, for a table of `public`. */
export function tableAttack(relation: Relation): Attack {
  return {
    name: `table ${relation.name}`,
    sort: "tables",
    requests(target, attacker) {
      const row = target.rows[relation.name] ?? {};
      return [...reads(relation, target, row, attacker), ...writes(relation, target, row, attacker)];
    },
  };
}

/**
 * What the victim herself does with a table, to show that the same requests reach it: she reads her row, and where
 * users are granted it changes it, deletes it and writes it again.
 */
export function tableControls(relation: Relation, target: Target): AttackRequest[] {
  const path = `/rest/v1/${relation.name}`;
  const row = target.rows[relation.name] ?? {};
  const [column, value] = hers(relation, target);
  const insertable = relation.columns.filter((c) => c.insertable);
  return [
    { method: "GET", path: `${path}?select=${readable(relation)}&${column}=eq.${value}` },
    ...relation.columns.filter((c) => c.updatable).map(({ name }): AttackRequest => (
      {
        method: "PATCH",
        path: `${path}?${column}=eq.${value}`,
        headers: RETURN,
        json: { [name]: row[name] ?? null },
      }
    )),
    ...relation.deletable
      ? [{ method: "DELETE", path: `${path}?${exactly(relation, row)}`, headers: RETURN }]
      : [],
    ...insertable.length > 0 ? [{ method: "POST", path, headers: RETURN, json: pick(row, insertable) }] : [],
  ];
}

/** Attempts at what is not exposed at all. */
export function hiddenRelationAttack({ schema, name }: Relation): Attack {
  return {
    name: `${schema}.${name}`,
    sort: `tables of ${schema}`,
    requests: () => [
      {
        method: "GET",
        path: `/rest/v1/${name}?select=*`,
        headers: { "accept-profile": schema },
        refused: true,
      },
      { method: "GET", path: `/rest/v1/${schema}.${name}?select=*`, refused: true },
      {
        method: "POST",
        path: `/rest/v1/${name}`,
        headers: { "content-profile": schema },
        json: {},
        refused: true,
      },
      {
        method: "DELETE",
        path: `/rest/v1/${name}?user_id=not.is.null`,
        headers: { "content-profile": schema },
        refused: true,
      },
    ],
  };
}
