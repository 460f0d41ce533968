import type { z } from "@hono/zod-openapi";
import type { Caller } from "../../shared/access/auth.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { describePage, type Listing, type Page } from "../../shared/http/page.ts";
import type { MemberSchema, MembersQuery } from "./schemas_members.ts";

type Member = z.infer<typeof MemberSchema>;

/** One page of an organisation's members, by when they joined, and its `meta.page`. */
export async function listMembers(
  caller: Caller,
  codec: CursorCodec,
  { organization_id, limit, cursor }: z.infer<typeof MembersQuery>,
): Promise<{ members: Member[]; page: Page }> {
  const scope = ["admin/members", caller.id, organization_id];
  const position = cursor === undefined ? undefined : await codec.decode(cursor, scope);
  const listing = await caller.rpc<Listing & { members: Member[] }>("get_members", {
    organization_id,
    max_rows: limit ?? 50,
    cursor_at: position?.key[0],
    cursor_id: position?.key[1],
    backward: position?.backward,
  }, { get: true });
  const [first, last] = [listing.members[0], listing.members.at(-1)];
  const keys = first && last
    ? { first: [first.joined_at, first.user_id], last: [last.joined_at, last.user_id] }
    : undefined;
  return { members: listing.members, page: await describePage(codec, scope, listing, keys, position) };
}
