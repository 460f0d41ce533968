import type { z } from "@hono/zod-openapi";
import type { Caller } from "../../shared/access/auth.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { describePage, type Listing, type Page } from "../../shared/http/page.ts";
import type { BulkDoneSchema, BulkSchema, NewRuleSchema, RuleSchema, RulesQuery } from "./schemas_rules.ts";

type Rule = z.infer<typeof RuleSchema>;

/** One page of the caller's rules and its `meta.page`. */
export async function listRules(
  caller: Caller,
  codec: CursorCodec,
  { visibility, limit, cursor }: z.infer<typeof RulesQuery>,
): Promise<{ rules: Rule[]; page: Page }> {
  const scope = ["privacy/rules", caller.id, visibility];
  const position = cursor === undefined ? undefined : await codec.decode(cursor, scope);
  const listing = await caller.rpc<Listing & { rules: Rule[] }>("get_privacy_rules", {
    visibility,
    max_rows: limit ?? 50,
    cursor_id: position?.key[0],
    backward: position?.backward,
  }, { get: true });
  const [first, last] = [listing.rules[0], listing.rules.at(-1)];
  const keys = first && last ? { first: [first.contact_id], last: [last.contact_id] } : undefined;
  return { rules: listing.rules, page: await describePage(codec, scope, listing, keys, position) };
}

/** What holds for one of the caller's contacts. */
export async function readRule(caller: Caller, contact_id: string): Promise<Rule> {
  return await caller.rpc("get_privacy_rule", { contact_id }, { get: true });
}

/** Gives one contact a rule, or the default again with null, and reads it back. */
export async function writeRule(
  caller: Caller,
  contact_id: string,
  rule: z.infer<typeof NewRuleSchema> | null,
): Promise<Rule> {
  await caller.rpc("set_privacy_rules", { contact_ids: [contact_id], rule });
  return await readRule(caller, contact_id);
}

/** Gives many contacts one rule; those with many events in several steps, each in force at once. */
export async function writeRules(
  caller: Caller,
  { all, ...selection }: z.infer<typeof BulkSchema>,
): Promise<z.infer<typeof BulkDoneSchema>> {
  const done = { contacts: 0, changed: 0 };
  let step: typeof done & { more: boolean };
  do {
    step = await caller.rpc("set_privacy_rules", { ...selection, is_for_all: all });
    done.contacts = step.contacts;
    done.changed += step.changed;
  } while (step.more);
  return done;
}
