import { readBackupCall } from "./backup_call.ts";
import { addToMms, openMms, readBackupMms } from "./backup_mms.ts";
import { readBackupSms } from "./backup_sms.ts";
import { type Chunk, exceedsBytes } from "./chunk.ts";
import { quote } from "./clean_text.ts";
import { toFault } from "./faults.ts";
import { readEpoch } from "./local_time.ts";
import { LocalZone } from "./local_zone.ts";
import type { Markup } from "./markup_splitter.ts";
import { type EventReading, type Fault, type ParsedRecord, toRecord } from "./record.ts";
import type { ParserState } from "./state.ts";
import { type ParsedTag, TagParser } from "./tag_parser.ts";
import type { XmlState } from "./xml_state.ts";

const ROOTS = new Set(["calls", "smses"]);

/** The names of open elements are kept between parts, so neither their number nor their length is the file's choice. */
const MAX_DEPTH = 16;
const MAX_NAME_LENGTH = 64;

/** Makes records of the markup of one chunk of a backup; what outlasts the chunk is in the two states. */
export class BackupReader {
  readonly records: ParsedRecord[] = [];
  readonly #chunk: Chunk;
  readonly #state: ParserState;
  readonly #xml: XmlState;
  readonly #tags: TagParser;
  readonly #zone: LocalZone;

  constructor(chunk: Chunk, state: ParserState, xml: XmlState) {
    this.#chunk = chunk;
    this.#state = state;
    this.#xml = xml;
    this.#tags = new TagParser(xml.open);
    this.#zone = new LocalZone(state.options.time_zone);
  }

  /** Takes one piece of markup; gives the fault that ends the file, if it is one. */
  read(markup: Markup): Fault | null {
    switch (markup.kind) {
      case "tag":
        return this.#readTag(markup.text, this.#chunk.byteAt(markup.index));
      case "text":
        return this.#readText(markup.index);
      case "broken":
        return toFault("xml_malformed", this.#chunk.byteAt(markup.index), markup.detail);
      case "doctype": {
        const byte = this.#chunk.byteAt(markup.index);
        return markup.is_html
          ? toFault("xml_not_a_backup", byte, "The file is a web page")
          : toFault("xml_doctype_refused", byte, "A document type declaration is not accepted");
      }
    }
  }

  /** Judges a tag, whole or cut by the end of the chunk, by what comes first: a "<" in it or the limit. */
  checkTag(tag: string, byte: number): Fault | null {
    const { max_carry_bytes: maxBytes } = this.#state.options;
    const inner = tag.startsWith("<!") ? -1 : tag.indexOf("<", 1);
    if (inner !== -1 && !exceedsBytes(tag, maxBytes, 0, inner)) {
      return toFault("xml_malformed", byte, 'A "<" inside a tag');
    }
    if (!exceedsBytes(tag, maxBytes)) return null;
    return toFault("record_too_large", byte, "A single tag is larger than the limit");
  }

  #readText(index: number): Fault | null {
    const { open } = this.#xml;
    if (open.length === 0) {
      return toFault("xml_malformed", this.#chunk.byteAt(index), "Text outside of the root element");
    }
    if (open.length === 1 && !this.#xml.is_stray_reported) {
      const position = `byte ${this.#chunk.byteAt(index)}`;
      this.#add(position, { code: "record_malformed", detail: "Text between two records" });
    }
    this.#xml.is_stray_reported = true;
    return null;
  }

  #readTag(text: string, byte: number): Fault | null {
    this.#xml.is_stray_reported = false;
    const broken = this.checkTag(text, byte) ?? this.#checkRoot(text, byte);
    if (broken !== null) return broken;
    const tag = this.#tags.parse(text);
    if (tag.fault !== null) return toFault("xml_malformed", byte, tag.fault);
    return this.#open(tag, byte) ?? this.#close(tag);
  }

  #checkRoot(text: string, byte: number): Fault | null {
    if (this.#xml.open.length > 0) return null;
    const name = /^<([^\s/>]+)/.exec(text)?.[1];
    if (name === undefined) return toFault("xml_malformed", byte, "A closing tag that closes nothing");
    if (ROOTS.has(name)) return null;
    if (this.#xml.has_root) return toFault("xml_malformed", byte, "A second root element");
    return toFault(
      "xml_not_a_backup",
      byte,
      `The root element is ${quote(name)}, neither "calls" nor "smses"`,
    );
  }

  #open(tag: ParsedTag, byte: number): Fault | null {
    if (tag.opened === null) return null;
    const { name, attributes } = tag.opened;
    const depth = this.#xml.open.push(name);
    if (depth > MAX_DEPTH || name.length > MAX_NAME_LENGTH) {
      return toFault("xml_malformed", byte, "Elements nested too deeply or with too long a name");
    }
    if (depth === 1) this.#readRoot(attributes);
    if (depth === 2) this.#readRecord(name, attributes, `byte ${byte}`);
    const { mms } = this.#xml;
    if (depth < 3 || mms === null) return null;
    this.#xml.mms_size += addToMms(mms, name, attributes);
    if (this.#xml.mms_size * 3 <= this.#state.options.max_carry_bytes) return null;
    return toFault("record_too_large", byte, "The texts of one MMS are larger than the limit");
  }

  #close(tag: ParsedTag): null {
    if (!tag.is_closing) return null;
    const { open, mms } = this.#xml;
    open.pop();
    if (open.length === 1 && mms !== null) {
      this.records.push(toRecord(mms.position, readBackupMms(mms, this.#zone)));
      this.#xml.mms = null;
      this.#xml.mms_size = 0;
    }
    return null;
  }

  #readRoot({ count = "", backup_date: date = "" }: Record<string, string>): void {
    this.#xml.has_root = true;
    const declared = /^\s*\d{1,15}\s*$/.test(count) ? Number(count) : null;
    if (declared !== null) this.#state.declared = (this.#state.declared ?? 0) + declared;
    this.#state.backup_date ??= readEpoch(date);
  }

  #readRecord(name: string, attributes: Record<string, string>, position: string): void {
    if (name !== "call" && name !== "sms" && name !== "mms") {
      this.#add(position, { code: "element_unknown", detail: `Unknown element ${quote(name)}` });
    } else if (Object.keys(attributes).length === 0) {
      this.#add(position, { code: "record_malformed", detail: `The element "${name}" has no attributes` });
    } else if (name === "mms") {
      this.#xml.mms = openMms(position, attributes);
    } else {
      this.#add(
        position,
        name === "call" ? readBackupCall(attributes, this.#zone) : readBackupSms(attributes, this.#zone),
      );
    }
  }

  #add(position: string, reading: EventReading): void {
    this.records.push(toRecord(position, reading));
  }
}
