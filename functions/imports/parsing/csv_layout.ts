import { type CsvMapping, type MissingColumn, resolveMapping } from "./csv_columns.ts";
import { type CsvHeader, findHeader } from "./csv_header.ts";
import { type DateOrders, guessDateOrder } from "./date_order.ts";
import type { DurationUnit } from "./duration.ts";
import { foldWords } from "./fold_words.ts";
import { type CsvDialect, firstRows } from "./papaparse.ts";
import type { ResolvedOptions } from "./state.ts";

/** Everything told from the head of a CSV, kept so that later parts agree. */
export interface CsvLayout extends CsvDialect {
  headers: string[];
  /** 0-based row of the header. */
  header_row: number;
  /** The guess with the caller's corrections. */
  mapping: CsvMapping;
  missing: MissingColumn[];
  /** Headers that the caller's mapping names and the file has not. */
  absent: string[];
  orders: DateOrders;
  /** False when a date could be read both ways in every row of the head. */
  is_date_order_sure: boolean;
  duration_unit: DurationUnit;
  /** The header of the time says UTC, so the caller's zone does not count. */
  is_utc: boolean;
}

/** What must be kept of a CSV between two parts. */
export interface CsvState extends CsvLayout {
  /** Rows still to be skipped: those up to the header. */
  rows_to_skip: number;
  /** Cells of the last whole row: tells a row that was cut from one that was written short. */
  last_width: number;
}

const DELIMITERS = [",", ";", "\t", "|"];
const SEPARATOR_LINE = /^\s*"?sep=([^"\r\n])"?[ \t]*[\r\n]/i;
const SAMPLE_ROWS = 40;

/**
 * Tells delimiter, header, columns and date order from the start of a CSV.
 *
 * @param head the start of the file
 * @returns null when the text is no table
 */
export function planCsv(head: string, options: ResolvedOptions): CsvState | null {
  const found = findTable(head, options.mapping ?? {});
  if (found === null) return null;
  const { headers, row, dialect } = found;
  const { mapping, missing, absent } = resolveMapping(headers, options.mapping ?? {});
  const times = [mapping.ts ?? []].flat();
  const columns = times.map((name) => headers.indexOf(name));
  const rows = firstRows(head, dialect).slice(row + 1);
  const texts = rows.map(({ cells }) => columns.map((column) => cells[column] ?? "").join(" "));
  const { orders, is_sure: isSure } = guessDateOrder(texts, options.date_order);
  return {
    ...dialect,
    headers,
    header_row: row,
    mapping,
    missing,
    absent,
    orders,
    is_date_order_sure: isSure,
    duration_unit: durationUnit(mapping.duration ?? ""),
    is_utc: times.some((name) => /\b(?:utc|gmt)\b/.test(foldWords(name))),
    rows_to_skip: row + 1,
    last_width: headers.length,
  };
}

/** Tries each delimiter: the right one shows the most known headers, else the most even table. */
function findTable(head: string, wanted: CsvMapping): (CsvHeader & { dialect: CsvDialect }) | null {
  const newline = head.includes("\n") || !head.includes("\r") ? "\n" : "\r";
  const forced = SEPARATOR_LINE.exec(head)?.[1];
  const names = new Set(Object.values(wanted).flat().map(foldWords));
  const tables = (forced === undefined ? DELIMITERS : [forced]).map((delimiter) => {
    const dialect: CsvDialect = { delimiter, newline };
    return { dialect, ...findHeader(firstRows(head, dialect, SAMPLE_ROWS), names) };
  });
  tables.sort((a, b) => b.known - a.known || b.agreeing * b.headers.length - a.agreeing * a.headers.length);
  const [best] = tables;
  if (best === undefined || best.headers.length < 2) return null;
  return best.known === 0 && best.agreeing < 2 ? null : best;
}

function durationUnit(header: string): DurationUnit {
  const words = ` ${foldWords(header)} `;
  if (/ (?:ms|milli\w*) /.test(words)) return "ms";
  if (/ hh? mm /.test(words) && !/ ss /.test(words)) return "h:mm";
  return / min\w* /.test(words) && !/ (?:s|ss|se[ck]\w*) /.test(words) ? "min" : "s";
}
