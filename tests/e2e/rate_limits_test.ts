import { assert, assertEquals, assertMatch } from "@std/assert";
import { platformVariables } from "../../dev/surfaces.ts";
import { ApiUser, callWithKey, disposableStack, organization, type Reply } from "../helpers/api.ts";
import { startFunction } from "../helpers/processes.ts";

/** So few tokens come back in an hour that none does while a test runs. */
const limits = (text: string) => ({ secrets: { PHONELOG_RATE_LIMITS: text } });

function tally(replies: readonly Reply[]): Record<number, number> {
  const statuses: Record<number, number> = {};
  for (const { status } of replies) statuses[status] = (statuses[status] ?? 0) + 1;
  return statuses;
}

const times = <T>(n: number, fn: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: n }, (_, i) => fn(i)));

Deno.test("Of 50 requests at once a limit of 20 lets exactly 20 through, and each person has his own", async () => {
  await using stack = await disposableStack(limits("user=20/3600,address=1000/3600"));
  const ann = await ApiUser.signUp(stack, "ann");
  const ben = await ApiUser.signUp(stack, "ben");
  const replies = await times(50, () => ann.get("/api/events"));
  assertEquals(tally(replies), { 200: 20, 429: 30 });
  const refused = replies.find((reply) => reply.status === 429);
  assertEquals([refused?.body.code, refused?.body.status], ["rate_limited", 429]);
  assertMatch(refused?.headers.get("retry-after") ?? "", /^(1[78]\d)$/);
  assertEquals((await ben.get("/api/events")).status, 200);
});

Deno.test("Every answer states the limits, and what was refused cost nothing", async () => {
  await using stack = await disposableStack(limits("user=10/3600,address=12/3600"));
  const ann = await ApiUser.signUp(stack, "ann");
  const ben = await ApiUser.signUp(stack, "ben");
  const first = await ann.get("/api/events");
  assertEquals(first.headers.get("ratelimit-policy"), `"user";q=10;w=3600, "address";q=12;w=3600`);
  assertEquals(first.headers.get("ratelimit"), `"user";r=9;t=360, "address";r=11;t=300`);
  const cached = await ann.get("/api/events", { "if-none-match": first.headers.get("etag") ?? "" });
  assertEquals([cached.status, cached.headers.get("ratelimit")], [
    304,
    `"user";r=8;t=720, "address";r=10;t=600`,
  ]);
  const missing = await ann.get("/api/events/none");
  assertEquals([missing.status, missing.headers.get("ratelimit")], [
    400,
    `"user";r=7;t=1080, "address";r=9;t=900`,
  ]);
  // Ten tokens for a question are more than are left.
  const dear = await ann.post("/api/nlq/query", { question: "How many calls today?" });
  assertEquals([dear.status, dear.headers.get("ratelimit")], [429, `"user";r=7;t=1080, "address";r=9;t=900`]);
  assertEquals(Number(dear.headers.get("retry-after")) > 1000, true);
  assertEquals(
    (await ann.get("/api/events")).headers.get("ratelimit"),
    `"user";r=6;t=1440, "address";r=8;t=1200`,
  );
  // The address runs out for both, and the person whose turn it is not loses nothing.
  assertEquals(tally(await times(9, () => ben.get("/api/events"))), { 200: 8, 429: 1 });
  const shared = await ann.get("/api/events");
  assertEquals([shared.status, shared.body.detail], [
    429,
    "Too many requests: the limit of the address is reached",
  ]);
  assertMatch(shared.headers.get("ratelimit") ?? "", /^"user";r=6;/);
});

Deno.test("What costs more than the limit can be asked for when the bucket is full", async () => {
  await using stack = await disposableStack(limits("user=4/3600"));
  const ann = await ApiUser.signUp(stack, "ann");
  assertEquals(
    (await ann.get("/api/analytics/quality")).headers.get("ratelimit")?.startsWith(`"user";r=0;`),
    true,
  );
  assertEquals((await ann.get("/api/analytics/quality")).status, 429);
});

Deno.test("A browser may read the limits, and a key may come from one", async () => {
  await using stack = await disposableStack();
  const response = await fetch(`${stack.url}/api/events`, {
    headers: { origin: "https://app.example.test" },
  });
  await response.body?.cancel();
  const exposed = response.headers.get("access-control-expose-headers") ?? "";
  for (const name of ["ratelimit", "ratelimit-policy", "retry-after"]) {
    assert(exposed.split(",").includes(name));
  }
  const preflight = await fetch(`${stack.url}/api/events`, {
    method: "OPTIONS",
    headers: { origin: "https://app.example.test", "access-control-request-method": "GET" },
  });
  assert(preflight.headers.get("access-control-allow-headers")?.split(",").includes("x-api-key"));
});

Deno.test("An organisation sets the limits of its members and of their keys", async () => {
  await using stack = await disposableStack(limits("user=1000/3600,key=1000/3600,address=1000/3600"));
  const ann = await ApiUser.signUp(stack, "ann");
  const ben = await ApiUser.signUp(stack, "ben");
  const eve = await ApiUser.signUp(stack, "eve");
  const organization_id = await organization(stack, { owner: ann, member: ben });
  const set = (who: ApiUser, values: Record<string, unknown>) =>
    who.post("/rest/v1/rpc/set_rate_limits", { organization_id, ...values });
  assertEquals((await set(ben, { user_limit: 9999 })).body.message, "role_insufficient");
  assertEquals((await set(eve, { user_limit: 9999 })).body.message, "organization_not_found");
  assertEquals((await set(ann, { user_limit: 0 })).body.message, "validation_failed");
  assertEquals((await set(ann, { user_limit: 3, key_limit: 2, window_seconds: 7200 })).status, 204);
  assertEquals(
    (await ben.get("/api/events")).headers.get("ratelimit-policy")?.split(",")[0],
    `"user";q=3;w=7200`,
  );
  assertEquals(
    (await eve.get("/api/events")).headers.get("ratelimit-policy")?.split(",")[0],
    `"user";q=1000;w=3600`,
  );
  const { body } = await ann.post("/api/keys", { name: "k", scopes: ["events:read"] });
  const replies = [1, 2, 3].map(() => callWithKey(stack, body.data.key, "GET", "/api/events"));
  assertEquals(tally(await Promise.all(replies)), { 429: 3 });
  await stack.db.query("truncate private.rate_limits");
  const again = [1, 2, 3].map(() => callWithKey(stack, body.data.key, "GET", "/api/events"));
  assertEquals(tally(await Promise.all(again)), { 200: 2, 429: 1 });
  // Who is in a second organisation has the more generous limits.
  await organization(stack, { member: ben });
  await stack.db.query(
    `insert into public.rate_limit_settings (organization_id, user_limit, window_seconds)
     select organization_id, 50, 60 from public.org_members where user_id = $1 and organization_id <> $2`,
    [ben.id, organization_id],
  );
  assertEquals(
    (await ben.get("/api/events")).headers.get("ratelimit-policy")?.split(",")[0],
    `"user";q=50;w=60`,
  );
});

Deno.test("When nothing counts, cheap routes are open and expensive ones closed", async () => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  const { body } = await ann.post("/api/keys", { name: "k", scopes: ["events:read"] });
  await stack.db.exec(
    "do $$ begin execute 'revoke execute on function ' || (select oid::regprocedure from pg_proc where proname = 'admit_request' and pronamespace = 'public'::regnamespace) || ' from service_role'; end $$",
  );
  const cheap = await ann.get("/api/events");
  assertEquals([cheap.status, cheap.headers.get("ratelimit")], [200, null]);
  const dear = await ann.post("/api/nlq/query", { question: "How many calls today?" });
  assertEquals([dear.status, dear.body.code], [503, "rate_limit_unavailable"]);
  assert(dear.headers.has("retry-after"));
  assertEquals((await callWithKey(stack, body.data.key, "GET", "/api/events")).status >= 500, true);
});

Deno.test("The limits can be switched off", async () => {
  await using stack = await disposableStack(limits("off"));
  const ann = await ApiUser.signUp(stack, "ann");
  const reply = await ann.get("/api/events");
  assertEquals([reply.status, reply.headers.get("ratelimit")], [200, null]);
  const [found] = await stack.db.query<{ buckets: number }>(
    "select count(*)::int as buckets from private.rate_limits",
  );
  assertEquals(found?.buckets, 0);
});

Deno.test("A client cannot choose its address: only what the platform wrote counts", async () => {
  await using stack = await disposableStack();
  const users = await times(4, (i) => ApiUser.signUp(stack, `user${i}`));
  const fn = await startFunction("events", {
    ...platformVariables(stack.url, stack.keys, { PHONELOG_RATE_LIMITS: "address=3/3600" }),
  });
  try {
    const ask = async (token: string, forwarded_for: string) => {
      const response = await fetch(`${fn.url}/events`, {
        headers: { authorization: `Bearer ${token}`, "x-forwarded-for": forwarded_for },
      });
      await response.body?.cancel();
      return response.status;
    };
    const made_up = users.map(({ token }, i) => ask(token, `198.51.100.${i}, 203.0.113.7`));
    assertEquals((await Promise.all(made_up)).sort(), [200, 200, 200, 429]);
    assertEquals(await ask(users[0]?.token ?? "", "203.0.113.7, 203.0.113.8"), 200);
    const buckets = await stack.db.query<{ bucket: string }>(
      "select bucket from private.rate_limits where bucket like 'address:%' order by bucket",
    );
    assertEquals(buckets.map(({ bucket }) => bucket), ["address:203.0.113.7", "address:203.0.113.8"]);
  } finally {
    await fn.end("SIGTERM");
  }
});

Deno.test("Tokens and keys that are made up are charged to the address they come from", async () => {
  await using stack = await disposableStack(limits("address=5/3600"));
  const ann = await ApiUser.signUp(stack, "ann");
  const forged = () => ann.withToken(`${ann.token}x`).get("/api/events");
  assertEquals((await forged()).headers.get("ratelimit")?.startsWith(`"address";r=4;`), true);
  assertEquals((await callWithKey(stack, "plk_typo", "GET", "/api/events")).status, 401);
  assertEquals(tally(await times(6, forged)), { 401: 3, 429: 3 });
  // Without any there is nothing to try out.
  const anonymous = await fetch(`${stack.url}/api/events`);
  await anonymous.body?.cancel();
  assertEquals(anonymous.status, 401);
  const noted = await stack.db.query<{ n: number }>(
    "select count(*)::int as n from public.audit_log where action = 'auth.failed'",
  );
  // Noted once a second by each isolate, however many come.
  const rows = noted[0]?.n ?? 0;
  assert(rows >= 1 && rows <= 5, `${rows} noted`);
});

Deno.test("Buckets that are full again are forgotten by the job, others are kept", async () => {
  await using stack = await disposableStack(limits("user=100/3600,address=1000000/1"));
  const ann = await ApiUser.signUp(stack, "ann");
  await ann.get("/api/events");
  const job = () =>
    stack.db.query<{ result: { deleted: number } }>(
      "select private.job_expire_rate_limits(now() + interval '1 minute') as result",
    );
  assertEquals((await job())[0]?.result.deleted, 1);
  assertEquals((await job())[0]?.result.deleted, 0);
  const left = await stack.db.query<{ bucket: string }>("select bucket from private.rate_limits");
  assertEquals(left.map(({ bucket }) => bucket), [`user:${ann.id}`]);
});
