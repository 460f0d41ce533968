import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import {
  calculateJwkThumbprint,
  createRemoteJWKSet,
  exportSPKI,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from "jose";
import type { Database } from "../../dev/database.ts";
import type { UserSession } from "../../dev/password_auth.ts";
import type { Stack } from "../../dev/stack.ts";
import { testDatabase, testStack } from "../helpers/database.ts";
import { removeSurface, writeSurface } from "../helpers/surface.ts";

let stack: Stack;
let ada: UserSession;
let bob: UserSession;
let functions_dir: string;
const logged: string[] = [];

Deno.test.beforeAll(async () => {
  functions_dir = await writeSurface();
  stack = await testStack({ functions_dir, secrets: { GREETING: "hi" }, log: (line) => logged.push(line) });
  ada = await stack.signUp("ada@example.com", "correct horse");
  bob = await stack.signUp("bob@example.com", "battery staple");
  await stack.db.exec(`
    create function public.refuse() returns void language plpgsql set search_path = '' as $$
    begin
      raise exception using errcode = 'PT404', message = 'nothing_here', detail = 'There is nothing here';
    end $$;
    grant execute on function public.refuse() to authenticated;`);
});
Deno.test.afterAll(async () => {
  await stack.stop();
  await removeSurface(functions_dir);
});

function as(session: UserSession, headers: Record<string, string> = {}): Record<string, string> {
  return { apikey: stack.publishable_key, authorization: `Bearer ${session.access_token}`, ...headers };
}

async function call(
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(stack.url + path, init);
  return { status: answer.status, body: await answer.json() };
}

/** Every grant and default privilege there is, as the catalogue has them. */
async function grants(db: Database): Promise<unknown[]> {
  return await db.query(`
    select 'schema' as kind, nspname::text as name, nspacl::text as acl from pg_namespace
    union all select 'relation', oid::regclass::text, relacl::text from pg_class where relkind in ('r', 'v', 'm', 'S')
    union all select 'column', attrelid::regclass || '.' || attname, attacl::text from pg_attribute where attacl is not null
    union all select 'function', oid::regprocedure::text, proacl::text from pg_proc
    union all select 'default', defaclnamespace::regnamespace || ' ' || defaclobjtype::text, defaclacl::text from pg_default_acl
    order by kind, name, acl`);
}

Deno.test("Serving requests changes no grant: a revoked column stays revoked, private stays closed", async () => {
  const db = await testDatabase();
  await db.exec(`
    create table public.notes (id int, secret text);
    alter table public.notes enable row level security;
    revoke all on public.notes from anon, authenticated;
    grant select (id) on public.notes to authenticated;`);
  const before = await grants(db);
  const own = await testStack({ db, surfaces: [] });
  try {
    const { access_token } = await own.signUp("eve@example.com", "eavesdropper");
    const read = async (path: string, headers: Record<string, string>) =>
      (await own.fetch(`/rest/v1/${path}`, { headers: { apikey: own.publishable_key, ...headers } })).status;
    const user = { authorization: `Bearer ${access_token}` };
    assertEquals(await read("notes?select=id", user), 200);
    assertEquals(await read("notes?select=secret", user), 403);
    assertEquals(await read("notes?select=id", {}), 401);
    assertEquals(await read("api_keys", { ...user, "accept-profile": "private" }), 406);
    const [anon] = await own.db.query("select has_schema_privilege('anon', 'private', 'usage') as can_enter");
    assertEquals(anon, { can_enter: false });
    assertEquals(await grants(db), before);
  } finally {
    await own.stop();
  }
});

Deno.test("Tokens are ES256 with a kid of the published key set, for this issuer", async () => {
  const keys = createRemoteJWKSet(new URL(`${stack.url}/auth/v1/.well-known/jwks.json`));
  const { payload, protectedHeader } = await jwtVerify(ada.access_token, keys, {
    issuer: `${stack.url}/auth/v1`,
    audience: "authenticated",
  });
  const [jwk] = stack.keys.jwks.keys;
  if (jwk === undefined) throw new Error("a key expected");
  assertEquals(protectedHeader, { alg: "ES256", kid: await calculateJwkThumbprint(jwk), typ: "JWT" });
  assertEquals([payload.sub, payload["email"], payload["role"]], [
    ada.user_id,
    "ada@example.com",
    "authenticated",
  ]);
  assertEquals("d" in jwk, false);
});

Deno.test("A refresh token gives another ES256 token that works", async () => {
  const { status, body } = await call("/auth/v1/token?grant_type=refresh_token", {
    method: "POST",
    headers: { apikey: stack.publishable_key },
    body: JSON.stringify({ refresh_token: ada.refresh_token }),
  });
  assertEquals(status, 200);
  ada = { ...ada, access_token: String(body["access_token"]), refresh_token: String(body["refresh_token"]) };
  const user = await call("/auth/v1/user", { headers: as(ada) });
  assertEquals([user.status, user.body["id"]], [200, ada.user_id]);
});

/** Tokens that look like Ada's; only the first is one. */
async function tokens(): Promise<Record<string, string>> {
  const [head, claims, signature] = ada.access_token.split(".");
  const payload = JSON.parse(atob((claims ?? "").replaceAll("-", "+").replaceAll("_", "/")));
  const { kid, private_key, public_key } = stack.keys;
  const sign = (changes: Record<string, unknown>, key: CryptoKey | Uint8Array = private_key, alg = "ES256") =>
    new SignJWT({ ...payload, ...changes }).setProtectedHeader({ alg, kid, typ: "JWT" }).sign(key);
  const base64 = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  return {
    "good": await sign({}),
    "expired": await sign({ exp: Math.floor(Date.now() / 1000) - 1 }),
    "of another key": await sign({}, (await generateKeyPair("ES256")).privateKey),
    "of another project": await sign({ iss: "https://example.supabase.co/auth/v1" }),
    "for another audience": await sign({ aud: "someone" }),
    "without a user": await sign({ sub: undefined }),
    "that never expires": await sign({ exp: undefined }),
    "signed with the public key as a shared secret": await sign(
      {},
      new TextEncoder().encode(await exportSPKI(public_key)),
      "HS256",
    ),
    "signed with nothing": `${base64({ alg: "none", kid, typ: "JWT" })}.${claims}.`,
    "with other claims under its signature": `${head}.${
      base64({ ...payload, role: "service_role" })
    }.${signature}`,
    "of no form": "opaque",
  };
}

Deno.test("REST and Auth take a good token and refuse every other with 401", async () => {
  const outcomes: Record<string, unknown[]> = {};
  for (const [name, token] of Object.entries(await tokens())) {
    const headers = { apikey: stack.publishable_key, authorization: `Bearer ${token}` };
    const rest = await fetch(`${stack.url}/rest/v1/profiles?select=user_id`, { headers });
    const auth = await fetch(`${stack.url}/auth/v1/user`, { headers });
    const { code } = await rest.json();
    const { error_code } = await auth.json();
    outcomes[name] = [rest.status, code, auth.status, error_code];
  }
  const refused = [401, "PGRST301", 401, "bad_jwt"];
  const { good, expired, ...others } = outcomes;
  assertEquals(good, [200, undefined, 200, undefined]);
  assertEquals(expired, [401, "PGRST303", 401, "bad_jwt"]);
  assertEquals(others, Object.fromEntries(Object.keys(others).map((name) => [name, refused])));
});

Deno.test("An API key is needed and a wrong one refused", async () => {
  const { authorization } = as(ada);
  assertEquals(
    (await call("/rest/v1/profiles", { headers: { authorization: authorization ?? "" } })).status,
    401,
  );
  assertEquals(
    (await call("/rest/v1/profiles", { headers: as(ada, { apikey: "sb_publishable_other" }) })).status,
    401,
  );
});

Deno.test("Requests of two users at the same time never see each other's rows", async () => {
  const read = async (session: UserSession) => {
    const answer = await fetch(`${stack.url}/rest/v1/profiles?select=user_id`, { headers: as(session) });
    return JSON.stringify(await answer.json()) === JSON.stringify([{ user_id: session.user_id }]);
  };
  const own = await Promise.all(Array.from({ length: 40 }, (_, i) => read(i % 2 === 0 ? ada : bob)));
  assertEquals(own.filter((is_own) => is_own).length, 40);
});

Deno.test("The database's own client is no part of a request that runs meanwhile", async () => {
  const reads = Array.from({ length: 10 }, () => stack.fetch("/rest/v1/profiles", { headers: as(ada) }));
  const roles = await Promise.all(
    Array.from({ length: 10 }, () => stack.db.query<{ who: string }>("select current_user as who")),
  );
  await Promise.all(reads.map(async (read) => await (await read).body?.cancel()));
  assertEquals(roles.flat().filter(({ who }) => who === "anon" || who === "authenticated"), []);
});

Deno.test("supabase-js works against the stack", async () => {
  const client = createClient(stack.url, stack.publishable_key, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { data, error } = await client.auth.signInWithPassword({
    email: "bob@example.com",
    password: "battery staple",
  });
  assertEquals([error, data.user?.id], [null, bob.user_id]);
  const profiles = await client.from("profiles").select("user_id");
  assertEquals([profiles.error, profiles.data], [null, [{ user_id: bob.user_id }]]);
  const claims = await client.auth.getClaims();
  assertEquals(claims.data?.claims.sub, bob.user_id);
  await client.auth.signOut();
});

Deno.test("A PTxyz error of a function becomes that status", async () => {
  const { status, body } = await call("/rest/v1/rpc/refuse", {
    method: "POST",
    headers: as(ada, { "content-type": "application/json" }),
    body: "{}",
  });
  assertEquals([status, body["message"], body["details"]], [404, "nothing_here", "There is nothing here"]);
});

Deno.test("Browsers may call REST and Auth from any origin", async () => {
  for (const path of ["/rest/v1/rpc/refuse", "/auth/v1/token?grant_type=password"]) {
    const answer = await fetch(stack.url + path, {
      method: "OPTIONS",
      headers: {
        "origin": "http://localhost:3000",
        "access-control-request-method": "POST",
        "access-control-request-headers": "apikey,authorization,content-type,x-client-info",
      },
    });
    assertEquals([answer.status, answer.headers.get("access-control-allow-origin")], [204, "*"]);
    assertMatch(answer.headers.get("access-control-allow-methods") ?? "", /POST/);
    assertMatch(answer.headers.get("access-control-allow-headers") ?? "", /apikey.*x-client-info/);
  }
  for (const headers of [as(ada), as(ada, { apikey: "x" }), as(ada, { authorization: "Bearer x" })]) {
    const answer = await fetch(`${stack.url}/rest/v1/profiles`, { headers });
    assertEquals(answer.headers.get("access-control-allow-origin"), "*");
    await answer.body?.cancel();
  }
});

for (const prefix of ["/functions/v1", "/api"]) {
  Deno.test(`A function sees its own path under ${prefix}, with query, method, headers and body`, async () => {
    const { status, body } = await call(`${prefix}/echo/a%20b/c?x=1&x=2`, {
      method: "PUT",
      headers: { "x-note": "n", "x-forwarded-for": "10.0.0.1" },
      body: "content",
    });
    assertEquals(status, 200);
    assertEquals(body, {
      method: "PUT",
      path: "/echo/a%20b/c?x=1&x=2",
      note: "n",
      forwarded_for: "127.0.0.1",
      body: "content",
    });
  });
}

Deno.test("A function gets its environment as on the platform", async () => {
  const { body } = await call("/api/echo/env");
  assertEquals(body, {
    supabase_url: stack.url,
    publishable_keys: { default: "sb_publishable_local" },
    secret_keys: { default: "sb_secret_local" },
    kids: [stack.keys.kid],
  });
});

Deno.test("A body streams through to the function: what is not read is not asked for", async () => {
  let chunks = 0;
  const body = new ReadableStream({
    pull(controller) {
      chunks++;
      if (chunks > 1000) controller.close();
      else controller.enqueue(new Uint8Array(1024));
    },
  });
  const answer = await stack.fetch("/functions/v1/echo/first-chunk", { method: "POST", body });
  assertEquals(await answer.json(), { bytes: 1024 });
  assertEquals(chunks < 10, true);
});

Deno.test("What is not there answers 404 as problem+json", async () => {
  for (
    const path of [
      "/api/nobody/metrics",
      "/functions/v1/nobody",
      "/api/",
      "/api",
      "/storage/v1/object",
      "/_system/config",
    ]
  ) {
    const answer = await fetch(stack.url + path);
    assertEquals([path, answer.status, answer.headers.get("content-type")], [
      path,
      404,
      "application/problem+json",
    ]);
    const { code, status, request_id } = await answer.json();
    assertEquals([code, status, request_id], ["not_found", 404, answer.headers.get("x-request-id")]);
  }
});

Deno.test("A function that throws answers 500 without a word of what happened, which the log has", async () => {
  const answer = await fetch(`${stack.url}/api/echo/throw`);
  assertEquals(answer.status, 500);
  assertEquals((await answer.text()).includes("inner secret"), false);
  assertEquals(logged.some((line) => line.includes("inner secret")), true);
});

Deno.test("The root tells what this is; favicon.ico is empty", async () => {
  assertEquals(await call("/"), { status: 200, body: { name: "PhoneLog AI", functions: ["echo"] } });
  assertEquals((await fetch(`${stack.url}/favicon.ico`)).status, 204);
});

Deno.test("A database error is one line in the log, without what people wrote", async () => {
  const { status } = await call("/rest/v1/profiles?week_start=eq.private-words", { headers: as(ada) });
  assertEquals(status, 400);
  const lines = logged.filter((line) => line.includes("22P02"));
  assertEquals(lines.length, 1);
  assertEquals(lines[0]?.includes("\n"), false);
});

Deno.test("stop() waits for a request in hand", async () => {
  const own = await testStack({ functions_dir });
  let finish = () => {};
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("half "));
      finish = () => {
        controller.enqueue(new TextEncoder().encode("whole"));
        controller.close();
      };
    },
  });
  const reached = fetch(`${own.url}/api/echo/seen`);
  const answer = fetch(`${own.url}/api/echo/slow`, { method: "POST", body });
  assertEquals(await (await reached).json(), { seen: true });
  const stopped = own.stop();
  const late = await fetch(own.url);
  assertEquals([late.status, await late.text()], [503, "Starting or stopping\n"]);
  finish();
  assertEquals(((await (await answer).json()) as { body: string }).body, "half whole");
  await stopped;
  await assertRejects(() => fetch(own.url), TypeError);
});
