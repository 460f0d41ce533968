import type { BenchCase, World } from "../cases/case.ts";
import { RouteMissingError } from "./http_client.ts";
import { BRIEF, CAREFUL, measure, type Sample } from "./measure.ts";
import type { Pace, Run } from "./pace.ts";
import { explain, type PlanHighlights } from "./plans.ts";
import { callOf, type Identity, openSqlClient, type Statement } from "./sql_client.ts";

/** What was measured of a case. */
export interface CaseResult {
  readonly name: string;
  readonly bar_ms: number | undefined;
  readonly must_not_grow: boolean;
  /** Rows of the first answer. */
  readonly rows: number;
  readonly sql: Sample<Run>;
  /** Missing only while routes may be skipped. */
  readonly http: Sample | undefined;
  readonly plain: Sample;
  readonly bound: Sample;
  readonly plan: PlanHighlights;
}

/** Turns whose plans are looked at: among the search terms a very common, a common and a rare word, and a phrase. */
const EXPLAINED_TURNS = [0, 4, 26, 36];

/** A rival's statements. */
async function measureRival(
  database_url: string,
  identity: Identity,
  statement: (turn: number) => Statement,
): Promise<Sample> {
  await using client = openSqlClient(database_url);
  return await measure((turn) => client.time(identity, statement(turn)), BRIEF);
}

/** The calls of the function, each between two looks at the machine's pace. */
async function measureCalls(
  database_url: string,
  caller: Identity,
  call: (turn: number) => Statement,
  pace: Pace,
  runs = CAREFUL.runs,
): Promise<Sample<Run>> {
  await using client = openSqlClient(database_url);
  return await measure(
    (turn) => pace.time(client, () => client.time(caller, call(turn), true)),
    { ...CAREFUL, runs },
  );
}

async function measureHttp(
  world: World,
  item: BenchCase,
  skip_missing: boolean,
): Promise<Sample | undefined> {
  const effort = { ...CAREFUL, runs: item.runs ?? CAREFUL.runs };
  try {
    const call = (turn: number) =>
      item.body === undefined
        ? world.http.get(item.caller, item.path(turn))
        : world.http.post(item.caller, item.path(turn), JSON.stringify(item.body(turn)));
    return await measure(call, effort);
  } catch (error) {
    if (skip_missing && error instanceof RouteMissingError) return undefined;
    throw error;
  }
}

/** Measures one case: function, route, rivals, plans. Each on a connection of its own, one after the other. */
export async function runCase(
  database_url: string,
  world: World,
  item: BenchCase,
  pace: Pace,
  options: { skip_missing: boolean },
): Promise<CaseResult> {
  const caller = { user_id: item.caller };
  const call = (turn: number) => callOf(item.fn, item.args(turn));
  const first = await world.sql.time(caller, call(0));
  return {
    name: item.name,
    bar_ms: item.bar_ms,
    must_not_grow: item.must_not_grow ?? false,
    rows: item.rows(JSON.parse(String(first.rows[0]?.["answer"]))),
    plan: await explain(database_url, caller, EXPLAINED_TURNS.map(call)),
    sql: await measureCalls(database_url, caller, call, pace, item.runs),
    http: await measureHttp(world, item, options.skip_missing),
    plain: await measureRival(database_url, item.plain_by ?? caller, item.plain),
    bound: await measureRival(database_url, "operator", item.bound),
  };
}
