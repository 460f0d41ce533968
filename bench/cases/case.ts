import type { HttpClient } from "../harness/http_client.ts";
import type { SqlClient, Statement } from "../harness/sql_client.ts";
import { people, type Person, type PopulationSpec, userId } from "../population.ts";

/** What cases are made for: a population and the ways to it. */
export interface World {
  readonly spec: PopulationSpec;
  readonly big: Person;
  /** The instant at which the logs end. */
  readonly end: Date;
  readonly sql: SqlClient;
  readonly http: HttpClient;
}

/** One function and its route, beside its rivals. A turn rotates the arguments. */
export interface BenchCase {
  readonly name: string;
  /** Name of the public function. */
  readonly fn: string;
  readonly caller: string;
  readonly args: (turn: number) => Readonly<Record<string, unknown>>;
  readonly path: (turn: number) => string;
  /** Of a POST; without it the route is a GET. */
  readonly body?: (turn: number) => unknown;
  // deno-lint-ignore no-explicit-any -- each case knows its own answer
  readonly rows: (answer: any) => number;
  /** What a good developer would write first on the raw tables; by the operator where row-level security hides them. */
  readonly plain: (turn: number) => Statement;
  readonly plain_by?: "operator";
  /** The rows that the answer needs at least, read by their index without row-level security. */
  readonly bound: (turn: number) => Statement;
  /** Of the function's p95 in SQL. */
  readonly bar_ms?: number;
  /** Ten times the rows may cost 1.5 times as much. */
  readonly must_not_grow?: boolean;
  readonly runs?: number;
}

/** The zone of the person with the large log, which the plain queries cut their buckets in. */
export const ZONE = "America/New_York";
const DAY_MS = 86_400_000;

/** The large log's owner. */
export const OWNER = userId(0);
/** A colleague: member of the organisation of everybody, and owner of the first. */
export const TEAMMATE = userId(1);
/** The analyst of the organisation of everybody. */
export const ANALYST = userId(3);

/** ISO instant this many days before the end of the logs. */
export function daysBefore(world: World, days: number): string {
  return new Date(world.end.getTime() - days * DAY_MS).toISOString();
}

/** A 30-day window that moves back with the turns. */
export function month(world: World, turn: number): { starts_at: string; ends_at: string } {
  return { starts_at: daysBefore(world, 30 + 11 * turn), ends_at: daysBefore(world, 11 * turn) };
}

/** Cases cannot be made without knowing whose log is large. */
export function bigOf(spec: PopulationSpec): Person {
  const [big] = people(spec);
  if (big === undefined) throw new Error("Cannot measure an empty population");
  return big;
}
