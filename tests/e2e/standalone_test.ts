import { assert, assertEquals } from "@std/assert";
import { platformVariables } from "../../dev/surfaces.ts";
import { ApiUser, disposableStack } from "../helpers/api.ts";
import { ROOT, startFunction } from "../helpers/processes.ts";

Deno.test("Each function runs alone, with network and environment only, as on the platform", async () => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  const first_route: Record<string, string> = {
    admin: "/admin/live",
    analytics: "/analytics/trends",
    contacts: "/contacts",
    dashboard: "/dashboard/metrics",
    events: "/events",
    imports: "/imports",
    keys: "/keys",
    nlq: "/nlq/suggestions",
    privacy: "/privacy/rules",
    search: "/search/contacts?q=a",
    sync: "/sync/health",
  };
  const surfaces = [...Deno.readDirSync(`${ROOT}functions`)].filter((entry) => entry.isDirectory).map((
    entry,
  ) => entry.name);
  assertEquals(surfaces.sort(), Object.keys(first_route).sort());
  for (const surface of surfaces) {
    const fn = await startFunction(surface, platformVariables(stack.url, stack.keys));
    try {
      const response = await fetch(fn.url + first_route[surface], {
        headers: { authorization: `Bearer ${ann.token}` },
      });
      assertEquals([surface, response.status], [surface, 200]);
      assert((await response.json()).data);
    } finally {
      await fn.end("SIGTERM");
    }
  }
});
