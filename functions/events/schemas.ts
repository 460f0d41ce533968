import { z } from "@hono/zod-openapi";
import { isTooDeep } from "../../shared/clean_text.ts";
import {
  Direction,
  EVENT_FILTERS,
  EventType,
  Owner,
  SourceKind,
  Status,
} from "../../shared/http/event_query.ts";
import { PageSchema } from "../../shared/http/page.ts";
import { Cursor, Instant, Limit, Uuid } from "../../shared/http/query.ts";

export const ListQuery = z.strictObject({
  ...EVENT_FILTERS,
  updated_since: Instant.optional().openapi({
    description:
      "Changed at or after: with deletions in meta.deleted, and meta.sync_until for the next round",
  }),
  order: z.enum(["asc", "desc", "changes"]).optional().openapi({
    description:
      "By time; default: desc, or with updated_since: changes, in the order in which they were made",
  }),
  user_id: Owner,
  limit: Limit,
  cursor: Cursor,
});

const Time = z.iso.datetime({ offset: true });

export const EventSchema = z.object({
  id: z.uuid(),
  user_id: z.uuid(),
  line_id: z.uuid().nullable(),
  ts: Time,
  number: z.string().nullable().openapi({
    description: "E.164, short code or named sender; null when withheld or masked",
  }),
  direction: Direction,
  type: EventType,
  status: Status.nullable(),
  duration: z.number().int().nullable().openapi({ description: "Seconds, of calls" }),
  content: z.string().nullable(),
  contact_id: z.uuid().nullable(),
  contact_name: z.string().nullable(),
  source: SourceKind,
  source_id: z.string().nullable(),
  sources: z.array(z.string()).nullable().openapi({
    description: "Everything that reported it; one's own events only",
  }),
  metadata: z.record(z.string(), z.unknown()).nullable(),
  masked: z.array(z.enum(["number", "content"])).openapi({
    description: "What the owner's privacy rule hides",
  }),
  created_at: Time,
  updated_at: Time,
}).openapi("Event");

export const ListMeta = z.object({
  page: PageSchema,
  deleted: z.array(z.object({ id: z.uuid(), deleted_at: Time })).optional().openapi({
    description:
      "With order changes: events of one's own deleted since; they count towards the limit. Apply them last.",
  }),
  sync_until: Time.optional().openapi({
    description:
      "With order changes: updated_since of the next round, after the last page of this one. What was changed at that minute comes again.",
  }),
});
export const EventParams = z.strictObject({ id: Uuid });
export const NoQuery = z.strictObject({});

/** A field that the database judges row by row, so that good rows are kept when others are bad. */
function judged(description: string, openapi: Record<string, unknown>) {
  return z.unknown().optional().openapi({ description, ...openapi });
}

const EventInputSchema = z.looseObject({
  ts: judged("ISO 8601 with an offset", { type: "string", format: "date-time" }),
  number: judged("In any usual writing; null when withheld", { type: ["string", "null"], maxLength: 64 }),
  type: judged("call or sms", { type: "string", enum: EventType.options }),
  direction: judged("inbound or outbound", { type: "string", enum: Direction.options }),
  status: judged("Left out: not known, or as the direction says", {
    type: ["string", "null"],
    enum: [...Status.options, null],
  }),
  duration: judged("Seconds, of calls", { type: ["number", "null"], minimum: 0, maximum: 604_800 }),
  content: judged("Text of a message", { type: ["string", "null"], maxLength: 100_000 }),
  line_id: judged("One of the caller's lines", { type: ["string", "null"], format: "uuid" }),
  source: judged("Default: that of the batch", {
    type: ["string", "null"],
    enum: [...SourceKind.options, null],
  }),
  source_id: judged("The event's own id in its source", { type: ["string", "null"], maxLength: 200 }),
  contact_name: judged("Name that the source has for the number", { type: ["string", "null"] }),
  metadata: judged("At most 20 kB", { type: ["object", "null"] }),
}).refine((event) => !isTooDeep(event), "Nested too deeply").openapi("EventInput");

export const CreateSchema = z.strictObject({
  events: z.array(EventInputSchema).min(1).max(1000),
  source: SourceKind.default("api").openapi({ description: "Of events that name none" }),
  source_name: z.string().max(100).default("").openapi({
    description: "Tells two sources of one kind apart",
  }),
  coverage: z.strictObject({ from: Instant, to: Instant, types: z.array(EventType).min(1).optional() })
    .optional()
    .openapi({ description: "The source delivered everything in [from, to)" }),
}).openapi("EventBatch");

export const CreatedSchema = z.object({
  counts: z.object({
    inserted: z.number().int(),
    merged: z.number().int(),
    duplicate: z.number().int(),
    refused: z.number().int(),
  }),
  results: z.array(z.object({
    index: z.number().int(),
    outcome: z.enum(["inserted", "merged", "duplicate", "refused"]),
    id: z.uuid().optional(),
    code: z.string().optional(),
    path: z.string().optional(),
    detail: z.string().optional(),
  })),
}).openapi("EventBatchResult");

export const DeletedSchema = z.object({ id: z.uuid(), deleted: z.literal(true) }).openapi("EventDeleted");
