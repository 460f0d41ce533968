import type { DateOrders, DateSeparator } from "./date_order.ts";
import { monthNumber } from "./month_names.ts";

/** A day of the Gregorian calendar, not checked to exist. */
export interface CalendarDay {
  year: number;
  month: number;
  day: number;
}

const YEAR_FIRST = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\.?$/;
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})$/;
const DAY_NAME_YEAR =
  /^(\d{1,2})(?:st|nd|rd|th|er|\.|º)?[\s-]*(?:of |de |d')?([^\d\s.,-]+)\.?,?[\s-]+(?:de |del )?(\d{4}|\d{2})$/i;
const NAME_DAY_YEAR = /^([^\d\s.,-]+)\.?[\s-](\d{1,2})(?:st|nd|rd|th|\.)?,?[\s-]+(\d{4})$/i;
const YEAR_NAME_DAY = /^(\d{4})[\s-]([^\d\s.,-]+)\.?[\s-](\d{1,2})$/;
const WEEKDAY = /^[^\d\s.,]+\.?,?\s+/;

/** Reads a date in numbers or with a month's name, after a weekday or not; null when it is none. */
export function readCalendarDay(text: string, orders: DateOrders): CalendarDay | null {
  const trimmed = text.trim();
  const day = readNumbers(trimmed, orders) ?? readName(trimmed);
  if (day !== null || !WEEKDAY.test(trimmed)) return day;
  const rest = trimmed.replace(WEEKDAY, "");
  return readNumbers(rest, orders) ?? readName(rest);
}

function readNumbers(text: string, orders: DateOrders): CalendarDay | null {
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst !== null) return toDay(yearFirst[1], yearFirst[2], yearFirst[3]);
  const yearLast = YEAR_LAST.exec(text);
  if (yearLast === null) return null;
  const [, a, separator, b, c] = yearLast;
  const order = orders[separator as DateSeparator];
  if (order === "mdy") return toDay(c, a, b);
  return order === "ymd" && c?.length === 2 ? toDay(a, b, c) : toDay(c, b, a);
}

function readName(text: string): CalendarDay | null {
  const [, dayFirst, nameSecond, yearThird] = DAY_NAME_YEAR.exec(text) ?? [];
  if (nameSecond !== undefined) return toNamedDay(yearThird, nameSecond, dayFirst);
  const [, nameFirst, daySecond, yearLast] = NAME_DAY_YEAR.exec(text) ?? [];
  if (nameFirst !== undefined) return toNamedDay(yearLast, nameFirst, daySecond);
  const [, yearFirst, nameMiddle, dayLast] = YEAR_NAME_DAY.exec(text) ?? [];
  return nameMiddle === undefined ? null : toNamedDay(yearFirst, nameMiddle, dayLast);
}

function toNamedDay(year: string | undefined, name: string, day: string | undefined): CalendarDay | null {
  const month = monthNumber(name);
  return month === undefined ? null : toDay(year, String(month), day);
}

function toDay(year: string | undefined, month: string | undefined, day: string | undefined): CalendarDay {
  const number = Number(year);
  const century = year?.length === 2 ? (number < 70 ? 2000 : 1900) : 0;
  return { year: century + number, month: Number(month), day: Number(day) };
}
