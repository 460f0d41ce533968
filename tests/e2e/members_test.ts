import { assert, assertEquals, assertMatch } from "@std/assert";
import { InvitationSchema, InvitedSchema, MemberSchema } from "../../functions/admin/schemas_members.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";

Deno.test("members", async (t) => {
  await using stack = await disposableStack();
  const [owner, admin, member, viewer, eve, newcomer] = await Promise.all(
    ["owner", "admin", "member", "viewer", "eve", "newcomer"].map((name) => ApiUser.signUp(stack, name)),
  ) as [ApiUser, ApiUser, ApiUser, ApiUser, ApiUser, ApiUser];
  const here = await organization(stack, { owner, admin, member, viewer });
  await organization(stack, { owner: eve });
  await owner.log([{
    ts: "2026-05-01T12:00:00Z",
    type: "call",
    direction: "outbound",
    number: "+447700900123",
    duration: 60,
  }]);
  const codeOf = async (reply: Promise<{ status: number; body: { code?: string } }>) => {
    const { status, body } = await reply;
    return [status, body.code];
  };
  const invite = (user: ApiUser, json: Record<string, unknown>) => user.post("/api/admin/members", json);
  const change = (user: ApiUser, id: string, role: string) =>
    user.call("PATCH", `/api/admin/members/${id}`, { json: { role } });
  const remove = (user: ApiUser, id: string) => user.call("DELETE", `/api/admin/members/${id}`);

  await t.step("Everybody sees the members, as far as his role goes", async () => {
    for (const [user, names, emails] of [[admin, 4, 4], [member, 4, 1], [viewer, 4, 1]] as const) {
      const { body } = await user.get("/api/admin/members");
      for (const line of body.data) MemberSchema.strict().parse(line);
      assertEquals(body.data.length, names);
      assertEquals(body.data.filter(({ email }: { email: string | null }) => email !== null).length, emails);
      assertEquals(body.meta.page.total, 4);
    }
    const { body } = await admin.get("/api/admin/members?limit=3");
    const rest = await admin.get(`/api/admin/members?limit=3&cursor=${body.meta.page.next_cursor}`);
    assertEquals([body.data.length, rest.body.data.length], [3, 1]);
    assertEquals(await codeOf(eve.get(`/api/admin/members?organization_id=${here}`)), [
      404,
      "organization_not_found",
    ]);
    assertEquals(await codeOf(newcomer.get("/api/admin/members")), [404, "organization_not_found"]);
    assertEquals((await fetch(`${stack.url}/api/admin/members`)).status, 401);
  });

  let token = "";
  await t.step("An admin invites, and is told the token once", async () => {
    const { status, body } = await invite(admin, { email: "Newcomer@Example.test", role: "analyst" });
    assertEquals(status, 201);
    InvitedSchema.strict().parse(body.data);
    token = body.data.token;
    assertMatch(token, /^pli_[0-9a-f]{64}$/);
    const open = (await admin.get("/api/admin/members/invitations")).body.data;
    for (const line of open) InvitationSchema.strict().parse(line);
    assertEquals(open.map(({ email, role }: Record<string, string>) => [email, role]), [[
      "newcomer@example.test",
      "analyst",
    ]]);
    assertEquals(await codeOf(member.get("/api/admin/members/invitations")), [403, "role_insufficient"]);
    assertEquals(await codeOf(invite(admin, { email: "x@y.test", role: "admin" })), [
      403,
      "role_insufficient",
    ]);
    assertEquals(await codeOf(invite(member, { email: "x@y.test" })), [403, "role_insufficient"]);
    assertEquals(await codeOf(invite(eve, { email: "x@y.test", organization_id: here })), [
      404,
      "organization_not_found",
    ]);
    assertEquals(await codeOf(invite(admin, { email: "member@example.test" })), [409, "already_member"]);
    for (
      const json of [
        {},
        { email: "x" },
        { email: "x@y.test", role: "king" },
        { email: "x@y.test", days: 31 },
        { email: "x@y.test", a: 1 },
      ]
    ) {
      assertEquals(await codeOf(invite(admin, json)), [400, "validation_failed"]);
    }
  });

  await t.step("Who is invited accepts, and is in", async () => {
    const accept = (user: ApiUser) => user.post("/api/admin/members/accept", { token });
    assertEquals((await newcomer.get(`/api/events?user_id=${owner.id}`)).body.code, "user_not_found");
    assertEquals(await codeOf(accept(eve)), [404, "invitation_not_found"]);
    const { status, body } = await accept(newcomer);
    assertEquals([status, body.data], [200, {
      organization_id: here,
      organization_name: "Test",
      role: "analyst",
    }]);
    assertEquals(await codeOf(accept(newcomer)), [404, "invitation_not_found"]);
    assertEquals((await newcomer.get(`/api/events?user_id=${owner.id}`)).body.data.length, 1);
  });

  await t.step("An invitation is taken back", async () => {
    const { data } = (await invite(admin, { email: "eve@example.test" })).body;
    const withdraw = (user: ApiUser) => user.call("DELETE", `/api/admin/members/invitations/${data.id}`);
    assertEquals(await codeOf(withdraw(member)), [403, "role_insufficient"]);
    assertEquals((await withdraw(admin)).status, 200);
    assertEquals(await codeOf(withdraw(admin)), [404, "invitation_not_found"]);
    assertEquals(await codeOf(eve.post("/api/admin/members/accept", { token: data.token })), [
      404,
      "invitation_not_found",
    ]);
  });

  await t.step("Roles are changed from above, and never one's own", async () => {
    assertEquals((await change(admin, newcomer.id, "member")).body.data.role, "member");
    assertEquals(await codeOf(change(admin, admin.id, "owner")), [403, "role_insufficient"]);
    assertEquals(await codeOf(change(owner, owner.id, "admin")), [403, "role_insufficient"]);
    assertEquals(await codeOf(change(admin, owner.id, "viewer")), [403, "role_insufficient"]);
    assertEquals(await codeOf(change(admin, member.id, "admin")), [403, "role_insufficient"]);
    assertEquals(await codeOf(change(member, viewer.id, "member")), [403, "role_insufficient"]);
    assertEquals(await codeOf(change(admin, eve.id, "viewer")), [404, "member_not_found"]);
    assertEquals(await codeOf(change(admin, member.id, "king")), [400, "validation_failed"]);
    const entries =
      (await admin.get(`/api/admin/audit?organization_id=${here}&action=org_members.update`)).body.data;
    assertEquals(
      entries.map((
        { actor, owner_id, old, new: now }: Record<string, unknown>,
      ) => [actor, owner_id, old, now]),
      [[admin.id, newcomer.id, { role: "analyst" }, { role: "member" }]],
    );
  });

  await t.step("A removed member sees nothing with his next request, his token as it is", async () => {
    const contact = (await owner.get("/api/contacts")).body.data[0].id;
    const paths: [string, number][] = [
      [`/api/events?user_id=${owner.id}`, 404],
      [`/api/contacts/${contact}`, 404],
      [`/api/contacts/${contact}/intelligence`, 404],
      [`/api/search/events?q=900123&user_id=${owner.id}`, 404],
      [`/api/dashboard/metrics?user_id=${owner.id}`, 404],
      [`/api/dashboard/team?organization_id=${here}`, 404],
      [`/api/analytics/trends?user_id=${owner.id}`, 404],
      [`/api/admin/members?organization_id=${here}`, 404],
      [`/rest/v1/rpc/get_filtered_events?user_id=${owner.id}`, 404],
    ];
    for (const [path] of paths.slice(0, -1)) {
      assertEquals([path, (await newcomer.get(path)).status], [path, 200]);
    }
    assertEquals((await newcomer.get("/rest/v1/org_members")).body.length, 5);
    assertEquals(await codeOf(remove(member, newcomer.id)), [403, "role_insufficient"]);
    assertEquals((await remove(admin, newcomer.id)).body.data, { id: newcomer.id, deleted: true });
    for (const [path, status] of paths) {
      assertEquals([path, (await newcomer.get(path)).status], [path, status]);
    }
    const recorded = await newcomer.post("/rest/v1/rpc/read_recorded", {
      function_name: "get_filtered_events",
      arguments: { user_id: owner.id },
    });
    assertEquals([recorded.status, recorded.body.message], [404, "user_not_found"]);
    assertEquals((await newcomer.get("/rest/v1/org_members")).body, []);
    assertEquals((await newcomer.get("/rest/v1/organizations")).body, []);
    assertEquals((await newcomer.get("/api/events")).status, 200);
  });

  await t.step("Of two owners who leave at once one stays", async () => {
    const second = await ApiUser.signUp(stack, "second");
    const { token } = (await invite(owner, { email: "second@example.test", role: "owner" })).body.data;
    assertEquals((await second.post("/api/admin/members/accept", { token })).status, 200);
    const left = await Promise.all([owner, second].map((user) => remove(user, "me")));
    assertEquals(left.map(({ status }) => status).sort(), [200, 409]);
    assertEquals(left.find(({ status }) => status === 409)?.body.code, "last_owner");
    const owners = await stack.db.query(
      "select from public.org_members where organization_id = $1 and role = 'owner'",
      [here],
    );
    assertEquals(owners.length, 1);
    assertEquals((await remove(viewer, "me")).status, 200);
    assert((await viewer.get(`/api/admin/members?organization_id=${here}`)).status === 404);
  });
});
