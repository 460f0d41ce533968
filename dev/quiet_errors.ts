import { AsyncLocalStorage } from "node:async_hooks";

type Log = (message: string) => void;

const scope = new AsyncLocalStorage<Log>();
let is_installed = false;

function describe(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { code, message } = value as { code?: unknown; message?: unknown };
  if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return undefined;
  // Class 22 quotes the value that was refused, which may be a name, a number or a text.
  return code.startsWith("22") ? `SQL error ${code}` : `SQL error ${code}: ${message}`;
}

function install(): void {
  if (is_installed) return;
  is_installed = true;
  const target = globalThis.console;
  const print = target.error.bind(target);
  target.error = (...values: unknown[]) => {
    const log = scope.getStore();
    const text = values.map(describe).find((line) => line !== undefined);
    if (log === undefined || text === undefined) return print(...values);
    // PTxyz is how our functions answer 4xx: nothing went wrong.
    if (!text.startsWith("SQL error PT")) log(text);
  };
}

/**
 * Runs `fn` with one line in the log for a database error. `@supabase/lite` writes each one to the console whole,
 * with the query's parameters, which are people's messages and numbers.
 */
export function withQuietErrors<T>(log: Log, fn: () => T): T {
  install();
  return scope.run(log, fn);
}
