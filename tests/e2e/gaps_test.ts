import { assertEquals, assertMatch } from "@std/assert";
import { GapsSchema } from "../../functions/analytics/gaps.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";

const HOURS = [9, 11, 13, 15, 19];
const period = "from=2026-03-01T00:00:00Z&to=2026-05-01T00:00:00Z";

/** Calls at 9 and 15, texts at 11, 13 and 19 of every day in [from, to). */
function life(from: string, to: string): Record<string, unknown>[] {
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
  return Array.from({ length: days }, (_, day) =>
    HOURS.map((hour) => ({
      ts: new Date(Date.parse(from) + day * 86_400_000 + hour * 3_600_000).toISOString(),
      number: "+447700900001",
      direction: "inbound",
      ...(hour === 9 || hour === 15
        ? { type: "call", duration: 60 }
        : { type: "sms", content: `Day ${day}, ${hour}` }),
    }))).flat();
}

Deno.test("gaps", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  const bob = await ApiUser.signUp(stack, "bob");
  const gaps = async (query = period, user = ann) =>
    (await user.get(`/api/analytics/gaps?${query}`)).body.data;

  await t.step("Without events there is none", async () => {
    const data = await gaps("");
    GapsSchema.parse(data);
    assertEquals([data.gaps, data.trailing_gap], [[], null]);
  });

  await ann.log(life("2026-02-01", "2026-04-10"));
  await ann.log(life("2026-04-14", "2026-05-15"));

  await t.step("Four silent days in a steady life are suspected", async () => {
    const data = await gaps();
    GapsSchema.parse(data);
    assertEquals(data.gaps.filter((gap: { verdict: string }) => gap.verdict !== "quiet").length, 1);
    const gap = data.gaps.find((gap: { verdict: string }) => gap.verdict === "suspected");
    assertEquals([gap.start, gap.end, gap.channel, gap.source], [
      "2026-04-09T19:00:00+00:00",
      "2026-04-14T09:00:00+00:00",
      "all",
      "api",
    ]);
    assertEquals(gap.resync, { source: "api", from: gap.start, to: gap.end });
  });

  await t.step("A question about them counts what may be missing, not every silence", async () => {
    const asked = async (question: string) => (await ann.post("/api/nlq/query", { question })).body.data;
    const { answer, total, values } = await asked("Is anything missing in April 2026?");
    assertEquals([answer, values.verdicts.suspected, values.verdicts.proven], [
      `1 gap in April 2026, suspected.${total > 1 ? ` ${total - 1} long silences fit your habits.` : ""}`,
      1,
      0,
    ]);
    assertEquals((await asked("Is anything missing in March 2026?")).values.verdicts.suspected, 0);
    assertMatch(
      (await asked("Is anything missing in March 2026?")).answer,
      /^Nothing seems to be missing in March 2026\./,
    );
    const { warnings } = await asked("How many calls did I get in April 2026?");
    assertEquals(warnings, [{
      code: "data_gap",
      starts_at: "2026-04-09T19:00:00+00:00",
      ends_at: "2026-04-14T09:00:00+00:00",
      verdict: "suspected",
      channel: "all",
    }]);
    assertEquals((await asked("How many calls did I get in March 2026?")).warnings, []);
  });

  await t.step("Claims that leave them out prove them", async () => {
    for (const [from, to] of [["2026-02-01", "2026-04-10"], ["2026-04-14", "2026-05-15"]]) {
      const report = { source: "api", from: `${from}T00:00:00Z`, to: `${to}T00:00:00Z` };
      assertEquals((await ann.post("/api/sync/reports", report)).status, 201);
    }
    const [gap, ...others] = (await gaps()).gaps.filter((gap: { verdict: string }) =>
      gap.verdict !== "quiet"
    );
    assertEquals([gap.verdict, gap.start, gap.end, others], [
      "proven",
      "2026-04-10T00:00:00+00:00",
      "2026-04-14T00:00:00+00:00",
      [],
    ]);
    assertEquals((await gaps(`${period}&min_hours=120`)).gaps, []);
  });

  await t.step("The same answer twice is a 304", async () => {
    const first = await ann.get(`/api/analytics/gaps?${period}`);
    const etag = { "if-none-match": first.headers.get("etag") ?? "" };
    const again = await ann.get(`/api/analytics/gaps?${period}`, etag);
    // The trailing gap grows by the minute.
    const minute = first.body.data.trailing_gap.end === (await gaps()).trailing_gap.end;
    assertEquals(again.status, minute ? 304 : 200);
  });

  await t.step("A private contact of a teammate changes nothing", async () => {
    await organization(stack, { member: ann, analyst: bob });
    await stack.db.query(
      "insert into public.lines (user_id, name, number) values ($1, 'SIM', '+447700900777')",
      [ann.id],
    );
    const before = await gaps();
    await bob.log(["2026-04-11", "2026-04-12"].map((day) => ({
      ...{
        ts: `${day}T10:00:00Z`,
        number: "+447700900777",
        type: "call",
        direction: "inbound",
        duration: 60,
      },
    })));
    assertEquals(
      (await gaps()).gaps[0].evidence.map(({ kind }: { kind: string }) => kind).includes("teammate_events"),
      true,
    );
    await stack.db.query(
      `insert into public.privacy_rules (user_id, contact_id, visibility)
       select user_id, contact_id, 'private' from public.contact_numbers where user_id = $1`,
      [bob.id],
    );
    const { generated_at: _then, trailing_gap: _before, ...expected } = before;
    const { generated_at: _now, trailing_gap: _after, ...answer } = await gaps();
    assertEquals(answer, expected);
    assertEquals((await gaps(period, bob)).gaps, []);
  });

  await t.step("What is not valid is named", async () => {
    const ask = async (query: string) => (await ann.get(`/api/analytics/gaps?${query}`)).body;
    assertEquals((await ask("min_hours=0")).errors[0].path, "min_hours");
    assertEquals((await ask(`user_id=${bob.id}`)).errors[0].path, "user_id");
    assertEquals((await ask("time_zone=Mars/Olympus")).code, "validation_failed");
    assertEquals((await ask("from=2026-05-02T00:00:00Z&to=2026-05-01T00:00:00Z")).code, "range_invalid");
    assertEquals((await ask("from=1826-05-02T00:00:00Z")).code, "range_too_large");
    assertEquals((await ann.withToken("none").get("/api/analytics/gaps")).status, 401);
  });
});
