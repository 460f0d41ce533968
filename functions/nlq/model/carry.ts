import { cleanText } from "../../../shared/clean_text.ts";
import type { Mention, Plan } from "../plan.ts";

/** What tokens stand for: words of the question, and words and persons of the plan before. */
export interface Carried {
  readonly secrets: ReadonlyMap<string, string>;
  readonly persons: ReadonlyMap<string, Mention>;
}

type Json = unknown;

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isMention = (value: Record<string, Json>) =>
  "text" in value && Object.keys(value).every((key) => key === "text" || key === "contact_id");

/** Members of a plan that hold somebody's own words rather than one of a closed set. */
const WORDS = ["company", "tag", "number", "text", "line"];

/**
 * A plan as a model may see it: who is in it and what was said only as tokens, since both may be names from the
 * database by now.
 *
 * @param secrets What was taken out of the question already; tokens go on counting from there.
 */
export function hidePlan(plan: Plan, secrets: ReadonlyMap<string, string>): { plan: Json; carried: Carried } {
  const words = new Map(secrets);
  const persons = new Map<string, Mention>();
  const hide = (value: Json, key: string): Json => {
    if (Array.isArray(value)) return value.map((item) => hide(item, key));
    if (typeof value === "string" && WORDS.includes(key)) {
      const token = `[${key === "number" ? "NUMBER" : "QUOTE"}_${words.size + 1}]`;
      words.set(token, value);
      return token;
    }
    if (!isObject(value)) return value;
    if (isMention(value)) {
      const token = `[PERSON_${persons.size + 1}]`;
      persons.set(token, value as Mention);
      return { text: token };
    }
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, hide(member, name)]));
  };
  return { plan: hide(plan, ""), carried: { secrets: words, persons } };
}

/**
 * What a model answered, with the words put back where their tokens stand. Persons have the ids they had in the plan
 * before, or none: an id that comes from a model is dropped.
 */
export function revive(value: Json, carried: Carried): Json {
  if (typeof value === "string") {
    return cleanText(value).replace(
      /\[[A-Z]+_\d+\]/g,
      (token) => carried.secrets.get(token) ?? carried.persons.get(token)?.text ?? token,
    );
  }
  if (Array.isArray(value)) return value.map((item) => revive(item, carried));
  if (!isObject(value)) return value;
  if (isMention(value)) {
    const text = revive(value.text, carried);
    const person = typeof value.text === "string" ? carried.persons.get(value.text.trim()) : undefined;
    return { text, contact_id: person?.contact_id ?? null };
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, revive(member, carried)]));
}

/** The tokens of the question that an answer makes no use of: what they stand for would be lost without a word. */
export function unusedTokens(reply: string, secrets: ReadonlyMap<string, string>): string[] {
  return [...secrets.keys()].filter((token) => !reply.includes(token));
}
