import { z } from "@hono/zod-openapi";
import { PageSchema } from "../../shared/http/page.ts";
import { Cursor, Limit, Uuid } from "../../shared/http/query.ts";

const Time = z.iso.datetime({ offset: true });
const Role = z.enum(["owner", "admin", "analyst", "member", "viewer"]);
const organization_id = Uuid.optional().openapi({ description: "Default: the only one the caller is in" });

export const OrganizationQuery = z.strictObject({ organization_id });
export const MembersQuery = z.strictObject({ organization_id, limit: Limit, cursor: Cursor });
export const MemberParams = z.strictObject({ id: Uuid });
export const LeaverParams = z.strictObject({
  id: z.union([Uuid, z.literal("me")]).openapi({
    type: "string",
    description: "A member's id; me: to leave",
  }),
});
export const InvitationParams = z.strictObject({ id: Uuid });
export const MembersMeta = z.object({ page: PageSchema });

export const MemberSchema = z.object({
  organization_id: z.uuid(),
  user_id: z.uuid(),
  role: Role,
  joined_at: Time,
  is_me: z.boolean(),
  display_name: z.string().nullable().openapi({ description: "For members and up" }),
  email: z.string().nullable().openapi({ description: "For admins and up" }),
}).openapi("Member");

export const InviteSchema = z.strictObject({
  organization_id,
  email: z.email().max(254),
  role: Role.default("member"),
  days: z.number().int().min(1).max(30).default(7).openapi({ description: "How long it holds" }),
}).openapi("MemberInvite");

export const InvitationSchema = z.object({
  id: z.uuid(),
  organization_id: z.uuid(),
  email: z.string(),
  role: Role,
  invited_by: z.uuid(),
  created_at: Time,
  expires_at: Time,
}).openapi("Invitation");

export const InvitedSchema = InvitationSchema.omit({ invited_by: true }).extend({
  token: z.string().openapi({ description: "Told this once: pass it on to the person" }),
}).openapi("Invited");

export const AcceptSchema = z.strictObject({ token: z.string().min(1).max(200) }).openapi("InvitationToken");

export const AcceptedSchema = z.object({
  organization_id: z.uuid(),
  organization_name: z.string(),
  role: Role,
}).openapi("Accepted");

export const RoleSchema = z.strictObject({ role: Role }).openapi("RoleChange");

export const ChangedMemberSchema = z.object({
  organization_id: z.uuid(),
  user_id: z.uuid(),
  role: Role,
  joined_at: Time,
}).openapi("ChangedMember");

export const GoneSchema = z.object({ id: z.uuid(), deleted: z.literal(true) });
