/** A person of the demo who has an account. `null` as role: in no organisation. */
export interface DemoUser {
  /** Log-in; the password is {@linkcode DEMO_PASSWORD}. */
  email: string;
  display_name: string;
  role: DemoRole | null;
  /** IANA zone. */
  time_zone: string;
  /** ISO 3166 country in which the person's numbers are written without a prefix. */
  default_region: string;
  /** BCP 47. */
  locale: string;
  /** ISO weekday on which the week starts: 1 Monday, 7 Sunday. */
  week_start: 1 | 7;
  /** The person's own numbers, the main one first. */
  lines: DemoLine[];
  contacts: DemoContact[];
  /** Ordered by time; each is one row once it is stored. */
  events: DemoEvent[];
  /** Second reports, by the carrier, of calls that are in `events` already: ingesting them adds no row. */
  corroborations: DemoEvent[];
  coverage: DemoCoverage[];
  privacy: DemoPrivacyRule[];
}

/** The password of every demo user. */
export const DEMO_PASSWORD = "phonelog-demo";

/** Role in the organisation, highest first. */
export type DemoRole = "owner" | "admin" | "analyst" | "member" | "viewer";

/** Where a row comes from. */
export type DemoSource = "device" | "carrier" | "backup";

/** A SIM or a desk phone. `key` is unique within its user. */
export interface DemoLine {
  key: string;
  label: string;
  /** E.164. */
  number: string;
  kind: "sim" | "handset";
}

/** An entry of a person's address book. */
export interface DemoContact {
  name: string;
  /** At least one; the one that texts go to first. E.164. */
  numbers: { number: string; label: "mobile" | "home" | "work" }[];
  /** `YYYY-MM-DD`. */
  birthday: string | null;
  company: string | null;
  tags: string[];
}

/** One call or message as one person's sources report it. */
export interface DemoEvent {
  /** Start, ISO 8601 in UTC with milliseconds. */
  ts: string;
  /** E.164, or a short code or sender's name as it came; null where it was withheld. */
  number: string | null;
  type: "call" | "sms";
  direction: "inbound" | "outbound";
  /** An outbound call that nobody took is `missed`, as is an inbound one. */
  status: DemoStatus;
  /** Seconds of talk or recording; 0 for calls that did not come to that; null for messages. */
  duration: number | null;
  /** Null for calls. */
  content: string | null;
  source: DemoSource;
  /** The handset, file or bill; see {@linkcode DemoCoverage}. */
  source_name: string;
  /** Unique within its user, source and name. Device rows count up per type; a hole in the count is a row that was lost. */
  source_id: string;
  /** `key` of one of the user's lines. */
  line: string;
  /** As the source gives it; carriers know no names. */
  contact_name: string | null;
}

/** What became of a call (the first five) or a message (the rest). */
export type DemoStatus =
  | "answered"
  | "missed"
  | "declined"
  | "voicemail"
  | "blocked"
  | "sent"
  | "received"
  | "failed";

/** A source says that it delivered everything of one type that happened in [from, to). ISO 8601, UTC. */
export interface DemoCoverage {
  source: DemoSource;
  /** The handset, file or carrier. */
  name: string;
  /** `key` of one of the user's lines. */
  line: string;
  type: "call" | "sms";
  from: string;
  to: string;
}

/** What a user's team may see of one contact, who is named by one of his or her numbers. */
export interface DemoPrivacyRule {
  contact_number: string;
  visibility: "private" | "team" | "public";
  mask_number: boolean;
  mask_content: boolean;
}

/** Something that was put into the data on purpose, so that a detector can be held against it. */
export interface DemoStory {
  kind: "gap" | "channel_gap" | "spike" | "long_call" | "holiday" | "owed_call";
  email: string;
  /** Half-open, ISO 8601, UTC. */
  from: string;
  to: string;
  /** The contact's number, where it is about one. */
  number: string | null;
  description: string;
}

/** Everything that the demo consists of. */
export interface DemoPopulation {
  /** `YYYY-MM-DD`. */
  day: string;
  organization: { name: string };
  /** Nothing happens outside of [from, to). ISO 8601, UTC; `to` is noon of the day. */
  from: string;
  to: string;
  users: DemoUser[];
  stories: DemoStory[];
}
