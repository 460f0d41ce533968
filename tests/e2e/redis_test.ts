import { assert, assertEquals } from "@std/assert";
import { createClient } from "redis";
import { ApiUser, callWithKey, disposableStack } from "../helpers/api.ts";
import { hasRedis, startRedis } from "../helpers/redis.ts";
import { type Bucket, type Verdict } from "../../shared/limits/rate_limit.ts";
import { redisBuckets } from "../../shared/limits/redis_buckets.ts";

const ignore = !hasRedis();

const bucket = (name: string, limit = 20, window = 3600): Bucket => ({ name, bucket: name, limit, window });
const allowed = (verdicts: readonly (readonly Verdict[])[]) =>
  verdicts.filter((each) => each.every((verdict) => verdict.allowed)).length;

/** Asks until Redis has answered once: a connection takes its time, and nobody waits longer than 50 ms for it. */
async function reached(buckets: ReturnType<typeof redisBuckets>): Promise<void> {
  for (;;) {
    try {
      return void await buckets.charge([bucket("first")], 1);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

Deno.test(
  "Redis: of 50 charges at once a limit of 20 allows exactly 20, all buckets or none",
  { ignore },
  async () => {
    await using server = await startRedis();
    const buckets = redisBuckets(server.url);
    try {
      await reached(buckets);
      const both = [bucket("user"), bucket("address", 30)];
      const verdicts = await Promise.all(Array.from({ length: 50 }, () => buckets.charge(both, 1)));
      assertEquals(allowed(verdicts), 20);
      // The refused took nothing from the address: ten of thirty are left.
      const [address] = await buckets.charge([bucket("address", 30)], 1);
      assertEquals([address?.remaining, address?.reset, address?.retry_after], [9, 2520, 0]);
      const [user] = await buckets.charge([bucket("user")], 2);
      assertEquals([user?.allowed, user?.remaining, user?.limit, user?.window], [false, 0, 20, 3600]);
      assert((user?.retry_after ?? 0) > 350 && (user?.retry_after ?? 0) <= 360);
      const [dear] = await buckets.charge([bucket("dear", 3)], 10);
      assertEquals([dear?.allowed, dear?.remaining], [true, 0]);
    } finally {
      buckets.close();
    }
  },
);

Deno.test("Redis: tokens come back with time, and not beyond the limit", { ignore }, async () => {
  await using server = await startRedis();
  const buckets = redisBuckets(server.url);
  const client = createClient({ url: server.url });
  try {
    await reached(buckets);
    await client.connect();
    /** As if the last charge had been so long ago. */
    const age = async (seconds: number) => {
      const key = "phonelog:limit:aging";
      const at = Number(await client.hGet(key, "charged_at"));
      await client.hSet(key, "charged_at", String(at - seconds));
    };
    const aging = bucket("aging", 36, 3600);
    assertEquals((await buckets.charge([aging], 36))[0]?.remaining, 0);
    await age(1000);
    assertEquals((await buckets.charge([aging], 4))[0]?.remaining, 6);
    await age(7200);
    assertEquals((await buckets.charge([aging], 0))[0]?.remaining, 36);
    const seconds = await client.ttl("phonelog:limit:aging");
    assert(seconds >= 0 && seconds <= 2, "A full bucket is forgotten");
  } finally {
    client.destroy();
    buckets.close();
  }
});

Deno.test("With REDIS_URL Redis counts; when it is killed, paused or comes back no request is lost", {
  ignore,
}, async () => {
  await using server = await startRedis();
  await using stack = await disposableStack({
    secrets: { REDIS_URL: server.url, PHONELOG_RATE_LIMITS: "user=200/3600,key=200/3600,address=400/3600" },
  });
  const buckets = redisBuckets(server.url);
  try {
    await reached(buckets);
    const ann = await ApiUser.signUp(stack, "ann");
    const { body } = await ann.post("/api/keys", { name: "k", scopes: ["events:read"] });
    const inPostgres = async () =>
      (await stack.db.query<{ n: number }>("select count(*)::int as n from private.rate_limits"))[0]?.n;
    const remaining = async () =>
      Number(/"user";r=(\d+)/.exec((await ann.get("/api/events")).headers.get("ratelimit") ?? "")?.[1]);

    assertEquals([await remaining(), await inPostgres()], [194, 0]);
    const by_key = await callWithKey(stack, body.data.key, "GET", "/api/events");
    assertEquals([by_key.status, by_key.headers.get("ratelimit")?.includes('"key";r=199')], [200, true]);
    assertEquals((await callWithKey(stack, `${body.data.key}x`, "GET", "/api/events")).status, 401);

    // Killed while requests are under way: Postgres goes on with buckets of its own.
    const under_way = Array.from({ length: 30 }, async (_, i) => {
      if (i === 10) await server.kill();
      return (await ann.get("/api/events")).status;
    });
    assertEquals((await Promise.all(under_way)).filter((status) => status !== 200), []);
    assertEquals((await callWithKey(stack, body.data.key, "GET", "/api/events")).status, 200);
    assert((await inPostgres() ?? 0) > 0);

    await server.restart();
    await reached(buckets);
    assertEquals(await remaining(), 199);

    // Paused: it takes the connection and says nothing.
    server.signal("SIGSTOP");
    const paused = await Promise.all(Array.from({ length: 10 }, () => ann.get("/api/events")));
    assertEquals(paused.filter((reply) => reply.status !== 200).length, 0);
    server.signal("SIGCONT");
    await reached(buckets);
    assertEquals((await ann.get("/api/events")).status, 200);
  } finally {
    buckets.close();
  }
});

Deno.test("A Redis that never was costs a request at most 50 ms, once", async () => {
  const buckets = redisBuckets("redis://127.0.0.1:1");
  try {
    const started = performance.now();
    for (let i = 0; i < 20; i++) {
      assertEquals(
        await buckets.charge([bucket("user")], 1).then(() => "answered", () => "failed"),
        "failed",
      );
    }
    // Room for a busy machine: without the rest after a failure it would be 1,000 ms.
    assert(performance.now() - started < 500);
  } finally {
    buckets.close();
  }
});
