import { assertEquals, assertNotEquals } from "@std/assert";
import type { Session } from "../../dev/database.ts";
import { createUser, testDatabase } from "../helpers/database.ts";

const NO_FILTERS = {
  contact_ids: [],
  excluded_contact_ids: [],
  company: null,
  tag: null,
  number: null,
  is_known: null,
  type: null,
  direction: null,
  statuses: [],
  min_seconds: null,
  max_seconds: null,
  hours: [],
  weekdays: [],
  text: null,
  source: null,
  line_id: null,
};

/** A resolved plan; ids are `:name`, put in with the others. */
function plan(intent: string, members: Record<string, unknown> = {}, filters: Record<string, unknown> = {}) {
  return {
    intent,
    metric: "events",
    dimension: null,
    filters: { ...NO_FILTERS, ...filters },
    starts_at: "2026-01-01T00:00:00Z",
    ends_at: "2026-09-01T00:00:00Z",
    time_zone: "Asia/Kathmandu",
    week_start: 1,
    compare: null,
    part: null,
    sort: "newest",
    limit: 50,
    horizon_days: null,
    ...members,
  };
}
const SIDE = { contact_ids: null, type: null, direction: null, statuses: [] };

/** Every intent, metric, dimension and filter once at least. */
const PLANS = [
  ...["events", "contacts"].flatMap((metric) => [
    plan("count", { metric }),
    plan("count", { metric, starts_at: null, ends_at: null }),
    ...[
      { text: "xylophone" },
      { text: "hello" },
      { company: "Xylo" },
      { tag: "Cat" },
      { number: "+447700900555" },
      { is_known: true },
      { is_known: false },
      { contact_ids: [":private"] },
      { excluded_contact_ids: [":private"] },
      { type: "call", statuses: ["missed"], direction: "inbound" },
      {
        min_seconds: 60,
        max_seconds: 600,
        hours: [{ from: 0, to: 720 }],
        weekdays: [1, 2],
        source: "device",
      },
    ].map((filters) => plan("count", { metric }, filters)),
  ]),
  ...["talk_time", "average_duration", "median_duration", "longest_duration", "shortest_duration"].map((
    metric,
  ) => plan("duration", { metric }, { type: "call" })),
  ...["newest", "oldest", "longest", "shortest"].map((sort) => plan("list", { sort })),
  plan("last", { limit: 1 }),
  plan("first", { limit: 1 }),
  ...["contact", "type", "direction", "status", "source"].map((dimension) =>
    plan("top", { dimension, sort: "most" })
  ),
  ...["hour", "weekday", "day", "week", "month", "year"].map((dimension) =>
    plan("busiest", { dimension, sort: "least" })
  ),
  ...["events", "contacts", "talk_time", "median_duration"].map((metric) => plan("trend", { metric })),
  plan("compare", {
    compare: { ...SIDE, contact_ids: [":private"], has_interval: false, starts_at: null, ends_at: null },
  }),
  plan("share", { part: { ...SIDE, contact_ids: [":private"], is_known: null } }),
  plan("share", { part: { ...SIDE, is_known: true } }),
  plan("unreturned", {}, { direction: "inbound" }),
  plan("unreturned", {}, { direction: "outbound" }),
  plan("profile", {}, { contact_ids: [":private"] }),
  plan("profile", {}, { contact_ids: [":shared"] }),
  plan("predict", { starts_at: null, ends_at: null }, { contact_ids: [":private"] }),
  plan("gaps"),
  plan("quality"),
];

/** Calls of every reading function, as somebody else may make them; `:name` stands for an id. */
const CALLS: Record<string, string[]> = {
  analyze_sync_health: ["analyze_sync_health()"],
  begin_import_part: [],
  detect_anomalies: ["detect_anomalies(:from, :to, 'UTC')"],
  detect_data_gaps: ["detect_data_gaps(:from, :to, 'UTC')", "detect_data_gaps()"],
  export_contents: [],
  export_user_data_page: ["export_user_data_page('events')", "export_user_data_page('contacts')"],
  find_nlq_answer: ["find_nlq_answer('0123456789abcdef')"],
  get_activity_heatmap: [
    "get_activity_heatmap(:from, :to, 'Asia/Kathmandu', :ann)",
    "get_activity_heatmap()",
  ],
  get_api_keys: ["get_api_keys()"],
  get_audit_log: [
    "get_audit_log()",
    "get_audit_log(:organization)",
    "get_audit_log(:organization, subject_id => :private)",
  ],
  get_alerts: ["get_alerts()", "get_alerts('all')"],
  get_contact: ["get_contact(:shared)", "get_contact(:private)", "get_contact(:own)"],
  get_contact_intelligence: [
    "get_contact_intelligence(:shared, :from, :to)",
    "get_contact_intelligence(:private, :from, :to)",
    "get_contact_intelligence(:own, :from, :to)",
  ],
  get_contact_relationships: [
    "get_contact_relationships(:shared)",
    "get_contact_relationships(:private)",
    "get_contact_relationships(:own)",
  ],
  get_contacts: ["get_contacts()", "get_contacts(q => 'Zoe')"],
  get_coverage: ["get_coverage()"],
  get_dashboard_metrics: [
    "get_dashboard_metrics(user_id => :ann)",
    "get_dashboard_metrics(:from, :to, 'day', 'previous_period', 'America/New_York', :ann)",
    "get_dashboard_metrics(:from, :to, 'month', 'previous_year', 'UTC', :ann)",
  ],
  get_dataset: ["get_dataset()"],
  get_erasures: ["get_erasures()"],
  get_data_version: [
    "get_data_version(user_id => :ann)",
    "get_data_version(contact_id => :shared)",
    "get_data_version(contact_id => :private)",
    "get_data_version('teammates')",
    "get_data_version('organization', ends_at => :from)",
  ],
  get_event: ["get_event(:private_event)", "get_event(:shared_event)"],
  get_exports: ["get_exports()"],
  get_filtered_events: [
    "get_filtered_events(user_id => :ann)",
    "get_filtered_events(user_id => :ann, contact_id => :private)",
    "get_filtered_events(user_id => :ann, contact_id => :shared)",
    "get_filtered_events(user_id => :ann, number => '+447700900555')",
    "get_filtered_events(user_id => :ann, type => 'call', status => 'missed', sort => 'asc')",
    "get_filtered_events(user_id => :ann, starts_at => :from, ends_at => :to)",
    "get_filtered_events(user_id => :ann, updated_since => :from)",
  ],
  get_imports: ["get_imports()"],
  get_legal_holds: ["get_legal_holds()"],
  get_invitations: ["get_invitations()"],
  get_members: ["get_members()"],
  get_jobs: [],
  get_nlq_context: ["get_nlq_context('calls with zoe', '2026-05-01', 'UTC', 'p1', :private)"],
  get_nlq_history: ["get_nlq_history()"],
  get_nlq_suggestions: ["get_nlq_suggestions('calls')"],
  get_privacy_rule: ["get_privacy_rule(:shared)", "get_privacy_rule(:private)"],
  get_privacy_rules: ["get_privacy_rules()"],
  get_profile: ["get_profile()"],
  get_retention: ["get_retention()", "get_retention(:organization)"],
  get_sharing: ["get_sharing()"],
  get_system_health: [],
  get_system_metrics: [],
  get_team_dashboard_metrics: [
    "get_team_dashboard_metrics()",
    "get_team_dashboard_metrics(starts_at => :from, ends_at => :to, metric => 'unique_contacts', granularity => 'month')",
  ],
  get_trends: ["none", "contact", "type", "direction", "status", "source", "line", "hour", "weekday"].flatMap(
    (breakdown) =>
      ["total_events", "avg_call_duration_minutes", ...(breakdown === "contact" ? [] : ["unique_contacts"])]
        .map(
          (metric) =>
            `get_trends('${metric}', :from, :to, 'week', '${breakdown}', 2, 'previous_period', 'Europe/Berlin', :ann)`,
        ),
  ),
  get_user_metrics: ["get_user_metrics(:ann)", "get_user_metrics(:ann, :from, :to, 'Europe/Berlin')"],
  get_webhook_deliveries: [],
  get_webhooks: ["get_webhooks()"],
  match_mentions: [`match_mentions('["Zoe", "zeo", "Xylo", "Cat", "Zed"]')`],
  match_nlq_queries: [
    "match_nlq_queries(array_fill(1, array[384])::extensions.vector::text, 'lexical', '1')",
  ],
  predict_interactions: [
    "predict_interactions(as_of => :to)",
    "predict_interactions(contact_id => :private)",
  ],
  preview_erasure: [
    "preview_erasure('account')",
    "preview_erasure('contact', :private)",
    "preview_erasure('contact', :shared)",
    "preview_erasure('number', number => '+447700900555')",
  ],
  read_export: [],
  read_at_version: [
    `read_at_version(public.get_data_version(user_id => :ann), '{"user_id": ":ann"}', 'get_dashboard_metrics', '{"user_id": ":ann"}')`,
    `read_at_version(public.get_data_version('teammates', contact_id => :shared), '{"reads": "teammates", "contact_id": ":shared"}',
      'get_contact_relationships', '{"contact_id": ":shared"}')`,
    `read_at_version('', '{"contact_id": ":private"}', 'get_contact', '{"contact_id": ":private"}')`,
  ],
  run_query_plan: PLANS.map((plan) => `run_query_plan('${JSON.stringify(plan)}', :ann)`),
  score_data_quality: ["score_data_quality(:from, :to)"],
  search_contacts: ["Zoe", "zeo", "900555", "Cat"].map((q) => `search_contacts('${q}', user_id => :ann)`),
  search_events: ["xylophone", "hello", "Zoe", "900555", "hello -lunch"].map((q) =>
    `search_events('${q}', user_id => :ann)`
  ),
};

const FROM = "2026-01-01T00:00:00Z";
const TO = "2026-09-01T00:00:00Z";

type Ids = Record<string, string>;

async function addContact(session: Session, user_id: string, name: string, number: string): Promise<string> {
  const [contact] = await session.query<{ id: string }>(
    `with c as (insert into public.contacts (user_id, name, name_source) values ($1, $2, 'log') returning id),
          n as (insert into public.contact_numbers (user_id, number, contact_id) select $1, $3, c.id from c)
     select id from c`,
    [user_id, name, number],
  );
  if (!contact) throw new Error("Cannot add the contact");
  return contact.id;
}

/** Every `hours` a call or message with text, in turn answered and missed. */
async function addEvents(
  session: Session,
  user_id: string,
  contact_id: string,
  number: string,
  hours: number,
  text: string,
): Promise<void> {
  await session.query(
    `insert into public.events (user_id, ts, number, contact_id, type, direction, status, duration, content, source, sources, fingerprint)
     select $1, at, $3, $2, t.type, case when i % 2 = 0 then 'inbound' else 'outbound' end,
       case when t.type = 'sms' then null when i % 4 = 0 then 'missed' else 'answered' end,
       case when t.type = 'call' then (i * 37) % 900 end, case when t.type = 'sms' then $6 || ' ' || i end,
       'device', '{device}', gen_random_uuid()
       from generate_series($4::timestamptz, $5::timestamptz, make_interval(hours => $7)) with ordinality as s (at, i)
       cross join lateral (select case when i % 3 = 0 then 'call' else 'sms' end as type) as t`,
    [user_id, contact_id, number, "2026-02-01T09:00:00Z", "2026-08-20T00:00:00Z", text, hours],
  );
}

/** What each caller is told by each call: the answer without the time it was made, or the error. */
async function answers(session: Session, callers: Ids, ids: Ids): Promise<Map<string, string>> {
  const told = new Map<string, string>();
  const [dataset] = await session.query(
    "select private.dataset_of($1, '2026-05-04') as cells, private.count_expired(null, now()) as none",
    [ids.organization],
  );
  told.set("dataset", JSON.stringify(dataset));
  for (const [role, user_id] of Object.entries(callers)) {
    await session.query(
      "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)",
      [
        JSON.stringify({ sub: user_id, role: "authenticated" }),
      ],
    );
    for (const call of Object.values(CALLS).flat()) {
      const sql = call.replace(
        /":([a-z]\w*)"/g,
        (_, name) => `"${ids[name]}"`,
      ).replace(
        /(?<![\w"]):([a-z]\w*)/g,
        (_, name) => `'${name === "own" ? ids[`own_${role}`] : ids[name]}'`,
      );
      await session.query("savepoint one");
      try {
        const [row] = await session.query<{ answer: unknown }>(`select public.${sql}::text as answer`);
        told.set(
          `${role}: ${call}`,
          String(row?.answer).replace(/"(generated_at|sync_until)": "[^"]*"/g, '"$1": ""'),
        );
      } catch (error) {
        const { code, message } = error as { code: string; message: string };
        told.set(`${role}: ${call}`, `${code} ${message}`);
      }
      await session.query("rollback to savepoint one");
    }
    await session.query("select set_config('role', 'none', true)");
  }
  return told;
}

/** How many events are read for a call, through an index or not. */
async function eventsRead(session: Session, user_id: string, call: string): Promise<number> {
  const read = async () => {
    const [row] = await session.query<{ rows: string }>(
      "select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows from pg_stat_xact_all_tables where relid = 'public.events'::regclass",
    );
    return Number(row?.rows);
  };
  const before = await read();
  await session.query(
    "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)",
    [JSON.stringify({ sub: user_id, role: "authenticated" })],
  );
  await session.query(`select public.${call}`);
  await session.query("select set_config('role', 'none', true)");
  return await read() - before;
}

Deno.test("A private contact changes no answer to anybody else, not by a byte", async () => {
  const db = await testDatabase();
  try {
    const known = await db.query<{ name: string }>(
      `select distinct p.proname::text as name from pg_catalog.pg_proc as p
        where p.pronamespace = 'public'::regnamespace and p.provolatile = 's'
          and not exists (select from pg_catalog.pg_depend as d where d.objid = p.oid and d.deptype = 'e') order by 1`,
    );
    assertEquals(
      Object.keys(CALLS).sort(),
      known.map(({ name }) => name),
      "Every reading function is called here",
    );

    const people: Ids = {};
    for (const name of ["ann", "admin", "analyst", "member", "viewer", "stranger"]) {
      people[name] = await createUser(db, `${name}@example.test`);
    }
    await db.transaction(async (session) => {
      const { ann = "", stranger: _, ...team } = people;
      const { ann: __, ...callers } = people;
      const organization = crypto.randomUUID();
      await session.query(
        `with o as (insert into public.organizations (id, name) values ($3, 'T') returning id)
         insert into public.org_members (organization_id, user_id, role, joined_at) select o.id, u, r, '2026-01-01'
           from o cross join unnest($1::uuid[], $2::text[]) as m (u, r)`,
        [[ann, ...Object.values(team)], ["owner", ...Object.keys(team)], organization],
      );
      const ids: Ids = {
        ann,
        organization,
        from: FROM,
        to: TO,
        private: crypto.randomUUID(),
        private_event: crypto.randomUUID(),
      };
      ids.shared = await addContact(session, ann, "Cat", "+447700900111");
      await addEvents(session, ann, ids.shared, "+447700900111", 31, "hello lunch");
      for (const [index, [role, user_id]] of Object.entries(callers).entries()) {
        // Each of them knows the number that Ann keeps private, and has a line on which she calls.
        ids[`own_${role}`] = await addContact(session, user_id, "Zed", "+447700900555");
        await addEvents(
          session,
          user_id,
          ids[`own_${role}`] as string,
          "+447700900555",
          40 + index,
          "hello Zed",
        );
        await session.query("insert into public.lines (user_id, name, number) values ($1, 'SIM', $2)", [
          user_id,
          `+44770090060${index}`,
        ]);
      }
      const [event] = await session.query<{ id: string }>(
        "select id from public.events where user_id = $1 limit 1",
        [ann],
      );
      ids.shared_event = event?.id ?? "";

      const without = await answers(session, callers, ids);
      // The same ids again, now in use.
      await session.query(
        "insert into public.contacts (user_id, id, name, name_source, company, tags) values ($1, $2, 'Zoe', 'user', 'Xylo', '{Cat}')",
        [
          ann,
          ids.private,
        ],
      );
      await session.query(
        "insert into public.privacy_rules (user_id, contact_id, visibility) values ($1, $2, 'private')",
        [
          ann,
          ids.private,
        ],
      );
      for (
        const number of [
          "+447700900555",
          ...Object.keys(callers).map((_, index) => `+44770090060${index}`),
        ]
      ) {
        await session.query(
          "insert into public.contact_numbers (user_id, number, contact_id) values ($1, $2, $3)",
          [
            ann,
            number,
            ids.private,
          ],
        );
        await addEvents(session, ann, ids.private ?? "", number, 29, "hello xylophone");
      }
      await session.query(
        "update public.events set id = $2 where (user_id, id) = (select user_id, id from public.events where user_id = $1 and contact_id = $3 limit 1)",
        [ann, ids.private_event, ids.private],
      );
      // What Ann deletes of it, too.
      await session.query("select set_config('request.jwt.claims', $1, true)", [
        JSON.stringify({ sub: ann }),
      ]);
      await session.query(
        "select private.delete_event(id) from public.events where user_id = $1 and contact_id = $2 and id <> $3 order by ts desc limit 3",
        [ann, ids.private, ids.private_event],
      );
      const withIt = await answers(session, callers, ids);
      for (const [call, told] of without) assertEquals([call, withIt.get(call)], [call, told]);

      // Nor does the time it takes: what is hidden is looked for as what nobody has.
      const member = callers.member ?? "";
      const asked: [name: string, call: (id: string, number: string) => string][] = [
        ["contact", (id) => `get_filtered_events(user_id => '${ann}', contact_id => '${id}')`],
        ["number", (_, number) => `get_filtered_events(user_id => '${ann}', number => '${number}')`],
        [
          "changes",
          (id) =>
            `get_filtered_events(user_id => '${ann}', contact_id => '${id}', updated_since => '${FROM}')`,
        ],
        ["search", (id) => `search_events('7700900', user_id => '${ann}', contact_id => '${id}')`],
        ["found numbers", (_, number) => `search_events('${number.slice(-6)}', user_id => '${ann}')`],
        [
          "plan",
          (id) =>
            `run_query_plan('${
              JSON.stringify(plan("list", {}, { contact_ids: [id], type: "call" }))
            }', '${ann}')`,
        ],
        [
          "plan by number",
          (_, number) => `run_query_plan('${JSON.stringify(plan("list", {}, { number }))}', '${ann}')`,
        ],
      ];
      for (const [name, call] of asked) {
        const nobody = await eventsRead(session, member, call(crypto.randomUUID(), "+447700900999"));
        const hidden = await eventsRead(session, member, call(ids.private ?? "", "+447700900555"));
        const shared = await eventsRead(session, member, call(ids.shared ?? "", "+447700900111"));
        assertEquals([name, hidden], [name, nobody]);
        assertNotEquals([name, shared], [name, nobody]);
      }

      // The comparison can tell: a contact that is not private does change them.
      await session.query("delete from public.privacy_rules where user_id = $1", [ann]);
      const shown = await answers(session, { member: callers.member ?? "" }, ids);
      for (
        const call of [
          "get_contact(:private)",
          "get_event(:private_event)",
          "get_dashboard_metrics(:from, :to, 'month', 'previous_year', 'UTC', :ann)",
          "get_activity_heatmap(:from, :to, 'Asia/Kathmandu', :ann)",
          "get_filtered_events(user_id => :ann)",
          "get_team_dashboard_metrics(starts_at => :from, ends_at => :to, metric => 'unique_contacts', granularity => 'month')",
          "get_contact_relationships(:own)",
          "search_contacts('Zoe', user_id => :ann)",
        ]
      ) {
        assertNotEquals(shown.get(`member: ${call}`), without.get(`member: ${call}`), call);
      }
      const by_admin = "get_user_metrics(:ann, :from, :to, 'Europe/Berlin')";
      const shown_to_admin = await answers(session, { admin: callers.admin ?? "" }, ids);
      assertNotEquals(shown_to_admin.get(`admin: ${by_admin}`), without.get(`admin: ${by_admin}`), by_admin);

      // Who does not share: whatever is in the log, the answers to others are the same.
      await session.query("update public.profiles set do_not_share = true where user_id = $1", [ann]);
      const unshared = await answers(session, callers, ids);
      assertNotEquals(
        unshared.get("member: get_contact(:private)"),
        shown.get("member: get_contact(:private)"),
      );
      await session.query("delete from public.events where user_id = $1 and contact_id = $2", [
        ann,
        ids.shared,
      ]);
      await session.query("delete from public.contacts where user_id = $1 and id = $2", [ann, ids.shared]);
      await addEvents(session, ann, ids.private ?? "", "+447700900555", 7, "hello again");
      const changed = await answers(session, callers, ids);
      for (const [call, told] of unshared) assertEquals([call, changed.get(call)], [call, told]);
    });
  } finally {
    await db.close();
  }
});
