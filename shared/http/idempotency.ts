import type { MiddlewareHandler } from "hono";
import type { Variables } from "../access/auth.ts";
import { sha256 } from "../digest.ts";
import { Problem } from "./problem.ts";

interface FirstAnswer {
  readonly status: number;
  readonly response: string;
}

async function requestHash(method: string, url: string, body: ArrayBuffer): Promise<string> {
  const { pathname, search } = new URL(url);
  const head = new TextEncoder().encode(`${method} ${pathname}${search}\n`);
  const whole = new Uint8Array(head.length + body.byteLength);
  whole.set(head);
  whole.set(new Uint8Array(body), head.length);
  return await sha256(whole);
}

/**
 * Answers a write that is sent again with its `Idempotency-Key` as the first time, for 24 hours, with
 * `Idempotency-Replayed: true`. Without the header nothing is kept.
 */
export function idempotent(): MiddlewareHandler<{ Variables: Variables }> {
  return async function answerOnce(c, next) {
    const key = c.req.header("idempotency-key");
    if (key === undefined) return await next();
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw new Problem("validation_failed", "An Idempotency-Key has 1 to 255 printable characters", {
        errors: [{ path: "headers/idempotency-key", message: "Not 1 to 255 printable characters" }],
      });
    }
    const request_hash = await requestHash(c.req.method, c.req.url, await c.req.arrayBuffer());
    const first = await c.var.caller.rpc<FirstAnswer | null>("claim_idempotency_key", { key, request_hash });
    if (first) {
      const type = first.status >= 400 ? "application/problem+json" : "application/json";
      c.res = new Response(first.response, {
        status: first.status,
        headers: { "content-type": type, "idempotency-replayed": "true" },
      });
      return;
    }
    await next();
    await c.var.caller.rpc("settle_idempotency_key", {
      key,
      status: c.res.status,
      response: await c.res.clone().text(),
    });
  };
}
