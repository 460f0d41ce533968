import { assert, assertEquals } from "@std/assert";
import { Temporal } from "temporal-polyfill";
import { checkPlan } from "../check_plan.ts";
import { checkSaid } from "../check_said.ts";
import { Plan } from "../plan.ts";
import { EXAMPLES } from "./examples.ts";
import { promptOf } from "./prompt.ts";
import { Reply, REPLY_SCHEMA } from "./schema.ts";
import { settle } from "./settle.ts";

Deno.test("Each example is a plan that passes every check, settled as it is", () => {
  for (const { question, plan } of EXAMPLES) {
    assertEquals(Plan.parse(plan), plan, question);
    assertEquals(checkPlan(plan), [], question);
    assertEquals(checkSaid(plan, question, null), [], question);
    assertEquals(settle(plan), plan, question);
  }
  assert(EXAMPLES.length >= 12);
});

Deno.test("Every intent is in the rules, and most are in the examples", () => {
  const [rules] = promptOf("?", null, Temporal.ZonedDateTime.from("2024-02-29T10:00[UTC]"), 1);
  assert(!rules?.content.includes("contact_id"));
  for (const intent of Plan.shape.intent.options) assert(rules?.content.includes(intent), intent);
  assert(new Set(EXAMPLES.map(({ plan }) => plan.intent)).size >= 12);
});

Deno.test("The rules are the same for everybody up to the line with the date", () => {
  const at = (text: string, week_start: number) =>
    promptOf("?", null, Temporal.ZonedDateTime.from(text), week_start)[0]?.content.split("\n") ?? [];
  const one = at("2024-02-29T10:00[UTC]", 1);
  const other = at("2026-11-01T01:30[America/New_York]", 7);
  assertEquals(one.slice(0, -1), other.slice(0, -1));
  assertEquals(
    other.at(-1),
    "Now it is 2026-11-01T01:30, Sunday, in America/New_York. Weeks begin on Sunday.",
  );
});

type Schema = Record<string, unknown>;

/** Every schema in a schema, with how many objects it is nested in. */
function* schemasIn(schema: Schema, depth = 0): Generator<[Schema, number]> {
  yield [schema, depth];
  for (const member of Object.values(schema.properties ?? {})) yield* schemasIn(member, depth + 1);
  for (const member of (schema.anyOf ?? []) as Schema[]) yield* schemasIn(member, depth);
  if (schema.items) yield* schemasIn(schema.items as Schema, depth);
}

Deno.test("The schema keeps to what strict servers take: few keywords, all members required, five levels", () => {
  const allowed = ["type", "enum", "anyOf", "properties", "required", "additionalProperties", "items"];
  const all = [...schemasIn(REPLY_SCHEMA)];
  assert(all.length > 100);
  for (const [schema, depth] of all) {
    assertEquals(Object.keys(schema).filter((key) => !allowed.includes(key)), []);
    assert(depth <= 5, String(depth));
    assert("type" in schema || "anyOf" in schema, JSON.stringify(schema));
    if (schema.type !== "object") continue;
    assertEquals(schema.required, Object.keys(schema.properties ?? {}));
    assertEquals(schema.additionalProperties, false);
  }
  assertEquals(REPLY_SCHEMA.type, "object");
});

Deno.test("The schema has every member of the plan but the ids", () => {
  const all = [...schemasIn(REPLY_SCHEMA)].map(([schema]) => schema);
  const plan = all.find((schema) => Object.keys(schema.properties ?? {}).includes("intent"));
  assertEquals(plan?.required, Object.keys(Plan.shape));
  assertEquals(REPLY_SCHEMA.required, Object.keys(Reply.shape));
  assert(!JSON.stringify(REPLY_SCHEMA).includes("contact_id"));
});
