/** What the benchmark's people and their logs look like. Everything follows from the scale and the day. */
export interface PopulationSpec {
  /** 1 for the full size: 5,000,000 events. Events grow with it, people, contacts and years do not. */
  readonly scale: number;
  /** `YYYY-MM-DD`: the logs end where this day begins (UTC). */
  readonly day: string;
  /** Events of the first person, where nobody else is wanted. */
  readonly alone?: number;
}

/** One person of the population. */
export interface Person {
  /** 0 is the one with the large log. */
  readonly index: number;
  readonly user_id: string;
  readonly email: string;
  readonly time_zone: string;
  readonly events: number;
  readonly contacts: number;
  readonly lines: number;
}

/** An organisation: who is in it, as what. */
export interface Team {
  readonly organization_id: string;
  readonly name: string;
  readonly members: readonly { readonly index: number; readonly role: string }[];
}

/** Days that the logs go back. */
export const DAYS = 3652;
/** Share of the days that came in from backups; the rest came from the phone and the carrier. */
export const BACKUP_SHARE = 0.6;
const OTHERS = 100;
const ZONES = ["America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Chatham", "UTC"];

function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** The id of the person with this index. */
export function userId(index: number): string {
  return `00000000-0000-7000-8000-${digits(index, 12)}`;
}

/** The id of a person's contact; rank 1 is the one with the most events. */
export function contactId(index: number, rank: number): string {
  return `00000000-0000-7${digits(index, 3)}-8000-${digits(rank, 12)}`;
}

/** Everybody, the large log first. */
export function people({ scale, alone }: PopulationSpec): Person[] {
  return Array.from({ length: alone === undefined ? OTHERS + 1 : 1 }, (_, index) => ({
    index,
    user_id: userId(index),
    email: `person${digits(index, 3)}@bench.test`,
    time_zone: ZONES[index % ZONES.length] ?? "UTC",
    events: alone ?? Math.round((index === 0 ? 1_000_000 : 40_000) * scale),
    contacts: index === 0 ? 3000 : 150,
    lines: index === 0 ? 2 : 1,
  }));
}

function roleOf(place: number): string {
  return ["member", "owner", "admin", "analyst", "analyst", "viewer"][place] ??
    (place % 12 === 0 ? "viewer" : "member");
}

/** Three organisations of about 25, the large log in the first, and one of everybody. */
export function teams(): Team[] {
  const spans = [[0, 26], [26, 51], [51, 76], [0, OTHERS + 1]] as const;
  return spans.map(([first, end], team) => ({
    organization_id: `00000000-0000-7000-9000-${digits(team + 1, 12)}`,
    name: `Organisation ${team + 1}`,
    members: Array.from({ length: end - first }, (_, place) => ({
      index: first + place,
      role: roleOf(place),
    })),
  }));
}
