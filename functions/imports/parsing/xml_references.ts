import { cleanText, isLegalCodePoint } from "./clean_text.ts";

const RUN = /(?:&#(?:x[0-9a-f]+|\d+);)+/gi;
const REFERENCE = /&#(?:x([0-9a-f]+)|(\d+));/gi;

/**
 * Makes a tag as the backup apps write it legal XML 1.0, so that a strict parser takes it: an emoji written as two
 * references to surrogates becomes the emoji, a lone surrogate U+FFFD; control characters go, raw or as references.
 */
export function legaliseTag(tag: string): string {
  const cleaned = cleanText(tag);
  return cleaned.includes("&#") ? cleaned.replace(RUN, legaliseRun) : cleaned;
}

/** Legal references stay as they are: `&#60;` must not become markup. */
function legaliseRun(run: string): string {
  let result = "";
  let high = 0;
  for (const [reference, hex, decimal] of run.matchAll(REFERENCE)) {
    const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
    const isLow = code >= 0xdc00 && code <= 0xdfff;
    if (high !== 0) {
      result += isLow ? String.fromCharCode(high, code) : "\ufffd";
      high = 0;
      if (isLow) continue;
    }
    if (code >= 0xd800 && code <= 0xdbff) high = code;
    else if (isLow || code > 0x10ffff) result += "\ufffd";
    else if (isLegalCodePoint(code)) result += reference;
  }
  return high === 0 ? result : `${result}\ufffd`;
}
