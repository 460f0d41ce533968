import { type Chunk, exceedsBytes } from "./chunk.ts";
import { cleanJson, cleanText, isTooDeep } from "./clean_text.ts";
import { toTruncated } from "./faults.ts";
import { type EventInput, type EventReading, refuse, toRecord } from "./record.ts";
import type { ChunkReading, ParserState } from "./state.ts";

const KEYS = [
  "ts",
  "number",
  "type",
  "direction",
  "status",
  "duration",
  "content",
  "contact_name",
  "source",
  "source_id",
  "line_id",
  "metadata",
] as const satisfies (keyof EventInput)[];

/**
 * Reads the whole lines of a file of our own event objects, one in a line; the rest is carried.
 *
 * Changes `state.line`.
 */
export function readNdjson(chunk: Chunk, state: ParserState): ChunkReading {
  const { text, is_last: isLast } = chunk;
  const reading: ChunkReading = { records: [], carry: "", carry_byte: 0, fault: null };
  let start = 0;
  while (start < text.length) {
    const position = `line ${state.line}`;
    const end = text.indexOf("\n", start);
    const stop = end === -1 ? text.length : end;
    if (exceedsBytes(text, state.options.max_carry_bytes, start, stop)) {
      reading.fault = {
        code: "record_too_large",
        position,
        detail: "A single line is larger than the limit",
      };
      return reading;
    }
    if (end === -1 && !isLast) break;
    const line = text.slice(start, stop);
    const read = line.trim() === "" ? null : readLine(line);
    if (end === -1 && read !== null && "code" in read) {
      reading.fault = toTruncated(position, state.records_read + reading.records.length, null);
      return reading;
    }
    if (read !== null) reading.records.push(toRecord(position, read));
    start = stop + 1;
    state.line++;
  }
  reading.carry = text.slice(start);
  return reading;
}

function readLine(line: string): EventReading {
  let value: unknown;
  try {
    value = JSON.parse(cleanText(line));
  } catch {
    return refuse("json_invalid", "The line is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse("json_invalid", "The line is not a JSON object");
  }
  if (isTooDeep(value)) return refuse("json_invalid", "The line is nested too deeply");
  return { event: pickEvent(line.includes("\\u") ? cleanJson(value) : value) };
}

/** Values pass through as they are: the database validates them as it does those of `POST /events`. */
function pickEvent(value: unknown): EventInput {
  const given = value as Record<string, unknown>;
  const event: Record<string, unknown> = {
    number: null,
    status: null,
    duration: null,
    content: null,
    contact_name: null,
  };
  for (const key of KEYS) {
    if (Object.hasOwn(given, key)) event[key] = given[key];
  }
  return event as unknown as EventInput;
}
