import { basename, extname } from "node:path";
import { type EventInput, openParser, parsePart } from "../../functions/imports/parsing/parser.ts";

/** One person's log, from all of that person's files. */
export interface Person {
  readonly id: string;
  /** In order of time. */
  readonly events: readonly LoggedEvent[];
  /** When the log begins and ends, ms since the epoch; it ends when its last backup was written. */
  readonly starts_at: number;
  readonly ends_at: number;
}

/** What the back-tests need of an event; `ts` in ms since the epoch. */
export interface LoggedEvent extends Omit<EventInput, "ts"> {
  readonly ts: number;
}

interface Log {
  events: LoggedEvent[];
  ends_at: number;
}

/** The phones of the study: `calls-user104.xml` and `sms-user104.xml` are one person's. */
export const PHONES = new URL("../../../shared/data/phones/", import.meta.url).pathname;

function personOf(path: string): string {
  return basename(path, extname(path)).replace(/^(calls|sms|mms|messages)[-_ ]/i, "");
}

async function readLog(path: string): Promise<Log> {
  const { records, state, fault } = parsePart(
    openParser({ time_zone: "UTC" }),
    await Deno.readFile(path),
    true,
  );
  if (fault) throw new Error(`Cannot read "${path}": ${fault.detail}`);
  const events = records.flatMap((record) =>
    record.kind === "event" ? [{ ...record.event, ts: Date.parse(record.event.ts) }] : []
  );
  const last = events.reduce((latest, { ts }) => Math.max(latest, ts), 0);
  return { events, ends_at: Math.max(last, state.backup_date === null ? 0 : Date.parse(state.backup_date)) };
}

/** The files with events in a directory. */
export async function listPhones(directory: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(directory));
  return entries.map(({ name }) => name).filter((name) => name.endsWith(".xml")).sort()
    .map((name) => `${directory}/${name}`);
}

/**
 * Reads phone logs with the importer's own parser; an event that is twice in the files is taken once.
 *
 * @param paths Backup files; those that differ only in `calls-`, `sms-` before the name are one person's.
 * @throws Error for a file that cannot be read to its end.
 */
export async function loadPeople(paths: readonly string[]): Promise<Person[]> {
  const logs = new Map<string, Log[]>();
  for (const path of paths) {
    logs.set(personOf(path), [...logs.get(personOf(path)) ?? [], await readLog(path)]);
  }
  return [...logs].map(([id, files]) => {
    const different = new Map(
      files.flatMap(({ events }) => events).map((event) => [
        [event.ts, event.number, event.type, event.direction, event.duration, event.content].join("|"),
        event,
      ]),
    );
    const events = [...different.values()].sort((a, b) => a.ts - b.ts);
    return {
      id,
      events,
      starts_at: events[0]?.ts ?? 0,
      ends_at: Math.max(...files.map(({ ends_at }) => ends_at)),
    };
  }).filter(({ events }) => events.length > 0);
}
