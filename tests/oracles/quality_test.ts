import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { asUser, createUser, testDatabase } from "../helpers/database.ts";

const START = Date.UTC(2026, 9, 24);
const NUMBERS = ["+447700900001", "07700900001", "88822", "MyBank", "0049 30 1", null] as const;

interface Row {
  readonly seconds: number;
  readonly number: string | null;
  readonly is_linked: boolean;
  readonly duration: number | null;
}

const row: fc.Arbitrary<Row> = fc.record({
  // Close to each other or to an hour apart, often.
  seconds: fc.tuple(fc.nat(3), fc.nat(40)).map(([hour, second]) => hour * 3600 + second),
  number: fc.constantFrom(...NUMBERS),
  is_linked: fc.boolean(),
  duration: fc.constantFrom(null, 0, 30, 60),
});

/** What the components count, by comparing every pair. */
function count(rows: readonly Row[]): Record<string, [checked: number, failing: number]> {
  const likeness = ({ number, duration }: Row) => `${number}|${duration}`;
  const alike = rows.filter(({ duration }) => (duration ?? 0) > 0);
  const sorted = [...alike].sort((a, b) => a.seconds - b.seconds);
  const repeats = sorted.filter((a, i) =>
    sorted.slice(0, i).some((b) => likeness(a) === likeness(b) && a.seconds - b.seconds <= 5)
  );
  const shifted = alike.filter((a) =>
    alike.some((b) => likeness(a) === likeness(b) && Math.abs(a.seconds - b.seconds - 3600) <= 2)
  );
  const numbered = rows.filter(({ number }) => number !== null);
  return {
    duplicates: [alike.length, repeats.length],
    timestamps: [rows.length, shifted.length],
    numbers: [numbered.length, numbered.filter(({ number }) => number?.startsWith("0")).length],
    linkage: [numbered.length, numbered.filter(({ is_linked }) => !is_linked).length],
    corroboration: [0, 0],
  };
}

Deno.test("Components count what a comparison of every pair of events counts", async () => {
  const db = await testDatabase();
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 40 }), async (rows) => {
        const user_id = await createUser(db, `${crypto.randomUUID()}@oracle.test`);
        await db.query("insert into public.contacts (user_id, id) values ($1::uuid, md5('contact')::uuid)", [
          user_id,
        ]);
        await db.query(
          `insert into public.events (user_id, ts, number, contact_id, type, direction, duration, source, sources, fingerprint)
           select $1::uuid, ts, number, case when is_linked then md5('contact')::uuid end, 'call', 'inbound', duration,
             'device', '{device}', gen_random_uuid()
             from jsonb_to_recordset($2::jsonb) as e (ts timestamptz, number text, is_linked boolean, duration integer)`,
          [
            user_id,
            JSON.stringify(rows.map(({ seconds, ...rest }) => ({
              ...{ ts: new Date(START + seconds * 1000).toISOString(), ...rest },
            }))),
          ],
        );
        const components = await asUser(db, user_id, async (session) => {
          const [answer] = await session.query<
            { components: Record<string, { checked: number; failing: number; score: number | null }> }
          >(
            "select public.score_data_quality($1::timestamptz, $2::timestamptz) -> 'components' as components",
            [new Date(START - 86_400_000).toISOString(), new Date(START + 86_400_000).toISOString()],
          );
          return answer?.components ?? {};
        });
        for (const [name, [checked, failing]] of Object.entries(count(rows))) {
          const { score, ...counts } = components[name] ?? { score: NaN, checked: NaN, failing: NaN };
          assertEquals([counts.checked, counts.failing], [checked, failing], name);
          assertEquals(score === null, checked === 0, name);
          // The fourth digit is rounded.
          if (score !== null) assertAlmostEquals(score, 1 - failing / checked, 0.00005001, name);
        }
      }),
      { numRuns: 60 },
    );
  } finally {
    await db.close();
  }
});
