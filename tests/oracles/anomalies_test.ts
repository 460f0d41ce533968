import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { asUser, createUser, testDatabase } from "../helpers/database.ts";

/** Periods around both clock changes of New York, and of Chatham in the other direction. */
const PERIODS = [["2026-02-20", "2026-03-20"], ["2026-10-20", "2026-11-20"], [
  "2026-03-20",
  "2026-04-20",
]] as const;
const ZONES = ["America/New_York", "Asia/Kathmandu", "Pacific/Chatham", "UTC"] as const;

const event = fc.record({
  minute: fc.nat(28 * 1440 - 1),
  type: fc.constantFrom("call" as const, "sms" as const),
});

function localDay(ms: number, zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate().toString();
}

Deno.test("What is observed on a day is what a count of the local day finds, in any zone and over clock changes", async () => {
  const db = await testDatabase();
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PERIODS),
        fc.constantFrom(...ZONES),
        fc.oneof(fc.array(event, { maxLength: 2 }), fc.array(event, { maxLength: 60 })),
        fc.integer({ min: 10, max: 26 }),
        fc.integer({ min: 15, max: 40 }),
        async ([from, to], zone, noise, spike_day, spike) => {
          const user_id = await createUser(db, `${crypto.randomUUID()}@oracle.test`);
          const midnight = Temporal.PlainDate.from(from).toZonedDateTime(zone).epochMilliseconds;
          const start = Temporal.PlainDate.from(from).add({ days: spike_day }).toZonedDateTime(zone);
          const length = start.add({ days: 1 }).epochMilliseconds - start.epochMilliseconds;
          const events = [
            // A call and a text a day, so that no stretch is silent enough to be left out as a gap.
            ...Array.from(
              { length: 26 },
              (_, day) =>
                (["call", "sms"] as const).map((type) => ({
                  ms: midnight + (day * 24 + 12) * 3_600_000,
                  type,
                })),
            ).flat(),
            ...noise.map(({ minute, type }) => ({ ms: midnight + minute * 60_000, type })),
            // From the first to the last millisecond of the day.
            ...Array.from({ length: spike }, (_, i) => ({
              ms: start.epochMilliseconds + Math.round(i * (length - 1) / (spike - 1)),
              type: "call" as const,
            })),
          ];
          await db.query(
            `insert into public.events (user_id, ts, type, direction, status, duration, source, sources, fingerprint)
             select $1::uuid, ts, type, 'inbound', case type when 'call' then 'missed' end, case type when 'call' then 0 end,
               'device', '{device}', gen_random_uuid()
               from jsonb_to_recordset($2::jsonb) as e (ts timestamptz, type text)`,
            [
              user_id,
              JSON.stringify(events.map(({ ms, type }) => ({ ts: new Date(ms).toISOString(), type }))),
            ],
          );
          const found = await asUser(db, user_id, async (session) => {
            const [row] = await session.query<
              {
                answer: {
                  anomalies: { test: string; date: string; observed: number; from: string; to: string }[];
                };
              }
            >(
              "select public.detect_anomalies($1::timestamptz, $2::timestamptz, $3, 7) as answer",
              [new Date(midnight).toISOString(), `${to}T20:00:00Z`, zone],
            );
            return row?.answer.anomalies ?? [];
          });
          for (const { test, date, observed, ...day } of found) {
            if (test !== "calls" && test !== "texts") continue;
            const type = test === "calls" ? "call" : "sms";
            const count = events.filter((event) =>
              event.type === type && localDay(event.ms, zone) === date
            ).length;
            assertEquals(observed, count, `${date} ${zone}`);
            const begin = Temporal.PlainDate.from(date).toZonedDateTime(zone);
            assertEquals([Date.parse(day.from), Date.parse(day.to)], [
              begin.epochMilliseconds,
              begin.add({ days: 1 }).epochMilliseconds,
            ]);
          }
          const first = Math.min(...events.map(({ ms }) => ms));
          const days_before =
            Temporal.PlainDate.from(localDay(first, zone)).until(localDay(start.epochMilliseconds, zone))
              .days;
          const is_told = found.some(({ test, date }) =>
            test === "calls" && date === localDay(start.epochMilliseconds, zone)
          );
          if (days_before > 9) assertEquals(is_told, true, `${spike} calls on day ${spike_day}`);
        },
      ),
      { numRuns: 40 },
    );
  } finally {
    await db.close();
  }
});
