import { fileURLToPath } from "node:url";

/** The project's folder. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A process of the project that the test ends. */
export interface Running {
  readonly url: string;
  readonly pid: number;
  /** Ends it, and waits until it is gone. */
  end(signal: Deno.Signal): Promise<void>;
}

async function ready(output: ReadableStream<Uint8Array<ArrayBuffer>>, pattern: RegExp): Promise<string> {
  let out = "";
  const reader = output.pipeThrough(new TextDecoderStream()).getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    out += chunk.value;
    const found = pattern.exec(out)?.[1];
    if (found === undefined) continue;
    // What it prints from now on is read and dropped, so that it never waits for a reader.
    (async () => {
      while (!(await reader.read()).done);
    })().catch(() => {});
    return found;
  }
  throw new Error(`The process ended before it was ready:\n${out}`);
}

function running(child: Deno.ChildProcess, url: string): Running {
  return {
    url,
    pid: child.pid,
    end: async (signal) => {
      child.kill(signal);
      await child.status;
    },
  };
}

/** `deno task start` with these options, once it is ready. */
export async function startProcess(...options: string[]): Promise<Running> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "dev/start.ts", ...options],
    cwd: ROOT,
    env: { DATABASE_URL: "", PHONELOG_DATA: "", PHONELOG_PORT: "" },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  return running(child, await ready(child.stdout, /^PhoneLog AI is ready at (http:\/\/127\.0\.0\.1:\d+)\n/m));
}

/** One function as the platform runs it: a process of its own that may use the network and its environment only. */
export async function startFunction(surface: string, env: Record<string, string>): Promise<Running> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", "--allow-net", "--allow-env", `functions/${surface}/index.ts`],
    cwd: ROOT,
    env: { ...env, DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0", NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  return running(
    child,
    (await ready(child.stderr, /Listening on (http:\/\/127\.0\.0\.1:\d+)/)).replace(/\/$/, ""),
  );
}

/** A command of `dev/`, to its end. */
export async function runCommand(
  script: string,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `dev/${script}.ts`, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}
