import { aim } from "./aim.ts";
import type { Attack } from "./campaign.ts";
import type { Argument, Callable } from "./catalogue.ts";
import type { AttackRequest } from "./request.ts";
import type { Subject, Target } from "./target.ts";

type Arguments = Record<string, unknown>;

const DAY_MS = 86_400_000;
const NOW = Date.now();
const DIGEST = "0".repeat(64);

/** What goes into an argument that points at nobody, by its type. */
const FILLINGS: Readonly<Record<string, unknown>> = {
  "text": "attack",
  "integer": 1,
  "bigint": 1,
  "numeric": 1,
  "double precision": 0.5,
  "boolean": false,
  "jsonb": {},
  "date": new Date(NOW).toISOString().slice(0, 10),
  "timestamp with time zone": new Date(NOW).toISOString(),
  "text[]": ["attack"],
};

/** Plans that ask for everything about somebody in every way. */
function plans({ ids }: Target, { contact_id, number, name, text }: Subject): Arguments[] {
  const filters = {
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
  const plan = {
    intent: "list",
    metric: "events",
    dimension: null,
    starts_at: new Date(NOW - 60 * DAY_MS).toISOString(),
    ends_at: new Date(NOW).toISOString(),
    time_zone: "UTC",
    week_start: 1,
    compare: null,
    part: null,
    sort: "newest",
    limit: 50,
    horizon_days: null,
  };
  const word = name.split(" ")[0]?.toLowerCase().replace("name", "") ?? "";
  return [
    { ...plan, filters },
    { ...plan, filters: { ...filters, contact_ids: [contact_id] } },
    { ...plan, filters: { ...filters, number } },
    { ...plan, filters: { ...filters, text } },
    { ...plan, filters: { ...filters, company: `${word}company` } },
    { ...plan, filters: { ...filters, tag: `${word}tag` } },
    { ...plan, filters: { ...filters, line_id: ids.line } },
    { ...plan, intent: "top", dimension: "contact", filters },
    { ...plan, intent: "profile", filters: { ...filters, contact_ids: [contact_id] } },
    { ...plan, intent: "unreturned", filters },
  ];
}

function erasures(_: Target, { contact_id, number }: Subject): Arguments[] {
  return [{ scope: "account" }, { scope: "contact", contact_id }, { scope: "number", number }];
}

/** Calls of functions whose arguments types alone do not tell. What they write says nothing of the victim in words. */
const CALLS: Readonly<Record<string, (target: Target, subject: Subject) => Arguments[]>> = {
  advance_import: ({ ids, user_id }) => [{
    import_id: ids.imports.running,
    part: 1,
    part_digest: DIGEST,
    result: { kind: "csv", events: [], user_id, bytes: 1, final: false },
  }],
  begin_import_part: ({ ids }) => [{ import_id: ids.imports.running, part: 1, part_digest: DIGEST }],
  map_import: ({ ids }) => [
    { import_id: ids.imports.needs_mapping, options: { mapping: { ts: "A", number: "B", direction: "C" } } },
  ],
  get_imports: ({ ids }) => Object.values(ids.imports).map((import_id) => ({ import_id })),
  claim_idempotency_key: ({ idempotency_key, rows }) => [
    { key: idempotency_key, request_hash: rows["idempotency_keys"]?.["request_hash"] },
  ],
  settle_idempotency_key: (
    { idempotency_key },
  ) => [{ key: idempotency_key, status: 200, response: "attacked" }],
  ingest_events: ({ user_id, ids }, { contact_id, event_id }) => [{
    events: [{
      id: event_id,
      user_id,
      owner_id: user_id,
      contact_id,
      line_id: ids.line,
      ts: new Date(NOW - DAY_MS).toISOString(),
      number: "+447700930001",
      type: "call",
      direction: "inbound",
      contact_name: "Intruder",
    }],
  }],
  match_mentions: (
    _,
    { name, text },
  ) => [{
    mentions: [
      name,
      name.split(" ")[0],
      "Qxline",
      text.replace("text", "tag"),
      text.replace("text", "company"),
    ],
  }],
  match_nlq_queries: ({ rows }) => [{
    embedding: rows["nlq_embeddings"]?.["embedding"],
    model: rows["nlq_embeddings"]?.["model"],
    version: rows["nlq_embeddings"]?.["version"],
  }],
  get_nlq_context: ({ rows, ids }) => [
    {
      question_key: rows["nlq_queries"]?.["normalized"],
      planner_version: rows["nlq_queries"]?.["planner_version"],
    },
    { question_key: rows["nlq_queries"]?.["normalized"], context_id: ids.query },
  ],
  record_nlq_feedback: ({ ids }) => [
    { query_id: ids.query, verdict: "right" },
    { query_id: ids.query, verdict: "meant", corrected_plan: { intent: "attack" } },
  ],
  record_nlq_query: ({ user_id, ids }) => [{
    query: {
      id: ids.query,
      user_id,
      question: "Calls?",
      normalized: "calls",
      local_date: "2026-05-01",
      time_zone: "UTC",
      planner: "built_in",
      planner_version: "1",
      plan: {},
      data_version: 0,
      cache: "miss",
    },
  }],
  change_member: ({ user_id, organization_id }) =>
    ["member", "viewer", "owner"].map((role) => ({ member_id: user_id, role, organization_id })),
  create_webhook: ({ organization_id }) => [
    { url: "https://example.com/attack", types: ["alert.raised"] },
    { url: "https://example.com/attack", types: ["alert.raised"], organization_id },
  ],
  settle_webhook_messages: ({ rows }) => {
    const id = rows["webhooks"]?.["id"];
    return [{ outcomes: [{ webhook_id: id, id, status: 200, error: null }] }];
  },
  export_user_data_page: ({ rows, user_id }) => [
    { table_name: "events" },
    { table_name: "contacts", export_id: rows["data_exports"]?.["id"] },
    { table_name: "profiles", export_id: user_id },
  ],
  get_data_version: ({ organization_id, user_id }, { contact_id }) => [
    { reads: "organization", organization_id },
    { reads: "teammates", user_id, contact_id },
  ],
  start_job_run: () => [{ name: "expire_rate_limits" }],
  create_api_key: () => [{ name: "attack", key_hash: DIGEST, scopes: ["events:read"] }],
  invite_member: ({ organization_id }) =>
    ["viewer", "admin"].map((role) => ({ email: "intruder@example.test", role, organization_id })),
  preview_erasure: erasures,
  request_erasure: (target, subject) =>
    erasures(target, subject).map((call) => ({ ...call, confirmation: DIGEST })),
  read_at_version: ({ user_id, organization_id }, { contact_id }) =>
    [
      [{}, "get_dashboard_metrics", { user_id }],
      [{ user_id }, "get_dashboard_metrics", { user_id }],
      [{ contact_id }, "get_contact_intelligence", { contact_id }],
      [{ reads: "organization", organization_id }, "get_team_dashboard_metrics", { organization_id }],
    ].map(([reads, function_name, values]) => ({ version: DIGEST, reads, function_name, arguments: values })),
  read_recorded: ({ user_id, organization_id }, { contact_id, event_id, name }) =>
    [
      ["get_contact", { contact_id }],
      ["get_event", { event_id }],
      ["get_filtered_events", { user_id }],
      ["search_events", { search_text: name, user_id }],
      ["get_user_metrics", { target_user_id: user_id }],
      ["get_data_version", { user_id, contact_id }],
      ["get_audit_log", { organization_id }],
      ["export_user_data_page", { table_name: "events" }],
      ["delete_event", { event_id }],
      ["pg_read_file", { filename: "PG_VERSION" }],
    ].map(([function_name, values]) => ({ function_name, arguments: values })),
  rotate_api_key: (
    { rows },
  ) => [{ key_id: rows["api_keys"]?.["id"], key_hash: "1".repeat(64), overlap_seconds: 0 }],
  set_privacy_rules: (_, { contact_id }) => [
    { rule: { visibility: "public", mask_number: false, mask_content: false }, contact_ids: [contact_id] },
  ],
  set_retention: ({ organization_id, user_id }) => [
    { policies: [{ type: "call", keep_days: 7 }], organization_id },
    { policies: [{ user_id, keep_days: 7 }], organization_id },
  ],
  withdraw_invitation: ({ organization_id, rows }) => [
    { invitation_id: rows["org_invitations"]?.["id"], organization_id },
  ],
  report_sync: (
    { user_id },
  ) => [{ report: { source: "device", name: "intruder", user_id, owner_id: user_id } }],
  run_query_plan: (target, subject) =>
    plans(target, subject).flatMap((plan) => [{ plan }, { plan, user_id: target.user_id }]),
  search_contacts: ({ user_id }, { number, text }) =>
    [number, number.slice(-7), text.replace("text", "note"), text.replace("text", "company")]
      .flatMap((search_text) => [{ search_text }, { search_text, user_id }]),
  search_events: ({ user_id }, { number, text }) =>
    [number, number.slice(-7), text].flatMap((search_text) => [{ search_text }, { search_text, user_id }]),
  store_embeddings: ({ user_id, ids, rows }) => [{
    model: "attack",
    version: "1",
    embeddings: [{ user_id, query_id: ids.query, embedding: rows["nlq_embeddings"]?.["embedding"] }],
  }],
  update_contact: (_, { contact_id }) => [{ contact_id, changes: { notes: "attacked" } }],
};

function aimed(argument: Argument, target: Target, subject: Subject): Arguments {
  const value = aim(argument.name, argument.type, target, subject);
  return value === undefined ? {} : { [argument.name]: value };
}

/** Required arguments alone, with each optional one that can point at the victim (thorough only), and with all of these. */
function generated(callable: Callable, target: Target, subject: Subject, is_thorough: boolean): Arguments[] {
  const required = Object.fromEntries(
    callable.arguments.filter((argument) => !argument.has_default).map((argument) => [
      argument.name,
      aim(argument.name, argument.type, target, subject) ?? FILLINGS[argument.type] ?? null,
    ]),
  );
  const optional = callable.arguments.filter(({ has_default }) => has_default)
    .map((argument) => aimed(argument, target, subject)).filter((value) => Object.keys(value).length > 0);
  return [{}, ...is_thorough ? optional : [], Object.assign({}, ...optional)].map((more) => ({
    ...required,
    ...more,
  }));
}

/** Calls of `CALLS` that somebody tries who is not thorough. */
const FEW = 6;

/** How the function is called, no call twice. */
export function callsOf(callable: Callable, target: Target, is_thorough = true): Arguments[] {
  // Who may not call it at all is refused before anything is looked up.
  const subjects = callable.for_users ? target.subjects.slice(0, 3) : target.subjects.slice(0, 1);
  const calls = subjects.flatMap((subject, i) => [
    ...generated(callable, target, subject, is_thorough),
    ...((i < 2 && CALLS[callable.name]?.(target, subject)) || []).slice(0, is_thorough ? undefined : FEW),
  ]);
  return [...new Map(calls.map((call) => [JSON.stringify(call), call])).values()];
}

/** One call as a request. */
export function callRequest({ name, is_volatile }: Callable, json: Arguments): AttackRequest {
  return { method: "POST", path: `/rest/v1/rpc/${name}`, json, phase: is_volatile ? "write" : "read" };
}

/** Every call of a function of `public`. */
export function functionAttack(callable: Callable): Attack {
  return {
    name: `function ${callable.name}`,
    sort: callable.is_volatile ? "functions that write" : "functions that read",
    requests: (target, { is_thorough = false }) =>
      callsOf(callable, target, is_thorough).map((call) => callRequest(callable, call)),
  };
}

/** Attempts at functions that are not exposed at all. */
export function hiddenFunctionAttack(callable: Callable): Attack {
  const { schema, name } = callable;
  return {
    name: `function ${schema}.${name}`,
    sort: `functions of ${schema}`,
    requests: (target) => {
      const [json = {}] = generated(callable, target, target.subjects[0], false);
      return [
        {
          method: "POST",
          path: `/rest/v1/rpc/${name}`,
          headers: { "content-profile": schema },
          json,
          refused: true,
        },
      ];
    },
  };
}
