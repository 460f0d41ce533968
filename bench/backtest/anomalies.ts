import { formatTable, seededRandom } from "./metrics.ts";
import type { LoggedEvent, Person } from "./phones.ts";
import type { Print } from "./predictions.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";

const DAY = 86_400_000;
/** Where the study took place; its winter has no clock change. */
const ZONE = "Europe/Copenhagen";
const OFFSET = 3_600_000;
/** Whole days that have to go before a day that is judged. */
const WARM_UP = 7;
const ALARM_DAYS = [30, 60, 120];
const REPEATS = 3;

interface Anomaly {
  readonly test: string;
  readonly date: string;
  readonly p_value: number;
}

interface Answer {
  readonly anomalies: readonly Anomaly[];
  readonly days_judged: number;
}

/** The whole local days of a log. */
function daysOf({ starts_at, ends_at }: Person): { first: number; count: number } {
  const first = Math.floor((starts_at + OFFSET) / DAY) + 1;
  return { first, count: Math.floor((ends_at + OFFSET) / DAY) - first };
}

function ask(
  sandbox: Sandbox,
  person: Person,
  events: readonly LoggedEvent[],
  alarm_days: number,
): Promise<Answer> {
  const { first, count } = daysOf(person);
  const [from, to] = [first * DAY - OFFSET, (first + count) * DAY - OFFSET].map((ms) =>
    new Date(ms).toISOString()
  );
  return sandbox.ask(
    events,
    "public.detect_anomalies($1::timestamptz, $2::timestamptz, $3::text, $4::integer)",
    [from, to, ZONE, alarm_days],
  );
}

function callsByDay(person: Person, events: readonly LoggedEvent[]): number[] {
  const { first, count } = daysOf(person);
  const counts = new Array<number>(count).fill(0);
  for (const { ts, type } of events) {
    const day = Math.floor((ts + OFFSET) / DAY) - first;
    if (type === "call" && day >= 0 && day < count) counts[day] = (counts[day] ?? 0) + 1;
  }
  return counts;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}

/** The textbook rules, each told by the days before. */
const RIVALS: Readonly<Record<string, (value: number, past: readonly number[]) => boolean>> = {
  "z > 3": (value, past) => {
    const mean = past.reduce((sum, x) => sum + x, 0) / past.length;
    const variance = past.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(past.length - 1, 1);
    return Math.abs(value - mean) > 3 * Math.sqrt(variance) && value !== mean;
  },
  "MAD-z > 3.5": (value, past) => {
    const middle = median(past);
    const mad = median(past.map((x) => Math.abs(x - middle)));
    return 0.6745 * Math.abs(value - middle) > 3.5 * mad && value !== middle;
  },
};

function rivalAlarms(
  rule: (value: number, past: readonly number[]) => boolean,
  counts: readonly number[],
): number[] {
  return counts.flatMap((value, day) => day >= WARM_UP && rule(value, counts.slice(0, day)) ? [day] : []);
}

/** Adds events of one type on a day, to and from the person's own partners at the hours at which the person is awake. */
function inject(
  person: Person,
  day: number,
  count: number,
  type: "call" | "sms",
  random: () => number,
): LoggedEvent[] {
  const midnight = (daysOf(person).first + day) * DAY - OFFSET;
  const added = Array.from({ length: count }, (_, i): LoggedEvent => {
    const like = person.events[Math.floor(random() * person.events.length)] as LoggedEvent;
    const of_day = (like.ts + OFFSET) % DAY;
    const direction = random() < 0.5 ? "inbound" : "outbound";
    return {
      ...{ ...like, ts: midnight + of_day + i, type, direction, content: null },
      status: type === "call" ? "answered" : null,
      duration: type === "call" ? 30 + Math.floor(random() * 120) : null,
    };
  });
  return [...person.events, ...added];
}

const percent = (part: number, whole: number) => `${(100 * part / whole).toFixed(0)} %`;

async function printFalseAlarms(sandbox: Sandbox, people: readonly Person[], print: Print): Promise<void> {
  const rows = [["rule", "one in", "days judged", "alarm days", "achieved/nominal", "of them calls"]];
  for (const alarm_days of ALARM_DAYS) {
    let [judged, alarms, calls] = [0, 0, 0];
    for (const person of people) {
      const answer = await ask(sandbox, person, person.events, alarm_days);
      judged += answer.days_judged;
      alarms += new Set(answer.anomalies.map(({ date }) => date)).size;
      calls += answer.anomalies.filter(({ test }) => test === "calls").length;
    }
    rows.push([
      "detect_anomalies",
      `${alarm_days} d`,
      `${judged}`,
      `${alarms}`,
      (alarms / judged * alarm_days).toFixed(2),
      `${calls}`,
    ]);
  }
  for (const [name, rule] of Object.entries(RIVALS)) {
    let [judged, alarms] = [0, 0];
    for (const person of people) {
      const counts = callsByDay(person, person.events);
      judged += Math.max(counts.length - WARM_UP, 0);
      alarms += rivalAlarms(rule, counts).length;
    }
    rows.push([name, "60 d", `${judged}`, `${alarms}`, (alarms / judged * 60).toFixed(2), `${alarms}`]);
  }
  print("False alarms: every day of the logs as it is counts as ordinary");
  print(formatTable(rows));
}

async function printRecall(sandbox: Sandbox, people: readonly Person[], print: Print): Promise<void> {
  const random = seededRandom(60);
  const kinds = [
    { name: "+10 calls", type: "call", size: () => 10 },
    { name: "calls 5 x mean + 3", type: "call", size: (mean: number) => Math.round(5 * mean + 3) },
    { name: "+10 texts", type: "sms", size: () => 10 },
  ] as const;
  const rows = [["injected", "spikes", "detect_anomalies", ...Object.keys(RIVALS)]];
  for (const { name, type, size } of kinds) {
    let [spikes, found] = [0, 0];
    const rivals = Object.values(RIVALS).map(() => 0);
    for (const person of people) {
      const { first, count } = daysOf(person);
      if (count <= WARM_UP) continue;
      const before = callsByDay(person, person.events);
      const mean = before.reduce((sum, x) => sum + x, 0) / before.length;
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        const day = WARM_UP + Math.floor(random() * (count - WARM_UP));
        const events = inject(person, day, size(mean), type, random);
        const date = new Date((first + day) * DAY).toISOString().slice(0, 10);
        const { anomalies } = await ask(sandbox, person, events, 60);
        spikes++;
        if (anomalies.some((anomaly) => anomaly.date === date)) found++;
        const counts = callsByDay(person, events);
        Object.values(RIVALS).forEach((rule, i) => {
          if (rule(counts[day] ?? 0, counts.slice(0, day))) rivals[i] = (rivals[i] ?? 0) + 1;
        });
      }
    }
    rows.push([name, `${spikes}`, percent(found, spikes), ...rivals.map((hits) => percent(hits, spikes))]);
  }
  print("Recall of injected spikes, at one alarm in 60 days; the rivals see calls only");
  print(formatTable(rows));
}

/**
 * Prints how often `detect_anomalies` raises a false alarm on the logs as they are, against the rate it is asked for,
 * and how many injected spikes it finds; both beside z > 3 and MAD-z 3.5.
 */
export async function backtestAnomalies(people: readonly Person[], print: Print): Promise<void> {
  const sandbox = await openSandbox();
  try {
    await printFalseAlarms(sandbox, people, print);
    await printRecall(sandbox, people, print);
  } finally {
    await sandbox.close();
  }
}
