import { assert, assertEquals, assertRejects } from "@std/assert";
import { testStack } from "../../tests/helpers/database.ts";
import type { Database, Session } from "../database.ts";
import { generateDemo } from "./population.ts";
import { seedDemo } from "./seed.ts";

// In the past, whatever the clock of the machine says: events in the future are refused.
const DAY = "2026-11-01";
const demo = generateDemo(DAY);

/** The database, but the connection is lost at the nth batch of events, as when the process is killed. */
function cutOff(db: Database, batches: number): Database {
  let left = batches;
  const cut = (session: Session): Session => ({
    exec: (sql) => session.exec(sql),
    query: async (sql, params) => {
      if (sql.includes("ingest_events") && --left === 0) throw new Error("Connection lost");
      return await session.query(sql, params);
    },
  });
  return { ...db, transaction: (fn) => db.transaction((transaction) => fn(cut(transaction))) };
}

/** `name: value` of each demo user, told by a query with one row per user. */
async function perUser(db: Database, value: string): Promise<Record<string, unknown>> {
  const rows = await db.query<{ email: string; value: unknown }>(
    `select u.email, (${value}) as value from auth.users as u where u.email like '%@demo.phonelog.test'`,
  );
  return Object.fromEntries(rows.map((row) => [row.email, row.value]));
}

function expected(value: (user: (typeof demo.users)[number]) => unknown): Record<string, unknown> {
  return Object.fromEntries(demo.users.map((user) => [user.email, value(user)]));
}

Deno.test("seedDemo()", async (t) => {
  const stack = await testStack({ surfaces: [] });
  const { db } = stack;

  await t.step("leaves nothing but accounts when it is cut off", async () => {
    await assertRejects(() => seedDemo(cutOff(db, 2), stack, DAY), Error, "Connection lost");
    assertEquals(await db.query("select from public.organizations"), []);
    assertEquals(await db.query("select from public.events"), []);
    assertEquals(Object.keys(await perUser(db, "1")).length, 6);
  });

  await t.step("goes on from there, and then does nothing more", async () => {
    assertEquals(await seedDemo(db, stack, DAY), true);
    const before = await perUser(
      db,
      "select max(e.updated_at) from public.events as e where e.user_id = u.id",
    );
    assertEquals(await seedDemo(db, stack, DAY), false);
    assertEquals(await seedDemo(db, stack, "2026-10-31"), false);
    assertEquals(
      await perUser(db, "select max(e.updated_at) from public.events as e where e.user_id = u.id"),
      before,
    );
  });

  await t.step("stores every event once and merges what the carrier says again", async () => {
    assertEquals(
      await perUser(db, "select count(*)::int from public.events as e where e.user_id = u.id"),
      expected(({ events }) => events.length),
    );
    assertEquals(
      await perUser(
        db,
        "select count(*)::int from public.events as e where e.user_id = u.id and cardinality(e.sources) = 2",
      ),
      expected(({ corroborations }) => corroborations.length),
    );
  });

  await t.step("makes the members of one organisation and leaves Sol out", async () => {
    assertEquals(
      await perUser(
        db,
        `select o.name || ' ' || m.role from public.org_members as m
          join public.organizations as o on o.id = m.organization_id where m.user_id = u.id`,
      ),
      expected(({ role }) => role === null ? null : `Demo ${role}`),
    );
  });

  await t.step("gives everybody a profile, contacts, rules and lines", async () => {
    assertEquals(
      await perUser(
        db,
        `select jsonb_build_array(p.display_name, p.time_zone, p.default_region, p.locale, p.week_start)
           from public.profiles as p where p.user_id = u.id`,
      ),
      expected((
        user,
      ) => [user.display_name, user.time_zone, user.default_region, user.locale, user.week_start]),
    );
    assertEquals(
      await perUser(
        db,
        `select jsonb_agg(numbers order by numbers collate "C") from (
           select c.name || ': ' || string_agg(n.number, ' ' order by n.number collate "C") as numbers
             from public.contacts as c
             join public.contact_numbers as n on n.user_id = c.user_id and n.contact_id = c.id
            where c.user_id = u.id and c.name is not null group by c.id, c.name) as named`,
      ),
      Object.fromEntries(
        demo.users.map(({ email, contacts }) => [
          email,
          contacts.map(({ name, numbers }) =>
            `${name}: ${numbers.map(({ number }) => number).sort().join(" ")}`
          )
            .sort(),
        ]),
      ),
    );
    assertEquals(
      await perUser(db, "select count(*)::int from public.privacy_rules as r where r.user_id = u.id"),
      expected(({ contacts, privacy }) =>
        contacts.filter(({ numbers }) =>
          privacy.some(({ contact_number }) => numbers.some(({ number }) => number === contact_number))
        ).length
      ),
    );
    assertEquals(
      await perUser(
        db,
        "select count(distinct e.line_id)::int from public.events as e where e.user_id = u.id",
      ),
      expected(({ lines }) => lines.length),
    );
  });

  await t.step("says what each source covers, with the gap left open", async () => {
    const covered = await perUser(
      db,
      `select range_agg(range)::text from public.coverage as c, unnest(c.covered) as range
        where c.user_id = u.id and c.type = 'sms'`,
    );
    const gaps = demo.stories.filter(({ kind }) => kind === "gap" || kind === "channel_gap");
    assertEquals(gaps.length, 2);
    for (const { email, from, to } of gaps) {
      const [row] = await db.query<{ is_open: boolean }>(
        "select not ($1::tstzmultirange && tstzrange($2, $3)) as is_open",
        [covered[email], from, to],
      );
      assert(row?.is_open, `${email} covers ${from}`);
    }
    assert(Object.values(covered).every((ranges) => ranges !== null));
  });

  await t.step("lets everybody sign in", async () => {
    for (const { email } of demo.users) {
      const session = await stack.signIn(email, "phonelog-demo");
      assertEquals(session.email, email);
    }
  });

  await stack.stop();
});
