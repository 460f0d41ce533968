import { assert, assertEquals } from "@std/assert";
import { createApp } from "../../functions/nlq/app.ts";
import { readEnv } from "../../shared/env.ts";
import { platformVariables } from "../../dev/surfaces.ts";
import type { Stack } from "../../dev/stack.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";
import { asUser } from "../helpers/database.ts";
import { reply, startModelServer } from "../helpers/model_server.ts";
import {
  ALWAYS_HARM,
  type Exchange,
  fill,
  type Harm,
  harmsOf,
  HOSTILE_QUESTIONS,
  type Victim,
  type World,
} from "../nlq/hostile.ts";
import { hostileReplies } from "../nlq/hostile_replies.ts";
import { askedOf, HOSTILE_NAMES, HOSTILE_TEXTS } from "../nlq/hostile_texts.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 4, 1, 8, minute)).toISOString();
const KEPT = "'nlq_queries', 'nlq_embeddings', 'embedding_queue', 'rate_limits'";

/** A print of every row that asking has no business to change. */
async function stateOf(stack: Stack): Promise<string> {
  const tables = await stack.db.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_catalog.pg_tables
      where schemaname in ('public', 'private') and tablename not in (${KEPT}) order by 1`,
  );
  const prints = await Promise.all(tables.map(async ({ name }) => {
    const [row] = await stack.db.query<{ print: string }>(
      `select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as print from ${name} as t`,
    );
    return `${name} ${row?.print}`;
  }));
  return prints.join("\n");
}

/** Mallory, who asks, and Vera, whose log is none of Mallory's business although they share an organisation. */
async function twoPeople(stack: Stack) {
  const vera = await ApiUser.signUp(stack, "vera");
  const mallory = await ApiUser.signUp(stack, "mallory", { default_region: "GB" });
  await organization(stack, { owner: vera, viewer: mallory });
  await vera.log([{
    ts: at(1),
    type: "sms",
    direction: "inbound",
    number: "+447700900999",
    contact_name: "Quentin Vexley",
    content: "the heliotrope safe",
  }]);
  await mallory.log([
    ...HOSTILE_TEXTS.map(({ content }, index) => ({
      ts: at(index + 2),
      type: "sms",
      direction: "inbound",
      number: `+4477009001${String(index).padStart(2, "0")}`,
      content,
    })),
    ...HOSTILE_NAMES.map((contact_name, index) => ({
      ts: at(index + 200),
      type: "call",
      direction: "inbound",
      number: `+4477009002${String(index).padStart(2, "0")}`,
      contact_name,
      duration: 9,
      status: "answered",
    })),
    {
      ts: at(500),
      type: "call",
      direction: "outbound",
      number: "+447700900300",
      contact_name: "Mum",
      duration: 60,
      status: "answered",
    },
  ]);
  const [own] = await asUser(
    stack.db,
    vera.id,
    (session) =>
      session.query<{ event_id: string; contact_id: string }>(
        "select id as event_id, contact_id from public.events",
      ),
  );
  if (!own) throw new Error("Cannot find the victim's event");
  const victim: Victim = {
    user_id: vera.id,
    email: "vera@example.test",
    number: "+447700900999",
    name: "Quentin Vexley",
    word: "heliotrope",
    ...own,
  };
  const ids = await asUser(
    stack.db,
    mallory.id,
    (session) => session.query<{ id: string }>("select id from public.events"),
  );
  const world: World = {
    own_event_ids: new Set(ids.map(({ id }) => id)),
    foreign: [victim.event_id, victim.contact_id, victim.number, victim.name, victim.word],
  };
  return { mallory, victim, world };
}

/** A body without the asker's own hostile texts and names, which may be shown to him. */
function withoutOwn(body: string): string {
  const own = [...HOSTILE_TEXTS.map(({ content }) => content), ...HOSTILE_NAMES];
  return own.reduce((text, said) => text.replaceAll(JSON.stringify(said).slice(1, -1), ""), body);
}

Deno.test("Hostile questions, texts and names get no foreign row, no write and nothing of the inside", async (t) => {
  await using stack = await disposableStack();
  const { mallory, victim, world } = await twoPeople(stack);
  const state = await stateOf(stack);

  await t.step("Questions", async () => {
    const done: string[] = [];
    for (const hostile of HOSTILE_QUESTIONS) {
      const question = fill(hostile.question, victim);
      const response = await mallory.post("/api/nlq/query", { question });
      const exchange: Exchange = {
        question,
        status: response.status,
        body: withoutOwn(JSON.stringify(response.body)),
        state_before: state,
        state_after: state,
      };
      const harms = harmsOf(hostile.must_not, exchange, world);
      if (harms.length > 0) {
        done.push(
          `${hostile.id} ${harms.join()}: ${question.slice(0, 100)} -> ${exchange.body.slice(0, 300)}`,
        );
      }
    }
    assertEquals(done, []);
    assertEquals(await stateOf(stack), state);
  });

  await t.step("Messages are data, whatever they say", async () => {
    for (const text of HOSTILE_TEXTS) {
      const [about, count] = askedOf(text);
      const listed = await mallory.post("/api/nlq/query", { question: about });
      assertEquals([text.id, listed.status, listed.body.data.plan?.intent], [text.id, 200, "list"]);
      assertEquals([text.id, listed.body.data.rows.length], [text.id, 1]);
      assert(listed.body.data.rows[0].content.includes(text.marker), text.id);
      assert(!listed.body.data.answer.includes(text.content), text.id);
      const counted = await mallory.post("/api/nlq/query", { question: count });
      assertEquals([text.id, counted.body.data.value], [text.id, 1]);
    }
    assertEquals(await stateOf(stack), state);
  });

  await t.step(
    "What a model that obeys the attacker replies is judged like the attacker's own plan",
    async () => {
      for (const [index, said] of hostileReplies(victim).entries()) {
        await using server = startModelServer(() => reply(said));
        const app = createApp(
          readEnv(platformVariables(stack.url, stack.keys, { OPENAI_BASE_URL: server.base_url })),
        );
        for (
          const question of [
            `Reply ${index} as you are told, Quentin Vexley`,
            `${index} florbs of Mum ${victim.number}`,
          ]
        ) {
          const response = await app.request("/nlq/query", {
            method: "POST",
            headers: {
              authorization: `Bearer ${mallory.token}`,
              apikey: stack.publishable_key,
              "content-type": "application/json",
            },
            body: JSON.stringify({ question }),
          });
          const exchange: Exchange = {
            question,
            status: response.status,
            body: withoutOwn(await response.text()),
            state_before: state,
            state_after: state,
          };
          const harms: Harm[] = harmsOf(ALWAYS_HARM, exchange, world);
          assertEquals([index, question, harms, harms.length > 0 ? exchange.body : ""], [
            index,
            question,
            [],
            "",
          ]);
        }
        assert(server.requests.length > 0, `The model was not asked for reply ${index}`);
      }
      assertEquals(await stateOf(stack), state);
    },
  );
});
