import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { asUser, createUser, testDatabase } from "../helpers/database.ts";
import {
  addContactsAndLines,
  bucketBounds,
  changeOf,
  clock,
  type Granularity,
  history,
  localIso,
  type LoggedEvent,
  median,
  period,
  replaceEvents,
  round,
  ZONES,
} from "./history.ts";

const within = (events: readonly LoggedEvent[], from: number, to: number) =>
  events.filter(({ ts }) => ts >= from && ts < to);
const count = <T>(values: readonly T[], test: (value: T) => boolean) => values.filter(test).length;
const contactsOf = (events: readonly LoggedEvent[]) =>
  new Set(events.map(({ contact }) => contact).filter((contact) => contact !== null));

function totals(events: readonly LoggedEvent[], from: number, to: number) {
  const seen = within(events, from, to);
  const answered = seen.filter(({ status, duration }) => status === "answered" && duration !== null).map((
    { duration },
  ) => duration as number);
  const before = contactsOf(within(events, -Infinity, from));
  const middle = median(answered);
  return {
    total_events: seen.length,
    total_calls: count(seen, ({ type }) => type === "call"),
    total_sms: count(seen, ({ type }) => type === "sms"),
    inbound: count(seen, ({ direction }) => direction === "inbound"),
    outbound: count(seen, ({ direction }) => direction === "outbound"),
    answered_calls: count(seen, ({ status }) => status === "answered"),
    missed_calls: count(seen, ({ status }) => status === "missed"),
    unique_contacts: contactsOf(seen).size,
    new_contacts: count([...contactsOf(seen)], (contact) => !before.has(contact)),
    total_call_duration_minutes: round(seen.reduce((sum, { duration }) => sum + (duration ?? 0), 0) / 60, 2),
    avg_call_duration_minutes: answered.length === 0
      ? null
      : round(answered.reduce((a, b) => a + b, 0) / answered.length / 60, 2),
    median_call_duration_minutes: middle === null ? null : round(middle / 60, 2),
  };
}

function series(
  events: readonly LoggedEvent[],
  { from, to }: { from: number; to: number },
  granularity: Granularity,
  zone: string,
  week_start: number,
) {
  const bounds = bucketBounds(from, to, granularity, zone, week_start);
  return bounds.slice(0, -1).map((start, index) => {
    const end = bounds[index + 1] as number;
    const seen = within(events, Math.max(start, from), Math.min(end, to));
    const answered = seen.filter(({ status, duration }) => status === "answered" && duration !== null);
    return {
      time_bucket: localIso(start, zone),
      total_events: seen.length,
      calls: count(seen, ({ type }) => type === "call"),
      sms: count(seen, ({ type }) => type === "sms"),
      inbound: count(seen, ({ direction }) => direction === "inbound"),
      outbound: count(seen, ({ direction }) => direction === "outbound"),
      unique_contacts: contactsOf(seen).size,
      avg_duration: answered.length === 0
        ? null
        : round(answered.reduce((sum, { duration }) => sum + (duration ?? 0), 0) / answered.length, 1),
      is_partial: start < from || end > Math.min(to, Date.now()),
    };
  });
}

/** The value that occurs most, the smallest of several. */
function mostFrequent(values: readonly number[]): number | null {
  const counts = Map.groupBy(values, (value) => value);
  return [...counts].sort(([a, some], [b, others]) => others.length - some.length || a - b)[0]?.[0] ?? null;
}

const request = fc.record({
  events: history,
  hidden: fc.integer({ min: 0, max: 5 }),
  window: period,
  granularity: fc.constantFrom<Granularity>("hour", "day", "week", "month"),
  zone: fc.constantFrom(...ZONES),
  compare: fc.constantFrom("previous_period", "previous_year", "none"),
  is_dense: fc.boolean(),
}).map(({ events, is_dense, ...rest }) => ({
  ...rest,
  // Into the month from the window's start: so that short windows have many, too.
  events: is_dense
    ? events.map((event) => ({ ...event, ts: rest.window.from + event.ts % (30 * 86_400_000) }))
    : events,
})).filter(({ window: { from, to }, granularity }) => granularity !== "hour" || to - from < 40 * 86_400_000);

Deno.test("The dashboard, its heatmap and a teammate's view of both are those of a brute-force count", async () => {
  const db = await testDatabase();
  try {
    const ann = await createUser(db, "ann@example.test");
    const bob = await createUser(db, "bob@example.test");
    const ids = await addContactsAndLines(db, ann);
    await db.query(
      `with o as (insert into public.organizations (name) values ('T') returning id)
       insert into public.org_members (organization_id, user_id, role) select o.id, u, 'analyst' from o cross join unnest($1::uuid[]) as u`,
      [[ann, bob]],
    );
    await db.query("update public.profiles set week_start = 7 where user_id = $1", [bob]);

    const property = fc.asyncProperty(
      request,
      async ({ events, hidden, window, granularity, zone, compare }) => {
        await replaceEvents(db, ann, events, ids);
        await db.query("delete from public.privacy_rules where user_id = $1", [ann]);
        await db.query(
          "insert into public.privacy_rules (user_id, contact_id, visibility) values ($1, $2, 'private')",
          [ann, ids.contacts[hidden]],
        );
        const args = [
          new Date(window.from).toISOString(),
          new Date(window.to).toISOString(),
          granularity,
          compare,
          zone,
          ann,
        ];
        for (
          const [caller, visible] of [[ann, events], [
            bob,
            events.filter((e) => e.contact !== hidden),
          ]] as const
        ) {
          // deno-lint-ignore no-explicit-any -- judged below
          const { metrics, heatmap } = await asUser<any>(db, caller, async (session) =>
            (await session.query(
              `select public.get_dashboard_metrics($1, $2, $3, $4, $5, $6) as metrics,
                 public.get_activity_heatmap($1, $2, $5, $6) as heatmap`,
              args,
            ))[0]);
          const seen = within(visible, window.from, window.to);
          for (const [key, value] of Object.entries(totals(visible, window.from, window.to))) {
            assertEquals([key, metrics[key]], [key, value]);
          }
          assertEquals(
            metrics.time_series.data,
            series(visible, window, granularity, zone, caller === bob ? 7 : 1),
          );
          assertEquals(metrics.busiest_hour, mostFrequent(seen.map(({ ts }) => clock(ts, zone).hour)));
          assertEquals(
            metrics.busiest_weekday,
            mostFrequent(seen.map(({ ts }) => clock(ts, zone).dayOfWeek)),
          );
          const last = visible.reduce((latest, { ts }) => Math.max(latest, ts), -Infinity);
          assertEquals(
            metrics.data_freshness.last_event_at === null
              ? -Infinity
              : Date.parse(metrics.data_freshness.last_event_at),
            last,
          );
          const met = [...contactsOf(seen)].map((contact) => ({
            contact_id: ids.contacts[contact] as string,
            interaction_count: count(seen, (one) => one.contact === contact),
          })).sort((a, b) =>
            b.interaction_count - a.interaction_count || (a.contact_id < b.contact_id ? -1 : 1)
          );
          assertEquals(
            metrics.top_contacts.map((
              { contact_id, interaction_count }: { contact_id: string; interaction_count: number },
            ) => ({ contact_id, interaction_count })),
            met,
          );
          if (compare !== "none") {
            const { from, to, metrics: figures } = metrics.comparison;
            const then = totals(visible, Date.parse(from), Date.parse(to));
            const now = totals(visible, window.from, window.to);
            for (const [key, value] of Object.entries(then)) {
              assertEquals([key, figures[key]], [key, changeOf(now[key as keyof typeof now], value)]);
            }
          }
          for (const cell of heatmap.cells) {
            const inside = seen.filter(({ ts }) => {
              const local = clock(ts, zone);
              return local.hour === cell.hour && local.dayOfWeek === cell.weekday;
            });
            assertEquals([cell.total_events, cell.calls], [
              inside.length,
              count(inside, ({ type }) => type === "call"),
            ]);
          }
          assertEquals(heatmap.total_events, seen.length);
        }
      },
    );
    await fc.assert(property, { numRuns: Number(Deno.env.get("ORACLE_RUNS") ?? 60) });
    assertEquals(await db.query("select * from private.check_rollups()"), []);
  } finally {
    await db.close();
  }
});
