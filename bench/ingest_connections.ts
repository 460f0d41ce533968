import type { World } from "./cases/case.ts";
import { markdown } from "./harness/report.ts";
import { openSqlClient } from "./harness/sql_client.ts";
import { BATCH, batch, INGEST } from "./ingest.ts";
import { userId } from "./population.ts";
import { percentile } from "./process_usage.ts";

const CONNECTIONS = [1, 2, 4, 8];
const SECONDS = 10;
const NUMBERS = Array.from({ length: 60 }, (_, index) => `+1212555${String(1000 + index)}`);

interface Load {
  readonly connections: number;
  readonly owners: readonly string[];
}

/** Calls back to back on every connection for a while, and what came of it. */
async function run(url: string, end: Date, { connections, owners }: Load): Promise<string[]> {
  const from_ms = end.getTime() - 3000 * 86_400_000;
  const times: number[] = [];
  const until = performance.now() + SECONDS * 1000;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async (_, place) => {
      await using client = openSqlClient(url);
      const owner = owners[place % owners.length] ?? "";
      // Batches of different connections lie apart, so that nothing is a duplicate.
      for (let turn = 0; performance.now() < until; turn++) {
        const body = batch(place + connections * turn, NUMBERS, from_ms);
        times.push((await client.timeWrite(owner, { sql: INGEST, params: [body] })).ms);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  return [
    String(connections),
    owners.length === 1 ? "one" : "one each",
    `${Math.round(BATCH * times.length / seconds).toLocaleString("en")}/s`,
    `${percentile(times, 0.5).toFixed(0)} ms`,
    `${percentile(times, 0.95).toFixed(0)} ms`,
  ];
}

/** `ingest_events` from 1 to 8 connections, each with an owner of its own, and all for one, whose calls take turns. */
export async function benchConnections(url: string, world: World): Promise<string> {
  const rows: string[][] = [];
  const newcomers = (count: number, first: number) =>
    Array.from({ length: count }, (_, place) => userId(first + place));
  let next = 500;
  for (const [connections, owners] of CONNECTIONS.flatMap((count) => [[count, count], [count, 1]] as const)) {
    if (connections === 1 && rows.length === 1) continue;
    const ids = newcomers(owners, next);
    next += owners;
    await world.sql.query(
      "insert into auth.users (id, email, email_confirmed_at) select id, id || '@bench.test', now() from unnest($1::uuid[]) as id",
      [ids],
    );
    rows.push(await run(url, world.end, { connections, owners: ids }));
  }
  return markdown(["connections", "owners", "events", "a call p50", "p95"], rows);
}
