import { Temporal } from "temporal-polyfill";
import type { FieldError } from "../../shared/http/problem.ts";
import type { Period, Range, Time } from "./plan.ts";

/** How many of a unit make 200 years: more would leave the calendar of the database. */
const MOST: Record<Extract<Period, { kind: "calendar" }>["unit"], number> = {
  minute: 100_000,
  hour: 100_000,
  day: 73_000,
  weekend: 10_400,
  week: 10_400,
  month: 2_400,
  quarter: 800,
  year: 200,
};

function isLocal(text: string): boolean {
  try {
    return text.length === 10
      ? Temporal.PlainDate.from(text, { overflow: "reject" }).toString() === text
      : Temporal.PlainDateTime.from(text, { overflow: "reject" }).toString().startsWith(text);
  } catch {
    return false;
  }
}

function checkNamed(period: Extract<Period, { kind: "named" }>): string | undefined {
  const { year, month, day, weekday, ago } = period;
  if (year === null && month === null && day === null && weekday === null) return "Names nothing";
  if (year !== null && ago > 0) return "A year that is said is not some years ago";
  if (year !== null && month === null && (day !== null || weekday !== null)) return "Needs a month";
  // 2000 was a leap year: without a year 29 February is a day.
  if (
    month !== null && day !== null && !isLocal(
      `${year ?? 2000}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`,
    )
  ) return "There is no such day";
  return undefined;
}

function checkAbsolute({ from, to }: Extract<Period, { kind: "absolute" }>): string | undefined {
  if (!isLocal(from) || !isLocal(to)) return "There is no such day";
  if (from.length !== to.length) return "Takes two dates or two times";
  if (from < "1970" || to > "2200-12-31T24") return "Is out of reach";
  // The last date is part of the period, the last time is not.
  return from > to || (from === to && from.length > 10) ? "Ends before it begins" : undefined;
}

function faultOf(period: Period): string | undefined {
  switch (period.kind) {
    case "calendar":
      if (period.offset - (period.n - 1) > 0) return "Has not begun";
      return period.n + Math.abs(period.offset) > MOST[period.unit] ? "Reaches back too far" : undefined;
    case "rolling":
      if (period.unit === "weekend") return "Weekends do not roll";
      return period.n > MOST[period.unit] ? "Reaches back too far" : undefined;
    case "named":
      return checkNamed(period);
    case "absolute":
      return checkAbsolute(period);
  }
}

function checkRange(range: Range, path: string): FieldError[] {
  const { since, after, until, before } = range;
  if (!since && !after && !until && !before) return [{ path, message: "Has neither a beginning nor an end" }];
  if (since && after) return [{ path, message: "Begins twice" }];
  if (until && before) return [{ path, message: "Ends twice" }];
  return (["since", "after", "until", "before"] as const).flatMap((side) =>
    checkTime(range[side], `${path}/${side}`)
  );
}

/**
 * What is wrong with a time as it is said: a day that no calendar has, a period that has not begun or reaches back more
 * than 200 years, a range without ends. Periods are read in no zone here, so one that is over a day too late passes.
 *
 * @param path Where the time is in its plan, for the answer.
 */
export function checkTime(time: Time, path: string): FieldError[] {
  if (time === null) return [];
  if (time.kind === "range") return checkRange(time, path);
  const message = faultOf(time);
  return message === undefined ? [] : [{ path, message }];
}
