import { assertEquals } from "@std/assert";
import {
  calculateJwkThumbprint,
  createRemoteJWKSet,
  exportSPKI,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from "jose";
import type { UserSession } from "../../dev/password_auth.ts";
import type { Stack } from "../../dev/stack.ts";
import { testStack } from "../helpers/database.ts";

let stack: Stack;
let ada: UserSession;
const logged: string[] = [];

Deno.test.beforeAll(async () => {
  stack = await testStack({ surfaces: [], log: (line) => logged.push(line) });
  ada = await stack.signUp("ada@example.com", "correct horse");
});
Deno.test.afterAll(() => stack.stop());

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

Deno.test("The link of an e-mail, which goes to the log only, signs in with an ES256 token", async () => {
  const recovery = {
    method: "POST",
    headers: { apikey: stack.publishable_key },
    body: '{"email":"ada@example.com"}',
  };
  assertEquals((await call("/auth/v1/recover", recovery)).status, 200);
  const mail = logged.findLast((line) => line.startsWith("E-mail to ada@example.com, not sent"));
  const [link = ""] = /http\S+/.exec(mail ?? "") ?? [];
  const answer = await fetch(link, { redirect: "manual" });
  const session = new URLSearchParams(new URL(answer.headers.get("location") ?? "").hash.slice(1));
  assertEquals([answer.status, session.get("type")], [303, "recovery"]);
  const user = await call("/auth/v1/user", {
    headers: as({ ...ada, access_token: session.get("access_token") ?? "" }),
  });
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
