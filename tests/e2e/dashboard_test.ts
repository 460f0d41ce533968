import { assert, assertEquals } from "@std/assert";
import { HeatmapSchema, MetricsSchema, TeamSchema } from "../../functions/dashboard/schemas.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";

const period = "from=2026-05-01T00:00:00Z&to=2026-05-08T00:00:00Z";
const call = (ts: string, number: string | null, direction: string, status: string, duration: number) => ({
  ts,
  number,
  type: "call",
  direction,
  status,
  duration,
});

Deno.test("dashboard", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann", { time_zone: "Europe/Berlin" });
  const metrics = async (query = "", user = ann) =>
    (await user.get(`/api/dashboard/metrics?${query}`)).body.data;

  await t.step("Without events every figure is there and nothing is made up", async () => {
    const data = await metrics(period);
    MetricsSchema.parse(data);
    assertEquals([data.total_events, data.avg_call_duration_minutes, data.busiest_hour, data.top_contact], [
      0,
      null,
      null,
      null,
    ]);
    assertEquals(data.time_series.data.length, 8);
    assertEquals(data.comparison.metrics.total_events, {
      current: 0,
      previous: 0,
      change: 0,
      change_pct: null,
    });
  });

  await ann.log([
    call("2026-05-01T22:30:00Z", "+447700900001", "inbound", "answered", 60),
    call("2026-05-02T10:00:00Z", "+447700900001", "outbound", "answered", 180),
    call("2026-05-02T11:00:00Z", "+447700900002", "inbound", "missed", 0),
    call("2026-05-03T10:00:00Z", null, "inbound", "missed", 0),
    { ts: "2026-05-04T08:00:00Z", number: "+447700900002", type: "sms", direction: "inbound", content: "Hi" },
    call("2026-04-26T10:00:00Z", "+447700900001", "inbound", "answered", 30),
    call("2026-05-08T00:00:00Z", "+447700900009", "inbound", "answered", 30),
  ]);

  await t.step("Figures are those of the half-open period", async () => {
    const data = await metrics(period);
    MetricsSchema.parse(data);
    const {
      total_events,
      total_calls,
      total_sms,
      inbound,
      outbound,
      answered_calls,
      missed_calls,
      unique_contacts,
      new_contacts,
    } = data;
    assertEquals(
      {
        total_events,
        total_calls,
        total_sms,
        inbound,
        outbound,
        answered_calls,
        missed_calls,
        unique_contacts,
        new_contacts,
      },
      {
        total_events: 5,
        total_calls: 4,
        total_sms: 1,
        inbound: 4,
        outbound: 1,
        answered_calls: 2,
        missed_calls: 2,
        unique_contacts: 2,
        new_contacts: 1,
      },
    );
    assertEquals([
      data.avg_call_duration_minutes,
      data.median_call_duration_minutes,
      data.total_call_duration_minutes,
    ], [2, 2, 4]);
    assertEquals([data.top_contact.number, data.top_contact.interaction_count], ["+447700900001", 2]);
    assertEquals(data.comparison.metrics.total_events, {
      current: 5,
      previous: 1,
      change: 4,
      change_pct: 400,
    });
    assertEquals(data.data_freshness.last_event_at, "2026-05-08T00:00:00+00:00");
  });

  await t.step(
    "Buckets are local: half past ten at night in UTC is the next day in Berlin and Kathmandu",
    async () => {
      const days = async (zone: string) =>
        (await metrics(`${period}&time_zone=${encodeURIComponent(zone)}`)).time_series.data
          .filter((bucket: { total_events: number }) => bucket.total_events > 0)
          .map((
            bucket: { time_bucket: string; total_events: number },
          ) => [bucket.time_bucket, bucket.total_events]);
      assertEquals(await days("UTC"), [["2026-05-01T00:00:00+00:00", 1], ["2026-05-02T00:00:00+00:00", 2], [
        "2026-05-03T00:00:00+00:00",
        1,
      ], ["2026-05-04T00:00:00+00:00", 1]]);
      assertEquals(await days("Europe/Berlin"), [["2026-05-02T00:00:00+02:00", 3], [
        "2026-05-03T00:00:00+02:00",
        1,
      ], ["2026-05-04T00:00:00+02:00", 1]]);
      assertEquals((await days("Asia/Kathmandu"))[0], ["2026-05-02T00:00:00+05:45", 3]);
      assertEquals((await metrics(period)).time_zone, "Europe/Berlin");
    },
  );

  await t.step("A day with a clock change has as many hours as it has", async () => {
    const hours = async (from: string, to: string) =>
      (await metrics(`from=${from}&to=${to}&granularity=hour`)).time_series.data.length;
    assertEquals(await hours("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"), 23);
    assertEquals(await hours("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"), 25);
  });

  await t.step("Weeks begin on the profile's day", async () => {
    const weeks = async () =>
      (await metrics(`${period}&granularity=week`)).time_series.data.map((bucket: { time_bucket: string }) =>
        bucket.time_bucket.slice(0, 10)
      );
    assertEquals(await weeks(), ["2026-04-27", "2026-05-04"]);
    await stack.db.query("update public.profiles set week_start = 7 where user_id = $1", [ann.id]);
    assertEquals(await weeks(), ["2026-04-26", "2026-05-03"]);
  });

  await t.step("The default is the last 30 local days, and a bucket that is not over says so", async () => {
    const data = await metrics("");
    assertEquals(data.time_series.data.length, 30);
    assertEquals(data.time_series.data.at(-1).is_partial, true);
    assertEquals(data.time_series.data.at(1).is_partial, false);
  });

  await t.step("The same answer twice is a 304", async () => {
    const first = await ann.get(`/api/dashboard/metrics?${period}`);
    const again = await ann.get(`/api/dashboard/metrics?${period}`, {
      "if-none-match": first.headers.get("etag") ?? "",
    });
    assertEquals(again.status, 304);
    await ann.log([call("2026-05-05T10:00:00Z", null, "inbound", "missed", 0)]);
    const changed = await ann.get(`/api/dashboard/metrics?${period}`, {
      "if-none-match": first.headers.get("etag") ?? "",
    });
    assertEquals([changed.status, changed.body.data.missed_calls], [200, 3]);
  });

  await t.step("What is not valid is named", async () => {
    const code = async (query: string) => (await ann.get(`/api/dashboard/metrics?${query}`)).body.code;
    assertEquals(await code("granularity=year"), "validation_failed");
    assertEquals(await code("time_zone=Mars/Olympus"), "validation_failed");
    assertEquals(await code("days=7"), "validation_failed");
    assertEquals(await code("from=2026-05-02T00:00:00Z&to=2026-05-01T00:00:00Z"), "range_invalid");
    assertEquals(await code("from=1990-05-02T00:00:00Z&granularity=hour"), "range_too_large");
  });

  await t.step("A period that is not over is compared with as much of the one before", async () => {
    const today = new Date();
    const first = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1)).toISOString();
    const next = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 1)).toISOString();
    const { comparison, to } = await metrics(`from=${first}&to=${next}&time_zone=UTC&granularity=month`);
    assertEquals(Date.parse(to), Date.parse(next));
    const whole = Date.parse(next) - Date.parse(first);
    assertEquals(Date.parse(first) - Date.parse(comparison.from), whole);
    const elapsed = Date.parse(comparison.to) - Date.parse(comparison.from);
    const passed = Date.now() - Date.parse(first);
    assert(Math.abs(elapsed - passed) < 180_000, `${elapsed} of ${passed} ms`);
    // Up to now, whole days stand beside whole days.
    const running = await metrics("time_zone=UTC");
    assertEquals(Date.parse(running.from) - Date.parse(running.comparison.from), 30 * 86_400_000);
  });

  await t.step("The heatmap has the hours of the week, in the zone that is asked for", async () => {
    const { body, headers } = await ann.get(`/api/dashboard/heatmap?${period}&time_zone=Asia/Kathmandu`);
    HeatmapSchema.parse(body.data);
    const cell = body.data.cells.find((one: { weekday: number; hour: number }) =>
      one.weekday === 6 && one.hour === 4
    );
    assertEquals(cell, { weekday: 6, hour: 4, total_events: 1, calls: 1, sms: 0 });
    assertEquals(
      (await ann.get(`/api/dashboard/heatmap?${period}&time_zone=Asia/Kathmandu`, {
        "if-none-match": headers.get("etag") ?? "",
      })).status,
      304,
    );
    assertEquals((await ann.get("/api/dashboard/heatmap?metric=x")).body.code, "validation_failed");
    assertEquals(
      (await ann.get(`/api/dashboard/heatmap?user_id=${crypto.randomUUID()}`)).body.code,
      "user_not_found",
    );
  });

  await t.step("A teammate's figures leave out what the rules hide", async () => {
    const bob = await ApiUser.signUp(stack, "bob");
    const viewer = await ApiUser.signUp(stack, "viewer");
    const stranger = await ApiUser.signUp(stack, "stranger");
    await organization(stack, { owner: ann, member: bob, viewer });
    const query = `${period}&user_id=${ann.id}&time_zone=UTC`;
    assertEquals((await metrics(query, bob)).total_events, 6);
    await stack.db.query(
      `insert into public.privacy_rules (user_id, contact_id, visibility)
       select user_id, contact_id, 'private' from public.contact_numbers where number = '+447700900001'`,
    );
    const seen = await metrics(query, bob);
    assertEquals([seen.total_events, seen.unique_contacts, seen.top_contact.number], [4, 1, "+447700900002"]);
    assertEquals((await metrics(query)).total_events, 6);
    assertEquals((await viewer.get(`/api/dashboard/metrics?${query}`)).body.code, "role_insufficient");
    assertEquals((await stranger.get(`/api/dashboard/metrics?${query}`)).body.code, "user_not_found");
  });

  await t.step(
    "The team's board: names for analysts and up, totals for all members, nothing for others",
    async () => {
      const analyst = await ApiUser.signUp(stack, "analyst");
      const reader = await ApiUser.signUp(stack, "reader");
      const outsider = await ApiUser.signUp(stack, "outsider");
      const id = await organization(stack, { analyst, viewer: reader });
      await analyst.log([call("2026-05-02T10:00:00Z", "+447700900003", "inbound", "missed", 0)]);
      const board = (user: ApiUser, query = "") => user.get(`/api/dashboard/team?${period}${query}`);
      const { body } = await board(analyst);
      TeamSchema.parse(body.data);
      assertEquals(body.data.organization_id, id);
      assertEquals(
        body.data.leaderboard.map((
          line: Record<string, unknown>,
        ) => [line.rank, line.user_id, line.missed_calls]),
        [[1, analyst.id, 1], [2, reader.id, 0]],
      );
      const seen = (await board(reader)).body.data;
      TeamSchema.parse(seen);
      assertEquals([seen.leaderboard, seen.percentiles, seen.totals.total_events], [null, null, 1]);
      assertEquals((await board(outsider)).body.code, "organization_not_found");
      assertEquals((await board(outsider, `&organization_id=${id}`)).body.code, "organization_not_found");
      await organization(stack, { owner: analyst });
      assertEquals((await board(analyst)).body.code, "validation_failed");
      assertEquals((await board(analyst, `&organization_id=${id}`)).body.data.totals.total_events, 1);
      assertEquals((await board(analyst, "&metric=secrets")).body.code, "validation_failed");
    },
  );
});
