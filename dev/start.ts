import { type Arguments, HELP, parseArguments, UsageError } from "./arguments.ts";
import { type Stack, startStack } from "./stack.ts";

const DEMO_USERS = ["owner", "admin", "analyst", "member", "viewer", "solo"];
const LOOPBACK = ["127.0.0.1", "localhost", "::1"];

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

function printError(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}

/** The environment that functions may read: not what configures this stack or a project of the operator's. */
function secrets(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(SUPABASE_|(READ_)?DATABASE_URL$)/.test(name)),
  );
}

function describeData({ data, database_url }: Arguments): string {
  if (database_url === undefined) return `${data} (embedded Postgres)`;
  const { hostname, port, pathname } = new URL(database_url);
  return `${hostname}:${port || 5432}${pathname}`;
}

function welcome(stack: Stack, args: Arguments): string {
  const { url, publishable_key, secret_key } = stack;
  const lines = [
    `PhoneLog AI is ready at ${url}`,
    "",
    `  Data     ${describeData(args)}`,
    `  Keys     publishable ${publishable_key}, secret ${secret_key}`,
  ];
  if (!args.demo) return lines.join("\n");
  return [
    ...lines,
    `  Log-ins  ${DEMO_USERS.join("@, ")}@demo.phonelog.test, password phonelog-demo`,
    "",
    "A first request:",
    "",
    `  TOKEN=$(curl -s '${url}/auth/v1/token?grant_type=password' -H 'apikey: ${publishable_key}' \\`,
    `    -H 'content-type: application/json' \\`,
    `    -d '{"email":"owner@demo.phonelog.test","password":"phonelog-demo"}' |`,
    `    sed -E 's/.*"access_token":"([^"]+)".*/\\1/')`,
    `  curl -s ${url}/api/dashboard/metrics -H 'apikey: ${publishable_key}' -H "Authorization: Bearer $TOKEN"`,
    "",
  ].join("\n");
}

function stopOnSignal(stack: Stack): void {
  let first: number | undefined;
  const stop = async () => {
    if (first !== undefined) {
      // A terminal and the task runner each pass the same Ctrl-C on.
      if (performance.now() - first > 1000) Deno.exit(130);
      return;
    }
    first = performance.now();
    printError("Stopping (once more to stop at once)");
    await stack.stop();
    Deno.exit(0);
  };
  Deno.addSignalListener("SIGINT", stop);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
}

/** Runs `deno task start`. Gives the exit code when it does not stay. */
async function main(): Promise<number | undefined> {
  const args = parseArguments(Deno.args, Deno.env.toObject());
  if (args.help) {
    print(HELP);
    return 0;
  }
  if (args.host !== undefined && !LOOPBACK.includes(args.host)) {
    printError(
      `WARNING: listening on ${args.host} with keys that everybody knows: use it in a trusted network only`,
    );
  }
  const stack = await startStack({ ...args, secrets: secrets(Deno.env.toObject()), log: printError });
  stopOnSignal(stack);
  // REST reads the catalogue on its first request; the user's first one should not wait for that.
  await stack.db.exclusive(() => stack.db.connection.introspect({ useCache: true }));
  print(welcome(stack, args));
  return undefined;
}

if (import.meta.main) {
  try {
    const code = await main();
    if (code !== undefined) Deno.exit(code);
  } catch (error) {
    printError(error instanceof Error ? error.message : String(error));
    Deno.exit(error instanceof UsageError ? 2 : 1);
  }
}
