import { assertEquals, assertRejects } from "@std/assert";
import { removeSurface, writeSurface } from "../tests/helpers/surface.ts";
import { openKeys } from "./keys.ts";
import { loadSurfaces, platformVariables } from "./surfaces.ts";

async function withSurface(
  fn: (directory: string, variables: Record<string, string>) => Promise<void>,
): Promise<void> {
  const directory = await writeSurface();
  const variables = platformVariables("http://127.0.0.1:54321", await openKeys());
  await fn(directory, variables).finally(() => removeSurface(directory));
}

Deno.test("loadSurfaces() takes folders with an app.ts, all or those named", () =>
  withSurface(async (directory, variables) => {
    await Deno.mkdir(`${directory}/no_app`);
    assertEquals([...(await loadSurfaces(directory, variables)).keys()], ["echo"]);
    assertEquals((await loadSurfaces(directory, variables, [])).size, 0);
    assertEquals((await loadSurfaces(`${directory}/missing`, variables)).size, 0);
  }));

Deno.test("loadSurfaces() names the surface that cannot be loaded", () =>
  withSurface(async (directory, variables) => {
    await Deno.mkdir(`${directory}/broken`);
    await Deno.writeTextFile(`${directory}/broken/app.ts`, "throw new Error('half written');");
    const expected = 'Cannot load the function "broken": half written';
    await assertRejects(() => loadSurfaces(directory, variables), Error, expected);
  }));

Deno.test("platformVariables() lets no secret of the operator replace what the platform sets", async () => {
  const keys = await openKeys();
  const { SUPABASE_URL, OPENAI_API_KEY } = platformVariables("http://127.0.0.1:1", keys, {
    SUPABASE_URL: "https://example.supabase.co",
    OPENAI_API_KEY: "k",
  });
  assertEquals([SUPABASE_URL, OPENAI_API_KEY], ["http://127.0.0.1:1", "k"]);
});
