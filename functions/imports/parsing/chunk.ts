import type { Encoding } from "./encoding.ts";

/** Where the pieces of a chunk lie in the file. */
export interface ChunkOrigin {
  encoding: Encoding;
  /** Characters at the start of the text that were carried from the part before. */
  carry_length: number;
  /** Byte of the file at which the carried text starts. */
  carry_byte: number;
  /** Byte of the file at which the new text starts. */
  byte: number;
  /** No text follows. */
  is_last: boolean;
}

/** The text at hand: what the last part left over, then the new part. Knows the byte of each character. */
export class Chunk {
  readonly text: string;
  readonly is_last: boolean;
  readonly #origin: ChunkOrigin;
  #known: { index: number; byte: number };

  constructor(text: string, origin: ChunkOrigin) {
    this.text = text;
    this.is_last = origin.is_last;
    this.#origin = origin;
    this.#known = { index: origin.carry_length, byte: origin.byte };
  }

  /**
   * Byte of the file at which the character at `index` starts. Ask in rising order: each answer counts on from the
   * last. Inside the carried text only its first character is exact, since parts of it may have been dropped.
   */
  byteAt(index: number): number {
    if (index < this.#origin.carry_length) {
      return this.#origin.carry_byte + byteLength(this.text, 0, index, this.#origin.encoding);
    }
    const from = index < this.#known.index
      ? { index: this.#origin.carry_length, byte: this.#origin.byte }
      : this.#known;
    this.#known = {
      index,
      byte: from.byte + byteLength(this.text, from.index, index, this.#origin.encoding),
    };
    return this.#known.byte;
  }
}

/** Bytes that `text[from, to)` takes in the encoding. */
export function byteLength(text: string, from: number, to: number, encoding: Encoding): number {
  if (encoding === "windows-1252") return to - from;
  if (encoding !== "utf-8") return 2 * (to - from);
  let bytes = to - from;
  for (let index = from; index < to; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    // Half of a surrogate pair counts 2 of the pair's 4 bytes.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

/** Whether `text[from, to)` takes more bytes in UTF-8 than allowed. */
export function exceedsBytes(text: string, maxBytes: number, from = 0, to = text.length): boolean {
  const length = to - from;
  return length > maxBytes || (length * 3 > maxBytes && byteLength(text, from, to, "utf-8") > maxBytes);
}
