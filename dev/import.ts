// deno-lint-ignore-file no-console -- a command speaks to its terminal
import { parseArgs } from "@std/cli/parse-args";
import { basename } from "node:path";
import { ApiError, ImportClient, type ImportProgress } from "./import_client.ts";

const HELP = `Usage: deno task import [options] FILE...

Imports files into a running stack: phone backups ("SMS Backup & Restore" XML, CSV, NDJSON, vCard) and archives of
POST /privacy/exports (ZIP).

  --url URL          the stack (PHONELOG_URL, default http://127.0.0.1:54321)
  --email ADDRESS    who owns the events (default owner@demo.phonelog.test)
  --password TEXT    (PHONELOG_PASSWORD, default that of the demo users)
  --kind KIND        sms_backup_xml, csv, ndjson, vcard or phonelog_export; told from the content when left out
  --time-zone ZONE   of times without an offset; default: the profile's
  --mapping JSON     CSV columns by field, such as '{"ts": "When", "number": "Who"}'
  --help`;

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** One line that is written over; without a terminal, a line for each tenth. */
class ProgressLine {
  readonly #started = performance.now();
  #tenth = 0;

  constructor(private readonly name: string, private readonly total: number) {}

  show(progress: ImportProgress): void {
    const share = this.total === 0 ? 1 : progress.bytes_read / this.total;
    const per_second = Math.round(
      progress.found / Math.max((performance.now() - this.#started) / 1000, 0.001),
    );
    const bar = "█".repeat(Math.round(share * 24)).padEnd(24, "░");
    const line = `${this.name} ${bar} ${Math.round(share * 100)} % of ${
      megabytes(this.total)
    }, ${progress.found} records, ${per_second}/s`;
    if (Deno.stdout.isTerminal()) {
      Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[K${line}`));
    } else if (Math.floor(share * 10) > this.#tenth) {
      this.#tenth = Math.floor(share * 10);
      console.log(line);
    }
  }

  end(): void {
    if (Deno.stdout.isTerminal()) console.log();
  }
}

function summary(name: string, done: ImportProgress): string {
  const declared = done.declared !== null && done.declared !== done.found
    ? ` (the file says ${done.declared})`
    : "";
  const errors = done.errors.slice(0, 10).map((error) =>
    `  ${error.position ?? ""} ${error.code}: ${error.detail}`
  );
  return [
    `${name}: ${done.state}, ${done.found} found${declared}: ${done.inserted} inserted, ${done.merged} merged, ` +
    `${done.duplicate} duplicate, ${done.refused} refused`,
    ...errors,
    ...(done.errors.length > 10 ? [`  … and ${done.errors.length - 10} more`] : []),
  ].join("\n");
}

async function main(): Promise<number> {
  const options = parseArgs(Deno.args, {
    string: ["url", "email", "password", "kind", "time-zone", "mapping"],
    boolean: ["help"],
    unknown: (arg: string, key?: string) => {
      if (key === undefined) return true;
      console.error(`Unknown option ${arg}\n\n${HELP}`);
      Deno.exit(2);
    },
  });
  const files: string[] = options._.map(String);
  if (options.help || files.length === 0) {
    console.log(HELP);
    return options.help ? 0 : 2;
  }
  const client = await ImportClient.signIn({
    url: options.url ?? Deno.env.get("PHONELOG_URL") ?? "http://127.0.0.1:54321",
    email: options.email ?? "owner@demo.phonelog.test",
    password: options.password ?? Deno.env.get("PHONELOG_PASSWORD") ?? "phonelog-demo",
  });
  let failed = 0;
  for (const file of files) {
    const { size } = await Deno.stat(file);
    const line = new ProgressLine(basename(file), size);
    try {
      const done = await client.importFile(file, {
        ...(options.kind && { kind: options.kind }),
        ...(options["time-zone"] && { time_zone: options["time-zone"] }),
        ...(options.mapping && { mapping: JSON.parse(options.mapping) }),
      }, (progress) => line.show(progress));
      line.end();
      console.log(summary(basename(file), done));
      if (done.state !== "done") failed++;
    } catch (error) {
      line.end();
      failed++;
      console.error(`${basename(file)}: ${error instanceof Error ? error.message : error}`);
      if (error instanceof ApiError && error.import) console.error(summary(basename(file), error.import));
    }
  }
  return failed === 0 ? 0 : 1;
}

Deno.exit(await main());
