import { assert, assertEquals } from "@std/assert";
import { DatasetSchema, SharingSchema } from "../../functions/privacy/schemas_dataset.ts";
import { RetentionSchema } from "../../functions/privacy/schemas_retention.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";

const DAY = 86_400_000;
const call = (days: number, number = "+447700900001") => ({
  ts: new Date(Date.now() - days * DAY).toISOString(),
  type: "call",
  direction: "inbound",
  number,
  duration: 60,
});

async function people(names: string[]) {
  const stack = await disposableStack();
  const users = await Promise.all(names.map((name) => ApiUser.signUp(stack, name)));
  return { stack, users };
}

async function outcome(user: ApiUser, method: string, path: string, json?: unknown): Promise<string> {
  const { status, body } = await user.call(
    method,
    `/api/privacy/${path}`,
    json === undefined ? {} : { json },
  );
  return `${status} ${body.code ?? ""}`.trim();
}

Deno.test("Retention over HTTP: tried out, set, carried out, and not undone by an import", async () => {
  const { stack, users } = await people(["ann", "boss", "stranger"]);
  await using _ = stack;
  const [ann, boss, stranger] = users as [ApiUser, ApiUser, ApiUser];
  const id = await organization(stack, { owner: boss, member: ann });
  await ann.log([call(1), call(50), call(500)]);
  const put = (user: ApiUser, json: unknown, query = "") =>
    user.call("PUT", `/api/privacy/retention${query}`, { json });

  const tried = await put(ann, { policies: [{ type: "call", keep_days: 30 }], dry_run: true });
  RetentionSchema.parse(tried.body.data);
  assertEquals([tried.status, tried.body.data.expired], [200, { call: 2 }]);
  const own = (await ann.get("/api/privacy/retention")).body.data;
  assertEquals([own.policies, own.expired], [[], {}]);
  const set = await put(ann, { policies: [{ keep_days: 400, keep_sums: true }] });
  assertEquals([set.status, set.body.data.expired], [200, { call: 1, sms: 0, question: 0 }]);
  const job = await stack.db.query(
    "select private.job_retention(clock_timestamp() + interval '20 seconds') as result",
  );
  assertEquals(job[0]?.result, { removed: 1, people: 1, more: false });
  assertEquals((await ann.get("/api/events")).body.data.length, 2);
  const metrics = (await ann.get(`/api/dashboard/metrics?from=${call(600).ts}&to=${call(0).ts}`)).body.data;
  assertEquals([metrics.total_calls, metrics.unique_contacts], [3, 1]);
  const again = (await ann.post("/api/events", { events: [call(500), call(2)] })).body.data;
  assertEquals(again.results.map((r: Record<string, unknown>) => r.code ?? r.outcome), [
    "ts_beyond_retention",
    "inserted",
  ]);

  const team = `?organization_id=${id}`;
  assertEquals(await outcome(ann, "PUT", `retention${team}`, { policies: [] }), "403 role_insufficient");
  assertEquals(await outcome(ann, "GET", `retention${team}`), "403 role_insufficient");
  assertEquals(await outcome(stranger, "GET", `retention${team}`), "404 organization_not_found");
  assertEquals(
    await outcome(boss, "PUT", `retention${team}`, { policies: [{ keep_days: 3 }] }),
    "400 validation_failed",
  );
  assertEquals(
    await outcome(boss, "PUT", `retention${team}`, { policies: [{ keep_days: 30, user_id: stranger.id }] }),
    "404 user_not_found",
  );
  assertEquals(
    await outcome(boss, "PUT", "retention", { policies: [{ keep_days: 0 }] }),
    "400 validation_failed",
  );
  assertEquals(
    await outcome(boss, "PUT", "retention", { policies: [{ keep_days: 9 }, { keep_days: 8 }] }),
    "400 validation_failed",
  );
  assertEquals(await outcome(boss, "PUT", "retention", {}), "400 validation_failed");
  const policy = await put(boss, { policies: [{ keep_days: 30 }], erasure_grace_days: 2 }, team);
  RetentionSchema.parse(policy.body.data);
  assertEquals([policy.status, policy.body.data.erasure_grace_days, policy.body.data.expired.call], [
    200,
    2,
    1,
  ]);
  assert(Date.parse(policy.body.data.policies[0].effective_at) > Date.now() + 0.9 * DAY);
});

Deno.test("Do not share, and the dataset, over HTTP", async () => {
  const { stack, users } = await people(["boss", "analyst", "member", "stranger"]);
  await using _ = stack;
  const [boss, analyst, member, stranger] = users as [ApiUser, ApiUser, ApiUser, ApiUser];
  await organization(stack, { owner: boss, analyst, member });
  await member.log([call(1)]);
  const events = `/api/events?user_id=${member.id}`;
  assertEquals((await boss.get(events)).body.data.length, 1);
  const team = async (user: ApiUser) => (await user.get("/api/dashboard/team")).body.data;
  assertEquals((await team(boss)).totals.total_events, 1);
  const chosen = await member.call("PUT", "/api/privacy/sharing", { json: { do_not_share: true } });
  SharingSchema.parse(chosen.body.data);
  assertEquals([chosen.status, chosen.body.data.do_not_share], [200, true]);
  assertEquals([(await boss.get(events)).status, (await boss.get(events)).body.code], [
    404,
    "user_not_found",
  ]);
  const { totals } = await team(boss);
  assertEquals([totals.total_events, totals.members], [0, 2]);
  assertEquals((await member.get("/api/events")).body.data.length, 1);
  assertEquals(await outcome(member, "PUT", "sharing", { do_not_share: "yes" }), "400 validation_failed");
  assertEquals(await outcome(member.withToken("x"), "GET", "sharing"), "401 token_invalid");
  const direct = await member.call("PATCH", `/rest/v1/profiles?user_id=eq.${member.id}`, {
    json: { do_not_share: false },
  });
  assert([401, 403].includes(direct.status), String(direct.status));
  assertEquals((await member.get("/api/privacy/sharing")).body.data, { do_not_share: true });

  assertEquals(await outcome(analyst, "GET", "dataset"), "404 dataset_not_found");
  await stack.db.query("update public.organizations set created_at = '2026-01-01'");
  await stack.db.query("select private.job_dataset(clock_timestamp() + interval '20 seconds')");
  const release = await analyst.get("/api/privacy/dataset");
  DatasetSchema.parse(release.body.data);
  assertEquals([release.status, release.body.data.cells.length, release.body.data.cells[0].events], [
    200,
    21,
    null,
  ]);
  assertEquals(await outcome(boss, "GET", `dataset?week=${release.body.data.week}`), "200");
  assertEquals(await outcome(member, "GET", "dataset"), "403 role_insufficient");
  assertEquals(
    await outcome(stranger, "GET", `dataset?organization_id=${release.body.data.organization_id}`),
    "404 organization_not_found",
  );
  assertEquals(await outcome(analyst, "GET", "dataset?week=2026-01-05"), "404 dataset_not_found");
  assertEquals(await outcome(analyst, "GET", "dataset?week=2026-13-45"), "400 validation_failed");
  assertEquals(await outcome(analyst, "GET", "dataset?day_part=night"), "400 validation_failed");
});
