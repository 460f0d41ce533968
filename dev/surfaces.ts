import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Env, readEnv } from "../shared/env.ts";
import { PUBLISHABLE_KEY, SECRET_KEY } from "./lite.ts";
import type { SigningKeys } from "./keys.ts";

/** An edge function of the project. */
export interface Surface {
  fetch(request: Request): Response | Promise<Response>;
}

/** What an `app.ts` exports. */
interface SurfaceModule {
  createApp(env: Env): Surface;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** The environment that the Supabase platform gives every function, for this stack, and the operator's secrets. */
export function platformVariables(
  url: string,
  keys: SigningKeys,
  secrets: Record<string, string> = {},
): Record<string, string> {
  return {
    ...secrets,
    SUPABASE_URL: url,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: PUBLISHABLE_KEY }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET_KEY }),
    SUPABASE_JWKS: JSON.stringify(keys.jwks),
    PHONELOG_SIGNING_KEY: JSON.stringify(keys.private_jwk),
  };
}

async function loadSurface(name: string, path: string, env: Env): Promise<[string, Surface]> {
  try {
    const module: SurfaceModule = await import(pathToFileURL(resolve(path)).href);
    return [name, module.createApp(env)];
  } catch (cause) {
    throw new Error(`Cannot load the function "${name}": ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

/**
 * Loads `<directory>/<surface>/app.ts` of every surface, or of those named. The environment goes through the parser
 * that the functions use in production.
 *
 * @throws Error that names the surface which cannot be loaded.
 */
export async function loadSurfaces(
  directory: string,
  variables: Record<string, string>,
  only?: readonly string[],
): Promise<Map<string, Surface>> {
  if (!await exists(directory)) return new Map();
  const env = readEnv(variables);
  const found: { name: string; path: string }[] = [];
  for (const { name, isDirectory } of await Array.fromAsync(Deno.readDir(directory))) {
    const path = `${directory}/${name}/app.ts`;
    if (isDirectory && only?.includes(name) !== false && await exists(path)) found.push({ name, path });
  }
  found.sort((a, b) => a.name < b.name ? -1 : 1);
  return new Map(await Promise.all(found.map(({ name, path }) => loadSurface(name, path, env))));
}
