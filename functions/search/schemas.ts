import { z } from "@hono/zod-openapi";
import {
  Direction,
  EVENT_FILTERS,
  EventType,
  Owner,
  SourceKind,
  Status,
} from "../../shared/http/event_query.ts";
import { PageSchema } from "../../shared/http/page.ts";
import { Cursor, Instant, Limit } from "../../shared/http/query.ts";

const SearchText = z.string().trim().min(1).max(200);
export const EventQuery = z.strictObject({
  q: SearchText.openapi({
    description:
      'Any part of a number, a name (typos allowed), or words of the text: "a phrase", -without, or. The last word may be a beginning.',
  }),
  ...EVENT_FILTERS,
  updated_since: Instant.optional().openapi({ description: "Changed at or after" }),
  order: z.enum(["relevance", "desc", "asc"]).default("relevance").openapi({
    description: "Best first, of the newest 200 hits of each kind; or all of them by time",
  }),
  user_id: Owner,
  limit: Limit,
  cursor: Cursor,
});

export const ContactQuery = z.strictObject({
  q: SearchText.openapi({
    description: "A name, other name or company (typos allowed), or part of a number",
  }),
  user_id: Owner,
  limit: Limit,
  cursor: Cursor,
});

const Time = z.iso.datetime({ offset: true });

const RangeSchema = z.object({ start: z.number().int(), end: z.number().int() }).openapi("HighlightRange", {
  description:
    "UTF-16 code units of the field as it is given, end exclusive. The field is plain text: escape each part when it becomes HTML.",
});
const Ranges = z.array(RangeSchema);

export const EventHitSchema = z.object({
  id: z.uuid(),
  user_id: z.uuid(),
  line_id: z.uuid().nullable(),
  ts: Time,
  number: z.string().nullable(),
  direction: Direction,
  type: EventType,
  status: Status.nullable(),
  duration: z.number().int().nullable(),
  content: z.string().nullable(),
  contact_id: z.uuid().nullable(),
  contact_name: z.string().nullable(),
  source: SourceKind,
  source_id: z.string().nullable(),
  sources: z.array(z.string()).nullable(),
  metadata: z.record(z.string(), z.unknown()).nullable(),
  masked: z.array(z.enum(["number", "content"])),
  created_at: Time,
  updated_at: Time,
  score: z.number().openapi({ description: "Sum of 1 / (60 + rank) over the ways it was found" }),
  matched_by: z.array(z.enum(["text", "name", "number"])),
  highlights: z.object({ content: Ranges, contact_name: Ranges, number: Ranges }),
}).openapi("EventHit");

export const ContactHitSchema = z.object({
  id: z.uuid(),
  user_id: z.uuid(),
  name: z.string().nullable(),
  also_known_as: z.array(z.string()),
  company: z.string().nullable(),
  tags: z.array(z.string()),
  notes: z.string().nullable(),
  numbers: z.array(z.string()).openapi({ description: "Empty where the owner's rule masks them" }),
  interaction_count: z.number().int(),
  first_interaction_at: Time.nullable(),
  last_interaction_at: Time.nullable(),
  created_at: Time,
  updated_at: Time,
  score: z.number(),
  matched_by: z.array(z.enum(["name", "number"])),
  highlights: z.object({ name: Ranges, numbers: z.array(Ranges) }),
}).openapi("ContactHit");

export const ListMeta = z.object({ page: PageSchema });
