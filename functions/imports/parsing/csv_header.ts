import { cleanText } from "./clean_text.ts";
import { columnRole } from "./csv_columns.ts";
import { foldWords } from "./fold_words.ts";
import type { CsvRow } from "./papaparse.ts";

/** The row of a table that names its columns. */
export interface CsvHeader {
  /** 0-based row; the rows before it are a title, comments or Excel's "sep=". */
  row: number;
  headers: string[];
  /** How many of the headers have a known meaning. */
  known: number;
  /** How many rows, the header among them, are as wide. */
  agreeing: number;
}

/** A header stands among the first rows, or there is none. */
const MAX_ROWS = 10;

/**
 * Finds the header: the first row with the most known column names, else the first that is a row of a table at all.
 *
 * @param wanted folded names that the caller's mapping uses, known as well
 */
export function findHeader(rows: readonly CsvRow[], wanted: ReadonlySet<string>): CsvHeader {
  let best: CsvHeader = { row: 0, headers: [], known: 0, agreeing: 0 };
  for (const [row, { cells }] of rows.slice(0, MAX_ROWS).entries()) {
    if (cells.length < 2 || isBeforeHeader(cells)) continue;
    const known = cells.filter((cell) =>
      columnRole(cell) !== undefined || wanted.has(foldWords(cell))
    ).length;
    // A title or a row of data may hold one known word by chance.
    if (best.headers.length > 0 && known <= Math.max(best.known, 1)) continue;
    const agreeing = rows.filter((other) => other.cells.length === cells.length).length;
    best = { row, headers: nameHeaders(cells), known, agreeing };
  }
  return best;
}

/** Blank rows, comments and Excel's "sep=;" may stand before the header. */
function isBeforeHeader(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === "") || /^\s*(?:#|sep=)/i.test(cells[0] ?? "");
}

/** Gives each column a name of its own, that a mapping can name it by. */
function nameHeaders(cells: readonly string[]): string[] {
  const taken = new Set<string>();
  return cells.map((cell, index) => {
    const name = cleanText(cell).trim() || `Column ${index + 1}`;
    const own = taken.has(name) ? `${name} (${index + 1})` : name;
    taken.add(own);
    return own;
  });
}
