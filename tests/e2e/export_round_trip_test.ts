import { assert, assertEquals } from "@std/assert";
import type { Stack } from "../../dev/stack.ts";
import { sha256 } from "../../shared/digest.ts";
import { ApiUser, disposableStack } from "../helpers/api.ts";
import { downloadOf, exportOf, importInParts } from "../helpers/exports.ts";
import { unzip } from "../helpers/unzip.ts";

/** What a round trip must give again: every table of the registry that an archive takes back, and every sum of them. */
const SAME = [
  "public.profiles",
  "public.lines",
  "public.sync_sources",
  "public.coverage",
  "public.contacts",
  "public.privacy_rules",
  "public.contact_numbers",
  "public.events",
  "private.event_variants",
  "private.deleted_events",
  "public.nlq_queries",
  "private.activity",
  "private.month_edges",
  "private.week_hours",
  "private.activity_parts",
  "private.contact_activity",
  "private.contact_stats",
  "private.call_durations",
  "private.event_texts",
  "private.contact_names",
];

async function tablesOf(stack: Stack, user: ApiUser): Promise<Record<string, unknown[]>> {
  const tables: Record<string, unknown[]> = {};
  for (const table of SAME) {
    const rows = await stack.db.query<{ row: unknown }>(
      `select to_jsonb(t) - '{user_id,created_at,updated_at,answer,answer_key,data_version}'::text[] as row
         from ${table} as t where t.user_id = $1
        order by md5((to_jsonb(t) - '{user_id,created_at,updated_at,answer,answer_key,data_version}'::text[])::text)`,
      [user.id],
    );
    tables[table] = rows.map(({ row }) => row);
  }
  return tables;
}

const BOARDS = [
  "/api/dashboard/metrics?granularity=week&from=2026-01-01T00:00:00Z&to=2026-11-01T00:00:00Z",
  "/api/dashboard/heatmap?from=2026-01-01T00:00:00Z&to=2026-11-01T00:00:00Z",
  "/api/analytics/trends?metric=total_calls&interval=month&from=2026-01-01T00:00:00Z&to=2026-11-01T00:00:00Z",
  "/api/analytics/gaps?from=2026-06-01T00:00:00Z&to=2026-11-20T00:00:00Z",
  "/api/sync/coverage",
  "/api/contacts?limit=200",
  "/api/search/events?q=tomorrow&limit=50",
];

async function boardsOf(user: ApiUser): Promise<unknown[]> {
  return await Promise.all(BOARDS.map(async (path) => {
    const { status, body } = await user.get(path);
    const text = JSON.stringify(
      body.data,
      (key, value) =>
        ["generated_at", "user_id", "created_at", "updated_at"].includes(key) ? undefined : value,
    );
    assertEquals([path, status], [path, 200]);
    return [path, JSON.parse(text)];
  }));
}

Deno.test("An export goes into a new account, which then is the same", async (t) => {
  await using stack = await disposableStack({ demo: true, day: "2026-11-20" });
  const owner = await ApiUser.signIn(stack, "owner@demo.phonelog.test", "phonelog-demo");
  const { body: { data: contacts } } = await owner.get("/api/contacts?limit=3");
  await owner.call("PATCH", `/api/contacts/${contacts[0].id}`, {
    json: { name: "=cmd|' /C calc'!A0", tags: ["kin", "käse"], notes: 'Says "hi", always\n+1' },
  });
  await stack.db.query(
    "insert into public.privacy_rules (user_id, contact_id, visibility, mask_number) values ($1, $2, 'private', true) on conflict do nothing",
    [owner.id, contacts[1].id],
  );
  const { body: { data: [gone] } } = await owner.get("/api/events?limit=1&type=sms");
  await owner.call("DELETE", `/api/events/${gone.id}`);
  await owner.post("/api/nlq/query", { question: "How many calls did I miss in May 2026?" });
  const before = await tablesOf(stack, owner);
  for (const [table, rows] of Object.entries(before)) assert(rows.length > 0, `${table} has rows`);
  assert((before["public.events"]?.length ?? 0) > 3000, `${before["public.events"]?.length} events`);
  const boards = await boardsOf(owner);

  const made = await exportOf(owner);
  assertEquals(made.state, "done");
  const archive = await downloadOf(owner, made.id);
  assertEquals(archive.length, made.bytes);
  const files = unzip(archive);
  const text = (name: string) => new TextDecoder().decode(files.get(name));
  const manifest = JSON.parse(text("manifest.json"));

  await t.step("The manifest says what is in it and what is not", async () => {
    assertEquals(manifest.account.id, owner.id);
    assertEquals(manifest.account.email, "owner@demo.phonelog.test");
    const named = manifest.tables.flatMap((table: { files: { name: string }[] }) => table.files);
    assertEquals(["manifest.json", ...named.map((file: { name: string }) => file.name)], [...files.keys()]);
    for (const file of named) {
      const content = files.get(file.name) ?? new Uint8Array();
      assertEquals([file.bytes, file.sha256], [content.length, await sha256(content)]);
    }
    for (const table of manifest.tables) {
      assertEquals(
        table.rows,
        table.files.filter((file: { name: string }) => file.name.endsWith(".json"))
          .reduce((sum: number, file: { name: string }) => sum + JSON.parse(text(file.name)).length, 0),
      );
    }
    const registry = await stack.db.query<{ name: string }>(
      "select c.relname as name from private.user_tables as u join pg_class as c on c.oid = u.table_name",
    );
    const told = [
      ...manifest.tables.map((table: { name: string }) => table.name),
      ...manifest.left_out
        .filter((entry: { column?: string }) => entry.column === undefined)
        .map((entry: { table: string; reason: string }) => entry.reason && entry.table),
    ];
    assertEquals(told.sort(), registry.map(({ name }) => name).sort());
    assertEquals(
      made.rows_done,
      manifest.tables.reduce((sum: number, table: { rows: number }) => sum + table.rows, 0),
    );
  });

  await t.step("Its CSV is for reading: no formulas, numbers as they are", () => {
    assert(text("contacts.csv").includes(`'=cmd|' /C calc'!A0,`));
    assert(text("contacts.csv").includes('"Says ""hi"", always\n+1"'));
    assert(/^"?\+\d+,/m.test(text("contact_numbers.csv")), text("contact_numbers.csv").slice(0, 200));
    assert(/"ts":"2026-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"/.test(text("events.json")));
  });

  await t.step("The round trip", async () => {
    const heir = await ApiUser.signUp(stack, "heir");
    const taken = await importInParts(heir, archive, 100_000);
    assertEquals([taken.status, taken.body.code ?? taken.body.data.state], [200, "done"]);
    const { declared, found, inserted, duplicate, refused } = taken.body.data;
    assertEquals([found, inserted, duplicate, refused], [declared, declared, 0, 0]);
    const after = await tablesOf(stack, heir);
    for (const table of SAME) assertEquals([table, after[table]], [table, before[table]]);
    assertEquals(await boardsOf(heir), boards);
    const [drift] = await stack.db.query<{ rows: number }>(
      "select count(*)::integer as rows from private.check_rollups($1)",
      [
        heir.id,
      ],
    );
    assertEquals(drift?.rows, 0);
    const again = await importInParts(heir, archive);
    assertEquals([again.body.data.found, again.body.data.duplicate, again.body.data.merged], [
      declared,
      declared,
      0,
    ]);
    assertEquals((await tablesOf(stack, heir))["public.events"], before["public.events"]);
  });

  await t.step("In one call it goes in as well, and preview writes nothing", async () => {
    const heir = await ApiUser.signUp(stack, "second");
    const shown = await heir.call("POST", "/api/imports?preview=true", { body: archive });
    assertEquals([shown.status, shown.body.data.kind], [200, "phonelog_export"]);
    assertEquals((await heir.get("/api/events?limit=1")).body.data, []);
    const taken = await heir.call("POST", "/api/imports?filename=export.zip", { body: archive });
    assertEquals([taken.status, taken.body.data?.state], [201, "done"]);
    assertEquals((await tablesOf(stack, heir))["public.events"], before["public.events"]);
  });

  await t.step("What the account has already wins, and the same calls are not there twice", async () => {
    const other = await ApiUser.signUp(stack, "other");
    const known = (await owner.get("/api/events?type=call&limit=50&to=2026-10-01T00:00:00Z")).body.data
      .filter((event: { number: string | null }) => event.number !== null);
    await other.log(known.map((event: Record<string, unknown>) => ({
      ts: new Date(Date.parse(String(event.ts)) + 1000).toISOString(),
      number: event.number,
      type: "call",
      direction: event.direction,
      ...(event.duration !== null && { duration: event.duration }),
      source: "carrier",
    })));
    const taken = await importInParts(other, archive);
    assertEquals([taken.status, taken.body.data?.refused], [200, 0]);
    assert(taken.body.data.merged >= known.length - 5, `${taken.body.data.merged} of ${known.length} merged`);
    const count = async (user: ApiUser) =>
      (await user.get("/api/dashboard/metrics?from=2020-01-01T00:00:00Z&to=2026-11-22T00:00:00Z")).body.data
        .total_events;
    assertEquals(await count(other), await count(owner));
    const orphans = await stack.db.query(
      `select from public.events as e join public.contact_numbers as n on n.user_id = e.user_id and n.number = e.number
        where e.user_id = $1 and e.contact_id is distinct from n.contact_id`,
      [other.id],
    );
    assertEquals(orphans.length, 0);
  });
});
