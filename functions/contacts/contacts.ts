import type { z } from "@hono/zod-openapi";
import type { Caller } from "../../shared/access/auth.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { describePage, type Listing, type Page } from "../../shared/http/page.ts";
import type { ContactSchema, ListQuery } from "./schemas.ts";

type Contact = z.infer<typeof ContactSchema>;
type SortedContact = Contact & { sort_name: string };

/** One page of the caller's contacts, by name, and its `meta.page`. */
export async function listContacts(
  caller: Caller,
  codec: CursorCodec,
  query: z.infer<typeof ListQuery>,
): Promise<{ contacts: Contact[]; page: Page }> {
  const scope = ["contacts", caller.id, query.q, query.tag];
  const position = query.cursor === undefined ? undefined : await codec.decode(query.cursor, scope);
  const listing = await caller.rpc<Listing & { contacts: SortedContact[] }>("get_contacts", {
    q: query.q,
    tag: query.tag,
    max_rows: query.limit ?? 50,
    cursor_name: position?.key[0],
    cursor_id: position?.key[1],
    backward: position?.backward,
  }, { get: true });
  const [first, last] = [listing.contacts[0], listing.contacts.at(-1)];
  const keys = first && last
    ? { first: [first.sort_name, first.id], last: [last.sort_name, last.id] }
    : undefined;
  return {
    contacts: listing.contacts.map(({ sort_name: _, ...contact }) => contact),
    page: await describePage(codec, scope, listing, keys, position),
  };
}
