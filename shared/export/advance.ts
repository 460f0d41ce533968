import type { Admin } from "../access/admin.ts";
import { concat, toBase64 } from "./bytes.ts";
import { toCsv, type Value } from "./csv.ts";
import { describeExport, type ExportContents, fileName, MANIFEST_NAME } from "./manifest.ts";
import { packFile, type PlacedFile, zipDirectory } from "./zip.ts";

/** What `claim_export` gives: an export that is ours until its lease runs out. */
interface Claim {
  readonly id: string;
  readonly lease: string;
  readonly requested_at: string;
  readonly tables: readonly string[];
  table_index: number;
  page: number;
  after: Value;
  next_part: number;
}

interface Page {
  readonly columns: readonly string[];
  readonly rows: readonly Record<string, Value>[];
  readonly next: Value;
}

/** How much of an export is made in one go. */
export interface AdvanceOptions {
  /** The export; left out, the one that waits longest. */
  readonly export_id?: string;
  /** Stops after so much work of its own, in ms: waiting for the database does not count. */
  readonly budget_ms?: number;
  /** Stops at this time, in ms since the epoch. */
  readonly deadline?: number;
}

/** What became of it: `idle` when there was nothing to do or somebody else does it. */
export type Advance = { readonly outcome: "idle" | "more" | "done"; readonly parts: number };

const encoder = new TextEncoder();

async function packPage(table: string, index: number, page: Page, at: Date) {
  const lines = page.rows.map((row) => JSON.stringify(row)).join(",\n");
  const json = await packFile(
    fileName(table, index, "json"),
    page.rows.length,
    encoder.encode(lines === "" ? "[]\n" : `[\n${lines}\n]\n`),
    at,
  );
  const csv = await packFile(
    fileName(table, index, "csv"),
    page.rows.length,
    encoder.encode(toCsv(page.columns, page.rows)),
    at,
  );
  return { files: [json.file, csv.file], content: toBase64(concat([json.bytes, csv.bytes])) };
}

/** Makes the next part and moves the claim on; gives the ms that it computed. */
async function addPart(admin: Admin, claim: Claim): Promise<number> {
  const table = claim.tables[claim.table_index] ?? "";
  const page = await admin.rpc<Page>("export_user_data_page", {
    table_name: table,
    after: claim.after,
    snapshot_at: claim.requested_at,
    export_id: claim.id,
  });
  const started = performance.now();
  const { files, content } = await packPage(table, claim.page, page, new Date(claim.requested_at));
  const worked_ms = performance.now() - started;
  const is_last = page.next === null;
  const place = {
    table_index: claim.table_index + (is_last ? 1 : 0),
    page: is_last ? 0 : claim.page + 1,
    after: page.next,
  };
  await admin.rpc("add_export_part", {
    export_id: claim.id,
    lease: claim.lease,
    part: claim.next_part,
    content,
    files,
    place: { ...place, rows: page.rows.length },
  });
  Object.assign(claim, place);
  claim.next_part++;
  return worked_ms;
}

function placeFiles(contents: ExportContents, start: number): PlacedFile[] {
  let offset = start;
  return contents.parts.flatMap(({ length, files }) => {
    let at = offset;
    offset += length;
    return files.map((file) => {
      const placed = { file, offset: at };
      at += 30 + file.name.length + file.packed_bytes;
      return placed;
    });
  });
}

async function finish(admin: Admin, claim: Claim): Promise<void> {
  const contents = await admin.rpc<ExportContents>("export_contents", { export_id: claim.id });
  const at = new Date(claim.requested_at);
  const description = describeExport(contents, claim.requested_at, new Date().toISOString());
  const manifest = await packFile(
    MANIFEST_NAME,
    0,
    encoder.encode(JSON.stringify(description, null, 1) + "\n"),
    at,
  );
  const placed = placeFiles(contents, manifest.bytes.length);
  const start = contents.parts.reduce((sum, part) => sum + part.length, manifest.bytes.length);
  await admin.rpc("finish_export", {
    export_id: claim.id,
    lease: claim.lease,
    manifest: toBase64(manifest.bytes),
    directory: toBase64(zipDirectory([{ file: manifest.file, offset: 0 }, ...placed], start, at)),
  });
}

/**
 * Makes as much of an export as the options allow. Each part is kept at once, so whoever comes next goes on behind the
 * last one, after a kill when the lease of two minutes is over.
 *
 * @throws what `admin.rpc` throws; `export_lease_lost` when the export was deleted meanwhile.
 */
export async function advanceExport(admin: Admin, options: AdvanceOptions = {}): Promise<Advance> {
  const { export_id, budget_ms = Infinity, deadline = Infinity } = options;
  const claim = await admin.rpc<Claim | null>("claim_export", export_id === undefined ? {} : { export_id });
  if (claim === null) return { outcome: "idle", parts: 0 };
  let worked_ms = 0;
  let parts = 0;
  while (claim.table_index < claim.tables.length) {
    if (worked_ms >= budget_ms || Date.now() >= deadline) {
      await admin.rpc("release_export", { export_id: claim.id, lease: claim.lease });
      return { outcome: "more", parts };
    }
    worked_ms += await addPart(admin, claim);
    parts++;
  }
  await finish(admin, claim);
  return { outcome: "done", parts };
}
