import type { Stack } from "../../dev/stack.ts";
import { asUser } from "../helpers/database.ts";
import { createExaminer, type Examiner } from "./ask.ts";
import { type Half, type Question, readPairs, readQuestions } from "./corpus.ts";
import { expectedPlan } from "./expected_plan.ts";
import { judge, type Truth, type Verdict } from "./judge.ts";
import { type Asker, loadAsker } from "./load.ts";
import type { ResolvedPlan } from "./resolved_plan.ts";
import type { CacheFigures } from "./score.ts";

const MIN_PARAPHRASES = 4;

/** Puts the questions of the corpus to the function over one stack. */
export class Exam {
  readonly #askers = new Map<string, Promise<Asker>>();
  /** What plans say; the logs do not change. */
  readonly #truths = new Map<string, Promise<Truth>>();

  private constructor(readonly stack: Stack, readonly examiner: Examiner) {}

  static async open(stack: Stack): Promise<Exam> {
    return new Exam(stack, await createExaminer(stack));
  }

  /** Asks every question of a half whose id contains `only`, each with an empty cache. */
  async ask(half: Half, only = ""): Promise<Verdict[]> {
    const verdicts: Verdict[] = [];
    for (const question of (await readQuestions(half)).filter(({ id }) => id.includes(only))) {
      await this.#forget(await this.#asker(question));
      verdicts.push(await this.#put(question));
    }
    return verdicts;
  }

  #asker({ database, now }: Question): Promise<Asker> {
    const key = `${database} ${now}`;
    const known = this.#askers.get(key) ?? loadAsker(this.stack, database, now);
    this.#askers.set(key, known);
    return known;
  }

  async #put(question: Question): Promise<Verdict> {
    const asker = await this.#asker(question);
    const { expect } = question;
    const expected = expect.kind === "answer" ? expectedPlan(expect, question, asker) : null;
    const reply = await this.examiner.ask(question, asker);
    return await judge(question, reply, expected, (plan) => this.#runPlan(plan, asker));
  }

  #runPlan(plan: ResolvedPlan, { user }: Asker): Promise<Truth> {
    const json = JSON.stringify(plan);
    const key = `${user.id} ${json}`;
    const truth = this.#truths.get(key) ?? asUser(this.stack.db, user.id, async (session) => {
      const rows = await session.query<{ result: Truth }>(
        "select public.run_query_plan($1::jsonb) as result",
        [json],
      );
      return rows[0]?.result ?? { value: null, rows: [] };
    });
    this.#truths.set(key, truth);
    return truth;
  }

  /** Empties somebody's history, and the cache with it. */
  async #forget({ user }: Asker): Promise<void> {
    await this.stack.db.query("delete from public.nlq_queries where user_id = $1", [user.id]);
  }

  /** Asks the paraphrases of a half after one another, then what differs in one slot, with a cache that fills. */
  async askTwice(half: Half): Promise<CacheFigures> {
    const [questions, pairs] = [await readQuestions(half), await readPairs(half)];
    const by_id = new Map(questions.map((question) => [question.id, question]));
    await this.stack.db.query("delete from public.nlq_queries");
    const families = Map.groupBy(
      questions.filter(({ expect, turns }) => expect.kind === "answer" && turns === undefined),
      ({ family }) => family,
    );
    const false_hits = new Set<string>();
    const put = async (question: Question) => {
      const { is_answer_exact, reply } = await this.#put(question);
      if (reply.cache !== null && !is_answer_exact) false_hits.add(question.id);
      return { is_answer_exact, reply };
    };
    let [paraphrases, paraphrase_hits] = [0, 0];
    for (const [first, ...others] of families.values()) {
      if (first === undefined || others.length + 1 < MIN_PARAPHRASES) continue;
      await put(first);
      for (const other of others) {
        paraphrases++;
        if ((await put(other)).reply.cache !== null) paraphrase_hits++;
      }
    }
    // A question that was asked before would be served what it got then: each is asked once more at most.
    const asked = new Set<string>();
    for (const id of pairs.flatMap(({ a, b }) => [a, b])) {
      const question = by_id.get(id);
      if (question !== undefined && !asked.has(id)) await put(question);
      asked.add(id);
    }
    return { paraphrases, paraphrase_hits, pairs: pairs.length, false_hits: [...false_hits] };
  }
}
