import type { Stack, StackOptions } from "../../dev/stack.ts";
import { testStack } from "./database.ts";

/** What came back, the body parsed where it is JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- bodies are judged by assertions
  readonly body: any;
}

/** What goes with a request. */
export interface CallOptions {
  readonly json?: unknown;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

async function send(url: string, method: string, options: CallOptions): Promise<Reply> {
  const body = options.json === undefined ? options.body : JSON.stringify(options.json);
  const response = await fetch(url, {
    method,
    headers: {
      ...(options.json !== undefined && { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const is_json = response.headers.get("content-type")?.includes("json");
  return {
    status: response.status,
    headers: response.headers,
    body: is_json && text !== "" ? JSON.parse(text) : text,
  };
}

/** A program with an API key: all that it sends is the key. */
export function callWithKey(
  { url }: { url: string },
  key: string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Reply> {
  return send(url + path, method, { ...options, headers: { "x-api-key": key, ...options.headers } });
}

/** A signed-in person who calls the function URLs over HTTP. */
export class ApiUser {
  private constructor(readonly stack: Stack, readonly id: string, readonly token: string) {}

  /** Signs up a new user; `metadata` is what the profile is made from. */
  static async signUp(stack: Stack, name: string, metadata: Record<string, unknown> = {}): Promise<ApiUser> {
    const response = await fetch(`${stack.url}/auth/v1/signup`, {
      method: "POST",
      headers: { apikey: stack.publishable_key, "content-type": "application/json" },
      body: JSON.stringify({ email: `${name}@example.test`, password: "a-long-password", data: metadata }),
    });
    const session = await response.json();
    if (!response.ok) throw new Error(`Cannot sign up ${name}: ${JSON.stringify(session)}`);
    return new ApiUser(stack, session.user.id, session.access_token);
  }

  /** An account that exists, such as one of the demo. */
  static async signIn(stack: Stack, email: string, password: string): Promise<ApiUser> {
    const { user_id, access_token } = await stack.signIn(email, password);
    return new ApiUser(stack, user_id, access_token);
  }

  /** The same person with another token. */
  withToken(token: string): ApiUser {
    return new ApiUser(this.stack, this.id, token);
  }

  call(method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    const headers = { authorization: `Bearer ${this.token}`, apikey: this.stack.publishable_key };
    return send(this.stack.url + path, method, { ...options, headers: { ...headers, ...options.headers } });
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.call("GET", path, { headers });
  }

  post(path: string, json: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    return this.call("POST", path, { json, headers });
  }

  /** Takes in events, one call each unless told: minutes after `since`. */
  async log(events: Record<string, unknown>[]): Promise<Reply> {
    const reply = await this.post("/api/events", { events });
    if (reply.status !== 200) throw new Error(`Cannot log: ${JSON.stringify(reply.body)}`);
    return reply;
  }
}

/** An organisation with these members, written as an operator would. */
export async function organization(stack: Stack, members: Record<string, ApiUser>): Promise<string> {
  const [created] = await stack.db.query<{ id: string }>(
    "insert into public.organizations (name) values ('Test') returning id",
  );
  if (!created) throw new Error("Cannot create the organisation");
  for (const [role, user] of Object.entries(members)) {
    await stack.db.query(
      "insert into public.org_members (organization_id, user_id, role) values ($1, $2, $3)",
      [created.id, user.id, role],
    );
  }
  return created.id;
}

/** A stack over a database of its own that stops at the end of its block (`await using`). */
export async function disposableStack(options: StackOptions = {}): Promise<Stack & AsyncDisposable> {
  const stack = await testStack(options);
  return { ...stack, [Symbol.asyncDispose]: () => stack.stop() };
}
