/** What a file can be. */
export type ImportKind = "sms_backup_xml" | "csv" | "ndjson" | "vcard";

/** Whether an event is a call or a text message (SMS and MMS alike). */
export type EventType = "call" | "sms";

/** Seen from the owner of the file. */
export type EventDirection = "inbound" | "outbound";

/** How it ended; `sent` and `received` are for messages only. */
export type EventStatus =
  | "answered"
  | "missed"
  | "declined"
  | "voicemail"
  | "blocked"
  | "sent"
  | "received"
  | "failed";

/** One call or message, ready for `ingest_events`. Strings hold nothing that `jsonb` refuses. */
export interface EventInput {
  /** ISO 8601 in UTC with milliseconds; from NDJSON, whatever the line said. */
  ts: string;
  /** As in the file, trimmed; null when withheld. */
  number: string | null;
  type: EventType;
  direction: EventDirection;
  status: EventStatus | null;
  /** Seconds, calls only; null when unknown, 0 when the file says 0. */
  duration: number | null;
  content: string | null;
  contact_name: string | null;
  /** NDJSON only: where the sender got it from. */
  source?: string;
  /** Only where the file has a real id. */
  source_id?: string;
  /** NDJSON only: the SIM or handset. */
  line_id?: string;
  metadata?: Record<string, unknown>;
}

/** One address-book card that has at least one number. */
export interface CardInput {
  name: string;
  /** As in the file, without the `tel:` of a URI. */
  numbers: string[];
  company?: string;
  source_uid?: string;
}

/** Why one record was left out while the rest of the file is kept. */
export type RefusalCode =
  | "record_malformed"
  | "element_unknown"
  | "draft_skipped"
  | "ts_missing"
  | "ts_invalid"
  | "number_missing"
  | "number_mangled"
  | "call_type_unknown"
  | "sms_type_unknown"
  | "type_invalid"
  | "direction_invalid"
  | "duration_invalid"
  | "json_invalid"
  | "card_without_number";

/** Why reading a file ended before its end. */
export type FaultCode =
  | "kind_unknown"
  | "kind_mismatch"
  | "xml_malformed"
  | "xml_doctype_refused"
  | "xml_not_a_backup"
  | "record_too_large"
  | "encoding_invalid"
  | "file_empty"
  | "file_truncated"
  | "columns_missing";

/** A refused record: `detail` is a sentence that quotes at most 60 characters and never message text. */
export interface Refusal {
  code: RefusalCode;
  detail: string;
}

/** A fault ends the file; the records before it stay valid. */
export interface Fault {
  code: FaultCode;
  /** "byte 1234" (0-based) or "line 17" (1-based). */
  position: string;
  detail: string;
}

/** One record of a file, in file order, with the place where it starts. */
export type ParsedRecord =
  | { kind: "event"; position: string; event: EventInput }
  | { kind: "card"; position: string; card: CardInput }
  | { kind: "refused"; position: string; code: RefusalCode; detail: string };

/** What one row or element came to. */
export type EventReading = { event: EventInput } | Refusal;

/** Puts a position to a reading. */
export function toRecord(position: string, reading: EventReading): ParsedRecord {
  return "event" in reading
    ? { kind: "event", position, event: reading.event }
    : { kind: "refused", position, code: reading.code, detail: reading.detail };
}

/** Whether a reader gave a refusal instead of a value. */
export function isRefusal<Value>(value: Value | Refusal): value is Refusal {
  return typeof value === "object" && value !== null && "code" in value && "detail" in value;
}

/** A refusal to be given back by a reader. */
export function refuse(code: RefusalCode, detail: string): Refusal {
  return { code, detail };
}
