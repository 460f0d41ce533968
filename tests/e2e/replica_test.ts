import { assert, assertEquals, assertGreater, assertLess, equal } from "@std/assert";
import { openDatabase } from "../../dev/database.ts";
import { platformVariables } from "../../dev/surfaces.ts";
import { createApp as createAnalytics } from "../../functions/analytics/app.ts";
import { createApp as createContacts } from "../../functions/contacts/app.ts";
import { createApp as createDashboard } from "../../functions/dashboard/app.ts";
import { readEnv } from "../../shared/env.ts";
import { ApiUser, disposableStack, organization, type Reply } from "../helpers/api.ts";
import { hasPostgres, type Pair, startPair } from "../helpers/replica.ts";

const TRIES = Number(Deno.env.get("PHONELOG_REPLICA_TRIES") ?? 200);
const PERIOD = "from=2026-05-01T00:00:00Z&to=2026-06-01T00:00:00Z";
// Two servers, and what is planned of them takes time: once in CI, with the other tests that need a server.
const ignore = !Deno.env.get("DATABASE_URL") || !await hasPostgres();

const call = (minute: number, number = "+447700900001") => ({
  ts: new Date(Date.UTC(2026, 4, 2, 0, minute)).toISOString(),
  number,
  type: "call",
  direction: "inbound",
  status: "answered",
  duration: 60,
});

/** What a request waited for: `replica`, `database`, each with its time in ms. */
function waits(reply: Reply): { name: string; ms: number; at: string }[] {
  const entries = (reply.headers.get("server-timing") ?? "").matchAll(/(\w+);dur=([\d.]+);desc="(\w+)"/g);
  return [...entries].map(([, name = "", ms, at = ""]) => ({ name, ms: Number(ms), at }));
}

/** Where the data of an answer came from; a replica that was tried in vain is followed by the primary. */
function readAt(reply: Reply): string | undefined {
  return waits(reply).filter(({ name, at }) => name !== "get_data_version" && /^(replica|database)$/.test(at))
    .at(-1)?.at;
}

/** The time that went to the replica. */
function replicaMs(reply: Reply): number {
  return waits(reply).filter(({ at }) => at === "replica").reduce((sum, { ms }) => sum + ms, 0);
}

/** For what is not about time: this process is all of the servers, and the machine may be busy. */
const PATIENT = { PHONELOG_RATE_LIMITS: "off", PHONELOG_REPLICA_WAIT_MS: "5000" };

/** As it was answered, but for when. */
function withoutTime(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body, (key, value) => key === "generated_at" ? undefined : value));
}

/** What an answer of an app says of the data. */
async function figures(response: Response): Promise<unknown> {
  const text = await response.text();
  return withoutTime(text.startsWith("{") ? JSON.parse(text).data : text);
}

async function world(pair: Pair, secrets: Record<string, string>) {
  const stack = await disposableStack({
    db: await openDatabase({ database_url: pair.primary.url }),
    read_database_url: pair.standby.url,
    surfaces: ["events", "dashboard", "analytics", "contacts"],
    secrets,
  });
  const ann = await ApiUser.signUp(stack, "ann", { time_zone: "Europe/Berlin" });
  const ben = await ApiUser.signUp(stack, "ben");
  const eve = await ApiUser.signUp(stack, "eve");
  await organization(stack, { owner: ann, member: ben });
  await ann.log([call(1), call(2), call(3, "+447700900002")]);
  await ben.log([call(4, "+447700900001")]);
  const [contact] = await stack.db.query<{ id: string }>(
    "select id from public.contacts where user_id = $1 limit 1",
    [ann.id],
  );
  await pair.caughtUp();
  return { stack, ann, ben, eve, contact_id: contact?.id ?? "" };
}

/** Asks until the replica answers, as it does a while after it was away; each time for another period. */
async function untilReplica(user: ApiUser): Promise<Reply> {
  const end = Date.now() + 20_000;
  for (let second = 0; Date.now() < end; second++) {
    const from = new Date(Date.UTC(2026, 3, 1, 0, 0, second)).toISOString();
    const reply = await user.get(`/api/dashboard/metrics?from=${from}&to=2026-06-01T00:00:00Z`);
    assertEquals(reply.status, 200);
    if (readAt(reply) === "replica") return reply;
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error("The replica is not read from again");
}

/** Another period each time, so that no answer was kept before. */
let day = 0;
function fresh(query = ""): string {
  const from = new Date(Date.UTC(2020, 0, ++day)).toISOString();
  return `/api/dashboard/metrics?from=${from}&to=2026-06-01T00:00:00Z&granularity=month${query}`;
}

Deno.test({ name: "Analytics come from the replica, as new as the primary's", ignore }, async (t) => {
  await using pair = await startPair();
  const { stack, ann, ben, eve, contact_id } = await world(pair, PATIENT);
  await using _stopped = stack;

  await t.step("Each route that is kept is answered by the replica as the primary answers it", async () => {
    const variables = platformVariables(stack.url, stack.keys, {
      PHONELOG_RESULT_CACHE_MB: "0",
      PHONELOG_RATE_LIMITS: "off",
    });
    const headers = { authorization: `Bearer ${ann.token}` };
    const env = readEnv(variables);
    const apps = new Map(
      Object.entries({
        dashboard: createDashboard(env),
        analytics: createAnalytics(env),
        contacts: createContacts(env),
      }),
    );
    for (
      const path of [
        `dashboard/metrics?${PERIOD}`,
        `dashboard/metrics?${PERIOD}&time_zone=Asia/Kathmandu&granularity=week`,
        "dashboard/metrics",
        `dashboard/heatmap?${PERIOD}`,
        `dashboard/team?${PERIOD}`,
        `analytics/trends?${PERIOD}&metric=total_calls`,
        `analytics/trends?${PERIOD}&metric=total_calls&format=csv`,
        `analytics/gaps?${PERIOD}`,
        `analytics/anomalies?${PERIOD}`,
        `analytics/quality?${PERIOD}`,
        "analytics/predictions",
        `contacts/${contact_id}/intelligence`,
        `contacts/${contact_id}/relationships`,
      ]
    ) {
      const app = apps.get(path.split("/")[0] ?? "");
      if (app === undefined) throw new Error("No app");
      const plain = async () => figures(await app.request(`/${path}`, { headers }));
      let before = await plain();
      let reply = await ann.get(`/api/${path}`);
      // Some read colleagues' data, too: that is noted, by the primary, and what is kept is made anew after a change.
      for (let n = 0; n < 3 && readAt(reply) !== "replica"; n++) {
        await ann.log([call(10_000 + ++day)]);
        await pair.caughtUp();
        before = await plain();
        reply = await ann.get(`/api/${path}`);
      }
      assertEquals([path, reply.status, readAt(reply)], [path, 200, "replica"]);
      assertEquals(waits(reply).filter(({ at }) => at === "database").map(({ name }) => name), [
        "get_data_version",
      ]);
      const given = withoutTime(typeof reply.body === "string" ? reply.body : reply.body.data);
      // The minute may have changed meanwhile.
      if (!equal(given, before)) assertEquals(given, await plain());

      const again = await ann.get(`/api/${path}`);
      assertEquals([path, readAt(again)], [path, undefined]);
    }
  });

  await t.step("Without a cache, too", async () => {
    const app = createDashboard(readEnv(platformVariables(stack.url, stack.keys, {
      PHONELOG_RESULT_CACHE_MB: "0",
      SUPABASE_READ_URL: `${stack.url}/replica`,
    })));
    const reply = await app.request(`/dashboard/metrics?${PERIOD}`, {
      headers: { authorization: `Bearer ${ann.token}` },
    });
    assert(reply.headers.get("server-timing")?.includes('desc="replica"'));
    assertEquals((await reply.json()).meta, { cache: "off" });
  });

  await t.step(
    "A teammate's read is noted once, by the primary, and then served by the replica",
    async () => {
      const notes = () =>
        stack.db.query(
          "select owner_id, details ->> 'function' as function from public.audit_log where action = 'data.read' and actor = $1 order by 2",
          [ben.id],
        );
      assertEquals(await notes(), []);
      const first = await ben.get(fresh(`&user_id=${ann.id}`));
      assertEquals([first.status, readAt(first)], [200, "database"]);
      await pair.caughtUp();
      const second = await ben.get(fresh(`&user_id=${ann.id}`));
      assertEquals([readAt(second), second.body.data.total_events], [
        "replica",
        first.body.data.total_events,
      ]);
      assertEquals(
        await notes(),
        ["get_dashboard_metrics", "get_data_version"].map((name) => ({ owner_id: ann.id, function: name })),
      );
    },
  );

  await t.step("A stranger reads nothing through it", async () => {
    const ask = (user: ApiUser, name: string, args: Record<string, unknown>) =>
      user.get(`/replica/rest/v1/rpc/${name}?${new URLSearchParams(
        Object.entries(args).map(([key, arg]) => [
          key,
          typeof arg === "string" ? arg : JSON.stringify(arg),
        ]),
      )}`);
    const reads = { user_id: ann.id };
    const period = { starts_at: "2026-05-01T00:00:00Z", ends_at: "2026-06-01T00:00:00Z" };
    const read = { function_name: "get_dashboard_metrics", arguments: { ...period, user_id: ann.id } };
    const own = (await ask(ann, "get_data_version", {})).body;
    const good = await ask(ann, "read_at_version", { ...read, version: own, reads: {} });
    assertEquals([good.status, good.body.total_events > 0], [200, true]);
    for (
      const [args, code] of [
        [{ ...read, version: own, reads }, "user_not_found"],
        [{ ...read, version: own, reads: {} }, "replica_behind"],
        [{ ...read, version: (await ask(eve, "get_data_version", {})).body, reads: {} }, "user_not_found"],
        [{ ...read, function_name: "delete_event", version: "", reads: {} }, "replica_behind"],
      ] as const
    ) {
      const { status, body } = await ask(eve, "read_at_version", args);
      assertEquals([body.message, status >= 400], [code, true]);
    }
    assertEquals((await eve.get("/replica/rest/v1/events?select=id")).body, []);
    assertGreater((await ann.get("/replica/rest/v1/events?select=id")).body.length, 0);
    const write = await ann.post("/replica/rest/v1/rpc/set_sharing", { do_not_share: true });
    assertGreater(write.status, 399);
    const nobody = await fetch(`${stack.url}/replica/rest/v1/rpc/read_at_version`);
    await nobody.body?.cancel();
    assertGreater(nobody.status, 399);
  });

  await t.step("A read that takes long is waited for, as long as the replica lives", async () => {
    const third_question = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    let questions = 0;
    let is_dead = false;
    await using gate = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const { pathname, search } = new URL(request.url);
      if (pathname.endsWith("read_at_version")) {
        // The first is answered after the third question whether it lives; with the second it dies.
        if (questions >= 3) is_dead = true;
        await third_question.promise;
      } else if (++questions === 3) third_question.resolve();
      if (is_dead) await end.promise;
      return await fetch(`${stack.url}/replica${pathname}${search}`, { headers: request.headers });
    });
    using _released = { [Symbol.dispose]: () => end.resolve() };
    const app = createDashboard(readEnv(platformVariables(stack.url, stack.keys, {
      SUPABASE_READ_URL: `http://127.0.0.1:${gate.addr.port}`,
      PHONELOG_REPLICA_WAIT_MS: "300",
      PHONELOG_RATE_LIMITS: "off",
    })));
    const headers = { authorization: `Bearer ${ann.token}` };
    const total = async () => {
      const reply = await app.request(fresh().replace("/api", ""), { headers });
      const entries = [
        ...(reply.headers.get("server-timing") ?? "").matchAll(/get_dash\w+;dur=([\d.]+);desc="(\w+)"/g),
      ];
      return {
        at: entries.map(([, , at]) => at),
        ms: entries.map(([, ms]) => Number(ms)),
        ...(await reply.json()).data,
      };
    };
    const slow = await total();
    assertEquals([slow.at, questions], [["replica"], 3]);
    const dead = await total();
    assertEquals([dead.at, dead.total_events], [["replica", "database"], slow.total_events]);
    // Twice 300 ms, and what a busy machine adds.
    assert(dead.ms[0] > 590 && dead.ms[0] < 900, `It was left after ${dead.ms[0]} ms`);
    assertEquals((await total()).at, ["database"]);
  });

  await t.step(`Of ${TRIES} reads after a write none lacks it`, async () => {
    const people = await Promise.all(
      Array.from({ length: 4 }, (_, n) => ApiUser.signUp(stack, `writer${n}`)),
    );
    const written = people.map(() => 0);
    const read_at = { replica: 0, primary: 0, kept: 0 };
    let minute = 0;
    let tries = 0;
    const client = async (n: number) => {
      const who = n % people.length;
      const person = people[who];
      if (person === undefined) throw new Error("Nobody");
      while (tries++ < TRIES) {
        await person.log([call(++minute, `+4477009${String(10_000 + minute % 90_000)}`)]);
        const at_least = written[who] = (written[who] ?? 0) + 1;
        const reply = await person.get("/api/dashboard/metrics?from=2026-04-01T00:00:00Z");
        assertEquals(reply.status, 200);
        const found = reply.body.data.total_events as number;
        assert(
          found >= at_least,
          `${found} events after ${at_least} were written: ${JSON.stringify(waits(reply))}`,
        );
        const at = readAt(reply);
        read_at[at === "database" ? "primary" : at === "replica" ? "replica" : "kept"]++;
      }
    };
    // Now and then the replica shows nothing new for a while: by itself it is too quick to be caught.
    let is_over = false;
    const lagging = (async () => {
      while (!is_over) {
        await pair.pause();
        await pair.resume();
        await pair.caughtUp();
      }
    })();
    await Promise.all(Array.from({ length: 8 }, (_, n) => client(n))).finally(() => is_over = true);
    await lagging;
    if (TRIES > 1000) Deno.stderr.writeSync(new TextEncoder().encode(`${JSON.stringify(read_at)}\n`));
    assertGreater(read_at.replica, TRIES / 10);
  });

  await t.step(
    "A replica that lags is not believed: the primary answers, no later than it would",
    async () => {
      await untilReplica(ann);
      await pair.pause();
      const before = (await ann.get(fresh())).body.data.total_events;
      let spent = 0;
      for (let n = 1; n <= 10; n++) {
        await ann.log([call(20_000 + n)]);
        const reply = await ann.get(fresh());
        assertEquals([readAt(reply), reply.body.data.total_events], ["database", before + n]);
        spent += replicaMs(reply);
      }
      assertLess(spent / 10, 100);
      // Who has written nothing since is still served by it.
      assertEquals(readAt(await eve.get(fresh())), "replica");
      await pair.resume();
      await pair.caughtUp();
      assertEquals(readAt(await ann.get(fresh())), "replica");
    },
  );
});

Deno.test({ name: "A replica that does not answer costs 80 ms once", ignore }, async (t) => {
  await using pair = await startPair();
  const { stack, ann } = await world(pair, { PHONELOG_RATE_LIMITS: "off" });
  await using _stopped = stack;
  using _lives = { [Symbol.dispose]: () => pair.standby.signal("SIGCONT") };

  await t.step("Where it lives it is read from", async () => {
    await untilReplica(ann);
  });

  await t.step("A replica that stands still costs 80 ms once", async () => {
    const spent: number[] = [];
    // Where it stands still in the middle of a read is left to chance: twice, and it is met.
    for (let round = 0; round < 2; round++) {
      const { total_events } = (await untilReplica(ann)).body.data;
      const reads = Array.from({ length: 6 }, () => ann.get(fresh()));
      pair.standby.signal("SIGSTOP");
      reads.push(ann.get(fresh()));
      for (const reply of await Promise.all(reads)) {
        assertEquals([reply.status, reply.body.data.total_events], [200, total_events]);
        spent.push(replicaMs(reply));
      }
      for (let n = 0; n < 5; n++) {
        const reply = await ann.get(fresh());
        assertEquals([reply.body.data.total_events, readAt(reply), replicaMs(reply)], [
          total_events,
          "database",
          0,
        ]);
      }
      pair.standby.signal("SIGCONT");
    }
    await untilReplica(ann);
    const most = Math.max(...spent);
    // Twice 40 ms; the rest is what a busy machine adds to a timer.
    if (TRIES > 1000) Deno.stderr.writeSync(new TextEncoder().encode(`${JSON.stringify(spent)}\n`));
    assert(most > 40 && most < 130, `It cost ${most} ms at most`);
  });

  await t.step("A replica that is killed is not missed, and is read from again when it is back", async () => {
    const reads = Array.from({ length: 8 }, () => ann.get(fresh()));
    await pair.standby.kill();
    for (const reply of await Promise.all(reads)) assertEquals(reply.status, 200);
    for (let n = 0; n < 10; n++) {
      const reply = await ann.get(fresh());
      assertEquals([reply.status, readAt(reply)], [200, "database"]);
    }
    await pair.standby.restart();
    await untilReplica(ann);
  });
});
