import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { maxBody, responses, type SurfaceApp, USER_SECURITY } from "../../shared/http/app.ts";
import { createKey, rotateKey } from "./keys.ts";
import {
  CreateSchema,
  KeyParams,
  KeySchema,
  NewKeySchema,
  NoQuery,
  RevokedSchema,
  RotateSchema,
} from "./schemas.ts";

const list = createRoute({
  method: "get",
  path: "/",
  summary: "One's API keys, newest first",
  security: USER_SECURITY,
  request: { query: NoQuery },
  responses: responses("The keys, without their secrets", z.array(KeySchema)),
});

// No Idempotency-Key here or below: the answer has a secret, which must not be kept to be given again.
const create = createRoute({
  method: "post",
  path: "/",
  summary: "Make an API key",
  description:
    "With `X-API-Key: <key>` a program acts for its owner, as far as the scopes go and never further than the owner. The key is shown this once. A key cannot make, list or change keys, nor members, exports or erasure.",
  security: USER_SECURITY,
  "x-cost": 5,
  middleware: [maxBody(16_000)] as const,
  request: {
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: CreateSchema } } },
  },
  responses: responses("The key", NewKeySchema, undefined, 201),
});

const rotate = createRoute({
  method: "post",
  path: "/{id}/rotate",
  summary: "Give a key another secret",
  description: "The one before is good for the overlap; one that was rotated out before that is not.",
  security: USER_SECURITY,
  "x-cost": 5,
  middleware: [maxBody(16_000)] as const,
  request: {
    params: KeyParams,
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: RotateSchema } } },
  },
  responses: responses("The key with its new secret", NewKeySchema),
});

const revoke = createRoute({
  method: "delete",
  path: "/{id}",
  summary: "End a key for good, from the next request on",
  security: USER_SECURITY,
  request: { params: KeyParams, query: NoQuery },
  responses: responses("It is revoked", RevokedSchema),
});

/** `/keys`, for signed-in persons only. */
export function mountKeyRoutes(app: SurfaceApp): void {
  app.openapi(list, async (c) => answer(c, await c.var.caller.rpc("get_api_keys", {}, { get: true })));

  app.openapi(create, async (c) => {
    const key = await createKey(c.var.caller, c.req.valid("json"));
    c.header("Location", `${c.req.path}/${key.id}`);
    return answer(c, key, { status: 201, secret: true });
  });

  app.openapi(rotate, async (c) => {
    const key = await rotateKey(c.var.caller, c.req.valid("param").id, c.req.valid("json"));
    return answer(c, key, { secret: true });
  });

  app.openapi(revoke, async (c) => {
    const { id } = c.req.valid("param");
    await c.var.caller.rpc("revoke_api_key", { key_id: id });
    return answer(c, { id, revoked: true });
  });
}
