import { clock, type Ids, median, round } from "./history.ts";
import { bucketBounds, bucketStart, type Granularity, localIso } from "./history.ts";

/** An event as this oracle judges it; times are milliseconds since 1970, contact and line are indexes. */
export interface PlanEvent {
  readonly id: string;
  readonly ts: number;
  readonly contact: number | null;
  readonly number: string | null;
  readonly type: "call" | "sms";
  readonly direction: "inbound" | "outbound";
  readonly status: string | null;
  readonly duration: number | null;
  readonly content: string | null;
  readonly source: string;
  readonly line: number | null;
}

/** A contact of the generated person, as the privacy rule shows it to teammates. */
export interface PlanContact {
  readonly name: string | null;
  readonly number: string;
  readonly company: string | null;
  readonly tag: string | null;
  readonly visibility: "private" | "team";
  readonly mask_number: boolean;
  readonly mask_content: boolean;
}

/** The filters of a resolved plan, with contacts as indexes. */
export interface PlanFilters {
  readonly contacts: readonly number[];
  readonly excluded: readonly number[];
  readonly company: string | null;
  readonly tag: string | null;
  readonly number: string | null;
  readonly is_known: boolean | null;
  readonly type: "call" | "sms" | null;
  readonly direction: "inbound" | "outbound" | null;
  readonly statuses: readonly string[];
  readonly min_seconds: number | null;
  readonly max_seconds: number | null;
  readonly hours: readonly { readonly from: number; readonly to: number }[];
  readonly weekdays: readonly number[];
  readonly text: string | null;
  readonly source: string | null;
  readonly line: number | null;
  readonly starts_at: number | null;
  readonly ends_at: number | null;
  readonly zone: string;
}

/** What measures the events that are left: a sum is 0 of nothing, the others null. */
export function measure(events: readonly PlanEvent[], metric: string): number | null {
  const timed = events.filter(({ status, duration }) => status === "answered" && duration !== null)
    .map(({ duration }) => duration as number);
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  switch (metric) {
    case "events":
      return events.length;
    case "contacts":
      return new Set(events.map(({ contact }) => contact).filter((contact) => contact !== null)).size;
    case "talk_time":
      return total(events.map(({ duration }) => duration ?? 0));
    case "average_duration":
      return timed.length ? round(total(timed) / timed.length, 2) : null;
    case "median_duration":
      return median(timed);
    case "longest_duration":
      return timed.length ? Math.max(...timed) : null;
    default:
      return timed.length ? Math.min(...timed) : null;
  }
}

export const isSum = (metric: string) => ["events", "contacts", "talk_time"].includes(metric);

/** The events that a filter leaves, of those the caller sees, the newest first. */
export function select(
  events: readonly PlanEvent[],
  contacts: readonly PlanContact[],
  filters: PlanFilters,
): PlanEvent[] {
  const among = (list: readonly unknown[], value: unknown) => list.length === 0 || list.includes(value);
  const is = (wanted: unknown, value: unknown) => wanted === null || wanted === value;
  return events.filter((event) => {
    const contact = event.contact === null ? undefined : contacts[event.contact];
    const local = clock(event.ts, filters.zone);
    const minute = local.hour * 60 + local.minute;
    return (filters.contacts.length === 0 ||
      (event.contact !== null && filters.contacts.includes(event.contact))) &&
      (event.contact === null || !filters.excluded.includes(event.contact)) &&
      (filters.company === null || contact?.company?.toLowerCase() === filters.company.toLowerCase()) &&
      (filters.tag === null || contact?.tag?.toLowerCase() === filters.tag.toLowerCase()) &&
      is(filters.number, event.number) && is(filters.is_known, (contact?.name ?? null) !== null) &&
      is(filters.type, event.type) && is(filters.direction, event.direction) &&
      among(filters.statuses, event.status) &&
      (filters.min_seconds === null || (event.duration ?? -1) >= filters.min_seconds) &&
      (filters.max_seconds === null || (event.duration ?? Infinity) <= filters.max_seconds) &&
      (filters.hours.length === 0 ||
        filters.hours.some(({ from, to }) =>
          from < to ? minute >= from && minute < to : minute >= from || minute < to
        )) &&
      among(filters.weekdays, local.dayOfWeek) &&
      (filters.text === null ||
        (event.content?.split(" ") ?? []).some((word) => word.startsWith(filters.text as string))) &&
      is(filters.source, event.source) && is(filters.line, event.line) &&
      (filters.starts_at === null || event.ts >= filters.starts_at) &&
      (filters.ends_at === null || event.ts < filters.ends_at);
  }).toSorted((a, b) => b.ts - a.ts || (a.id < b.id ? 1 : -1));
}

/** The events as the person's owner, or as a teammate, sees them. */
export function seenBy(
  is_own: boolean,
  events: readonly PlanEvent[],
  contacts: readonly PlanContact[],
): PlanEvent[] {
  if (is_own) return [...events];
  return events.flatMap((event) => {
    const rule = event.contact === null ? undefined : contacts[event.contact];
    if (rule?.visibility === "private") return [];
    return [{
      ...event,
      line: null,
      number: rule?.mask_number ? null : event.number,
      content: rule && !rule.mask_content ? event.content : null,
    }];
  });
}

/** The value of a dimension that an event has; null: none. */
export function keyOf(event: PlanEvent, dimension: string, zone: string, ids: Ids): string | null {
  switch (dimension) {
    case "contact":
      return event.contact === null ? null : ids.contacts[event.contact] as string;
    case "line":
      return event.line === null ? null : ids.lines[event.line] as string;
    case "hour":
      return String(clock(event.ts, zone).hour);
    case "weekday":
      return String(clock(event.ts, zone).dayOfWeek);
    case "status":
      return event.status ?? "unknown";
    default:
      return event[dimension as "type" | "direction" | "source"];
  }
}

/** Groups in the order in which they were first met. */
export function groupBy(events: readonly PlanEvent[], key: (event: PlanEvent) => string | null) {
  const groups = new Map<string, PlanEvent[]>();
  for (const event of events) {
    const name = key(event);
    if (name !== null) groups.set(name, [...(groups.get(name) ?? []), event]);
  }
  return groups;
}

/** Buckets of a period: their bounds, what lies in each, and whether the period cuts them. */
export function buckets(
  events: readonly PlanEvent[],
  filters: PlanFilters,
  granularity: Granularity | "year",
  week_start: number,
) {
  const from = filters.starts_at ?? Math.min(...events.map(({ ts }) => ts));
  const to = filters.ends_at as number;
  if (events.length === 0 && filters.starts_at === null) return [];
  const bounds = granularity === "year"
    ? yearBounds(from, to, filters.zone)
    : bucketBounds(from, to, granularity, filters.zone, week_start);
  return bounds.slice(0, -1).map((start, index) => {
    const end = bounds[index + 1] as number;
    return {
      key: localIso(start, filters.zone),
      events: events.filter(({ ts }) => ts >= start && ts < end),
      is_partial: (filters.starts_at !== null && start < filters.starts_at) || end > Math.min(to, Date.now()),
    };
  });
}

function yearBounds(from: number, to: number, zone: string): number[] {
  const bounds = [clock(bucketStart(from, "month", zone, 1), zone).with({ month: 1 }).startOfDay()];
  for (;;) {
    const next = bounds[bounds.length - 1]?.add({ years: 1 }).startOfDay();
    if (!next) throw new Error("Cannot step a year");
    bounds.push(next);
    if (next.epochMilliseconds >= to) return bounds.map(({ epochMilliseconds }) => epochMilliseconds);
  }
}

/** Who has had nothing back, the latest first; events are all that the caller sees, missed those that are asked of. */
export function unreturned(
  events: readonly PlanEvent[],
  missed: readonly PlanEvent[],
  direction: "inbound" | "outbound",
) {
  const party = (event: PlanEvent) =>
    event.contact !== null ? `c${event.contact}` : event.number === null ? null : `n${event.number}`;
  return [...groupBy(missed, party).entries()].flatMap(([key, calls]) => {
    const returns = events.filter((event) =>
      party(event) === key &&
      (event.direction !== direction || (event.type === "call" && event.status === "answered"))
    ).map(({ ts }) => ts);
    const open = calls.filter(({ ts }) => returns.every((at) => at <= ts));
    const [latest] = open;
    return latest ? [{ latest, missed_calls: open.length }] : [];
  }).toSorted((a, b) => b.latest.ts - a.latest.ts || (a.latest.id < b.latest.id ? 1 : -1));
}
