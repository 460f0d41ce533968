import { assertEquals } from "@std/assert";
import { AnomaliesSchema } from "../../functions/analytics/anomalies.ts";
import { ApiUser, disposableStack } from "../helpers/api.ts";

const period = "from=2026-03-15T00:00:00Z&to=2026-05-01T00:00:00Z&time_zone=UTC";

function call(ts: number, duration = 60, number = "+447700900001"): Record<string, unknown> {
  return { ts: new Date(ts).toISOString(), number, type: "call", direction: "inbound", duration };
}

/** Two to four calls a day from 9 on, for 110 days. */
const ordinary = Array.from(
  { length: 110 },
  (_, day) =>
    Array.from(
      { length: 2 + day % 3 },
      (_, i) => call(Date.UTC(2026, 0, 10 + day, 9 + 3 * i, day * 7 % 40), 60 + (day * 37 + i * 53) % 180),
    ),
).flat();

Deno.test("anomalies", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  const anomalies = async (query = period) => (await ann.get(`/api/analytics/anomalies?${query}`)).body.data;

  await t.step("Without events no day is judged", async () => {
    const data = await anomalies("");
    AnomaliesSchema.parse(data);
    assertEquals([data.anomalies, data.days_judged, data.alarm_days], [[], 0, 60]);
  });

  await ann.log(ordinary);

  await t.step("An ordinary life has none", async () => {
    assertEquals((await anomalies()).anomalies, []);
  });

  await t.step("A spike and a long call are found, each with its events", async () => {
    await ann.log(
      Array.from({ length: 12 }, (_, i) => call(Date.UTC(2026, 3, 20, i < 6 ? 12 : 15, i * 7 % 42))),
    );
    await ann.log([call(Date.UTC(2026, 3, 24, 18, 10), 9_000)]);
    const data = await anomalies();
    AnomaliesSchema.parse(data);
    assertEquals(
      data.anomalies.map(({ date, kind, direction }: Record<string, unknown>) => [date, kind, direction]),
      [["2026-04-20", "volume", "up"], ["2026-04-24", "duration", "up"]],
    );
    const [event_id] = data.anomalies[1].event_ids;
    assertEquals((await ann.get(`/api/events/${event_id}`)).body.data.duration, 9_000);
  });

  await t.step("At a lower rate of alarms fewer are told", async () => {
    const { anomalies: rare } = await anomalies(`${period}&alarm_days=3650`);
    assertEquals(rare.map(({ kind }: { kind: string }) => kind), ["duration"]);
  });

  await t.step("The same answer twice is a 304", async () => {
    const { headers } = await ann.get(`/api/analytics/anomalies?${period}`);
    const again = await ann.get(`/api/analytics/anomalies?${period}`, {
      "if-none-match": headers.get("etag") ?? "",
    });
    assertEquals(again.status, 304);
  });

  await t.step("What is not valid is named", async () => {
    const ask = async (query: string) => (await ann.get(`/api/analytics/anomalies?${query}`)).body;
    assertEquals((await ask("alarm_days=1")).errors[0].path, "alarm_days");
    assertEquals((await ask("days=7")).errors[0].path, "days");
    assertEquals((await ask("time_zone=Mars/Olympus")).code, "validation_failed");
    assertEquals((await ask("from=2026-05-02T00:00:00Z&to=2026-05-01T00:00:00Z")).code, "range_invalid");
    assertEquals((await ask("from=1826-05-02T00:00:00Z")).code, "range_too_large");
    assertEquals((await ann.withToken("none").get("/api/analytics/anomalies")).status, 401);
  });
});
