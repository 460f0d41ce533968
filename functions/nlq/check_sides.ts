import type { FieldError } from "../../shared/http/problem.ts";
import { checkKind, isSame } from "./check_filters.ts";
import { checkTime } from "./check_time.ts";
import type { Plan } from "./plan.ts";

const equal = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Whether a member of the other side, where it has one, differs from the first side, which then must have one too. */
function* differences(plan: Plan, compare: NonNullable<Plan["compare"]>): Generator<FieldError> {
  const { filters, time } = plan;
  const first = filters.contacts[0];
  const pairs: [string, boolean, boolean][] = [
    ["time", compare.time !== null, time !== null && !equal(time, compare.time)],
    [
      "contact",
      compare.contact !== null,
      first !== undefined && compare.contact !== null &&
      !filters.contacts.some((one) => compare.contact !== null && isSame(one, compare.contact)),
    ],
    ["type", compare.type !== null, filters.type !== null && filters.type !== compare.type],
    [
      "direction",
      compare.direction !== null,
      filters.direction !== null && filters.direction !== compare.direction,
    ],
    [
      "statuses",
      compare.statuses.length > 0,
      filters.statuses.length > 0 && !equal(filters.statuses.toSorted(), compare.statuses.toSorted()),
    ],
  ];
  if (!pairs.some(([, isGiven]) => isGiven)) yield { path: "compare", message: "Has no other side" };
  for (const [name, isGiven, differs] of pairs) {
    if (isGiven && !differs) {
      yield { path: `compare/${name}`, message: "Does not differ from the first side" };
    }
  }
}

/** What makes a comparison none: no other side, or one that does not differ from the first. */
export function checkCompare(plan: Plan): FieldError[] {
  const { compare, filters } = plan;
  if (compare === null) {
    return plan.intent === "compare" ? [{ path: "compare", message: "Has no other side" }] : [];
  }
  if (plan.intent !== "compare") return [{ path: "compare", message: "Is for comparisons only" }];
  const second = {
    type: compare.type ?? filters.type,
    direction: compare.direction ?? filters.direction,
    statuses: compare.statuses.length ? compare.statuses : filters.statuses,
  };
  return [
    ...differences(plan, compare),
    ...checkTime(compare.time, "compare/time"),
    ...checkKind(second, "compare/statuses"),
    ...(compare.type === "sms" && (filters.min_seconds ?? filters.max_seconds) !== null
      ? [{ path: "compare/type", message: "Messages do not last" }]
      : []),
  ];
}

function* partFaults(plan: Plan, part: NonNullable<Plan["part"]>): Generator<FieldError> {
  const { filters } = plan;
  if (part.type !== null && filters.type !== null) {
    yield { path: "part/type", message: "The whole has a type already" };
  }
  if (part.direction !== null && filters.direction !== null) {
    yield { path: "part/direction", message: "The whole has a direction already" };
  }
  if (part.is_known !== null && filters.is_known !== null) {
    yield { path: "part/is_known", message: "The whole is known or not already" };
  }
  if (filters.statuses.length && part.statuses.some((status) => !filters.statuses.includes(status))) {
    yield { path: "part/statuses", message: "Is not in the whole" };
  }
  if (part.is_known === false && (part.contact !== null || filters.contacts.length)) {
    yield { path: "part/is_known", message: "Whoever has a name is known" };
  }
}

/** What makes a share none: no part, or one that is all of the whole or nothing of it whatever the log holds. */
export function checkPart(plan: Plan): FieldError[] {
  const { part, filters } = plan;
  if (part === null) return plan.intent === "share" ? [{ path: "part", message: "Has no part" }] : [];
  if (plan.intent !== "share") return [{ path: "part", message: "Is for shares only" }];
  const isNarrower = part.contact !== null || part.type !== null || part.direction !== null ||
    part.is_known !== null || part.statuses.length > 0;
  if (!isNarrower) return [{ path: "part", message: "Has no part" }];
  return [
    ...partFaults(plan, part),
    ...checkKind({
      type: part.type ?? filters.type,
      direction: part.direction ?? filters.direction,
      statuses: part.statuses,
    }, "part/statuses"),
  ];
}
