import { assertEquals, assertMatch } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
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

Deno.test("A database error is one line in the log, without what people wrote", async () => {
  const { status } = await call("/rest/v1/profiles?week_start=eq.private-words", { headers: as(ada) });
  assertEquals(status, 400);
  const lines = logged.filter((line) => line.includes("22P02"));
  assertEquals(lines.length, 1);
  assertEquals(lines[0]?.includes("\n"), false);
});

Deno.test("A function is served over HTTP with the caller's address, and gets the platform's environment", async () => {
  const echo = await call("/functions/v1/echo/a%20b?x=1", {
    method: "PUT",
    headers: { "x-note": "n", "x-forwarded-for": "10.0.0.1" },
    body: "content",
  });
  assertEquals(echo, {
    status: 200,
    body: { method: "PUT", path: "/echo/a%20b?x=1", note: "n", forwarded_for: "127.0.0.1", body: "content" },
  });
  assertEquals((await call("/api/echo/env")).body, {
    supabase_url: stack.url,
    publishable_keys: { default: "sb_publishable_local" },
    secret_keys: { default: "sb_secret_local" },
    kids: [stack.keys.kid],
  });
});

Deno.test("Nothing but the paths of a project is served", async () => {
  assertEquals(await call("/"), { status: 200, body: { name: "PhoneLog AI", functions: ["echo"] } });
  for (const path of ["/storage/v1/object", "/_system/config", "/rest/v2/profiles", "/studio"]) {
    assertEquals([path, (await call(path, { headers: as(ada) })).status], [path, 404]);
  }
});
