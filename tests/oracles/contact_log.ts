import fc from "fast-check";
import type { Database } from "../../dev/database.ts";
import { createUser } from "../helpers/database.ts";

/** An event as the oracles see it: `ts` in ms since the epoch. */
export interface RawEvent {
  readonly id: string;
  readonly ts: number;
  readonly contact: number | null;
  readonly type: "call" | "sms";
  readonly direction: "inbound" | "outbound";
  readonly status: string | null;
  readonly duration: number | null;
}

/** Zones that tell a method that is right from one that is nearly so. */
export const ZONES = ["America/New_York", "Asia/Kathmandu", "Pacific/Chatham", "UTC"];

/** Days of 2026 with a clock change in New York or on the Chatham Islands. */
const CLOCK_CHANGES = ["2026-03-08", "2026-11-01", "2026-04-04", "2026-09-26"].map((day) => Date.parse(day));
const MINUTE_MS = 60_000;

const outcome = fc.oneof(
  fc.record({
    type: fc.constant("call" as const),
    status: fc.constantFrom("answered", "answered", "missed", "declined", "voicemail", "blocked", null),
    duration: fc.constantFrom(0, 1, 35, 600, null),
  }),
  fc.record({
    type: fc.constant("sms" as const),
    status: fc.constantFrom("sent", "received", "failed", null),
    duration: fc.constant(null),
  }),
);

/**
 * Random logs of up to `contacts` contacts around a clock change: nothing, one, two or many events, in bursts and far
 * apart, some at the same moment.
 *
 * @param days How far from the clock change, before and after.
 */
export function logs(contacts: number, days: number): fc.Arbitrary<RawEvent[]> {
  const minute = fc.oneof(
    fc.integer({ min: -days * 1440, max: days * 1440 }),
    fc.integer({ min: -180, max: 1440 }),
    fc.constantFrom(0, 60, 120, 1440, 1500),
  );
  return fc.tuple(
    fc.constantFrom(...CLOCK_CHANGES),
    fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom(0, 1, 2) },
      { weight: 4, arbitrary: fc.integer({ min: 3, max: 45 }) },
    ),
  ).chain(([centre, size]) =>
    fc.array(
      fc.tuple(
        minute,
        fc.option(fc.integer({ min: 0, max: contacts - 1 }), { freq: 12 }),
        fc.constantFrom("inbound" as const, "outbound" as const),
        outcome,
        fc.uuid(),
      ),
      { minLength: size, maxLength: size },
    ).map((rows) =>
      rows.map(([offset, contact, direction, result, id]) => ({
        id,
        ts: centre + offset * MINUTE_MS,
        contact,
        direction,
        ...result,
      }))
    )
  );
}

/** The order of the oracles: by time, then id (compared as Postgres compares uuids). */
export function inOrder(events: readonly RawEvent[]): RawEvent[] {
  return [...events].sort((a, b) => a.ts - b.ts || (a.id < b.id ? -1 : 1));
}

/** A user with `contacts` contacts and this log; gives the ids. Numbers are +4477009000NN. */
export async function writeLog(
  db: Database,
  events: readonly RawEvent[],
  contacts: number,
): Promise<{ user_id: string; contact_ids: string[] }> {
  const user_id = await createUser(db, `${crypto.randomUUID()}@oracle.test`);
  const contact_ids = Array.from({ length: contacts }, () => crypto.randomUUID());
  await db.query(
    "insert into public.contacts (user_id, id, name) select $1, id, 'Contact ' || n from unnest($2::uuid[]) with ordinality as c (id, n)",
    [user_id, contact_ids],
  );
  await db.query(
    `insert into public.contact_numbers (user_id, number, contact_id)
     select $1, '+4477009' || lpad(n::text, 5, '0'), id from unnest($2::uuid[]) with ordinality as c (id, n)`,
    [user_id, contact_ids],
  );
  await db.query(
    `insert into public.events (user_id, id, ts, contact_id, type, direction, status, duration, source, sources, fingerprint)
     select $1, x.id, x.ts, x.contact_id, x.type, x.direction, x.status, x.duration, 'device', '{device}', gen_random_uuid()
       from jsonb_to_recordset($2::jsonb) as x (id uuid, ts timestamptz, contact_id uuid, type text, direction text, status text, duration integer)`,
    [
      user_id,
      JSON.stringify(
        events.map(({ contact, ts, ...event }) => ({
          ...event,
          ts: new Date(ts).toISOString(),
          contact_id: contact === null ? null : contact_ids[contact],
        })),
      ),
    ],
  );
  return { user_id, contact_ids };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Local date (YYYY-MM-DD), ISO weekday and hour of an instant, by the platform's own zone data. */
export function localTime(ts: number, zone: string): { date: string; weekday: number; hour: number } {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
    });
    formats.set(zone, format);
  }
  const parts = new Map(format.formatToParts(ts).map(({ type, value }) => [type, value]));
  const date = `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`;
  return { date, weekday: new Date(`${date}T00:00:00Z`).getUTCDay() || 7, hour: Number(parts.get("hour")) };
}

/** Median as percentile_cont(0.5) has it; null of nothing. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
