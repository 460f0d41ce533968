import { Temporal } from "temporal-polyfill";
import { createRandom, type Random } from "../../dev/demo/random.ts";
import type { EvaluationDatabase } from "./databases.ts";
import type { Person } from "./people.ts";

/** An event as `ingest_events` takes it; `line` is a name, which the loader turns into an id. */
export interface LoggedEvent {
  readonly ts: string;
  readonly number: string | null;
  readonly contact_name?: string;
  readonly type: "call" | "sms";
  readonly direction: "inbound" | "outbound";
  readonly status: string;
  readonly duration?: number;
  readonly content?: string;
  readonly line: string;
  readonly source: string;
  readonly source_id: string;
}

const SPAN_DAYS = 820;
const MESSAGES = [
  "Dinner at seven?",
  "The invoice is in your mail",
  "Happy birthday!",
  "My train is late, sorry",
  "Dentist at nine tomorrow",
  "No parking here, I am going round the block",
  "See you tomorrow",
  "Thanks a lot",
  "Dinner was lovely, thank you",
  "Call me when you have a minute",
  "Did the train leave on time?",
  "ok 👍",
];
/** How much happens in each hour of the local day. */
const HOURS = [2, 1, 1, 1, 1, 2, 3, 6, 8, 9, 9, 8, 9, 8, 8, 8, 9, 10, 11, 11, 10, 8, 6, 4];

function status(random: Random, type: string, direction: string): string {
  if (type === "sms") return direction === "inbound" ? "received" : random.chance(0.05) ? "failed" : "sent";
  const weights = direction === "inbound" ? [58, 22, 8, 7, 5] : [78, 16, 2, 4, 0];
  return ["answered", "missed", "declined", "voicemail", "blocked"][random.weighted(weights)] ?? "answered";
}

function moment(random: Random, now: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  const reach = [45, 400, SPAN_DAYS][random.weighted([40, 30, 30])] ?? SPAN_DAYS;
  const at = now.subtract({ days: random.int(0, reach) }).startOfDay().toPlainDateTime()
    .add({ hours: random.weighted(HOURS), minutes: random.int(0, 59), seconds: random.int(0, 59) })
    .toZonedDateTime(now.timeZoneId);
  return Temporal.ZonedDateTime.compare(at, now.subtract({ minutes: 2 })) < 0 ? at : at.subtract({ days: 1 });
}

/** The names as a phone logs them: the proper one first, since a contact keeps the first name that it is given. */
function named(
  events: readonly (LoggedEvent & { person: Person })[],
  random: Random,
): LoggedEvent[] {
  const met = new Set<Person>();
  return events.map(({ person, ...event }) => {
    const is_new = !met.has(person);
    met.add(person);
    if (person.is_named === false) return event;
    const is_other = person.other_name !== undefined && !is_new && random.chance(0.2);
    return { ...event, contact_name: is_other ? person.other_name : person.log_name ?? person.name };
  });
}

/** The log of a database that ends at `now`, oldest first: the same events whenever it is made. */
export function phoneLog(database: EvaluationDatabase, now: string, count = 2500): LoggedEvent[] {
  const random = createRandom(`nlq/${database.time_zone}/${now}`);
  const here = Temporal.Instant.from(now).toZonedDateTimeISO(database.time_zone);
  const weights = database.people.map((person) => person.weight);
  const events = Array.from({ length: count }, (_, i) => {
    // Everybody is there once at least.
    const person = database.people[i] ?? database.people[random.weighted(weights)] as Person;
    const type = random.chance(0.62) ? "call" : "sms";
    const direction = random.chance(0.52) ? "inbound" : "outbound";
    const outcome = status(random, type, direction);
    const event: LoggedEvent & { person: Person } = {
      ts: moment(random, here).toInstant().toString(),
      number: person.number,
      person,
      type,
      direction,
      status: outcome,
      ...(type === "call" && {
        duration: outcome === "answered" ? Math.min(9000, 1 + Math.floor(random.logNormal(170, 1.3))) : 0,
      }),
      ...(type === "sms" && { content: random.pick(MESSAGES) }),
      line: database.lines[random.chance(0.65) ? 0 : 1],
      source: ["device", "carrier", "backup", "manual", "api"][random.weighted([55, 20, 15, 5, 5])] ??
        "device",
      source_id: `log-${i}`,
    };
    return event;
  });
  return named(events.sort((a, b) => a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0), random);
}
