import { assertEquals, assertNotEquals } from "@std/assert";
import type { Session } from "../../dev/database.ts";
import { createUser, testDatabase } from "../helpers/database.ts";

const FROM = "2026-05-01T00:00:00Z";
const TO = "2026-06-01T00:00:00Z";

/** What Ben is answered by the routes whose answers are kept, and the version under which that is. */
const ROUTES: [answer: string, version: string][] = [
  ["get_dashboard_metrics()", "get_data_version()"],
  [`get_dashboard_metrics('${FROM}', '${TO}')`, `get_data_version(ends_at => '${TO}')`],
  [
    `get_dashboard_metrics('${FROM}', '${TO}', user_id => :ann)`,
    `get_data_version(user_id => :ann, ends_at => '${TO}')`,
  ],
  [
    `get_activity_heatmap('${FROM}', '${TO}', user_id => :ann)`,
    `get_data_version(user_id => :ann, ends_at => '${TO}')`,
  ],
  [
    `get_team_dashboard_metrics(starts_at => '${FROM}', ends_at => '${TO}')`,
    `get_data_version('organization', ends_at => '${TO}')`,
  ],
  [
    `get_trends('total_events', '${FROM}', '${TO}', 'week', 'line')`,
    `get_data_version(ends_at => '${TO}')`,
  ],
  ...["contact", "source"].map((breakdown): [string, string] => [
    `get_trends('total_call_duration_minutes', '${FROM}', '${TO}', 'week', '${breakdown}', user_id => :ann)`,
    `get_data_version(user_id => :ann, ends_at => '${TO}')`,
  ]),
  [`detect_data_gaps('${FROM}', '${TO}')`, "get_data_version('teammates')"],
  [`detect_anomalies('${FROM}', '${TO}')`, "get_data_version()"],
  [`score_data_quality('${FROM}', '${TO}')`, "get_data_version()"],
  ["predict_interactions()", "get_data_version()"],
  ["predict_interactions(contact_id => :ann_1)", "get_data_version(contact_id => :ann_1)"],
  [`get_contact_intelligence(:ann_1, '${FROM}')`, "get_data_version(contact_id => :ann_1)"],
  ...["ben_1", "ann_1"].map((contact): [string, string] => [
    `get_contact_relationships(:${contact}, '${FROM}', '${TO}')`,
    `get_data_version('teammates', contact_id => :${contact})`,
  ]),
];

/** Tables that people and jobs write to; all others in private are made from these by triggers. */
const PRIVATE_TABLES = ["private.event_variants", "private.prediction_coefficients"];

/** Other values for a column, by its type: the first that the table takes is written. */
const VALUES: Record<string, string[]> = {
  uuid: [
    "(select c.id from public.contacts as c where c.user_id = t.user_id and c.id <> t.$ limit 1)",
    "(select o.id from public.organizations as o where o.id <> t.$ limit 1)",
    "gen_random_uuid()",
    "null",
  ],
  text: [
    ..."private owner call sms outbound missed carrier log Europe/Paris DE fr +447700900999 handset failed csv fitted"
      .split(" ").map((word) => `'${word}'`),
    "t.$ || 'x'",
    "'x'",
  ],
  "text[]": ["t.$ || '{carrier}'", "'{carrier}'"],
  boolean: ["not t.$"],
  "timestamp with time zone": ["coalesce(t.$, now()) - interval '1 day'"],
  date: ["t.$ - 1"],
  integer: ["coalesce(t.$, 0) + 1", "28", "7"],
  jsonb: [`'{"a": 1}'`, `'[{"code": "x"}]'`],
  tstzmultirange: [`t.$ + '{[2026-05-03,2026-05-20)}'`],
};
VALUES.smallint = VALUES.bigint = VALUES["double precision"] = VALUES.integer ?? [];

/** Columns that take no other value by themselves: who owns a row, and what others refer to or are bound by. */
const FIXED = new Set([
  "public.contacts.id",
  "public.coverage.sync_source_id",
  "public.events.id",
  "public.events.type",
  "public.lines.id",
  "public.organizations.id",
  "public.sync_sources.id",
  "private.event_variants.event_id",
  "private.prediction_coefficients.horizon_days",
]);

const ROWS = [
  "insert into public.events select (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid(), 'fingerprint', gen_random_uuid(), 'ts', e.ts + interval '1 hour'))).* from public.events as e where user_id = :who limit 1",
  "insert into public.contact_numbers (user_id, number, contact_id) values (:who, '+447700900888', :own_1)",
  "insert into public.privacy_rules (user_id, contact_id, visibility) values (:who, :own_2, 'private')",
  "insert into public.lines (user_id, name, number) values (:who, 'New', '+447700900003')",
  "insert into public.coverage (user_id, sync_source_id, type, covered) select user_id, id, 'sms', '{[2026-05-02,2026-05-21)}' from public.sync_sources where user_id = :who",
  "insert into public.imports (user_id, state, declared, found) values (:who, 'done', 9, 2)",
  "insert into public.org_members (organization_id, user_id, role) select id, :who, 'member' from public.organizations where name = 'Other'",
];

type Ids = Record<string, string>;

function fill(sql: string, ids: Ids): string {
  return sql.replace(/(?<![\w":]):([a-z]\w*)/g, (_, name) => `'${ids[name]}'`);
}

async function addPerson(session: Session, ids: Ids, who: string): Promise<void> {
  const owner = ids[who];
  await session.query("insert into public.lines (user_id, name, number) values ($1, 'SIM', $2)", [
    owner,
    who === "ann" ? "+447700900102" : "+447700900101",
  ]);
  for (const n of [1, 2]) {
    ids[`${who}_${n}`] = crypto.randomUUID();
    await session.query("insert into public.contacts (user_id, id, name) values ($1, $2, $3)", [
      owner,
      ids[`${who}_${n}`],
      `${who} ${n}`,
    ]);
    // Both know the second number, and the other's own.
    const number = n === 2 ? "+447700900002" : who === "ann" ? "+447700900101" : "+447700900102";
    await session.query(
      "insert into public.contact_numbers (user_id, number, contact_id) values ($1, $2, $3)",
      [
        owner,
        number,
        ids[`${who}_${n}`],
      ],
    );
    await session.query(
      `insert into public.events (user_id, ts, number, contact_id, line_id, type, direction, status, duration, source, sources, fingerprint)
       select $1, at, $2, $3, (select l.id from public.lines as l where l.user_id = $1), 'call', 'inbound', 'answered', 60 + 7 * i, 'device', '{device}', gen_random_uuid()
         from generate_series('2026-04-20 10:00Z'::timestamptz, '2026-05-28', make_interval(hours => $4)) with ordinality as s (at, i)`,
      [owner, number, ids[`${who}_${n}`], 40 + 9 * n],
    );
  }
  await session.query(
    "insert into public.privacy_rules (user_id, contact_id, mask_content) values ($1, $2, true)",
    [
      owner,
      ids[`${who}_1`],
    ],
  );
  await session.query(
    `with s as (insert into public.sync_sources (user_id, kind, last_report_at) values ($1, 'device', now()) returning id)
     insert into public.coverage (user_id, sync_source_id, type, covered) select $1, id, 'call', '{[2026-05-01,2026-05-10),[2026-05-12,2026-05-28)}' from s`,
    [owner],
  );
  await session.query(
    "insert into public.imports (user_id, state, declared, found) values ($1, 'done', 7, 5)",
    [owner],
  );
  await session.query(
    `insert into private.event_variants (user_id, fingerprint, event_id, reported_by, ts)
     select user_id, gen_random_uuid(), id, 'backup', ts from public.events where user_id = $1 limit 3`,
    [owner],
  );
  await session.query("update public.profiles set display_name = $2 where user_id = $1", [owner, who]);
}

/** As Ben is told; an error is an answer, too. */
async function ask(session: Session, ids: Ids, call: string): Promise<string> {
  await session.query(
    "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)",
    [JSON.stringify({ sub: ids.ben, role: "authenticated" })],
  );
  await session.query("savepoint asking");
  try {
    const [row] = await session.query<{ told: string }>(`select public.${fill(call, ids)}::text as told`);
    await session.query("release savepoint asking");
    return String(row?.told).replace(/"generated_at": "[^"]*"/, "");
  } catch (error) {
    await session.query("rollback to savepoint asking");
    return String((error as Error).message);
  } finally {
    await session.query("select set_config('role', 'none', true)");
  }
}

/** Runs a statement, looks at what has changed, and undoes it; false when the table does not take it. */
async function tried(session: Session, sql: string, look: () => Promise<void>): Promise<boolean> {
  await session.query("savepoint one");
  try {
    const rows = await session.query(sql).catch(() => []);
    if (rows.length === 0) return false;
    await look();
    return true;
  } finally {
    await session.query("rollback to savepoint one");
  }
}

Deno.test("Whatever is written, an answer that it changes has another version", async () => {
  const db = await testDatabase();
  try {
    await db.transaction(async (session) => {
      const ids: Ids = {};
      for (const who of ["ann", "ben"]) ids[who] = await createUser(session as never, `${who}@example.test`);
      await session.query("insert into public.organizations (name) values ('Here'), ('Other')");
      await session.query(
        `insert into public.org_members (organization_id, user_id, role) select o.id, u, 'analyst'
           from public.organizations as o cross join unnest($1::uuid[]) as u where o.name = 'Here'`,
        [[ids.ann, ids.ben]],
      );
      for (const who of ["ann", "ben"]) await addPerson(session, ids, who);
      const before: [string, string, string, string][] = [];
      for (const [call, version] of ROUTES) {
        before.push([call, version, await ask(session, ids, call), await ask(session, ids, version)]);
      }
      assertEquals(
        before.filter(([, , answer, version]) => !answer.startsWith("{") || !/^[0-9a-f]{64}$/.test(version)),
        [],
      );

      const stale: string[] = [];
      const changed = new Set<string>();
      const lookFor = (written: string) => async () => {
        const moved = new Set<string>();
        for (const [version, name] of new Map(before.map(([, version, , name]) => [version, name]))) {
          if (await ask(session, ids, version) !== name) moved.add(version);
        }
        if (moved.size > 0) changed.add(written);
        for (const [call, version, answer] of before) {
          if (moved.has(version)) continue;
          if (await ask(session, ids, call) !== answer) stale.push(`${written}: ${call}`);
        }
      };
      // The audit log takes no change, and no answer that is kept comes from it.
      const columns = await session.query<
        { relation: string; column: string; type: string; has_owner: boolean }
      >(
        `select c.relnamespace::regnamespace || '.' || c.relname as relation, a.attname::text as column, format_type(a.atttypid, null) as type,
           exists (select from pg_catalog.pg_attribute as o where o.attrelid = c.oid and o.attname = 'user_id') as has_owner
           from pg_catalog.pg_class as c join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          where c.relkind = 'r' and (c.relnamespace = 'public'::regnamespace or c.oid = any ($1::regclass[]))
            and c.oid <> 'public.audit_log'::regclass and a.attgenerated = '' and not exists (select from pg_catalog.pg_depend as d where d.objid = c.oid and d.deptype = 'e')
          order by 1, 2`,
        [PRIVATE_TABLES],
      );
      const relations = new Map(columns.map(({ relation, has_owner }) => [relation, has_owner]));
      const untouched: string[] = [];
      for (const who of ["ann", "ben"]) {
        for (const { relation, column, type, has_owner } of columns) {
          const owned = has_owner ? `t.user_id = '${ids[who]}'` : "true";
          const filled = await session.query(`select from ${relation} as t where ${owned} limit 1`);
          if (filled.length === 0 || column === "user_id" || FIXED.has(`${relation}.${column}`)) continue;
          let is_taken = false;
          for (const value of VALUES[type] ?? []) {
            const other = value.replaceAll("$", column);
            is_taken = await tried(
              session,
              `update ${relation} as t set ${column} = ${other} where ${owned} and ${column} is distinct from ${other} returning 1`,
              lookFor(`${who}: ${relation}.${column} = ${other}`),
            );
            if (is_taken) break;
          }
          if (!is_taken) untouched.push(`${who}: ${relation}.${column} ${type}`);
        }
        for (const [relation, has_owner] of relations) {
          const owned = has_owner ? `where user_id = '${ids[who]}'` : "";
          await tried(
            session,
            `delete from ${relation} ${owned} returning 1`,
            lookFor(`${who}: delete ${relation}`),
          );
        }
        const own = {
          ...ids,
          who: ids[who] ?? "",
          own_1: ids[`${who}_1`] ?? "",
          own_2: ids[`${who}_2`] ?? "",
        };
        for (const insert of ROWS) {
          const sql = `${fill(insert, own)} returning 1`;
          assertEquals(await tried(session, sql, lookFor(`${who}: ${insert}`)), true, sql);
        }
      }
      assertEquals(stale, []);
      assertEquals(untouched, [], "Every column takes one of the values tried");
      assertNotEquals(changed.size, 0);
    });
  } finally {
    await db.close();
  }
});
