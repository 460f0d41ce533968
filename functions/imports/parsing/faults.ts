import type { Fault, FaultCode } from "./record.ts";

/** A fault at a byte of the file. */
export function toFault(code: FaultCode, byte: number, detail: string): Fault {
  return { code, position: `byte ${byte}`, detail };
}

/** The file ended where a record had not: says how far it was read. */
export function toTruncated(position: string, found: number, declared: number | null): Fault {
  const read = declared === null ? `${found} records` : `${found} of ${declared} declared records`;
  return {
    code: "file_truncated",
    position,
    detail: `The file ends before it is complete; ${read} were read`,
  };
}
