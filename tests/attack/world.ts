import { testStack } from "../helpers/database.ts";
import { ApiUser, organization } from "../helpers/api.ts";
import type { Stack } from "../../dev/stack.ts";
import { type Attacker, enlist } from "./attackers.ts";
import { type Marker, markersOf } from "./markers.ts";
import { seedByOperator } from "./seed_by_operator.ts";
import { seedVictim } from "./seed.ts";
import type { Database } from "../../dev/database.ts";
import { relationsOf } from "./catalogue.ts";
import type { Row, Target } from "./target.ts";

/** A stack with somebody to attack, and everybody who tries. */
export interface World {
  readonly stack: Stack;
  readonly victim: ApiUser;
  /** What attackers aim at: the victim's ids, numbers and words. */
  readonly target: Target;
  /** The victim's rows and words by who may see them; what is not in it nobody else may see. */
  readonly markers: ReadonlyMap<string, Marker>;
  readonly attackers: readonly Attacker[];
  /** The organisations that existed before the attack. */
  readonly organization_ids: readonly string[];
}

/** One row of hers in each table of `public` and `private`, of the contact she hides where there is one. */
async function rowsOf(db: Database, target: Target): Promise<Target["rows"]> {
  const rows: Record<string, Row> = {};
  const relations = [...await relationsOf(db, "private"), ...await relationsOf(db, "public")];
  for (const { schema, name, owner, columns } of relations) {
    const has = (column: string) => columns.some((c) => c.name === column);
    const [condition, value] = name === "organizations"
      ? ["id", target.organization_id]
      : owner !== null
      ? [owner, target.user_id]
      : ["organization_id", target.organization_id];
    if (!has(condition) || /^(judged|visible|own|true)_|_measures$/.test(name)) continue;
    const order = has("contact_id")
      ? "order by (contact_id = $2) desc nulls last"
      : "order by $2::uuid is null";
    const [found] = await db.query<{ row: Row }>(
      `select to_jsonb(t) as row from ${schema}.${name} as t where ${condition} = $1 ${order} limit 1`,
      [value, target.subjects[0].contact_id],
    );
    if (found !== undefined) rows[name] = found.row;
  }
  return rows;
}

/** Seeds a victim in an organisation with every role in it and strangers around it, unless nobody of these tries. */
export async function createWorld({ has_attackers = true } = {}): Promise<World & AsyncDisposable> {
  // A limit that is reached would hide what lies behind it.
  const stack = await testStack({
    secrets: { PHONELOG_RATE_LIMITS: "off" },
  });
  const victim = await ApiUser.signUp(stack, "qxmail", { display_name: "Qxperson Vale" });
  const organization_id = await organization(stack, { member: victim });
  await stack.db.query("update public.organizations set name = 'Qxorganization' where id = $1", [
    organization_id,
  ]);
  const seeded = await seedVictim(victim, organization_id);
  await seedByOperator(stack.db, seeded);
  const { body: { data: [archive] } } = await victim.get("/api/privacy/exports");
  const download_token: string = archive.download.url.split("/").at(-1);
  const target = { ...seeded, download_token, rows: await rowsOf(stack.db, seeded) };
  const attackers = has_attackers ? await enlist(victim, target) : [];
  const organizations = await stack.db.query<{ id: string }>("select id from public.organizations");
  return {
    stack,
    victim,
    target,
    markers: await markersOf(stack.db, target),
    attackers,
    organization_ids: organizations.map(({ id }) => id),
    [Symbol.asyncDispose]: () => stack.stop(),
  };
}
