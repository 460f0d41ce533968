import { pathOf } from "../harness/http_client.ts";
import { type BenchCase, daysBefore, month, OWNER, TEAMMATE, type World, ZONE } from "./case.ts";
import { plainDashboard, SEEN_BY_TEAMMATES } from "./plain_dashboard.ts";

// deno-lint-ignore no-explicit-any -- the answer of the function
const buckets = (answer: any) => answer.time_series.data.length + answer.top_contacts.length;

const BOUND = `select
  (select sum(a.calls + a.sms) from private.activity as a
    where a.user_id = $1 and a.grain = $4::private.grain and a.bucket >= $2 and a.bucket < $3) as events,
  (select count(*) from (select c.contact_id, sum(c.calls + c.sms) from private.contact_activity as c
    where c.user_id = $1 and c.grain = $4::private.grain and c.bucket >= $2 and c.bucket < $3 group by 1) as t) as contacts`;

function monthOf(world: World, owner: string, caller: string, name: string, condition: string): BenchCase {
  const is_own = owner === caller;
  const user_id = is_own ? undefined : owner;
  return {
    name,
    fn: "get_dashboard_metrics",
    caller,
    args: (turn) => ({ ...month(world, turn), user_id }),
    path: (turn) => {
      const { starts_at, ends_at } = month(world, turn);
      return pathOf("/dashboard/metrics", { from: starts_at, to: ends_at, user_id });
    },
    rows: buckets,
    plain: (turn) => {
      const { starts_at, ends_at } = month(world, turn);
      const before = daysBefore(world, 60 + 11 * turn);
      return { sql: plainDashboard(condition), params: [owner, starts_at, ends_at, ZONE, before, "day"] };
    },
    ...(!is_own && { plain_by: "operator" }),
    bound: (turn) => ({
      sql: BOUND,
      params: [owner, month(world, turn).starts_at, month(world, turn).ends_at, "day"],
    }),
    ...(is_own && { bar_ms: 15 }),
    must_not_grow: true,
  };
}

function allTime(world: World, owner: string, caller: string, name: string, condition: string): BenchCase {
  const is_own = owner === caller;
  const user_id = is_own ? undefined : owner;
  const since = (turn: number) => daysBefore(world, 3660 + turn % 5);
  const upto = daysBefore(world, 0);
  return {
    name,
    fn: "get_dashboard_metrics",
    caller,
    args: (turn) => ({
      starts_at: since(turn),
      ends_at: upto,
      granularity: "month",
      compare: "none",
      user_id,
    }),
    path: (turn) =>
      pathOf("/dashboard/metrics", {
        from: since(turn),
        to: upto,
        granularity: "month",
        compare: "none",
        user_id,
      }),
    rows: buckets,
    plain: (turn) => ({
      sql: plainDashboard(condition),
      params: [owner, since(turn), upto, ZONE, since(turn), "month"],
    }),
    ...(!is_own && { plain_by: "operator" }),
    bound: (turn) => ({ sql: BOUND, params: [owner, since(turn), upto, "month"] }),
    ...(is_own && { bar_ms: 60 }),
    must_not_grow: true,
  };
}

/** `get_dashboard_metrics`: one's own and a teammate's. */
export function dashboardCases(world: World): BenchCase[] {
  return [
    monthOf(world, OWNER, OWNER, "dashboard, 30 days, compared", "true"),
    allTime(world, OWNER, OWNER, "dashboard, all time by month", "true"),
    monthOf(world, OWNER, TEAMMATE, "dashboard of a teammate, 30 days", SEEN_BY_TEAMMATES),
    allTime(world, OWNER, TEAMMATE, "dashboard of a teammate, all time", SEEN_BY_TEAMMATES),
  ];
}
