import { Temporal } from "temporal-polyfill";
import { EMPTY_PLAN } from "../../functions/nlq/plan.ts";
import type { ExpectedAnswer, Question } from "./corpus.ts";
import type { Asker } from "./load.ts";
import type { ResolvedPlan } from "./resolved_plan.ts";

type Bounds = Pick<ResolvedPlan, "starts_at" | "ends_at">;

function instant(wall: string, question: Question): string {
  return Temporal.PlainDateTime.from(wall).toZonedDateTime(question.time_zone).toInstant().toString();
}

/** The instants of an interval of local times; "now" is the moment of asking. */
export function bounds(interval: ExpectedAnswer["interval"], question: Question): Bounds {
  const [start, end] = interval ?? [null, null];
  return {
    starts_at: start === null ? null : instant(start, question),
    ends_at: end === null ? null : end === "now" ? question.now : instant(end, question),
  };
}

function idOf(ids: ReadonlyMap<string, string>, name: string): string {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`Cannot find "${name}" in the database`);
  return id;
}

function otherSide(expect: ExpectedAnswer, question: Question, asker: Asker): ResolvedPlan["compare"] {
  const side = expect.compare;
  if (side === undefined) return null;
  return {
    ...bounds(side.interval, question),
    has_interval: side.interval !== undefined,
    contact_ids: side.contact === undefined ? null : [idOf(asker.contact_ids, side.contact)],
    type: side.type ?? null,
    direction: side.direction ?? null,
    statuses: side.statuses ?? [],
  };
}

function partOf({ part }: ExpectedAnswer, asker: Asker): ResolvedPlan["part"] {
  if (part === undefined) return null;
  return {
    contact_ids: part.contact === undefined ? null : [idOf(asker.contact_ids, part.contact)],
    type: part.type ?? null,
    direction: part.direction ?? null,
    statuses: part.statuses ?? [],
    is_known: part.is_known ?? null,
  };
}

/**
 * The plan that a question means, as `run_query_plan` takes it.
 *
 * @throws Error for a name that the database does not have.
 */
export function expectedPlan(expect: ExpectedAnswer, question: Question, asker: Asker): ResolvedPlan {
  const ids = (names: readonly string[] = []) => names.map((name) => idOf(asker.contact_ids, name));
  return {
    intent: expect.intent,
    metric: expect.metric ?? EMPTY_PLAN.metric,
    dimension: expect.dimension ?? null,
    filters: {
      contact_ids: ids(expect.contacts),
      excluded_contact_ids: ids(expect.excluded),
      company: expect.company ?? null,
      tag: expect.tag ?? null,
      number: expect.number ?? null,
      is_known: expect.is_known ?? null,
      type: expect.type ?? null,
      direction: expect.direction ?? null,
      statuses: expect.statuses ?? [],
      min_seconds: expect.min_seconds ?? null,
      max_seconds: expect.max_seconds ?? null,
      hours: (expect.hours ?? []).map(([from, to]) => ({ from, to })),
      weekdays: expect.weekdays ?? [],
      text: expect.text ?? null,
      source: expect.source ?? null,
      line_id: expect.line === undefined ? null : idOf(asker.line_ids, expect.line),
    },
    ...bounds(expect.interval, question),
    time_zone: question.time_zone,
    week_start: asker.week_start,
    compare: otherSide(expect, question, asker),
    part: partOf(expect, asker),
    sort: expect.sort ?? EMPTY_PLAN.sort,
    limit: expect.limit ?? (expect.intent === "last" || expect.intent === "first" ? 1 : EMPTY_PLAN.limit),
    horizon_days: expect.horizon_days ?? null,
  };
}
