import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createClient } from "redis";
import { platformVariables } from "../../dev/surfaces.ts";
import { createApp } from "../../functions/dashboard/app.ts";
import { readEnv } from "../../shared/env.ts";
import { openRedis } from "../../shared/cache/redis.ts";
import { PATIENCE_MS } from "../../shared/cache/result_cache.ts";
import { ApiUser, disposableStack, organization, type Reply } from "../helpers/api.ts";
import { hasRedis, startRedis } from "../helpers/redis.ts";

const PERIOD = "from=2026-05-01T00:00:00Z&to=2026-05-08T00:00:00Z";
const METRICS = `/api/dashboard/metrics?${PERIOD}`;
const call = (ts: string, number = "+447700900001") => ({
  ts,
  number,
  type: "call",
  direction: "inbound",
  status: "answered",
  duration: 60,
});

/** The functions of the database that a request waited for. */
function asked(reply: { headers: Headers }): string[] {
  return [...(reply.headers.get("server-timing") ?? "").matchAll(/(\w+);dur=[^,]*?;desc="database"/g)].map((
    [, name = ""],
  ) => name);
}

/** Asks again: the minute may have changed between two requests, but not twice. */
async function again(ask: () => Promise<Reply>): Promise<Reply> {
  const second = await ask();
  return second.body.meta?.cache === "hit" ? second : await ask();
}

Deno.test("Answers are kept until the data changes", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann", { time_zone: "Europe/Berlin" });
  const ben = await ApiUser.signUp(stack, "ben");
  const team = await organization(stack, { owner: ann, member: ben });
  await ann.log([call("2026-05-01T10:00:00Z"), call("2026-05-02T10:00:00Z")]);
  const [contact] = await stack.db.query<{ id: string }>(
    "select id from public.contacts where user_id = $1",
    [
      ann.id,
    ],
  );
  const rest = (method: string, path: string, json: unknown) =>
    ann.call(method, `/rest/v1/${path}`, { json });

  await t.step("The second answer is the first, and the database was not asked for its figures", async () => {
    const first = await ann.get(METRICS);
    const second = await ann.get(METRICS);
    assertEquals([first.body.meta.cache, second.body.meta.cache], ["miss", "hit"]);
    assertEquals(second.body.data, first.body.data);
    assertEquals(second.headers.get("etag"), first.headers.get("etag"));
    assertEquals(second.headers.get("content-type"), first.headers.get("content-type"));
    assertEquals(second.headers.get("cache-control"), "private, no-cache");
    assertEquals([asked(first), asked(second)], [
      ["get_data_version", "get_dashboard_metrics"],
      ["get_data_version"],
    ]);
    const unchanged = await ann.get(METRICS, { "if-none-match": first.headers.get("etag") ?? "" });
    assertEquals([unchanged.status, unchanged.body, asked(unchanged)], [304, "", ["get_data_version"]]);
    assertEquals((await ann.call("HEAD", METRICS)).headers.get("etag"), first.headers.get("etag"));
  });

  await t.step("The order of parameters does not matter, their values do", async () => {
    const cache = async (path: string, user = ann) => (await user.get(path)).body.meta.cache;
    assertEquals(
      await cache("/api/dashboard/metrics?to=2026-05-08T00:00:00Z&from=2026-05-01T00:00:00Z"),
      "hit",
    );
    assertEquals(await cache(`${METRICS}&time_zone=Asia/Kathmandu`), "miss");
    assertEquals(await cache(`${METRICS}&granularity=month`), "miss");
    assertEquals(await cache(`${METRICS}&user_id=${ann.id}`, ben), "miss");
    assertEquals(await cache(METRICS, ben), "miss");
    assertEquals((await ben.get(METRICS)).body.data.total_events, 0);
  });

  await t.step("A person and their key ask the same in turns, and both get hits", async () => {
    const made = await ann.post("/api/keys", { name: "A program", scopes: ["analytics:read"] });
    for (const state of ["miss", "hit"]) {
      for (const headers of [{}, { "x-api-key": made.body.data.key }]) {
        const { body } = await ann.get(`${METRICS}&compare=none`, headers);
        assertEquals([body.meta.cache, body.data.total_events], [state, 2]);
      }
    }
  });

  await t.step("Each write is seen by the next read, through whichever door it came", async () => {
    const total = async (user = ann, path = METRICS) => {
      const { body } = await user.get(path);
      return [body.meta.cache, body.data.total_events ?? body.data.totals.total_events];
    };
    const of_ann = `${METRICS}&user_id=${ann.id}`;
    const board = `/api/dashboard/team?${PERIOD}`;
    for (const ask of [() => total(), () => total(ben, of_ann), () => total(ben, board)]) {
      await ask();
      assertEquals(await ask(), ["hit", 2]);
    }
    const logged = await ann.log([call("2026-05-03T10:00:00Z")]);
    assertEquals([await total(), await total(ben, of_ann), await total(ben, board)], [
      ["miss", 3],
      ["miss", 3],
      ["miss", 3],
    ]);
    await ann.call("DELETE", `/api/events/${logged.body.data.results[0].id}`);
    assertEquals([await total(), await total(ben, of_ann), await total(ben, board)], [
      ["miss", 2],
      ["miss", 2],
      ["miss", 2],
    ]);
    assertEquals(await total(), ["hit", 2]);
    await rest("PATCH", `profiles?user_id=eq.${ann.id}`, { time_zone: "Asia/Kathmandu" });
    const { body } = await ann.get(METRICS);
    assertEquals([body.meta.cache, body.data.time_zone], ["miss", "Asia/Kathmandu"]);
    assertEquals((await total(ben, of_ann))[0], "hit", "Ann's zone is nothing to Ben");
    const top = async () => (await ann.get(METRICS)).body.data.top_contact.name;
    await ann.call("PATCH", `/api/contacts/${contact?.id}`, { json: { name: "Opal" } });
    assertEquals([await top(), (await ben.get(of_ann)).body.data.top_contact.name], ["Opal", "Opal"]);
  });

  await t.step("A rule of privacy is in force with the next read", async () => {
    const of_ann = async () => (await ben.get(`${METRICS}&user_id=${ann.id}`)).body.data.total_events;
    const intelligence = `/api/contacts/${contact?.id}/intelligence`;
    assertEquals([await of_ann(), (await ben.get(intelligence)).status], [2, 200]);
    const rule = { user_id: ann.id, contact_id: contact?.id, visibility: "private" };
    assertEquals((await rest("POST", "privacy_rules", rule)).status, 201);
    assertEquals([await of_ann(), (await ben.get(intelligence)).status], [0, 404]);
    await ann.log([call("2026-05-04T10:00:00Z")]);
    const unseen = await ben.get(`${METRICS}&user_id=${ann.id}`);
    assertEquals([unseen.body.meta.cache, unseen.body.data.total_events], ["hit", 0], "Ben cannot tell");
    await rest("PATCH", `privacy_rules?contact_id=eq.${contact?.id}`, { visibility: "team" });
    assertEquals([await of_ann(), (await ben.get(intelligence)).status], [3, 200]);
  });

  await t.step("Every route that costs much keeps its answers, as CSV, too", async () => {
    const paths = [
      METRICS,
      "/api/dashboard/metrics",
      "/api/dashboard/heatmap",
      "/api/dashboard/team",
      "/api/analytics/trends?metric=total_calls",
      "/api/analytics/gaps",
      "/api/analytics/anomalies",
      "/api/analytics/quality",
      "/api/analytics/predictions",
      `/api/analytics/predictions?contact_id=${contact?.id}`,
      `/api/contacts/${contact?.id}/intelligence`,
      `/api/contacts/${contact?.id}/relationships`,
    ];
    for (const path of paths) {
      await ann.get(path);
      const hit = await again(() => ann.get(path));
      assertEquals([path, hit.status, hit.body.meta.cache, asked(hit)], [path, 200, "hit", [
        "get_data_version",
      ]]);
    }
    const table = `/api/analytics/trends?${PERIOD}&metric=total_calls&format=csv`;
    const first = await ann.get(table);
    const second = await ann.get(table);
    assertEquals([second.body, second.headers.get("content-type")], [first.body, "text/csv; charset=utf-8"]);
    assertEquals([asked(first).length, asked(second)], [2, ["get_data_version"]]);
  });

  await t.step("A refusal is the route's own, and is not kept", async () => {
    const viv = await ApiUser.signUp(stack, "viv");
    const of = async (user: ApiUser, path: string) => {
      const { status, body } = await user.get(path);
      return [status, body.code];
    };
    assertEquals(await of(viv, `${METRICS}&user_id=${ann.id}`), [404, "user_not_found"]);
    assertEquals(await of(viv, "/api/dashboard/team"), [404, "organization_not_found"]);
    assertEquals(await of(viv, `/api/contacts/${contact?.id}/relationships`), [404, "contact_not_found"]);
    await stack.db.query(
      "insert into public.org_members (organization_id, user_id, role) values ($1, $2, 'viewer')",
      [
        team,
        viv.id,
      ],
    );
    assertEquals(await of(viv, `${METRICS}&user_id=${ann.id}`), [403, "role_insufficient"]);
    assertEquals((await viv.get("/api/dashboard/team")).status, 200);
    for (const query of ["user_id=x", "from=x", "nonsense=1", "granularity=decade", `to=yesterday`]) {
      const { status, body } = await ann.get(`/api/dashboard/metrics?${query}`);
      assertEquals([status, body.code, body.errors[0].path], [400, "validation_failed", query.split("=")[0]]);
    }
    assertEquals(await of(ann, "/api/dashboard/metrics?from=2026-05-08T00:00:00Z&to=2026-05-01T00:00:00Z"), [
      400,
      "range_invalid",
    ]);
    assertEquals((await fetch(`${stack.url}${METRICS}`)).status, 401);
  });

  await t.step("Who leaves, or gets a lower role, is not answered from before", async () => {
    const board = `/api/dashboard/team?${PERIOD}`;
    await stack.db.query("update public.org_members set role = 'analyst' where user_id = $1", [ben.id]);
    await ben.get(board);
    assertEquals((await ben.get(board)).body.meta.cache, "hit");
    assert((await ben.get(board)).body.data.leaderboard.length > 0);
    await stack.db.query("update public.org_members set role = 'viewer' where user_id = $1", [ben.id]);
    assertEquals((await ben.get(board)).body.data.leaderboard, null);
    assertEquals((await ben.get(`${METRICS}&user_id=${ann.id}`)).status, 403);
    await stack.db.query("delete from public.org_members where user_id = $1", [ben.id]);
    assertEquals((await ben.get(board)).status, 404);
    assertEquals((await ben.get(`${METRICS}&user_id=${ann.id}`)).status, 404);
  });
});

Deno.test("Without a cache the answers are the same and say so", async () => {
  await using stack = await disposableStack({
    secrets: { PHONELOG_RESULT_CACHE_MB: "0" },
    surfaces: ["dashboard"],
  });
  const ann = await ApiUser.signUp(stack, "ann");
  for (let n = 0; n < 2; n++) {
    const reply = await ann.get(METRICS);
    assertEquals([reply.body.meta, asked(reply)], [{ cache: "off" }, ["get_dashboard_metrics"]]);
  }
});

Deno.test("Isolates share Redis: one of them makes an answer, and nothing in it names anybody", {
  ignore: !hasRedis(),
}, async () => {
  await using stack = await disposableStack({ surfaces: ["events"] });
  await using redis = await startRedis();
  const client = createClient({ url: redis.url });
  client.on("error", () => {});
  await client.connect();
  try {
    const ann = await ApiUser.signUp(stack, "ann");
    await ann.log([call("2026-05-01T10:00:00Z")]);
    const env = readEnv(platformVariables(stack.url, stack.keys, { REDIS_URL: redis.url }));
    const isolates = [createApp(env), createApp(env)];
    const request = async (n: number, query: string, headers: Record<string, string> = {}) => {
      const isolate = isolates[n % isolates.length];
      if (isolate === undefined) throw new Error("No isolate");
      return await isolate.request(`/dashboard/metrics?${query}`, {
        headers: { authorization: `Bearer ${ann.token}`, ...headers },
      });
    };
    const ask = async (n: number, query = PERIOD) => {
      const response = await request(n, query);
      assertEquals(response.status, 200);
      return await response.json();
    };
    /** Asks until Redis has answered in time. */
    const askInReach = async (n: number, query = PERIOD) => {
      for (;;) {
        const answer = await ask(n, query);
        if (answer.meta.cache !== "off") return answer;
      }
    };
    await askInReach(0);
    const askAtOnce = async (time_zone: string) => {
      const started = performance.now();
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, n) => ask(n, `${PERIOD}&time_zone=${time_zone}`)),
      );
      return { answers, ms: performance.now() - started };
    };
    // A machine that is busy may keep Redis, or the making of an answer, waiting for longer than anybody waits for it.
    let { answers: parallel, ms } = await askAtOnce("Asia/Tokyo");
    for (const time_zone of Intl.supportedValuesOf("timeZone").slice(0, 40)) {
      if (ms < PATIENCE_MS && parallel.every(({ meta }) => meta.cache !== "off")) break;
      await askInReach(0);
      ({ answers: parallel, ms } = await askAtOnce(time_zone));
    }
    assertEquals(parallel.filter(({ meta }) => meta.cache !== "hit").map(({ meta }) => meta.cache), ["miss"]);
    assertEquals(new Set(parallel.map(({ data }) => JSON.stringify(data))).size, 1);
    assertEquals((await askInReach(1)).meta.cache, "hit");

    // The limits have theirs beside them, named after whom they limit.
    const keys = (await client.keys("*")).filter((key) => !key.startsWith("phonelog:limit:"));
    assert(keys.length >= 2);
    assertEquals(keys.filter((key) => !/^phonelog:(result|making)(:[0-9a-f]{64}){1,2}$/.test(key)), []);
    for (const key of keys) {
      const left_ms = await client.pTTL(key);
      assert(left_ms > 0 && left_ms <= 600_000, `${key} is gone in ${left_ms} ms`);
    }
    const open = "from=2026-05-01T00:00:00Z&granularity=month";
    await askInReach(0, open);
    const [until_now] = (await client.keys("phonelog:result:*")).filter((key) => !keys.includes(key));
    assertNotEquals(until_now, undefined);
    assert(await client.pTTL(until_now ?? "") <= 60_000, "What depends on the time is kept for a minute");

    const { headers } = await request(0, PERIOD);
    const unchanged = { "if-none-match": headers.get("etag") ?? "" };
    assertEquals((await request(1, PERIOD, unchanged)).status, 304);
    for (const key of await client.keys("phonelog:result:*")) {
      const whole = await client.get(key) ?? "";
      await client.set(key, whole.split("\n").slice(0, -1).join("\n"), { PX: 60_000 });
    }
    const { meta, data } = await askInReach(1);
    assertEquals([meta.cache, data.total_events], ["miss", 1], "What has lost its body is made anew");
    assertEquals((await request(0, PERIOD, unchanged)).status, 304);

    await redis.kill();
    assertEquals([(await ask(0)).meta.cache, (await ask(1)).meta.cache], ["off", "off"]);
    await redis.restart();
    await askInReach(0);
    assertEquals((await askInReach(1)).meta.cache, "hit");
  } finally {
    client.destroy();
    openRedis(redis.url).close();
  }
});
