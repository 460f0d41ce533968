import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Database } from "../../dev/database.ts";
import { asUser, createUser, testDatabase } from "../helpers/database.ts";

const HOUR = 3_600_000;
/** Half a year with both changes of New York's and Chatham's clocks. */
const START = Date.UTC(2025, 8, 1);
const HOURS = 230 * 24;
const CHANNELS = ["all", "call", "sms"] as const;

type Channel = typeof CHANNELS[number];

interface Event {
  readonly hour: number;
  readonly type: "call" | "sms";
}

interface Silence {
  readonly channel: Channel;
  readonly starts: number;
  readonly ends: number;
  readonly surprise: number;
  readonly expected_events: number;
  readonly p_quiet: number;
  readonly other_events: number;
  readonly is_trailing: boolean;
}

function localClock(zone: string): (hour: number) => { of_day: number; weekday: string } {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    hourCycle: "h23",
  });
  return (hour) => {
    const parts = format.formatToParts(START + hour * HOUR);
    const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
    return { of_day: Number(of("hour")), weekday: of("weekday") };
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** How exposed each hour from `first` up to `last` is to the channel, by its rhythm of hours and weekdays. */
function exposures(active: ReadonlySet<number>, first: number, last: number, zone: string): number[] {
  const clockOf = localClock(zone);
  const hours = Array.from({ length: last - first }, (_, i) => ({ hour: first + i, ...clockOf(first + i) }));
  const mean = active.size / hours.length;
  const tally = (keyOf: (hour: typeof hours[number]) => string | number) => {
    const counts = new Map<string | number, { hours: number; active: number }>();
    for (const hour of hours) {
      const count = counts.get(keyOf(hour)) ?? { hours: 0, active: 0 };
      count.hours++;
      if (active.has(hour.hour)) count.active++;
      counts.set(keyOf(hour), count);
    }
    return counts;
  };
  const days = tally(({ of_day }) => of_day);
  const weekdays = tally(({ weekday }) => weekday);
  return hours.map(({ of_day, weekday }) => {
    const day = days.get(of_day) ?? { hours: 0, active: 0 };
    const week = weekdays.get(weekday) ?? { hours: 0, active: 0 };
    return (day.active + 4 * mean) / (day.hours + 4) *
      (week.active / 24 + 4 * mean) / (week.hours / 24 + 4) / mean;
  });
}

/** What is to be said of every silence of five hours or more, hour by hour. */
function silencesOf(events: readonly Event[], from: number, to: number, zone: string): Silence[] {
  const all = new Set(events.map(({ hour }) => hour));
  const before = [...all].filter((hour) => hour < from - 35 * 24 && hour >= from - 400 * 24);
  const after = [...all].filter((hour) => hour >= from - 35 * 24);
  if (before.length + after.length === 0) return [];
  const first = before.length > 0 ? Math.max(...before) : Math.min(...after);
  const last = Math.max(to, ...[...all].filter((hour) => hour < to + 28 * 24).map((hour) => hour + 1));
  if (first >= last) return [];
  const within = events.filter(({ hour }) => hour >= first && hour < last);
  return CHANNELS.flatMap((channel) => {
    const own = within.filter(({ type }) => channel === "all" || type === channel);
    const active = new Set(own.map(({ hour }) => hour));
    if (active.size === 0) return [];
    const exposed = exposures(active, first, last, zone);
    const between = (since: number, upto: number) =>
      sum(exposed.slice(Math.max(since - first, 0), Math.max(upto - first, 0)));
    const ordered = [...active].sort((a, b) => a - b);
    const judged = ordered.flatMap((hour, i) => {
      const starts = hour + 1;
      const ends = ordered[i + 1] ?? last;
      const is_trailing = i === ordered.length - 1;
      if (ends - starts < 5) return [];
      const around = ordered.filter((other) => other >= starts - 672 && other < ends + 672).length;
      const exposure = between(starts, ends);
      const exposure_around = between(starts - 672, ends + 672);
      if (around < 5 || exposure >= exposure_around) return [];
      const share = exposure / exposure_around;
      return [{
        channel,
        starts,
        ends,
        is_trailing,
        surprise: -around * Math.log(1 - share),
        expected_events: around * exposure / (exposure_around - exposure) * own.length / active.size,
        other_events: is_trailing || channel === "all"
          ? 0
          : within.filter(({ hour, type }) => type !== channel && hour >= starts && hour < ends).length,
      }];
    });
    const surprises = judged.filter(({ is_trailing }) => !is_trailing).map(({ surprise }) => surprise);
    if (surprises.length === 0) return [];
    return judged.map((silence) => {
      const others = [...surprises];
      if (!silence.is_trailing) others.splice(others.indexOf(silence.surprise), 1);
      const greatest = others.sort((a, b) => b - a).concat([1, 1, 1]).slice(0, 3);
      const scale = (sum(greatest) / 3 + 1) / (1 + Math.log(Math.max(judged.length - 1, 2) / 2));
      return {
        ...silence,
        p_quiet: 1 - (1 - Math.exp(-Math.min(silence.surprise / scale, 30))) ** judged.length,
      };
    });
  }).filter(({ starts, ends }) => ends > from && starts < to)
    .sort((a, b) => a.channel.localeCompare(b.channel) || a.starts - b.starts);
}

async function write(db: Database, events: readonly Event[]): Promise<string> {
  const user_id = await createUser(db, `${crypto.randomUUID()}@oracle.test`);
  await db.query(
    `insert into public.events (user_id, ts, type, direction, source, sources, fingerprint)
     select $1::uuid, $3::timestamptz + make_interval(hours => hour, mins => 20), type, 'inbound', 'device', '{device}', gen_random_uuid()
       from jsonb_to_recordset($2::jsonb) as e (hour integer, type text)`,
    [user_id, JSON.stringify(events), new Date(START).toISOString()],
  );
  return user_id;
}

const rhythm = fc.record({
  seed: fc.nat(),
  per_day: fc.constantFrom(0.1, 0.5, 2, 6),
  share_of_calls: fc.constantFrom(0, 0.3, 1),
  holes: fc.array(fc.record({ hour: fc.nat(HOURS), hours: fc.integer({ min: 5, max: 500 }) }), {
    maxLength: 3,
  }),
});

/** A log with days and nights, and holes in it. */
function logOf(
  { seed, per_day, share_of_calls, holes }: typeof rhythm extends fc.Arbitrary<infer T> ? T : never,
) {
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const events: Event[] = [];
  for (let hour = 0; hour < HOURS; hour++) {
    const rate = per_day / 24 * (hour % 24 < 7 ? 0.1 : 1.4) * (hour % 168 < 48 ? 0.5 : 1.2);
    const is_hole = holes.some((hole) => hour >= hole.hour && hour < hole.hour + hole.hours);
    const draw = random();
    const is_call = random() < share_of_calls;
    if (draw < rate && !is_hole) events.push({ hour, type: is_call ? "call" : "sms" });
    if (draw < rate / 3 && !is_hole) events.push({ hour, type: is_call ? "sms" : "call" });
  }
  return events;
}

Deno.test("Silences are judged as an hour-by-hour reckoning judges them, over changes of the clock", async () => {
  const db = await testDatabase();
  let compared = 0;
  try {
    await fc.assert(
      fc.asyncProperty(
        rhythm,
        fc.constantFrom(
          "America/New_York",
          "Asia/Kathmandu",
          "Pacific/Chatham",
          "Australia/Lord_Howe",
          "UTC",
        ),
        fc.integer({ min: 1, max: HOURS - 2 }),
        fc.integer({ min: 1, max: 3000 }),
        async (drawn, zone, from, hours) => {
          const events = logOf(drawn);
          const to = Math.min(from + hours, HOURS);
          const user_id = await write(db, events);
          const told = await asUser(
            db,
            user_id,
            (session) =>
              session.query<Silence>(
                `select channel, (extract(epoch from s.starts_at - $3::timestamptz) / 3600)::integer as starts,
                    (extract(epoch from s.ends_at - $3::timestamptz) / 3600)::integer as ends,
                    surprise, expected_events, p_quiet, other_events::integer, is_trailing
               from private.silences($1::timestamptz, $2::timestamptz, $4, 5) as s order by channel, starts_at`,
                [
                  new Date(START + from * HOUR).toISOString(),
                  new Date(START + to * HOUR).toISOString(),
                  new Date(START).toISOString(),
                  zone,
                ],
              ),
          );
          const expected = silencesOf(events, from, to, zone);
          const exact = ({ channel, starts, ends, other_events, is_trailing }: Silence) =>
            `${channel} ${starts} to ${ends}, ${other_events} others${is_trailing ? ", trailing" : ""}`;
          assertEquals(told.map(exact), expected.map(exact));
          told.forEach((silence, i) => {
            for (const figure of ["surprise", "expected_events", "p_quiet"] as const) {
              const wanted = expected[i]?.[figure] ?? NaN;
              assertAlmostEquals(silence[figure], wanted, 1e-7 * Math.max(1, wanted));
            }
          });
          compared += told.length;
        },
      ),
      { numRuns: 40 },
    );
    assertEquals(compared > 1000, true, `Only ${compared} silences were compared`);
  } finally {
    await db.close();
  }
});
