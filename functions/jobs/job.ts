import type { Admin } from "../../shared/access/admin.ts";
import type { Env } from "../../shared/env.ts";

/** What a job in TypeScript works with. */
export interface JobContext {
  readonly env: Env;
  readonly admin: Admin;
  /** Milliseconds since 1970: a job starts nothing new after it. */
  readonly deadline: number;
}

/** What a job did, in counts; `more` says that work is left. */
export type JobResult = { readonly more?: boolean } & Readonly<Record<string, unknown>>;

/** One step of a job; it may be repeated, and may be killed at any point. */
export type Job = (context: JobContext) => Promise<JobResult>;

/** Two results in one: numbers are added, of anything else the later stays. */
export function addResults(sum: JobResult, next: JobResult): JobResult {
  const { more: _, ...counts } = sum;
  const added = Object.entries(next).map(([name, value]) => {
    const before = counts[name];
    return [name, typeof value === "number" && typeof before === "number" ? before + value : value];
  });
  return { ...counts, ...Object.fromEntries(added) };
}
