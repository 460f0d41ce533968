import { decodeBase64 } from "./base64.ts";
import { cleanText } from "./clean_text.ts";

/** One property of a vCard, its value decoded but not unescaped. */
export interface VcardProperty {
  /** In capitals, without the group of "item1.TEL". */
  name: string;
  value: string;
}

const NAME = /^(?:[\w-]+\.)?([\w-]+)(?=[;:])/;
const QUOTED_PRINTABLE = /^[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE[;:]/i;

/** Name of the property that a line starts, in capitals; undefined when the line starts none. */
export function propertyName(line: string): string | undefined {
  return NAME.exec(line)?.[1]?.toUpperCase();
}

/** Whether a line's value is quoted-printable, so that "=" at its end continues it. */
export function isQuotedPrintable(line: string): boolean {
  return QUOTED_PRINTABLE.test(line);
}

/** Reads an unfolded line of vCard 2.1, 3.0 or 4.0; undefined when it is none. */
export function readVcardProperty(line: string): VcardProperty | undefined {
  const name = propertyName(line);
  const colon = findColon(line);
  if (name === undefined || colon === -1) return undefined;
  const [, ...parameters] = line.slice(0, colon).toUpperCase().split(";");
  const raw = line.slice(colon + 1);
  const charset = parameters.find((parameter) => parameter.startsWith("CHARSET="))?.slice(8);
  const encoding = parameters.map((parameter) => parameter.replace(/^ENCODING=/, ""));
  if (encoding.includes("QUOTED-PRINTABLE")) {
    return { name, value: cleanText(decodeBytes(quotedPrintableBytes(raw), charset)) };
  }
  if (encoding.includes("B") || encoding.includes("BASE64")) {
    return { name, value: decodeBase64Text(raw, charset) };
  }
  return { name, value: cleanText(raw) };
}

/** Index of the colon before the value: not one inside a quoted parameter. */
function findColon(line: string): number {
  let isQuoted = false;
  for (let index = 0; index < line.length; index++) {
    if (line[index] === '"') isQuoted = !isQuoted;
    else if (line[index] === ":" && !isQuoted) return index;
  }
  return line.indexOf(":");
}

function quotedPrintableBytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [piece] of text.matchAll(/=[0-9a-f]{2}|[^=]+|=/gi)) {
    if (piece.length === 3 && piece.startsWith("=")) bytes.push(parseInt(piece.slice(1), 16));
    else for (const byte of new TextEncoder().encode(piece)) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function decodeBase64Text(text: string, charset: string | undefined): string {
  try {
    return cleanText(decodeBytes(decodeBase64(text), charset));
  } catch {
    return "";
  }
}

/** Decodes by the named charset; where it is unnamed, unknown or wrong, as UTF-8, else as windows-1252. */
function decodeBytes(bytes: Uint8Array, charset: string | undefined): string {
  for (const label of [charset, "utf-8"]) {
    try {
      if (label !== undefined) return new TextDecoder(label, { fatal: true }).decode(bytes);
    } catch {
      continue;
    }
  }
  return new TextDecoder("windows-1252").decode(bytes);
}

/** The components of a structured value (N, ORG), unescaped and trimmed. */
export function splitComponents(value: string): string[] {
  const parts = value.match(/(?:\\[^]|[^\\;])*;?/g) ?? [];
  return parts.map((part) => unescapeText(part.replace(/;$/, "")).trim());
}

/** Takes the backslashes off "\," "\;" "\:" "\\" and makes "\n" a line feed. */
export function unescapeText(value: string): string {
  return value.replace(/\\([nN,;:\\])/g, (_, char: string) => (char.toLowerCase() === "n" ? "\n" : char));
}
