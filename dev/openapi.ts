import { fileURLToPath } from "node:url";
import type { SurfaceApp } from "../shared/http/app.ts";
import { type Env, readEnv } from "../shared/env.ts";
import { API_VERSION } from "../shared/version.ts";

const FUNCTIONS = new URL("../functions/", import.meta.url);

/** Where the document is kept. */
export const OPENAPI_PATH = fileURLToPath(new URL("../docs/openapi.json", import.meta.url));

type Named = Record<string, unknown>;

function sorted(members: Named): Named {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => a < b ? -1 : 1));
}

function merge(into: Named, members: Named | undefined, what: string): void {
  for (const [name, member] of Object.entries(members ?? {})) {
    const known = into[name];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(member)) {
      throw new Error(`Cannot merge the surfaces: ${what} "${name}" is not the same everywhere`);
    }
    into[name] = member;
  }
}

async function surfaceApps(env: Env): Promise<SurfaceApp[]> {
  const names = (await Array.fromAsync(Deno.readDir(FUNCTIONS))).filter((entry) => entry.isDirectory).map((
    { name },
  ) => name);
  return await Promise.all(
    names.sort().map(async (name) => {
      const surface: { createApp(env: Env): SurfaceApp } = await import(
        new URL(`${name}/app.ts`, FUNCTIONS).href
      );
      return surface.createApp(env);
    }),
  );
}

/** The OpenAPI 3.1 document of all surfaces, as text. */
export async function openApiDocument(): Promise<string> {
  const env = readEnv({
    SUPABASE_URL: "http://127.0.0.1:54321",
    SUPABASE_PUBLISHABLE_KEY: "sb_publishable_local",
    SUPABASE_SECRET_KEY: "sb_secret_local",
  });
  const paths: Named = {};
  const components: Record<string, Named> = {};
  for (const app of await surfaceApps(env)) {
    const document = app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title: "", version: "" },
    });
    merge(paths, document.paths as Named, "path");
    for (const [kind, members] of Object.entries(document.components ?? {})) {
      components[kind] ??= {};
      merge(components[kind], members as Named, kind);
    }
  }
  return JSON.stringify(
    {
      openapi: "3.1.0",
      info: {
        title: "PhoneLog AI",
        version: API_VERSION,
        description: "Call and message history. Within one version (API-Version) the API only adds.",
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: "/functions/v1", description: "Supabase" }, {
        url: "/api",
        description: "The local stack",
      }],
      paths: sorted(paths),
      components: sorted(
        Object.fromEntries(Object.entries(components).map(([kind, members]) => [kind, sorted(members)])),
      ),
    },
    null,
    2,
  ) + "\n";
}

if (import.meta.main) await Deno.writeTextFile(OPENAPI_PATH, await openApiDocument());
