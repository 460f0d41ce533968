import { Hono } from "hono";

/** A function as `functions deploy --use-api` uploads it. */
export interface Upload {
  readonly slug: string;
  readonly metadata: {
    readonly name: string;
    readonly verify_jwt?: boolean;
    readonly entrypoint_path: string;
    readonly import_map_path: string;
    readonly static_patterns: readonly string[];
  };
  /** Text by path within the project. */
  readonly files: ReadonlyMap<string, string>;
  /** Bytes of the request: the files, their paths and the metadata. */
  readonly size: number;
}

/** A stand-in of Supabase's management API on loopback that keeps what it is sent. */
export interface ManagementApi extends AsyncDisposable {
  readonly url: string;
  readonly uploads: readonly Upload[];
  /** The functions that were put in force together, after all were uploaded. */
  readonly activated: readonly Record<string, unknown>[];
  readonly secrets: Readonly<Record<string, string>>;
  /** Requests that it does not know, or whose token is not the one given. */
  readonly refused: readonly string[];
}

async function readUpload(slug: string, request: Request): Promise<Upload> {
  const size = (await request.clone().arrayBuffer()).byteLength;
  const form = await request.formData();
  const parts = form.getAll("file").filter((part) => part instanceof File);
  const files = new Map(
    await Promise.all(parts.map(async (file) => [file.name, await file.text()] as const)),
  );
  if (files.size !== parts.length) throw new Error(`A file of ${slug} came twice`);
  return { slug, metadata: JSON.parse(String(form.get("metadata"))), files, size };
}

/**
 * Starts one for a test; dispose of it at the end (`await using`).
 *
 * @param ref The only project that it knows: 20 lower-case letters.
 * @param token The access token that requests must carry.
 */
export function startManagementApi(ref: string, token: string): ManagementApi {
  const uploads: Upload[] = [];
  const activated: Record<string, unknown>[] = [];
  const secrets: Record<string, string> = {};
  const refused: string[] = [];
  const app = new Hono().basePath(`/v1/projects/${ref}`);
  const refuse = (request: Request, status: number) => {
    refused.push(`${request.method} ${new URL(request.url).pathname} ${status}`);
    return Response.json({ message: "No" }, { status });
  };
  app.use(async (c, next) =>
    c.req.header("authorization") === `Bearer ${token}` ? await next() : refuse(c.req.raw, 401)
  );
  app.get("/", (c) => c.json({ id: ref, ref, name: "Stand-in", region: "local", status: "ACTIVE_HEALTHY" }));
  app.get("/functions", (c) => c.json([]));
  app.post("/functions/deploy", async (c) => {
    const upload = await readUpload(c.req.query("slug") ?? "", c.req.raw);
    uploads.push(upload);
    const { name, verify_jwt, entrypoint_path, import_map_path } = upload.metadata;
    const made = {
      id: crypto.randomUUID(),
      slug: upload.slug,
      version: 1,
      status: "ACTIVE",
      import_map: true,
    };
    return c.json({ ...made, name, verify_jwt, entrypoint_path, import_map_path }, 201);
  });
  app.put("/functions", async (c) => {
    activated.push(...await c.req.json());
    return c.json({ functions: activated });
  });
  app.post("/secrets", async (c) => {
    for (const { name, value } of await c.req.json()) secrets[name] = value;
    return c.body(null, 201);
  });
  app.notFound((c) => refuse(c.req.raw, 404));
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fetch);
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    uploads,
    activated,
    secrets,
    refused,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
