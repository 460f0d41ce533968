import { assertEquals, assertRejects } from "@std/assert";
import { chooseEmbedder } from "../../shared/embedding/choose.ts";
import { DIMENSIONS, EmbeddingFailure } from "../../shared/embedding/embedder.ts";
import { type EdgeAi, findEdgeAi } from "../../shared/embedding/gte_small.ts";

/** The Edge Runtime's inference, which exists nowhere else. */
function edgeAi(run: (text: string) => unknown) {
  const told: unknown[] = [];
  const ai: EdgeAi = {
    Session: class {
      constructor(model: string) {
        told.push(model);
      }
      run(text: string, options: unknown) {
        told.push(text, options);
        return Promise.resolve(run(text));
      }
    },
  };
  return { ai, told };
}

const modelOf = (env: Parameters<typeof chooseEmbedder>[0], ai?: EdgeAi) => {
  const { model, version, inline } = chooseEmbedder(env, ai);
  return `${model} ${version} ${inline}`;
};

Deno.test("The embedder is OpenAI's with a key, else the Edge Runtime's, else the built-in one", () => {
  const { ai } = edgeAi(() => []);
  assertEquals(modelOf({}), "lexical 1 true");
  assertEquals(modelOf({}, ai), "gte-small 1 true");
  assertEquals(modelOf({ openai_api_key: "k" }, ai), "text-embedding-3-small 384 false");
  assertEquals(modelOf({ openai_api_key: "k", openai_embedding_model: "m" }), "m 384 false");
});

Deno.test("Another server is asked only for the embedding model that is named", () => {
  assertEquals(modelOf({ openai_api_key: "k", openai_base_url: "http://127.0.0.1/v1" }), "lexical 1 true");
  assertEquals(
    modelOf({ openai_base_url: "http://127.0.0.1/v1", openai_embedding_model: "m" }),
    "m 384 false",
  );
});

Deno.test("The Edge Runtime's inference is found where it is", () => {
  const { ai } = edgeAi(() => []);
  assertEquals(findEdgeAi({ Supabase: { ai } }), ai);
  assertEquals([findEdgeAi({}), findEdgeAi({ Supabase: {} }), findEdgeAi({ Supabase: { ai: {} } })], [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("Its model is loaded once and asked for pooled unit vectors, one text after another", async () => {
  const { ai, told } = edgeAi((text) => [text.length, ...new Array(DIMENSIONS - 1).fill(0)]);
  const embedder = chooseEmbedder({}, ai);
  const vectors = [...await embedder.embed(["a"]), ...await embedder.embed(["bb", "c"])];
  assertEquals(vectors.map((vector) => vector.length), [DIMENSIONS, DIMENSIONS, DIMENSIONS]);
  assertEquals(vectors[1]?.[0], 1);
  const options = { mean_pool: true, normalize: true };
  assertEquals(told, ["gte-small", "a", options, "bb", options, "c", options]);
});

Deno.test("Where it fails or answers something else, that is said", async () => {
  const reason = async (run: () => unknown) =>
    (await assertRejects(() => chooseEmbedder({}, edgeAi(run).ai).embed(["a"]), EmbeddingFailure)).reason;
  assertEquals(
    await reason(() => {
      throw new Error("inner text");
    }),
    "unavailable",
  );
  assertEquals(await reason(() => [1, 2]), "invalid");
});
