import { pathOf } from "../harness/http_client.ts";
import { type BenchCase, daysBefore, OWNER, type World, ZONE } from "./case.ts";

/** How each breakdown is said of an event, and the roll-up rows that can answer it. */
const BREAKDOWNS = {
  none: { key: "'all'", bound: "activity" },
  contact: { key: "e.contact_id::text", bound: "contact" },
  type: { key: "e.type", bound: "parts" },
  direction: { key: "e.direction", bound: "parts" },
  status: { key: "coalesce(e.status, 'unknown')", bound: "parts" },
  source: { key: "e.source", bound: "parts" },
  line: { key: "e.line_id::text", bound: "parts" },
  hour: { key: "extract(hour from e.ts at time zone $4::text)::text", bound: "activity" },
  weekday: { key: "extract(isodow from e.ts at time zone $4::text)::text", bound: "activity" },
} as const;

const BOUNDS = {
  activity: `select a.bucket, a.calls, a.sms from private.activity as a
    where a.user_id = $1 and a.grain = 'hour' and a.bucket >= $2 and a.bucket < $3`,
  parts:
    `select p.day, p.type, p.direction, p.status, p.source, sum(p.events) from private.activity_parts as p
    where p.user_id = $1 and p.day >= $2 and p.day < $3 group by 1, 2, 3, 4, 5`,
  contact: `select c.contact_id, sum(c.calls + c.sms) from private.contact_activity as c
    where c.user_id = $1 and c.grain = 'day' and c.bucket >= $2 and c.bucket < $3 group by 1`,
} as const;

function plain(key: string): string {
  return `with e as (select e.ts, e.duration, ${key} as key from public.events as e where e.user_id = $1 and e.ts >= $2 and e.ts < $3),
    top as (select key from e group by 1 order by count(*) desc limit 10)
    select date_trunc($5::text, e.ts, $4::text) as bucket, coalesce(top.key, 'other') as key, count(*) as events
      from e left join top on top.key = e.key group by 1, 2 order by 1, 2`;
}

const GRANULARITIES = ["day", "week", "month"] as const;

/** `get_trends` over a year with each breakdown; days, weeks and months in turn. */
export function trendCases(world: World): BenchCase[] {
  const since = (turn: number) => daysBefore(world, 365 + turn % 15);
  const upto = (turn: number) => daysBefore(world, turn % 15);
  const granularity = (turn: number) => GRANULARITIES[turn % GRANULARITIES.length] ?? "day";
  return Object.entries(BREAKDOWNS).map(([breakdown, { key, bound }]) => ({
    name: `trends, a year by ${breakdown === "none" ? "nothing else" : breakdown}`,
    fn: "get_trends",
    caller: OWNER,
    args: (turn) => ({
      starts_at: since(turn),
      ends_at: upto(turn),
      granularity: granularity(turn),
      breakdown,
    }),
    path: (turn) =>
      pathOf("/analytics/trends", {
        from: since(turn),
        to: upto(turn),
        interval: granularity(turn),
        breakdown,
      }),
    rows: (answer) => answer.buckets.length * answer.series.length,
    plain: (turn) => ({
      sql: plain(key),
      params: [OWNER, since(turn), upto(turn), ZONE, granularity(turn)],
    }),
    bound: (turn) => ({ sql: BOUNDS[bound], params: [OWNER, since(turn), upto(turn)] }),
    bar_ms: 40,
  }));
}
