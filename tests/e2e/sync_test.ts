import { assertEquals } from "@std/assert";
import { CoverageSchema, HealthSchema } from "../../functions/sync/schemas.ts";
import { ApiUser, disposableStack } from "../helpers/api.ts";

Deno.test("sync", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  const bob = await ApiUser.signUp(stack, "bob");
  const health = async (user = ann) => (await user.get("/api/sync/health")).body.data;

  await t.step("Without any source the health is not known", async () => {
    HealthSchema.parse(await health());
    assertEquals([(await health()).overall_health, (await health()).sources], ["unknown", {}]);
  });

  await t.step("A report makes its source known, with what it covers", async () => {
    const reply = await ann.post("/api/sync/reports", {
      source: "device",
      name: "Pixel",
      from: "2026-05-01T00:00:00Z",
      to: "2026-05-02T00:00:00Z",
      queue_depth: 3,
      sent_at: new Date(Date.now() - 3_600_000).toISOString(),
    });
    assertEquals(reply.status, 201);
    HealthSchema.parse(reply.body.data);
    const source = reply.body.data.sources["device:Pixel"];
    assertEquals([source.queue_depth, source.health], [3, "degraded"]);
    assertEquals(Math.round(source.clock_drift_seconds / 60), -60);
  });

  await t.step("Intervals that touch are one, and the types are kept apart", async () => {
    const report = (from: string, to: string, types?: string[]) =>
      ann.post("/api/sync/reports", { source: "device", name: "Pixel", from, to, types });
    await report("2026-05-02T00:00:00Z", "2026-05-03T00:00:00Z", ["call"]);
    await report("2026-05-05T00:00:00Z", "2026-05-06T00:00:00Z", ["call"]);
    const { data } = (await ann.get("/api/sync/coverage")).body;
    CoverageSchema.parse(data);
    const calls = data.find((entry: { type: string }) => entry.type === "call");
    assertEquals(calls.intervals, [
      { from: "2026-05-01T00:00:00+00:00", to: "2026-05-03T00:00:00+00:00" },
      { from: "2026-05-05T00:00:00+00:00", to: "2026-05-06T00:00:00+00:00" },
    ]);
    assertEquals(data.find((entry: { type: string }) => entry.type === "sms").intervals.length, 1);
    assertEquals((await bob.get("/api/sync/coverage")).body.data, []);
  });

  await t.step("Errors, a long queue and silence show; the worst source decides", async () => {
    await ann.post("/api/sync/reports", {
      source: "carrier",
      errors: [{ code: "login_failed", detail: "Password expired" }],
    });
    const degraded = await health();
    assertEquals([degraded.sources.carrier.health, degraded.overall_health], ["degraded", "degraded"]);
    await ann.post("/api/sync/reports", { source: "carrier", queue_depth: 20_000 });
    assertEquals((await health()).overall_health, "failing");
    await ann.post("/api/sync/reports", { source: "carrier", queue_depth: 0, errors: [] });
    await ann.post("/api/sync/reports", {
      source: "device",
      name: "Pixel",
      queue_depth: 0,
      sent_at: new Date().toISOString(),
    });
    assertEquals((await health()).overall_health, "healthy");
    await stack.db.query(
      "update public.sync_sources set last_report_at = now() - interval '4 days' where kind = 'device'",
    );
    const silent = await health();
    assertEquals([silent.sources["device:Pixel"].health, silent.overall_health], ["failing", "failing"]);
    assertEquals((await health(bob)).sources, {});
  });

  await t.step("A report that is not valid is named and changes nothing", async () => {
    const before = await health();
    const bad: [unknown, string][] = [
      [{ source: "satellite" }, "source"],
      [{ source: "device", from: "2026-05-01T00:00:00Z" }, "to"],
      [{ source: "device", from: "2026-05-02T00:00:00Z", to: "2026-05-01T00:00:00Z" }, "to"],
      [{ source: "device", from: "2026-05-02T00:00:00Z", to: "2999-05-01T00:00:00Z" }, "to"],
      [{ source: "device", queue_depth: -1 }, "queue_depth"],
      [{ source: "device", user_id: bob.id }, "user_id"],
    ];
    for (const [report, path] of bad) {
      const { status, body } = await ann.post("/api/sync/reports", report);
      assertEquals([status, body.code, body.errors[0].path], [400, "validation_failed", path]);
    }
    assertEquals((await health()).sources, before.sources);
  });
});
