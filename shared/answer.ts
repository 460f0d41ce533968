import type { Context } from "hono";

/** Members that change with every answer and say nothing about the data. */
const VOLATILE = new Set(["generated_at"]);

async function entityTag(body: string): Promise<string> {
  const stable = JSON.stringify(JSON.parse(body, (key, value) => VOLATILE.has(key) ? undefined : value));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(stable));
  return `W/"${
    Array.from(new Uint8Array(digest, 0, 12), (byte) => byte.toString(16).padStart(2, "0")).join("")
  }"`;
}

/**
 * Answers `{ data, meta }`. A GET carries an ETag over the data (not over `generated_at`) and is answered with 304
 * when the client has it.
 */
export async function answer(
  c: Context,
  data: unknown,
  options: { meta?: Record<string, unknown>; status?: 200 | 201 } = {},
): Promise<never> {
  const body = JSON.stringify({ data, meta: options.meta ?? {} });
  const headers = new Headers({ "content-type": "application/json", "cache-control": "private, no-cache" });
  if (c.req.method === "GET" || c.req.method === "HEAD") {
    const etag = await entityTag(body);
    headers.set("etag", etag);
    const known = c.req.header("if-none-match")?.split(",").map((tag) => tag.trim());
    if (known?.some((tag) => tag === etag || tag === "*")) {
      return c.newResponse(null, { status: 304, headers }) as never;
    }
  }
  // The routes' types describe the answer; `never` says that this is one of them whatever the route.
  return c.newResponse(body, { status: options.status ?? 200, headers }) as never;
}
