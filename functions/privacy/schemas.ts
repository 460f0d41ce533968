import { z } from "@hono/zod-openapi";
import { PageSchema } from "../../shared/http/page.ts";
import { Uuid } from "../../shared/http/query.ts";

export const NoQuery = z.strictObject({});
export const ListMeta = z.object({ page: PageSchema });

export const OrganizationQuery = z.strictObject({
  organization_id: Uuid.optional().openapi({ description: "Default: the only one the caller is in" }),
});
