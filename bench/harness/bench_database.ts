import { fileURLToPath } from "node:url";
import { type Database, openDatabase } from "../../dev/database.ts";
import { planMigrations, readMigrations } from "../../dev/migrations.ts";
import { prepareDatabase } from "../../dev/prepare_database.ts";
import { buildPopulation, type BuildTimes } from "../population/build.ts";
import type { PopulationSpec } from "../population.ts";

const MIGRATIONS = fileURLToPath(new URL("../../supabase/migrations", import.meta.url));

/** The same server, another database. */
export function urlOf(server_url: string, database: string): string {
  const url = new URL(server_url);
  url.pathname = `/${database}`;
  return url.href;
}

async function withDatabase<T>(database_url: string, fn: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({ database_url });
  return await fn(db).finally(() => db.close());
}

/** The day of the population that is there, if it is of this scale and the migrations are as they were. */
async function findPopulation(
  database_url: string,
  scale: number,
  keep: boolean,
): Promise<string | undefined> {
  return await withDatabase(database_url, async (db) => {
    const [state] = await db.query<{ is_there: boolean }>(
      "select to_regclass('bench.population') is not null as is_there",
    );
    if (!state?.is_there) return undefined;
    const [found] = await db.query<{ day: string }>("select day from bench.population where scale = $1", [
      scale,
    ]);
    if (found === undefined || keep) return found?.day;
    const { pending, changed } = await planMigrations(db, await readMigrations(MIGRATIONS));
    return pending.length + changed.length === 0 ? found.day : undefined;
  });
}

async function exists(server_url: string, name: string): Promise<boolean> {
  const found = await withDatabase(
    server_url,
    (server) => server.query("select from pg_database where datname = $1", [name]),
  );
  return found.length > 0;
}

/** Drops the database of this name where there is one, and makes it anew with a population. */
export async function createPopulation(
  server_url: string,
  name: string,
  spec: PopulationSpec,
  log: (message: string) => void,
): Promise<BuildTimes> {
  await withDatabase(server_url, async (server) => {
    await server.exec(`drop database if exists ${name} with (force)`);
    await server.exec(`create database ${name}`);
  });
  return await withDatabase(urlOf(server_url, name), async (db) => {
    await prepareDatabase(db, await readMigrations(MIGRATIONS));
    return await buildPopulation(db, spec, log);
  });
}

/** Drops a database that the bench made. */
export async function dropPopulation(server_url: string, name: string): Promise<void> {
  await withDatabase(server_url, (server) => server.exec(`drop database if exists ${name} with (force)`));
}

/** Where a population is, and what it was made from. */
export interface BenchDatabase {
  readonly url: string;
  readonly spec: PopulationSpec;
}

/**
 * Finds the population of this scale in the database of this name, or drops the database and builds it: when there is
 * none, or when the migrations have changed since (unless `keep`). The name must be one that only the bench uses.
 */
export async function openPopulation(
  server_url: string,
  name: string,
  scale: number,
  options: { keep: boolean; log: (message: string) => void },
): Promise<BenchDatabase> {
  const url = urlOf(server_url, name);
  if (await exists(server_url, name)) {
    const day = await findPopulation(url, scale, options.keep);
    if (day !== undefined) return { url, spec: { scale, day } };
  }
  const spec = { scale, day: new Date().toISOString().slice(0, 10) };
  options.log(`Building ${name} at scale ${scale}`);
  await createPopulation(server_url, name, spec, options.log);
  return { url, spec };
}
