const ROOT = new URL("../../", import.meta.url);

/** What a migrated database depends on beside the migrations. */
const SOURCES = [
  "import_map.json",
  "dev/bootstrap.ts",
  "dev/database_pglite.ts",
  "dev/lite.ts",
  "dev/migrations.ts",
  "dev/prepare_database.ts",
  "dev/session.ts",
  "tests/helpers/embedded_copy.ts",
  "tests/helpers/server_copy.ts",
];

/** Names the state of the migration files and of the code that applies them: 16 hexadecimal digits. */
export async function templateHash(migrations_dir: string): Promise<string> {
  const names = [...Deno.readDirSync(migrations_dir)].map(({ name }) => name).sort();
  const paths = [
    ...SOURCES.map((path) => new URL(path, ROOT)),
    ...names.map((name) => `${migrations_dir}/${name}`),
  ];
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(path)));
  const hash = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(JSON.stringify([names, texts])),
  );
  return new Uint8Array(hash.slice(0, 8)).toHex();
}
