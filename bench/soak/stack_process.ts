import { fileURLToPath } from "node:url";
import { openEmbedded } from "../../dev/embedded_data.ts";
import { openKeys, type SigningKeys } from "../../dev/keys.ts";
import { PUBLISHABLE_KEY } from "../../dev/lite.ts";
import { readMigrations } from "../../dev/migrations.ts";
import { prepareDatabase } from "../../dev/prepare_database.ts";
import { createPopulation, dropPopulation, urlOf } from "../harness/bench_database.ts";
import { buildPopulation } from "../population/build.ts";
import type { PopulationSpec } from "../population.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What V8 may keep: unbounded, it lets garbage lie as long as the machine has memory, which hides every leak. */
export const HEAP_MB = 512;

/** `deno task start` in a process of its own, with a population, which the end of its block ends and removes. */
export interface StackProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly keys: SigningKeys;
  readonly publishable_key: string;
  /** Undefined on the embedded engine. */
  readonly database_url: string | undefined;
  /** Its end, with the exit code; -1 for killed. */
  readonly ended: Promise<number>;
  /** Lines of its log that tell of a failure, the last ones. */
  failures(): Promise<string[]>;
}

/** Where the stack is to run. */
export interface StackProcessOptions {
  /** A server on which a database may be made; without it the embedded engine. */
  readonly server_url: string | undefined;
  readonly prefix: string;
  readonly spec: PopulationSpec;
  readonly log: (message: string) => void;
}

async function fillEmbedded(data: string, { spec, log }: StackProcessOptions): Promise<void> {
  const db = await openEmbedded(data, log);
  try {
    await prepareDatabase(db, await readMigrations(`${ROOT}supabase/migrations`));
    await buildPopulation(db, spec, log);
  } finally {
    await db.close();
  }
}

async function untilReady(log_path: string, ended: Promise<number>): Promise<string> {
  let is_over = false;
  ended.then(() => is_over = true);
  for (;;) {
    const text = await Deno.readTextFile(log_path).catch(() => "");
    const [, url] = /^PhoneLog AI is ready at (\S+)\n/m.exec(text) ?? [];
    if (url !== undefined) return url;
    if (is_over) throw new Error(`The stack ended before it was ready:\n${text}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Builds the population and starts the stack over it, the jobs of every minute included. */
export async function startStackProcess(options: StackProcessOptions): Promise<StackProcess> {
  const { server_url, prefix, spec, log } = options;
  const data = await Deno.makeTempDir({ prefix: "phonelog-soak-" });
  const name = `${prefix}_soak`;
  const database_url = server_url === undefined ? undefined : urlOf(server_url, name);
  if (server_url === undefined) await fillEmbedded(data, options);
  else await createPopulation(server_url, name, spec, log);
  const log_path = `${data}/log`;
  // Into a file, so that reading its lines costs nobody anything.
  const child = new Deno.Command("sh", {
    args: [
      "-c",
      `exec "$@" > ${log_path} 2>&1`,
      "sh",
      Deno.execPath(),
      "run",
      "-A",
      "--no-check",
      `--v8-flags=--max-old-space-size=${HEAP_MB}`,
      "dev/start.ts",
      "--no-demo",
      "--port=0",
      `--data=${data}`,
    ],
    cwd: ROOT,
    env: { DATABASE_URL: database_url ?? "", NO_COLOR: "1" },
  }).spawn();
  const ended = child.status.then(({ code, signal }) => signal === null ? code : -1);
  return {
    url: await untilReady(log_path, ended),
    pid: child.pid,
    keys: await openKeys(`${data}/signing_key.json`),
    publishable_key: PUBLISHABLE_KEY,
    database_url,
    ended,
    failures: async () => {
      const lines = (await Deno.readTextFile(log_path)).split("\n");
      const bad = lines.filter((line) =>
        line !== "" && !line.startsWith('{"time"') || line.includes('"level":"error"')
      );
      return bad.slice(-20);
    },
    [Symbol.asyncDispose]: async () => {
      try {
        child.kill("SIGKILL");
      } catch { /* It has ended by itself. */ }
      await ended;
      await Deno.remove(data, { recursive: true });
      if (server_url !== undefined) await dropPopulation(server_url, name);
    },
  };
}
