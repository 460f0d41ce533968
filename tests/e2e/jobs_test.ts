import { assert, assertEquals, assertMatch } from "@std/assert";
import { Webhook } from "standardwebhooks";
import { scheduleJobs, type Stack } from "../../dev/stack.ts";
import { ApiUser, disposableStack, organization, type Reply } from "../helpers/api.ts";
import { type Received, startReceiver } from "../helpers/receiver.ts";

/** A call with a key, or with none. */
async function asOperator(
  stack: Stack,
  method: string,
  path: string,
  headers: Record<string, string> = { apikey: stack.secret_key },
): Promise<Reply> {
  const response = await fetch(stack.url + path, { method, headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const LOCAL = { secrets: { PHONELOG_WEBHOOK_HTTP: "1" } };
const NOBODY = "00000000-0000-7000-8000-000000000000";

async function threeUsers(stack: Stack): Promise<[ApiUser, ApiUser, ApiUser]> {
  return [
    await ApiUser.signUp(stack, "ann"),
    await ApiUser.signUp(stack, "bob"),
    await ApiUser.signUp(stack, "cal"),
  ];
}

Deno.test("Jobs take the secret key and nothing else", async () => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  const bearer = `Bearer ${ann.token}`;
  const callers: [string, Record<string, string>, number, string][] = [
    ["nobody", {}, 401, "not_authenticated"],
    ["a user", { authorization: bearer }, 403, "secret_key_required"],
    ["a user's token as key", { apikey: ann.token }, 403, "secret_key_required"],
    ["the publishable key", { apikey: stack.publishable_key }, 403, "secret_key_required"],
    ["a user with it", { apikey: stack.publishable_key, authorization: bearer }, 403, "secret_key_required"],
    ["a wrong secret", { apikey: `${stack.secret_key}x` }, 403, "secret_key_required"],
    [
      "the secret in the wrong place",
      { "x-api-key": stack.secret_key },
      401,
      "not_authenticated",
    ],
  ];
  for (const [who, headers, status, code] of callers) {
    for (const [method, path] of [["GET", "/api/jobs"], ["POST", "/api/jobs/expire_rows"]] as const) {
      const { status: got, body } = await asOperator(stack, method, path, headers);
      assertEquals([who, method, got, body.code], [who, method, status, code]);
    }
  }
  assertEquals(await stack.db.query("select from private.job_runs"), []);
  assertEquals((await asOperator(stack, "GET", "/api/jobs")).status, 200);
});

Deno.test("An SQL job runs, goes on while work is left, and leaves its history", async () => {
  await using stack = await disposableStack();
  await stack.db.exec(`
    create table private.probe (n integer);
    create function private.job_probe(deadline timestamptz) returns jsonb language plpgsql set search_path = '' as $$
    begin
      insert into private.probe values (1);
      return jsonb_build_object('rows', 1, 'more', (select count(*) < 5 from private.probe));
    end $$;
    insert into private.job_schedule (name, cron) values ('probe', '0 0 1 1 *');`);
  const ran = await asOperator(stack, "POST", "/api/jobs/probe");
  assertEquals(ran.status, 200);
  assertEquals(ran.body.data.result, { rows: 5, more: false });
  assertEquals(ran.body.data.attempt, 1);
  const listed = await asOperator(stack, "GET", "/api/jobs");
  const probe = listed.body.data.find(({ name }: { name: string }) => name === "probe");
  assertEquals(probe.runs.length, 1);
  assertEquals(probe.runs[0].state, "done");
  assertEquals(probe.runs[0].id, ran.body.data.id);

  const unknown = await asOperator(stack, "POST", "/api/jobs/nothing");
  assertEquals([unknown.status, unknown.body.code], [404, "job_not_found"]);
  const invalid = await asOperator(stack, "POST", "/api/jobs/probe'%3B--");
  assertEquals([invalid.status, invalid.body.code], [400, "validation_failed"]);
});

Deno.test("Of two runs at once one runs; a job that fails says why and nothing more", async () => {
  await using stack = await disposableStack();
  await stack.db.exec(`
    create function private.job_probe(deadline timestamptz) returns jsonb language plpgsql set search_path = '' as $$
    begin raise exception 'secret text' using errcode = 'XX999'; end $$;
    insert into private.job_schedule (name, kind, cron) values
      ('probe', 'sql', '0 0 1 1 *'), ('nowhere', 'function', '0 0 1 1 *');`);
  await stack.db.query("select private.start_job_run('probe')");
  const busy = await asOperator(stack, "POST", "/api/jobs/probe");
  assertEquals([busy.status, busy.body.code], [409, "job_running"]);
  await stack.db.exec("update private.job_runs set expires_at = now()");
  const failed = await asOperator(stack, "POST", "/api/jobs/probe");
  assertEquals([failed.status, failed.body.code], [500, "job_failed"]);
  assertEquals(failed.body.run.error_code, "XX999");
  assertMatch(failed.body.run.error_at, /^private\.job_probe/);
  assertEquals(failed.body.run.attempt, 2);
  assert(!JSON.stringify(failed.body).includes("secret text"));
  const missing = await asOperator(stack, "POST", "/api/jobs/nowhere");
  assertEquals(missing.body.run.error_code, "job_function_missing");
});

/** The demo organisation, whose events of five recent days were lost. */
async function demoWithGap() {
  const stack = await disposableStack({ demo: true, day: new Date().toISOString().slice(0, 10) });
  await stack.db.exec(
    "delete from public.events where ts > now() - interval '9 days' and ts < now() - interval '4 days'",
  );
  return stack;
}

Deno.test("Every job that has its function runs twice in a row on people's data, without harm", async () => {
  await using stack = await demoWithGap();
  const jobs = await stack.db.query<{ name: string }>(`
    select name from private.job_schedule
     where kind = 'function' or to_regprocedure('private.job_' || name || '(timestamptz)') is not null order by name`);
  // What the operator is told of this machine, such as that a statement was slow, is another matter.
  const state = () =>
    stack.db.query(
      `select (select count(*) from public.events) as events, (select count(*) from public.contacts) as contacts,
      (select count(*) from private.check_rollups()) as drift, (select count(*) from public.alerts where owner_id is not null) as alerts`,
    );
  for (const { name } of jobs) {
    const ran = await asOperator(stack, "POST", `/api/jobs/${name}`);
    assertEquals([name, ran.status, ran.body.data?.result.failed ?? 0], [name, 200, 0]);
  }
  const [once] = await state();
  assertEquals(once?.drift, 0);
  assert(Number(once?.alerts) > 0, "Five days are missing");
  await stack.db.exec("update private.scans set scanned_at = scanned_at - interval '8 days'");
  for (const { name } of jobs) {
    assertEquals([name, (await asOperator(stack, "POST", `/api/jobs/${name}`)).status], [name, 200]);
  }
  assertEquals(await state(), [once]);
});

Deno.test("The scans find for an owner what the API answers him, whoever else is there", async () => {
  await using stack = await demoWithGap();
  const owner = await stack.signIn("owner@demo.phonelog.test", "phonelog-demo");
  const from = new Date(Date.now() - 20 * 86_400_000).toISOString();
  const answer = await stack.fetch(`/api/analytics/gaps?from=${from}&min_hours=24`, {
    headers: { authorization: `Bearer ${owner.access_token}` },
  });
  const told = (await answer.json()).data.gaps
    .filter(({ verdict }: { verdict: string }) => verdict !== "quiet")
    .map(({ channel, start }: { channel: string; start: string }) => `${channel}|${start}`);
  await asOperator(stack, "POST", "/api/jobs/gap_scan");
  const alerts = await stack.db.query<{ key: string }>(
    "select dedup_key as key from public.alerts where kind = 'data_gap' and owner_id = $1 and occurred_at >= $2",
    [owner.user_id, from],
  );
  assert(told.length > 0);
  assertEquals(alerts.map(({ key }) => key).sort(), told.sort());
});

Deno.test("Alerts are read and acknowledged by whom they are for", async () => {
  await using stack = await disposableStack();
  const [ann, bob, cal] = await threeUsers(stack);
  const org = await organization(stack, { owner: ann, analyst: bob });
  for (const kind of ["first", "second", "third"]) {
    await stack.db.query("select private.raise_alert(null, $1, $2, 'warning', 'k', 'Title', '{}')", [
      org,
      kind,
    ]);
    // Two of one millisecond come in any order.
    await new Promise((wake) => setTimeout(wake, 2));
  }
  await stack.db.query("select private.raise_alert($1, null, 'own', 'info', 'k', 'Mine', '{}')", [bob.id]);
  const page = await ann.get("/api/admin/alerts?limit=2");
  assertEquals(page.body.data.map(({ kind }: { kind: string }) => kind), ["third", "second"]);
  assertEquals(page.body.meta.page.total, 3);
  const rest = await ann.get(`/api/admin/alerts?limit=2&cursor=${page.body.meta.page.next_cursor}`);
  assertEquals(rest.body.data.map(({ kind }: { kind: string }) => kind), ["first"]);
  assertEquals((await bob.get("/api/admin/alerts")).body.data.length, 1);
  assertEquals((await cal.get("/api/admin/alerts")).body.data, []);
  assertEquals((await cal.get(`/api/admin/alerts?organization_id=${org}`)).status, 404);
  assertEquals((await bob.get(`/api/admin/alerts?organization_id=${org}`)).status, 404);
  assertEquals((await ann.get("/api/admin/alerts?state=closed")).status, 400);

  const [{ id }] = page.body.data;
  const patch = (user: ApiUser, alert: string, json: unknown) =>
    user.call("PATCH", `/api/admin/alerts/${alert}`, { json });
  assertEquals((await patch(bob, id, { acknowledged: true })).status, 404);
  assertEquals((await patch(ann, NOBODY, { acknowledged: true })).status, 404);
  assertEquals((await patch(ann, id, { resolved: true })).status, 400);
  const done = await patch(ann, id, { acknowledged: true });
  assertEquals([done.status, done.body.data.acknowledged_by], [200, ann.id]);
  assertEquals((await ann.get("/api/admin/alerts?state=unacknowledged")).body.meta.page.total, 2);
  const nobody = await fetch(`${stack.url}/api/admin/alerts`, { headers: { apikey: stack.secret_key } });
  assertEquals(nobody.status, 401);
  await nobody.body?.cancel();
});

Deno.test("A webhook is told of new events and alerts, signed, once, and again where that failed", async () => {
  await using stack = await disposableStack(LOCAL);
  const ann = await ApiUser.signUp(stack, "ann");
  await using receiver = startReceiver((_, index) => new Response(null, { status: index === 0 ? 500 : 204 }));
  const made = await ann.post("/api/admin/webhooks", {
    url: `${receiver.url}/hook`,
    types: ["events.created", "alert.raised"],
    description: "Mine",
  });
  assertEquals(made.status, 201);
  const { id, secret } = made.body.data;
  assertMatch(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert(!JSON.stringify((await ann.get("/api/admin/webhooks")).body).includes("whsec_"), "Shown once");
  const dump = JSON.stringify(await stack.db.query("select to_jsonb(w) as w from private.webhooks as w"));
  assert(!dump.includes(secret.slice(6)), "Kept nowhere");

  const logged = await ann.log([1, 2].map((n) => ({
    ts: new Date(Date.now() - n * 3_600_000).toISOString(),
    number: "+4915112345678",
    type: "call",
    direction: "inbound",
    content: undefined,
  })));
  assertEquals((await asOperator(stack, "POST", "/api/jobs/webhooks")).body.data.result.failed, 1);
  assertEquals((await asOperator(stack, "POST", "/api/jobs/webhooks")).body.data.result.delivered, 0);
  await stack.db.exec("update private.webhook_messages set next_attempt_at = now()");
  assertEquals((await asOperator(stack, "POST", "/api/jobs/webhooks")).body.data.result.delivered, 1);
  assertEquals((await asOperator(stack, "POST", "/api/jobs/webhooks")).body.data.result.delivered, 0);
  const [first, second] = receiver.received as [Received, Received];
  assertEquals(receiver.received.length, 2);
  assertEquals([second.body, second.headers["webhook-id"]], [first.body, first.headers["webhook-id"]]);
  const message = new Webhook(secret).verify(second.body, second.headers) as {
    type: string;
    data: { user_id: string; event_ids: string[] };
  };
  assertEquals(message.type, "events.created");
  assertEquals(message.data, {
    user_id: ann.id,
    event_ids: logged.body.data.results.map((result: { id: string }) => result.id).sort(),
  });
  assert(!second.body.includes("15112345678"));

  await stack.db.query("select private.raise_alert($1, null, 'own', 'info', 'k', 'Title', '{}')", [ann.id]);
  await stack.db.query("select private.raise_alert($1, null, 'own', 'info', 'k', 'Title', '{}')", [ann.id]);
  const tested = await ann.call("POST", `/api/admin/webhooks/${id}/test`);
  assertEquals([tested.status, tested.body.data.type, tested.body.data.state], [
    201,
    "webhook.test",
    "pending",
  ]);
  const rotated = await ann.call("PATCH", `/api/admin/webhooks/${id}`, { json: { rotate_secret: true } });
  assert(rotated.body.data.secret !== secret);
  await asOperator(stack, "POST", "/api/jobs/webhooks");
  const types = receiver.received.slice(2).map(({ body, headers }) => {
    new Webhook(secret).verify(body, headers);
    return (new Webhook(rotated.body.data.secret).verify(body, headers) as { type: string }).type;
  });
  assertEquals(types.sort(), ["alert.raised", "webhook.test"]);

  const deliveries = await ann.get(`/api/admin/webhooks/${id}/deliveries?limit=2`);
  assertEquals(deliveries.body.data.map(({ state }: { state: string }) => state), ["delivered", "delivered"]);
  assertEquals(deliveries.body.meta.page.total, 3);
  const last = await ann.get(
    `/api/admin/webhooks/${id}/deliveries?limit=2&cursor=${deliveries.body.meta.page.next_cursor}`,
  );
  assertEquals(last.body.data[0].attempts, 2);
});

Deno.test("Webhooks are managed by whom they belong to, at addresses that may be", async () => {
  await using stack = await disposableStack();
  const [ann, bob, cal] = await threeUsers(stack);
  const org = await organization(stack, { admin: ann, member: bob });
  const url = "https://hooks.example.com/phonelog";
  const post = (user: ApiUser, json: unknown) => user.post("/api/admin/webhooks", json);
  const own = await post(bob, { url, types: ["events.created"] });
  const shared = await post(ann, { url, types: ["alert.raised"], organization_id: org });
  assertEquals([own.status, shared.status, shared.body.data.organization_id], [201, 201, org]);
  const refused: [ApiUser, Record<string, unknown>, number, string][] = [
    [bob, { organization_id: org, types: ["alert.raised"] }, 403, "role_insufficient"],
    [cal, { organization_id: org, types: ["alert.raised"] }, 404, "organization_not_found"],
    [ann, { organization_id: org, types: ["events.created"] }, 400, "validation_failed"],
    [ann, { types: [] }, 400, "validation_failed"],
    [ann, { types: ["alert.raised"], secret: "mine" }, 400, "validation_failed"],
    ...[
      "http://hooks.example.com/",
      "https://127.0.0.1/",
      "https://[::ffff:10.0.0.1]/",
      "https://db.internal/",
      "https://a@example.com/",
      "nonsense",
    ]
      .map((
        bad,
      ): [ApiUser, Record<string, unknown>, number, string] => [
        ann,
        { url: bad, types: ["alert.raised"] },
        400,
        "validation_failed",
      ]),
  ];
  for (const [user, json, status, code] of refused) {
    const reply = await post(user, { url, ...json });
    assertEquals([json, reply.status, reply.body.code], [json, status, code]);
  }
  for (
    const [user, id] of [[cal, own.body.data.id], [ann, own.body.data.id], [bob, shared.body.data.id], [
      ann,
      NOBODY,
    ]] as const
  ) {
    const path = `/api/admin/webhooks/${id}`;
    const replies = [
      await user.call("PATCH", path, { json: { enabled: false } }),
      await user.call("POST", `${path}/test`),
      await user.get(`${path}/deliveries`),
      await user.call("DELETE", path),
    ];
    assertEquals(
      replies.map((reply) => [reply.status, reply.body.code]),
      Array(4).fill([404, "webhook_not_found"]),
    );
  }
  const off = await bob.call("PATCH", `/api/admin/webhooks/${own.body.data.id}`, {
    json: { enabled: false, description: null },
  });
  assertEquals([off.body.data.enabled, off.body.data.url, "secret" in off.body.data], [false, url, false]);
  assertEquals(
    (await bob.call("POST", `/api/admin/webhooks/${own.body.data.id}/test`)).body.code,
    "webhook_disabled",
  );
  assertEquals(
    (await bob.call("PATCH", `/api/admin/webhooks/${own.body.data.id}`, {
      json: { url: "https://10.0.0.1/" },
    })).status,
    400,
  );
  assertEquals((await bob.call("DELETE", `/api/admin/webhooks/${own.body.data.id}`)).status, 200);
  assertEquals((await bob.get("/api/admin/webhooks")).body.data, []);
  assertEquals((await ann.get("/api/admin/webhooks")).body.data.length, 1);
  for (let n = 1; n < 10; n++) {
    assertEquals((await post(ann, { url, types: ["alert.raised"], organization_id: org })).status, 201);
  }
  assertEquals(
    (await post(ann, { url, types: ["alert.raised"], organization_id: org })).body.code,
    "webhook_limit_reached",
  );
});

Deno.test("The local scheduler starts what is due, and the stack still stops", async () => {
  await using stack = await disposableStack();
  await stack.db.exec(`
    create function private.job_probe(deadline timestamptz) returns jsonb language sql set search_path = '' as $$ select '{"n": 1}'::jsonb $$;
    delete from private.job_schedule;
    alter table private.job_schedule disable trigger job_schedule_set_updated_at;
    insert into private.job_schedule (name, cron, updated_at) values
      ('probe', '* * * * *', now() - interval '2 minutes'), ('never', '0 0 1 1 *', now());`);
  const log: string[] = [];
  const scheduler = scheduleJobs(stack.db, stack.fetch, (line) => log.push(line));
  await scheduler.tick();
  await scheduler.stop();
  assertEquals(await stack.db.query("select job, state, result from private.job_runs"), [
    { job: "probe", state: "done", result: { n: 1 } },
  ]);
  assertEquals(log, []);
});

Deno.test("Questions that wait for a vector get it from the model's server, later where that fails", async () => {
  let failing = true;
  await using model = startReceiver(({ body }) => {
    if (failing) return new Response(null, { status: 503 });
    const data = JSON.parse(body).input.map((_: string, index: number) => ({
      object: "embedding",
      index,
      embedding: Array.from({ length: 384 }, (_, place) => place === index ? 1 : 0.01),
    }));
    return Response.json({
      object: "list",
      model: "loopback",
      data,
      usage: { prompt_tokens: 1, total_tokens: 1 },
    });
  });
  await using stack = await disposableStack({
    secrets: { OPENAI_BASE_URL: model.url, OPENAI_EMBEDDING_MODEL: "loopback" },
  });
  const ann = await ApiUser.signUp(stack, "ann");
  assertEquals((await ann.post("/api/nlq/query", { question: "How many calls last week?" })).status, 200);
  const run = async () => (await asOperator(stack, "POST", "/api/jobs/embeddings")).body.data.result;
  assertEquals(await run(), { stored: 0, failed: 1, more: false });
  assertEquals(await run(), { stored: 0, failed: 0 });
  assertEquals(await stack.db.query("select attempts, last_error from private.embedding_queue"), [
    { attempts: 1, last_error: "unavailable" },
  ]);
  failing = false;
  await stack.db.exec("update private.embedding_queue set next_attempt_at = now()");
  assertEquals(await run(), { stored: 1, failed: 0, more: false });
  assertEquals(await stack.db.query("select user_id, model from public.nlq_embeddings"), [
    { user_id: ann.id, model: "loopback" },
  ]);
  assertEquals(await stack.db.query("select from private.embedding_queue"), []);
});
