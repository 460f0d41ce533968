import { createRoute, z } from "@hono/zod-openapi";
import { answer, answerCsv } from "../../shared/http/answer.ts";
import { keySecurity, responses, type SurfaceApp } from "../../shared/http/app.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { auditCsv, listAudit } from "./audit.ts";
import { AuditEntrySchema, AuditMeta, AuditQuery, VerdictSchema, VerifyQuery } from "./schemas_audit.ts";

const list = createRoute({
  method: "get",
  path: "/audit",
  summary: "Who did what: of an organisation, or with oneself",
  description: "Reading an organisation's log is itself recorded.",
  security: keySecurity("admin:read"),
  request: { query: AuditQuery },
  responses: responses("A page of entries, newest first", z.array(AuditEntrySchema), AuditMeta),
});

const verify = createRoute({
  method: "get",
  path: "/audit/verify",
  summary: "Whether an organisation's log is whole, unchanged and in order",
  security: keySecurity("admin:read"),
  request: { query: VerifyQuery },
  responses: responses("The verdict", VerdictSchema),
});

/** `GET /admin/audit` and `GET /admin/audit/verify`. */
export function mountAuditRoutes(app: SurfaceApp, codec: CursorCodec): void {
  app.openapi(list, async (c) => {
    const query = c.req.valid("query");
    const { entries, page } = await listAudit(c.var.caller, codec, query);
    if (query.format === "json") return answer(c, entries, { meta: { page } });
    if (page.next_cursor !== null) {
      const next = new URLSearchParams({ ...c.req.query(), cursor: page.next_cursor });
      c.header("Link", `<?${next}>; rel="next"`);
    }
    return answerCsv(c, auditCsv(entries));
  });

  app.openapi(verify, async (c) => {
    const { organization_id, anchor_seq, anchor_hash } = c.req.valid("query");
    const anchor = anchor_seq === undefined ? undefined : { seq: anchor_seq, hash: anchor_hash };
    return answer(
      c,
      await c.var.caller.rpc("verify_audit_log", { organization_id, anchor: anchor as never }),
    );
  });
}
