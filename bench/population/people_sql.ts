import type { Session } from "../../dev/database.ts";
import { BACKUP_SHARE, contactId, DAYS, people, type PopulationSpec, teams } from "../population.ts";
import { FAMILY, GIVEN } from "./names.ts";

/** Hash-based draws, and the contacts as the generator of events reads them. */
const SCHEMA = `
create schema bench;
-- Evenly in [0, 1), the same for the same key and salt.
create function bench.unit(key bigint, salt bigint) returns double precision language sql immutable parallel safe
  return (hashint8extended(key, salt) & 1073741823) / 1073741824.0::double precision;
create table bench.contacts (person integer, rank integer, contact_id uuid, number text, primary key (person, rank));
create table bench.vocabulary (rank integer primary key, word text not null);
create table bench.population (scale double precision, day date, seconds double precision);`;

/** Accounts with their profiles, organisations and lines. */
async function insertPeople(session: Session, spec: PopulationSpec): Promise<void> {
  const everybody = people(spec);
  await session.query(
    `insert into auth.users (id, email, email_confirmed_at, raw_user_meta_data)
     select (p ->> 'user_id')::uuid, p ->> 'email', now(),
       jsonb_build_object('display_name', 'Person ' || (p ->> 'index'), 'time_zone', p ->> 'time_zone')
     from jsonb_array_elements($1::jsonb) as p`,
    [everybody],
  );
  await session.query(
    `insert into public.lines (user_id, id, name, number, kind)
     select (p ->> 'user_id')::uuid, ((p ->> 'user_id'))::uuid, 'Line 1', '+1212555' || lpad(p ->> 'index', 4, '0'), 'sim'
       from jsonb_array_elements($1::jsonb) as p
     union all
     select (p ->> 'user_id')::uuid, '00000000-0000-7000-a000-000000000002', 'Line 2', '+12125559999', 'handset'
       from jsonb_array_elements($1::jsonb) as p where (p ->> 'lines')::integer > 1`,
    [everybody],
  );
  for (const team of spec.alone === undefined ? teams() : []) {
    await session.query("insert into public.organizations (id, name) values ($1, $2)", [
      team.organization_id,
      team.name,
    ]);
    await session.query(
      `insert into public.org_members (organization_id, user_id, role)
       select $1, ('00000000-0000-7000-8000-' || lpad(m ->> 'index', 12, '0'))::uuid, m ->> 'role'
         from jsonb_array_elements($2::jsonb) as m`,
      [team.organization_id, team.members],
    );
  }
}

// A third of the contacts are of a pool that everybody draws from, so that teammates have contacts in common. The
// steps and the size of the pool have no common factor: nobody meets the same number twice.
const CONTACTS = `
insert into bench.contacts
select $1::integer, rank, (left($3, 24) || lpad(rank::text, 12, '0'))::uuid,
  case when rank % 23 = 0 then (20000 + number)::text
    else '+1' || (array['212','310','415','617','718','773','202','305','512','206'])[1 + number % 10] || '555' || lpad((number / 10)::text, 4, '0') end
from (select rank, case when rank % 3 = 0 then (rank * 1009 + $1::integer * 37) % 4001
        else 4001 + case when $1::integer = 0 then 0 else 3000 + $1::integer * 150 end + rank end as number
        from generate_series(1, $2::integer) as rank) as drawn`;

const NAMED_CONTACTS = `
insert into public.contacts (user_id, id, name, name_source, company)
select $1::uuid, c.contact_id,
  case when c.rank % 23 = 0 then 'Service ' || c.number
    when c.rank % 17 = 0 then null
    else ($3::text[])[1 + (c.rank * 7 + $2::integer) % 50] || ' ' || ($4::text[])[1 + (c.rank / 50 + c.rank * 11 + $2::integer) % 50]
      || case when c.rank > 2000 then ' ' || c.rank else '' end end,
  'card', case when c.rank % 9 = 0 then 'Company ' || c.rank % 40 end
from bench.contacts as c where c.person = $2::integer`;

const NUMBERS = `
insert into public.contact_numbers (user_id, number, contact_id)
select $1::uuid, c.number, c.contact_id from bench.contacts as c where c.person = $2::integer`;

// One in three keeps the second most frequent contact, a partner say, to himself.
const RULES = `
insert into public.privacy_rules (user_id, contact_id, visibility, mask_number, mask_content)
select $1::uuid, c.contact_id,
  case when c.rank % 40 = 7 or (c.rank = 2 and $2::integer % 3 = 0) then 'private' when c.rank % 40 = 13 then 'public' else 'team' end,
  c.rank % 40 = 3, c.rank % 40 not in (11, 13)
from bench.contacts as c
where c.person = $2::integer and (c.rank % 40 in (3, 7, 11, 13) or (c.rank = 2 and $2::integer % 3 = 0))`;

const SOURCES = `
with source as (
  insert into public.sync_sources (user_id, kind, name, last_report_at, last_ingest_at, last_event_at, queue_depth, clock_drift_seconds)
  values ($1::uuid, 'backup', '', null, $2::date - 1400, $2::date - 1461, null, null),
    ($1::uuid, 'device', '', $2::date, $2::date, $2::date, 0, 0.4),
    ($1::uuid, 'carrier', '', $2::date - 20, $2::date - 20, $2::date - 21, null, null)
  returning id, kind
)
insert into public.coverage (user_id, sync_source_id, type, covered)
select $1::uuid, s.id, t.type,
  case s.kind when 'backup' then tstzmultirange(tstzrange($2::date - ${DAYS}, $2::date - ${DAYS} + ${
  Math.round(DAYS * BACKUP_SHARE)
}))
    when 'carrier' then tstzmultirange(tstzrange($2::date - 1461, $2::date - 20))
    else tstzmultirange(tstzrange($2::date - ${DAYS} + ${
  Math.round(DAYS * BACKUP_SHARE)
}, $2::date - $3::integer),
      tstzrange($2::date - $3::integer + 9, $2::date)) end
from source as s cross join (values ('call'), ('sms')) as t (type)
where s.kind <> 'carrier' or t.type = 'call'`;

/** First of the nine days, counted back from the end, that the person's log lacks. */
export function holeBefore(index: number): number {
  return 60 + index * 13 % 900;
}

/** Inserts everything but the events into a migrated database without users. */
export async function insertPeopleOf(session: Session, spec: PopulationSpec): Promise<void> {
  await session.exec(SCHEMA);
  await insertPeople(session, spec);
  for (const { index, user_id, contacts } of people(spec)) {
    await session.query(CONTACTS, [index, contacts, contactId(index, 0)]);
    await session.query(NAMED_CONTACTS, [user_id, index, GIVEN, FAMILY]);
    await session.query(NUMBERS, [user_id, index]);
    await session.query(RULES, [user_id, index]);
    await session.query(SOURCES, [user_id, spec.day, holeBefore(index)]);
  }
}
