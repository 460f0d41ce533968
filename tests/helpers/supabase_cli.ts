import { ROOT } from "./processes.ts";

const CLI = ["-y", "supabase@3.1.0"];

/** What a command printed, and how it ended. */
export interface CliResult {
  readonly code: number;
  /** Standard output and error, one after the other. */
  readonly printed: string;
}

async function npx(args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
  const { code, stdout, stderr } = await new Deno.Command("npx", {
    args: [...CLI, ...args],
    cwd: ROOT,
    env: { DO_NOT_TRACK: "1", NO_COLOR: "1", SUPABASE_NO_UPDATE_NOTIFIER: "1", ...env },
  }).output();
  const decoder = new TextDecoder();
  return { code, printed: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Whether the Supabase CLI can be fetched and run here. CI must have it. */
export async function hasSupabaseCli(): Promise<boolean> {
  if (Deno.env.get("CI")) return true;
  return await npx(["--version"]).then(({ code }) => code === 0, () => false);
}

/**
 * Runs the Supabase CLI, as the gate does, against another management API: a profile file names it.
 *
 * @param api Where it is, and the project and access token that it knows.
 * @param workdir The project's folder, with `supabase/config.toml`.
 */
export async function supabaseCli(
  api: { readonly url: string; readonly ref: string; readonly token: string },
  workdir: string,
  ...args: string[]
): Promise<CliResult> {
  const home = await Deno.makeTempDir();
  try {
    const profile = `${home}/profile.json`;
    const { url } = api;
    const names = { name: "standin", project_host: "standin.test", pooler_host: "" };
    await Deno.writeTextFile(
      profile,
      JSON.stringify({ ...names, api_url: url, dashboard_url: url, docs_url: url }),
    );
    return await npx(
      [...args, "--profile", profile, `--remote=${api.ref}`, "--yes", "--workdir", workdir],
      { SUPABASE_ACCESS_TOKEN: api.token, SUPABASE_HOME: home },
    );
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}
