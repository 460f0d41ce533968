import type { z } from "@hono/zod-openapi";
import type { Caller } from "../../shared/access/auth.ts";
import { cleanJson } from "../../shared/clean_text.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { describePage, type Listing } from "../../shared/http/page.ts";
import { NumberReader } from "../../shared/phone_number.ts";
import { Problem } from "../../shared/http/problem.ts";
import type { CreatedSchema, CreateSchema, EventSchema, ListMeta, ListQuery } from "./schemas.ts";

type Event = z.infer<typeof EventSchema>;

/** Numbers without a country code are read in the caller's region, which is looked up only when one comes. */
async function numberReader(caller: Caller, numbers: readonly unknown[]): Promise<NumberReader> {
  const national = numbers.some((number) => typeof number === "string" && !/^\s*(tel:)?\+/i.test(number));
  const profile = national
    ? await caller.rpc<{ default_region: string }>("get_profile", {}, { get: true })
    : undefined;
  return new NumberReader(profile?.default_region ?? "");
}

/** What the database answers for a page; the last three of changes only. */
interface EventListing extends Listing {
  readonly events: Event[];
  readonly deleted?: { id: string; deleted_at: string }[];
  readonly edges?: { first: string[]; last: string[] } | null;
  readonly sync_until?: string;
}

/** `meta` of a list of events. */
type EventsMeta = z.infer<typeof ListMeta>;

/**
 * One page of events and its `meta`. The cursor of a page of changes also holds up to where the first page of the round
 * was settled, so that every page of it says the same.
 */
export async function listEvents(
  caller: Caller,
  codec: CursorCodec,
  query: z.infer<typeof ListQuery>,
): Promise<{ events: Event[]; meta: EventsMeta }> {
  const { cursor, limit, order, number, from, to, ...filters } = query;
  const scope = ["events", caller.id, order, number, from, to, ...Object.entries(filters).sort().flat()];
  const position = cursor === undefined ? undefined : await codec.decode(cursor, scope);
  const reader = number === undefined ? undefined : await numberReader(caller, [number]);
  const listing = await caller.rpc<EventListing>("get_filtered_events", {
    ...filters,
    starts_at: from,
    ends_at: to,
    number: number === undefined ? undefined : reader?.read(number),
    sort: order,
    max_rows: limit ?? 50,
    cursor_ts: position?.key[0],
    cursor_id: position?.key[1],
    backward: position?.backward,
    sync_until: position?.key[2],
  }, { get: true });
  const page = await describePage(codec, scope, listing, pageKeys(listing), position);
  return {
    events: listing.events,
    meta: {
      page,
      ...(listing.deleted && { deleted: listing.deleted }),
      ...(listing.sync_until !== undefined && { sync_until: listing.sync_until }),
    },
  };
}

function pageKeys(listing: EventListing): { first: string[]; last: string[] } | undefined {
  const { edges, sync_until } = listing;
  if (sync_until !== undefined) {
    return edges ? { first: [...edges.first, sync_until], last: [...edges.last, sync_until] } : undefined;
  }
  const [first, last] = [listing.events[0], listing.events.at(-1)];
  return first && last ? { first: [first.ts, first.id], last: [last.ts, last.id] } : undefined;
}

/**
 * Takes in a batch. Good rows are kept when others are bad.
 *
 * @throws Problem `events_refused` when no row was taken, with each row's fault.
 */
export async function createEvents(
  caller: Caller,
  batch: z.infer<typeof CreateSchema>,
): Promise<z.infer<typeof CreatedSchema>> {
  const reader = await numberReader(caller, batch.events.map((event) => event.number));
  const result = await caller.rpc<z.infer<typeof CreatedSchema>>("ingest_events", {
    // Phones send NUL and halves of emoji, which jsonb refuses with the whole batch.
    events: cleanJson(
      batch.events.map((event) =>
        typeof event.number === "string" ? { ...event, number: reader.read(event.number) } : event
      ),
    ) as never,
    source: batch.source,
    source_name: batch.source_name,
    coverage: batch.coverage as never,
  });
  if (result.counts.refused === batch.events.length) {
    throw new Problem("events_refused", `None of ${batch.events.length} events was taken`, {
      errors: result.results.slice(0, 100).map(({ index, path, code, detail }) => ({
        path: ["events", index, path].filter((part) => part !== "" && part !== undefined).join("/"),
        message: `${code}: ${detail}`,
      })),
    });
  }
  return result;
}
