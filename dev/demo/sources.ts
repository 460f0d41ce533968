import type { Actor } from "./actor.ts";
import { HISTORY_DAYS } from "./calendar.ts";
import type { Entry } from "./ledger.ts";
import { createRandom, type Random } from "./random.ts";
import { holes, instants } from "./stories.ts";
import type { DemoCoverage, DemoEvent, DemoSource, DemoUser } from "./types.ts";

/** From when to when each source of a person delivers, ms since 1970. */
interface Windows {
  from: number;
  to: number;
  /** Where the backup of the old phone ends and the new phone begins. */
  device_from: number;
  /** From when the carrier reports the mobile's calls; `to`, where it never does. */
  carrier_from: number;
  hole: { from: number; to: number } | null;
}

function windowsOf(actor: Actor, from: number, to: number): Windows {
  const { key, backup_before, carrier_days } = actor.person;
  const back = (days: number | null, otherwise: number) =>
    days === null ? otherwise : actor.calendar.at(HISTORY_DAYS - days, 0);
  const hole = holes.find(({ of }) => of === key);
  return {
    ...{ from, to, hole: hole === undefined ? null : instants(hole, actor) },
    ...{ device_from: back(backup_before, from), carrier_from: back(carrier_days, to) },
  };
}

/** Which source reports an entry in the first place; null where none does. */
function sourceOf({ at, line, type }: Entry, windows: Windows): DemoSource | null {
  const { hole, device_from, carrier_from } = windows;
  if (line === "desk") return "carrier";
  if (at < device_from) return "backup";
  if (hole === null || at < hole.from || at >= hole.to) return "device";
  return type === "call" && at >= carrier_from ? "carrier" : null;
}

function nameOf(source: DemoSource, line: string, { person }: Actor): string {
  if (source === "device") return person.handset;
  return source === "backup" ? "Backup of the old phone" : line === "desk" ? "Desk line" : "Mobile bill";
}

function toEvent(entry: Entry, actor: Actor, source: DemoSource, count: number): DemoEvent {
  const { at, contact_name, ...rest } = entry;
  return {
    ...{ ts: new Date(at).toISOString(), ...rest, source, source_name: nameOf(source, entry.line, actor) },
    ...{ source_id: `${entry.type}-${count}`, contact_name: source === "carrier" ? null : contact_name },
  };
}

/**
 * The carrier's record of a call that the phone reports as well: whole seconds for the start, and a length that may
 * differ by one.
 */
function toRecord(entry: Entry, actor: Actor, random: Random, count: number): DemoEvent {
  const at = 1000 * (Math.floor(entry.at / 1000) + random.int(0, 1));
  const duration = Math.max(1, (entry.duration ?? 0) + random.int(-1, 1));
  return toEvent({ ...entry, at, duration }, actor, "carrier", count);
}

/**
 * Says of each entry which source reports it, leaves out what no source delivered, and lists what the sources claim
 * to have delivered. Entries that do not end within [from, to) are not there yet, or no longer.
 */
export function attribute(
  seed: string,
  actor: Actor,
  from: number,
  to: number,
): Pick<DemoUser, "events" | "corroborations" | "coverage"> {
  const windows = windowsOf(actor, from, to);
  const random = createRandom(`${seed}/${actor.person.key}/carrier`);
  const entries = actor.ledger.entries
    .filter(({ at, duration }) => at >= from && at + (duration ?? 0) * 1000 < to)
    .sort((a, b) => a.at - b.at);
  const counts = new Map<string, number>();
  const count = (source: DemoSource, { line, type }: Entry) => {
    const key = `${source}/${line}/${type}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts.get(key) ?? 0;
  };
  const events: DemoEvent[] = [];
  const corroborations: DemoEvent[] = [];
  for (const entry of entries) {
    const { at, line, status } = entry;
    const source = sourceOf(entry, windows);
    // A phone numbers what it does not deliver too.
    const own = line === "mobile" && at >= windows.device_from ? count("device", entry) : 0;
    if (source !== null) {
      events.push(toEvent(entry, actor, source, source === "device" ? own : count(source, entry)));
    }
    if (source !== "device" || at < windows.carrier_from || status !== "answered") continue;
    corroborations.push(toRecord(entry, actor, random, count("carrier", entry)));
  }
  return { events, corroborations, coverage: coverageOf(actor, windows) };
}

function coverageOf(actor: Actor, { from, to, device_from, carrier_from, hole }: Windows): DemoCoverage[] {
  const spans: [DemoSource, string, DemoCoverage["type"], number, number][] = [];
  for (const type of ["call", "sms"] as const) {
    spans.push(["backup", "mobile", type, from, device_from]);
    spans.push(["device", "mobile", type, device_from, hole?.from ?? to]);
    spans.push(["device", "mobile", type, hole?.to ?? to, to]);
  }
  spans.push(["carrier", "mobile", "call", carrier_from, to]);
  if (actor.person.lines.some(({ key }) => key === "desk")) spans.push(["carrier", "desk", "call", from, to]);
  const iso = (ms: number) => new Date(ms).toISOString();
  return spans.filter(([, , , start, end]) => start < end).map(([source, line, type, start, end]) => {
    return { source, name: nameOf(source, line, actor), line, type, from: iso(start), to: iso(end) };
  });
}
