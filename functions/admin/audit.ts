import type { z } from "@hono/zod-openapi";
import Papa from "papaparse";
import type { Caller } from "../../shared/access/auth.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { describePage, type Listing, type Page } from "../../shared/http/page.ts";
import type { AuditEntrySchema, AuditQuery } from "./schemas_audit.ts";

type AuditEntry = z.infer<typeof AuditEntrySchema>;

/** One page of the audit log, newest first, and its `meta.page`. */
export async function listAudit(
  caller: Caller,
  codec: CursorCodec,
  query: z.infer<typeof AuditQuery>,
): Promise<{ entries: AuditEntry[]; page: Page }> {
  const { from, to, limit, cursor, format: _, ...filters } = query;
  const scope = ["admin/audit", caller.id, from, to, ...Object.entries(filters).sort().flat()];
  const position = cursor === undefined ? undefined : await codec.decode(cursor, scope);
  const listing = await caller.rpc<Listing & { entries: AuditEntry[] }>("get_audit_log", {
    ...filters,
    starts_at: from,
    ends_at: to,
    max_rows: limit ?? 50,
    cursor_at: position?.key[0],
    cursor_id: position?.key[1],
    backward: position?.backward,
  }, { get: true });
  const [first, last] = [listing.entries[0], listing.entries.at(-1)];
  const keys = first && last ? { first: [first.at, first.id], last: [last.at, last.id] } : undefined;
  return { entries: listing.entries, page: await describePage(codec, scope, listing, keys, position) };
}

const COLUMNS = [
  "id",
  "at",
  "organization_id",
  "actor",
  "actor_type",
  "key_id",
  "action",
  "owner_id",
  "subject_type",
  "subject_id",
  "old",
  "new",
  "request_id",
  "address",
  "details",
  "seq",
] as const satisfies readonly (keyof AuditEntry)[];

/** A row per entry; old, new and details as JSON. A cell that a spreadsheet would run is quoted. */
export function auditCsv(entries: readonly AuditEntry[]): string {
  const cell = (value: unknown) =>
    typeof value === "object" && value !== null ? JSON.stringify(value) : value;
  return Papa.unparse({
    fields: [...COLUMNS],
    data: entries.map((entry) => COLUMNS.map((column) => cell(entry[column]))),
  }, { escapeFormulae: true, newline: "\r\n" }) + "\r\n";
}
