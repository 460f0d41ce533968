import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import type { Database } from "../../dev/database.ts";

/** Zones that between them have both clock changes, a quarter-hour offset, a change at :45, and none of it. */
export const ZONES = ["America/New_York", "Asia/Kathmandu", "Pacific/Chatham", "UTC"] as const;

/** An event as the oracles count it; times are milliseconds since 1970. */
export interface LoggedEvent {
  readonly ts: number;
  readonly contact: number | null;
  readonly type: "call" | "sms";
  readonly direction: "inbound" | "outbound";
  readonly status: string | null;
  readonly duration: number | null;
  readonly source: "carrier" | "device" | "backup";
  readonly line: number | null;
}

/** How many contacts and lines a generated person has. */
export const CONTACTS = 6;
export const LINES = 2;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2025, 0, 1);

/** Clock changes of the zones in 2025, month and year ends, and the seams of quarter hours. */
const SEAMS = [
  "2025-03-09T07:00Z",
  "2025-11-02T06:00Z",
  "2025-04-05T14:00Z",
  "2025-09-27T14:00Z",
  "2025-02-01T00:00Z",
  "2026-01-01T00:00Z",
  "2025-06-30T18:15Z",
].map((moment) => Date.parse(moment));

/** An instant in 2025 or next to it, often near a seam, sometimes on it. */
export const instant = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.integer({ min: 0, max: 400 * 24 * 60 }).map((minute) => START + minute * MINUTE),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom(...SEAMS), fc.integer({ min: -1800, max: 1800 }), fc.boolean()).map((
      [seam, minutes, is_quarter],
    ) => seam + (is_quarter ? Math.round(minutes / 15) * 15 : minutes) * MINUTE),
  },
);

const event: fc.Arbitrary<LoggedEvent> = fc.record({
  ts: fc.tuple(instant, fc.integer({ min: 0, max: 59_999 })).map(([ts, ms]) => ts + ms),
  contact: fc.option(fc.integer({ min: 0, max: CONTACTS - 1 }), { freq: 6 }),
  call: fc.option(
    fc.record({
      status: fc.option(fc.constantFrom("answered", "missed", "declined", "voicemail"), { freq: 8 }),
      duration: fc.option(fc.integer({ min: 0, max: 4000 }), { freq: 8 }),
    }),
    { freq: 2 },
  ),
  sent: fc.constantFrom("received", "failed", null),
  direction: fc.constantFrom("inbound", "outbound"),
  source: fc.constantFrom("carrier", "device", "backup"),
  line: fc.option(fc.integer({ min: 0, max: LINES - 1 })),
}).map(({ call, sent, ...rest }) => ({
  ...rest,
  type: call ? "call" : "sms",
  status: call ? call.status : sent,
  duration: call ? call.duration : null,
}));

/** None, one, two, or many events. */
export const history = fc.oneof(
  { weight: 1, arbitrary: fc.array(event, { maxLength: 2 }) },
  { weight: 4, arbitrary: fc.array(event, { minLength: 3, maxLength: 120 }) },
);

/** A half-open window, from minutes to a year. */
export const period = fc.tuple(
  instant,
  fc.oneof(
    fc.integer({ min: 1, max: 180 * 60 }).map((second) => second * 1000),
    fc.integer({ min: 1, max: 60 * 24 }).map((hour) => hour * HOUR),
    fc.integer({ min: 1, max: 380 }).map((day) => day * DAY),
  ),
).map(([from, length]) => ({ from, to: from + length }));

/** The ids of a person's contacts and lines; their numbers are indexes into these. */
export interface Ids {
  readonly contacts: string[];
  readonly lines: string[];
}

/** Makes the contacts and lines that generated events speak of. */
export async function addContactsAndLines(db: Database, user_id: string): Promise<Ids> {
  const contacts = await db.query<{ id: string }>(
    "insert into public.contacts (user_id, name, name_source) select $1, 'C' || i, 'log' from generate_series(1, $2::integer) as i returning id",
    [user_id, CONTACTS],
  );
  const lines = await db.query<{ id: string }>(
    "insert into public.lines (user_id, name) select $1, 'L' || i from generate_series(1, $2::integer) as i returning id",
    [user_id, LINES],
  );
  return { contacts: contacts.map(({ id }) => id), lines: lines.map(({ id }) => id) };
}

/** Replaces a person's events; each of the two is one statement, as the triggers see it. */
export async function replaceEvents(
  db: Database,
  user_id: string,
  events: readonly LoggedEvent[],
  ids: Ids,
): Promise<void> {
  await db.query("delete from public.events where user_id = $1", [user_id]);
  await addEvents(db, user_id, events, ids);
}

/** Adds to a person's events, in one statement. */
export async function addEvents(
  db: Database,
  user_id: string,
  events: readonly LoggedEvent[],
  { contacts, lines }: Ids,
): Promise<void> {
  await db.query(
    `insert into public.events (user_id, ts, contact_id, line_id, type, direction, status, duration, source, sources, fingerprint)
     select $1, to_timestamp((e ->> 'ts')::numeric / 1000), (e ->> 'contact')::uuid, (e ->> 'line')::uuid, e ->> 'type', e ->> 'direction',
       e ->> 'status', (e ->> 'duration')::integer, e ->> 'source', array[e ->> 'source'], gen_random_uuid()
       from jsonb_array_elements($2::jsonb) as e`,
    [
      user_id,
      JSON.stringify(events.map((one) => ({
        ...one,
        contact: one.contact === null ? null : contacts[one.contact],
        line: one.line === null ? null : lines[one.line],
      }))),
    ],
  );
}

/** The local clock of an instant. */
export function clock(ts: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ts).toZonedDateTimeISO(zone);
}

export type Granularity = "hour" | "day" | "week" | "month";

/** Start of the local bucket that holds `ts`; `week_start` is an ISO weekday. */
export function bucketStart(ts: number, granularity: Granularity, zone: string, week_start: number): number {
  const local = clock(ts, zone);
  if (granularity === "hour") {
    // By the offset of the moment, since a clock hour may come twice.
    const offset = local.offsetNanoseconds / 1e6;
    return Math.floor((ts + offset) / HOUR) * HOUR - offset;
  }
  const day = local.startOfDay();
  if (granularity === "day") return day.epochMilliseconds;
  if (granularity === "month") return day.with({ day: 1 }).startOfDay().epochMilliseconds;
  return day.subtract({ days: (local.dayOfWeek - week_start + 7) % 7 }).startOfDay().epochMilliseconds;
}

/** Starts of all buckets that touch [from, to), and where the last one ends. */
export function bucketBounds(
  from: number,
  to: number,
  granularity: Granularity,
  zone: string,
  week_start: number,
): number[] {
  const bounds = [bucketStart(from, granularity, zone, week_start)];
  while (true) {
    const last = bounds[bounds.length - 1] as number;
    const next = granularity === "hour"
      ? bucketStart(last + HOUR, granularity, zone, week_start)
      : clock(last, zone).add({ [`${granularity}s`]: 1 }).startOfDay().epochMilliseconds;
    bounds.push(next);
    if (next >= to) return bounds;
  }
}

/** ISO 8601 with the zone's offset then, to the second. */
export function localIso(ts: number, zone: string): string {
  return clock(ts, zone).toString({ timeZoneName: "never", fractionalSecondDigits: 0 });
}

/** The middle value, or the mean of the two. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2;
}

/** Rounded as Postgres rounds a numeric: half away from zero, on decimal digits. */
export function round(value: number, digits: number): number {
  return Math.round(Number((value * 10 ** digits).toPrecision(12))) / 10 ** digits;
}

/** A figure beside its predecessor, as the API has it. */
export function changeOf(current: number | null, previous: number | null) {
  const change = current === null || previous === null ? null : round(current - previous, 2);
  return {
    current,
    previous,
    change,
    change_pct: change === null || !previous ? null : round(change * 100 / Math.abs(previous), 1),
  };
}
