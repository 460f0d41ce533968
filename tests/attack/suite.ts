import { assert, assertEquals } from "@std/assert";
import type { Attacker } from "./attackers.ts";
import { assault, type Attack } from "./campaign.ts";
import { type Control, control } from "./control.ts";
import { createWorld, type World } from "./world.ts";

/** Attacks, and for each thing attacked the requests of those who may, which must succeed. */
export interface Plan {
  readonly attacks: readonly Attack[];
  readonly controls: readonly Control[];
  /** Why nobody succeeds with what, where that is so. */
  readonly unreachable: Readonly<Record<string, string>>;
  /** Names of those who try; all unless told. */
  readonly by?: readonly string[];
}

const LEAST_CASES = 250;

/**
 * Registers a test in which everybody tries every attack, and afterwards those who may do the same things do them,
 * so that no attack fails because it reaches nothing.
 */
export function attackTest(name: string, plan: (world: World) => Promise<Plan>): void {
  Deno.test(name, async (t) => {
    await using world = await createWorld();
    const { attacks, controls, unreachable, by } = await plan(world);
    const attackers = world.attackers.filter(({ name }) => by?.includes(name) ?? true);
    const sampled = attackers.filter(({ is_sampled }) => is_sampled);
    let [cases, requests] = [0, 0];
    const parties: [string, Attacker[]][] = attackers.filter(({ is_sampled }) => !is_sampled)
      .map((attacker) => [attacker.name, [attacker]]);
    parties.push([`Who has one of ${sampled.length} tokens that let nobody in`, sampled]);
    for (const [name, [first, ...others]] of parties) {
      if (first === undefined) continue;
      await t.step(`${name} sees and changes nothing that is not his`, async () => {
        const outcome = await assault(world, [first, ...others], attacks);
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
