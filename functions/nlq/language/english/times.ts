import type { Phrase } from "../language.ts";

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

/** When, how often and until when, beside the calendar that `times.ts` reads. */
export const TIMES: readonly Phrase[] = [
  ...RECURRING,
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
    how did; develop; develops; evolve; evolves; over time; trend; trends; the? trend of|in|for; increased; increasing; decreased; decreasing; changed; change; changing; development of;
    evolution of; how has; how have; developed; evolved; timeline of; history of; trending; chart of;
    a? graph of; plot of; graph; chart; plot; going up|down; progress of
  `,
  },
  {
    means: { is: "when" },
    say: `
    the? date|day of; the? date and time of; when; what time; at what time; on what date; what day was it; what date;
    which date; on which date; what was the date of
  `,
  },
  {
    means: { is: "edge", edge: "last" },
    say: `
    how long ago; how long has it been since; how long since; how long is it since; how many days|weeks|months ago; how many days|weeks|months since; how many days|weeks|months has|is it been? since; last; latest; most recent; most recently; newest; the? very last; the? very last time; for the last time; the last time; last time; the most recent;
    the last; the latest
  `,
  },
  {
    means: { is: "edge", edge: "first" },
    say: `
    first; earliest; oldest; the first time; first time; the? very first; the? very first time; for the first time; the? first ever time; the first; the earliest; the oldest;
    first ever
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
    late at? night; late nights; at night; nights; in the night; during the night; night; at nighttime; overnight; late at night;
    nighttime; by night
  `,
  },
];
