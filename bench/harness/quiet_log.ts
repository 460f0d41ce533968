// deno-lint-ignore-file no-console -- the functions' request log goes to the console

/** Keeps the request log of functions that run in this process out of the output until the end of its block. */
export function quietLog(): Disposable {
  const print = console.log;
  console.log = (...parts: unknown[]) => {
    if (!String(parts[0]).startsWith('{"time":')) print(...parts);
  };
  return {
    [Symbol.dispose]: () => {
      console.log = print;
    },
  };
}
