import { sha256 } from "../../../shared/digest.ts";
import { concat, fromBase64, toBase64 } from "../../../shared/export/bytes.ts";
import { crc32 } from "../../../shared/export/crc32.ts";
import { MANIFEST_NAME } from "../../../shared/export/manifest.ts";
import { isRestored, type PromisedFile, readManifest } from "./archive_manifest.ts";
import type { ArchiveState } from "./archive_state.ts";
import { inflate } from "./inflate.ts";
import { ArchiveFault, type LocalHeader, readLocalHeader } from "./local_header.ts";

type Row = Record<string, unknown>;

/** A file of rows that was read whole. */
export interface ArchivePage {
  readonly file: string;
  readonly table: string;
  readonly rows: Row[];
}

/** What a part of an archive held. */
export interface ArchivePart {
  readonly state: ArchiveState;
  readonly pages: ArchivePage[];
  readonly fault?: { readonly code: string; readonly position: string; readonly detail: string };
}

/** A file of an export has less than 3 MB and one row. */
const MAX_MEMBER_BYTES = 4 * 1024 * 1024;
/** Text packs ten to one; what is denser in a part of 1 MiB is a bomb, or not worth the time of one request. */
const MAX_PART_UNPACKED_BYTES = 32 * 1024 * 1024;
const LOCAL = 0x04034b50;
const DIRECTORY = new Set([0x02014b50, 0x06064b50, 0x06054b50]);

class ArchiveReader {
  readonly pages: ArchivePage[] = [];
  #unpacked = 0;

  constructor(readonly state: ArchiveState, private bytes: Uint8Array<ArrayBuffer>) {}

  /** Reads every file that is whole; leaves the rest to be carried. */
  async read(): Promise<Uint8Array> {
    while (!this.state.is_done && this.#passOver()) {
      if (this.bytes.length < 4) break;
      const signature = new DataView(this.bytes.buffer, this.bytes.byteOffset).getUint32(0, true);
      if (DIRECTORY.has(signature)) this.#end();
      else if (signature !== LOCAL) throw this.#unreadable();
      else if (!await this.#readFile()) break;
    }
    return this.state.is_done ? new Uint8Array() : this.bytes;
  }

  #unreadable(): ArchiveFault {
    return this.state.files === null
      ? new ArchiveFault("kind_mismatch", "The file is no ZIP archive")
      : new ArchiveFault("archive_corrupt", "The archive is damaged");
  }

  #passOver(): boolean {
    const passed = Math.min(this.state.skip, this.bytes.length);
    this.state.skip -= passed;
    this.bytes = this.bytes.subarray(passed);
    return this.state.skip === 0;
  }

  #end(): void {
    if (this.state.files === null || this.state.seen < this.state.files.length) {
      throw new ArchiveFault("archive_corrupt", "The archive lacks files that its manifest names");
    }
    this.state.is_done = true;
  }

  /** False when the file is not here whole. */
  async #readFile(): Promise<boolean> {
    const header = readLocalHeader(this.bytes);
    if (header === null) return false;
    const promised = this.#promised(header);
    if (promised !== null && !isRestored(promised)) {
      this.bytes = this.bytes.subarray(header.length);
      this.state.skip = header.packed_bytes;
      this.state.seen++;
      return true;
    }
    if (header.bytes > MAX_MEMBER_BYTES || header.packed_bytes > MAX_MEMBER_BYTES) {
      throw new ArchiveFault("archive_too_dense", "A file of the archive is larger than an export's are");
    }
    const end = header.length + header.packed_bytes;
    if (this.bytes.length < end) return false;
    const content = await this.#unpack(header, this.bytes.subarray(header.length, end));
    this.bytes = this.bytes.subarray(end);
    if (promised === null) this.state.files = manifestFiles(content);
    else await this.#take(promised, content);
    return true;
  }

  /** What the manifest says of the file that comes now; null for the manifest itself. */
  #promised(header: LocalHeader): PromisedFile | null {
    if (this.state.files === null) {
      if (header.name === MANIFEST_NAME) return null;
      throw new ArchiveFault(
        "kind_unknown",
        `The archive is no export: it does not begin with ${MANIFEST_NAME}`,
      );
    }
    const promised = this.state.files[this.state.seen];
    if (promised?.name !== header.name) {
      throw new ArchiveFault(
        "archive_corrupt",
        "The archive does not hold the files that its manifest names, in their order",
      );
    }
    return promised;
  }

  async #unpack(header: LocalHeader, content: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    this.#unpacked += header.bytes;
    if (this.#unpacked > MAX_PART_UNPACKED_BYTES) {
      throw new ArchiveFault("archive_too_dense", "The archive unpacks to more than an export does");
    }
    const unpacked = header.is_packed ? await inflate(content, header.bytes).catch(() => null) : content;
    if (unpacked === null || crc32(unpacked) !== header.crc32) {
      throw new ArchiveFault("archive_corrupt", "A file of the archive is damaged");
    }
    return unpacked;
  }

  async #take(promised: PromisedFile, content: Uint8Array<ArrayBuffer>): Promise<void> {
    if (content.length !== promised.bytes || await sha256(content) !== promised.sha256) {
      throw new ArchiveFault(
        "archive_corrupt",
        "A file of the archive is not the one that its manifest names",
      );
    }
    const rows = readRows(content);
    if (rows?.length !== promised.rows) {
      throw new ArchiveFault(
        "archive_corrupt",
        "A file of the archive does not have the rows that its manifest promises",
      );
    }
    this.state.seen++;
    if (promised.table === "sync_sources") this.#noteSources(rows);
    this.pages.push({
      file: promised.name,
      table: promised.table,
      rows: promised.table === "coverage" ? rows.map((row) => this.#withSource(row)) : rows,
    });
  }

  #noteSources(rows: Row[]): void {
    for (const { id, kind, name } of rows) this.state.sources[String(id)] = { kind, name };
  }

  #withSource(row: Row): Row {
    const id = String(row.sync_source_id);
    return { ...row, ...(Object.hasOwn(this.state.sources, id) && this.state.sources[id]) };
  }
}

function manifestFiles(content: Uint8Array): PromisedFile[] {
  try {
    return readManifest(new TextDecoder().decode(content));
  } catch {
    throw new ArchiveFault(
      "kind_unknown",
      "The archive's manifest is not that of an export which can be taken in here",
    );
  }
}

function readRows(content: Uint8Array): Row[] | null {
  try {
    const rows: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
    const is_rows = Array.isArray(rows) &&
      rows.every((row) => typeof row === "object" && row !== null && !Array.isArray(row));
    return is_rows ? rows : null;
  } catch {
    return null;
  }
}

/**
 * Reads the next part of an archive. Parts may be cut anywhere. Never throws on what an archive holds, and does not
 * change the state it is given, so a part can be read again.
 *
 * @param isLast No more parts follow; an archive that is not at its end is cut off.
 */
export async function readArchivePart(
  before: ArchiveState,
  bytes: Uint8Array<ArrayBuffer>,
  isLast: boolean,
): Promise<ArchivePart> {
  const reader = new ArchiveReader(structuredClone(before), concat([fromBase64(before.carry), bytes]));
  const { state, pages } = reader;
  try {
    state.carry = toBase64(await reader.read());
    if (!isLast || state.is_done) return { state, pages };
    return {
      state,
      pages,
      fault: { code: "file_truncated", position: filePosition(state), detail: "The archive is cut off" },
    };
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error;
    return {
      state,
      pages,
      fault: { code: error.code, position: filePosition(state), detail: error.message },
    };
  }
}

/** Where the reading stopped, in words that are ours: a name out of a hostile archive is not repeated. */
function filePosition({ files, seen }: ArchiveState): string {
  return files?.[seen]?.name ?? (files === null ? MANIFEST_NAME : "end");
}
