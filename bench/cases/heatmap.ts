import { pathOf } from "../harness/http_client.ts";
import { type BenchCase, daysBefore, OWNER, type World, ZONE } from "./case.ts";

const PLAIN =
  `select extract(isodow from e.ts at time zone $4::text) as weekday, extract(hour from e.ts at time zone $4::text) as hour,
    count(*) as events, count(*) filter (where e.type = 'call') as calls, avg(e.duration) as duration
  from public.events as e where e.user_id = $1 and e.ts >= $2 and e.ts < $3 group by 1, 2 order by 1, 2`;
const BOUND = `select sum(a.calls), sum(a.sms) from private.activity as a
  where a.user_id = $1 and a.grain = 'hour' and a.bucket >= $2 and a.bucket < $3`;

/** `get_activity_heatmap`: 90 days, and all time in a zone of whole and of quarter hours. */
export function heatmapCases(world: World): BenchCase[] {
  const heatmap = (name: string, days: number, time_zone: string): BenchCase => {
    const since = (turn: number) => daysBefore(world, days + turn % 7);
    const upto = (turn: number) => daysBefore(world, days > 365 ? 0 : turn % 7);
    return {
      name,
      fn: "get_activity_heatmap",
      caller: OWNER,
      args: (turn) => ({ starts_at: since(turn), ends_at: upto(turn), time_zone }),
      path: (turn) => pathOf("/dashboard/heatmap", { from: since(turn), to: upto(turn), time_zone }),
      rows: () => 168,
      plain: (turn) => ({ sql: PLAIN, params: [OWNER, since(turn), upto(turn), time_zone] }),
      bound: (turn) => ({ sql: BOUND, params: [OWNER, since(turn), upto(turn)] }),
      bar_ms: 30,
    };
  };
  return [
    heatmap("heatmap, 90 days", 90, ZONE),
    heatmap("heatmap, all time", 3660, ZONE),
    heatmap("heatmap, all time, +05:45", 3660, "Asia/Kathmandu"),
  ];
}
