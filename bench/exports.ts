// deno-lint-ignore-file no-console -- a benchmark prints
import { SignJWT } from "jose";
import { type Database, openDatabase } from "../dev/database.ts";
import { type Stack, startStack } from "../dev/stack.ts";
import { openPopulation } from "./harness/bench_database.ts";
import { type FunctionProcess, startFunctionProcess } from "./harness/function_process.ts";
import { userId } from "./population.ts";
import { percentile, processUsage } from "./process_usage.ts";

const PART_BYTES = 1024 * 1024;
const HEAP_MB = 80;

/** Where the population is, and how large. */
export interface ExportBenchOptions {
  readonly server_url: string;
  readonly prefix: string;
  /** 1 for the person with 1,000,000 events. */
  readonly scale: number;
  readonly keep: boolean;
}

/** The tables that must be the same after the round trip. */
const SAME = [
  "public.lines",
  "public.sync_sources",
  "public.coverage",
  "public.contacts",
  "public.privacy_rules",
  "public.contact_numbers",
  "public.events",
  "private.event_variants",
  "private.deleted_events",
  "private.activity",
  "private.month_edges",
  "private.week_hours",
  "private.activity_parts",
  "private.contact_activity",
  "private.contact_stats",
  "private.call_durations",
];

class Person {
  private constructor(private readonly key: string, private readonly token: string) {}

  static async of(stack: Stack, user_id: string): Promise<Person> {
    const { keys, url } = stack;
    const claims = { sub: user_id, role: "authenticated", aud: "authenticated", iss: `${url}/auth/v1` };
    const token = await new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: keys.kid, typ: "JWT" })
      .setIssuedAt().setExpirationTime("12h").sign(keys.private_key);
    return new Person(stack.publishable_key, token);
  }

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(url, {
      ...init,
      headers: { authorization: `Bearer ${this.token}`, apikey: this.key, ...init.headers },
    });
    if (!response.ok) throw new Error(`Cannot ${init.method ?? "GET"} ${url}: ${await response.text()}`);
    return response;
  }

  // deno-lint-ignore no-explicit-any -- each caller knows its own answer
  async call(url: string, init: RequestInit = {}): Promise<any> {
    return (await (await this.fetch(url, init)).json()).data;
  }
}

/** What the process took while `work` ran. */
async function measured(pid: number, work: () => Promise<unknown>): Promise<{ ms: number; cpu_ms: number }> {
  const [cpu_ms, started] = [processUsage(pid).cpu_ms, performance.now()];
  await work();
  return { ms: performance.now() - started, cpu_ms: processUsage(pid).cpu_ms - cpu_ms };
}

async function untilReleased(db: Database, id: string): Promise<void> {
  for (;;) {
    const [row] = await db.query<{ lease: string | null }>(
      "select lease from public.data_exports where id = $1",
      [id],
    );
    if (row?.lease === null) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function makeExport(stack: Stack, fn: FunctionProcess, person: Person) {
  const steps: { ms: number; cpu_ms: number }[] = [];
  let made = { id: "", state: "queued", bytes: 0, rows_done: 0 };
  steps.push(
    await measured(fn.pid, async () => {
      made = await person.call(`${fn.url}/privacy/exports`, { method: "POST" });
      await new Promise((resolve) => setTimeout(resolve, 50));
      await untilReleased(stack.db, made.id);
    }),
  );
  while (made.state === "queued" || made.state === "running") {
    steps.push(
      await measured(fn.pid, async () => {
        made = await person.call(`${fn.url}/privacy/exports/${made.id}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        await untilReleased(stack.db, made.id);
      }),
    );
  }
  return { made, steps };
}

async function importArchive(fn: FunctionProcess, person: Person, path: string) {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  const { id } = await person.call(`${fn.url}/imports`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ filename: "export.zip", bytes: size }),
  });
  const parts: { ms: number; cpu_ms: number }[] = [];
  for (let at = 0; at < size; at += PART_BYTES) {
    const part = new Uint8Array(Math.min(PART_BYTES, size - at));
    for (let filled = 0; filled < part.length;) filled += await file.read(part.subarray(filled)) ?? 0;
    parts.push(
      await measured(
        fn.pid,
        () => person.call(`${fn.url}/imports/${id}/parts/${at / PART_BYTES}`, { method: "PUT", body: part }),
      ),
    );
  }
  return { done: await person.call(`${fn.url}/imports/${id}/complete`, { method: "POST" }), parts };
}

/** Rows of the tables that one of the two has and the other has not. */
async function differences(db: Database, first: string, second: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const table of SAME) {
    const [columns] = await db.query<{ list: string }>(
      `select string_agg(quote_ident(attname), ', ' order by attnum) as list from pg_attribute
        where attrelid = $1::regclass and attnum > 0 and not attisdropped
          and attname not in ('user_id', 'created_at', 'updated_at')`,
      [table],
    );
    const rows = (user: string) => `select ${columns?.list} from ${table} where user_id = '${user}'`;
    const [differing] = await db.query<{ n: number }>(
      `select ((select count(*) from (${rows(first)} except all ${rows(second)}) as a)
             + (select count(*) from (${rows(second)} except all ${rows(first)}) as b))::integer as n`,
    );
    if (differing?.n !== 0) found[table] = differing?.n ?? NaN;
  }
  return found;
}

function line(name: string, runs: readonly { ms: number; cpu_ms: number }[]): string {
  const of = (values: number[]) =>
    [0.5, 0.95, 1].map((share) => `${percentile(values, share).toFixed(0)} ms`).join(", ");
  return `  ${name.padEnd(24)} ${runs.length}; wall p50, p95, max ${
    of(runs.map(({ ms }) => ms))
  }; function's CPU ${of(runs.map(({ cpu_ms }) => cpu_ms))}`;
}

function seconds(runs: readonly { ms: number }[]): string {
  return `${(runs.reduce((sum, { ms }) => sum + ms, 0) / 1000).toFixed(0)} s`;
}

/** Exports the person with the large log, as the platform would, and imports the archive into a new account. */
export async function benchExports(options: ExportBenchOptions): Promise<void> {
  const { server_url, prefix, scale, keep } = options;
  const population = await openPopulation(server_url, `${prefix}_exports`, scale, { keep, log: console.log });
  const stack = await startStack({
    port: 0,
    data: ":memory:",
    db: await openDatabase({ database_url: population.url }),
  });
  const path = await Deno.makeTempFile({ suffix: ".zip" });
  const heir_id = crypto.randomUUID();
  try {
    await using privacy = await startFunctionProcess(stack, "privacy", 54996, HEAP_MB);
    await using imports = await startFunctionProcess(stack, "imports", 54997, HEAP_MB);
    // The population's day may end after now, and what is created after the request is not in an export.
    await stack.db.query(
      "update public.events set created_at = now() where user_id = $1 and created_at > now()",
      [
        userId(0),
      ],
    );
    const person = await Person.of(stack, userId(0));
    const { made, steps } = await makeExport(stack, privacy, person);
    if (made.state !== "done") throw new Error(`The export is ${made.state}`);
    const making_mb = processUsage(privacy.pid).peak_mb;
    const download = await measured(privacy.pid, async () => {
      const archive = await person.fetch(`${privacy.url}/privacy/exports/${made.id}/download`);
      await Deno.writeFile(path, archive.body ?? new Uint8Array());
    });
    await stack.db.query("insert into auth.users (id, email) values ($1, $2)", [
      heir_id,
      `${heir_id}@bench.test`,
    ]);
    const { done, parts } = await importArchive(imports, await Person.of(stack, heir_id), path);
    const differing = await differences(stack.db, userId(0), heir_id);
    console.log(
      `Export of ${made.rows_done} rows, ${(made.bytes / 1e6).toFixed(0)} MB, and back into a new account
  machine                  ${navigator.hardwareConcurrency} cores, load ${Deno.loadavg()[0]?.toFixed(1)}
  made in                  ${seconds(steps)}
${line("requests", steps)}
  memory, making           peak ${making_mb.toFixed(0)} MB resident, heap bounded to ${HEAP_MB} MB
  download                 ${(download.ms / 1000).toFixed(1)} s, function's CPU ${download.cpu_ms} ms
  memory, download         peak ${processUsage(privacy.pid).peak_mb.toFixed(0)} MB resident
  imported in              ${seconds(parts)}: ${done.state}, ${done.inserted} of ${done.declared} rows
${line("parts of 1 MiB", parts)}
  memory, import           peak ${
        processUsage(imports.pid).peak_mb.toFixed(0)
      } MB resident, heap bounded to ${HEAP_MB} MB
  rows that differ         ${JSON.stringify(differing)}`,
    );
  } finally {
    await stack.db.query("delete from public.data_exports where user_id = $1", [userId(0)]);
    await stack.db.query("delete from auth.users where id = $1", [heir_id]);
    await stack.stop();
    await Deno.remove(path);
  }
}
