import { z } from "@hono/zod-openapi";
import { OrganizationQuery } from "./schemas.ts";

export const SharingSchema = z.object({
  do_not_share: z.boolean().openapi({
    description: "Teammates see nothing of this log, and no figure of the organisation counts it",
  }),
}).openapi("Sharing");

export const SharingBody = z.strictObject({ do_not_share: z.boolean() });

export const DatasetQuery = z.strictObject({
  organization_id: OrganizationQuery.shape.organization_id,
  week: z.iso.date("Expected a date such as 2026-11-16").optional().openapi({
    description: "The Monday of a released week; default: the last one",
  }),
});

const Time = z.iso.datetime({ offset: true });

export const DatasetSchema = z.object({
  organization_id: z.uuid(),
  week: z.iso.date(),
  from: Time,
  to: Time,
  k: z.number().int().openapi({
    description: "Every figure is of at least so many members, and of so many people at the other end",
  }),
  released_at: Time,
  weeks: z.array(z.iso.date()).openapi({ description: "The released weeks, newest first" }),
  cells: z.array(z.object({
    day_part: z.enum(["all", "night", "morning", "afternoon", "evening"]).openapi({
      description: "From 00, 06, 12 and 18 o'clock, where the member lives",
    }),
    kind: z.enum(["all", "call_inbound", "call_outbound", "sms_inbound", "sms_outbound"]),
    is_suppressed: z.boolean(),
    events: z.number().int().nullable(),
    talk_minutes: z.number().int().nullable(),
  })),
  numbers: z.array(z.object({
    hash: z.string().openapi({ description: "Keyed; the key changes every month and is destroyed" }),
    events: z.enum(["5-9", "10-19", "20-49", "50-99", "100+"]),
  })).openapi({ description: "Numbers that k members or more had to do with" }),
}).openapi("Dataset");
