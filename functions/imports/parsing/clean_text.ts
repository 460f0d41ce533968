import { cleanText } from "../../../shared/clean_text.ts";

export { cleanJson, cleanText, isTooDeep } from "../../../shared/clean_text.ts";

/** Whether XML 1.0 allows this code point in a document. */
export function isLegalCodePoint(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff;
}

/** The value in double quotes for a refusal's detail, cut at 60 characters. */
export function quote(value: string): string {
  const cut = value.length > 60 ? `${value.slice(0, 59)}…` : value;
  return `"${cleanText(cut)}"`;
}

/** The text, cleaned; null where a program wrote its word for nothing: "", "null", "(Unknown)". */
export function textOrNull(text: string | undefined): string | null {
  if (text === undefined) return null;
  const cleaned = cleanText(text);
  const word = cleaned.trim().toLowerCase();
  return word === "" || word === "null" || word === "(unknown)" ? null : cleaned;
}
