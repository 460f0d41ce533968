import type { Encoding } from "./encoding.ts";

/** Text of as many bytes as could be decoded. */
export interface DecodedPart {
  text: string;
  /** Bytes that `text` stands for; the rest belong to the next part (half a character) or are invalid. */
  consumed: number;
  /** As given, or windows-1252 where that was fallen back to. */
  encoding: Encoding;
  /** Index of the first byte that is not of the encoding, or null. */
  invalid_at: number | null;
}

/**
 * Decodes one part of a file. A character cut by the part's end is left to the next part.
 *
 * @param mayFallBack Excel and old phones write windows-1252 without saying so: where UTF-8 turns out invalid and
 * every byte before was ASCII (the same in both), the rest is read as windows-1252
 * @param isLast no byte follows, so that a character cut at the end may be one of windows-1252 as well
 */
export function decodePart(
  bytes: Uint8Array,
  encoding: Encoding,
  mayFallBack: boolean,
  isLast: boolean,
): DecodedPart {
  if (encoding === "windows-1252") return decodeWhole(bytes, encoding);
  if (encoding !== "utf-8") return decodeUtf16(bytes, encoding);
  const consumed = bytes.length - cutUtf8Length(bytes);
  try {
    const text = decodeUtf8(bytes.subarray(0, consumed));
    const isCut = isLast && consumed < bytes.length;
    if (isCut && mayFallBack && text.length === consumed) return decodeWhole(bytes, "windows-1252");
    return { text, consumed, encoding, invalid_at: null };
  } catch {
    const invalidAt = findInvalidUtf8(bytes);
    const text = decodeUtf8(bytes.subarray(0, invalidAt));
    if (mayFallBack && text.length === invalidAt) return decodeWhole(bytes, "windows-1252");
    return { text, consumed: invalidAt, encoding, invalid_at: invalidAt };
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

function decodeWhole(bytes: Uint8Array, encoding: Encoding): DecodedPart {
  return {
    text: new TextDecoder(encoding).decode(bytes),
    consumed: bytes.length,
    encoding,
    invalid_at: null,
  };
}

function decodeUtf16(bytes: Uint8Array, encoding: Encoding): DecodedPart {
  let consumed = bytes.length - (bytes.length % 2);
  const highByte = bytes[encoding === "utf-16le" ? consumed - 1 : consumed - 2] ?? 0;
  if (highByte >= 0xd8 && highByte <= 0xdb) consumed -= 2;
  const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes.subarray(0, consumed));
  return { text, consumed, encoding, invalid_at: null };
}

/** Bytes at the end that begin a character but do not finish it. */
function cutUtf8Length(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

function sequenceLength(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
}

/** Index of the lead byte of the first malformed or unfinished sequence. */
function findInvalidUtf8(bytes: Uint8Array): number {
  let index = 0;
  while (index < bytes.length) {
    const length = validLength(bytes, index);
    if (length === 0) break;
    index += length;
  }
  return index;
}

/** Length of the well-formed sequence at `at` (Unicode 15, table 3-7), or 0. */
function validLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const second = bytes[at + 1] ?? 0;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  const length = sequenceLength(lead);
  for (let index = at + 2; index < at + length; index++) {
    if (((bytes[index] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}
