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
  step: (result: StepResult, parser: { abort: () => void }) => void;
}

const parse: (text: string, config: Config) => void = Papa.parse;

/** How the cells and rows of a file are parted. */
export interface CsvDialect {
  delimiter: string;
  newline: "\n" | "\r";
}

/**
 * Goes through the rows of a text one at a time, so that no more than one is held. The last is whatever follows the
 * last line break: an empty or unfinished row, unless the file ends there. A line feed parts rows with CR LF too; the
 * CR is taken off the last cell.
 *
 * @param take is told whether the row is the last; false stops
 */
export function eachRow(
  text: string,
  dialect: CsvDialect,
  take: (row: CsvRow, isLast: boolean) => boolean,
): void {
  // Papa Parse takes a byte-order mark off before it counts.
  const shift = text.startsWith("\ufeff") ? 1 : 0;
  const { delimiter, newline } = dialect;
  let held: CsvRow | undefined;
  parse(text, {
    delimiter,
    newline,
    step: ({ data, errors, meta }, parser) => {
      const before = held;
      const last = data.at(-1);
      if (last?.endsWith("\r")) data[data.length - 1] = last.slice(0, -1);
      const isOpen = errors.some(({ code }) => code === "MissingQuotes");
      held = { cells: data, start: before?.end ?? 0, end: meta.cursor + shift, is_open: isOpen };
      if (before === undefined || take(before, false)) return;
      held = undefined;
      parser.abort();
    },
  });
  if (held !== undefined) take(held, true);
}

/** The first rows of a text. */
export function firstRows(text: string, dialect: CsvDialect, maxRows = Infinity): CsvRow[] {
  const rows: CsvRow[] = [];
  eachRow(text, dialect, (row) => rows.push(row) < maxRows);
  return rows;
}
