import { readCallType } from "./android_types.ts";
import {
  type Attributes,
  readBackupNumber,
  readBackupTime,
  readContactName,
  readSim,
  toReading,
} from "./backup_fields.ts";
import { quote } from "./clean_text.ts";
import { readDuration } from "./duration.ts";
import type { LocalZone } from "./local_zone.ts";
import { type EventReading, isRefusal, refuse } from "./record.ts";

/** Reads the attributes of a `<call>`. */
export function readBackupCall(attributes: Attributes, zone: LocalZone): EventReading {
  const { type = "", duration: durationText = "" } = attributes;
  const ts = readBackupTime(attributes, zone);
  if (isRefusal(ts)) return ts;
  const number = readBackupNumber(attributes["number"], attributes["presentation"]);
  if (isRefusal(number)) return number;
  const duration = readDuration(durationText);
  if (duration === undefined) {
    return refuse("duration_invalid", `Cannot read duration ${quote(durationText)}`);
  }
  const meaning = readCallType(type, duration);
  if (isRefusal(meaning)) return meaning;
  return toReading({
    ts,
    number,
    type: "call",
    ...meaning,
    duration,
    content: null,
    contact_name: readContactName(attributes),
  }, readSim(attributes));
}
