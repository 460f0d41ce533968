import type { Half } from "./corpus.ts";
import type { Verdict } from "./judge.ts";

/** Hits and false hits of the second pass. */
export interface CacheFigures {
  /** Questions in other words, asked after their first wording. */
  readonly paraphrases: number;
  readonly paraphrase_hits: number;
  readonly pairs: number;
  /** Served from the cache, and not what was asked. */
  readonly false_hits: readonly string[];
}

/** The figures of one half. Shares are between 0 and 1. */
export interface Score {
  readonly half: Half;
  readonly questions: number;
  readonly in_scope: number;
  readonly plan_exactness: number;
  readonly answer_exactness: number;
  /** Of questions in scope: answered at all. */
  readonly coverage: number;
  readonly silent_errors: readonly string[];
  /** Of what was asked back: what had to be. */
  readonly clarification_precision: number;
  /** Of what had to be asked back or refused: what was. */
  readonly clarification_recall: number;
  /** Of questions back with known choices: all were offered. */
  readonly choices: number;
  /** Made-up words and wishes out of scope that got an answer. */
  readonly nonsense_answered: readonly string[];
  readonly failed: readonly string[];
  readonly p50_ms: number;
  readonly p95_ms: number;
  /** Null where the second pass was left out. */
  readonly cache: CacheFigures | null;
}

/** A bar of the issue, and whether it is met. */
export interface Bar {
  readonly name: string;
  readonly is_met: boolean;
}

const NONSENSE = new Set(["unknown_word", "out_of_scope"]);

function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}

function percentile(sorted: readonly number[], rank: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * rank))] ?? 0;
}

/** Counts the verdicts of a half. */
export function score(half: Half, verdicts: readonly Verdict[], cache: CacheFigures | null): Score {
  const ids = (list: readonly Verdict[]) => list.map(({ question }) => question.id);
  const is_clarify = ({ question }: Verdict) => question.expect.kind === "clarify";
  const in_scope = verdicts.filter((one) => !is_clarify(one));
  const to_ask = verdicts.filter(is_clarify);
  const asked = verdicts.filter((one) => one.outcome === "asked_back");
  const with_choices = verdicts.filter((one) => one.has_choices !== null);
  const times = verdicts.map(({ reply }) => reply.took_ms).sort((a, b) => a - b);
  return {
    half,
    questions: verdicts.length,
    in_scope: in_scope.length,
    plan_exactness: share(in_scope.filter((one) => one.is_plan_exact).length, in_scope.length),
    answer_exactness: share(in_scope.filter((one) => one.is_answer_exact).length, in_scope.length),
    coverage: share(in_scope.filter((one) => one.outcome === "answered").length, in_scope.length),
    silent_errors: ids(verdicts.filter((one) => one.is_silent_error)),
    clarification_precision: share(asked.filter(is_clarify).length, asked.length),
    clarification_recall: share(
      to_ask.filter((one) => one.outcome === "asked_back" || one.outcome === "refused").length,
      to_ask.length,
    ),
    choices: share(with_choices.filter((one) => one.has_choices).length, with_choices.length),
    nonsense_answered: ids(
      to_ask.filter(({ question: { expect }, outcome }) =>
        outcome === "answered" && expect.kind === "clarify" && NONSENSE.has(expect.reason)
      ),
    ),
    failed: ids(verdicts.filter((one) => one.outcome === "failed")),
    p50_ms: percentile(times, 0.5),
    p95_ms: percentile(times, 0.95),
    cache,
  };
}

/**
 * What must hold, from the issue.
 *
 * @param max_p95_ms 250 on the embedded stack, 400 on a server.
 */
export function bars(result: Score, max_p95_ms: number): Bar[] {
  const { cache } = result;
  return [
    { name: "answers exact ≥ 95 %", is_met: result.answer_exactness >= 0.95 },
    { name: "silent errors ≤ 1 %", is_met: share(result.silent_errors.length, result.questions) <= 0.01 },
    {
      name: "no answer to made-up words and wishes out of scope",
      is_met: result.nonsense_answered.length === 0,
    },
    { name: "every question gets an answer, a question back or a 4xx", is_met: result.failed.length === 0 },
    ...(cache === null ? [] : [
      { name: "0 false hits", is_met: cache.false_hits.length === 0 },
      { name: "hits on paraphrases ≥ 80 %", is_met: share(cache.paraphrase_hits, cache.paraphrases) >= 0.8 },
    ]),
    { name: `p95 ≤ ${max_p95_ms} ms`, is_met: result.p95_ms <= max_p95_ms },
  ];
}
