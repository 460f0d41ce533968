import { assert, assertEquals } from "@std/assert";
import { SCHEMA_VERSION } from "../../shared/version.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

async function filesUnder(path: string): Promise<Deno.DirEntry[] & { path?: string }[]> {
  const found: (Deno.DirEntry & { path: string })[] = [];
  for await (const entry of Deno.readDir(new URL(path, ROOT))) {
    if (entry.isDirectory) found.push(...(await filesUnder(`${path}${entry.name}/`)) as typeof found);
    else found.push({ ...entry, path: path + entry.name });
  }
  return found;
}

async function surfaces(): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(new URL("functions/", ROOT)));
  return entries.filter((entry) => entry.isDirectory).map((entry) => entry.name).sort();
}

/** The `[functions.*]` tables of config.toml. */
async function declaredFunctions(): Promise<Map<string, string>> {
  const tables = (await read("supabase/config.toml")).split(/^\[/m);
  return new Map(tables.flatMap((table) => {
    const name = /^functions\.([a-z_-]+)\]/.exec(table)?.[1];
    return name ? [[name, table]] : [];
  }));
}

const imports: Record<string, string> = JSON.parse(await read("import_map.json")).imports;

Deno.test("Every function folder is declared, and every declared function has a folder", async () => {
  assertEquals([...(await declaredFunctions()).keys()].sort(), await surfaces());
});

Deno.test("Every function has its entry, app and routes, and is declared as it must be", async () => {
  for (const [name, table] of await declaredFunctions()) {
    assert(table.includes("enabled = true"), `${name} is enabled`);
    assert(table.includes("verify_jwt = false"), `${name} verifies inside`);
    assert(table.includes(`entrypoint = "../functions/${name}/index.ts"`), `${name}'s entrypoint`);
    assert(table.includes('import_map = "../import_map.json"'), `${name}'s import map`);
    assert(!table.includes("static_files"), `${name} has no static files`);
    for (const file of ["index.ts", "app.ts", "routes.ts", "schemas.ts"]) {
      assert(
        (await Deno.stat(new URL(`functions/${name}/${file}`, ROOT))).isFile,
        `functions/${name}/${file}`,
      );
    }
  }
});

Deno.test("Nothing that breaks a deploy: no import map or symlink beside the functions, no test in shared", async () => {
  const files = [
    ...await filesUnder("functions/"),
    ...await filesUnder("shared/"),
  ] as (Deno.DirEntry & { path: string })[];
  assert(files.length > 30);
  assertEquals(files.filter((file) => file.isSymlink).map((file) => file.path), []);
  assertEquals(
    files.filter((file) => /(import_map|deno)\.jsonc?$/.test(file.name)).map((file) => file.path),
    [],
  );
  assertEquals(files.filter((file) => !file.name.endsWith(".ts")).map((file) => file.path), []);
  assertEquals(files.filter((file) => file.path.startsWith("shared/") && file.name.endsWith("_test.ts")), []);
});

Deno.test("Every dependency is pinned exactly, and each entry of the map is used", async () => {
  for (const [name, target] of Object.entries(imports)) {
    assert(/^npm:\/?(@[a-z-]+\/)?[a-z.-]+@\d+\.\d+\.\d+(\/|$)/.test(target), `${name} is pinned: ${target}`);
  }
  const code = (await Promise.all(
    ["functions/", "shared/", "dev/", "tests/", "bench/"].map(async (folder) =>
      await Promise.all(
        (await filesUnder(folder) as { path: string }[]).filter(({ path }) => path.endsWith(".ts"))
          .map(({ path }) => read(path)),
      )
    ),
  )).flat().join("\n");
  const unused = Object.keys(imports).filter((name) =>
    !code.includes(`"${name}${name.endsWith("/") ? "" : '"'}`)
  );
  assertEquals(unused, []);
});

Deno.test("Functions and shared import from the map, their own folder and shared only", async () => {
  const files = [...await filesUnder("functions/"), ...await filesUnder("shared/")] as { path: string }[];
  const offences: string[] = [];
  for (const { path } of files) {
    const surface = /^functions\/([^/]+)\//.exec(path)?.[1];
    for (const [, specifier = ""] of (await read(path)).matchAll(/(?:\bfrom |\bimport\()"([\w@.\/:-]+)"/g)) {
      const target = specifier.startsWith(".")
        ? new URL(specifier, new URL(path, ROOT)).href.slice(ROOT.href.length)
        : undefined;
      const allowed = target === undefined
        ? Object.keys(imports).some((name) =>
          name === specifier || (name.endsWith("/") && specifier.startsWith(name))
        )
        : target.startsWith("shared/") ||
          (surface !== undefined && target.startsWith(`functions/${surface}/`));
      if (!allowed && !path.endsWith("_test.ts")) offences.push(`${path}: ${specifier}`);
    }
  }
  assertEquals(offences, []);
});

Deno.test("The functions know the last migration (SCHEMA_VERSION)", async () => {
  const files = await Array.fromAsync(Deno.readDir(new URL("supabase/migrations/", ROOT)));
  assertEquals(SCHEMA_VERSION, files.map(({ name }) => name.split("_")[0]).sort().at(-1));
});
