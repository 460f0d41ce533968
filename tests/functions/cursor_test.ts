import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { CursorCodec } from "../../shared/http/cursor.ts";
import { Problem } from "../../shared/http/problem.ts";

const codec = new CursorCodec("secret");
const scope = ["events", "user-1", "desc"];

Deno.test("A cursor gives back its position within its scope, whatever the key holds", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "binary" }), { maxLength: 3 }),
      fc.boolean(),
      async (key, backward) => {
        assertEquals(await codec.decode(await codec.encode({ key, backward }, scope), scope), {
          key,
          backward,
        });
      },
    ),
  );
});

Deno.test("A cursor is refused for another user, other filters, another secret, and when changed", async () => {
  const cursor = await codec.encode({ key: ["2026-01-01", "id"], backward: false }, scope);
  const [payload, signature] = cursor.split(".");
  const refused: [CursorCodec, string, string[]][] = [
    [codec, cursor, ["events", "user-2", "desc"]],
    [codec, cursor, ["events", "user-1", "asc"]],
    [new CursorCodec("other"), cursor, scope],
    [codec, `${btoa('[1,"2026-01-01","id"]').replaceAll("=", "")}.${signature}`, scope],
    [codec, `${payload}.`, scope],
    [codec, `${payload}`, scope],
    [codec, "", scope],
    [codec, "%%%.###", scope],
  ];
  for (const [by, text, within] of refused) {
    const problem = await assertRejects(() => by.decode(text, within), Problem);
    assertEquals(problem.code, "cursor_invalid");
  }
});

Deno.test("A scope cannot be shifted into its neighbour", async () => {
  assertNotEquals(
    await codec.encode({ key: [], backward: false }, ["a", "b,c"]),
    await codec.encode({ key: [], backward: false }, ["a,b", "c"]),
  );
});
