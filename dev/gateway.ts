import type { SigningKeys } from "./keys.ts";
import type { Surface } from "./surfaces.ts";

/** What the gateway leads to. */
export interface GatewayOptions {
  keys: SigningKeys;
  /** `/auth/v1` and `/rest/v1`. */
  supabase: (request: Request) => Promise<Response>;
  /** The same over a read replica: `/replica/rest/v1`. */
  replica?: (request: Request) => Promise<Response>;
  surfaces: ReadonlyMap<string, Surface>;
  /** Is told what a surface threw. */
  log: (message: string) => void;
}

/** An HTTP handler; the client's address goes to the surfaces as `X-Forwarded-For`. */
export type Gateway = (request: Request, client_address?: string) => Promise<Response>;

function problem(status: number, code: string, title: string, detail: string): Response {
  const request_id = crypto.randomUUID();
  return Response.json({ type: "about:blank", title, status, code, detail, request_id }, {
    status,
    headers: {
      "content-type": "application/problem+json",
      "access-control-allow-origin": "*",
      "x-request-id": request_id,
    },
  });
}

function notFound(pathname: string): Response {
  return problem(404, "route_not_found", "There is no such route", `Nothing is served at ${pathname}`);
}

/** The request as the Edge Runtime hands it on: the path starts with the function's name, the body is a stream. */
function toSurface(request: Request, pathname: string, client_address: string | undefined): Request {
  const url = new URL(request.url);
  url.pathname = pathname;
  const headers = new Headers(request.headers);
  if (client_address !== undefined) headers.set("x-forwarded-for", client_address);
  return new Request(url, { method: request.method, headers, body: request.body });
}

/** The one HTTP entry of the local stack, with the paths of a Supabase project and `/api/…` for its functions. */
export function createGateway(options: GatewayOptions): Gateway {
  const { keys, supabase, replica, surfaces, log } = options;

  async function callSurface(request: Request, pathname: string, client_address?: string): Promise<Response> {
    const name = pathname.split("/")[1] ?? "";
    const surface = surfaces.get(name);
    if (surface === undefined) return notFound(new URL(request.url).pathname);
    try {
      return await surface.fetch(toSurface(request, pathname, client_address));
    } catch (error) {
      log(`The function ${name} failed: ${error instanceof Error ? error.stack : error}`);
      return problem(500, "internal_error", "Something went wrong", "The function failed");
    }
  }

  return async (request, client_address) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/auth/v1/.well-known/jwks.json" && request.method === "GET") {
      return Response.json(keys.jwks, {
        headers: { "cache-control": "public, max-age=600", "access-control-allow-origin": "*" },
      });
    }
    if (/^\/(auth|rest)\/v1(\/|$)/.test(pathname)) return await supabase(request);
    const [, replica_path] = /^\/replica(\/rest\/v1\/.*)$/.exec(pathname) ?? [];
    if (replica !== undefined && replica_path !== undefined) {
      const url = new URL(request.url);
      url.pathname = replica_path;
      return await replica(new Request(url, request));
    }
    const [, surface_path] = /^\/(?:functions\/v1|api)(\/.*)$/.exec(pathname) ?? [];
    if (surface_path !== undefined) return await callSurface(request, surface_path, client_address);
    if (pathname === "/") return Response.json({ name: "PhoneLog AI", functions: [...surfaces.keys()] });
    if (pathname === "/favicon.ico") return new Response(null, { status: 204 });
    return notFound(pathname);
  };
}
