import { Problem } from "../../shared/http/problem.ts";
import { addResults, type Job, type JobContext, type JobResult } from "./job.ts";
import { run as embeddings } from "./embeddings.ts";
import { run as exports } from "./exports.ts";
import { run as webhooks } from "./webhooks.ts";

/** The jobs of kind `function`, by their name in private.job_schedule. */
const JOBS: Readonly<Record<string, Job>> = { embeddings, exports, webhooks };

type Operator = Pick<JobContext, "env" | "admin">;

interface Started {
  readonly run_id: string;
  readonly kind: "sql" | "function";
  readonly attempt: number;
  readonly seconds: number;
}

interface Ended {
  readonly state: "running" | "done" | "failed";
  readonly result: JobResult;
  readonly error_code: string | null;
  readonly error_at: string | null;
}

/** What became of a run. */
export type FinishedRun = Omit<Ended, "state"> & { id: string; state: "done"; attempt: number };

async function runSql({ admin }: Operator, run_id: string): Promise<Ended> {
  for (;;) {
    const ended = await admin.rpc<Ended>("advance_job_run", { run_id });
    if (ended.state !== "running") return ended;
  }
}

async function callJob(job: Job, context: JobContext): Promise<JobResult> {
  let result = await job(context);
  while (result.more === true && Date.now() < context.deadline) {
    result = addResults(result, await job(context));
  }
  return result;
}

async function attempt(name: string, context: JobContext): Promise<Ended> {
  const job = Object.hasOwn(JOBS, name) ? JOBS[name] : undefined;
  if (job === undefined) {
    return { state: "failed", result: {}, error_code: "job_function_missing", error_at: null };
  }
  try {
    return { state: "done", result: await callJob(job, context), error_code: null, error_at: null };
  } catch (error) {
    const error_code = error instanceof Problem
      ? error.code
      : error instanceof Error
      ? error.name
      : "unknown";
    return { state: "failed", result: {}, error_code, error_at: null };
  }
}

async function runFunction(operator: Operator, name: string, started: Started): Promise<Ended> {
  const ended = await attempt(name, { ...operator, deadline: Date.now() + started.seconds * 1000 });
  const { state, result, error_code } = ended;
  await operator.admin.rpc("finish_job_run", {
    run_id: started.run_id,
    state,
    result,
    ...(error_code !== null && { error_code }),
  });
  return ended;
}

/**
 * Runs a job to its end, or until its time is up.
 *
 * @throws Problem `job_not_found`, `job_running` when another run of it goes on, `job_failed` with the run.
 */
export async function runJob(operator: Operator, name: string): Promise<FinishedRun> {
  const started = await operator.admin.rpc<Started | null>("start_job_run", { name });
  if (started === null) throw new Problem("job_running", "Another run of this job goes on");
  const { state, ...ended } = started.kind === "sql"
    ? await runSql(operator, started.run_id)
    : await runFunction(operator, name, started);
  const run = { id: started.run_id, attempt: started.attempt, ...ended };
  if (state === "done") return { ...run, state };
  throw new Problem("job_failed", `The job failed: ${ended.error_code}`, {
    members: { run: { ...run, state } },
  });
}
