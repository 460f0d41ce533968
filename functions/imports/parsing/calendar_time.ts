import { readCalendarDay } from "./calendar_day.ts";
import type { DateOrders } from "./date_order.ts";
import type { PlainTime } from "./local_zone.ts";

/** A date and time of day as written, with the offset if it was written too. */
export interface CalendarTime extends PlainTime {
  offset_minutes: number | null;
}

const CLOCK = String.raw`(\d{1,2})[:h.](\d{2})(?:[:.m](\d{2})(?:[.,](\d{1,9}))?)?` + // 4:17:46.250
  String.raw`\s*([ap]\.?\s?m\b\.?)?\s*(?:uhr|hrs|h)?` + // PM
  String.raw`\s*((?:gmt|utc)?\s?[+-]\d{1,2}(?::?\d{2})?|[a-z]{1,4})?`; // +01:00 or CET
const BETWEEN = String.raw`(?:(?<=\d)t|[\s,]+(?:um|at|à|a las|alle|ore|às|om)?\s*)`;
const CLOCK_LAST = new RegExp(`^(.*?)${BETWEEN}${CLOCK}$`, "i");
const CLOCK_FIRST = new RegExp(String.raw`^${CLOCK}[\s,]+(.*)$`, "i");
const CLOCK_INSIDE = new RegExp(String.raw`^[a-z]{3} ([a-z]{3} \d{1,2}) ${CLOCK} (\d{4})$`, "i");
const COMPACT = /^(\d{4})(\d{2})(\d{2})[t ]?(\d{2})(\d{2})(\d{2})?(z)?$/i;

/** Minutes east of UTC of the zone abbreviations that mean one thing only. */
const ZONES = new Map<string, number>([
  ["z", 0],
  ["utc", 0],
  ["gmt", 0],
  ["wet", 0],
  ["west", 60],
  ["cet", 60],
  ["mez", 60],
  ["cest", 120],
  ["mesz", 120],
  ["eet", 120],
  ["eest", 180],
  ["est", -300],
  ["edt", -240],
  ["cst", -360],
  ["cdt", -300],
  ["mst", -420],
  ["mdt", -360],
  ["pst", -480],
  ["pdt", -420],
]);

/** By far the most frequent style, read without trying the others. */
const COMMON = /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d):(\d\d)$/;

/** Reads a date with a time of day; null when either is missing or not one. Ranges are not checked. */
export function readCalendarTime(text: string, orders: DateOrders): CalendarTime | null {
  const common = COMMON.exec(text);
  if (common !== null) return join(common[1] ?? "", common.slice(2, 5), orders);
  const line = text.trim().replace(/\s+/g, " ");
  const compact = COMPACT.exec(line);
  if (compact !== null) {
    const [, year, month, day, hour, minute, second, zone] = compact;
    return join(`${year}-${month}-${day}`, [hour, minute, second, undefined, undefined, zone], orders);
  }
  const inside = CLOCK_INSIDE.exec(line);
  if (inside !== null) return join(`${inside[1]} ${inside[8]}`, inside.slice(2, 8), orders);
  const last = CLOCK_LAST.exec(line);
  if (last !== null) return join(last[1] ?? "", last.slice(2, 8), orders);
  const first = CLOCK_FIRST.exec(line);
  return first === null ? null : join(first[7] ?? "", first.slice(1, 7), orders);
}

function join(dayText: string, clock: (string | undefined)[], orders: DateOrders): CalendarTime | null {
  const day = readCalendarDay(dayText, orders);
  const [hour, minute, second, fraction, half, zone] = clock;
  const offset = zone === undefined ? null : readOffset(zone);
  if (day === null || offset === undefined) return null;
  return {
    ...day,
    hour: readHour(Number(hour), half),
    minute: Number(minute),
    second: Number(second ?? 0),
    millisecond: Math.floor(Number(`0.${fraction ?? 0}`) * 1000),
    offset_minutes: offset,
  };
}

function readHour(hour: number, half: string | undefined): number {
  if (half === undefined || hour > 12) return hour;
  return (hour % 12) + (half.toLowerCase().startsWith("p") ? 12 : 0);
}

function readOffset(zone: string): number | undefined {
  const [, sign, hours, minutes] = /([+-])(\d{1,2}):?(\d{2})?$/.exec(zone) ?? [];
  if (sign === undefined) return ZONES.get(zone.toLowerCase());
  return (sign === "-" ? -1 : 1) * (60 * Number(hours) + Number(minutes ?? 0));
}
