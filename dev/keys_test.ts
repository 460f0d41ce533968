import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { jwtVerify, SignJWT } from "jose";
import { openKeys } from "./keys.ts";

async function withPath(fn: (path: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  await fn(`${directory}/data/signing_key.json`).finally(() => Deno.remove(directory, { recursive: true }));
}

Deno.test("openKeys() keeps a key in a file that only its owner can read", () =>
  withPath(async (path) => {
    const first = await openKeys(path);
    const token = await new SignJWT({}).setProtectedHeader({ alg: "ES256" }).sign(first.private_key);
    const again = await openKeys(path);
    assertEquals(again.kid, first.kid);
    assertEquals((await jwtVerify(token, again.public_key)).protectedHeader.alg, "ES256");
    const { mode } = await Deno.stat(path);
    if (Deno.build.os !== "windows") assertEquals((mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("openKeys() gives one key to all who come first at once", () =>
  withPath(async (path) => {
    const kids = await Promise.all(Array.from({ length: 5 }, async () => (await openKeys(path)).kid));
    assertEquals(new Set(kids).size, 1);
  }));

Deno.test("openKeys() gives a fresh key without a path, and publishes its public half only", async () => {
  const [one, other] = [await openKeys(), await openKeys()];
  assertNotEquals(one.kid, other.kid);
  const [jwk] = one.jwks.keys;
  assertEquals(Object.keys(jwk ?? {}).sort(), ["alg", "crv", "key_ops", "kid", "kty", "use", "x", "y"]);
});

Deno.test("openKeys() does not replace a file that it cannot read", () =>
  withPath(async (path) => {
    await openKeys(path);
    await Deno.writeTextFile(path, "{");
    await assertRejects(() => openKeys(path), Error, "delete the file to get a new one");
    assertEquals(await Deno.readTextFile(path), "{");
  }));
