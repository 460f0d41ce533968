import type { Actor } from "./actor.ts";
import { HISTORY_DAYS } from "./calendar.ts";
import { type Channel, recordCall } from "./channel.ts";
import { speak } from "./conversation.ts";
import { createRandom } from "./random.ts";

const wishes = [
  "Happy birthday! 🎂",
  "Happy birthday!! 🎉🎉 Have a wonderful day",
  "Many happy returns! 🥳",
  "Happy birthday to you ❤️ Drinks on you on <day>?",
  "HBD! 🎈",
];

/**
 * Celebrates a birthday (`MM-DD`) over a channel, in each year in which the two are in touch: a text with thanks, and
 * in families a call too. `isMine` says whether it is the actor who congratulates; `isTouching` of a day, whether the
 * two know each other then.
 */
export function congratulate(
  seed: string,
  actor: Actor,
  channel: Channel,
  birthday: string,
  isMine: boolean,
  isFamily: boolean,
  isTouching: (day: number) => boolean,
): void {
  const random = createRandom(`${seed}/birthday`);
  for (let day = 0; day < HISTORY_DAYS; day++) {
    if (actor.calendar.monthDay(day) !== birthday || !isTouching(day)) continue;
    const at = Math.floor(actor.calendar.at(day, 60 * (8.5 + random.next() * 10)));
    speak(channel, random, actor.calendar, { at, is_mine: isMine }, [
      random.pick(wishes),
      "<thanks>! <happy>",
    ], 0.2);
    if (!isFamily) continue;
    const evening = Math.floor(actor.calendar.at(day, 60 * (17.5 + random.next() * 3)));
    const duration = Math.round(random.logNormal(900, 0.5));
    recordCall(channel, random, { at: evening, is_mine: isMine }, "answered", duration);
  }
}
