import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, Env as HonoEnv } from "hono";
import { matchedRoutes } from "hono/route";
import type { Scope } from "./api_key.ts";

/** What a route's definition says about who may call it, and how often. */
export interface RouteRule {
  /** What an API key needs; null for persons only. A path without a route has no secret: undefined. */
  readonly scope: Scope | null | undefined;
  /** Tokens that a request takes from each bucket of its caller. */
  readonly cost: number;
}

/** For the `security` member of routes that only a signed-in person may call. */
export const USER_SECURITY = [{ user: [] }];

/** For the `security` member of routes that a signed-in person may call, or a program with a key of this scope. */
export function keySecurity(scope: Scope): [{ user: [] }, { key: [Scope] }] {
  return [{ user: [] }, { key: [scope] }];
}

interface Definition {
  method: string;
  path: string;
  security?: Record<string, string[]>[] | undefined;
  "x-cost"?: number;
}

function ruleOf(definition: Definition): RouteRule {
  const [scope = null] = definition.security?.find((way) => way.key !== undefined)?.key ?? [];
  return { scope: scope as Scope | null, cost: definition["x-cost"] ?? 1 };
}

/**
 * Finds the rule of the route that a request leads to, before that route runs.
 *
 * @param base The path that all routes of the app begin with.
 */
export function ruleFinder<E extends HonoEnv>(app: OpenAPIHono<E>, base: string): (c: Context) => RouteRule {
  let rules: Map<string, RouteRule> | undefined;
  return (c) => {
    // Routes are mounted after the middleware, so the first request is when all are known.
    rules ??= new Map(
      app.openAPIRegistry.definitions.flatMap((definition) => {
        if (definition.type !== "route") return [];
        const { method, path } = definition.route;
        const pattern = path === "/" ? base : base + path.replaceAll(/\{(\w+)\}/g, ":$1");
        return [[`${method.toUpperCase()} ${pattern}`, ruleOf(definition.route as Definition)] as const];
      }),
    );
    const last = matchedRoutes(c).at(-1);
    return rules.get(`${last?.method} ${last?.path}`) ?? { scope: undefined, cost: 1 };
  };
}
