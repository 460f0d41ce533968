import { assert, assertEquals, assertRejects } from "@std/assert";
import { DIMENSIONS, EmbeddingFailure } from "../../shared/embedding/embedder.ts";
import { openAiEmbedder } from "../../shared/embedding/openai.ts";

interface Asked {
  readonly model: string;
  readonly input: string[];
  readonly dimensions: number;
  readonly encoding_format: string;
}

const vector = (first: number, size = DIMENSIONS) => [first, 3, ...new Array(size - 2).fill(0)];

const answer = (data: unknown) => Response.json({ object: "list", model: "m", data, usage: {} });

/** As OpenAI answers: one vector for each text, here told apart by its length. */
const good = ({ input }: Asked) =>
  answer(input.map((text, index) => ({ object: "embedding", index, embedding: vector(text.length) })));

/** A local server that speaks the embeddings API, and an embedder that asks it. */
async function withServer(
  respond: (asked: Asked) => Response | Promise<Response>,
  run: (
    embed: (texts: string[]) => Promise<number[][]>,
    requests: Asked[],
    headers: Headers[],
  ) => Promise<void>,
  options: { timeout_ms?: number; batch_size?: number } = {},
): Promise<void> {
  const requests: Asked[] = [];
  const headers: Headers[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    assertEquals(new URL(request.url).pathname, "/v1/embeddings");
    const asked: Asked = await request.json();
    requests.push(asked);
    headers.push(request.headers);
    return await respond(asked);
  });
  const base_url = `http://127.0.0.1:${server.addr.port}/v1`;
  const embedder = openAiEmbedder({
    api_key: "sk-test",
    base_url,
    model: "text-embedding-3-small",
    ...options,
  });
  try {
    await run((texts) => embedder.embed(texts), requests, headers);
  } finally {
    await server.shutdown();
  }
}

/** Why there were no vectors, and after how many requests. */
async function failure(
  respond: (asked: Asked) => Response | Promise<Response>,
  timeout_ms = 5_000,
): Promise<[string, number]> {
  let told: [string, number] | undefined;
  await withServer(respond, async (embed, requests) => {
    const error = await assertRejects(() => embed(["calls", "messages"]), EmbeddingFailure);
    assert(!error.message.includes("inner text"), error.message);
    told = [error.reason, requests.length];
  }, { timeout_ms });
  return told ?? ["none", 0];
}

Deno.test("Texts are asked for in batches of 384 dimensions and answered in order, as unit vectors", async () => {
  await withServer(good, async (embed, requests, headers) => {
    const vectors = await embed(["aaaa", "b", "cc"]);
    assertEquals(vectors.map(([first, second]) => [first, second]), [[0.8, 0.6], [0.316228, 0.948683], [
      0.5547,
      0.83205,
    ]]);
    assertEquals(requests.map(({ input }) => input), [["aaaa", "b"], ["cc"]]);
    const { input: _, ...rest } = requests[0] ?? {};
    assertEquals(
      rest,
      { model: "text-embedding-3-small", dimensions: 384, encoding_format: "float" } as never,
    );
    assertEquals(headers[0]?.get("authorization"), "Bearer sk-test");
  }, { batch_size: 2 });
});

Deno.test("No text asks for nothing", async () => {
  await withServer(good, async (embed, requests) => {
    assertEquals([await embed([]), requests], [[], []]);
  });
});

Deno.test("An answer in another order is put right", async () => {
  await withServer(
    async (asked) => answer((await good(asked).json()).data.reverse()),
    async (embed) => assertEquals((await embed(["aaaa", "b"])).map(([first]) => first), [0.8, 0.316228]),
  );
});

Deno.test("A refusal of the server is told by its kind, without its words, and not repeated", async () => {
  const refuse = (status: number) => () => Response.json({ error: { message: "inner text" } }, { status });
  assertEquals(await failure(refuse(429)), ["rate_limited", 1]);
  for (const status of [400, 401, 404, 500, 503]) {
    assertEquals(await failure(refuse(status)), ["unavailable", 1]);
  }
});

Deno.test("Vectors of the wrong size, number or kind are refused", async () => {
  const each = (embedding: unknown) => ({ input }: Asked) =>
    answer(input.map((_, index) => ({ index, embedding })));
  for (
    const respond of [
      each(vector(1, 1536)),
      each(vector(0, DIMENSIONS).fill(0)),
      each(vector(1).fill("1", 0, 1)),
      each("AAAA"),
      () => answer([{ index: 0, embedding: vector(1) }]),
      () => answer("inner text"),
      () => new Response("inner text", { headers: { "content-type": "application/json" } }),
    ]
  ) {
    assertEquals(await failure(respond), ["invalid", 1]);
  }
});

Deno.test("A server that does not answer, or does not end its answer, is given up", async () => {
  const held: (() => void)[] = [];
  const silent = () => new Promise<Response>((resolve) => held.push(() => resolve(new Response())));
  const endless = () =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"data": ['));
        },
      }),
      { headers: { "content-type": "application/json" } },
    );
  const silentFailure = failure(
    () => {
      setTimeout(() => held.forEach((release) => release()), 300);
      return silent();
    },
    100,
  );
  assertEquals(await silentFailure, ["timeout", 1]);
  assertEquals(await failure(endless, 100), ["timeout", 1]);
});

Deno.test("A server that is not there is unavailable", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const base_url = `http://127.0.0.1:${listener.addr.port}/v1`;
  listener.close();
  const error = await assertRejects(
    () => openAiEmbedder({ api_key: "k", base_url, model: "m" }).embed(["calls"]),
    EmbeddingFailure,
  );
  assertEquals(error.reason, "unavailable");
});
