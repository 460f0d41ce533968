import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  completion,
  failed,
  reply,
  type Respond,
  stalled,
  startModelServer,
} from "../../../tests/helpers/model_server.ts";
import { ask } from "./ask.ts";
import { ModelFailure } from "./failure.ts";
import { modelSettings } from "./settings.ts";

const MESSAGES = [{ role: "user", content: "How many calls?" }] as const;
const NEVER = new Promise<Response>(() => {});

function settingsOf(base_url: string) {
  const settings = modelSettings({ openai_api_key: "sk-test", openai_base_url: base_url });
  if (!settings) throw new Error("Cannot test without settings");
  return settings;
}

/** What becomes of one question, and how often it was asked. */
async function asked(respond: Respond, settings = {}, signal?: AbortSignal) {
  await using server = startModelServer(respond);
  const begun = performance.now();
  const outcome = await ask(MESSAGES, { ...settingsOf(server.base_url), ...settings }, signal).catch(
    (error) => {
      assert(error instanceof ModelFailure, String(error));
      assert(!error.message.includes("inner text"), error.message);
      return error.reason;
    },
  );
  return { outcome, tries: server.requests.length, ms: performance.now() - begun, server };
}

Deno.test("One request with the schema, strict and at temperature 0, and the text of its answer", async () => {
  const { outcome, tries, server } = await asked(() => reply({ plan: null }));
  assertEquals([outcome, tries], ['{"plan":null}', 1]);
  const [request] = server.requests;
  assertEquals([request?.temperature, request?.response_format.json_schema.strict], [0, true]);
  assertEquals(request?.messages, MESSAGES);
  assertEquals(server.headers[0]?.get("authorization"), "Bearer sk-test");
  assertEquals(server.headers[0]?.get("openai-organization"), null);
});

Deno.test("A refusal, a filter, a cut and an empty answer are told apart and not asked for again", async () => {
  for (
    const [response, reason] of [
      [() => completion({ content: null, refusal: "I will not" }), "refused"],
      [() => completion({ content: "" }, "content_filter"), "refused"],
      [() => completion({ content: '{"plan"' }, "length"), "truncated"],
      [() => completion({ content: null }), "invalid"],
      [() => Response.json({ choices: [] }), "invalid"],
      [() => new Response("<html>", { headers: { "content-type": "text/html" } }), "invalid"],
    ] as const
  ) {
    const { outcome, tries } = await asked(response);
    assertEquals([outcome, tries], [reason, 1]);
  }
});

Deno.test("A rate limit is waited for and asked again, where it ends in time", async () => {
  const soon = await asked((_, n) => n ? reply({}) : failed(429, null, { "retry-after": "1" }));
  assertEquals([soon.outcome, soon.tries], ["{}", 2]);
  assert(soon.ms >= 1_000, String(soon.ms));

  const late = await asked(() => failed(429, null, { "retry-after": "20" }));
  assertEquals([late.outcome, late.tries], ["rate_limited", 1]);

  const twice = await asked(() => failed(429));
  assertEquals([twice.outcome, twice.tries], ["rate_limited", 2]);

  const spent = await asked(() => failed(429, "insufficient_quota"));
  assertEquals([spent.outcome, spent.tries], ["rate_limited", 1]);
});

Deno.test("A fault of the server is asked again once, one of ours is not", async () => {
  const passing = await asked((_, n) => n ? reply({}) : failed(500));
  assertEquals([passing.outcome, passing.tries], ["{}", 2]);
  const staying = await asked(() => failed(503));
  assertEquals([staying.outcome, staying.tries], ["unavailable", 2]);
  for (const status of [400, 401, 403, 404]) {
    const ours = await asked(() => failed(status));
    assertEquals([ours.outcome, ours.tries], ["unavailable", 1]);
  }
  const settings = { ...settingsOf("http://127.0.0.1:1/v1") };
  const refused = await assertRejects(() => ask(MESSAGES, settings), ModelFailure);
  assertEquals((refused as ModelFailure).reason, "unavailable");
});

Deno.test("A slow model is given up in time, also one that stalls in the middle", async () => {
  for (const slow of [() => NEVER, stalled]) {
    const { outcome, tries, ms } = await asked(slow, { timeout_ms: 200, deadline_ms: 230 });
    assertEquals([outcome, tries], ["timeout", 1]);
    assert(ms < 2_000, String(ms));
  }
});

Deno.test("A time-out is tried again while there is time", async () => {
  const { outcome, tries } = await asked((_, n) => n ? reply({}) : NEVER, {
    timeout_ms: 200,
    deadline_ms: 2_000,
  });
  assertEquals([outcome, tries], ["{}", 2]);
});

Deno.test("A model that takes 3 s is waited for, and all tries end within 5 s", () => {
  const { timeout_ms, deadline_ms } = settingsOf("http://127.0.0.1/v1");
  assert(timeout_ms >= 3_500 && deadline_ms >= timeout_ms && deadline_ms <= 4_700);
});

Deno.test("An asker who has gone ends the request", async () => {
  const controller = new AbortController();
  const { outcome, tries } = await asked(
    (_request) => {
      controller.abort();
      return NEVER;
    },
    {},
    controller.signal,
  );
  assertEquals([outcome === "unavailable" || outcome === "timeout", tries], [true, 1]);
});
