// deno-lint-ignore-file no-console -- a command prints
import { fileURLToPath } from "node:url";
import { parseArgs } from "@std/cli/parse-args";
import { openDatabase } from "../dev/database.ts";
import { readMigrations } from "../dev/migrations.ts";
import { prepareDatabase } from "../dev/prepare_database.ts";
import { buildPopulation } from "./population/build.ts";

const options = parseArgs(Deno.args, {
  string: ["database-url", "scale", "day"],
  default: {
    "database-url": Deno.env.get("DATABASE_URL") ?? "",
    scale: "1",
    day: new Date().toISOString().slice(0, 10),
  },
});
const db = await openDatabase({ database_url: options["database-url"] });
try {
  await prepareDatabase(
    db,
    await readMigrations(fileURLToPath(new URL("../supabase/migrations", import.meta.url))),
  );
  await buildPopulation(db, { scale: Number(options.scale), day: options.day }, console.log);
} finally {
  await db.close();
}
