import { isRestored, type PromisedFile } from "./archive_manifest.ts";

/** Where the reading of an archive stands between two parts: plain JSON. */
export interface ArchiveState {
  readonly kind: "phonelog_export";
  /** Base64 of the incomplete file at the end of the last part, from its header. */
  carry: string;
  /** Bytes of the file at hand that are passed over yet. */
  skip: number;
  /** From the manifest; null until it was read. */
  files: PromisedFile[] | null;
  /** How many of them were there so far. */
  seen: number;
  /** Kind and name of the archive's sources by id, which the rows of coverage refer to. */
  sources: Record<string, { kind: unknown; name: unknown }>;
  /** Behind the last file: what follows is the directory. */
  is_done: boolean;
}

/** Whether bytes begin as a ZIP archive does. */
export function isArchive(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/** The state before the first part. */
export function openArchive(): ArchiveState {
  return { kind: "phonelog_export", carry: "", skip: 0, files: null, seen: 0, sources: {}, is_done: false };
}

/** How many rows the archive says it has for us; null before its manifest. */
export function declaredRows({ files }: ArchiveState): number | null {
  return files === null ? null : files.reduce((sum, file) => sum + (isRestored(file) ? file.rows : 0), 0);
}
