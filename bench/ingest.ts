import { markdown } from "./harness/report.ts";
import type { HttpClient } from "./harness/http_client.ts";
import type { Pace, Run } from "./harness/pace.ts";
import { percentile } from "./process_usage.ts";
import type { SqlClient } from "./harness/sql_client.ts";
import { userId } from "./population.ts";
import { VOCABULARY } from "./population/vocabulary.ts";

/** Events of a call. */
export const BATCH = 1000;
const CALLS_A_BLOCK = 5;
const BLOCKS = 4;
/** An owner whom the table does not know yet. */
const NEWCOMER = userId(999);
const LEAST_EVENTS_A_SECOND = 10_000;
const MOST_COST = 0.4;

/** One call, of the events as JSON text. */
export const INGEST =
  "select (public.ingest_events(events => $1::text::jsonb, source => 'api'))::text as answer";
const PLAIN =
  `insert into public.events (user_id, ts, number, type, direction, status, duration, content, source, sources, fingerprint)
  select $1, ts, number, type, direction, status, duration, content, 'api', '{api}', gen_random_uuid()
    from jsonb_to_recordset($2::text::jsonb) as r (ts timestamptz, number text, type text, direction text, status text, duration integer, content text)`;

/** When a batch begins, in Unix milliseconds. */
function startOf(place: number, from_ms: number): number {
  return from_ms + place * BATCH * 300_000;
}

/** 1,000 events with 60 people in the order of time, about five minutes apart: no two batches have an event in common. */
export function batch(place: number, numbers: readonly string[], from_ms: number): string {
  const events = Array.from({ length: BATCH }, (_, index) => {
    const mixed = (place * BATCH + index) * 2654435761 % 4294967296;
    const is_call = mixed % 100 < 35;
    const text = Array.from(
      { length: 3 + mixed % 23 },
      (_, word) => VOCABULARY[(mixed >> (word % 16)) & 1023] ?? "",
    );
    return {
      ts: new Date(startOf(place, from_ms) + index * 300_000 + mixed % 200_000).toISOString(),
      number: numbers[mixed % numbers.length],
      type: is_call ? "call" : "sms",
      direction: mixed % 2 === 0 ? "inbound" : "outbound",
      ...(is_call
        ? { status: mixed % 5 === 0 ? "missed" : "answered", duration: mixed % 5 === 0 ? 0 : mixed % 900 }
        : {}),
      ...(!is_call && mixed % 100 < 47 ? { content: text.join(" ") } : {}),
    };
  });
  return JSON.stringify(events);
}

/** Switches the triggers of the roll-ups; the bench has the database to itself. */
async function switchRollups(sql: SqlClient, on: boolean): Promise<void> {
  await sql.exec(`do $$ declare v_name name; begin
    for v_name in select tgname from pg_trigger where tgrelid = 'public.events'::regclass and tgfoid = 'private.roll_up_events()'::regprocedure loop
      execute format('alter table public.events ${on ? "enable" : "disable"} trigger %I', v_name);
    end loop; end $$`);
}

/** Takes back what was ingested from a moment on. Rows of the roll-ups that were there before stay where they lie. */
async function removeSince(sql: SqlClient, owner: string, since_ms: number): Promise<void> {
  await sql.query(
    "delete from public.events where user_id = $1 and source = 'api' and ts >= $2",
    [owner, new Date(since_ms).toISOString()],
  );
}

interface IngestResult {
  readonly owner: string;
  readonly calls: readonly Run[];
  readonly bare_ms: readonly number[];
  readonly plain_ms: readonly number[];
  readonly route_ms: readonly number[];
}

async function measureOwner(
  sql: SqlClient,
  http: HttpClient,
  owner: string,
  user_id: string,
  numbers: readonly string[],
  from_ms: number,
  pace: Pace,
): Promise<IngestResult> {
  let place = 0;
  const take = () => batch(place++, numbers, from_ms);
  const call = () => pace.time(sql, () => sql.timeWrite(user_id, { sql: INGEST, params: [take()] }));
  const times = {
    calls: [] as Run[],
    bare_ms: [] as number[],
    plain_ms: [] as number[],
    route_ms: [] as number[],
  };
  for (let warmup = 0; warmup < 3; warmup++) await call();
  for (let block = 0; block < BLOCKS; block++) {
    for (let turn = 0; turn < CALLS_A_BLOCK; turn++) times.calls.push(await call());
    const bare_ms = startOf(place, from_ms);
    await switchRollups(sql, false);
    try {
      await call();
      for (let turn = 0; turn < CALLS_A_BLOCK; turn++) times.bare_ms.push((await call()).ms);
    } finally {
      // What was never summed is not taken off the sums.
      await removeSince(sql, user_id, bare_ms);
      await switchRollups(sql, true);
    }
    await call();
  }
  for (let turn = 0; turn < 2 * CALLS_A_BLOCK; turn++) {
    const body = `{"events":${take()}}`;
    times.route_ms.push((await http.post(user_id, "/events", body)).ms);
  }
  for (let turn = 0; turn < 2 * CALLS_A_BLOCK; turn++) {
    const started = performance.now();
    await sql.query(PLAIN, [user_id, take()]);
    times.plain_ms.push(performance.now() - started);
  }
  return { owner, ...times };
}

function rate(times: readonly number[]): number {
  return BATCH * times.length / times.reduce((sum, ms) => sum + ms, 0) * 1000;
}

function row({ owner, calls, bare_ms, plain_ms, route_ms }: IngestResult, pace: Pace): string[] {
  const call_ms = calls.map(({ ms }) => ms);
  const full_speed = rate(calls.map((run) => pace.atFullSpeed(run)));
  const cost = percentile(call_ms, 0.5) / percentile(bare_ms, 0.5) - 1;
  const thousands = (value: number) => Math.round(value).toLocaleString("en");
  const is_slow = rate(call_ms) < LEAST_EVENTS_A_SECOND;
  const at_full_speed = full_speed < LEAST_EVENTS_A_SECOND ? "" : ", not at full speed";
  return [
    owner,
    `${thousands(rate(call_ms))}/s${is_slow ? `, **under the bar**${at_full_speed}` : ""}`,
    `${thousands(full_speed)}/s`,
    `${percentile(call_ms, 0.5).toFixed(0)} ms`,
    `${percentile(call_ms, 0.95).toFixed(0)} ms`,
    `${thousands(rate(bare_ms))}/s`,
    `${(cost * 100).toFixed(0)} %${cost > MOST_COST ? ", **over the bar**" : ""}`,
    `${thousands(rate(route_ms))}/s`,
    `${thousands(rate(plain_ms))}/s`,
  ];
}

/**
 * `ingest_events` with 1,000 events a call and one client: into an empty log and into the large one, with the roll-ups'
 * triggers and without, beside a plain INSERT. Leaves the population as it was.
 */
export async function benchIngest(sql: SqlClient, http: HttpClient, end: Date, pace: Pace): Promise<string> {
  await sql.query(
    "insert into auth.users (id, email, email_confirmed_at) values ($1, 'newcomer@bench.test', now())",
    [NEWCOMER],
  );
  const known = await sql.query<{ number: string }>(
    "select number from bench.contacts where person = 0 and rank <= 60 and number like '+%' order by rank",
  );
  const numbers = known.map(({ number }) => number);
  const from_ms = end.getTime() - 300 * 86_400_000;
  try {
    const results = [
      await measureOwner(sql, http, "a newcomer", NEWCOMER, numbers, from_ms, pace),
      await measureOwner(sql, http, "the owner of the large log", userId(0), numbers, from_ms, pace),
    ];
    return markdown(
      [
        "owner",
        `ingest_events (bar ≥ ${LEAST_EVENTS_A_SECOND.toLocaleString("en")}/s)`,
        "at full speed",
        "a call p50",
        "p95",
        "without roll-ups",
        `roll-ups cost, p50 (bar ≤ ${MOST_COST * 100} %)`,
        "route",
        "plain INSERT, roll-ups on",
      ],
      results.map((result) => row(result, pace)),
    );
  } finally {
    await removeSince(sql, userId(0), from_ms);
    await sql.query("delete from public.sync_sources where user_id = $1 and kind = 'api'", [userId(0)]);
    await sql.query("delete from auth.users where id = $1", [NEWCOMER]);
    await sql.exec("vacuum analyze");
  }
}
