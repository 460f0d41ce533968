import type { z } from "@hono/zod-openapi";
import type { Caller } from "../../shared/access/auth.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { describePage, type Listing, type Page } from "../../shared/http/page.ts";
import { Problem } from "../../shared/http/problem.ts";
import { checkPlan } from "./check_plan.ts";
import type { Plan } from "./plan.ts";
import type { HistoryEntry, HistoryQuery } from "./schemas.ts";

type Entry = z.infer<typeof HistoryEntry>;

/** One page of the caller's questions and its `meta.page`. */
export async function listHistory(
  caller: Caller,
  codec: CursorCodec,
  query: z.infer<typeof HistoryQuery>,
): Promise<{ entries: Entry[]; page: Page }> {
  const scope = ["nlq/history", caller.id];
  const position = query.cursor === undefined ? undefined : await codec.decode(query.cursor, scope);
  const listing = await caller.rpc<Listing & { queries: Entry[] }>("get_nlq_history", {
    max_rows: query.limit ?? 50,
    cursor_id: position?.key[0],
    backward: position?.backward,
  }, { get: true });
  const [first, last] = [listing.queries[0], listing.queries.at(-1)];
  const keys = first && last ? { first: [first.id], last: [last.id] } : undefined;
  return { entries: listing.queries, page: await describePage(codec, scope, listing, keys, position) };
}

/** Forgets all that the caller asked. @returns How many questions that were. */
export async function clearHistory(caller: Caller): Promise<number> {
  return await caller.rpc<number>("clear_nlq_history", {});
}

/** Forgets one question. @throws Problem nlq_query_not_found. */
export async function deleteQuestion(caller: Caller, query_id: string): Promise<void> {
  await caller.rpc("delete_nlq_query", { query_id });
}

/**
 * Keeps what the caller says of a reading; the cache goes by it from now on.
 *
 * @param plan With the verdict `meant` only.
 * @throws Problem validation_failed for a plan that means nothing, nlq_query_not_found.
 */
export async function recordFeedback(
  caller: Caller,
  query_id: string,
  verdict: string,
  plan?: Plan,
): Promise<void> {
  const faults = plan ? checkPlan(plan) : [];
  const [fault] = faults;
  if (fault) {
    throw new Problem("validation_failed", `The plan means nothing: ${fault.path}: ${fault.message}`, {
      errors: faults.map(({ path, message }) => ({ path: `plan/${path}`, message })),
    });
  }
  await caller.rpc("record_nlq_feedback", { query_id, verdict, corrected_plan: plan as never });
}
