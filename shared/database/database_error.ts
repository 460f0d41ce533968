import type { PostgrestError } from "@supabase/supabase-js";
import { isProblemCode, Problem } from "../http/problem.ts";

/**
 * Turns an error of the REST interface into a problem. Only what our own functions raise (`PTxyz`) is shown; the text
 * of any other error stays in the log.
 *
 * @param error As supabase-js returns it.
 * @param status The HTTP status of the answer; 0 when there was none.
 */
export function databaseProblem(error: PostgrestError, status: number): Problem {
  if (error.code?.startsWith("PT") && isProblemCode(error.message)) {
    return new Problem(error.message, error.details ?? error.message, { cause: error });
  }
  switch (error.code) {
    case "PGRST301":
    case "PGRST302":
    case "PGRST303":
      return new Problem("token_invalid", "The token was not accepted by the database", { cause: error });
    case "57014":
      return new Problem("database_timeout", "The query took longer than it may", { cause: error });
    case "40001":
    case "40P01":
    case "53300":
    case "57P03":
    case "PGRST000":
    case "PGRST001":
    case "PGRST002":
    case "PGRST003":
      return new Problem("database_unavailable", "The database is busy or starting: try again", {
        cause: error,
      });
  }
  // A value that passed the schema and still is none to Postgres: a NUL in a text, a year that it does not have, JSON of a thousand levels.
  if (error.code?.startsWith("22") || error.code === "54001") {
    return new Problem(
      "validation_failed",
      "A value is out of range, or has characters that cannot be stored",
      {
        cause: error,
      },
    );
  }
  if (status === 0 || status === 502 || status === 503) {
    return new Problem("database_unavailable", "The database could not be reached", { cause: error });
  }
  return new Problem("internal_error", "The request could not be completed", { cause: error });
}
