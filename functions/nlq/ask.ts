import type { Caller } from "../../shared/access/auth.ts";
import { Problem } from "../../shared/http/problem.ts";
import { type Clock, clockAt } from "./clock.ts";
import { findLine, mentionFinder } from "./contacts.ts";
import type { Embedder } from "../../shared/embedding/embedder.ts";
import { ENGLISH_SPEECH } from "./language/english/speech.ts";
import type { ModelSettings } from "./model/settings.ts";
import { normalizeQuestion } from "./normalize.ts";
import type { Plan } from "./plan.ts";
import { type Outcome, PLANNER_VERSION, readQuestion } from "./read_question.ts";
import { Unclear } from "./planner/slots.ts";
import { answerKey, type ResolvedPlan, resolvePlan } from "./resolve.ts";
import { type Interval, resolveTime } from "./resolve_time.ts";
import type { Answer, Question } from "./schemas.ts";
import type { QueryResult, Understood } from "./speech.ts";
import { templateOf } from "./template_cache.ts";

/** What answers questions, made once per function. */
export interface Answering {
  readonly now: () => Date;
  readonly embedder: Embedder;
  readonly model: ModelSettings | undefined;
}

interface Context {
  readonly profile: {
    readonly time_zone: string;
    readonly week_start: number;
    readonly default_region: string;
  };
  readonly time_zone: string;
  readonly previous: { readonly plan: Plan | null } | null;
  readonly cached:
    | { readonly plan: Plan; readonly planner: Answer["planner"]; readonly data_version: number }
    | null;
  readonly version: number;
}

type Body = Omit<Answer, "id">;

/** An answer and how it came to be. */
export interface Asked {
  readonly answer: Answer;
  readonly cache: "exact" | "template" | "answer" | "miss";
}

function offsetTime(moment: Interval["from"]): string | null {
  return moment === null ? null : moment.toString({ timeZoneName: "never", smallestUnit: "second" });
}

/** True when a plan names somebody, so that it may have to be read anew after the contacts changed. */
function namesPeople(plan: Plan): boolean {
  const { contacts, excluded_contacts, company, tag, line } = plan.filters;
  return contacts.length + excluded_contacts.length > 0 || company !== null || tag !== null ||
    line !== null ||
    Boolean(plan.compare?.contact) || Boolean(plan.part?.contact);
}

function chartOf(plan: Plan): Answer["chart"] {
  switch (plan.intent) {
    case "trend":
      return { type: "line", x: "time_bucket", y: "value" };
    case "top":
      return { type: "bar", x: plan.dimension === "contact" ? "name" : "key", y: "value" };
    case "busiest":
      return { type: "bar", x: "key", y: "value" };
    case "compare":
      return { type: "bar", x: "side", y: "value" };
    case "share":
      return { type: "pie", x: "part", y: "whole" };
    default:
      return null;
  }
}

function askedBack(question: string, outcome: Pick<Outcome, "planner" | "warnings">, unclear: Unclear): Body {
  return {
    answer: null,
    value: null,
    values: {},
    rows: [],
    total: 0,
    citations: [],
    interval: null,
    interpretation: null,
    plan: null,
    resolved: null,
    chart: null,
    warnings: [...outcome.warnings],
    clarification: ENGLISH_SPEECH.clarify(question, unclear),
    planner: outcome.planner,
  };
}

async function runPlan(caller: Caller, resolved: ResolvedPlan): Promise<QueryResult> {
  return await caller.rpc<QueryResult>("run_query_plan", { plan: JSON.stringify(resolved) }, { get: true });
}

function bodyOf(
  plan: Plan,
  resolved: ResolvedPlan,
  result: QueryResult,
  clock: Clock,
  outcome: Pick<Outcome, "planner" | "warnings">,
): Body {
  const open = (interval: Interval | null, ends_at: string | null): Interval | null =>
    interval && { from: interval.from, to: ends_at === null ? null : interval.to };
  const interval = open(resolveTime(plan.time, clock), resolved.ends_at) ?? { from: null, to: null };
  const compared = plan.compare?.time
    ? open(resolveTime(plan.compare.time, clock), resolved.compare?.ends_at ?? null)
    : null;
  const time_zone = clock.now.timeZoneId;
  const understood: Understood = { plan, interval, compared, time_zone };
  return {
    answer: ENGLISH_SPEECH.answer(understood, result),
    value: result.value,
    values: result.values,
    rows: [...result.rows],
    total: result.total,
    citations: [...result.citations],
    interval: { from: offsetTime(interval.from), to: offsetTime(interval.to), time_zone },
    interpretation: ENGLISH_SPEECH.interpretation(understood),
    plan,
    resolved,
    chart: chartOf(plan),
    warnings: [...outcome.warnings, ...result.warnings],
    clarification: null,
    planner: outcome.planner,
  };
}

/**
 * Answers a question from the caller's own log, or asks back. Plans are cached under the question's text, answers under the resolved plan
 * and the version of the data; everything asked is kept in the caller's history.
 *
 * @throws Problem nlq_query_not_found for a `context_id` that is no question of the caller's.
 */
export async function ask(
  caller: Caller,
  answering: Answering,
  asked: Question,
  signal: AbortSignal,
): Promise<Asked> {
  const started = performance.now();
  const now = answering.now();
  const { question, context_id } = asked;
  const normalized = normalizeQuestion(question);
  const context = await caller.rpc<Context>("get_nlq_context", {
    question_key: normalized,
    time_zone: asked.time_zone,
    // The day of whoever asks: known before the profile is read only where the zone is given.
    local_date: asked.time_zone === undefined ? undefined : localDate(now, asked.time_zone),
    planner_version: PLANNER_VERSION,
    context_id,
  }, { get: true });
  if (context_id !== undefined && context.previous === null) {
    throw new Problem("nlq_query_not_found", "context_id is no question of yours");
  }
  const clock = clockAt(now, context.time_zone, context.profile.week_start);
  const local_date = clock.now.toPlainDate().toString();
  const find = mentionFinder(caller);
  const { cached } = context;
  const is_cached = cached !== null && (cached.data_version === context.version || !namesPeople(cached.plan));
  const outcome: Omit<Outcome, "cache"> & { cache: Asked["cache"] } = is_cached
    ? { plan: cached.plan, unclear: null, planner: cached.planner, cache: "exact", slots: [], warnings: [] }
    : await readQuestion({
      caller,
      question,
      clock,
      default_region: context.profile.default_region,
      previous: context.previous?.plan ?? null,
      find,
      embedder: answering.embedder,
      model: answering.model,
      signal,
    });

  let { cache } = outcome;
  let body: Body;
  let key: string | undefined;
  const { plan } = outcome;
  if (plan) {
    const resolved = resolvePlan(plan, clock, await findLine(plan, find));
    key = await answerKey(resolved, local_date);
    const found = key === undefined
      ? null
      : await caller.rpc<{ answer: Body } | null>("find_nlq_answer", { answer_key: key }, { get: true });
    if (found) {
      body = { ...found.answer, planner: outcome.planner };
      cache = "answer";
    } else body = bodyOf(plan, resolved, await runPlan(caller, resolved), clock, outcome);
  } else body = askedBack(question, outcome, outcome.unclear ?? new Unclear("nothing_asked"));

  const is_new = outcome.cache === "miss" && plan !== null && context_id === undefined;
  const template = is_new ? templateOf(question, outcome.slots) : undefined;
  const [embedding] = template !== undefined && answering.embedder.inline
    ? await answering.embedder.embed([template])
    : [];
  const id = await caller.rpc<string>("record_nlq_query", {
    query: {
      question,
      normalized,
      template,
      local_date,
      time_zone: context.time_zone,
      planner: outcome.planner,
      planner_version: PLANNER_VERSION,
      plan: body.plan,
      resolved: body.resolved,
      answer: body,
      answer_key: key,
      data_version: context.version,
      context_id,
      cache,
      took_ms: Math.round(performance.now() - started),
      ...(template !== undefined &&
        {
          embedding_model: answering.embedder.model,
          embedding_version: answering.embedder.version,
          embedding,
        }),
    } as never,
  });
  return { answer: { id, ...body }, cache };
}

function localDate(now: Date, time_zone: string): string | undefined {
  try {
    return clockAt(now, time_zone, 1).now.toPlainDate().toString();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
