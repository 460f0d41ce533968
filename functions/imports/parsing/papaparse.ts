import Papa from "papaparse";

/** One row, as Papa Parse hands it over. */
export interface CsvRow {
  cells: string[];
  /** Index in the text at which the row's first character stands. */
  start: number;
  /** Index behind its line break. */
  end: number;
  /** The row's last quoted cell has no closing quote. */
  is_open: boolean;
}

interface StepResult {
  data: string[];
  errors: { code: string }[];
  meta: { cursor: number };
}

/** What is used of the library, which has no types of its own. */
interface Config {
  delimiter: string;
  newline: "\n" | "\r";
  preview?: number;
  step: (result: StepResult) => void;
}

const parse: (text: string, config: Config) => void = Papa.parse;

/** How the cells and rows of a file are parted. */
export interface CsvDialect {
  delimiter: string;
  newline: "\n" | "\r";
}

/**
 * The rows of a text with their places. The last one is whatever follows the last line break: an empty or unfinished
 * row, unless the file ends there. A line feed parts rows with CR LF too; the CR is taken off the last cell.
 */
export function parseRows(text: string, dialect: CsvDialect, maxRows?: number): CsvRow[] {
  const rows: CsvRow[] = [];
  // Papa Parse takes a byte-order mark off before it counts.
  const shift = text.startsWith("\ufeff") ? 1 : 0;
  let start = 0;
  parse(text, {
    ...dialect,
    ...(maxRows === undefined ? {} : { preview: maxRows }),
    step: ({ data, errors, meta }) => {
      const end = meta.cursor + shift;
      const last = data.at(-1);
      if (last?.endsWith("\r")) data[data.length - 1] = last.slice(0, -1);
      rows.push({ cells: data, start, end, is_open: errors.some(({ code }) => code === "MissingQuotes") });
      start = end;
    },
  });
  return rows;
}
