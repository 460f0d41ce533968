import type { FieldError } from "../../shared/http/problem.ts";
import { fold, holdsPhrase, wordsOf } from "./fold.ts";
import type { Plan } from "./plan.ts";

/** Words that web search syntax reads as its own. */
const OPERATORS = new Set(["or", "and"]);

const digitsOf = (text: string) => text.normalize("NFKC").replace(/\D/g, "");

/** Every name a plan holds, with its path: mentions, company, tag and line. */
function* namesIn(plan: Plan): Generator<[path: string, name: string]> {
  const { filters, compare, part } = plan;
  for (const [index, { text }] of filters.contacts.entries()) yield [`filters/contacts/${index}`, text];
  for (const [index, { text }] of filters.excluded_contacts.entries()) {
    yield [`filters/excluded_contacts/${index}`, text];
  }
  if (compare?.contact) yield ["compare/contact", compare.contact.text];
  if (part?.contact) yield ["part/contact", part.contact.text];
  for (const member of ["company", "tag", "line"] as const) {
    const name = filters[member];
    if (name !== null) yield [`filters/${member}`, name];
  }
}

function isSaidNumber(number: string, folded: string): boolean {
  if (holdsPhrase(folded, number)) return true;
  // A country code may have been added, or a leading zero dropped.
  const digits = digitsOf(number);
  return digits.length >= 7 && digitsOf(folded).includes(digits.slice(-7));
}

/**
 * What a plan holds that nobody said: a name, number or word that is neither in the question nor in the plan of the
 * question before. A model that makes somebody up is found out by it.
 *
 * @param question As asked. Compared without case, accents and invisible characters, by whole words.
 * @param previous Plan of the question before, whose names may be meant again.
 */
export function checkSaid(plan: Plan, question: string, previous: Plan | null): FieldError[] {
  const folded = fold(question);
  const before = previous ? [...namesIn(previous)].map(([, name]) => fold(name)) : [];
  const faults: FieldError[] = [];
  for (const [path, name] of namesIn(plan)) {
    const isSaid = holdsPhrase(folded, name) || before.includes(fold(name)) ||
      (path === "filters/tag" && holdsPhrase(folded, `${name}s`));
    if (!isSaid) faults.push({ path, message: "Was not said" });
  }
  const { number, text } = plan.filters;
  if (number !== null && number !== previous?.filters.number && !isSaidNumber(number, folded)) {
    faults.push({ path: "filters/number", message: "Was not said" });
  }
  if (text !== null && text !== previous?.filters.text) {
    const said = new Set(wordsOf(question));
    const words = wordsOf(text).filter((word) => !OPERATORS.has(word));
    if (!words.length || words.some((word) => !said.has(word))) {
      faults.push({ path: "filters/text", message: "Was not said" });
    }
  }
  return faults;
}
