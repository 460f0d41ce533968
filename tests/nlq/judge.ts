import type { Reply } from "./ask.ts";
import { isSamePlan } from "./canonical_plan.ts";
import type { Question } from "./corpus.ts";
import type { ResolvedPlan } from "./resolved_plan.ts";

/** What `run_query_plan` says to the plan that was meant. */
export interface Truth {
  readonly value: unknown;
  readonly rows: readonly unknown[];
}

/** What became of a question. */
export interface Verdict {
  readonly question: Question;
  readonly reply: Reply;
  /** Asked back: a clarification. Refused: a 4xx. Failed: anything else that is not an answer. */
  readonly outcome: "answered" | "asked_back" | "refused" | "failed";
  readonly is_plan_exact: boolean;
  /** The plan that was meant, and its result. */
  readonly is_answer_exact: boolean;
  /** An answer that is not the right one, or where there is none. */
  readonly is_silent_error: boolean;
  /** Of expected choices: whether all were offered; null where none are expected. */
  readonly has_choices: boolean | null;
}

/** These depend on the real clock too, or are answers of other functions in another shape: the plan decides. */
const JUDGED_BY_PLAN = new Set(["profile", "gaps", "quality", "predict"]);
const TOLERANCE = 1e-6;

function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function outcome(reply: Reply): Verdict["outcome"] {
  if (reply.status >= 400 && reply.status < 500) return "refused";
  if (reply.status !== 200) return "failed";
  if (reply.clarification !== null) return reply.answer === null ? "asked_back" : "answered";
  return reply.answer === null ? "failed" : "answered";
}

function isSame(a: unknown, b: unknown): boolean {
  return typeof a === "number" && typeof b === "number"
    ? Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a))
    : JSON.stringify(a) === JSON.stringify(b);
}

/** Rows agree in every member that both have; they must have one. */
function isSameRow(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return isSame(a, b);
  const shared = Object.keys(a).filter((key) => Object.hasOwn(b, key));
  return shared.length > 0 &&
    shared.every((key) => isSame(a[key as keyof typeof a], b[key as keyof typeof b]));
}

/** True where value and rows of the reply are those of the truth. */
export function isSameResult(reply: Pick<Reply, "value" | "rows">, truth: Truth): boolean {
  const has_value = truth.value === null || truth.value === undefined || isSame(truth.value, reply.value);
  return has_value && reply.rows.length === truth.rows.length &&
    truth.rows.every((row, i) => isSameRow(row, reply.rows[i]));
}

/**
 * The plan that was meant, as it has to be run to be compared: an open end is left to the planner, since the log ends
 * at the moment of asking; and so is whether a part of one day is said by instants or by the hours of that day.
 */
export function comparablePlan(expected: ResolvedPlan, actual: ResolvedPlan): ResolvedPlan {
  const { starts_at, ends_at, filters } = actual;
  return { ...expected, starts_at, ends_at, filters: { ...expected.filters, hours: filters.hours } };
}

/**
 * Judges the reply to a question.
 *
 * @param expected The plan that is meant; null where it has to be asked back.
 * @param run Runs a plan as the asker; called where the plan is right and the result decides.
 */
export async function judge(
  question: Question,
  reply: Reply,
  expected: ResolvedPlan | null,
  run: (plan: ResolvedPlan) => Promise<Truth>,
): Promise<Verdict> {
  const what = outcome(reply);
  const choices = question.expect.kind === "clarify" ? question.expect.choices : undefined;
  const offered = fold(JSON.stringify(reply.clarification?.choices ?? []));
  const { resolved } = reply;
  const is_plan_exact = what === "answered" && expected !== null && resolved !== null &&
    isSamePlan(expected, resolved, question.now);
  const is_answer_exact = is_plan_exact && resolved !== null && expected !== null &&
    (JUDGED_BY_PLAN.has(expected.intent) ||
      isSameResult(reply, await run(comparablePlan(expected, resolved))));
  return {
    question,
    reply,
    outcome: what,
    is_plan_exact,
    is_answer_exact,
    is_silent_error: what === "answered" && !is_answer_exact,
    has_choices: choices?.every((choice) => offered.includes(fold(choice))) ?? null,
  };
}
