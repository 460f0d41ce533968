import { type Chunk, exceedsBytes } from "./chunk.ts";
import { createCsvRowReader } from "./csv_row.ts";
import type { CsvState } from "./csv_layout.ts";
import { toTruncated } from "./faults.ts";
import { type CsvRow, eachRow } from "./papaparse.ts";
import { toRecord } from "./record.ts";
import type { ChunkReading, ParserState } from "./state.ts";

/**
 * Reads the whole rows of a CSV in a chunk; the rest is carried.
 *
 * Changes `state.csv` and `state.line`.
 */
export function readCsv(chunk: Chunk, state: ParserState): ChunkReading {
  const { csv } = state;
  if (csv === null) throw new TypeError("Cannot read a CSV whose layout is not known");
  const text = chunk.is_last && csv.newline === "\n" ? chunk.text.replace(/\r$/, "") : chunk.text;
  const readRow = createCsvRowReader(csv, state.options.time_zone);
  const reading: ChunkReading = { records: [], carry: "", carry_byte: 0, fault: null };
  eachRow(text, csv, (row, isTail) => {
    const position = `line ${state.line}`;
    if (exceedsBytes(text, state.options.max_carry_bytes, row.start, row.end)) {
      reading.fault = { code: "record_too_large", position, detail: "A single row is larger than the limit" };
    } else if (isTail && !chunk.is_last) {
      reading.carry = text.slice(row.start);
    } else if (isTail && isCut(row, csv)) {
      reading.fault = toTruncated(position, state.records_read + reading.records.length, null);
    } else {
      state.line += countLines(text, row, csv.newline);
      if (csv.rows_to_skip > 0) csv.rows_to_skip--;
      else if (!isBlank(row.cells) && !isHeader(row.cells, csv)) {
        csv.last_width = row.cells.length;
        reading.records.push(toRecord(position, readRow(row.cells)));
      }
    }
    return reading.fault === null;
  });
  return reading;
}

/** What follows the file's last line break breaks off inside quotes or has too few cells. */
function isCut(row: CsvRow, csv: CsvState): boolean {
  if (row.is_open) return true;
  const isShort = row.cells.length < csv.headers.length && row.cells.length < csv.last_width;
  return isShort && !isBlank(row.cells);
}

function countLines(text: string, row: CsvRow, newline: string): number {
  let count = 0;
  for (
    let at = text.indexOf(newline, row.start);
    at !== -1 && at < row.end;
    at = text.indexOf(newline, at + 1)
  ) {
    count++;
  }
  return count;
}

function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === "");
}

/** Joined exports repeat their header. */
function isHeader(cells: readonly string[], csv: CsvState): boolean {
  return cells.length === csv.headers.length &&
    cells.every((cell, index) => cell.trim() === csv.headers[index]);
}
