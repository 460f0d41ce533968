import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { maxBody, responses, type SurfaceApp, USER_SECURITY } from "../../shared/http/app.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { idempotent } from "../../shared/http/idempotency.ts";
import { listMembers } from "./members.ts";
import {
  AcceptedSchema,
  AcceptSchema,
  ChangedMemberSchema,
  GoneSchema,
  InvitationParams,
  InvitationSchema,
  InvitedSchema,
  InviteSchema,
  LeaverParams,
  MemberParams,
  MemberSchema,
  MembersMeta,
  MembersQuery,
  OrganizationQuery,
  RoleSchema,
} from "./schemas_members.ts";

const list = createRoute({
  method: "get",
  path: "/members",
  summary: "The members of an organisation",
  security: USER_SECURITY,
  request: { query: MembersQuery },
  responses: responses("A page of members, by when they joined", z.array(MemberSchema), MembersMeta),
});

const invitations = createRoute({
  method: "get",
  path: "/members/invitations",
  summary: "The open invitations of an organisation",
  security: USER_SECURITY,
  request: { query: OrganizationQuery },
  responses: responses("All of them", z.array(InvitationSchema)),
});

const invite = createRoute({
  method: "post",
  path: "/members",
  summary: "Invite somebody by e-mail",
  description:
    "No e-mail is sent. The answer has the token, once; an earlier invitation of the address is void.",
  security: USER_SECURITY,
  // Not idempotent(), which would keep the answer, and the token with it.
  middleware: [maxBody(4_000)] as const,
  request: { body: { required: true, content: { "application/json": { schema: InviteSchema } } } },
  responses: responses("The invitation", InvitedSchema, z.object({}), 201),
});

const accept = createRoute({
  method: "post",
  path: "/members/accept",
  summary: "Accept an invitation to one's e-mail address",
  security: USER_SECURITY,
  middleware: [maxBody(4_000)] as const,
  request: { body: { required: true, content: { "application/json": { schema: AcceptSchema } } } },
  responses: responses("What one is now", AcceptedSchema),
});

const withdraw = createRoute({
  method: "delete",
  path: "/members/invitations/{id}",
  summary: "Take an invitation back",
  security: USER_SECURITY,
  middleware: [idempotent()] as const,
  request: { params: InvitationParams, query: OrganizationQuery },
  responses: responses("It is void", GoneSchema),
});

const change = createRoute({
  method: "patch",
  path: "/members/{id}",
  summary: "Give a member another role",
  description:
    "Admins and owners change members below them, and nobody himself. Admins give roles below theirs.",
  security: USER_SECURITY,
  middleware: [maxBody(4_000), idempotent()] as const,
  request: {
    params: MemberParams,
    query: OrganizationQuery,
    body: { required: true, content: { "application/json": { schema: RoleSchema } } },
  },
  responses: responses("The member", ChangedMemberSchema),
});

const remove = createRoute({
  method: "delete",
  path: "/members/{id}",
  summary: "Remove a member, or leave",
  description: "In force with the next request, whatever token the person has. The last owner stays.",
  security: USER_SECURITY,
  middleware: [idempotent()] as const,
  request: { params: LeaverParams, query: OrganizationQuery },
  responses: responses("He is gone", GoneSchema),
});

/** `/admin/members`. */
export function mountMemberRoutes(app: SurfaceApp, codec: CursorCodec): void {
  app.openapi(list, async (c) => {
    const { members, page } = await listMembers(c.var.caller, codec, c.req.valid("query"));
    return answer(c, members, { meta: { page } });
  });

  app.openapi(
    invitations,
    async (c) => answer(c, await c.var.caller.rpc("get_invitations", c.req.valid("query"), { get: true })),
  );

  app.openapi(
    invite,
    async (c) => answer(c, await c.var.caller.rpc("invite_member", c.req.valid("json")), { status: 201 }),
  );

  app.openapi(
    accept,
    async (c) => answer(c, await c.var.caller.rpc("accept_invitation", c.req.valid("json"))),
  );

  app.openapi(withdraw, async (c) => {
    const { id } = c.req.valid("param");
    await c.var.caller.rpc("withdraw_invitation", { invitation_id: id, ...c.req.valid("query") });
    return answer(c, { id, deleted: true });
  });

  app.openapi(change, async (c) => {
    const args = { member_id: c.req.valid("param").id, ...c.req.valid("json"), ...c.req.valid("query") };
    return answer(c, await c.var.caller.rpc("change_member", args));
  });

  app.openapi(remove, async (c) => {
    const { id: given } = c.req.valid("param");
    const id = given === "me" ? c.var.caller.id : given;
    await c.var.caller.rpc("remove_member", { member_id: id, ...c.req.valid("query") });
    return answer(c, { id, deleted: true });
  });
}
