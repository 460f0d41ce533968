import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Database } from "../../dev/database.ts";
import { asUser, createUser, testDatabase } from "../helpers/database.ts";

const HOUR = 3_600_000;
const START = Date.UTC(2026, 1, 27);
const HOURS = 20 * 24;
const iso = (hour: number) => new Date(START + hour * HOUR).toISOString();

interface Claim {
  readonly from: number;
  readonly hours: number;
  readonly source: number;
  readonly type: "call" | "sms";
}

interface Gap {
  readonly start: string;
  readonly end: string;
  readonly channel: "all" | "call" | "sms";
  readonly verdict: string;
}

const claims: fc.Arbitrary<Claim[]> = fc.array(
  fc.record({
    from: fc.nat(HOURS - 100),
    hours: fc.integer({ min: 1, max: 99 }),
    source: fc.nat(1),
    type: fc.constantFrom("call", "sms"),
  }),
  { maxLength: 8 },
);
const event = fc.record({ hour: fc.nat(HOURS - 1), type: fc.constantFrom("call" as const, "sms" as const) });
const log = fc.oneof(
  fc.array(event, { maxLength: 2 }),
  fc.array(event, { maxLength: 200 }),
);

/** Stretches of hours that no claim of the type holds, between the first and the last claimed hour. */
function holesOf(given: readonly Claim[], types: readonly string[]): [number, number][] {
  const open = Array.from({ length: HOURS + 1 }, (_, hour) =>
    types.every((type) => {
      const own = given.filter((claim) => claim.type === type);
      return own.some(({ from }) => from <= hour) && own.some(({ from, hours }) => from + hours > hour) &&
        !own.some(({ from, hours }) => from <= hour && hour < from + hours);
    }));
  const holes: [number, number][] = [];
  let since = -1;
  open.forEach((is_open, hour) => {
    if (is_open && since < 0) since = hour;
    if (!is_open && since >= 0) {
      holes.push([since, hour]);
      since = -1;
    }
  });
  return holes;
}

async function write(
  db: Database,
  given: readonly Claim[],
  events: readonly { hour: number; type: string }[],
): Promise<string> {
  const user_id = await createUser(db, `${crypto.randomUUID()}@oracle.test`);
  await db.query(
    `insert into public.sync_sources (user_id, id, kind)
     values ($1, md5('0')::uuid, 'device'), ($1, md5('1')::uuid, 'backup')`,
    [user_id],
  );
  await db.query(
    `select private.add_coverage($1::uuid, md5(source::text)::uuid, type, "from", "to")
       from jsonb_to_recordset($2::jsonb) as c (source integer, type text, "from" timestamptz, "to" timestamptz)`,
    [
      user_id,
      JSON.stringify(
        given.map(({ from, hours, ...claim }) => ({ ...claim, from: iso(from), to: iso(from + hours) })),
      ),
    ],
  );
  await db.query(
    `insert into public.events (user_id, ts, type, direction, source, sources, fingerprint)
     select $1::uuid, ts + interval '30 minutes', type, 'inbound', 'device', '{device}', gen_random_uuid()
       from jsonb_to_recordset($2::jsonb) as e (ts timestamptz, type text)`,
    [user_id, JSON.stringify(events.map(({ hour, type }) => ({ ts: iso(hour), type })))],
  );
  return user_id;
}

Deno.test("Gaps are proven by claims exactly where an hour-by-hour count finds unclaimed, empty stretches", async () => {
  const db = await testDatabase();
  try {
    await fc.assert(
      fc.asyncProperty(
        claims,
        log,
        fc.constantFrom("America/New_York", "Asia/Kathmandu", "Pacific/Chatham", "UTC"),
        async (given, events, zone) => {
          const user_id = await write(db, given, events);
          const { gaps, coverage } = await asUser(db, user_id, async (session) => {
            const [row] = await session.query<
              { answer: { gaps: Gap[]; coverage: Record<string, { covered_hours: number }> }; told: Gap[] }
            >(
              `select public.detect_data_gaps(p.starts_at, p.ends_at, p.time_zone) as answer,
                      private.find_gaps(one.p, array(select s from private.silences(p.starts_at, p.ends_at, p.time_zone, 5) as s), 6, false) as told
                 from (select ($1::timestamptz, $2::timestamptz, $3)::private.period as p) as one cross join lateral (select (one.p).*) as p`,
              [iso(0), iso(HOURS), zone],
            );
            if (!row) throw new Error("Cannot read the gaps");
            // Asked for without what is quiet, the others are the same.
            assertEquals(row.told, row.answer.gaps.filter(({ verdict }) => verdict !== "quiet"));
            return row.answer;
          });
          const expected = new Set<string>();
          for (
            const [channel, types] of [["all", ["call", "sms"]], ["call", ["call"]], ["sms", [
              "sms",
            ]]] as const
          ) {
            for (const [from, to] of holesOf(given, types)) {
              // The device delivers both types: what it delivered there shows that it was not silent.
              const is_delivered = events.some(({ hour, type }) =>
                hour >= from && hour < to &&
                (channel === "all" || type === channel ||
                  given.some((claim) => claim.type === channel && claim.source === 0))
              );
              if (to - from >= 6 && !is_delivered) expected.add(`${channel} ${iso(from)} ${iso(to)}`);
            }
          }
          const proven = gaps.filter(({ verdict }) => verdict === "proven").map(({ channel, start, end }) =>
            `${channel} ${new Date(start).toISOString()} ${new Date(end).toISOString()}`
          );
          for (const gap of proven) {
            assert(expected.has(gap), `${gap} is not among ${[...expected].join(", ")}`);
          }
          // A hole is left out only where another one contains most of it.
          for (const hole of expected) {
            const [, from = "", to = ""] = hole.split(" ");
            const length = Date.parse(to) - Date.parse(from);
            const contains = proven.some((gap) => {
              const [, start = "", end = ""] = gap.split(" ");
              return Math.min(Date.parse(end), Date.parse(to)) -
                  Math.max(Date.parse(start), Date.parse(from)) >= 0.8 * length;
            });
            assert(contains, `${hole} is not told by ${proven.join(", ")}`);
          }
          for (const type of ["call", "sms"]) {
            const covered = Array.from({ length: HOURS }, (_, hour) =>
              given.some((claim) =>
                claim.type === type && claim.from <= hour && hour < claim.from + claim.hours
              ))
              .filter(Boolean).length;
            assertEquals(coverage[type]?.covered_hours, covered);
          }
        },
      ),
      {
        numRuns: 40,
        examples: [
          // A hole of both types within one of a type that is left out for the rest of it.
          [
            [
              { from: 65, hours: 1, source: 0, type: "call" },
              { from: 0, hours: 58, source: 0, type: "call" },
              { from: 94, hours: 1, source: 0, type: "call" },
              { from: 94, hours: 1, source: 0, type: "sms" },
              { from: 0, hours: 59, source: 0, type: "sms" },
            ],
            [],
            "America/New_York",
          ],
        ],
      },
    );
  } finally {
    await db.close();
  }
});
