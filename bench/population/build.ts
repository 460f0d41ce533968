import type { Database, Session } from "../../dev/database.ts";
import { people, type PopulationSpec } from "../population.ts";
import { insertEventsOf } from "./events_sql.ts";
import { insertPeopleOf } from "./people_sql.ts";
import { VOCABULARY } from "./vocabulary.ts";

// What the events and the tables beside them have but for keys and what keeps these.
const INDEXES = `
select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
  from pg_index as i
 where i.indrelid in ('public.events'::regclass, to_regclass('private.event_texts'))
   and not exists (select from pg_constraint as c where c.conindid = i.indexrelid)`;

// The roll-ups are made afterwards, which is faster; what else follows the events does so by its own triggers.
const FOLLOWERS = `
select quote_ident(t.tgname) as name from pg_trigger as t
 where t.tgrelid = 'public.events'::regclass and not t.tgisinternal and t.tgtype & 5 = 4
   and t.tgfoid <> 'private.roll_up_events()'::regprocedure`;

/** Runs `fn` with foreign keys and the roll-ups' triggers off and the other triggers of inserted events on. */
async function withFollowers(session: Session, fn: () => Promise<void>): Promise<void> {
  const followers = await session.query<{ name: string }>(FOLLOWERS);
  for (const { name } of followers) {
    await session.exec(`alter table public.events enable always trigger ${name}`);
  }
  await session.exec("set session_replication_role = replica");
  await fn();
  await session.exec("set session_replication_role = origin");
  for (const { name } of followers) await session.exec(`alter table public.events enable trigger ${name}`);
}

/** Runs `fn` without the secondary indexes of events, which are made again from what there is then. */
async function withoutIndexes(session: Session, fn: () => Promise<void>): Promise<void> {
  const indexes = await session.query<{ name: string; definition: string }>(INDEXES);
  for (const { name } of indexes) await session.exec(`drop index ${name}`);
  await fn();
  for (const { definition } of indexes) await session.exec(definition);
}

/** Seconds that each step of a build took. */
export interface BuildTimes {
  /** Rows of events, the search texts beside them and their vacuum, without secondary indexes. */
  readonly events: number;
  readonly indexes: number;
  readonly rollups: number;
}

/** Summing a log up anew takes longer than building it where it is large. */
const MOST_CHECKED = 1_000_000;

async function assertExact(session: Session, spec: PopulationSpec): Promise<void> {
  const sample = people(spec).findLast(({ events }) => events <= MOST_CHECKED);
  const [odd] = sample === undefined
    ? []
    : await session.query("select * from private.check_rollups($1) limit 1", [sample.user_id]);
  if (odd !== undefined) {
    throw new Error(`Cannot use the population: roll-ups differ: ${JSON.stringify(odd)}`);
  }
  const counts = await session.query<{ user_id: string; events: number }>(
    "select user_id, count(*)::integer as events from public.events group by user_id order by user_id",
  );
  const wanted = people(spec).map(({ user_id, events }) => ({ user_id, events }));
  const least = (spec.alone ?? 0) * 0.999;
  const is_alone = counts.length === 1 && (counts[0]?.events ?? 0) >= least;
  if (spec.alone === undefined ? JSON.stringify(counts) !== JSON.stringify(wanted) : !is_alone) {
    throw new Error(
      `Cannot use the population: wrong counts of events: ${JSON.stringify(counts.slice(0, 3))}`,
    );
  }
}

/**
 * Fills a migrated database that has no users. Events go in without secondary indexes and are rolled up afterwards, person
 * by person; needs the right to set session_replication_role.
 */
export async function buildPopulation(
  db: Database,
  spec: PopulationSpec,
  log: (message: string) => void,
): Promise<BuildTimes> {
  const started = performance.now();
  const at = { vacuumed: 0, indexed: 0, rolled_up: 0 };
  const seconds = () => (performance.now() - started) / 1000;
  await db.session(async (session) => {
    await session.exec(
      "set jit = off; set work_mem = '512MB'; set maintenance_work_mem = '1GB'; set synchronous_commit = off",
    );
    await insertPeopleOf(session, spec);
    await session.query(
      "insert into bench.vocabulary select rank, word from unnest($1::text[]) with ordinality as w (word, rank)",
      [VOCABULARY],
    );
    await session.exec("analyze bench.contacts, bench.vocabulary");
    await withoutIndexes(session, async () => {
      await withFollowers(session, async () => {
        for (const person of people(spec)) {
          await insertEventsOf(session, person, spec);
          if (person.index % 20 === 0) log(`${seconds().toFixed(0)} s: events of ${person.index + 1} people`);
        }
      });
      await session.exec("vacuum analyze public.events");
      at.vacuumed = seconds();
      log(`${seconds().toFixed(0)} s: vacuumed`);
    });
    at.indexed = seconds();
    log(`${seconds().toFixed(0)} s: indexes made`);
    for (const { user_id } of people(spec)) {
      await session.query("select private.rebuild_rollups($1)", [user_id]);
    }
    at.rolled_up = seconds();
    log(`${seconds().toFixed(0)} s: rolled up`);
    await session.exec("vacuum analyze");
    await assertExact(session, spec);
    await session.query("insert into bench.population values ($1, $2, $3)", [
      spec.scale,
      spec.day,
      seconds(),
    ]);
    log(`${seconds().toFixed(0)} s: done`);
  });
  return {
    events: at.vacuumed,
    indexes: at.indexed - at.vacuumed,
    rollups: at.rolled_up - at.indexed,
  };
}
