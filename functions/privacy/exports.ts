import type { z } from "@hono/zod-openapi";
import type { Admin } from "../../shared/access/admin.ts";
import type { Caller } from "../../shared/access/auth.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { advanceExport } from "../../shared/export/advance.ts";
import { platform } from "../../shared/platform.ts";
import { describePage, type Listing, type Page } from "../../shared/http/page.ts";
import { Problem } from "../../shared/http/problem.ts";
import { downloadLink } from "./export_link.ts";
import type { ExportListQuery, ExportSchema } from "./schemas_exports.ts";

/** What the export routes work with. */
export interface Exporting {
  readonly admin: Admin;
  readonly codec: CursorCodec;
  /** Of the project, for links. */
  readonly public_url: string;
}

type Export = z.infer<typeof ExportSchema>;
type StoredExport = Omit<Export, "download">;

/** Goes on with an export behind the answer. What fails is taken up again by the next look at it, or by the job. */
function workOn(exporting: Exporting, { id, state }: StoredExport): void {
  if (state !== "queued" && state !== "running") return;
  const work = advanceExport(exporting.admin, {
    export_id: id,
    ...(platform && { budget_ms: platform.budget_ms }),
  })
    .catch(() => undefined);
  platform?.waitUntil(work);
}

async function presented(exporting: Exporting, stored: StoredExport): Promise<Export> {
  return { ...stored, download: stored.state === "done" ? await downloadLink(exporting, stored) : null };
}

/** @throws Problem `export_in_progress` (409), `export_limit_reached` (429). */
export async function requestExport(caller: Caller, exporting: Exporting): Promise<Export> {
  const requested = await caller.rpc<StoredExport>("request_export", {});
  workOn(exporting, requested);
  return await presented(exporting, requested);
}

/** @throws Problem `export_not_found` (404). */
export async function getExport(caller: Caller, exporting: Exporting, id: string): Promise<Export> {
  const { exports: [found] } = await caller.rpc<{ exports: StoredExport[] }>(
    "get_exports",
    { export_id: id },
    {
      get: true,
    },
  );
  if (!found) throw new Problem("export_not_found", "No such export of yours");
  workOn(exporting, found);
  return await presented(exporting, found);
}

/** One page of the caller's exports, newest first. */
export async function listExports(
  caller: Caller,
  exporting: Exporting,
  query: z.infer<typeof ExportListQuery>,
): Promise<{ exports: Export[]; page: Page }> {
  const scope = ["exports", caller.id];
  const position = query.cursor === undefined ? undefined : await exporting.codec.decode(query.cursor, scope);
  const listing = await caller.rpc<Listing & { exports: StoredExport[] }>("get_exports", {
    max_rows: query.limit ?? 50,
    cursor_id: position?.key[0],
    backward: position?.backward,
  }, { get: true });
  const [first, last] = [listing.exports[0], listing.exports.at(-1)];
  const keys = first && last ? { first: [first.id], last: [last.id] } : undefined;
  return {
    exports: await Promise.all(listing.exports.map((stored) => presented(exporting, stored))),
    page: await describePage(exporting.codec, scope, listing, keys, position),
  };
}
