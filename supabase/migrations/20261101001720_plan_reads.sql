-- Reading the log. The functions below read with the rights of whoever calls: one's own events under row-level security;
-- a teammate's in private.answer_teammate_plan, which checks the caller.

create function private.find_plan_contacts(owner_id uuid, filter private.plan_filter)
returns private.plan_filter
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_filter private.plan_filter := find_plan_contacts.filter;
  v_hidden constant uuid[] := private.hidden_contacts(find_plan_contacts.owner_id);
begin
  perform private.require_readable_owner(find_plan_contacts.owner_id);
  v_filter.contact_ids := private.shown_contacts(find_plan_contacts.owner_id, v_filter.contact_ids);
  v_filter.number := private.shown_number(find_plan_contacts.owner_id, v_filter.number);
  if v_filter.company is not null or v_filter.tag is not null then
    v_filter.contact_ids := array(
      select c.id from public.contacts as c
       where c.user_id = find_plan_contacts.owner_id and c.id <> all (v_hidden)
         and (v_filter.contact_ids is null or c.id = any (v_filter.contact_ids))
         and (v_filter.company is null or private.fold(c.company) = private.fold(v_filter.company))
         and (v_filter.tag is null or (find_plan_contacts.owner_id = (select auth.uid())
           and exists (select from unnest(c.tags) as t (tag) where private.fold(t.tag) = private.fold(v_filter.tag)))));
  end if;
  if v_filter.is_known is not null then
    v_filter.known_ids := array(
      select c.id from public.contacts as c where c.user_id = find_plan_contacts.owner_id and c.name is not null and c.id <> all (v_hidden));
  end if;
  return v_filter;
end;
$$;
comment on function private.find_plan_contacts(uuid, private.plan_filter) is
  'The filter with the contacts of its company and tag (whole values, without case and accents), and those with a name where that matters; a contact or number that is hidden from the caller is replaced as in private.shown_filter. Errors: those of private.require_readable_owner.';
grant execute on function private.find_plan_contacts(uuid, private.plan_filter) to authenticated;

create function private.matching_texts(owner_id uuid, filter private.plan_filter)
returns setof uuid
language plpgsql stable security definer rows 100
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_hidden constant uuid[] := private.hidden_contacts(matching_texts.owner_id);
  v_is_own constant boolean := matching_texts.owner_id = (select auth.uid());
begin
  perform private.require_readable_owner(matching_texts.owner_id);
  return query
  select t.event_id from private.event_texts as t
   where t.user_id = matching_texts.owner_id and t.words @@ (matching_texts.filter).words
     and ((matching_texts.filter).starts_at is null or t.ts >= (matching_texts.filter).starts_at)
     and ((matching_texts.filter).ends_at is null or t.ts < (matching_texts.filter).ends_at)
     and (v_is_own or t.contact_id in (
       select r.contact_id from public.privacy_rules as r
        where r.user_id = matching_texts.owner_id and not r.mask_content and r.contact_id <> all (v_hidden)));
end;
$$;
comment on function private.matching_texts(uuid, private.plan_filter) is
  'The events of a person in the filter''s period whose text, as far as the caller may read it, has the filter''s words. Errors: those of private.require_readable_owner.';
grant execute on function private.matching_texts(uuid, private.plan_filter) to authenticated;

-- Only what is given becomes a condition, so that each shape gets a plan of its own.
create function private.plan_conditions(filter private.plan_filter, is_own boolean)
returns text
language sql immutable parallel safe
set search_path = ''
as $$
  select concat_ws(' and ', 'v.user_id = $1',
    case when (plan_conditions.filter).is_void then 'false' end,
    case when (plan_conditions.filter).starts_at is not null then 'v.ts >= ($2).starts_at' end,
    case when (plan_conditions.filter).ends_at is not null then 'v.ts < ($2).ends_at' end,
    case when (plan_conditions.filter).contact_ids is not null then 'v.contact_id = any (($2).contact_ids)' end,
    case when (plan_conditions.filter).number is not null then 'v.number = ($2).number' end,
    -- As in private.event_conditions: the raw one finds the rows that the first one judges.
    case when (plan_conditions.filter).number is not null and not plan_conditions.is_own then 'v.raw_number = ($2).number' end,
    case when (plan_conditions.filter).type is not null then 'v.type = ($2).type' end,
    case when (plan_conditions.filter).direction is not null then 'v.direction = ($2).direction' end,
    case when (plan_conditions.filter).statuses is not null then 'v.status = any (($2).statuses)' end,
    case when (plan_conditions.filter).min_seconds is not null then 'v.duration >= ($2).min_seconds' end,
    case when (plan_conditions.filter).max_seconds is not null then 'v.duration <= ($2).max_seconds' end,
    case when (plan_conditions.filter).source is not null then 'v.source = ($2).source' end,
    case when (plan_conditions.filter).line_id is not null then 'v.line_id = ($2).line_id' end,
    case when (plan_conditions.filter).without_ids is not null then '(v.contact_id = any (($2).without_ids)) is not true' end,
    case (plan_conditions.filter).is_known when true then 'v.contact_id = any (($2).known_ids)'
      when false then '(v.contact_id = any (($2).known_ids)) is not true' end,
    case when (plan_conditions.filter).words is not null then 'v.content is not null and v.id in (select private.matching_texts($1, $2))' end,
    case when (plan_conditions.filter).weekdays is not null then
      'date_part(''isodow'', v.ts at time zone ($2).time_zone) = any (($2).weekdays)' end,
    (select '(' || string_agg(format(
        case when (plan_conditions.filter).hours[2 * i - 1] < (plan_conditions.filter).hours[2 * i]
          then '(v.ts at time zone ($2).time_zone)::time >= %1$s and (v.ts at time zone ($2).time_zone)::time < %2$s'
          -- Over midnight.
          else '((v.ts at time zone ($2).time_zone)::time >= %1$s or (v.ts at time zone ($2).time_zone)::time < %2$s)' end,
        format('make_time(($2).hours[%1$s] / 60, ($2).hours[%1$s] %% 60, 0)', 2 * i - 1),
        format('make_time(($2).hours[%1$s] / 60, ($2).hours[%1$s] %% 60, 0)', 2 * i)), ' or ' order by i) || ')'
       from generate_series(1, cardinality((plan_conditions.filter).hours) / 2) as i))
$$;
comment on function private.plan_conditions(private.plan_filter, boolean) is
  'A filter as a condition on v (public.events, private.own_events or private.judged_events) with $1 the owner and $2 the filter.';
grant execute on function private.plan_conditions(private.plan_filter, boolean) to authenticated;

create type private.plan_group as (key text, value numeric, events bigint);
comment on type private.plan_group is 'A group of events: its key (null: all of them), what was measured, how many they are.';

-- The sums of days answer what is asked of no contact, number, duration, hour or text.
create function private.plan_parts(owner_id uuid, filter private.plan_filter, metric text, dimension text, bounds timestamptz[])
returns setof private.plan_group
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
declare
  v_filter constant private.plan_filter := plan_parts.filter;
  v_hidden constant uuid[] := private.hidden_contacts(plan_parts.owner_id);
  v_is_own constant boolean := plan_parts.owner_id = (select auth.uid());
  v_last constant integer := cardinality(plan_parts.bounds);
  v_bounds timestamptz[] := plan_parts.bounds;
  v_of_day constant text := case plan_parts.dimension when 'type' then 'd.type' when 'direction' then 'd.direction' when 'status' then 'd.status'
    when 'source' then 'd.source' when 'line' then 'nullif(d.line_id, ''00000000-0000-0000-0000-000000000000'')::text' else 'null::text' end;
  v_of_event constant text := case plan_parts.dimension when 'type' then 'm.type' when 'direction' then 'm.direction'
    when 'status' then 'coalesce(m.status, ''unknown'')' when 'source' then 'm.source' when 'line' then 'm.line_id::text' else 'null::text' end;
  -- d and m name these columns alike.
  v_where constant text := concat_ws(' and ',
    case when v_filter.type is not null then '%1$s.type = ($2).type' end,
    case when v_filter.direction is not null then '%1$s.direction = ($2).direction' end,
    case when v_filter.statuses is not null then '%1$s.status = any (($2).statuses)' end,
    case when v_filter.source is not null then '%1$s.source = ($2).source' end,
    case when v_filter.line_id is not null then '%1$s.line_id = ($2).line_id' end,
    case when v_filter.is_void then 'false' end, 'true');
begin
  perform private.require_readable_owner(plan_parts.owner_id);
  if not v_is_own and (v_filter.line_id is not null or plan_parts.dimension = 'line') then
    return;
  end if;
  if v_bounds is null then
    v_bounds := array[coalesce(v_filter.starts_at, timestamptz '1900-01-01 00:00:00+00'), coalesce(v_filter.ends_at, timestamptz '2200-01-01 00:00:00+00')];
  else
    v_bounds[1] := greatest(v_bounds[1], v_filter.starts_at);
    v_bounds[v_last] := least(v_bounds[v_last], v_filter.ends_at);
  end if;
  return query execute format('
    with piece as (select * from private.pieces_of($3, ''day'', ''day'')),
    -- A sliver belongs to the parts on both its sides: it is read once.
    span as materialized (
      select p.grain, p.starts_at, p.ends_at, array_agg(p.part) as parts, array_agg(p.sign) as signs from piece as p group by 1, 2, 3
    ),
    summed as (
      select s.parts, s.signs, d.*
        from span as s
        cross join lateral (
          select %1$s as key, sum(d.events) as events, sum(d.talk_seconds) as talk_seconds,
            coalesce(sum(d.talk_seconds) filter (where d.status = ''answered''), 0) as answered_seconds, sum(d.answered_timed) as answered_timed
            from private.activity_parts as d
           where d.user_id = $1 and d.day >= s.starts_at and d.day < s.ends_at and ($4 or not d.is_private) and %2$s
           group by 1) as d
       where s.grain = ''day''
      union all
      select s.parts, s.signs, e.*
        from span as s
        cross join lateral (
          select %3$s, count(*), sum(m.talk_seconds), sum(m.answered_seconds), sum(m.answered_timed)
            from private.event_measures as m
           where m.user_id = $1 and m.ts >= s.starts_at and m.ts < s.ends_at and (m.contact_id = any ($5)) is not true and %4$s
           group by 1) as e
       where s.grain is null
    )
    select case when $6 then side.part::text else t.key end,
      %5$s, sum(side.sign * t.events)::bigint
    from summed as t cross join lateral unnest(t.parts, t.signs) as side (part, sign)
    group by 1
    having sum(side.sign * t.events) > 0', v_of_day, format(v_where, 'd'), v_of_event, format(v_where, 'm'),
    case plan_parts.metric when 'events' then 'sum(side.sign * t.events)::numeric' when 'talk_time' then 'sum(side.sign * t.talk_seconds)::numeric'
      else 'trim_scale(round(sum(side.sign * t.answered_seconds)::numeric / nullif(sum(side.sign * t.answered_timed), 0), 2))' end)
    using plan_parts.owner_id, v_filter, v_bounds, v_is_own, v_hidden, plan_parts.dimension is not distinct from 'bucket';
end;
$$;
comment on function private.plan_parts(uuid, private.plan_filter, text, text, timestamptz[]) is
  'private.plan_groups of events, talk_time or average_duration in all, per part of bounds of a day or more, or per type, direction, status, source or line, for a filter by these and by period; exact, from the roll-up of days. Errors: those of private.require_readable_owner.';
grant execute on function private.plan_parts(uuid, private.plan_filter, text, text, timestamptz[]) to authenticated;

create function private.is_within(hours integer[], minute integer)
returns boolean
language sql immutable parallel safe
set search_path = ''
as $$
  select exists (
    select from generate_series(1, cardinality(is_within.hours) / 2) as i
     where case when is_within.hours[2 * i - 1] < is_within.hours[2 * i]
       then is_within.minute >= is_within.hours[2 * i - 1] and is_within.minute < is_within.hours[2 * i]
       else is_within.minute >= is_within.hours[2 * i - 1] or is_within.minute < is_within.hours[2 * i] end)
$$;
comment on function private.is_within(integer[], integer) is 'Whether a minute of the day lies in one of the stretches of private.plan_filter.hours.';
grant execute on function private.is_within(integer[], integer) to authenticated;

-- Which roll-up answers a question, if one does.
create function private.plan_route(filter private.plan_filter, metric text, dimension text, bounds timestamptz[])
returns text
language plpgsql immutable
set search_path = ''
as $$
declare
  v_rest private.plan_filter := plan_route.filter;
  v_is_sum constant boolean := plan_route.metric in ('events', 'talk_time', 'average_duration');
  v_is_plain boolean;
begin
  v_rest.starts_at := null; v_rest.ends_at := null; v_rest.time_zone := null; v_rest.type := null;
  v_is_plain := v_rest is null;
  v_rest.weekdays := null; v_rest.hours := null;
  if v_rest is null and plan_route.metric = 'events' and (plan_route.dimension in ('hour', 'weekday') or (plan_route.dimension is null and not v_is_plain))
     and not exists (select from unnest((plan_route.filter).hours) as minute where minute % 60 <> 0) then
    return 'clock';
  elsif v_is_plain and plan_route.metric = 'median_duration' and plan_route.dimension is null and (plan_route.filter).type = 'call' then
    return 'median';
  elsif v_is_plain and plan_route.metric = 'contacts' and plan_route.dimension = 'bucket' and (plan_route.filter).type is null then
    return 'contacts';
  end if;
  v_rest.direction := null; v_rest.statuses := null; v_rest.source := null; v_rest.line_id := null; v_rest.is_void := null;
  if v_rest is null and v_is_sum and (plan_route.filter).hours is null and (plan_route.filter).weekdays is null
     and (coalesce(plan_route.dimension, 'type') in ('type', 'direction', 'status', 'source', 'line')
       or (plan_route.dimension = 'bucket' and plan_route.bounds[2] - plan_route.bounds[1] >= interval '22 hours')) then
    return 'parts';
  end if;
  return 'events';
end;
$$;
comment on function private.plan_route(private.plan_filter, text, text, timestamptz[]) is
  'Where private.plan_groups looks: parts (sums of days), clock (hours of the week), median, contacts (roll-ups), else events.';
grant execute on function private.plan_route(private.plan_filter, text, text, timestamptz[]) to authenticated;

create function private.plan_groups(owner_id uuid, filter private.plan_filter, metric text, dimension text, bounds timestamptz[] default null)
returns setof private.plan_group
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
declare
  v_is_own constant boolean := plan_groups.owner_id = (select auth.uid());
  v_key constant text := case plan_groups.dimension
    when 'contact' then 'v.contact_id' when 'type' then 'v.type' when 'direction' then 'v.direction' when 'status' then 'coalesce(v.status, ''unknown'')'
    when 'source' then 'v.source' when 'line' then 'v.line_id'
    when 'hour' then 'date_part(''hour'', v.ts at time zone ($2).time_zone)' when 'weekday' then 'date_part(''isodow'', v.ts at time zone ($2).time_zone)'
    when 'bucket' then 'width_bucket(v.ts, $3)' else 'null::text' end;
  v_conditions constant text := private.plan_conditions(plan_groups.filter, v_is_own)
    || case when plan_groups.dimension = 'contact' then ' and v.contact_id is not null' else '' end;
  v_relation constant text := case when v_is_own then 'public.events' else 'private.judged_events' end;
  v_starts_at timestamptz := coalesce((plan_groups.filter).starts_at, timestamptz '1900-01-01 00:00:00+00');
  v_ends_at timestamptz := coalesce((plan_groups.filter).ends_at, timestamptz '2200-01-01 00:00:00+00');
begin
  case private.plan_route(plan_groups.filter, plan_groups.metric, plan_groups.dimension, plan_groups.bounds)
    when 'parts' then
      return query select * from private.plan_parts(plan_groups.owner_id, plan_groups.filter, plan_groups.metric, plan_groups.dimension, plan_groups.bounds);
      return;
    when 'clock' then
      -- No further than the log goes: zones had odd offsets in the past.
      execute format('select greatest($2, (select v.ts from %1$s as v where v.user_id = $1 order by v.ts, v.id limit 1)),
            least($3, (select v.ts + interval ''1 second'' from %1$s as v where v.user_id = $1 order by v.ts desc, v.id desc limit 1))', v_relation)
        into v_starts_at, v_ends_at using plan_groups.owner_id, v_starts_at, v_ends_at;
      if v_starts_at < v_ends_at then
        return query
        select case plan_groups.dimension when 'hour' then h.hour::text when 'weekday' then h.weekday::text end, sum(n.events)::numeric, sum(n.events)::bigint
          from private.hours_of_week(plan_groups.owner_id, v_starts_at, v_ends_at, (plan_groups.filter).time_zone) as h
          cross join lateral (select case (plan_groups.filter).type when 'call' then h.calls when 'sms' then h.sms else h.calls + h.sms end as events) as n
         where n.events > 0 and ((plan_groups.filter).weekdays is null or h.weekday = any ((plan_groups.filter).weekdays))
           and ((plan_groups.filter).hours is null or private.is_within((plan_groups.filter).hours, h.hour * 60))
         group by 1;
      end if;
      return;
    when 'median' then
      return query
      select null::text, trim_scale(round(private.median_duration(plan_groups.owner_id, v_starts_at, v_ends_at), 2)), g.events
        from private.plan_parts(plan_groups.owner_id, plan_groups.filter, 'events', null, null) as g;
      return;
    when 'contacts' then
      return query
      select e.key, coalesce(c.contacts, 0)::numeric, e.events
        from private.plan_groups(plan_groups.owner_id, plan_groups.filter, 'events', 'bucket', plan_groups.bounds) as e
        left join private.contact_counts(plan_groups.owner_id, private.cut_bounds(plan_groups.bounds, greatest(plan_groups.bounds[1], v_starts_at),
          least(plan_groups.bounds[cardinality(plan_groups.bounds)], v_ends_at))) as c
          on c.part::text = e.key;
      return;
    else null;
  end case;
  return query execute case when plan_groups.metric = 'contacts' then format(
      -- Two steps: counting different values of the groups at once would sort every row.
      'select m.key::text, count(m.contact_id)::numeric, sum(m.events)::bigint
         from (select %1$s as key, v.contact_id, count(*) as events from %2$s as v where %3$s group by 1, 2) as m group by 1',
      v_key, v_relation, v_conditions)
    else format(
      'select m.key::text, m.value, m.events from (select %1$s as key, %4$s as value, count(*) as events from %2$s as v where %3$s group by 1) as m',
      v_key, v_relation, v_conditions, case plan_groups.metric when 'events' then 'count(*)::numeric' when 'talk_time' then 'coalesce(sum(v.duration), 0)::numeric'
        else case plan_groups.metric when 'average_duration' then 'trim_scale(round(avg(v.duration)' when 'longest_duration' then 'trim_scale(round(max(v.duration)'
            when 'shortest_duration' then 'trim_scale(round(min(v.duration)' else 'trim_scale(round((percentile_cont(0.5) within group (order by v.duration)' end
          || ' filter (where v.status = ''answered'')'
          || case when plan_groups.metric = 'median_duration' then ')' else '' end || '::numeric, 2))' end) end
    using plan_groups.owner_id, plan_groups.filter, plan_groups.bounds;
end;
$$;
comment on function private.plan_groups(uuid, private.plan_filter, text, text, timestamptz[]) is
  'The metric per value of the dimension (contact, type, direction, status, source, line, local hour, ISO weekday; bucket: part of bounds, from 1; null: one group) over a person''s events; groups without events are left out. Durations in seconds, of answered calls, but talk_time, which is of all calls.';
grant execute on function private.plan_groups(uuid, private.plan_filter, text, text, timestamptz[]) to authenticated;

create function private.plan_value(owner_id uuid, filter private.plan_filter, metric text)
returns private.plan_group
language sql stable
set search_path = ''
as $$
  select row(null, coalesce(g.value, case when plan_value.metric in ('events', 'contacts', 'talk_time') then 0 end), coalesce(g.events, 0))::private.plan_group
    from (select 1) as one left join private.plan_groups(plan_value.owner_id, plan_value.filter, plan_value.metric, null) as g on true
$$;
comment on function private.plan_value(uuid, private.plan_filter, text) is 'One figure over all events of the filter; a mean, median or extreme of nothing is null.';
grant execute on function private.plan_value(uuid, private.plan_filter, text) to authenticated;

create function private.plan_hits(owner_id uuid, filter private.plan_filter, sort text, max_rows integer)
returns uuid[]
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
declare
  v_is_own constant boolean := plan_hits.owner_id = (select auth.uid());
  v_ids uuid[];
begin
  -- Keys only, from the index; the rows of these few are read afterwards.
  execute format('select array(select v.id from %s as v where %s %s order by %s limit $3)',
      case when v_is_own then 'public.events' else 'private.judged_events' end,
      private.plan_conditions(plan_hits.filter, v_is_own),
      case when plan_hits.sort in ('longest', 'shortest') then 'and v.status = ''answered'' and v.duration is not null' end,
      case plan_hits.sort when 'oldest' then 'v.ts, v.id' when 'longest' then 'v.duration desc, v.ts desc, v.id desc'
        when 'shortest' then 'v.duration, v.ts desc, v.id desc' else 'v.ts desc, v.id desc' end)
    into v_ids using plan_hits.owner_id, plan_hits.filter, plan_hits.max_rows;
  return v_ids;
end;
$$;
comment on function private.plan_hits(uuid, private.plan_filter, text, integer) is
  'Ids of the first events of the filter: newest or oldest, longest or shortest (answered calls only; the newer of two alike).';
grant execute on function private.plan_hits(uuid, private.plan_filter, text, integer) to authenticated;

create function private.plan_events(owner_id uuid, ids uuid[])
returns jsonb
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
declare
  v_events jsonb;
begin
  execute format('select coalesce(jsonb_agg(to_jsonb(e) order by hit.position), ''[]'') from unnest($2) with ordinality as hit (id, position)
      cross join lateral (select %s from %s as v where v.user_id = $1 and v.id = hit.id) as e', private.event_columns(),
      case when plan_events.owner_id = (select auth.uid()) then 'private.own_events' else 'private.judged_events' end)
    into v_events using plan_events.owner_id, plan_events.ids;
  return v_events;
end;
$$;
comment on function private.plan_events(uuid, uuid[]) is 'These events of a person, in this order, as GET /events gives them.';
grant execute on function private.plan_events(uuid, uuid[]) to authenticated;

create function private.contact_labels(owner_id uuid, contact_ids uuid[])
returns table (contact_id uuid, name text, number text)
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_hidden constant uuid[] := private.hidden_contacts(contact_labels.owner_id);
begin
  perform private.require_readable_owner(contact_labels.owner_id);
  return query
  select c.id, c.name, case when j.sees_number then
      (select n.number from public.contact_numbers as n where n.user_id = c.user_id and n.contact_id = c.id order by n.number limit 1) end
    from private.judged_contacts as j
    join public.contacts as c on c.user_id = j.user_id and c.id = j.id
   where j.user_id = contact_labels.owner_id and j.id = any (contact_labels.contact_ids) and j.id <> all (v_hidden);
end;
$$;
comment on function private.contact_labels(uuid, uuid[]) is
  'Name and first number of these contacts of a person, as far as the caller may see them. Errors: those of private.require_readable_owner.';
grant execute on function private.contact_labels(uuid, uuid[]) to authenticated;

-- The newest of what the figure is made of; of a longest or shortest call, that call.
create function private.plan_citations(owner_id uuid, filter private.plan_filter, metric text, max_rows integer default 20)
returns uuid[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_filter private.plan_filter := plan_citations.filter;
begin
  if plan_citations.metric in ('longest_duration', 'shortest_duration') then
    return private.plan_hits(plan_citations.owner_id, v_filter, split_part(plan_citations.metric, '_', 1), 1);
  elsif plan_citations.metric in ('average_duration', 'median_duration') then
    v_filter.is_void := coalesce(v_filter.is_void, false) or coalesce('answered' <> all (v_filter.statuses), false);
    v_filter.statuses := '{answered}';
    v_filter.min_seconds := coalesce(v_filter.min_seconds, 0);
  elsif plan_citations.metric = 'talk_time' and v_filter.type is null then
    v_filter.type := 'call';
  end if;
  return private.plan_hits(plan_citations.owner_id, v_filter, 'newest', plan_citations.max_rows);
end;
$$;
comment on function private.plan_citations(uuid, private.plan_filter, text, integer) is 'Ids of at most max_rows events that show a figure.';
grant execute on function private.plan_citations(uuid, private.plan_filter, text, integer) to authenticated;
