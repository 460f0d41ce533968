import { OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { timing } from "hono/timing";
import type { MiddlewareHandler } from "hono";
import { type Variables } from "../access/auth.ts";
import type { Env } from "../env.ts";
import { requestLog } from "../monitoring/log.ts";
import { Problem, ProblemSchema } from "./problem.ts";
import { createReplica } from "../database/replica.ts";
import { createResultCache } from "../cache/result_cache.ts";
import { ruleFinder } from "../access/route_rule.ts";
import { API_VERSION } from "../version.ts";

/** The Hono app of a surface. */
export type SurfaceApp = OpenAPIHono<{ Variables: Variables }>;

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

function apiVersion(): MiddlewareHandler {
  return async function stateVersion(c, next) {
    await next();
    c.header("API-Version", API_VERSION);
  };
}

/** What Deno and fetch call a body whose sender went away. */
const CUT_OFF = new Set(["BadResource", "Interrupted", "AbortError", "ConnectionReset", "UnexpectedEof"]);

function asProblem(error: Error): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof HTTPException && error.status === 413) {
    return new Problem("body_too_large", "The body is larger than this route takes", { cause: error });
  }
  if (error instanceof HTTPException && error.status === 415) {
    return new Problem("media_type_unsupported", "The route does not take this content type", {
      cause: error,
    });
  }
  if (error instanceof SyntaxError || (error instanceof HTTPException && error.status === 400)) {
    return new Problem("json_invalid", "The body is not valid JSON", { cause: error });
  }
  if (CUT_OFF.has(error.name)) {
    return new Problem("body_incomplete", "The body did not arrive whole", { cause: error });
  }
  return new Problem("internal_error", "The request could not be completed", { cause: error });
}

/**
 * Makes the app of one surface: request id, log, timing, CORS and errors are the same everywhere. Routes are mounted
 * by the surface's `app.ts`, whose order is the policy.
 *
 * @param surface Its name, which is also the first part of every path.
 */
export function createSurface(surface: string, env: Env): SurfaceApp {
  const app: SurfaceApp = new OpenAPIHono<{ Variables: Variables }>({
    defaultHook: (result) => {
      if (!result.success) throw validationProblem(result.error);
    },
  }).basePath(`/${surface}`) as SurfaceApp;

  app.use(
    requestId(),
    requestLog(surface),
    timing({ crossOrigin: false, totalDescription: "total" }),
    apiVersion(),
    cors({
      origin: env.cors_origins.includes("*") ? "*" : [...env.cors_origins],
      allowMethods: [...METHODS],
      allowHeaders: [
        "authorization",
        "apikey",
        "x-client-info",
        "content-type",
        "idempotency-key",
        "if-none-match",
        "x-api-key",
        "traceparent",
        "range",
        "x-request-id",
      ],
      exposeHeaders: [
        "etag",
        "x-request-id",
        "server-timing",
        "api-version",
        "location",
        "idempotency-replayed",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "content-disposition",
        "content-range",
        "accept-ranges",
      ],
      maxAge: 86400,
    }),
    secureHeaders({ crossOriginResourcePolicy: "cross-origin" }),
  );
  const findRule = ruleFinder(app, `/${surface}`);
  const results = createResultCache(env);
  const replica = createReplica(env);
  app.use(async function provideRequest(c, next) {
    c.set("rule", findRule(c));
    c.set("results", results);
    c.set("replica", replica);
    await next();
  });
  app.onError((error, c) => {
    const response = asProblem(error).toResponse(c.var.requestId);
    for (const [name, value] of response.headers) c.header(name, value);
    return c.newResponse(response.body, response.status as 500);
  });
  app.notFound((c) => {
    const path = new URL(c.req.url).pathname;
    const others = METHODS.filter((method) =>
      method !== c.req.method &&
      app.router.match(method, path)[0].some(([[, route]]) => route.method === method)
    );
    const problem = others.length > 0
      ? new Problem("method_not_allowed", `This route takes ${others.join(", ")}`)
      : new Problem("route_not_found", "There is no such route");
    if (others.length > 0) c.header("Allow", others.join(", "));
    const response = problem.toResponse(c.var.requestId);
    for (const [name, value] of response.headers) c.header(name, value);
    return c.newResponse(response.body, response.status as 404);
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "user", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "key", {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
    description: "A key of POST /keys; the scope that a route needs stands beside it.",
  });
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: { title: `PhoneLog AI: ${surface}`, version: API_VERSION },
  });
  return app;
}

/** Refuses bodies above this many bytes with 413 `body_too_large`. */
export function maxBody(bytes: number): MiddlewareHandler {
  const limit = bodyLimit({
    maxSize: bytes,
    onError: () => {
      throw new Problem("body_too_large", `The body may have ${bytes} bytes`);
    },
  });
  // By its name the tests find the routes that have it.
  return function limitBody(c, next) {
    return limit(c, next);
  };
}

/** Names the members that are not valid, unknown ones too. */
export function validationProblem(error: z.ZodError): Problem {
  const errors = error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join("/"), message: "Not known here" }))
      : [{ path: issue.path.join("/"), message: issue.message }]
  );
  const named = errors.map((entry) => entry.path).filter((path) => path !== "").slice(0, 5).join(", ");
  return new Problem("validation_failed", named ? `Not valid: ${named}` : "Not valid", {
    errors: errors.slice(0, 100),
  });
}

/** The response members of a route: its own answer, and problems. */
export function responses(
  description: string,
  data: z.ZodType,
  meta: z.ZodType = z.object({}),
  status: 200 | 201 | 202 = 200,
) {
  return {
    [status]: { description, content: { "application/json": { schema: z.object({ data, meta }) } } },
    default: { description: "A problem", content: { "application/problem+json": { schema: ProblemSchema } } },
  } satisfies RouteConfig["responses"];
}

export { keySecurity, USER_SECURITY } from "../access/route_rule.ts";
