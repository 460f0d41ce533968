import { SignJWT } from "jose";
import type { Stack } from "../../dev/stack.ts";

/** A request that was answered with 200. */
export interface TimedReply {
  readonly ms: number;
  // deno-lint-ignore no-explicit-any -- each case knows its own answer
  readonly body: any;
}

/** Nothing is served at the path. */
export class RouteMissingError extends Error {
  override name = "RouteMissingError";
}

/** What signs people in who have no passwords. */
type Signer = Pick<Stack, "url" | "keys" | "publishable_key">;

/** Calls routes of the local stack as people of the population, who have no passwords. */
export class HttpClient {
  readonly #stack: Signer;
  readonly #tokens = new Map<string, Promise<string>>();

  constructor(stack: Signer) {
    this.#stack = stack;
  }

  /** A token of this person, good for half a day. */
  token(user_id: string): Promise<string> {
    const { keys, url } = this.#stack;
    const token = this.#tokens.get(user_id) ??
      new SignJWT({ sub: user_id, role: "authenticated", aud: "authenticated", iss: `${url}/auth/v1` })
        .setProtectedHeader({ alg: "ES256", kid: keys.kid, typ: "JWT" })
        .setIssuedAt().setExpirationTime("12h").sign(keys.private_key);
    this.#tokens.set(user_id, token);
    return token;
  }

  async #call(method: string, user_id: string, path: string, body?: string): Promise<TimedReply> {
    const headers = {
      authorization: `Bearer ${await this.token(user_id)}`,
      apikey: this.#stack.publishable_key,
      ...(body !== undefined && { "content-type": "application/json" }),
    };
    const started = performance.now();
    const response = await fetch(`${this.#stack.url}/functions/v1${path}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const ms = performance.now() - started;
    if (response.status === 200) return { ms, body: JSON.parse(text) };
    const message = `Cannot ${method} ${path}: ${response.status} ${text.slice(0, 300)}`;
    throw text.includes('"route_not_found"') ? new RouteMissingError(message) : new Error(message);
  }

  /**
   * Times one GET up to the last byte of its answer.
   *
   * @throws RouteMissingError, and Error for every other status but 200.
   */
  get(user_id: string, path: string): Promise<TimedReply> {
    return this.#call("GET", user_id, path);
  }

  /** Times one POST of JSON text, as `get` does. */
  post(user_id: string, path: string, body: string): Promise<TimedReply> {
    return this.#call("POST", user_id, path, body);
  }
}

/** A path with its query; undefined parameters are left out. */
export function pathOf(
  path: string,
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]]
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
