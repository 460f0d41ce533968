import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { keySecurity, maxBody, responses, type SurfaceApp, USER_SECURITY } from "../../shared/http/app.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { idempotent } from "../../shared/http/idempotency.ts";
import { listRules, readRule, writeRule, writeRules } from "./rules.ts";
import { ListMeta, NoQuery } from "./schemas.ts";
import {
  BulkDoneSchema,
  BulkSchema,
  NewRuleSchema,
  RuleParams,
  RuleSchema,
  RulesQuery,
} from "./schemas_rules.ts";

const list = createRoute({
  method: "get",
  path: "/rules",
  summary: "One's privacy rules",
  description: "A contact without a rule is team-visible, its texts masked.",
  security: keySecurity("privacy:read"),
  request: { query: RulesQuery },
  responses: responses("A page of rules", z.array(RuleSchema), ListMeta),
});

const bulk = createRoute({
  method: "post",
  path: "/rules/bulk",
  summary: "Set one rule for a list of contacts, a tag or all",
  security: USER_SECURITY,
  middleware: [maxBody(64_000), idempotent()] as const,
  request: {
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: BulkSchema } } },
  },
  responses: responses("How many it changed", BulkDoneSchema),
});

const one = createRoute({
  method: "get",
  path: "/rules/{contact_id}",
  summary: "What teammates may see of one of one's contacts",
  security: keySecurity("privacy:read"),
  request: { params: RuleParams, query: NoQuery },
  responses: responses("The rule, or the default", RuleSchema),
});

const put = createRoute({
  method: "put",
  path: "/rules/{contact_id}",
  summary: "Say what teammates may see of one of one's contacts",
  description: "In force with the next read of anybody.",
  security: USER_SECURITY,
  middleware: [maxBody(4_000), idempotent()] as const,
  request: {
    params: RuleParams,
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: NewRuleSchema } } },
  },
  responses: responses("The rule", RuleSchema),
});

const remove = createRoute({
  method: "delete",
  path: "/rules/{contact_id}",
  summary: "Let the default hold again",
  security: USER_SECURITY,
  middleware: [idempotent()] as const,
  request: { params: RuleParams, query: NoQuery },
  responses: responses("The default", RuleSchema),
});

/** `/privacy/rules`. */
export function mountRuleRoutes(app: SurfaceApp, codec: CursorCodec): void {
  app.openapi(list, async (c) => {
    const { rules, page } = await listRules(c.var.caller, codec, c.req.valid("query"));
    return answer(c, rules, { meta: { page } });
  });

  app.openapi(bulk, async (c) => answer(c, await writeRules(c.var.caller, c.req.valid("json"))));

  app.openapi(
    one,
    async (c) => answer(c, await readRule(c.var.caller, c.req.valid("param").contact_id)),
  );

  app.openapi(
    put,
    async (c) =>
      answer(c, await writeRule(c.var.caller, c.req.valid("param").contact_id, c.req.valid("json"))),
  );

  app.openapi(
    remove,
    async (c) => answer(c, await writeRule(c.var.caller, c.req.valid("param").contact_id, null)),
  );
}
