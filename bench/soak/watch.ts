import { openSqlClient } from "../harness/sql_client.ts";
import { processUsage } from "../process_usage.ts";
import type { StackProcess } from "./stack_process.ts";

/** What the stack holds at a moment. */
export interface Reading {
  /** Since the watch began. */
  readonly seconds: number;
  readonly rss_mb: number;
  readonly cpu_ms: number;
  /** Of the clients' own process. */
  readonly clients_cpu_ms: number;
  /** At the server; undefined on the embedded engine. */
  readonly connections: number | undefined;
}

/** The line through readings of memory (least squares). */
export interface MemoryTrend {
  readonly first_mb: number;
  readonly last_mb: number;
  readonly mb_a_minute: number;
  /** How much the line rises over the readings it was drawn through, as a share of their mean. */
  readonly rise: number;
}

/** Warming up is over after this share of the readings. */
export const WARM_SHARE = 1 / 3;
/** A line through the warm readings that rises by less than this share of their mean is flat. */
export const FLAT_RISE = 0.05;

/** Reads the stack's memory and connections from time to time until it is stopped. */
export function watch(stack: StackProcess, every_ms: number): { stop(): Promise<Reading[]> } {
  const readings: Reading[] = [];
  const started = performance.now();
  const { database_url } = stack;
  const client = database_url === undefined ? undefined : openSqlClient(database_url);
  const read = async () => {
    const [row] = await client?.query<{ n: number }>(
      `select count(*)::integer as n from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
    ) ?? [];
    const { rss_mb, cpu_ms } = processUsage(stack.pid);
    readings.push({
      seconds: (performance.now() - started) / 1000,
      rss_mb,
      cpu_ms,
      clients_cpu_ms: processUsage(Deno.pid).cpu_ms,
      connections: row?.n,
    });
  };
  let last = read();
  const timer = setInterval(() => last = last.then(read), every_ms);
  return {
    stop: async () => {
      clearInterval(timer);
      await last;
      await read();
      await client?.[Symbol.asyncDispose]();
      return readings;
    },
  };
}

/** How memory went once the stack was warm. */
export function memoryTrend(readings: readonly Reading[]): MemoryTrend {
  const warm = readings.slice(Math.floor(readings.length * WARM_SHARE));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const time = mean(warm.map(({ seconds }) => seconds));
  const size = mean(warm.map(({ rss_mb }) => rss_mb));
  const spread = warm.reduce((sum, { seconds }) => sum + (seconds - time) ** 2, 0);
  const slope = warm.reduce((sum, { seconds, rss_mb }) => sum + (seconds - time) * (rss_mb - size), 0) /
    spread;
  const lasted = (warm.at(-1)?.seconds ?? 0) - (warm[0]?.seconds ?? 0);
  return {
    first_mb: warm[0]?.rss_mb ?? NaN,
    last_mb: warm.at(-1)?.rss_mb ?? NaN,
    mb_a_minute: slope * 60,
    rise: slope * lasted / size,
  };
}
