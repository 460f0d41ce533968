import type { Database } from "../../dev/database.ts";
import type { Target } from "./target.ts";

/** Rows that no request of the victim's makes, for the tables that there are: `$1` is she, `$2` her organisation. */
const ROWS: Readonly<Record<string, string>> = {
  "public.legal_holds":
    "insert into public.legal_holds (user_id, organization_id, reason) values ($1, $2, 'The qxreason of it')",
  "public.erasure_requests": `insert into public.erasure_requests (user_id, scope, subject, keep_out, due_at)
    values ($1, 'number', jsonb_build_object('numbers', '["+447700900666"]'::jsonb, 'names', '["Qxerasedname"]'::jsonb), true, now() + interval '9 days')`,
  "public.retention_policies":
    "insert into public.retention_policies (organization_id, member_id, keep_days) values ($2, $1, 36500)",
  "private.org_invitations":
    `insert into private.org_invitations (organization_id, email, role, token_hash, invited_by, expires_at)
    values ($2, 'qxinvited@example.test', 'viewer', '\\x00', $1, now() + interval '7 days')`,
  "public.rate_limit_settings": `insert into public.rate_limit_settings (organization_id, user_limit)
    select m.organization_id, 1000000 from public.org_members as m where m.user_id = $1`,
  // One of hers, one of the organisation's.
  "public.alerts": `insert into public.alerts (owner_id, organization_id, kind, severity, dedup_key, title)
    values ($1, null, 'attack', 'info', 'qxalertkey', 'Look at qxalert'),
           (null, $2, 'attack', 'info', 'qxorganizationalert', 'Look at qxorganizationalert')`,
  "public.data_exports": `with export as (
      insert into public.data_exports (user_id, state, requested_at, finished_at, expires_at, tables, bytes)
      values ($1, 'done', now(), now(), now() + interval '72 hours', '[{"name": "profiles", "rows": 1}]', 9) returning user_id, id)
    insert into private.export_parts (user_id, export_id, part, start_byte, length, bytes)
    select user_id, id, 0, 0, 9, 'qxarchive'::bytea from export`,
  "private.webhooks": `with webhook as (
      insert into private.webhooks (owner_id, url, types, description)
      values ($1, 'https://example.com/qxhook', '{alert.raised}', 'Qxhook of hers') returning id)
    insert into private.webhook_messages (webhook_id, type, data) select id, 'alert.raised', '{"title": "qxmessage"}' from webhook`,
};

/** Writes what an operator, a job or an admin would have written about the victim. */
export async function seedByOperator(db: Database, target: Target): Promise<void> {
  // As a moment after the installation: no job is late, and GET /admin/health is well.
  await db.exec("update private.job_schedule set enabled = enabled");
  for (const [table, sql] of Object.entries(ROWS)) {
    const [found] = await db.query<{ exists: boolean }>("select to_regclass($1) is not null as exists", [
      table,
    ]);
    if (!found?.exists) continue;
    const values = [target.user_id, target.organization_id];
    await db.query(sql, sql.includes("$2") ? values : values.slice(0, 1));
  }
}
