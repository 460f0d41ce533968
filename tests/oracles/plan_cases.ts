import fc from "fast-check";
import { CONTACTS, history, LINES, type LoggedEvent, period, ZONES } from "./history.ts";
import type { PlanContact, PlanEvent, PlanFilters } from "./plan_oracle.ts";

/** Numbers of the generated contacts, and of nobody. */
export const NUMBERS = Array.from({ length: CONTACTS }, (_, i) => `+1555010000${i}`);
const STRANGERS = ["+15550200001", "+15550200002", null];
const WORDS = ["dinner", "late", "tomorrow", "ok"];
const STATUSES = ["answered", "missed", "declined", "voicemail", "blocked", "sent", "received", "failed"];

/** An event with what a question may ask of it: number and words follow from its time, so that they shrink with it. */
export function withDetails(event: LoggedEvent): PlanEvent {
  const pick = <T>(list: readonly T[], salt: number) =>
    list[Math.floor(event.ts / 1000 + salt) % list.length] as T;
  return {
    ...event,
    id: crypto.randomUUID(),
    number: event.contact === null ? pick(STRANGERS, 0) : NUMBERS[event.contact] as string,
    content: event.type === "sms" ? `${pick(WORDS, 1)} ${pick(WORDS, 7)}` : null,
  };
}

const contact: fc.Arbitrary<PlanContact> = fc.record({
  name: fc.option(fc.constantFrom("Ann", "bob", "Cy"), { freq: 4 }),
  company: fc.option(fc.constantFrom("Acme", "ACME", "Umbra"), { freq: 2 }),
  tag: fc.option(fc.constantFrom("Family", "work"), { freq: 2 }),
  visibility: fc.constantFrom("team", "team", "private"),
  mask_number: fc.boolean(),
  mask_content: fc.boolean(),
  number: fc.constant(""),
});

/** Mostly nothing, so that a plan leaves some events. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
const someOf = <T>(list: readonly T[]) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant([] as T[]) }, {
    weight: 1,
    arbitrary: fc.uniqueArray(fc.constantFrom(...list), { minLength: 1, maxLength: 3 }),
  });
const people = someOf(Array.from({ length: CONTACTS }, (_, i) => i));
const minute = fc.oneof(
  fc.integer({ min: 0, max: 23 }).map((hour) => hour * 60),
  fc.integer({ min: 0, max: 1439 }),
);
const type = fc.option(fc.constantFrom("call" as const, "sms" as const), { freq: 2 });
const direction = rarely(fc.constantFrom("inbound" as const, "outbound" as const));

const filters: fc.Arbitrary<Omit<PlanFilters, "starts_at" | "ends_at" | "zone">> = fc.record({
  contacts: people,
  excluded: people,
  company: rarely(fc.constantFrom("acme", "Umbra", "None")),
  tag: rarely(fc.constantFrom("family", "WORK")),
  number: rarely(fc.constantFrom(...NUMBERS, "+15550200001")),
  is_known: rarely(fc.boolean()),
  type,
  direction,
  statuses: someOf(STATUSES),
  min_seconds: rarely(fc.integer({ min: 0, max: 1500 })),
  max_seconds: rarely(fc.integer({ min: 1500, max: 4000 })),
  hours: fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, {
    weight: 1,
    arbitrary: fc.array(
      fc.record({ from: minute, to: minute.map((m) => m + 60 > 1440 ? 1440 : Math.max(m, 1)) }),
      {
        minLength: 1,
        maxLength: 2,
      },
    ),
  }),
  weekdays: someOf([1, 2, 3, 4, 5, 6, 7]),
  text: rarely(fc.constantFrom(...WORDS, "tom", "absent")),
  source: rarely(fc.constantFrom("carrier", "device", "backup", "api")),
  line: rarely(fc.integer({ min: 0, max: LINES - 1 })),
});

const METRICS = [
  "events",
  "contacts",
  "talk_time",
  "average_duration",
  "median_duration",
  "longest_duration",
  "shortest_duration",
];
const sums = METRICS.slice(0, 3);
const at = (
  intent: string,
  metrics: readonly string[],
  dimensions: readonly (string | null)[],
  sorts: readonly string[],
) =>
  fc.record({
    intent: fc.constant(intent),
    metric: fc.constantFrom(...metrics),
    dimension: fc.constantFrom(...dimensions),
    sort: fc.constantFrom(...sorts),
  });

/** What is asked, without the filters. */
const question = fc.oneof(
  at("count", ["events", "contacts"], [null], ["newest"]),
  at("duration", METRICS.slice(2), [null], ["newest"]),
  at("list", ["events"], [null], ["newest", "oldest", "longest", "shortest"]),
  at("last", ["events"], [null], ["newest"]),
  at("first", ["events"], [null], ["newest"]),
  at("top", METRICS, ["contact", "type", "direction", "status", "source", "line"], ["most", "least"]),
  at("busiest", METRICS, ["hour", "weekday", "day", "week", "month", "year"], ["most", "least"]),
  at("trend", METRICS, [null, "day", "week", "month", "year"], ["newest"]),
  at("compare", METRICS, [null], ["newest"]),
  at("share", sums, [null], ["newest"]),
  at("unreturned", ["events"], [null], ["newest"]),
).filter(({ metric, dimension }) => metric !== "contacts" || dimension !== "contact");

/** A log, the rules for it, and a question about it. */
export const planCase = fc.record({
  events: history,
  contacts: fc.array(contact, { minLength: CONTACTS, maxLength: CONTACTS })
    .map((list) => list.map((one, i) => ({ ...one, number: NUMBERS[i] as string }))),
  question,
  filters: fc.oneof(
    { weight: 3, arbitrary: filters },
    // What the roll-ups answer.
    {
      weight: 2,
      arbitrary: filters.map((given) => ({
        ...given,
        contacts: [],
        excluded: [],
        company: null,
        tag: null,
        number: null,
        is_known: null,
        min_seconds: null,
        max_seconds: null,
        text: null,
      })),
    },
  ),
  window: fc.option(period, { freq: 2 }),
  other: fc.record({
    window: fc.option(period),
    contacts: people,
    type,
    direction,
    statuses: someOf(STATUSES),
    is_known: rarely(fc.boolean()),
  }),
  limit: fc.constantFrom(1, 3, 50, 200),
  week_start: fc.constantFrom(1, 7),
  zone: fc.constantFrom(...ZONES),
});

export type PlanCase = typeof planCase extends fc.Arbitrary<infer T> ? T : never;
