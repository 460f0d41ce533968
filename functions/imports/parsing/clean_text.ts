// deno-lint-ignore no-control-regex -- these are the characters to find
const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const ILLEGAL_ALL = new RegExp(ILLEGAL.source, "g");

/**
 * Drops the control characters that neither XML 1.0 nor Postgres' `jsonb` can hold (NUL, vertical tab, …) and
 * turns a lone surrogate into U+FFFD. Tab, line feed and carriage return stay.
 */
export function cleanText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return ILLEGAL.test(wellFormed) ? wellFormed.replace(ILLEGAL_ALL, "") : wellFormed;
}

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

/** A JSON value with every text in it cleaned, keys too. */
export function cleanJson(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), cleanJson(item)]));
}
