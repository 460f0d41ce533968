import type { Temporal } from "temporal-polyfill";
import type { Filters, Plan } from "../plan.ts";
import type { Interval } from "../resolve_time.ts";
import type { FrequentContact, Occurrence } from "../suggest.ts";
import type { Clarification, Doubt, QueryResult, Speech, Understood } from "../speech.ts";

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
const CHOICES = 6;

type Moment = Temporal.ZonedDateTime;

function list(parts: readonly string[], join = "and"): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} ${join} ${parts.at(-1)}`;
}

function grouped(value: number): string {
  const [whole = "", fraction] = String(value).split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (fraction ? `.${fraction}` : "");
}

function counted(n: number, one: string, many: string): string {
  return `${n === 0 ? "no" : grouped(n)} ${n === 1 ? one : many}`;
}

/** Seconds as "2 h 5 min", "4 min 10 s", "9 s". */
function length(seconds: number): string {
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
function when({ from, to }: Interval): string {
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

function noun(filters: Filters, n: number): string {
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

function adjectives(filters: Pick<Filters, "statuses" | "direction">): string {
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

function days(weekdays: readonly number[]): string {
  if (weekdays.join() === "1,2,3,4,5") return "on weekdays";
  if (weekdays.join() === "6,7") return "on weekends";
  return `on ${list(weekdays.map((day) => `${WEEKDAYS[day - 1]}s`))}`;
}

/** Who, how long, at what hours: what follows the noun. */
function qualifiers(filters: Filters): string {
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

function things(filters: Filters, n: number): string {
  const described = adjectives(filters);
  return `${described ? `${described} ` : ""}${noun(filters, n)}${qualifiers(filters)}`;
}

/** The value of a metric in words. */
function amount(plan: Plan, value: number): string {
  switch (plan.metric) {
    case "events":
      return `${value === 0 ? "no" : grouped(value)} ${noun(plan.filters, value)}`;
    case "contacts":
      return counted(value, "person", "people");
    default:
      return length(value);
  }
}

function key(plan: Plan, row: Record<string, unknown>): string {
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

function measured(plan: Plan): string {
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

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** One side of a comparison, or one part of a whole, in words. */
function other({ plan, compared }: Understood): string {
  const { compare } = plan;
  if (!compare) return "";
  if (compare.time) return compared ? when(compared) : "";
  if (compare.contact) return `with ${compare.contact.text}`;
  if (compare.type) return compare.type === "call" ? "calls" : "messages";
  return `${adjectives({ statuses: compare.statuses, direction: compare.direction })} ones`;
}

function part(plan: Plan): string {
  const narrowed = plan.part;
  if (!narrowed) return "";
  if (narrowed.contact) return `with ${narrowed.contact.text}`;
  if (narrowed.is_known !== null) return narrowed.is_known ? "with known numbers" : "with unknown numbers";
  if (narrowed.type) return narrowed.type === "call" ? "calls" : "messages";
  return adjectives({ statuses: narrowed.statuses, direction: narrowed.direction });
}

function interpretation(understood: Understood): string {
  const { plan, interval } = understood;
  const time = when(interval);
  const what = things(plan.filters, 2);
  switch (plan.intent) {
    case "count":
    case "duration":
      return capital(`${measured(plan)}${what}, ${time}`);
    case "list":
      return capital(`${plan.sort === "newest" ? "" : `${plan.sort} `}${what}, ${time}`);
    case "last":
    case "first":
      return capital(`${plan.intent} of ${what}, ${time}`);
    case "top":
    case "busiest":
      return capital(`${measured(plan)}${what} by ${plan.dimension}, ${plan.sort} first, ${time}`);
    case "trend":
      return capital(
        `${measured(plan)}${what}${plan.dimension ? ` by ${plan.dimension}` : " over time"}, ${time}`,
      );
    case "compare":
      return capital(`${measured(plan)}${what}, ${time}, beside ${other(understood)}`);
    case "share":
      return capital(`share of ${what} that are ${part(plan)}, ${time}`);
    case "unreturned":
      return plan.filters.direction === "inbound"
        ? `Missed calls that you have not returned, ${time}`
        : `Calls of yours that were not returned, ${time}`;
    case "profile":
      return `You and ${plan.filters.contacts[0]?.text ?? ""}, ${time}`;
    case "gaps":
      return `Missing data, ${time}`;
    case "quality":
      return `Quality of your data, ${time}`;
    case "predict":
      return `Who is likely to be in touch within ${plan.horizon_days} days`;
  }
}

function moment(row: Record<string, unknown>, zone: string): string {
  const at = new Date(String(row.ts));
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: zone }).format(
    at,
  );
}

function who(row: Record<string, unknown>): string {
  return String(row.contact_name ?? row.name ?? row.number ?? "an unknown number");
}

function ranking(understood: Understood, result: QueryResult): string {
  const { plan, interval } = understood;
  const [first, second] = result.rows;
  if (!first) return `There are no ${things(plan.filters, 2)} ${when(interval)}.`;
  const value = (row: Record<string, unknown>) => amount(plan, Number(row.value ?? 0));
  if (!second || plan.limit === 1) {
    return `${capital(key(plan, first))}: ${value(first)}${qualifiers(plan.filters)} ${when(interval)}.`;
  }
  const shown = result.rows.slice(0, 5).map((row) => `${key(plan, row)} (${value(row)})`);
  return `${capital(list(shown))}${result.rows.length > 5 ? ", and more" : ""}, ${when(interval)}.`;
}

function comparison(understood: Understood, result: QueryResult): string {
  const { plan, interval } = understood;
  const first = Number(result.values.first ?? 0);
  const second = Number(result.values.second ?? 0);
  const change = typeof result.values.change_pct === "number"
    ? ` (${result.values.change_pct > 0 ? "+" : ""}${result.values.change_pct} %)`
    : "";
  const verdict = first === second ? "the same" : first > second ? "more" : "less";
  return `${capital(amount(plan, first))}${qualifiers(plan.filters)} ${when(interval)}, ${
    plan.metric === "events" ? grouped(second) : amount(plan, second)
  } ${other(understood)}: ${verdict}${change}.`;
}

function events({ plan, interval, time_zone }: Understood, result: QueryResult): string {
  const [first] = result.rows;
  if (!first) return `There are no ${things(plan.filters, 2)} ${when(interval)}.`;
  const lasted = typeof first.duration === "number" ? `, ${length(first.duration)}` : "";
  const at = `${moment(first, time_zone)} with ${who(first)}${lasted}`;
  if (plan.intent !== "list") return `The ${plan.intent} was on ${at}.`;
  if (result.rows.length === 1 && plan.limit === 1) return `It was on ${at}.`;
  const found = counted(result.total, noun(plan.filters, 1), noun(plan.filters, 2));
  return `${capital(found)}${qualifiers(plan.filters)} ${when(interval)}; the ${
    plan.sort === "newest" ? "latest" : plan.sort
  } on ${at}.`;
}

function answer(understood: Understood, result: QueryResult): string {
  const { plan, interval } = understood;
  const described = adjectives(plan.filters);
  switch (plan.intent) {
    case "count": {
      const n = result.value ?? 0;
      if (plan.metric === "contacts") {
        return `${capital(counted(n, "person", "people"))} in ${things(plan.filters, 2)} ${when(interval)}.`;
      }
      return `${n === 0 ? "No" : grouped(n)} ${described ? `${described} ` : ""}${noun(plan.filters, n)}${
        qualifiers(plan.filters)
      } ${when(interval)}.`;
    }
    case "duration":
      if (result.value === null) {
        return `There are no ${things(plan.filters, 2)} with a known length ${when(interval)}.`;
      }
      return `${measured(plan)}${things(plan.filters, 2)} ${when(interval)}: ${length(result.value)}.`;
    case "list":
    case "last":
    case "first":
      return events(understood, result);
    case "top":
    case "busiest":
      return ranking(understood, result);
    case "trend":
      return `${capital(`${measured(plan)}${things(plan.filters, 2)}`)} ${when(interval)}, in ${
        counted(result.rows.length, "step", "steps")
      }.`;
    case "compare":
      return comparison(understood, result);
    case "share":
      if (result.value === null) return `There are no ${things(plan.filters, 2)} ${when(interval)}.`;
      return `${result.value} % of ${things(plan.filters, 2)} ${when(interval)} are ${part(plan)} (${
        amount(plan, Number(result.values.part ?? 0))
      } of ${
        plan.metric === "events"
          ? grouped(Number(result.values.whole ?? 0))
          : amount(plan, Number(result.values.whole ?? 0))
      }).`;
    case "unreturned": {
      if (result.rows.length === 0) {
        return plan.filters.direction === "inbound"
          ? "You have returned every missed call."
          : "Everybody has been in touch since.";
      }
      const names = result.rows.slice(0, 5).map(who);
      return plan.filters.direction === "inbound"
        ? `${counted(result.total, "person waits", "people wait")} for a call back: ${list(names)}${
          result.total > 5 ? ", and more" : ""
        }.`
        : `${counted(result.total, "person has", "people have")} not come back to you: ${list(names)}${
          result.total > 5 ? ", and more" : ""
        }.`;
    }
    case "profile":
      return `Here is what the log says about you and ${plan.filters.contacts[0]?.text ?? ""}.`;
    case "gaps":
      return result.total === 0
        ? `Nothing seems to be missing ${when(interval)}.`
        : `${capital(counted(result.total, "gap", "gaps"))} ${when(interval)}.`;
    case "quality":
      return result.value === null
        ? "There is not enough data to judge."
        : `The quality of your data is ${Math.round(result.value * 100)} of 100.`;
    case "predict":
      if (result.rows.length === 0) return "There is not enough data to say.";
      return `Most likely within ${plan.horizon_days} days: ${
        list(
          result.rows.slice(0, 5).map((row) =>
            `${who(row)}${
              typeof row.probability === "number" ? ` (${Math.round(row.probability * 100)} %)` : ""
            }`
          ),
        )
      }.`;
  }
}

/** The question with other words in the place of some. */
function rephrase(question: string, said: string, name: string): string {
  const at = question.toLowerCase().indexOf(said.toLowerCase());
  return at < 0 ? `${question} (${name})` : question.slice(0, at) + name + question.slice(at + said.length);
}

function clarify(question: string, { reason, said, choices }: Doubt): Clarification {
  switch (reason) {
    case "several_people": {
      const names = choices.map(({ name }) => name);
      return {
        question: `Which ${said} do you mean?`,
        choices: choices.slice(0, CHOICES).map(({ name, number }) => {
          const is_unique = names.filter((other) => other === name).length === 1;
          const exact = is_unique || number === null ? name : number;
          return {
            label: is_unique || number === null ? name : `${name} (${number})`,
            question: rephrase(question, said, exact),
          };
        }),
      };
    }
    case "unknown_words":
      return {
        question: `What do you mean by "${said}"? It is no word I know and nobody in your contacts.`,
        choices: [],
      };
    case "which_unit":
      return {
        question: "By hour of the day, day of the week, or month?",
        choices: [
          ["Hour of the day", "which hour of the day"],
          ["Day of the week", "which day of the week"],
          ["Month", "which month"],
        ].map(([label = "", words = ""]) => ({
          label,
          question: /\bwhen\b/i.test(question)
            ? question.replace(/\bwhen\b/i, capital(words))
            : `${capital(words)}: ${question}`,
        })),
      };
    case "several_times":
      return { question: "Which of the times do you mean?", choices: [] };
    case "contradiction":
      return {
        question: "Parts of the question exclude each other. Could you put it another way?",
        choices: [],
      };
    case "needs_person":
      return { question: "About whom?", choices: [] };
    case "no_context":
      return { question: "What does that refer to? Please ask the whole question.", choices: [] };
    case "not_here":
      return {
        question:
          "I only answer questions about your own calls and messages, and change nothing. What would you like to know about them?",
        choices: [],
      };
    case "impossible_time":
      return { question: "That time does not exist or has not begun. Which one do you mean?", choices: [] };
    case "unsupported":
      return {
        question:
          "I cannot answer that from a call log. What would you like to know about your calls or messages?",
        choices: [],
      };
    case "nothing_asked":
      return { question: "What would you like to know about your calls or messages?", choices: [] };
  }
}

const DAY_MS = 86_400_000;

/** The shortest stretch up to now that surely holds the moment, whatever the zone. */
function lately({ last_at }: Occurrence, now: Date): string {
  const days = (now.getTime() - Date.parse(last_at)) / DAY_MS;
  if (days < 6) return " in the last 7 days";
  return days < 29 ? " in the last 30 days" : "";
}

function suggest({ name, times }: FrequentContact, now: Date): string[] {
  const { outbound_call, inbound_call, missed_call, inbound_sms } = times;
  return [
    ...(outbound_call ? [`How often did I call ${name}${lately(outbound_call, now)}?`] : []),
    ...(inbound_call ? [`When did ${name} last call me?`] : []),
    ...(missed_call ? [`Show my missed calls from ${name}${lately(missed_call, now)}`] : []),
    ...(inbound_sms ? [`How many texts did I get from ${name}${lately(inbound_sms, now)}?`] : []),
    ...(inbound_call || outbound_call ? [`Tell me about ${name}`] : []),
  ];
}

/** English sentences. Dates are written with the month's name, lengths in h, min and s, times in 24 hours. */
export const ENGLISH_SPEECH: Speech = {
  interpretation,
  answer,
  clarify,
  suggest,
  without_model: "The language model could not be asked; the question was read without it.",
};
