import { assert, assertEquals } from "@std/assert";
import { createApp } from "../../functions/nlq/app.ts";
import { EMPTY_PLAN, NO_FILTERS } from "../../functions/nlq/plan.ts";
import { readEnv } from "../../shared/env.ts";
import { platformVariables } from "../../dev/surfaces.ts";
import { ApiUser, disposableStack } from "../helpers/api.ts";
import { failed, reply, type Respond, startModelServer } from "../helpers/model_server.ts";

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const said = (sketch: Record<string, unknown>, filters: Record<string, unknown> = {}) => ({
  unsupported: null,
  plan: { ...EMPTY_PLAN, ...sketch, filters: { ...NO_FILTERS, ...filters } },
});
const COUNT_MUM = said({}, { contacts: [{ text: "Mum" }], type: "call", direction: "outbound" });

Deno.test("questions with a model", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann", { default_region: "GB" });
  const call = (minutes: number, number: string, contact_name: string) => ({
    ts: minutesAgo(minutes),
    type: "call",
    direction: "outbound",
    number,
    contact_name,
    duration: 60,
    status: "answered",
  });
  await ann.log([
    call(1, "+447700900001", "Mum"),
    call(2, "+447700900001", "Mum"),
    call(3, "+447700900002", "Dad"),
    call(4, "+447700900003", "Sam Fox"),
    call(5, "+447700900004", "Sam Cole"),
  ]);

  async function ask(question: string, respond: Respond) {
    await using server = startModelServer(respond);
    const app = createApp(
      readEnv(platformVariables(stack.url, stack.keys, { OPENAI_BASE_URL: server.base_url })),
    );
    const response = await app.request("/nlq/query", {
      method: "POST",
      headers: {
        authorization: `Bearer ${ann.token}`,
        apikey: stack.publishable_key,
        "content-type": "application/json",
      },
      body: JSON.stringify({ question }),
    });
    const { data, meta } = await response.json();
    return { status: response.status, data, meta, requests: server.requests };
  }

  await t.step("A question that the built-in planner reads is not sent anywhere", async () => {
    const { data, requests } = await ask("How often did I call Mum?", () => failed(500));
    assertEquals([data.value, data.planner, requests.length], [2, "built_in", 0]);
  });

  await t.step("One that it cannot read is read by the model, and its names looked up after it", async () => {
    const { data, meta, requests } = await ask("Gimme the tally of blowers to Mum", () => reply(COUNT_MUM));
    assertEquals([data.value, data.planner, meta.cache, requests.length], [2, "model", "answer", 1]);
    assertEquals(data.plan.filters.contacts[0].text, "Mum");
    assertEquals(data.citations.length, 2);
  });

  await t.step(
    "Asked of somebody else in the same words, the plan is taken again without the model",
    async () => {
      const { data, meta, requests } = await ask("Gimme the tally of blowers to Dad", () => failed(500));
      assertEquals([data.value, meta.cache, requests.length], [1, "template", 0]);
      assertEquals(data.plan.filters.contacts[0].text, "Dad");
      const other = await ask("Gimme the tally of snarks to Dad", () => failed(500));
      assertEquals([other.data.answer, other.meta.cache], [null, "miss"]);
    },
  );

  await t.step("Several of a name are asked back about, one that the model made up is none", async () => {
    const sams = await ask(
      "the tally of blowers to Sam",
      () => reply(said({}, { contacts: [{ text: "Sam" }], type: "call" })),
    );
    assertEquals(sams.data.clarification.choices.length, 2);
    const made_up = await ask("the tally of hooters", () => reply(COUNT_MUM));
    assertEquals([made_up.data.answer, made_up.data.planner], [null, "built_in"]);
  });

  await t.step("A model that is away leaves the built-in question back, and that is said", async () => {
    const { data, status } = await ask("the sum of all tootles", () => failed(503));
    assertEquals([status, data.answer, data.planner], [200, null, "built_in"]);
    assert(data.clarification.question.includes("tootles"));
    assertEquals(data.warnings.map(({ code }: { code: string }) => code), ["model_unavailable"]);
    const refused = await ask(
      "the sum of all tootles",
      () => reply({ unsupported: "outside_the_log", plan: null }),
    );
    assertEquals([refused.data.answer, refused.data.warnings], [null, []]);
  });

  await t.step("A model of three seconds is waited for, in under five", async () => {
    const started = performance.now();
    const { data } = await ask("Gimme the slow tally of blowers to Mum", async () => {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      return reply(COUNT_MUM);
    });
    assertEquals([data.value, data.planner], [2, "model"]);
    assert(performance.now() - started < 5000);
  });
});
