import { sha256 } from "../digest.ts";
import { concat } from "./bytes.ts";
import { crc32 } from "./crc32.ts";

/** A file in an archive. Sizes in bytes; `rows` of its table that it holds. */
export interface PackedFile {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly packed_bytes: number;
  readonly crc32: number;
  /** Of the unpacked content, lower-case hexadecimal. */
  readonly sha256: string;
}

/** A file and where its local header starts in the archive. */
export interface PlacedFile {
  readonly file: PackedFile;
  readonly offset: number;
}

const encoder = new TextEncoder();
const LIMIT_16 = 0xffff;
const LIMIT_32 = 0xffffffff;
/** Names are UTF-8. */
const FLAGS = 0x0800;
const DEFLATED = 8;

/** Little-endian fields: [bytes, value]. */
function fields(...given: [size: 2 | 4 | 8, value: number][]): Uint8Array {
  const bytes = new Uint8Array(given.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of given) {
    if (size === 2) view.setUint16(at, value, true);
    else if (size === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += size;
  }
  return bytes;
}

/** The time as FAT has it, in UTC, to two seconds. */
function dosTime(at: Date): [time: number, date: number] {
  return [
    at.getUTCHours() << 11 | at.getUTCMinutes() << 5 | at.getUTCSeconds() >> 1,
    (at.getUTCFullYear() - 1980) << 9 | (at.getUTCMonth() + 1) << 5 | at.getUTCDate(),
  ];
}

/** What local header and directory have in common, from the version to the extra field's length. */
function common(file: PackedFile, at: Date, version: number, extra_length: number): [2 | 4 | 8, number][] {
  const [time, date] = dosTime(at);
  return [
    [2, version],
    [2, FLAGS],
    [2, DEFLATED],
    [2, time],
    [2, date],
    [4, file.crc32],
    [4, file.packed_bytes],
    [4, file.bytes],
    [2, encoder.encode(file.name).length],
    [2, extra_length],
  ];
}

async function deflate(content: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Response(content).body?.pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** Packs one file: its description, and its bytes as they stand in the archive, local header first. */
export async function packFile(
  name: string,
  rows: number,
  content: Uint8Array<ArrayBuffer>,
  at: Date,
): Promise<{ file: PackedFile; bytes: Uint8Array<ArrayBuffer> }> {
  const packed = await deflate(content);
  const file: PackedFile = {
    name,
    rows,
    bytes: content.length,
    packed_bytes: packed.length,
    crc32: crc32(content),
    sha256: await sha256(content),
  };
  const header = fields([4, 0x04034b50], ...common(file, at, 20, 0));
  return { file, bytes: concat([header, encoder.encode(name), packed]) };
}

function directoryEntry({ file, offset }: PlacedFile, at: Date): Uint8Array {
  const is_far = offset >= LIMIT_32;
  const extra = is_far ? fields([2, 1], [2, 8], [8, offset]) : new Uint8Array();
  const head = fields(
    [4, 0x02014b50],
    [2, 45],
    ...common(file, at, is_far ? 45 : 20, extra.length),
    [2, 0],
    [2, 0],
    [2, 0],
    [4, 0],
    [4, is_far ? LIMIT_32 : offset],
  );
  return concat([head, encoder.encode(file.name), extra]);
}

/** The end of an archive: its central directory, with the ZIP64 records where sizes or counts need them. */
export function zipDirectory(files: readonly PlacedFile[], start: number, at: Date): Uint8Array<ArrayBuffer> {
  const entries = concat(files.map((file) => directoryEntry(file, at)));
  const is_large = files.length >= LIMIT_16 || start >= LIMIT_32 || entries.length >= LIMIT_32;
  const count = Math.min(files.length, LIMIT_16);
  const end = fields(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, Math.min(entries.length, LIMIT_32)],
    [4, Math.min(start, LIMIT_32)],
    [2, 0],
  );
  if (!is_large) return concat([entries, end]);
  const large = fields(
    [4, 0x06064b50],
    [8, 44],
    [2, 45],
    [2, 45],
    [4, 0],
    [4, 0],
    [8, files.length],
    [8, files.length],
    [8, entries.length],
    [8, start],
  );
  const locator = fields([4, 0x07064b50], [4, 0], [8, start + entries.length], [4, 1]);
  return concat([entries, large, locator, end]);
}
