import { canonical } from "../canonical.ts";
import type { Meaning } from "../language/language.ts";
import type { Plan } from "../plan.ts";
import { continuePlan } from "./follow_up.ts";
import { type Item, meaning } from "./items.ts";
import { namedPlan } from "./named_plan.ts";
import { basePlan, type Opening, Question } from "./question.ts";
import { singlePlan } from "./single_plan.ts";
import { Unclear } from "./slots.ts";
import { comparePlan, sharePlan } from "./two_sided_plan.ts";

function freshPlan(q: Question): Plan {
  const slots = q.slots;
  if (q.said("foreign")) throw new Unclear("not_here");
  const intent = q.intent();
  if (intent === "unreturned" && q.opening.is_order) throw new Unclear("not_here");
  if (intent !== undefined && intent !== "list") return namedPlan(q, intent);
  // "Who calls me in the next ten days".
  if (q.said("horizon")) return namedPlan(q, "predict");
  // "Out of my calls, which was the longest" asks for no share.
  const shares = q.items.flatMap((item) => meaning(item, "share") ?? []);
  if (shares.some(({ whole }) => !whole) || (shares.length > 0 && !q.said("rank", "busy", "edge"))) {
    return sharePlan(q);
  }
  const compared = comparePlan(q);
  if (compared) return compared;
  if (slots.times.length > 1) throw new Unclear("several_times");
  if (q.isOrder()) throw new Unclear("not_here");
  return singlePlan(q, basePlan(q));
}

/** Somebody comes after "to" or "with". */
function isReached(after: readonly Item[], toward: string | undefined): boolean {
  const next = after.find((item) => !meaning(item, "filler") && !meaning(item, "not"));
  if (!next) return false;
  // "The hour with the most calls".
  if (meaning(next, "rank")) return true;
  // "The busiest day by calls" is no person.
  if (
    toward === "by" && ["type", "how_many", "how_long"].some((sort) => meaning(next, sort as Meaning["is"]))
  ) {
    return true;
  }
  // "Likely to call".
  if (
    toward === "to" && meaning(next, "type")?.form !== undefined && meaning(next, "type")?.form !== "noun"
  ) {
    return true;
  }
  return next.kind === "name" || next.kind === "number" || next.kind === "text" ||
    ["introduces", "known", "anaphor", "me", "someone", "who"].some((sort) =>
      meaning(next, sort as Meaning["is"])
    );
}

/** Words that open a slot which nothing fills: "what did Mum say". */
function checkUsed(items: readonly Item[], said: ReadonlySet<Meaning["is"]>): void {
  for (const [at, item] of items.entries()) {
    const opens = meaning(item, "introduces");
    const after = items[at + 1];
    const fills = opens?.slot === "text"
      ? after?.kind === "text" || meaning(after, "introduces")?.slot === "text"
      : opens?.slot === "number"
      ? after?.kind === "number"
      : [items[at - 1], after].some((beside) => beside?.kind === "name" || meaning(beside, "introduces"));
    if (opens && !fills) throw new Unclear("unsupported");
    if (
      meaning(item, "toward") && !said.has("compare") && !said.has("who") && !said.has("people") &&
      !said.has("someone") && !items.some((item) => meaning(item, "intent")?.intent === "predict") &&
      !isReached(items.slice(at + 1), meaning(item, "toward")?.toward)
    ) {
      throw new Unclear("unsupported");
    }
  }
}

/**
 * The plan that a question's items make. `opening` says how it begins. `previous` is the plan of the question before, which a follow-up changes.
 *
 * @throws Unclear when the words are known but make no one question.
 */
export function assemble(
  items: readonly Item[],
  opening: Opening,
  previous: Plan | null,
): Plan {
  const q = new Question(items, opening);
  const { slots } = q;
  const opens = meaning(items.find((item) => !meaning(item, "filler")), "follow_up") !== undefined ||
    meaning(items[0], "join") !== undefined || meaning(items[0], "only") !== undefined;
  const points_at_somebody = items.some((item) => meaning(item, "anaphor")?.of === "contact");
  // "Yesterday's calls, show me all of them", "compare my calls in May with those in June".
  const pointer = items.findIndex((item) => meaning(item, "anaphor"));
  const is_talked_to = !slots.said.has("compare") && meaning(items[pointer - 1], "toward") !== undefined;
  const names_what_it_points_at = !points_at_somebody && !is_talked_to &&
    (slots.said.has("compare") || previous === null) &&
    items.slice(0, Math.max(0, pointer)).some((item) => meaning(item, "type"));
  const points = (slots.said.has("anaphor") && !names_what_it_points_at) ||
    (slots.said.has("ours") && previous?.filters.contacts.length === 1);
  if (points_at_somebody && previous && previous.filters.contacts.length !== 1) {
    throw new Unclear("no_context");
  }
  const is_fragment = !q.asks() && (previous !== null || !slots.dimensions.some(({ each }) => each));
  if (slots.said.has("foreign")) throw new Unclear("not_here");
  if (opens || points || is_fragment) {
    const says_something = items.some((item) => !meaning(item, "filler"));
    if (previous && says_something) {
      checkUsed(items, slots.said);
      const next = canonical(continuePlan(q, previous));
      if (slots.amounts.length > 0) throw new Unclear("unsupported");
      // "And with them?": nothing that could be changed.
      if (JSON.stringify(next) === JSON.stringify(canonical(previous))) throw new Unclear("no_context");
      return next;
    }
    if (!says_something) throw new Unclear("nothing_asked");
    if (points || opens) throw new Unclear("no_context");
    if (is_fragment) throw new Unclear("nothing_asked");
  }
  checkUsed(items, slots.said);
  const plan = freshPlan(q);
  // "Mum's numbers": people are not what a list of calls shows.
  const counts_people = plan.metric === "contacts" || plan.dimension === "contact" ||
    plan.intent === "last" || plan.intent === "first" || slots.tag !== null || slots.company !== null ||
    slots.known !== null;
  if (
    slots.said.has("people") && !counts_people && !q.asksHowOften() &&
    !["predict", "compare", "unreturned"].includes(plan.intent)
  ) throw new Unclear("unsupported");
  // "More than usual", "which days did I call": what was asked for is in no answer.
  if (slots.said.has("comparative") && plan.intent !== "compare") throw new Unclear("unsupported");
  const which = slots.dimensions.some(({ each }) => !each);
  if (which && ["count", "duration", "list", "trend", "share"].includes(plan.intent)) {
    throw new Unclear("unsupported");
  }
  // A number that limits nothing, and text to look for in calls.
  if (slots.amounts.length > 0 || (plan.filters.text !== null && plan.filters.type !== "sms")) {
    throw new Unclear("unsupported");
  }
  return canonical(plan);
}
