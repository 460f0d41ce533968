import { BackupReader } from "./backup_reader.ts";
import type { Chunk } from "./chunk.ts";
import { toFault, toTruncated } from "./faults.ts";
import { MarkupSplitter } from "./markup_splitter.ts";
import type { Fault } from "./record.ts";
import type { ChunkReading, ParserState } from "./state.ts";
import { openXml, type XmlState } from "./xml_state.ts";

/**
 * Reads the calls, SMS and MMS of an "SMS Backup & Restore" file in a chunk. Each tag is parsed by itself, so memory
 * does not grow with the file; one root may follow another, as where two backups were joined.
 *
 * Changes `state.xml`, `state.declared` and `state.backup_date`.
 */
export function readXmlBackup(chunk: Chunk, state: ParserState): ChunkReading {
  const xml = state.xml ??= openXml();
  const reader = new BackupReader(chunk, state, xml);
  const splitter = new MarkupSplitter(chunk.text, xml.mode);
  let fault: Fault | null = null;
  while (fault === null) {
    const markup = splitter.next();
    if (markup === null) break;
    fault = reader.read(markup);
  }
  xml.mode = splitter.mode;
  const { carry } = splitter;
  const carryByte = chunk.byteAt(splitter.index);
  const { records } = reader;
  if (xml.mode === "markup") fault ??= reader.checkTag(carry, carryByte);
  if (chunk.is_last) {
    const byte = xml.mode === "markup" ? carryByte : chunk.byteAt(chunk.text.length);
    fault ??= checkEnd(xml, byte, state.records_read + records.length, state.declared);
  }
  return { records, carry, carry_byte: carryByte, fault };
}

function checkEnd(xml: XmlState, byte: number, found: number, declared: number | null): Fault | null {
  if (xml.open.length > 0 || xml.mode !== "content") {
    return toTruncated(xml.mms?.position ?? `byte ${byte}`, found, declared);
  }
  return xml.has_root ? null : toFault("xml_not_a_backup", byte, "The file has no root element");
}
