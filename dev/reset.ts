import { parseArguments } from "./arguments.ts";
import { lockData } from "./data_lock.ts";
import { deleteEmbedded } from "./embedded_data.ts";

const HELP = `Deletes the embedded database, so that the next start makes a new one. The signing key stays.

Usage: deno task db:reset [--data DIR]
`;

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

function howToRecreate(database_url: string): string {
  const { pathname } = new URL(database_url);
  const name = decodeURIComponent(pathname.slice(1));
  const server = new URL(database_url);
  server.pathname = "/postgres";
  server.password = "";
  return [
    "A server's database is not deleted from here. To recreate it, with everything in it lost:",
    "",
    `  psql '${server.href}' -c 'drop database "${name}" with (force)' -c 'create database "${name}"'`,
    "",
    "and start again.",
  ].join("\n");
}

/** Runs `deno task db:reset`: deletes the embedded database. Gives the exit code. */
async function main(): Promise<number> {
  const { help, data, database_url } = parseArguments(Deno.args, Deno.env.toObject());
  if (help) print(HELP);
  else if (database_url !== undefined) print(howToRecreate(database_url));
  else if (data === ":memory:") print("Nothing to delete: the data is in memory");
  else {
    const lock = await lockData(data);
    await deleteEmbedded(data);
    await lock.release();
    print(`Deleted the database in "${data}"; the next start makes a new one`);
  }
  return database_url === undefined || help ? 0 : 1;
}

if (import.meta.main) {
  try {
    Deno.exit(await main());
  } catch (error) {
    Deno.stderr.writeSync(new TextEncoder().encode(`${(error as Error).message}\n`));
    Deno.exit(1);
  }
}
