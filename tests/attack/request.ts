import type { Stack } from "../../dev/stack.ts";

/** When a request is sent. */
export type Phase = "read" | "write" | "last";

/** One HTTP request of an attack; who sends it adds his headers. */
export interface AttackRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string;
  /** Rows that only the victim may count: the answer's total is to be 0. */
  readonly counts_hers?: true;
  /**
   * Reads go first. What leaves words of the victim's in the attacker's own rows goes last, because whoever asks for
   * them then has them from himself. By the method unless told.
   */
  readonly phase?: Phase;
  /** Is for the secret key: anybody else is told so, whatever else is wrong with what he brings. */
  readonly by_secret_key?: true;
  /** Asks for no token, so that one that lets nobody in is not looked at. */
  readonly is_public?: true;
  /** Nobody at all may do this. */
  readonly refused?: true;
}

/** When this request is sent. */
export function phaseOf({ phase, method }: AttackRequest): Phase {
  return phase ?? (method === "GET" || method === "HEAD" ? "read" : "write");
}

/** What came back, as text. */
export interface AttackReply {
  readonly status: number;
  /** The headers that can carry data, and the body. */
  readonly text: string;
  readonly content_range: string | null;
}

/** A request in one line, to repeat it by hand. */
export function describe({ method, path, headers, json, body }: AttackRequest): string {
  const sent = json === undefined ? body : JSON.stringify(json);
  return [method, decodeURIComponent(path), headers && JSON.stringify(headers), sent?.slice(0, 400)].filter(
    Boolean,
  ).join(" ");
}

const HEADERS_WITH_DATA = ["location", "content-range", "www-authenticate", "content-disposition"];

/** Sends a request to the stack, in process. */
export async function send(
  stack: Stack,
  request: AttackRequest,
  headers: Readonly<Record<string, string>>,
): Promise<AttackReply> {
  const body = request.json === undefined ? request.body : JSON.stringify(request.json);
  const response = await stack.fetch(request.path, {
    method: request.method,
    headers: {
      ...headers,
      ...(request.json !== undefined && { "content-type": "application/json" }),
      ...request.headers,
    },
    ...(body !== undefined && { body }),
  });
  const carried = HEADERS_WITH_DATA.map((name) => response.headers.get(name)).filter((value) =>
    value !== null
  );
  return {
    status: response.status,
    text: [...carried, await response.text()].join("\n"),
    content_range: response.headers.get("content-range"),
  };
}

/** Does `fn` for each item, at most so many at once; the results are in the order of the items. */
export async function inParallel<T, R>(
  items: readonly T[],
  at_once: number,
  fn: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await fn(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(at_once, items.length) }, work));
  return results;
}
