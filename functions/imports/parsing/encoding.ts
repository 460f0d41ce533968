/** The character encodings that are read. Latin-1 is read as windows-1252, as the web does. */
export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/** What the first bytes of a file say. */
export interface EncodingGuess {
  encoding: Encoding;
  /** Bytes of the byte-order mark, to be skipped. */
  bom_length: number;
}

const DECLARATION_BYTES = 256;
const SINGLE_BYTE_NAMES = new Set(["iso-8859-1", "iso8859-1", "latin1", "latin-1", "windows-1252", "cp1252"]);

/**
 * Tells the encoding from a byte-order mark, from the zero bytes of UTF-16 without one, or from the XML
 * declaration. Anything else is taken for UTF-8 until a byte proves it wrong.
 *
 * @returns null when more bytes are needed (never when `isComplete`).
 */
export function guessEncoding(head: Uint8Array, isComplete: boolean): EncodingGuess | null {
  const [a, b, c, d] = head;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: "utf-8", bom_length: 3 };
  if (a === 0xff && b === 0xfe) return { encoding: "utf-16le", bom_length: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: "utf-16be", bom_length: 2 };
  if (head.length < 5 && !isComplete) return null;
  if (isAscii(a) && b === 0 && isAscii(c) && d === 0) return { encoding: "utf-16le", bom_length: 0 };
  if (a === 0 && isAscii(b) && c === 0 && isAscii(d)) return { encoding: "utf-16be", bom_length: 0 };
  return guessFromDeclaration(head, isComplete);
}

function isAscii(byte: number | undefined): boolean {
  return byte !== undefined && byte > 0 && byte < 0x80;
}

function guessFromDeclaration(head: Uint8Array, isComplete: boolean): EncodingGuess | null {
  const start = new TextDecoder("windows-1252").decode(head.subarray(0, DECLARATION_BYTES));
  if (start.startsWith("<?xml")) {
    const end = start.indexOf("?>");
    if (end === -1 && head.length < DECLARATION_BYTES && !isComplete) return null;
    const name = /encoding\s*=\s*["']([\w-]+)/.exec(start.slice(0, end))?.[1]?.toLowerCase();
    if (name !== undefined && SINGLE_BYTE_NAMES.has(name)) return { encoding: "windows-1252", bom_length: 0 };
  }
  return { encoding: "utf-8", bom_length: 0 };
}
