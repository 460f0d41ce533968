import { ApiUser, organization } from "../helpers/api.ts";
import { forgeTokens } from "./forged_tokens.ts";
import { hasKeys, signKeyToken } from "./keys.ts";
import { SHARED_NUMBER } from "./seed.ts";
import type { Target } from "./target.ts";

/** Somebody who tries, and what of the victim's organisation is his to see. */
export interface Attacker {
  readonly name: string;
  /** His own id; his rows may change. Null where the database must know nobody. */
  readonly id: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** His rank in the victim's organisation; 0 outside of it. */
  readonly rank: number;
  /** What each of his requests must be answered with, where nothing else will do. */
  readonly status?: 401;
  /** What he was told while he was in the organisation, and finds in what is told of himself. */
  readonly knows?: readonly string[];
  /** Tries every contact of hers and every column; of the others each attack names one contact. */
  readonly is_thorough?: true;
  /** Is refused, or let in, before anything is looked up: one attack of each sort is enough. */
  readonly is_sampled?: true;
  /** Other organisations, which are his to change. */
  readonly administers?: readonly string[];
  /** Must not even be told that she exists: each answer is compared with one about nobody. */
  readonly is_compared?: true;
  /** May write to the organisation as its rules say, so that only tables are written to in its name. */
  readonly is_admin?: true;
}

const HOUR_MS = 3_600_000;

/** An account with a log of its own, in which one number is the victim's contact's too. */
async function person(
  victim: ApiUser,
  name: string,
  metadata: Record<string, unknown> = {},
): Promise<ApiUser> {
  const user = await ApiUser.signUp(victim.stack, name, metadata);
  await user.log([1, 2, 3].map((hours) => ({
    ts: new Date(Date.now() - hours * HOUR_MS).toISOString(),
    number: SHARED_NUMBER,
    type: "call",
    direction: "inbound",
    status: "missed",
    contact_name: `Someone of ${name}`,
  })));
  await user.post("/rest/v1/lines", { user_id: user.id, name: "Mine" });
  return user;
}

function headersOf(user: ApiUser): Record<string, string> {
  return { apikey: user.stack.publishable_key, authorization: `Bearer ${user.token}` };
}

/** Everybody who must not see the victim's data, or not all of it. */
export async function enlist(victim: ApiUser, target: Target): Promise<Attacker[]> {
  const { db, publishable_key } = victim.stack;
  const attackers: Attacker[] = [
    { name: "Nobody (no token)", id: null, headers: { apikey: publishable_key }, rank: 0 },
    {
      name: "Nobody (the publishable key as token)",
      id: null,
      headers: { apikey: publishable_key, authorization: `Bearer ${publishable_key}` },
      rank: 0,
      is_sampled: true,
    },
  ];
  const join = (user: ApiUser, role: string) =>
    db.query("insert into public.org_members (organization_id, user_id, role) values ($1, $2, $3)", [
      target.organization_id,
      user.id,
      role,
    ]);
  const add = (name: string, user: ApiUser, rank: number, more: Partial<Attacker> = {}) =>
    attackers.push({ name, id: user.id, headers: headersOf(user), rank, ...more });

  // What a person says of himself, at sign-up or in headers, decides nothing.
  const stranger = await person(victim, "stranger", {
    role: "service_role",
    is_admin: true,
    user_id: victim.id,
    organization_id: target.organization_id,
  });
  add("A stranger", stranger, 0, {
    headers: {
      ...headersOf(stranger),
      "x-user-id": victim.id,
      "x-forwarded-user": victim.id,
      "x-role": "service_role",
    },
  });
  const elsewhere = await person(victim, "elsewhere");
  const admin_elsewhere = await person(victim, "admin-elsewhere");
  const another = await organization(victim.stack, { member: elsewhere, admin: admin_elsewhere });
  add("A member of another organisation", elsewhere, 0);
  add("An admin of another organisation", admin_elsewhere, 0, { is_compared: true, administers: [another] });
  const removed = await person(victim, "removed");
  await join(removed, "admin");
  await removed.get(`/api/dashboard/team?organization_id=${target.organization_id}`);
  await db.query("delete from public.org_members where user_id = $1", [removed.id]);
  add("A removed member", removed, 0, { is_compared: true, knows: [target.organization_id] });
  const deleted = await person(victim, "deleted");
  await join(deleted, "admin");
  await db.query("delete from auth.users where id = $1", [deleted.id]);
  add("A deleted account", deleted, 0);

  for (const [rank, role] of [[1, "viewer"], [2, "member"], [3, "analyst"], [4, "admin"]] as const) {
    const user = await person(victim, role);
    await join(user, role);
    add(
      `${role === "viewer" || role === "member" ? "A" : "An"} ${role}`,
      user,
      rank,
      role === "member"
        ? { is_thorough: true }
        : role === "admin"
        ? { is_thorough: true, is_admin: true }
        : {},
    );
  }
  const viewer_here = await person(victim, "viewer-here");
  await join(viewer_here, "viewer");
  const his_own = await organization(victim.stack, { owner: viewer_here });
  add("A viewer who owns another organisation", viewer_here, 1, { administers: [his_own] });

  for (const [name, token] of Object.entries(await forgeTokens(victim, stranger))) {
    const headers = { apikey: publishable_key, authorization: `Bearer ${token}` };
    attackers.push({ name: `A token ${name}`, id: null, headers, rank: 0, status: 401, is_sampled: true });
  }
  if (await hasKeys()) {
    const claims = { key_id: crypto.randomUUID(), key_scopes: ["nothing:read"] };
    const headers = {
      apikey: publishable_key,
      authorization: `Bearer ${await signKeyToken(victim, claims)}`,
    };
    attackers.push({ name: "A key of hers without a scope", id: null, headers, rank: 0 });
  }
  return attackers;
}
