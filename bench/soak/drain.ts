import type { Load, Outcome } from "./load.ts";
import { isError } from "./report.ts";

const UNDER_LOAD_MS = 3000;

/** How a stack ended in the middle of its work. */
export interface DrainResult {
  readonly code: number;
  /** From the signal to the end of the process. */
  readonly ms: number;
  /** Requests that had no answer yet when the signal was sent. */
  readonly in_hand: number;
  readonly answered: number;
  /** Told that the server is stopping: it had not come to them yet. */
  readonly refused: number;
  /** Of those in hand: cut off, or answered with an error. And of later ones: an answer that broke off. */
  readonly lost: readonly Outcome[];
}

/** Sends SIGTERM under load, while clients go on asking. */
export async function drain(load: Load): Promise<DrainResult> {
  const { stack } = load;
  let is_over = false;
  const running = load.closed(() => is_over);
  await new Promise((resolve) => setTimeout(resolve, UNDER_LOAD_MS));
  const signalled = performance.now();
  Deno.kill(stack.pid, "SIGTERM");
  const code = await stack.ended;
  const ms = performance.now() - signalled;
  is_over = true;
  const outcomes = await running;
  const in_hand = outcomes.filter((outcome) =>
    outcome.sent <= signalled && outcome.sent + outcome.ms > signalled
  );
  const later = outcomes.filter(({ sent }) => sent > signalled);
  return {
    code,
    ms,
    in_hand: in_hand.length,
    answered: in_hand.filter((outcome) => !outcome.is_refused && !isError(outcome)).length,
    refused: in_hand.filter(({ is_refused }) => is_refused).length,
    // A later one without any answer came when the door was closing: it was never taken.
    lost: [
      ...in_hand.filter(isError),
      ...later.filter((outcome) => isError(outcome) && outcome.status !== 0),
    ],
  };
}
