-- Trends: any figure over time, split by an attribute of the events, beside an earlier period.

create type private.trend_line as (series integer, key text, total numeric, parts integer[], amounts numeric[]);
comment on type private.trend_line is
  'A figure over time: its value of the whole period, and of each part that has events, in their order. key and series null: everything; series 0: other.';

-- What is beyond the largest series is what the whole has beyond them.
create function private.trend_lines(owner_id uuid, bounds timestamptz[], top private.grain, metric text, breakdown text, time_zone text,
  max_series integer, keys text[])
returns setof private.trend_line
language plpgsql stable
set search_path = ''
as $$
declare
  v_starts_at constant timestamptz := trend_lines.bounds[1];
  v_ends_at constant timestamptz := trend_lines.bounds[cardinality(trend_lines.bounds)];
  v_is_mean constant boolean := trend_lines.metric = 'avg_call_duration_minutes';
  -- Contacts are the named ones only, and some events have none: what they leave is the rest of the whole.
  v_has_rest constant boolean := trend_lines.breakdown in ('none', 'contact');
  v_keys text[] := trend_lines.keys;
begin
  if trend_lines.metric = 'unique_contacts' then
    return query
    select null::integer, null::text, (select count(*)::numeric from private.contacts_between(trend_lines.owner_id, v_starts_at, v_ends_at)),
      array_agg(c.part order by c.part), array_agg(c.contacts::numeric order by c.part)
      from private.contact_counts(trend_lines.owner_id, trend_lines.bounds) as c;
    if trend_lines.breakdown <> 'none' then
      return query
      select (case when c.key = 'other' then 0 else dense_rank() over (order by c.key) end)::integer, c.key,
        max(c.contacts::numeric) filter (where c.part = 0), array_agg(c.part order by c.part) filter (where c.part > 0),
        array_agg(c.contacts::numeric order by c.part) filter (where c.part > 0)
        from private.contact_trend(trend_lines.owner_id, trend_lines.bounds, trend_lines.breakdown, trend_lines.time_zone, trend_lines.max_series) as c
       group by c.key;
    end if;
    return;
  end if;

  if trend_lines.breakdown = 'contact' and v_keys is null then
    v_keys := array(
      select c.contact_id::text from private.contacts_between(trend_lines.owner_id, v_starts_at, v_ends_at, trend_lines.metric) as c
       order by c.amount desc, c.contact_id limit trend_lines.max_series);
  end if;
  return query
  with measured as materialized (
    select c.*, true as is_whole
      from private.trend_cells(trend_lines.owner_id, trend_lines.bounds, trend_lines.top, trend_lines.metric, 'none', trend_lines.time_zone, null) as c
     where v_has_rest
    union all
    select c.*, false
      from private.trend_cells(trend_lines.owner_id, trend_lines.bounds, trend_lines.top, trend_lines.metric, trend_lines.breakdown, trend_lines.time_zone,
        case when trend_lines.breakdown = 'contact' then v_keys::uuid[] end) as c
     where trend_lines.breakdown <> 'none'
  ),
  chosen as materialized (
    -- Contacts were chosen before.
    select case when trend_lines.breakdown = 'contact' then v_keys else (
        select array_agg(best.key)
          from (select m.key from measured as m
                 where not m.is_whole and (v_keys is null or m.key = any (v_keys))
                 group by m.key
                having sum(m.events) > 0
                 order by sum(case when v_is_mean then m.weight else m.amount end) desc, m.key
                 limit trend_lines.max_series) as best) end as keys
  ),
  judged as materialized (
    select m.part, m.events, m.amount, m.weight, m.is_whole, coalesce(array_position(c.keys, m.key), 0) as series
      from measured as m cross join chosen as c
  ),
  line as (
    select j.series, j.part, j.events, j.amount, j.weight from judged as j where not j.is_whole and (j.series > 0 or not v_has_rest)
    union all
    -- Everything.
    select null, j.part, sum(j.events), sum(j.amount), sum(j.weight) from judged as j where j.is_whole = v_has_rest group by j.part
    union all
    -- What is in none of the series.
    select 0, j.part, sum(case when j.is_whole then j.events else -j.events end), sum(case when j.is_whole then j.amount else -j.amount end),
      sum(case when j.is_whole then j.weight else -j.weight end)
      from judged as j
     where v_has_rest and trend_lines.breakdown <> 'none' and (j.is_whole or j.series > 0)
     group by j.part
  ),
  cell as (
    select l.series, l.part, case trend_lines.metric
        when 'avg_call_duration_minutes' then round(sum(l.amount)::bigint / nullif(sum(l.weight), 0)::bigint::numeric / 60, 2)
        when 'total_call_duration_minutes' then round(sum(l.amount)::bigint / 60.0, 2) else sum(l.amount)::bigint::numeric end as value
      from line as l
     group by grouping sets ((l.series, l.part), (l.series))
    having sum(l.events) > 0
  )
  select c.series, case when c.series = 0 then 'other' else ((select chosen.keys from chosen))[c.series] end,
    max(c.value) filter (where c.part is null), array_agg(c.part order by c.part) filter (where c.part is not null),
    array_agg(c.value order by c.part) filter (where c.part is not null)
    from cell as c
   group by c.series;
end;
$$;
comment on function private.trend_lines(uuid, timestamptz[], private.grain, text, text, text, integer, text[]) is
  'The metric of all events (key null), of each series, and of other: what is beyond the max_series largest, or beyond keys. Only what has events. Errors: those of private.activity_between.';
grant execute on function private.trend_lines(uuid, timestamptz[], private.grain, text, text, text, integer, text[]) to authenticated;

create function public.get_trends(
  metric text default 'total_events', starts_at timestamptz default null, ends_at timestamptz default null, granularity text default 'day',
  breakdown text default 'none', max_series integer default null, compare text default 'none', time_zone text default null, user_id uuid default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_owner constant uuid := coalesce(get_trends.user_id, (select auth.uid()));
  v_profile public.profiles;
  v_zone text;
  v_to constant timestamptz := coalesce(get_trends.ends_at, date_trunc('minute', now()) + interval '1 minute');
  v_from timestamptz;
  v_bounds timestamptz[];
  v_before tstzrange;
  v_is_additive constant boolean := get_trends.metric not in ('unique_contacts', 'avg_call_duration_minutes');
  v_max constant integer := coalesce(get_trends.max_series, case get_trends.breakdown when 'hour' then 24 else 10 end);
  -- What a series without events has: a sum of 0, no mean.
  v_nothing constant numeric := case when get_trends.metric <> 'avg_call_duration_minutes' then 0 end;
  v_parts integer;
  v_now private.trend_line[];
  v_then private.trend_line[];
begin
  perform private.require_scope('analytics:read');
  perform private.require_readable_owner(v_owner);
  select * into v_profile from public.profiles as p where p.user_id = (select auth.uid());
  v_zone := coalesce(get_trends.time_zone, v_profile.time_zone, 'UTC');
  if coalesce(get_trends.metric, '') not in ('total_events', 'total_calls', 'total_sms', 'inbound', 'outbound', 'answered_calls', 'missed_calls',
       'unique_contacts', 'total_call_duration_minutes', 'avg_call_duration_minutes')
     or coalesce(get_trends.breakdown, '') not in ('none', 'contact', 'type', 'direction', 'status', 'source', 'line', 'hour', 'weekday')
     or coalesce(get_trends.compare, '') not in ('previous_period', 'previous_year', 'none') or v_max not between 1 and 50 then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'No such metric, breakdown, comparison or number of series';
  end if;
  if get_trends.metric = 'unique_contacts' and get_trends.breakdown = 'contact' then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'Contacts cannot be counted per contact';
  end if;
  perform private.require_period('epoch', 'epoch'::timestamptz + interval '1 hour', get_trends.granularity, v_zone);
  v_from := coalesce(get_trends.starts_at, date_subtract(date_trunc('day', v_to - interval '1 microsecond', v_zone), interval '29 days', v_zone));
  perform private.require_period(v_from, v_to, get_trends.granularity, v_zone);

  v_bounds := private.bucket_bounds(v_from, v_to, get_trends.granularity, v_zone, coalesce(v_profile.week_start, 1));
  v_parts := cardinality(v_bounds) - 1;
  v_now := array(
    select row(n.*)::private.trend_line
      from private.trend_lines(v_owner, private.cut_bounds(v_bounds, v_from, v_to), private.grain_for(get_trends.granularity), get_trends.metric,
        get_trends.breakdown, v_zone, v_max, null) as n);
  v_before := private.compared_period(v_from, v_to, get_trends.compare, v_zone);
  if v_before is not null then
    v_then := array(
      select row(t.*)::private.trend_line
        from private.trend_lines(v_owner, array[lower(v_before), upper(v_before)], 'month', get_trends.metric, get_trends.breakdown, v_zone, 50,
          (select coalesce(array_agg(n.key), '{}') from unnest(v_now) as n where n.key <> 'other')) as t);
  end if;

  return jsonb_build_object(
    'user_id', v_owner, 'metric', get_trends.metric, 'granularity', get_trends.granularity, 'breakdown', get_trends.breakdown,
    'from', v_from, 'to', v_to, 'time_zone', v_zone, 'is_additive', v_is_additive,
    'buckets', to_jsonb(private.time_buckets(v_bounds, v_from, v_to, v_zone)),
    'series', (
      with whole as (
        select w.* from (values (true)) as always left join unnest(v_now) as w on w.key is null
      ),
      line as (
        select l.key, l.total, case when cardinality(l.parts) = v_parts then to_jsonb(l.amounts) else (
            select jsonb_agg(coalesce(known.amount, v_nothing) order by part)
              from generate_series(1, v_parts) as part left join unnest(l.parts, l.amounts) as known (part, amount) using (part)) end as values
          from (select * from whole union all select * from unnest(v_now) as n where n.key is not null) as l
      )
      select jsonb_agg(jsonb_build_object(
          'key', k.key, 'label', coalesce(names.name, case when get_trends.breakdown <> 'contact' or k.key = 'other' then k.key end),
          'total', coalesce(k.total, v_nothing),
          'share_pct', case when v_is_additive then round(100 * k.total / nullif(whole.total, 0), 1) end, 'values', k.values)
        || case when v_before is null then '{}' else jsonb_build_object('change', private.change_of(coalesce(k.total, v_nothing), coalesce(t.total,
          -- How many contacts the then smaller series had together is not known.
          case when get_trends.metric = 'unique_contacts' and k.key = 'other' then null else v_nothing end))) end
        -- Hours and weekdays in their order, anything else by size, what is left over last, then all of it.
        order by k.key is null, k.key = 'other', case when get_trends.breakdown in ('hour', 'weekday') and k.key <> 'other' then k.key::integer end,
          k.total desc nulls last, k.key)
        from line as k
        cross join whole
        left join unnest(v_then) as t on t.key is not distinct from k.key and (get_trends.metric <> 'unique_contacts' or t.key is distinct from 'other')
        left join private.contact_names(v_owner, case when get_trends.breakdown = 'contact'
          then array(select n.key::uuid from unnest(v_now) as n where n.key <> 'other') end) as names
          on get_trends.breakdown = 'contact' and names.contact_id::text = k.key),
    'comparison', case when v_before is not null then jsonb_build_object('mode', get_trends.compare, 'from', lower(v_before), 'to', upper(v_before)) end,
    'generated_at', now());
end;
$$;
comment on function public.get_trends(text, timestamptz, timestamptz, text, text, integer, text, text, uuid) is
  'One metric over [starts_at, ends_at) in local buckets (granularity hour, day, week, month), split by breakdown (none, contact, type, direction, status, source, line, hour, weekday) into the max_series largest series and other, for the caller or a teammate (user_id) as the privacy rules allow: {buckets, series: [{key, label, total, share_pct, values, change?}], comparison}; the last series (key null) is all of it, and where is_additive the others sum to it in every bucket. Minutes for durations. Default: the last 30 local days. Errors: not_authenticated (401), validation_failed, range_invalid, range_too_large (400), role_insufficient (403), user_not_found (404).';
revoke execute on function public.get_trends(text, timestamptz, timestamptz, text, text, integer, text, text, uuid) from public, anon;
grant execute on function public.get_trends(text, timestamptz, timestamptz, text, text, integer, text, text, uuid) to authenticated;
