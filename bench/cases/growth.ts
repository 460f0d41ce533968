import { type BenchCase, bigOf, daysBefore, OWNER, type World } from "./case.ts";
import { contactCases } from "./contacts.ts";
import { dashboardCases } from "./dashboard.ts";
import { healthCases } from "./health.ts";
import { questionCases } from "./questions.ts";
import { searchCases } from "./search.ts";

/** What is called of a case, over SQL alone. */
export type GrowthCase = Pick<BenchCase, "name" | "fn" | "args" | "runs">;

async function pages({ spec, sql }: World): Promise<GrowthCase[]> {
  const [deep] = await sql.query<{ ts: string; id: string }>(
    `select to_json(e.ts) #>> '{}' as ts, e.id from public.events as e where e.user_id = $1
      order by e.ts, e.id offset $2 limit 1`,
    [OWNER, Math.round(bigOf(spec).events / 10)],
  );
  return [
    { name: "page of 50, the first", fn: "get_filtered_events", args: () => ({}) },
    {
      name: "page of 50 at nine tenths",
      fn: "get_filtered_events",
      args: () => ({ cursor_ts: deep?.ts, cursor_id: deep?.id }),
    },
  ];
}

/** The main functions on one's own log. */
export async function growthCases(world: World): Promise<GrowthCase[]> {
  const cases = [
    ...dashboardCases(world),
    ...searchCases(world),
    ...contactCases(world),
    ...healthCases(world),
    ...questionCases(world),
  ].filter(({ caller, fn }) => caller === OWNER && fn !== "get_contact_relationships");
  const today: GrowthCase = {
    name: "dashboard, today",
    fn: "get_dashboard_metrics",
    args: (turn) => ({ starts_at: daysBefore(world, 1 + turn), ends_at: daysBefore(world, turn) }),
  };
  return [today, ...await pages(world), ...cases];
}
