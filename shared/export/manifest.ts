import { API_VERSION } from "../version.ts";
import type { PackedFile } from "./zip.ts";

/** Name of the first file of an archive. */
export const MANIFEST_NAME = "manifest.json";
/** What `manifest.format` says. */
export const FORMAT = "phonelog_export";

/** What the database knows about an export, for its manifest. */
export interface ExportContents {
  readonly account: { readonly id: string; readonly email: string | null; readonly created_at: string };
  readonly tables: readonly { readonly name: string; readonly holds: string }[];
  readonly left_out: readonly {
    readonly table: string;
    readonly column: string | null;
    readonly reason: string;
  }[];
  readonly parts: readonly { readonly length: number; readonly files: readonly PackedFile[] }[];
}

/** Name of the file of a table's page, from 0: `events.json`, `events-2.json` … */
export function fileName(table: string, page: number, format: "json" | "csv"): string {
  return `${table}${page === 0 ? "" : `-${page + 1}`}.${format}`;
}

/** The manifest: what is in the archive, what is not and why, and how to read it. */
export function describeExport(contents: ExportContents, requested_at: string, finished_at: string) {
  const files = contents.parts.flatMap((part) => part.files);
  return {
    format: FORMAT,
    version: 1,
    api_version: API_VERSION,
    account: contents.account,
    requested_at,
    finished_at,
    notes: {
      snapshot:
        "Rows that were created after requested_at are left out. A row that was changed or deleted while the archive was made is as it was when its page was read.",
      json:
        "Each .json file is an array with one row a line, exact, and what POST /imports takes back; times are ISO 8601 in UTC.",
      csv:
        "Each .csv file has the rows of the .json file of its name, for reading. A text that a spreadsheet would take for a formula has an apostrophe before it; a signed number, such as a telephone number with its +, is as it is, since it computes nothing.",
      files: "A large table goes on in files with -2, -3 … at the end of the name.",
    },
    tables: contents.tables.map(({ name, holds }) => {
      const of_table = files.filter((file) => file.name.replace(/(-\d+)?\.(json|csv)$/, "") === name);
      return {
        name,
        holds,
        rows: of_table.reduce((sum, file) => sum + (file.name.endsWith(".json") ? file.rows : 0), 0),
        files: of_table.map(({ name, rows, bytes, sha256 }) => ({ name, rows, bytes, sha256 })),
      };
    }),
    left_out: contents.left_out.map(({ table, column, reason }) => ({
      table,
      ...(column !== null && { column }),
      reason,
    })),
  };
}
