import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { PredictionsSchema } from "../../functions/analytics/predictions.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";

const DAY_MS = 86_400_000;
const numberOf = (n: number) => `+44770090000${n}`;

/** Messages with contact n, this many days ago. */
function messages(n: number, days: readonly number[]) {
  return days.map((day) => ({
    ts: new Date(Date.now() - day * DAY_MS).toISOString(),
    type: "sms",
    number: numberOf(n),
    direction: day % 2 === 0 ? "inbound" : "outbound",
  }));
}

const every = (step: number, from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, k) => from + k * step);

Deno.test("predictions", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann", { time_zone: "Europe/Berlin" });
  const bob = await ApiUser.signUp(stack, "bob");
  const stranger = await ApiUser.signUp(stack, "stranger");
  await organization(stack, { owner: ann, member: bob });
  const predictions = async (query = "", user = ann) =>
    (await user.get(`/api/analytics/predictions?${query}`)).body;

  await t.step("Without events nothing is predicted", async () => {
    const { data, meta } = await predictions();
    PredictionsSchema.parse(data);
    assertEquals([data.predictions, data.data_until, meta.page.total], [[], null, 0]);
  });

  await ann.log([
    ...messages(1, every(1, 0.01, 80)),
    ...messages(2, every(2, 9, 79)),
    ...messages(3, [70]),
    ...messages(4, every(1, 30, 88)),
    ...messages(5, every(7, 3, 80)),
  ]);
  const contacts = (await ann.get("/api/contacts")).body.data as { id: string; numbers: string[] }[];
  const idOf = (n: number) => contacts.find(({ numbers }) => numbers[0] === numberOf(n))?.id ?? "";

  await t.step("Likelier contacts come first, and a longer horizon is never less likely", async () => {
    const { data, meta } = await predictions("horizon=28");
    PredictionsSchema.parse(data);
    assertEquals([data.horizon_days, meta.page.total], [28, 5]);
    assertEquals(data.predictions[0].contact_id, idOf(1));
    assertEquals(data.predictions.at(-1).contact_id, idOf(3));
    assertEquals(data.predictions.at(-1).outlook, "not_within_28_days");
    for (const { probabilities: p } of data.predictions) {
      assert(p[1] <= p[7] && p[7] <= p[14] && p[14] <= p[28]);
    }
  });

  await t.step("Reasons add up to the probability", async () => {
    const { data } = await predictions("horizon=7");
    for (const { probability, reasons } of data.predictions) {
      const odds = reasons.reduce((sum: number, { effect }: { effect: number }) => sum + effect, 0);
      assert(Math.abs(1 / (1 + Math.exp(-odds)) - probability) < 2e-3);
    }
  });

  await t.step("Overdue and drifting contacts are told apart", async () => {
    const { data } = await predictions();
    assertEquals(data.overdue.map((entry: { contact_id: string }) => entry.contact_id), [idOf(2)]);
    assertEquals(data.drifting.map((entry: { contact_id: string }) => entry.contact_id), [idOf(4)]);
    assertEquals((await predictions("standing=overdue")).data.predictions[0].contact_id, idOf(2));
  });

  await t.step("Pages lead through all of them as of one moment, both ways", async () => {
    const ids = (body: { data: { predictions: { contact_id: string }[] } }) =>
      body.data.predictions.map(({ contact_id }) => contact_id);
    const first = await predictions("limit=3");
    const second = await predictions(`limit=3&cursor=${first.meta.page.next_cursor}`);
    assertEquals([...ids(first), ...ids(second)], ids(await predictions()));
    assertEquals(second.data.as_of, first.data.as_of);
    assertEquals(ids(await predictions(`limit=3&cursor=${second.meta.page.prev_cursor}`)), ids(first));
    assertEquals(
      (await predictions(`horizon=1&cursor=${first.meta.page.next_cursor}`)).code,
      "cursor_invalid",
    );
  });

  await t.step("One contact, one's own or a teammate's, and nobody else's", async () => {
    const one = (await predictions(`contact_id=${idOf(5)}`)).data.predictions;
    assertEquals(one.length, 1);
    const by_bob = (await predictions(`contact_id=${idOf(5)}`, bob)).data.predictions[0];
    const { prediction } = (await ann.get(`/api/contacts/${idOf(5)}/intelligence`)).body.data;
    // A minute may pass between the answers.
    assertAlmostEquals(by_bob.probability, one[0].probability, 0.01);
    assertAlmostEquals(prediction.probability, one[0].probability, 0.01);
    assertEquals((await predictions("", bob)).data.predictions, []);
    assertEquals((await predictions(`contact_id=${idOf(5)}`, stranger)).code, "contact_not_found");
  });

  await t.step("What is not valid is named", async () => {
    const code = async (query: string) => (await predictions(query)).code;
    assertEquals(await code("horizon=3"), "validation_failed");
    assertEquals(await code("standing=late"), "validation_failed");
    assertEquals(await code("time_zone=Mars/Olympus"), "validation_failed");
    assertEquals(await code("days=7"), "validation_failed");
    const anonymous = await fetch(`${stack.url}/api/analytics/predictions`, {
      headers: { apikey: stack.publishable_key },
    });
    assertEquals([anonymous.status, (await anonymous.json()).code], [401, "not_authenticated"]);
  });
});
