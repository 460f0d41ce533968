import { fold } from "./fold.ts";

/** A question as the cache knows it: case, accents, spacing and closing signs do not count; words and their order do. */
export function normalizeQuestion(question: string): string {
  return fold(question).replace(/[?!.…,;:\s]+$/u, "").replace(/[\s,;]+/g, " ").trim();
}
