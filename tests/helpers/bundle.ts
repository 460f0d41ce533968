import { ROOT } from "./processes.ts";

interface Graph {
  readonly modules: readonly { specifier: string; kind?: string; npmPackage?: string }[];
  readonly npmPackages: Readonly<
    Record<string, { name: string; version: string; dependencies: readonly string[] }>
  >;
}

async function info(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ...args],
    cwd: ROOT,
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

const sizes = new Map<string, Promise<number>>();

/** Bytes of a package's files after compression. */
function compressedSize(folder: string): Promise<number> {
  const size = sizes.get(folder) ?? new Deno.Command("tar", { args: ["-cz", "-C", folder, "."] }).output()
    .then(({ stdout }) => stdout.length);
  sizes.set(folder, size);
  return size;
}

/** What a function consists of, by Deno's own reading of its imports. */
export interface Bundle {
  /** Paths within the project, sorted. */
  readonly files: readonly string[];
  /** Bytes of the npm packages, each whole as the platform's bundler takes it, compressed one by one. */
  readonly packages_size: number;
}

/** Follows the imports of a function, those in `import()` too; packages as the platform resolves them, without a lock. */
export async function bundleOf(surface: string): Promise<Bundle> {
  const graph: Graph = await info(
    ...["--no-config", "--no-lock", "--node-modules-dir=none", "--import-map=import_map.json"],
    `functions/${surface}/index.ts`,
  );
  const { npmCache } = await info();
  const packages = new Set<string>();
  const follow = (id: string) => {
    if (packages.has(id)) return;
    packages.add(id);
    graph.npmPackages[id]?.dependencies.forEach(follow);
  };
  graph.modules.forEach(({ npmPackage }) => npmPackage && follow(npmPackage));
  const root = new URL("../../", import.meta.url).href;
  const files = graph.modules.filter(({ specifier }) => specifier.startsWith(root));
  let packages_size = 0;
  for (const id of packages) {
    const { name, version } = graph.npmPackages[id] ?? {};
    packages_size += await compressedSize(`${npmCache}/registry.npmjs.org/${name}/${version}`);
  }
  return { files: files.map(({ specifier }) => specifier.slice(root.length)).sort(), packages_size };
}
