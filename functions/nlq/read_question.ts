import type { Clock } from "./clock.ts";
import { lookUpNames } from "./contacts.ts";
import type { Embedder } from "../../shared/embedding/embedder.ts";
import type { Caller } from "../../shared/access/auth.ts";
import { NumberReader } from "../../shared/phone_number.ts";
import { ENGLISH } from "./language/english/english.ts";
import { ENGLISH_SPEECH } from "./language/english/speech.ts";
import { ModelFailure } from "./model/failure.ts";
import { planWithModel } from "./model/plan_with_model.ts";
import type { ModelSettings } from "./model/settings.ts";
import type { Plan } from "./plan.ts";
import { type FindMentions } from "./planner/names.ts";
import { Planner, type Slot } from "./planner/planner.ts";
import { Unclear } from "./planner/slots.ts";
import { resolveTime } from "./resolve_time.ts";
import { findByTemplate } from "./template_cache.ts";

/** Plans of another version are not taken from the cache. Raise it with every change of what a question means. */
export const PLANNER_VERSION = "en-1";

const planner = new Planner(ENGLISH);
const fillers: ReadonlySet<string> = planner.fillers;

/** Everything a question is read with. */
export interface Asking {
  readonly caller: Caller;
  readonly question: string;
  readonly clock: Clock;
  readonly default_region: string;
  readonly previous: Plan | null;
  readonly find: FindMentions;
  readonly embedder: Embedder;
  readonly model: ModelSettings | undefined;
  readonly signal: AbortSignal;
}

/** What became of a question: a plan, or why it has to be asked back. */
export interface Outcome {
  readonly plan: Plan | null;
  readonly unclear: Unclear | null;
  readonly planner: "built_in" | "model";
  readonly cache: "template" | "miss";
  readonly slots: readonly Slot[];
  readonly warnings: readonly { readonly code: string; readonly detail: string }[];
}

/** What no model should be asked: the words were understood, and are not about one's log or mean several people. */
const SETTLED: ReadonlySet<Unclear["reason"]> = new Set([
  "not_here",
  "several_people",
  "no_context",
  "impossible_time",
]);

/**
 * Reads a question: by the built-in planner where it uses up every word; else as one that was read before in other words' places; else
 * by the model, where there is one. What none of them reads is asked back about.
 */
export async function readQuestion(asking: Asking): Promise<Outcome> {
  const { caller, question, clock, previous, find, model } = asking;
  const numbers = new NumberReader(asking.default_region);
  const reading = await planner.read(question, {
    clock,
    region: asking.default_region,
    previous,
    findMentions: find,
    readNumber: (number) => numbers.read(number),
  });
  const outcome = { planner: "built_in", cache: "miss", slots: reading.slots, warnings: [] } as const;
  if (reading.plan) return { ...outcome, plan: reading.plan, unclear: null };
  const { unclear } = reading;
  if (SETTLED.has(unclear.reason)) return { ...outcome, plan: null, unclear };
  if (previous === null) {
    const plan = await findByTemplate(
      caller,
      asking.embedder,
      question,
      reading.slots,
      fillers,
      PLANNER_VERSION,
    );
    if (plan && isPossible(plan, clock)) {
      return { ...outcome, plan, unclear: null, planner: "model", cache: "template" };
    }
  }
  if (!model) return { ...outcome, plan: null, unclear };
  try {
    const mentioned = await planWithModel(question, {
      now: clock.now,
      week_start: clock.week_start,
      previous_plan: previous,
      signal: asking.signal,
    }, model);
    const plan = await lookUpNames(mentioned, find, ENGLISH);
    if (!isPossible(plan, clock)) throw new Unclear("impossible_time");
    return { ...outcome, plan, unclear: null, planner: "model" };
  } catch (error) {
    if (error instanceof Unclear) return { ...outcome, plan: null, unclear: error, planner: "model" };
    if (!(error instanceof ModelFailure)) throw error;
    const is_away = error.reason !== "unsupported" && error.reason !== "refused";
    const warnings = is_away ? [{ code: "model_unavailable", detail: ENGLISH_SPEECH.without_model }] : [];
    return { ...outcome, plan: null, unclear, warnings };
  }
}

function isPossible(plan: Plan, clock: Clock): boolean {
  return [plan.time, plan.compare?.time ?? null].every((time) =>
    time === null || resolveTime(time, clock) !== null
  );
}
