// deno-lint-ignore-file no-console -- progress goes to standard error
import { ANALYST, ZONE } from "./cases/case.ts";
import { openPopulation } from "./harness/bench_database.ts";
import { callOf, openSqlClient, type Statement } from "./harness/sql_client.ts";
import { teams } from "./population.ts";
import { percentile } from "./process_usage.ts";

const ROUNDS = 40;
const WARMUPS = 8;
const YEARS = 10;

const SUMS = [
  "calls",
  "sms",
  "inbound",
  "answered",
  "missed",
  "talk_seconds",
  "answered_seconds",
  "answered_timed",
];
const summed = (prefix: string) => SUMS.map((name) => `sum(${prefix}.${name}) as ${name}`).join(", ");

/** The most that a view could know beforehand: each member's local months, in the one zone that is asked for. */
const VIEW = `
  drop materialized view if exists bench.board_months;
  create materialized view bench.board_months as
    select m.organization_id, a.user_id, date_trunc('month', a.bucket, '${ZONE}') as month, ${summed("a")}
      from public.org_members as m join private.activity as a on a.user_id = m.user_id
     where a.grain = 'hour' and not a.is_private
     group by 1, 2, 3;
  create unique index on bench.board_months (organization_id, user_id, month);
  vacuum analyze bench.board_months;`;

const FROM_VIEW = `
  with line as materialized (
    select v.* from bench.board_months as v join private.sharing_members as m using (organization_id, user_id)
     where v.organization_id = $1 and v.month >= $2 and v.month < $3)
  select null::uuid as user_id, v.month, count(*) as members, ${summed("v")} from line as v group by v.month
  union all
  select v.user_id, null, null, ${summed("v")} from line as v group by v.user_id`;

const LIVE = `select * from private.team_activity_between($1,
  private.bucket_bounds($2::timestamptz, $3::timestamptz, 'month', '${ZONE}', 1), 'month')`;

/** A population to measure on. */
export interface BoardViewOptions {
  readonly server_url: string;
  readonly prefix: string;
  readonly scale: number;
  readonly keep: boolean;
}

/**
 * What a materialised view would buy the board of the organisation of everybody, ten years by month: its sums from the
 * roll-ups as they are, and from a view of local months, turn by turn; and what keeping the view costs. A markdown table.
 */
export async function benchBoardView(options: BoardViewOptions): Promise<string> {
  const { server_url, prefix, scale, keep } = options;
  const { url, spec } = await openPopulation(
    server_url,
    `${prefix}_${scale === 1 ? "full" : "tenth"}`,
    scale,
    {
      keep,
      log: (message) => console.error(message),
    },
  );
  await using sql = openSqlClient(url);
  const organization_id = teams().at(-1)?.organization_id;
  const last = new Date(`${spec.day.slice(0, 7)}-01T12:00:00Z`);
  const first = new Date(last);
  first.setUTCFullYear(last.getUTCFullYear() - YEARS);
  const [period] = await sql.query<{ since: Date; upto: Date }>(
    `select date_trunc('month', $1::timestamptz, '${ZONE}') as since, date_trunc('month', $2::timestamptz, '${ZONE}') as upto`,
    [first.toISOString(), last.toISOString()],
  );
  const span = [period?.since.toISOString(), period?.upto.toISOString()];
  await sql.exec("create schema if not exists bench");
  for (const statement of VIEW.split(";").filter((text) => text.trim() !== "")) await sql.exec(statement);
  try {
    const params = [organization_id, ...span];
    const caller = { user_id: ANALYST };
    const board = callOf("get_team_dashboard_metrics", {
      organization_id,
      starts_at: span[0],
      ends_at: span[1],
      granularity: "month",
      compare: "none",
      time_zone: ZONE,
    });
    const ways: Record<string, () => Promise<{ ms: number; rows: unknown[] }>> = {
      "sums from the roll-ups": () => sql.time(caller, { sql: LIVE, params } satisfies Statement, true),
      "sums from the view": () => sql.time("operator", { sql: FROM_VIEW, params } satisfies Statement, true),
      "the whole board": () => sql.time(caller, board, true),
    };
    const times: Record<string, number[]> = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
    for (let round = -WARMUPS; round < ROUNDS; round++) {
      for (const [name, run] of Object.entries(ways)) {
        const { ms } = await run();
        if (round >= 0) times[name]?.push(ms);
      }
    }
    const refreshes: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const started = performance.now();
      await sql.exec("refresh materialized view concurrently bench.board_months");
      refreshes.push(performance.now() - started);
    }
    const [size] = await sql.query<{ rows: number; size: string }>(
      `select count(*)::integer as rows, pg_size_pretty(pg_total_relation_size('bench.board_months')) as size from bench.board_months`,
    );
    return [
      `${ROUNDS} rounds, ${(5_000_000 * scale).toLocaleString("en")} events, ms:\n`,
      "| way | p50 | p95 |",
      "| --- | --: | --: |",
      ...Object.entries(times).map(([name, ms]) =>
        `| ${name} | ${percentile(ms, 0.5).toFixed(0)} | ${percentile(ms, 0.95).toFixed(0)} |`
      ),
      `| refresh of the view, concurrently (${size?.rows} rows, ${size?.size}) | ${
        percentile(refreshes, 0.5).toFixed(0)
      } | ${Math.max(...refreshes).toFixed(0)} |`,
    ].join("\n");
  } finally {
    await sql.exec("drop materialized view bench.board_months");
  }
}
