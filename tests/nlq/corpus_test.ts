import { assert, assertEquals } from "@std/assert";
import { Temporal } from "temporal-polyfill";
import { Dimension, Intent, Metric } from "../../functions/nlq/plan.ts";
import { ExpectedAnswer, ExpectedClarification, type Question, readPairs, readQuestions } from "./corpus.ts";
import { DATABASES, type EvaluationDatabase } from "./databases.ts";
import { phoneLog } from "./phone_log.ts";

const MIN_QUESTIONS = 320;
const MIN_PAIRS = 300;
const MIN_FAMILIES = 45;
const MIN_CLARIFICATIONS = 30;

const halves = {
  dev: { questions: await readQuestions("dev"), pairs: await readPairs("dev") },
  frozen: { questions: await readQuestions("frozen"), pairs: await readPairs("frozen") },
};
const all = [...halves.dev.questions, ...halves.frozen.questions];

function where({ database, now, time_zone }: Question): string {
  return `${database} ${now} ${time_zone}`;
}

/** A question without what ends it. */
function spoken({ turns = [], question }: Question): string {
  return [...turns, question].join(" / ").replace(/[?!.\s]+$/, "");
}

function twice(keys: readonly string[]): string[] {
  return keys.filter((key, i) => keys.indexOf(key) !== i);
}

/** Members of expectations that are given and have the values of `name`. */
function values(questions: readonly Question[], name: string): Set<unknown> {
  return new Set(questions.map(({ expect }) => (expect as Record<string, unknown>)[name]));
}

Deno.test("Questions have ids of their own, and each is asked once of a log", () => {
  assertEquals(twice(all.map(({ id }) => id)), []);
  assertEquals(twice(all.map((one) => `${where(one)} ${spoken(one)}`)), []);
});

Deno.test("The halves share no family and no wording", () => {
  const families = new Set(halves.dev.questions.map(({ family }) => family));
  assertEquals(halves.frozen.questions.filter(({ family }) => families.has(family)), []);
  const wordings = new Set(halves.dev.questions.map((one) => spoken(one).toLowerCase()));
  assertEquals(halves.frozen.questions.filter((one) => wordings.has(spoken(one).toLowerCase())), []);
});

Deno.test("A family is one plan in several wordings, on one log at one moment", () => {
  for (const [family, members] of Map.groupBy(all, (one) => one.family)) {
    const [first] = members;
    for (const member of members) {
      assert(member.id.startsWith(`${family}.`), member.id);
      assertEquals([family, member.expect, where(member)], [family, first?.expect, first && where(first)]);
    }
  }
});

Deno.test("Pairs are asked of one log and differ in the slot they name, and in no other", () => {
  const by_id = new Map(all.map((one) => [one.id, one]));
  for (const { a, b, slot } of [...halves.dev.pairs, ...halves.frozen.pairs]) {
    const [one, other] = [by_id.get(a), by_id.get(b)];
    if (one?.expect.kind !== "answer" || other?.expect.kind !== "answer") {
      throw new Error(`Not two questions with answers: ${a}, ${b}`);
    }
    assertEquals(where(one), where(other));
    const [left, right] = [one.expect, other.expect] as Record<string, unknown>[];
    const slots = [...new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})])]
      .filter((key) => JSON.stringify(left?.[key]) !== JSON.stringify(right?.[key]));
    assertEquals([a, b, slots], [a, b, [slot]]);
  }
});

Deno.test("Who and what is named is in the log", () => {
  for (const { id, database: name, now, time_zone, expect } of all) {
    const database: EvaluationDatabase = DATABASES[name];
    assert(database.moments.includes(now), `${id}: no such moment`);
    assertEquals(Temporal.Instant.from(now).toZonedDateTimeISO(time_zone).timeZoneId, time_zone);
    const { people, lines } = database;
    const names = people.filter((one) => one.is_named !== false).map((one) => one.name);
    if (expect.kind === "clarify") {
      for (const choice of expect.choices ?? []) assert(names.includes(choice), `${id}: ${choice}`);
      continue;
    }
    const contacts = [expect.contacts, expect.excluded, expect.compare?.contact, expect.part?.contact];
    for (const contact of contacts.flat()) {
      // A plan names one of the two who share a name by an id only.
      if (contact !== undefined) {
        assertEquals([id, contact, names.filter((one) => one === contact).length], [id, contact, 1]);
      }
    }
    if (expect.company) assert(people.some((one) => one.company === expect.company), id);
    if (expect.tag) assert(people.some((one) => one.tags?.includes(expect.tag ?? "")), id);
    if (expect.number) assert(people.some((one) => one.number === expect.number), id);
    if (expect.line) assert(lines.includes(expect.line), id);
  }
});

Deno.test("Intervals begin before they end, and none ends after the question", () => {
  for (const { id, now, time_zone, expect } of all) {
    if (expect.kind === "clarify") continue;
    const here = Temporal.Instant.from(now).toZonedDateTimeISO(time_zone).toPlainDateTime();
    for (const interval of [expect.interval, expect.compare?.interval]) {
      if (interval === undefined) continue;
      const [start, end] = interval.map((wall) =>
        wall === null ? null : wall === "now" ? here : Temporal.PlainDateTime.from(wall)
      );
      if (start && end) assert(Temporal.PlainDateTime.compare(start, end) < 0, id);
      if (end) assert(Temporal.PlainDateTime.compare(end, here) <= 0, id);
      assert(start || end, `${id}: open on both sides`);
    }
  }
});

Deno.test("Each half is large enough", () => {
  for (const [half, { questions, pairs }] of Object.entries(halves)) {
    const families = [...Map.groupBy(questions, ({ family }) => family).values()];
    assert(questions.length >= MIN_QUESTIONS, `${half}: ${questions.length} questions`);
    assert(pairs.length >= MIN_PAIRS, `${half}: ${pairs.length} pairs`);
    assert(families.filter((members) => members.length >= 4).length >= MIN_FAMILIES, half);
    const asked_back = questions.filter(({ expect }) => expect.kind === "clarify").length;
    assert(asked_back >= MIN_CLARIFICATIONS, `${half}: ${asked_back} to be asked back`);
    const moments = Object.values(DATABASES).flatMap((one) => [...one.moments]);
    assertEquals(moments.filter((now) => !questions.some((one) => one.now === now)), []);
  }
});

Deno.test("All that can be asked is asked, of the half that may be read and of both together", () => {
  for (const questions of [halves.dev.questions, all]) {
    assertEquals(values(questions, "intent").isSupersetOf(new Set(Intent.options)), true);
    assertEquals(
      Metric.options.filter((one) => one !== "events" && !values(questions, "metric").has(one)),
      [],
    );
    assertEquals(Dimension.options.filter((one) => !values(questions, "dimension").has(one)), []);
    assertEquals(
      Object.keys(ExpectedAnswer.shape).filter((name) =>
        values(questions, name).size < (name === "max_seconds" ? 1 : 2)
      ).filter((name) => name !== "kind"),
      [],
    );
    assertEquals(
      ExpectedClarification.shape.reason.options.filter((one) => !values(questions, "reason").has(one)),
      [],
    );
    for (const turns of [1, 2, 3]) assert(questions.some((one) => one.turns?.length === turns));
  }
});

Deno.test("A phone log is the same each time, ends at its moment and has every kind of event", () => {
  for (const database of Object.values(DATABASES)) {
    for (const now of database.moments) {
      const events = phoneLog(database, now);
      // Compared as text: the difference of thousands of events takes a minute to show.
      assert(JSON.stringify(events) === JSON.stringify(phoneLog(database, now)), `${now} differs`);
      assert(events.every(({ ts }) => Date.parse(ts) < Date.parse(now)));
      assert(Date.parse(now) - Date.parse(events.at(-1)?.ts ?? "") < 2 * 86_400_000);
      assertEquals(new Set(events.map(({ status }) => status)).size, 8);
      assertEquals(new Set(events.map(({ source }) => source)).size, 5);
      assertEquals(new Set(events.map(({ number }) => number)).size, database.people.length);
    }
  }
});
