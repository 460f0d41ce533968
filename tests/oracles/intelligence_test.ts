import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { asUser, testDatabase } from "../helpers/database.ts";
import { inOrder, localTime, logs, median, type RawEvent, writeLog, ZONES } from "./contact_log.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const answered = ({ type, status }: RawEvent) => type === "call" && status === "answered";

function unanswered({ type, direction, status, duration }: RawEvent): boolean {
  return type === "call" &&
    (["missed", "declined", "voicemail"].includes(status ?? "") ||
      (status === null && direction === "outbound" && duration === 0));
}

function sessionStarts(events: readonly RawEvent[]): RawEvent[] {
  return events.filter((event, i) => i === 0 || event.ts - (events[i - 1]?.ts ?? 0) > HOUR);
}

function responseTimes(events: readonly RawEvent[], side: string, to?: string): number[] {
  return events.flatMap((event, i) => {
    const asked = events[i - 1];
    if (!asked || event.direction !== side || asked.direction === side || event.ts - asked.ts > DAY) {
      return [];
    }
    const asks = unanswered(asked) || (asked.type === "sms" && asked.status !== "failed");
    return asks && (to === undefined || asked.type === to) ? [(event.ts - asked.ts) / 1000] : [];
  });
}

function returned(all: readonly RawEvent[], call: RawEvent): boolean {
  const side = call.direction === "inbound" ? "outbound" : "inbound";
  return all.slice(all.indexOf(call) + 1).some((later) =>
    later.ts - call.ts <= 7 * DAY && (answered(later) || later.direction === side)
  );
}

function gapsOf(dates: readonly string[]): number[] {
  const days = [...new Set(dates)].sort().map((date) => Date.parse(date) / DAY);
  return days.slice(1).map((day, i) => day - (days[i] ?? 0));
}

/** Everything the function counts, the long way. */
function expected(log: readonly RawEvent[], from: number, to: number, zone: string) {
  const all = inOrder(log.filter(({ contact }) => contact === 0));
  const events = all.filter(({ ts }) => ts >= from && ts < to);
  const local = events.map(({ ts }) => localTime(ts, zone));
  const sessions = sessionStarts(events);
  const gaps = gapsOf(local.map(({ date }) => date));
  const gap = median(gaps);
  const unreturned = (direction: string) => {
    const calls = events.filter((event) => unanswered(event) && event.direction === direction);
    const hits = calls.filter((call) =>
      returned(all.filter(({ ts }) => ts >= from && ts < to + 7 * DAY), call)
    );
    return {
      calls: calls.length,
      returned: hits.length,
      never_returned: calls.length - hits.length,
      open: 0,
    };
  };
  const responses = (side: string, to?: string) => {
    const times = responseTimes(events, side, to);
    return { count: times.length, median_seconds: median(times) };
  };
  return {
    totals: {
      events: events.length,
      calls: events.filter(({ type }) => type === "call").length,
      sms: events.filter(({ type }) => type === "sms").length,
      inbound: events.filter(({ direction }) => direction === "inbound").length,
      outbound: events.filter(({ direction }) => direction === "outbound").length,
      answered_calls: events.filter(answered).length,
      missed_calls: events.filter(({ status }) => status === "missed").length,
      talk_seconds: events.reduce((sum, { duration }) => sum + (duration ?? 0), 0),
      median_duration_seconds: median(events.filter(answered).flatMap(({ duration }) => duration ?? [])),
    },
    frequency: {
      active_days: new Set(local.map(({ date }) => date)).size,
      active_months: new Set(local.map(({ date }) => date.slice(0, 7))).size,
      active_weeks: new Set(local.map(({ date, weekday }) => Date.parse(date) / DAY - weekday)).size,
      median_gap_days: gap,
      gap_mad_days: gap === null ? null : median(gaps.map((value) => Math.abs(value - gap))),
      sessions: sessions.length,
    },
    hour_profile: Array.from(
      { length: 7 },
      (_, day) =>
        Array.from(
          { length: 24 },
          (_, hour) => local.filter((at) => at.weekday === day + 1 && at.hour === hour).length,
        ),
    ),
    initiated_by_owner: sessions.filter(({ direction }) => direction === "outbound").length,
    response_time: {
      owner: {
        ...responses("outbound"),
        to_messages: responses("outbound", "sms"),
        to_calls: responses("outbound", "call"),
      },
      contact: {
        ...responses("inbound"),
        to_messages: responses("inbound", "sms"),
        to_calls: responses("inbound", "call"),
      },
    },
    unanswered: { by_owner: unreturned("inbound"), by_contact: unreturned("outbound") },
    all_time: { events: all.length, active_days: new Set(all.map(({ ts }) => Math.floor(ts / DAY))).size },
  };
}

/** Strength over the 90 UTC days before `as_of`, the long way; undefined without an event before it. */
function expectedStrength(log: readonly RawEvent[], as_of: number) {
  const known = log.filter(({ contact, ts }) => contact !== null && ts < as_of);
  const since = Math.max(
    Math.floor(as_of / DAY) - 89,
    Math.floor(Math.min(...log.filter(({ contact }) => contact !== null).map(({ ts }) => ts)) / DAY),
  );
  const own = inOrder(known.filter(({ contact }) => contact === 0));
  if (own.length === 0) return undefined;
  const recent = own.filter(({ ts }) => ts >= (Math.floor(as_of / DAY) - 89) * DAY);
  const days = [...new Set(recent.map(({ ts }) => Math.floor(ts / DAY)))].sort((a, b) => a - b);
  const observed = Math.floor(as_of / DAY) - since + 1;
  const gaps = days.slice(1).map((day, i) => day - (days[i] ?? 0));
  const elapsed = (as_of - (own.at(-1)?.ts ?? 0)) / DAY;
  return {
    observed_days: observed,
    sessions: sessionStarts(recent).length,
    hours_of_week: new Set(recent.map(({ ts }) => Math.floor(ts / HOUR) % 168)).size,
    weeks: new Set(recent.map(({ ts }) => Math.floor((as_of - ts) / (7 * DAY)))).size,
    active_days: days.length,
    days: Math.log10(1 + 9 * days.length / observed),
    decay: gaps.length === 0 ? 1 : Math.min(1, 8 * Math.max(median(gaps) ?? 1, 1) / elapsed),
  };
}

function subset(actual: unknown, shape: unknown): unknown {
  if (shape === null || typeof shape !== "object" || Array.isArray(shape)) return actual;
  return Object.fromEntries(
    Object.entries(shape).map((
      [key, value],
    ) => [key, subset((actual as Record<string, unknown>)[key], value)]),
  );
}

Deno.test("get_contact_intelligence counts as the long way does, in every zone and over clock changes", async () => {
  const db = await testDatabase();
  try {
    for (const zone of ZONES) {
      await fc.assert(
        fc.asyncProperty(
          logs(2, 12),
          fc.integer({ min: -15, max: 4 }),
          fc.integer({ min: 1, max: 20 }),
          async (log, start, length) => {
            const from = Math.min(...log.map(({ ts }) => ts), Date.parse("2026-05-01")) + start * DAY +
              HOUR / 2;
            const to = from + length * DAY;
            const { user_id, contact_ids } = await writeLog(db, log, 2);
            const [row] = await asUser(db, user_id, (session) =>
              // deno-lint-ignore no-explicit-any -- judged by assertions
              session.query<any>("select public.get_contact_intelligence($1, $2, $3, $4) as answer", [
                contact_ids[0],
                new Date(from).toISOString(),
                new Date(to).toISOString(),
                zone,
              ]));
            const { answer } = row;
            const wanted = expected(log, from, to, zone);
            const actual = { ...answer, initiated_by_owner: answer.reciprocity.initiated_by_owner };
            assertEquals(subset(actual, wanted), wanted);
            const strength = expectedStrength(log, to);
            if (!strength) {
              assertEquals([answer.strength, answer.prediction], [null, null]);
              return;
            }
            const { parts, observed_days } = answer.strength;
            assertEquals(
              [
                observed_days,
                parts.bursts.sessions,
                parts.regular_hours.hours_of_week,
                parts.stability.weeks,
                parts.days.active_days,
              ],
              [
                strength.observed_days,
                strength.sessions,
                strength.hours_of_week,
                strength.weeks,
                strength.active_days,
              ],
            );
            assertAlmostEquals(parts.days.value, strength.days, 1e-3);
            assertAlmostEquals(parts.decay.value, strength.decay, 1e-3);
          },
        ),
        { numRuns: 25 },
      );
    }
  } finally {
    await db.close();
  }
});
