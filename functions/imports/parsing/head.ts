import { quote } from "./clean_text.ts";
import { type CsvState, planCsv } from "./csv_layout.ts";
import { guessEncoding } from "./encoding.ts";
import { toFault } from "./faults.ts";
import type { Fault } from "./record.ts";
import { nameBinary, sniffKind } from "./sniff_kind.ts";
import type { ParserState } from "./state.ts";
import { decodePart } from "./text_decoder.ts";

/** Enough to know a binary format by its first bytes. */
const MAGIC_BYTES = 8;

/**
 * Tells encoding and kind from the start of a file, and the layout of a CSV.
 *
 * Changes `state.kind`, `state.encoding`, `state.is_ascii` and `state.csv`.
 *
 * @param input every byte of the file so far
 * @returns the bytes of the byte-order mark to skip, the fault that ends the file, or null when more bytes are needed
 */
export function decideHead(
  input: Uint8Array,
  isLast: boolean,
  state: ParserState,
): { skip: number } | Fault | null {
  if (input.length < MAGIC_BYTES && !isLast) return null;
  if (input.length === 0) return toFault("file_empty", 0, "The file is empty");
  const binary = nameBinary(input);
  if (binary !== null) return toFault("kind_unknown", 0, `The file is ${binary}`);
  const guess = guessEncoding(input, isLast);
  if (guess === null) return null;
  const { head_bytes: headBytes, kind: wanted } = state.options;
  const head = input.subarray(guess.bom_length, headBytes);
  const { text, encoding } = decodePart(head, guess.encoding, guess.bom_length === 0, true);
  const sniffed = sniffKind(text, isLast || input.length >= headBytes, wanted);
  if (sniffed === null) return null;
  state.encoding = guess.encoding;
  if ("code" in sniffed) return toFault(sniffed.code, 0, sniffed.detail);
  if (wanted !== undefined && wanted !== sniffed.kind) {
    return toFault("kind_mismatch", 0, `The file looks like ${sniffed.kind}, not ${wanted}`);
  }
  state.kind = sniffed.kind;
  state.is_ascii = guess.bom_length === 0;
  if (sniffed.kind !== "csv") return { skip: guess.bom_length };
  state.encoding = encoding;
  return decideCsv(text, state) ?? { skip: guess.bom_length };
}

function decideCsv(text: string, state: ParserState): Fault | null {
  const csv = planCsv(text, state.options);
  state.csv = csv;
  if (csv === null) {
    state.kind = state.options.kind ?? null;
    if (state.kind === null) {
      return toFault("kind_unknown", 0, "The file is neither a backup, cards, events nor a table");
    }
    return { code: "columns_missing", position: "line 1", detail: "The file is not a table" };
  }
  if (csv.missing.length === 0 && csv.absent.length === 0) return null;
  return { code: "columns_missing", position: `line ${csv.header_row + 1}`, detail: missingDetail(csv) };
}

function missingDetail({ missing, absent }: CsvState): string {
  const sentences = [
    missing.length === 0 ? "" : `No column is known to hold ${missing.join(", ")}`,
    absent.length === 0 ? "" : `The file has no column ${absent.map((name) => quote(name)).join(", ")}`,
  ];
  return sentences.filter(Boolean).join(". ");
}
