import type { Calendar } from "./calendar.ts";
import { type Channel, recordText } from "./channel.ts";
import type { Random } from "./random.ts";
import { type Script, scripts, type Topic } from "./scripts.ts";
import { shortReplies, words } from "./words.ts";

/**
 * Expands the symbols of a text, `<thanks>` and the like, by the words of the grammar. `memory` keeps what symbols in
 * capitals stood for. Throws a `RangeError` for a symbol that the grammar does not have.
 *
 * @example
 * ```ts
 * expand(createRandom("x"), "<FOOD>? Not <FOOD> again", new Map()); // "curry? Not curry again"
 * ```
 */
export function expand(random: Random, text: string, memory: Map<string, string>): string {
  return text.replace(/<(\w+)>/g, (_, symbol: string) => {
    const remembered = memory.get(symbol);
    if (remembered !== undefined) return remembered;
    const alternatives = words[symbol.toLowerCase()];
    if (alternatives === undefined) throw new RangeError(`Cannot expand "<${symbol}>": No such symbol`);
    const expanded = expand(random, random.pick(alternatives), memory);
    if (symbol === symbol.toUpperCase()) memory.set(symbol, expanded);
    return expanded;
  });
}

/** Sentences start with a capital even where a word of the grammar comes first. */
function capitalise(text: string): string {
  return text.replace(/^(\+?)([a-z])|([.?!] )([a-z])/g, (found) => found.toUpperCase());
}

/** Seconds until the next text: mostly a minute or two, now and then the rest of a meeting. */
function pause(random: Random, isSameSpeaker: boolean): number {
  if (isSameSpeaker) return 4 + random.logNormal(12, 0.7);
  return 4 + (random.chance(0.13) ? random.logNormal(2_400, 0.7) : random.logNormal(75, 0.9));
}

/** Goes quiet after this local hour unless the conversation began later. */
const LAST_HOUR = 23;

/**
 * Has a conversation over a channel and returns when its last text was sent (ms since 1970). People stop replying
 * before the end of a script, or send one more short text after it; nobody goes on into the night. `recent` is kept by
 * the caller from one conversation to the next, so that the two do not say the same thing all the time.
 */
export function converse(
  channel: Channel,
  random: Random,
  calendar: Calendar,
  start: { at: number; is_mine: boolean },
  topics: readonly Topic[],
  recent: Script[],
): number {
  const script = pickScript(random, topics, recent);
  const lines = random.chance(0.2) ? [...script, random.pick(shortReplies)] : script;
  return speak(channel, random, calendar, start, lines, 0.07);
}

/** How many conversations pass before two people have the same one again. */
const MEMORY = 8;

function pickScript(random: Random, topics: readonly Topic[], recent: Script[]): Script {
  let script = random.pick<Script>(scripts[random.pick(topics)]);
  for (let tries = 0; tries < 4 && recent.includes(script); tries++) {
    script = random.pick<Script>(scripts[random.pick(topics)]);
  }
  recent.push(script);
  if (recent.length > MEMORY) recent.shift();
  return script;
}

/** Sends the given lines over a channel in turn; `drop` is the chance that a reply does not come. */
export function speak(
  channel: Channel,
  random: Random,
  calendar: Calendar,
  start: { at: number; is_mine: boolean },
  lines: Script,
  drop: number,
): number {
  const memory = new Map<string, string>();
  const is_late = isAsleep(calendar.hour(start.at));
  let { at, is_mine } = start;
  let last = at;
  for (const [index, line] of lines.entries()) {
    const is_same = line.startsWith("+");
    if (index > 0) {
      at += Math.floor(1000 * pause(random, is_same));
      is_mine = is_same ? is_mine : !is_mine;
      if (random.chance(drop) || (!is_late && isAsleep(calendar.hour(at)))) break;
    }
    const content = capitalise(expand(random, is_same ? line.slice(1) : line, memory));
    if (is_mine && random.chance(0.004)) {
      at = recordText(channel, random, { at, is_mine }, content, true) + random.int(15_000, 90_000);
    }
    at = recordText(channel, random, { at, is_mine }, content);
    last = at;
  }
  return last;
}

function isAsleep(hour: number): boolean {
  return hour >= LAST_HOUR || hour < 6;
}
