import type { Stack } from "../../dev/stack.ts";
import { ApiUser } from "../helpers/api.ts";
import { asUser } from "../helpers/database.ts";
import { type DatabaseName, DATABASES } from "./databases.ts";
import type { Person } from "./people.ts";
import { phoneLog } from "./phone_log.ts";

/** Somebody whose log is loaded. */
export interface Asker {
  readonly user: ApiUser;
  readonly time_zone: string;
  readonly week_start: number;
  /** Ids of contacts by their name; of those who share a name, the first. */
  readonly contact_ids: ReadonlyMap<string, string>;
  readonly line_ids: ReadonlyMap<string, string>;
}

const BATCH = 1000;

async function addLines(
  stack: Stack,
  user_id: string,
  lines: readonly string[],
): Promise<Map<string, string>> {
  const rows = await asUser(stack.db, user_id, (session) =>
    session.query<{ id: string; name: string }>(
      `insert into public.lines (user_id, name)
       select auth.uid(), name from unnest($1::text[]) as name returning id, name`,
      [lines],
    ));
  return new Map(rows.map((row) => [row.name, row.id]));
}

async function describe(
  stack: Stack,
  user_id: string,
  people: readonly Person[],
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  await asUser(stack.db, user_id, async (session) => {
    for (const person of people) {
      if (person.is_named === false || person.number === null) continue;
      const [found] = await session.query<{ contact_id: string }>(
        "select contact_id from public.contact_numbers where number = $1",
        [person.number],
      );
      if (found === undefined) throw new Error(`Cannot find the contact of "${person.name}"`);
      await session.query("select public.update_contact($1, $2::jsonb)", [
        found.contact_id,
        JSON.stringify({ name: person.name, company: person.company ?? "", tags: person.tags ?? [] }),
      ]);
      if (!ids.has(person.name)) ids.set(person.name, found.contact_id);
    }
  });
  return ids;
}

/** Signs up a user of this stack who has the log of a database, as it is at `now`. */
export async function loadAsker(stack: Stack, name: DatabaseName, now: string): Promise<Asker> {
  const database = DATABASES[name];
  const user = await ApiUser.signUp(stack, `${name}-${now.replace(/\W/g, "").toLowerCase()}`, {
    time_zone: database.time_zone,
    default_region: database.default_region,
    week_start: String(database.week_start),
  });
  const line_ids = await addLines(stack, user.id, database.lines);
  const events = phoneLog(database, now).map(({ line, ...event }) => ({
    ...event,
    line_id: line_ids.get(line),
  }));
  for (let start = 0; start < events.length; start += BATCH) {
    const batch = JSON.stringify(events.slice(start, start + BATCH));
    await asUser(
      stack.db,
      user.id,
      (session) => session.query("select public.ingest_events($1::jsonb, 'device')", [batch]),
    );
  }
  const contact_ids = await describe(stack, user.id, database.people);
  return { user, time_zone: database.time_zone, week_start: database.week_start, contact_ids, line_ids };
}
