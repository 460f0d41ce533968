-- Reading the roll-ups: any half-open window in any zone, as whole UTC buckets and the signed slivers at its ends.

create function private.nearest_start(ts timestamptz, unit text)
returns timestamptz
language sql immutable
set search_path = ''
as $$
  select case when nearest_start.ts - before < after - nearest_start.ts then before else after end
    from (select date_trunc(nearest_start.unit, nearest_start.ts, 'UTC') as before,
      date_add(date_trunc(nearest_start.unit, nearest_start.ts, 'UTC'), ('1 ' || nearest_start.unit)::interval, 'UTC') as after) as t
$$;
comment on function private.nearest_start(timestamptz, text) is 'The start of a UTC month or year that is nearest to ts.';

-- [b1, b2) = [T1, T2) + [b1, T1) - [b2, T2), where T is the start of the top grain's bucket nearest to b; the slivers come from
-- the next finer grain in the same way, and what is left from the events themselves.
create function private.pieces_of(bounds timestamptz[], top private.grain, finest private.grain default 'hour')
returns table (part integer, sign integer, grain private.grain, starts_at timestamptz, ends_at timestamptz)
language plpgsql immutable rows 100
set search_path = ''
as $$
begin
  return query
  with hourly as (
    select i, b, case when pieces_of.finest = 'hour' then date_bin('1 hour', b + interval '30 minutes', timestamptz 'epoch') else b end as hour
      from unnest(pieces_of.bounds) with ordinality as given (b, i)
  ),
  daily as (
    select h.*, case when pieces_of.finest <= 'day' and pieces_of.top >= 'day'
        then date_bin('1 day', b + interval '12 hours', timestamptz 'epoch') else hour end as day
      from hourly as h
  ),
  monthly as (
    select d.*, case when pieces_of.top >= 'month' then private.nearest_start(b, 'month') else day end as month from daily as d
  ),
  nearest as (
    select m.*, case when pieces_of.top = 'year' then private.nearest_start(b, 'year') else month end as top_start from monthly as m
  ),
  sliver as (
    select i::integer as i, sign(extract(epoch from s.upto - s.since))::integer as sign, s.grain,
        least(s.since, s.upto) as starts_at, greatest(s.since, s.upto) as ends_at
      from nearest
      cross join lateral (values (null::private.grain, b, hour), (case when pieces_of.finest = 'hour' then 'hour'::private.grain end, hour, day),
        (case when pieces_of.finest <= 'day' then 'day'::private.grain end, day, month), ('month', month, top_start)) as s (grain, since, upto)
     where s.since <> s.upto
  )
  select n.i::integer, 1, case when pieces_of.top >= pieces_of.finest then pieces_of.top end, n.top_start, n.next_start
    from (select i, nearest.top_start, lead(nearest.top_start) over (order by i) as next_start from nearest) as n
   where n.top_start < n.next_start
  union all
  select s.i, s.sign, s.grain, s.starts_at, s.ends_at from sliver as s where s.i < cardinality(pieces_of.bounds)
  union all
  select s.i - 1, -s.sign, s.grain, s.starts_at, s.ends_at from sliver as s where s.i > 1;
end;
$$;
comment on function private.pieces_of(timestamptz[], private.grain, private.grain) is
  'The parts between ascending bounds (part i is [bounds[i], bounds[i+1])) as signed ranges of whole UTC buckets; grain null: a range of events. finest: the finest grain that the roll-up has.';

create function private.hidden_contacts(owner_id uuid)
returns uuid[]
language plpgsql stable security definer
set search_path = ''
as $$
begin
  return (
  select case when hidden_contacts.owner_id = (select auth.uid()) then '{}'
    else array(select r.contact_id from public.privacy_rules as r
                where r.user_id = hidden_contacts.owner_id and r.visibility = 'private') end);
end;
$$;
comment on function private.hidden_contacts(uuid) is
  'The contacts whose events private.visible_events keeps from the caller: none of one''s own, a teammate''s private ones. For definer functions; the sums of time keep them apart as is_private.';

create type private.measures as (
  part integer, calls bigint, sms bigint, inbound bigint, answered bigint, missed bigint,
  talk_seconds bigint, answered_seconds bigint, answered_timed bigint);
comment on type private.measures is 'The sums of private.activity for one part of a period.';

create function private.activity_between(owner_id uuid, bounds timestamptz[], top private.grain)
returns setof private.measures
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_is_own constant boolean := activity_between.owner_id = (select auth.uid());
  v_hidden constant uuid[] := private.hidden_contacts(activity_between.owner_id);
begin
  perform private.require_readable_owner(activity_between.owner_id);
  -- "offset 0" here and below: one index range for each piece, whatever the statistics suggest; so one plan serves every call.
  return query
  with piece as (select * from private.pieces_of(activity_between.bounds, activity_between.top))
  select t.part, sum(t.sign * t.calls)::bigint, sum(t.sign * t.sms)::bigint, sum(t.sign * t.inbound)::bigint, sum(t.sign * t.answered)::bigint,
    sum(t.sign * t.missed)::bigint, sum(t.sign * t.talk_seconds)::bigint, sum(t.sign * t.answered_seconds)::bigint, sum(t.sign * t.answered_timed)::bigint
  from (
    select p.part, p.sign, a.*
      from piece as p
      cross join lateral (
        select a.calls, a.sms, a.inbound, a.answered, a.missed, a.talk_seconds, a.answered_seconds, a.answered_timed from private.activity as a
         where a.user_id = activity_between.owner_id and a.grain = p.grain and a.bucket >= p.starts_at and a.bucket < p.ends_at
           and (v_is_own or not a.is_private) offset 0) as a
    union all
    select p.part, p.sign, m.*
      from piece as p
      cross join lateral (
        select m.calls, m.sms, m.inbound, m.answered, m.missed, m.talk_seconds, m.answered_seconds, m.answered_timed from private.event_measures as m
         where m.user_id = activity_between.owner_id and m.ts >= p.starts_at and m.ts < p.ends_at
           and (m.contact_id = any (v_hidden)) is not true offset 0) as m
     where p.grain is null
  ) as t
  group by t.part;
end;
$$;
comment on function private.activity_between(uuid, timestamptz[], private.grain) is
  'Sums of what the caller may see of a person, per part between ascending bounds; parts without any roll-up row are left out. top: the grain that suits the parts (month, day or hour). Errors: not_authenticated (401), role_insufficient (403), user_not_found (404).';
grant execute on function private.activity_between(uuid, timestamptz[], private.grain) to authenticated;

create type private.contact_measures as (
  part integer, contact_id uuid, calls bigint, sms bigint, inbound bigint, answered bigint, missed bigint,
  talk_seconds bigint, answered_seconds bigint, answered_timed bigint);
comment on type private.contact_measures is 'The sums of private.contact_activity of one contact for one part of a period.';

create function private.contacts_between(owner_id uuid, starts_at timestamptz, ends_at timestamptz)
returns setof private.contact_measures
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_hidden constant uuid[] := private.hidden_contacts(contacts_between.owner_id);
  v_first timestamptz;
  v_last timestamptz;
  v_is_most boolean;
begin
  perform private.require_readable_owner(contacts_between.owner_id);
  select min(s.first_ts), max(s.last_ts) + interval '1 microsecond' into v_first, v_last
    from private.contact_stats as s where s.user_id = contacts_between.owner_id;
  -- Of a period that holds most of the history it is less to take away what lies outside.
  v_is_most := greatest(contacts_between.starts_at - v_first, '0') + greatest(v_last - contacts_between.ends_at, '0')
    < contacts_between.ends_at - contacts_between.starts_at;
  return query
  with piece as (
    select p.sign, p.grain, p.starts_at, p.ends_at
      from private.pieces_of(array[contacts_between.starts_at, contacts_between.ends_at], 'month', 'day') as p
     where not v_is_most
    union all
    select -p.sign, p.grain, p.starts_at, p.ends_at
      from (values (v_first, least(contacts_between.starts_at, v_last)), (greatest(contacts_between.ends_at, v_first), v_last)) as outside (since, upto)
      cross join lateral private.pieces_of(array[outside.since, outside.upto], 'month', 'day') as p
     where v_is_most and outside.since < outside.upto
  )
  select 1, t.contact_id, sum(t.sign * t.calls)::bigint, sum(t.sign * t.sms)::bigint, sum(t.sign * t.inbound)::bigint, sum(t.sign * t.answered)::bigint, sum(t.sign * t.missed)::bigint, sum((t.sign * t.talk_seconds)::double precision)::bigint, sum((t.sign * t.answered_seconds)::double precision)::bigint, sum(t.sign * t.answered_timed)::bigint
  from (
    select p.sign, a.*
      from piece as p
      cross join lateral (
        select a.contact_id, a.calls, a.sms, a.inbound, a.answered, a.missed, a.talk_seconds, a.answered_seconds, a.answered_timed from private.contact_activity as a
         where a.user_id = contacts_between.owner_id and a.grain = p.grain and a.bucket >= p.starts_at and a.bucket < p.ends_at offset 0) as a
    union all
    select p.sign, m.*
      from piece as p
      cross join lateral (
        select m.contact_id, m.calls, m.sms, m.inbound, m.answered, m.missed, m.talk_seconds, m.answered_seconds, m.answered_timed from private.event_measures as m
         where m.user_id = contacts_between.owner_id and m.ts >= p.starts_at and m.ts < p.ends_at and m.contact_id is not null offset 0) as m
     where p.grain is null
    union all
    select 1, s.contact_id, s.calls, s.sms, s.inbound, s.answered, s.missed, s.talk_seconds, s.answered_seconds, s.answered_timed
      from private.contact_stats as s where v_is_most and s.user_id = contacts_between.owner_id
  ) as t
  where t.contact_id <> all (v_hidden)
  group by t.contact_id
  having sum(t.sign * (t.calls + t.sms)) > 0;
end;
$$;
comment on function private.contacts_between(uuid, timestamptz, timestamptz) is
  'The contacts that the caller may see a person had events with in [starts_at, ends_at), with their sums (part is 1). Errors: those of private.activity_between.';
grant execute on function private.contacts_between(uuid, timestamptz, timestamptz) to authenticated;

create function private.contact_parts(owner_id uuid, contact_ids uuid[], bounds timestamptz[], top private.grain)
returns setof private.contact_measures
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_hidden constant uuid[] := private.hidden_contacts(contact_parts.owner_id);
begin
  perform private.require_readable_owner(contact_parts.owner_id);
  return query
  with piece as materialized (select * from private.pieces_of(contact_parts.bounds, contact_parts.top, 'day')),
  -- The whole buckets of all parts lie next to each other: one range of each contact.
  whole as (
    select array_agg(p.starts_at order by p.starts_at) as starts, array_agg(p.part order by p.starts_at) as parts,
      min(p.starts_at) as since, max(p.ends_at) as upto
      from piece as p where p.grain = contact_parts.top
  )
  select t.part, t.contact_id, sum(t.sign * t.calls)::bigint, sum(t.sign * t.sms)::bigint, sum(t.sign * t.inbound)::bigint, sum(t.sign * t.answered)::bigint, sum(t.sign * t.missed)::bigint, sum(t.sign * t.talk_seconds)::bigint, sum(t.sign * t.answered_seconds)::bigint, sum(t.sign * t.answered_timed)::bigint
  from (
    select w.parts[width_bucket(a.bucket, w.starts)] as part, 1 as sign, chosen.contact_id, a.calls, a.sms, a.inbound, a.answered, a.missed, a.talk_seconds, a.answered_seconds, a.answered_timed
      from whole as w
      cross join unnest(contact_parts.contact_ids) as chosen (contact_id)
      cross join lateral (
        select * from private.contact_activity as a
         where a.user_id = contact_parts.owner_id and a.contact_id = chosen.contact_id and a.grain = contact_parts.top
           and a.bucket >= w.since and a.bucket < w.upto offset 0) as a
    union all
    select p.part, p.sign, chosen.contact_id, a.calls, a.sms, a.inbound, a.answered, a.missed, a.talk_seconds, a.answered_seconds, a.answered_timed
      from piece as p
      cross join unnest(contact_parts.contact_ids) as chosen (contact_id)
      cross join lateral (
        select * from private.contact_activity as a
         where a.user_id = contact_parts.owner_id and a.contact_id = chosen.contact_id and a.grain = p.grain
           and a.bucket >= p.starts_at and a.bucket < p.ends_at offset 0) as a
     where p.grain < contact_parts.top
    union all
    select p.part, p.sign, m.*
      from piece as p
      cross join lateral (
        select m.contact_id, m.calls, m.sms, m.inbound, m.answered, m.missed, m.talk_seconds, m.answered_seconds, m.answered_timed from private.event_measures as m
         where m.user_id = contact_parts.owner_id and m.ts >= p.starts_at and m.ts < p.ends_at and m.contact_id = any (contact_parts.contact_ids) offset 0) as m
     where p.grain is null
  ) as t
  where t.contact_id <> all (v_hidden)
  group by t.part, t.contact_id
  having sum(t.sign * (t.calls + t.sms)) > 0;
end;
$$;
comment on function private.contact_parts(uuid, uuid[], timestamptz[], private.grain) is
  'Of these contacts of a person, as far as the caller may see them, the sums per part between ascending bounds; parts without events are left out. Errors: those of private.activity_between.';
grant execute on function private.contact_parts(uuid, uuid[], timestamptz[], private.grain) to authenticated;

-- Counts of different things do not add up. A part that is one UTC bucket has the bucket's own count. A month but for its
-- slivers has it too, corrected by the contacts that the slivers bring or take away. Any other part is counted out: hours,
-- days and weeks from the events, longer ones from the contacts' roll-up.
create function private.contact_counts(owner_id uuid, bounds timestamptz[], top private.grain)
returns table (part integer, contacts bigint)
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_is_own constant boolean := contact_counts.owner_id = (select auth.uid());
  v_hidden constant uuid[] := private.hidden_contacts(contact_counts.owner_id);
  v_is_long constant boolean := contact_counts.top >= 'month';
begin
  perform private.require_readable_owner(contact_counts.owner_id);
  return query
  with piece as materialized (
    select p.part, p.sign, p.grain, p.starts_at, p.ends_at,
      p.grain is not distinct from contact_counts.top and p.ends_at = date_add(p.starts_at, ('1 ' || p.grain)::interval, 'UTC') as is_bucket,
      count(*) over (partition by p.part) as pieces,
      max(p.starts_at) filter (where p.grain = contact_counts.top) over (partition by p.part) as top_start,
      bool_or(p.grain is not distinct from contact_counts.top and p.ends_at = date_add(p.starts_at, ('1 ' || p.grain)::interval, 'UTC'))
        over (partition by p.part) as has_bucket
      from private.pieces_of(contact_counts.bounds, contact_counts.top, 'day') as p
  ),
  bucket as (
    select p.part, p.starts_at, coalesce(a.contacts, 0) as contacts
      from piece as p
      cross join lateral (
        select sum(a.contacts) as contacts from private.activity as a
         where a.user_id = contact_counts.owner_id and a.grain = contact_counts.top and a.bucket = p.starts_at and (v_is_own or not a.is_private)) as a
     where p.is_bucket and (v_is_long or p.pieces = 1)
  ),
  touched as materialized (
    select p.part, p.has_bucket, p.top_start, m.contact_id, sum(p.sign * m.events)::integer as events
      from piece as p
      cross join lateral (
        select a.contact_id, a.calls + a.sms as events from private.contact_activity as a
         where a.user_id = contact_counts.owner_id and a.grain = p.grain and a.bucket >= p.starts_at and a.bucket < p.ends_at
        union all
        select e.contact_id, 1 from private.event_measures as e
         where p.grain is null and e.user_id = contact_counts.owner_id and e.ts >= p.starts_at and e.ts < p.ends_at and e.contact_id is not null) as m
     where v_is_long and not p.is_bucket and m.contact_id <> all (v_hidden)
     group by p.part, p.has_bucket, p.top_start, m.contact_id
  )
  select t.part, sum(t.contacts)::bigint
  from (
    select b.part, b.contacts from bucket as b
    union all
    select t.part, (coalesce(k.events, 0) + t.events > 0)::integer - (coalesce(k.events, 0) > 0)::integer
      from touched as t
      left join lateral (
        select a.calls + a.sms as events from private.contact_activity as a
         where t.has_bucket and a.user_id = contact_counts.owner_id and a.grain = contact_counts.top and a.bucket = t.top_start
           and a.contact_id = t.contact_id offset 0) as k on true
    union all
    select i, e.contacts
      from generate_subscripts(contact_counts.bounds, 1) as i
      cross join lateral (
        select count(*) as contacts
          from (select distinct m.contact_id from private.event_measures as m
                 where m.user_id = contact_counts.owner_id and m.contact_id is not null and m.contact_id <> all (v_hidden)
                   and m.ts >= contact_counts.bounds[i] and m.ts < contact_counts.bounds[i + 1] offset 0) as met) as e
     where not v_is_long and i < cardinality(contact_counts.bounds) and not exists (select from bucket as b where b.part = i)
  ) as t
  group by t.part
  having sum(t.contacts) > 0;
end;
$$;
comment on function private.contact_counts(uuid, timestamptz[], private.grain) is
  'How many different contacts the caller may see a person had events with, per part between ascending bounds; parts without any are left out. Errors: those of private.activity_between.';
grant execute on function private.contact_counts(uuid, timestamptz[], private.grain) to authenticated;

create function private.median_duration(owner_id uuid, starts_at timestamptz, ends_at timestamptz)
returns numeric
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_is_own constant boolean := median_duration.owner_id = (select auth.uid());
  v_hidden constant uuid[] := private.hidden_contacts(median_duration.owner_id);
  v_median numeric;
begin
  perform private.require_readable_owner(median_duration.owner_id);
  with piece as (
    select p.sign, p.grain, p.starts_at, p.ends_at
      from private.pieces_of(array[median_duration.starts_at, median_duration.ends_at],
        case when median_duration.ends_at - median_duration.starts_at > interval '300 days' then 'year' else 'month' end::private.grain, 'month') as p
  ),
  lasting as (
    select t.seconds, sum(t.calls) as calls
      from (
        select d.seconds, p.sign * d.calls as calls
          from piece as p
          cross join lateral (
            select d.seconds, d.calls from private.call_durations as d
             where d.user_id = median_duration.owner_id and d.grain = p.grain and d.bucket >= p.starts_at and d.bucket < p.ends_at
               and (v_is_own or not d.is_private) offset 0) as d
        union all
        select m.talk_seconds, s.sign
          from piece as s
          cross join lateral (
            select m.talk_seconds from private.event_measures as m
             where m.user_id = median_duration.owner_id and m.ts >= s.starts_at and m.ts < s.ends_at and m.answered_timed = 1
               and (m.contact_id = any (v_hidden)) is not true offset 0) as m
         where s.grain is null
      ) as t
     group by t.seconds having sum(t.calls) > 0
  ),
  ranked as (
    select l.seconds, sum(l.calls) over (order by l.seconds) as upto, sum(l.calls) over () as total from lasting as l
  )
  select avg(middle.seconds) into v_median
    from (
      select (select r.seconds from ranked as r where r.upto >= position order by r.seconds limit 1) as seconds
        from (select distinct total from ranked) as n
        cross join lateral (values (floor((n.total + 1) / 2)), (ceil((n.total + 1) / 2))) as middle (position)
    ) as middle;
  return v_median;
end;
$$;
comment on function private.median_duration(uuid, timestamptz, timestamptz) is
  'Exact median seconds of the answered calls that the caller may see of a person in [starts_at, ends_at); null without one. Errors: those of private.activity_between.';
grant execute on function private.median_duration(uuid, timestamptz, timestamptz) to authenticated;

create function private.offset_changes(starts_at timestamptz, ends_at timestamptz, time_zone text)
returns timestamptz[]
language plpgsql stable
set search_path = '' set jit = off
as $$
begin
  return (
  with moment as (
    select at, at at time zone offset_changes.time_zone - at at time zone 'UTC' as utc_offset
      from generate_series(date_trunc('day', offset_changes.starts_at, 'UTC'), offset_changes.ends_at + interval '1 day', interval '1 day') as at
  ),
  day as (
    select at - interval '1 day' as since, at as upto
      from (select at, utc_offset, lag(utc_offset) over (order by at) as before from moment) as m
     where utc_offset <> before
  ),
  quarter as (
    select at, utc_offset, lag(utc_offset) over (order by at) as before
      from (select at, at at time zone offset_changes.time_zone - at at time zone 'UTC' as utc_offset
              from day cross join generate_series(since, upto, interval '15 minutes') as at) as q
  )
  select coalesce(array_agg(distinct at order by at), '{}') from quarter where utc_offset <> before);
end;
$$;
comment on function private.offset_changes(timestamptz, timestamptz, text) is
  'The instants, to the quarter hour, at which the zone''s offset from UTC changes in or next to [starts_at, ends_at), ascending.';

-- Whole hours come from the roll-up, with their quarters; cut hours at the ends, and everything in a zone whose offset changed
-- within an hour, from the events. Rows are summed by UTC time of week between two changes of the zone's offset first, so the
-- zone is asked a few thousand times. enable_sort: the planner, which cannot know how long the period is, would sort all
-- its hours to group them.
create function private.hours_of_week(owner_id uuid, starts_at timestamptz, ends_at timestamptz, time_zone text)
returns table (weekday integer, hour integer, calls bigint, sms bigint)
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_generic_plan set jit = off set enable_sort = off
as $$
declare
  v_is_own constant boolean := hours_of_week.owner_id = (select auth.uid());
  v_hidden constant uuid[] := private.hidden_contacts(hours_of_week.owner_id);
  v_changes constant timestamptz[] := private.offset_changes(hours_of_week.starts_at, hours_of_week.ends_at, hours_of_week.time_zone);
  v_first timestamptz := date_bin('1 hour', hours_of_week.starts_at + interval '1 hour' - interval '1 microsecond', timestamptz 'epoch');
  v_last timestamptz := date_bin('1 hour', hours_of_week.ends_at, timestamptz 'epoch');
  v_by_quarter constant boolean := exists (
    select from unnest(v_changes || v_first) as moment where extract(minute from moment at time zone hours_of_week.time_zone) <> 0);
begin
  perform private.require_readable_owner(hours_of_week.owner_id);
  if v_first > v_last or exists (
      select from unnest(v_changes) as moment where moment <> date_bin('1 hour', moment, timestamptz 'epoch')) then
    v_first := hours_of_week.ends_at;
    v_last := hours_of_week.ends_at;
  end if;
  return query
  with stretch as (
    select bounds[i] as since, bounds[i + 1] as upto
      from (select v_first || array(select moment from unnest(v_changes) as moment where moment > v_first and moment < v_last) || v_last as bounds) as b
      cross join lateral generate_subscripts(b.bounds, 1) as i
     where i < cardinality(bounds)
  ),
  hourly as (
    select h.* from stretch as st cross join lateral (
    select a.bucket - date_bin('7 days', a.bucket, timestamptz 'epoch') as of_week, min(a.bucket) as example, sum(a.calls) as calls, sum(a.sms) as sms
      from private.activity as a
     where not v_by_quarter and a.user_id = hours_of_week.owner_id and a.grain = 'hour' and a.bucket >= st.since and a.bucket < st.upto
       and (v_is_own or not a.is_private)
     group by 1) as h
  ),
  quarterly as (
    select h.* from stretch as st cross join lateral (
    select a.bucket - date_bin('7 days', a.bucket, timestamptz 'epoch') as of_week, min(a.bucket) as example,
      sum(a.calls) as calls, sum(a.sms) as sms, sum(a.calls_15) as calls_15, sum(a.calls_30) as calls_30, sum(a.calls_45) as calls_45,
      sum(a.sms_15) as sms_15, sum(a.sms_30) as sms_30, sum(a.sms_45) as sms_45
      from private.activity as a
     where v_by_quarter and a.user_id = hours_of_week.owner_id and a.grain = 'hour' and a.bucket >= st.since and a.bucket < st.upto
       and (v_is_own or not a.is_private)
     group by 1) as h
  ),
  slot as (
    select q.at, q.calls, q.sms
      from quarterly as h
      cross join lateral (values
        (h.example, h.calls - h.calls_15 - h.calls_30 - h.calls_45, h.sms - h.sms_15 - h.sms_30 - h.sms_45),
        (h.example + interval '15 minutes', h.calls_15, h.sms_15),
        (h.example + interval '30 minutes', h.calls_30, h.sms_30),
        (h.example + interval '45 minutes', h.calls_45, h.sms_45)) as q (at, calls, sms)
     where q.calls + q.sms > 0
    union all
    select h.example, h.calls, h.sms from hourly as h
    union all
    select m.ts, m.calls, m.sms
      from (values (hours_of_week.starts_at, v_first), (v_last, hours_of_week.ends_at)) as p (since, upto)
      cross join lateral (
        select m.ts, m.calls, m.sms from private.event_measures as m
         where m.user_id = hours_of_week.owner_id and m.ts >= p.since and m.ts < p.upto
           and (m.contact_id = any (v_hidden)) is not true offset 0) as m
  )
  select extract(isodow from l.clock)::integer, extract(hour from l.clock)::integer, sum(l.calls)::bigint, sum(l.sms)::bigint
  from (select s.at at time zone hours_of_week.time_zone as clock, s.calls, s.sms from slot as s offset 0) as l
  group by 1, 2
  having sum(l.calls + l.sms) > 0;
end;
$$;
comment on function private.hours_of_week(uuid, timestamptz, timestamptz, text) is
  'Calls and messages that the caller may see of a person in [starts_at, ends_at) per local ISO weekday (1 Monday) and hour (0-23); only cells with events. Errors: those of private.activity_between.';
grant execute on function private.hours_of_week(uuid, timestamptz, timestamptz, text) to authenticated;

create function private.contact_names(owner_id uuid, contact_ids uuid[])
returns table (contact_id uuid, name text)
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform private.require_readable_owner(contact_names.owner_id);
  return query
  select c.id, c.name from public.contacts as c
   where c.user_id = contact_names.owner_id and c.id = any (contact_names.contact_ids)
     and c.id <> all (private.hidden_contacts(contact_names.owner_id));
end;
$$;
comment on function private.contact_names(uuid, uuid[]) is 'Names of these contacts of a person, as far as the caller may see them. Errors: those of private.activity_between.';
grant execute on function private.contact_names(uuid, uuid[]) to authenticated;
