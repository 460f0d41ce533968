import type { FieldError } from "../../shared/http/problem.ts";
import { fold } from "./fold.ts";
import type { Filters, Mention } from "./plan.ts";

type Status = Filters["statuses"][number];

const OF_CALLS: readonly Status[] = ["answered", "missed", "declined", "voicemail"];
const OF_MESSAGES: readonly Status[] = ["sent", "received"];

/** What an event must be to have all of these: members that shut each other out leave nothing to answer. */
export type Kind = Pick<Filters, "type" | "direction" | "statuses">;

/** Whether two mentions are of the same person, as far as the words tell. */
export function isSame(one: Mention, other: Mention): boolean {
  return one.contact_id !== null && other.contact_id !== null
    ? one.contact_id === other.contact_id
    : fold(one.text) === fold(other.text);
}

/** Statuses that no event of the type and direction has. */
export function checkKind(kind: Kind, path: string): FieldError[] {
  const { type, direction, statuses } = kind;
  const impossible = statuses.filter((status) =>
    (type === "sms" && OF_CALLS.includes(status)) || (type === "call" && OF_MESSAGES.includes(status)) ||
    (status === "sent" && direction === "inbound") || (status === "received" && direction === "outbound")
  );
  if (new Set(statuses).size < statuses.length) return [{ path, message: "Has a status twice" }];
  return impossible.length ? [{ path, message: `Cannot be ${impossible.join(" or ")}` }] : [];
}

function* durationFaults(filters: Filters): Generator<FieldError> {
  const { min_seconds, max_seconds, type } = filters;
  if (min_seconds === null && max_seconds === null) return;
  if (type !== "call") yield { path: "filters/type", message: "Only calls last" };
  if (min_seconds !== null && max_seconds !== null && min_seconds > max_seconds) {
    yield { path: "filters/min_seconds", message: "Is more than max_seconds" };
  }
}

function* whoFaults(filters: Filters): Generator<FieldError> {
  const { contacts, excluded_contacts, company, tag, is_known } = filters;
  if (contacts.some((one) => excluded_contacts.some((other) => isSame(one, other)))) {
    yield { path: "filters/excluded_contacts", message: "Leaves out who is asked for" };
  }
  if (is_known === false && (contacts.length > 0 || company !== null || tag !== null)) {
    yield { path: "filters/is_known", message: "Whoever has a name is known" };
  }
}

function* whenFaults(filters: Filters): Generator<FieldError> {
  if (filters.hours.some(({ from, to }) => from === to)) {
    yield { path: "filters/hours", message: "Begins when it ends" };
  }
  if (new Set(filters.weekdays).size < filters.weekdays.length) {
    yield { path: "filters/weekdays", message: "Has a day twice" };
  }
}

/** What filters say that no event can be, with the path in the plan. */
export function checkFilters(filters: Filters): FieldError[] {
  return [
    ...checkKind(filters, "filters/statuses"),
    ...durationFaults(filters),
    ...whoFaults(filters),
    ...whenFaults(filters),
    ...(filters.text !== null && filters.type === "call"
      ? [{ path: "filters/text", message: "Calls hold no words" }]
      : []),
  ];
}
