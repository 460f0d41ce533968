export type { CsvMapping, MissingColumn } from "./csv_columns.ts";
export type { DateOrder } from "./date_order.ts";
export type { Encoding } from "./encoding.ts";
export { parsePart, type PartResult } from "./parse_part.ts";
export { type Preview, previewFile, type PreviewTable } from "./preview.ts";
export type {
  CardInput,
  EventDirection,
  EventInput,
  EventStatus,
  EventType,
  Fault,
  FaultCode,
  ImportKind,
  ParsedRecord,
  RefusalCode,
} from "./record.ts";
export { openParser, type ParserOptions, type ParserState } from "./state.ts";
