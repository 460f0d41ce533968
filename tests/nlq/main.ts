// deno-lint-ignore-file no-console -- a command prints
import { parseArgs } from "@std/cli/parse-args";
import { quietLog } from "../../bench/harness/quiet_log.ts";
import { testStack } from "../helpers/database.ts";
import { canonicalPlan } from "./canonical_plan.ts";
import type { Half } from "./corpus.ts";
import { Exam } from "./exam.ts";
import type { Verdict } from "./judge.ts";
import { bars, type Score, score } from "./score.ts";

const HELP = `Usage: deno task eval:nlq [options]

  --half HALF         dev, frozen or both (both)
  --verbose           each failure of the dev half in full; of the frozen half ids only, always
  --only TEXT         questions whose ids contain it; implies --skip-cache
  --skip-cache        leave out the second pass, which tests the cache
  --database-url URL  a server in place of the embedded engine; also DATABASE_URL
`;
const MAX_P95_MS = { pglite: 250, postgres: 400 };

const options = parseArgs(Deno.args, {
  string: ["half", "only", "database-url"],
  boolean: ["verbose", "skip-cache", "help"],
  default: { half: "both", only: "" },
});
const halves: Half[] = options.half === "both" ? ["dev", "frozen"] : [options.half as Half];

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function printScore(result: Score): void {
  const ids = (list: readonly string[]) => list.length === 0 ? "0" : `${list.length}: ${list.join(", ")}`;
  console.log(`
${result.half}: ${result.questions} questions, ${result.in_scope} in scope
  plans exact              ${percent(result.plan_exactness)}
  answers exact            ${percent(result.answer_exactness)}
  answered                 ${percent(result.coverage)}
  silent errors            ${percent(result.silent_errors.length / result.questions)} ${
    ids(result.silent_errors)
  }
  questions back: right    ${percent(result.clarification_precision)}
  questions back: found    ${percent(result.clarification_recall)}
  choices offered          ${percent(result.choices)}
  nonsense answered        ${ids(result.nonsense_answered)}
  failed                   ${ids(result.failed)}
  p50 / p95                ${result.p50_ms.toFixed(0)} / ${result.p95_ms.toFixed(0)} ms`);
  if (result.cache === null) return;
  const { paraphrases, paraphrase_hits, pairs, false_hits } = result.cache;
  console.log(`  cache, paraphrases       ${paraphrase_hits} hits of ${paraphrases}
  cache, ${pairs} pairs       false hits ${ids(false_hits)}`);
}

function printFailure({ question, reply, outcome, is_answer_exact, has_choices }: Verdict): void {
  const is_right = question.expect.kind === "answer"
    ? is_answer_exact
    : outcome !== "answered" && outcome !== "failed" && has_choices !== false;
  if (is_right) return;
  console.log(`
${question.id}  [${question.database} ${question.now}]
  asked     ${[...(question.turns ?? []), question.question].join(" / ")}
  expected  ${JSON.stringify(question.expect)}
  ${outcome.padEnd(9)} ${
    reply.clarification?.question ?? reply.answer ?? `${reply.status} ${reply.code ?? ""}`
  }
  plan      ${
    reply.resolved === null ? "none" : JSON.stringify(canonicalPlan(reply.resolved, question.now))
  }`);
}

if (options.help || halves.some((half) => half !== "dev" && half !== "frozen")) {
  console.log(HELP);
  Deno.exit(options.help ? 0 : 2);
}
const database_url = options["database-url"];
if (database_url !== undefined) Deno.env.set("DATABASE_URL", database_url);
const stack = await testStack({ surfaces: [] });
using _ = quietLog();
let is_met = true;
try {
  const exam = await Exam.open(stack);
  for (const half of halves) {
    const verdicts = await exam.ask(half, options.only);
    const cache = options["skip-cache"] || options.only !== "" ? null : await exam.askTwice(half);
    if (options.verbose && half === "dev") verdicts.forEach(printFailure);
    const result = score(half, verdicts, cache);
    printScore(result);
    for (const bar of bars(result, MAX_P95_MS[stack.db.engine])) {
      console.log(`  ${bar.is_met ? "met   " : "MISSED"} ${bar.name}`);
      is_met &&= bar.is_met;
    }
  }
} finally {
  await stack.stop();
}
Deno.exit(is_met ? 0 : 1);
