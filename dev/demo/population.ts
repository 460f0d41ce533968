import { type Actor, createCast } from "./actor.ts";
import { DAY_MS, HISTORY_DAYS, parseDay } from "./calendar.ts";
import { outsiders } from "./circle.ts";
import { liveWithColleagues, liveWithOutsiders } from "./life.ts";
import { meetStrangers, receiveNotices } from "./notices.ts";
import { people, type PersonKey } from "./people.ts";
import { attribute } from "./sources.ts";
import { askForMilo, burstPipe, holes, instants, leaveUnanswered, tell, waitOnHold } from "./stories.ts";
import { colleagueTies, type OutsideTie } from "./ties.ts";
import { adamsTies, oliviasTies, verasTies } from "./ties_berlin.ts";
import { anasTies, milosTies, solsTies } from "./ties_new_york.ts";
import type { DemoContact, DemoPopulation, DemoStory } from "./types.ts";

/** Each person's own ties, the share of the usual texts from machines, and calls with strangers a week. */
const lives: Record<PersonKey, { ties: readonly OutsideTie[]; notices: number; strangers: number }> = {
  olivia: { ties: oliviasTies, notices: 1.3, strangers: 1.8 },
  adam: { ties: adamsTies, notices: 1, strangers: 1.2 },
  ana: { ties: anasTies, notices: 1, strangers: 1 },
  milo: { ties: milosTies, notices: 0.7, strangers: 0.7 },
  vera: { ties: verasTies, notices: 0.03, strangers: 0.02 },
  sol: { ties: solsTies, notices: 0.6, strangers: 0.4 },
};

/** How people sort their contacts. */
function tagsOf({ profile, topics }: OutsideTie): string[] {
  if (profile === "home" || profile === "family") return ["family"];
  if (profile === "evening" || profile === "friend") {
    return topics.includes("football") ? ["friends", "football"] : ["friends"];
  }
  return topics.includes("client") ? ["client"] : topics.includes("supplier") ? ["supplier"] : [];
}

/** What a person's address book holds: outsiders under the names he or she gave them, and colleagues. */
function addressBook({ person }: Actor): DemoContact[] {
  const outside = lives[person.key].ties.map((tie): DemoContact => {
    const { numbers, birthday, company } = outsiders[tie.with];
    return { name: tie.name, numbers: [...numbers], birthday, company, tags: tagsOf(tie) };
  });
  const known = colleagueTies.flatMap(({ of, with: other }) =>
    of === person.key ? [other] : other === person.key ? [of] : []
  );
  const inside = people.filter(({ key }) => known.includes(key)).map((
    { display_name, lines },
  ): DemoContact => ({
    ...{ name: display_name, birthday: null, company: "Demo", tags: ["team"] },
    numbers: lines.map(({ key, number }) => ({ number, label: key === "desk" ? "work" : "mobile" })),
  }));
  return [...outside, ...inside];
}

function holidaysOf(actor: Actor): DemoStory[] {
  const { holiday } = actor.person;
  if (holiday === null) return [];
  const first = HISTORY_DAYS - holiday.days_ago;
  const [from, to] = [actor.calendar.at(first, 0), actor.calendar.at(first + holiday.days, 0)];
  return [tell("holiday", actor, from, to, null, "On holiday: quiet, but nothing is missing")];
}

/**
 * Generates the demo data of a day, written `YYYY-MM-DD`: six people over the 400 days before it and up to noon (UTC)
 * of the day itself. The same day always gives the same data. Throws a `RangeError` if it is not a day.
 *
 * @example
 * ```ts
 * const { users } = generateDemo("2026-11-22");
 * users[0]?.email; // "owner@demo.phonelog.test"
 * ```
 */
export function generateDemo(day: string): DemoPopulation {
  const today = parseDay(day);
  const [from, to] = [today - HISTORY_DAYS * DAY_MS, today + DAY_MS / 2];
  const cast = createCast(day, today);
  const actors = people.map(({ key }) => cast[key]);
  liveWithColleagues(day, cast);
  askForMilo(day, cast);
  const stories: DemoStory[] = [burstPipe(day, cast), waitOnHold(day, cast)];
  for (const actor of actors) {
    const { ties, notices, strangers } = lives[actor.person.key];
    liveWithOutsiders(day, actor, ties);
    receiveNotices(day, actor, notices);
    meetStrangers(day, actor, strangers);
  }
  stories.push(
    leaveUnanswered(day, cast.olivia, ["mum", "Mum"], 1, 1_030),
    leaveUnanswered(day, cast.olivia, ["theo", "Theo, Kilnhouse"], 2, 960),
    leaveUnanswered(day, cast.adam, ["tom", "Tom B"], 1, 1_150),
    leaveUnanswered(day, cast.sol, ["sols_mother", "Mom"], 1, 1_100),
    ...holes.map((hole) => {
      const { from: start, to: end } = instants(hole, cast[hole.of]);
      return tell(hole.kind, cast[hole.of], start, end, null, hole.description);
    }),
    ...actors.flatMap(holidaysOf),
  );
  return {
    ...{ day, organization: { name: "Demo" }, stories },
    ...{ from: new Date(from).toISOString(), to: new Date(to).toISOString() },
    users: actors.map((actor) => {
      const { email, display_name, role, time_zone, default_region, locale, week_start, lines, privacy } =
        actor.person;
      return {
        ...{ email, display_name, role, time_zone, default_region, locale, week_start, lines: [...lines] },
        ...{ contacts: addressBook(actor), ...attribute(day, actor, from, to), privacy },
      };
    }),
  };
}
