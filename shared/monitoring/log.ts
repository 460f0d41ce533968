import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Variables } from "../access/auth.ts";
import { sha256 } from "../digest.ts";
import { Problem } from "../http/problem.ts";
import { requestMetrics } from "./request_metrics.ts";
import { continueTrace } from "./trace.ts";

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

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/**
 * Logs each request as one JSON line, without paths' ids, query values or bodies, counts it in the isolate's metrics,
 * and gives it its place in the caller's trace.
 */
export function requestLog(
  surface: string,
  write: LogLine = print,
): MiddlewareHandler<{ Variables: Variables }> {
  return async function logRequest(c, next) {
    const started = performance.now();
    const trace = continueTrace(c.req.header("traceparent"));
    const work = { ms: 0, calls: 0 };
    c.set("trace", trace);
    c.set("database_work", work);
    await next();
    const ms = performance.now() - started;
    const { method } = c.req;
    const { status } = c.res;
    const route = routePath(c);
    requestMetrics.observe({ surface, method, route, status, ms, database_ms: work.ms });
    write(JSON.stringify({
      time: new Date().toISOString(),
      level: status >= 500 ? "error" : "info",
      surface,
      request_id: c.var.requestId,
      trace_id: trace.trace_id,
      span_id: trace.span_id,
      ...(trace.parent_id !== null && { parent_id: trace.parent_id }),
      method,
      route,
      status,
      ms: tenths(ms),
      database_ms: tenths(work.ms),
      database_calls: work.calls,
      ...(c.var.rows !== undefined && { rows: c.var.rows }),
      ...(c.var.database !== undefined && { database: c.var.database }),
      ...(c.var.cache !== undefined && { cache: c.var.cache.state }),
      user: c.var.caller ? await hashed(c.var.caller.id) : null,
      ...(c.error && described(c.error)),
    }));
  };
}
