import { clockAt } from "../../functions/nlq/clock.ts";
import { ENGLISH } from "../../functions/nlq/language/english/english.ts";
import type { Plan } from "../../functions/nlq/plan.ts";
import { Planner } from "../../functions/nlq/planner/planner.ts";
import { resolvePlan } from "../../functions/nlq/resolve.ts";
import { type BenchCase, daysBefore, OWNER, type World, ZONE } from "./case.ts";

const RUNS = 60;

/** Fifteen sorts of questions; `n` makes each a new one, so that no kept answer is measured. */
const QUESTIONS: readonly ((n: number) => string)[] = [
  (n) => `How many calls did I make in the last ${n} days?`,
  (n) => `Who did I call most in the last ${n} days?`,
  (n) => `How long did I talk on the phone in the last ${n} days?`,
  (n) => `What percentage of my calls in the last ${n} days were missed?`,
  (n) => `Show my missed calls of the last ${n} days`,
  (n) => `Which weekday did I get the most texts in the last ${n} days?`,
  (n) => `texts per week in the last ${n} days`,
  (n) => `How many calls longer than ${n} seconds did I make this year?`,
  (n) => `How many calls after 10 pm in the last ${n} weeks?`,
  (n) => `What was the average length of my calls in the last ${n} weeks?`,
  (n) => `Which missed calls of the last ${n} days have I not returned?`,
  (n) => `Top 10 contacts in the last ${n} weeks`,
  (n) => `How many calls longer than ${n} seconds have I had?`,
  (n) => `How many people did I talk to in the last ${n} weeks?`,
  (n) => `Did I make more calls or texts in the last ${n} days?`,
];

/** The question of a turn; 15 turns later it is the same sort with other numbers. */
export function questionOf(turn: number): string {
  return QUESTIONS[turn % QUESTIONS.length]?.(20 + turn) ?? "";
}

async function planOf(question: string): Promise<Plan> {
  const reading = await new Planner(ENGLISH).read(question, {
    clock: clockAt(new Date(0), ZONE, 1),
    region: "US",
    previous: null,
    findMentions: () => Promise.resolve(new Map()),
    readNumber: (number) => number,
  });
  if (!reading.plan) throw new Error(`Cannot read the question: ${question}`);
  return reading.plan;
}

const PLANS = await Promise.all(Array.from({ length: RUNS }, (_, turn) => planOf(questionOf(turn))));

/** `run_query_plan` on the plans of questions, and the questions themselves over HTTP: read, planned, run, told and kept. */
export function questionCases(world: World): BenchCase[] {
  const clock = clockAt(world.end, ZONE, 1);
  return [{
    name: "questions in words: 15 sorts",
    fn: "run_query_plan",
    caller: OWNER,
    args: (turn) => {
      const plan = PLANS[turn % RUNS];
      if (!plan) throw new Error("Cannot measure without plans");
      return { plan: resolvePlan(plan, clock, null) };
    },
    path: () => "/nlq/query",
    body: (turn) => ({ question: questionOf(turn) }),
    rows: (answer) => answer.rows.length,
    plain: (turn) => ({
      sql: "select count(*) from public.events as e where e.user_id = $1 and e.type = 'call' and e.ts >= $2",
      params: [OWNER, daysBefore(world, 20 + turn)],
    }),
    bound: (turn) => ({
      sql:
        "select sum(a.calls) from private.activity as a where a.user_id = $1 and a.grain = 'day' and a.bucket >= $2",
      params: [OWNER, daysBefore(world, 20 + turn)],
    }),
    bar_ms: 400,
    runs: RUNS,
  }];
}
