// deno-lint-ignore-file no-console -- a benchmark prints
import { type Stack, startStack } from "../dev/stack.ts";
import { openParser, parsePart } from "../functions/imports/parsing/parser.ts";
import { backupFile } from "./backup_file.ts";
import { startFunctionProcess } from "./harness/function_process.ts";
import { percentile, processUsage } from "./process_usage.ts";

const PART_BYTES = 1024 * 1024;
const PORT = 54998;

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}

interface Run {
  readonly found: number;
  readonly inserted: number;
  readonly seconds: number;
  readonly part_ms: number[];
  readonly part_cpu_ms: number[];
}

async function importThrough(
  url: string,
  pid: number,
  token: string,
  key: string,
  file: Uint8Array<ArrayBuffer>,
): Promise<Run> {
  async function call(method: string, path: string, body?: string | Uint8Array<ArrayBuffer>) {
    const response = await fetch(`${url}/imports${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        apikey: key,
        ...(typeof body === "string" && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body }),
    });
    const document = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(document));
    return document.data;
  }
  const { id } = await call("POST", "", JSON.stringify({ filename: "bench.xml", bytes: file.length }));
  const part_ms: number[] = [];
  const part_cpu_ms: number[] = [];
  const started = performance.now();
  for (let part = 0; part * PART_BYTES < file.length; part++) {
    const [before, from] = [processUsage(pid).cpu_ms, performance.now()];
    await call("PUT", `/${id}/parts/${part}`, file.slice(part * PART_BYTES, (part + 1) * PART_BYTES));
    part_ms.push(performance.now() - from);
    part_cpu_ms.push(processUsage(pid).cpu_ms - before);
  }
  const done = await call("POST", `/${id}/complete`);
  return {
    found: done.found,
    inserted: done.inserted,
    seconds: (performance.now() - started) / 1000,
    part_ms,
    part_cpu_ms,
  };
}

/** One call with a file of almost 8 MiB: CPU that the function's process took. */
async function oneCall(
  fn: { url: string; pid: number },
  token: string,
  file: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const [before, started] = [processUsage(fn.pid).cpu_ms, performance.now()];
  const response = await fetch(`${fn.url}/imports`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" },
    body: file,
  });
  const { data } = await response.json();
  if (!response.ok) throw new Error(`Cannot import in one call: ${response.status}`);
  return `${ms(processUsage(fn.pid).cpu_ms - before)} CPU, ${
    ms(performance.now() - started)
  } wall, ${data.found} records`;
}

function shortRows(count: number): Uint8Array<ArrayBuffer> {
  const rows = Array.from({ length: count }, (_, i) => {
    const ts = new Date(Date.UTC(2020, 0, 1) + i * 600_000).toISOString().slice(0, 19);
    return `${ts}Z,+4477009${String(i % 400).padStart(5, "0")},incoming,${i % 600}`;
  });
  return new TextEncoder().encode(["time,number,direction,duration", ...rows].join("\n"));
}

/** The lower bound: the same rows, parsed before, in plain INSERTs of 1,000 without looking for anything. */
async function plainInsert(stack: Stack, owner_id: string, file: Uint8Array<ArrayBuffer>): Promise<number> {
  const { records } = parsePart(openParser({ time_zone: "UTC" }), file, true);
  const rows = records.flatMap((record) => record.kind === "event" ? [record.event] : []);
  const started = performance.now();
  for (let start = 0; start < rows.length; start += 1000) {
    await stack.db.query(
      `insert into public.events (user_id, ts, number, type, direction, status, content, source, sources, fingerprint)
       select $1, ts, number, type, direction, status, nullif(content, ''), 'backup', '{backup}', gen_random_uuid()
         from jsonb_to_recordset($2::jsonb) as r (ts timestamptz, number text, type text, direction text, status text, content text)`,
      [owner_id, JSON.stringify(rows.slice(start, start + 1000))],
    );
  }
  return rows.length / ((performance.now() - started) / 1000);
}

/** Imports a generated backup through the resumable path, with the function in its own process, beside plain INSERTs. */
export async function benchImport(messages: number): Promise<void> {
  const database_url = Deno.env.get("DATABASE_URL");
  const data = database_url ? ":memory:" : await Deno.makeTempDir();
  const file = backupFile(messages);
  const stack = await startStack({
    port: 0,
    data,
    // Counted as ever, and never reached.
    secrets: { PHONELOG_RATE_LIMITS: "user=1000000/1,address=1000000/1" },
    ...(database_url && { database_url }),
  });
  try {
    const name = crypto.randomUUID();
    const { access_token, user_id } = await stack.signUp(`${name}@bench.test`, "a-long-password");
    const other = await stack.signUp(`${name}-rival@bench.test`, "a-long-password");
    await using fn = await startFunctionProcess(stack, "imports", PORT);
    const first = await importThrough(fn.url, fn.pid, access_token, stack.publishable_key, file);
    const again = await importThrough(fn.url, fn.pid, access_token, stack.publishable_key, file);
    const xml_call = await oneCall(fn, other.access_token, backupFile(25_000));
    const csv_call = await oneCall(fn, other.access_token, shortRows(145_000));
    const rival = await plainInsert(stack, other.user_id, file);
    const usage = processUsage(fn.pid);
    const [version] = await stack.db.query<{ version: string }>(
      "select split_part(version(), ' on ', 1) as version",
    );
    console.log(`Import of ${messages} messages (${(file.length / 1e6).toFixed(1)} MB) in parts of 1 MiB
  database                 ${version?.version}, ${stack.db.engine}
  machine                  ${navigator.hardwareConcurrency} cores, load ${Deno.loadavg()[0]?.toFixed(1)}
  first import             ${Math.round(first.found / first.seconds)} events/s, ${
      first.seconds.toFixed(1)
    } s, ${first.inserted} inserted
  second import            ${Math.round(again.found / again.seconds)} events/s, ${
      again.seconds.toFixed(1)
    } s, ${again.inserted} inserted
  rival: plain INSERT      ${Math.round(rival)} rows/s (parsed before, no contacts, no duplicates)
  a part, wall             p50 ${ms(percentile(first.part_ms, 0.5))}, p95 ${
      ms(percentile(first.part_ms, 0.95))
    }, max ${ms(Math.max(...first.part_ms))}
  a part, function's CPU   p50 ${ms(percentile(first.part_cpu_ms, 0.5))}, p95 ${
      ms(percentile(first.part_cpu_ms, 0.95))
    }, max ${ms(Math.max(...first.part_cpu_ms))}
  one call, XML of 8 MB    ${xml_call}
  one call, CSV of 8 MB    ${csv_call}
  function's memory        peak ${usage.peak_mb.toFixed(0)} MB resident, heap bounded to 128 MB
  events in the database   ${
      (await stack.db.query<{ n: number }>(
        "select count(*)::int as n from public.events where user_id = $1",
        [user_id],
      ))[0]?.n
    }`);
  } finally {
    await stack.stop();
    if (!database_url) await Deno.remove(data, { recursive: true });
  }
}
