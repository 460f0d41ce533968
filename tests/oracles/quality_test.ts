import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { asUser, createUser, testDatabase } from "../helpers/database.ts";

const START = Date.UTC(2026, 9, 24);
const NUMBERS = ["+447700900001", "07700900001", "88822", "MyBank", "0049 30 1", null] as const;

/** The hours of START for which each of two sources claims calls and texts. */
const CLAIMS = {
  call: [[0, 3], [1, 4]],
  sms: [[0, 2], [1, 2]],
} as const;

interface Row {
  readonly type: "call" | "sms";
  readonly seconds: number;
  readonly number: string | null;
  readonly is_linked: boolean;
  readonly is_answered: boolean;
  readonly duration: number | null;
  readonly content: string | null;
  readonly line: 0 | 1 | null;
  readonly is_reported_twice: boolean;
}

const row: fc.Arbitrary<Row> = fc.record({
  type: fc.constantFrom("call", "call", "sms"),
  // Close to each other or to an hour apart, often.
  seconds: fc.tuple(fc.nat(3), fc.nat(40)).map(([hour, second]) => hour * 3600 + second),
  number: fc.constantFrom(...NUMBERS),
  is_linked: fc.boolean(),
  is_answered: fc.boolean(),
  duration: fc.constantFrom(null, 0, 30, 60),
  content: fc.constantFrom(null, "hello"),
  line: fc.constantFrom(null, 0, 1),
  is_reported_twice: fc.constantFrom(false, false, false, true),
}).map((row) => ({ ...row, [row.type === "call" ? "content" : "duration"]: null }));

/** Of two sources that claim to deliver it. */
function isDueTwice({ type, seconds, line, is_answered }: Row, rows: readonly Row[]): boolean {
  return (type === "sms" || is_answered) &&
    CLAIMS[type].every(([from, to]) => seconds >= from * 3600 && seconds < to * 3600) &&
    rows.some((other) => other.type === type && other.line === line && other.is_reported_twice);
}

const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();

/** What the components count, by comparing every pair. */
function count(rows: readonly Row[]): Record<string, [checked: number, failing: number]> {
  const likeness = ({ type, number, duration, content }: Row) => `${type}|${number}|${duration}|${content}`;
  const alike = rows.filter(({ duration, content }) => (duration ?? 0) > 0 || content !== null);
  const sorted = [...alike].sort((a, b) => a.seconds - b.seconds);
  const repeats = sorted.filter((a, i) =>
    sorted.slice(0, i).some((b) => likeness(a) === likeness(b) && a.seconds - b.seconds <= 5)
  );
  const shifted = alike.filter((a) =>
    alike.some((b) => likeness(a) === likeness(b) && Math.abs(a.seconds - b.seconds - 3600) <= 2)
  );
  const due = rows.filter((one) => isDueTwice(one, rows));
  const numbered = rows.filter(({ number }) => number !== null);
  return {
    duplicates: [alike.length, repeats.length],
    timestamps: [rows.length, shifted.length],
    numbers: [numbered.length, numbered.filter(({ number }) => number?.startsWith("0")).length],
    linkage: [numbered.length, numbered.filter(({ is_linked }) => !is_linked).length],
    corroboration: [due.length, due.filter(({ is_reported_twice }) => !is_reported_twice).length],
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
          `with claim as (select * from jsonb_to_recordset($2::jsonb) as c (type text, source text, covered tstzrange)),
             source as (insert into public.sync_sources (user_id, id, kind)
               select distinct $1::uuid, md5($1 || source)::uuid, source from claim returning id),
             line as (insert into public.lines (user_id, id, name, number)
               select $1::uuid, md5($1 || n)::uuid, n, '+44770090080' || n from unnest('{0,1}'::text[]) as n returning id)
           insert into public.coverage (user_id, sync_source_id, type, covered)
           select $1::uuid, md5($1 || source)::uuid, type, tstzmultirange(covered) from claim`,
          [
            user_id,
            JSON.stringify(
              Object.entries(CLAIMS).flatMap(([type, hours]) =>
                hours.map((span, i) => ({
                  type,
                  source: ["device", "carrier"][i],
                  covered: `[${span.map((hour) => at(hour * 3600)).join()})`,
                }))
              ),
            ),
          ],
        );
        await db.query(
          `insert into public.events (user_id, ts, number, contact_id, type, direction, status, duration, content, line_id, source, sources, fingerprint)
           select $1::uuid, ts, number, case when is_linked then md5('contact')::uuid end, type, 'inbound',
             case when type = 'call' then case when is_answered then 'answered' else 'missed' end end, duration, content,
             md5($1 || line)::uuid, 'device', case when is_reported_twice then '{device,carrier}' else '{device}' end::text[], gen_random_uuid()
             from jsonb_to_recordset($2::jsonb) as e (ts timestamptz, type text, number text, is_linked boolean, is_answered boolean,
               duration integer, content text, line text, is_reported_twice boolean)`,
          [user_id, JSON.stringify(rows.map(({ seconds, ...rest }) => ({ ts: at(seconds), ...rest })))],
        );
        const components = await asUser(db, user_id, async (session) => {
          const [answer] = await session.query<
            { components: Record<string, { checked: number; failing: number; score: number | null }> }
          >(
            "select public.score_data_quality($1::timestamptz, $2::timestamptz) -> 'components' as components",
            [at(-86_400), at(86_400)],
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
