import { parseArgs } from "node:util";

/** How `deno task start` was called. */
export interface Arguments {
  help: boolean;
  port: number;
  host?: string;
  data: string;
  database_url?: string;
  read_database_url?: string;
  demo: boolean;
  jobs: boolean;
}

/** A wrong option or environment variable; the message is for the user. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** What `--help` prints. */
export const HELP = `Starts PhoneLog AI on this machine: database, REST, Auth and every function.

Usage: deno task start [options]

  --port PORT           where to listen (PHONELOG_PORT; default 54321, 0 takes any free port)
  --data DIR|:memory:   where the data is kept (PHONELOG_DATA; default .phonelog)
  --database-url URL    a Postgres server in place of the embedded one (DATABASE_URL); the role must be
                        able to create roles and extensions
  --read-database-url URL
                        a streaming replica of it, which the analytics read from (READ_DATABASE_URL)
  --no-demo             do not seed the demo organisation (PHONELOG_DEMO=0)
  --no-jobs             do not run the scheduled jobs (PHONELOG_JOBS=0)
  --host HOST           listen on another address than 127.0.0.1. The keys of this stack are public
                        knowledge: whoever reaches the port can read and change everything
  --help                this text

An option goes before its environment variable. Ctrl-C stops it and loses nothing.
`;

type Environment = Record<string, string | undefined>;

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new UsageError(`Cannot use port "${text}": give 0 to 65535`);
  return port;
}

function parseUrl(text: string): string {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) {
    throw new UsageError(
      "Cannot use the database URL: it has to look like postgres://user:password@host:5432/name",
    );
  }
  return text;
}

function isOn(text = ""): boolean {
  return !["0", "false", "no"].includes(text.toLowerCase());
}

function parseOptions(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: "boolean", short: "h", default: false },
        port: { type: "string" },
        host: { type: "string" },
        data: { type: "string" },
        "database-url": { type: "string" },
        "read-database-url": { type: "string" },
        demo: { type: "boolean" },
        jobs: { type: "boolean" },
      },
      allowNegative: true,
      strict: true,
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nTry --help`, { cause: error });
  }
}

/**
 * Reads the options, then the environment, then the defaults. An empty variable counts as not set.
 *
 * @throws UsageError for an unknown option or a value that cannot be.
 */
export function parseArguments(args: string[], env: Environment): Arguments {
  const options = parseOptions(args);
  const database_url = options["database-url"] ?? (env["DATABASE_URL"] || undefined);
  const read_database_url = options["read-database-url"] ?? (env["READ_DATABASE_URL"] || undefined);
  if (read_database_url !== undefined && database_url === undefined) {
    throw new UsageError("Cannot read from a replica without its primary: give --database-url too");
  }
  return {
    help: options.help,
    port: parsePort(options.port ?? (env["PHONELOG_PORT"] || "54321")),
    ...(options.host === undefined ? {} : { host: options.host }),
    data: options.data ?? (env["PHONELOG_DATA"] || ".phonelog"),
    ...(database_url === undefined ? {} : { database_url: parseUrl(database_url) }),
    ...(read_database_url === undefined ? {} : { read_database_url: parseUrl(read_database_url) }),
    demo: options.demo ?? isOn(env["PHONELOG_DEMO"]),
    jobs: options.jobs ?? isOn(env["PHONELOG_JOBS"]),
  };
}
