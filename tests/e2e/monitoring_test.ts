import { assert, assertEquals, assertMatch } from "@std/assert";
import { createApp } from "../../functions/admin/app.ts";
import { readEnv } from "../../shared/env.ts";
import { SCHEMA_VERSION } from "../../shared/version.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";
import type { Stack } from "../../dev/stack.ts";
import { readMetrics } from "../helpers/metrics.ts";
import { hasRedis, startRedis } from "../helpers/redis.ts";

interface Check {
  name: string;
  status: "ok" | "warn" | "fail";
  value: number | null;
  warn_at: number | null;
  fail_at: number | null;
  details: Record<string, unknown>;
}

async function ask(
  stack: Stack,
  path: string,
  headers: Record<string, string> = { apikey: stack.secret_key },
) {
  const response = await stack.fetch(`/api/admin${path}`, { headers });
  const text = await response.text();
  const is_json = response.headers.get("content-type")?.includes("json");
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: is_json ? JSON.parse(text) : undefined,
  };
}

/** The schedule as it is a moment after the installation, on a server of one's own: what others do there counts for nothing. */
async function installNow(stack: Stack): Promise<void> {
  await stack.db.exec(`update private.job_schedule set enabled = enabled;
    update private.health_thresholds set warn_at = null, fail_at = null where area in ('server', 'replication', 'statements')`);
}

async function checksOf(stack: Stack): Promise<Map<string, Check>> {
  const { body } = await ask(stack, "/health");
  return new Map(body.data.checks.map((check: Check) => [check.name, check]));
}

Deno.test("Health is for the secret key, however it is sent, and for nobody else", async () => {
  await using stack = await disposableStack({ surfaces: ["admin"] });
  await installNow(stack);
  const ann = await ApiUser.signUp(stack, "ann");
  await organization(stack, { owner: ann });
  const { secret_key, publishable_key } = stack;
  for (const path of ["/health", "/metrics"]) {
    const status = async (headers: Record<string, string>) => (await ask(stack, path, headers)).status;
    assertEquals(await status({ apikey: secret_key }), 200);
    assertEquals(await status({ authorization: `Bearer ${secret_key}` }), 200);
    assertEquals(await status({ apikey: publishable_key, authorization: `bearer ${secret_key}` }), 200);
    assertEquals(await status({}), 401);
    const refused: Record<string, string>[] = [
      { apikey: publishable_key },
      { apikey: `${secret_key}x` },
      { apikey: secret_key.slice(0, -1) },
      { authorization: `Bearer ${ann.token}` },
      { authorization: `Bearer ${ann.token}`, apikey: publishable_key },
      { authorization: `Basic ${btoa(`x:${secret_key}`)}`, apikey: "x" },
      { "x-api-key": secret_key, apikey: "x" },
    ];
    for (const headers of refused) {
      const { status, body } = await ask(stack, path, headers);
      assertEquals([path, headers, status, body.code], [path, headers, 403, "secret_key_required"]);
    }
    assertEquals((await ask(stack, `${path}?colour=red`)).body.errors[0].path, "colour");
  }
  for (const name of ["get_system_health", "get_system_metrics"]) {
    const direct = await ann.call("POST", `/rest/v1/rpc/${name}`, { json: {} });
    assert(direct.status >= 401, `${name} is closed to people: ${direct.status}`);
  }
});

Deno.test("Health tells each check with its threshold, and turns when something is wrong", async () => {
  await using stack = await disposableStack({ surfaces: ["admin", "events"] });
  await installNow(stack);
  const ann = await ApiUser.signUp(stack, "ann");
  await ann.log([{
    ts: "2026-05-01T10:00:00Z",
    number: "+447700900001",
    type: "call",
    direction: "inbound",
    duration: 5,
  }]);

  const first = await ask(stack, "/health");
  assertEquals([first.status, first.headers.get("cache-control")], [200, "no-store"]);
  const { checks, schema_version } = first.body.data;
  const not_ok = checks.filter(({ name, status }: Check) => status !== "ok" && name !== "database");
  assertEquals(not_ok, [], "Nothing is wrong but that a busy machine takes its time");
  assertEquals(schema_version, SCHEMA_VERSION);
  const names = checks.map((check: Check) => check.name);
  for (
    const name of [
      "database",
      "connections",
      "embedding_queue",
      "embedding_queue_age",
      "webhook_queue",
      "jobs_failing",
      "jobs_late",
      "rollup_drift",
      "database_size",
      "schema",
    ]
  ) assert(names.includes(name), `${name} is among ${names}`);
  assertEquals(names.includes("cache"), false);
  for (const check of checks as Check[]) {
    assert(check.value === null || Number.isFinite(check.value), `${check.name} has a value`);
    assert(check.warn_at !== undefined && check.fail_at !== undefined, `${check.name} has thresholds`);
  }
  assertEquals(
    (checks as Check[]).find(({ name }) => name === "rollup_drift")?.details["owners_looked_at"],
    1,
  );

  await stack.db.exec("update private.activity set calls = calls + 1");
  const drifted = await ask(stack, "/health");
  assertEquals([drifted.status, drifted.body.data.status], [503, "fail"]);
  const drift = (await checksOf(stack)).get("rollup_drift");
  assert((drift?.value ?? 0) >= 1 && drift?.status === "fail");
  await stack.db.exec("update private.activity set calls = calls - 1");
  assertEquals((await ask(stack, "/health")).status, 200);

  await stack.db.exec("update private.health_thresholds set warn_at = 1 where name = 'database_size'");
  assertEquals([
    (await ask(stack, "/health")).body.data.status,
    (await checksOf(stack)).get("database_size")?.status,
  ], ["warn", "warn"]);
});

Deno.test("A check that can not be made fails by itself and hides no other", async () => {
  await using stack = await disposableStack({ surfaces: ["admin"] });
  await installNow(stack);
  await stack.db.exec("alter table private.embedding_queue rename to moved_away");
  const checks = await checksOf(stack);
  assertEquals(checks.get("queues")?.status, "fail");
  assertEquals(checks.get("queues")?.details, { error_code: "42P01" });
  assertEquals(checks.get("connections")?.status, "ok");
});

Deno.test("A database that does not answer is a failed check, not an error", async () => {
  const nowhere = {
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_PUBLISHABLE_KEY: "p",
    SUPABASE_SECRET_KEY: "s",
    REDIS_URL: "redis://127.0.0.1:9",
  };
  const app = createApp(readEnv(nowhere));
  const response = await app.request("/admin/health", { headers: { apikey: "s" } });
  const { data } = await response.json();
  assertEquals([response.status, data.status], [503, "fail"]);
  assertEquals(data.checks.map((check: Check) => [check.name, check.status, check.value]), [
    ["database", "fail", null],
    ["cache", "fail", null],
  ]);
  const metrics = await app.request("/admin/metrics", { headers: { apikey: "s" } });
  assertEquals([metrics.status, (await metrics.json()).code], [503, "database_unavailable"]);
});

Deno.test({
  name: "The cache is asked whether it answers, and a dead or paused one is told soon",
  ignore: !hasRedis(),
  fn: async () => {
    await using redis = await startRedis();
    await using stack = await disposableStack({ surfaces: ["admin"], secrets: { REDIS_URL: redis.url } });
    await installNow(stack);
    const first = (await checksOf(stack)).get("cache");
    assertEquals([first?.status === "fail", first?.value !== null], [false, true]);
    redis.signal("SIGSTOP");
    const paused = await ask(stack, "/health");
    assertEquals([paused.status, paused.body.data.checks.find(({ name }: Check) => name === "cache").value], [
      503,
      null,
    ]);
    redis.signal("SIGCONT");
    assertEquals((await ask(stack, "/health")).status, 200);
    await redis.kill();
    assertEquals((await checksOf(stack)).get("cache")?.status, "fail");
  },
});

Deno.test("Metrics are what the database and this process counted", async () => {
  await using stack = await disposableStack({ surfaces: ["admin", "events", "contacts"] });
  await installNow(stack);
  const ann = await ApiUser.signUp(stack, "ann");
  const before = readMetrics((await ask(stack, "/metrics")).text);
  const requests = { surface: "contacts", method: "GET", route: "/contacts" };
  const counted = before.get("phonelog_http_requests_total", { ...requests, status: "200" }) ?? 0;
  for (let turn = 0; turn < 3; turn++) assertEquals((await ann.get("/api/contacts")).status, 200);
  assertEquals((await ann.get("/api/contacts?colour=red")).status, 400);
  assertEquals((await ann.get(`/api/contacts/${crypto.randomUUID()}`)).status, 404);

  const found = await ask(stack, "/metrics");
  assertEquals(found.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const after = readMetrics(found.text);
  assertEquals(after.get("phonelog_http_requests_total", { ...requests, status: "200" }), counted + 3);
  assertEquals(after.get("phonelog_http_requests_total", { ...requests, status: "400" }), 1);
  assertEquals(
    after.get("phonelog_http_requests_total", {
      surface: "contacts",
      method: "GET",
      route: "/contacts/:id",
      status: "404",
    }),
    1,
  );
  assertEquals(after.get("phonelog_http_request_duration_seconds_count", requests), counted + 4);
  const seconds = after.get("phonelog_http_request_duration_seconds_sum", requests) ?? 0;
  const database_seconds = after.get("phonelog_http_database_seconds_total", requests) ?? 0;
  assert(0 < database_seconds && database_seconds < seconds, `${database_seconds} of ${seconds}`);
  assertEquals(after.get("phonelog_users"), 1);
  assertEquals(after.get("phonelog_health_status", { check: "connections" }), 0);
  assertEquals(after.get("phonelog_schema_version"), Number(SCHEMA_VERSION));
  assert((after.get("phonelog_database_bytes") ?? 0) > 1_000_000);
  assert(!found.text.includes(ann.id), "No person is a label");

  const newer = await ask(stack, "/metrics", {
    apikey: stack.secret_key,
    accept: "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
  });
  assertEquals(
    newer.headers.get("content-type"),
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
  );
  assertMatch(newer.text, /^# TYPE phonelog_http_requests counter$/m);
  assert(newer.text.endsWith("\n# EOF\n"));
  assertEquals(readMetrics(newer.text).get("phonelog_users"), 1);
});

Deno.test("A request's trace goes on into the database, and begins here where there is none", async () => {
  await using stack = await disposableStack({ surfaces: ["sync"] });
  const ann = await ApiUser.signUp(stack, "ann");
  await stack.db.exec(
    `create or replace function public.get_coverage() returns jsonb language sql stable set search_path = '' as
    $f$ select jsonb_build_array(private.request_header('traceparent')) $f$`,
  );
  const traceparentOf = async (headers: Record<string, string>) =>
    (await ann.get("/api/sync/coverage", headers)).body.data[0] as string;

  const trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const continued = await traceparentOf({ traceparent: `00-${trace_id}-00f067aa0ba902b7-01` });
  assertMatch(continued, new RegExp(`^00-${trace_id}-[0-9a-f]{16}-01$`));
  assert(!continued.includes("00f067aa0ba902b7"), "The span is this request's own");
  const begun = await traceparentOf({});
  assertMatch(begun, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  assert(begun !== await traceparentOf({ traceparent: "00-x'; drop table events; --" }));
});
