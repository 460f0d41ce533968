import { basename } from "node:path";
import type { Database } from "./database.ts";
import { installPgtap, runTap } from "./tap.ts";

/** Where the tests are and what they run on. */
export interface TapTestOptions {
  directory: string;
  /** Opens a migrated database; all files share it, each in a transaction that it rolls back. */
  open: () => Promise<Database>;
}

/**
 * Registers one Deno test for each `*.test.sql` of a directory.
 *
 * @throws Error when there is none, so that a wrong path does not pass for success.
 */
export function registerTapTests({ directory, open }: TapTestOptions): void {
  const files = [...Deno.readDirSync(directory)].map(({ name }) => name).filter((name) =>
    name.endsWith(".test.sql")
  );
  if (files.length === 0) throw new Error(`Cannot find a *.test.sql file in "${directory}"`);
  let db: Database;
  Deno.test.beforeAll(async () => {
    db = await open();
    await installPgtap(db);
  });
  Deno.test.afterAll(async () => await db?.close());
  for (const name of files.sort()) {
    Deno.test(`${basename(directory)}/${name}`, async () => {
      await runTap(db, name, await Deno.readTextFile(`${directory}/${name}`));
    });
  }
}
