import type { Actor, Cast } from "./actor.ts";
import { congratulate } from "./birthdays.ts";
import { ring } from "./call.ts";
import { type Channel, toColleague, toOutsider } from "./channel.ts";
import { outsiders } from "./circle.ts";
import { converse } from "./conversation.ts";
import { createRandom } from "./random.ts";
import { findSessions, isInTouch } from "./rhythm.ts";
import type { Script } from "./scripts.ts";
import { colleagueTies, type OutsideTie, type Tie } from "./ties.ts";

/** Lets a tie run its course over the 400 days. */
function follow(seed: string, tie: Tie<string>, channel: Channel, actor: Actor, other: Actor | null): void {
  const random = createRandom(`${seed}/words`);
  const recent: Script[] = [];
  for (const { ms: at, is_mine, is_text } of findSessions(seed, tie, actor, other)) {
    if (is_text) converse(channel, random, actor.calendar, { at, is_mine }, tie.topics, recent);
    else {ring(channel, random, actor.calendar, {
        at,
        is_mine,
        minutes: tie.minutes,
        can_text: tie.texts > 0,
      });}
  }
}

/** Everything that happens between people who both have an account; each event ends up in both ledgers. */
export function liveWithColleagues(seed: string, cast: Cast): void {
  for (const tie of colleagueTies) {
    const [me, other] = [cast[tie.of], cast[tie.with]];
    const channel = toColleague(me, other);
    const key = `${seed}/${tie.of}/${tie.with}`;
    follow(key, tie, channel, me, other);
    if (tie.per_week < 1) continue;
    congratulate(key, me, channel, other.person.birthday, true, false, () => true);
    congratulate(`${key}/mine`, me, channel, me.person.birthday, false, false, () => true);
  }
}

/** Everything that happens between a person and the people and businesses of his or her own. */
export function liveWithOutsiders(seed: string, actor: Actor, ties: readonly OutsideTie[]): void {
  for (const tie of ties) {
    const outsider = outsiders[tie.with];
    const is_business = tie.profile === "work" || tie.profile === "errand" || tie.profile === "overseas";
    const channel = toOutsider(actor, outsider, tie.name, is_business);
    const key = `${seed}/${actor.person.key}/${tie.with}`;
    follow(key, tie, channel, actor, null);
    if (is_business || tie.texts === 0 || tie.per_week < 0.3) continue;
    const isTouching = (day: number) => isInTouch(tie.phase, day);
    const is_family = tie.profile === "family";
    const birthday = outsider.birthday?.slice(5) ?? null;
    if (birthday !== null) congratulate(key, actor, channel, birthday, true, is_family, isTouching);
    congratulate(`${key}/mine`, actor, channel, actor.person.birthday, false, is_family, isTouching);
  }
}
