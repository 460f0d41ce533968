import { type Database, openDatabase } from "./database.ts";

const DATABASE = "database";
const DRAFT = "database.new";

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/**
 * Opens the embedded database of a data directory that the caller has locked. A new one is made beside its place
 * and moved there when it is whole, so that a first start that was cut off leaves nothing that looks like data.
 */
export async function openEmbedded(data: string, log: (message: string) => void): Promise<Database> {
  const directory = `${data}/${DATABASE}`;
  if (!await exists(directory)) {
    log("Creating the database: a few seconds, the first time only");
    const draft = `${data}/${DRAFT}`;
    await Deno.remove(draft, { recursive: true }).catch(() => {});
    await (await openDatabase({ data: draft })).close();
    await Deno.rename(draft, directory);
  }
  try {
    return await openDatabase({ data: directory });
  } catch (cause) {
    throw new Error(
      `Cannot open the database in "${directory}": ${
        (cause as Error).message
      }. If its data does not matter, ` +
        "`deno task db:reset` deletes it",
      { cause },
    );
  }
}

/** Deletes the embedded database of a data directory that the caller has locked, and nothing else in it. */
export async function deleteEmbedded(data: string): Promise<void> {
  for (const name of [DATABASE, DRAFT]) {
    await Deno.remove(`${data}/${name}`, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}
