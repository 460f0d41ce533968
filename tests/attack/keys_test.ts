import { openApiDocument } from "../../dev/openapi.ts";
import { assault } from "./campaign.ts";
import { hasKeys, keyAttackers, scopedAttacker } from "./keys.ts";
import { operationsOf, routeAttack } from "./route_attacks.ts";
import { createWorld } from "./world.ts";
import { assert, assertEquals } from "@std/assert";

Deno.test("A key lets nobody in where it is not good", async (t) => {
  await using world = await createWorld({ has_attackers: false });
  const { operations, document } = operationsOf(await openApiDocument());
  const closed = operations.filter(({ is_public }) => !is_public);
  let cases = 0;
  for (const attacker of await keyAttackers(world.victim)) {
    await t.step(`${attacker.name} opens no route`, async () => {
      const outcome = await assault(
        world,
        [attacker],
        closed.map((operation) => routeAttack(operation, document)),
      );
      cases += outcome.cases;
      assertEquals(outcome.faults, []);
    });
  }
  const scopes = await hasKeys() ? [...new Set(closed.flatMap(({ scopes }) => scopes))] : [];
  for (const scope of scopes) {
    await t.step(`A key for ${scope} alone opens no other route`, async () => {
      const attacker = await scopedAttacker(world.victim, scope);
      const others = closed.filter((operation) => !operation.scopes.includes(scope));
      const outcome = await assault(
        world,
        [attacker],
        others.map((operation) => routeAttack(operation, document)),
      );
      cases += outcome.cases;
      assertEquals(outcome.faults, []);
    });
  }
  await t.step("As many cases as there are routes, keys and scopes", async () => {
    // deno-lint-ignore no-console
    console.log(`${cases} cases, ${scopes.length} scopes`);
    assert(!await hasKeys() || cases > 250);
  });
});
