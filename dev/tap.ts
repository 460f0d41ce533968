import type { Database, Row, Session } from "./database.ts";
import { splitStatements } from "./sql_statements.ts";

/** One assertion of a pgTAP file. */
export interface TapResult {
  ok: boolean;
  description: string;
  /** What pgTAP says about a failure. */
  diagnostics: string[];
}

/** What a pgTAP file said. */
export interface TapReport {
  results: TapResult[];
  /** How many assertions it announced; null without a plan. */
  planned: number | null;
}

/** A pgTAP file that fails, cannot run, or proves nothing. The message lists why. */
export class TapError extends Error {
  override name = "TapError";
}

/**
 * Reads the lines of a TAP stream. Diagnostics belong to the assertion before them; what is neither is not TAP and
 * is left out. A failure marked TODO does not count.
 */
export function parseTap(lines: Iterable<string>): TapReport {
  const report: TapReport = { results: [], planned: null };
  for (const line of lines) {
    const [, planned] = /^1\.\.(\d+)/.exec(line) ?? [];
    if (planned !== undefined) report.planned = Number(planned);
    const [, not, description = ""] = /^(not )?ok\b\s*\d*\s*-?\s*(.*)$/.exec(line) ?? [];
    if (/^(not )?ok\b/.test(line)) {
      report.results.push({ ok: not === undefined || /#\s*TODO/i.test(line), description, diagnostics: [] });
    } else if (line.startsWith("#")) {
      report.results.at(-1)?.diagnostics.push(line.replace(/^#\s?/, ""));
    } else if (line.startsWith("Bail out!")) {
      report.results.push({ ok: false, description: line, diagnostics: [] });
    }
  }
  return report;
}

function linesOf(rows: Row[][]): string[] {
  return rows.flat().flatMap((row) => {
    const [value] = Object.values(row);
    return typeof value === "string" ? value.split("\n") : [];
  });
}

async function runFile(session: Session, name: string, script: string): Promise<string[]> {
  const statements = splitStatements(script).filter(({ has_code }) => has_code);
  if (!/\bbegin$/i.test(statements[0]?.text ?? "") || !/\brollback$/i.test(statements.at(-1)?.text ?? "")) {
    throw new TapError(`Cannot run ${name}: it has to start with begin and end with rollback`);
  }
  const lines: string[] = [];
  for (const { text, line } of statements) {
    try {
      lines.push(...linesOf(await session.exec(text)));
    } catch (cause) {
      const { message, code, detail, where } = cause as Record<string, string | undefined>;
      const more = [detail, where, ...lines.slice(-1)].filter(Boolean).map((note) => `\n  ${note}`).join("");
      throw new TapError(`${name}:${line}: ${message} (${code ?? "no SQLSTATE"})${more}`, { cause });
    }
  }
  return lines;
}

function complaints({ results, planned }: TapReport): string[] {
  const failed = results.filter(({ ok }) => !ok).map(({ description, diagnostics }) =>
    [`not ok - ${description}`, ...diagnostics.map((text) => `  ${text}`)].join("\n")
  );
  if (results.length === 0) failed.push("no assertion ran");
  if (planned === null) failed.push("no plan: call plan(n), or no_plan() and finish()");
  else if (planned !== results.length) failed.push(`planned ${planned} assertions, ran ${results.length}`);
  return failed;
}

/** Makes pgTAP's functions callable in this database; only tests need them. */
export async function installPgtap(db: Database): Promise<void> {
  await db.exec("create schema if not exists extensions");
  await db.exec("create extension if not exists pgtap with schema extensions");
}

/**
 * Runs one pgTAP script (`begin; select plan(n); …; select * from finish(); rollback;`) and gives its report.
 *
 * @throws TapError when an assertion fails, the plan does not fit, SQL fails, or nothing was asserted.
 */
export async function runTap(db: Database, name: string, script: string): Promise<TapReport> {
  const report = parseTap(await db.session((session) => runFile(session, name, script)));
  const failed = complaints(report);
  if (failed.length > 0) throw new TapError(`${name}:\n${failed.join("\n")}`);
  return report;
}
