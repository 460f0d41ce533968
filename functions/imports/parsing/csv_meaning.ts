import { readCallType, readMessageBox } from "./android_types.ts";
import { quote } from "./clean_text.ts";
import type { EventWordReader, WordMeaning } from "./event_words.ts";
import { foldWords } from "./fold_words.ts";
import {
  type EventDirection,
  type EventStatus,
  type EventType,
  isRefusal,
  type Refusal,
  refuse,
} from "./record.ts";

/** The cells of a row that say what kind of event it is. */
export interface MeaningCells {
  type: string;
  direction: string;
  status: string;
  /** The number's cell, or those of "from" and "to". */
  parties: (string | undefined)[];
  duration: number | null;
  has_content: boolean;
}

/** What kind of event it is. */
export interface EventMeaning {
  type: EventType;
  direction: EventDirection;
  status: EventStatus | null;
}

/** Statuses that only an incoming call can have, so they tell the direction too. */
const INBOUND_ONLY = new Set<EventStatus | null>(["missed", "declined", "voicemail", "blocked"]);
const CALL_STATUSES = new Set<EventStatus | null>(["answered", ...INBOUND_ONLY]);
const OWNER_WORDS = new Set(["me", "self", "own", "ich", "moi", "yo", "io", "eu", "ik"]);
const CODE = /^\s*\d{1,2}\s*$/;

/**
 * Puts together what type, direction and status columns say, whichever of them a file has and however they are
 * combined. A number in the type column is Android's code. Without a type, a text without duration is a message.
 */
export function readCsvMeaning(cells: MeaningCells, words: EventWordReader): EventMeaning | Refusal {
  const said = [cells.status, cells.type, cells.direction].map(words);
  if (said.some((meaning) => meaning.is_draft)) return refuse("draft_skipped", "A draft was never sent");
  const [ofStatus, ofType, ofDirection] = said as [WordMeaning, WordMeaning, WordMeaning];
  const type = ofType.type ?? ofDirection.type ?? ofStatus.type ??
    (cells.has_content && cells.duration === null ? "sms" : "call");
  if (CODE.test(cells.type)) return readCode(cells.type, type, cells.duration);
  if (cells.type.trim() !== "" && isSilent(ofType)) {
    return refuse("type_invalid", `Unknown type ${quote(cells.type)}`);
  }
  const status = ofStatus.status ?? ofType.status ?? ofDirection.status;
  const direction = ofDirection.direction ?? ofType.direction ?? ofStatus.direction ??
    (INBOUND_ONLY.has(status) ? "inbound" : readParties(cells.parties));
  if (direction === null) {
    return refuse("direction_invalid", `Cannot tell the direction from ${quote(seen(cells))}`);
  }
  return type === "call"
    ? { type, direction, status: callStatus(status, direction, cells.duration) }
    : { type, direction, status: messageStatus(status, direction) };
}

function isSilent(meaning: WordMeaning): boolean {
  return meaning.type === null && meaning.direction === null && meaning.status === null;
}

function seen({ direction, type }: MeaningCells): string {
  return direction.trim() === "" ? type : direction;
}

function readCode(code: string, type: EventType, duration: number | null): EventMeaning | Refusal {
  const meaning = type === "sms" ? readMessageBox(code) : readCallType(code, duration);
  return isRefusal(meaning) ? meaning : { type, ...meaning };
}

/** With "from" and "to", the owner's side is empty or says so. */
function readParties(parties: (string | undefined)[]): EventDirection | null {
  if (parties.length < 2) return null;
  const [isFromOwner, isToOwner] = parties.map((cell) => {
    const word = foldWords(cell ?? "");
    return word === "" || OWNER_WORDS.has(word);
  });
  return isFromOwner === isToOwner ? null : isFromOwner ? "outbound" : "inbound";
}

/** An outgoing call that nobody took has no status: "missed" is for the side that was called. */
function callStatus(
  status: EventStatus | null,
  direction: EventDirection,
  duration: number | null,
): EventStatus | null {
  const lasted = (duration ?? 0) > 0 ? "answered" : null;
  if (direction === "outbound") return status === "answered" || status === "declined" ? status : lasted;
  return CALL_STATUSES.has(status) ? status : lasted;
}

function messageStatus(status: EventStatus | null, direction: EventDirection): EventStatus {
  if (status === "failed" || status === "blocked") return status;
  return direction === "inbound" ? "received" : "sent";
}
