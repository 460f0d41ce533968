import type { Admin } from "./admin.ts";
import type { ProblemCode } from "../http/problem.ts";

/** Notes in the audit log that a token was refused; never throws. */
export type NoteRefusal = (
  code: ProblemCode,
  surface: string,
  headers: Readonly<Record<string, string>>,
) => Promise<void>;

/** The database limits them too, all processes together; this keeps a flood of forged tokens from asking it. */
const PAUSE_MS = 1000;

/** Makes the log of one function: at most one refusal a second gets into it. */
export function createRefusalLog(admin: Admin, now: () => number = () => performance.now()): NoteRefusal {
  let last = -Infinity;
  return async (reason, surface, headers) => {
    if (now() - last < PAUSE_MS) return;
    last = now();
    // Who is refused is told so, whether or not it could be noted.
    await admin.rpc("record_auth_failure", { reason, surface }, headers).catch(() => {});
  };
}
