import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import {
  keySecurity,
  maxBody,
  responses,
  type SurfaceApp,
  validationProblem,
} from "../../shared/http/app.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { idempotent } from "../../shared/http/idempotency.ts";
import { Problem } from "../../shared/http/problem.ts";
import {
  completeImport,
  getImport,
  importFile,
  listImports,
  mapImport,
  openImport,
  preview,
  putPart,
} from "./imports.ts";
import {
  ImportParams,
  ImportSchema,
  ListMeta,
  ListQuery,
  MAX_FILE_BYTES,
  MAX_PART_BYTES,
  NoQuery,
  OpenSchema,
  OptionsSchema,
  PartParams,
  PreviewSchema,
  UploadQuery,
} from "./schemas.ts";

const Binary = z.string().openapi({ type: "string", format: "binary" });

const list = createRoute({
  method: "get",
  path: "/",
  summary: "One's imports, newest first",
  security: keySecurity("imports:write"),
  request: { query: ListQuery },
  responses: responses("A page of imports", z.array(ImportSchema), ListMeta),
});

const upload = createRoute({
  method: "post",
  path: "/",
  summary: "Import a file, or open an import that comes in parts",
  description:
    "A body of any type but application/json is the file itself, up to 8 MiB and 150,000 lines; what it is is told from its content. A JSON body opens a resumable import. With preview=true nothing is written (200). A file that cannot be read is a 422 with the import as it stands: import_failed, or import_needs_mapping for a CSV whose columns are not understood.",
  security: keySecurity("imports:write"),
  "x-cost": 10,
  middleware: [maxBody(MAX_FILE_BYTES), idempotent()] as const,
  request: {
    query: UploadQuery,
    body: {
      required: true,
      content: {
        // Named, not given: a schema here would make every other content type a 415.
        "application/json": { schema: { $ref: "#/components/schemas/ImportOpening" } },
        "*/*": { schema: { type: "string", format: "binary" } },
      },
    },
  },
  responses: {
    ...responses("The import", ImportSchema, undefined, 201),
    200: {
      description: "The preview",
      content: { "application/json": { schema: z.object({ data: PreviewSchema, meta: z.object({}) }) } },
    },
  },
});

const one = createRoute({
  method: "get",
  path: "/{id}",
  summary: "Progress of an import",
  security: keySecurity("imports:write"),
  request: { params: ImportParams, query: NoQuery },
  responses: responses("The import", ImportSchema),
});

const map = createRoute({
  method: "patch",
  path: "/{id}",
  summary: "Give an import that needs a mapping its columns",
  description: "Its parts are then sent again from 0.",
  security: keySecurity("imports:write"),
  middleware: [maxBody(64_000), idempotent()] as const,
  request: {
    params: ImportParams,
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: OptionsSchema } } },
  },
  responses: responses("The import, open again", ImportSchema),
});

const put = createRoute({
  method: "put",
  path: "/{id}/parts/{n}",
  summary: "Send the next part of a file",
  description:
    "Parts come in order, from 0. One that was taken in already is answered with the import as it stands.",
  security: keySecurity("imports:write"),
  "x-cost": 5,
  middleware: [maxBody(MAX_PART_BYTES)] as const,
  request: {
    params: PartParams,
    query: NoQuery,
    body: { required: true, content: { "*/*": { schema: Binary } } },
  },
  responses: responses("The import after the part", ImportSchema),
});

const complete = createRoute({
  method: "post",
  path: "/{id}/complete",
  summary: "All parts were sent",
  security: keySecurity("imports:write"),
  request: { params: ImportParams, query: NoQuery },
  responses: responses("The finished import", ImportSchema),
});

function isJson(content_type: string | undefined): boolean {
  return /^application\/json\b/i.test(content_type ?? "");
}

async function bodyBytes(request: { arrayBuffer(): Promise<ArrayBuffer> }): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await request.arrayBuffer());
}

export function mountImportRoutes(app: SurfaceApp, codec: CursorCodec): void {
  app.openAPIRegistry.register("ImportOpening", OpenSchema);

  app.openapi(list, async (c) => {
    const { imports, page } = await listImports(c.var.caller, codec, c.req.valid("query"));
    return answer(c, imports, { meta: { page } });
  });

  app.openapi(upload, async (c) => {
    const query = c.req.valid("query");
    if (isJson(c.req.header("content-type"))) {
      const opening = OpenSchema.safeParse(await c.req.json());
      if (!opening.success) throw validationProblem(opening.error);
      const opened = await openImport(c.var.caller, opening.data);
      c.header("Location", `${c.req.path}/${opened.id}`);
      return answer(c, opened, { status: 201 });
    }
    if (/^multipart\//i.test(c.req.header("content-type") ?? "")) {
      throw new Problem("media_type_unsupported", "Send the file itself as the body, not a form");
    }
    const bytes = await bodyBytes(c.req);
    if (query.preview) return answer(c, await preview(c.var.caller, query, bytes));
    const imported = await importFile(c.var.caller, query, bytes);
    c.header("Location", `${c.req.path}/${imported.id}`);
    return answer(c, imported, { status: 201 });
  });

  app.openapi(one, async (c) => answer(c, await getImport(c.var.caller, c.req.valid("param").id)));

  app.openapi(
    map,
    async (c) => answer(c, await mapImport(c.var.caller, c.req.valid("param").id, c.req.valid("json"))),
  );

  app.openapi(put, async (c) => {
    const { id, n } = c.req.valid("param");
    const bytes = await bodyBytes(c.req);
    if (bytes.length === 0) throw new Problem("validation_failed", "A part has at least one byte");
    return answer(c, await putPart(c.var.caller, id, n, bytes));
  });

  app.openapi(complete, async (c) => answer(c, await completeImport(c.var.caller, c.req.valid("param").id)));
}
