import type { Actor } from "./actor.ts";
import type { Outsider } from "./circle.ts";
import type { Entry, Ledger } from "./ledger.ts";
import type { Random } from "./random.ts";
import type { DemoStatus } from "./types.ts";

/** The way between a person and somebody else; what goes over it is written down on both sides that have a ledger. */
export interface Channel {
  ledger: Ledger;
  /** The other side's numbers; texts go to the first. Null: withheld. */
  numbers: readonly (string | null)[];
  /** What the other side is called in the person's address book. */
  name: string | null;
  /** Key of the line that calls go over; texts always use the mobile. */
  line: string;
  /** The other side's ledger, if he or she has one, and how the person appears in it. */
  mirror: { ledger: Ledger; number: string; name: string } | null;
}

/** What a call or text is, apart from who is at the other end. */
export interface Exchange {
  /** Start, ms since 1970. */
  at: number;
  /** Whether the person whose channel it is called or wrote. */
  is_mine: boolean;
}

/** The channel from a person to somebody without an account. */
export function toOutsider(actor: Actor, outsider: Outsider, name: string, isBusiness: boolean): Channel {
  const line = isBusiness && actor.person.lines.some(({ key }) => key === "desk") ? "desk" : "mobile";
  const numbers = outsider.numbers.map(({ number }) => number);
  return { ledger: actor.ledger, numbers, name, line, mirror: null };
}

/** The channel from which a person hears from somebody who is in no address book. */
export function fromStranger(actor: Actor, number: string | null): Channel {
  return { ledger: actor.ledger, numbers: [number], name: null, line: "mobile", mirror: null };
}

/** The channel between two people with accounts; both talk on their mobiles. */
export function toColleague(me: Actor, other: Actor): Channel {
  return {
    ledger: me.ledger,
    numbers: [other.person.lines[0].number],
    name: other.person.display_name,
    line: "mobile",
    mirror: { ledger: other.ledger, number: me.person.lines[0].number, name: me.person.display_name },
  };
}

// The two phones' clocks and their idea of when a call begins differ by less than the 2 s within which rows merge.
const SKEW_MS = 1_500;

function write(
  channel: Channel,
  random: Random,
  exchange: Exchange,
  entry: Omit<Entry, "at" | "direction">,
): void {
  const sides = exchange.is_mine ? ["outbound", "inbound"] as const : ["inbound", "outbound"] as const;
  channel.ledger.add({ ...entry, at: exchange.at, direction: sides[0] });
  const mirror = channel.mirror;
  if (mirror === null) return;
  const at = exchange.at + random.int(0, SKEW_MS) * (exchange.is_mine ? 1 : -1);
  const status = entry.status === "sent" ? "received" : entry.status === "received" ? "sent" : entry.status;
  mirror.ledger.add({
    ...entry,
    ...{ at, status, direction: sides[1] },
    ...{ number: mirror.number, contact_name: mirror.name, line: "mobile" },
  });
}

/** When both sides could have the call. It may ring while somebody is on the phone; who calls or talks cannot be. */
function whenFree(
  { ledger, mirror }: Channel,
  { at, is_mine }: Exchange,
  status: DemoStatus,
  duration: number,
  number: string | null,
): number {
  const is_ringing = !is_mine && status !== "answered" && mirror === null;
  if (is_ringing) return ledger.apartFrom(at, number, "call");
  return Math.max(
    ledger.freeFrom(at, duration, number),
    mirror?.ledger.freeFrom(at, duration, mirror.number) ?? 0,
  );
}

/**
 * Writes a call down, later than asked for where one of the two is on the phone, and returns when it started; null
 * where they could not within three tries.
 */
export function recordCall(
  channel: Channel,
  random: Random,
  exchange: Exchange,
  status: DemoStatus,
  duration: number,
): number | null {
  let at = exchange.at;
  for (let tries = 0; tries < 3; tries++) {
    const second = channel.numbers.length > 1 && random.chance(0.25);
    const number = channel.numbers[second ? 1 : 0] ?? null;
    const free = whenFree(channel, { ...exchange, at }, status, duration, number);
    if (free === at) {
      const { name: contact_name, line } = channel;
      write(channel, random, { at, is_mine: exchange.is_mine }, {
        ...{ type: "call", number, contact_name, line, status, duration, content: null },
      });
      return at;
    }
    at = free + random.int(2, 240) * 1000;
  }
  return null;
}

/** Writes a text down and returns when it was sent. One that failed is the sender's only. */
export function recordText(
  channel: Channel,
  random: Random,
  exchange: Exchange,
  content: string,
  failed = false,
): number {
  const status = failed ? "failed" : exchange.is_mine ? "sent" : "received";
  const number = channel.numbers[0] ?? null;
  const at = channel.ledger.apartFrom(exchange.at, number, "sms");
  write(failed ? { ...channel, mirror: null } : channel, random, { at, is_mine: exchange.is_mine }, {
    ...{ type: "sms", number, contact_name: channel.name, line: "mobile", status, duration: null, content },
  });
  return at;
}
