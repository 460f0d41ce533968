import type { CsvMapping } from "./csv_columns.ts";
import type { CsvState } from "./csv_layout.ts";
import type { DateOrder } from "./date_order.ts";
import type { Encoding } from "./encoding.ts";
import type { EventType, Fault, ImportKind, ParsedRecord } from "./record.ts";
import type { VcardState } from "./vcard_reader.ts";
import type { XmlState } from "./xml_state.ts";

/** What the caller knows about a file. */
export interface ParserOptions {
  /** Read as this kind; told from the content when left out. */
  kind?: ImportKind;
  /** IANA zone of times in the file that have no offset. */
  time_zone: string;
  /** CSV: which column holds what, where the guess is wrong. */
  mapping?: CsvMapping;
  /** CSV: order of numeric dates, where the file does not tell. */
  date_order?: DateOrder;
  /** Size of the largest record, in UTF-8 bytes without the base64 of attachments. 1 MiB when left out. */
  max_carry_bytes?: number;
  /** Bytes of the file's start from which delimiter, header and date order are told. 256 KiB when left out. */
  head_bytes?: number;
}

/** The options with their defaults. */
export type ResolvedOptions = ParserOptions & Required<Pick<ParserOptions, "max_carry_bytes" | "head_bytes">>;

/**
 * Everything that must be kept between two parts of a file. Plain JSON that `jsonb` accepts whatever the file holds:
 * text cut by a part's end is in base64.
 */
export interface ParserState {
  version: 1;
  options: ResolvedOptions;
  /** null until the first bytes have told it. */
  kind: ImportKind | null;
  encoding: Encoding | null;
  /** Bytes of the file read so far: where the next part starts. */
  byte_offset: number;
  /** Base64 of bytes not decoded yet: the head while it grows, later at most half a character. */
  undecoded: string;
  /** Only ASCII so far, so that UTF-8 and windows-1252 cannot be told apart. */
  is_ascii: boolean;
  /** Base64 of the UTF-8 of the incomplete record at the end of the last part. */
  carry: string;
  /** Byte of the file at which the carried text starts. */
  carry_byte: number;
  /** 1-based physical line at which the carried text starts. */
  line: number;
  /** How many records the XML file claims to have; null when it does not say or says nonsense. */
  declared: number | null;
  /** When the XML file was written, ISO 8601. */
  backup_date: string | null;
  /** Records found: events, cards and refused ones. */
  records_read: number;
  /** Earliest time of an event of each type, ISO 8601 in UTC. */
  first_ts: Record<EventType, string | null>;
  /** Latest time of an event of each type. */
  last_ts: Record<EventType, string | null>;
  xml: XmlState | null;
  csv: CsvState | null;
  vcard: VcardState | null;
  /** The file was read to its end, or a fault ended it: further parts give nothing. */
  is_done: boolean;
  fault: Fault | null;
}

const MAX_CARRY_BYTES = 1024 * 1024;
const HEAD_BYTES = 256 * 1024;

/**
 * The state before the first part.
 *
 * @throws {RangeError} when `options.time_zone` is not an IANA zone
 */
export function openParser(options: ParserOptions): ParserState {
  new Intl.DateTimeFormat("en", { timeZone: options.time_zone });
  return {
    version: 1,
    options: { max_carry_bytes: MAX_CARRY_BYTES, head_bytes: HEAD_BYTES, ...options },
    kind: null,
    encoding: null,
    byte_offset: 0,
    undecoded: "",
    is_ascii: true,
    carry: "",
    carry_byte: 0,
    line: 1,
    declared: null,
    backup_date: null,
    records_read: 0,
    first_ts: { call: null, sms: null },
    last_ts: { call: null, sms: null },
    xml: null,
    csv: null,
    vcard: null,
    is_done: false,
    fault: null,
  };
}

/** What the reader of one kind made of a chunk. It changes its own part of the state in place. */
export interface ChunkReading {
  records: ParsedRecord[];
  /** The incomplete record at the chunk's end. */
  carry: string;
  carry_byte: number;
  fault: Fault | null;
}
