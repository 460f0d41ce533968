import { pathOf } from "../harness/http_client.ts";
import { type BenchCase, daysBefore, OWNER, type World, ZONE } from "./case.ts";

const PLAIN_GAPS = `select ts as since, next as upto from (
    select e.ts, lead(e.ts) over (order by e.ts) as next from public.events as e where e.user_id = $1 and e.ts >= $2 and e.ts < $3) as t
  where next - ts > interval '3 days'`;
const PLAIN_ANOMALIES = `with daily as (
    select date_trunc('day', e.ts, $4::text) as day, count(*) as events, avg(e.duration) as duration
      from public.events as e where e.user_id = $1 and e.ts >= $2::timestamptz - interval '1 year' and e.ts < $3 group by 1)
  select * from (select daily.*, (events - avg(events) over ()) / nullif(stddev(events) over (), 0) as z from daily) as t
   where abs(z) > 3 and day >= $2`;
const PLAIN_QUALITY =
  `select count(*) as events, count(*) filter (where e.number !~ '^\\+[1-9][0-9]{6,14}$') as odd_numbers,
    count(*) filter (where e.contact_id is null) as without_contact, count(*) filter (where e.ts > now()) as in_future,
    count(*) filter (where cardinality(e.sources) > 1) as corroborated,
    (select count(*) from (select 1 from public.events as d where d.user_id = $1 and d.ts >= $2 and d.ts < $3
      group by d.number, d.type, d.direction, date_trunc('minute', d.ts) having count(*) > 1) as t) as doubles
  from public.events as e where e.user_id = $1 and e.ts >= $2 and e.ts < $3`;
const PLAIN_HEALTH =
  `select s.*, (select max(e.ts) from public.events as e where e.user_id = s.user_id and e.source = s.kind) as last_event
  from public.sync_sources as s where s.user_id = $1`;
const HOURS = `select sum(a.calls), sum(a.sms) from private.activity as a
  where a.user_id = $1 and a.grain = 'hour' and a.bucket >= $2 and a.bucket < $3`;
const PARTS =
  `select sum(a.events) from private.activity_parts as a where a.user_id = $1 and a.day >= $2 and a.day < $3`;
const SOURCES = "select * from public.sync_sources as s where s.user_id = $1";

interface HealthCase {
  readonly name: string;
  readonly fn: string;
  readonly route: string;
  readonly rows: BenchCase["rows"];
  readonly plain: string;
  readonly bound: string;
  /** Days before the period that the answer rests on. */
  readonly history: number;
  readonly has_zone: boolean;
}

/** A quarter that moves back with the turns, a day a turn. */
function quarter(world: World, item: HealthCase): BenchCase {
  const window = (turn: number) => ({
    starts_at: daysBefore(world, 90 + turn % 30),
    ends_at: daysBefore(world, turn % 30),
  });
  return {
    name: item.name,
    fn: item.fn,
    caller: OWNER,
    args: window,
    path: (turn) => pathOf(item.route, { from: window(turn).starts_at, to: window(turn).ends_at }),
    rows: item.rows,
    plain: (turn) => ({
      sql: item.plain,
      params: [OWNER, window(turn).starts_at, window(turn).ends_at, ...item.has_zone ? [ZONE] : []],
    }),
    bound: (turn) => ({
      sql: item.bound,
      params: [OWNER, daysBefore(world, 90 + item.history + turn % 30), window(turn).ends_at],
    }),
  };
}

/** `detect_data_gaps`, `detect_anomalies`, `score_data_quality`, `analyze_sync_health`. */
export function healthCases(world: World): BenchCase[] {
  return [
    quarter(world, {
      name: "data gaps, 90 days",
      fn: "detect_data_gaps",
      route: "/analytics/gaps",
      rows: (answer) => answer.gaps.length,
      plain: PLAIN_GAPS,
      bound: HOURS,
      history: 35,
      has_zone: false,
    }),
    quarter(world, {
      name: "anomalies, 90 days",
      fn: "detect_anomalies",
      route: "/analytics/anomalies",
      rows: (answer) => answer.anomalies.length,
      plain: PLAIN_ANOMALIES,
      bound: HOURS,
      history: 365,
      has_zone: true,
    }),
    quarter(world, {
      name: "data quality, 90 days",
      fn: "score_data_quality",
      route: "/analytics/quality",
      rows: (answer) => Object.keys(answer.components).length,
      plain: PLAIN_QUALITY,
      bound: PARTS,
      history: 0,
      has_zone: false,
    }),
    {
      name: "sync health",
      fn: "analyze_sync_health",
      caller: OWNER,
      args: () => ({}),
      path: () => "/sync/health",
      rows: (answer) => Object.keys(answer.sources).length,
      plain: () => ({ sql: PLAIN_HEALTH, params: [OWNER] }),
      bound: () => ({ sql: SOURCES, params: [OWNER] }),
    },
  ];
}
