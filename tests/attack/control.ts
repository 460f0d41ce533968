import { findMarkers } from "./markers.ts";
import { type AttackRequest, describe, send } from "./request.ts";
import type { World } from "./world.ts";

/** Requests that somebody who may succeeds with. */
export interface Control {
  /** As the attack is named. */
  readonly name: string;
  readonly requests: readonly AttackRequest[];
  /** All of them succeed and show what is hers; else one of them is enough. */
  readonly all?: true;
  /** For jobs: with the secret key. */
  readonly by_service?: boolean;
}

/** What nobody succeeded with and what came back, and what somebody did. */
export interface Controlled {
  readonly refused: [name: string, replies: string[]][];
  readonly open: string[];
}

/** Sends each control as the victim; where one is enough and she may not, as an admin of her organisation. */
export async function control(world: World, controls: readonly Control[]): Promise<Controlled> {
  const { stack, victim, attackers, markers } = world;
  const hers = { apikey: stack.publishable_key, authorization: `Bearer ${victim.token}` };
  const admin = attackers.find(({ is_admin }) => is_admin)?.headers ?? {};
  const service = { apikey: stack.secret_key, authorization: `Bearer ${stack.secret_key}` };
  const refused: [string, string[]][] = [];
  const open: string[] = [];
  for (const { name, requests, all = false, by_service = false } of controls) {
    const replies: string[] = [];
    const attempts = requests.flatMap((request) =>
      (by_service ? [service] : all ? [hers] : [hers, admin]).map((headers) => ({ request, headers }))
    );
    let reached = 0;
    for (const { request, headers } of attempts) {
      const reply = await send(stack, request, headers);
      const is_reached = reply.status < 300 && (!all || findMarkers(reply.text, markers).size > 0);
      if (is_reached) reached++;
      else replies.push(`${describe(request)} → ${reply.status} ${reply.text.slice(0, 200)}`);
      if (is_reached && !all) break;
    }
    if (reached === 0 || (all && reached < requests.length)) refused.push([name, replies]);
    else open.push(name);
  }
  return { refused, open };
}
