import { type CalendarTime, readCalendarTime } from "./calendar_time.ts";
import type { DateOrders } from "./date_order.ts";
import { type LocalZone, toUtcMs } from "./local_zone.ts";

/** Years taken for real: 1970 is what a phone's clock says after a reset. */
const FIRST_YEAR = 1971;
const LAST_YEAR = 2100;

/** No time is longer; a long text put in its column by mistake must not keep the patterns busy. */
const MAX_LENGTH = 64;

/** How to read a time that does not say all of itself. */
export interface TimeRules {
  /** Zone of times without an offset. */
  zone: LocalZone;
  orders: DateOrders;
}

/**
 * Reads a point in time: seconds or milliseconds since 1970, ISO 8601, numeric dates in either order, month names in
 * seven languages, 12- and 24-hour clocks. A time without an offset is one of `rules.zone`; one that a clock
 * change skips or repeats is read by `Temporal`'s "compatible" rule (the later, respectively the earlier one).
 *
 * @returns ISO 8601 in UTC with milliseconds, or null when it is no point in time (a bare date is none)
 */
export function readTime(text: string, rules: TimeRules): string | null {
  if (text.length > MAX_LENGTH) return null;
  const epoch = readEpoch(text);
  if (epoch !== null) return epoch;
  const calendar = readCalendarTime(text, rules.orders);
  return calendar === null ? null : toInstant(calendar, rules.zone);
}

/** Reads seconds, milliseconds or microseconds since 1970, told apart by their size, into ISO 8601; or null. */
export function readEpoch(text: string): string | null {
  const trimmed = text.trim();
  if (!/^\d{8,17}(\.\d+)?$/.test(trimmed)) return null;
  const value = Number(trimmed);
  if (value < 1e8) return null;
  return toIso(value < 1e11 ? value * 1000 : value < 1e14 ? value : value / 1000);
}

function toIso(epochMs: number | null): string | null {
  if (epochMs === null) return null;
  const date = new Date(Math.round(epochMs));
  const year = date.getUTCFullYear();
  return year >= FIRST_YEAR && year <= LAST_YEAR ? date.toISOString() : null;
}

function toInstant(time: CalendarTime, zone: LocalZone): string | null {
  const { offset_minutes: offset } = time;
  if (offset === null) return toIso(zone.toEpochMs(time));
  const ms = toUtcMs(time);
  return toIso(ms === null ? null : ms - offset * 60_000);
}
