import type { Temporal } from "temporal-polyfill";
import type { Filters, Plan } from "../../plan.ts";
import type { Interval } from "../../resolve_time.ts";

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const STATUS: Record<Filters["statuses"][number], string> = {
  answered: "answered",
  missed: "missed",
  declined: "declined",
  voicemail: "voicemail",
  blocked: "blocked",
  sent: "sent",
  received: "received",
  failed: "failed",
};

type Moment = Temporal.ZonedDateTime;

/** Parts as "a, b and c". */
export function list(parts: readonly string[], join = "and"): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} ${join} ${parts.at(-1)}`;
}

/** A number with its thousands parted by commas. */
export function grouped(value: number): string {
  const [whole = "", fraction] = String(value).split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (fraction ? `.${fraction}` : "");
}

/** A number with its noun. */
export function counted(n: number, one: string, many: string): string {
  return `${n === 0 ? "no" : grouped(n)} ${n === 1 ? one : many}`;
}

/** Seconds as "2 h 5 min", "4 min 10 s", "9 s". */
export function length(seconds: number): string {
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (h > 0) return m > 0 ? `${grouped(h)} h ${m} min` : `${grouped(h)} h`;
  return m > 0 ? (s > 0 ? `${m} min ${s} s` : `${m} min`) : `${s} s`;
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

function date(moment: Moment): string {
  return `${moment.day} ${MONTHS[moment.month - 1]} ${moment.year}`;
}

function isMidnight(moment: Moment): boolean {
  return moment.equals(moment.startOfDay());
}

function point(moment: Moment): string {
  return isMidnight(moment) ? date(moment) : `${date(moment)} ${clock(moment.hour * 60 + moment.minute)}`;
}

/** A stretch as people say it: its last day, not the instant after it. */
export function when({ from, to }: Interval): string {
  if (from === null && to === null) return "in all of your log";
  if (from === null) {
    return to && isMidnight(to) ? `up to ${date(to.subtract({ days: 1 }))}` : `up to ${to && point(to)}`;
  }
  if (to === null) return `since ${point(from)}`;
  if (!isMidnight(from) || !isMidnight(to)) return `from ${point(from)} to ${point(to)}`;
  const last = to.subtract({ days: 1 });
  if (last.toPlainDate().equals(from.toPlainDate())) return `on ${date(from)}`;
  if (from.day === 1 && to.day === 1 && from.add({ months: 1 }).toPlainDate().equals(to.toPlainDate())) {
    return `in ${MONTHS[from.month - 1]} ${from.year}`;
  }
  if (from.day === 1 && from.month === 1 && to.day === 1 && to.month === 1 && to.year === from.year + 1) {
    return `in ${from.year}`;
  }
  return `from ${date(from)} to ${date(last)}`;
}

/** What these events are called, of n of them. */
export function noun(filters: Filters, n: number): string {
  const [one, many] = filters.type === "call"
    ? ["call", "calls"]
    : filters.type === "sms"
    ? ["message", "messages"]
    : ["call or message", "calls and messages"];
  return n === 1 ? one : many;
}

function unanswered(statuses: Filters["statuses"]): boolean {
  return statuses.length === 4 && !statuses.includes("answered") && statuses.includes("missed") &&
    statuses.includes("declined");
}

/** How they ended and which way they went, before the noun. */
export function adjectives(filters: Pick<Filters, "statuses" | "direction">): string {
  const status = unanswered(filters.statuses)
    ? "unanswered"
    : list(filters.statuses.map((name) => STATUS[name]), "or");
  const direction = filters.direction === "inbound"
    ? "incoming"
    : filters.direction === "outbound"
    ? "outgoing"
    : "";
  return [status, direction].filter((word) => word !== "").join(" ");
}

/** ISO weekdays in words. */
export function days(weekdays: readonly number[]): string {
  if (weekdays.join() === "1,2,3,4,5") return "on weekdays";
  if (weekdays.join() === "6,7") return "on weekends";
  return `on ${list(weekdays.map((day) => `${WEEKDAYS[day - 1]}s`))}`;
}

/** Who, how long, at what hours: what follows the noun. */
export function qualifiers(filters: Filters): string {
  const parts: string[] = [];
  const toward = filters.direction === "inbound" ? "from" : filters.direction === "outbound" ? "to" : "with";
  if (filters.contacts.length > 0) {
    parts.push(`${toward} ${list(filters.contacts.map(({ text }) => text), "or")}`);
  }
  if (filters.company !== null) parts.push(`${toward} people at ${filters.company}`);
  if (filters.tag !== null) parts.push(`${toward} people tagged ${filters.tag}`);
  if (filters.number !== null) parts.push(`${toward} ${filters.number}`);
  if (filters.is_known !== null) parts.push(`${toward} ${filters.is_known ? "known" : "unknown"} numbers`);
  if (filters.excluded_contacts.length > 0) {
    parts.push(`except ${list(filters.excluded_contacts.map(({ text }) => text))}`);
  }
  if (filters.min_seconds !== null && filters.max_seconds !== null) {
    parts.push(`of ${length(filters.min_seconds)} to ${length(filters.max_seconds)}`);
  } else if (filters.min_seconds !== null) parts.push(`of at least ${length(filters.min_seconds)}`);
  else if (filters.max_seconds !== null) parts.push(`of at most ${length(filters.max_seconds)}`);
  if (filters.text !== null) parts.push(`that say ${filters.text}`);
  if (filters.hours.length > 0) {
    parts.push(
      `between ${list(filters.hours.map(({ from, to }) => `${clock(from)} and ${clock(to)}`), "or between")}`,
    );
  }
  if (filters.weekdays.length > 0) parts.push(days(filters.weekdays));
  if (filters.source !== null) {
    parts.push(`reported by ${filters.source === "api" ? "the API" : `a ${filters.source}`}`);
  }
  if (filters.line !== null) parts.push(`on ${filters.line}`);
  return parts.map((part) => ` ${part}`).join("");
}

/** The events of a filter: adjectives, noun and what follows it, of n of them. */
export function things(filters: Filters, n: number): string {
  const described = adjectives(filters);
  return `${described ? `${described} ` : ""}${noun(filters, n)}${qualifiers(filters)}`;
}

/** The value of a metric in words. */
export function amount(plan: Plan, value: number): string {
  switch (plan.metric) {
    case "events":
      return `${value === 0 ? "no" : grouped(value)} ${noun(plan.filters, value)}`;
    case "contacts":
      return counted(value, "person", "people");
    default:
      return length(value);
  }
}

/** What a row of a ranking is about. */
export function key(plan: Plan, row: Record<string, unknown>): string {
  const said = row.key ?? row.name ?? row.number;
  switch (plan.dimension) {
    case "hour":
      return `${clock(Number(said) * 60)} to ${clock(Number(said) * 60 + 60)}`;
    case "weekday":
      return WEEKDAYS[Number(said) - 1] ?? "";
    case "month": {
      const [year, month] = String(said).split("-");
      return `${MONTHS[Number(month) - 1]} ${year}`;
    }
    case "year":
      return String(said).slice(0, 4);
    case "week":
      return `the week of ${String(said).slice(0, 10)}`;
    case "day":
      return String(said).slice(0, 10);
    default:
      return said === null || said === undefined ? "an unknown number" : String(said);
  }
}

/** The metric, before the events that it is of; nothing for a plain count. */
export function measured(plan: Plan): string {
  switch (plan.metric) {
    case "events":
      return "";
    case "contacts":
      return "People in ";
    case "talk_time":
      return "Time of ";
    case "average_duration":
      return "Average length of ";
    case "median_duration":
      return "Median length of ";
    case "longest_duration":
      return "Longest of ";
    case "shortest_duration":
      return "Shortest of ";
  }
}

/** With its first letter in upper case. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
