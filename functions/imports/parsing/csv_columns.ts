import { columnWords } from "./csv_column_words.ts";
import { foldWords } from "./fold_words.ts";

/** Which column holds what, by the header's text. An empty text says that no column holds it. */
export interface CsvMapping {
  /** Date and time; several columns are joined in this order. */
  ts?: string | string[];
  /** The other side's number; two columns are "from" and "to", told apart by the direction. */
  number?: string | [from: string, to: string];
  name?: string;
  /** Call or message; may say direction and status too ("Missed call"). */
  type?: string;
  direction?: string;
  status?: string;
  duration?: string;
  content?: string;
}

/** What a CSV cannot be read without: a time, a number, and a direction or a type that tells it. */
export type MissingColumn = "ts" | "number" | "direction";

/** What a header can mean, finer than a mapping. */
export type ColumnRole = keyof typeof columnWords;

/** The meaning of a header's text in any of seven languages, units and zone in brackets set aside; or undefined. */
export function columnRole(header: string): ColumnRole | undefined {
  return ROLES.get(foldWords(header)) ?? ROLES.get(foldWords(header.replace(/[([].*$/, ""))) ??
    ROLES.get(foldWords(header).replace(UNITS, ""));
}

const UNITS =
  / (?:s|sec|secs|seconds|sek|sekunden|ms|min|mins|minutes|minuten|hh mm ss|h mm ss|mm ss|hh mm|utc|gmt|local)$/;
const ROLES = new Map(
  Object.entries(columnWords).flatMap(([role, words]) =>
    words.split(",").map((word): [string, ColumnRole] => [word.trim(), role as ColumnRole])
  ),
);

/**
 * Guesses which column holds what.
 *
 * @param taken headers that the caller's mapping has given a meaning already
 */
function guessMapping(headers: readonly string[], taken: ReadonlySet<string>): CsvMapping {
  const found = new Map<ColumnRole, string>();
  for (const header of headers) {
    const role = taken.has(header) ? undefined : columnRole(header);
    if (role !== undefined && !found.has(role)) found.set(role, header);
  }
  const mapping: CsvMapping = {};
  const ts = guessTime(found);
  if (ts !== undefined) mapping.ts = ts;
  const number = found.get("number") ?? fromAndTo(found);
  if (number !== undefined) mapping.number = number;
  for (const role of ["name", "type", "direction", "status", "duration", "content"] as const) {
    const header = found.get(role);
    if (header !== undefined) mapping[role] = header;
  }
  return mapping;
}

function guessTime(found: ReadonlyMap<ColumnRole, string>): string | string[] | undefined {
  const [epoch, moment, date, time] = [
    found.get("epoch"),
    found.get("moment"),
    found.get("date"),
    found.get("time"),
  ];
  if (epoch !== undefined || moment !== undefined) return epoch ?? moment;
  return date !== undefined && time !== undefined ? [date, time] : date ?? time;
}

function fromAndTo(found: ReadonlyMap<ColumnRole, string>): [string, string] | string | undefined {
  const [from, to] = [found.get("from"), found.get("to")];
  if (from !== undefined && to !== undefined) return [from, to];
  // "A" is Italian for "to" beside "Da", and any column's name without it.
  return from ?? (to === undefined || to.length === 1 ? undefined : to);
}

/** The columns of a table, as far as they are known. */
export interface ResolvedMapping {
  mapping: CsvMapping;
  missing: MissingColumn[];
  /** Names in the caller's mapping that the table has not. */
  absent: string[];
}

/** Completes the caller's mapping with guesses. A header is found whatever its case, accents and punctuation. */
export function resolveMapping(headers: readonly string[], wanted: CsvMapping): ResolvedMapping {
  const absent: string[] = [];
  const find = (name: string): string => {
    const found = headers.find((header) => header === name) ??
      headers.find((header) => foldWords(header) === foldWords(name));
    if (found === undefined) absent.push(name);
    return found ?? name;
  };
  const named: Record<string, string | string[]> = {};
  const dropped = new Set<string>();
  for (const [role, name] of Object.entries(wanted)) {
    if (name === "") dropped.add(role);
    else named[role] = Array.isArray(name) ? name.map(find) : find(name);
  }
  const guess = guessMapping(headers, new Set(Object.values(named).flat()));
  const kept = Object.entries(guess).filter(([role]) => !dropped.has(role));
  const mapping: CsvMapping = { ...Object.fromEntries(kept), ...named };
  return { mapping, missing: missingColumns(mapping), absent };
}

function missingColumns({ ts, number, direction, type }: CsvMapping): MissingColumn[] {
  const missing: MissingColumn[] = [];
  if (ts === undefined || ts.length === 0) missing.push("ts");
  if (number === undefined) missing.push("number");
  if (direction === undefined && type === undefined) missing.push("direction");
  return missing;
}
