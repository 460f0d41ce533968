import { quote } from "./clean_text.ts";
import { type EventDirection, type EventStatus, type Refusal, refuse } from "./record.ts";

/** Which way a call went and how it ended. */
export interface CallMeaning {
  direction: EventDirection;
  status: EventStatus | null;
}

/** Which way a message went. */
export interface MessageMeaning {
  direction: EventDirection;
  status: EventStatus;
}

/** `type` of Android's `CallLog.Calls`. */
const CALL_TYPES = new Map<string, CallMeaning>([
  ["1", { direction: "inbound", status: "answered" }],
  ["2", { direction: "outbound", status: null }],
  ["3", { direction: "inbound", status: "missed" }],
  ["4", { direction: "inbound", status: "voicemail" }],
  ["5", { direction: "inbound", status: "declined" }],
  ["6", { direction: "inbound", status: "blocked" }],
  ["7", { direction: "inbound", status: "answered" }], // on another device
]);

const SENT: MessageMeaning = { direction: "outbound", status: "sent" };
const DRAFTS = "3";

/** `type` of an SMS and `msg_box` of an MMS in Android's `Telephony`; 4 is the outbox, 6 is queued. */
const MESSAGE_BOXES = new Map<string, MessageMeaning>([
  ["1", { direction: "inbound", status: "received" }],
  ["2", SENT],
  ["4", SENT],
  ["5", { direction: "outbound", status: "failed" }],
  ["6", SENT],
]);

/** Reads Android's number for the type of a call. An outgoing call was answered when it lasted. */
export function readCallType(type: string, duration: number | null): CallMeaning | Refusal {
  const meaning = CALL_TYPES.get(type.trim());
  if (meaning === undefined) return refuse("call_type_unknown", `Unknown call type ${quote(type)}`);
  const isAnswered = meaning.direction === "outbound" && (duration ?? 0) > 0;
  return isAnswered ? { ...meaning, status: "answered" } : meaning;
}

/** Reads Android's number for the box of a message; drafts are no events. */
export function readMessageBox(box: string): MessageMeaning | Refusal {
  const trimmed = box.trim();
  if (trimmed === DRAFTS) return refuse("draft_skipped", "A draft was never sent");
  return MESSAGE_BOXES.get(trimmed) ?? refuse("sms_type_unknown", `Unknown message type ${quote(box)}`);
}
