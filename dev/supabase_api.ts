import { quoteRpcArguments } from "./rpc_arguments.ts";
import { TokenError, type TokenExchange } from "./token_exchange.ts";

/** What stands behind `/auth/v1` and `/rest/v1`. */
export interface SupabaseApiOptions {
  tokens: TokenExchange;
  /** The fetch handler of `@supabase/lite`. */
  lite: (request: Request) => Promise<Response>;
}

const ALLOWED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const EXPOSED_HEADERS = "Content-Range, Content-Location, Preference-Applied, X-Sb-Error-Code";

function preflight(request: Request): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": ALLOWED_METHODS,
      "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "*",
      "access-control-max-age": "86400",
      "vary": "Access-Control-Request-Headers",
    },
  });
}

function withCors(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set("access-control-allow-origin", "*");
  headers.set("access-control-expose-headers", EXPOSED_HEADERS);
  return new Response(response.body, { status: response.status, headers });
}

function refuse(error: TokenError, is_auth: boolean): Response {
  const headers = {
    "www-authenticate": `Bearer error="invalid_token", error_description="${error.message}"`,
  };
  if (is_auth) {
    const detail = error.reason === "expired" ? "token is expired" : "signature is invalid";
    const msg = `invalid JWT: unable to parse or verify signature, ${detail}`;
    return Response.json({ code: 401, error_code: "bad_jwt", msg }, {
      status: 401,
      headers: { ...headers, "x-sb-error-code": "bad_jwt" },
    });
  }
  const code = error.reason === "expired" ? "PGRST303" : "PGRST301";
  const details = error.reason === "expired" ? null : "None of the keys was able to decode the JWT";
  return Response.json({ code, details, hint: null, message: error.message }, { status: 401, headers });
}

/** The users' bearer token; the project's own keys are opaque and go by as they are. */
function userToken(request: Request): string | undefined {
  const [, token] = /^Bearer\s+(.*)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  return token === undefined || token.startsWith("sb_") ? undefined : token.trim();
}

async function translateRequest(request: Request, tokens: TokenExchange): Promise<Request> {
  const headers = new Headers(request.headers);
  const token = userToken(request);
  if (token !== undefined) headers.set("authorization", `Bearer ${await tokens.inbound(token)}`);
  // Read to its end first: the database has one connection, which a slow sender must not hold.
  const body = request.body === null ? null : await request.arrayBuffer();
  return new Request(quoteRpcArguments(request), { method: request.method, headers, body });
}

async function translateBody(answer: Response, tokens: TokenExchange): Promise<Response> {
  const text = await answer.text();
  const value = JSON.parse(text) as { access_token?: unknown; user?: Record<string, unknown> } | null;
  const headers = new Headers(answer.headers);
  headers.delete("content-length");
  if (typeof value?.access_token !== "string") return new Response(text, { status: answer.status, headers });
  const access_token = await tokens.outbound(value.access_token, value.user);
  return new Response(JSON.stringify({ ...value, access_token }), { status: answer.status, headers });
}

/** Links in e-mails answer with a redirect that has the session in its fragment. */
async function translateRedirect(
  answer: Response,
  location: string,
  tokens: TokenExchange,
): Promise<Response> {
  const url = new URL(location);
  const session = new URLSearchParams(url.hash.slice(1));
  const token = session.get("access_token");
  if (token === null) return answer;
  session.set("access_token", await tokens.outbound(token));
  url.hash = session.toString();
  const headers = new Headers(answer.headers);
  headers.set("location", url.href);
  return new Response(null, { status: answer.status, headers });
}

async function translateAnswer(answer: Response, tokens: TokenExchange): Promise<Response> {
  const location = answer.headers.get("location");
  if (location !== null && URL.canParse(location)) return await translateRedirect(answer, location, tokens);
  if (!answer.headers.get("content-type")?.startsWith("application/json")) return answer;
  return await translateBody(answer, tokens);
}

/**
 * The REST and Auth APIs as a hosted project serves them: takes and gives ES256 tokens, refuses every other with
 * 401, and answers browsers' preflight requests.
 */
export function createSupabaseApi(options: SupabaseApiOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method === "OPTIONS" && request.headers.has("access-control-request-method")) {
      return preflight(request);
    }
    const is_auth = new URL(request.url).pathname.startsWith("/auth/v1");
    try {
      const answer = await options.lite(await translateRequest(request, options.tokens));
      return withCors(is_auth ? await translateAnswer(answer, options.tokens) : answer);
    } catch (error) {
      if (error instanceof TokenError) return withCors(refuse(error, is_auth));
      throw error;
    }
  };
}
