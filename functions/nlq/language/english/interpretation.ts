import type { Plan } from "../../plan.ts";
import type { Understood } from "../../speech.ts";
import { adjectives, capital, measured, things, when } from "./wording.ts";

/** One side of a comparison, or one part of a whole, in words. */
export function other({ plan, compared }: Understood): string {
  const { compare } = plan;
  if (!compare) return "";
  if (compare.time) return compared ? when(compared) : "";
  if (compare.contact) return `with ${compare.contact.text}`;
  if (compare.type) return compare.type === "call" ? "calls" : "messages";
  return `${adjectives({ statuses: compare.statuses, direction: compare.direction })} ones`;
}

/** The part of a share, in words. */
export function part(plan: Plan): string {
  const narrowed = plan.part;
  if (!narrowed) return "";
  if (narrowed.contact) return `with ${narrowed.contact.text}`;
  if (narrowed.is_known !== null) return narrowed.is_known ? "with known numbers" : "with unknown numbers";
  if (narrowed.type) return narrowed.type === "call" ? "calls" : "messages";
  return adjectives({ statuses: narrowed.statuses, direction: narrowed.direction });
}

/** How a question was understood. */
export function interpretation(understood: Understood): string {
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
