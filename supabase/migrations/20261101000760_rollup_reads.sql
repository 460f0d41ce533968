-- Reading the roll-ups: any half-open window in any zone, as whole UTC buckets and the signed slivers at its ends.

-- [b1, b2) = [T1, T2) + [b1, T1) - [b2, T2), where T is the start of the top grain's bucket nearest to b; the slivers come from
-- the next finer grain in the same way, and what is left from the events themselves. 768 hours from the start of a month are
-- in the next, 8808 from that of a year: an interval of days would be one of local days.
create function private.pieces_of(bounds timestamptz[], top private.grain, finest private.grain default 'hour')
returns table (part integer, sign integer, grain private.grain, starts_at timestamptz, ends_at timestamptz)
language plpgsql immutable rows 100
set search_path = ''
as $$
declare
  v_top constant private.grain := case when pieces_of.top >= pieces_of.finest then pieces_of.top end;
  -- What lies between a bound and the next steps: events, hours, days, months.
  v_grains constant private.grain[] := array[null, case when pieces_of.finest = 'hour' then 'hour'::private.grain end,
    case when pieces_of.finest <= 'day' then 'day'::private.grain end, 'month'];
  v_hours constant boolean := pieces_of.finest = 'hour';
  v_days constant boolean := pieces_of.finest <= 'day' and pieces_of.top >= 'day';
  v_months constant boolean := pieces_of.top >= 'month';
  v_years constant boolean := pieces_of.top >= 'year';
  v_bound timestamptz;
  v_near timestamptz;
  v_since timestamptz;
  v_next timestamptz;
  v_steps timestamptz[];
  v_last timestamptz;
begin
  for i in 1 .. cardinality(pieces_of.bounds) loop
    v_bound := pieces_of.bounds[i];
    v_near := v_bound;
    if v_hours then
      v_near := date_bin('1 hour', v_bound + interval '30 minutes', timestamptz 'epoch');
    end if;
    v_steps := array[v_bound, v_near];
    if v_days then
      v_since := case when v_hours and v_months then date_trunc('month', v_near + interval '14 hours', 'UTC') end;
      -- The months of every zone begin within 14 hours of UTC's: hours alone lead from one to the other.
      v_near := case when v_near - v_since between interval '-14 hours' and interval '14 hours' then v_since
        else date_bin('1 day', v_bound + interval '12 hours', timestamptz 'epoch') end;
    end if;
    v_steps := v_steps || v_near;
    if v_months then
      v_since := date_trunc('month', v_bound, 'UTC');
      v_next := date_trunc('month', v_since + interval '768 hours', 'UTC');
      v_near := case when v_bound - v_since < v_next - v_bound then v_since else v_next end;
    end if;
    v_steps := v_steps || v_near;
    if v_years then
      v_since := date_trunc('year', v_bound, 'UTC');
      v_next := date_trunc('year', v_since + interval '8808 hours', 'UTC');
      v_near := case when v_bound - v_since < v_next - v_bound then v_since else v_next end;
    end if;
    v_steps := v_steps || v_near;
    if v_last < v_near then
      part := i - 1; sign := 1; grain := v_top; starts_at := v_last; ends_at := v_near;
      return next;
    end if;
    v_last := v_near;
    for k in 1 .. 4 loop
      continue when v_steps[k] = v_steps[k + 1];
      grain := v_grains[k];
      starts_at := least(v_steps[k], v_steps[k + 1]);
      ends_at := greatest(v_steps[k], v_steps[k + 1]);
      sign := case when v_steps[k] < v_steps[k + 1] then 1 else -1 end;
      if i < cardinality(pieces_of.bounds) then
        part := i;
        return next;
      end if;
      if i > 1 then
        part := i - 1; sign := -sign;
        return next;
      end if;
    end loop;
  end loop;
end;
$$;
comment on function private.pieces_of(timestamptz[], private.grain, private.grain) is
  'The parts between ascending bounds (part i is [bounds[i], bounds[i+1])) as signed ranges of whole UTC buckets; grain null: a range of events. finest: the finest grain that the roll-up has.';

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
  -- A sliver belongs to the parts on both its sides: it is read once. The whole buckets of all parts lie next to each other:
  -- they are one range.
  return query
  with piece as materialized (select * from private.pieces_of(activity_between.bounds, activity_between.top)),
  whole as (
    select array_agg(p.starts_at order by p.starts_at) as starts, array_agg(p.part order by p.starts_at) as parts,
      min(p.starts_at) as since, max(p.ends_at) as upto
      from piece as p where p.grain = activity_between.top
  ),
  span as materialized (
    select p.grain, p.starts_at, p.ends_at, array_agg(p.part) as parts, array_agg(p.sign) as signs
      from piece as p where p.grain is distinct from activity_between.top group by p.grain, p.starts_at, p.ends_at
  ),
  -- Whole numbers below 2^53: sums of integers and doubles are exact, and faster than those of bigint.
  summed as (
    select w.parts[width_bucket(a.bucket, w.starts)] as part, 1 as sign, a.calls, a.sms, a.inbound, a.answered, a.missed,
      a.talk_seconds::double precision as talk_seconds, a.answered_seconds::double precision as answered_seconds, a.answered_timed
      from whole as w
      cross join lateral (
        select * from private.activity as a
         where a.user_id = activity_between.owner_id and a.grain = activity_between.top and a.bucket >= w.since and a.bucket < w.upto
           and (v_is_own or not a.is_private) offset 0) as a
    union all
    select unnest(s.parts), unnest(s.signs), a.*
      from span as s
      cross join lateral (
        select sum(a.calls)::integer, sum(a.sms)::integer, sum(a.inbound)::integer, sum(a.answered)::integer,
          sum(a.missed)::integer, sum(a.talk_seconds::double precision), sum(a.answered_seconds::double precision), sum(a.answered_timed)::integer
          from private.activity as a
         where a.user_id = activity_between.owner_id and a.grain = s.grain and a.bucket >= s.starts_at and a.bucket < s.ends_at
           and (v_is_own or not a.is_private) having count(*) > 0) as a
     where s.grain is not null
    union all
    select unnest(s.parts), unnest(s.signs), m.*
      from span as s
      cross join lateral (
        select sum(m.calls)::integer, sum(m.sms)::integer, sum(m.inbound)::integer, sum(m.answered)::integer, sum(m.missed)::integer,
          sum(m.talk_seconds)::double precision, sum(m.answered_seconds)::double precision, sum(m.answered_timed)::integer
          from private.event_measures as m
         where m.user_id = activity_between.owner_id and m.ts >= s.starts_at and m.ts < s.ends_at
           and (m.contact_id = any (v_hidden)) is not true having count(*) > 0) as m
     where s.grain is null
  )
  select t.part, sum(t.sign * t.calls), sum(t.sign * t.sms), sum(t.sign * t.inbound), sum(t.sign * t.answered), sum(t.sign * t.missed),
    sum(t.sign * t.talk_seconds)::bigint, sum(t.sign * t.answered_seconds)::bigint, sum(t.sign * t.answered_timed)
  from summed as t
  group by t.part;
end;
$$;
comment on function private.activity_between(uuid, timestamptz[], private.grain) is
  'Sums of what the caller may see of a person, per part between ascending bounds; parts without any roll-up row are left out. top: the grain that suits the parts (month, day or hour). Errors: not_authenticated (401), role_insufficient (403), user_not_found (404).';
grant execute on function private.activity_between(uuid, timestamptz[], private.grain) to authenticated;

create function private.contacts_between(owner_id uuid, starts_at timestamptz, ends_at timestamptz, metric text default 'total_events')
returns table (contact_id uuid, events bigint, amount bigint)
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_hidden constant uuid[] := private.hidden_contacts(contacts_between.owner_id);
  v_first timestamptz;
  v_last timestamptz;
  v_is_most boolean;
  v_is_events constant boolean := contacts_between.metric = 'total_events';
begin
  perform private.require_readable_owner(contacts_between.owner_id);
  v_first := (select a.bucket from private.activity as a
               where a.user_id = contacts_between.owner_id and a.grain = 'month' order by a.bucket limit 1);
  v_last := (select a.bucket + interval '31 days' from private.activity as a
              where a.user_id = contacts_between.owner_id and a.grain = 'month' order by a.bucket desc limit 1);
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
  ),
  met as (
    select p.sign, a.*
      from piece as p
      cross join lateral (
        select a.contact_id, a.calls, a.sms, a.inbound, a.answered, a.missed, a.talk_seconds, a.answered_timed from private.contact_activity as a
         where a.user_id = contacts_between.owner_id and a.grain = p.grain and a.bucket >= p.starts_at and a.bucket < p.ends_at offset 0) as a
    union all
    select p.sign, m.*
      from piece as p
      cross join lateral (
        select m.contact_id, m.calls, m.sms, m.inbound, m.answered, m.missed, m.talk_seconds, m.answered_timed from private.event_measures as m
         where m.user_id = contacts_between.owner_id and m.ts >= p.starts_at and m.ts < p.ends_at and m.contact_id is not null offset 0) as m
     where p.grain is null
    union all
    select 1, s.contact_id, s.calls, s.sms, s.inbound, s.answered, s.missed, s.talk_seconds, s.answered_timed
      from private.contact_stats as s where v_is_most and s.user_id = contacts_between.owner_id
  )
  select t.contact_id, sum(t.sign * (t.calls + t.sms)),
    case when v_is_events then sum(t.sign * (t.calls + t.sms)) else sum(case when not v_is_events then
      t.sign * case contacts_between.metric when 'total_calls' then t.calls when 'total_sms' then t.sms
        when 'inbound' then t.inbound when 'outbound' then t.calls + t.sms - t.inbound when 'answered_calls' then t.answered when 'missed_calls' then t.missed
        when 'total_call_duration_minutes' then t.talk_seconds when 'avg_call_duration_minutes' then t.answered_timed end::double precision end)::bigint end
    from met as t
   where t.contact_id <> all (v_hidden)
   group by t.contact_id
  having sum(t.sign * (t.calls + t.sms)) > 0;
end;
$$;
comment on function private.contacts_between(uuid, timestamptz, timestamptz, text) is
  'The contacts that the caller may see a person had events with in [starts_at, ends_at), how many, and what makes them large in a metric of get_trends (seconds for a total duration, answered calls with a duration for the mean). Errors: those of private.activity_between.';
grant execute on function private.contacts_between(uuid, timestamptz, timestamptz, text) to authenticated;

-- Counts of different contacts do not add up, so their sets are joined: those of whole UTC days and hours, and at the ends of a
-- part those of its events.
create function private.contact_counts(owner_id uuid, bounds timestamptz[])
returns table (part integer, contacts bigint)
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_is_own constant boolean := contact_counts.owner_id = (select auth.uid());
  v_hidden constant uuid[] := private.hidden_contacts(contact_counts.owner_id);
  v_size constant integer := coalesce((select max(b.bit) + 1 from private.contact_bits as b where b.user_id = contact_counts.owner_id), 0);
  v_nobody constant bit varying := pg_catalog."bit"(B'0', v_size, true);
begin
  perform private.require_readable_owner(contact_counts.owner_id);
  return query
  with bound as (
    select i, b.since, b.upto, date_trunc('hour', b.since + interval '1 hour' - interval '1 microsecond', 'UTC') as first_hour,
      date_trunc('hour', b.upto, 'UTC') as last_hour
      from generate_series(1, cardinality(contact_counts.bounds) - 1) as i
      cross join lateral (select contact_counts.bounds[i] as since, contact_counts.bounds[i + 1] as upto) as b
  ),
  whole as (
    select b.*, date_trunc('day', b.first_hour + interval '24 hours' - interval '1 microsecond', 'UTC') as first_day, date_trunc('day', b.last_hour, 'UTC') as last_day
      from bound as b
  ),
  piece as materialized (
    select w.i, p.grain, p.starts_at, p.ends_at
      from whole as w
      cross join lateral (
        select 'day'::private.grain as grain, w.first_day as starts_at, w.last_day as ends_at
        union all select 'hour'::private.grain, w.first_hour, least(w.first_day, w.last_hour)
        union all select 'hour'::private.grain, w.last_day, w.last_hour where w.first_day <= w.last_day
        union all select null::private.grain, w.since, case when w.first_hour < w.last_hour then w.first_hour else w.upto end
        union all select null::private.grain, w.last_hour, w.upto where w.first_hour < w.last_hour) as p
     where p.starts_at < p.ends_at
  ),
  met as (
    select p.i, s.contacts
      from piece as p
      cross join lateral (
        select bit_or(pg_catalog."bit"(s.contacts, v_size, true)) as contacts from private.contact_sets as s
         where s.user_id = contact_counts.owner_id and s.grain = p.grain and s.bucket >= p.starts_at and s.bucket < p.ends_at
           and (v_is_own or not s.is_private) offset 0) as s
     where p.grain is not null
    union all
    select p.i, e.contacts
      from piece as p
      cross join lateral (
        select bit_or(set_bit(v_nobody, b.bit, 1)) as contacts
          from (select distinct e.contact_id from public.events as e
                 where e.user_id = contact_counts.owner_id and e.ts >= p.starts_at and e.ts < p.ends_at
                   and e.contact_id is not null and e.contact_id <> all (v_hidden)) as e
          cross join lateral (
            select b.bit from private.contact_bits as b where b.user_id = contact_counts.owner_id and b.contact_id = e.contact_id offset 0) as b) as e
     where p.grain is null
  )
  select m.i, bit_count(bit_or(m.contacts)) from met as m where m.contacts is not null group by m.i;
end;
$$;
comment on function private.contact_counts(uuid, timestamptz[]) is
  'How many different contacts the caller may see a person had events with, per part between ascending bounds; parts without any are left out. Errors: those of private.activity_between.';
grant execute on function private.contact_counts(uuid, timestamptz[]) to authenticated;

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
  -- The sums of a month are as many as its calls.
  if median_duration.ends_at - median_duration.starts_at <= interval '32 days' then
    return (
      select percentile_cont(0.5) within group (order by e.duration)::numeric from public.events as e
       where e.user_id = median_duration.owner_id and e.ts >= median_duration.starts_at and e.ts < median_duration.ends_at
         and e.status = 'answered' and e.duration is not null and (e.contact_id = any (v_hidden)) is not true);
  end if;
  with piece as (
    select p.sign, p.grain, p.starts_at, p.ends_at
      from private.pieces_of(array[median_duration.starts_at, median_duration.ends_at],
        case when median_duration.ends_at - median_duration.starts_at > interval '300 days' then 'year' else 'month' end::private.grain, 'month') as p
  ),
  lasting as (
    select t.seconds, sum(t.calls)::integer as calls
      from (
        select d.seconds, p.sign * d.calls as calls
          from piece as p
          cross join lateral (
            select d.seconds, d.calls from private.call_durations as d
             where d.user_id = median_duration.owner_id and d.grain = p.grain and d.bucket >= p.starts_at and d.bucket < p.ends_at
               and (v_is_own or not d.is_private) offset 0) as d
        union all
        select e.duration, s.sign
          from piece as s
          cross join lateral (
            select e.duration from public.events as e
             where e.user_id = median_duration.owner_id and e.ts >= s.starts_at and e.ts < s.ends_at and e.status = 'answered' and e.duration is not null
               and (e.contact_id = any (v_hidden)) is not true offset 0) as e
         where s.grain is null
      ) as t
     group by t.seconds having sum(t.calls) > 0
  ),
  ranked as (select l.seconds, sum(l.calls) over (order by l.seconds) as upto from lasting as l)
  -- The middle one, or the mean of the two in the middle.
  select (min(r.seconds) filter (where r.upto >= (n.total + 1) / 2) + min(r.seconds) filter (where r.upto >= n.total / 2 + 1)) / 2.0 into v_median
    from ranked as r cross join (select sum(l.calls) as total from lasting as l) as n;
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
declare
  v_since timestamptz;
  v_upto timestamptz;
  v_middle timestamptz;
  v_changes timestamptz[] := array[]::timestamptz[];
begin
  -- No zone's clock ever changed twice within six days. Three local days that are not 72 hours long hold a change: it is
  -- looked for by halves, to the minute.
  for v_since, v_upto in
    select at - interval '72 hours', at
      from (select at, local_time - lag(local_time) over (order by at) as passed
              from (select at, at at time zone offset_changes.time_zone as local_time
                      from generate_series(date_trunc('day', offset_changes.starts_at, 'UTC'), offset_changes.ends_at + interval '72 hours',
                        interval '72 hours') as at) as moment) as stretch
     where passed <> interval '72 hours' order by at
  loop
    while v_upto - v_since > interval '1 minute' loop
      v_middle := date_bin('1 minute', v_since + (v_upto - v_since) / 2, timestamptz 'epoch');
      if (v_middle at time zone offset_changes.time_zone) - (v_since at time zone offset_changes.time_zone) = v_middle - v_since then
        v_since := v_middle;
      else
        v_upto := v_middle;
      end if;
    end loop;
    v_changes := v_changes || v_upto;
  end loop;
  return v_changes;
end;
$$;
comment on function private.offset_changes(timestamptz, timestamptz, text) is
  'The instants, to the minute, at which the zone''s offset from UTC changes in or next to [starts_at, ends_at), ascending.';

-- Between two changes of the zone's offset a UTC hour of the week is a local one, or two where the offset is not of whole
-- hours: what comes late in it belongs to the next. Months come from their sums by hour of the week, the slivers up to them
-- from the hours, what is left from the events. The epoch was the 72nd hour of its week.
create function private.hours_of_week(owner_id uuid, starts_at timestamptz, ends_at timestamptz, time_zone text)
returns table (weekday integer, hour integer, calls bigint, sms bigint)
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_generic_plan set jit = off set enable_sort = off
as $$
declare
  v_is_own constant boolean := hours_of_week.owner_id = (select auth.uid());
  v_hides constant integer := case when v_is_own then 0 else 1 end;
  v_hidden constant uuid[] := private.hidden_contacts(hours_of_week.owner_id);
  v_bounds constant timestamptz[] := hours_of_week.starts_at || array(
    select moment from unnest(private.offset_changes(hours_of_week.starts_at, hours_of_week.ends_at, hours_of_week.time_zone)) as moment
     where moment > hours_of_week.starts_at and moment < hours_of_week.ends_at) || hours_of_week.ends_at;
begin
  perform private.require_readable_owner(hours_of_week.owner_id);
  return query
  with stretch as (
    select i as part, s.utc_offset, floor(s.utc_offset / 3600)::integer as hours, (floor(s.utc_offset / 60)::integer % 60 + 60) % 60 as minutes
      from generate_subscripts(v_bounds, 1) as i
      cross join lateral (
        select date_part('epoch', (v_bounds[i] at time zone hours_of_week.time_zone) - (v_bounds[i] at time zone 'UTC')) as utc_offset) as s
     where i < cardinality(v_bounds)
  ),
  piece as materialized (
    select p.sign, p.grain, p.starts_at, p.ends_at, s.utc_offset, s.hours, s.minutes
      from private.pieces_of(v_bounds, 'month', 'hour') as p join stretch as s using (part)
  ),
  line as (
    select (w.hour + p.hours + 168) % 168 as local_hour, p.sign, w.calls, w.sms, w.late_calls, w.late_sms
      from piece as p
      cross join lateral (
        select w.hour, w.calls - v_hides * w.private_calls as calls, w.sms - v_hides * w.private_sms as sms,
          case p.minutes when 0 then 0 when 15 then w.calls_45 - v_hides * w.private_calls_45
            when 30 then w.calls_30 + w.calls_45 - v_hides * (w.private_calls_30 + w.private_calls_45)
            else w.calls_15 + w.calls_30 + w.calls_45 - v_hides * (w.private_calls_15 + w.private_calls_30 + w.private_calls_45) end as late_calls,
          case p.minutes when 0 then 0 when 15 then w.sms_45 - v_hides * w.private_sms_45
            when 30 then w.sms_30 + w.sms_45 - v_hides * (w.private_sms_30 + w.private_sms_45)
            else w.sms_15 + w.sms_30 + w.sms_45 - v_hides * (w.private_sms_15 + w.private_sms_30 + w.private_sms_45) end as late_sms
          from private.week_hours as w
         where w.user_id = hours_of_week.owner_id and w.month >= p.starts_at and w.month < p.ends_at offset 0) as w
     where p.grain = 'month'
    union all
    select ((a.at + p.hours + 72) % 168 + 168) % 168, p.sign, a.calls, a.sms, a.late_calls, a.late_sms
      from piece as p
      cross join lateral (
        select floor(date_part('epoch', a.bucket) / 3600)::integer as at, a.calls, a.sms,
          case p.minutes when 0 then 0 when 15 then a.calls_45 when 30 then a.calls_30 + a.calls_45 else a.calls_15 + a.calls_30 + a.calls_45 end as late_calls,
          case p.minutes when 0 then 0 when 15 then a.sms_45 when 30 then a.sms_30 + a.sms_45 else a.sms_15 + a.sms_30 + a.sms_45 end as late_sms
          from private.activity as a
         where a.user_id = hours_of_week.owner_id and a.grain = 'hour' and a.bucket >= p.starts_at and a.bucket < p.ends_at
           and (v_is_own or not a.is_private) offset 0) as a
     where p.grain < 'month'
    union all
    select ((m.at + 72) % 168 + 168) % 168, p.sign, m.calls, m.sms, 0, 0
      from piece as p
      cross join lateral (
        select floor((date_part('epoch', m.ts) + p.utc_offset) / 3600)::integer as at, m.calls, m.sms from private.event_measures as m
         where m.user_id = hours_of_week.owner_id and m.ts >= p.starts_at and m.ts < p.ends_at
           and (m.contact_id = any (v_hidden)) is not true offset 0) as m
     where p.grain is null
  ),
  summed as (
    select l.local_hour, sum(l.sign * l.calls) as calls, sum(l.sign * l.sms) as sms,
      sum(l.sign * l.late_calls) as late_calls, sum(l.sign * l.late_sms) as late_sms
      from line as l group by 1
  )
  select l.local_hour / 24 + 1, l.local_hour % 24, sum(l.calls)::bigint, sum(l.sms)::bigint
  from (
    select s.local_hour, s.calls - s.late_calls as calls, s.sms - s.late_sms as sms from summed as s
    union all
    select (s.local_hour + 1) % 168, s.late_calls, s.late_sms from summed as s
  ) as l
  group by l.local_hour
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
