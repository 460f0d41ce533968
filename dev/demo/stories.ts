import type { Actor, Cast } from "./actor.ts";
import { HISTORY_DAYS } from "./calendar.ts";
import { ring } from "./call.ts";
import { type Channel, fromStranger, recordCall, toColleague, toOutsider } from "./channel.ts";
import { type OutsiderKey, outsiders } from "./circle.ts";
import { speak } from "./conversation.ts";
import { americanNumber } from "./numbers.ts";
import type { PersonKey } from "./people.ts";
import { createRandom } from "./random.ts";
import type { DemoStory } from "./types.ts";

/** Where a story begins and ends, in local days and minutes of whom it is about. */
interface Span {
  kind: DemoStory["kind"];
  of: PersonKey;
  from: readonly [days_ago: number, minute: number];
  to: readonly [days_ago: number, minute: number];
  description: string;
}

/** The holes in the data: Adam's new phone delivered late, Milo's did not deliver at all. */
export const holes: readonly Span[] = [
  {
    ...{ kind: "channel_gap", of: "adam", from: [48, 560], to: [42, 1065] },
    description: "The phone did not sync; the carrier reported the calls, the texts are lost",
  },
  {
    ...{ kind: "gap", of: "milo", from: [99, 480], to: [92, 1140] },
    description: "The phone did not sync and nobody else reported; colleagues have their side of it",
  },
];

/** The instants of a span, ms since 1970. */
export function instants(span: Span, actor: Actor): { from: number; to: number } {
  const at = ([days_ago, minute]: readonly [number, number]) =>
    actor.calendar.at(HISTORY_DAYS - days_ago, minute);
  return { from: at(span.from), to: at(span.to) };
}

/** The last day, at least `days_ago` days back, that is a working day. */
function workday(actor: Actor, days_ago: number): number {
  let day = HISTORY_DAYS - days_ago;
  while (actor.calendar.weekday(day) >= 6) day--;
  return day;
}

const alarm = [
  [
    "Water is coming through the ceiling at Kilnhouse!!",
    "What?! How bad?",
    "+On my way",
    "Bad. The stage is wet",
  ],
  ["Can you move <ITEM> out of the hall now?", "Two people on it", "+Done, all in the foyer", "<thanks>"],
  ["We need another venue by <time>. Ideas?", "Calling <place>", "+They can take <count>", "Take it"],
  ["Plumber says <minutes>", "<ok>. Keep everyone outside", "<ok>"],
  ["Has somebody told the client?", "I have. She is calm, surprisingly", "+Wants a call at <office_time>"],
  ["Insurance wants photos", "Sending 20 now 📷", "+Got them?", "Got them, <thanks>"],
] as const;

/** A burst pipe on the day of an event: the busiest day of the owner by far. */
export function burstPipe(seed: string, cast: Cast): DemoStory {
  const random = createRandom(`${seed}/burst-pipe`);
  const olivia = cast.olivia;
  const day = workday(olivia, 24);
  const outside = (key: OutsiderKey, name: string) => toOutsider(olivia, outsiders[key], name, true);
  const channels: Channel[] = [
    toColleague(olivia, cast.adam),
    toColleague(olivia, cast.adam),
    outside("theo", "Theo, Kilnhouse"),
    outside("theo", "Theo, Kilnhouse"),
    outside("priya", "Priya Marlow"),
    outside("lena", "Lena Tidewater"),
    outside("stefan", "Stefan Amp Hire"),
  ];
  for (let i = 0; i < 30; i++) {
    const at = Math.floor(olivia.calendar.at(day, 60 * (7.8 + random.next() * 11)));
    const start = { at, is_mine: random.chance(0.5) };
    const channel = random.pick(channels);
    if (random.chance(0.45)) ring(channel, random, olivia.calendar, { ...start, minutes: 2, can_text: true });
    else speak(channel, random, olivia.calendar, start, random.pick<readonly string[]>(alarm), 0.02);
  }
  const [from, to] = [olivia.calendar.at(day, 0), olivia.calendar.at(day + 1, 0)];
  return tell("spike", olivia, from, to, null, "A burst pipe at the venue on the day of an event");
}

/** Colleagues try to reach Milo while his phone does not sync. */
export function askForMilo(seed: string, cast: Cast): void {
  const random = createRandom(`${seed}/ask-for-milo`);
  const { from } = instants(holes[1] as Span, cast.milo);
  for (const [index, asker] of [cast.ana, cast.olivia, cast.adam, cast.ana].entries()) {
    const channel = toColleague(asker, cast.milo);
    const at = from + (index * 24 + 2) * 3_600_000;
    recordCall(channel, random, { at, is_mine: true }, "answered", random.int(60, 400));
  }
}

/** An hour on hold, and then two more. */
export function waitOnHold(seed: string, cast: Cast): DemoStory {
  const random = createRandom(`${seed}/on-hold`);
  const number = americanNumber(332, 0);
  const [at, duration] = [cast.ana.calendar.at(workday(cast.ana, 33), 1_110), 10_260 + random.int(0, 600)];
  const start =
    recordCall(fromStranger(cast.ana, number), random, { at, is_mine: true }, "answered", duration) ?? at;
  return tell(
    "long_call",
    cast.ana,
    start,
    start + duration * 1000,
    number,
    "Three hours with an airline's hotline",
  );
}

/** Somebody calls twice on one of the last days; nobody calls back, and nothing is heard of them since. */
export function leaveUnanswered(
  seed: string,
  actor: Actor,
  [key, name]: readonly [OutsiderKey, string],
  daysAgo: number,
  minute: number,
): DemoStory {
  const random = createRandom(`${seed}/${actor.person.key}/owed/${key}`);
  const channel = toOutsider(actor, outsiders[key], name, false);
  const from = actor.calendar.at(HISTORY_DAYS - daysAgo, minute) + random.int(0, 1_200_000);
  const { entries } = actor.ledger;
  const kept = entries.filter(({ at, number }) => at < from || !channel.numbers.includes(number));
  entries.splice(0, entries.length, ...kept);
  const single = { ...channel, numbers: channel.numbers.slice(0, 1) };
  const call = (at: number) => recordCall(single, random, { at, is_mine: false }, "missed", 0) ?? at;
  const first = call(from);
  const last = call(first + random.int(1_500_000, 3_000_000));
  return tell(
    "owed_call",
    actor,
    first,
    last + 1,
    channel.numbers[0] ?? null,
    `${name} called twice and waits`,
  );
}

/** A story about an actor between two instants. */
export function tell(
  kind: DemoStory["kind"],
  actor: Actor,
  from: number,
  to: number,
  number: string | null,
  description: string,
): DemoStory {
  const [start, end] = [new Date(from).toISOString(), new Date(to).toISOString()];
  return { kind, email: actor.person.email, from: start, to: end, number, description };
}
