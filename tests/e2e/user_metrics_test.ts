import { assert, assertEquals, assertMatch } from "@std/assert";
import { ApiUser, disposableStack, organization, type Reply } from "../helpers/api.ts";

Deno.test("Admins and owners see a member's figures, and the log tells that they looked", async () => {
  await using stack = await disposableStack({ surfaces: ["admin", "events", "privacy"] });
  const people: Record<string, ApiUser> = {};
  for (const name of ["owner", "admin", "analyst", "member", "viewer", "stranger"]) {
    people[name] = await ApiUser.signUp(stack, name, { display_name: name });
  }
  const { stranger, ...team } = people;
  const organization_id = await organization(stack, team);
  const { member } = team;
  if (!member || !stranger) throw new Error("Cannot sign everybody up");
  await member.log([
    {
      ts: "2026-05-01T10:00:00Z",
      number: "+447700900001",
      type: "call",
      direction: "inbound",
      duration: 60,
      status: "answered",
    },
    {
      ts: "2026-05-02T10:00:00Z",
      number: "+447700900001",
      type: "sms",
      direction: "outbound",
      content: "blue-lagoon",
    },
    {
      ts: "2026-05-02T11:00:00Z",
      number: "+447700900002",
      type: "call",
      direction: "outbound",
      duration: 600,
      status: "answered",
    },
  ]);
  await stack.db.query(
    `insert into public.privacy_rules (user_id, contact_id, visibility)
     select user_id, contact_id, 'private' from public.contact_numbers where number = '+447700900002'`,
  );
  const path = `/api/admin/users/${member.id}/metrics`;
  const may = "?from=2026-05-01T00:00:00Z&to=2026-05-08T00:00:00Z";
  const ask = (who: string, query = may): Promise<Reply> =>
    people[who]?.get(path + query) ?? Promise.reject(who);

  const own = await ask("member");
  const by_admin = await ask("admin");
  assertEquals([own.status, by_admin.status], [200, 200]);
  assertEquals([own.body.data.period.total_events, by_admin.body.data.period.total_events], [3, 2]);
  assertEquals([
    own.body.data.period.total_call_duration_minutes,
    by_admin.body.data.period.total_call_duration_minutes,
  ], [11, 1]);
  const { display_name, memberships, all_time } = by_admin.body.data;
  assertEquals([display_name, memberships.length, memberships[0].organization_id, memberships[0].role], [
    "member",
    1,
    organization_id,
    "member",
  ]);
  assertMatch(all_time.last_event_at, /^2026-05-02T10:00:00/);
  assertEquals((await ask("owner")).body.data.period, by_admin.body.data.period);
  for (const secret of ["blue-lagoon", "447700900001", "447700900002"]) {
    assert(!JSON.stringify(own.body).includes(secret), `${secret} is no aggregate`);
  }

  const noted = await stack.db.query<{ actor: string; function: string }>(
    "select actor, details ->> 'function' as function from public.audit_log where action = 'data.read' and owner_id = $1 order by at",
    [member.id],
  );
  assertEquals(
    noted,
    ["admin", "owner"].map((who) => ({ actor: people[who]?.id ?? "", function: "get_user_metrics" })),
  );

  for (
    const [who, status, code] of [
      ["analyst", 403, "role_insufficient"],
      ["viewer", 403, "role_insufficient"],
      ["stranger", 404, "user_not_found"],
    ] as const
  ) {
    const refused = await ask(who);
    assertEquals([who, refused.status, refused.body.code], [who, status, code]);
  }
  assertEquals((await ask("admin", "?colour=red")).body.errors[0].path, "colour");
  assertEquals((await ask("admin", "?time_zone=Nowhere/Land")).body.code, "validation_failed");
  assertEquals((await people["admin"]?.get("/api/admin/users/me/metrics"))?.status, 400);
  assertEquals((await fetch(`${stack.url}${path}`)).status, 401);
  const again = await people["admin"]?.get(path + may, {
    "if-none-match": by_admin.headers.get("etag") ?? "",
  });
  assertEquals(again?.status, 304);
  const empty = await stranger.get(`/api/admin/users/${stranger.id}/metrics`);
  assertEquals(
    [empty.status, empty.body.data.all_time.total_events, empty.body.data.all_time.last_event_at],
    [200, 0, null],
  );

  await stack.db.query("delete from public.org_members where user_id = $1", [people["admin"]?.id]);
  assertEquals(
    (await ask("admin")).status,
    404,
    "Who is no longer in the organisation sees nothing, with the same token",
  );
});
