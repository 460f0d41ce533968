/** What a receiver of webhooks got. */
export interface Received {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A receiver of webhooks on this machine; close it. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
}

/** Listens on a free port and answers each message as it is told. */
export function startReceiver(
  answer: (received: Received, index: number) => Response | Promise<Response>,
  tls?: { cert: string; key: string },
): Receiver {
  const received: Received[] = [];
  const cut = new AbortController();
  const handler = async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const message = {
      path: pathname + search,
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
    };
    received.push(message);
    return await answer(message, received.length - 1);
  };
  const options = { hostname: "127.0.0.1", port: 0, signal: cut.signal, onListen: () => {} };
  const server = tls ? Deno.serve({ ...options, ...tls }, handler) : Deno.serve(options, handler);
  return {
    url: `http${tls ? "s" : ""}://${tls ? "localhost" : "127.0.0.1"}:${server.addr.port}`,
    received,
    [Symbol.asyncDispose]: async () => {
      cut.abort();
      await server.finished;
    },
  };
}
