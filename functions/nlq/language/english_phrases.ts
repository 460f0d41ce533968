import type { Phrase } from "./language.ts";

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const PARTS = {
  mornings: [300, 720],
  afternoons: [720, 1020],
  evenings: [1020, 1320],
  nights: [1320, 300],
} as const;

/** "Monday mornings": every one of them. */
const RECURRING: readonly Phrase[] = Object.entries(PARTS).flatMap(([part, [from, to]]) => [
  ...WEEKDAYS.map((day, at): Phrase => ({
    means: { is: "hours", hours: [{ from, to }], weekdays: [at + 1] },
    say: `on? ${day}|${day}s ${part}; every ${day} ${part.slice(0, -1)}; ${part} on ${day}s`,
  })),
  {
    means: { is: "hours", hours: [{ from, to }], weekdays: [6, 7] },
    say: `on|at? weekend ${part}; weekend ${part}`,
  },
  {
    means: { is: "hours", hours: [{ from, to }], weekdays: [1, 2, 3, 4, 5] },
    say: `on? weekday ${part}; weekday ${part}`,
  },
]);

/** What events can be split by, as it is called. */
const DIMENSIONS = {
  hour: "hour|hours",
  weekday: "weekday|weekdays",
  day: "day|days",
  week: "week|weeks",
  month: "month|months",
  year: "year|years",
  type: "type|types",
  direction: "direction|directions",
  status: "status|statuses|outcome|outcomes",
  source: "source|sources",
  line: "line|lines",
  contact: "contact|contacts|person|people",
} as const;

const SPLITS: readonly Phrase[] = Object.entries(DIMENSIONS).map(([dimension, nouns]) => ({
  means: { is: "dimension", dimension: dimension as keyof typeof DIMENSIONS, each: true },
  say:
    `according to the? ${nouns}; sorted|divided|separated|arranged|itemised|itemized|listed by the? ${nouns};
    for each|every single? ${nouns}; grouped according to the? ${nouns}; one ${nouns} at a time; by each ${nouns}; ${nouns} wise`,
}));

/** What English says, and what it means. Patterns are parted by semicolons. */
export const ENGLISH_PHRASES: readonly Phrase[] = [
  ...RECURRING,
  ...SPLITS,
  { means: { is: "me", as: "subject" }, say: "i; we" },
  { means: { is: "me", as: "object" }, say: "me; us; myself" },
  {
    means: { is: "direction", direction: "outbound" },
    say: "from me; by me; outgoing; outbound",
  },
  {
    means: { is: "direction", direction: "outbound", of_them: "themselves" },
    say: "made; make; makes; making; placed; place",
  },
  {
    means: { is: "direction", direction: "outbound", of_them: "me" },
    say: "sent; send; sends; sending; sent out",
  },
  {
    means: { is: "direction", direction: "inbound" },
    say: `
    to me; incoming; inbound; ingoing; came in; coming in; come in; got|get in touch with me
  `,
  },
  {
    means: { is: "direction", direction: "inbound", of_them: "themselves" },
    say: `
    received; receive; receives; receiving; get; gets; got; getting; gotten
  `,
  },
  {
    means: { is: "who", many: false },
    say:
      "the person|caller; the contact i|who|that; what number|contact|person; the number i|that; the somebody|someone i; which of my contacts|friends; which one of my contacts; who; whom; which person|contact|number|caller; what person|contact|number; who else",
  },
  { means: { is: "who", many: false, theirs: true }, say: "whose" },
  {
    means: { is: "who", many: true },
    say: "which people|contacts|numbers|callers|friends; what people|contacts|numbers",
  },
  {
    means: { is: "people" },
    say: `
    people; contacts; persons; friends; numbers; separate|individual people|contacts|numbers|persons; different people|contacts|numbers|callers;
    distinct|unique people|contacts|numbers; contact list; people i know
  `,
  },
  {
    means: { is: "people", callers: true },
    say: "callers; caller; different|distinct|unique|separate callers; many|number of callers",
  },
  {
    means: { is: "known", is_known: false },
    say: `
    unknown|unsaved|unfamiliar|unrecognised|unrecognized number|numbers|caller|callers|people|contacts;
    strangers; a stranger; people|numbers not in my contacts; numbers|people i do not know; unknown;
    private|withheld|hidden number|numbers|caller|callers; withheld; without a? name; not in my contacts;
    someone i do not know
  `,
  },
  {
    means: { is: "known", is_known: true },
    say: `
    known|saved number|numbers|caller|callers|people|contacts; people i know; people in my contacts;
    in my contacts
  `,
  },
  { means: { is: "anaphor", of: "contact" }, say: "him; her; he; she; this|that person|contact|caller" },
  {
    means: { is: "anaphor", of: "events" },
    say: `
    them; those; these; they; of|from those|these|them; those|these|the same ones?|calls|texts|messages;
    the ones; ones
  `,
  },
  {
    means: { is: "type", type: "call", form: "noun", mutual: false },
    say: "calls; phone calls; voice calls; telephone calls; phonecalls; calling",
  },
  {
    means: { is: "type", type: "call", form: "either", mutual: false, one: true },
    say: "bell; buzz; call; phone call; voice call; phonecall; telephone call",
  },
  {
    means: { is: "type", type: "call", form: "verb", mutual: false },
    say: `
    give|gave|given|giving|gives me a? ring|call|bell|buzz|tinkle; ring; dial; phone; telephone; phoning; ringing; rings; phones; dialling; dialing; give a ring|call;
    gave a ring|call; been calling; reached out by phone to
  `,
  },
  {
    means: { is: "type", type: "call", form: "verb", mutual: false, done: true },
    say: "called; phoned; rang; rung; dialled; dialed; telephoned; called up; rung up; rang up",
  },
  {
    means: { is: "type", type: "call", form: "either", mutual: true },
    say: `
    talk; talked; talking; talks; speak; spoke; spoken; speaking; speaks; chat; chatted; chatting;
    on the phone; conversation; conversations; phone conversation|conversations
  `,
  },
  {
    means: { is: "type", type: "sms", form: "either", mutual: false },
    say: "texts; text messages; messages; msgs; sms texts; sms; smses; sms messages; txts",
  },
  {
    means: { is: "type", type: "sms", form: "either", mutual: false, one: true },
    say: "text; text message; message; txt; an sms; msg",
  },
  {
    means: { is: "type", type: "sms", form: "verb", mutual: false },
    say: `
    texting; messaging; write; wrote; writing; writes; been texting; send a text|message to; message to
  `,
  },
  {
    means: { is: "type", type: "sms", form: "verb", mutual: false, done: true },
    say: "texted; messaged; written; written to",
  },
  {
    means: { is: "type", type: null, form: "verb", mutual: false },
    say:
      "give; gave; giving; contact; contacting; reach; reached out; reach out; reach out to; reached out to",
  },
  { means: { is: "type", type: null, form: "verb", mutual: false, done: true }, say: "contacted; reached" },
  {
    means: { is: "type", type: null, form: "verb", mutual: true },
    say: `
    in touch; get|got|been|be in touch; in contact; been|be in contact; communicate; communicated;
    communicating; hear; heard; hearing
  `,
  },
  {
    means: { is: "type", type: null, form: "either", mutual: false },
    say: `
    interact; interacted; interaction; interactions; events; event; activity; communications;
    communication; entries; phone activity; phone use|usage; traffic
  `,
  },
  { means: { is: "toward", toward: "to" }, say: "to" },
  {
    means: { is: "toward", toward: "from" },
    say: "from; came|come|coming from; that came|come from; who came from; from",
  },
  { means: { is: "toward", toward: "by" }, say: "by" },
  {
    means: { is: "toward", toward: "with" },
    say: "with; between me and; between us and; between myself and; involving",
  },
  { means: { is: "possessive" }, say: "'s" },
  { means: { is: "together" }, say: "and me; and myself; and i; and us; and we" },
  { means: { is: "toward", toward: "between" }, say: "between" },
  {
    means: { is: "status", statuses: ["missed"], type: "call" },
    say: "missed; miss; missing calls; i missed; that i missed; did i miss; have i missed; went unheard",
  },
  {
    means: { is: "status", statuses: ["declined"], type: "call" },
    say: `
    declined; rejected; decline; reject; turned down; hung up on; i declined; i rejected;
    did i decline|reject; that i declined|rejected
  `,
  },
  {
    means: { is: "status", statuses: ["voicemail"], type: "call" },
    say: `
    ended up in voicemail; that ended up in voicemail; ended up on voicemail; landed in voicemail; reached voicemail; got my voicemail; in voicemail; went to my voicemail; to my voicemail; on my voicemail; on voicemail; voicemail; voicemails; voice mail; voice mails; went to voicemail; left a voicemail; go to voicemail;
    sent to voicemail; to voicemail; voicemail calls; ended in voicemail
  `,
  },
  {
    means: { is: "status", statuses: ["blocked"], type: "call" },
    say: "blocked; were blocked; was blocked; got blocked; that were blocked",
  },
  {
    means: { is: "status", statuses: ["failed"] },
    say: `
    failed; fail; undelivered; not delivered; could not be delivered; were not delivered; failed to send;
    failed to deliver
  `,
  },
  {
    means: { is: "status", statuses: ["answered"], type: "call" },
    say: `
    answered; answer; picked up; pick up; i answered; did i answer; that i answered; connected;
    that were answered; i picked up; got answered; were answered; taken; got through
  `,
  },
  {
    means: { is: "status", statuses: ["missed", "declined", "voicemail", "blocked"], type: "call" },
    say: `
    unanswered; not answered; not answer; not pick up; not picked up; did not answer; did not pick up;
    i did not answer|pick; were not answered; was not answered; i did not pick up; that i did not answer;
    did i not answer; went unanswered; no answer; nobody|noone answered; not get answered;
    not getting answered; without an? answer
  `,
  },
  {
    means: { is: "how_many" },
    say: `
    total; the total; total of; number of times; the number of times; how many; how many times; how often; how frequently; the? number of; count; count of; the? count of;
    the? total number of; how many of; total number of; what is the number of; what number of;
    how many different|distinct times; how much; the? amount of; what is the total
  `,
  },
  { means: { is: "how_long", bare: true }, say: "how long; how short" },
  {
    means: { is: "how_long" },
    say: `
    how much time; how many minutes|hours|seconds; how many minutes|hours of; total time;
    total duration; talk time; total talk time; total length; the? duration of; minutes of; time spent;
    time on the phone; how many minutes|hours did; total call time; how much time in total;
    total minutes; call time; how much talk time; time i spent; did i spend; i spend; spend; spent; time;
    duration; minutes; how much of my time; how much talking; the? total duration|length|time of; total duration of; in minutes|hours|seconds; length
  `,
  },
  {
    means: { is: "average" },
    say: `
    average; on average; mean; typical; typically; the? average|mean length|duration of;
    average length|duration|time of?; mean length|duration of?; avg; usual
  `,
  },
  { means: { is: "median" }, say: "median; median length|duration of?" },
  {
    means: { is: "share" },
    say: `
    what|which portion|part|chunk|slice of; the? portion of; what percent; how high a share|percentage of; how big a part|portion of; what percentage|percent|share|proportion|fraction|part of;
    what is the percentage|share|proportion|fraction of; which percentage|share|proportion|fraction of;
    the? percentage|percent|share|proportion|fraction of; percentage|percent|share|proportion of;
    how much of; how big a share|proportion of; how large a share|proportion of;
    what percentage|share|proportion; % of; what % of; how many percent of
  `,
  },
  {
    means: { is: "share", whole: true },
    say: "out of; among; amongst; from among; out of all; from all; of all",
  },
  {
    means: { is: "compare" },
    say: `
    compare; comparison of; comparison; how does; how do; difference between; the? difference in;
    what is the difference between; contrast
  `,
  },
  {
    means: { is: "versus" },
    say: `
    than; vs; versus; compared to|with; compare to|with; in comparison to|with; against; as opposed to;
    rather than; relative to
  `,
  },
  { means: { is: "join", join: "and" }, say: "and; as well as; and also; plus; ," },
  { means: { is: "join", join: "or" }, say: "or; or by; or with; or from; or did i" },
  { means: { is: "comparative", longer: true }, say: "longer; shorter; for longer; more time; less time" },
  {
    means: { is: "comparative" },
    say: `
    more; fewer; less; more often; less often; more frequently; higher; lower; up or down; bigger
  `,
  },
  {
    means: { is: "period_before", unit: null, by: "period" },
    say: "the period before; the previous period; previous period; before that; before",
  },
  {
    means: { is: "period_before", unit: "week", by: "period" },
    say: "the week before; the week before that; the previous week; previous week",
  },
  {
    means: { is: "period_before", unit: "month", by: "period" },
    say: "the month before; the month before that; the previous month; previous month",
  },
  {
    means: { is: "period_before", unit: "year", by: "period" },
    say: "the year before; the year before that; the previous year; previous year",
  },
  { means: { is: "period_before", unit: "day", by: "period" }, say: "the day before; the previous day" },
  {
    means: { is: "period_before", unit: null, by: "year" },
    say: `
    the same period|time|month|week|quarter last year;
    the same period|time|month|week|quarter a year ago; a year earlier;
    the same month|week a year earlier
  `,
  },
  {
    means: { is: "over_time" },
    say: `
    how did; develop; develops; evolve; evolves; over time; trend; trends; the? trend of|in|for; changed; change; changing; development of;
    evolution of; how has; how have; developed; evolved; timeline of; history of; trending; chart of;
    a? graph of; plot of; graph; chart; plot; going up|down; progress of
  `,
  },
  {
    means: { is: "when" },
    say: `
    the? date|day|time of; the? date and time of; when; what time; at what time; on what date; what day was it; what date;
    which date; on which date; what was the date of
  `,
  },
  {
    means: { is: "rank", rank: "most" },
    say: `
    most; the most; most often; the most often; most frequently; most frequent; most common; most of all;
    more than anyone else?; highest; biggest; the highest number of; the? largest number of; maximum;
    mostly; a lot; most of; most commonly; largest; most popular; favourite; favorite; most active;
    most calls|texts by; main; the most frequent; number one; more than anybody else?
  `,
  },
  {
    means: { is: "rank", rank: "least" },
    say: `
    least; the least; fewest; the fewest; least often; the least often; least frequently; rarest; lowest;
    rarely; smallest; the? smallest number of; minimum; least frequent; least common
  `,
  },
  {
    means: { is: "rank", rank: "longest" },
    say: `
    longest; the longest; longest lasting; lasted longest; for longest; for the longest;
    the longest time; for the longest time; longest ever
  `,
  },
  { means: { is: "rank", rank: "shortest" }, say: "shortest; the shortest; quickest; briefest" },
  {
    means: { is: "top" },
    say: "top; the top; my top; most frequent contacts; ranking of; rank; leaderboard of; list of top",
  },
  {
    means: { is: "edge", edge: "last" },
    say: `
    how long ago; how long has it been since; how long since; how long is it since; last; latest; most recent; most recently; newest; the last time; last time; the most recent;
    the last; the latest
  `,
  },
  {
    means: { is: "edge", edge: "first" },
    say: `
    first; earliest; oldest; the first time; first time; very first; the first; the earliest; the oldest;
    first ever
  `,
  },
  {
    means: { is: "busy", rank: "most" },
    say: `
    busiest; busy; busier; most busy; peak; most active; the busiest; am i busiest; peak time; rush;
    was i busiest; were busiest
  `,
  },
  {
    means: { is: "busy", rank: "least" },
    say: "quietest; quiet; least busy; calmest; least active; the quietest; slowest",
  },
  {
    means: { is: "intent", intent: "list", asks: "weakly" },
    say: `
    look|looking at; take|have a look at; have a look; a look at; i want|need|wish|have|like to look at|see|view|check|get|have; i would like to look at|see|view|check|get|have; check; check out; name; identify; a? table of|with; table; show|list|display me? them; let me see them; fetch; retrieve; present; enumerate; output; pull; bring; open; can|could|may i see|have|get; let me have; show us; could|can you list|show|find|get|pull|give me?; i want; i would like; get me all; what do i have; a list of; the list of; give us; show; show me; list; display; give me; find; get me; find me; let me see; i want to see;
    i would like to see; bring up; pull up; which; what; print; see; view; look up; what are; what were;
    which ones; search for; search; give me a list of; i need; what was; what is
  `,
  },
  {
    means: { is: "intent", intent: "unreturned", asks: "strongly" },
    say: `
    waiting for me to call back; waiting for me to ring back; be calling back; be ringing back; should i be calling|ringing back; waits for me to call back; is|are waiting for my call; waiting for my call; waiting for a call from me; i still owe a? call; calling back; ringing back; am i supposed to call back; supposed to call back; who|whom do|should|must i call back; who do|should i need to call back; do|should i call back;
    have|did not i return|returned; have|did not i call|called|ring|rung back; i need|have|ought to call back; call back; not returned; unreturned; i have not returned;
    have i not returned; did i not return; i did not return; who do i owe a? call|calls;
    owe a? call|calls; do i owe; owe; never called back; not called back; have i not called back;
    have not called back; i have not called back; did i not call back; did not call back; not call back;
    i still have to call back; still need to call back; waiting for a? call back from me;
    forgot to call back; forgotten to call back; forget to call back; need to return; should i return;
    never returned; callbacks; pending callbacks; outstanding callbacks; return; still waiting for;
    to ring back; ring back; not rung back; i owe a call; need a call back; needs a call back;
    still owe a? call
  `,
  },
  {
    means: { is: "intent", intent: "unreturned", asks: "strongly", theirs: true },
    say: `
    called|call|calling me back; not|never called|call me back; rung|ring|phoned me back; not|never rung|phoned me back;
    returned|return my call|calls; not|never returned|return my call|calls; got|get|gotten back to me;
    not got|gotten|get back to me; owes|owe me a? call|calls; still owes|owe me a? call; has not called back
  `,
  },
  {
    means: { is: "intent", intent: "profile", asks: "strongly" },
    say: `
    tell me something|anything|everything|a bit about; something about; the story with; how do i get on|along with; rundown on|of; a? rundown on; fill me in on; what is up with; what is going on with; brief me on; report on; the? picture of; insight into; sum up; sum up my contact with; a summary of my contact with; how are we doing with; what is my history with; details for; profile for; a profile for; tell me about; tell me more about; summary of; summarise; summarize; how are things with;
    how are things going with; what do you know about; profile of; a? profile of; give me a summary of;
    overview of; my relationship with; how is my relationship with; what is my relationship with;
    relationship with; describe my relationship with; how is it going with; how am i doing with; who is;
    history with; my history with; insights on|about|into; everything about; how close am i to;
    how close are; contact profile of|for; details of|about|on; info on|about; information on|about
  `,
  },
  {
    means: { is: "intent", intent: "gaps", asks: "strongly" },
    say: `
    where the|my? data is|are missing; where the|my? log|history|records is|are missing; where something|anything is missing; what|which the|my? data is missing; where the? gaps are; what gaps; where are the|my? gaps; where are there gaps; is there data missing; are any|some days|periods missing; days|periods without data; blank days|periods; what periods have no data; where do i have no data; holes in; any holes in; any data missing; is any of my data missing; any missing data; missing stretches; what is missing from; is anything|something|data missing; is there anything|something|data missing;
    gaps; gap; data gaps; any gaps; missing data; what data is missing;
    holes; are there any? gaps|holes;
    which days|periods|times are missing; missing periods|days|records; is anything missing;
    am i missing any? data|records; where is data missing; incomplete;
    missing from my log|data|history|records; do i have any? gaps; gaps in; lost data; missing
  `,
  },
  {
    means: { is: "intent", intent: "quality", asks: "strongly" },
    say: `
    what is my data|log|history quality like; data|log quality like; quality like; how complete|good|reliable|accurate|clean|trustworthy my data|log|history|records is|are; how is my data|log; how is my data quality; how is the quality of; in good shape; assess; evaluate; grade; how clean; how trustworthy; the? state of; how much can i trust; is my data|log|history complete|reliable|good|accurate; is my call log|history complete|reliable|good; any good; how good|complete|reliable|accurate|clean is; data quality; quality; quality of; the? quality of;
    how reliable|trustworthy|good|complete|accurate are; data quality score; health of; how healthy is;
    score of my data; how good is the quality of; rate; can i trust
  `,
  },
  {
    means: { is: "intent", intent: "predict", asks: "strongly" },
    say: `
    which|what people|contacts|friends will; people|contacts|friends|those who will; which of my contacts|friends will; might; is about to; do you think will; who do you think will;  who might; who could; about to; can i expect; should i be expecting; do you expect; do i expect; who will; when will; will; is likely to; are likely to; likely to; likely; most likely;
    am i likely to; who is going to; going to; predict; prediction; predictions; forecast; expect;
    should i expect; expected; should i expect to hear; losing touch; losing touch with;
    am i losing touch with; overdue; drifting; drifting away; drift; drifted; drifting apart; predicted;
    probably; losing contact; losing contact with; lost touch; lost touch with; have i lost touch with;
    neglecting; neglected; out of touch; due; due for; is due; chance; chances;
    what are the chances that?; how likely is it that?; how likely is|am|are; call next; call me next;
    next; be in touch next; i expect
  `,
  },
  {
    means: { is: "horizon", days: 1 },
    say: `
    the next 24 hours; within 24 hours; over the next day; during tomorrow; tomorrow; in the next day; next day; within a day; in the next 24 hours;
    in the next twenty four hours; next 24 hours
  `,
  },
  {
    means: { is: "horizon", days: 7 },
    say: `
    over|within the next 7|seven days; the next week|7 days|seven days; over the coming week; during next week; in the week ahead; the week ahead; within 7|seven days; in the next few days; next week; in the next week; within a week; in the next seven days; in the next 7 days; next 7 days;
    next seven days; in the coming week; the coming week; this coming week; over the next week;
    within the next week
  `,
  },
  {
    means: { is: "horizon", days: 14 },
    say: `
    within|over|during the next fortnight; over|in|within the coming two|2 weeks; next 2 weeks; in|within|over the next 2 weeks; the next two|2 weeks; the coming fortnight; in|over the coming fortnight; in a fortnight; within two|2 weeks; in the next two weeks; in the next 2 weeks; within two weeks; next fortnight; in the next fortnight;
    in the next 14 days; over the next two weeks; in the next fourteen days; next two weeks;
    within the next two weeks; next 14 days; within a fortnight
  `,
  },
  {
    means: { is: "horizon", days: 28 },
    say: `
    the next month|four weeks|28 days; within four|4 weeks; over|within the next 4|four weeks|28 days; during next month; next month; in the next month; in the next four weeks; in the next 28 days; in the next 4 weeks;
    in the coming month; within a month; over the next month; next four weeks; over the next four weeks;
    next 28 days; in the coming weeks; within the next month; the coming month
  `,
  },
  {
    means: { is: "dimension", dimension: "hour", each: false },
    say: `
    which|what hour|hours; on|in|at which|what hour|hours; what|which hour of the day;
    what|which time of the? day; what|which part of the day; at what|which time of the? day;
    at what hour; during which|what hour; what time do|am|are; at what|which hour of the day;
    hour of the day; time of day; the? hour
  `,
  },
  {
    means: { is: "dimension", dimension: "hour", each: true },
    say: `
    by the? hour|hours; per hour|hours; each|every hour|hours; for|on|in each|every hour|hours;
    hour|hours by hour|hours; broken down by hour|hours; split by hour|hours; grouped by hour|hours;
    hourly; by hour of the? day; per hour of the? day; by time of day; for each hour of the day;
    by the hour
  `,
  },
  {
    means: { is: "dimension", dimension: "weekday", each: false },
    say: `
    which|what weekday|weekdays; on|in|at which|what weekday|weekdays; what|which day of the week;
    on what|which day of the week; what|which days of the week; on what|which days of the week;
    on which days of the week; day of the week; weekday; what|which weekday
  `,
  },
  {
    means: { is: "dimension", dimension: "weekday", each: true },
    say: `
    by the? weekday|weekdays; per weekday|weekdays; each|every weekday|weekdays;
    for|on|in each|every weekday|weekdays; weekday|weekdays by weekday|weekdays;
    broken down by weekday|weekdays; split by weekday|weekdays; grouped by weekday|weekdays;
    by day of the? week; per day of the? week; for each day of the week; by days of the week;
    each day of the week
  `,
  },
  {
    means: { is: "dimension", dimension: "day", each: false },
    say: "which|what day|days; on|in|at which|what day|days; day; what|which date",
  },
  {
    means: { is: "dimension", dimension: "day", each: true },
    say: `
    by the? day|days; per day|days; each|every day|days; for|on|in each|every day|days;
    day|days by day|days; broken down by day|days; split by day|days; grouped by day|days; daily
  `,
  },
  {
    means: { is: "dimension", dimension: "week", each: false },
    say: "which|what week|weeks; on|in|at which|what week|weeks; week",
  },
  {
    means: { is: "dimension", dimension: "week", each: true },
    say: `
    by the? week|weeks; per week|weeks; each|every week|weeks; for|on|in each|every week|weeks;
    week|weeks by week|weeks; broken down by week|weeks; split by week|weeks; grouped by week|weeks;
    weekly
  `,
  },
  {
    means: { is: "dimension", dimension: "month", each: false },
    say: "which|what month|months; on|in|at which|what month|months; month; during which|what month",
  },
  {
    means: { is: "dimension", dimension: "month", each: true },
    say: `
    by the? month|months; per month|months; each|every month|months; for|on|in each|every month|months;
    month|months by month|months; broken down by month|months; split by month|months;
    grouped by month|months; monthly
  `,
  },
  {
    means: { is: "dimension", dimension: "year", each: false },
    say: "which|what year|years; on|in|at which|what year|years; year",
  },
  {
    means: { is: "dimension", dimension: "year", each: true },
    say: `
    by the? year|years; per year|years; each|every year|years; for|on|in each|every year|years;
    year|years by year|years; broken down by year|years; split by year|years; grouped by year|years;
    yearly|annually
  `,
  },
  {
    means: { is: "dimension", dimension: "type", each: false },
    say: "which|what type|types|kind; on|in|at which|what type|types|kind",
  },
  {
    means: { is: "dimension", dimension: "type", each: true },
    say: `
    by the? type|types|kind; per type|types|kind; each|every type|types|kind;
    for|on|in each|every type|types|kind; type|types|kind by type|types|kind;
    broken down by type|types|kind; split by type|types|kind; grouped by type|types|kind
  `,
  },
  {
    means: { is: "dimension", dimension: "direction", each: false },
    say: "which|what direction|directions; on|in|at which|what direction|directions",
  },
  {
    means: { is: "dimension", dimension: "direction", each: true },
    say: `
    by the? direction|directions; per direction|directions; each|every direction|directions;
    for|on|in each|every direction|directions; direction|directions by direction|directions;
    broken down by direction|directions; split by direction|directions; grouped by direction|directions
  `,
  },
  {
    means: { is: "dimension", dimension: "status", each: false },
    say: `
    which|what status|statuses|outcome|outcomes|result;
    on|in|at which|what status|statuses|outcome|outcomes|result
  `,
  },
  {
    means: { is: "dimension", dimension: "status", each: true },
    say: `
    by the? status|statuses|outcome|outcomes|result; per status|statuses|outcome|outcomes|result;
    each|every status|statuses|outcome|outcomes|result;
    for|on|in each|every status|statuses|outcome|outcomes|result;
    status|statuses|outcome|outcomes|result by status|statuses|outcome|outcomes|result;
    broken down by status|statuses|outcome|outcomes|result;
    split by status|statuses|outcome|outcomes|result; grouped by status|statuses|outcome|outcomes|result
  `,
  },
  {
    means: { is: "dimension", dimension: "source", each: false },
    say: "which|what source|sources; on|in|at which|what source|sources",
  },
  {
    means: { is: "dimension", dimension: "source", each: true },
    say: `
    by the? source|sources; per source|sources; each|every source|sources;
    for|on|in each|every source|sources; source|sources by source|sources; broken down by source|sources;
    split by source|sources; grouped by source|sources
  `,
  },
  {
    means: { is: "dimension", dimension: "line", each: false },
    say: `
    which|what line|lines|sim|sims|phone|device|handset;
    on|in|at which|what line|lines|sim|sims|phone|device|handset
  `,
  },
  {
    means: { is: "dimension", dimension: "line", each: true },
    say: `
    by the? line|lines|sim|sims|phone|device|handset; per line|lines|sim|sims|phone|device|handset;
    each|every line|lines|sim|sims|phone|device|handset;
    for|on|in each|every line|lines|sim|sims|phone|device|handset;
    line|lines|sim|sims|phone|device|handset by line|lines|sim|sims|phone|device|handset;
    broken down by line|lines|sim|sims|phone|device|handset;
    split by line|lines|sim|sims|phone|device|handset;
    grouped by line|lines|sim|sims|phone|device|handset
  `,
  },
  {
    means: { is: "dimension", dimension: "contact", each: false },
    say: `
    which|what contact|contacts|person|people|caller|number;
    on|in|at which|what contact|contacts|person|people|caller|number
  `,
  },
  {
    means: { is: "dimension", dimension: "contact", each: true },
    say: `
    by the? contact|contacts|person|people|caller|number;
    per contact|contacts|person|people|caller|number;
    each|every contact|contacts|person|people|caller|number;
    for|on|in each|every contact|contacts|person|people|caller|number;
    contact|contacts|person|people|caller|number by contact|contacts|person|people|caller|number;
    broken down by contact|contacts|person|people|caller|number;
    split by contact|contacts|person|people|caller|number;
    grouped by contact|contacts|person|people|caller|number
  `,
  },
  {
    means: { is: "source", source: "carrier" },
    say:
      "whose source is|was the? carrier; with the? carrier as source; with the? carrier as the|their source; have|has|had the? carrier as source; have|has|had the? carrier as the|their source; that have|has the? carrier as their|the source; where the source is the? carrier; the source is the? carrier; stem|stems|stemmed from the? carrier; came|come from the? carrier; did the|my carrier report; the|my carrier reported; recorded|reported|delivered|captured|logged|provided|supplied|sent by the|my carrier; according to the|my carrier; with source carrier; source carrier; via the|my carrier; by the|my carrier; in the|my carrier data|log|records; from the|my carrier; carrier; carrier records|data; reported by the|my carrier; from my operator",
  },
  {
    means: { is: "source", source: "device" },
    say:
      "whose source is|was the? device|phone; with the? device|phone as source; with the? device|phone as the|their source; have|has|had the? device|phone as source; have|has|had the? device|phone as the|their source; that have|has the? device|phone as their|the source; where the source is the? device|phone; the source is the? device|phone; stem|stems|stemmed from the? device|phone; came|come from the? device|phone; did the|my device|phone report; the|my device reported; recorded|reported|delivered|captured|logged|provided|supplied by the|my device|phone|handset; according to the|my device|phone; with source device; source device; via the|my device; by the|my device; on|from this device; from the|my device|phone; device; reported by my phone|device",
  },
  {
    means: { is: "source", source: "backup" },
    say:
      "whose source is|was the? backup|backups; with the? backup|backups as source; with the? backup|backups as the|their source; have|has|had the? backup|backups as source; have|has|had the? backup|backups as the|their source; that have|has the? backup|backups as their|the source; where the source is the? backup|backups; the source is the? backup|backups; stem|stems|stemmed from the? backup|backups; came|come from the? backup|backups; imported from the|my|a backup|backups; from the|my|a backup file|files; in the|my|a backup; recorded|reported|provided by the|my|a backup; with source backup; source backup; via the|my|a backup; by backup; out of the|my|a backup; according to the|my|a backup; from the|my|a backup|backups; backup; backups; from backups",
  },
  {
    means: { is: "source", source: "manual" },
    say:
      "whose source is|was the? manual; with the? manual as source; with the? manual as the|their source; have|has|had the? manual as source; have|has|had the? manual as the|their source; that have|has the? manual as their|the source; where the source is the? manual; the source is the? manual; stem|stems|stemmed from the? manual; came|come from the? manual; added|typed in by hand; with source manual; source manual; i entered myself; entered by me; manual entries; added manually; entered by hand; manual; manually entered; entered manually; added by hand",
  },
  {
    means: { is: "source", source: "api" },
    say:
      "whose source is|was the? api; with the? api as source; with the? api as the|their source; have|has|had the? api as source; have|has|had the? api as the|their source; that have|has the? api as their|the source; where the source is the? api; the source is the? api; stem|stems|stemmed from the? api; came|come from the? api; with source api; source api; by the? api; over the api; came through the api; through the api; from the api; via the api; via api",
  },
  { means: { is: "weekdays", weekdays: [1] }, say: "on? mondays; every monday" },
  { means: { is: "weekdays", weekdays: [2] }, say: "on? tuesdays; every tuesday" },
  { means: { is: "weekdays", weekdays: [3] }, say: "on? wednesdays; every wednesday" },
  { means: { is: "weekdays", weekdays: [4] }, say: "on? thursdays; every thursday" },
  { means: { is: "weekdays", weekdays: [5] }, say: "on? fridays; every friday" },
  { means: { is: "weekdays", weekdays: [6] }, say: "on? saturdays; every saturday" },
  { means: { is: "weekdays", weekdays: [7] }, say: "on? sundays; every sunday" },
  {
    means: { is: "weekdays", weekdays: [6, 7] },
    say: "on|at|during weekends; weekends; on the weekends; at weekends; weekend",
  },
  {
    means: { is: "weekdays", weekdays: [1, 2, 3, 4, 5] },
    say: `
    on|during weekdays; weekdays; on workdays; workdays; on working days; on business days;
    during the working? week; on a weekday
  `,
  },
  {
    means: { is: "hours", hours: [{ from: 540, to: 1020 }], weekdays: [1, 2, 3, 4, 5] },
    say: `
    during|in|within office|business|working|work hours; office|business|working|work hours; at work;
    during my office|business|working|work hours
  `,
  },
  {
    means: { is: "hours", hours: [{ from: 300, to: 720 }] },
    say: "in the mornings?; mornings; in the morning; before noon|lunch; morning; during the morning",
  },
  {
    means: { is: "hours", hours: [{ from: 720, to: 1020 }] },
    say: "in the afternoon; in the afternoons; afternoons; afternoon",
  },
  {
    means: { is: "hours", hours: [{ from: 1020, to: 1320 }] },
    say: "in the evening; in the evenings; evenings; evening; of an evening",
  },
  {
    means: { is: "hours", hours: [{ from: 1320, to: 300 }] },
    say: `
    at night; nights; in the night; during the night; night; at nighttime; overnight; late at night;
    nighttime; by night
  `,
  },
  {
    means: { is: "not" },
    say: `
    everyone|everybody|anyone|anybody|people|all|anything but; everyone|everybody|anyone|anybody|people except|excluding|besides; everyone|everybody|anyone|anybody|people other than; everyone|everybody|anyone|anybody|people apart from; without those from|to|with; without the ones from|to|with; except those from|to|with; not including; not counting those from|to|with; leaving aside; aside from; save for; minus; not; except; except for; excluding; but not; other than; apart from; without; not with; not from;
    not to; besides; not counting; ignoring; leaving out; excluding those from|with|to
  `,
  },
  { means: { is: "only" }, say: "only; just" },
  {
    means: { is: "follow_up" },
    say: `
    what about; how about; and what about; and how about; ok and; now; and now; same for; the same for;
    and for; what of; then; and the; also; and only; and just; same question for; same thing for; but
  `,
  },
  {
    means: { is: "introduces", slot: "text" },
    say: `
    have|has|had the? word|words|phrase; where the? word|words; with the? word|words|phrase; talk|talks|talking|talked about; speak|speaks about; that talk|talks about; containing the? word|words|phrase; which contain|contains; in which i|they said; that refer to; referring to; about; containing; contain; contains; mentioning; mention; mentions; mentioned; that say; saying;
    that mention|mentions|mentioned; that contain|contains; with the? word|words|text|phrase;
    including the? word|words|phrase; with the word; regarding; that include; which say; which mention;
    reading; say; says; said; the? word|phrase|text; that said
  `,
  },
  {
    means: { is: "introduces", slot: "company" },
    say: `
    people at|from; someone at|from; anyone at|from; anybody at|from; contacts at|from; the company;
    company; the people at; everyone at|from; colleagues at; who work|works at|for; working at|for; at;
    somebody at|from; staff at|of
  `,
  },
  {
    means: { is: "introduces", slot: "tag" },
    say: `
    tagged; tagged as|with; with the tag; tag; the tag; labelled; labeled; contacts|people tagged as?;
    in my group; in the group; group; my group
  `,
  },
  {
    means: { is: "introduces", slot: "line" },
    say: `
    on my; on line; with my line; from my line; on the; over my; line; sim; on sim; on the line; using;
    via; via my; using my
  `,
  },
  {
    means: { is: "foreign", why: "write" },
    say: `
    my? phone bill|plan|contract|battery|case|tariff; the phone bill; my bill; delete; remove; erase; drop; update; insert; edit; rename; merge; add; create; block; unblock;
    call him|her|them for me; schedule; remind; remind me; book; order; forward; email; export; import;
    share with; post; reply; change the; set
  `,
  },
  {
    means: { is: "foreign", why: "others" },
    say: `
    whose phone log|log|history|phone; whose log|call log|history|phone|data; my colleague|colleagues|teammate|teammates|boss; other|another user|users;
    everyone|everybody|anyone|anybody|people|somebody|someone 's; 's phone log; 's log; 's call log; 's history;
    's phone; 's data; everyone|everybody in the team; the team; my team; team; colleagues; somebody else's; other people's;
    their calls
  `,
  },
  {
    means: { is: "each_other" },
    say:
      "each|one other|another; with each|one other|another; to each|one other|another; among themselves; themselves",
  },
  {
    means: { is: "whether" },
    say:
      "whether; if; check whether|if; tell me whether|if; do you know whether|if; is it true that; i wonder whether|if; can you tell me whether|if; find out whether|if",
  },
  { means: { is: "be" }, say: "is; are; was; were; be; been; being; am" },
  { means: { is: "have" }, say: "have; has; had; having; have got; had got" },
  {
    means: { is: "filler" },
    say: `
    work out; calculate; compute; figure out; determine; the; a; an; my; mine; our; do; does; did; please; could you; can you; would you; will you; could you please; can you please;
    would you please; can i; could i; may i; hey; hi; hello; thanks; thank you; ok; okay; so; well;
    tell me; tell; let me know; i wonder; i want to know; i would like to know; do you know; you;
    just tell me; kindly; of; in; on; at; for; during; over; it; its; that; there; this; which; ever;
    all; any; some; in total; altogether; overall; in all; all together; so far;
    up to now; until now; to date; already; really; actually; exactly; about how; roughly; approximately;
    currently; right now; at all; again; yet; in general; generally; log; call log; call history;
    history; phone; data; records; my log; all time; of all time; in my log|history|records; went;
    happened; happen; happens; took place; take place; times; time; place; to be; were there; are there;
    is there; was there; there have been; have there been; there were; my data; my phone; on my phone;
    anyone; anybody; someone; somebody; everyone; everybody; one; kind of; sort of; want to; i want;
    i would like; too; mind telling me; would you mind telling me; do you mind telling me; break down; breakdown of; split; group;
    the ones with; ones with; in them; in it; take; takes; took; taking; go on; went on; appear; appears; imported; still; different; distinct; unique; could|can|may|might i ask; i would like to ask; it that; is it that; was it that; at any time; whatsoever; by any chance; long; sees; saw; everything; anything; happening; there is; please do; for me; every; each; use; used; in all my; out there; now; today's date; in my life; at the moment; it is; kindly tell me; quickly; briefly; both; either; between us; usually; normally; lasted; lasting; single;
    much; many; often; frequently; regularly
  `,
  },
];
