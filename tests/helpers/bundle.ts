import { brotliCompressSync, constants } from "node:zlib";
import { ROOT } from "./processes.ts";

/** What `deno info --json` says of a module, as far as it is used here. */
interface Graph {
  readonly modules: readonly { specifier: string; npmPackage?: string }[];
  readonly npmPackages: Readonly<Record<string, { localPath: string; dependencies: readonly string[] }>>;
}

/** Packages as the platform resolves them: without a lock file. */
async function readGraph(entrypoint: string): Promise<Graph> {
  const bare = ["--no-config", "--no-lock", "--node-modules-dir=none", "--import-map=import_map.json"];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ...bare, entrypoint],
    cwd: ROOT,
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Bytes of files after compression, as the CLI compresses a bundle. */
async function compressedSize(paths: readonly string[]): Promise<number> {
  const files = await Promise.all(paths.map((path) => Deno.readFile(path)));
  const bytes = new Uint8Array(await new Blob(files).arrayBuffer());
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }).length;
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const found = entries.map(({ name, isDirectory }) =>
    isDirectory ? filesOf(`${folder}/${name}`) : [`${folder}/${name}`]
  );
  return (await Promise.all(found)).flat().sort();
}

const sizes = new Map<string, Promise<number>>();

function packageSize(folder: string): Promise<number> {
  const size = sizes.get(folder) ?? filesOf(folder).then(compressedSize);
  sizes.set(folder, size);
  return size;
}

/** What a function consists of, by Deno's own reading of its imports. */
export interface Bundle {
  /** Paths within the project, sorted. */
  readonly files: readonly string[];
  /** Bytes of its npm packages, each whole as the platform bundles it, compressed one by one. */
  readonly packages_size: number;
  /** Bytes of the packages and of `files`, compressed. */
  readonly size: number;
}

/** Follows the imports of a function, those in `import()` too. */
export async function bundleOf(surface: string): Promise<Bundle> {
  const { modules, npmPackages } = await readGraph(`functions/${surface}/index.ts`);
  const folders = new Map<string, string>();
  const follow = (id: string) => {
    const found = npmPackages[id];
    if (found === undefined || folders.has(id)) return;
    folders.set(id, found.localPath);
    found.dependencies.forEach(follow);
  };
  modules.forEach(({ npmPackage }) => npmPackage !== undefined && follow(npmPackage));
  const root = new URL("../../", import.meta.url).href;
  const files = modules.filter(({ specifier }) => specifier.startsWith(root))
    .map(({ specifier }) => specifier.slice(root.length)).sort();
  const packed = await Promise.all([...folders.values()].map(packageSize));
  const packages_size = packed.reduce((sum, size) => sum + size, 0);
  const own_size = await compressedSize(files.map((path) => ROOT + path));
  return { files, packages_size, size: packages_size + own_size };
}
