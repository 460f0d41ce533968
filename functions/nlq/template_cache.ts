import type { Caller } from "../../shared/access/auth.ts";
import type { Embedder } from "../../shared/embedding/embedder.ts";
import { template } from "./template.ts";
import type { Plan } from "./plan.ts";
import type { Slot } from "./planner/planner.ts";

interface Candidate {
  readonly query_id: string;
  readonly similarity: number;
  readonly template: string | null;
  readonly plan: Plan;
  readonly planner_version: string;
  readonly feedback: string | null;
}

/** The masked text that a question is kept and looked for under. */
export function templateOf(question: string, slots: readonly Slot[]): string {
  return template(question, slots);
}

/** The words of a masked question that are not the same in every way of asking it. */
function contentOf(masked: string, fillers: ReadonlySet<string>): string {
  return masked.split(" ").filter((word) => !fillers.has(word)).join(" ");
}

/** The plan with this question's times and people in the place of the other's; undefined where they do not fit one to one. */
function bind(plan: Plan, slots: readonly Slot[]): Plan | undefined {
  const times = slots.flatMap(({ time }) => time === null ? [] : [time]);
  const people = slots.flatMap(({ contact }) =>
    contact === null ? [] : [{ text: contact.name, contact_id: contact.id }]
  );
  const { filters, compare, part } = plan;
  const holders = filters.contacts.length + (compare?.contact ? 1 : 0) + (part?.contact ? 1 : 0);
  const periods = (plan.time === null ? 0 : 1) + (compare?.time ? 1 : 0);
  if (holders !== people.length || periods !== times.length || filters.excluded_contacts.length > 0) {
    return undefined;
  }
  // Which of two would go where is not known from the words' order.
  if (holders > 1 || periods > 1) return undefined;
  const [person] = people;
  const [time] = times;
  return {
    ...plan,
    time: plan.time === null ? null : time ?? null,
    filters: { ...filters, contacts: filters.contacts.length > 0 && person ? [person] : [] },
    compare: compare &&
      { ...compare, time: compare.time && (time ?? null), contact: compare.contact && (person ?? null) },
    part: part && { ...part, contact: part.contact && (person ?? null) },
  };
}

/**
 * A plan made earlier for a question that says the same with other names and times (methods: nearest template by vector, taken only
 * when every slot binds and no word is left over).
 *
 * @param fillers Words that say nothing.
 */
export async function findByTemplate(
  caller: Caller,
  embedder: Embedder,
  question: string,
  slots: readonly Slot[],
  fillers: ReadonlySet<string>,
  planner_version: string,
): Promise<Plan | undefined> {
  if (!embedder.inline) return undefined;
  const masked = templateOf(question, slots);
  const [vector] = await embedder.embed([masked]);
  if (!vector || vector.every((value) => value === 0)) return undefined;
  const candidates = await caller.rpc<Candidate[]>("match_nlq_queries", {
    embedding: JSON.stringify(vector),
    model: embedder.model,
    version: embedder.version,
    max_rows: 5,
  }, { get: true });
  const content = contentOf(masked, fillers);
  for (const candidate of candidates) {
    if (candidate.feedback === "wrong" || candidate.planner_version !== planner_version) continue;
    if (candidate.template === null || contentOf(candidate.template, fillers) !== content) continue;
    const plan = bind(candidate.plan, slots);
    if (plan) return plan;
  }
  return undefined;
}
