import { Temporal } from "temporal-polyfill";
import type { Clock } from "./clock.ts";
import type { Period, Range, Time, Unit } from "./plan.ts";

type Moment = Temporal.ZonedDateTime;

/** A half-open stretch of time; null is open: from the first event, or up to the last. */
export interface Interval {
  readonly from: Moment | null;
  readonly to: Moment | null;
}

interface Stretch {
  readonly from: Moment;
  readonly to: Moment;
}

/** Start of the local unit that holds a moment; weeks begin on `week_start`, weekends on Saturday of the ISO week. */
export function startOf(unit: Unit, at: Moment, week_start: number): Moment {
  const day = at.startOfDay();
  switch (unit) {
    case "minute":
    case "hour":
      return at.round({ smallestUnit: unit, roundingMode: "floor" });
    case "day":
      return day;
    case "week":
      return day.subtract({ days: (at.dayOfWeek - week_start + 7) % 7 }).startOfDay();
    case "weekend":
      return day.add({ days: 6 - at.dayOfWeek }).startOfDay();
    case "month":
      return day.with({ day: 1 }).startOfDay();
    case "quarter":
      return day.with({ day: 1, month: at.month - (at.month - 1) % 3 }).startOfDay();
    case "year":
      return day.with({ day: 1, month: 1 }).startOfDay();
  }
}

function shift(unit: Unit, at: Moment, n: number): Moment {
  switch (unit) {
    case "minute":
      return at.add({ minutes: n });
    case "hour":
      return at.add({ hours: n });
    case "day":
      return at.add({ days: n }).startOfDay();
    case "week":
    case "weekend":
      return at.add({ weeks: n }).startOfDay();
    case "month":
      return at.add({ months: n }).startOfDay();
    case "quarter":
      return at.add({ months: 3 * n }).startOfDay();
    case "year":
      return at.add({ years: n }).startOfDay();
  }
}

function endOf(unit: Unit, start: Moment): Moment {
  return unit === "weekend" ? start.add({ days: 2 }).startOfDay() : shift(unit, start, 1);
}

function calendar(period: Extract<Period, { kind: "calendar" }>, clock: Clock): Stretch {
  const last = shift(period.unit, startOf(period.unit, clock.now, clock.week_start), period.offset);
  return { from: shift(period.unit, last, 1 - period.n), to: endOf(period.unit, last) };
}

/** Whole local days up to now, today included; minutes and hours to the minute. */
function rolling(period: Extract<Period, { kind: "rolling" }>, { now }: Clock): Stretch {
  const { unit, n } = period;
  switch (unit) {
    case "minute":
    case "hour":
      return { from: shift(unit, now, -n), to: now };
    case "day":
      return { from: shift("day", now.startOfDay(), 1 - n), to: now };
    case "week":
    case "weekend":
      return { from: shift("day", now.startOfDay(), 1 - 7 * n), to: now };
    default:
      return { from: shift(unit, now.startOfDay(), -n), to: now };
  }
}

function dayStretch(date: Temporal.PlainDate, time_zone: string): Stretch {
  return {
    from: date.toZonedDateTime(time_zone),
    to: date.add({ days: 1 }).toZonedDateTime(time_zone),
  };
}

/** The date, or undefined where that month has no such day. */
function plainDate(year: number, month: number, day: number): Temporal.PlainDate | undefined {
  const date = Temporal.PlainDate.from({ year, month, day });
  return date.day === day ? date : undefined;
}

function named(period: Extract<Period, { kind: "named" }>, clock: Clock): Stretch | undefined {
  const { year, month, day, weekday, ago } = period;
  const { now } = clock;
  const zone = now.timeZoneId;
  const today = now.toPlainDate();
  if (weekday !== null) {
    const date = today.subtract({ days: (today.dayOfWeek - weekday + 7) % 7 + 7 * ago });
    return dayStretch(date, zone);
  }
  if (day !== null) {
    // The latest that has begun: of that month, or of any month that has such a day.
    const monthOf = (back: number) =>
      month === null
        ? today.with({ day: 1 }).subtract({ months: back })
        : Temporal.PlainDate.from({ year: (year ?? today.year) - (year === null ? back : 0), month, day: 1 });
    let begun = 0;
    for (let back = 0; back < 40; back++) {
      const first = monthOf(back);
      const date = plainDate(first.year, first.month, day);
      if (date === undefined) {
        if (year !== null) return undefined;
        continue;
      }
      if (year !== null) return dayStretch(date, zone);
      if (Temporal.PlainDate.compare(date, today) <= 0 && begun++ === ago) return dayStretch(date, zone);
    }
    return undefined;
  }
  if (month !== null) {
    const latest = month <= today.month ? today.year : today.year - 1;
    const from = Temporal.PlainDate.from({ year: year ?? latest - ago, month, day: 1 }).toZonedDateTime(zone);
    return { from, to: shift("month", from, 1) };
  }
  if (year !== null) {
    const from = Temporal.PlainDate.from({ year, month: 1, day: 1 }).toZonedDateTime(zone);
    return { from, to: shift("year", from, 1) };
  }
  return undefined;
}

function absolute(period: Extract<Period, { kind: "absolute" }>, { now }: Clock): Stretch | undefined {
  const zone = now.timeZoneId;
  const at = (text: string) =>
    Temporal.PlainDateTime.from(text, { overflow: "reject" }).toZonedDateTime(zone);
  try {
    const from = at(period.from);
    const to = period.to.includes("T") ? at(period.to) : shift("day", at(period.to), 1);
    return { from, to };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function stretchOf(period: Period, clock: Clock): Stretch | undefined {
  switch (period.kind) {
    case "calendar":
      return calendar(period, clock);
    case "rolling":
      return rolling(period, clock);
    case "named":
      return named(period, clock);
    case "absolute":
      return absolute(period, clock);
  }
}

/** The next time that a name comes round: its year, month or week is that of the first one after `start`. */
function following(period: Period, end: Stretch, start: Moment): Stretch {
  if (period.kind !== "named" || period.year !== null || Temporal.ZonedDateTime.compare(end.to, start) > 0) {
    return end;
  }
  const by = period.weekday !== null ? { weeks: 1 } : period.month !== null ? { years: 1 } : { months: 1 };
  return { from: end.from.add(by).startOfDay(), to: end.to.add(by).startOfDay() };
}

function rangeOf(range: Range, clock: Clock): Interval | undefined {
  const first = range.since ?? range.after;
  const last = range.until ?? range.before;
  const start = first && stretchOf(first, clock);
  if (first && !start) return undefined;
  const from = start ? (range.since ? start.from : start.to) : null;
  const end = last && stretchOf(last, clock);
  if (last && !end) return undefined;
  const placed = last && end && from ? following(last, end, from) : end;
  return { from, to: placed ? (range.until ? placed.to : placed.from) : null };
}

/**
 * The instants that a time means to who asks now. `to` is never later than now. Null for a date that does not exist and
 * for a stretch that ends before it begins.
 */
export function resolveTime(time: Time, clock: Clock): Interval | null {
  const interval = time === null
    ? { from: null, to: null }
    : time.kind === "range"
    ? rangeOf(time, clock)
    : stretchOf(time, clock);
  if (!interval) return null;
  const { from } = interval;
  // What begins at this very moment has begun.
  const now = from?.equals(clock.now) ? clock.now.add({ milliseconds: 1 }) : clock.now;
  const to = interval.to !== null && Temporal.ZonedDateTime.compare(interval.to, now) > 0 ? now : interval.to;
  return from !== null && to !== null && Temporal.ZonedDateTime.compare(from, to) >= 0 ? null : { from, to };
}
