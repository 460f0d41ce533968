import { assert, assertEquals, assertRejects } from "@std/assert";
import { createClient } from "redis";
import { readEnv } from "../../shared/env.ts";
import { openRedis } from "../../shared/cache/redis.ts";
import { type KeptVersion, type ResultStore, resultStores } from "../../shared/cache/result_store.ts";
import { hasRedis, startRedis } from "../helpers/redis.ts";

const ignore = !hasRedis();
const kept = (body: string, version = "v1"): KeptVersion => ({
  version,
  etag: 'W/"1"',
  type: "application/json",
  body,
});

function storesOf(variables: Record<string, string>): () => ResultStore {
  const stores = resultStores(readEnv({
    SUPABASE_URL: "http://127.0.0.1:1",
    SUPABASE_PUBLISHABLE_KEY: "p",
    SUPABASE_SECRET_KEY: "s",
    ...variables,
  }));
  if (stores === undefined) throw new Error("Nothing is kept");
  return stores;
}

const BUSY = `
local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
local over = now() + tonumber(ARGV[1])
while now() < over do end`;

/** Looks until Redis has answered once: a connection takes its time, and nobody waits longer than 50 ms for it. */
async function reached(openStore: () => ResultStore): Promise<void> {
  for (;;) {
    try {
      return void await openStore().look("first", "v1", 1);
    } catch {
      await new Promise((wake) => setTimeout(wake, 20));
    }
  }
}

/** How long it takes to fail. */
async function failing(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await assertRejects(work);
  return performance.now() - started;
}

Deno.test("An isolate keeps answers until their time is over or others need the room", async () => {
  const store = storesOf({ PHONELOG_RESULT_CACHE_MB: "1" })();
  await store.set("a", kept("x".repeat(400_000)), 60_000);
  await store.set("b", kept("y".repeat(400_000)), 60_000);
  assertEquals(((await store.look("a", "v1", 1)) as KeptVersion).body[0], "x");
  await store.set("c", kept("z".repeat(400_000)), 60_000);
  assertEquals([
    typeof await store.look("a", "v1", 1),
    await store.look("b", "v1", 1),
    typeof await store.look("c", "v1", 1),
  ], [
    "object",
    undefined,
    "object",
  ], "What was used last stays");
  await store.set("a", kept("short"), 60_000);
  await store.set("b", kept("y".repeat(500_000)), 60_000);
  assertEquals(typeof await store.look("c", "v1", 1), "object", "What is replaced makes room");
  await store.set("over", kept("old"), 0);
  assertEquals(await store.look("over", "v1", 1), undefined);
  await store.set("a", kept("new", "v2"), 60_000);
  assertEquals([await store.look("a", "v1", 1), (await store.ask("a")())?.body], [undefined, "new"]);
  await store.set("huge", kept("h".repeat(1_000_001)), 60_000);
  assertEquals(await store.look("huge", "v1", 1), undefined);
});

Deno.test("Nothing is kept where the operator says so", () => {
  assertEquals(
    resultStores(readEnv({
      SUPABASE_URL: "http://127.0.0.1:1",
      SUPABASE_PUBLISHABLE_KEY: "p",
      SUPABASE_SECRET_KEY: "s",
      PHONELOG_RESULT_CACHE_MB: "0",
      REDIS_URL: "redis://127.0.0.1:1",
    })),
    undefined,
  );
});

Deno.test("Redis keeps an answer as it is, for its time, and says who makes one", { ignore }, async () => {
  await using server = await startRedis();
  const openStore = storesOf({ REDIS_URL: server.url });
  const client = createClient({ url: server.url });
  try {
    await reached(openStore);
    await client.connect();
    assertEquals(await openStore().look("k", "v1", 5000), undefined);
    assertEquals(await openStore().look("k", "v1", 5000), "elsewhere");
    await openStore().release("k", "v1");
    assertEquals(await openStore().look("k", "v1", 5000), undefined);
    const answer = kept('{"data":"line\\none\u2028zwei 🎉"}\n\nrest');
    await openStore().set("k", answer, 600_000);
    assertEquals([await openStore().look("k", "v1", 5000), await openStore().ask("k")()], [answer, answer]);
    assert(await client.pTTL("phonelog:result:k") > 590_000);

    assertEquals(
      await openStore().look("k", "v", 5000),
      undefined,
      "An answer of another version is not taken",
    );
    assertEquals((await client.keys("*")).sort(), ["phonelog:making:k:v", "phonelog:result:k"]);
    for (const key of await client.keys("*")) assert(await client.pTTL(key) > 0, `${key} goes by itself`);
    await openStore().set("k", kept("new", "v"), 600_000);
    assertEquals(
      await openStore().look("k", "v1", 5000),
      undefined,
      "Nobody waits for what has been replaced",
    );

    await client.set("phonelog:result:cut", 'v1\nW/"1"\napplication/json');
    assertEquals([await openStore().ask("cut")(), await openStore().look("cut", "v1", 5000)], [
      undefined,
      undefined,
    ]);
  } finally {
    client.destroy();
    openRedis(server.url).close();
  }
});

Deno.test("A paused, killed or full Redis costs 50 ms at most, and is used again when it is back", {
  ignore,
}, async () => {
  await using server = await startRedis();
  const openStore = storesOf({ REDIS_URL: server.url });
  const client = createClient({ url: server.url });
  client.on("error", () => {});
  try {
    await reached(openStore);
    server.signal("SIGSTOP");
    const paused = await failing(() => openStore().look("k", "v1", 1000));
    assert(paused >= 45 && paused < 150, `${paused} ms`);
    const next = await failing(() => openStore().look("k", "v1", 1000));
    assert(next < 10, `The next one does not wait: ${next} ms`);
    server.signal("SIGCONT");
    await reached(openStore);

    await client.connect();
    await client.configSet("maxmemory", "1");
    const full = await failing(() => openStore().look("full", "v1", 1000));
    assert(full < 45, `${full} ms`);
    await client.configSet("maxmemory", "0");
    assertEquals(
      await openStore().look("full", "v1", 1000),
      undefined,
      "It was full, not slow: nobody has to rest",
    );

    await server.kill();
    const dead = await failing(() => openStore().look("k", "v1", 1000));
    assert(dead < 150, `${dead} ms`);
    await server.restart();
    await reached(openStore);
  } finally {
    client.destroy();
    openRedis(server.url).close();
  }
});

Deno.test("A request waits 50 ms in all, however often it asks", { ignore }, async () => {
  await using server = await startRedis();
  const openStore = storesOf({ REDIS_URL: server.url });
  /** Keeps the server busy for so long. */
  const busy = (ms: number) =>
    openRedis(server.url).run((client) => client.eval(BUSY, { arguments: [String(ms)] }), 1000);
  try {
    await reached(openStore);
    await openStore().set("k", kept("body"), 60_000);
    const ahead = busy(80);
    const last = openStore().ask("k");
    await ahead;
    assertEquals(await last(), kept("body"), "What is done meanwhile is not waiting");
    const store = openStore();
    await Promise.all([busy(25), store.ask("k")()]);
    const [, left] = await Promise.all([busy(45), failing(() => store.look("k", "v1", 1000))]);
    assert(left < 45, `${left} ms`);
    await reached(openStore);
  } finally {
    openRedis(server.url).close();
  }
});
