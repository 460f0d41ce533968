import type { Phrase } from "../language.ts";

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

/** Which figure is asked for, in which order and split by what. */
export const MEASURES: readonly Phrase[] = [
  ...SPLITS,
  {
    means: { is: "how_many", times: true },
    say: `
    number of times; the number of times; how many times; how often; how frequently; how regularly;
    how many different|distinct times
  `,
  },
  {
    means: { is: "how_many" },
    say: `
    in total; altogether; all told; in all; # of; #; no of; total up; tot up; the? quantity of; the? volume of; a? tally of; the tally of; grand total; grand total of; the? sum of; the? sum; total; the total; total of; total number; the total number; how many; the? number of; count; count of; the? count of;
    the? total number of; how many of; total number of; what is the number of; what number of; how much; the? amount of; what is the total
  `,
  },
  { means: { is: "how_long", bare: true }, say: "how long; how short" },
  {
    means: { is: "how_long" },
    say: `
    how much time; how many minutes|hours|seconds; how many minutes|hours of; hours|minutes on the phone|calls; total time;
    total duration; talk time; total talk time; total length; the? duration of; minutes|hours of; time spent;
    time on the phone; how many minutes|hours did; total call time; how much time in total;
    total minutes; call time; how much talk time; time i spent; did i spend; i spend; spend; spent; waste; wasted; time;
    duration; minutes; how much of my time; how much talking; the? total duration|length|time of; total duration of; in minutes|hours|seconds; length
  `,
  },
  {
    means: { is: "average", bare: true },
    say:
      "average; on average; mean; typical; typically; usually; normally; on an average; as a rule; avg; usual",
  },
  {
    means: { is: "average" },
    say: `
    the? average|mean length|duration of; average length|duration|time of?; mean length|duration of?
  `,
  },
  { means: { is: "median" }, say: "median; median length|duration of?" },
  {
    means: { is: "share" },
    say: `
    percentage; percent; proportion; rate; the? rate of; in percent|percentages|percentage; as a percentage;
    what|which portion|part|chunk|slice of; the? portion of; what percent; how high a share|percentage of; how big a part|portion of; what percentage|percent|share|proportion|fraction|part of;
    what is the percentage|share|proportion|fraction of; which percentage|share|proportion|fraction of;
    the? percentage|percent|share|proportion|fraction of; percentage|percent|share|proportion of;
    how much of; how big|large|high is the? share|proportion|percentage|part|portion of; how big a share|proportion of; how large a share|proportion of;
    what percentage|share|proportion; % of; what % of; how many percent of
  `,
  },
  {
    means: { is: "share", whole: true },
    say:
      "as a? percentage|share|proportion|fraction|part of; in|within|from my interactions|communications|communication|activity|events|entries; out of; among; amongst; from among; out of all",
  },
  { means: { is: "comparative", longer: true }, say: "longer; shorter; for longer; more time; less time" },
  {
    means: { is: "comparative" },
    say: `
    more; fewer; less; more often; less often; more frequently; higher; lower; up or down; bigger; up; down; gone up|down
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
    means: { is: "top", one: true },
    say:
      "top|favourite|favorite|best|main contact|person|friend|number; number one contact|person|friend; most frequent|common contact",
  },
  {
    means: { is: "top" },
    say: "top; the top; my top; ranking of; rank; leaderboard of; list of top",
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
    means: { is: "dimension", dimension: "hour", each: false },
    say: `
    which|what hour|hours; on|in|at which|what hour|hours; what|which hour of the day;
    what|which time of the? day; what|which part of the day; at what|which time of the? day;
    at what hour; during which|what hour; what time do|am|are; at what|which hour of the day;
    hour of the day; time|times of the? day; the? hour
  `,
  },
  {
    means: { is: "dimension", dimension: "hour", each: true },
    say: `
    by the? hour|hours; per hour|hours; each|every hour|hours; for|on|in each|every hour|hours;
    hour|hours by hour|hours; broken down by hour|hours; split by hour|hours; grouped by hour|hours;
    spread|distributed over|across|through the day; over|across the hours of the day; hourly; by hour of the? day; per hour of the? day; by time of day; for each hour of the day;
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
    spread|distributed over|across|through the week; over|across the days of the week; by day of the? week; per day of the? week; for each day of the week; by days of the week;
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
    split|breakdown of calls and|versus|vs texts|messages; calls and|versus|vs texts|messages split|breakdown;
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
    which|what line|lines|sim|sims|phone|device|handset; which of my lines|sims|phones|devices;
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
];
