import type { Attacker } from "./attackers.ts";
import { changes, digest } from "./digest.ts";
import { essence, judge } from "./judge.ts";
import { type AttackRequest, describe, inParallel, type Phase, phaseOf, send } from "./request.ts";
import { decoyOf, type Target } from "./target.ts";
import type { World } from "./world.ts";

/** One thing that is attacked: a table, a function, a route. */
export interface Attack {
  readonly name: string;
  /** Attacks of one sort meet the same gate. */
  readonly sort: string;
  /** What an attacker with this id sends. */
  requests(target: Target, attacker: Attacker): AttackRequest[];
}

/** How it went: what was tried, and each fault in one line that tells how to repeat it. */
export interface Outcome {
  readonly cases: number;
  readonly requests: number;
  readonly faults: readonly string[];
}

/** Writes one after the other, so that their answers are the same each time. */
const AT_ONCE: Readonly<Record<Phase, number>> = { read: 8, write: 1, last: 1 };
/** In the order in which they are sent. */
const PHASES: readonly Phase[] = ["read", "write", "last"];

interface Shot {
  attack: string;
  request: AttackRequest;
  /** The same request about somebody who does not exist. */
  decoy: AttackRequest | undefined;
}

function shotsOf(attacks: readonly Attack[], whole: Target, attacker: Attacker): Shot[] {
  const [hidden] = whole.subjects;
  const target = attacker.is_thorough ? whole : { ...whole, subjects: [hidden] as const };
  const decoys = attacker.is_compared ? decoyOf(target) : undefined;
  return attacks.flatMap((attack) => {
    const every = attack.requests(target, attacker);
    const twins = decoys && attack.requests(decoys, attacker);
    if (twins !== undefined && twins.length !== every.length) {
      throw new Error(`The attack on ${attack.name} is not the same against nobody`);
    }
    const requests = attacker.is_sampled ? firstOfEachMethod(every) : every;
    return requests.map((request, i) => {
      const decoy = twins?.[i];
      const is_the_same = JSON.stringify(request) === JSON.stringify(decoy);
      return { attack: attack.name, request, decoy: is_the_same ? undefined : decoy };
    });
  });
}

function firstOfEachMethod(requests: readonly AttackRequest[]): AttackRequest[] {
  return requests.filter(({ method }, i) => requests.findIndex((request) => request.method === method) === i);
}

function firstOfEachSort(attacks: readonly Attack[]): Attack[] {
  return attacks.filter(({ sort }, i) => attacks.findIndex((attack) => attack.sort === sort) === i);
}

async function fire({ stack, markers }: World, attacker: Attacker, shot: Shot): Promise<string[]> {
  const { attack, request, decoy } = shot;
  const reply = await send(stack, request, attacker.headers);
  const faults = judge(request, reply, attacker, markers);
  if (decoy !== undefined) {
    const [known, unknown] = [essence(reply), essence(await send(stack, decoy, attacker.headers))];
    if (known !== unknown) {
      faults.push(`differs from an answer about nobody: ${known.slice(0, 300)} / ${unknown.slice(0, 300)}`);
    }
  }
  return faults.map((fault) => `${attacker.name}, ${attack}: ${fault}\n    ${describe(request)}`);
}

/** Exports are made behind the answer: waits until nobody works on one. */
async function awaitExports({ stack: { db } }: World): Promise<void> {
  const working = "select from public.data_exports where state = 'running' and lease_until > now()";
  // The maker asks over HTTP, which has its turn only when nothing else is to be done.
  while ((await db.query(working)).length > 0) await new Promise((resolve) => setTimeout(resolve));
}

/**
 * Lets attackers try every attack: no answer may show them what is not theirs to see, tell those who may see nothing
 * whether the victim exists, fail or name the inside; and afterwards nobody's rows but their own may have changed.
 *
 * @param attackers One; or several that are nobody in the database, or the same person there.
 */
export async function assault(
  world: World,
  attackers: readonly [Attacker, ...Attacker[]],
  attacks: readonly Attack[],
): Promise<Outcome> {
  const [{ id, administers }] = attackers;
  const organization_ids = world.organization_ids.filter((id) => !administers?.includes(id));
  const before = await digest(world.stack.db, id, organization_ids);
  const faults: string[] = [];
  let [cases, requests] = [0, 0];
  for (const attacker of attackers) {
    const tried = attacker.is_sampled ? firstOfEachSort(attacks) : attacks;
    const shots = shotsOf(tried, world.target, attacker);
    for (const phase of attacker.is_admin ? PHASES.slice(0, 1) : PHASES) {
      const due = shots.filter(({ request }) => phaseOf(request) === phase);
      faults.push(...(await inParallel(due, AT_ONCE[phase], (shot) => fire(world, attacker, shot))).flat());
    }
    cases += tried.length;
    requests += shots.length;
  }
  await awaitExports(world);
  const changed = changes(before, await digest(world.stack.db, id, organization_ids));
  const names = attackers.map(({ name }) => name).join(" or ");
  return { cases, requests, faults: [...faults, ...changed.map((change) => `${names} wrote: ${change}`)] };
}
