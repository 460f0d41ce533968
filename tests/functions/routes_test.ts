import { assert, assertEquals } from "@std/assert";
import type { SurfaceApp } from "../../shared/http/app.ts";
import { SCOPES } from "../../shared/access/api_key.ts";
import { readEnv } from "../../shared/env.ts";

const FUNCTIONS = new URL("../../functions/", import.meta.url);
const env = readEnv({
  SUPABASE_URL: "http://127.0.0.1:1",
  SUPABASE_PUBLISHABLE_KEY: "p",
  SUPABASE_SECRET_KEY: "s",
});

interface Route {
  readonly name: string;
  readonly security: Record<string, string[]>[] | undefined;
  readonly cost: unknown;
  /** Media types of its body, each with whether its schema is checked. */
  readonly body: Record<string, boolean> | undefined;
  /** Names of the handlers that it leads through. */
  readonly handlers: readonly string[];
}

async function routesOf(surface: string): Promise<Route[]> {
  const { createApp }: { createApp(of: typeof env): SurfaceApp } = await import(
    new URL(`${surface}/app.ts`, FUNCTIONS).href
  );
  const app = createApp(env);
  return app.openAPIRegistry.definitions.flatMap((definition) => {
    if (definition.type !== "route") return [];
    const { method, path, security, request, "x-cost": cost } = definition.route;
    const pattern = (`/${surface}` + path).replace(/\/$/, "").replaceAll(/\{(\w+)\}/g, ":$1");
    const content = request?.body?.content;
    return [{
      name: `${method.toUpperCase()} ${pattern}`,
      security,
      cost,
      body: content && Object.fromEntries(
        Object.entries(content).map((
          [type, media],
        ) => [type, "_zod" in ((media as { schema?: object }).schema ?? {})]),
      ),
      handlers: app.routes.filter((route) => route.method === method.toUpperCase() && route.path === pattern)
        .map((route) => route.handler.name),
    }];
  });
}

const surfaces = (await Array.fromAsync(Deno.readDir(FUNCTIONS))).filter((entry) => entry.isDirectory)
  .map((entry) => entry.name).sort();
const routes = (await Promise.all(surfaces.map(routesOf))).flat();

/** Routes that anybody may call. */
const PUBLIC = ["GET /admin/live", "GET /privacy/downloads/:token"];

/** Routes that take the project's secret key and nothing else. */
const OPERATOR = ["GET /admin/health", "GET /admin/metrics", "GET /jobs", "POST /jobs/:name"];

/** Routes that take a file, so that any content type may be one. */
const TAKE_FILES = ["POST /imports", "PUT /imports/:id/parts/:n"];

Deno.test("Every route says that it is for persons only, or which one scope a key needs", () => {
  assert(routes.length >= 35);
  const open: string[] = [];
  for (const { name, security } of routes) {
    if (security === undefined) {
      open.push(name);
      continue;
    }
    const [person, key, ...others] = security;
    if (OPERATOR.includes(name)) {
      assertEquals([name, security], [name, [{ secret_key: [] }]]);
      continue;
    }
    assertEquals([name, person, others], [name, { user: [] }, []]);
    if (key === undefined) continue;
    assertEquals([name, Object.keys(key), key.key?.length], [name, ["key"], 1]);
    assert(SCOPES.some((scope) => scope === key.key?.[0]), name);
  }
  assertEquals(open, PUBLIC);
});

Deno.test("Keys, members, exports and erasure are for persons only", () => {
  const closed = routes.filter(({ name }) => /\/(keys|admin\/members|privacy\/(exports|erasure))/.test(name));
  assert(closed.length >= 4);
  for (const { name, security } of closed) assertEquals([name, security], [name, [{ user: [] }]]);
});

Deno.test("A key's scope for writing is needed where something is written", () => {
  for (const { name, security } of routes) {
    const scope = security?.[1]?.key?.[0];
    if (scope === undefined || scope === "nlq:query" || name.startsWith("GET")) continue;
    assert(scope.endsWith(":write"), `${name} ${scope}`);
  }
});

Deno.test("A cost is a whole number, and what is expensive has one", () => {
  for (const { name, cost } of routes) {
    assert(cost === undefined || (Number.isInteger(cost) && Number(cost) > 1 && Number(cost) <= 20), name);
  }
  const costs = Object.fromEntries(routes.map(({ name, cost }) => [name, Number(cost ?? 1)]));
  for (const name of ["POST /nlq/query", "POST /imports", "GET /dashboard/team", "GET /analytics/trends"]) {
    assert((costs[name] ?? 0) >= 5, name);
  }
});

Deno.test("Every body has a size limit and a content type that is checked", () => {
  const with_body = routes.filter(({ body }) => body !== undefined);
  assert(with_body.length >= 8);
  for (const { name, body, handlers } of with_body) {
    assert(handlers.includes("limitBody"), `${name} has no maxBody`);
    if (TAKE_FILES.includes(name)) continue;
    assertEquals([name, body], [name, { "application/json": true }]);
    assert(handlers.includes("mediaTypeGate"), `${name} takes any content type`);
  }
});
