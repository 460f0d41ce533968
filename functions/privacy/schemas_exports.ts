import { z } from "@hono/zod-openapi";
import { Cursor, Instant, Limit, Uuid } from "../../shared/http/query.ts";

export const ExportListQuery = z.strictObject({ limit: Limit, cursor: Cursor });
export const ExportParams = z.strictObject({ id: Uuid });
export const LinkParams = z.strictObject({ token: z.string().min(1).max(500) });

const Count = z.number().int();

export const ExportSchema = z.object({
  id: z.uuid(),
  state: z.enum(["queued", "running", "done", "failed", "expired"]),
  requested_at: Instant.openapi({ description: "What was created later is not in the archive" }),
  started_at: Instant.nullable(),
  finished_at: Instant.nullable(),
  expires_at: Instant.nullable().openapi({ description: "When the archive is deleted" }),
  rows_done: Count,
  rows_expected: Count.openapi({ description: "As counted when it was asked for" }),
  bytes: Count.nullable().openapi({ description: "Of the archive, when it is done" }),
  download: z.object({ url: z.url(), expires_at: Instant }).nullable().openapi({
    description: "A link that needs no token: whoever has it has the archive until then",
  }),
}).openapi("Export");

export const DeletedExport = z.object({ id: z.uuid(), deleted: z.literal(true) });
