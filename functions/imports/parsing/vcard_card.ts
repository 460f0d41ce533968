import { type CardInput, type ParsedRecord } from "./record.ts";
import { splitComponents, unescapeText, type VcardProperty } from "./vcard_property.ts";

/** A card whose END has not come yet. */
export interface CardDraft {
  position: string;
  formatted_name: string;
  /** Made of the components of N. */
  composed_name: string;
  nickname: string;
  company: string;
  source_uid: string;
  numbers: string[];
}

/** Properties that are used; all others, pictures above all, are skipped unread. */
export const USED_PROPERTIES = new Set(["FN", "N", "NICKNAME", "TEL", "ORG", "UID"]);

/** A card with nothing in it. */
export function openCard(position: string): CardDraft {
  return {
    position,
    formatted_name: "",
    composed_name: "",
    nickname: "",
    company: "",
    source_uid: "",
    numbers: [],
  };
}

/** Adds what a property says; of several alike the first counts, of telephones all. */
export function addToCard(card: CardDraft, { name, value }: VcardProperty): void {
  const text = unescapeText(value).trim();
  if (name === "FN") card.formatted_name ||= text;
  else if (name === "N") card.composed_name ||= composeName(value);
  else if (name === "NICKNAME") card.nickname ||= text;
  else if (name === "ORG") card.company ||= splitComponents(value)[0] ?? "";
  else if (name === "UID") card.source_uid ||= text;
  else if (name === "TEL") addNumber(card, readTelephone(text));
}

function addNumber(card: CardDraft, number: string): void {
  if (number !== "" && !card.numbers.includes(number)) card.numbers.push(number);
}

/** "Family;Given;Additional;Prefix;Suffix" in the order it is spoken. */
function composeName(value: string): string {
  const [family, given, additional, prefix, suffix] = splitComponents(value);
  return [prefix, given, additional, family, suffix].filter(Boolean).join(" ");
}

/** A plain number, or that of a "tel:" URI (RFC 3966) with its context before it. */
function readTelephone(value: string): string {
  if (!/^tel:/i.test(value)) return value;
  const [number = "", ...parameters] = value.slice(4).split(";");
  const context = parameters.find((parameter) => /^phone-context=\+/i.test(parameter))?.split("=")[1] ?? "";
  return (context + number).trim();
}

/** Makes a record of a whole card; without a number there is nothing to tie events to. */
export function closeCard(card: CardDraft): ParsedRecord {
  const { position, numbers, company, source_uid: uid } = card;
  const [first] = numbers;
  if (first === undefined) {
    return {
      kind: "refused",
      position,
      code: "card_without_number",
      detail: "The card has no telephone number",
    };
  }
  const result: CardInput = {
    name: card.formatted_name || card.composed_name || card.nickname || company || first,
    numbers,
    ...(company === "" ? {} : { company }),
    ...(uid === "" ? {} : { source_uid: uid }),
  };
  return { kind: "card", position, card: result };
}
