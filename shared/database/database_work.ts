import type { Context } from "hono";
import { traceparent } from "../monitoring/trace.ts";

/** What a request asked of the database so far. */
export interface DatabaseWork {
  /** Time of all calls, added up; calls side by side count each. */
  ms: number;
  calls: number;
}

/** Runs a call to the database and adds its time to the request's {@link DatabaseWork}. */
export async function databaseCall<T>(c: Context, call: () => Promise<T>): Promise<T> {
  const work: DatabaseWork | undefined = c.get("database_work");
  const started = performance.now();
  try {
    return await call();
  } finally {
    if (work !== undefined) {
      work.ms += performance.now() - started;
      work.calls++;
    }
  }
}

/** The `fetch` of a request's database client: counts its calls, and sends the trace on. */
export function databaseFetch(c: Context): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    if (c.get("trace") !== undefined) headers.set("traceparent", traceparent(c.get("trace")));
    return databaseCall(c, () => fetch(input, { ...init, headers }));
  };
}
