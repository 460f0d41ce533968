import { markdown } from "../harness/report.ts";
import { percentile } from "../process_usage.ts";
import type { Outcome } from "./load.ts";
import { SOAK_ROUTES } from "./requests.ts";
import { FLAT_RISE, type MemoryTrend, type Reading, WARM_SHARE } from "./watch.ts";

const whole = (value: number) => Math.round(value).toLocaleString("en");
const ms = (value: number) => Number.isNaN(value) ? "-" : value < 10 ? value.toFixed(1) : whole(value);
const share = (value: number) => `${(100 * value).toFixed(1)} %`;

/** Statuses that a client is to expect: answers, unchanged, and too many requests. */
export function isError({ status, is_refused }: Outcome): boolean {
  return !is_refused && ![200, 201, 304, 429].includes(status);
}

/** Each route of a phase, and all of them. */
export function routesTable(outcomes: readonly Outcome[], seconds: number): string {
  const row = (name: string, some: readonly Outcome[]) => {
    const times = some.map((outcome) => outcome.ms);
    const bad = new Map<string, number>();
    for (const { status } of some.filter(isError)) {
      const key = status === 0 ? "no answer" : String(status);
      bad.set(key, (bad.get(key) ?? 0) + 1);
    }
    return [
      name,
      whole(some.length),
      (some.length / seconds).toFixed(1),
      ...[0.5, 0.95, 0.99].map((part) => ms(percentile(times, part))),
      ms(Math.max(...times)),
      whole(some.filter(({ status }) => status === 429).length),
      bad.size === 0 ? "0" : [...bad].map(([status, n]) => `**${n} × ${status}**`).join(", "),
    ];
  };
  return markdown(
    ["request", "n", "a second", "p50, ms", "p95", "p99", "max", "429", "errors"],
    [
      ...SOAK_ROUTES.map(({ name }) => row(name, outcomes.filter(({ route }) => route === name)))
        .filter(([, n]) => n !== "0"),
      row("all", outcomes),
    ],
  );
}

/** Memory and connections over the whole run. */
export function readingsTable(readings: readonly Reading[]): string {
  // Twenty rows say as much as sixty.
  const step = Math.max(1, Math.ceil(readings.length / 20));
  const shown = readings.filter((_, place) => place % step === 0 || place === readings.length - 1);
  return markdown(
    ["after", "resident, MB", "CPU since, of one core", "CPU of the clients", "connections"],
    shown.map((reading, place) => {
      const before = shown[place - 1];
      const busy = (of: "cpu_ms" | "clients_cpu_ms") =>
        before === undefined
          ? ""
          : `${whole((reading[of] - before[of]) / (reading.seconds - before.seconds) / 10)} %`;
      const { seconds, rss_mb, connections } = reading;
      return [
        `${whole(seconds)} s`,
        whole(rss_mb),
        busy("cpu_ms"),
        busy("clients_cpu_ms"),
        connections === undefined ? "embedded" : String(connections),
      ];
    }),
  );
}

/** What became of memory, in a sentence. */
export function trendLine(trend: MemoryTrend): string {
  const { first_mb, last_mb, mb_a_minute, rise } = trend;
  return `Memory, without the first ${share(WARM_SHARE)} of the time: ${whole(first_mb)} MB first, ${
    whole(last_mb)
  } MB last; the line through all readings goes ${mb_a_minute.toFixed(2)} MB a minute, in all ${
    share(rise)
  } of the mean: ${rise < FLAT_RISE ? "flat" : "**not flat**"} (flat: less than ${share(FLAT_RISE)}).`;
}

/** The first of each sort of failure, for the eye. */
export function causes(outcomes: readonly Outcome[]): string[] {
  const seen = new Map<string, string>();
  for (const outcome of outcomes.filter(isError)) {
    const key = `${outcome.route} ${outcome.status}`;
    if (!seen.has(key)) seen.set(key, `${key}: ${outcome.cause}`);
  }
  return [...seen.values()];
}
