import { averagePrecision, formatTable, seededRandom } from "./metrics.ts";
import type { LoggedEvent, Person } from "./phones.ts";
import type { Print } from "./predictions.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";

const HOUR = 3_600_000;
const ZONE = "Europe/Copenhagen";
const REPEATS = 3;
/** The rival: what is silent for three days is a gap. */
const FIXED_HOURS = 72;

type Channel = "all" | "call" | "sms";

interface Silence {
  readonly channel: Channel;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly hours: number;
  readonly surprise: number;
  readonly p_quiet: number;
}

interface Gap {
  readonly channel: Channel;
  readonly start: string;
  readonly end: string;
  readonly verdict: "proven" | "suspected" | "quiet";
}

interface Hole {
  readonly from: number;
  readonly to: number;
}

const iso = (ms: number) => new Date(ms).toISOString();
const overlap = (hole: Hole, from: string, to: string) =>
  Math.max(0, Math.min(hole.to, Date.parse(to)) - Math.max(hole.from, Date.parse(from)));

/** A hole of log-uniform length somewhere in the log, a day away from its ends. */
function dig(person: Person, [shortest, longest]: readonly [number, number], random: () => number): Hole {
  const length = HOUR * Math.exp(Math.log(shortest) + random() * Math.log(longest / shortest));
  const room = person.ends_at - person.starts_at - length - 48 * HOUR;
  const from = person.starts_at + 24 * HOUR + random() * Math.max(room, 0);
  return { from, to: from + length };
}

function without(person: Person, hole: Hole, channel: Channel): LoggedEvent[] {
  return person.events.filter(({ ts, type }) =>
    ts < hole.from || ts >= hole.to || (channel !== "all" && type !== channel)
  );
}

const askGaps = (sandbox: Sandbox, person: Person, events: readonly LoggedEvent[], setUp = "") =>
  sandbox.ask<{ gaps: Gap[] }>(
    events,
    "public.detect_data_gaps($1::timestamptz, $2::timestamptz, $3::text)",
    [iso(person.starts_at), iso(person.ends_at), ZONE],
    setUp,
  );

/** Ranks every silence of every log with one injected hole: is the hole at the top? */
async function printRanking(sandbox: Sandbox, people: readonly Person[], print: Print): Promise<void> {
  const random = seededRandom(72);
  const rows = [[
    "injected",
    "holes",
    "silences",
    "suspected",
    "fixed 3 days",
    "ratio",
    "by length",
    "found",
    "precision",
  ]];
  for (
    const [name, channel, lengths] of [
      ["whole, 12 h to 7 d", "all", [12, 168]],
      ["calls, 1 d to 10 d", "call", [24, 240]],
      ["texts, 1 d to 10 d", "sms", [24, 240]],
    ] as const
  ) {
    const happened: number[] = [];
    const [ours, fixed, length]: [number[], number[], number[]] = [[], [], []];
    let [holes, suspected, right] = [0, 0, 0];
    for (const person of people) {
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        const hole = dig(person, lengths, random);
        const events = without(person, hole, channel);
        if (events.length === person.events.length) continue;
        holes++;
        const silences = await sandbox.ask<Silence[]>(
          events,
          `(select coalesce(jsonb_agg(s), '[]') from private.silences($1::timestamptz, $2::timestamptz, $3::text, 5) as s where s.channel = $4)`,
          [iso(person.starts_at), iso(person.ends_at), ZONE, channel],
        );
        for (const silence of silences) {
          const is_hole = overlap(hole, silence.starts_at, silence.ends_at) > (hole.to - hole.from) / 2;
          happened.push(is_hole ? 1 : 0);
          ours.push(silence.surprise >= 3 ? -silence.p_quiet : -1 - 1 / (1 + silence.surprise));
          fixed.push(silence.hours >= FIXED_HOURS ? 1 : 0);
          length.push(silence.hours);
          if (silence.surprise < 3 || silence.p_quiet > 0.05) continue;
          suspected++;
          if (is_hole) right++;
        }
      }
    }
    const precision = (predicted: number[]) => averagePrecision({ predicted, happened });
    rows.push([
      ...[name, `${holes}`, `${happened.length}`, precision(ours).toFixed(3), precision(fixed).toFixed(3)],
      `${(precision(ours) / precision(fixed)).toFixed(2)} x`,
      precision(length).toFixed(3),
      `${(100 * right / holes).toFixed(0)} %`,
      `${(100 * right / Math.max(suspected, 1)).toFixed(0)} %`,
    ]);
  }
  print(
    "Gaps: average precision of the ranking of all silences; found and precision at the verdict suspected",
  );
  print(formatTable(rows));
}

const claimsOf = (pieces: readonly Hole[], type: string, name: string) => `
  insert into public.sync_sources (user_id, id, kind, name) values ($owner, md5('${name}')::uuid, 'device', '${name}') on conflict do nothing;
  insert into public.coverage (user_id, sync_source_id, type, covered)
  values ($owner, md5('${name}')::uuid, '${type}', '{${
  pieces.map(({ from, to }) => `[${iso(from)},${iso(to)})`).join(",")
}}');`;

/** What sources claim beside what is missing: holes of the claims with and without a hole in the data. */
async function printProofs(sandbox: Sandbox, people: readonly Person[], print: Print): Promise<void> {
  const random = seededRandom(2);
  let [found, empty, wrong, untold] = [0, 0, 0, 0];
  for (const person of people) {
    const whole = { from: person.starts_at, to: person.ends_at };
    const hole = dig(person, [24, 168], random);
    const events = without(person, hole, "all");
    const cut = [{ from: whole.from, to: hole.from }, { from: hole.to, to: whole.to }];
    const both = (pieces: readonly Hole[], name: string) =>
      claimsOf(pieces, "call", name) + claimsOf(pieces, "sms", name);
    const is_missing = events.length < person.events.length;
    const count = (gaps: readonly Gap[], isRight: (gap: Gap) => boolean) => {
      const proven = gaps.filter(({ verdict }) => verdict === "proven");
      wrong += proven.filter((gap) => !isRight(gap)).length;
      return proven.some(isRight);
    };
    const inHole = (gap: Gap) =>
      overlap(hole, gap.start, gap.end) >= 0.99 * (Date.parse(gap.end) - Date.parse(gap.start));
    // The source did not deliver the hole, and says so by not claiming it.
    const cutAnswer = await askGaps(sandbox, person, events, both(cut, "phone"));
    if (!is_missing) empty++;
    if (count(cutAnswer.gaps, inHole)) found++;
    // Nothing is missing: no claims at all, a claim of everything, claims that overlap, claims with a hole where events are.
    for (
      const setUp of [
        "",
        both([whole], "phone"),
        both(cut, "phone") + both([{ from: hole.from - HOUR, to: hole.to + HOUR }], "old phone"),
        is_missing ? both(cut, "phone") : "",
      ]
    ) {
      untold++;
      count((await askGaps(sandbox, person, person.events, setUp)).gaps, () => false);
    }
  }
  print(
    "Proven: one log each with a hole that its source does not claim, and four ways in which nothing is missing",
  );
  print(formatTable([
    ["unclaimed holes", "of them empty anyway", "proven", "logs with nothing missing", "wrongly proven"],
    [`${people.length}`, `${empty}`, `${found}`, `${untold}`, `${wrong}`],
  ]));
}

/**
 * Prints how well `detect_data_gaps` ranks injected holes among all silences, beside a fixed threshold of three days, and
 * how often its verdict `proven` is wrong.
 */
export async function backtestGaps(people: readonly Person[], print: Print): Promise<void> {
  const sandbox = await openSandbox();
  try {
    await printRanking(sandbox, people, print);
    await printProofs(sandbox, people, print);
  } finally {
    await sandbox.close();
  }
}
