import { DAY_MS } from "./calendar.ts";
import type { DemoEvent } from "./types.ts";

/** An event before its source is known. `at` is the start in ms since 1970. */
export type Entry =
  & Pick<
    DemoEvent,
    "number" | "type" | "direction" | "status" | "duration" | "content" | "line" | "contact_name"
  >
  & { at: number };

/** All that happened to one person, and the times at which he or she was on the phone. */
export interface Ledger {
  entries: Entry[];
  add(entry: Entry): void;
  /**
   * When a call of `duration` seconds, wanted at `at`, could start: then, or after the calls that are in its way. A
   * recording left on the person's own voicemail is in nobody's way.
   */
  freeFrom(at: number, duration: number, number: string | null): number;
  /** The first time from `at` on that is some seconds off every other entry of the number and type. */
  apartFrom(at: number, number: string | null, type: "call" | "sms"): number;
}

/** Nobody ends a call and takes the next one in the same moment. */
const MARGIN_MS = 5_000;

// Rows of a number that start within 2 s may be taken for one; twice the skew of two phones comes on top.
const SLOT_MS = 8_000;

/** Creates an empty ledger. */
export function createLedger(): Ledger {
  const entries: Entry[] = [];
  const occupied = new Map<number, [from: number, to: number][]>();
  const slots = new Set<string>();
  // Filed under every day it touches, so that a look-up reads one or two short lists.
  const days = (
    from: number,
    to: number,
  ) => [...new Set([Math.floor(from / DAY_MS), Math.floor(to / DAY_MS)])];
  const slot = (at: number, number: string | null, type: string) =>
    `${type}${number}/${Math.floor(at / SLOT_MS)}`;
  const apartFrom = (at: number, number: string | null, type: "call" | "sms"): number => {
    const is_near = [-SLOT_MS, 0, SLOT_MS].some((step) => slots.has(slot(at + step, number, type)));
    return is_near ? apartFrom(at + SLOT_MS, number, type) : at;
  };
  return {
    entries,
    apartFrom,
    add: (entry) => {
      entries.push(entry);
      slots.add(slot(entry.at, entry.number, entry.type));
      const is_recording = entry.status === "voicemail" && entry.direction === "inbound";
      if (entry.duration === null || entry.duration === 0 || is_recording) return;
      const to = entry.at + entry.duration * 1000;
      for (const day of days(entry.at, to)) {
        const list = occupied.get(day);
        if (list === undefined) occupied.set(day, [[entry.at, to]]);
        else list.push([entry.at, to]);
      }
    },
    freeFrom: (at, duration, number) => {
      const to = at + duration * 1000;
      const ends = days(at, to).flatMap((day) => occupied.get(day) ?? [])
        .filter(([from, until]) => from < to + MARGIN_MS && at < until + MARGIN_MS)
        .map(([, until]) => until + MARGIN_MS);
      return ends.length === 0 ? apartFrom(at, number, "call") : Math.max(...ends);
    },
  };
}
