// deno-lint-ignore-file no-console -- progress goes to standard error
import { openDatabase } from "../dev/database.ts";
import { startStack } from "../dev/stack.ts";
import { allCases } from "./cases/all.ts";
import { type BenchCase, bigOf, type World } from "./cases/case.ts";
import { benchIngest } from "./ingest.ts";
import { openPopulation } from "./harness/bench_database.ts";
import { HttpClient } from "./harness/http_client.ts";
import { Pace } from "./harness/pace.ts";
import { quietLog } from "./harness/quiet_log.ts";
import { growthTable, plansTable, ratiosTable, timesTable } from "./harness/report.ts";
import { type CaseResult, runCase } from "./harness/run_case.ts";
import { serverFacts } from "./harness/server_facts.ts";
import { openSqlClient, type SqlClient } from "./harness/sql_client.ts";

/** What to measure, and where. */
export interface AnalyticsOptions {
  /** A server on which databases may be made; the one named is only connected to. */
  readonly server_url: string;
  /** Begins the names of the databases. */
  readonly prefix: string;
  readonly scales: readonly number[];
  /** Parts of the names of cases; all unless told. */
  readonly only: readonly string[];
  /** Take the populations that are there, whatever the migrations say now. */
  readonly keep: boolean;
  /** Leave out functions that do not exist. */
  readonly skip_missing: boolean;
}

function databaseName(prefix: string, scale: number): string {
  return `${prefix}_${scale === 1 ? "full" : scale === 0.1 ? "tenth" : String(scale).replace(".", "_")}`;
}

/** The cases that can run. A function that is not there is an error, unless it may be skipped. */
async function presentCases(
  cases: readonly BenchCase[],
  sql: SqlClient,
  options: AnalyticsOptions,
): Promise<BenchCase[]> {
  const chosen = cases.filter(({ name }) =>
    options.only.length === 0 || options.only.some((part) => name.includes(part))
  );
  const known = new Set(
    (await sql.query<{ proname: string }>(
      "select proname from pg_proc where pronamespace = 'public'::regnamespace",
    ))
      .map(({ proname }) => proname),
  );
  const missing = [...new Set(chosen.map(({ fn }) => fn).filter((fn) => !known.has(fn)))];
  if (missing.length > 0 && !options.skip_missing) {
    throw new Error(`Cannot measure what is not there: ${missing.join(", ")}`);
  }
  if (missing.length > 0) console.error(`Not there yet: ${missing.join(", ")}`);
  return chosen.filter(({ fn }) => known.has(fn));
}

/** A size's results, and its section of the report. */
interface ScaleResult {
  readonly results: readonly CaseResult[];
  readonly section: string;
}

async function runCases(
  url: string,
  world: World,
  pace: Pace,
  options: AnalyticsOptions,
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const item of await presentCases(await allCases(world, options.only), world.sql, options)) {
    const result = await runCase(url, world, item, pace, options).catch((cause) => {
      const error = new Error(`Cannot measure "${item.name}": ${cause.message}`, { cause });
      if (!options.skip_missing) throw error;
      console.error(error.message);
      return undefined;
    });
    if (result === undefined) continue;
    const { p50, p95 } = result.sql;
    console.error(`${world.spec.scale} ${item.name}: p50 ${p50.toFixed(1)}, p95 ${p95.toFixed(1)} ms`);
    results.push(result);
  }
  return results;
}

async function benchScale(scale: number, pace: Pace, options: AnalyticsOptions): Promise<ScaleResult> {
  const { url, spec } = await openPopulation(options.server_url, databaseName(options.prefix, scale), scale, {
    keep: options.keep,
    log: (message) => console.error(message),
  });
  const db = await openDatabase({ database_url: url });
  const stack = await startStack({
    port: 0,
    data: ":memory:",
    db,
    // Counted as ever, and never reached.
    secrets: {
      PHONELOG_RATE_LIMITS: "user=1000000/1,address=1000000/1",
      // What is measured is what answers cost, so none is kept.
      PHONELOG_RESULT_CACHE_MB: "0",
    },
  });
  await using sql = openSqlClient(url);
  using _quiet = quietLog();
  try {
    const http = new HttpClient(stack);
    const world: World = { spec, big: bigOf(spec), end: new Date(`${spec.day}T00:00:00Z`), sql, http };
    const results = await runCases(url, world, pace, options);
    const wants_ingest = options.only.length === 0 || options.only.includes("ingest");
    const parts = [
      `## ${(5_000_000 * scale).toLocaleString("en")} events`,
      `${await serverFacts(sql)} ${pace}`,
      ...results.length > 0
        ? [timesTable(results, pace), ratiosTable(results, pace), plansTable(results)]
        : [],
      ...wants_ingest ? [await benchIngest(sql, http, world.end, pace)] : [],
    ];
    return { results, section: parts.filter((part) => part !== "").join("\n\n") };
  } finally {
    await stack.stop();
  }
}

/** Measures every analytics function and its route on each size, and how they grow. Gives the report in markdown. */
export async function benchAnalytics(options: AnalyticsOptions): Promise<string> {
  const sizes: ScaleResult[] = [];
  const pace = new Pace();
  for (const scale of options.scales) {
    const size = await benchScale(scale, pace, options);
    console.error(`\n${size.section}\n`);
    sizes.push(size);
  }
  const [small, large] = [sizes.at(0), sizes.at(-1)];
  const growth = sizes.length > 1 && small !== undefined && large !== undefined
    ? [`## Growth`, growthTable(small.results, large.results, pace)]
    : [];
  return [...sizes.map(({ section }) => section).reverse(), ...growth].join("\n\n");
}
