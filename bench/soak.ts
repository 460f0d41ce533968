// deno-lint-ignore-file no-console -- progress goes to standard error
import { serverFacts } from "./harness/server_facts.ts";
import { openSqlClient } from "./harness/sql_client.ts";
import { drain, type DrainResult } from "./soak/drain.ts";
import { Load, type Outcome } from "./soak/load.ts";
import { causes, isError, readingsTable, routesTable, trendLine } from "./soak/report.ts";
import { HEAP_MB, type StackProcess, startStackProcess } from "./soak/stack_process.ts";
import { FLAT_RISE, memoryTrend, type Reading, watch } from "./soak/watch.ts";
import type { PopulationSpec } from "./population.ts";

/** What to run. */
export interface SoakOptions {
  /** A server on which a database may be made; without it the embedded engine. */
  readonly server_url: string | undefined;
  readonly prefix: string;
  readonly clients: number;
  /** Of the closed loop; the open one takes half as long. */
  readonly minutes: number;
  /** Requests a second of the open loop; undefined: half of what the closed loop reached. */
  readonly rate: number | undefined;
  /** Of the population; 1 is 5,000,000 events. */
  readonly scale: number;
}

/** The report in markdown, and what did not hold. */
export interface SoakResult {
  readonly report: string;
  readonly faults: readonly string[];
}

const MOST_READING_MS = 30_000;

function drainLine({ code, ms, in_hand, answered, refused, lost }: DrainResult): string {
  return `SIGTERM under load: of ${in_hand} requests in hand ${answered} were answered, ${refused} told that the server stops, ` +
    `${lost.length} lost; exit code ${code} after ${(ms / 1000).toFixed(1)} s.`;
}

async function facts(stack: StackProcess): Promise<string> {
  if (stack.database_url === undefined) {
    return `The embedded engine; ${navigator.hardwareConcurrency} cores, load ${
      Deno.loadavg()[2]?.toFixed(1)
    }.`;
  }
  await using sql = openSqlClient(stack.database_url);
  return await serverFacts(sql);
}

function faultsOf(outcomes: readonly Outcome[], readings: readonly Reading[], end: DrainResult): string[] {
  const errors = outcomes.filter(isError).length;
  const { rise } = memoryTrend(readings);
  return [
    ...errors > 0 ? [`${errors} errors`] : [],
    ...rise < FLAT_RISE ? [] : [`memory rose by ${(100 * rise).toFixed(1)} %`],
    ...end.lost.length > 0 ? [`${end.lost.length} requests in hand were lost`] : [],
    ...end.code === 0 ? [] : [`exit code ${end.code}`],
  ];
}

/**
 * Mixed load on a stack in a process of its own: a closed loop, an open one, and SIGTERM in the middle of it.
 *
 * @returns The report, and faults: any error but 429, memory that is not flat, a request in hand that got no answer.
 */
export async function benchSoak(options: SoakOptions): Promise<SoakResult> {
  const { server_url, prefix, scale, clients, minutes } = options;
  const spec: PopulationSpec = { scale, day: new Date().toISOString().slice(0, 10) };
  const log = (message: string) => console.error(message);
  await using stack = await startStackProcess({ server_url, prefix, spec, log });
  const about = await facts(stack);
  using load = new Load(stack, spec, clients);
  const seconds = minutes * 60;
  // Connects, and compiles what the first requests compile.
  await load.open(2, Math.min(10, seconds / 4));
  const watching = watch(stack, Math.min(MOST_READING_MS, seconds * 1000 / 10));

  const started = performance.now();
  const closed = await load.closed(() => performance.now() - started > seconds * 1000);
  const closed_seconds = (performance.now() - started) / 1000;
  const reached = closed.length / closed_seconds;
  log(`Closed loop: ${closed.length} requests, ${reached.toFixed(1)} a second`);
  const rate = options.rate ?? Math.max(1, Math.round(reached / 2));
  const opened = await load.open(rate, seconds / 2);
  const readings = await watching.stop();
  log(`Open loop: ${opened.length} requests`);
  const end = await drain(load);

  const outcomes = [...closed, ...opened];
  const faults = faultsOf(outcomes, readings, end);
  for (const cause of causes([...outcomes, ...end.lost])) log(cause);
  if (faults.length > 0) { for (const line of await stack.failures()) log(line.slice(0, 500)); }
  const report = [
    about,
    `${clients} clients, people of a population of ${
      (5_000_000 * scale).toLocaleString("en")
    } events, each at an address of its own, over loopback; the stack is one Deno process (gateway, functions and REST) with a heap of at most ${HEAP_MB} MB, its jobs on; clients and server share the machine.`,
    `**Closed loop**, ${
      closed_seconds.toFixed(0)
    } s: each client sends its next request when it has the last answer.`,
    routesTable(closed, closed_seconds),
    `**Open loop**, ${(seconds / 2).toFixed(0)} s: ${rate} requests a second, timed from when each was due.`,
    routesTable(opened, seconds / 2),
    readingsTable(readings),
    trendLine(memoryTrend(readings)),
    drainLine(end),
    faults.length === 0
      ? "No error but 429, memory flat, nothing in hand lost."
      : `**Did not hold**: ${faults.join("; ")}.`,
  ].join("\n\n");
  return { report, faults };
}
