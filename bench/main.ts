// deno-lint-ignore-file no-console -- a command prints
import { parseArgs } from "@std/cli/parse-args";
import { benchAnalytics } from "./analytics.ts";
import { benchExports } from "./exports.ts";
import { benchGrowth } from "./growth.ts";
import { readMarked, writeTables } from "./harness/write_tables.ts";
import { benchBoardView } from "./board_view.ts";
import { benchCache } from "./cache.ts";
import { benchImport } from "./import.ts";
import { benchMonitoring } from "./monitoring.ts";
import { benchSoak } from "./soak.ts";

const HELP =
  `Usage: deno task bench [import] [analytics] [exports] [cache] [monitoring] [soak] [growth] [board]
       [options]; the first three unless named

  --messages N      import: how many messages (100000)
  --rounds N        monitoring: how many pairs of requests (2000)
  --scale LIST      analytics: sizes, ascending; 1 is 5,000,000 events (0.1,1)
                    cache: the first of the list
                    board: the last of the list: the organisation's board beside a materialised view
                    exports: the last of the list; 1 exports a log of 1,000,000 events
  --clients N       soak: at once (200); it asks the embedded engine where DATABASE_URL is not set
  --minutes N       soak: of the closed loop, the open one takes half as long (5)
  --rate N          soak: requests a second of the open loop (half of what the closed loop reached)
  --population N    soak: events that are there to begin with (100000)
  --events LIST     growth: sizes of one person's log, ascending (100000,1000000,10000000)
  --only LIST       analytics: parts of the names of cases
  --prefix NAME     begins the names of the databases it makes on DATABASE_URL's server (phonelog_bench)
  --write FILE      analytics, soak, growth: puts the tables between their marks of a document (docs/scaling.md)
  --keep            analytics: do not build the population anew when migrations have changed
  --skip-missing    analytics: leave out functions that the database lacks
`;

const options = parseArgs(Deno.args, {
  string: [
    "messages",
    "rounds",
    "scale",
    "only",
    "prefix",
    "write",
    "clients",
    "minutes",
    "rate",
    "population",
    "events",
  ],
  boolean: ["keep", "skip-missing", "help"],
  default: {
    messages: "100000",
    rounds: "2000",
    scale: "0.1,1",
    only: "",
    prefix: "phonelog_bench",
    write: "",
    clients: "200",
    minutes: "5",
    population: "100000",
    events: "100000,1000000,10000000",
  },
});
const parts: string[] = options._.length === 0 ? ["import", "analytics", "exports"] : options._.map(String);
const unknown = parts.filter((part) =>
  !["import", "analytics", "exports", "cache", "monitoring", "soak", "growth", "board"].includes(part)
);

if (options.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `Cannot bench ${unknown.join(", ")}\n\n${HELP}` : HELP);
  Deno.exit(options.help ? 0 : 2);
}
if (parts.includes("import")) await benchImport(Number(options.messages));
if (parts.includes("monitoring")) {
  console.log(await benchMonitoring(Number(options.rounds), Deno.env.get("DATABASE_URL")));
}
if (parts.includes("cache")) {
  const server_url = Deno.env.get("DATABASE_URL");
  console.log(
    server_url
      ? await benchCache({
        server_url,
        prefix: options.prefix,
        scale: Number(options.scale.split(",")[0]),
        redis_url: Deno.env.get("REDIS_URL"),
      })
      : "Cache: set DATABASE_URL to a PostgreSQL server whose role may create databases, and REDIS_URL to measure Redis, too",
  );
}
if (parts.includes("board")) {
  const server_url = Deno.env.get("DATABASE_URL");
  const { prefix, keep } = options;
  const scale = Number(options.scale.split(",").at(-1));
  console.log(
    server_url
      ? await benchBoardView({ server_url, prefix, scale, keep })
      : "Board: set DATABASE_URL to a PostgreSQL server whose role may create databases",
  );
}
if (parts.includes("analytics")) {
  const server_url = Deno.env.get("DATABASE_URL");
  if (!server_url) {
    console.log("Analytics: set DATABASE_URL to a PostgreSQL server whose role may create databases");
  } else {
    if (options.write !== "") await readMarked(options.write, "analytics");
    const report = await benchAnalytics({
      server_url,
      prefix: options.prefix,
      scales: options.scale.split(",").map(Number),
      only: options.only.split(",").filter((part: string) => part !== ""),
      keep: options.keep,
      skip_missing: options["skip-missing"],
    });
    console.log(report);
    if (options.write !== "") await writeTables(options.write, "analytics", report);
  }
}
if (parts.includes("exports")) {
  const server_url = Deno.env.get("DATABASE_URL");
  if (!server_url) {
    console.log("Exports: set DATABASE_URL to a PostgreSQL server whose role may create databases");
  } else {
    const scale = Number(options.scale.split(",").at(-1));
    await benchExports({ server_url, prefix: options.prefix, scale, keep: options.keep });
  }
}
if (parts.includes("growth")) {
  const server_url = Deno.env.get("DATABASE_URL");
  if (!server_url) {
    console.log("Growth: set DATABASE_URL to a PostgreSQL server whose role may create databases");
  } else {
    if (options.write !== "") await readMarked(options.write, "growth");
    const events = options.events.split(",").map(Number);
    const report = await benchGrowth({ server_url, prefix: options.prefix, events });
    console.log(report);
    if (options.write !== "") await writeTables(options.write, "growth", report);
  }
}
if (parts.includes("soak")) {
  if (options.write !== "") await readMarked(options.write, "soak");
  const { report, faults } = await benchSoak({
    server_url: Deno.env.get("DATABASE_URL") || undefined,
    prefix: options.prefix,
    clients: Number(options.clients),
    minutes: Number(options.minutes),
    rate: options.rate === undefined ? undefined : Number(options.rate),
    scale: Number(options.population) / 5_000_000,
  });
  console.log(report);
  if (options.write !== "") await writeTables(options.write, "soak", report);
  if (faults.length > 0) Deno.exit(1);
}
