import { decodeBase64, decodeText, encodeBase64, encodeText } from "./base64.ts";
import { Chunk } from "./chunk.ts";
import { readCsv } from "./csv.ts";
import { toFault, toTruncated } from "./faults.ts";
import { countRecords } from "./count_records.ts";
import { decideHead } from "./head.ts";
import { readNdjson } from "./ndjson.ts";
import type { Fault, ParsedRecord } from "./record.ts";
import type { ChunkReading, ParserState } from "./state.ts";
import { type DecodedPart, decodePart } from "./text_decoder.ts";
import { readVcard } from "./vcard.ts";
import { readXmlBackup } from "./xml_backup.ts";

/** What one part of a file gave. */
export interface PartResult {
  /** The records that ended in this part, in file order. */
  records: ParsedRecord[];
  /** To be given with the next part. */
  state: ParserState;
  /** Ends the file; `records` are those before it. */
  fault?: Fault;
}

/**
 * Reads the next part of a file. Parts may be cut anywhere; the records and positions do not depend on where. Never
 * throws on what a file holds, and does not change the state it is given, so a part can be read again.
 *
 * @param isLast the file ends with this part, which may be empty
 * @example
 * ```ts
 * let state = openParser({ time_zone: "Europe/Berlin" });
 * for (const [index, part] of parts.entries()) {
 *   const result = parsePart(state, part, index === parts.length - 1);
 *   state = JSON.parse(JSON.stringify(result.state));
 * }
 * ```
 */
export function parsePart(before: ParserState, bytes: Uint8Array, isLast: boolean): PartResult {
  const state = structuredClone(before);
  if (state.is_done) return toResult(state, []);
  const input = concat(decodeBase64(state.undecoded), bytes);
  const inputByte = state.byte_offset - (input.length - bytes.length);
  state.byte_offset += bytes.length;
  const head = state.kind === null ? decideHead(input, isLast, state) : { skip: 0 };
  if (head === null) {
    state.undecoded = encodeBase64(input);
    return toResult(state, []);
  }
  if ("code" in head) return finish(state, [], head);
  return readInput(state, input.subarray(head.skip), inputByte + head.skip, isLast);
}

function readInput(state: ParserState, input: Uint8Array, byte: number, isLast: boolean): PartResult {
  const decoded = decode(state, input, isLast);
  const rest = input.subarray(decoded.consumed);
  const chunk = toChunk(state, decoded, byte, isLast && rest.length === 0);
  const reading = readChunk(chunk, state);
  countRecords(state, reading.records);
  const fault = reading.fault ?? decodingFault(state, decoded, byte, isLast && rest.length > 0);
  if (fault !== null || isLast) return finish(state, reading.records, fault);
  state.carry = encodeText(reading.carry);
  state.carry_byte = reading.carry_byte;
  state.undecoded = encodeBase64(rest);
  return toResult(state, reading.records);
}

function decode(state: ParserState, input: Uint8Array, isLast: boolean): DecodedPart {
  const mayFallBack = state.is_ascii && (state.kind === "csv" || state.kind === "vcard");
  const decoded = decodePart(input, state.encoding ?? "utf-8", mayFallBack, isLast);
  state.encoding = decoded.encoding;
  state.is_ascii &&= decoded.text.length === decoded.consumed;
  return decoded;
}

function decodingFault(state: ParserState, decoded: DecodedPart, byte: number, isCut: boolean): Fault | null {
  if (decoded.invalid_at !== null) {
    return toFault(
      "encoding_invalid",
      byte + decoded.invalid_at,
      `The byte is not valid ${decoded.encoding}`,
    );
  }
  return isCut ? toTruncated(`byte ${byte + decoded.consumed}`, state.records_read, state.declared) : null;
}

function toChunk(state: ParserState, decoded: DecodedPart, byte: number, isLast: boolean): Chunk {
  const carry = decodeText(state.carry);
  return new Chunk(carry + decoded.text, {
    encoding: decoded.encoding,
    carry_length: carry.length,
    carry_byte: state.carry_byte,
    byte,
    is_last: isLast,
  });
}

function readChunk(chunk: Chunk, state: ParserState): ChunkReading {
  switch (state.kind) {
    case "sms_backup_xml":
      return readXmlBackup(chunk, state);
    case "vcard":
      return readVcard(chunk, state);
    case "ndjson":
      return readNdjson(chunk, state);
    default:
      return readCsv(chunk, state);
  }
}

function finish(state: ParserState, records: ParsedRecord[], fault: Fault | null): PartResult {
  state.is_done = true;
  state.fault = fault;
  state.carry = "";
  state.undecoded = "";
  state.xml = null;
  state.vcard = null;
  return toResult(state, records);
}

function toResult(state: ParserState, records: ParsedRecord[]): PartResult {
  return state.fault === null ? { records, state } : { records, state, fault: state.fault };
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
