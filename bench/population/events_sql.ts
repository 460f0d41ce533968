import type { Session } from "../../dev/database.ts";
import { BACKUP_SHARE, DAYS, type Person, type PopulationSpec } from "../population.ts";
import { holeBefore } from "./people_sql.ts";

/** Of a hundred sessions, how many begin in each hour of the local day. */
const WORKDAY = [1, 0, 0, 0, 0, 1, 2, 4, 6, 6, 6, 5, 6, 5, 5, 5, 6, 7, 8, 8, 7, 6, 4, 2];
const WEEKEND = [3, 2, 1, 0, 0, 0, 0, 1, 3, 5, 7, 8, 8, 7, 6, 6, 6, 6, 7, 7, 6, 5, 4, 2];

function hours(weights: readonly number[]): string {
  return `array[${weights.flatMap((weight, hour) => Array<number>(weight).fill(hour)).join(",")}]`;
}

// Sessions first: one call, or a burst of messages with one contact. Days have weights (weekday, slow growth, chance, a
// hole), sessions are spread over the days by them. Contacts are drawn as 1/rank out of a circle that grows, texts
// word by word as 1/rank out of the vocabulary.
const EVENTS = `
insert into public.events (user_id, id, ts, number, contact_id, line_id, type, direction, status, duration, content,
  source, source_id, sources, metadata, fingerprint, created_at, updated_at)
with day as materialized (
  select d, sum(weight) over (order by d) / sum(weight) over () as upto
  from (
    select d,
      case when ${DAYS} - d between $7::integer - 8 and $7::integer then 0
        else (array[1, 0.95, 1, 1.05, 1.2, 0.8, 0.6])[extract(isodow from $4::date - ${DAYS} + d)::integer]
          * (0.7 + 0.6 * d / ${DAYS}) * (0.5 + bench.unit($2::bigint * 10000 + d, 1)) end as weight
      from generate_series(0, ${DAYS} - 1) as d
  ) as weighted
),
drawn as (
  select s, key, rank, rank % 23 <> 0 and bench.unit(key, 4) < 0.64 as is_call
  from (
    select s, $2::bigint * 100000000 + s as key,
      least($8::integer, floor(power(1 + $8::integer * (0.35 + 0.65 * least(1, s * 1.75::double precision / $3::bigint)), bench.unit($2::bigint * 100000000 + s, 3))))::integer as rank
    from generate_series(1, $3::bigint) as s
  ) as numbered
),
counted as (
  select drawn.*, size, sum(size) over (order by s) - size as events_before
  from drawn cross join lateral (
    select case when is_call then 1 else least(24, 1 + floor(ln(1 - bench.unit(key, 10)) / ln(0.667)))::integer end as size) as drawn_size
),
session as materialized (
  select c.key, c.rank, c.is_call, least(c.size, $3::bigint - c.events_before)::integer as size, d < ${
  Math.round(DAYS * BACKUP_SHARE)
} as in_backup,
    (at + ((case when extract(isodow from at) < 6 then ${hours(WORKDAY)} else ${
  hours(WEEKEND)
} end)[1 + floor(bench.unit(key, 5) * 100)::integer]
      * 3600000 + floor(bench.unit(key, 6) * 3600000)) * interval '1 millisecond') at time zone $5::text as starts_at,
    15 + 90 * bench.unit(key, 7) as pace_seconds
  from counted as c
  cross join lateral (select width_bucket(c.events_before::double precision / $3::bigint, (select array_agg(upto order by d) from day)) as d) as found
  cross join lateral (select $4::date - ${DAYS} + d as at) as dated
  where c.events_before < $3::bigint
),
event as (
  select s.*, s.key * 32 + j as event_key,
    s.starts_at + floor((j - 1) * s.pace_seconds * 1000) * interval '1 millisecond' as ts,
    case when s.rank % 23 = 0 or bench.unit(s.key * 32 + j, 8) < 0.52 then 'inbound' else 'outbound' end as direction,
    bench.unit(s.key * 32 + j, 9) as fate
  from session as s
  cross join lateral generate_series(1, s.size) as j
),
shaped as (
  select e.*, hashint8extended(e.event_key, 17) as random,
    e.is_call and e.direction = 'inbound' and bench.unit(e.event_key, 11) < 0.03 as is_withheld,
    case when e.is_call then 'call' else 'sms' end as type,
    case when not e.is_call then case when e.fate > 0.99 then 'failed' when e.direction = 'inbound' then 'received' else 'sent' end
      when e.direction = 'inbound' then
        case when e.fate < 0.62 then 'answered' when e.fate < 0.84 then 'missed' when e.fate < 0.92 then 'declined' when e.fate < 0.98 then 'voicemail' end
      else case when e.fate < 0.75 then 'answered' when e.fate < 0.95 then 'missed' when e.fate < 0.99 then 'voicemail' end end as status,
    case when e.in_backup then 'backup' when e.is_call and bench.unit(e.event_key, 12) < 0.1 then 'carrier' else 'device' end as source
  from event as e
),
told as (
  select e.*,
    case when e.is_call then case e.status
      when 'answered' then least(14400, 1 + floor(exp(4.3 + 1.1 * sqrt(-2 * ln(1 - bench.unit(e.event_key, 13))) * cos(2 * pi() * bench.unit(e.event_key, 14)))))::integer
      when 'voicemail' then 5 + floor(bench.unit(e.event_key, 13) * 50)::integer
      when 'missed' then 0 when 'declined' then 0 end end as duration,
    case when not e.is_call and bench.unit(e.event_key, 15) < 0.185 then (
      select string_agg((select v.word from bench.vocabulary as v
                          where v.rank = least(5000, floor(power(5001::double precision, bench.unit(e.event_key * 32 + w, 16))))::integer), ' ')
        from generate_series(1, 3 + floor(bench.unit(e.event_key, 18) * 23)::integer) as w) end as content
  from shaped as e
)
select $1::uuid,
  (lpad(to_hex(floor(extract(epoch from e.ts) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(e.random & 4095), 3, '0')
    || '8' || lpad(to_hex((e.random >> 4) & 1152921504606846975), 15, '0'))::uuid,
  e.ts, case when not e.is_withheld then c.number end, case when not e.is_withheld then c.contact_id end,
  case when $6::integer > 1 and bench.unit(e.key, 19) < 0.3 then '00000000-0000-7000-a000-000000000002'::uuid when not e.in_backup then $1::uuid end,
  e.type, e.direction, e.status, e.duration, e.content, e.source, null,
  case when e.source = 'carrier' and e.random & 1 = 0 then array['device', 'carrier'] else array[e.source] end, '{}',
  private.event_fingerprint(e.type, e.direction, case when not e.is_withheld then c.number end, e.ts, e.duration, e.content),
  delivered.at, delivered.at
from told as e
join bench.contacts as c on c.person = $2::integer and c.rank = e.rank
cross join lateral (select case when e.in_backup then $4::date - 1400 else e.ts + interval '1 minute' end as at) as delivered
order by e.ts, e.event_key`;

// In a log that is dense enough two messages of one second can look alike, which is one event.
const WITHOUT_TWINS = `${EVENTS}
on conflict (user_id, fingerprint) do nothing`;

/** Inserts one person's events, oldest first. Triggers are the caller's to switch off. */
export async function insertEventsOf(session: Session, person: Person, spec: PopulationSpec): Promise<void> {
  await session.query(spec.alone === undefined ? EVENTS : WITHOUT_TWINS, [
    person.user_id,
    person.index,
    person.events,
    spec.day,
    person.time_zone,
    person.lines,
    holeBefore(person.index),
    person.contacts,
  ]);
}
