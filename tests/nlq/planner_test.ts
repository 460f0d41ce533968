import { assert, assertEquals } from "@std/assert";
import { clockAt } from "../../functions/nlq/clock.ts";
import { ENGLISH } from "../../functions/nlq/language/english/english.ts";
import type { Plan } from "../../functions/nlq/plan.ts";
import type { MentionMatch } from "../../functions/nlq/planner/names.ts";
import { Planner } from "../../functions/nlq/planner/planner.ts";
import { resolvePlan } from "../../functions/nlq/resolve.ts";
import { NumberReader } from "../../shared/phone_number.ts";
import type { ApiUser } from "../helpers/api.ts";
import { isSamePlan } from "./canonical_plan.ts";
import { type Half, type Question, readQuestions } from "./corpus.ts";
import { DATABASES, type EvaluationDatabase } from "./databases.ts";
import { expectedPlan } from "./expected_plan.ts";
import type { Asker } from "./load.ts";

const planner = new Planner(ENGLISH);

function uuid(n: number): string {
  return `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
}

/** A log's names without the log: everything is a candidate for every mention, as a generous search would give it. */
function namesOf(database: EvaluationDatabase): { matches: MentionMatch[]; asker: Asker } {
  const match = (
    kind: MentionMatch["kind"],
    name: string,
    id: string | null,
    rest: Partial<MentionMatch> = {},
  ) => ({
    kind,
    id,
    name,
    score: 1,
    exact: false,
    ...rest,
  });
  const people = database.people.filter((person) => person.is_named !== false);
  const contact_ids = new Map<string, string>();
  for (const [index, { name }] of people.entries()) {
    if (!contact_ids.has(name)) contact_ids.set(name, uuid(index));
  }
  const line_ids = new Map(database.lines.map((name, index) => [name, uuid(900 + index)]));
  const distinct = (values: (string | undefined)[]) =>
    [...new Set(values)].filter((value) => value !== undefined);
  const matches = [
    ...people.map(({ name, other_name, number }, index) =>
      match("contact", name, uuid(index), { also_known_as: other_name ?? null, number })
    ),
    ...distinct(people.map(({ company }) => company)).map((name) => match("company", name, null)),
    ...distinct(people.flatMap(({ tags }) => tags ?? [])).map((name) => match("tag", name, null)),
    ...[...line_ids].map(([name, id]) => match("line", name, id)),
  ];
  const { time_zone, week_start } = database;
  return { matches, asker: { user: {} as ApiUser, time_zone, week_start, contact_ids, line_ids } };
}

/** Right, wrong (another plan, or one where none should be), or asked back although there is a plan. */
async function judge(question: Question): Promise<"right" | "wrong" | "asked"> {
  const database = DATABASES[question.database];
  const { matches, asker } = namesOf(database);
  const clock = clockAt(new Date(question.now), question.time_zone, database.week_start);
  const numbers = new NumberReader(database.default_region);
  let previous: Plan | null = null;
  for (const turn of [...question.turns ?? [], question.question]) {
    const reading = await planner.read(turn, {
      clock,
      region: database.default_region,
      previous,
      findMentions: (mentions) => Promise.resolve(new Map(mentions.map((mention) => [mention, matches]))),
      readNumber: (number) => numbers.read(number),
    });
    previous = reading.plan;
  }
  if (question.expect.kind === "clarify") return previous === null ? "right" : "wrong";
  if (previous === null) return "asked";
  const resolved = resolvePlan(previous, clock, asker.line_ids.get(previous.filters.line ?? "") ?? null);
  const expected = expectedPlan(question.expect, question, asker);
  return isSamePlan(expected, resolved as typeof expected, question.now) ? "right" : "wrong";
}

async function judgeHalf(half: Half) {
  const questions = await readQuestions(half);
  const ids = { right: [] as string[], wrong: [] as string[], asked: [] as string[] };
  for (const question of questions) ids[await judge(question)].push(question.id);
  return { count: questions.length, ...ids };
}

Deno.test("What the grammar was written against is read as it is meant, or asked back: never otherwise", async () => {
  const { count, wrong, asked } = await judgeHalf("dev");
  assertEquals(wrong, []);
  assert(asked.length <= count / 200, `${asked.length} of ${count} asked back: ${asked.join(" ")}`);
});

Deno.test("Of those it was not written against, 95 % are read as meant and at most 1 % otherwise", async () => {
  const { count, right, wrong } = await judgeHalf("frozen");
  assert(right.length / count >= 0.95, `${right.length} of ${count} right`);
  assert(wrong.length / count <= 0.01, `${wrong.length} of ${count} wrong: ${wrong.join(" ")}`);
});
