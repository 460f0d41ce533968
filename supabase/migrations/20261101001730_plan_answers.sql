-- The answer to a plan, by its intent.

create function private.answer_figure(owner_id uuid, plan private.query_plan)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_plan constant private.query_plan := answer_figure.plan;
  v_first private.plan_group;
  v_second private.plan_group;
  v_cited uuid[];
begin
  if v_plan.metric in ('longest_duration', 'shortest_duration') and v_plan.intent = 'duration' then
    v_cited := private.plan_citations(answer_figure.owner_id, v_plan.filter, v_plan.metric);
    return jsonb_build_object('value', private.plan_events(answer_figure.owner_id, v_cited) #> '{0,duration}', 'citations', to_jsonb(v_cited),
      'total', (private.plan_value(answer_figure.owner_id, v_plan.filter, 'events')).events);
  end if;
  v_first := private.plan_value(answer_figure.owner_id, v_plan.filter, v_plan.metric);
  if v_plan.intent in ('count', 'duration') then
    return jsonb_build_object('value', v_first.value, 'total', v_first.events, 'citations', case when v_first.events > 0
      then to_jsonb(private.plan_citations(answer_figure.owner_id, v_plan.filter, v_plan.metric)) else '[]' end);
  end if;
  v_second := private.plan_value(answer_figure.owner_id, v_plan.other, v_plan.metric);
  if v_plan.intent = 'share' then
    return jsonb_build_object('value', round(100 * v_second.value / nullif(v_first.value, 0), 1), 'total', v_first.events,
      'values', jsonb_build_object('part', v_second.value, 'whole', v_first.value),
      'rows', jsonb_build_array(jsonb_build_object('part', v_second.value, 'whole', v_first.value)),
      'citations', case when v_second.events > 0 then to_jsonb(private.plan_citations(answer_figure.owner_id, v_plan.other, v_plan.metric)) else '[]' end);
  end if;
  -- Sides may overlap.
  v_cited := array(select distinct id from unnest(private.plan_citations(answer_figure.owner_id, v_plan.filter, v_plan.metric, 10)
    || private.plan_citations(answer_figure.owner_id, v_plan.other, v_plan.metric, 10)) as id);
  return jsonb_build_object('value', v_first.value - v_second.value, 'total', v_first.events,
    'values', jsonb_build_object('first', v_first.value, 'second', v_second.value,
      'change_pct', round(100 * (v_first.value - v_second.value) / nullif(v_second.value, 0), 1)),
    'rows', jsonb_build_array(jsonb_build_object('side', 1, 'value', v_first.value, 'events', v_first.events),
      jsonb_build_object('side', 2, 'value', v_second.value, 'events', v_second.events)),
    'citations', to_jsonb(private.newest_first(answer_figure.owner_id, v_cited)));
end;
$$;
comment on function private.answer_figure(uuid, private.query_plan) is 'Answers count, duration, compare (first minus second) and share (percent with one decimal; null of nothing).';
grant execute on function private.answer_figure(uuid, private.query_plan) to authenticated;

create function private.newest_first(owner_id uuid, ids uuid[])
returns uuid[]
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_ids uuid[];
begin
  execute format('select array_agg(v.id order by v.ts desc, v.id desc) from %s as v where v.user_id = $1 and v.id = any ($2)',
      case when newest_first.owner_id = (select auth.uid()) then 'public.events' else 'private.judged_events' end)
    into v_ids using newest_first.owner_id, newest_first.ids;
  return coalesce(v_ids, '{}');
end;
$$;
comment on function private.newest_first(uuid, uuid[]) is 'These events of a person, the newest first.';
grant execute on function private.newest_first(uuid, uuid[]) to authenticated;

create function private.answer_list(owner_id uuid, plan private.query_plan)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_plan constant private.query_plan := answer_list.plan;
  v_ids constant uuid[] := private.plan_hits(answer_list.owner_id, v_plan.filter,
    case v_plan.intent when 'last' then 'newest' when 'first' then 'oldest' else v_plan.sort end, v_plan.max_rows);
begin
  return jsonb_build_object('rows', private.plan_events(answer_list.owner_id, v_ids), 'citations', to_jsonb(v_ids[1:20]),
    'total', case when cardinality(v_ids) < v_plan.max_rows and v_plan.sort not in ('longest', 'shortest') then cardinality(v_ids)
      else (private.plan_value(answer_list.owner_id, v_plan.filter, 'events')).events end);
end;
$$;
comment on function private.answer_list(uuid, private.query_plan) is 'Answers list, last and first: events; total counts all that the filter leaves.';
grant execute on function private.answer_list(uuid, private.query_plan) to authenticated;

-- What the first row of a ranking is made of.
create function private.narrowed_filter(filter private.plan_filter, dimension text, key text, since timestamptz, upto timestamptz)
returns private.plan_filter
language plpgsql stable
set search_path = ''
as $$
declare
  v_filter private.plan_filter := narrowed_filter.filter;
begin
  case narrowed_filter.dimension
    when 'contact' then v_filter.contact_ids := array[narrowed_filter.key::uuid];
    when 'type' then v_filter.type := narrowed_filter.key;
    when 'direction' then v_filter.direction := narrowed_filter.key;
    when 'status' then v_filter.statuses := case when narrowed_filter.key = 'unknown' then v_filter.statuses else array[narrowed_filter.key] end;
    when 'source' then v_filter.source := narrowed_filter.key;
    when 'line' then v_filter.line_id := narrowed_filter.key::uuid;
    when 'hour' then v_filter.hours := coalesce(v_filter.hours, array[narrowed_filter.key::integer * 60, narrowed_filter.key::integer * 60 + 60]);
    when 'weekday' then v_filter.weekdays := array[narrowed_filter.key::integer];
    else
      v_filter.starts_at := greatest(v_filter.starts_at, narrowed_filter.since);
      v_filter.ends_at := least(v_filter.ends_at, narrowed_filter.upto);
  end case;
  return v_filter;
end;
$$;
comment on function private.narrowed_filter(private.plan_filter, text, text, timestamptz, timestamptz) is
  'The filter of one group of a ranking, for citations: a status that is not known and an hour of hours that are filtered already narrow nothing.';
grant execute on function private.narrowed_filter(private.plan_filter, text, text, timestamptz, timestamptz) to authenticated;

create function private.is_sum(metric text)
returns boolean
language sql immutable parallel safe
set search_path = ''
as $$
  select is_sum.metric in ('events', 'contacts', 'talk_time')
$$;
comment on function private.is_sum(text) is 'Whether nothing has 0 of it; a mean, median or extreme of nothing is null.';
grant execute on function private.is_sum(text) to authenticated;

create function private.answer_top(owner_id uuid, plan private.query_plan)
returns jsonb
language plpgsql stable
set search_path = '' set jit = off
as $$
declare
  v_plan constant private.query_plan := answer_top.plan;
  v_is_contact constant boolean := v_plan.dimension = 'contact';
  v_groups private.plan_group[];
  v_page private.plan_group[];
  v_rows jsonb;
begin
  v_groups := array(
    select g from private.plan_groups(answer_top.owner_id, v_plan.filter, v_plan.metric, v_plan.dimension) as g
     where case when private.is_sum(v_plan.metric) then g.value > 0 else g.value is not null end
       -- Of events on no line there is nothing to rank.
       and g.key is not null);
  v_page := array(
    select row(g.key, g.value, g.events)::private.plan_group
      from unnest(v_groups) as g
      left join private.contact_names(answer_top.owner_id, case when v_is_contact then array(select k.key::uuid from unnest(v_groups) as k) end) as c
        on v_is_contact and c.contact_id::text = g.key
     order by case v_plan.sort when 'least' then g.value else -g.value end, lower(c.name) collate "C", g.key collate "C" limit v_plan.max_rows);
  select jsonb_agg(jsonb_build_object('rank', g.position, 'value', g.value, 'events', g.events)
      || case when v_is_contact then jsonb_build_object('contact_id', g.key, 'name', c.name, 'number', c.number)
           when v_plan.dimension = 'line' then jsonb_build_object('key', g.key, 'name', l.name) else jsonb_build_object('key', g.key) end
      order by g.position)
    into v_rows
    from unnest(v_page) with ordinality as g (key, value, events, position)
    left join private.contact_labels(answer_top.owner_id, case when v_is_contact then array(select k.key::uuid from unnest(v_page) as k) end) as c
      on v_is_contact and c.contact_id::text = g.key
    left join public.lines as l on v_plan.dimension = 'line' and l.user_id = answer_top.owner_id and l.id::text = g.key;
  return jsonb_build_object('rows', coalesce(v_rows, '[]'), 'total', cardinality(v_groups), 'citations', case when cardinality(v_page) > 0
    then to_jsonb(private.plan_citations(answer_top.owner_id,
      private.narrowed_filter(v_plan.filter, v_plan.dimension, (v_page[1]).key, null, null), v_plan.metric)) else '[]' end);
end;
$$;
comment on function private.answer_top(uuid, private.query_plan) is
  'Answers top: groups by size, ties by name and key; groups without anything of a sum, events without a contact or on no line are in none.';
grant execute on function private.answer_top(uuid, private.query_plan) to authenticated;

create function private.plan_bounds(owner_id uuid, plan private.query_plan, max_buckets integer)
returns timestamptz[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_plan constant private.query_plan := plan_bounds.plan;
  v_from timestamptz := (v_plan.filter).starts_at;
  v_to constant timestamptz := coalesce((v_plan.filter).ends_at, date_trunc('minute', now()) + interval '1 minute');
  v_granularity text := v_plan.dimension;
  v_seconds numeric;
begin
  if v_from is null then
    v_from := (private.plan_events(plan_bounds.owner_id, private.plan_hits(plan_bounds.owner_id, v_plan.filter, 'oldest', 1)) -> 0 ->> 'ts')::timestamptz;
  end if;
  if v_from is null or v_from >= v_to then
    return array[]::timestamptz[];
  end if;
  v_seconds := extract(epoch from v_to - v_from);
  v_granularity := coalesce(v_granularity, case when v_seconds <= 92.1 * 86400 then 'day' when v_seconds <= 750 * 86400 then 'week' else 'month' end);
  if v_seconds > 36525.0 * 86400 or v_seconds / (case v_granularity when 'hour' then 3600 when 'day' then 86400 when 'week' then 604800
       when 'month' then 2592000 else 31536000 end) > plan_bounds.max_buckets then
    raise exception using errcode = 'PT400', message = 'range_too_large',
      detail = format('The period is over 100 years or has more than %s buckets: take a shorter one or larger buckets', plan_bounds.max_buckets);
  end if;
  return private.bucket_bounds(v_from, v_to, v_granularity, v_plan.time_zone, v_plan.week_start);
end;
$$;
comment on function private.plan_bounds(uuid, private.query_plan, integer) is
  'Starts of the local buckets of the plan''s dimension, and where the last ends; without a dimension, days up to 92 of them, weeks up to 750 days, else months. An open period begins with the first event of the filter and ends now; empty where it has none. Errors: range_too_large (400).';
grant execute on function private.plan_bounds(uuid, private.query_plan, integer) to authenticated;

create function private.answer_trend(owner_id uuid, plan private.query_plan)
returns jsonb
language plpgsql stable
set search_path = '' set jit = off
as $$
declare
  v_plan private.query_plan := answer_trend.plan;
  v_filter private.plan_filter := v_plan.filter;
  v_bounds constant timestamptz[] := private.plan_bounds(answer_trend.owner_id, v_plan, 4000);
  v_nothing constant numeric := case when private.is_sum(v_plan.metric) then 0 end;
  v_all private.plan_group;
  v_rows jsonb;
begin
  if cardinality(v_bounds) = 0 then
    return jsonb_build_object('value', v_nothing, 'rows', '[]'::jsonb, 'total', 0, 'citations', '[]'::jsonb);
  end if;
  v_filter.ends_at := coalesce(v_filter.ends_at, date_trunc('minute', now()) + interval '1 minute');
  v_all := private.plan_value(answer_trend.owner_id, v_filter, v_plan.metric);
  select jsonb_agg(bucket || jsonb_build_object('value', coalesce(g.value, v_nothing)) order by i)
    into v_rows
    -- The log begins somewhere: that is no cut.
    from unnest(private.time_buckets(v_bounds, coalesce(v_filter.starts_at, '-infinity'), v_filter.ends_at, v_plan.time_zone)) with ordinality as given (bucket, i)
    left join private.plan_groups(answer_trend.owner_id, v_filter, v_plan.metric, 'bucket', v_bounds) as g on g.key::integer = i;
  return jsonb_build_object('value', v_all.value, 'rows', v_rows, 'total', v_all.events, 'citations', case when v_all.events > 0
    then to_jsonb(private.plan_citations(answer_trend.owner_id, v_filter, v_plan.metric)) else '[]' end);
end;
$$;
comment on function private.answer_trend(uuid, private.query_plan) is
  'Answers trend: every bucket of the period, value of all of it. Errors: range_too_large (400).';
grant execute on function private.answer_trend(uuid, private.query_plan) to authenticated;

-- Which hours or weekdays could have had an event, so that the quietest one may have none.
create function private.possible_keys(plan private.query_plan)
returns setof text
language plpgsql immutable
set search_path = ''
as $$
declare
  v_filter constant private.plan_filter := (possible_keys.plan).filter;
begin
  if (possible_keys.plan).dimension = 'weekday' then
    return query select d::text from generate_series(1, 7) as d where v_filter.weekdays is null or d = any (v_filter.weekdays);
  elsif (possible_keys.plan).dimension = 'hour' then
    return query select h::text from generate_series(0, 23) as h
      where v_filter.hours is null or exists (
        select from generate_series(1, cardinality(v_filter.hours) / 2) as i
         where case when v_filter.hours[2 * i - 1] < v_filter.hours[2 * i] then v_filter.hours[2 * i - 1] < h * 60 + 60 and v_filter.hours[2 * i] > h * 60
           else v_filter.hours[2 * i - 1] < h * 60 + 60 or v_filter.hours[2 * i] > h * 60 end);
  end if;
end;
$$;
comment on function private.possible_keys(private.query_plan) is 'The hours or ISO weekdays that a plan''s filters let through.';
grant execute on function private.possible_keys(private.query_plan) to authenticated;

create function private.answer_busiest(owner_id uuid, plan private.query_plan)
returns jsonb
language plpgsql stable
set search_path = '' set jit = off
as $$
declare
  v_plan constant private.query_plan := answer_busiest.plan;
  v_filter private.plan_filter := v_plan.filter;
  v_is_clock constant boolean := v_plan.dimension in ('hour', 'weekday');
  v_bounds timestamptz[];
  v_groups private.plan_group[];
  v_fills boolean;
  v_first integer;
  v_rows jsonb;
  v_total bigint;
begin
  if v_is_clock then
    -- A time of which the period may hold none is not quiet.
    v_fills := coalesce(coalesce(v_filter.ends_at, now()) - v_filter.starts_at >= case v_plan.dimension when 'hour' then interval '25 hours' else interval '169 hours' end, true);
  else
    v_bounds := private.plan_bounds(answer_busiest.owner_id, v_plan, 36525);
    v_filter.ends_at := coalesce(v_filter.ends_at, date_trunc('minute', now()) + interval '1 minute');
    v_fills := v_plan.sort = 'least' and v_filter.weekdays is null;
    if cardinality(v_bounds) = 0 then
      return jsonb_build_object('rows', '[]'::jsonb, 'total', 0, 'citations', '[]'::jsonb);
    end if;
  end if;
  v_groups := array(
    select g from private.plan_groups(answer_busiest.owner_id, v_filter, v_plan.metric, case when v_is_clock then v_plan.dimension else 'bucket' end, v_bounds) as g
     where g.value is not null);
  with every as (
    select k.key::integer as key, coalesce(g.value, 0) as value, coalesce(g.events, 0) as events
      from (select possible.key from private.possible_keys(v_plan) as possible (key) where v_is_clock
            union all
            select i::text from generate_series(1, cardinality(v_bounds) - 1) as i where not v_is_clock) as k
      left join unnest(v_groups) as g on g.key = k.key
     where g.key is not null or (v_fills and private.is_sum(v_plan.metric) and cardinality(v_groups) > 0)
  ),
  ranked as (
    select e.*, row_number() over (order by case v_plan.sort when 'least' then e.value else -e.value end, e.key) as position,
        count(*) over () as total
      from every as e
     where not private.is_sum(v_plan.metric) or e.value > 0 or v_fills
  )
  select jsonb_agg(jsonb_build_object('rank', r.position, 'value', r.value, 'events', r.events,
      'key', case when v_is_clock then to_jsonb(r.key) else (private.time_buckets(v_bounds[r.key:r.key + 1], '-infinity', 'infinity', v_plan.time_zone))[1] -> 'time_bucket' end) order by r.position),
    max(r.total), max(r.key) filter (where r.position = 1)
    into v_rows, v_total, v_first
    from ranked as r where r.position <= v_plan.max_rows;
  return jsonb_build_object('rows', coalesce(v_rows, '[]'), 'total', coalesce(v_total, 0), 'citations', case when v_first is not null
    then to_jsonb(private.plan_citations(answer_busiest.owner_id,
      private.narrowed_filter(v_filter, v_plan.dimension, v_first::text, v_bounds[v_first], v_bounds[v_first + 1]), v_plan.metric)) else '[]' end);
end;
$$;
comment on function private.answer_busiest(uuid, private.query_plan) is
  'Answers busiest: times by size, ties by time. Hours and weekdays come with those that have nothing where the period holds each, days and longer ones where the least is asked for. Errors: range_too_large (400).';
grant execute on function private.answer_busiest(uuid, private.query_plan) to authenticated;

-- A call is returned by anything that the side that was called did later, and by any later call that was answered. That is
-- looked for in all of the log, whatever the question is narrowed to.
create function private.answer_unreturned(owner_id uuid, plan private.query_plan)
returns jsonb
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
declare
  v_plan constant private.query_plan := answer_unreturned.plan;
  v_filter private.plan_filter := v_plan.filter;
  v_is_own constant boolean := answer_unreturned.owner_id = (select auth.uid());
  v_relation constant text := case when v_is_own then 'public.events' else 'private.judged_events' end;
  v_is_last constant text := '(select e.ts from %1$s as e where e.user_id = $1 and %2$s and e.ts > m.first_at
    and (e.direction <> $3 or (e.type = ''call'' and e.status = ''answered'')) order by e.ts desc limit 1)';
  v_rows jsonb;
  v_total bigint;
begin
  v_filter.type := 'call';
  v_filter.direction := coalesce(v_filter.direction, 'inbound');
  v_filter.statuses := coalesce(v_filter.statuses, case v_filter.direction when 'inbound' then '{missed,voicemail}'::text[] else '{missed,declined,voicemail,blocked}' end);
  execute format('
    with missed as materialized (
      select v.contact_id, null::text as number, array_agg(v.ts order by v.ts desc, v.id desc) as times, array_agg(v.id order by v.ts desc, v.id desc) as ids,
        min(v.ts) as first_at
        from %1$s as v where %2$s and v.contact_id is not null group by 1
      union all
      select null, v.number, array_agg(v.ts order by v.ts desc, v.id desc), array_agg(v.id order by v.ts desc, v.id desc), min(v.ts)
        from %1$s as v where %2$s and v.contact_id is null and v.number is not null group by 2
    ),
    open as (
      select m.contact_id, m.number, m.times[1] as last_missed_at, m.ids[1] as event_id,
        (select count(*) from unnest(m.times) as t (at) where r.returned_at is null or t.at >= r.returned_at) as missed_calls
        from missed as m
        cross join lateral (select case when m.contact_id is not null then %3$s else %4$s end as returned_at) as r
       where r.returned_at is null or m.times[1] >= r.returned_at
    ),
    page as (select *, row_number() over (order by last_missed_at desc, event_id desc) as position, count(*) over () as total from open)
    select jsonb_agg(jsonb_build_object(''contact_id'', p.contact_id, ''name'', c.name, ''number'', coalesce(p.number, v.number),
        ''missed_calls'', p.missed_calls, ''last_missed_at'', p.last_missed_at, ''event_id'', p.event_id) order by p.position), max(p.total)
      from page as p
      join %1$s as v on v.user_id = $1 and v.id = p.event_id
      left join public.contacts as c on c.user_id = $1 and c.id = p.contact_id
     where p.position <= $4',
    v_relation, private.plan_conditions(v_filter, v_is_own), format(v_is_last, v_relation, 'e.contact_id = m.contact_id'),
    format(v_is_last, v_relation, case when v_is_own then 'e.contact_id is null and e.number = m.number' else 'e.contact_id is null and e.number = m.number and e.raw_number = m.number' end))
    into v_rows, v_total using answer_unreturned.owner_id, v_filter, v_filter.direction, v_plan.max_rows;
  return jsonb_build_object('rows', coalesce(v_rows, '[]'), 'total', coalesce(v_total, 0),
    'citations', coalesce((select jsonb_agg(one -> 'event_id' order by i) from jsonb_array_elements(v_rows) with ordinality as r (one, i) where i <= 20), '[]'));
end;
$$;
comment on function private.answer_unreturned(uuid, private.query_plan) is
  'Answers unreturned, the latest first: who called (inbound: missed, voicemail) or was called (outbound: missed, declined, voicemail, blocked) in the period and has had nothing back since. missed_calls counts those of the period since the last return.';
grant execute on function private.answer_unreturned(uuid, private.query_plan) to authenticated;

-- What other functions answer, in the shape of an answer.
create function private.answer_profile(owner_id uuid, plan private.query_plan)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_filter constant private.plan_filter := (answer_profile.plan).filter;
  v_profile jsonb;
begin
  v_profile := public.get_contact_intelligence(v_filter.contact_ids[1], v_filter.starts_at, v_filter.ends_at, (answer_profile.plan).time_zone);
  if (v_profile #>> '{contact,user_id}')::uuid is distinct from answer_profile.owner_id then
    raise exception using errcode = 'PT404', message = 'contact_not_found', detail = 'No such contact';
  end if;
  return jsonb_build_object('values', v_profile - 'contact' - 'generated_at', 'rows', jsonb_build_array(v_profile -> 'contact'), 'total', 1,
    'citations', to_jsonb(private.plan_hits(answer_profile.owner_id, v_filter, 'newest', 20)));
end;
$$;
comment on function private.answer_profile(uuid, private.query_plan) is
  'Answers profile by public.get_contact_intelligence: the contact as the row, the figures as values. Errors: contact_not_found (404), range_too_large (400).';
grant execute on function private.answer_profile(uuid, private.query_plan) to authenticated;

create function private.answer_predict(owner_id uuid, plan private.query_plan)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_plan constant private.query_plan := answer_predict.plan;
  v_ids constant uuid[] := (v_plan.filter).contact_ids;
  v_answer jsonb;
  v_rows jsonb := jsonb_build_array();
  v_id uuid;
begin
  if v_ids is null then
    v_answer := public.predict_interactions(horizon => coalesce(v_plan.horizon_days, 7), time_zone => v_plan.time_zone, max_rows => v_plan.max_rows);
    return jsonb_build_object('rows', v_answer -> 'predictions', 'total', v_answer -> 'total',
      'values', v_answer - '{predictions,has_more,total,total_is_estimate,generated_at}'::text[]);
  end if;
  foreach v_id in array v_ids loop
    if private.readable_contact_owner(v_id) <> answer_predict.owner_id then
      raise exception using errcode = 'PT404', message = 'contact_not_found', detail = 'No such contact';
    end if;
    v_answer := public.predict_interactions(horizon => coalesce(v_plan.horizon_days, 7), contact_id => v_id, time_zone => v_plan.time_zone);
    v_rows := v_rows || (v_answer -> 'predictions');
  end loop;
  return jsonb_build_object('value', case when cardinality(v_ids) = 1 then v_rows #> '{0,probability}' end,
    'rows', (select coalesce(jsonb_agg(one order by (one ->> 'probability')::numeric desc, one ->> 'contact_id'), '[]') from jsonb_array_elements(v_rows) as one),
    'total', jsonb_array_length(v_rows), 'values', v_answer - '{predictions,has_more,total,total_is_estimate,generated_at}'::text[]);
end;
$$;
comment on function private.answer_predict(uuid, private.query_plan) is
  'Answers predict by public.predict_interactions: predictions as rows, value the probability (0 to 1) when one contact was named, overdue and drifting among the values. Errors: contact_not_found (404).';
grant execute on function private.answer_predict(uuid, private.query_plan) to authenticated;

create function private.answer_health(plan private.query_plan)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_plan constant private.query_plan := answer_health.plan;
  v_to constant timestamptz := coalesce((v_plan.filter).ends_at, case when (v_plan.filter).starts_at is not null then date_trunc('minute', now()) + interval '1 minute' end);
  -- These functions look at 400 days at most.
  v_from constant timestamptz := greatest((v_plan.filter).starts_at, v_to - interval '400 days');
  v_answer jsonb;
begin
  if v_plan.intent = 'gaps' then
    v_answer := public.detect_data_gaps(case when (v_plan.filter).starts_at is not null then v_from end, v_to, v_plan.time_zone);
    v_answer := v_answer || jsonb_build_object('gaps', (select coalesce(jsonb_agg(g order by g ->> 'start', g ->> 'channel'), '[]')
      from jsonb_array_elements(v_answer -> 'gaps') as g where (v_plan.filter).type is null or g ->> 'channel' in ('all', (v_plan.filter).type)));
    return jsonb_build_object('rows', (select coalesce(jsonb_agg(g order by i), '[]') from jsonb_array_elements(v_answer -> 'gaps') with ordinality as r (g, i) where i <= v_plan.max_rows),
      'total', jsonb_array_length(v_answer -> 'gaps'),
      'values', v_answer - 'gaps' - 'generated_at' || jsonb_build_object('verdicts', (
        select jsonb_object_agg(v.verdict, (select count(*) from jsonb_array_elements(v_answer -> 'gaps') as g where g ->> 'verdict' = v.verdict))
          from unnest(array['proven', 'suspected', 'quiet']) as v (verdict))),
      'warnings', case when v_from > (v_plan.filter).starts_at then jsonb_build_array(jsonb_build_object('code', 'period_cut', 'starts_at', v_from, 'ends_at', v_to)) else '[]' end);
  end if;
  v_answer := public.score_data_quality(case when (v_plan.filter).starts_at is not null then v_from end, v_to, v_plan.time_zone);
  return jsonb_build_object('value', v_answer #> '{overall,score}',
    'rows', (select jsonb_agg(jsonb_build_object('name', c.key) || c.value order by c.key) from jsonb_each(v_answer -> 'components') as c),
    'total', (select count(*) from jsonb_each(v_answer -> 'components')), 'values', v_answer - 'components' - 'generated_at',
    'warnings', case when v_from > (v_plan.filter).starts_at then jsonb_build_array(jsonb_build_object('code', 'period_cut', 'starts_at', v_from, 'ends_at', v_to)) else '[]' end);
end;
$$;
comment on function private.answer_health(private.query_plan) is
  'Answers gaps (by public.detect_data_gaps) and quality (by public.score_data_quality, value the overall score, 0 to 1) of the caller''s own data; of a longer period its last 400 days, with the warning period_cut.';
grant execute on function private.answer_health(private.query_plan) to authenticated;

create function private.answer_plan(owner_id uuid, plan private.query_plan)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_plan private.query_plan := answer_plan.plan;
begin
  v_plan.filter := private.find_plan_contacts(answer_plan.owner_id, v_plan.filter);
  v_plan.other := case when v_plan.intent in ('compare', 'share') then private.find_plan_contacts(answer_plan.owner_id, v_plan.other) end;
  return case
    when v_plan.intent in ('count', 'duration', 'compare', 'share') then private.answer_figure(answer_plan.owner_id, v_plan)
    when v_plan.intent in ('list', 'last', 'first') then private.answer_list(answer_plan.owner_id, v_plan)
    when v_plan.intent = 'top' then private.answer_top(answer_plan.owner_id, v_plan)
    when v_plan.intent = 'busiest' then private.answer_busiest(answer_plan.owner_id, v_plan)
    when v_plan.intent = 'trend' then private.answer_trend(answer_plan.owner_id, v_plan)
    when v_plan.intent = 'unreturned' then private.answer_unreturned(answer_plan.owner_id, v_plan)
    when v_plan.intent = 'profile' then private.answer_profile(answer_plan.owner_id, v_plan)
    when v_plan.intent = 'predict' then private.answer_predict(answer_plan.owner_id, v_plan)
    else private.answer_health(v_plan) end;
end;
$$;
comment on function private.answer_plan(uuid, private.query_plan) is
  'Answers a plan: those of value, values, rows, total, citations and warnings that its intent has. Reads with the rights of whoever calls.';
grant execute on function private.answer_plan(uuid, private.query_plan) to authenticated;

create function private.answer_teammate_plan(owner_id uuid, plan private.query_plan)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform private.require_readable_owner(answer_teammate_plan.owner_id);
  -- What no teammate is ever shown: said of every plan that asks for it, so it tells nothing of the person.
  if ((answer_teammate_plan.plan).filter).tag is not null or ((answer_teammate_plan.plan).filter).line_id is not null
     or (answer_teammate_plan.plan).dimension = 'line' or (answer_teammate_plan.plan).intent in ('gaps', 'quality')
     or ((answer_teammate_plan.plan).intent = 'predict' and ((answer_teammate_plan.plan).filter).contact_ids is null) then
    raise exception using errcode = 'PT403', message = 'not_permitted',
      detail = 'Tags, lines, gaps, data quality and predictions over all contacts are asked of one''s own data only';
  end if;
  return private.answer_plan(answer_teammate_plan.owner_id, answer_teammate_plan.plan);
end;
$$;
comment on function private.answer_teammate_plan(uuid, private.query_plan) is
  'private.answer_plan of what a teammate''s rules show to the caller: what is masked matches no filter, and a private contact is none. Errors: not_permitted (403), those of private.require_readable_owner.';
grant execute on function private.answer_teammate_plan(uuid, private.query_plan) to authenticated;

create function private.gap_warnings(filter private.plan_filter)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_from constant timestamptz := (gap_warnings.filter).starts_at;
  v_to constant timestamptz := least((gap_warnings.filter).ends_at, date_trunc('minute', now()) + interval '1 minute');
  c_min_hours constant integer := 6;
begin
  if v_from is null or v_from >= v_to or v_to - v_from > interval '400 days' then
    return jsonb_build_array();
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('code', 'data_gap', 'starts_at', g -> 'start', 'ends_at', g -> 'end', 'verdict', g -> 'verdict', 'channel', g -> 'channel')
      order by g ->> 'start', g ->> 'channel'), '[]')
      from jsonb_array_elements(private.find_gaps(row(v_from, v_to, (gap_warnings.filter).time_zone),
        array(select s from private.silences(v_from, v_to, (gap_warnings.filter).time_zone, c_min_hours - 1) as s), c_min_hours, false)) as g
     where ((gap_warnings.filter).type is null or g ->> 'channel' in ('all', (gap_warnings.filter).type)));
end;
$$;
comment on function private.gap_warnings(private.plan_filter) is
  'The proven and suspected gaps of the caller''s data in the filter''s period, as warnings; of an open period and one over 400 days none are looked for.';
grant execute on function private.gap_warnings(private.plan_filter) to authenticated;

create function public.run_query_plan(plan jsonb, user_id uuid default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_owner constant uuid := coalesce(run_query_plan.user_id, (select auth.uid()));
  v_is_own constant boolean := v_owner = (select auth.uid());
  v_plan private.query_plan;
  v_answer jsonb;
  v_warnings jsonb := jsonb_build_array();
begin
  perform private.require_scope('nlq:query');
  perform private.require_readable_owner(v_owner);
  v_plan := private.read_plan(run_query_plan.plan);
  v_answer := case when v_is_own then private.answer_plan(v_owner, v_plan) else private.answer_teammate_plan(v_owner, v_plan) end;
  if v_is_own and v_plan.intent in ('count', 'duration', 'trend', 'compare', 'share', 'top', 'busiest') then
    v_warnings := private.gap_warnings(v_plan.filter);
    if v_plan.intent = 'compare' and ((v_plan.other).starts_at, (v_plan.other).ends_at) is distinct from ((v_plan.filter).starts_at, (v_plan.filter).ends_at) then
      v_warnings := v_warnings || private.gap_warnings(v_plan.other);
    end if;
  end if;
  return jsonb_build_object('value', null, 'values', '{}'::jsonb, 'rows', '[]'::jsonb, 'total', 0, 'citations', '[]'::jsonb, 'warnings', v_warnings) || v_answer;
end;
$$;
comment on function public.run_query_plan(jsonb, uuid) is
  'Answers a plan {intent, metric, dimension, filters, starts_at, ends_at, time_zone, week_start, compare, part, sort, limit, horizon_days}, of which every key is there, from the log of the caller or of a teammate (user_id) as the privacy rules allow: {value (events, contacts, seconds, percent; first minus second of a comparison; else null), values, rows, total, citations [event ids, at most 20, newest first or as listed], warnings [{code, starts_at, ends_at, …}]}. Periods are half-open, null is open; lists hold alternatives and filter nothing when empty. rows: events of list, last, first; {rank, contact_id, name, number | key, value, events} of top; {rank, key (hour 0-23, ISO weekday, local start), value, events} of busiest; {time_bucket, value, is_partial} of trend; {side, value, events} of compare; {part, whole} of share; {contact_id, name, number, missed_calls, last_missed_at, event_id} of unreturned; of profile, predict, gaps and quality what those functions say. At most limit rows (200), 4,000 buckets. Errors: not_authenticated (401), validation_failed, range_invalid, range_too_large (400), role_insufficient, not_permitted (403), user_not_found, contact_not_found (404).';
revoke execute on function public.run_query_plan(jsonb, uuid) from public, anon;
grant execute on function public.run_query_plan(jsonb, uuid) to authenticated;
