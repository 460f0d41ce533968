import { type Chunk, exceedsBytes } from "./chunk.ts";
import { cleanText } from "./clean_text.ts";
import { toFault } from "./faults.ts";
import type { Fault } from "./record.ts";
import type { ChunkReading, ParserState } from "./state.ts";
import { VcardReader } from "./vcard_reader.ts";

/**
 * Reads the cards of vCard 2.1, 3.0 and 4.0 in a chunk. What is not used (pictures) is dropped while it is read, so
 * that memory does not grow with it.
 *
 * Changes `state.vcard`.
 */
export function readVcard(chunk: Chunk, state: ParserState): ChunkReading {
  const reader = new VcardReader(state);
  const { text } = chunk;
  let start = 0;
  let fault: Fault | null = null;
  while (fault === null && start < text.length) {
    const end = text.indexOf("\n", start);
    if (end === -1 && !chunk.is_last) break;
    const line = cleanText(text.slice(start, end === -1 ? undefined : end)).replace(/\r$/, "");
    fault = reader.readLine(line, () => chunk.byteAt(start));
    start = end === -1 ? text.length : end + 1;
  }
  const byte = chunk.byteAt(start);
  const carry = reader.shorten(text.slice(start));
  if (exceedsBytes(carry, state.options.max_carry_bytes)) {
    fault ??= toFault("record_too_large", byte, "A single line is larger than the limit");
  }
  if (chunk.is_last) fault ??= reader.checkEnd();
  return { records: reader.records, carry, carry_byte: byte, fault };
}
