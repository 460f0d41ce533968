-- Roll-ups: sums over events that answer any period in any time zone without reading the events. Buckets are UTC, so
-- a window in any zone is whole buckets and a sliver at each end (private.pieces_of). Triggers keep them exact whatever the
-- order of arrival; private.check_rollups compares them with the truth. What a privacy rule keeps from teammates is summed
-- apart, so that their figures cost no more than one's own.

create type private.grain as enum ('hour', 'day', 'month', 'year');
comment on type private.grain is 'Width of a roll-up''s UTC bucket.';

create table private.activity (
  user_id uuid not null,
  grain private.grain not null,
  bucket timestamptz not null,
  is_private boolean not null,
  calls integer not null,
  sms integer not null,
  inbound integer not null,
  answered integer not null,
  missed integer not null,
  talk_seconds bigint not null,
  answered_seconds bigint not null,
  answered_timed integer not null,
  calls_15 integer not null default 0,
  calls_30 integer not null default 0,
  calls_45 integer not null default 0,
  sms_15 integer not null default 0,
  sms_30 integer not null default 0,
  sms_45 integer not null default 0,
  primary key (user_id, grain, bucket, is_private)
);
comment on table private.activity is
  'Per owner and UTC hour, day and month, apart for events with private contacts and others: counts of calls, messages, inbound events, answered and missed calls; seconds of all calls and of answered calls, how many answered calls have a duration; of hours how many calls and messages in the quarters that begin at :15, :30 and :45, for zones whose hours do (0 elsewhere).';

-- The months of every zone begin within 14 hours before and 12 after those of UTC: what lies between is one row.
create table private.month_edges (
  user_id uuid not null,
  hours smallint not null check (hours between -14 and 12 and hours <> 0),
  month timestamptz not null,
  is_private boolean not null,
  calls integer not null,
  sms integer not null,
  inbound integer not null,
  answered integer not null,
  missed integer not null,
  talk_seconds bigint not null,
  answered_seconds bigint not null,
  answered_timed integer not null,
  farthest_hour integer not null,
  primary key (user_id, hours, month, is_private)
);
comment on table private.month_edges is
  'The columns of private.activity per owner, start of a UTC month and number of whole hours after it (1 to 12) or before it (-1 to -14), which they sum up; farthest_hour: calls and messages of the one that is farthest from that start.';

create table private.week_hours (
  user_id uuid not null,
  month timestamptz not null,
  hour smallint not null,
  calls integer not null,
  calls_15 integer not null,
  calls_30 integer not null,
  calls_45 integer not null,
  sms integer not null,
  sms_15 integer not null,
  sms_30 integer not null,
  sms_45 integer not null,
  private_calls integer not null,
  private_calls_15 integer not null,
  private_calls_30 integer not null,
  private_calls_45 integer not null,
  private_sms integer not null,
  private_sms_15 integer not null,
  private_sms_30 integer not null,
  private_sms_45 integer not null,
  primary key (user_id, month, hour)
);
comment on table private.week_hours is
  'Per owner, UTC month and hour of the UTC week (0: Monday from midnight, to 167) the calls and messages, and how many of them in the quarters that begin at :15, :30 and :45; private_: of these, those with private contacts.';

create table private.activity_parts (
  user_id uuid not null,
  day timestamptz not null,
  is_private boolean not null,
  type text not null,
  direction text not null,
  status text not null,
  source text not null,
  line_id uuid not null,
  events integer not null,
  talk_seconds bigint not null,
  answered_timed integer not null,
  primary key (user_id, day, is_private, type, direction, status, source, line_id)
);
comment on table private.activity_parts is
  'Per owner and UTC day, private or not, events by every attribute. status unknown and the nil line stand for null.';

create table private.contact_activity (
  user_id uuid not null,
  grain private.grain not null check (grain in ('day', 'month')),
  bucket timestamptz not null,
  contact_id uuid not null,
  calls integer not null,
  sms integer not null,
  inbound integer not null,
  answered integer not null,
  missed integer not null,
  talk_seconds bigint not null,
  answered_seconds bigint not null,
  answered_timed integer not null,
  primary key (user_id, grain, bucket, contact_id)
);
create index contact_activity_contact_idx on private.contact_activity (user_id, contact_id, grain, bucket);
comment on table private.contact_activity is
  'The columns of private.activity per owner, contact and UTC day and month; events without a contact are not in it.';

create table private.contact_stats (
  user_id uuid not null,
  contact_id uuid not null,
  first_ts timestamptz not null,
  last_ts timestamptz not null,
  calls integer not null,
  sms integer not null,
  inbound integer not null,
  answered integer not null,
  missed integer not null,
  talk_seconds bigint not null,
  answered_seconds bigint not null,
  answered_timed integer not null,
  active_days integer not null,
  primary key (user_id, contact_id)
);
create index contact_stats_first_idx on private.contact_stats (user_id, first_ts) include (contact_id);
comment on table private.contact_stats is
  'Per owner and contact, of all time: first and last event, the sums of private.activity, and the UTC days with an event.';

create table private.call_durations (
  user_id uuid not null,
  grain private.grain not null check (grain in ('month', 'year')),
  bucket timestamptz not null,
  is_private boolean not null,
  seconds integer not null,
  calls integer not null,
  primary key (user_id, grain, bucket, is_private, seconds)
);
comment on table private.call_durations is
  'Per owner and UTC month and year, private or not, how many answered calls lasted so many seconds: medians are exact.';

-- Counts of different contacts do not add up, but sets do: one bit for each contact, joined by OR.
create table private.contact_bits (
  user_id uuid not null,
  contact_id uuid not null,
  bit integer not null check (bit >= 0),
  primary key (user_id, contact_id),
  unique (user_id, bit),
  foreign key (user_id, contact_id) references public.contacts (user_id, id) on delete cascade
);
comment on table private.contact_bits is
  'Which bit, from 0 and per owner, stands for a contact in private.contact_sets; given with the first event.';

create table private.contact_sets (
  user_id uuid not null,
  grain private.grain not null check (grain in ('hour', 'day')),
  bucket timestamptz not null,
  is_private boolean not null,
  contacts bit varying not null,
  primary key (user_id, grain, bucket, is_private)
);
comment on table private.contact_sets is
  'Per owner and UTC hour and day, private or not, the contacts with events: a 1 at the bit of private.contact_bits, up to the last 1. Sets are joined at one length, given by pg_catalog."bit"(contacts, length, true), the function behind the cast to bit(length).';

insert into private.user_tables values
  ('private.activity', 'user_id', 'Sums of events per hour, day and month', 'bucket'),
  ('private.month_edges', 'user_id', 'Sums of events next to the start of a month', 'month'),
  ('private.week_hours', 'user_id', 'Sums of events per month and hour of the week', 'month'),
  ('private.activity_parts', 'user_id', 'Sums of events per day and attribute', 'day'),
  ('private.contact_activity', 'user_id', 'Sums of events per contact, day and month', 'bucket'),
  ('private.contact_stats', 'user_id', 'Sums of events per contact', null),
  ('private.call_durations', 'user_id', 'Call durations per month and year', 'bucket'),
  ('private.contact_bits', 'user_id', 'Numbers of the contacts with events', null),
  ('private.contact_sets', 'user_id', 'Contacts with events per hour and day', 'bucket');

-- What the roll-ups must say, from the events.
create view private.event_measures as
select
  e.user_id, e.ts, e.contact_id, e.line_id, e.type, e.direction, e.status, e.source,
  (e.type = 'call')::integer as calls,
  (e.type = 'sms')::integer as sms,
  (e.direction = 'inbound')::integer as inbound,
  (e.type = 'call' and e.status is not distinct from 'answered')::integer as answered,
  (e.status is not distinct from 'missed')::integer as missed,
  coalesce(e.duration, 0) as talk_seconds,
  case when e.status = 'answered' then coalesce(e.duration, 0) else 0 end as answered_seconds,
  (e.status is not distinct from 'answered' and e.duration is not null)::integer as answered_timed
from public.events as e;
comment on view private.event_measures is
  'Each event as what it adds to the roll-ups: 0 or 1 per count, seconds. For definer functions only: it shows every row.';

-- What retention keeps of the events that it removes, where a policy keeps their sums: how many, of what kind and at which
-- hour, never with whom. What was private stays the owner's alone. The sums of contacts lose these events.
create table private.kept_sums (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  id uuid not null default private.uuid_v7(),
  ts timestamptz not null check (ts = date_trunc('hour', ts, 'UTC')),
  is_private boolean not null,
  type text not null,
  direction text not null,
  status text,
  source text not null,
  duration integer,
  events integer not null check (events > 0),
  primary key (user_id, id)
);
create index kept_sums_ts_idx on private.kept_sums (user_id, ts);
comment on table private.kept_sums is
  'Events that retention removed, as the roll-ups go on counting them: per owner and UTC hour how many of a kind and duration.';
insert into private.user_tables values ('private.kept_sums', 'user_id', 'Sums of events that retention removed', 'ts');

create view private.all_measures as
select m.*, 1 as events, r.user_id is not null as is_private
from private.event_measures as m
left join public.privacy_rules as r on r.user_id = m.user_id and r.contact_id = m.contact_id and r.visibility = 'private'
union all
select
  k.user_id, k.ts, null, null, k.type, k.direction, k.status, k.source,
  case when k.type = 'call' then k.events else 0 end,
  case when k.type = 'sms' then k.events else 0 end,
  case when k.direction = 'inbound' then k.events else 0 end,
  case when k.type = 'call' and k.status = 'answered' then k.events else 0 end,
  case when k.status = 'missed' then k.events else 0 end,
  coalesce(k.duration, 0) * k.events,
  case when k.status = 'answered' then coalesce(k.duration, 0) * k.events else 0 end,
  case when k.status = 'answered' and k.duration is not null then k.events else 0 end,
  k.events, k.is_private
from private.kept_sums as k;
comment on view private.all_measures is
  'What the roll-ups add up: private.event_measures and, as several events in one row, private.kept_sums; events: how many.';

create view private.true_activity as
select m.user_id, g.grain, g.bucket, m.is_private, sum(m.calls) as calls, sum(m.sms) as sms, sum(m.inbound) as inbound,
  sum(m.answered) as answered, sum(m.missed) as missed, sum(m.talk_seconds) as talk_seconds, sum(m.answered_seconds) as answered_seconds,
  sum(m.answered_timed) as answered_timed,
  coalesce(sum(m.calls) filter (where g.grain = 'hour' and date_bin('15 minutes', m.ts, timestamptz 'epoch') = g.bucket + interval '15 minutes'), 0) as calls_15,
  coalesce(sum(m.calls) filter (where g.grain = 'hour' and date_bin('15 minutes', m.ts, timestamptz 'epoch') = g.bucket + interval '30 minutes'), 0) as calls_30,
  coalesce(sum(m.calls) filter (where g.grain = 'hour' and date_bin('15 minutes', m.ts, timestamptz 'epoch') = g.bucket + interval '45 minutes'), 0) as calls_45,
  coalesce(sum(m.sms) filter (where g.grain = 'hour' and date_bin('15 minutes', m.ts, timestamptz 'epoch') = g.bucket + interval '15 minutes'), 0) as sms_15,
  coalesce(sum(m.sms) filter (where g.grain = 'hour' and date_bin('15 minutes', m.ts, timestamptz 'epoch') = g.bucket + interval '30 minutes'), 0) as sms_30,
  coalesce(sum(m.sms) filter (where g.grain = 'hour' and date_bin('15 minutes', m.ts, timestamptz 'epoch') = g.bucket + interval '45 minutes'), 0) as sms_45
from private.all_measures as m
cross join lateral (values ('hour'::private.grain, date_trunc('hour', m.ts, 'UTC')), ('day', date_trunc('day', m.ts, 'UTC')),
  ('month', date_trunc('month', m.ts, 'UTC'))) as g (grain, bucket)
group by 1, 2, 3, 4;
comment on view private.true_activity is 'What private.activity must hold.';

create view private.true_month_edges as
select m.user_id, k::smallint as hours, m.month, m.is_private, sum(m.calls) as calls, sum(m.sms) as sms, sum(m.inbound) as inbound,
  sum(m.answered) as answered, sum(m.missed) as missed, sum(m.talk_seconds) as talk_seconds, sum(m.answered_seconds) as answered_seconds,
  sum(m.answered_timed) as answered_timed, sum(case when k = m.hours then m.calls + m.sms else 0 end) as farthest_hour
from (
  select m.*, floor(extract(epoch from m.ts - m.month) / 3600)::integer + (m.ts >= m.month)::integer as hours
    from (select m.*, date_trunc('month', m.ts + interval '14 hours', 'UTC') as month from private.all_measures as m) as m
   where m.ts < m.month + interval '12 hours'
) as m
cross join lateral generate_series(case when m.hours < 0 then -14 else m.hours end, case when m.hours < 0 then m.hours else 12 end) as k
group by 1, 2, 3, 4;
comment on view private.true_month_edges is 'What private.month_edges must hold.';

create view private.true_week_hours as
select c.user_id, c.month, c.hour,
  coalesce(sum(c.calls), 0) as calls, coalesce(sum(c.calls) filter (where c.quarter = 1), 0) as calls_15, coalesce(sum(c.calls) filter (where c.quarter = 2), 0) as calls_30, coalesce(sum(c.calls) filter (where c.quarter = 3), 0) as calls_45,
  coalesce(sum(c.sms), 0) as sms, coalesce(sum(c.sms) filter (where c.quarter = 1), 0) as sms_15, coalesce(sum(c.sms) filter (where c.quarter = 2), 0) as sms_30, coalesce(sum(c.sms) filter (where c.quarter = 3), 0) as sms_45,
  coalesce(sum(c.calls) filter (where c.is_private), 0) as private_calls, coalesce(sum(c.calls) filter (where c.quarter = 1 and c.is_private), 0) as private_calls_15, coalesce(sum(c.calls) filter (where c.quarter = 2 and c.is_private), 0) as private_calls_30, coalesce(sum(c.calls) filter (where c.quarter = 3 and c.is_private), 0) as private_calls_45,
  coalesce(sum(c.sms) filter (where c.is_private), 0) as private_sms, coalesce(sum(c.sms) filter (where c.quarter = 1 and c.is_private), 0) as private_sms_15, coalesce(sum(c.sms) filter (where c.quarter = 2 and c.is_private), 0) as private_sms_30, coalesce(sum(c.sms) filter (where c.quarter = 3 and c.is_private), 0) as private_sms_45
from (
  select m.user_id, date_trunc('month', m.ts, 'UTC') as month, m.calls, m.sms, m.is_private,
    ((extract(isodow from m.ts at time zone 'UTC') - 1) * 24 + extract(hour from m.ts at time zone 'UTC'))::smallint as hour,
    floor(extract(minute from m.ts at time zone 'UTC') / 15) as quarter
  from private.all_measures as m
) as c
group by c.user_id, c.month, c.hour;
comment on view private.true_week_hours is 'What private.week_hours must hold.';

create view private.true_activity_parts as
select m.user_id, date_trunc('day', m.ts, 'UTC') as day, m.is_private, m.type, m.direction,
  coalesce(m.status, 'unknown') as status, m.source, coalesce(m.line_id, '00000000-0000-0000-0000-000000000000') as line_id,
  sum(m.events) as events, sum(m.talk_seconds) as talk_seconds, sum(m.answered_timed) as answered_timed
from private.all_measures as m
group by 1, 2, 3, 4, 5, 6, 7, 8;
comment on view private.true_activity_parts is 'What private.activity_parts must hold.';

create view private.true_contact_activity as
select m.user_id, g.grain, g.bucket, m.contact_id, sum(m.calls) as calls, sum(m.sms) as sms, sum(m.inbound) as inbound,
  sum(m.answered) as answered, sum(m.missed) as missed, sum(m.talk_seconds) as talk_seconds,
  sum(m.answered_seconds) as answered_seconds, sum(m.answered_timed) as answered_timed
from private.event_measures as m
cross join lateral (values ('day'::private.grain, date_trunc('day', m.ts, 'UTC')),
  ('month', date_trunc('month', m.ts, 'UTC'))) as g (grain, bucket)
where m.contact_id is not null
group by m.user_id, g.grain, g.bucket, m.contact_id;
comment on view private.true_contact_activity is 'What private.contact_activity must hold.';

create view private.true_contact_stats as
select m.user_id, m.contact_id, min(m.ts) as first_ts, max(m.ts) as last_ts, sum(m.calls) as calls, sum(m.sms) as sms,
  sum(m.inbound) as inbound, sum(m.answered) as answered, sum(m.missed) as missed, sum(m.talk_seconds) as talk_seconds,
  sum(m.answered_seconds) as answered_seconds, sum(m.answered_timed) as answered_timed,
  count(distinct date_trunc('day', m.ts, 'UTC')) as active_days
from private.event_measures as m
where m.contact_id is not null
group by m.user_id, m.contact_id;
comment on view private.true_contact_stats is 'What private.contact_stats must hold.';

create view private.true_call_durations as
select m.user_id, g.grain, g.bucket, m.is_private, m.talk_seconds / m.events as seconds, sum(m.events) as calls
from private.all_measures as m
cross join lateral (values ('month'::private.grain, date_trunc('month', m.ts, 'UTC')), ('year', date_trunc('year', m.ts, 'UTC'))) as g (grain, bucket)
where m.answered_timed > 0
group by 1, 2, 3, 4, 5;
comment on view private.true_call_durations is 'What private.call_durations must hold.';

-- A contact without its bit counts as one beyond all others: nothing kept can be equal to that.
create view private.true_contact_sets as
select m.user_id, g.grain, g.bucket, m.is_private,
  pg_catalog."bit"(bit_or(set_bit(pg_catalog."bit"(B'0', w.size + 1, true), coalesce(b.bit, w.size), 1)), max(coalesce(b.bit, w.size)) + 1, true)::bit varying as contacts
from private.all_measures as m
left join private.contact_bits as b on b.user_id = m.user_id and b.contact_id = m.contact_id
left join (select user_id, max(bit) + 1 as size from private.contact_bits group by user_id) as k on k.user_id = m.user_id
cross join lateral (select coalesce(k.size, 0) as size) as w
cross join lateral (values ('hour'::private.grain, date_trunc('hour', m.ts, 'UTC')), ('day', date_trunc('day', m.ts, 'UTC'))) as g (grain, bucket)
where m.contact_id is not null
group by 1, 2, 3, 4;
comment on view private.true_contact_sets is 'What private.contact_sets must hold.';

create function private.rollup_names()
returns text[]
language sql immutable
set search_path = ''
as $$
  select array['activity', 'month_edges', 'week_hours', 'activity_parts', 'contact_activity', 'contact_stats', 'call_durations', 'contact_sets']
$$;
comment on function private.rollup_names() is 'The roll-ups: what private.<name> must hold is private.true_<name>.';

create type private.rollup_difference as (rollup text, kept jsonb, truth jsonb);
comment on type private.rollup_difference is 'A row that a roll-up has and should not (kept), or should have and has not (truth).';

create function private.check_rollups(user_id uuid default null)
returns setof private.rollup_difference
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_rollup text;
begin
  for v_rollup in select unnest(private.rollup_names()) loop
    return query execute format('
      with kept as (select to_jsonb(k) as line from private.%1$I as k where $2 is null or k.user_id = $2),
        truth as (select to_jsonb(t) as line from private.%2$I as t where $2 is null or t.user_id = $2)
      select $1, line, null::jsonb from (select line from kept except all select line from truth) as odd
      union all
      select $1, null::jsonb, line from (select line from truth except all select line from kept) as odd', v_rollup, 'true_' || v_rollup)
      using v_rollup, check_rollups.user_id;
  end loop;
end;
$$;
comment on function private.check_rollups(uuid) is
  'The rows in which the roll-ups of a person (null: of everybody) and the events differ. None is right.';

create function private.rebuild_rollups(user_id uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_rollup text;
begin
  perform private.lock_owner(rebuild_rollups.user_id);
  insert into private.contact_bits (user_id, contact_id, bit)
  select rebuild_rollups.user_id, e.contact_id,
    coalesce((select max(b.bit) + 1 from private.contact_bits as b where b.user_id = rebuild_rollups.user_id), 0) + row_number() over (order by min(e.ts), e.contact_id) - 1
    from public.events as e
   where e.user_id = rebuild_rollups.user_id and e.contact_id is not null
     and not exists (select from private.contact_bits as b where b.user_id = rebuild_rollups.user_id and b.contact_id = e.contact_id)
   group by e.contact_id;
  for v_rollup in select unnest(private.rollup_names()) loop
    execute format('delete from private.%I as k where k.user_id = $1', v_rollup) using rebuild_rollups.user_id;
    -- In the order in which they are read, which is also the one in which they come to be.
    execute format('insert into private.%I select t.* from private.%I as t where t.user_id = $1 order by 1, 2, 3, 4, 5', v_rollup, 'true_' || v_rollup)
      using rebuild_rollups.user_id;
  end loop;
end;
$$;
comment on function private.rebuild_rollups(uuid) is
  'Makes a person''s roll-ups again from the events, for an operator after private.check_rollups found a difference.';
