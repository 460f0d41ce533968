-- Trends: any figure over time, split by an attribute of the events, beside an earlier period.

create type private.trend_cell as (part integer, key text, events double precision, amount double precision, weight double precision);
comment on type private.trend_cell is
  'Of one part of a period and one value of an attribute: how many events, what a metric adds up, and for a mean what it is divided by.';

-- Whole numbers below 2^53: sums of doubles are exact, and faster than those of bigint.
create function private.trend_sums(metric text)
returns text
language sql immutable
set search_path = ''
as $$
  select format('sum((calls + sms)::double precision) as events, sum((%s)::double precision) as amount, %s as weight',
    case trend_sums.metric when 'total_events' then 'calls + sms' when 'total_calls' then 'calls' when 'total_sms' then 'sms' when 'inbound' then 'inbound'
      when 'outbound' then 'calls + sms - inbound' when 'answered_calls' then 'answered' when 'missed_calls' then 'missed'
      when 'total_call_duration_minutes' then 'talk_seconds' when 'avg_call_duration_minutes' then 'answered_seconds' end,
    case trend_sums.metric when 'avg_call_duration_minutes' then 'sum(answered_timed::double precision)' else '0::double precision' end)
$$;
comment on function private.trend_sums(text) is
  'The events, amount and weight of private.trend_cell for a metric of get_trends, as SQL over the columns of private.measures.';
grant execute on function private.trend_sums(text) to authenticated;

create view private.part_measures as
select p.*,
  case when p.type = 'call' then p.events else 0 end as calls,
  case when p.type = 'sms' then p.events else 0 end as sms,
  case when p.direction = 'inbound' then p.events else 0 end as inbound,
  case when p.type = 'call' and p.status = 'answered' then p.events else 0 end as answered,
  case when p.status = 'missed' then p.events else 0 end as missed,
  case when p.status = 'answered' then p.talk_seconds else 0 end as answered_seconds
from private.activity_parts as p;
comment on view private.part_measures is 'private.activity_parts with the columns of private.measures. For definer functions only: it shows every row.';

-- Split by an attribute that the daily roll-up has. Each attribute is a statement of its own, so that the slivers are read
-- from the index where it has the attribute; and so is each metric, so that nothing else is added up.
create function private.parts_between(owner_id uuid, bounds timestamptz[], top private.grain, metric text, breakdown text)
returns setof private.trend_cell
language plpgsql stable security definer
set search_path = '' set jit = off set enable_memoize = off
as $$
declare
  v_hidden constant uuid[] := private.hidden_contacts(parts_between.owner_id);
  v_is_own constant boolean := parts_between.owner_id = (select auth.uid());
  -- Lines stay their owner's.
  v_of_day constant text := case parts_between.breakdown when 'type' then 'd.type' when 'direction' then 'd.direction' when 'status' then 'd.status'
    when 'source' then 'd.source' else case when v_is_own then 'd.line_id::text' else quote_literal('unknown') end end;
  v_of_event constant text := case parts_between.breakdown when 'type' then 'm.type' when 'direction' then 'm.direction'
    when 'status' then 'coalesce(m.status, ''unknown'')' when 'source' then 'm.source'
    else case when v_is_own then 'coalesce(m.line_id::text, ''unknown'')' else quote_literal('unknown') end end;
begin
  perform private.require_readable_owner(parts_between.owner_id);
  return query execute format('
    with span as materialized (
      -- A sliver belongs to the parts on both its sides: it is read once.
      select row_number() over () as id, p.grain, p.starts_at, p.ends_at, array_agg(p.part) as parts, array_agg(p.sign) as signs
        from private.pieces_of($2, least($3, ''day''), ''day'') as p group by p.grain, p.starts_at, p.ends_at
    ),
    side as materialized (select s.id, p.part, p.sign from span as s cross join lateral unnest(s.parts, s.signs) as p (part, sign)),
    summed as materialized (
      select s.id, d.*
        from span as s
        cross join lateral (
          select %1$s as key, %3$s from private.part_measures as d
           where d.user_id = $1 and d.day >= s.starts_at and d.day < s.ends_at and ($4 or not d.is_private)
           group by 1) as d
       where s.grain = ''day''
      union all
      select s.id, e.*
        from span as s
        cross join lateral (
          select %2$s as key, %3$s from private.event_measures as m
           where m.user_id = $1 and m.ts >= s.starts_at and m.ts < s.ends_at and (m.contact_id = any ($5)) is not true
           group by 1) as e
       where s.grain is null
    )
    select side.part, case when t.key = ''00000000-0000-0000-0000-000000000000'' then ''unknown'' else t.key end,
      sum(side.sign * t.events), sum(side.sign * t.amount), sum(side.sign * t.weight)
    from summed as t join side using (id)
    group by 1, 2
    having sum(side.sign * t.events) > 0', v_of_day, v_of_event, private.trend_sums(parts_between.metric))
    using parts_between.owner_id, parts_between.bounds, parts_between.top, v_is_own, v_hidden;
end;
$$;
comment on function private.parts_between(uuid, timestamptz[], private.grain, text, text) is
  'A metric of what the caller may see of a person per part and type, direction, status, source or line. Errors: those of private.activity_between.';
grant execute on function private.parts_between(uuid, timestamptz[], private.grain, text, text) to authenticated;

-- Split by the local hour or weekday: from the roll-up of hours where the zone's hours are UTC hours, else from the events.
create function private.clock_between(owner_id uuid, bounds timestamptz[], metric text, breakdown text, time_zone text)
returns setof private.trend_cell
language plpgsql stable security definer
set search_path = '' set jit = off set enable_sort = off
as $$
declare
  v_is_own constant boolean := clock_between.owner_id = (select auth.uid());
  v_hidden constant uuid[] := private.hidden_contacts(clock_between.owner_id);
  v_starts_at constant timestamptz := clock_between.bounds[1];
  v_ends_at constant timestamptz := clock_between.bounds[cardinality(clock_between.bounds)];
  v_first timestamptz := date_bin('1 hour', v_starts_at + interval '1 hour' - interval '1 microsecond', timestamptz 'epoch');
  v_last timestamptz := date_bin('1 hour', v_ends_at, timestamptz 'epoch');
begin
  perform private.require_readable_owner(clock_between.owner_id);
  if v_first > v_last or exists (
      select from unnest(private.offset_changes(v_starts_at, v_ends_at, clock_between.time_zone) || v_first) as moment
       where extract(minute from moment at time zone clock_between.time_zone) <> 0 or moment <> date_bin('1 hour', moment, timestamptz 'epoch')) then
    v_first := v_ends_at;
    v_last := v_ends_at;
  end if;
  return query execute format('
    select part, date_part(%1$L, clock)::text, %2$s
      from (
        select i as part, a.bucket at time zone $7 as clock, a.*
          from generate_subscripts($2, 1) as i
          cross join lateral (
            select * from private.activity as a
             where a.user_id = $1 and a.grain = ''hour'' and a.bucket >= greatest($2[i], $5)
               and a.bucket < least($2[i + 1], $6) and ($3 or not a.is_private) offset 0) as a
      ) as hourly
     group by 1, date_part(%1$L, clock)
    union all
    select part, date_part(%1$L, clock)::text, %2$s
      from (
        select width_bucket(m.ts, $2) as part, m.ts at time zone $7 as clock, m.*
          from (values ($2[1], $5), ($6, $2[cardinality($2)])) as p (since, upto)
          cross join lateral (
            select * from private.event_measures as m
             where m.user_id = $1 and m.ts >= p.since and m.ts < p.upto and (m.contact_id = any ($4)) is not true offset 0) as m
      ) as single
     group by 1, date_part(%1$L, clock)',
    case clock_between.breakdown when 'hour' then 'hour' else 'isodow' end, private.trend_sums(clock_between.metric))
    using clock_between.owner_id, clock_between.bounds, v_is_own, v_hidden, v_first, v_last, clock_between.time_zone;
end;
$$;
comment on function private.clock_between(uuid, timestamptz[], text, text, text) is
  'A metric of what the caller may see of a person per part and local hour (0-23) or ISO weekday (1 Monday), in one row or in two that add up. Errors: those of private.activity_between.';
grant execute on function private.clock_between(uuid, timestamptz[], text, text, text) to authenticated;

create function private.contact_parts(owner_id uuid, bounds timestamptz[], top private.grain, metric text, contact_ids uuid[])
returns setof private.trend_cell
language plpgsql stable security definer
set search_path = '' set jit = off set enable_memoize = off
as $$
declare
  v_hidden constant uuid[] := private.hidden_contacts(contact_parts.owner_id);
begin
  perform private.require_readable_owner(contact_parts.owner_id);
  return query execute format('
    with piece as materialized (select * from private.pieces_of($2, $3, ''day'')),
    -- The whole buckets of all parts lie next to each other: one range of each contact.
    whole as (
      select array_agg(p.starts_at order by p.starts_at) as starts, array_agg(p.part order by p.starts_at) as parts,
        min(p.starts_at) as since, max(p.ends_at) as upto
        from piece as p where p.grain = $3
    ),
    -- A sliver belongs to the parts on both its sides: it is read once.
    span as materialized (
      select row_number() over () as id, p.grain, p.starts_at, p.ends_at, array_agg(p.part) as parts, array_agg(p.sign) as signs
        from piece as p where p.grain is distinct from $3 group by p.grain, p.starts_at, p.ends_at
    ),
    side as materialized (select s.id, p.part, p.sign from span as s cross join lateral unnest(s.parts, s.signs) as p (part, sign)),
    summed as materialized (
      select s.id, chosen.contact_id, a.*
        from span as s
        cross join unnest($4) as chosen (contact_id)
        cross join lateral (
          select %1$s from private.contact_activity as a
           where a.user_id = $1 and a.contact_id = chosen.contact_id and a.grain = s.grain
             and a.bucket >= s.starts_at and a.bucket < s.ends_at having count(*) > 0) as a
       where s.grain is not null
      union all
      select s.id, m.*
        from span as s
        cross join lateral (
          select m.contact_id, %1$s from private.event_measures as m
           where m.user_id = $1 and m.ts >= s.starts_at and m.ts < s.ends_at and (m.contact_id = any ($4)) is true group by 1) as m
       where s.grain is null
    )
    select t.part, t.contact_id::text, sum(t.events), sum(t.amount), sum(t.weight)
    from (
      select w.parts[width_bucket(a.bucket, w.starts)] as part, chosen.contact_id, a.events, a.amount, a.weight
        from whole as w
        cross join unnest($4) as chosen (contact_id)
        cross join lateral (
          select a.bucket, %1$s from private.contact_activity as a
           where a.user_id = $1 and a.contact_id = chosen.contact_id and a.grain = $3 and a.bucket >= w.since and a.bucket < w.upto
           group by 1) as a
      union all
      select side.part, s.contact_id, side.sign * s.events, side.sign * s.amount, side.sign * s.weight from summed as s join side using (id)
    ) as t
    where t.contact_id <> all ($5)
    group by t.part, t.contact_id
    having sum(t.events) > 0', private.trend_sums(contact_parts.metric))
    using contact_parts.owner_id, contact_parts.bounds, contact_parts.top, contact_parts.contact_ids, v_hidden;
end;
$$;
comment on function private.contact_parts(uuid, timestamptz[], private.grain, text, uuid[]) is
  'A metric of these contacts of a person, as far as the caller may see them, per part between ascending bounds; parts without events are left out. Errors: those of private.activity_between.';
grant execute on function private.contact_parts(uuid, timestamptz[], private.grain, text, uuid[]) to authenticated;

-- Different contacts cannot be added up: they are counted from the events, after the smaller values were put together.
create function private.contact_trend(owner_id uuid, bounds timestamptz[], breakdown text, time_zone text, max_series integer)
returns table (part integer, key text, contacts bigint)
language plpgsql stable security definer
set search_path = '' set jit = off
as $$
declare
  v_hidden constant uuid[] := private.hidden_contacts(contact_trend.owner_id);
  v_is_own constant boolean := contact_trend.owner_id = (select auth.uid());
begin
  perform private.require_readable_owner(contact_trend.owner_id);
  return query
  with met as materialized (
    select distinct width_bucket(e.ts, contact_trend.bounds) as part, e.contact_id,
      case contact_trend.breakdown when 'type' then e.type when 'direction' then e.direction when 'status' then coalesce(e.status, 'unknown')
        when 'source' then e.source when 'line' then coalesce(case when v_is_own then e.line_id end::text, 'unknown')
        when 'hour' then date_part('hour', e.ts at time zone contact_trend.time_zone)::text
        when 'weekday' then date_part('isodow', e.ts at time zone contact_trend.time_zone)::text end as key
      from public.events as e
     where e.user_id = contact_trend.owner_id and e.contact_id is not null and e.contact_id <> all (v_hidden)
       and e.ts >= contact_trend.bounds[1] and e.ts < contact_trend.bounds[cardinality(contact_trend.bounds)]
  ),
  top as (
    select m.key from met as m group by m.key order by count(distinct m.contact_id) desc, m.key limit contact_trend.max_series
  ),
  folded as (
    select distinct m.part, m.contact_id, case when top.key is null then 'other' else m.key end as key
      from met as m left join top on top.key = m.key
  )
  select coalesce(f.part, 0), f.key, count(distinct f.contact_id) from folded as f group by grouping sets ((f.part, f.key), (f.key));
end;
$$;
comment on function private.contact_trend(uuid, timestamptz[], text, text, integer) is
  'How many different contacts the caller may see a person had events with, per part and value of an attribute, the values beyond max_series as other; part 0 is the whole period. Errors: those of private.activity_between.';
grant execute on function private.contact_trend(uuid, timestamptz[], text, text, integer) to authenticated;

create function private.trend_cells(owner_id uuid, bounds timestamptz[], top private.grain, metric text, breakdown text, time_zone text, contact_ids uuid[])
returns setof private.trend_cell
language plpgsql stable
set search_path = ''
as $$
begin
  if trend_cells.breakdown = 'none' then
    return query execute format('
      select a.part, null::text, %s from private.activity_between($1, $2, $3) as a group by a.part', private.trend_sums(trend_cells.metric))
      using trend_cells.owner_id, trend_cells.bounds, trend_cells.top;
  elsif trend_cells.breakdown = 'contact' then
    return query select * from private.contact_parts(trend_cells.owner_id, trend_cells.bounds, trend_cells.top, trend_cells.metric, trend_cells.contact_ids);
  elsif trend_cells.breakdown in ('hour', 'weekday') then
    return query select * from private.clock_between(trend_cells.owner_id, trend_cells.bounds, trend_cells.metric, trend_cells.breakdown, trend_cells.time_zone);
  else
    return query select * from private.parts_between(trend_cells.owner_id, trend_cells.bounds, trend_cells.top, trend_cells.metric, trend_cells.breakdown);
  end if;
end;
$$;
comment on function private.trend_cells(uuid, timestamptz[], private.grain, text, text, text, uuid[]) is
  'A metric per part and value of the breakdown (none: one value, null; contact: the named ones only). Errors: those of private.activity_between.';
grant execute on function private.trend_cells(uuid, timestamptz[], private.grain, text, text, text, uuid[]) to authenticated;

create type private.trend_value as (part integer, series integer, key text, value numeric);
comment on type private.trend_value is
  'A figure of one part of a period (0: all of it) and one series (key and number null: everything; number 0: other).';

-- What is beyond the largest series is what the whole has beyond them.
create function private.trend_values(owner_id uuid, bounds timestamptz[], top private.grain, metric text, breakdown text, time_zone text,
  max_series integer, keys text[])
returns setof private.trend_value
language plpgsql stable
set search_path = ''
as $$
declare
  v_starts_at constant timestamptz := trend_values.bounds[1];
  v_ends_at constant timestamptz := trend_values.bounds[cardinality(trend_values.bounds)];
  v_is_mean constant boolean := trend_values.metric = 'avg_call_duration_minutes';
  -- Contacts are the named ones only, and some events have none: what they leave is the rest of the whole.
  v_has_rest constant boolean := trend_values.breakdown in ('none', 'contact');
  v_keys text[] := trend_values.keys;
begin
  if trend_values.metric = 'unique_contacts' then
    return query
    select c.part, null::integer, null::text, c.contacts::numeric from private.contact_counts(trend_values.owner_id, trend_values.bounds, trend_values.top) as c
    union all
    select 0, null, null, count(*)::numeric from private.contacts_between(trend_values.owner_id, v_starts_at, v_ends_at);
    if trend_values.breakdown <> 'none' then
      return query
      select c.part, (case when c.key = 'other' then 0 else dense_rank() over (order by c.key) end)::integer, c.key, c.contacts::numeric
        from private.contact_trend(trend_values.owner_id, trend_values.bounds, trend_values.breakdown, trend_values.time_zone, trend_values.max_series) as c;
    end if;
    return;
  end if;

  if trend_values.breakdown = 'contact' and v_keys is null then
    v_keys := array(
      select c.contact_id::text from private.contacts_between(trend_values.owner_id, v_starts_at, v_ends_at, trend_values.metric) as c
       order by c.amount desc, c.contact_id limit trend_values.max_series);
  end if;
  return query
  with measured as materialized (
    select c.*, true as is_whole
      from private.trend_cells(trend_values.owner_id, trend_values.bounds, trend_values.top, trend_values.metric, 'none', trend_values.time_zone, null) as c
     where v_has_rest
    union all
    select c.*, false
      from private.trend_cells(trend_values.owner_id, trend_values.bounds, trend_values.top, trend_values.metric, trend_values.breakdown, trend_values.time_zone,
        case when trend_values.breakdown = 'contact' then v_keys::uuid[] end) as c
     where trend_values.breakdown <> 'none'
  ),
  chosen as materialized (
    select array_agg(best.key) as keys
      from (select m.key from measured as m
             where not m.is_whole and (v_keys is null or m.key = any (v_keys))
             group by m.key
            having sum(m.events) > 0
             order by sum(case when v_is_mean then m.weight else m.amount end) desc, m.key
             limit trend_values.max_series) as best
  ),
  judged as materialized (
    select m.part, m.events, m.amount, m.weight, m.is_whole,
      case when m.is_whole then 0 else coalesce(array_position(c.keys, m.key), 0) end as series
      from measured as m cross join chosen as c
  ),
  -- What adds up to everything: the series, and what is in none of them.
  line as (
    select j.part, j.series, j.events, j.amount, j.weight from judged as j where j.is_whole or j.series > 0 or not v_has_rest
    union all
    select j.part, 0, -j.events, -j.amount, -j.weight from judged as j where v_has_rest and j.series > 0
  )
  select coalesce(l.part, 0), l.series, case when l.series = 0 then 'other' else ((select c.keys from chosen as c))[l.series] end, case trend_values.metric
      when 'avg_call_duration_minutes' then round(sum(l.amount)::bigint / nullif(sum(l.weight), 0)::bigint::numeric / 60, 2)
      when 'total_call_duration_minutes' then round(sum(l.amount)::bigint / 60.0, 2) else sum(l.amount)::bigint::numeric end
    from line as l
   group by grouping sets ((l.part, l.series), (l.series), (l.part), ())
  having sum(l.events) > 0 and (trend_values.breakdown <> 'none' or grouping(l.series) = 1);
end;
$$;
comment on function private.trend_values(uuid, timestamptz[], private.grain, text, text, text, integer, text[]) is
  'The metric per part (0: the whole period) and series (key null: all events; other: those beyond the max_series largest, or beyond keys). Only what has events. Errors: those of private.activity_between.';
grant execute on function private.trend_values(uuid, timestamptz[], private.grain, text, text, text, integer, text[]) to authenticated;

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
  v_now private.trend_value[];
  v_then private.trend_value[];
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
    select row(v.part, v.series, v.key, v.value)::private.trend_value
      from private.trend_values(v_owner, private.cut_bounds(v_bounds, v_from, v_to), private.grain_for(get_trends.granularity), get_trends.metric,
        get_trends.breakdown, v_zone, v_max, null) as v);
  v_before := private.compared_period(v_from, v_to, get_trends.compare, v_zone);
  if v_before is not null then
    v_then := array(
      select row(v.part, v.series, v.key, v.value)::private.trend_value
        from private.trend_values(v_owner, array[lower(v_before), upper(v_before)], 'month', get_trends.metric, get_trends.breakdown, v_zone, 50,
          (select coalesce(array_agg(n.key), '{}') from unnest(v_now) as n where n.part = 0 and n.key <> 'other')) as v
       where v.part = 0);
  end if;

  return jsonb_build_object(
    'user_id', v_owner, 'metric', get_trends.metric, 'granularity', get_trends.granularity, 'breakdown', get_trends.breakdown,
    'from', v_from, 'to', v_to, 'time_zone', v_zone, 'is_additive', v_is_additive,
    'buckets', to_jsonb(private.time_buckets(v_bounds, v_from, v_to, v_zone)),
    'series', (
      with key as (
        select n.series, n.key, n.value from unnest(v_now) as n where n.part = 0 and n.key is not null
        union all
        select null, null, (select n.value from unnest(v_now) as n where n.part = 0 and n.key is null)
      ),
      line as (
        -- Every part of every series, and what is known of some: summed up, not joined.
        select filled.series, jsonb_agg(coalesce(filled.value, v_nothing) order by filled.part) as values
          from (select cell.series, cell.part, max(cell.value) as value
                  from (select n.series, n.part, n.value from unnest(v_now) as n where n.part > 0
                        union all
                        select k.series, i, null from key as k cross join generate_series(1, v_parts) as i) as cell
                 group by cell.series, cell.part) as filled
         group by filled.series
      )
      select jsonb_agg(jsonb_build_object(
          'key', k.key, 'label', coalesce(names.name, case when get_trends.breakdown <> 'contact' or k.key = 'other' then k.key end),
          'total', coalesce(k.value, v_nothing),
          'share_pct', case when v_is_additive then round(100 * k.value / nullif(w.value, 0), 1) end, 'values', line.values)
        || case when v_before is null then '{}' else jsonb_build_object('change', private.change_of(coalesce(k.value, v_nothing), coalesce(t.value,
          -- How many contacts the then smaller series had together is not known.
          case when get_trends.metric = 'unique_contacts' and k.key = 'other' then null else v_nothing end))) end
        -- Hours and weekdays in their order, anything else by size, what is left over last, then all of it.
        order by k.key is null, k.key = 'other', case when get_trends.breakdown in ('hour', 'weekday') and k.key <> 'other' then k.key::integer end,
          k.value desc nulls last, k.key)
        from key as k
        join line on line.series is not distinct from k.series
        cross join (select value from key where key is null) as w
        left join unnest(v_then) as t on t.key is not distinct from k.key and (get_trends.metric <> 'unique_contacts' or t.key is distinct from 'other')
        left join private.contact_names(v_owner, case when get_trends.breakdown = 'contact'
          then array(select n.key::uuid from unnest(v_now) as n where n.part = 0 and n.key <> 'other') end) as names
          on get_trends.breakdown = 'contact' and names.contact_id::text = k.key),
    'comparison', case when v_before is not null then jsonb_build_object('mode', get_trends.compare, 'from', lower(v_before), 'to', upper(v_before)) end,
    'generated_at', now());
end;
$$;
comment on function public.get_trends(text, timestamptz, timestamptz, text, text, integer, text, text, uuid) is
  'One metric over [starts_at, ends_at) in local buckets (granularity hour, day, week, month), split by breakdown (none, contact, type, direction, status, source, line, hour, weekday) into the max_series largest series and other, for the caller or a teammate (user_id) as the privacy rules allow: {buckets, series: [{key, label, total, share_pct, values, change?}], comparison}; the last series (key null) is all of it, and where is_additive the others sum to it in every bucket. Minutes for durations. Default: the last 30 local days. Errors: not_authenticated (401), validation_failed, range_invalid, range_too_large (400), role_insufficient (403), user_not_found (404).';
revoke execute on function public.get_trends(text, timestamptz, timestamptz, text, text, integer, text, text, uuid) from public, anon;
grant execute on function public.get_trends(text, timestamptz, timestamptz, text, text, integer, text, text, uuid) to authenticated;
