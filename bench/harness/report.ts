import { percentile } from "../process_usage.ts";
import type { Pace } from "./pace.ts";
import type { CaseResult } from "./run_case.ts";

function ms(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en");
}

function times(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en")} ×`;
}

/** A percentile of the function's times as they would be at the machine's full speed, ms. */
function atFullSpeed({ sql }: CaseResult, share: number, pace: Pace): number {
  return percentile(sql.times.map((run) => pace.atFullSpeed(run)), share);
}

function verdict(result: CaseResult, pace: Pace): string {
  const { bar_ms, sql } = result;
  if (bar_ms === undefined) return "";
  if (sql.p95 <= bar_ms) return `≤ ${bar_ms}`;
  return atFullSpeed(result, 0.95, pace) <= bar_ms
    ? `≤ ${bar_ms}, **over**, not at full speed`
    : `≤ ${bar_ms}, **over the bar**`;
}

/** Rows of cells as a markdown table. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => column === 0 ? "---" : "---:")), ...rows.map(line)].join(
    "\n",
  );
}

/** Function, route and rivals, ms. */
export function timesTable(results: readonly CaseResult[], pace: Pace): string {
  return markdown(
    [
      "case",
      "SQL p50",
      "p95",
      "at full speed, p95",
      "bar (p95)",
      "route p50",
      "p95",
      "rows",
      "plain query p50",
      "is slower by",
      "lower bound p50",
    ],
    results.map((result) => [
      result.name,
      ms(result.sql.p50),
      ms(result.sql.p95),
      ms(atFullSpeed(result, 0.95, pace)),
      verdict(result, pace),
      result.http === undefined ? "-" : ms(result.http.p50),
      result.http === undefined ? "-" : ms(result.http.p95),
      String(result.rows),
      ms(result.plain.p50),
      times(result.plain.p50 / result.sql.p50),
      ms(result.bound.p50),
    ]),
  );
}

/** What the plans say. */
export function plansTable(results: readonly CaseResult[]): string {
  return markdown(
    ["case", "tables read whole", "rows of events read", "pages", "statements", "indexes"],
    results.map(({ name, plan }) => [
      name,
      plan.whole_scans.length === 0 ? "none" : `**${plan.whole_scans.join(", ")}**`,
      plan.events_read.toLocaleString("en"),
      plan.pages.toLocaleString("en"),
      String(plan.statements),
      plan.indexes.map((index) => `\`${index}\``).join(", "),
    ]),
  );
}

/** Cases whose bar is another case. */
const RATIOS = [
  { of: "page of 50 at nine tenths", to: "page of 50, the first", bar: 1.2 },
  { of: "page of a teammate, the first", to: "page of 50, the first", bar: 1.5 },
  { of: "page of a teammate at nine tenths", to: "page of 50 at nine tenths", bar: 1.5 },
] as const;
const MOST_GROWTH = 1.5;

function judged(value: number, bar: number): string {
  return value <= bar ? times(value) : `${times(value)}, **over the bar**`;
}

/** One case beside another, p50 as measured and as it would be at the machine's full speed. */
export function ratiosTable(results: readonly CaseResult[], pace: Pace): string {
  const rows = RATIOS.flatMap(({ of, to, bar }) => {
    const [above, below] = [of, to].map((name) => results.find((result) => result.name === name));
    if (above === undefined || below === undefined) return [];
    const measured = above.sql.p50 / below.sql.p50;
    const full = atFullSpeed(above, 0.5, pace) / atFullSpeed(below, 0.5, pace);
    const miss = measured <= bar ? "" : full <= bar ? ", **over**, not at full speed" : ", **over the bar**";
    return [[of, to, times(measured), times(full), `≤ ${bar} ×${miss}`]];
  });
  return rows.length === 0 ? "" : markdown(["case", "beside", "takes", "at full speed", "bar"], rows);
}

/** The same cases on two sizes: how many times as long the larger takes at the machine's full speed. */
export function growthTable(
  small: readonly CaseResult[],
  large: readonly CaseResult[],
  pace: Pace,
): string {
  const pairs = large.flatMap((result) => {
    const other = small.find(({ name }) => name === result.name);
    return other === undefined ? [] : [[other, result] as const];
  });
  return markdown(
    ["case", "p50 at full speed, small", "large", "grows", "bar", "plain query grows", "lower bound grows"],
    pairs.map(([less, more]) => {
      const [short, long] = [less, more].map((result) => atFullSpeed(result, 0.5, pace)) as [number, number];
      const growth = long / short;
      return [
        more.name,
        ms(short),
        ms(long),
        more.must_not_grow ? judged(growth, MOST_GROWTH) : times(growth),
        more.must_not_grow ? `≤ ${MOST_GROWTH} ×` : "",
        times(more.plain.p50 / less.plain.p50),
        times(more.bound.p50 / less.bound.p50),
      ];
    }),
  );
}
