import type { Interval } from "./resolve_time.ts";
import type { Plan } from "./plan.ts";
import type { NameMatch } from "./planner/items.ts";
import type { UnclearReason } from "./planner/slots.ts";
import type { FrequentContact } from "./suggest.ts";

/** What `run_query_plan` answers. Values are events, contacts, seconds or percent, as the plan asks. */
export interface QueryResult {
  readonly value: number | null;
  readonly values: Record<string, unknown>;
  readonly rows: readonly Record<string, unknown>[];
  readonly total: number;
  readonly citations: readonly string[];
  readonly warnings: readonly { readonly code: string; readonly [member: string]: unknown }[];
}

/** A plan with the names of its people as they are in the contacts, and the instants of its times. */
export interface Understood {
  readonly plan: Plan;
  readonly interval: Interval;
  readonly compared: Interval | null;
  readonly time_zone: string;
}

/** What is asked back, and complete questions to choose from. */
export interface Clarification {
  readonly question: string;
  readonly choices: { readonly label: string; readonly question: string }[];
}

/** Why a question could not be answered. */
export interface Doubt {
  readonly reason: UnclearReason;
  /** The words that are the matter. */
  readonly said: string;
  readonly choices: readonly NameMatch[];
}

/** How a language says things. Everything it says comes from the plan and the result: nothing is made up. */
export interface Speech {
  /** How the question was understood, as a heading. */
  interpretation(understood: Understood): string;
  answer(understood: Understood, result: QueryResult): string;
  clarify(question: string, doubt: Doubt): Clarification;
  /** Questions about somebody that have an answer with rows at `now`, the most telling first. */
  suggest(contact: FrequentContact, now: Date): string[];
  /** The model could not be asked, so the built-in reading is all there is. */
  readonly without_model: string;
}
