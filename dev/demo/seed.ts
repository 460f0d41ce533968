import type { Database, Session } from "../database.ts";
import type { InProcessApp } from "../demo_data.ts";
import { PUBLISHABLE_KEY } from "../lite.ts";
import { generateDemo } from "./population.ts";
import { seedUser } from "./seed_user.ts";
import { DEMO_PASSWORD, type DemoPopulation, type DemoUser } from "./types.ts";

/** The ids of the demo's accounts by e-mail; those that do not exist yet are not in it. */
async function findAccounts(session: Session, users: readonly DemoUser[]): Promise<Map<string, string>> {
  const rows = await session.query<{ email: string; id: string }>(
    "select email, id from auth.users where email = any ($1::text[])",
    [users.map(({ email }) => email)],
  );
  return new Map(rows.map(({ email, id }) => [email, id]));
}

async function signUp(app: InProcessApp, { email, display_name }: DemoUser): Promise<void> {
  const answer = await app.fetch("/auth/v1/signup", {
    method: "POST",
    headers: { "content-type": "application/json", apikey: PUBLISHABLE_KEY },
    body: JSON.stringify({ email, password: DEMO_PASSWORD, data: { display_name } }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`Cannot sign up ${email}: ${answer.status} ${text}`);
}

async function isSeeded(session: Session, ids: readonly string[]): Promise<boolean> {
  const [row] = await session.query<{ found: boolean }>(
    `select exists (
       select from public.organizations as o
         join public.org_members as m on m.organization_id = o.id
        where o.name = 'Demo' and m.user_id = any ($1::uuid[])) as found`,
    [ids],
  );
  return row?.found === true;
}

async function createOrganization(
  session: Session,
  { organization, users }: DemoPopulation,
  ids: Map<string, string>,
): Promise<void> {
  const [created] = await session.query<{ id: string }>(
    "insert into public.organizations (name) values ($1) returning id",
    [organization.name],
  );
  const members = users.filter(({ role }) => role !== null);
  await session.query(
    `insert into public.org_members (organization_id, user_id, role)
     select $1, id, role from unnest($2::uuid[], $3::text[]) as m (id, role)`,
    [created?.id, members.map(({ email }) => ids.get(email)), members.map(({ role }) => role)],
  );
}

/**
 * Fills a migrated database with the demo of a day: six accounts through the Auth API, then everything else in one
 * transaction, the events by the function that takes in every client's. Does nothing where the demo's organisation
 * exists. A process that was killed leaves at most accounts behind, which the next call goes on from.
 *
 * @param db The database itself, not a client's view of it; no transaction may be open on it.
 * @param app The stack whose Auth API is asked; it waits for its own turn on the embedded engine.
 * @param day The demo's today, `YYYY-MM-DD`; not after the server's, since events in the future are refused.
 * @returns Whether it seeded.
 */
export async function seedDemo(db: Database, app: InProcessApp, day: string): Promise<boolean> {
  const demo = generateDemo(day);
  const existing = await findAccounts(db, demo.users);
  if (await isSeeded(db, [...existing.values()])) return false;
  await Promise.all(demo.users.filter(({ email }) => !existing.has(email)).map((user) => signUp(app, user)));
  return await db.transaction(async (transaction) => {
    const ids = await findAccounts(transaction, demo.users);
    if (await isSeeded(transaction, [...ids.values()])) return false;
    await createOrganization(transaction, demo, ids);
    for (const user of demo.users) await seedUser(transaction, ids.get(user.email) ?? "", user);
    return true;
  });
}
