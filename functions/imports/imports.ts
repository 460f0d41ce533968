import type { z } from "@hono/zod-openapi";
import type { Caller } from "../../shared/access/auth.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { describePage, type Listing, type Page } from "../../shared/http/page.ts";
import { sha256 } from "../../shared/digest.ts";
import { Problem } from "../../shared/http/problem.ts";
import { concat, fromBase64 } from "../../shared/export/bytes.ts";
import { readArchivePart } from "./archive/archive_reader.ts";
import { type ArchiveState, declaredRows, isArchive, openArchive } from "./archive/archive_state.ts";
import { openParser, parsePart, type ParserState, type PartResult, previewFile } from "./parsing/parser.ts";
import {
  archivePartForDatabase,
  type Choices,
  parserOptions,
  partForDatabase,
  type Profile,
} from "./part.ts";
import {
  type ImportSchema,
  type ListQuery,
  MAX_PART_BYTES,
  type OpenSchema,
  OptionsSchema,
  type UploadQuery,
} from "./schemas.ts";

type Import = z.infer<typeof ImportSchema>;

/** What `begin_import_part` answers. */
interface Beginning {
  readonly repeated: boolean;
  readonly import: Import;
  readonly parser?: ParserState | ArchiveState | null;
  readonly profile?: Profile;
}

/** The state of an archive's import; undefined for the import of anything else. */
function archiveState({ import: { kind }, parser }: Beginning, bytes: Uint8Array): ArchiveState | undefined {
  if (parser?.kind === "phonelog_export") return parser;
  if (kind !== null && kind !== "phonelog_export") return undefined;
  const start = parser ? concat([fromBase64(parser.undecoded), bytes]) : bytes;
  if (kind === null && !isArchive(start)) return undefined;
  return { ...openArchive(), carry: parser?.undecoded ?? "" };
}

function readText(
  { import: { kind, options }, parser }: Beginning,
  profile: Profile,
  bytes: Uint8Array,
  is_last: boolean,
): PartResult {
  if (parser?.kind === "phonelog_export") throw new TypeError("Cannot read an archive as text");
  const choices = OptionsSchema.parse(options);
  const state = parser ?? openParser(parserOptions({ ...choices, ...(kind && { kind }) }, profile));
  return parsePart(state, bytes, is_last);
}

/** Reads on from where the last part ended. What the database holds of it, its owner may have written. */
async function readPart(beginning: Beginning, bytes: Uint8Array<ArrayBuffer>, is_last: boolean) {
  const profile = beginning.profile ?? { time_zone: "UTC", default_region: "" };
  try {
    const archive = archiveState(beginning, bytes);
    return archive === undefined
      ? partForDatabase(
        readText(beginning, profile, bytes, is_last),
        bytes.length,
        is_last,
        profile.default_region,
      )
      : archivePartForDatabase(await readArchivePart(archive, bytes, is_last), bytes.length, is_last);
  } catch (cause) {
    throw new Problem("import_failed", "The import cannot be continued: start a new one", { cause });
  }
}

async function takePart(
  caller: Caller,
  id: string,
  part: number,
  bytes: Uint8Array<ArrayBuffer>,
  is_last: boolean,
): Promise<Import> {
  const part_digest = await sha256(bytes);
  const beginning = await caller.rpc<Beginning>("begin_import_part", { import_id: id, part, part_digest }, {
    get: true,
  });
  if (beginning.repeated) return beginning.import;
  return await caller.rpc<Import>("advance_import", {
    import_id: id,
    part,
    part_digest,
    result: await readPart(beginning, bytes, is_last) as never,
  });
}

function presented(taken: Import): Import {
  return { ...taken, part_bytes: MAX_PART_BYTES };
}

function errorFields(taken: Import) {
  return taken.errors.map(({ position, code, detail }) => ({
    path: position ?? "",
    message: `${code}: ${detail}`,
  }));
}

/** The import, or what one says that stopped, waits for a mapping, or took nothing. Rows before a fault are kept. */
function requireSuccess(taken: Import): Import {
  const error = taken.errors.at(-1);
  const where = error?.position ? ` (${error.position})` : "";
  const kept = taken.inserted + taken.merged + taken.duplicate;
  const failure = { errors: errorFields(taken), members: { import: presented(taken) } };
  if (taken.state === "needs_mapping") {
    throw new Problem(
      "import_needs_mapping",
      `${error?.detail ?? "Columns are missing"}${where}; nothing was written`,
      failure,
    );
  }
  if (taken.state === "failed") {
    const detail = error?.detail ?? "The file cannot be read";
    throw new Problem(
      "import_failed",
      `${detail}${where}; ${kept} of ${taken.found} records before it were kept`,
      failure,
    );
  }
  if (taken.state === "done" && taken.found > 0 && kept === 0) {
    throw new Problem(
      "import_failed",
      `None of ${taken.found} records was taken: ${error?.detail}${where}`,
      failure,
    );
  }
  return presented(taken);
}

/** Opens a resumable import. */
export async function openImport(caller: Caller, opening: z.infer<typeof OpenSchema>): Promise<Import> {
  const { filename, bytes, kind, ...options } = opening;
  parserOptions(options, { time_zone: "UTC", default_region: "" });
  return presented(
    await caller.rpc<Import>("open_import", { filename, bytes, kind, options: options as never }),
  );
}

/** @throws Problem `import_failed` (422) when the file cannot be read further, import_not_open and others (409). */
export async function putPart(
  caller: Caller,
  id: string,
  part: number,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Import> {
  return requireSuccess(await takePart(caller, id, part, bytes, false));
}

/** Ends an import: what was carried over is read, and the counts are final. */
export async function completeImport(caller: Caller, id: string): Promise<Import> {
  const open = await getImport(caller, id);
  if (open.state !== "open" && open.state !== "running") return requireSuccess(open);
  if (open.bytes !== null && open.bytes !== open.bytes_read) {
    throw new Problem(
      "import_incomplete",
      `${open.bytes_read} of ${open.bytes} bytes have arrived; part ${open.next_part} is due`,
    );
  }
  return requireSuccess(await takePart(caller, id, open.next_part, new Uint8Array(), true));
}

/** Rows of one call, above which its parts together could take more than the platform's 2 s of CPU. */
const MAX_FILE_LINES = 150_000;

function requireFewLines(bytes: Uint8Array): void {
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  if (lines > MAX_FILE_LINES) {
    throw new Problem(
      "body_too_large",
      `A file of ${lines} lines goes in parts: open the import with a JSON body first`,
    );
  }
}

/** Imports a whole file in one call, part by part as a large one. */
export async function importFile(
  caller: Caller,
  query: z.infer<typeof UploadQuery>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Import> {
  requireFewLines(bytes);
  const { preview: _, ...opening } = query;
  const { id } = await openImport(caller, { ...opening, ...(bytes.length > 0 && { bytes: bytes.length }) });
  let part = 0;
  for (let start = 0; start < bytes.length; start += MAX_PART_BYTES) {
    const taken = await takePart(caller, id, part++, bytes.subarray(start, start + MAX_PART_BYTES), false);
    if (taken.state !== "running") return requireSuccess(taken);
  }
  return requireSuccess(await takePart(caller, id, part, new Uint8Array(), true));
}

/** How a file would be read. Nothing is written. */
export async function preview(
  caller: Caller,
  query: z.infer<typeof UploadQuery>,
  bytes: Uint8Array<ArrayBuffer>,
) {
  if (isArchive(bytes)) {
    const { state, fault } = await readArchivePart(openArchive(), bytes, false);
    return { kind: state.kind, declared: declaredRows(state), fault: fault ?? null };
  }
  const profile = await caller.rpc<Profile>("get_profile", {}, { get: true });
  return previewFile(parserOptions(query, profile), bytes);
}

/** Gives an import that waits for a mapping its options; the parts come again from 0. */
export async function mapImport(caller: Caller, id: string, options: Partial<Choices>): Promise<Import> {
  parserOptions(options, { time_zone: "UTC", default_region: "" });
  return presented(await caller.rpc<Import>("map_import", { import_id: id, options: options as never }));
}

/** @throws Problem `import_not_found` (404). */
export async function getImport(caller: Caller, id: string): Promise<Import> {
  const { imports: [found] } = await caller.rpc<{ imports: Import[] }>("get_imports", { import_id: id }, {
    get: true,
  });
  if (!found) throw new Problem("import_not_found", "No such import of yours");
  return presented(found);
}

/** One page of the caller's imports, newest first. */
export async function listImports(
  caller: Caller,
  codec: CursorCodec,
  query: z.infer<typeof ListQuery>,
): Promise<{ imports: Import[]; page: Page }> {
  const scope = ["imports", caller.id];
  const position = query.cursor === undefined ? undefined : await codec.decode(query.cursor, scope);
  const listing = await caller.rpc<Listing & { imports: Import[] }>("get_imports", {
    max_rows: query.limit ?? 50,
    cursor_id: position?.key[0],
    backward: position?.backward,
  }, { get: true });
  const [first, last] = [listing.imports[0], listing.imports.at(-1)];
  const keys = first && last ? { first: [first.id], last: [last.id] } : undefined;
  return {
    imports: listing.imports.map(presented),
    page: await describePage(codec, scope, listing, keys, position),
  };
}
