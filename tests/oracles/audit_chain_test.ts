import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { asUser, createUser, testDatabase } from "../helpers/database.ts";

const WRITERS = 8;
const WRITES = 25;

Deno.test("Sealing while many write loses no entry, and the chains hold", async () => {
  const db = await testDatabase();
  try {
    const people = await Promise.all(
      Array.from({ length: WRITERS }, (_, i) => createUser(db, `writer-${i}@example.test`)),
    );
    const organizations = await db.query<{ id: string }>(
      "insert into public.organizations (name) values ('A'), ('B') returning id",
    );
    let writing = WRITERS;
    const write = async (person: string, i: number) => {
      for (let n = 0; n < WRITES; n++) {
        await db.transaction(async (session) => {
          await session.query("select private.record_audit('test.written', $1, 'user', $2, $3)", [
            organizations[i % 2]?.id,
            person,
            { n },
          ]);
          await session.query("select private.record_audit('test.written', null, null, null)");
        });
      }
      writing--;
    };
    // Two runs of the job at once, until everything is written and once more.
    const seal = async () => {
      let is_last = false;
      while (!is_last) {
        is_last = writing === 0;
        await db.query("select private.job_seal_audit(clock_timestamp())");
      }
    };
    await Promise.all([...people.map(write), seal(), seal()]);
    await db.query("select private.job_seal_audit(clock_timestamp() + interval '1 minute')");

    const chains = await db.query<
      { organization_id: string | null; entries: number; sealed: number; last: number }
    >(
      `select organization_id, count(*) filter (where action = 'test.written') as entries, count(seq) as sealed, max(seq) as last
         from public.audit_log group by 1 order by 1`,
    );
    assertEquals(
      chains.map(({ organization_id, entries }) => [organization_id, entries]).sort(),
      [
        ...organizations.map(({ id }) => [id, WRITERS / 2 * WRITES]),
        [null, WRITERS * WRITES],
      ].sort(),
    );
    for (const { organization_id, sealed, last } of chains) {
      assertEquals(sealed, last);
      const [verdict] = await db.query<{ is_intact: boolean }>(
        "select (public.verify_audit_log($1) ->> 'is_intact')::boolean as is_intact",
        [organization_id],
      );
      assertEquals(verdict?.is_intact, true);
    }
  } finally {
    await db.close();
  }
});

/** A change of one sealed row's column, or its removal, as somebody with the database in his hands would make it. */
const TAMPERING = [
  "actor = gen_random_uuid()",
  "actor_type = 'service'",
  "key_id = coalesce(key_id, '') || 'x'",
  "action = action || '.x'",
  "owner_id = gen_random_uuid()",
  "subject_type = coalesce(subject_type, '') || 'x'",
  "subject_id = coalesce(subject_id, '') || 'x'",
  `old = coalesce(old, '{}') || '{"x": 1}'`,
  `new = coalesce(new, '{}') || '{"x": 1}'`,
  "request_id = coalesce(request_id, '') || 'x'",
  "address = '192.0.2.99'",
  `details = details || '{"x": 1}'`,
  "at = at + interval '1 microsecond'",
  "id = gen_random_uuid()",
  "seq = seq + 1000",
  "salts[1] = gen_random_uuid()",
  "digests[2] = sha256('x')",
  "prev_hash = sha256('x')",
  "hash = sha256('x')",
  "salts[2] = null",
  "organization_id = gen_random_uuid()",
  null,
];

Deno.test("Any edit or removal of any sealed row is found", async () => {
  const db = await testDatabase();
  try {
    const ann = await createUser(db, "ann@example.test");
    const [organization] = await db.query<{ id: string }>(
      "insert into public.organizations (name) values ('A') returning id",
    );
    await asUser(db, ann, async (session) => {
      await session.query("select set_config('role', 'none', true)");
      for (let n = 0; n < 12; n++) {
        await session.query("select private.record_audit('test.written', $1, 'user', $2, $3)", [
          organization?.id,
          ann,
          { n },
        ]);
      }
    });
    await db.query("select private.job_seal_audit(clock_timestamp() + interval '1 minute')");
    const [{ rows } = { rows: 0 }] = await db.query<{ rows: number }>(
      "select count(*) as rows from public.audit_log where organization_id = $1",
      [organization?.id],
    );
    assertEquals(rows, 13);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...TAMPERING),
        fc.integer({ min: 1, max: rows }),
        async (change, seq) => {
          const verdict = await db.transaction(async (session) => {
            await session.exec(
              "alter table public.audit_log disable trigger audit_log_keep; savepoint before",
            );
            const sql = change === null
              ? "delete from public.audit_log"
              : `update public.audit_log set ${change}`;
            await session.query(`${sql} where organization_id = $1 and seq = $2`, [organization?.id, seq]);
            const [found] = await session.query<{ is_intact: boolean }>(
              "select (public.verify_audit_log($1) ->> 'is_intact')::boolean as is_intact",
              [organization?.id],
            );
            await session.exec(
              "rollback to savepoint before; alter table public.audit_log enable trigger audit_log_keep",
            );
            return found;
          });
          assert(verdict?.is_intact === false, `${change} at ${seq} was not seen`);
        },
      ),
      { numRuns: 200 },
    );
  } finally {
    await db.close();
  }
});
