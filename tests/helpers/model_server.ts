/** What a client of the chat completions sends, as far as the tests look at it. */
export interface ChatRequest {
  readonly model: string;
  readonly temperature: number;
  readonly messages: readonly { role: string; content: string }[];
  readonly response_format: { json_schema: { strict: boolean; schema: Record<string, unknown> } };
}

/** A server on loopback that speaks the chat completions of OpenAI and says what it is told to. */
export interface ModelServer extends AsyncDisposable {
  readonly base_url: string;
  /** All that was asked, in order. */
  readonly requests: readonly ChatRequest[];
  /** Headers of the same. */
  readonly headers: readonly Headers[];
}

/** Answers the nth request, counted from 0. */
export type Respond = (request: ChatRequest, n: number) => Response | Promise<Response>;

/** A completion with a message as given. */
export function completion(message: Record<string, unknown>, finish_reason = "stop"): Response {
  return Response.json({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "loopback",
    choices: [{ index: 0, finish_reason, message: { role: "assistant", refusal: null, ...message } }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
}

/** A completion whose content is this value as JSON. */
export function reply(value: unknown): Response {
  return completion({ content: JSON.stringify(value) });
}

/** An error as OpenAI sends it. */
export function failed(status: number, code: string | null = null, headers: HeadersInit = {}): Response {
  return Response.json({ error: { message: "inner text of the server", type: "error", param: null, code } }, {
    status,
    headers,
  });
}

/** Sends the head and half of the body, and then nothing until the server is closed. */
export function stalled(): Response {
  return new Response(
    new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{"id":')) }),
    { headers: { "content-type": "application/json" } },
  );
}

/**
 * Starts a server of its own for a test; dispose of it at the end (`await using`).
 *
 * @param respond May return a promise that never settles: closing the server ends what hangs.
 */
export function startModelServer(respond: Respond): ModelServer {
  const requests: ChatRequest[] = [];
  const headers: Headers[] = [];
  const closing = Promise.withResolvers<Response>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    if (new URL(request.url).pathname !== "/v1/chat/completions") return failed(404);
    const body = await request.json() as ChatRequest;
    headers.push(request.headers);
    return await Promise.race([respond(body, requests.push(body) - 1), closing.promise]);
  });
  return {
    base_url: `http://127.0.0.1:${server.addr.port}/v1`,
    requests,
    headers,
    async [Symbol.asyncDispose]() {
      closing.resolve(failed(503));
      await server.shutdown();
    },
  };
}
