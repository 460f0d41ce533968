/** A value as `json` gives it. */
export type Value = string | number | boolean | null | Value[] | { [name: string]: Value };

/** What a spreadsheet may take for a formula. A signed number, as every E.164 number is, can do no harm. */
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text);
}

function cell(value: Value): string {
  if (value === null) return "";
  if (typeof value !== "string") {
    return quoted(typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  return quoted(isFormula(value) ? `'${value}` : value);
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A table as CSV (RFC 4180): null is empty, lists and objects are JSON, and a text that a spreadsheet would take for a
 * formula has an apostrophe before it.
 */
export function toCsv(columns: readonly string[], rows: readonly Record<string, Value>[]): string {
  const lines = [columns.map(quoted).join(",")];
  for (const row of rows) lines.push(columns.map((column) => cell(row[column] ?? null)).join(","));
  return lines.join("\r\n") + "\r\n";
}
