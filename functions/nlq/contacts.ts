import type { Caller } from "../../shared/access/auth.ts";
import type { Language } from "./language/language.ts";
import type { Mention, Plan } from "./plan.ts";
import { chooseMatches, type FindMentions, type MentionMatch } from "./planner/names.ts";
import { Unclear } from "./planner/slots.ts";

interface FoundMention {
  readonly mention: string;
  readonly matches: readonly MentionMatch[];
}

/** Looks names up among the caller's contacts, companies, tags and lines: one call for all of them, none for those known. */
export function mentionFinder(caller: Caller): FindMentions {
  const known = new Map<string, readonly MentionMatch[]>();
  return async (mentions) => {
    const unknown = mentions.filter((mention) => !known.has(mention)).slice(0, 20);
    if (unknown.length > 0) {
      const found = await caller.rpc<FoundMention[]>(
        "match_mentions",
        { mentions: JSON.stringify(unknown) },
        { get: true },
      );
      for (const { mention, matches } of found) known.set(mention, matches);
    }
    return known;
  };
}

/**
 * The plan of a model with its names looked up.
 *
 * @throws Unclear for a name that nobody has, or that several have.
 */
export async function lookUpNames(plan: Plan, find: FindMentions, language: Language): Promise<Plan> {
  const { filters, compare, part } = plan;
  const contacts = [...filters.contacts, ...filters.excluded_contacts, compare?.contact, part?.contact]
    .filter((mention) => mention !== null && mention !== undefined);
  const labels = (["company", "tag", "line"] as const).flatMap((kind) =>
    filters[kind] === null ? [] : [{ kind, text: filters[kind] }]
  );
  const unknown = [...contacts.filter(({ contact_id }) => contact_id === null), ...labels].map(({ text }) =>
    text
  );
  if (unknown.length === 0) return plan;
  const matches = await find([...new Set(unknown)]);
  const person = (mention: Mention): Mention => {
    if (mention.contact_id !== null) return mention;
    const among = (matches.get(mention.text) ?? []).filter(({ kind }) => kind === "contact");
    const [choice, other] = chooseMatches(mention.text, among, language)?.choices ?? [];
    if (!choice) throw new Unclear("unknown_words", mention.text);
    if (other) {
      throw new Unclear(
        "several_people",
        mention.text,
        chooseMatches(mention.text, among, language)?.choices ?? [],
      );
    }
    return { text: choice.name, contact_id: choice.id };
  };
  const label = (kind: "company" | "tag" | "line"): string | null => {
    const said = filters[kind];
    if (said === null) return null;
    const [choice] =
      chooseMatches(said, (matches.get(said) ?? []).filter((match) => match.kind === kind), language)
        ?.choices ?? [];
    if (!choice) throw new Unclear("unknown_words", said);
    return choice.name;
  };
  return {
    ...plan,
    filters: {
      ...filters,
      contacts: filters.contacts.map(person),
      excluded_contacts: filters.excluded_contacts.map(person),
      company: label("company"),
      tag: label("tag"),
      line: label("line"),
    },
    compare: compare && { ...compare, contact: compare.contact && person(compare.contact) },
    part: part && { ...part, contact: part.contact && person(part.contact) },
  };
}

/** The id of the line that a plan names; null when it names none. @throws Unclear when there is no such line any more. */
export async function findLine(plan: Plan, find: FindMentions): Promise<string | null> {
  const label = plan.filters.line;
  if (label === null) return null;
  const line = (await find([label])).get(label)?.find((match) =>
    match.kind === "line" && match.name === label
  );
  if (!line) throw new Unclear("unknown_words", label);
  return line.id;
}
