-- Dashboard metrics: what happened in a period, in the owner's zone, beside the period before.

create function private.bucket_start(ts timestamptz, granularity text, time_zone text, week_start integer)
returns timestamptz
language sql stable parallel safe
set search_path = ''
as $$
  -- Weeks begin on the profile's day: shift by whole local days, so that a DST day stays a day.
  select case when bucket_start.granularity = 'week'
    then (date_trunc('week', (bucket_start.ts at time zone bucket_start.time_zone) - make_interval(days => bucket_start.week_start - 1))
          + make_interval(days => bucket_start.week_start - 1)) at time zone bucket_start.time_zone
    else date_trunc(bucket_start.granularity, bucket_start.ts, bucket_start.time_zone) end
$$;
comment on function private.bucket_start(timestamptz, text, text, integer) is
  'Start of the local hour, day, week (from ISO weekday week_start) or month that holds ts.';
grant execute on function private.bucket_start(timestamptz, text, text, integer) to authenticated;

create function private.change_of(current numeric, previous numeric)
returns jsonb
language sql immutable parallel safe
set search_path = ''
as $$
  select jsonb_build_object('current', change_of.current, 'previous', change_of.previous,
    'change', change_of.current - change_of.previous,
    'change_pct', round((change_of.current - change_of.previous) * 100 / nullif(abs(change_of.previous), 0), 1))
$$;
comment on function private.change_of(numeric, numeric) is
  'A figure beside its predecessor: {current, previous, change, change_pct}; no percentage of nothing.';
grant execute on function private.change_of(numeric, numeric) to authenticated;

create type private.event_totals as (
  total_events bigint, total_calls bigint, total_sms bigint, inbound bigint, outbound bigint,
  answered_calls bigint, missed_calls bigint, unique_contacts bigint, new_contacts bigint,
  total_call_duration_minutes numeric, avg_call_duration_minutes numeric, median_call_duration_minutes numeric);

create function private.event_totals(owner_id uuid, starts_at timestamptz, ends_at timestamptz)
returns private.event_totals
language sql stable
set search_path = ''
as $$
  select count(*), count(*) filter (where e.type = 'call'), count(*) filter (where e.type = 'sms'),
    count(*) filter (where e.direction = 'inbound'), count(*) filter (where e.direction = 'outbound'),
    count(*) filter (where e.type = 'call' and e.status = 'answered'), count(*) filter (where e.status = 'missed'),
    count(distinct e.contact_id),
    (select count(*) from (
       select distinct met.contact_id from private.visible_events as met
        where met.user_id = event_totals.owner_id and met.contact_id is not null
          and met.ts >= event_totals.starts_at and met.ts < event_totals.ends_at) as contact
      where not exists (
        select from private.visible_events as earlier
         where earlier.user_id = event_totals.owner_id and earlier.contact_id = contact.contact_id
           and earlier.ts < event_totals.starts_at)),
    round(coalesce(sum(e.duration), 0) / 60.0, 2),
    round((avg(e.duration) filter (where e.status = 'answered')) / 60, 2),
    round((percentile_cont(0.5) within group (order by e.duration) filter (where e.status = 'answered'))::numeric / 60, 2)
  from private.visible_events as e
  where e.user_id = event_totals.owner_id and e.ts >= event_totals.starts_at and e.ts < event_totals.ends_at
$$;
comment on function private.event_totals(uuid, timestamptz, timestamptz) is
  'Totals of what the caller may see of a person in [from, to). Durations in minutes; means over answered calls.';
grant execute on function private.event_totals(uuid, timestamptz, timestamptz) to authenticated;

create function private.offset_of(ts timestamptz, time_zone text)
returns text
language sql stable parallel safe
set search_path = ''
as $$
  select case when minutes < 0 then '-' else '+' end || to_char(abs(minutes) / 60, 'FM00') || ':' || to_char(abs(minutes) % 60, 'FM00')
  from (select (extract(epoch from (offset_of.ts at time zone offset_of.time_zone) - (offset_of.ts at time zone 'UTC')) / 60)::integer as minutes) as t
$$;
comment on function private.offset_of(timestamptz, text) is 'The zone''s offset from UTC at that instant, as +HH:MM.';
grant execute on function private.offset_of(timestamptz, text) to authenticated;

create function private.event_series(owner_id uuid, starts_at timestamptz, ends_at timestamptz, granularity text, time_zone text, week_start integer)
returns jsonb
language sql stable
set search_path = ''
as $$
  -- Local starts are stepped, not instants: after a midnight that does not exist the next day begins at midnight
  -- again. Hours are looked for every half hour, because there are clocks that change by that much.
  with local as (
    select private.bucket_start(event_series.starts_at, event_series.granularity, event_series.time_zone, event_series.week_start) as first_start,
      event_series.ends_at - interval '1 microsecond' as last_moment
  ),
  start as (
    select distinct private.bucket_start(moment, 'hour', event_series.time_zone, event_series.week_start) as starts_at
      from local cross join generate_series(local.first_start, local.last_moment, interval '30 minutes') as moment
     where event_series.granularity = 'hour'
    union all
    select start at time zone event_series.time_zone
      from local cross join generate_series(
        date_trunc('day', local.first_start at time zone event_series.time_zone),
        local.last_moment at time zone event_series.time_zone,
        ('1 ' || event_series.granularity)::interval) as start
     where event_series.granularity <> 'hour'
  ),
  bucket as (
    select starts_at, lead(starts_at, 1, date_add(starts_at, ('1 ' || event_series.granularity)::interval, event_series.time_zone))
        over (order by starts_at) as ends_at
      from start
  ),
  counted as (
    select private.bucket_start(e.ts, event_series.granularity, event_series.time_zone, event_series.week_start) as starts_at,
      count(*) as total_events, count(*) filter (where e.type = 'call') as calls, count(*) filter (where e.type = 'sms') as sms,
      count(*) filter (where e.direction = 'inbound') as inbound, count(*) filter (where e.direction = 'outbound') as outbound,
      count(distinct e.contact_id) as unique_contacts,
      round(avg(e.duration) filter (where e.status = 'answered'), 1) as avg_duration
    from private.visible_events as e
    where e.user_id = event_series.owner_id and e.ts >= event_series.starts_at and e.ts < event_series.ends_at
    group by 1
  )
  select coalesce(jsonb_agg(jsonb_build_object(
      'time_bucket', to_char(bucket.starts_at at time zone event_series.time_zone, 'YYYY-MM-DD"T"HH24:MI:SS')
        || private.offset_of(bucket.starts_at, event_series.time_zone),
      'total_events', coalesce(c.total_events, 0), 'calls', coalesce(c.calls, 0), 'sms', coalesce(c.sms, 0),
      'inbound', coalesce(c.inbound, 0), 'outbound', coalesce(c.outbound, 0),
      'unique_contacts', coalesce(c.unique_contacts, 0), 'avg_duration', c.avg_duration,
      'is_partial', bucket.starts_at < event_series.starts_at or bucket.ends_at > least(event_series.ends_at, now()))
    order by bucket.starts_at), '[]')
  from bucket left join counted as c using (starts_at)
$$;
comment on function private.event_series(uuid, timestamptz, timestamptz, text, text, integer) is
  'One entry per local bucket that touches [from, to), empty ones too; time_bucket carries the zone''s offset then; avg_duration in seconds over answered calls; is_partial where the bucket is cut or not over.';

grant execute on function private.event_series(uuid, timestamptz, timestamptz, text, text, integer) to authenticated;

create function public.get_dashboard_metrics(
  starts_at timestamptz default null, ends_at timestamptz default null, granularity text default 'day',
  compare text default 'previous_period', time_zone text default null, user_id uuid default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_owner constant uuid := coalesce(get_dashboard_metrics.user_id, (select auth.uid()));
  v_profile public.profiles;
  v_zone text;
  v_from timestamptz;
  -- Up to the end of this minute: what came in just now counts, and the answer keeps its ETag for a while.
  v_to timestamptz := coalesce(get_dashboard_metrics.ends_at, date_trunc('minute', now()) + interval '1 minute');
  v_before_from timestamptz;
  v_before_to timestamptz;
  v_now private.event_totals;
  v_before private.event_totals;
  v_top jsonb;
  v_busiest_hour integer;
  v_busiest_weekday integer;
begin
  perform private.require_readable_owner(v_owner);
  select * into v_profile from public.profiles as p where p.user_id = (select auth.uid());
  v_zone := coalesce(get_dashboard_metrics.time_zone, v_profile.time_zone, 'UTC');
  if not private.is_time_zone(v_zone) then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'time_zone is an IANA name such as Europe/Berlin';
  end if;
  if coalesce(get_dashboard_metrics.granularity, '') not in ('hour', 'day', 'week', 'month')
     or coalesce(get_dashboard_metrics.compare, '') not in ('previous_period', 'previous_year', 'none') then
    raise exception using errcode = 'PT400', message = 'validation_failed',
      detail = 'granularity is hour, day, week or month; compare is previous_period, previous_year or none';
  end if;
  v_from := coalesce(get_dashboard_metrics.starts_at, date_subtract(date_trunc('day', v_to - interval '1 microsecond', v_zone), interval '29 days', v_zone));
  if v_from >= v_to then
    raise exception using errcode = 'PT400', message = 'range_invalid', detail = 'from must be before to';
  end if;
  if extract(epoch from v_to - v_from) > 4000.0 *
       (case get_dashboard_metrics.granularity when 'hour' then 3600 when 'day' then 86400 when 'week' then 604800 else 2592000 end) then
    raise exception using errcode = 'PT400', message = 'range_too_large',
      detail = 'The period has more than 4000 buckets: take a coarser granularity';
  end if;
  if get_dashboard_metrics.compare = 'previous_year' then
    v_before_from := date_subtract(v_from, interval '1 year', v_zone);
    v_before_to := date_subtract(v_to, interval '1 year', v_zone);
  elsif get_dashboard_metrics.compare = 'previous_period' then
    v_before_from := ((v_from at time zone v_zone) - ((v_to at time zone v_zone) - (v_from at time zone v_zone))) at time zone v_zone;
    v_before_to := v_from;
  end if;

  v_now := private.event_totals(v_owner, v_from, v_to);
  if v_before_from is not null then
    v_before := private.event_totals(v_owner, v_before_from, v_before_to);
  end if;

  select coalesce(jsonb_agg(jsonb_build_object('contact_id', t.contact_id, 'name', t.name, 'number', t.number,
           'interaction_count', t.interactions) order by t.interactions desc, t.contact_id), '[]') into v_top
    from (
      select e.contact_id, min(e.contact_name) as name, mode() within group (order by e.number) as number, count(*) as interactions
        from private.visible_events as e
       where e.user_id = v_owner and e.ts >= v_from and e.ts < v_to and e.contact_id is not null
       group by e.contact_id order by count(*) desc, e.contact_id limit 10
    ) as t;

  select extract(hour from e.ts at time zone v_zone)::integer into v_busiest_hour
    from private.visible_events as e
   where e.user_id = v_owner and e.ts >= v_from and e.ts < v_to
   group by 1 order by count(*) desc, 1 limit 1;
  select extract(isodow from e.ts at time zone v_zone)::integer into v_busiest_weekday
    from private.visible_events as e
   where e.user_id = v_owner and e.ts >= v_from and e.ts < v_to
   group by 1 order by count(*) desc, 1 limit 1;

  return to_jsonb(v_now) || jsonb_build_object(
    'user_id', v_owner,
    'from', v_from, 'to', v_to, 'time_zone', v_zone, 'granularity', get_dashboard_metrics.granularity,
    'busiest_hour', v_busiest_hour, 'busiest_weekday', v_busiest_weekday,
    'top_contact', v_top -> 0, 'top_contacts', v_top,
    'time_series', jsonb_build_object('granularity', get_dashboard_metrics.granularity, 'data',
      private.event_series(v_owner, v_from, v_to, get_dashboard_metrics.granularity, v_zone, coalesce(v_profile.week_start, 1))),
    'comparison', case when v_before_from is not null then jsonb_build_object(
      'mode', get_dashboard_metrics.compare, 'from', v_before_from, 'to', v_before_to,
      'metrics', (select jsonb_object_agg(key, private.change_of(value::numeric, (to_jsonb(v_before) ->> key)::numeric))
                    from jsonb_each_text(to_jsonb(v_now)))) end,
    'data_freshness', (
      select jsonb_build_object('last_event_at', (
        select e.ts from private.visible_events as e where e.user_id = v_owner order by e.ts desc limit 1))),
    'generated_at', now());
end;
$$;
comment on function public.get_dashboard_metrics(timestamptz, timestamptz, text, text, text, uuid) is
  'Totals, top contacts, zero-filled time_series.data and comparison of [starts_at, ends_at) for the caller or a teammate (user_id) as the privacy rules allow. Defaults: the last 30 local days up to the end of this minute, in the caller''s zone. Errors: not_authenticated (401), validation_failed, range_invalid, range_too_large (400), role_insufficient (403), user_not_found (404).';
revoke execute on function public.get_dashboard_metrics(timestamptz, timestamptz, text, text, text, uuid) from public, anon;
grant execute on function public.get_dashboard_metrics(timestamptz, timestamptz, text, text, text, uuid) to authenticated;
