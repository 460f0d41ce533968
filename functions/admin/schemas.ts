import { z } from "@hono/zod-openapi";

export const LiveSchema = z.object({ status: z.literal("live") }).openapi("Live");
