/** What an archive says before each of its files. */
export interface LocalHeader {
  readonly name: string;
  readonly is_packed: boolean;
  readonly crc32: number;
  readonly packed_bytes: number;
  readonly bytes: number;
  /** Of the header with its name and extra field: there the content starts. */
  readonly length: number;
}

/** Why an archive cannot be read on. */
export class ArchiveFault extends Error {
  override readonly name = "ArchiveFault";

  constructor(
    readonly code: "kind_mismatch" | "kind_unknown" | "archive_corrupt" | "archive_too_dense",
    detail: string,
  ) {
    super(detail);
  }
}

const FIXED_BYTES = 30;
const MAX_NAME_BYTES = 100;
const ENCRYPTED = 0x0001;
const SIZES_BEHIND = 0x0008;

/**
 * Reads a local file header; null when more bytes are needed.
 *
 * @throws ArchiveFault for an archive that an export did not write.
 */
export function readLocalHeader(bytes: Uint8Array): LocalHeader | null {
  if (bytes.length < FIXED_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [flags, method] = [view.getUint16(6, true), view.getUint16(8, true)];
  const [name_length, extra_length] = [view.getUint16(26, true), view.getUint16(28, true)];
  if (flags & ENCRYPTED) throw new ArchiveFault("kind_unknown", "The archive is encrypted");
  if (flags & SIZES_BEHIND || (method !== 0 && method !== 8) || name_length > MAX_NAME_BYTES) {
    throw new ArchiveFault(
      "kind_unknown",
      "The archive was packed by another program: send it as it was downloaded",
    );
  }
  const length = FIXED_BYTES + name_length + extra_length;
  if (bytes.length < length) return null;
  return {
    name: new TextDecoder().decode(bytes.subarray(FIXED_BYTES, FIXED_BYTES + name_length)),
    is_packed: method === 8,
    crc32: view.getUint32(14, true),
    packed_bytes: view.getUint32(18, true),
    bytes: view.getUint32(22, true),
    length,
  };
}
