import { quote, textOrNull } from "./clean_text.ts";
import { readCsvMeaning } from "./csv_meaning.ts";
import type { CsvLayout } from "./csv_layout.ts";
import { readDuration } from "./duration.ts";
import { createEventWordReader } from "./event_words.ts";
import { LocalZone } from "./local_zone.ts";
import { readTime, type TimeRules } from "./local_time.ts";
import { isMangledNumber, readNumber, unwrapNumber } from "./phone_number.ts";
import { type EventReading, isRefusal, type Refusal, refuse } from "./record.ts";

/** Reads the cells of one row. */
export type CsvRowReader = (cells: string[]) => EventReading;

/**
 * A reader of the rows of one table.
 *
 * @param timeZone IANA zone of times without an offset, unless the header says UTC
 */
export function createCsvRowReader(layout: CsvLayout, timeZone: string): CsvRowReader {
  const { headers, mapping } = layout;
  const rules: TimeRules = { zone: new LocalZone(layout.is_utc ? "UTC" : timeZone), orders: layout.orders };
  const words = createEventWordReader();
  const columnsOf = (names: string | string[] = []) => [names].flat().map((name) => headers.indexOf(name));
  const times = columnsOf(mapping.ts);
  const numbers = columnsOf(mapping.number);
  const columnOf = (name?: string) => (name === undefined ? -1 : headers.indexOf(name));
  const column = {
    name: columnOf(mapping.name),
    type: columnOf(mapping.type),
    direction: columnOf(mapping.direction),
    status: columnOf(mapping.status),
    duration: columnOf(mapping.duration),
    content: columnOf(mapping.content),
  };
  return (raw) => {
    const cells = fitRow(raw, headers.length, column.content, layout.delimiter);
    if (isRefusal(cells)) return cells;
    const ts = readRowTime(
      times.map((index) => cells[index] ?? "").filter((text) => text.trim() !== ""),
      rules,
    );
    if (isRefusal(ts)) return ts;
    const durationText = cells[column.duration] ?? "";
    const duration = readDuration(durationText, layout.duration_unit);
    if (duration === undefined) {
      return refuse("duration_invalid", `Cannot read duration ${quote(durationText)}`);
    }
    const content = textOrNull(cells[column.content]);
    const parties = numbers.map((index) => cells[index]);
    const meaning = readCsvMeaning({
      type: cells[column.type] ?? "",
      direction: cells[column.direction] ?? "",
      status: cells[column.status] ?? "",
      parties,
      duration,
      has_content: content !== null,
    }, words);
    if (isRefusal(meaning)) return meaning;
    const number = readParty(meaning.direction === "inbound" ? parties[0] : parties.at(-1));
    if (isRefusal(number)) return number;
    return {
      event: {
        ts,
        number,
        ...meaning,
        duration: meaning.type === "call" ? duration : null,
        content,
        contact_name: textOrNull(cells[column.name])?.trim() ?? null,
      },
    };
  };
}

/** A row wider than the header has a delimiter too many: in the text of the last column, or who knows where. */
function fitRow(
  cells: string[],
  width: number,
  contentColumn: number,
  delimiter: string,
): string[] | Refusal {
  if (cells.length <= width || cells.slice(width).every((cell) => cell.trim() === "")) return cells;
  if (contentColumn === width - 1) {
    return [...cells.slice(0, contentColumn), cells.slice(contentColumn).join(delimiter)];
  }
  return refuse("record_malformed", `The row has ${cells.length} cells, the header ${width}`);
}

/** Date and time joined; where that makes no sense, the first of them that is both. */
function readRowTime(texts: string[], rules: TimeRules): string | Refusal {
  if (texts.length === 0) return refuse("ts_missing", "The row has no time");
  for (const text of [texts.join(" "), ...texts]) {
    const time = readTime(text, rules);
    if (time !== null) return time;
  }
  return refuse("ts_invalid", `Cannot read ${quote(texts.join(" "))} as a date with a time of day`);
}

function readParty(cell: string | undefined): string | null | Refusal {
  if (cell === undefined) return refuse("number_missing", "The row ends before its number");
  const number = unwrapNumber(cell);
  if (!isMangledNumber(number)) return readNumber(number);
  return refuse("number_mangled", `A spreadsheet has rounded the number to ${quote(number)}`);
}
