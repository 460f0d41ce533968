/** What a bare number or "1:30" means, where a column's header says it. */
export type DurationUnit = "s" | "ms" | "min" | "h:mm";

const CLOCK = /^(?:(\d{1,3}):)?(\d{1,4}):(\d{1,2})(?:[.,]\d+)?$/;
const NUMBER = /^(\d+)(?:[.,](\d+))?$/;
const ISO = /^p(?:(\d+)d)?t(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)(?:\.\d+)?s)?$/i;
const WORDS = /(\d+)(?:[.,](\d+))?\s*([\p{L}]+)\.?\s*/gu;
const MAX_LENGTH = 40;
const NOTHING = new Set(["", "-", "--", "null", "n/a", "na"]);

/** Unit words of the seven languages, by their seconds. */
const UNIT_WORDS: [seconds: number, words: string][] = [
  [86400, "d day days tag tage jour jours dia dias giorno giorni dag dagen"],
  [3600, "h hr hrs hour hours std stunde stunden heure heures hora horas ora ore u uur"],
  [60, "m mn min mins minute minutes minuten minuto minutos minuti minuut"],
  [
    1,
    "s sec secs second seconds sek sekunde sekunden seconde secondes seg segundo segundos secondo secondi seconden",
  ],
  [0.001, "ms"],
];
const SECONDS = new Map(
  UNIT_WORDS.flatMap(([seconds, words]) => words.split(" ").map((word): [string, number] => [word, seconds])),
);

/**
 * Reads how long a call took: "h:mm:ss", "m:ss", "90", "90 s", "1m 30s", "1h 2m", "PT1M30S".
 *
 * @param unit of a bare number, and whether "1:30" is hours and minutes
 * @returns whole seconds; null for an empty cell, -1 (unknown) and dashes; undefined when it is no duration
 */
export function readDuration(text: string, unit: DurationUnit = "s"): number | null | undefined {
  const trimmed = text.trim();
  if (NOTHING.has(trimmed.toLowerCase()) || trimmed === "-1") return null;
  if (trimmed.length > MAX_LENGTH) return undefined;
  return readNumber(trimmed, unit) ?? readClock(trimmed, unit) ?? readIso(trimmed) ?? readWords(trimmed);
}

function readNumber(text: string, unit: DurationUnit): number | undefined {
  const [, whole, fraction] = NUMBER.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const value = Number(`${whole}.${fraction ?? 0}`);
  return Math.round(unit === "ms" ? value / 1000 : unit === "min" ? value * 60 : value);
}

function readClock(text: string, unit: DurationUnit): number | undefined {
  const [, hours, minutes, seconds] = CLOCK.exec(text) ?? [];
  if (minutes === undefined || Number(seconds) > 59) return undefined;
  if (hours === undefined && unit === "h:mm") return 3600 * Number(minutes) + 60 * Number(seconds);
  if (hours !== undefined && Number(minutes) > 59) return undefined;
  return 3600 * Number(hours ?? 0) + 60 * Number(minutes) + Number(seconds);
}

function readIso(text: string): number | undefined {
  const match = ISO.exec(text);
  if (match === null || !/\d/.test(text)) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return 86400 * (days ?? 0) + 3600 * (hours ?? 0) + 60 * (minutes ?? 0) + (seconds ?? 0);
}

function readWords(text: string): number | undefined {
  let total = 0;
  let matched = 0;
  for (const [part, whole, fraction, name] of text.matchAll(WORDS)) {
    const seconds = SECONDS.get((name ?? "").toLowerCase());
    if (seconds === undefined) return undefined;
    total += Number(`${whole}.${fraction ?? 0}`) * seconds;
    matched += part.length;
  }
  return matched > 0 && matched === text.length ? Math.round(total) : undefined;
}
