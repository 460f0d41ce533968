import { cleanText } from "./clean_text.ts";
import { foldWords } from "./fold_words.ts";

/** Words that stand where a number was withheld, folded, in the seven languages. */
const WITHHELD = new Set([
  ...[
    "",
    "null",
    "none",
    "nan",
    "unknown",
    "private",
    "restricted",
    "anonymous",
    "withheld",
    "blocked",
    "hidden",
  ],
  ...["no number", "no caller id", "unknown number", "private number", "unavailable", "not available", "n a"],
  ...[
    "unbekannt",
    "anonym",
    "privat",
    "unterdruckt",
    "unbekannte nummer",
    "private nummer",
    "anonymer anruf",
  ],
  ...["inconnu", "numero inconnu", "prive", "numero prive", "masque", "numero masque", "anonyme"],
  ...["desconocido", "privado", "oculto", "numero oculto", "numero desconocido", "numero privado", "anonimo"],
  ...["sconosciuto", "numero sconosciuto", "privato", "numero privato", "nascosto"],
  ...["desconhecido", "numero desconhecido", "numero oculto", "numero privado"],
  ...["onbekend", "onbekend nummer", "prive nummer", "anoniem", "verborgen", "afgeschermd"],
]);

/** What Android writes for a number withheld (-2), unknown (-1) or of a payphone (-3). */
const CODES = new Set(["-1", "-2", "-3"]);

/** The number as in the file, trimmed; null when it was withheld or unknown. */
export function readNumber(text: string): string | null {
  const trimmed = cleanText(text).trim();
  if (/^\+?\d/.test(trimmed)) return trimmed;
  return CODES.has(trimmed) || WITHHELD.has(foldWords(trimmed)) ? null : trimmed;
}

/** Takes off what spreadsheets put around a number: `="+44…"`, a leading apostrophe, a trailing ".0". */
export function unwrapNumber(cell: string): string {
  const trimmed = cell.trim();
  const inner = /^="?([^"]*)"?$/.exec(trimmed)?.[1] ?? trimmed.replace(/^'/, "");
  return inner.trim().replace(/^(\+?\d{5,})\.0+$/, "$1");
}

/** Whether a spreadsheet has rounded the number away: "4.47701E+11". */
export function isMangledNumber(cell: string): boolean {
  return /^\d+(?:[.,]\d+)?e\+?\d+$/i.test(cell.trim());
}
