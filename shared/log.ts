import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Variables } from "./auth.ts";
import { sha256 } from "./digest.ts";
import { Problem } from "./problem.ts";

/** Writes one line; tests give their own. */
export type LogLine = (line: string) => void;

// deno-lint-ignore no-console -- the platform collects what a function prints
const print: LogLine = (line) => console.log(line);

/** A user id that can be followed through the log without naming anybody. */
async function hashed(id: string): Promise<string> {
  return (await sha256(id)).slice(0, 12);
}

/** Error text for the log only: names and codes, never a value of a row or a request. */
function described(error: unknown): Record<string, unknown> {
  if (error instanceof Problem) {
    const cause = error.cause as { code?: unknown } | undefined;
    return { code: error.code, ...(cause?.code !== undefined && { cause: String(cause.code) }) };
  }
  return error instanceof Error
    ? { error: error.name, at: error.stack?.split("\n")[1]?.trim() }
    : { error: "unknown" };
}

/** Logs each request as one JSON line, without paths' ids, query values or bodies. */
export function requestLog(
  surface: string,
  write: LogLine = print,
): MiddlewareHandler<{ Variables: Variables }> {
  return async function logRequest(c, next) {
    const started = performance.now();
    await next();
    const user = c.var.caller ? await hashed(c.var.caller.id) : null;
    write(JSON.stringify({
      time: new Date().toISOString(),
      level: c.res.status >= 500 ? "error" : "info",
      surface,
      request_id: c.var.requestId,
      method: c.req.method,
      route: routePath(c),
      status: c.res.status,
      ms: Math.round((performance.now() - started) * 10) / 10,
      user,
      ...(c.error && described(c.error)),
    }));
  };
}
