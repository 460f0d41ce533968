import { percentile } from "../process_usage.ts";
import type { SqlClient } from "./sql_client.ts";

/** A fixed computation of a few milliseconds that reads no table. */
const COMPUTATION = { sql: "select sum(sqrt(i)) from generate_series(1, 20000) as i" };

/** A timed run, ms, and what the computation took before it and after it. */
export interface Run {
  readonly ms: number;
  readonly before_ms: number;
  readonly after_ms: number;
}

/**
 * How fast the machine computes from moment to moment, since it is shared with others: ms that the same computation
 * takes, in the database, between one timed run and the next.
 */
export class Pace {
  readonly #taken: number[] = [];

  async #take(sql: SqlClient): Promise<number> {
    const { ms } = await sql.time("operator", COMPUTATION, true);
    this.#taken.push(ms);
    return ms;
  }

  /** What it takes when the machine is at its full speed: the fastest twentieth. */
  get full_ms(): number {
    return percentile(this.#taken, 0.05);
  }

  /** One sentence on how far from its full speed the machine was. */
  toString(): string {
    const slowed = [0.5, 0.95].map((share) => (percentile(this.#taken, share) / this.full_ms).toFixed(2));
    return `A fixed computation between the calls took ${this.full_ms.toFixed(1)} ms at full speed, ${
      slowed[0]
    } times as long at the median and ${slowed[1]} times at the 95th percentile.`;
  }

  /** Times something on a connection, between two computations. */
  async time(sql: SqlClient, run: () => Promise<{ readonly ms: number }>): Promise<Run> {
    const before_ms = await this.#take(sql);
    const { ms } = await run();
    return { ms, before_ms, after_ms: await this.#take(sql) };
  }

  /** A time as it would be at full speed, by what the computation took just before and just after. */
  atFullSpeed({ ms, before_ms, after_ms }: Run): number {
    return ms * Math.min(1, 2 * this.full_ms / (before_ms + after_ms));
  }
}
