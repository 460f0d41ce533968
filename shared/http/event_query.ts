import { z } from "@hono/zod-openapi";
import { Instant, Uuid, wholeNumber } from "./query.ts";

export const EventType = z.enum(["call", "sms"]);
export const Direction = z.enum(["inbound", "outbound"]);
export const Status = z.enum([
  "answered",
  "missed",
  "declined",
  "voicemail",
  "blocked",
  "sent",
  "received",
  "failed",
]);
export const SourceKind = z.enum(["carrier", "device", "backup", "manual", "api"]);

const Seconds = wholeNumber(0, 604_800);

/** What lists of events filter by; `from` inclusive, `to` exclusive, durations in seconds. */
export const EVENT_FILTERS = {
  from: Instant.optional().openapi({ description: "Inclusive" }),
  to: Instant.optional().openapi({ description: "Exclusive" }),
  contact_id: Uuid.optional(),
  number: z.string().min(1).max(64).optional().openapi({
    description: "E.164, or national in the profile's region",
  }),
  type: EventType.optional(),
  direction: Direction.optional(),
  status: Status.optional(),
  source: SourceKind.optional(),
  line_id: Uuid.optional(),
  min_duration: Seconds.optional(),
  max_duration: Seconds.optional(),
};

/** Whose data: a teammate's, or one's own. */
export const Owner = Uuid.optional().openapi({
  description: "A teammate, as the privacy rules allow; default: oneself",
});
