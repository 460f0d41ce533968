import type { Meaning } from "../language/language.ts";
import type { Period, Range } from "../plan.ts";

/** Somebody or something of the asker's that a name in the question stands for. */
export interface NameMatch {
  readonly kind: "contact" | "company" | "tag" | "line";
  readonly id: string | null;
  readonly name: string;
  /** One of the contact's numbers, to tell namesakes apart. */
  readonly number: string | null;
}

/** What some words of a question mean. `start` and `end` count words. */
export type Item =
  & { readonly start: number; readonly end: number }
  & (
    | { readonly kind: "phrase"; readonly means: Meaning }
    | {
      readonly kind: "time";
      readonly time: Period | Range;
      readonly hours: readonly { from: number; to: number }[];
      /** "From last week". */
      readonly is_from: boolean;
    }
    | { readonly kind: "duration"; readonly min_seconds: number | null; readonly max_seconds: number | null }
    | { readonly kind: "hours"; readonly hours: readonly { from: number; to: number }[] }
    | { readonly kind: "amount"; readonly value: number }
    | { readonly kind: "number"; readonly number: string }
    | { readonly kind: "text"; readonly text: string }
    /** `choices` are those who may be meant: one, or several alike. */
    | { readonly kind: "name"; readonly said: string; readonly choices: readonly NameMatch[] }
  );

export type Phrase = Extract<Item, { kind: "phrase" }>;
export type Name = Extract<Item, { kind: "name" }>;

/** The meaning of an item, if it is a phrase of this sort. */
export function meaning<Is extends Meaning["is"]>(
  item: Item | undefined,
  is: Is,
): Extract<Meaning, { is: Is }> | undefined {
  return item?.kind === "phrase" && item.means.is === is
    ? item.means as Extract<Meaning, { is: Is }>
    : undefined;
}
