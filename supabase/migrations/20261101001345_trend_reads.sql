-- Reading one figure per part of a period and value of an attribute, from the roll-ups where they have it.

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
      select p.grain, p.starts_at, p.ends_at, array_agg(p.part) as parts, array_agg(p.sign) as signs
        from piece as p where p.grain is distinct from $3 group by p.grain, p.starts_at, p.ends_at
    ),
    sliver as (
      select unnest(s.parts) as part, unnest(s.signs) as sign, chosen.contact_id, a.*
        from span as s
        cross join unnest($4) as chosen (contact_id)
        cross join lateral (
          select %1$s from private.contact_activity as a
           where a.user_id = $1 and a.contact_id = chosen.contact_id and a.grain = s.grain
             and a.bucket >= s.starts_at and a.bucket < s.ends_at having count(*) > 0) as a
       where s.grain is not null
      union all
      select unnest(s.parts), unnest(s.signs), m.*
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
      select s.part, s.contact_id, s.sign * s.events, s.sign * s.amount, s.sign * s.weight from sliver as s
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
