import type { CsvMapping, MissingColumn } from "./csv_columns.ts";
import type { CsvState } from "./csv_layout.ts";
import type { DateOrder } from "./date_order.ts";
import type { Encoding } from "./encoding.ts";
import { cleanText } from "./clean_text.ts";
import { firstRows } from "./papaparse.ts";
import { parsePart } from "./parse_part.ts";
import type { Fault, ImportKind, ParsedRecord } from "./record.ts";
import { openParser, type ParserOptions } from "./state.ts";

/** What a file would be read as. Holds message text: for its owner's eyes only. */
export interface Preview {
  /** null when it is none of the kinds. */
  kind: ImportKind | null;
  encoding: Encoding | null;
  /** How many records the file claims to have. */
  declared: number | null;
  /** The table, of a CSV; null of another kind. */
  table: PreviewTable | null;
  /** The first 10 records. */
  records: ParsedRecord[];
  /** Why the file, or what was looked at of it, cannot be read to its end. */
  fault: Fault | null;
}

/** How a CSV would be read. */
export interface PreviewTable {
  delimiter: string;
  headers: string[];
  /** The guess, with the caller's corrections. */
  mapping: CsvMapping;
  missing: MissingColumn[];
  /** Headers that the caller's mapping names and the file has not. */
  absent: string[];
  /** Order of dates such as 02/03/2014. */
  date_order: DateOrder;
  /** False when nothing in the rows tells the order: ask. */
  is_date_order_sure: boolean;
  /** The first 5 rows below the header, as they are. */
  rows: string[][];
}

const PREVIEW_BYTES = 256 * 1024;
const PREVIEW_RECORDS = 10;
const PREVIEW_ROWS = 5;

/**
 * Says what a file is and how its first records would be read. Looks at the first 256 KiB.
 *
 * @param bytes the file or its first part
 */
export function previewFile(options: ParserOptions, bytes: Uint8Array): Preview {
  const start = bytes.subarray(0, PREVIEW_BYTES);
  const { records, state, fault } = parsePart(openParser(options), start, true);
  return {
    kind: state.kind,
    encoding: state.encoding,
    declared: state.declared,
    table: state.csv === null ? null : toTable(state.csv, start, state.encoding ?? "utf-8"),
    records: records.slice(0, PREVIEW_RECORDS),
    // The start of a file always breaks off somewhere.
    fault: fault === undefined || fault.code === "file_truncated" ? null : fault,
  };
}

function toTable(csv: CsvState, start: Uint8Array, encoding: Encoding): PreviewTable {
  const text = new TextDecoder(encoding).decode(start);
  const first = csv.header_row + 1;
  const rows = firstRows(text, csv, first + PREVIEW_ROWS).slice(first, first + PREVIEW_ROWS);
  return {
    delimiter: csv.delimiter,
    headers: csv.headers,
    mapping: csv.mapping,
    missing: csv.missing,
    absent: csv.absent,
    date_order: csv.orders["/"],
    is_date_order_sure: csv.is_date_order_sure,
    rows: rows.map(({ cells }) => cells.map(cleanText)).filter((cells) => cells.some((cell) => cell !== "")),
  };
}
