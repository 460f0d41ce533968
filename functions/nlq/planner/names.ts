import { fold } from "../fold.ts";
import type { Language } from "../language/language.ts";
import type { Name, NameMatch } from "./items.ts";
import type { Word } from "./words.ts";

/** One of the asker's contacts, companies, tags or lines that may be meant, as `match_mentions` finds them. */
export interface MentionMatch {
  readonly kind: "contact" | "company" | "tag" | "line";
  readonly id: string | null;
  readonly name: string;
  /** The other name that was meant, where it was one. */
  readonly also_known_as?: string | null;
  readonly number?: string | null;
  readonly score: number;
  readonly exact: boolean;
}

/** Looks mentions up among what the asker has. */
export type FindMentions = (
  mentions: readonly string[],
) => Promise<ReadonlyMap<string, readonly MentionMatch[]>>;

/** A stretch of words that may be a name. */
export interface Mention {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Where a name is to be expected: after "call", before "called", or written with a capital. */
  readonly is_expected: boolean;
}

const LONGEST = 4;

function isNameWord(word: Word | undefined): word is Word {
  return word?.kind === "word" && /^[\p{L}\p{N}]/u.test(word.folded) && word.folded !== "'s";
}

function expected(words: readonly Word[], start: number, end: number, language: Language): boolean {
  const before = words[start - 1]?.folded;
  const after = words[end]?.folded;
  return (before !== undefined && language.before_a_name.includes(before)) ||
    (after !== undefined && language.after_a_name.includes(after)) ||
    (start > 0 && words[start]?.is_capital === true);
}

/**
 * The stretches to look up: all within the words that nothing else explains, and those that stand where a name is expected, even
 * if they mean something else too ("call May").
 *
 * @param core Words that every question is made of.
 */
export function mentionsIn(
  words: readonly Word[],
  leftover: ReadonlySet<number>,
  language: Language,
  core: ReadonlySet<string>,
): Mention[] {
  const mentions: Mention[] = [];
  for (let start = 0; start < words.length; start++) {
    for (let end = start + 1; end <= Math.min(words.length, start + LONGEST); end++) {
      if (!isNameWord(words[end - 1])) break;
      const within = words.slice(start, end);
      const is_expected = expected(words, start, end, language);
      const is_unread = within.some((_, i) => leftover.has(start + i));
      const is_capital = within.every((word) => word.is_capital) && start > 0;
      // "Calls" is a name only when written like one.
      if (within.every((word) => core.has(word.folded)) && !is_capital) continue;
      if (!is_unread && !is_capital && !(is_expected && end - start <= 2)) continue;
      const text = within.map((word) => word.raw).join(" ");
      mentions.push({ start, end, text, is_expected });
    }
  }
  // The unread ones first: there is a bound on how many are looked up.
  const unread = (mention: Mention) =>
    words.slice(mention.start, mention.end).filter((_, i) => leftover.has(mention.start + i)).length;
  return mentions.sort((a, b) =>
    unread(b) - unread(a) || Number(b.is_expected) - Number(a.is_expected) ||
    (b.end - b.start) - (a.end - a.start)
  );
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into another. */
export function distance(a: string, b: string): number {
  const rows: number[][] = [];
  for (let i = 0; i <= a.length; i++) {
    const row: number[] = [i];
    for (let j = 1; j <= b.length; j++) {
      const above = rows[i - 1];
      if (!above) {
        row.push(j);
        continue;
      }
      let best = Math.min(
        (above[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** Letters that may be wrong in a word this long. */
function slips(length: number): number {
  return length >= 8 ? 2 : length >= 4 ? 1 : 0;
}

function plain(text: string): string {
  return fold(text).replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

function namesOf(match: MentionMatch): string[] {
  return [match.name, match.also_known_as ?? null].filter((name) => name !== null).map(plain);
}

function asChoice(match: MentionMatch): NameMatch {
  return { kind: match.kind, id: match.id, name: match.name, number: match.number ?? null };
}

/** How well a mention was understood: as a whole name, as part of one, or with a slip of the keyboard. */
export type Closeness = "whole" | "part" | "typo";

/** Who a mention stands for: everybody of the best sort of match. Null for nobody. */
export function chooseMatches(
  said: string,
  matches: readonly MentionMatch[],
  language: Language,
): { closeness: Closeness; choices: NameMatch[] } | null {
  const spoken = plain(said);
  const group = language.same_people.find((names) => names.includes(spoken));
  const contacts = matches.filter((match) => match.kind === "contact");
  const others = matches.filter((match) => match.kind !== "contact");
  const whole = contacts.filter((match) => namesOf(match).includes(spoken));
  if (whole.length > 0) return { closeness: "whole", choices: whole.map(asChoice) };
  const thing = others.filter((match) => plain(match.name) === spoken);
  if (thing.length > 0) return { closeness: "whole", choices: thing.slice(0, 1).map(asChoice) };
  const part = contacts.filter((match) => namesOf(match).some((name) => ` ${name} `.includes(` ${spoken} `)));
  if (part.length > 0) return { closeness: "part", choices: part.map(asChoice) };
  if (group) {
    const same = contacts.filter((match) =>
      namesOf(match).some((name) => group.includes(name) || group.includes(name.split(" ")[0] ?? ""))
    );
    if (same.length > 0) return { closeness: "part", choices: same.map(asChoice) };
  }
  const allowed = slips(spoken.length);
  if (allowed === 0) return null;
  const scored = [...contacts, ...others].flatMap((match) => {
    const candidates = namesOf(match).flatMap((
      name,
    ) => [name, ...(match.kind === "contact" ? name.split(" ") : [])]);
    const best = Math.min(
      ...candidates.filter((name) => name.length >= 4).map((name) => distance(spoken, name)),
    );
    return best <= allowed ? [{ match, best }] : [];
  });
  const closest = Math.min(...scored.map((entry) => entry.best));
  const near = scored.filter((entry) => entry.best === closest);
  return near.length > 0 ? { closeness: "typo", choices: near.map((entry) => asChoice(entry.match)) } : null;
}

/** What a name costs: least where one is expected and said in full. */
export function costOf(mention: Mention, closeness: Closeness, is_unread: boolean): number {
  if (closeness === "typo") return is_unread && mention.is_expected ? 8 : 500;
  const base = closeness === "whole" ? 0.6 : 0.8;
  return mention.is_expected ? base : is_unread ? 1.2 : 4;
}

/** A name as an item of the question. */
export function nameItem(mention: Mention, choices: readonly NameMatch[]): Name {
  return { kind: "name", start: mention.start, end: mention.end, said: mention.text, choices };
}

/** Other words for the same person, to be looked up as well. */
export function synonyms(text: string, language: Language): readonly string[] {
  const spoken = plain(text);
  return language.same_people.find((names) => names.includes(spoken))?.filter((name) => name !== spoken) ??
    [];
}
