import { z } from "zod";
import { FORMAT } from "../../../shared/export/manifest.ts";

/** A file as the manifest promises it. */
export interface PromisedFile {
  readonly name: string;
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** The tables that go back in; the others tell of the account that they came from. */
const RESTORED = new Set([
  "profiles",
  "lines",
  "sync_sources",
  "coverage",
  "contacts",
  "privacy_rules",
  "contact_numbers",
  "events",
  "event_variants",
  "deleted_events",
  "nlq_queries",
]);

const Count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const Manifest = z.object({
  format: z.literal(FORMAT),
  version: z.literal(1),
  tables: z.array(z.object({
    name: z.string().regex(/^[a-z_]{1,63}$/),
    files: z.array(z.object({
      name: z.string().regex(/^[a-z_]{1,63}(-\d{1,9})?\.(json|csv)$/),
      rows: Count,
      bytes: Count,
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    })).max(20_000),
  })).max(200),
});

/** Whether a file's rows are taken in; CSV and the tables that stay behind are passed over. */
export function isRestored(file: Pick<PromisedFile, "name" | "table">): boolean {
  return RESTORED.has(file.table) && file.name.endsWith(".json");
}

/**
 * The files that a manifest promises, in order.
 *
 * @throws Error for what is no manifest of an export, or of a later version.
 */
export function readManifest(text: string): PromisedFile[] {
  return Manifest.parse(JSON.parse(text)).tables.flatMap(({ name: table, files }) =>
    files.map((file) => ({ ...file, table }))
  );
}
