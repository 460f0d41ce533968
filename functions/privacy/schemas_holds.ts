import { z } from "@hono/zod-openapi";
import { Uuid } from "../../shared/http/query.ts";

export const HoldSchema = z.object({
  organization_id: z.uuid(),
  user_id: z.uuid(),
  reason: z.string(),
  set_by: z.uuid().nullable(),
  created_at: z.iso.datetime({ offset: true }),
}).openapi("LegalHold");

export const HoldPath = z.object({ user_id: Uuid.openapi({ param: { name: "user_id", in: "path" } }) });
export const HoldBody = z.strictObject({ reason: z.string().trim().min(1).max(500) });
