// deno-lint-ignore-file no-console -- progress goes to standard error
import { openDatabase } from "../dev/database.ts";
import { type Stack, startStack } from "../dev/stack.ts";
import { platformVariables } from "../dev/surfaces.ts";
import { createApp as createAnalytics } from "../functions/analytics/app.ts";
import { createApp as createDashboard } from "../functions/dashboard/app.ts";
import { readEnv } from "../shared/env.ts";
import { openRedis } from "../shared/cache/redis.ts";
import { ANALYST, OWNER } from "./cases/case.ts";
import { openPopulation } from "./harness/bench_database.ts";
import { HttpClient } from "./harness/http_client.ts";
import { quietLog } from "./harness/quiet_log.ts";
import { markdown } from "./harness/report.ts";
import { serverFacts } from "./harness/server_facts.ts";
import { openSqlClient } from "./harness/sql_client.ts";
import { teams } from "./population.ts";
import { percentile } from "./process_usage.ts";

/** Where to measure. */
export interface CacheOptions {
  /** A server on which a database may be made. */
  readonly server_url: string;
  readonly prefix: string;
  readonly scale: number;
  readonly redis_url: string | undefined;
}

const RUNS = 200;
/** So that no run finds what the one before kept in Redis. */
const RUN_MS = Date.now() % 60_000;
const DAY_MS = 86_400_000;

const EVERYBODY = teams().at(-1)?.organization_id ?? "";
const ROUTES = [
  { name: "dashboard, 30 days", caller: OWNER, path: "/dashboard/metrics?", days: 30 },
  {
    name: "dashboard, all time",
    caller: OWNER,
    path: "/dashboard/metrics?granularity=month&compare=none&",
    days: 3650,
  },
  {
    name: "board of the organisation",
    caller: ANALYST,
    path: `/dashboard/team?organization_id=${EVERYBODY}&`,
    days: 30,
  },
  { name: "trends by contact", caller: OWNER, path: "/analytics/trends?breakdown=contact&", days: 90 },
];
type Route = typeof ROUTES[number];

/** One request in the function: from the request to the last byte of the answer, and how much of that was the version. */
interface Timed {
  readonly ms: number;
  readonly version_ms: number;
  readonly state: string;
  readonly etag: string;
}

/** The functions in this process, over the REST interface of a local stack. */
class Functions {
  readonly #apps: Record<string, ReturnType<typeof createDashboard>>;

  constructor(readonly stack: Stack, readonly http: HttpClient, secrets: Record<string, string>) {
    const env = readEnv(platformVariables(stack.url, stack.keys, secrets));
    this.#apps = { dashboard: createDashboard(env), analytics: createAnalytics(env) };
  }

  async get(caller: string, path: string, etag?: string): Promise<Timed> {
    const app = this.#apps[path.split("/")[1] ?? ""];
    const headers = {
      authorization: `Bearer ${await this.http.token(caller)}`,
      ...(etag !== undefined && { "if-none-match": etag }),
    };
    const started = performance.now();
    const response = await app?.request(path, { headers });
    const text = await response?.text() ?? "";
    const ms = performance.now() - started;
    if (response?.status !== 200 && response?.status !== 304) throw new Error(`Cannot get ${path}: ${text}`);
    const timing = response.headers.get("server-timing") ?? "";
    return {
      ms,
      version_ms: Number(/get_data_version;dur=([\d.]+)/.exec(timing)?.[1] ?? 0),
      state: response.status === 304 ? "304" : JSON.parse(text).meta.cache,
      etag: response.headers.get("etag") ?? "",
    };
  }
}

function pathOf({ path, days }: Route, end: Date, turn: number): string {
  // Each turn ends a minute earlier: another question that costs as much.
  const to = end.getTime() - turn * 60_000 - RUN_MS;
  const instant = (ms: number) => new Date(ms).toISOString();
  return `${path}from=${instant(to - days * DAY_MS)}&to=${instant(to)}`;
}

function row(route: Route, store: string, what: string, times: readonly Timed[], bar_ms?: number): string[] {
  const show = (value: number) => value.toFixed(1);
  const all = times.map(({ ms }) => ms);
  const rest = times.map(({ ms, version_ms }) => ms - version_ms);
  const p95 = percentile(rest, 0.95);
  return [
    route.name,
    store,
    what,
    ...[0.5, 0.95].map((share) => show(percentile(all, share))),
    ...[0.5, 0.95].map((share) => show(percentile(times.map(({ version_ms }) => version_ms), share))),
    show(percentile(rest, 0.5)),
    bar_ms === undefined ? show(p95) : `${show(p95)} (bar ${bar_ms}${p95 > bar_ms ? ", **over it**" : ""})`,
  ];
}

async function collect(ask: (turn: number) => Promise<Timed>, state: string): Promise<Timed[]> {
  for (let turn = 0; turn < 20; turn++) await ask(turn);
  const times: Timed[] = [];
  for (let turn = 20; turn < 20 + RUNS; turn++) times.push(await ask(turn));
  const others = times.filter((timed) => timed.state !== state).length;
  if (others > 0) {
    throw new Error(`Cannot measure ${state}: ${others} of ${RUNS} answers were something else`);
  }
  return times;
}

/** Every route from the one store: made anew, kept, and unchanged. */
async function benchStore(functions: Functions, store: string, end: Date): Promise<string[][]> {
  const rows: string[][] = [];
  for (const route of ROUTES) {
    const ask = (turn: number, etag?: string) => functions.get(route.caller, pathOf(route, end, turn), etag);
    if (store === "none") {
      rows.push(row(route, store, "no cache", await collect((turn) => ask(turn), "off")));
      continue;
    }
    rows.push(row(route, store, "miss", await collect((turn) => ask(turn + 1), "miss")));
    const { etag } = await ask(0);
    rows.push(row(route, store, "hit", await collect(() => ask(0), "hit"), 5));
    rows.push(row(route, store, "304", await collect(() => ask(0, etag), "304"), 3));
  }
  return rows;
}

/** Measures what answers cost in the function with and without a cache. Gives a table in markdown. */
export async function benchCache({ server_url, prefix, scale, redis_url }: CacheOptions): Promise<string> {
  const { url, spec } = await openPopulation(server_url, `${prefix}_cache`, scale, {
    keep: false,
    log: (message) => console.error(message),
  });
  const stack = await startStack({
    port: 0,
    data: ":memory:",
    db: await openDatabase({ database_url: url }),
    surfaces: [],
  });
  await using sql = openSqlClient(url);
  using _quiet = quietLog();
  const http = new HttpClient(stack);
  const end = new Date(`${spec.day}T00:00:00Z`);
  const stores: [string, Record<string, string>][] = [
    ["none", { PHONELOG_RESULT_CACHE_MB: "0" }],
    ["isolate", {}],
    ...(redis_url === undefined
      ? []
      : [["Redis", { REDIS_URL: redis_url }]] as [string, Record<string, string>][]),
  ];
  try {
    const rows: string[][] = [];
    for (const [name, secrets] of stores) {
      const functions = new Functions(stack, http, { ...secrets, PHONELOG_RATE_LIMITS: "off" });
      // The first requests connect.
      for (const { caller, path } of ROUTES) await functions.get(caller, path.slice(0, -1));
      rows.push(...await benchStore(functions, name, end));
    }
    const head = [
      "route",
      "kept in",
      "answer",
      "p50",
      "p95",
      "of it the version, p50",
      "p95",
      "the rest, p50",
      "p95",
    ];
    return [
      await serverFacts(sql),
      "",
      "ms in the function, over the REST interface of the local stack:",
      "",
      markdown(head, rows),
    ]
      .join("\n");
  } finally {
    if (redis_url !== undefined) openRedis(redis_url).close();
    await stack.stop();
  }
}
