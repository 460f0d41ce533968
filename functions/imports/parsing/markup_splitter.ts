import type { MarkupMode } from "./xml_state.ts";

/** A piece of markup that matters, at its index in the text. */
export type Markup =
  | { kind: "tag"; index: number; text: string }
  | { kind: "text"; index: number }
  | { kind: "doctype"; index: number; is_html: boolean }
  | { kind: "broken"; index: number; detail: string };

const ENDINGS: Record<string, string> = { comment: "-->", instruction: "?>", cdata: "]]>" };
const OPENINGS: [opening: string, mode: MarkupMode][] = [
  ["<!--", "comment"],
  ["<![CDATA[", "cdata"],
  ["<?", "instruction"],
];
const DOCTYPE = "<!DOCTYPE";
const DOCTYPE_LOOKAHEAD = 20;
const BYTE_ORDER_MARK = 0xfeff;

/**
 * Cuts text into whole tags, so that each can be parsed by itself and a tag cut by a part's end is left for the next
 * part. Comments and instructions are skipped, as is the base64 in `data` of an MMS part, however long.
 */
export class MarkupSplitter {
  readonly #text: string;
  mode: MarkupMode;
  /** Index at which the incomplete markup starts, once `next` has given null. */
  index = 0;
  /** The incomplete markup, without skipped values, once `next` has given null. */
  carry = "";

  constructor(text: string, mode: MarkupMode) {
    this.#text = text;
    this.mode = mode;
  }

  /** The next piece, or null at the end of the text. */
  next(): Markup | null {
    for (;;) {
      const ending = ENDINGS[this.mode];
      if (ending !== undefined) {
        if (!this.#skipTo(ending)) return null;
      } else if (this.mode === "content") {
        const stray = this.#skipSpace();
        if (stray !== null || this.mode === "content") return stray;
      } else {
        const markup = this.#readMarkup();
        if (markup !== "skipped") return markup;
      }
    }
  }

  #skipTo(ending: string): boolean {
    const end = this.#text.indexOf(ending, this.index);
    if (end === -1) {
      this.index = Math.max(this.index, this.#text.length - ending.length + 1);
      return this.#stop(this.#text.slice(this.index));
    }
    this.index = end + ending.length;
    this.mode = "content";
    return true;
  }

  #stop(carry: string): false {
    this.carry = carry;
    return false;
  }

  /** Goes to the next "<". Gives the first character before it that is neither white space nor a control. */
  #skipSpace(): Markup | null {
    const { length } = this.#text;
    for (let index = this.index; index < length; index++) {
      const unit = this.#text.charCodeAt(index);
      if (unit <= 0x20 || unit === BYTE_ORDER_MARK) continue;
      const next = unit === 0x3c ? index : this.#text.indexOf("<", index);
      this.index = next === -1 ? length : next;
      if (next !== -1) this.mode = "markup";
      return unit === 0x3c ? null : { kind: "text", index };
    }
    this.index = length;
    return null;
  }

  #readMarkup(): Markup | null | "skipped" {
    const start = this.index;
    for (const [opening, mode] of OPENINGS) {
      if (this.#text.startsWith(opening, start)) {
        this.mode = mode;
        this.index = start + opening.length;
        return mode === "cdata" ? { kind: "text", index: start } : "skipped";
      }
    }
    const rest = this.#text.slice(start, start + DOCTYPE_LOOKAHEAD).toUpperCase();
    if (rest.startsWith("<!")) return this.#readDeclaration(rest);
    return this.#readTag(start);
  }

  #readDeclaration(rest: string): Markup | null {
    if (rest.length < DOCTYPE_LOOKAHEAD && !rest.includes(">")) {
      return this.#keep(this.index, this.#text.slice(this.index));
    }
    if (!rest.startsWith(DOCTYPE)) {
      return { kind: "broken", index: this.index, detail: 'Not a tag after "<!"' };
    }
    return { kind: "doctype", index: this.index, is_html: /^<!DOCTYPE\s+HTML\b/.test(rest) };
  }

  #keep(index: number, carry: string): null {
    this.index = index;
    this.carry = carry;
    return null;
  }

  #readTag(start: number): Markup | null {
    const text = this.#text;
    const isPart = /^<part\s/.test(text.slice(start, start + 6));
    let kept = "";
    let from = start;
    let index = start + 1;
    for (;;) {
      const mark = findMark(text, index);
      if (mark === -1) return this.#keep(start, kept + text.slice(from));
      const char = text[mark] ?? "";
      if (char === ">") {
        this.index = mark + 1;
        this.mode = "content";
        return { kind: "tag", index: start, text: kept + text.slice(from, mark + 1) };
      }
      const close = text.indexOf(char, mark + 1);
      if (isPart && /\sdata\s*=\s*$/.test(text.slice(Math.max(start, mark - 20), mark))) {
        kept += text.slice(from, mark + 1);
        from = close === -1 ? text.length : close;
      }
      if (close === -1) return this.#keep(start, kept + text.slice(from));
      index = close + 1;
    }
  }
}

/** Index of the next quote or ">" from `index` on, or -1. */
function findMark(text: string, index: number): number {
  for (let at = index; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x3e || unit === 0x22 || unit === 0x27) return at;
  }
  return -1;
}
