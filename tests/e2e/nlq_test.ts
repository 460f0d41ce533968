import { assert, assertEquals } from "@std/assert";
import { Answer, HistoryEntry } from "../../functions/nlq/schemas.ts";
import { ApiUser, disposableStack } from "../helpers/api.ts";

const MINUTE = 60_000;
const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE).toISOString();
const call = (minutes: number, number: string, contact_name: string, rest: Record<string, unknown> = {}) => ({
  ts: ago(minutes),
  type: "call",
  direction: "outbound",
  number,
  contact_name,
  duration: 120,
  status: "answered",
  ...rest,
});
const MUM = "+447700900001";
const SAM = "+447700900002";
const TWIN = "+447700900003";

Deno.test("questions in words", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann", { default_region: "GB", time_zone: "Europe/London" });
  const bob = await ApiUser.signUp(stack, "bob", { default_region: "GB" });
  await ann.log([
    call(1, MUM, "Mum"),
    call(2, MUM, "Mum", { direction: "inbound", duration: 0, status: "missed" }),
    call(3, MUM, "Mum", { duration: 600 }),
    call(4, SAM, "Sam Fox"),
    call(5, TWIN, "Sam Cole"),
    {
      ts: ago(6),
      type: "sms",
      direction: "inbound",
      number: MUM,
      contact_name: "Mum",
      content: "Dinner at eight",
    },
  ]);
  await bob.log([call(1, MUM, "Zebulon")]);
  const ask = async (question: string, rest: Record<string, unknown> = {}, user = ann) => {
    const { status, body } = await user.post("/api/nlq/query", { question, ...rest });
    assertEquals([question, status, body.code], [question, 200, undefined]);
    Answer.parse(body.data);
    return { ...body.data, cache: body.meta.cache };
  };
  /** Counts again what an answer says it counted. */
  const recount = async (resolved: unknown, user = ann) => {
    const { body } = await user.post("/rest/v1/rpc/run_query_plan", { plan: resolved });
    return body;
  };

  await t.step("An answer has a sentence, the figure, its proof and how it was read", async () => {
    const told = await ask("How often did I call Mum?");
    assertEquals([told.value, told.answer], [2, "2 outgoing calls to Mum in all of your log."]);
    assertEquals(told.interpretation, "Outgoing calls to Mum, in all of your log");
    assertEquals([told.clarification, told.planner], [null, "built_in"]);
    assertEquals(told.citations.length, 2);
    for (const id of told.citations) {
      const { body } = await ann.get(`/api/events/${id}`);
      assertEquals([body.data.contact_name, body.data.direction], ["Mum", "outbound"]);
    }
    assertEquals((await recount(told.resolved)).value, told.value);
  });

  await t.step("Times are told with their zone", async () => {
    const told = await ask("How many calls did I get in 2020?", { time_zone: "Asia/Kathmandu" });
    assertEquals(told.interval, {
      from: "2020-01-01T00:00:00+05:45",
      to: "2021-01-01T00:00:00+05:45",
      time_zone: "Asia/Kathmandu",
    });
    assertEquals(told.value, 0);
  });

  await t.step("Every sort of question is answered with rows or a value", async () => {
    for (
      const [question, expected] of [
        ["How long did I talk to Mum?", 720],
        ["What was my longest call?", null],
        ["How many people did I call?", 3],
        ["What percentage of my calls were missed?", 20],
        ["texts about dinner", null],
        ["Did I call Mum more than Sam Fox?", 1],
      ] as const
    ) {
      const told = await ask(question);
      assertEquals([question, told.value], [question, expected]);
      assert(told.answer !== null, question);
    }
    const [longest] = (await ask("What was my longest call?")).rows;
    assertEquals(longest.duration, 600);
    const [most] = (await ask("Who did I call most?")).rows;
    assertEquals([most.name, most.value], ["Mum", 2]);
    assertEquals((await ask("texts about dinner")).rows[0].content, "Dinner at eight");
    assertEquals((await ask("calls per day this week")).chart, {
      type: "line",
      x: "time_bucket",
      y: "value",
    });
  });

  await t.step("What is not clear is asked back, with whole questions to choose from", async () => {
    const sam = await ask("How often did I call Sam?");
    assertEquals([sam.answer, sam.plan, sam.citations], [null, null, []]);
    assertEquals(sam.clarification.choices.map(({ label }: { label: string }) => label).sort(), [
      "Sam Cole",
      "Sam Fox",
    ]);
    const chosen = await ask(sam.clarification.choices[0].question);
    assertEquals(chosen.value, 1);
    for (
      const question of [
        "How many florbed calls?",
        "What is the weather?",
        "Delete my calls",
        "🎉🎉",
        "اتصالات أمي",
        "Wie oft habe ich Mum angerufen?",
        "When am I busiest?",
        "Zebulon",
      ]
    ) {
      const asked = await ask(question);
      assertEquals([question, asked.answer, asked.rows, asked.value], [question, null, [], null]);
      assert(asked.clarification.question.length > 0, question);
    }
  });

  await t.step("A follow-up changes what the question before asked", async () => {
    const first = await ask("How many calls with Mum?");
    assertEquals(first.value, 3);
    const missed = await ask("only the missed ones", { context_id: first.id });
    assertEquals(missed.value, 1);
    const texts = await ask("and texts?", { context_id: first.id });
    assertEquals(texts.value, 1);
    assertEquals((await ask("only the missed ones")).clarification.choices, []);
    const { status, body } = await bob.post("/api/nlq/query", {
      question: "and texts?",
      context_id: first.id,
    });
    assertEquals([status, body.code], [404, "nlq_query_not_found"]);
  });

  await t.step(
    "The same is not asked twice of the database, however it is put, until data comes",
    async () => {
      const question = "How many calls did I make to Mum?";
      assertEquals((await ask(question)).cache, "answer");
      assertEquals((await ask("how OFTEN did i call mum")).cache, "answer");
      await ann.log([call(0.5, MUM, "Mum")]);
      const fresh = await ask(question);
      assertEquals([fresh.value, fresh.cache], [3, "miss"]);
      assertEquals((await ask(question)).cache, "answer");
      assertEquals((await ask(question, { time_zone: "Asia/Tokyo" })).cache, "miss");
      const other = await ask("How many calls did I make to Zebulon?", {}, bob);
      assertEquals([other.value, other.cache], [1, "miss"]);
    },
  );

  await t.step("What the asker says of a reading decides the next one", async () => {
    const told = await ask("calls with Sam Fox");
    assertEquals(told.plan.intent, "list");
    const path = `/api/nlq/queries/${told.id}/feedback`;
    const meant = { ...told.plan, intent: "count" };
    assertEquals((await ann.post(path, { verdict: "meant", plan: meant })).status, 200);
    const again = await ask("Calls with Sam Fox?");
    assertEquals([again.plan.intent, again.value], ["count", 1]);
    assertEquals((await ann.post(path, { verdict: "wrong" })).status, 200);
    assertEquals((await ask("calls with Sam Fox")).plan.intent, "list");
    for (
      const [json, status, code] of [
        [{ verdict: "meant" }, 400, "validation_failed"],
        [
          {
            verdict: "meant",
            plan: { ...meant, intent: "profile", filters: { ...meant.filters, contacts: [] } },
          },
          400,
          "validation_failed",
        ],
        [{ verdict: "maybe" }, 400, "validation_failed"],
      ] as const
    ) {
      const reply = await ann.post(path, json);
      assertEquals([JSON.stringify(json), reply.status, reply.body.code], [
        JSON.stringify(json),
        status,
        code,
      ]);
    }
    const foreign = await bob.post(path, { verdict: "right" });
    assertEquals([foreign.status, foreign.body.code], [404, "nlq_query_not_found"]);
  });

  await t.step("The history pages both ways, and is one's own", async () => {
    const first = await ann.get("/api/nlq/history?limit=3");
    assertEquals(first.body.data.length, 3);
    for (const entry of first.body.data) HistoryEntry.parse(entry);
    assertEquals(first.body.data[0].question, "calls with Sam Fox");
    const { next_cursor } = first.body.meta.page;
    const second = await ann.get(`/api/nlq/history?limit=3&cursor=${encodeURIComponent(next_cursor)}`);
    assertEquals(second.body.data.some(({ id }: { id: string }) => first.body.data[0].id === id), false);
    const back = await ann.get(
      `/api/nlq/history?limit=3&cursor=${encodeURIComponent(second.body.meta.page.prev_cursor)}`,
    );
    assertEquals(back.body.data, first.body.data);
    const foreign = await bob.get(`/api/nlq/history?cursor=${encodeURIComponent(next_cursor)}`);
    assertEquals([foreign.status, foreign.body.code], [400, "cursor_invalid"]);
    const questions = (await bob.get("/api/nlq/history")).body.data.map((
      { question }: { question: string },
    ) => question);
    assertEquals(questions, ["How many calls did I make to Zebulon?"]);
  });

  await t.step("Suggestions complete what is typed and have rows to answer with", async () => {
    const suggest = async (q: string, user = ann) =>
      (await user.get(`/api/nlq/suggestions?q=${encodeURIComponent(q)}`)).body.data as {
        question: string;
        from: string;
      }[];
    const typed = await suggest("how often did i call m");
    assert(typed.length > 0);
    for (const { question } of typed) assert(/^how often did i call m/i.test(question), question);
    const made = (await suggest("")).filter(({ from }) => from === "data");
    assert(made.length >= 3);
    for (const { question } of made) {
      const told = await ask(question);
      assert(told.rows.length > 0 || (told.value ?? 0) > 0, `${question} ${JSON.stringify(told)}`);
    }
    assertEquals((await suggest("zebulon")).length, 0);
    assertEquals((await suggest("", bob)).some(({ question }) => question.includes("Mum")), false);
  });

  await t.step("What is forgotten is gone", async () => {
    const told = await ask("How many texts did I get?");
    assertEquals((await bob.call("DELETE", `/api/nlq/queries/${told.id}`)).status, 404);
    assertEquals((await ann.call("DELETE", `/api/nlq/queries/${told.id}`)).status, 200);
    assertEquals((await ann.call("DELETE", `/api/nlq/queries/${told.id}`)).status, 404);
    assert((await ann.call("DELETE", "/api/nlq/history")).body.data.deleted > 10);
    assertEquals((await ann.get("/api/nlq/history")).body.data, []);
    assertEquals((await bob.get("/api/nlq/history")).body.data.length, 1);
  });

  await t.step("Bad requests are told what is wrong", async () => {
    for (
      const [json, status, code] of [
        [{}, 400, "validation_failed"],
        [{ question: "   " }, 400, "validation_failed"],
        [{ question: "x".repeat(10_000) }, 400, "validation_failed"],
        [{ question: "How many calls?", user_id: bob.id }, 400, "validation_failed"],
        [{ question: "How many calls?", time_zone: "Mars/Olympus" }, 400, "validation_failed"],
        [{ question: "How many calls?", context_id: "x" }, 400, "validation_failed"],
        [{ question: "x".repeat(20_000) }, 413, "body_too_large"],
      ] as const
    ) {
      const reply = await ann.post("/api/nlq/query", json);
      assertEquals([JSON.stringify(json).slice(0, 60), reply.status, reply.body.code], [
        JSON.stringify(json).slice(0, 60),
        status,
        code,
      ]);
    }
    const anonymous = await ann.withToken("").post("/api/nlq/query", { question: "How many calls?" });
    assertEquals(anonymous.status, 401);
    assertEquals((await ann.get("/api/nlq/query")).status, 405);
  });
});
