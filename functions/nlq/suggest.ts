import type { z } from "@hono/zod-openapi";
import type { Caller } from "../../shared/access/auth.ts";
import { wordsOf } from "./fold.ts";
import { ENGLISH_SPEECH } from "./language/english/speech.ts";
import { normalizeQuestion } from "./normalize.ts";
import type { Suggestion, SuggestionQuery } from "./schemas.ts";

type SuggestionEntry = z.infer<typeof Suggestion>;

/** How often something happened with a contact in the last 90 days of the log, and when last. */
export interface Occurrence {
  readonly count: number;
  readonly last_at: string;
}

/** Somebody whom the caller has much to do with, by what happened: nothing is listed that did not. */
export interface FrequentContact {
  readonly name: string;
  readonly times: Partial<
    Record<"inbound_call" | "outbound_call" | "missed_call" | "inbound_sms" | "outbound_sms", Occurrence>
  >;
}

interface Suggestions {
  readonly history: readonly { readonly question: string }[];
  readonly contacts: readonly FrequentContact[];
}

/** Every typed word begins a word of the question, in this order. */
function completes(question: string, typed: readonly string[]): boolean {
  const words = wordsOf(question);
  let at = 0;
  for (const word of typed) {
    const found = words.findIndex((candidate, i) => i >= at && candidate.startsWith(word));
    if (found < 0) return false;
    at = found + 1;
  }
  return true;
}

/**
 * Questions that complete what is being typed: those the caller asked before, then some about people he has much to do with. Each has
 * an answer with rows now; none comes from anybody else.
 */
export async function suggestQuestions(
  caller: Caller,
  query: z.infer<typeof SuggestionQuery>,
): Promise<SuggestionEntry[]> {
  const limit = query.limit ?? 10;
  const typed = wordsOf(query.q ?? "");
  const known = await caller.rpc<Suggestions>("get_nlq_suggestions", {
    prefix: normalizeQuestion(query.q ?? ""),
    max_rows: Math.min(limit, 50),
  }, { get: true });
  const made = known.contacts.map((contact) => ENGLISH_SPEECH.suggest(contact, new Date()));
  // One question about each before the second about anybody.
  const longest = Math.max(0, ...made.map((questions) => questions.length));
  const rounds = Array.from(
    { length: longest },
    (_, round) => made.flatMap((questions) => questions.slice(round, round + 1)),
  );
  const asked = known.history.filter(({ question }) => completes(question, typed))
    .map(({ question }) => ({ question, from: "history" as const }));
  const fresh = rounds.flat().filter((question) => completes(question, typed))
    .map((question) => ({ question, from: "data" as const }));
  // What was asked before leaves room for what could be asked.
  const room = limit - Math.min(fresh.length, Math.floor(limit / 2));
  const candidates: SuggestionEntry[] = [...asked.slice(0, room), ...fresh, ...asked.slice(room)];
  const seen = new Set<string>();
  return candidates.filter(({ question }) => {
    const key = normalizeQuestion(question);
    return !seen.has(key) && seen.add(key);
  }).slice(0, limit);
}
