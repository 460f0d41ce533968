import { assert, assertEquals, assertMatch } from "@std/assert";
import { dirname } from "node:path";
import { platformVariables } from "../../dev/surfaces.ts";
import { ApiUser, disposableStack } from "../helpers/api.ts";
import { bundleOf } from "../helpers/bundle.ts";
import { type ManagementApi, startManagementApi } from "../helpers/management_api.ts";
import { ROOT, startUploaded } from "../helpers/processes.ts";
import { type CliResult, hasSupabaseCli, supabaseCli } from "../helpers/supabase_cli.ts";

const REF = "abcdefghijklmnopqrst";
const TOKEN = `sbp_${"0123456789abcdef".repeat(3).slice(0, 40)}`;

/** Of the source that `--use-api` sends for a function: the platform takes 5 MB. */
const MAX_UPLOAD = 1_000_000;

/** Of a function with its packages, compressed, as the CLI bundles it with Docker: the platform takes 20 MB. */
const MAX_BUNDLE = 10_000_000;

/** What keys, tokens and passwords look like. */
const SECRET = /sb_secret_\w{8}|plk_\w{20}|PRIVATE KEY|eyJ[\w-]{20}|:\/\/\w+:\w+@/;

const CONFIG = await Deno.readTextFile(`${ROOT}supabase/config.toml`);
const SURFACES = [...CONFIG.matchAll(/^\[functions\.([a-z_-]+)\]/gm)].map(([, name = ""]) => name).sort();

/** A first request that each function answers with data. */
const FIRST_ROUTE: Record<string, string> = {
  admin: "/admin/live",
  analytics: "/analytics/trends",
  contacts: "/contacts",
  dashboard: "/dashboard/metrics",
  events: "/events",
  imports: "/imports",
  keys: "/keys",
  jobs: "/jobs",
  nlq: "/nlq/suggestions",
  privacy: "/privacy/rules",
  search: "/search/contacts?q=a",
  sync: "/sync/health",
};

const has_cli = await hasSupabaseCli();

function cliTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: has_cli ? name : `${name} (SKIPPED: no Supabase CLI by npx)`, ignore: !has_cli, fn });
}

function cli(api: ManagementApi, workdir: string, ...args: string[]): Promise<CliResult> {
  return supabaseCli({ url: api.url, ref: REF, token: TOKEN }, workdir, ...args);
}

async function deploy(api: ManagementApi, workdir: string): Promise<CliResult> {
  return await cli(api, workdir, "functions", "deploy", "--use-api");
}

let deployment: Promise<ManagementApi & CliResult> | undefined;

/** The project, deployed once for all tests. */
function deployed(): Promise<ManagementApi & CliResult> {
  return deployment ??= (async () => {
    await using api = startManagementApi(REF, TOKEN);
    return { ...api, ...await deploy(api, ROOT) };
  })();
}

cliTest("functions deploy uploads each function with all that it imports, and nothing else", async () => {
  const { code, printed, refused, uploads, activated } = await deployed();
  assertEquals([code, refused], [0, []], printed);
  assert(!printed.includes("WARN"), printed);
  assertEquals(uploads.map(({ slug }) => slug).sort(), SURFACES);
  assertEquals(
    activated.map(({ slug, verify_jwt }) => ({ slug, verify_jwt })),
    SURFACES.map((slug) => ({ slug, verify_jwt: false })),
  );
  for (const { slug, metadata, files, size } of uploads) {
    assertEquals(metadata, {
      name: slug,
      verify_jwt: false,
      entrypoint_path: `functions/${slug}/index.ts`,
      import_map_path: "import_map.json",
      static_patterns: [],
    });
    const bundle = await bundleOf(slug);
    assertEquals([...files.keys()].sort(), [...bundle.files, "import_map.json"].sort());
    for (const [path, text] of files) {
      assertEquals(text, await Deno.readTextFile(ROOT + path));
      assert(!SECRET.test(text), `${path} holds a secret`);
    }
    assert(size > [...files.values()].join("").length, `${slug} is measured whole`);
    assert(size < MAX_UPLOAD, `${slug}: ${size} bytes are uploaded`);
    assert(bundle.packages_size > 1_000_000, `${slug} has its packages`);
    assert(bundle.size < MAX_BUNDLE, `${slug}: ${bundle.size} bytes when bundled`);
  }
});

cliTest(
  "Each function starts from what was uploaded, with network and environment only, and answers",
  async () => {
    const { uploads } = await deployed();
    await using stack = await disposableStack();
    const ann = await ApiUser.signUp(stack, "ann");
    assertEquals(uploads.map(({ slug }) => slug).sort(), Object.keys(FIRST_ROUTE).sort());
    for (const { slug, files } of uploads) {
      const folder = await Deno.makeTempDir();
      for (const [path, text] of files) {
        await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
        await Deno.writeTextFile(`${folder}/${path}`, text);
      }
      const fn = await startUploaded(slug, platformVariables(stack.url, stack.keys), folder);
      try {
        const nobody = await fetch(`${fn.url}/${slug}/nothing`);
        assertEquals([slug, nobody.status], [slug, 401]);
        assertMatch(nobody.headers.get("content-type") ?? "", /^application\/problem\+json/);
        assertEquals((await nobody.json()).code, "not_authenticated");
        const response = await fetch(fn.url + FIRST_ROUTE[slug], {
          headers: slug === "jobs" ? { apikey: stack.secret_key } : { authorization: `Bearer ${ann.token}` },
        });
        assertEquals([slug, response.status], [slug, 200]);
        assert((await response.json()).data);
      } finally {
        await fn.end("SIGTERM");
        await Deno.remove(folder, { recursive: true });
      }
    }
  },
);

/** The variables that the README tells the operator to set: of each row the first name. */
async function operatorsVariables(): Promise<string[]> {
  const rows = (await Deno.readTextFile(`${ROOT}README.md`)).matchAll(
    /^\| (`[A-Z_]+`[^|]*) \| you[,a-zA-Z ]* \|/gm,
  );
  return [...rows].flatMap(([, names = ""]) =>
    names.replace(/\(.*\)/, "").split(",").map((name) => name.trim().replaceAll("`", ""))
  );
}

cliTest("secrets set takes every variable that the operator may set, as it is, and prints none", async () => {
  await using api = startManagementApi(REF, TOKEN);
  const names = await operatorsVariables();
  assert(names.includes("PHONELOG_SIGNING_KEY") && names.includes("OPENAI_BASE_URL"));
  const given = Object.fromEntries(names.map((name) => [name, `{"d": "of = ${name}"}`]));
  const pairs = Object.entries(given).map(([name, value]) => `${name}=${value}`);
  const { code, printed } = await cli(api, ROOT, "secrets", "set", ...pairs);
  assertEquals([code, api.refused], [0, []], printed);
  assert(!printed.includes("of ="), printed);
  assertEquals(api.secrets, given);
});

cliTest("What is wrong in config.toml stops the CLI, or makes it warn", async () => {
  await using api = startManagementApi(REF, TOKEN);
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/supabase`);
    for (
      const [right, wrong, said] of [
        ["max_rows = 1000", "max_rowz = 1000", /WARN: .*does not recognize.*api\.max_rowz/],
        ["max_rows = 1000", 'max_rows = "many"', /Invalid api\.max_rows/],
        ["[functions.sync]", "[functions.sync", /failed to parse/],
      ] as const
    ) {
      const config = CONFIG.replace(right, wrong);
      assert(config !== CONFIG, right);
      await Deno.writeTextFile(`${folder}/supabase/config.toml`, config);
      const { code, printed } = await deploy(api, folder);
      assert(code !== 0, wrong);
      assertMatch(printed, said);
    }
    assertEquals(api.activated, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
