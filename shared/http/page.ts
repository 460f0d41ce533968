import { z } from "@hono/zod-openapi";
import type { CursorCodec, CursorPosition, CursorScope } from "./cursor.ts";

/** What a list function of the database answers beside its rows. */
export interface Listing {
  readonly has_more: boolean;
  readonly total: number;
  readonly total_is_estimate: boolean;
}

export const PageSchema = z.object({
  next_cursor: z.string().nullable(),
  prev_cursor: z.string().nullable(),
  has_more: z.boolean(),
  total: z.number().int().nullable(),
  total_is_estimate: z.boolean(),
}).openapi("Page");

/** `meta.page` of a list. */
export type Page = z.infer<typeof PageSchema>;

/**
 * Builds `meta.page` from what was read.
 *
 * @param keys Sort key of the first and of the last row of the page; undefined for an empty page.
 * @param from The position that the page was read from; undefined for the first page.
 */
export async function describePage(
  codec: CursorCodec,
  scope: CursorScope,
  listing: Listing,
  keys: { first: readonly string[]; last: readonly string[] } | undefined,
  from: CursorPosition | undefined,
): Promise<Page> {
  const has_next = from?.backward ? true : listing.has_more;
  const has_previous = from?.backward ? listing.has_more : from !== undefined;
  return {
    next_cursor: keys && has_next ? await codec.encode({ key: keys.last, backward: false }, scope) : null,
    prev_cursor: keys && has_previous ? await codec.encode({ key: keys.first, backward: true }, scope) : null,
    has_more: keys !== undefined && has_next,
    total: listing.total,
    total_is_estimate: listing.total_is_estimate,
  };
}
