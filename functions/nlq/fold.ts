/**
 * A text as it is compared: no accents, no case, no invisible characters, one kind of apostrophe, single spaces.
 * Letters of other alphabets that only look alike stay different.
 */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(/[\p{M}\p{Cf}\p{Cc}]+/gu, (gone) => /\s/.test(gone) ? " " : "")
    .replace(/[\u2018\u2019\u02bc`\u00b4]/g, "'").toLowerCase().replace(/ß/g, "ss").replace(/ø/g, "o")
    .replace(/\s+/g, " ").trim();
}

/** Whether a folded text holds a phrase, folded too, as whole words. The empty phrase is in no text. */
export function holdsPhrase(folded: string, phrase: string): boolean {
  const wanted = fold(phrase);
  if (!wanted) return false;
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + 1)) {
    const before = folded.slice(0, at).at(-1) ?? " ";
    const after = folded[at + wanted.length] ?? " ";
    if (!/[\p{L}\p{N}]/u.test(before) && !/[\p{L}\p{N}]/u.test(after)) return true;
  }
  return false;
}

/** The words of a text, folded: runs of letters and digits. */
export function wordsOf(text: string): string[] {
  return fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}
