import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { DIMENSIONS } from "../../shared/embedding/embedder.ts";
import { lexicalEmbedder } from "../../shared/embedding/lexical.ts";

const cosine = (one: readonly number[], other: readonly number[]) =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);

async function similarity(one: string, other: string): Promise<number> {
  const [first = [], second = []] = await lexicalEmbedder.embed([one, other]);
  return cosine(first, second);
}

Deno.test("A text has the same unit vector each time, and among whatever others", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme", maxLength: 60 }), { maxLength: 5 }),
      async (texts) => {
        const vectors = await lexicalEmbedder.embed(texts);
        assertEquals(vectors.length, texts.length);
        for (const [index, text] of texts.entries()) {
          const vector = vectors[index] ?? [];
          assertEquals(vector.length, DIMENSIONS);
          assertEquals([vector], await lexicalEmbedder.embed([text]));
          const length = Math.hypot(...vector);
          assert(
            /[\p{L}\p{N}]/u.test(text.normalize("NFKD")) ? Math.abs(length - 1) < 1e-4 : true,
            `${length}`,
          );
        }
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("The vector of a text never changes while the version stays", async () => {
  const [vector = []] = await lexicalEmbedder.embed(["calls from ⟨contact⟩ in ⟨time⟩"]);
  assertEquals(lexicalEmbedder.version, "1");
  const print = vector.flatMap((value, index) => value === 0 ? [] : [`${index}:${value}`]).slice(0, 6).join(
    " ",
  );
  assertEquals(print, "27:-0.355559 34:0.213335 35:0.111308 60:0.213335 69:-0.111308 113:0.355559");
});

Deno.test("Without words there is no direction", async () => {
  for (const text of ["", "  ", "?!", "👍👍"]) {
    assertEquals((await lexicalEmbedder.embed([text]))[0]?.every((value) => value === 0), true, text);
  }
});

Deno.test("Case, accents and signs do not count", async () => {
  assertEquals(
    await lexicalEmbedder.embed(["Crème, BRÛLÉE?"]),
    await lexicalEmbedder.embed(["creme brulee"]),
  );
});

Deno.test("What says the same in nearly the same words is nearer than what does not", async () => {
  const asked = "how often did i call ⟨contact⟩ ⟨time⟩";
  const order = [
    "how often did i call ⟨contact⟩ in ⟨time⟩",
    "how often have i called ⟨contact⟩ ⟨time⟩",
    "longest call with ⟨contact⟩",
    "what is missing from my data",
  ];
  const found = await Promise.all(order.map((other) => similarity(asked, other)));
  assertEquals(found, found.toSorted((one, other) => other - one));
  assert((found[0] ?? 0) > 0.8 && (found[3] ?? 1) < 0.2, found.join(" "));
});

Deno.test("A typo costs less than another word, and the order of words counts", async () => {
  assert(
    await similarity("messages yesterday", "mesages yesterday") >
      await similarity("messages yesterday", "calls yesterday"),
  );
  const turned = await similarity("calls from ⟨contact⟩ to ⟨line⟩", "calls to ⟨contact⟩ from ⟨line⟩");
  assert(turned > 0.5 && turned < 0.95, String(turned));
});
