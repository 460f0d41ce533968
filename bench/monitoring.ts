// deno-lint-ignore-file no-console -- the functions print their log lines to the console
import { OpenAPIHono } from "@hono/zod-openapi";
import { cors } from "hono/cors";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { createApp as createAdmin } from "../functions/admin/app.ts";
import { mountLiveRoutes } from "../functions/admin/routes.ts";
import { mountMetricsRoutes } from "../functions/dashboard/routes.ts";
import { mountSyncRoutes } from "../functions/sync/routes.ts";
import { createApp as createDashboard } from "../functions/dashboard/app.ts";
import { createApp as createSync } from "../functions/sync/app.ts";
import { platformVariables } from "../dev/surfaces.ts";
import { startStack } from "../dev/stack.ts";
import type { SurfaceApp } from "../shared/http/app.ts";
import { authenticate, type Variables } from "../shared/access/auth.ts";
import { type Env, readEnv } from "../shared/env.ts";
import { ruleFinder } from "../shared/access/route_rule.ts";
import { percentile } from "./process_usage.ts";

/** Limits are counted, as in production, but never reached. */
const UNREACHED = "user=100000000/60,key=100000000/60,address=100000000/60";

/** The same surface without log, metrics, trace and Server-Timing. */
function unmonitored(
  surface: string,
  env: Env,
  mount: (app: SurfaceApp) => void,
  is_protected = true,
): SurfaceApp {
  const app = new OpenAPIHono<{ Variables: Variables }>().basePath(`/${surface}`) as SurfaceApp;
  const findRule = ruleFinder(app, `/${surface}`);
  app.use(
    requestId(),
    // Where the handlers would note their times.
    async function takeTimes(c, next) {
      c.set("metric" as never, { headers: [], timers: new Map() } as never);
      c.set("rule", findRule(c));
      await next();
    },
    cors({ origin: "*" }),
    secureHeaders({ crossOriginResourcePolicy: "cross-origin" }),
  );
  if (is_protected) app.use(authenticate(env));
  mount(app);
  return app;
}

/** Has log lines written as the platform does, to a file that keeps nothing. */
function logToNowhere(): Disposable {
  const print = console.log;
  const file = Deno.openSync("/dev/null", { write: true });
  const encoder = new TextEncoder();
  console.log = (line: string) => {
    file.writeSync(encoder.encode(`${line}\n`));
  };
  return {
    [Symbol.dispose]: () => {
      console.log = print;
      file.close();
    },
  };
}

async function time(app: SurfaceApp, path: string, headers: Record<string, string>): Promise<number> {
  const started = performance.now();
  const response = await app.request(path, { headers });
  await response.text();
  if (response.status !== 200) throw new Error(`Cannot measure ${path}: ${response.status}`);
  return performance.now() - started;
}

/** The 95 % interval of the median, by resampling. The median, because other work on the machine makes long tails. */
function interval(values: readonly number[]): [number, number] {
  const medians = Array.from(
    { length: 400 },
    () => percentile(values.map(() => values[Math.floor(Math.random() * values.length)] ?? 0), 0.5),
  );
  return [percentile(medians, 0.025), percentile(medians, 0.975)];
}

interface Pair {
  readonly name: string;
  readonly path: string;
  readonly on: SurfaceApp;
  readonly off: SurfaceApp;
}

async function measurePair(pair: Pair, headers: Record<string, string>, rounds: number): Promise<string> {
  const off: number[] = [];
  const extra: number[] = [];
  for (let round = -Math.ceil(rounds / 10); round < rounds; round++) {
    const first = Math.random() < 0.5;
    const one = await time(first ? pair.on : pair.off, pair.path, headers);
    const other = await time(first ? pair.off : pair.on, pair.path, headers);
    if (round < 0) continue;
    off.push(first ? other : one);
    extra.push(first ? one - other : other - one);
  }
  const base = percentile(off, 0.5);
  const [low, high] = interval(extra);
  const more = percentile(extra, 0.5);
  const share = (ms: number) => `${(100 * ms / base).toFixed(2)} %`;
  return `| ${pair.name} | ${rounds} | ${base.toFixed(3)} | ${more.toFixed(3)} | ${share(more)} | ${
    share(low)
  } … ${share(high)} |`;
}

/** What log, metrics, trace and Server-Timing add to a request: the same routes with and without, one request after the other. */
export async function benchMonitoring(rounds: number, database_url: string | undefined): Promise<string> {
  const stack = await startStack({
    port: 0,
    data: ":memory:",
    surfaces: [],
    ...(database_url !== undefined && { database_url }),
  });
  try {
    const env = readEnv(platformVariables(stack.url, stack.keys, {
      PHONELOG_RATE_LIMITS: UNREACHED,
      // Each answer is made: a kept one would be set against one that is not.
      PHONELOG_RESULT_CACHE_MB: "0",
    }));
    const { access_token } = await stack.signUp(`${crypto.randomUUID()}@bench.test`, "a-long-password");
    const headers = { authorization: `Bearer ${access_token}`, apikey: stack.publishable_key };
    using _log = logToNowhere();
    const pairs: Pair[] = [
      {
        name: "GET /admin/live, without the database",
        path: "/admin/live",
        on: createAdmin(env),
        off: unmonitored("admin", env, mountLiveRoutes, false),
      },
      {
        name: "GET /sync/coverage, the cheapest read",
        path: "/sync/coverage",
        on: createSync(env),
        off: unmonitored("sync", env, mountSyncRoutes),
      },
      {
        name: "GET /dashboard/metrics",
        path: "/dashboard/metrics",
        on: createDashboard(env),
        off: unmonitored("dashboard", env, mountMetricsRoutes),
      },
    ];
    const lines: string[] = [];
    for (const pair of pairs) lines.push(await measurePair(pair, headers, rounds));
    return [
      `Monitoring on ${stack.db.engine}, in process, ${navigator.hardwareConcurrency} cores, load ${
        Deno.loadavg()[0]?.toFixed(1)
      }`,
      "",
      "| route | pairs | without, ms (p50) | more with it, ms (p50) | of the request | 95 % interval |",
      "|---|---|---|---|---|---|",
      ...lines,
    ].join("\n");
  } finally {
    await stack.stop();
  }
}
