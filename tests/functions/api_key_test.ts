import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { createSecret, formatKey, parseKey } from "../../shared/access/api_key.ts";
import { sha256 } from "../../shared/digest.ts";

const ID = "0b5f7a1e-9c3d-4e2f-8a6b-1c2d3e4f5a6b";

Deno.test("A key says which one it is and, hashed, its secret", async () => {
  const secret = createSecret();
  const key = formatKey(ID, secret);
  assertMatch(key, /^plk_[0-9a-f]{32}_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/);
  assertEquals(await parseKey(key), { id: ID, hash: await sha256(secret) });
});

Deno.test("The checksum is CRC-32 in base 62, as scanners of leaked secrets compute it", () => {
  const unchecked = `plk_${"0".repeat(32)}_${"0".repeat(43)}`;
  // zlib.crc32 of the text above is 3977495571.
  assertEquals(formatKey("00000000-0000-0000-0000-000000000000", "0".repeat(43)), `${unchecked}4LBAIN`);
});

Deno.test("A secret has all of its 256 bits, and no two are alike", () => {
  const secrets = Array.from({ length: 200 }, createSecret);
  assertEquals(new Set(secrets).size, 200);
  assert(secrets.every((secret) => secret.length === 43));
  // 62^43 is 3.4 times 2^256, so the first digit is among the lower ones, and every other takes all 62.
  const seen = new Set(secrets.map((secret) => secret.slice(1)).join(""));
  assertEquals(seen.size, 62);
});

Deno.test("A typo in any place is no key, and nothing else is", async () => {
  const key = formatKey(ID, createSecret());
  for (let i = 0; i < key.length; i++) {
    const typo = key.slice(0, i) + (key[i] === "a" ? "b" : "a") + key.slice(i + 1);
    assertNotEquals(typo, key);
    assertEquals(await parseKey(typo), undefined, typo);
  }
  for (const text of ["", "plk_", key.slice(0, -1), `${key}0`, ` ${key}`, key.toUpperCase(), `${key}\n`]) {
    assertEquals(await parseKey(text), undefined, text);
  }
});
