import type { Session } from "../session.ts";
import type { DemoCoverage, DemoEvent, DemoUser } from "./types.ts";

/** What one call of `ingest_events` takes. */
const MAX_BATCH = 1_000;

async function updateProfile(session: Session, id: string, user: DemoUser): Promise<void> {
  const { display_name, time_zone, default_region, locale, week_start } = user;
  await session.query(
    `update public.profiles set display_name = $2, time_zone = $3, default_region = $4, locale = $5, week_start = $6
      where user_id = $1`,
    [id, display_name, time_zone, default_region, locale, week_start],
  );
}

/** The address book as an address card would give it, so that calls which come without a name find theirs. */
async function insertContacts(session: Session, id: string, { contacts }: DemoUser): Promise<void> {
  const rows = contacts.map(({ name, numbers, company, tags, birthday }) => ({
    ...{ name, company, tags, numbers: numbers.map(({ number }) => number) },
    notes: birthday === null ? null : `Birthday: ${birthday}`,
  }));
  await session.query(
    `with card as (
       select private.uuid_v7() as id, c.*
         from jsonb_to_recordset($2::jsonb)
           as c (name text, company text, tags text[], notes text, numbers text[])
     ), made as (
       insert into public.contacts (user_id, id, name, name_source, company, tags, notes)
       select $1::uuid, id, name, 'card', company, tags, notes from card
     )
     insert into public.contact_numbers (user_id, number, contact_id)
     select $1::uuid, number, id from card cross join unnest(numbers) as number`,
    [id, JSON.stringify(rows)],
  );
}

async function insertPrivacyRules(session: Session, id: string, { privacy }: DemoUser): Promise<void> {
  await session.query(
    `insert into public.privacy_rules (user_id, contact_id, visibility, mask_number, mask_content)
     select distinct on (n.contact_id) n.user_id, n.contact_id, r.visibility, r.mask_number, r.mask_content
       from jsonb_to_recordset($2::jsonb)
         as r (contact_number text, visibility text, mask_number boolean, mask_content boolean)
       join public.contact_numbers as n on n.user_id = $1::uuid and n.number = r.contact_number`,
    [id, JSON.stringify(privacy)],
  );
}

/** The ids of the user's lines by their keys. */
async function insertLines(session: Session, id: string, { lines }: DemoUser): Promise<Map<string, string>> {
  const rows = await session.query<{ id: string; number: string }>(
    `insert into public.lines (user_id, name, number, kind)
     select $1::uuid, label, number, kind
       from jsonb_to_recordset($2::jsonb) as l (label text, number text, kind text)
     returning id, number`,
    [id, JSON.stringify(lines)],
  );
  const ids = new Map(rows.map((row) => [row.number, row.id]));
  return new Map(lines.map(({ key, number }) => [key, ids.get(number) ?? ""]));
}

/** An event as `POST /events` takes it. */
function toReport(event: DemoEvent, lines: Map<string, string>): Record<string, unknown> {
  const { ts, number, type, direction, status, duration, content, source, source_id, contact_name } = event;
  const line_id = lines.get(event.line);
  return { ts, number, type, direction, status, duration, content, source, source_id, contact_name, line_id };
}

/** Takes in what one source reports, in batches, and fails unless every report has the outcome that is due. */
async function ingest(
  session: Session,
  events: readonly DemoEvent[],
  lines: Map<string, string>,
  outcome: "inserted" | "merged",
): Promise<void> {
  for (const name of new Set(events.map(({ source_name }) => source_name))) {
    const reports = events.filter(({ source_name }) => source_name === name);
    for (let first = 0; first < reports.length; first += MAX_BATCH) {
      const batch = reports.slice(first, first + MAX_BATCH);
      const [row] = await session.query<{ counts: Record<string, number> }>(
        "select public.ingest_events($1::jsonb, $2, $3) -> 'counts' as counts",
        [JSON.stringify(batch.map((event) => toReport(event, lines))), batch[0]?.source, name],
      );
      if (row?.counts[outcome] === batch.length) continue;
      throw new Error(`Cannot seed the events of ${name}: ${JSON.stringify(row?.counts)} of ${batch.length}`);
    }
  }
}

/** Each source says what it delivered, as a phone does after it has synced. */
async function reportCoverage(session: Session, coverage: readonly DemoCoverage[]): Promise<void> {
  for (const { source, name, type, from, to } of coverage) {
    const report = { source, name, from, to, types: [type], queue_depth: 0 };
    await session.query("select public.report_sync($1::jsonb)", [JSON.stringify(report)]);
  }
}

/**
 * Writes everything of one user: profile, contacts, privacy rules and lines by the rights of the session, events and coverage
 * through the functions that the API calls, as that user. Needs an open transaction, whose claims it sets.
 */
export async function seedUser(transaction: Session, id: string, user: DemoUser): Promise<void> {
  await updateProfile(transaction, id, user);
  await insertContacts(transaction, id, user);
  await insertPrivacyRules(transaction, id, user);
  const lines = await insertLines(transaction, id, user);
  const claims = { sub: id, role: "authenticated", email: user.email };
  await transaction.query("select set_config('request.jwt.claims', $1, true)", [JSON.stringify(claims)]);
  await ingest(transaction, user.events, lines, "inserted");
  await ingest(transaction, user.corroborations, lines, "merged");
  await reportCoverage(transaction, user.coverage);
  await transaction.query("select set_config('request.jwt.claims', '', true)");
}
