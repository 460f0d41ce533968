import { quote, textOrNull } from "./clean_text.ts";
import { guessDateOrder } from "./date_order.ts";
import { readEpoch, readTime } from "./local_time.ts";
import type { LocalZone } from "./local_zone.ts";
import { readNumber } from "./phone_number.ts";
import { type EventReading, type Refusal, refuse } from "./record.ts";

/** Attributes of an element of the backup, by name. */
export type Attributes = Record<string, string>;

/** `presentation` of a number that the network did not show: restricted, unknown, payphone. */
const WITHHELD_PRESENTATIONS = new Set(["2", "3", "4"]);

/**
 * When it happened, ISO 8601: `date`, else `date_sent`, else `readable_date` (in the phone's own words, in its
 * zone). Milliseconds and seconds are told apart by their size.
 */
export function readBackupTime(attributes: Attributes, zone: LocalZone): string | Refusal {
  const { date, date_sent: sent, readable_date: readable } = attributes;
  const time = readEpoch(date ?? "") ?? readEpoch(sent ?? "");
  if (time !== null) return time;
  if (readable !== undefined) {
    const { orders } = guessDateOrder([readable]);
    const read = readTime(readable, { zone, orders });
    if (read !== null) return read;
  }
  if (date === undefined) return refuse("ts_missing", "The record has no date");
  return refuse("ts_invalid", `Cannot read ${quote(date)} as milliseconds since 1970`);
}

/** The other side's number; null when withheld; a refusal when the attribute is absent. */
export function readBackupNumber(number: string | undefined, presentation?: string): string | null | Refusal {
  if (number === undefined) return refuse("number_missing", "The record has no number");
  return WITHHELD_PRESENTATIONS.has(presentation ?? "") ? null : readNumber(number);
}

/** Name of the other side, null when the phone knew none. */
export function readContactName(attributes: Attributes): string | null {
  return textOrNull(attributes["contact_name"])?.trim() ?? null;
}

/** The SIM card, for `metadata`. */
export function readSim(attributes: Attributes): { sim?: string } {
  const sim = textOrNull(attributes["subscription_id"] ?? attributes["sub_id"]);
  return sim === null || sim === "-1" ? {} : { sim };
}

/** The event, with `metadata` only where there is any. */
export function toReading(
  event: Omit<Extract<EventReading, { event: unknown }>["event"], "metadata">,
  metadata: Record<string, unknown>,
): EventReading {
  return { event: Object.keys(metadata).length === 0 ? event : { ...event, metadata } };
}
