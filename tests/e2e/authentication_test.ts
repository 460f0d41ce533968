import { assertEquals } from "@std/assert";
import { generateKeyPair, SignJWT } from "jose";
import { ApiUser, disposableStack } from "../helpers/api.ts";

const PROTECTED = [
  ["GET", "/api/events"],
  ["POST", "/api/events"],
  ["GET", "/api/contacts"],
  ["GET", "/api/dashboard/metrics"],
  ["GET", "/api/sync/health"],
  ["POST", "/api/imports"],
  ["GET", "/functions/v1/events"],
] as const;

Deno.test("Only a valid token of this project's user lets anybody in", async () => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  const { privateKey } = await generateKeyPair("ES256");
  const claims = { sub: ann.id, role: "authenticated", aud: "authenticated", iss: `${stack.url}/auth/v1` };
  const kid = stack.keys.jwks.keys[0]?.kid ?? "";
  const signed = (changes: Record<string, unknown>, key = privateKey, expires = "1h") =>
    new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: "ES256", kid }).setIssuedAt()
      .setExpirationTime(expires).sign(key);
  const own = (changes: Record<string, unknown>, expires = "1h") =>
    signed(changes, stack.keys.private_key, expires);
  const part = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  const tampered = ann.token.split(".");
  tampered[1] = part({ ...claims, sub: crypto.randomUUID(), exp: 4_000_000_000 });

  const refused: Record<string, string> = {
    "none at all": "",
    "not a token": "abc",
    "no signature": `${part({ alg: "none", typ: "JWT" })}.${part({ ...claims, exp: 4_000_000_000 })}.`,
    "another key": await signed({}),
    "a changed payload": tampered.join("."),
    "a shared-secret signature with the public key": await new SignJWT(claims).setProtectedHeader({
      alg: "HS256",
      kid,
    })
      .setExpirationTime("1h").sign(new TextEncoder().encode(JSON.stringify(stack.keys.jwks.keys[0]))),
    "an expired one": await own({}, "-1h"),
    "another issuer": await own({ iss: "https://elsewhere.test/auth/v1" }),
    "another audience": await own({ aud: "other" }),
    "no role": await own({ role: undefined }),
    "the service role": await own({ role: "service_role" }),
    "the publishable key": stack.publishable_key,
    "the secret key": stack.secret_key,
  };
  for (const [name, token] of Object.entries(refused)) {
    for (const [method, path] of PROTECTED) {
      const response = await fetch(stack.url + path, {
        method,
        headers: { apikey: stack.publishable_key, ...(token && { authorization: `Bearer ${token}` }) },
        ...(method === "POST" && { body: "{}" }),
      });
      const problem = await response.json();
      assertEquals([name, path, response.status, problem.status], [name, path, 401, 401]);
      assertEquals(problem.code, token === "" ? "not_authenticated" : "token_invalid");
      assertEquals(response.headers.get("www-authenticate"), "Bearer");
    }
  }
  assertEquals((await ann.withToken(await own({})).get("/api/events")).status, 200);
  assertEquals((await ann.get("/api/events")).status, 200);
  const live = await fetch(`${stack.url}/api/admin/live`);
  assertEquals([live.status, (await live.json()).data], [200, { status: "live" }]);
});
