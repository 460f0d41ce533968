import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { asUser, createUser, testDatabase } from "../helpers/database.ts";
import {
  addContactsAndLines,
  history,
  type Ids,
  type LoggedEvent,
  period,
  replaceEvents,
  ZONES,
} from "./history.ts";

const ROLES = ["owner", "analyst", "member", "viewer"] as const;

const MESSAGE: Omit<LoggedEvent, "ts"> = {
  contact: null,
  type: "sms",
  direction: "inbound",
  status: "received",
  duration: null,
  source: "carrier",
  line: null,
};

const request = fc.record({
  logs: fc.tuple(history, history, history, history),
  // Messages within an hour and a half of the start of a local month.
  edges: fc.array(fc.record({
    of: fc.nat({ max: 3 }),
    month: fc.integer({ min: 1, max: 12 }),
    minute: fc.integer({ min: -90, max: 90 }),
  })),
  hidden: fc.tuple(...ROLES.map(() => fc.option(fc.integer({ min: 0, max: 5 })))),
  window: period,
  zone: fc.constantFrom(...ZONES),
  granularity: fc.constantFrom(null, "month", "month", "week"),
  metric: fc.constantFrom("total_events", "missed_calls", "unique_contacts"),
});

/** What the parts of the series must say: bounds are where they begin, as the period cuts them. */
function partsOf(
  seen: readonly (readonly LoggedEvent[])[],
  begins: readonly string[],
  { from, to }: { from: number; to: number },
) {
  const bounds = [from, ...begins.slice(1).map((begin) => Date.parse(begin)), to];
  return begins.map((time_bucket, index) => {
    const parts = seen.map((events) =>
      events.filter(({ ts }) => ts >= Number(bounds[index]) && ts < Number(bounds[index + 1]))
    );
    const all = parts.flat();
    const timed = all.filter(({ status, duration }) => status === "answered" && duration !== null);
    const seconds = timed.reduce((sum, { duration }) => sum + Number(duration), 0);
    return {
      time_bucket,
      total_events: all.length,
      calls: count(all, ({ type }) => type === "call"),
      inbound: count(all, ({ direction }) => direction === "inbound"),
      active_members: count(parts, (events) => events.length > 0),
      avg_duration: timed.length === 0 ? null : Math.round(10 * seconds / timed.length) / 10,
    };
  });
}

const count = <T>(values: readonly T[], test: (value: T) => boolean) => values.filter(test).length;

Deno.test("The team's board counts what nobody keeps private, the same for everybody who may see it", async () => {
  const db = await testDatabase();
  try {
    const people = await Promise.all(ROLES.map((role) => createUser(db, `${role}@example.test`)));
    const ids: Ids[] = [];
    for (const user_id of people) ids.push(await addContactsAndLines(db, user_id));
    await db.query(
      `with o as (insert into public.organizations (name) values ('T') returning id)
       insert into public.org_members (organization_id, user_id, role)
       select o.id, u, r from o cross join unnest($1::uuid[], $2::text[]) as m (u, r)`,
      [people, [...ROLES]],
    );
    const property = fc.asyncProperty(
      request,
      async ({ logs: anywhere, edges, hidden, window: { from, to }, zone, granularity, metric }) => {
        const logs = anywhere.map((events, index) => [
          ...events,
          ...edges.filter(({ of }) => of === index).map(({ month, minute }): LoggedEvent => ({
            ...MESSAGE,
            ts:
              Temporal.PlainDate.from({ year: 2025, month, day: 1 }).toZonedDateTime(zone).epochMilliseconds +
              minute * 60_000,
          })),
        ]);
        for (const [index, user_id] of people.entries()) {
          await replaceEvents(db, user_id, logs[index] ?? [], ids[index] as Ids);
          await db.query("delete from public.privacy_rules where user_id = $1", [user_id]);
          const kept = hidden[index];
          if (kept === null || kept === undefined) continue;
          await db.query(
            "insert into public.privacy_rules (user_id, contact_id, visibility) values ($1, $2, 'private')",
            [user_id, ids[index]?.contacts[kept]],
          );
        }
        const seen = logs.map((events, index) =>
          events.filter((event) =>
            (event.contact === null || event.contact !== hidden[index]) && event.ts >= from && event.ts < to
          )
        );
        const boards = await Promise.all(people.map((caller) =>
          // deno-lint-ignore no-explicit-any -- judged below
          asUser<any>(db, caller, async (session) => {
            const [row] = await session.query<{ board: Record<string, unknown> }>(
              `select public.get_team_dashboard_metrics(starts_at => $1, ends_at => $2, time_zone => $3, metric => $4,
                 granularity => $5) as board`,
              [new Date(from).toISOString(), new Date(to).toISOString(), zone, metric, granularity],
            );
            return row?.board;
          })
        ));
        const [owner, analyst, member, viewer] = boards;
        const all = seen.flat();
        assertEquals(owner.totals.members, 4);
        assertEquals(owner.totals.active_members, count(seen, (events) => events.length > 0));
        assertEquals(owner.totals.total_events, all.length);
        assertEquals(owner.totals.missed_calls, count(all, ({ status }) => status === "missed"));
        assertEquals(owner.totals.inbound, count(all, ({ direction }) => direction === "inbound"));
        const series: ReturnType<typeof partsOf> = owner.time_series.data;
        const begins = series.map(({ time_bucket }) => time_bucket);
        assertEquals(
          series.map(({ time_bucket, total_events, calls, inbound, active_members, avg_duration }) => (
            { time_bucket, total_events, calls, inbound, active_members, avg_duration }
          )),
          partsOf(seen, begins, { from, to }),
        );
        const figure = (events: readonly LoggedEvent[]) =>
          metric === "total_events"
            ? events.length
            : metric === "missed_calls"
            ? count(events, ({ status }) => status === "missed")
            : new Set(events.map(({ contact }) => contact).filter((contact) => contact !== null)).size;
        const expected = people.map((user_id, index) => ({ user_id, value: figure(seen[index] ?? []) }))
          .sort((a, b) => b.value - a.value || (a.user_id < b.user_id ? -1 : 1));
        assertEquals(
          owner.leaderboard.map((line: Record<string, unknown>) => ({
            user_id: line.user_id,
            value: line[metric],
          })),
          expected,
        );
        assertEquals(owner.leaderboard.map(({ rank }: { rank: number }) => rank), [
          ...expected.map(({ value }) => 1 + count(expected, (other) => other.value > value)),
        ]);
        // Now the same for everybody, but for who may see names.
        const { generated_at: _, ...rest } = owner;
        const { generated_at: __, ...analysts } = analyst;
        assertEquals(analysts, rest);
        for (const board of [member, viewer]) {
          assertEquals([board.leaderboard, board.percentiles], [null, null]);
          assertEquals([board.totals, board.time_series], [owner.totals, owner.time_series]);
          assertEquals(people.some((id) => JSON.stringify(board).includes(id)), false);
        }
      },
    );
    await fc.assert(property, { numRuns: Number(Deno.env.get("ORACLE_RUNS") ?? 40) });
  } finally {
    await db.close();
  }
});
