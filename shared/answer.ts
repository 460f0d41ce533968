import type { Context } from "hono";
import { sha256 } from "./digest.ts";

/** Members that change with every answer and say nothing about the data. */
const VOLATILE = new Set(["generated_at"]);

async function entityTag(stable: string): Promise<string> {
  return `W/"${(await sha256(stable)).slice(0, 24)}"`;
}

/** Sends a body; of a GET with its ETag, and as 304 when the client has it. */
async function send(
  c: Context,
  content: { type: string; body: string; stable: string },
  status: 200 | 201 | 202,
  cache: "no-store" | "private, no-cache" = "private, no-cache",
): Promise<never> {
  const headers = new Headers({ "content-type": content.type, "cache-control": cache });
  if (c.req.method === "GET" || c.req.method === "HEAD") {
    const etag = await entityTag(content.stable);
    headers.set("etag", etag);
    const known = c.req.header("if-none-match")?.split(",").map((tag) => tag.trim());
    if (known?.some((tag) => tag === etag || tag === "*")) {
      return c.newResponse(null, { status: 304, headers }) as never;
    }
  }
  // The routes' types describe the answer; `never` says that this is one of them whatever the route.
  return c.newResponse(content.body, { status, headers }) as never;
}

/**
 * Answers `{ data, meta }`. A GET carries an ETag over the data (not over `generated_at`) and is answered with 304
 * when the client has it. What is `secret` is kept by nobody on the way.
 */
export function answer(
  c: Context,
  data: unknown,
  options: { meta?: Record<string, unknown>; status?: 200 | 201 | 202; secret?: boolean } = {},
): Promise<never> {
  const body = JSON.stringify({ data, meta: options.meta ?? {} });
  const stable = JSON.stringify(JSON.parse(body, (key, value) => VOLATILE.has(key) ? undefined : value));
  const cache = options.secret ? "no-store" : "private, no-cache";
  return send(c, { type: "application/json", body, stable }, options.status ?? 200, cache);
}

/** Answers a table as CSV (RFC 4180), with an ETag over it. */
export function answerCsv(c: Context, csv: string): Promise<never> {
  return send(c, { type: "text/csv; charset=utf-8", body: csv, stable: csv }, 200);
}
