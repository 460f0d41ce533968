import { readMessageBox } from "./android_types.ts";
import {
  type Attributes,
  readBackupNumber,
  readBackupTime,
  readContactName,
  readSim,
  toReading,
} from "./backup_fields.ts";
import { textOrNull } from "./clean_text.ts";
import type { LocalZone } from "./local_zone.ts";
import { type EventReading, isRefusal, refuse } from "./record.ts";
import type { MmsDraft } from "./xml_state.ts";

/** Attributes of `<mms>` that are used; the rest need not be kept. */
const USED = [
  "date",
  "date_sent",
  "readable_date",
  "msg_box",
  "address",
  "contact_name",
  "m_id",
  "sub",
] as const;
const USED_SIM = ["subscription_id", "sub_id"] as const;

/** `type` of an `<addr>`, as in the MMS standard's header fields. */
const FROM = "137";
const RECIPIENTS = new Set(["151", "130", "129"]);

/** What phones write in place of their own number. */
const OWN_ADDRESS = "insert-address-token";

/** What an item of a list costs beside its text. */
const ITEM_LENGTH = 8;

/** Starts gathering an MMS from the attributes of its `<mms>`. */
export function openMms(position: string, attributes: Attributes): MmsDraft {
  const kept: Attributes = {};
  for (const name of [...USED, ...USED_SIM]) {
    const value = attributes[name];
    if (value !== undefined) kept[name] = value;
  }
  return { position, attributes: kept, texts: [], attachments: [], addresses: [] };
}

/** Adds what a `<part>` or `<addr>` says. Gives about how many characters it takes to keep that. */
export function addToMms(mms: MmsDraft, name: string, attributes: Attributes): number {
  if (name === "addr") {
    const { address = "", type = "" } = attributes;
    mms.addresses.push({ address, type });
    return ITEM_LENGTH + address.length + type.length;
  }
  const contentType = attributes["ct"] ?? "";
  if (name !== "part" || contentType === "application/smil") return 0;
  if (contentType !== "text/plain") {
    mms.attachments.push(contentType);
    return ITEM_LENGTH + contentType.length;
  }
  const text = textOrNull(attributes["text"]);
  if (text !== null) mms.texts.push(text);
  return ITEM_LENGTH + (text?.length ?? 0);
}

/** Makes one event of a whole MMS: from its sender, or to its first recipient. */
export function readBackupMms(mms: MmsDraft, zone: LocalZone): EventReading {
  const { attributes } = mms;
  const box = readMessageBox(attributes["msg_box"] ?? "");
  if (isRefusal(box)) return box;
  const ts = readBackupTime(attributes, zone);
  if (isRefusal(ts)) return ts;
  const group = (attributes["address"] ?? "").split("~").map((address) => address.trim()).filter(Boolean);
  const wanted = mms.addresses.find(({ address, type }) =>
    (box.direction === "inbound" ? type === FROM : RECIPIENTS.has(type)) && address !== OWN_ADDRESS
  );
  const number = readBackupNumber(wanted?.address ?? group[0] ?? attributes["address"]);
  if (isRefusal(number)) return refuse(number.code, "The message has no address");
  const isGroup = group.length > 1;
  const sourceId = textOrNull(attributes["m_id"]);
  const subject = textOrNull(attributes["sub"]);
  return toReading({
    ts,
    number,
    type: "sms",
    ...box,
    duration: null,
    content: mms.texts.length === 0 ? null : mms.texts.join("\n"),
    // A group's name names all of them, not this number.
    contact_name: isGroup ? null : readContactName(attributes),
    ...(sourceId === null ? {} : { source_id: sourceId }),
  }, {
    mms: true,
    ...(mms.attachments.length === 0 ? {} : { attachments: mms.attachments }),
    ...(isGroup ? { participants: group } : {}),
    ...(subject === null ? {} : { subject }),
    ...readSim(attributes),
  });
}
