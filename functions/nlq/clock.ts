import { Temporal } from "temporal-polyfill";

/** When and where a question is asked. */
export interface Clock {
  readonly now: Temporal.ZonedDateTime;
  /** ISO weekday on which the asker's weeks begin. */
  readonly week_start: number;
}

/** A clock at an instant in a zone. Throws RangeError for a zone that is not known. */
export function clockAt(instant: Date, time_zone: string, week_start: number): Clock {
  return {
    now: Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(time_zone),
    week_start,
  };
}
