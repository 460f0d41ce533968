import type { Actor } from "./actor.ts";
import { HISTORY_DAYS } from "./calendar.ts";
import { fromStranger, recordCall, recordText } from "./channel.ts";
import { expand } from "./conversation.ts";
import { americanNumber, londonLandline } from "./numbers.ts";
import { createRandom, type Random } from "./random.ts";
import type { DemoStatus } from "./types.ts";

/** What machines write, by country; `per_week` is the rate for somebody who shops and banks as most people do. */
const notices: Record<
  "GB" | "US",
  readonly { sender: string; per_week: number; texts: readonly string[] }[]
> = {
  GB: [
    {
      sender: "BIRKBANK",
      per_week: 0.6,
      texts: ["Your Birkbank code is <code>. Never share it with anyone."],
    },
    {
      sender: "BIRKBANK",
      per_week: 1,
      texts: ["You paid EUR <amount> by card.", "EUR <amount> was debited today."],
    },
    {
      sender: "SWIFTCRATE",
      per_week: 1,
      texts: [
        "Your parcel <REF> arrives today between 10:00 and 14:00. Track it: https://swiftcrate.example/<REF>",
        "Your parcel <ref> was left with a neighbour.",
        "Delivered: parcel <ref>. Rate us from 1 to 5!",
      ],
    },
    { sender: "NORDMOBIL", per_week: 0.25, texts: ["Your bill for <month> is ready: EUR <amount>."] },
    {
      sender: "15530",
      per_week: 0.1,
      texts: ["Reminder: your appointment is on <weekday> at <office_time>."],
    },
  ],
  US: [
    {
      sender: "15501",
      per_week: 0.6,
      texts: ["<code> is your Harbor Union code. We will never call to ask for it."],
    },
    {
      sender: "15501",
      per_week: 0.8,
      texts: ["Harbor Union: $<amount> charged to card ending in <d><d><d><d>."],
    },
    {
      sender: "15577",
      per_week: 0.3,
      texts: ["Your prescription is ready for pickup.", "Refill due soon. Reply YES."],
    },
    {
      sender: "SWIFTCRATE",
      per_week: 0.7,
      texts: ["SwiftCrate: package <ref> is out for delivery.", "SwiftCrate: package <ref> was delivered 📦"],
    },
  ],
};

/** Sends a person the texts of banks, shops and networks; `share` scales their number. */
export function receiveNotices(seed: string, actor: Actor, share: number): void {
  const random = createRandom(`${seed}/${actor.person.key}/notices`);
  for (const { sender, per_week, texts } of notices[actor.person.default_region]) {
    const channel = fromStranger(actor, sender);
    for (let day = 0; day <= HISTORY_DAYS; day++) {
      if (!random.chance(share * per_week / 7)) continue;
      const at = Math.floor(actor.calendar.at(day, 60 * (8 + random.next() * 12)));
      recordText(channel, random, { at, is_mine: false }, expand(random, random.pick(texts), new Map()));
    }
  }
}

const outcomes: readonly DemoStatus[] = ["missed", "answered", "declined", "voicemail"];

function strangersNumber(random: Random, region: "GB" | "US"): string | null {
  if (random.chance(0.22)) return null;
  return region === "GB" ? londonLandline(random.int(700, 999)) : americanNumber(332, random.int(1, 99));
}

/**
 * Calls from and to numbers that are in no address book: wrong numbers, hotlines, withheld numbers, and one salesman
 * who is blocked from his third call on.
 */
export function meetStrangers(seed: string, actor: Actor, perWeek: number): void {
  const random = createRandom(`${seed}/${actor.person.key}/strangers`);
  const { default_region } = actor.person;
  const salesman = default_region === "GB" ? londonLandline(666) : americanNumber(646, 66);
  let sales_calls = 0;
  for (let day = 0; day <= HISTORY_DAYS; day++) {
    const is_weekend = actor.calendar.weekday(day) >= 6;
    for (let left = random.poisson(perWeek * (is_weekend ? 0.4 : 1.24) / 7); left > 0; left--) {
      const at = Math.floor(actor.calendar.at(day, 60 * (9 + random.next() * 10)));
      const is_salesman = random.chance(0.2);
      const number = is_salesman ? salesman : strangersNumber(random, default_region);
      const is_mine = number !== null && !is_salesman && random.chance(0.25);
      const drawn = is_mine ? "answered" : outcomes[random.weighted([0.4, 0.3, 0.18, 0.12])] ?? "missed";
      const status = is_salesman && ++sales_calls > 2 ? "blocked" : drawn;
      const median = status === "voicemail" ? 15 : is_mine ? 200 : 35;
      const has_sound = status === "answered" || status === "voicemail";
      const duration = has_sound ? Math.min(3_600, Math.ceil(random.logNormal(median, 0.9))) : 0;
      recordCall(fromStranger(actor, number), random, { at, is_mine }, status, duration);
    }
  }
}
