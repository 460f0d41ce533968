/** Where a request stands in a trace, as W3C Trace Context has it. */
export interface Trace {
  /** 32 hexadecimal digits, the same through all services. */
  readonly trace_id: string;
  /** 16 hexadecimal digits: the caller's; null where the trace begins here. */
  readonly parent_id: string | null;
  /** 16 hexadecimal digits: this request's own. */
  readonly span_id: string;
  /** Two hexadecimal digits; the last bit says that the caller keeps the trace. */
  readonly flags: string;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NOTHING = /^0+$/;

function randomHex(bytes: number): string {
  return Array.from(
    crypto.getRandomValues(new Uint8Array(bytes)),
    (byte) => byte.toString(16).padStart(2, "0"),
  )
    .join("");
}

/**
 * Goes on with the trace of a `traceparent` header, or begins one where it is missing or not valid: version 00 has
 * four parts, a later one may have more, `ff` is none, and neither id is all zeros.
 */
export function continueTrace(traceparent: string | undefined): Trace {
  const span_id = randomHex(8);
  const [, version, trace_id = "", parent_id = "", flags = "", more] = TRACEPARENT.exec(traceparent ?? "") ??
    [];
  const is_valid = version !== undefined && version !== "ff" && !(version === "00" && more !== undefined) &&
    !NOTHING.test(trace_id) && !NOTHING.test(parent_id);
  return is_valid
    ? { trace_id, parent_id, span_id, flags }
    : { trace_id: randomHex(16), parent_id: null, span_id, flags: "00" };
}

/** The `traceparent` header that this request sends on. */
export function traceparent({ trace_id, span_id, flags }: Trace): string {
  return `00-${trace_id}-${span_id}-${flags}`;
}
