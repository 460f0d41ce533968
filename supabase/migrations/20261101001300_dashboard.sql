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

create function private.time_buckets(bounds timestamptz[], starts_at timestamptz, ends_at timestamptz, time_zone text)
returns jsonb[]
language plpgsql stable
set search_path = ''
as $$
begin
  return array(
    select jsonb_build_object(
        'time_bucket', to_char(b.local_start, 'YYYY-MM-DD"T"HH24:MI:SS') || case when b.minutes < 0 then '-' else '+' end
          || lpad((abs(b.minutes) / 60)::text, 2, '0') || ':' || lpad((abs(b.minutes) % 60)::text, 2, '0'),
        'is_partial', b.at < time_buckets.starts_at or b.next > least(time_buckets.ends_at, now()))
      from (select given.i, given.at, given.next, given.local_start,
              (date_part('epoch', given.local_start - (given.at at time zone 'UTC')) / 60)::integer as minutes
              from (select i, time_buckets.bounds[i] as at, time_buckets.bounds[i + 1] as next, time_buckets.bounds[i] at time zone time_buckets.time_zone as local_start
                      from generate_series(1, cardinality(time_buckets.bounds) - 1) as i offset 0) as given) as b
     order by b.i);
end;
$$;
comment on function private.time_buckets(timestamptz[], timestamptz, timestamptz, text) is
  'The buckets between these bounds as {time_bucket (local start with the offset from UTC), is_partial (cut by the period [starts_at, ends_at) or not over yet)}, in their order.';
grant execute on function private.time_buckets(timestamptz[], timestamptz, timestamptz, text) to authenticated;

create function private.require_period(starts_at timestamptz, ends_at timestamptz, granularity text, time_zone text)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if not private.is_time_zone(require_period.time_zone) then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'time_zone is an IANA name such as Europe/Berlin';
  end if;
  if coalesce(require_period.granularity, '') not in ('hour', 'day', 'week', 'month') then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'A bucket is an hour, day, week or month';
  end if;
  if not isfinite(require_period.starts_at) or not isfinite(require_period.ends_at) or require_period.starts_at >= require_period.ends_at then
    raise exception using errcode = 'PT400', message = 'range_invalid', detail = 'from must be before to';
  end if;
  if require_period.ends_at - require_period.starts_at > interval '36525 days' or extract(epoch from require_period.ends_at - require_period.starts_at) > 4000.0 *
       (case require_period.granularity when 'hour' then 3600 when 'day' then 86400 when 'week' then 604800 else 2592000 end) then
    raise exception using errcode = 'PT400', message = 'range_too_large',
      detail = 'The period is over 100 years or has more than 4000 buckets: take a shorter one or a coarser granularity';
  end if;
end;
$$;
comment on function private.require_period(timestamptz, timestamptz, text, text) is
  'Raises unless [starts_at, ends_at) in buckets of granularity can be answered. Errors: validation_failed, range_invalid, range_too_large (400).';
grant execute on function private.require_period(timestamptz, timestamptz, text, text) to authenticated;

create function private.bucket_bounds(starts_at timestamptz, ends_at timestamptz, granularity text, time_zone text, week_start integer)
returns timestamptz[]
language plpgsql stable
set search_path = ''
as $$
begin
  return (
  -- Local starts are stepped, not instants: after a midnight that does not exist the next day begins at midnight
  -- again. Hours are looked for every half hour, because there are clocks that change by that much.
  with local as (
    select private.bucket_start(bucket_bounds.starts_at, bucket_bounds.granularity, bucket_bounds.time_zone, bucket_bounds.week_start) as first_start,
      bucket_bounds.ends_at - interval '1 microsecond' as last_moment
  ),
  start as (
    select distinct private.bucket_start(moment, 'hour', bucket_bounds.time_zone, bucket_bounds.week_start) as at
      from local cross join generate_series(local.first_start, local.last_moment, interval '30 minutes') as moment
     where bucket_bounds.granularity = 'hour'
    union
    select start at time zone bucket_bounds.time_zone
      from local cross join generate_series(
        date_trunc('day', local.first_start at time zone bucket_bounds.time_zone),
        local.last_moment at time zone bucket_bounds.time_zone,
        ('1 ' || bucket_bounds.granularity)::interval) as start
     where bucket_bounds.granularity <> 'hour'
  )
  select array_agg(at order by at) || date_add(max(at), ('1 ' || bucket_bounds.granularity)::interval, bucket_bounds.time_zone) from start);
end;
$$;
comment on function private.bucket_bounds(timestamptz, timestamptz, text, text, integer) is
  'Starts of the local buckets that touch [starts_at, ends_at), ascending, and the end of the last. week_start: ISO weekday.';
grant execute on function private.bucket_bounds(timestamptz, timestamptz, text, text, integer) to authenticated;

create function private.cut_bounds(bounds timestamptz[], starts_at timestamptz, ends_at timestamptz)
returns timestamptz[]
language sql immutable
set search_path = ''
as $$
  select cut_bounds.starts_at || cut_bounds.bounds[2:cardinality(cut_bounds.bounds) - 1] || cut_bounds.ends_at
$$;
comment on function private.cut_bounds(timestamptz[], timestamptz, timestamptz) is 'The buckets as the period cuts the first and the last.';
grant execute on function private.cut_bounds(timestamptz[], timestamptz, timestamptz) to authenticated;

create function private.grain_for(granularity text)
returns private.grain
language sql immutable
set search_path = ''
as $$
  select case grain_for.granularity when 'hour' then 'hour' when 'month' then 'month' else 'day' end::private.grain
$$;
comment on function private.grain_for(text) is 'The roll-up that local buckets of this granularity are put together from.';
grant execute on function private.grain_for(text) to authenticated;

create type private.event_totals as (
  total_events bigint, total_calls bigint, total_sms bigint, inbound bigint, outbound bigint,
  answered_calls bigint, missed_calls bigint, unique_contacts bigint, new_contacts bigint,
  total_call_duration_minutes numeric, avg_call_duration_minutes numeric, median_call_duration_minutes numeric);
comment on type private.event_totals is 'The figures of a period. Minutes; null where there is nothing to average.';

create type private.period_figures as (totals private.event_totals, parts jsonb, top jsonb);
comment on type private.period_figures is
  'A period: its totals, the figures of its parts as an array in their order, and its ten most frequent contacts.';

create function private.period_figures(owner_id uuid, bounds timestamptz[], top private.grain, is_detailed boolean)
returns private.period_figures
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_is_own constant boolean := period_figures.owner_id = (select auth.uid());
  v_starts_at constant timestamptz := period_figures.bounds[1];
  v_ends_at constant timestamptz := period_figures.bounds[cardinality(period_figures.bounds)];
  v_hidden constant uuid[] := private.hidden_contacts(period_figures.owner_id);
  v_figures private.period_figures;
begin
  perform private.require_readable_owner(period_figures.owner_id);
  with sums as materialized (
    select * from private.activity_between(period_figures.owner_id, period_figures.bounds, period_figures.top)
  ),
  contact as materialized (
    select m.contact_id, m.events from private.contacts_between(period_figures.owner_id, v_starts_at, v_ends_at) as m where period_figures.is_detailed
  ),
  total as (
    select coalesce(sum(s.calls + s.sms), 0) as events, coalesce(sum(s.calls), 0) as calls, coalesce(sum(s.sms), 0) as sms,
      coalesce(sum(s.inbound), 0) as inbound, coalesce(sum(s.answered), 0) as answered, coalesce(sum(s.missed), 0) as missed,
      coalesce(sum(s.talk_seconds), 0) as talk_seconds, sum(s.answered_seconds) / nullif(sum(s.answered_timed), 0) as mean
      from sums as s
  ),
  frequent as (
    select contact.contact_id, contact.events, c.name,
      case when v_is_own or not coalesce(r.mask_number, false) then (
        select e.number from public.events as e
         where e.user_id = period_figures.owner_id and e.contact_id = contact.contact_id and e.ts < v_ends_at
         order by e.ts desc limit 1) end as number
      from (select * from contact order by events desc, contact_id limit 10) as contact
      left join public.contacts as c on c.user_id = period_figures.owner_id and c.id = contact.contact_id
      left join public.privacy_rules as r on r.user_id = period_figures.owner_id and r.contact_id = contact.contact_id
  )
  select
    row(total.events, total.calls, total.sms, total.inbound, total.events - total.inbound, total.answered, total.missed,
      case when period_figures.is_detailed then (select count(*) from contact)
        else coalesce((select n.contacts from private.contact_counts(period_figures.owner_id, period_figures.bounds) as n), 0) end,
      (select count(*) from private.contact_stats as f
        where f.user_id = period_figures.owner_id and f.first_ts >= v_starts_at and f.first_ts < v_ends_at and f.contact_id <> all (v_hidden)),
      round(total.talk_seconds / 60.0, 2), round(total.mean / 60, 2),
      round(private.median_duration(period_figures.owner_id, v_starts_at, v_ends_at) / 60, 2)),
    case when period_figures.is_detailed then (select jsonb_agg(jsonb_build_object(
         'total_events', coalesce(s.calls + s.sms, 0), 'calls', coalesce(s.calls, 0), 'sms', coalesce(s.sms, 0),
         'inbound', coalesce(s.inbound, 0), 'outbound', coalesce(s.calls + s.sms - s.inbound, 0),
         'unique_contacts', coalesce(n.contacts, 0),
         'avg_duration', round(s.answered_seconds::numeric / nullif(s.answered_timed, 0), 1)) order by part)
       from generate_series(1, cardinality(period_figures.bounds) - 1) as part
       left join sums as s using (part)
       left join private.contact_counts(period_figures.owner_id, period_figures.bounds) as n using (part)) end,
    case when period_figures.is_detailed then (select coalesce(jsonb_agg(jsonb_build_object('contact_id', f.contact_id, 'name', f.name, 'number', f.number,
         'interaction_count', f.events) order by f.events desc, f.contact_id), '[]') from frequent as f) end
  into v_figures
  from total;
  return v_figures;
end;
$$;
comment on function private.period_figures(uuid, timestamptz[], private.grain, boolean) is
  'Totals, parts between the bounds and most frequent contacts (both when is_detailed) of what the caller may see of a person. Means and medians over answered calls with a known duration. Errors: those of private.require_readable_owner.';
grant execute on function private.period_figures(uuid, timestamptz[], private.grain, boolean) to authenticated;

create function private.freshness_of(owner_id uuid)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_hidden constant uuid[] := private.hidden_contacts(freshness_of.owner_id);
begin
  perform private.require_readable_owner(freshness_of.owner_id);
  return jsonb_build_object(
    'last_event_at', (select e.ts from public.events as e
      where e.user_id = freshness_of.owner_id and (e.contact_id is null or e.contact_id <> all (v_hidden))
      order by e.ts desc limit 1),
    -- Sources deliver what is private as well, so a teammate is not told when they did.
    'last_ingest_at', (select max(s.last_ingest_at) from public.sync_sources as s
      where s.user_id = freshness_of.owner_id and s.user_id = (select auth.uid())));
end;
$$;
comment on function private.freshness_of(uuid) is
  'How new a person''s data is to the caller: {last_event_at, last_ingest_at (one''s own only)}. Errors: those of private.require_readable_owner.';
grant execute on function private.freshness_of(uuid) to authenticated;

-- The period before, or the same a year ago. Of a period that is not over only the part that has passed is compared, with as
-- much of the one before. One that runs up to now from the start of a local day is taken to end with that day, so days stand
-- beside whole days.
create function private.compared_period(starts_at timestamptz, ends_at timestamptz, compare text, time_zone text)
returns tstzrange
language plpgsql stable
set search_path = ''
as $$
begin
  return (
  with passed as (
    select case when date_trunc('minute', now()) + interval '1 minute' > compared_period.starts_at
      then least(compared_period.ends_at, date_trunc('minute', now()) + interval '1 minute') else compared_period.ends_at end as upto
  ),
  local as (
    select compared_period.starts_at at time zone compared_period.time_zone as since, upto at time zone compared_period.time_zone as upto,
      case when upto < compared_period.ends_at then compared_period.ends_at at time zone compared_period.time_zone
        when upto > now() and compared_period.starts_at at time zone compared_period.time_zone
            = date_trunc('day', compared_period.starts_at at time zone compared_period.time_zone)
          then date_trunc('day', (upto - interval '1 microsecond') at time zone compared_period.time_zone) + interval '1 day'
        else upto at time zone compared_period.time_zone end as whole
    from passed
  ),
  before as (
    select case compared_period.compare
        when 'previous_year' then date_subtract(compared_period.starts_at, interval '1 year', compared_period.time_zone)
        else (since - (whole - since)) at time zone compared_period.time_zone end as since,
      case compared_period.compare
        when 'previous_year' then date_subtract(passed.upto, interval '1 year', compared_period.time_zone)
        else (local.upto - (whole - since)) at time zone compared_period.time_zone end as upto
    from local cross join passed
  )
  select tstzrange(since, greatest(since, upto)) from before
   where compared_period.compare in ('previous_period', 'previous_year'));
end;
$$;
comment on function private.compared_period(timestamptz, timestamptz, text, text) is
  'The half-open period that [starts_at, ends_at) is compared with, in local time, cut to the same elapsed time; null for compare none.';
grant execute on function private.compared_period(timestamptz, timestamptz, text, text) to authenticated;

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
  v_grain constant private.grain := private.grain_for(get_dashboard_metrics.granularity);
  v_before tstzrange;
  v_bounds timestamptz[];
  v_now private.period_figures;
  v_then private.period_figures;
  v_busiest record;
begin
  perform private.require_scope('analytics:read');
  perform private.require_readable_owner(v_owner);
  select * into v_profile from public.profiles as p where p.user_id = (select auth.uid());
  v_zone := coalesce(get_dashboard_metrics.time_zone, v_profile.time_zone, 'UTC');
  if coalesce(get_dashboard_metrics.compare, '') not in ('previous_period', 'previous_year', 'none') then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'compare is previous_period, previous_year or none';
  end if;
  perform private.require_period('epoch', 'epoch'::timestamptz + interval '1 hour', get_dashboard_metrics.granularity, v_zone);
  v_from := coalesce(get_dashboard_metrics.starts_at, date_subtract(date_trunc('day', v_to - interval '1 microsecond', v_zone), interval '29 days', v_zone));
  perform private.require_period(v_from, v_to, get_dashboard_metrics.granularity, v_zone);

  v_bounds := private.bucket_bounds(v_from, v_to, get_dashboard_metrics.granularity, v_zone, coalesce(v_profile.week_start, 1));
  v_now := private.period_figures(v_owner, private.cut_bounds(v_bounds, v_from, v_to), v_grain, true);
  v_before := private.compared_period(v_from, v_to, get_dashboard_metrics.compare, v_zone);
  if v_before is not null then
    v_then := private.period_figures(v_owner, array[lower(v_before), upper(v_before)], 'month', false);
  end if;
  select (array_agg(h.hour order by h.by_hour desc, h.hour))[1] as hour, (array_agg(h.weekday order by h.by_weekday desc, h.weekday))[1] as weekday
    into v_busiest
    from (select hour, weekday, sum(calls + sms) over (partition by hour) as by_hour, sum(calls + sms) over (partition by weekday) as by_weekday
            from private.hours_of_week(v_owner, v_from, v_to, v_zone)) as h;

  return to_jsonb(v_now.totals) || jsonb_build_object(
    'user_id', v_owner,
    'from', v_from, 'to', v_to, 'time_zone', v_zone, 'granularity', get_dashboard_metrics.granularity,
    'busiest_hour', v_busiest.hour, 'busiest_weekday', v_busiest.weekday,
    'top_contact', v_now.top -> 0, 'top_contacts', v_now.top,
    'time_series', jsonb_build_object('granularity', get_dashboard_metrics.granularity, 'data', (
      select jsonb_agg(bucket || part order by i)
        from unnest(private.time_buckets(v_bounds, v_from, v_to, v_zone), array(select jsonb_array_elements(v_now.parts))) with ordinality as given (bucket, part, i))),
    'comparison', case when v_before is not null then jsonb_build_object(
      'mode', get_dashboard_metrics.compare, 'from', lower(v_before), 'to', upper(v_before),
      'metrics', (select jsonb_object_agg(key, private.change_of(value::numeric, (to_jsonb(v_then.totals) ->> key)::numeric))
                    from jsonb_each_text(to_jsonb(v_now.totals)))) end,
    'data_freshness', private.freshness_of(v_owner),
    'generated_at', now());
end;
$$;
comment on function public.get_dashboard_metrics(timestamptz, timestamptz, text, text, text, uuid) is
  'Totals, top contacts, zero-filled time_series.data and comparison of [starts_at, ends_at) for the caller or a teammate (user_id) as the privacy rules allow. Defaults: the last 30 local days up to the end of this minute, in the caller''s zone. Errors: not_authenticated (401), validation_failed, range_invalid, range_too_large (400), role_insufficient (403), user_not_found (404).';
revoke execute on function public.get_dashboard_metrics(timestamptz, timestamptz, text, text, text, uuid) from public, anon;
grant execute on function public.get_dashboard_metrics(timestamptz, timestamptz, text, text, text, uuid) to authenticated;
