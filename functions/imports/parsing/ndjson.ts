import { type Chunk, exceedsBytes } from "./chunk.ts";
import { cleanJson, cleanText } from "./clean_text.ts";
import { toTruncated } from "./faults.ts";
import { type EventInput, type EventReading, type ParsedRecord, refuse, toRecord } from "./record.ts";
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
  const { max_carry_bytes: maxBytes } = state.options;
  const records: ParsedRecord[] = [];
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end === -1 ? undefined : end);
    const position = `line ${state.line}`;
    if (exceedsBytes(line, maxBytes)) {
      const fault = {
        code: "record_too_large",
        position,
        detail: "A single line is larger than the limit",
      } as const;
      return { records, carry: "", carry_byte: 0, fault };
    }
    if (end === -1 && !isLast) break;
    if (line.trim() !== "") {
      const reading = readLine(line);
      if (end === -1 && "code" in reading) {
        const fault = toTruncated(position, state.records_read + records.length, null);
        return { records, carry: "", carry_byte: 0, fault };
      }
      records.push(toRecord(position, reading));
    }
    start = end === -1 ? text.length : end + 1;
    state.line++;
  }
  return { records, carry: text.slice(start), carry_byte: 0, fault: null };
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
