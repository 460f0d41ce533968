import { exceedsBytes } from "./chunk.ts";
import { toFault, toTruncated } from "./faults.ts";
import type { Fault, ParsedRecord } from "./record.ts";
import type { ParserState } from "./state.ts";
import { addToCard, type CardDraft, closeCard, openCard, USED_PROPERTIES } from "./vcard_card.ts";
import { isQuotedPrintable, propertyName, readVcardProperty } from "./vcard_property.ts";

/** What must be kept of a vCard file between two parts, beside the line that was cut. */
export interface VcardState {
  card: CardDraft | null;
  /** The property being unfolded; its text is kept only where it is used. */
  property: UnfoldingProperty | null;
  /** How many cards deep in the card, as values of AGENT. */
  agents: number;
  is_stray_reported: boolean;
}

interface UnfoldingProperty {
  name: string;
  text: string;
  is_used: boolean;
  is_quoted_printable: boolean;
  /** The last line ended with the "=" that continues a quoted-printable value. */
  is_soft: boolean;
}

/** Characters of an unused line that are kept while the rest of it is awaited: its name and parameters. */
const UNUSED_LENGTH = 1000;
const MAX_NUMBERS = 1000;
/** Of an unfolded property: each line that continues one costs as much as what is there already. */
const MAX_PROPERTY_LENGTH = 64 * 1024;

/** Puts physical lines together to properties and cards; what outlasts the chunk is in the state. */
export class VcardReader {
  readonly records: ParsedRecord[] = [];
  readonly #state: ParserState;
  readonly #vcard: VcardState;

  constructor(state: ParserState) {
    this.#state = state;
    this.#vcard = state.vcard ??= { card: null, property: null, agents: 0, is_stray_reported: false };
  }

  /**
   * Takes one physical line without its line break; gives the fault that ends the file, if it is one.
   *
   * @param byte where the line starts in the file, counted only when asked for
   */
  readLine(line: string, byte: () => number): Fault | null {
    const { property } = this.#vcard;
    const word = line.trim().toUpperCase();
    const isMarker = word === "BEGIN:VCARD" || word === "END:VCARD";
    if (property !== null && !isMarker && isContinuation(property, line)) {
      unfold(property, line);
      return this.#checkSize();
    }
    const fault = this.#finishProperty();
    if (word === "BEGIN:VCARD") this.#begin(property?.name === "AGENT", `byte ${byte()}`);
    else if (this.#vcard.card === null) this.#refuseStray(word, byte);
    else if (word === "END:VCARD") this.#end(this.#vcard.card);
    else if (word !== "") this.#startProperty(line);
    return fault ?? this.#checkSize();
  }

  /** The incomplete line at the end of a chunk: of an unused one no more than tells that it is unused. */
  shorten(carry: string): string {
    const { property } = this.#vcard;
    const isUsed = property !== null && isContinuation(property, carry)
      ? property.is_used
      : this.#isUsed(propertyName(carry) ?? "FN");
    return isUsed || carry.length <= UNUSED_LENGTH ? carry : carry.slice(0, UNUSED_LENGTH) + carry.slice(-2);
  }

  /** The fault of a file that ends inside of a card. */
  checkEnd(): Fault | null {
    const { card } = this.#vcard;
    if (card === null) return null;
    return toTruncated(card.position, this.#state.records_read + this.records.length, null);
  }

  #isUsed(name: string): boolean {
    return this.#vcard.agents === 0 && USED_PROPERTIES.has(name);
  }

  #begin(isAgent: boolean, position: string): void {
    const { card } = this.#vcard;
    if (card !== null && (isAgent || this.#vcard.agents > 0)) {
      this.#vcard.agents++;
      return;
    }
    if (card !== null) this.#refuse(card.position, "The card has no end");
    this.#vcard.card = openCard(position);
    this.#vcard.is_stray_reported = false;
  }

  #end(card: CardDraft): void {
    if (this.#vcard.agents > 0) {
      this.#vcard.agents--;
      return;
    }
    this.records.push(closeCard(card));
    this.#vcard.card = null;
  }

  #startProperty(line: string): void {
    const name = propertyName(line) ?? "";
    const isUsed = this.#isUsed(name);
    const isQuoted = isQuotedPrintable(line);
    this.#vcard.property = {
      name,
      text: isUsed ? line : "",
      is_used: isUsed,
      is_quoted_printable: isQuoted,
      is_soft: isQuoted && line.endsWith("="),
    };
  }

  #finishProperty(): Fault | null {
    const { card, property } = this.#vcard;
    this.#vcard.property = null;
    if (card === null || property === null || !property.is_used) return null;
    const read = readVcardProperty(property.text);
    if (read !== undefined) addToCard(card, read);
    return card.numbers.length > MAX_NUMBERS ? this.#tooLarge(card) : null;
  }

  #checkSize(): Fault | null {
    const { card, property } = this.#vcard;
    if (card === null || property === null) return null;
    const { max_carry_bytes: max_bytes } = this.#state.options;
    return property.text.length > MAX_PROPERTY_LENGTH || exceedsBytes(property.text, max_bytes)
      ? this.#tooLarge(card)
      : null;
  }

  #tooLarge(card: CardDraft): Fault {
    return toFault(
      "record_too_large",
      Number(card.position.slice("byte ".length)),
      "A card is larger than the limit",
    );
  }

  /** Of several lines outside of cards only the first is reported. */
  #refuseStray(word: string, byte: () => number): void {
    if (word === "" || this.#vcard.is_stray_reported) return;
    this.#refuse(`byte ${byte()}`, "Text between two cards");
    this.#vcard.is_stray_reported = true;
  }

  #refuse(position: string, detail: string): void {
    this.records.push({ kind: "refused", position, code: "record_malformed", detail });
  }
}

function isContinuation(property: UnfoldingProperty, line: string): boolean {
  return property.is_soft || line.startsWith(" ") || line.startsWith("\t");
}

function unfold(property: UnfoldingProperty, line: string): void {
  const more = property.is_soft ? line : line.slice(1);
  if (property.is_used) {
    property.text = (property.is_soft ? property.text.slice(0, -1) : property.text) + more;
  }
  property.is_soft = property.is_quoted_printable && line.endsWith("=");
}
