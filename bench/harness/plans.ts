import { type Identity, openSqlClient, type SqlClient, type Statement } from "./sql_client.ts";

interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Index Cond"?: string;
  "Actual Rows"?: number;
  "Actual Loops"?: number;
  "Rows Removed by Filter"?: number;
  "Shared Hit Blocks"?: number;
  "Shared Read Blocks"?: number;
  Plans?: PlanNode[];
}

/** What the plans of a call and of every statement inside its functions have in common. */
export interface PlanHighlights {
  /** Tables over 1,000 pages that are read from end to end, be it by an index. */
  readonly whole_scans: readonly string[];
  /** Indexes of such tables that are read. */
  readonly indexes: readonly string[];
  /** Rows that were read of public.events, those a filter dropped included. */
  readonly events_read: number;
  /** Pages of 8 kB that the call touched. */
  readonly pages: number;
  readonly statements: number;
}

const SETTINGS =
  `load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on;
  set auto_explain.log_timing = off; set auto_explain.log_buffers = on; set auto_explain.log_format = json;
  set auto_explain.log_nested_statements = on; set client_min_messages = log`;

/** Names of the tables over 1,000 pages and of their indexes. */
async function bigTables(client: SqlClient): Promise<ReadonlySet<string>> {
  const rows = await client.query<{ relname: string }>(`
    select c.relname from pg_class as c where c.relkind = 'r' and c.relpages > 1000
    union
    select i.relname from pg_class as c join pg_index as x on x.indrelid = c.oid join pg_class as i on i.oid = x.indexrelid
     where c.relkind = 'r' and c.relpages > 1000`);
  return new Set(rows.map(({ relname }) => relname));
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function planOf(notice: string): PlanNode | undefined {
  const [, json] = /^duration: [\d.]+ ms {2}plan:\n(\{[\s\S]*\})$/.exec(notice) ?? [];
  return json === undefined ? undefined : JSON.parse(json).Plan;
}

function pagesOf(plan: PlanNode): number {
  return (plan["Shared Hit Blocks"] ?? 0) + (plan["Shared Read Blocks"] ?? 0);
}

// A bitmap index scan finds rows for the heap scan above it, which counts them.
function rowsRead(node: PlanNode): number {
  if (node["Relation Name"] !== "events") return 0;
  return ((node["Actual Rows"] ?? 0) + (node["Rows Removed by Filter"] ?? 0)) * (node["Actual Loops"] ?? 0);
}

// Generic plans are taken after five executions on a connection.
const WARMUPS = 6;
const PATIENCE_MS = 5_000;

/** An index without a condition is read from its start; more than a handful of rows is not a limit's doing. */
function isWhole(node: PlanNode): boolean {
  const type = node["Node Type"];
  return type === "Seq Scan" ||
    (/^Index (Only )?Scan/.test(type) && node["Index Cond"] === undefined &&
      (node["Actual Rows"] ?? 0) > 1000);
}

/**
 * Runs each statement once with auto_explain on a warm connection, and says what their plans have in common: the worst of
 * the counts. The connecting role must be a superuser.
 */
export async function explain(
  database_url: string,
  identity: Identity,
  statements: readonly Statement[],
): Promise<PlanHighlights> {
  const notices: string[] = [];
  await using client = openSqlClient(database_url, (message) => notices.push(message));
  const big = await bigTables(client);
  const [first] = statements;
  const started = performance.now();
  for (let turn = 0; turn < WARMUPS && performance.now() - started < PATIENCE_MS; turn++) {
    if (first !== undefined) await client.time(identity, first, true);
  }
  await client.exec(SETTINGS);
  const runs: PlanNode[][] = [];
  for (const statement of statements) {
    notices.length = 0;
    await client.time(identity, statement, true);
    runs.push(notices.map(planOf).filter((plan) => plan !== undefined));
  }
  const nodes = runs.flat().flatMap(nodesOf);
  const scans = nodes.filter((node) => isWhole(node) && big.has(node["Relation Name"] ?? ""));
  const indexes = nodes.map((node) => node["Index Name"] ?? "").filter((name) => big.has(name));
  const worst = (count: (plans: PlanNode[]) => number) => Math.round(Math.max(...runs.map(count)));
  return {
    whole_scans: [...new Set(scans.map((node) => node["Relation Name"] ?? ""))].sort(),
    indexes: [...new Set(indexes)].sort(),
    events_read: worst((plans) => plans.flatMap(nodesOf).reduce((sum, node) => sum + rowsRead(node), 0)),
    pages: worst((plans) => Math.max(0, ...plans.map(pagesOf))),
    statements: worst((plans) => plans.length),
  };
}
