import type { Temporal } from "temporal-polyfill";
import { isTooDeep } from "../../../shared/clean_text.ts";
import { checkPlan } from "../check_plan.ts";
import { checkSaid } from "../check_said.ts";
import type { Plan } from "../plan.ts";
import { ask } from "./ask.ts";
import { type Carried, hidePlan, revive, unusedTokens } from "./carry.ts";
import { ModelFailure } from "./failure.ts";
import { mask } from "./mask.ts";
import { promptOf } from "./prompt.ts";
import { Reply } from "./schema.ts";
import { settle } from "./settle.ts";
import type { ModelSettings } from "./settings.ts";

/** When, where and after what a question is asked. */
export interface ModelContext {
  readonly now: Temporal.ZonedDateTime;
  /** ISO weekday on which the asker's weeks begin. */
  readonly week_start: number;
  /** Plan of the question before, in a conversation. */
  readonly previous_plan: Plan | null;
  /** Ends the request when the asker has gone. */
  readonly signal?: AbortSignal;
}

/** Nobody asks more than this in a sentence; a model is not paid to read it. */
export const MAX_QUESTION = 1_000;

function parseReply(content: string, carried: Carried): Plan {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    throw new ModelFailure("invalid", "The model's answer is not JSON");
  }
  if (isTooDeep(json)) throw new ModelFailure("invalid", "The model's answer is nested too deep");
  const reply = Reply.safeParse(revive(json, carried));
  if (!reply.success) {
    throw new ModelFailure(
      "invalid",
      `The model's answer has another shape: ${reply.error.issues.length} faults`,
    );
  }
  const { plan, unsupported } = reply.data;
  if (unsupported !== null) {
    throw new ModelFailure("unsupported", "The model found no plan", { unsupported });
  }
  if (plan === null) throw new ModelFailure("invalid", "The model gave no plan and no reason");
  return settle(plan);
}

/**
 * Has a model read a question into a plan. What is sent holds the question without its telephone numbers and quotations,
 * the date, the zone and the shape of the plan before, and nothing of the database. What comes back is checked as if a
 * stranger had sent it: shape, meaning, that nobody and nothing is named that the question does not name, and that no
 * number or quotation of it is left out. Persons are mentions still, to be looked up by the caller.
 *
 * Takes up to `deadline_ms`, and as much CPU once as loading the client (under 0.1 s).
 *
 * @throws ModelFailure only; the built-in planner's question back is the answer then.
 */
export async function planWithModel(
  question: string,
  context: ModelContext,
  settings: ModelSettings,
): Promise<Plan> {
  if (question.length > MAX_QUESTION) {
    throw new ModelFailure("unsupported", "The question is too long", { unsupported: "unclear" });
  }
  const { text, secrets } = mask(question);
  const hidden = context.previous_plan
    ? hidePlan(context.previous_plan, secrets)
    : { plan: null, carried: { secrets, persons: new Map() } };
  const messages = promptOf(text, hidden.plan, context.now, context.week_start);
  const content = await ask(messages, settings, context.signal);
  const plan = parseReply(content, hidden.carried);
  const faults = [...checkPlan(plan), ...checkSaid(plan, question, context.previous_plan)];
  const [fault] = faults;
  if (fault) {
    throw new ModelFailure("invalid", `The model's plan means nothing: ${fault.path}: ${fault.message}`);
  }
  if (unusedTokens(content, secrets).length) {
    throw new ModelFailure("invalid", "The model left out a number or a quotation");
  }
  return plan;
}
