import { cleanText } from "./clean_text.ts";
import type { FaultCode, ImportKind } from "./record.ts";

/** What the start of a file is, or the fault that ends it, or null when more of it is needed. */
export type Sniffed = { kind: ImportKind } | { code: FaultCode; detail: string } | null;

const CARD = "BEGIN:VCARD";
const MAGIC: [name: string, bytes: number[]][] = [
  ["a zip archive", [0x50, 0x4b, 0x03, 0x04]],
  ["a gzip archive", [0x1f, 0x8b]],
  ["a 7z archive", [0x37, 0x7a, 0xbc, 0xaf]],
  ["a PDF document", [0x25, 0x50, 0x44, 0x46]],
  ["a picture", [0x89, 0x50, 0x4e, 0x47]],
  ["a picture", [0xff, 0xd8, 0xff]],
  ["a SQLite database", [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20]],
  ["an old Office document", [0xd0, 0xcf, 0x11, 0xe0]],
  ["text in UTF-32", [0xff, 0xfe, 0x00, 0x00]],
];

/** Names what a file is whose first bytes are those of a known binary format; null for anything else. */
export function nameBinary(head: Uint8Array): string | null {
  return MAGIC.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte))?.[0] ?? null;
}

/**
 * Tells the kind from the first characters, and a CSV from the whole head.
 *
 * @param text the decoded start of the file
 * @param isComplete no more text can be had: the head is full or the file has ended
 * @param wanted the caller's kind: JSON that is not one object per line is refused here unless it was asked for
 */
export function sniffKind(text: string, isComplete: boolean, wanted?: ImportKind): Sniffed {
  const start = text.trimStart();
  if (start === "") return isComplete ? { code: "file_empty", detail: "The file holds no text" } : null;
  if (start.startsWith("<")) return { kind: "sms_backup_xml" };
  const card = start.slice(0, CARD.length).toUpperCase();
  if (card === CARD) return { kind: "vcard" };
  if (!isComplete && CARD.startsWith(card)) return null;
  if (start.startsWith("{")) {
    return wanted === "ndjson" ? { kind: wanted } : sniffJsonLines(start, isComplete);
  }
  if (start.startsWith("[")) return unknown("The file is one JSON array, not one object per line");
  if (!isComplete) return null;
  return isBinary(start) ? unknown("The file is not text") : { kind: "csv" };
}

function unknown(detail: string): Sniffed {
  return { code: "kind_unknown", detail };
}

/** One of the first lines must be an object of its own; that of a JSON document over many lines is left open. */
function sniffJsonLines(start: string, isComplete: boolean): Sniffed {
  const lines = start.split("\n", 6);
  const whole = isComplete ? lines : lines.slice(0, -1);
  const isDocument = /[{[,:]\s*$/.test(whole[0] ?? "");
  if (!isDocument && (whole.some(isJsonObject) || (isComplete && lines.length === 1))) {
    return { kind: "ndjson" };
  }
  if (!isDocument && !isComplete && lines.length < 6) return null;
  return unknown("The file is one JSON document, not one object per line");
}

function isJsonObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(cleanText(line));
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** More than one character in twenty is a control character: no text file, even one with a stray NUL. */
function isBinary(text: string): boolean {
  const sample = text.slice(0, 4096);
  let controls = 0;
  for (let index = 0; index < sample.length; index++) {
    const unit = sample.charCodeAt(index);
    if ((unit < 0x20 && unit !== 0x9 && unit !== 0xa && unit !== 0xd) || unit === 0xfffd) controls++;
  }
  return controls * 20 > sample.length;
}
