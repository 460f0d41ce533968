import { advanceExport } from "../../shared/export/advance.ts";
import { platform } from "../../shared/platform.ts";
import type { JobContext, JobResult } from "./job.ts";

/** Goes on with the export that waits longest: one that nobody looks at, or whose maker was killed. */
export async function run({ admin, deadline }: JobContext): Promise<JobResult> {
  const { outcome, parts } = await advanceExport(admin, {
    deadline,
    ...(platform && { budget_ms: platform.budget_ms }),
  });
  // On the platform a request has done its share then; the next minute's goes on.
  return { parts, more: outcome !== "idle" && platform === undefined };
}
