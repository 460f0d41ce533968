import type { Context } from "hono";
import { sha256 } from "../digest.ts";
import type { AnswerCache, CacheState } from "../cache/result_cache.ts";
import type { Kept } from "../cache/result_store.ts";

/** Members that change with every answer and say nothing about the data. */
const VOLATILE = new Set(["generated_at"]);

async function entityTag(stable: string): Promise<string> {
  return `W/"${(await sha256(stable)).slice(0, 24)}"`;
}

const REVALIDATE = "private, no-cache";

/** Sends a body; as 304 when the client has it. */
function sendTagged(
  c: Context,
  { type, etag, body }: Kept,
  status: 200 | 201 | 202,
  cache_control: string = REVALIDATE,
): never {
  const headers = new Headers({ "content-type": type, "cache-control": cache_control, etag });
  const known = c.req.header("if-none-match")?.split(",").map((tag) => tag.trim());
  // The routes' types describe the answer; `never` says that this is one of them whatever the route.
  if (known?.some((tag) => tag === etag || tag === "*")) {
    return c.newResponse(null, { status: 304, headers }) as never;
  }
  return c.newResponse(body, { status, headers }) as never;
}

/**
 * Sends what is answered, of a GET with its ETag, and keeps it where the route's answers are kept.
 *
 * @param bodyOf The body as it says where it came from.
 */
async function send(
  c: Context,
  content: { type: string; stable: string; bodyOf: (cache?: CacheState) => string },
  status: 200 | 201 | 202,
  cache_control: string = REVALIDATE,
): Promise<never> {
  const { type, stable, bodyOf } = content;
  const { state, keep } = (c.var.cache ?? {}) as Partial<AnswerCache>;
  const body = bodyOf(state);
  if (c.req.method !== "GET" && c.req.method !== "HEAD") {
    return c.newResponse(body, {
      status,
      headers: { "content-type": type, "cache-control": cache_control },
    }) as never;
  }
  const etag = await entityTag(stable);
  if (cache_control === REVALIDATE) keep?.({ type, etag, body: bodyOf("hit") });
  return sendTagged(c, { type, etag, body }, status, cache_control);
}

/**
 * Answers `{ data, meta }`. A GET carries an ETag over the data (not over `generated_at`) and is answered with 304
 * when the client has it. Where answers are kept, `meta.cache` says whether this one was. What is `secret` is kept by
 * nobody, on the way neither.
 */
export function answer(
  c: Context,
  data: unknown,
  options: { meta?: Record<string, unknown>; status?: 200 | 201 | 202; secret?: boolean } = {},
): Promise<never> {
  if (Array.isArray(data)) c.set("rows", data.length);
  const text = JSON.stringify(data);
  const bodyOf = (cache?: CacheState) =>
    `{"data":${text},"meta":${JSON.stringify({ ...options.meta, ...(cache && { cache }) })}}`;
  const stable = JSON.stringify(
    JSON.parse(bodyOf(), (key, value) => VOLATILE.has(key) ? undefined : value),
  );
  return send(
    c,
    { type: "application/json", stable, bodyOf },
    options.status ?? 200,
    options.secret ? "no-store" : REVALIDATE,
  );
}

/** Answers a table as CSV (RFC 4180), with an ETag over it. */
export function answerCsv(c: Context, csv: string): Promise<never> {
  return send(c, { type: "text/csv; charset=utf-8", stable: csv, bodyOf: () => csv }, 200);
}

/** Answers with what was answered before. */
export function answerKept(c: Context, kept: Kept): never {
  return sendTagged(c, kept, 200);
}
