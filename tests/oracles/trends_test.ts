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
  type Ids,
  localIso,
  type LoggedEvent,
  period,
  replaceEvents,
  round,
  ZONES,
} from "./history.ts";

type Measure = (events: readonly LoggedEvent[]) => number | null;

const count = (test: (event: LoggedEvent) => boolean): Measure => (events) => events.filter(test).length;
const METRICS: Record<string, Measure> = {
  total_events: count(() => true),
  total_calls: count(({ type }) => type === "call"),
  total_sms: count(({ type }) => type === "sms"),
  inbound: count(({ direction }) => direction === "inbound"),
  outbound: count(({ direction }) => direction === "outbound"),
  answered_calls: count(({ status }) => status === "answered"),
  missed_calls: count(({ status }) => status === "missed"),
  unique_contacts: (events) =>
    new Set(events.map(({ contact }) => contact).filter((contact) => contact !== null)).size,
  total_call_duration_minutes: (events) =>
    round(events.reduce((sum, { duration }) => sum + (duration ?? 0), 0) / 60, 2),
  avg_call_duration_minutes: (events) => {
    const timed = events.filter(({ status, duration }) => status === "answered" && duration !== null);
    return timed.length === 0
      ? null
      : round(timed.reduce((sum, { duration }) => sum + (duration ?? 0), 0) / timed.length / 60, 2);
  },
};
const ADDITIVE = Object.keys(METRICS).filter((metric) => !/unique|avg/.test(metric));

function keyOf(
  event: LoggedEvent,
  breakdown: string,
  zone: string,
  ids: Ids,
  is_own: boolean,
): string | null {
  switch (breakdown) {
    case "contact":
      return event.contact === null ? null : ids.contacts[event.contact] as string;
    case "line":
      return event.line === null || !is_own ? "unknown" : ids.lines[event.line] as string;
    case "hour":
      return String(clock(event.ts, zone).hour);
    case "weekday":
      return String(clock(event.ts, zone).dayOfWeek);
    case "status":
      return event.status ?? "unknown";
    default:
      return event[breakdown as "type" | "direction" | "source"];
  }
}

const request = fc.record({
  events: history,
  hidden: fc.integer({ min: 0, max: 5 }),
  window: period,
  granularity: fc.constantFrom<Granularity>("hour", "day", "week", "month"),
  zone: fc.constantFrom(...ZONES),
  metric: fc.constantFrom(...Object.keys(METRICS)),
  breakdown: fc.constantFrom(
    "none",
    "contact",
    "type",
    "direction",
    "status",
    "source",
    "line",
    "hour",
    "weekday",
  ),
  top: fc.option(fc.integer({ min: 1, max: 4 })),
  compare: fc.constantFrom("previous_period", "none"),
}).filter(({ window: { from, to }, granularity, metric, breakdown }) =>
  (granularity !== "hour" || to - from < 20 * 86_400_000) &&
  !(metric === "unique_contacts" && breakdown === "contact")
);

Deno.test("Trends are those of a brute-force count, and their parts sum to the whole", async () => {
  const db = await testDatabase();
  try {
    const ann = await createUser(db, "ann@example.test");
    const bob = await createUser(db, "bob@example.test");
    const ids = await addContactsAndLines(db, ann);
    await db.query(
      `with o as (insert into public.organizations (name) values ('T') returning id)
       insert into public.org_members (organization_id, user_id, role) select o.id, u, 'member' from o cross join unnest($1::uuid[]) as u`,
      [[ann, bob]],
    );
    const property = fc.asyncProperty(request, async (asked) => {
      const { events, hidden, window: { from, to }, granularity, zone, metric, breakdown, top, compare } =
        asked;
      const measure = METRICS[metric] as Measure;
      await replaceEvents(db, ann, events, ids);
      await db.query("delete from public.privacy_rules where user_id = $1", [ann]);
      await db.query(
        "insert into public.privacy_rules (user_id, contact_id, visibility) values ($1, $2, 'private')",
        [ann, ids.contacts[hidden]],
      );
      for (
        const [caller, visible] of [[ann, events], [
          bob,
          events.filter((e) => e.contact !== hidden),
        ]] as const
      ) {
        // deno-lint-ignore no-explicit-any -- judged below
        const { trends } = await asUser<any>(db, caller, async (session) =>
          (await session.query(
            `select public.get_trends(metric => $1, starts_at => $2, ends_at => $3, granularity => $4, breakdown => $5,
               max_series => $6, compare => $7, time_zone => $8, user_id => $9) as trends`,
            [
              metric,
              new Date(from).toISOString(),
              new Date(to).toISOString(),
              granularity,
              breakdown,
              top,
              compare,
              zone,
              ann,
            ],
          ))[0]);
        const bounds = bucketBounds(from, to, granularity, zone, 1);
        assertEquals(
          trends.buckets.map(({ time_bucket }: { time_bucket: string }) => time_bucket),
          bounds.slice(0, -1).map((start) => localIso(start, zone)),
        );
        const seen = visible.filter(({ ts }) => ts >= from && ts < to);
        const parts = bounds.slice(0, -1).map((start, index) =>
          seen.filter(({ ts }) => ts >= start && ts < (bounds[index + 1] as number))
        );
        const key = (event: LoggedEvent) => keyOf(event, breakdown, zone, ids, caller === ann);
        const named = new Set<string>(
          trends.series.map((series: { key: string | null }) => series.key).filter((k: string | null) =>
            k && k !== "other"
          ),
        );
        const counts = (event: LoggedEvent) => metric !== "unique_contacts" || event.contact !== null;
        const present = new Set(seen.filter(counts).map(key).filter((k) => k !== null));
        if (breakdown !== "none") {
          assertEquals(named.size, Math.min(present.size, top ?? (breakdown === "hour" ? 24 : 10)));
        }
        const then = trends.comparison &&
          visible.filter(({ ts }) =>
            ts >= Date.parse(trends.comparison.from) && ts < Date.parse(trends.comparison.to)
          );
        for (const series of trends.series) {
          const belongs = (event: LoggedEvent) =>
            series.key === null ||
            (series.key === "other" ? !named.has(key(event) ?? "") : key(event) === series.key);
          // Events without a contact have no series among contacts; they are part of other.
          const counted = (list: readonly LoggedEvent[]) => measure(list.filter(belongs));
          assertEquals([series.key, series.values], [series.key, parts.map(counted)]);
          assertEquals([series.key, series.total], [series.key, counted(seen)]);
          if (then && !(metric === "unique_contacts" && series.key === "other")) {
            assertEquals([series.key, series.change], [series.key, changeOf(counted(seen), counted(then))]);
          }
        }
        if (ADDITIVE.includes(metric) && metric !== "total_call_duration_minutes" && breakdown !== "none") {
          const [whole, ...split] = trends.series.toReversed();
          for (const index of parts.keys()) {
            assertEquals(
              split.reduce(
                (sum: number, { values }: { values: number[] }) => sum + (values[index] as number),
                0,
              ),
              whole.values[index],
            );
          }
        }
        // The largest come first: none that is left over is larger than one that is named.
        if (ADDITIVE.includes(metric) && breakdown !== "none" && named.size > 0) {
          const size = (k: string) => measure(seen.filter((event) => key(event) === k)) as number;
          const smallest = Math.min(...[...named].map(size));
          for (const k of present) if (!named.has(k)) assertEquals(size(k) <= smallest, true);
        }
      }
    });
    await fc.assert(property, { numRuns: Number(Deno.env.get("ORACLE_RUNS") ?? 100) });
  } finally {
    await db.close();
  }
});
