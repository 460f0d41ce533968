import { americanNumber, britishMobile, londonLandline } from "./numbers.ts";
import type { DemoLine, DemoPrivacyRule, DemoRole } from "./types.ts";

/** Key of one of the six people with an account. */
export type PersonKey = "olivia" | "adam" | "ana" | "milo" | "vera" | "sol";

/** Somebody with an account, before anything happened. */
export interface Person {
  key: PersonKey;
  email: string;
  display_name: string;
  role: DemoRole | null;
  time_zone: "Europe/Berlin" | "America/New_York";
  default_region: "GB" | "US";
  locale: "en-GB" | "en-US";
  week_start: 1 | 7;
  /** The mobile first. */
  lines: readonly [DemoLine, ...DemoLine[]];
  /** Local hours: gets up at `wake`, an hour later at weekends, and goes to bed at `bed`. */
  wake: number;
  bed: number;
  /** `MM-DD`. */
  birthday: string;
  /** The last holiday: how many days ago it began and how many it lasted. */
  holiday: { days_ago: number; days: number } | null;
  /** What the phone is called in the list of sources. */
  handset: string;
  /** Before this many days ago rows come from the backup of an older phone. */
  backup_before: number | null;
  /** For this many days the carrier has reported calls too. */
  carrier_days: number | null;
  privacy: DemoPrivacyRule[];
}

const british = { default_region: "GB", locale: "en-GB", week_start: 1, time_zone: "Europe/Berlin" } as const;
const american = {
  default_region: "US",
  locale: "en-US",
  week_start: 7,
  time_zone: "America/New_York",
} as const;
const plain = { holiday: null, backup_before: null, carrier_days: null, privacy: [] };

function rule(
  contact_number: string,
  visibility: DemoPrivacyRule["visibility"],
  mask: "number" | "content" | "both" | "nothing",
): DemoPrivacyRule {
  const mask_number = mask === "number" || mask === "both";
  return { contact_number, visibility, mask_number, mask_content: mask === "content" || mask === "both" };
}

/**
 * The firm "Demo" plans events: a British team that works from Berlin, and its branch in New York. Vera keeps the
 * books and only looks at figures. Sol has nothing to do with the firm but knows some of the same people.
 */
export const people: readonly Person[] = [
  {
    ...british,
    ...{ key: "olivia", email: "owner@demo.phonelog.test", display_name: "Olivia Hart", role: "owner" },
    lines: [
      { key: "mobile", label: "Mobile", kind: "sim", number: britishMobile(101) },
      { key: "desk", label: "Studio desk", kind: "handset", number: londonLandline(101) },
    ],
    ...{ wake: 6, bed: 23, birthday: "03-14", holiday: { days_ago: 140, days: 12 } },
    ...{ handset: "Olivia's Pixel 9", backup_before: 310, carrier_days: 90 },
    privacy: [
      rule(britishMobile(201), "private", "both"),
      rule(londonLandline(201), "private", "both"),
      rule(londonLandline(230), "private", "nothing"),
      rule(britishMobile(202), "team", "content"),
      rule(britishMobile(204), "team", "both"),
      rule(britishMobile(212), "team", "number"),
      rule(britishMobile(220), "team", "nothing"),
      rule(britishMobile(223), "team", "nothing"),
      rule(britishMobile(227), "team", "nothing"),
      rule(londonLandline(231), "public", "nothing"),
    ],
  },
  {
    ...british,
    ...{ key: "adam", email: "admin@demo.phonelog.test", display_name: "Adam Reyes", role: "admin" },
    lines: [{ key: "mobile", label: "Mobile", kind: "sim", number: britishMobile(102) }],
    ...{ wake: 7, bed: 24, birthday: "10-05", holiday: { days_ago: 110, days: 8 } },
    ...{ handset: "Adam's Galaxy S24", backup_before: null, carrier_days: 150 },
    privacy: [rule(britishMobile(240), "private", "both"), rule(britishMobile(242), "team", "content")],
  },
  {
    ...plain,
    ...american,
    ...{ key: "ana", email: "analyst@demo.phonelog.test", display_name: "Ana Lindqvist", role: "analyst" },
    lines: [{ key: "mobile", label: "Mobile", kind: "sim", number: americanNumber(212, 3) }],
    ...{ wake: 7, bed: 24, birthday: "06-21", handset: "Ana's Pixel 8" },
    privacy: [
      rule(americanNumber(917, 34), "private", "both"),
      rule(americanNumber(212, 22), "public", "nothing"),
    ],
  },
  {
    ...plain,
    ...american,
    ...{ key: "milo", email: "member@demo.phonelog.test", display_name: "Milo Okafor", role: "member" },
    lines: [{ key: "mobile", label: "Mobile", kind: "sim", number: americanNumber(718, 4) }],
    ...{ wake: 6, bed: 22, birthday: "01-17", handset: "Milo's Moto G" },
    privacy: [rule(americanNumber(718, 40), "private", "nothing")],
  },
  {
    ...plain,
    ...british,
    ...{ key: "vera", email: "viewer@demo.phonelog.test", display_name: "Vera Sommer", role: "viewer" },
    lines: [{ key: "mobile", label: "Mobile", kind: "sim", number: britishMobile(105) }],
    ...{ wake: 7, bed: 22, birthday: "08-02", handset: "Vera's Fairphone" },
  },
  {
    ...plain,
    ...american,
    ...{ key: "sol", email: "solo@demo.phonelog.test", display_name: "Sol Navarro", role: null },
    lines: [{ key: "mobile", label: "Mobile", kind: "sim", number: americanNumber(646, 6) }],
    ...{ wake: 8, bed: 24, birthday: "04-30", handset: "Sol's Pixel 7" },
  },
];
