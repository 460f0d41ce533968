import { cpSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { type Database, openDatabase } from "../../dev/database.ts";
import { readMigrations } from "../../dev/migrations.ts";
import { prepareDatabase } from "../../dev/prepare_database.ts";
import { templateHash } from "./template_hash.ts";

const MIGRATIONS = fileURLToPath(new URL("../../supabase/migrations", import.meta.url));
const ROOT = `${tmpdir()}/phonelog-tests`;
const DAY_MS = 86_400_000;

/** Deletes what earlier runs left: templates of other migrations, copies of runs that were killed. */
async function sweep(): Promise<void> {
  for await (const { name } of Deno.readDir(ROOT)) {
    const { mtime } = await Deno.stat(`${ROOT}/${name}`).catch(() => ({ mtime: null }));
    if (mtime !== null && name !== "lock" && Date.now() - mtime.getTime() > DAY_MS) {
      await Deno.remove(`${ROOT}/${name}`, { recursive: true }).catch(() => {});
    }
  }
}

async function build(template: string): Promise<void> {
  const draft = `${ROOT}/draft-${crypto.randomUUID()}`;
  const db = await openDatabase({ data: draft });
  await prepareDatabase(db, await readMigrations(MIGRATIONS));
  await db.close();
  await Deno.rename(draft, template);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function findTemplate(): Promise<string> {
  const template = `${ROOT}/template-${await templateHash(MIGRATIONS)}`;
  if (await exists(template)) return template;
  await Deno.mkdir(ROOT, { recursive: true });
  // Test files run at the same time: one builds, the others wait for it.
  using lock = await Deno.open(`${ROOT}/lock`, { create: true, write: true });
  await lock.lock(true);
  await sweep();
  if (!await exists(template)) await build(template);
  return template;
}

let template: Promise<string> | undefined;

/** Makes `directory` the data of a migrated PGlite that nobody has open. */
export async function copyTemplate(directory: string): Promise<void> {
  template ??= findTemplate();
  cpSync(await template, directory, { recursive: true });
}

/** Opens a migrated PGlite in a directory that `close` deletes. */
export async function openEmbeddedCopy(): Promise<Database> {
  const directory = `${ROOT}/copy-${crypto.randomUUID()}`;
  await copyTemplate(directory);
  const db = await openDatabase({ data: directory, shared_buffers_mb: 32 });
  return {
    ...db,
    close: async () => {
      await db.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}
