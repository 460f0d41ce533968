import { sha256 } from "../digest.ts";

/** What a key may be good for; a route states one of them, or that it is for persons only. */
export const SCOPES = [
  "admin:read",
  "analytics:read",
  "contacts:read",
  "contacts:write",
  "events:read",
  "events:write",
  "imports:write",
  "nlq:query",
  "privacy:read",
  "sync:write",
] as const;

/** One of {@link SCOPES}. */
export type Scope = typeof SCOPES[number];

/** What an API key says: which one it is, and the SHA-256 of its secret in hexadecimal digits. */
export interface PresentedKey {
  readonly id: string;
  readonly hash: string;
}

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_BYTES = 32;
/** Digits of base 62 that 256 bits need. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const FORM = new RegExp(
  `^plk_([0-9a-f]{32})_([0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`,
);

function base62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = DIGITS[Number(rest % 62n)] + text;
  return text;
}

/** CRC-32 (the polynomial of IEEE 802.3, reflected), bit by bit: keys are short. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function checksum(unchecked: string): string {
  return base62(BigInt(crc32(unchecked)), CHECKSUM_LENGTH);
}

/** A new secret of 256 random bits, in 43 digits of base 62. */
export function createSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return base62(bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n), SECRET_LENGTH);
}

/** The key as its owner is shown it, once. The checksum lets a scanner of leaked secrets, and us, tell a key from a typo. */
export function formatKey(id: string, secret: string): string {
  const unchecked = `plk_${id.replaceAll("-", "")}_${secret}`;
  return unchecked + checksum(unchecked);
}

/** Reads a key; undefined for what cannot be one, which is known without asking the database. */
export async function parseKey(text: string): Promise<PresentedKey | undefined> {
  const [, hex = "", secret = "", sum] = FORM.exec(text) ?? [];
  if (sum === undefined || checksum(`plk_${hex}_${secret}`) !== sum) return undefined;
  return { id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"), hash: await sha256(secret) };
}
