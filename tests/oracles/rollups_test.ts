import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import type { Session } from "../../dev/database.ts";
import { asUser, createUser, testDatabase } from "../helpers/database.ts";
import {
  addContactsAndLines,
  addEvents,
  CONTACTS,
  history,
  type Ids,
  instant,
  type LoggedEvent,
  replaceEvents,
} from "./history.ts";

const contact = fc.integer({ min: 0, max: CONTACTS - 1 });
const person = fc.integer({ min: 0, max: 1 });

/** One write, as the API, an import, or an operator makes it. */
const write = fc.oneof(
  fc.record({
    kind: fc.constant("ingest" as const),
    person,
    events: history,
    offset: fc.integer({ min: 0, max: 3 }),
  }),
  fc.record({ kind: fc.constant("delete" as const), person, share: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant("delete_many" as const), person, contact }),
  fc.record({
    kind: fc.constant("edit" as const),
    person,
    contact,
    status: fc.constantFrom("answered", "missed", null),
  }),
  fc.record({
    kind: fc.constant("move" as const),
    person,
    contact,
    minutes: fc.integer({ min: -90_000, max: 90_000 }),
  }),
  fc.record({ kind: fc.constant("merge" as const), person, contact, into: contact }),
  fc.record({ kind: fc.constant("remove_contact" as const), person, contact }),
  fc.record({ kind: fc.constant("hide" as const), person, contact, is_private: fc.boolean() }),
  fc.record({
    kind: fc.constant("expire" as const),
    person,
    contact,
    before: instant,
    type: fc.constantFrom("call", "sms", null),
    keep_sums: fc.boolean(),
  }),
);

type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;

const batch = (events: readonly LoggedEvent[], offset: number) =>
  JSON.stringify(events.map(({ ts, contact, type, direction, status, duration }) => ({
    ts: new Date(ts + offset * 1000).toISOString(),
    number: contact === null ? null : `+4477009000${contact}${offset}`,
    type,
    direction,
    status,
    duration,
  })));

/** What an operator's SQL does, with the lock that writers of events take. */
async function writeAsOperator(
  session: Session,
  one: Exclude<Write, { kind: "ingest" | "delete" }>,
  user_id: string,
  contacts: string[],
): Promise<void> {
  const contact_id = contacts[one.contact];
  switch (one.kind) {
    case "delete_many":
      await session.query("delete from public.events where user_id = $1 and contact_id = $2", [
        user_id,
        contact_id,
      ]);
      return;
    case "edit":
      await session.query(
        "update public.events set status = $3 where user_id = $1 and contact_id = $2 and type = 'call'",
        [user_id, contact_id, one.status],
      );
      return;
    case "move":
      await session.query(
        "update public.events set ts = ts + make_interval(mins => $3) where user_id = $1 and contact_id = $2",
        [user_id, contact_id, one.minutes],
      );
      return;
    case "merge":
      if (one.contact === one.into) return;
      await session.query(
        `select private.merge_contacts($1, $2, $3)
          where (select count(*) from public.contacts as c where c.user_id = $1 and c.id in ($2, $3)) = 2`,
        [user_id, contact_id, contacts[one.into]],
      );
      return;
    case "hide":
      await session.query(
        `insert into public.privacy_rules (user_id, contact_id, visibility)
         select c.user_id, c.id, case when $3 then 'private' else 'team' end from public.contacts as c where c.user_id = $1 and c.id = $2
         on conflict (user_id, contact_id) do update set visibility = excluded.visibility`,
        [user_id, contact_id, one.is_private],
      );
      return;
    case "expire":
      await session.query(
        `insert into public.retention_policies (member_id, type, keep_days, keep_sums)
         select $1, $2, ceil(extract(epoch from now() - to_timestamp($3::numeric / 1000)) / 86400), $4`,
        [user_id, one.type, one.before, one.keep_sums],
      );
      await session.query("select private.remove_expired($1, 40) from generate_series(1, 4)", [user_id]);
      await session.query("delete from public.retention_policies where member_id = $1", [user_id]);
      return;
    case "remove_contact":
      await session.query("delete from public.contacts where user_id = $1 and id = $2", [
        user_id,
        contact_id,
      ]);
  }
}

Deno.test("The roll-ups are the sum of the events after any mix of writes at once", async () => {
  const db = await testDatabase();
  try {
    const people = await Promise.all(
      ["ann@example.test", "bob@example.test"].map((email) => createUser(db, email)),
    );
    const property = fc.asyncProperty(
      history,
      fc.array(write, { minLength: 1, maxLength: 14 }),
      async (events, writes) => {
        const ids: Ids[] = [];
        for (const user_id of people) {
          await db.query("delete from public.contacts where user_id = $1", [user_id]);
          await db.query("delete from private.kept_sums where user_id = $1", [user_id]);
          const own = await addContactsAndLines(db, user_id);
          // In two statements: the second meets what the first left.
          await replaceEvents(db, user_id, events.filter((_, i) => i % 2 === 0), own);
          await addEvents(db, user_id, events.filter((_, i) => i % 2 === 1), own);
          ids.push(own);
        }
        await Promise.all(writes.map(async (one) => {
          const user_id = people[one.person] as string;
          const contacts = ids[one.person]?.contacts ?? [];
          switch (one.kind) {
            case "ingest":
              if (one.events.length === 0) return;
              await asUser(
                db,
                user_id,
                (session) =>
                  session.query("select public.ingest_events($1::jsonb, 'device')", [
                    batch(one.events, one.offset),
                  ]),
              );
              return;
            case "delete":
              await asUser(db, user_id, async (session) => {
                const found = await session.query<{ id: string }>(
                  "select e.id from public.events as e where e.user_id = $1 order by e.ts limit $2",
                  [user_id, one.share],
                );
                // Somebody else may delete it first.
                for (const { id } of found) {
                  await session.query(
                    "select public.delete_event($1) where exists (select from public.events as e where e.id = $1)",
                    [id],
                  );
                }
              }).catch((error: { message: string }) => assertEquals(error.message, "event_not_found"));
              return;
            default:
              await db.transaction(async (session) => {
                await session.query("select private.lock_owner($1)", [user_id]);
                await writeAsOperator(session, one, user_id, contacts);
              });
          }
        }));
        assertEquals(await db.query("select * from private.check_rollups()"), []);
      },
    );
    await fc.assert(property, { numRuns: Number(Deno.env.get("ORACLE_RUNS") ?? 40) });

    await db.query("delete from auth.users where id = $1", [people[0]]);
    assertEquals(await db.query("select * from private.check_rollups()"), []);
    assertEquals(await db.query("select from private.activity where user_id = $1", [people[0]]), []);
  } finally {
    await db.close();
  }
});

Deno.test("A roll-up that is off is found and made again, and goes with the account", async () => {
  const db = await testDatabase();
  try {
    const ann = await createUser(db, "ann@example.test");
    const ids = await addContactsAndLines(db, ann);
    const [events] = fc.sample(fc.array(history, { minLength: 4, maxLength: 4 }), { seed: 7, numRuns: 1 });
    await replaceEvents(db, ann, (events ?? []).flat(), ids);
    const rollups = [
      "activity",
      "month_edges",
      "week_hours",
      "activity_parts",
      "contact_activity",
      "contact_stats",
      "call_durations",
      "contact_sets",
    ];
    for (const rollup of rollups) {
      await db.query(
        `delete from private.${rollup} where ctid = (select ctid from private.${rollup} where user_id = $1 limit 1)`,
        [ann],
      );
    }
    const found = await db.query<{ rollup: string }>(
      "select rollup from private.check_rollups($1) order by 1",
      [ann],
    );
    assertEquals(found.map(({ rollup }) => rollup), rollups.toSorted());
    await db.query("select private.rebuild_rollups($1)", [ann]);
    assertEquals(await db.query("select * from private.check_rollups($1)", [ann]), []);

    // A contact without a bit would be in no set.
    await db.query("delete from private.contact_bits where user_id = $1 and bit = 0", [ann]);
    assertNotEquals(await db.query("select * from private.check_rollups($1)", [ann]), []);
    await db.query("select private.rebuild_rollups($1)", [ann]);
    assertEquals(await db.query("select * from private.check_rollups($1)", [ann]), []);

    // What is private goes with its account as well.
    await db.query(
      "insert into public.privacy_rules (user_id, contact_id, visibility) select user_id, id, 'private' from public.contacts",
    );
    await db.query("delete from auth.users where id = $1", [ann]);
    assertEquals(await db.query("select * from private.check_rollups()"), []);
  } finally {
    await db.close();
  }
});
