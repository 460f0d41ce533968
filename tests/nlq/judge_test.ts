import { assert, assertEquals } from "@std/assert";
import type { Reply } from "./ask.ts";
import { canonicalPlan, isSamePlan } from "./canonical_plan.ts";
import { type ExpectedAnswer, Question } from "./corpus.ts";
import { expectedPlan } from "./expected_plan.ts";
import { isSameResult, judge, type Truth } from "./judge.ts";
import type { Asker } from "./load.ts";
import type { ResolvedPlan } from "./resolved_plan.ts";
import { bars, score } from "./score.ts";

const MUM = "00000000-0000-7000-8000-000000000001";
const DAD = "00000000-0000-7000-8000-000000000002";
const asker = {
  time_zone: "Europe/Berlin",
  week_start: 1,
  contact_ids: new Map([["Mum", MUM], ["Dad", DAD]]),
  line_ids: new Map(),
} as unknown as Asker;
const NOW = "2026-03-29T10:00:00Z";

function question(expect: Question["expect"], id = "dev.test.1"): Question {
  return Question.parse({
    id,
    family: "dev.test",
    database: "berlin",
    now: NOW,
    time_zone: "Europe/Berlin",
    question: "How often did I call Mum?",
    expect,
  });
}

function plan(expect: Omit<ExpectedAnswer, "kind">): ResolvedPlan {
  const full: ExpectedAnswer = { kind: "answer", ...expect };
  return expectedPlan(full, question(full), asker);
}

function given<T>(value: T | null): T {
  if (value === null) throw new Error("The plan lacks it");
  return value;
}

const answered: Reply = {
  status: 200,
  id: MUM,
  answer: "You called Mum 3 times.",
  value: 3,
  rows: [],
  resolved: null,
  clarification: null,
  planner: "built_in",
  cache: null,
  code: null,
  took_ms: 10,
};
const run = () => Promise.resolve<Truth>({ value: 3, rows: [] });

Deno.test("Local intervals become instants, over the change of the clocks too", () => {
  const { starts_at, ends_at } = plan({ intent: "count", interval: ["2026-03-29", "now"] });
  assertEquals([starts_at, ends_at], ["2026-03-28T23:00:00Z", NOW]);
  assertEquals(
    plan({ intent: "count", interval: [null, "2026-03-29T03:30"] }).ends_at,
    "2026-03-29T01:30:00Z",
  );
  assertEquals(plan({ intent: "count" }).starts_at, null);
});

Deno.test("Plans that ask the same are the same, whatever the members say that have no part in it", () => {
  const count = plan({ intent: "count", contacts: ["Mum", "Dad"], interval: ["2026-03-01", "now"] });
  const { filters } = count;
  const same: ResolvedPlan[] = [
    { ...count, ends_at: null },
    { ...count, ends_at: "2026-03-31T22:00:00.000Z" },
    { ...count, limit: 7, sort: "oldest", dimension: "hour" },
    { ...count, filters: { ...filters, contact_ids: [DAD, MUM] } },
  ];
  for (const other of same) assert(isSamePlan(count, other, NOW), JSON.stringify(canonicalPlan(other, NOW)));
  const others: ResolvedPlan[] = [
    { ...count, ends_at: "2026-03-28T23:00:00Z" },
    { ...count, starts_at: null },
    { ...count, metric: "contacts" },
    { ...count, intent: "duration" },
    { ...count, filters: { ...filters, contact_ids: [MUM] } },
    { ...count, filters: { ...filters, statuses: ["missed"] } },
    { ...count, filters: { ...filters, excluded_contact_ids: [DAD] } },
  ];
  for (const other of others) {
    assert(!isSamePlan(count, other, NOW), JSON.stringify(canonicalPlan(other, NOW)));
  }
  const list = plan({ intent: "list", limit: 5 });
  assert(!isSamePlan(list, { ...list, limit: 6 }, NOW));
  assert(!isSamePlan(list, { ...list, sort: "oldest" }, NOW));
});

Deno.test("Part of one day is the same by the clock or by hours; part of several days is not", () => {
  const hours = plan({ intent: "count", interval: ["2026-03-28", "2026-03-29"], hours: [[1020, 1320]] });
  const clock = plan({ intent: "count", interval: ["2026-03-28T17:00", "2026-03-28T22:00"] });
  assert(isSamePlan(hours, clock, NOW));
  const morning = plan({ intent: "count", interval: ["2026-03-29", "now"], hours: [[300, 720]] });
  assert(isSamePlan(morning, plan({ intent: "count", interval: ["2026-03-29T05:00", "now"] }), NOW));
  const days = plan({ intent: "count", interval: ["2026-03-27", "2026-03-29"], hours: [[1020, 1320]] });
  assert(
    !isSamePlan(days, plan({ intent: "count", interval: ["2026-03-27T17:00", "2026-03-28T22:00"] }), NOW),
  );
});

Deno.test("The other side of a comparison and a share's part say only what differs", () => {
  const compare = plan({ intent: "compare", type: "call", contacts: ["Mum"], compare: { contact: "Dad" } });
  const side = given(compare.compare);
  assert(isSamePlan(compare, { ...compare, compare: { ...side, type: "call" } }, NOW));
  const repeats = { ...side, has_interval: true, starts_at: compare.starts_at, ends_at: compare.ends_at };
  assert(isSamePlan(compare, { ...compare, compare: repeats }, NOW));
  assert(!isSamePlan(compare, { ...compare, compare: { ...side, type: "sms" } }, NOW));
  assert(!isSamePlan(compare, { ...compare, compare: { ...side, contact_ids: null } }, NOW));
  const share = plan({ intent: "share", type: "call", direction: "inbound", part: { is_known: false } });
  const part = given(share.part);
  assert(isSamePlan(share, { ...share, part: { ...part, direction: "inbound" } }, NOW));
  assert(!isSamePlan(share, { ...share, part: { ...part, is_known: true } }, NOW));
});

Deno.test("Results agree by value, number of rows and the members that rows share", () => {
  const truth = { value: 3, rows: [{ id: MUM, ts: 1 }] };
  assert(isSameResult({ value: 3, rows: [{ id: MUM, name: "Mum" }] }, truth));
  assert(!isSameResult({ value: 4, rows: [{ id: MUM }] }, truth));
  assert(!isSameResult({ value: 3, rows: [{ id: DAD }] }, truth));
  assert(!isSameResult({ value: 3, rows: [{ name: "Mum" }] }, truth));
  assert(!isSameResult({ value: 3, rows: [] }, truth));
  assert(!isSameResult({ value: 3, rows: [{ id: MUM }, { id: DAD }] }, truth));
});

Deno.test("An answer is exact with the plan that was meant and its result, and a silent error else", async () => {
  const expect: ExpectedAnswer = { kind: "answer", intent: "count", contacts: ["Mum"] };
  const expected = plan(expect);
  const exact = await judge(question(expect), { ...answered, resolved: expected }, expected, run);
  assertEquals([exact.is_plan_exact, exact.is_answer_exact, exact.is_silent_error], [true, true, false]);
  const other_value = await judge(
    question(expect),
    { ...answered, resolved: expected, value: 4 },
    expected,
    run,
  );
  assertEquals([other_value.is_plan_exact, other_value.is_silent_error], [true, true]);
  const other_plan = { ...expected, metric: "contacts" as const };
  const chance = await judge(question(expect), { ...answered, resolved: other_plan }, expected, run);
  assertEquals([chance.is_plan_exact, chance.is_silent_error], [false, true]);
  const back = { ...answered, answer: null, clarification: { question: "Who?", choices: [] } };
  const asked = await judge(question(expect), back, expected, run);
  assertEquals([asked.outcome, asked.is_answer_exact, asked.is_silent_error], ["asked_back", false, false]);
});

Deno.test("A morning said by its hours is run with those hours, not as the whole day", async () => {
  const meant = plan({ intent: "count", interval: ["2026-03-28T05:00", "2026-03-28T12:00"] });
  const day = plan({ intent: "count", interval: ["2026-03-28", "2026-03-29"], hours: [[300, 720]] });
  const ran: ResolvedPlan[] = [];
  const verdict = await judge(
    question({ kind: "answer", intent: "count" }),
    { ...answered, resolved: day },
    meant,
    (plan) => (ran.push(plan), run()),
  );
  assertEquals([verdict.is_plan_exact, verdict.is_answer_exact], [true, true]);
  assertEquals(ran.map((one) => [one.starts_at, one.ends_at, one.filters.hours]), [
    [day.starts_at, day.ends_at, day.filters.hours],
  ]);
});

Deno.test("Where it has to ask back, any answer is a silent error, and the choices count", async () => {
  const expect = { kind: "clarify" as const, reason: "ambiguous" as const, choices: ["Mum", "Dad"] };
  const wrong = await judge(
    question(expect),
    { ...answered, resolved: plan({ intent: "count" }) },
    null,
    run,
  );
  assertEquals([wrong.outcome, wrong.is_silent_error, wrong.has_choices], ["answered", true, false]);
  const choices = [{ label: "MUM (+49 1)" }, { label: "Dad" }];
  const clarification = { question: "Who?", choices };
  const right = await judge(question(expect), { ...answered, answer: null, clarification }, null, run);
  assertEquals([right.outcome, right.is_silent_error, right.has_choices], ["asked_back", false, true]);
  const refused = await judge(question(expect), { ...answered, status: 422, answer: null }, null, run);
  assertEquals([refused.outcome, refused.is_silent_error], ["refused", false]);
});

Deno.test("The score counts, and each bar falls by itself", async () => {
  const expect: ExpectedAnswer = { kind: "answer", intent: "count" };
  const expected = plan(expect);
  const right = await judge(question(expect), { ...answered, resolved: expected }, expected, run);
  const nonsense = question({ kind: "clarify", reason: "unknown_word" }, "dev.test.2");
  const asked = await judge(
    nonsense,
    { ...answered, answer: null, clarification: { question: "?", choices: [] } },
    null,
    run,
  );
  const cache = { paraphrases: 10, paraphrase_hits: 8, pairs: 300, false_hits: [] };
  const good = score("dev", [right, asked], cache);
  assertEquals([good.answer_exactness, good.coverage, good.clarification_precision], [1, 1, 1]);
  assertEquals(bars(good, 250).filter(({ is_met }) => !is_met), []);
  const missed = (result: typeof good, ms = 250) => bars(result, ms).filter((bar) => !bar.is_met).length;
  assertEquals(missed(good, 9), 1);
  assertEquals(missed({ ...good, cache: { ...cache, false_hits: ["a"] } }), 1);
  assertEquals(missed({ ...good, cache: { ...cache, paraphrase_hits: 7 } }), 1);
  assertEquals(missed({ ...good, answer_exactness: 0.94 }), 1);
  const answer = await judge(nonsense, answered, null, run);
  const bad = score("dev", [...Array(100).fill(right), answer, answer], cache);
  assertEquals([bad.silent_errors.length, bad.nonsense_answered.length, missed(bad)], [2, 2, 2]);
  const failed = await judge(question(expect), { ...answered, status: 500, answer: null }, expected, run);
  assertEquals([failed.outcome, missed(score("dev", [...Array(100).fill(right), failed], cache))], [
    "failed",
    1,
  ]);
});
