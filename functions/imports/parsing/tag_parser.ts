import { SaxesParser } from "saxes";
import { legaliseTag } from "./xml_references.ts";

/** What one tag does: opens an element, closes the innermost one, or both. */
export interface ParsedTag {
  opened: { name: string; attributes: Record<string, string> } | null;
  is_closing: boolean;
  /** Why the tag is not XML, in general words; null when it is. */
  fault: string | null;
}

type Plain = { fragment: true; position: false; xmlns: false };

/** Parses whole tags one after the other and sees to it that they nest. */
export class TagParser {
  readonly #parser = new SaxesParser<Plain>({ fragment: true, position: false, xmlns: false });
  #tag: ParsedTag = emptyTag();

  /** @param open names of the elements that are open already, root first */
  constructor(open: readonly string[]) {
    this.#parser.on("opentag", ({ name, attributes }) => {
      this.#tag.opened = { name, attributes };
    });
    this.#parser.on("closetag", () => {
      this.#tag.is_closing = true;
    });
    // The first fault counts: what saxes makes of the rest of a broken tag is guesswork.
    this.#parser.on("error", (error) => {
      this.#tag.fault ??= toDetail(error.message);
    });
    for (const name of open) this.#parser.write(`<${name}>`);
  }

  /** Parses one whole tag, from "<" to ">". */
  parse(tag: string): ParsedTag {
    this.#tag = emptyTag();
    this.#parser.write(legaliseTag(tag));
    const isSilent = this.#tag.opened === null && !this.#tag.is_closing;
    // After a "&" the parser waits for ";" past the end of the tag.
    if (isSilent) this.#tag.fault ??= toDetail("reference without an end");
    return this.#tag;
  }
}

function emptyTag(): ParsedTag {
  return { opened: null, is_closing: false, fault: null };
}

/** The parser's message up to its colon: after it come words of the file. */
function toDetail(message: string): string {
  const general = message.split(":", 1)[0]?.replace(/\.$/, "") ?? "";
  return `Not well-formed XML: ${general}`;
}
