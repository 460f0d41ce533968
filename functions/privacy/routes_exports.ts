import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { maxBody, responses, type SurfaceApp, USER_SECURITY } from "../../shared/http/app.ts";
import { idempotent } from "../../shared/http/idempotency.ts";
import { ProblemSchema } from "../../shared/http/problem.ts";
import { type Opened, sendArchive } from "./export_download.ts";
import { readDownloadLink } from "./export_link.ts";
import { type Exporting, getExport, listExports, requestExport } from "./exports.ts";
import { ListMeta, NoQuery } from "./schemas.ts";
import { DeletedExport, ExportListQuery, ExportParams, ExportSchema, LinkParams } from "./schemas_exports.ts";

const Archive = {
  description: "The archive; with a Range header the bytes asked for (206)",
  content: { "application/zip": { schema: z.string().openapi({ type: "string", format: "binary" }) } },
};
const archive_responses = {
  200: Archive,
  206: Archive,
  default: { description: "A problem", content: { "application/problem+json": { schema: ProblemSchema } } },
};

const request = createRoute({
  method: "post",
  path: "/exports",
  summary: "Ask for an archive of everything that is held about oneself",
  description:
    "A ZIP of JSON and CSV for every table, with a manifest. It is made behind the answer: look at the export until it is done. One at a time, five in 24 hours; the archive is kept for 72 hours. POST /imports takes it back in.",
  security: USER_SECURITY,
  "x-cost": 20,
  middleware: [maxBody(1000), idempotent()] as const,
  request: { query: NoQuery },
  responses: responses("The export, which is being made", ExportSchema, undefined, 202),
});

const list = createRoute({
  method: "get",
  path: "/exports",
  summary: "One's exports, newest first",
  security: USER_SECURITY,
  request: { query: ExportListQuery },
  responses: responses("A page of exports", z.array(ExportSchema), ListMeta),
});

const one = createRoute({
  method: "get",
  path: "/exports/{id}",
  summary: "Progress of an export, and the link to it when it is done",
  security: USER_SECURITY,
  request: { params: ExportParams, query: NoQuery },
  responses: responses("The export", ExportSchema),
});

const download = createRoute({
  method: "get",
  path: "/exports/{id}/download",
  summary: "The archive",
  security: USER_SECURITY,
  "x-cost": 5,
  request: { params: ExportParams, query: NoQuery },
  responses: archive_responses,
});

const remove = createRoute({
  method: "delete",
  path: "/exports/{id}",
  summary: "Delete an archive, or stop its making",
  security: USER_SECURITY,
  middleware: [idempotent()] as const,
  request: { params: ExportParams, query: NoQuery },
  responses: responses("It is gone, and links to it", DeletedExport),
});

const link = createRoute({
  method: "get",
  path: "/downloads/{token}",
  summary: "The archive, by its link",
  description: "No token: the link is signed, leads to one archive, and holds for one to two hours.",
  request: { params: LinkParams, query: NoQuery },
  responses: archive_responses,
});

/** The one route of exports that takes no token. */
export function mountExportLink(app: SurfaceApp, exporting: Exporting): void {
  app.openapi(link, async (c) => {
    const id = await readDownloadLink(exporting, c.req.valid("param").token);
    const opened = await exporting.admin.rpc<Opened>("open_export_download", { export_id: id }, {
      "x-request-id": c.var.requestId,
    });
    return sendArchive(exporting.admin, id, opened, c.req.header("range")) as never;
  });
}

export function mountExportRoutes(app: SurfaceApp, exporting: Exporting): void {
  app.openapi(request, async (c) => {
    const requested = await requestExport(c.var.caller, exporting);
    c.header("Location", `${c.req.path}/${requested.id}`);
    return answer(c, requested, { status: 202 });
  });

  app.openapi(list, async (c) => {
    const { exports, page } = await listExports(c.var.caller, exporting, c.req.valid("query"));
    return answer(c, exports, { meta: { page } });
  });

  app.openapi(one, async (c) => answer(c, await getExport(c.var.caller, exporting, c.req.valid("param").id)));

  app.openapi(download, async (c) => {
    const { id } = c.req.valid("param");
    const opened = await c.var.caller.rpc<Opened>("open_export_download", { export_id: id });
    return sendArchive(exporting.admin, id, opened, c.req.header("range")) as never;
  });

  app.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    await c.var.caller.rpc("delete_export", { export_id: id });
    return answer(c, { id, deleted: true });
  });
}
