import { assertEquals } from "@std/assert";
import { TrendsSchema } from "../../functions/analytics/trends.ts";
import { ApiUser, disposableStack } from "../helpers/api.ts";

const period = "from=2026-05-01T00:00:00Z&to=2026-05-04T00:00:00Z&time_zone=UTC";
const call = (ts: string, number: string, contact_name: string, duration: number) => ({
  ts,
  number,
  contact_name,
  type: "call",
  direction: "inbound",
  status: duration > 0 ? "answered" : "missed",
  duration,
});

Deno.test("trends", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  const trends = async (query: string) => (await ann.get(`/api/analytics/trends?${period}&${query}`)).body;

  await t.step("Without events there is one series of zeros", async () => {
    const { data } = await trends("breakdown=status");
    TrendsSchema.parse(data);
    assertEquals(data.series, [{ key: null, label: null, total: 0, share_pct: null, values: [0, 0, 0] }]);
  });

  await ann.log([
    call("2026-05-01T10:00:00Z", "+447700900001", "=cmd()", 60),
    call("2026-05-02T10:00:00Z", "+447700900001", "=cmd()", 0),
    call("2026-05-02T11:00:00Z", "+447700900002", "Mum", 120),
    call("2026-04-29T11:00:00Z", "+447700900002", "Mum", 120),
  ]);

  await t.step("A breakdown has its series by size, then the rest, then all", async () => {
    const { data } = await trends("breakdown=contact&top=1&compare=previous_period");
    TrendsSchema.parse(data);
    assertEquals(
      data.series.map(({ label, values, share_pct }: Record<string, unknown>) => [label, values, share_pct]),
      [["=cmd()", [1, 1, 0], 66.7], ["other", [0, 1, 0], 33.3], [null, [1, 2, 0], 100]],
    );
    assertEquals(data.series[1].change, { current: 1, previous: 1, change: 0, change_pct: 0 });
    assertEquals(data.series[2].change, { current: 3, previous: 1, change: 2, change_pct: 200 });
  });

  await t.step("An average of nothing is null, not 0", async () => {
    const { data } = await trends("metric=avg_call_duration_minutes");
    assertEquals([data.is_additive, data.series[0].values], [false, [1, 2, null]]);
  });

  await t.step("As CSV, with nothing in it that a spreadsheet would run", async () => {
    const reply = await ann.get(`/api/analytics/trends?${period}&breakdown=contact&format=csv`);
    assertEquals(reply.headers.get("content-type"), "text/csv; charset=utf-8");
    assertEquals(
      reply.body,
      'time_bucket,"\'=cmd()",Mum,all\r\n' +
        "2026-05-01T00:00:00+00:00,1,0,1\r\n2026-05-02T00:00:00+00:00,1,1,2\r\n2026-05-03T00:00:00+00:00,0,0,0\r\n",
    );
    const again = await ann.get(`/api/analytics/trends?${period}&breakdown=contact&format=csv`, {
      "if-none-match": reply.headers.get("etag") ?? "",
    });
    assertEquals(again.status, 304);
  });

  await t.step("What cannot be answered is refused", async () => {
    const code = async (query: string) => (await ann.get(`/api/analytics/trends?${query}`)).body.code;
    assertEquals(await code("metric=happiness"), "validation_failed");
    assertEquals(await code("interval=year"), "validation_failed");
    assertEquals(await code("breakdown=number"), "validation_failed");
    assertEquals(await code("top=0"), "validation_failed");
    assertEquals(await code("metric=unique_contacts&breakdown=contact"), "validation_failed");
    assertEquals(await code("time_zone=Nowhere/Land"), "validation_failed");
    assertEquals(
      await code("from=2016-05-01T00:00:00Z&to=2026-05-01T00:00:00Z&interval=hour"),
      "range_too_large",
    );
    assertEquals(
      await code("from=1826-05-01T00:00:00Z&to=2026-05-01T00:00:00Z&interval=month"),
      "range_too_large",
    );
    assertEquals(await code("from=2026-05-01T00:00:00Z&to=2026-05-01T00:00:00Z"), "range_invalid");
    assertEquals(await code(`user_id=${crypto.randomUUID()}`), "user_not_found");
    assertEquals((await fetch(`${stack.url}/api/analytics/trends`)).status, 401);
  });
});
