import { assertEquals } from "@std/assert";
import {
  type EventInput,
  openParser,
  type ParsedRecord,
  parsePart,
  type ParserOptions,
  type ParserState,
  type PartResult,
} from "./parser.ts";

/** For tests: the zone of naive times unless a test says another. */
export const ZONE = "Europe/Copenhagen";

type Options = Partial<ParserOptions>;

/** The bytes of a text in UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The bytes of a text in UTF-16 without a byte-order mark. */
export function utf16(text: string, isLittleEndian = true): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let index = 0; index < text.length; index++) {
    view.setUint16(2 * index, text.charCodeAt(index), isLittleEndian);
  }
  return new Uint8Array(view.buffer);
}

/** Parses a whole file in one piece. */
export function parseWhole(file: string | Uint8Array, options: Options = {}): PartResult {
  const bytes = typeof file === "string" ? utf8(file) : file;
  return parsePart(openParser({ time_zone: ZONE, ...options }), bytes, true);
}

/** Parses a file cut at the given bytes, its state stored as JSON in between. */
export function parseCut(bytes: Uint8Array, cuts: readonly number[], options: Options = {}): PartResult {
  const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  const records: ParsedRecord[] = [];
  let state = openParser({ time_zone: ZONE, ...options });
  for (const [index, edge] of edges.slice(1).entries()) {
    const result = parsePart(state, bytes.subarray(edges[index], edge), index === edges.length - 2);
    records.push(...result.records);
    state = JSON.parse(JSON.stringify(result.state)) as ParserState;
  }
  return state.fault === null ? { records, state } : { records, state, fault: state.fault };
}

/** Holds a file cut at every byte, and into single bytes, against the same file in one piece. */
export function assertSameWhereverCut(file: string | Uint8Array, options: Options = {}): PartResult {
  const bytes = typeof file === "string" ? utf8(file) : file;
  const whole = parseWhole(bytes, options);
  for (let cut = 0; cut <= bytes.length; cut++) {
    assertEquals(summary(parseCut(bytes, [cut], options)), summary(whole), `cut at byte ${cut}`);
  }
  const everywhere = Array.from(bytes, (_, index) => index);
  assertEquals(summary(parseCut(bytes, everywhere, options)), summary(whole), "cut into single bytes");
  return whole;
}

/** What must not depend on where a file was cut. */
export function summary({ records, state }: PartResult): unknown {
  const { kind, encoding, declared, backup_date, records_read, first_ts, last_ts, is_done, fault } = state;
  return { records, kind, encoding, declared, backup_date, records_read, first_ts, last_ts, is_done, fault };
}

/** The events of a result; fails when there is anything else. */
export function eventsOf({ records, fault }: PartResult): EventInput[] {
  assertEquals(fault, undefined);
  return records.map((record) => {
    assertEquals(record.kind, "event", JSON.stringify(record));
    return (record as Extract<ParsedRecord, { kind: "event" }>).event;
  });
}

/** The code of each record: "event", "card" or why it was refused. */
export function codesOf({ records }: PartResult): string[] {
  return records.map((record) => (record.kind === "refused" ? record.code : record.kind));
}

/** The refusals of a result. */
export function refusalsOf({ records }: PartResult): Extract<ParsedRecord, { kind: "refused" }>[] {
  return records.filter((record) => record.kind === "refused");
}
