import type { Gateway } from "./gateway.ts";

/** A listening HTTP server whose handler comes when the rest is up. */
export interface Server {
  /** Where it is reached, without a path: loopback when it listens on every address. */
  url: string;
  /**
   * Answers with this handler from now on; 503 until then.
   *
   * @param isInner Tells what a request in hand may ask of this server itself: that is let in while one is in hand.
   */
  serve(gateway: Gateway, isInner?: (request: Request) => boolean): void;
  /** Takes no more requests and waits for those in hand, at most so long. */
  stop(max_wait_ms: number): Promise<void>;
}

function unavailable(): Promise<Response> {
  const headers = { "retry-after": "1", "connection": "close" };
  return Promise.resolve(new Response("Starting or stopping\n", { status: 503, headers }));
}

function bind(hostname: string, port: number, signal: AbortSignal, handler: Deno.ServeHandler<Deno.NetAddr>) {
  try {
    return Deno.serve({ hostname, port, signal, onListen: () => {} }, handler);
  } catch (cause) {
    if (cause instanceof Deno.errors.AddrInUse) {
      throw new Error(`Port ${port} is in use: stop what holds it, or choose another with --port`, { cause });
    }
    throw new Error(`Cannot listen on ${hostname}:${port}: ${(cause as Error).message}`, { cause });
  }
}

/** What cannot even be a `Request`: a `Host` that is none, a method that fetch forbids. */
function refuse(request: Request): Response | undefined {
  if (!URL.canParse(request.url)) return new Response("Bad Request\n", { status: 400 });
  if (/^(TRACE|TRACK|CONNECT)$/.test(request.method)) {
    return new Response("Method Not Allowed\n", { status: 405 });
  }
  return undefined;
}

/**
 * Listens at once, so that a taken port is known before the database is opened.
 *
 * @throws Error in one sentence when the port is taken or the address is not this machine's.
 */
export function listen(hostname: string, port: number, log: (message: string) => void): Server {
  let gateway: Gateway = unavailable;
  let isInner: (request: Request) => boolean = () => false;
  let is_stopping = false;
  const in_hand = new Set<Promise<unknown>>();
  const inner = new Set<Promise<unknown>>();
  const cut = new AbortController();
  const server = bind(hostname, port, cut.signal, (request, info) => {
    const refused = refuse(request);
    if (refused !== undefined) return refused;
    const is_inner = isInner(request);
    const is_refused = is_stopping && !(is_inner && in_hand.size > 0);
    const handle = is_refused ? unavailable : gateway;
    const answer = handle(request, info.remoteAddr.hostname).catch((error) => {
      log(`A request failed: ${error instanceof Error ? error.stack : error}`);
      return new Response("Internal Server Error\n", { status: 500 });
    });
    const set = is_inner ? inner : in_hand;
    // To the last byte: what is streamed may still ask.
    const sent: Promise<unknown> = info.completed.catch(() => {}).then(() => set.delete(sent));
    set.add(sent);
    return answer;
  });
  const settle = async () => {
    await Promise.all(in_hand);
    // Those that the last of them let in, or that came by themselves.
    await Promise.all(inner);
  };
  const drain = async (max_wait_ms: number) => {
    is_stopping = true;
    const limit = Promise.withResolvers<"over">();
    const timer = setTimeout(() => limit.resolve("over"), max_wait_ms);
    // Deno's shutdown closes the bodies of requests in hand, so it comes after them.
    if (await Promise.race([settle(), limit.promise]) === "over") cut.abort();
    else await Promise.race([server.shutdown(), limit.promise]);
    clearTimeout(timer);
    if (cut.signal.aborted) await server.finished;
  };
  let stopped: Promise<void> | undefined;
  const host = ["0.0.0.0", "::"].includes(hostname) ? "127.0.0.1" : hostname;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${server.addr.port}`,
    serve: (next, isInnerRequest = () => false) => {
      gateway = next;
      isInner = isInnerRequest;
    },
    stop: (max_wait_ms) => stopped ??= drain(max_wait_ms),
  };
}
