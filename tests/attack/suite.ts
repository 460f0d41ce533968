import { assert, assertEquals } from "@std/assert";
import { assault, type Attack } from "./campaign.ts";
import { type Control, control } from "./control.ts";
import { createWorld, type World } from "./world.ts";

/** Attacks, and for each thing attacked the requests of those who may, which must succeed. */
export interface Plan {
  readonly attacks: readonly Attack[];
  readonly controls: readonly Control[];
  /** Why nobody succeeds with what, where that is so. */
  readonly unreachable: Readonly<Record<string, string>>;
  /** Tokens that let nobody in are not tried. */
  readonly leaves_out_forged?: true;
}

const LEAST_CASES = 250;

/**
 * Registers a test in which everybody tries every attack, and afterwards those who may do the same things do them,
 * so that no attack fails because it reaches nothing.
 */
export function attackTest(name: string, plan: (world: World) => Promise<Plan>): void {
  Deno.test(name, async (t) => {
    await using world = await createWorld();
    const { attacks, controls, unreachable, leaves_out_forged } = await plan(world);
    const attackers = world.attackers.filter(({ status }) => !leaves_out_forged || status === undefined);
    let [cases, requests] = [0, 0];
    for (const attacker of attackers) {
      await t.step(`${attacker.name} sees and changes nothing that is not his`, async () => {
        const outcome = await assault(world, attacker, attacks);
        cases += outcome.cases;
        requests += outcome.requests;
        assert(outcome.faults.length === 0, `${outcome.faults.length} faults\n${outcome.faults.join("\n")}`);
      });
    }
    await t.step("Those who may, can: each attack reaches what it is aimed at", async () => {
      const { refused, open } = await control(world, controls);
      assertEquals(
        refused.filter(([name]) => unreachable[name] === undefined),
        [],
        "Nobody succeeds with these",
      );
      assertEquals(
        open.filter((name) => unreachable[name] !== undefined),
        [],
        "Reachable, though listed as not",
      );
    });
    await t.step(`At least ${LEAST_CASES} cases`, () => {
      // deno-lint-ignore no-console
      console.log(`${cases} cases, ${requests} requests, ${attackers.length} attackers`);
      assert(cases >= LEAST_CASES);
    });
  });
}
