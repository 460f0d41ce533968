import { pathOf } from "../harness/http_client.ts";
import { teams } from "../population.ts";
import { ANALYST, type BenchCase, daysBefore, type World, ZONE } from "./case.ts";
import { SEEN_BY_TEAMMATES } from "./plain_dashboard.ts";

const MEMBERS = "(select m.user_id from public.org_members as m where m.organization_id = $1)";
const PERIOD =
  `public.events as e where e.user_id in ${MEMBERS} and e.ts >= $2 and e.ts < $3 and ${SEEN_BY_TEAMMATES}`;
const PLAIN = `select
  (select json_agg(t) from (
    select e.user_id, (select p.display_name from public.profiles as p where p.user_id = e.user_id) as name, count(*) as events,
      count(*) filter (where e.type = 'call') as calls, count(*) filter (where e.direction = 'inbound') as inbound,
      count(*) filter (where e.status = 'missed') as missed, sum(e.duration) as talk_seconds, count(distinct e.contact_id) as contacts
      from ${PERIOD} group by 1 order by 3 desc) as t) as leaderboard,
  (select json_agg(t) from (
    select date_trunc($5::text, e.ts, $4::text) as bucket, count(*) as events, count(*) filter (where e.type = 'call') as calls
      from ${PERIOD} group by 1 order by 1) as t) as series`;
const BOUND = `select a.user_id, sum(a.calls), sum(a.sms), sum(a.talk_seconds) from private.activity as a
  where a.user_id in ${MEMBERS} and a.grain = $4::private.grain and a.bucket >= $2 and a.bucket < $3 group by 1`;

/** `get_team_dashboard_metrics` of the organisation of everybody. */
export function teamCases(world: World): BenchCase[] {
  const organization_id = teams().at(-1)?.organization_id;
  const board = (
    name: string,
    days: number,
    granularity: "day" | "month",
    bar_ms: number | undefined,
  ): BenchCase => {
    const since = (turn: number) => daysBefore(world, days + turn % 10);
    const upto = (turn: number) => daysBefore(world, granularity === "month" ? 0 : turn % 10);
    const compare = granularity === "month" ? "none" : "previous_period";
    return {
      name,
      fn: "get_team_dashboard_metrics",
      caller: ANALYST,
      args: (turn) => ({
        organization_id,
        starts_at: since(turn),
        ends_at: upto(turn),
        granularity,
        compare,
      }),
      path: (turn) =>
        pathOf("/dashboard/team", {
          organization_id,
          from: since(turn),
          to: upto(turn),
          granularity,
          compare,
        }),
      rows: (answer) => answer.time_series.data.length + answer.leaderboard.length,
      plain: (turn) => ({
        sql: PLAIN,
        params: [organization_id, since(turn), upto(turn), ZONE, granularity],
      }),
      plain_by: "operator",
      bound: (turn) => ({ sql: BOUND, params: [organization_id, since(turn), upto(turn), granularity] }),
      ...(bar_ms !== undefined && { bar_ms }),
    };
  };
  return [
    board("team board of 101, all time", 3650, "month", 100),
    board("team board of 101, 30 days, compared", 30, "day", 100),
  ];
}
