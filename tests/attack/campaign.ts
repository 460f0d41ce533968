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
  while ((await db.query(working)).length > 0);
}

/**
 * Lets an attacker try every attack: no answer may show him what is not his to see, tell those who may see nothing
 * whether the victim exists, fail or name the inside; and afterwards nobody's rows but his own may have changed.
 */
export async function assault(
  world: World,
  attacker: Attacker,
  attacks: readonly Attack[],
): Promise<Outcome> {
  const { stack, target } = world;
  const organization_ids = world.organization_ids.filter((id) => !attacker.administers?.includes(id));
  const tried = attacker.is_sampled ? firstOfEachSort(attacks) : attacks;
  const shots = shotsOf(tried, target, attacker);
  const before = await digest(stack.db, attacker.id, organization_ids);
  const faults: string[] = [];
  for (const phase of attacker.is_admin ? PHASES.slice(0, 1) : PHASES) {
    const due = shots.filter(({ request }) => phaseOf(request) === phase);
    faults.push(...(await inParallel(due, AT_ONCE[phase], (shot) => fire(world, attacker, shot))).flat());
  }
  await awaitExports(world);
  const changed = changes(before, await digest(stack.db, attacker.id, organization_ids));
  return {
    cases: tried.length,
    requests: shots.length,
    faults: [...faults, ...changed.map((change) => `${attacker.name} wrote: ${change}`)],
  };
}
