import { fileURLToPath } from "node:url";
import type { Stack } from "../../dev/stack.ts";
import { platformVariables } from "../../dev/surfaces.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A function as a process of its own, which the end of its block ends. */
export interface FunctionProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/**
 * A function as the platform runs it: a process of its own, without file access, that knows `EdgeRuntime`. The platform
 * gives it 256 MB; unbounded, V8 lets garbage lie as long as this machine has memory, which would say nothing about the need.
 *
 * @param heap_mb What V8 may keep; beside it stand Deno itself, about 100 MB, and buffers.
 */
export async function startFunctionProcess(
  stack: Stack,
  surface: string,
  port: number,
  heap_mb = 128,
): Promise<FunctionProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      `--v8-flags=--max-old-space-size=${heap_mb}`,
      "--preload",
      "bench/harness/edge_runtime.ts",
      "--allow-net",
      "--allow-env",
      `functions/${surface}/index.ts`,
    ],
    cwd: ROOT,
    env: {
      ...platformVariables(stack.url, stack.keys, { PHONELOG_RATE_LIMITS: "off" }),
      DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
    },
    stdout: "null",
    stderr: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries++) {
    const is_up = await fetch(`${url}/${surface}/openapi.json`)
      .then((response) => response.body?.cancel().then(() => true), () => false);
    if (is_up) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    pid: child.pid,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}
