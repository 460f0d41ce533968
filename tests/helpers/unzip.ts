import { crc32, inflateRawSync } from "node:zlib";

/** Gives `length` bytes of an archive from `offset`. */
type Read = (offset: number, length: number) => Uint8Array;

/** Where a file of an archive is, as the central directory says. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc32: number;
  readonly packed_bytes: number;
  readonly bytes: number;
  readonly offset: number;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function directoryPlace(read: Read, size: number): { offset: number; count: number } {
  const tail_length = Math.min(size, 22 + 20);
  const tail = view(read(size - tail_length, tail_length));
  const end = tail_length - 22;
  if (tail.getUint32(end, true) !== 0x06054b50) throw new Error("No end of a central directory");
  if (end < 20 || tail.getUint32(0, true) !== 0x07064b50) {
    return { offset: tail.getUint32(end + 16, true), count: tail.getUint16(end + 10, true) };
  }
  const large = view(read(Number(tail.getBigUint64(8, true)), 56));
  if (large.getUint32(0, true) !== 0x06064b50) throw new Error("No ZIP64 end of a central directory");
  return { offset: Number(large.getBigUint64(48, true)), count: Number(large.getBigUint64(32, true)) };
}

function farOffset(extra: Uint8Array): number {
  const fields = view(extra);
  if (fields.getUint16(0, true) !== 1) throw new Error("No ZIP64 field");
  return Number(fields.getBigUint64(4, true));
}

/** Reads the central directory, with its ZIP64 parts: independent of the code that writes archives. */
export function listZip(read: Read, size: number): ZipEntry[] {
  const place = directoryPlace(read, size);
  let at = place.offset;
  return Array.from({ length: place.count }, () => {
    const head = view(read(at, 46));
    if (head.getUint32(0, true) !== 0x02014b50) throw new Error(`No entry at ${at}`);
    const [name_length, extra_length, comment_length] = [28, 30, 32].map((field) =>
      head.getUint16(field, true)
    ) as [
      number,
      number,
      number,
    ];
    const name = new TextDecoder().decode(read(at + 46, name_length));
    const offset = head.getUint32(42, true);
    const entry = {
      name,
      method: head.getUint16(10, true),
      crc32: head.getUint32(16, true),
      packed_bytes: head.getUint32(20, true),
      bytes: head.getUint32(24, true),
      offset: offset === 0xffffffff ? farOffset(read(at + 46 + name_length, extra_length)) : offset,
    };
    at += 46 + name_length + extra_length + comment_length;
    return entry;
  });
}

/** Unpacks a file and checks it against its sizes and CRC, and its local header against the directory. */
export function extract(read: Read, entry: ZipEntry): Uint8Array<ArrayBuffer> {
  const local = view(read(entry.offset, 30));
  const name_length = local.getUint16(26, true);
  const name = new TextDecoder().decode(read(entry.offset + 30, name_length));
  const same = local.getUint32(0, true) === 0x04034b50 && name === entry.name &&
    local.getUint32(14, true) === entry.crc32 && local.getUint32(18, true) === entry.packed_bytes &&
    local.getUint32(22, true) === entry.bytes;
  if (!same) throw new Error(`The header of ${entry.name} is not what the directory says`);
  const packed = read(entry.offset + 30 + name_length + local.getUint16(28, true), entry.packed_bytes);
  const content = new Uint8Array(entry.method === 0 ? packed : inflateRawSync(packed));
  if (content.length !== entry.bytes || crc32(content) !== entry.crc32) {
    throw new Error(`${entry.name} is damaged`);
  }
  return content;
}

/** The files of an archive in memory, in the order of its directory. */
export function unzip(archive: Uint8Array): Map<string, Uint8Array<ArrayBuffer>> {
  const read: Read = (offset, length) => archive.subarray(offset, offset + length);
  return new Map(listZip(read, archive.length).map((entry) => [entry.name, extract(read, entry)]));
}
