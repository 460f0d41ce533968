import { z } from "@hono/zod-openapi";
import { PageSchema } from "../../shared/page.ts";

export const NoQuery = z.strictObject({});
export const ListMeta = z.object({ page: PageSchema });
