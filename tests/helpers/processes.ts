import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A process of the project that the test ends. */
export interface Running {
  readonly url: string;
  readonly pid: number;
  /** Everything that it printed so far. */
  printed(): string;
  /** Ends it, and waits until it is gone. */
  end(signal: Deno.Signal): Promise<void>;
}

/** What a process prints, kept as it comes. */
class Printed {
  text = "";
  readonly #waiting: (() => void)[] = [];
  #ended = 0;

  constructor(...streams: ReadableStream<Uint8Array<ArrayBuffer>>[]) {
    for (const stream of streams) this.#read(stream);
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      this.text += chunk;
      this.#waiting.splice(0).forEach((wake) => wake());
    }
    this.#ended++;
    this.#waiting.splice(0).forEach((wake) => wake());
  }

  /** The first group of the pattern, as soon as it was printed. */
  async find(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.text)?.[1];
      if (found !== undefined) return found;
      if (this.#ended > 0) throw new Error(`The process ended before it was ready:\n${this.text}`);
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }
}

async function running(child: Deno.ChildProcess, pattern: RegExp): Promise<Running> {
  const printed = new Printed(child.stdout, child.stderr);
  const url = await printed.find(pattern);
  return {
    url: url.replace(/\/$/, ""),
    pid: child.pid,
    printed: () => printed.text,
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
    env: { DATABASE_URL: "", PHONELOG_DATA: "", PHONELOG_PORT: "", PHONELOG_JOBS: "0" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return await running(child, /^PhoneLog AI is ready at (http:\/\/127\.0\.0\.1:\d+)\n/m);
}

/** One function as the platform runs it: a process of its own that may use the network and its environment only. */
export async function startFunction(surface: string, env: Record<string, string>): Promise<Running> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", "--allow-net", "--allow-env", `functions/${surface}/index.ts`],
    cwd: ROOT,
    env: { ...env, DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0", NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return await running(child, /Listening on (http:\/\/127\.0\.0\.1:\d+)/);
}

let edge_deno: Promise<string> | undefined;

/** Path of the Deno that the Edge Runtime is made of, fetched by npx. */
function edgeDeno(): Promise<string> {
  return edge_deno ??= new Deno.Command("npx", {
    args: ["-y", "deno@2.1.14", "eval", "console.log(Deno.execPath())"],
    cwd: tmpdir(),
  }).output().then(({ stdout }) => new TextDecoder().decode(stdout).trim());
}

/** What the platform does to a function: `Deno.serve` listens where it is told to, here on any free port. */
const platform = (surface: string) =>
  `const serve = Deno.serve;
Deno.serve = (handler) => serve({ hostname: "127.0.0.1", port: 0 }, handler);
await import("./functions/${surface}/index.ts");`;

/**
 * A function from the files that were uploaded, on the Deno of the Edge Runtime (2.1) and without a lock file; it may
 * use the network and its environment only.
 *
 * @param folder The uploaded files under their paths, with `import_map.json`.
 */
export async function startUploaded(
  surface: string,
  env: Record<string, string>,
  folder: string,
): Promise<Running> {
  await Deno.writeTextFile(`${folder}/platform.js`, platform(surface));
  const child = new Deno.Command(await edgeDeno(), {
    args: [
      ...["run", "--no-check", "--no-prompt", "--no-config", "--no-lock", "--node-modules-dir=none"],
      ...["--import-map=import_map.json", "--allow-net", "--allow-env", "platform.js"],
    ],
    cwd: folder,
    // Without a lock the newest of what packages depend on is fetched, over whatever the machine trusts.
    env: { ...env, NO_COLOR: "1", DENO_TLS_CA_STORE: "system,mozilla" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return await running(child, /Listening on (http:\/\/127\.0\.0\.1:\d+)/);
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
