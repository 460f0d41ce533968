import type { Dimension, Intent, Unit } from "../plan.ts";

type Status = "answered" | "missed" | "declined" | "voicemail" | "blocked" | "sent" | "received" | "failed";
type Hours = { from: number; to: number };

/** What a phrase contributes to a plan, whatever the language. */
export type Meaning =
  /** Says nothing that matters. */
  | { is: "filler" }
  /** An intent by name, such as "tell me about" or "what is missing". */
  | {
    is: "intent";
    intent: Exclude<Intent, "top" | "busiest" | "compare" | "share" | "trend">;
    asks: "strongly" | "weakly";
    theirs?: boolean;
    /** "Who is": asks of whoever is named, or for somebody. */
    who?: boolean;
  }
  /** "have": says that what follows is a thing and not a deed ("I have more calls"). */
  | { is: "have" }
  /** "was", "been": with a deed that is over, it was done to whom it is said of ("was I called"). */
  | { is: "be" }
  /** "Mum's". */
  | { is: "possessive" }
  /** "And I": both of us did. */
  | { is: "together" }
  /** Others among themselves. */
  | { is: "each_other" }
  /** "If", "whether": yes or no is asked. */
  | { is: "whether" }
  /** `times`: how often, and not of how many. */
  | { is: "how_many"; times?: boolean }
  | { is: "how_long"; bare?: boolean }
  /** `bare`: of whatever is said beside it. */
  | { is: "average"; bare?: boolean }
  | { is: "median" }
  /** With `whole`, what comes after it is the whole: "out of". */
  | { is: "share"; whole?: boolean }
  | { is: "compare" }
  | { is: "versus" }
  | { is: "join"; join: "and" | "or" }
  /** "more", "fewer": one of two is asked for. */
  | { is: "comparative"; longer?: boolean }
  /** "the week before": as long as the first period, and just before it. */
  | { is: "period_before"; unit: Unit | null; by: "period" | "year" }
  | { is: "over_time" }
  /** "who", and "which people" with `many`. */
  /** `theirs`: who did it to me; `calls`: by calling. */
  | { is: "who"; many: boolean; theirs?: boolean; calls?: boolean }
  /** "Anybody". */
  | { is: "someone" }
  | { is: "people"; callers?: boolean }
  | { is: "rank"; rank: "most" | "least" | "longest" | "shortest" }
  /** `one`: "top contact". */
  | { is: "top"; one?: boolean }
  | { is: "edge"; edge: "last" | "first" }
  | { is: "when" }
  | { is: "busy"; rank: "most" | "least" }
  /** "which day", "by month". `each` splits what is asked; otherwise it asks for one of them. */
  | { is: "dimension"; dimension: Dimension; each: boolean }
  | {
    is: "type";
    type: "call" | "sms" | null;
    form: "noun" | "verb" | "either";
    mutual: boolean;
    one?: boolean;
    done?: boolean;
  }
  | { is: "me"; as: "subject" | "object" }
  | { is: "direction"; direction: "inbound" | "outbound"; of_them?: "me" | "themselves" }
  | { is: "status"; statuses: Status[]; type?: "call" | "sms"; verb?: boolean }
  | { is: "known"; is_known: boolean }
  | { is: "toward"; toward: "to" | "from" | "by" | "with" | "between" }
  | { is: "hours"; hours: Hours[]; weekdays?: number[] }
  | { is: "weekdays"; weekdays: number[] }
  | { is: "source"; source: "carrier" | "device" | "backup" | "manual" | "api" }
  | { is: "not" }
  | { is: "only" }
  /** Opens a follow-up: "and", "what about". */
  | { is: "follow_up" }
  /** Points at what was asked before: "them", "him". */
  | { is: "anaphor"; of: "contact" | "events" }
  /** "Our calls": with whom the question before was about, or with everybody. */
  | { is: "ours" }
  /** Whatever comes next is text to look for, a company, a tag or a line. */
  | { is: "introduces"; slot: "text" | "company" | "tag" | "line" | "number" }
  | { is: "horizon"; days: 1 | 7 | 14 | 28 }
  /** A word whose presence means that this is not for us: deleting, sending, other people's logs. */
  | { is: "foreign"; why: "write" | "others" };

export interface Phrase {
  /** Patterns, parted by semicolons: words with `|` between alternatives and `?` after one that may be missing. */
  readonly say: string;
  readonly means: Meaning;
}

/** A language as data. Words are folded: lower case, without accents; contractions are written out. */
export interface Language {
  readonly code: string;
  /** What short forms stand for. */
  readonly contractions: Readonly<Record<string, string>>;
  readonly phrases: readonly Phrase[];
  readonly numbers: Readonly<Record<string, number>>;
  readonly ordinals: Readonly<Record<string, number>>;
  readonly times: {
    readonly units: Readonly<Record<string, Unit>>;
    /** Units that stand for several: a fortnight is 14 days. */
    readonly multiples: Readonly<Record<string, { unit: Unit; n: number }>>;
    readonly months: Readonly<Record<string, number>>;
    /** Short forms of months that are words of their own as well: only beside a day or year. */
    readonly weekdays: Readonly<Record<string, number>>;
    readonly holidays: Readonly<Record<string, { month: number; day: number }>>;
    /** Times with a name of their own, as offsets in days from today. */
    readonly days: Readonly<Record<string, number>>;
    readonly parts_of_day: Readonly<Record<string, Hours>>;
    /** "last": the one before this; "past": the stretch up to now; and so on. */
    readonly this: readonly string[];
    readonly last: readonly string[];
    readonly past: readonly string[];
    readonly previous: readonly string[];
    readonly ago: readonly string[];
    readonly before_last: readonly string[];
    readonly since: readonly string[];
    readonly until: readonly string[];
    readonly before: readonly string[];
    readonly after: readonly string[];
    readonly between: readonly string[];
    readonly and: readonly string[];
    readonly from: readonly string[];
    readonly to: readonly string[];
    readonly of: readonly string[];
    readonly the: readonly string[];
    /** After a unit: the one that is running. */
    readonly to_date: readonly string[];
    /** "Of the", before a unit: the one that is running. */
    readonly of_the: readonly string[];
    /** "The start of the", before a unit: the one that is running. */
    readonly start_of: readonly string[];
    /** "Next": of what is to come, which only predictions know. */
    readonly next: readonly string[];
    /** Words that may lead into a time. */
    readonly into: readonly string[];
    /** Words that may trail after one: "so far", "ago". */
    readonly so_far: readonly string[];
    readonly onwards: readonly string[];
    readonly noon: Readonly<Record<string, number>>;
    readonly am: readonly string[];
    readonly pm: readonly string[];
    readonly oclock: readonly string[];
    readonly at: readonly string[];
  };
  readonly durations: {
    /** Words before a bare length: "calls of 5 to 10 minutes". */
    readonly of: readonly string[];
    readonly more_than: readonly string[];
    readonly at_least: readonly string[];
    readonly less_than: readonly string[];
    readonly at_most: readonly string[];
    readonly units: Readonly<Record<string, number>>;
    readonly halves: Readonly<Record<string, number>>;
  };
  /** Endings that are words of their own: "times've". */
  readonly endings: Readonly<Record<string, string>>;
  /** Words that a question may begin with and that say nothing of it. */
  readonly polite: readonly string[];
  /** First words of questions that want a yes or no. */
  readonly yes_no: readonly string[];
  /** Words that ask for a deed when a question opens with them: send, make. */
  readonly orders: readonly string[];
  /** A name may stand after these, and before those. */
  readonly before_a_name: readonly string[];
  readonly after_a_name: readonly string[];
  /** "What about": asks for somebody else, not for text. */
  readonly never_before_a_text: readonly string[];
  /** Words between "containing" and what is looked for. */
  readonly before_a_text: readonly string[];
  /** Words to look for in messages do not run on over these. */
  readonly ends_a_text: readonly string[];
  /** Different words for one person: mum, mom, mother. */
  readonly same_people: readonly (readonly string[])[];
  /** Titles that are not part of a name. */
  readonly possessive: readonly string[];
}
