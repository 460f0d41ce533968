import { z } from "@hono/zod-openapi";
import { PageSchema } from "../../shared/http/page.ts";
import { Cursor, Flag, Limit, TimeZone, Uuid } from "../../shared/http/query.ts";

/** A file up to this size goes in one call. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** Larger files come in parts of at most this size, each read well within the platform's 2 s of CPU. */
export const MAX_PART_BYTES = 1024 * 1024;

/** The largest file that can be announced. */
const MAX_IMPORT_BYTES = 4 * 1024 ** 3;

export const ImportKind = z.enum(["sms_backup_xml", "csv", "ndjson", "vcard", "phonelog_export"]);
const DateOrder = z.enum(["dmy", "mdy", "ymd"]);

const Column = z.string().min(1).max(200);

const MappingSchema = z.strictObject({
  ts: z.union([Column, z.array(Column).min(1).max(4)]),
  number: Column,
  name: Column,
  type: Column,
  direction: Column,
  status: Column,
  duration: Column,
  content: Column,
}).partial().openapi("CsvMapping");

export const OptionsSchema = z.strictObject({
  time_zone: TimeZone.optional().openapi({
    description: "Of times without an offset; default: the profile's",
  }),
  date_order: DateOrder.optional().openapi({
    description: "Of dates such as 02/03/2026, where the file does not tell",
  }),
  mapping: MappingSchema.optional().openapi({ description: "CSV columns by name, where the guess is wrong" }),
});

const Filename = z.string().min(1).max(255);

export const OpenSchema = OptionsSchema.extend({
  filename: Filename.optional(),
  bytes: z.number().int().min(1).max(MAX_IMPORT_BYTES).optional().openapi({
    description: "Size of the whole file",
  }),
  kind: ImportKind.optional().openapi({ description: "Told from the content when left out" }),
}).openapi("ImportOpening");

const MappingJson = z.string().max(5000).transform((text, context) => {
  try {
    return MappingSchema.parse(JSON.parse(text));
  } catch {
    context.addIssue({ code: "custom", message: "Expected a JSON object of columns by field" });
    return z.NEVER;
  }
}).openapi({ type: "string", description: "CSV: JSON object of columns by field" });

export const UploadQuery = z.strictObject({
  filename: Filename.optional(),
  kind: ImportKind.optional(),
  time_zone: TimeZone.optional(),
  date_order: DateOrder.optional(),
  mapping: MappingJson.optional(),
  preview: Flag.optional().openapi({
    type: "boolean",
    description: "Shows how the file would be read; writes nothing",
  }),
});

export const ListQuery = z.strictObject({ limit: Limit, cursor: Cursor });
export const ListMeta = z.object({ page: PageSchema });
export const NoQuery = z.strictObject({});
export const ImportParams = z.strictObject({ id: Uuid });
export const PartParams = z.strictObject({
  id: Uuid,
  n: z.string().regex(/^\d{1,7}$/, "Expected the part's number, from 0").transform(Number).openapi({
    type: "integer",
    minimum: 0,
  }),
});

const Count = z.number().int();
const Time = z.iso.datetime({ offset: true });

export const ImportSchema = z.object({
  id: z.uuid(),
  state: z.enum(["open", "running", "done", "failed", "needs_mapping"]),
  kind: ImportKind.nullable(),
  filename: z.string().nullable(),
  bytes: Count.nullable(),
  bytes_read: Count,
  declared: Count.nullable().openapi({ description: "How many records the file says it has" }),
  found: Count.openapi({ description: "inserted + merged + duplicate + refused" }),
  inserted: Count,
  merged: Count,
  duplicate: Count,
  refused: Count,
  errors: z.array(z.object({ position: z.string().nullable(), code: z.string(), detail: z.string() }))
    .openapi({
      description: "The first 100, with the line or byte in the file",
    }),
  options: z.record(z.string(), z.unknown()),
  next_part: Count.openapi({ description: "The part that is due" }),
  part_bytes: Count.openapi({ description: "The largest part that is taken" }),
  created_at: Time,
  updated_at: Time,
  finished_at: Time.nullable(),
}).openapi("Import");

export const PreviewSchema = z.looseObject({
  kind: ImportKind.nullable(),
}).openapi("ImportPreview", {
  description: "How the file would be read; for CSV the columns, the guessed mapping and first rows",
});
