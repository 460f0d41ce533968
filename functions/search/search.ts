import type { z } from "@hono/zod-openapi";
import type { Caller } from "../../shared/access/auth.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { describePage, type Listing, type Page } from "../../shared/http/page.ts";
import { NumberReader } from "../../shared/phone_number.ts";
import type { ContactHitSchema, ContactQuery, EventHitSchema, EventQuery } from "./schemas.ts";

type EventHit = z.infer<typeof EventHitSchema>;
type ContactHit = z.infer<typeof ContactHitSchema>;

/** The filter's number in E.164, read in the caller's region when it has no country code. */
async function readNumber(caller: Caller, number: string): Promise<string> {
  const profile = /^\s*(tel:)?\+/i.test(number)
    ? undefined
    : await caller.rpc<{ default_region: string }>("get_profile", {}, { get: true });
  return new NumberReader(profile?.default_region ?? "").read(number);
}

/**
 * One page of events found and its `meta.page`. A cursor by relevance holds the score and the time of the first page, so
 * that events which come in later shift no page.
 */
export async function searchEvents(
  caller: Caller,
  codec: CursorCodec,
  query: z.infer<typeof EventQuery>,
): Promise<{ events: EventHit[]; page: Page }> {
  const { q, cursor, limit, order, number, from, to, ...filters } = query;
  const scope = [
    "search/events",
    caller.id,
    q,
    order,
    number,
    from,
    to,
    ...Object.entries(filters).sort().flat(),
  ];
  const position = cursor === undefined ? undefined : await codec.decode(cursor, scope);
  const [ts, id, score, searched_at] = position?.key ?? [];
  const listing = await caller.rpc<Listing & { events: EventHit[]; searched_at: string }>("search_events", {
    ...filters,
    search_text: q,
    starts_at: from,
    ends_at: to,
    number: number === undefined ? undefined : await readNumber(caller, number),
    sort: order,
    max_rows: limit ?? 50,
    cursor_score: score === undefined ? undefined : Number(score),
    cursor_ts: ts,
    cursor_id: id,
    backward: position?.backward,
    searched_at,
  }, { get: true });
  const key = (hit: EventHit) =>
    order === "relevance" ? [hit.ts, hit.id, String(hit.score), listing.searched_at] : [hit.ts, hit.id];
  const [first, last] = [listing.events[0], listing.events.at(-1)];
  const keys = first && last ? { first: key(first), last: key(last) } : undefined;
  return { events: listing.events, page: await describePage(codec, scope, listing, keys, position) };
}

/** One page of contacts found, best first, and its `meta.page`. */
export async function searchContacts(
  caller: Caller,
  codec: CursorCodec,
  query: z.infer<typeof ContactQuery>,
): Promise<{ contacts: ContactHit[]; page: Page }> {
  const { q, user_id, cursor, limit } = query;
  const scope = ["search/contacts", caller.id, q, user_id];
  const position = cursor === undefined ? undefined : await codec.decode(cursor, scope);
  const [score, id] = position?.key ?? [];
  const listing = await caller.rpc<Listing & { contacts: ContactHit[] }>("search_contacts", {
    search_text: q,
    user_id,
    max_rows: limit ?? 50,
    cursor_score: score === undefined ? undefined : Number(score),
    cursor_id: id,
    backward: position?.backward,
  }, { get: true });
  const [first, last] = [listing.contacts[0], listing.contacts.at(-1)];
  const keys = first && last
    ? { first: [String(first.score), first.id], last: [String(last.score), last.id] }
    : undefined;
  return { contacts: listing.contacts, page: await describePage(codec, scope, listing, keys, position) };
}
