// deno-lint-ignore-file no-console -- progress goes to standard error
import { bigOf, type World } from "./cases/case.ts";
import { growthCases } from "./cases/growth.ts";
import { createPopulation, dropPopulation, urlOf } from "./harness/bench_database.ts";
import { databaseBytes, sizesTable } from "./harness/disk_sizes.ts";
import { CAREFUL, measure, type Sample } from "./harness/measure.ts";
import { markdown } from "./harness/report.ts";
import { serverFacts } from "./harness/server_facts.ts";
import { callOf, openSqlClient } from "./harness/sql_client.ts";
import { benchConnections } from "./ingest_connections.ts";
import type { BuildTimes } from "./population/build.ts";
import type { PopulationSpec } from "./population.ts";

/** Where to measure, and how large. */
export interface GrowthOptions {
  /** A server on which databases may be made. */
  readonly server_url: string;
  readonly prefix: string;
  /** Events of the one person, ascending. */
  readonly events: readonly number[];
}

interface Step {
  readonly events: number;
  readonly build: BuildTimes;
  readonly bytes: number;
  readonly samples: ReadonlyMap<string, Sample>;
  readonly facts: string;
  readonly sizes: string;
  readonly ingest: string;
}

const thousands = (value: number) => Math.round(value).toLocaleString("en");
const ms = (value: number | undefined) =>
  value === undefined ? "-" : value < 10 ? value.toFixed(1) : thousands(value);

async function measureCases(url: string, world: World): Promise<Map<string, Sample>> {
  const samples = new Map<string, Sample>();
  for (const { name, fn, args, runs } of await growthCases(world)) {
    // Each on a connection of its own, as a pool's next one may be: no plan is kept from the case before.
    await using client = openSqlClient(url);
    const call = (turn: number) => client.time({ user_id: world.big.user_id }, callOf(fn, args(turn)), true);
    const sample = await measure(call, { ...CAREFUL, runs: runs ?? CAREFUL.runs });
    console.error(
      `${thousands(world.big.events)} ${name}: p50 ${ms(sample.p50)}, p95 ${ms(sample.p95)} ms`,
    );
    samples.set(name, sample);
  }
  return samples;
}

async function measureStep(events: number, is_last: boolean, options: GrowthOptions): Promise<Step> {
  const { server_url, prefix } = options;
  const name = `${prefix}_growth_${events}`;
  const spec: PopulationSpec = { scale: 1, day: new Date().toISOString().slice(0, 10), alone: events };
  try {
    const build = await createPopulation(
      server_url,
      name,
      spec,
      (message) => console.error(`${thousands(events)}: ${message}`),
    );
    const url = urlOf(server_url, name);
    await using sql = openSqlClient(url);
    // What a case needs of HTTP is for others.
    const world = { spec, big: bigOf(spec), end: new Date(`${spec.day}T00:00:00Z`), sql } as World;
    const bytes = await databaseBytes(sql);
    return {
      events,
      build,
      bytes,
      sizes: await sizesTable(sql, events),
      facts: await serverFacts(sql),
      samples: await measureCases(url, world),
      ingest: is_last ? await benchConnections(url, world) : "",
    };
  } finally {
    await dropPopulation(server_url, name);
  }
}

function casesTable(steps: readonly Step[]): string {
  const head = ["function, ms"];
  for (const [place, { events }] of steps.entries()) {
    head.push(`${thousands(events)}: p50`, "p95", ...place > 0 ? ["grows"] : []);
  }
  const rows = [...steps.at(-1)?.samples.keys() ?? []].map((name) => {
    const cells = [name];
    for (const [place, { samples }] of steps.entries()) {
      const [sample, before] = [samples.get(name), steps[place - 1]?.samples.get(name)];
      cells.push(ms(sample?.p50), ms(sample?.p95));
      if (place > 0) cells.push(`${((sample?.p50 ?? NaN) / (before?.p50 ?? NaN)).toFixed(1)} ×`);
    }
    return cells;
  });
  return markdown(head, rows);
}

function buildsTable(steps: readonly Step[]): string {
  return markdown(
    [
      "events",
      "events written, s",
      "a second",
      "indexes made, s",
      "rolled up, s",
      "all together, a second",
      "database, GB",
      "GB a million",
    ],
    steps.map(({ events, build, bytes }) => [
      thousands(events),
      thousands(build.events),
      thousands(events / build.events),
      thousands(build.indexes),
      thousands(build.rollups),
      thousands(events / (build.events + build.indexes + build.rollups)),
      (bytes / 1e9).toFixed(2),
      (bytes / events / 1e3).toFixed(2),
    ]),
  );
}

/** One person's log at several sizes: what the functions take, what it takes on disk and to build. Gives markdown. */
export async function benchGrowth(options: GrowthOptions): Promise<string> {
  const steps: Step[] = [];
  for (const [place, events] of options.events.entries()) {
    steps.push(await measureStep(events, place === options.events.length - 1, options));
  }
  const last = steps.at(-1);
  return [
    last?.facts ?? "",
    `One person's log of ten years with 3,000 contacts, called as PostgREST calls; "grows" is p50 beside the column before:`,
    casesTable(steps),
    "What it took to build in bulk (no API: one INSERT without secondary indexes, these afterwards, roll-ups at the end), and on disk:",
    buildsTable(steps),
    `Of ${thousands(last?.events ?? 0)} events, in MB for each million:`,
    last?.sizes ?? "",
    "Ingest against connections, 1,000 events a call, all into the database of that size:",
    last?.ingest ?? "",
  ].join("\n\n");
}
