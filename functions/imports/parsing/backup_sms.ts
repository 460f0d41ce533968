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
import { type EventReading, isRefusal } from "./record.ts";

/** Reads the attributes of an `<sms>`. */
export function readBackupSms(attributes: Attributes, zone: LocalZone): EventReading {
  const box = readMessageBox(attributes["type"] ?? "");
  if (isRefusal(box) && box.code === "draft_skipped") return box;
  const ts = readBackupTime(attributes, zone);
  if (isRefusal(ts)) return ts;
  const number = readBackupNumber(attributes["address"]);
  if (isRefusal(number)) return number;
  if (isRefusal(box)) return box;
  return toReading({
    ts,
    number,
    type: "sms",
    ...box,
    duration: null,
    content: textOrNull(attributes["body"]),
    contact_name: readContactName(attributes),
  }, readSim(attributes));
}
