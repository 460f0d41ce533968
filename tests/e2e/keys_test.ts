import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { SignJWT } from "jose";
import { platformVariables } from "../../dev/surfaces.ts";
import type { Stack } from "../../dev/stack.ts";
import { KeySchema, NewKeySchema } from "../../functions/keys/schemas.ts";
import { SCOPES } from "../../shared/access/api_key.ts";
import { ApiUser, callWithKey, disposableStack, organization } from "../helpers/api.ts";
import { startFunction } from "../helpers/processes.ts";

const call = (minute: number, number = "+447700900001") => ({
  ts: new Date(Date.UTC(2026, 4, 1, 12, minute)).toISOString(),
  type: "call",
  direction: "inbound",
  number,
});

async function createKey(user: ApiUser, scopes: readonly string[], more: Record<string, unknown> = {}) {
  const reply = await user.post("/api/keys", { name: "A program", scopes, ...more });
  if (reply.status !== 201) throw new Error(`Cannot create a key: ${JSON.stringify(reply.body)}`);
  return reply.body.data as { id: string; key: string };
}

const swapped = (key: string, at: number) =>
  key.slice(0, at) + (key[at] === "A" ? "B" : "A") + key.slice(at + 1);

Deno.test("A person makes, lists, rotates and revokes keys; the secret is shown once and kept nowhere", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  const ben = await ApiUser.signUp(stack, "ben");
  await ann.log([call(0)]);

  const made = await ann.post("/api/keys", {
    name: " Nightly ",
    scopes: ["events:write", "events:read", "events:read"],
    expires_at: "2099-01-01T00:00:00+02:00",
    networks: ["10.0.0.0/8", "127.0.0.1", "2001:db8::/32"],
  });
  assertEquals([made.status, made.headers.get("cache-control")], [201, "no-store"]);
  NewKeySchema.parse(made.body.data);
  const { id, key } = made.body.data;
  assertEquals(made.headers.get("location"), `/keys/${id}`);
  assertEquals([made.body.data.name, made.body.data.scopes, made.body.data.state], [
    "Nightly",
    ["events:read", "events:write"],
    "active",
  ]);
  assertMatch(key, new RegExp(`^plk_${id.replaceAll("-", "")}_[0-9A-Za-z]{49}$`));

  await t.step("It is listed without its secret, to its owner only", async () => {
    const listed = await ann.get("/api/keys");
    KeySchema.strict().array().parse(listed.body.data);
    assertEquals(listed.body.data.map((entry: { id: string }) => entry.id), [id]);
    assertEquals(listed.body.data[0].networks, ["10.0.0.0/8", "127.0.0.1/32", "2001:db8::/32"]);
    assertEquals((await ben.get("/api/keys")).body.data, []);
    for (const secret of [key, key.slice(37, -6)]) {
      assert(!JSON.stringify(listed.body).includes(secret));
      const [found] = await stack.db.query<{ n: number }>(
        `select (select count(*) from private.api_keys as k where k::text like '%' || $1 || '%')::int
              + (select count(*) from public.idempotency_keys as k where k::text like '%' || $1 || '%')::int
              + (select count(*) from public.audit_log as l where l::text like '%' || $1 || '%')::int as n`,
        [secret],
      );
      assertEquals(found?.n, 0);
    }
  });

  await t.step("It reads and writes as its owner", async () => {
    const read = await callWithKey(stack, key, "GET", "/api/events");
    assertEquals([read.status, read.body.data.length], [200, 1]);
    const written = await callWithKey(stack, key, "POST", "/api/events", {
      json: { events: [call(1)] },
      headers: { "idempotency-key": "once" },
    });
    assertEquals([written.status, written.body.data.counts.inserted], [200, 1]);
    assertEquals((await ann.get("/api/events")).body.meta.page.total, 2);
    assertEquals((await ben.get("/api/events")).body.meta.page.total, 0);
    const [entry] = (await ann.get("/api/keys")).body.data;
    assert(Date.now() - Date.parse(entry.last_used_at) < 60_000);
    assertEquals(entry.last_used_address, "127.0.0.1");
  });

  await t.step("After a rotation both secrets are good, after a second one the first is not", async (t) => {
    const second = await ann.post(`/api/keys/${id}/rotate`, {});
    assertEquals(second.status, 200);
    NewKeySchema.parse(second.body.data);
    assertNotEquals(second.body.data.key, key);
    const overlap = Date.parse(second.body.data.previous_until) - Date.now();
    assert(overlap > 86_000_000 && overlap <= 86_400_000);
    for (const good of [key, second.body.data.key]) {
      assertEquals((await callWithKey(stack, good, "GET", "/api/events")).status, 200);
    }
    const third = await ann.post(`/api/keys/${id}/rotate`, { overlap_seconds: 0 });
    assertEquals(third.body.data.previous_until, null);
    assertEquals((await callWithKey(stack, key, "GET", "/api/events")).status, 401);
    assertEquals((await callWithKey(stack, second.body.data.key, "GET", "/api/events")).status, 401);
    assertEquals((await callWithKey(stack, third.body.data.key, "GET", "/api/events")).status, 200);
    assertEquals((await ben.post(`/api/keys/${id}/rotate`, {})).body.code, "key_not_found");
    assertEquals((await ann.post(`/api/keys/${id}/rotate`, { overlap_seconds: -1 })).status, 400);

    await t.step("A revoked key is refused from the next request on", async () => {
      assertEquals((await ben.call("DELETE", `/api/keys/${id}`)).body.code, "key_not_found");
      assertEquals((await callWithKey(stack, third.body.data.key, "GET", "/api/events")).status, 200);
      assertEquals((await ann.call("DELETE", `/api/keys/${id}`)).body.data, { id, revoked: true });
      assertEquals((await callWithKey(stack, third.body.data.key, "GET", "/api/events")).status, 401);
      assertEquals((await ann.get("/api/keys")).body.data[0].state, "revoked");
      assertEquals((await ann.call("DELETE", `/api/keys/${id}`)).status, 404);
      assertEquals((await ann.post(`/api/keys/${id}/rotate`, {})).status, 404);
    });
  });

  await t.step("What is not valid is refused", async () => {
    const wrong: Record<string, unknown>[] = [
      { name: "" },
      { scopes: [] },
      { scopes: ["all"] },
      { expires_at: "2020-01-01T00:00:00Z" },
      { expires_at: "tomorrow" },
      { networks: ["10.0.0.1/8"] },
      { networks: ["localhost"] },
      { owner: ben.id },
      { user_id: ben.id },
    ];
    for (const members of wrong) {
      const reply = await ann.post("/api/keys", { name: "x", scopes: ["events:read"], ...members });
      assertEquals([members, reply.status, reply.body.code], [members, 400, "validation_failed"]);
    }
    assertEquals((await ann.call("POST", "/api/keys", { body: "x" })).status, 415);
  });

  await t.step("A person has up to 50", async () => {
    await stack.db.query(
      `insert into private.api_keys (user_id, name, key_hash, scopes)
       select $1, 'n', sha256(n::text::bytea), '{events:read}' from generate_series(1, 49) as n`,
      [ben.id],
    );
    const both = [1, 2].map(() => ben.post("/api/keys", { name: "x", scopes: ["events:read"] }));
    const replies = await Promise.all(both);
    assertEquals(replies.map((reply) => reply.status).sort(), [201, 409]);
    assertEquals(replies.find((reply) => reply.status === 409)?.body.code, "key_limit_reached");
  });
});

Deno.test("A key that is not good is refused, and is not told why", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  const good = await createKey(ann, ["events:read"]);
  const other = await createKey(ann, ["events:read"]);
  const details = new Set<string>();
  const refused = async (key: string, path = "/api/events") => {
    const { status, body, headers } = await callWithKey(stack, key, "GET", path);
    assertEquals([status, body.code, headers.get("www-authenticate")], [401, "token_invalid", "Bearer"], key);
    details.add(body.detail);
  };
  const { formatKey, createSecret } = await import("../../shared/access/api_key.ts");

  await t.step("Wrong checksum, form, secret or id", async () => {
    assertEquals((await callWithKey(stack, good.key, "GET", "/api/events")).status, 200);
    await refused(swapped(good.key, 40));
    await refused(swapped(good.key, good.key.length - 1));
    for (const text of ["", "plk_", "x", stack.secret_key, stack.publishable_key, ann.token]) {
      await refused(text);
    }
    await refused(formatKey(good.id, createSecret()));
    await refused(formatKey(crypto.randomUUID(), createSecret()));
    await refused(formatKey(other.id, good.key.slice(37, 80)));
    assertEquals((await ann.get("/api/events", { "x-api-key": "plk_no" })).status, 401);
  });

  await t.step("From a network that is not allowed, and not by saying that it is", async () => {
    const elsewhere = await createKey(ann, ["events:read"], {
      networks: ["203.0.113.0/24", "2001:db8::/32"],
    });
    await refused(elsewhere.key);
    const reply = await callWithKey(stack, elsewhere.key, "GET", "/api/events", {
      headers: { "x-forwarded-for": "203.0.113.7", "x-client-address": "203.0.113.7" },
    });
    assertEquals(reply.status, 401);
    const here = await createKey(ann, ["events:read"], { networks: ["127.0.0.0/8"] });
    assertEquals((await callWithKey(stack, here.key, "GET", "/api/events")).status, 200);
    const fn = await startFunction("events", platformVariables(stack.url, stack.keys));
    const from = async (address: string) => {
      const headers = { "x-api-key": elsewhere.key, "x-forwarded-for": address };
      const response = await fetch(`${fn.url}/events`, { headers });
      await response.body?.cancel();
      return response.status;
    };
    try {
      assertEquals(await from("203.0.113.9"), 200);
      assertEquals(await from("2001:db8:1::1"), 200);
      assertEquals(await from("203.0.113.9, 198.51.100.1"), 401);
      assertEquals(await from("unknown"), 401);
    } finally {
      await fn.end("SIGTERM");
    }
  });

  await t.step("Revoked, banned or without its owner", async () => {
    await ann.call("DELETE", `/api/keys/${other.id}`);
    await refused(other.key);
    const bob = await ApiUser.signUp(stack, "bob");
    const his = await createKey(bob, ["events:read"]);
    const [{ has_column } = { has_column: false }] = await stack.db.query<{ has_column: boolean }>(
      "select count(*) > 0 as has_column from information_schema.columns where table_schema = 'auth' and table_name = 'users' and column_name = 'banned_until'",
    );
    if (!has_column) await stack.db.exec("alter table auth.users add column banned_until timestamptz");
    const ban = (until: string) =>
      stack.db.query(`update auth.users set banned_until = now() + $2::interval where id = $1`, [
        bob.id,
        until,
      ]);
    await ban("1 hour");
    await refused(his.key);
    await ban("-1 hour");
    assertEquals((await callWithKey(stack, his.key, "GET", "/api/events")).status, 200);
    await stack.db.query("delete from auth.users where id = $1", [bob.id]);
    await refused(his.key);
  });
  assertEquals([...details], ["The API key is not valid, or not from here"]);

  await t.step("Expired, which is told to who has the secret", async () => {
    const old = await createKey(ann, ["events:read"], { expires_at: "2099-01-01T00:00:00Z" });
    await stack.db.query("update private.api_keys set expires_at = now() where id = $1", [old.id]);
    await refused(formatKey(old.id, createSecret()));
    assertEquals(details.size, 1);
    await refused(old.key);
    assertEquals([...details][1], "The API key has expired");
  });

  await t.step(
    "Refusals are in the audit log, once a minute for a key, with the address and the reason",
    async () => {
      const rows = await stack.db.query<
        { reason: string; subject_id: string; address: string; key_id: string }
      >(
        `select l.details ->> 'reason' as reason, l.subject_id, host(l.address) as address, l.details ->> 'key_id' as key_id
         from public.audit_log as l where l.action = 'auth.failed' and l.subject_type = 'user' order by l.at`,
      );
      assertEquals(rows[0], { reason: "secret", subject_id: ann.id, address: "127.0.0.1", key_id: good.id });
      assertEquals(rows.map(({ reason }) => reason), ["secret", "secret", "network", "owner", "secret"]);
      const noted = await stack.db.query<{ reason: string; surface: string; address: string }>(
        `select distinct l.details ->> 'reason' as reason, l.subject_id as surface, host(l.address) as address
         from public.audit_log as l where l.action = 'auth.failed' and l.subject_type = 'surface'`,
      );
      assertEquals(noted, [{ reason: "token_invalid", surface: "events", address: "127.0.0.1" }]);
      const actions = await stack.db.query<{ action: string; n: number }>(
        `select action, count(*)::int as n from public.audit_log
        where details ->> 'key_id' = $1 and action like 'api_key.%' group by action order by action`,
        [good.id],
      );
      assertEquals(actions, [{ action: "api_key.created", n: 1 }, { action: "api_key.used", n: 1 }]);
    },
  );
});

Deno.test("A key does what its scopes name and nothing else", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  await ann.log([call(0), call(1, "+447700900002")]);
  const [contact] = (await ann.get("/api/contacts")).body.data;
  const [event] = (await ann.get("/api/events")).body.data;
  const keys: Record<string, string> = {};
  for (const scope of SCOPES) keys[scope] = (await createKey(ann, [scope])).key;
  /** A request for each scope, with what answers it when the scope is there. */
  const requests: [scope: string | null, method: string, path: string, json: unknown, status: number][] = [
    ["events:read", "GET", "/api/events", undefined, 200],
    ["events:read", "GET", `/api/events/${event.id}`, undefined, 200],
    ["events:read", "GET", "/api/search/events?q=447700", undefined, 200],
    ["events:write", "POST", "/api/events", { events: [call(2)] }, 200],
    ["analytics:read", "GET", "/api/dashboard/metrics", undefined, 200],
    ["analytics:read", "GET", "/api/dashboard/heatmap", undefined, 200],
    ["analytics:read", "GET", "/api/analytics/trends", undefined, 200],
    ["analytics:read", "GET", "/api/analytics/gaps", undefined, 200],
    ["analytics:read", "GET", "/api/analytics/anomalies", undefined, 200],
    ["analytics:read", "GET", "/api/analytics/quality", undefined, 200],
    ["analytics:read", "GET", "/api/analytics/predictions", undefined, 200],
    ["analytics:read", "GET", "/api/sync/health", undefined, 200],
    ["analytics:read", "GET", "/api/sync/coverage", undefined, 200],
    ["contacts:read", "GET", "/api/contacts", undefined, 200],
    ["contacts:read", "GET", `/api/contacts/${contact.id}/intelligence`, undefined, 200],
    ["contacts:read", "GET", `/api/contacts/${contact.id}/relationships`, undefined, 200],
    ["contacts:read", "GET", "/api/search/contacts?q=447700", undefined, 200],
    ["contacts:write", "PATCH", `/api/contacts/${contact.id}`, { notes: "x" }, 200],
    ["imports:write", "GET", "/api/imports", undefined, 200],
    ["imports:write", "POST", "/api/imports", { filename: "calls.xml" }, 201],
    ["sync:write", "POST", "/api/sync/reports", { source: "device" }, 201],
    ["nlq:query", "POST", "/api/nlq/query", { question: "How many calls this year?" }, 200],
    ["nlq:query", "GET", "/api/nlq/suggestions", undefined, 200],
    [null, "GET", "/api/nlq/history", undefined, 200],
    [null, "DELETE", "/api/nlq/history", undefined, 200],
    [null, "GET", "/api/keys", undefined, 200],
    [null, "POST", "/api/keys", { name: "more", scopes: ["events:read"] }, 201],
  ];
  for (const [scope, method, path, json, status] of requests) {
    await t.step(`${method} ${path} is for ${scope ?? "persons only"}`, async () => {
      for (const [name, key] of Object.entries(keys)) {
        const reply = await callWithKey(stack, key, method, path, json === undefined ? {} : { json });
        assertEquals([name, reply.status], [name, name === scope ? status : 403], JSON.stringify(reply.body));
        if (name !== scope) assertEquals(reply.body.code, "scope_insufficient");
      }
      const person = await ann.call(method, path, json === undefined ? {} : { json });
      assertEquals(person.status, status);
    });
  }
  await t.step("What is not there is not there for keys", async () => {
    assertEquals((await callWithKey(stack, keys["events:read"] ?? "", "GET", "/api/events/x/y")).status, 404);
  });
});

/** A token as the functions sign it for a key. */
function keyToken(stack: Stack, user_id: string, scopes: readonly string[] | undefined): Promise<string> {
  return new SignJWT({
    role: "authenticated",
    key_id: crypto.randomUUID(),
    ...(scopes && { key_scopes: scopes }),
  })
    .setProtectedHeader({ alg: "ES256", kid: stack.keys.kid, typ: "JWT" })
    .setSubject(user_id).setIssuer(`${stack.url}/auth/v1`).setAudience("authenticated")
    .setIssuedAt().setExpirationTime("60s").sign(stack.keys.private_key);
}

Deno.test("The token behind a key opens no more on /rest/v1 than its scopes, and nothing in the functions", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  await ann.log([call(0)]);
  const as = async (scopes?: readonly string[]) => ann.withToken(await keyToken(stack, ann.id, scopes));
  const rows = async (user: ApiUser, table: string) => {
    const reply = await user.get(`/rest/v1/${table}?select=*`);
    assertEquals(reply.status, 200, JSON.stringify(reply.body));
    return reply.body.length;
  };
  const TABLES: Record<string, string | null> = {
    events: "events:read",
    contacts: "contacts:read",
    contact_numbers: "contacts:read",
    profiles: null,
  };

  await t.step("Tables", async () => {
    for (const [table, scope] of Object.entries(TABLES)) {
      assertEquals([table, await rows(ann, table)], [table, 1]);
      for (const name of SCOPES) {
        assertEquals([table, name, await rows(await as([name]), table)], [
          table,
          name,
          name === scope ? 1 : 0,
        ]);
      }
      assertEquals(await rows(await as([]), table), 0);
      assertEquals(await rows(await as(), table), 0);
    }
  });

  await t.step("Writes", async () => {
    const rename = async (user: ApiUser) =>
      (await user.call("PATCH", "/rest/v1/contacts?select=id", {
        json: { notes: "x" },
        headers: { prefer: "return=representation" },
      })).body.length;
    assertEquals(await rename(await as(["contacts:read"])), 0);
    assertEquals(await rename(await as(["contacts:read", "contacts:write"])), 1);
    assertEquals(await rename(ann), 1);
  });

  await t.step("Functions", async () => {
    const rpc = async (user: ApiUser, name: string, args: unknown) =>
      (await user.post(`/rest/v1/rpc/${name}`, args)).status;
    for (
      const [name, scope, args] of [
        ["get_filtered_events", "events:read", {}],
        ["get_dashboard_metrics", "analytics:read", {}],
        ["get_contacts", "contacts:read", {}],
        ["get_nlq_suggestions", "nlq:query", {}],
        ["ingest_events", "events:write", { events: [call(5)] }],
        ["get_api_keys", null, {}],
        ["create_organization", null, { name: "Mine" }],
      ] as const
    ) {
      for (const held of SCOPES) {
        const status = await rpc(await as([held]), name, args);
        assertEquals([name, held, status < 300], [name, held, held === scope]);
        if (held !== scope) assertEquals(status, 403);
      }
      assertEquals([name, (await rpc(ann, name, args)) < 300], [name, true]);
    }
    // What a function reads for its answer, its scope is enough for: one event of the person's, one of the key's.
    const metrics = await (await as(["analytics:read"])).post("/rest/v1/rpc/get_dashboard_metrics", {
      starts_at: "2026-05-01T00:00:00Z",
      ends_at: "2026-05-02T00:00:00Z",
    });
    assertEquals(metrics.body.total_events, 2);
  });

  await t.step("It does not come back in as a person's", async () => {
    const reply = await (await as([...SCOPES])).get("/api/events");
    assertEquals([reply.status, reply.body.code], [401, "token_invalid"]);
  });
});

Deno.test("A key sees of others what its owner sees now: a viewer's no rows, one who left nothing", async () => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  const ben = await ApiUser.signUp(stack, "ben");
  const eve = await ApiUser.signUp(stack, "eve");
  await ann.log([call(0)]);
  const organization_id = await organization(stack, { owner: ann, member: ben, viewer: eve });
  const bens = (await createKey(ben, ["events:read"])).key;
  const eves = (await createKey(eve, ["events:read"])).key;
  const of_ann = (key: string) => callWithKey(stack, key, "GET", `/api/events?user_id=${ann.id}`);
  assertEquals((await of_ann(bens)).body.data.length, 1);
  assertEquals((await of_ann(eves)).body.code, "role_insufficient");
  await stack.db.query("delete from public.org_members where organization_id = $1 and user_id = $2", [
    organization_id,
    ben.id,
  ]);
  assertEquals((await of_ann(bens)).body.code, "user_not_found");
});

Deno.test("Without a signing key the project takes no API keys, and says so", async () => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  const { key } = await createKey(ann, ["events:read"]);
  const { PHONELOG_SIGNING_KEY: _, ...variables } = platformVariables(stack.url, stack.keys);
  const fn = await startFunction("events", variables);
  try {
    const response = await fetch(`${fn.url}/events`, { headers: { "x-api-key": key } });
    assertEquals([response.status, (await response.json()).code], [503, "keys_not_configured"]);
    const person = await fetch(`${fn.url}/events`, { headers: { authorization: `Bearer ${ann.token}` } });
    assertEquals([person.status, (await person.json()).data], [200, []]);
  } finally {
    await fn.end("SIGTERM");
  }
});
