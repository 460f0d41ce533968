import type { z } from "@hono/zod-openapi";
import type { Caller } from "../../shared/access/auth.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { describePage, type Listing, type Page } from "../../shared/http/page.ts";
import type { AlertSchema, AlertsQuery } from "./schemas_alerts.ts";

type Alert = z.infer<typeof AlertSchema>;

/** One page of the alerts that are the caller's to see, newest first, and its `meta.page`. */
export async function listAlerts(
  caller: Caller,
  codec: CursorCodec,
  query: z.infer<typeof AlertsQuery>,
): Promise<{ alerts: Alert[]; page: Page }> {
  const scope = ["alerts", caller.id, query.state, query.kind, query.organization_id];
  const position = query.cursor === undefined ? undefined : await codec.decode(query.cursor, scope);
  const listing = await caller.rpc<Listing & { alerts: Alert[] }>("get_alerts", {
    state: query.state,
    kind: query.kind,
    organization_id: query.organization_id,
    max_rows: query.limit ?? 50,
    cursor_id: position?.key[0],
    backward: position?.backward,
  }, { get: true });
  const [first, last] = [listing.alerts[0], listing.alerts.at(-1)];
  const keys = first && last ? { first: [first.id], last: [last.id] } : undefined;
  return { alerts: listing.alerts, page: await describePage(codec, scope, listing, keys, position) };
}
