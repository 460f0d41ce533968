/** Why there is no plan of a model. */
export type FailureReason =
  | "refused"
  | "truncated"
  | "invalid"
  | "rate_limited"
  | "timeout"
  | "unavailable"
  | "unsupported";

/** What a model may say instead of a plan: a closed set, so that no words of a model reach anybody. */
export const UNSUPPORTED = ["outside_the_log", "other_people", "change", "unclear"] as const;

/** What kind of wish the log cannot answer. */
export type Unsupported = typeof UNSUPPORTED[number];

/** A model gave no plan that can be used. The message is for the log and holds nothing of what was asked or answered. */
export class ModelFailure extends Error {
  override readonly name = "ModelFailure";
  readonly reason: FailureReason;
  /** With the reason `unsupported` only. */
  readonly unsupported: Unsupported | undefined;

  constructor(
    reason: FailureReason,
    message: string,
    options: { unsupported?: Unsupported; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.unsupported = options.unsupported;
  }
}
