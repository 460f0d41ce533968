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

/** A JSON value with every text in it cleaned, keys too. */
export function cleanJson(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), cleanJson(item)]));
}

/** Deeper JSON is nobody's data, and more than the stacks of `JSON.stringify` and Postgres are sure to hold. */
const MAX_DEPTH = 32;

/** Whether a JSON value is nested more than 32 deep. Looks no deeper itself, so it may be asked of anything. */
export function isTooDeep(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((item) => isTooDeep(item, depth - 1));
}
