import { assert, assertEquals } from "@std/assert";
import { Temporal } from "temporal-polyfill";
import { checkPlan } from "../../functions/nlq/check_plan.ts";
import { checkSaid } from "../../functions/nlq/check_said.ts";
import { ModelFailure } from "../../functions/nlq/model/failure.ts";
import { MAX_QUESTION, planWithModel } from "../../functions/nlq/model/plan_with_model.ts";
import type { ModelSettings } from "../../functions/nlq/model/settings.ts";
import type { Plan } from "../../functions/nlq/plan.ts";
import { reply, startModelServer } from "../helpers/model_server.ts";
import { fill, HOSTILE_QUESTIONS, type Victim } from "./hostile.ts";
import { hostileReplies } from "./hostile_replies.ts";

const VICTIM: Victim = {
  user_id: "0198f1c2-0000-7000-8000-000000000001",
  email: "victim@example.test",
  event_id: "0198f1c2-0000-7000-8000-000000000002",
  contact_id: "0198f1c2-0000-7000-8000-000000000003",
  number: "+4915123456789",
  name: "Wilhelmina Zander",
  word: "quillwort",
};
const CONTEXT = {
  now: Temporal.ZonedDateTime.from("2026-10-31T23:30[America/New_York]"),
  week_start: 7,
  previous_plan: null,
};
const settingsOf = (base_url: string): ModelSettings => ({
  api_key: "none",
  base_url,
  model: "loopback",
  timeout_ms: 4_000,
  deadline_ms: 4_600,
});
const REPLIES = hostileReplies(VICTIM);

/** Each question with some of the replies, so that every reply meets many questions. */
const PAIRS = HOSTILE_QUESTIONS.flatMap(({ question }, index) =>
  [0, 9, 18].map((step) => [fill(question, VICTIM), REPLIES[(index + step) % REPLIES.length]] as const)
);

Deno.test("Whatever is asked and whatever a model says to it, a plan means something and names nobody else", async () => {
  let said: unknown;
  await using server = startModelServer(() => reply(said));
  const settings = settingsOf(server.base_url);
  let plans = 0;
  for (const [question, answer] of PAIRS) {
    said = answer;
    const plan: Plan | ModelFailure = await planWithModel(question, CONTEXT, settings).catch((error) =>
      error
    );
    if (plan instanceof ModelFailure) continue;
    assert(!(plan instanceof Error), String(plan));
    assertEquals([...checkPlan(plan), ...checkSaid(plan, question, null)], [], question);
    const text = JSON.stringify(plan);
    for (const secret of Object.values(VICTIM)) {
      assert(!text.includes(secret) || question.includes(secret), text);
    }
    for (const id of [VICTIM.user_id, VICTIM.contact_id, VICTIM.event_id]) assert(!text.includes(id), text);
    plans++;
  }
  assert(plans > 50, String(plans));
});

Deno.test("No hostile question takes an id, a number or a quotation to a model, and none of a letter's length goes", async () => {
  await using server = startModelServer(() => reply(null));
  const settings = settingsOf(server.base_url);
  const questions = HOSTILE_QUESTIONS.map(({ question }) => fill(question, VICTIM));
  for (const question of questions) {
    const failure = await planWithModel(question, CONTEXT, settings).catch((error) => error);
    assert(failure instanceof ModelFailure, String(failure));
  }
  assertEquals(server.requests.length, questions.filter(({ length }) => length <= MAX_QUESTION).length);
  const [first] = server.requests;
  for (const { messages } of server.requests) {
    assertEquals(messages.map(({ role }) => role), ["system", "user"]);
    assertEquals(messages[0], first?.messages[0]);
    const sent = messages[1]?.content ?? "";
    assertEquals(Object.keys(JSON.parse(sent)), ["question", "previous_plan"]);
    for (const secret of [VICTIM.user_id, VICTIM.contact_id, VICTIM.event_id, "15123456789", "5552671"]) {
      assert(!sent.replace(/[^\w-]/g, "").includes(secret), sent);
    }
  }
});
