import { Temporal } from "temporal-polyfill";

/** A date and time of day, without a zone. Field names are Temporal's. */
export interface PlainTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
}

const DAY_MS = 86_400_000;

/**
 * Turns times of one zone into moments. On a day without a clock change the zone's offset is looked up once: a file
 * has thousands of rows on each day, and a look-up costs more than the rest of a row.
 */
export class LocalZone {
  readonly #timeZone: string;
  /** Offset in ms of a day, by its number since 1970; null where the clock changes on that day. */
  readonly #offsets = new Map<number, number | null>();

  /** @param timeZone IANA zone */
  constructor(timeZone: string) {
    this.#timeZone = timeZone;
  }

  /** Milliseconds since 1970, a skipped or repeated time read by Temporal's "compatible" rule; null for 30 February. */
  toEpochMs(time: PlainTime): number | null {
    const local = toUtcMs(time);
    if (local === null) return null;
    const day = Math.floor(local / DAY_MS);
    let offset = this.#offsets.get(day);
    if (offset === undefined) {
      const start = this.#offsetAt(day * DAY_MS);
      offset = start === this.#offsetAt((day + 1) * DAY_MS) ? start : null;
      this.#offsets.set(day, offset);
    }
    return local - (offset ?? this.#offsetAt(local));
  }

  /** The offset at a local time, given as if it were UTC. */
  #offsetAt(local: number): number {
    const plain = Temporal.Instant.fromEpochMilliseconds(local).toZonedDateTimeISO("UTC").toPlainDateTime();
    return local - plain.toZonedDateTime(this.#timeZone).epochMilliseconds;
  }
}

/** Milliseconds since 1970 if the time were UTC; null when there is no such day or time of day. */
export function toUtcMs({ year, month, day, hour, minute, second, millisecond }: PlainTime): number | null {
  if (hour > 23 || minute > 59 || second > 59) return null;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
  // A day too many runs into the next month.
  return new Date(ms).getUTCMonth() === month - 1 ? ms : null;
}
