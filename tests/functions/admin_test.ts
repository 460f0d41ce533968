import { assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

async function* codeUnder(path: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(path, ROOT))) {
    if (entry.isDirectory) yield* codeUnder(`${path}${entry.name}/`);
    else if (entry.name.endsWith(".ts") && !entry.name.endsWith("_test.ts")) yield path + entry.name;
  }
}

async function filesWith(pattern: RegExp): Promise<string[]> {
  const found: string[] = [];
  for (const folder of ["functions/", "shared/"]) {
    for await (const path of codeUnder(folder)) {
      if (pattern.test(await Deno.readTextFile(new URL(path, ROOT)))) found.push(path);
    }
  }
  return found.sort();
}

/** Where the database is asked as the project itself. Each entry is a decision: what a caller may not do is done here. */
const USES: Record<string, string[]> = {
  "functions/admin/app.ts": [],
  "functions/admin/health.ts": ["get_system_health"],
  "functions/admin/routes_monitoring.ts": ["get_system_metrics"],
  "functions/jobs/app.ts": [],
  "functions/jobs/embeddings.ts": ["claim_embeddings", "store_embeddings"],
  "functions/jobs/routes.ts": ["get_jobs"],
  "functions/jobs/run_job.ts": ["start_job_run", "advance_job_run", "finish_job_run"],
  "functions/jobs/webhooks.ts": ["claim_webhook_messages", "settle_webhook_messages"],
  "shared/access/auth.ts": [],
  "functions/privacy/app.ts": [],
  "functions/privacy/export_download.ts": ["read_export"],
  "functions/privacy/routes_exports.ts": ["open_export_download"],
  "shared/export/advance.ts": [
    "claim_export",
    "export_user_data_page",
    "add_export_part",
    "release_export",
    "export_contents",
    "finish_export",
  ],
  "shared/limits/rate_limit.ts": ["admit_request"],
  "shared/access/refusal_log.ts": ["record_auth_failure"],
};

Deno.test("The secret key is used in one place, by those who are listed, for what is listed", async () => {
  assertEquals(await filesWith(/secret_keys/), [
    "shared/access/admin.ts",
    "shared/access/secret_key.ts",
    "shared/env.ts",
  ]);
  assertEquals(await filesWith(/createAdminClient/), ["shared/access/admin.ts"]);
  assertEquals(
    await filesWith(/\bcreateAdmin\(|\badmin\.rpc\b/),
    ["shared/access/admin.ts", ...Object.keys(USES)].sort(),
  );
  for (const [path, names] of Object.entries(USES)) {
    const code = await Deno.readTextFile(new URL(path, ROOT));
    const called = [...code.matchAll(/\badmin\.rpc(?:<[^(]*>)?\(\s*"(\w+)"/g)].map(([, name]) => name);
    assertEquals([path, called.filter((name) => !names.includes(name ?? ""))], [path, []]);
  }
});
