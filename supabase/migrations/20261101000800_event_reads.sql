-- Reading events: one, and pages of many.

create function public.get_event(event_id uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_event jsonb;
begin
  perform private.require_scope('events:read');
  select to_jsonb(v) into v_event from private.visible_events as v
   where v.id = get_event.event_id
     and v.user_id = any (array(select private.teammate_ids(private.role_rank('member'))) || (select auth.uid()));
  if v_event is null then
    raise exception using errcode = 'PT404', message = 'event_not_found', detail = 'No such event';
  end if;
  perform private.record_read((v_event ->> 'user_id')::uuid);
  return v_event;
end;
$$;
comment on function public.get_event(uuid) is
  'One event that the caller may read, masked as its owner''s rules say. Errors: event_not_found (404), read_not_recorded (409).';
revoke execute on function public.get_event(uuid) from public, anon;
grant execute on function public.get_event(uuid) to authenticated;

create type private.event_filter as (
  starts_at timestamptz, ends_at timestamptz, contact_id uuid, number text, type text, direction text, status text,
  source text, line_id uuid, min_duration integer, max_duration integer, updated_since timestamptz);
comment on type private.event_filter is 'What a list of events is narrowed to; null: not by this. ends_at is exclusive.';

-- Only what is given becomes a condition, so that each shape gets a plan of its own; values are parameters throughout.
create function private.event_conditions(filter private.event_filter, is_own boolean)
returns text
language sql immutable parallel safe
set search_path = ''
as $$
  select concat_ws(' and ', 'v.user_id = $1',
    case when (event_conditions.filter).starts_at is not null then 'v.ts >= ($2).starts_at' end,
    case when (event_conditions.filter).ends_at is not null then 'v.ts < ($2).ends_at' end,
    case when (event_conditions.filter).contact_id is not null then 'v.contact_id = ($2).contact_id' end,
    case when (event_conditions.filter).number is not null then 'v.number = ($2).number' end,
    -- A masked number equals nothing, and is not in the index: the raw one finds the rows that the first one judges.
    case when (event_conditions.filter).number is not null and not event_conditions.is_own then 'v.raw_number = ($2).number' end,
    case when (event_conditions.filter).type is not null then 'v.type = ($2).type' end,
    case when (event_conditions.filter).direction is not null then 'v.direction = ($2).direction' end,
    case when (event_conditions.filter).status is not null then 'v.status = ($2).status' end,
    case when (event_conditions.filter).source is not null then 'v.source = ($2).source' end,
    case when (event_conditions.filter).line_id is not null then 'v.line_id = ($2).line_id' end,
    case when (event_conditions.filter).min_duration is not null then 'v.duration >= ($2).min_duration' end,
    case when (event_conditions.filter).max_duration is not null then 'v.duration <= ($2).max_duration' end,
    case when (event_conditions.filter).updated_since is not null then 'v.updated_at >= ($2).updated_since' end)
$$;
comment on function private.event_conditions(private.event_filter, boolean) is
  'A filter as a condition on v (public.events, private.own_events or private.judged_events) with $1 the owner and $2 the filter.';
grant execute on function private.event_conditions(private.event_filter, boolean) to authenticated;

create function private.require_filter(filter private.event_filter)
returns void
language plpgsql immutable
set search_path = ''
as $$
begin
  if (require_filter.filter).starts_at >= (require_filter.filter).ends_at then
    raise exception using errcode = 'PT400', message = 'range_invalid', detail = 'from must be before to';
  end if;
  if (require_filter.filter).min_duration > (require_filter.filter).max_duration then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'min_duration is more than max_duration';
  end if;
  if (require_filter.filter).type not in ('call', 'sms') or (require_filter.filter).direction not in ('inbound', 'outbound') then
    raise exception using errcode = 'PT400', message = 'validation_failed',
      detail = 'type is call or sms; direction is inbound or outbound';
  end if;
end;
$$;
comment on function private.require_filter(private.event_filter) is
  'Raises unless the filter makes sense. Errors: range_invalid, validation_failed (400).';
grant execute on function private.require_filter(private.event_filter) to authenticated;

-- Which sum of the roll-ups says how many events have this type, direction and status; null where none does.
create function private.count_measure(filter private.event_filter)
returns text
language sql immutable parallel safe
set search_path = ''
as $$
  select case
    when (count_measure.filter).number is not null or (count_measure.filter).source is not null or (count_measure.filter).line_id is not null
      or (count_measure.filter).min_duration is not null or (count_measure.filter).max_duration is not null
      or (count_measure.filter).updated_since is not null then null
    when (count_measure.filter).status is not null then
      case when (count_measure.filter).direction is null and coalesce((count_measure.filter).type, 'call') = 'call' then
        case (count_measure.filter).status when 'answered' then 'a.answered' when 'missed' then 'a.missed' end end
    when (count_measure.filter).direction is null then
      case (count_measure.filter).type when 'call' then 'a.calls' when 'sms' then 'a.sms' else 'a.calls + a.sms' end
    when (count_measure.filter).type is null then
      case (count_measure.filter).direction when 'inbound' then 'a.inbound' else 'a.calls + a.sms - a.inbound' end
  end
$$;
comment on function private.count_measure(private.event_filter) is
  'The sum over a row a of private.activity, contact_activity or contact_stats that counts the events of this filter within a period and contact, or null.';

-- For definer functions that have checked the caller: they get the roll-up rows of everyone.
create function private.count_rolled_up(owner_id uuid, filter private.event_filter, measure text)
returns bigint
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_bounds constant timestamptz[] := array[
    coalesce((count_rolled_up.filter).starts_at, timestamptz '1900-01-01 00:00:00+00'),
    coalesce((count_rolled_up.filter).ends_at, timestamptz '2200-01-01 00:00:00+00')];
  v_is_bounded constant boolean := (count_rolled_up.filter).starts_at is not null or (count_rolled_up.filter).ends_at is not null;
  v_hidden constant uuid[] := private.hidden_contacts(count_rolled_up.owner_id);
  v_count bigint;
begin
  if (count_rolled_up.filter).contact_id = any (v_hidden) then
    return 0;
  end if;
  execute format(case
      when (count_rolled_up.filter).contact_id is not null and v_is_bounded then
        'select coalesce(sum(t.sign * t.events), 0) from (
           select p.sign, %1$s as events from private.pieces_of($3, ''day'', ''day'') as p
             join private.contact_activity as a on a.user_id = $1 and a.contact_id = ($2).contact_id and a.grain = ''day''
               and a.bucket >= p.starts_at and a.bucket < p.ends_at
            where p.grain = ''day''
           union all
           select p.sign, %1$s from private.pieces_of($3, ''day'', ''day'') as p
             join private.event_measures as a on a.user_id = $1 and a.contact_id = ($2).contact_id
               and a.ts >= p.starts_at and a.ts < p.ends_at
            where p.grain is null) as t'
      when (count_rolled_up.filter).contact_id is not null then
        'select coalesce(sum(%1$s), 0) from private.contact_stats as a where a.user_id = $1 and a.contact_id = ($2).contact_id'
      when v_is_bounded then
        'select coalesce(sum(%1$s), 0) from private.activity_between($1, $3, ''month'') as a'
      else
        'select coalesce(sum(%1$s), 0) from private.activity as a
          where a.user_id = $1 and a.grain = ''month'' and ($1 = (select auth.uid()) or not a.is_private)' end,
      count_rolled_up.measure)
    into v_count using count_rolled_up.owner_id, count_rolled_up.filter, v_bounds;
  return v_count;
end;
$$;
comment on function private.count_rolled_up(uuid, private.event_filter, text) is
  'Exact number of events in the filter''s period and of its contact, by private.count_measure, from the roll-ups, without the contacts hidden from the caller. For definer functions that checked the caller.';

-- For definer functions that have checked that the caller is the owner: the parts do not know contacts.
create function private.count_parts(owner_id uuid, filter private.event_filter)
returns bigint
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_bounds constant timestamptz[] := array[
    coalesce((count_parts.filter).starts_at, timestamptz '1900-01-01 00:00:00+00'),
    coalesce((count_parts.filter).ends_at, timestamptz '2200-01-01 00:00:00+00')];
  v_conditions constant text := concat_ws(' and ', 'a.user_id = $1',
    case when (count_parts.filter).type is not null then 'a.type = ($2).type' end,
    case when (count_parts.filter).direction is not null then 'a.direction = ($2).direction' end,
    case when (count_parts.filter).status is not null then 'a.status = ($2).status' end,
    case when (count_parts.filter).source is not null then 'a.source = ($2).source' end,
    case when (count_parts.filter).line_id is not null then 'a.line_id = ($2).line_id' end);
  v_piece record;
  v_found bigint;
  v_count bigint := 0;
begin
  for v_piece in select p.sign, p.grain, p.starts_at, p.ends_at from private.pieces_of(v_bounds, 'day', 'day') as p loop
    execute format(case when v_piece.grain = 'day'
          then 'select sum(a.events) from private.activity_parts as a where %s and a.day >= $3 and a.day < $4'
          else 'select count(*) from public.events as a where %s and a.ts >= $3 and a.ts < $4' end, v_conditions)
      into v_found using count_parts.owner_id, count_parts.filter, v_piece.starts_at, v_piece.ends_at;
    v_count := v_count + v_piece.sign * coalesce(v_found, 0);
  end loop;
  return v_count;
end;
$$;
comment on function private.count_parts(uuid, private.event_filter) is
  'Exact number of a person''s events by period, type, direction, status, source and line. For definer functions that checked that the caller is this person.';

create type private.event_count as (total bigint, is_estimate boolean);

-- For definer functions that have checked the caller.
create function private.count_visible(owner_id uuid, filter private.event_filter)
returns private.event_count
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  c_scanned constant integer := 10000;
  v_is_own constant boolean := count_visible.owner_id = (select auth.uid());
  v_is_judged constant boolean := not v_is_own and (count_visible.filter).number is not null;
  v_measure constant text := private.count_measure(count_visible.filter);
  v_scope private.event_filter := count_visible.filter;
  v_scanned bigint;
  v_found bigint;
  v_oldest timestamptz;
  v_window private.event_filter;
begin
  if v_measure is not null then
    return (private.count_rolled_up(count_visible.owner_id, count_visible.filter, v_measure), false);
  end if;
  if v_is_own and (count_visible.filter).contact_id is null and (count_visible.filter).number is null
     and (count_visible.filter).min_duration is null and (count_visible.filter).max_duration is null
     and (count_visible.filter).updated_since is null then
    return (private.count_parts(count_visible.owner_id, count_visible.filter), false);
  end if;
  -- The newest rows of what an index finds (the period, the contact or number, or the changes) are looked at; the rest counts
  -- as these do. Only rows that the caller may see are among them, so that a hidden one changes no estimate. The view is
  -- asked for what it masks alone: under its joins the planner would rather read everything than the newest rows.
  v_scope := row((v_scope).starts_at, (v_scope).ends_at, (v_scope).contact_id, (v_scope).number, null, null, null, null, null, null, null, (v_scope).updated_since);
  execute format(
      'select count(*), count(*) filter (where v.is_found), min(v.ts) from (select v.ts, (%s) as is_found from %s as v where %s%s order by %s limit %s) as v',
      private.event_conditions(count_visible.filter, v_is_own), case when v_is_judged then 'private.judged_events' else 'public.events' end,
      private.event_conditions(v_scope, v_is_own), case when not v_is_own and not v_is_judged then ' and (v.contact_id = any ($3)) is not true' end,
      case when (v_scope).updated_since is null then 'v.ts desc, v.id desc' else 'v.updated_at, v.id' end, c_scanned)
    into v_scanned, v_found, v_oldest using count_visible.owner_id, count_visible.filter, private.hidden_contacts(count_visible.owner_id);
  if v_scanned < c_scanned or (v_scope).updated_since is not null then
    return (v_found, v_scanned >= c_scanned);
  end if;
  v_scope.number := null;
  v_window := v_scope;
  v_window.starts_at := v_oldest;
  return (greatest(v_found, round(v_found::numeric
      * private.count_rolled_up(count_visible.owner_id, v_scope, 'a.calls + a.sms')
      / greatest(private.count_rolled_up(count_visible.owner_id, v_window, 'a.calls + a.sms'), 1))::bigint), true);
end;
$$;
comment on function private.count_visible(uuid, private.event_filter) is
  'How many events of a person the caller may see through this filter: exact from the roll-ups or when at most 10,000 rows had to be looked at, else estimated from the newest 10,000 (with updated_since: at least that many). For definer functions that checked the caller.';

create function private.count_my_events(filter private.event_filter)
returns private.event_count
language sql stable security definer
set search_path = ''
as $$
  select private.count_visible((select auth.uid()), count_my_events.filter)
$$;
comment on function private.count_my_events(private.event_filter) is 'private.count_visible of the caller''s own events.';
grant execute on function private.count_my_events(private.event_filter) to authenticated;

create function private.event_columns()
returns text
language sql immutable parallel safe
set search_path = ''
as $$
  select 'v.user_id, v.id, v.ts, v.number, v.contact_id, v.line_id, v.type, v.direction, v.status, v.duration, v.content, v.source,
    v.source_id, v.sources, v.metadata, v.contact_name, v.masked, v.created_at, v.updated_at'
$$;
comment on function private.event_columns() is 'The fields of an event as it is answered, in private.own_events and in private.judged_events.';
grant execute on function private.event_columns() to authenticated;

-- For definer functions that have checked the caller.
create function private.shown_filter(owner_id uuid, filter private.event_filter)
returns private.event_filter
language plpgsql stable
set search_path = ''
as $$
declare
  v_filter private.event_filter := shown_filter.filter;
begin
  if v_filter.contact_id is not null then
    v_filter.contact_id := (private.shown_contacts(shown_filter.owner_id, array[v_filter.contact_id]))[1];
  end if;
  if v_filter.number is not null then
    v_filter.number := private.shown_number(shown_filter.owner_id, v_filter.number);
  end if;
  return v_filter;
end;
$$;
comment on function private.shown_filter(uuid, private.event_filter) is
  'The filter with a contact and a number that nobody has in the place of hidden ones, so that the time of an answer does not tell of them. For definer functions that checked the caller.';

create type private.page_position as (at timestamptz, id uuid, is_backward boolean, is_ascending boolean, max_rows integer);
comment on type private.page_position is
  'Where a page begins: after the row (at, id), before it when backward, at the end when at is null; and the order of the list.';

-- Pages by time. Read with the rights of whoever calls: on private.own_events row-level security decides, on
-- private.judged_events the definer function below. Every index has the order of the pages: where few rows are expected,
-- and the statistics know no owner, the planner would rather read all of them and sort.
create function private.read_page(relation text, owner_id uuid, filter private.event_filter, place private.page_position)
returns jsonb
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan set enable_sort = off
as $$
declare
  v_upwards constant boolean := (read_page.place).is_ascending <> (read_page.place).is_backward;
  v_events jsonb;
begin
  execute format(
      'select coalesce(jsonb_agg(to_jsonb(v) order by %6$s), ''[]'')
         from (select %2$s from %3$s as v where %4$s %5$s order by %1$s limit ($3).max_rows + 1) as v',
      case when v_upwards then 'v.ts, v.id' else 'v.ts desc, v.id desc' end,
      private.event_columns(), read_page.relation,
      private.event_conditions(read_page.filter, read_page.relation = 'private.own_events'),
      case when (read_page.place).at is not null then
        format('and (v.ts, v.id) %s (($3).at, ($3).id)', case when v_upwards then '>' else '<' end) end,
      case when (read_page.place).is_ascending then 'v.ts, v.id' else 'v.ts desc, v.id desc' end)
    into v_events using read_page.owner_id, read_page.filter, read_page.place;
  -- The row more than was asked for is the farthest from where the page begins.
  return jsonb_build_object('has_more', jsonb_array_length(v_events) > (read_page.place).max_rows, 'events',
    case when jsonb_array_length(v_events) <= (read_page.place).max_rows then v_events
      when (read_page.place).is_backward then v_events - 0 else v_events - (read_page.place).max_rows end);
end;
$$;
comment on function private.read_page(text, uuid, private.event_filter, private.page_position) is
  'A page of private.own_events, or of private.judged_events in a definer function that checked the caller: {events, has_more}.';
grant execute on function private.read_page(text, uuid, private.event_filter, private.page_position) to authenticated;

create function private.read_teammate_page(owner_id uuid, filter private.event_filter, place private.page_position)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_filter private.event_filter;
  v_page jsonb;
  v_count private.event_count;
begin
  perform private.require_readable_owner(read_teammate_page.owner_id);
  -- Teammates are shown no line, so nothing is on one.
  if (read_teammate_page.filter).line_id is not null then
    return jsonb_build_object('events', '[]'::jsonb, 'has_more', false);
  end if;
  v_filter := private.shown_filter(read_teammate_page.owner_id, read_teammate_page.filter);
  v_page := private.read_page('private.judged_events', read_teammate_page.owner_id, v_filter, read_teammate_page.place);
  if (read_teammate_page.place).at is not null or (v_page -> 'has_more')::boolean then
    v_count := private.count_visible(read_teammate_page.owner_id, v_filter);
    v_page := v_page || jsonb_build_object('total', v_count.total, 'total_is_estimate', v_count.is_estimate);
  end if;
  return v_page;
end;
$$;
comment on function private.read_teammate_page(uuid, private.event_filter, private.page_position) is
  'private.read_page of what a teammate''s rules show to the caller, with the total when there is more than the page. Errors: those of private.require_readable_owner.';
grant execute on function private.read_teammate_page(uuid, private.event_filter, private.page_position) to authenticated;

-- Changes, for clients that keep a copy. updated_at and deleted_at are the start of the transaction that made the change,
-- so a slow one can commit a change that is older than what a client was told already. Therefore each answer says up to
-- where all changes are settled, and the next request begins there.
create function private.settled_until()
returns timestamptz
language sql volatile security definer
set search_path = ''
as $$
  -- Who may not see other sessions' start keeps a margin that no request outlives.
  select date_trunc('minute', least(
    clock_timestamp() - case when pg_has_role(current_user, 'pg_read_all_stats', 'usage') and not pg_is_in_recovery()
      then interval '1 second' else interval '15 minutes' end,
    min(a.xact_start)))
  from pg_catalog.pg_stat_activity as a
  where a.pid <> pg_backend_pid() and a.datname = current_database()
    and a.backend_type not in ('autovacuum worker', 'walsender', 'parallel worker')
$$;
comment on function private.settled_until() is
  'The minute before which every change is committed and visible to the statements that follow: behind all running transactions, and 15 minutes behind on a replica.';
grant execute on function private.settled_until() to authenticated;

create function private.my_deletions(since timestamptz, place private.page_position)
returns table (id uuid, deleted_at timestamptz)
language sql stable security definer
set search_path = ''
as $$
  (select distinct d.event_id, d.deleted_at from private.deleted_events as d
    where d.user_id = (select auth.uid()) and d.deleted_at >= my_deletions.since and not (my_deletions.place).is_backward
      and ((my_deletions.place).at is null or (d.deleted_at, d.event_id) > ((my_deletions.place).at, (my_deletions.place).id))
    order by d.deleted_at, d.event_id limit (my_deletions.place).max_rows + 1)
  union all
  (select distinct d.event_id, d.deleted_at from private.deleted_events as d
    where d.user_id = (select auth.uid()) and d.deleted_at >= my_deletions.since and (my_deletions.place).is_backward
      and ((my_deletions.place).at is null or (d.deleted_at, d.event_id) < ((my_deletions.place).at, (my_deletions.place).id))
    order by d.deleted_at desc, d.event_id desc limit (my_deletions.place).max_rows + 1)
$$;
comment on function private.my_deletions(timestamptz, private.page_position) is
  'The next max_rows + 1 of the caller''s deleted events in the order of (deleted_at, id), or the ones before with is_backward. An event can come again when another report of it arrives.';
grant execute on function private.my_deletions(timestamptz, private.page_position) to authenticated;

-- Volatile, so that its statement sees all that was committed when private.settled_until looked: a stable function
-- would still read as of the start of the caller's statement. Deletions stand among the changed events in one order, so
-- that one page size and one cursor hold for both.
create function private.read_changes(relation text, owner_id uuid, filter private.event_filter, place private.page_position, sync_until timestamptz)
returns jsonb
language plpgsql volatile
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_order constant text := case when (read_changes.place).is_backward then 'changed_at desc, id desc' else 'changed_at, id' end;
  v_until constant timestamptz := coalesce(read_changes.sync_until, private.settled_until());
  v_is_own constant boolean := read_changes.relation = 'private.own_events';
  v_page jsonb;
begin
  execute format(
      'with changed as (
         select changed_at, id, to_jsonb(v) - ''changed_at'' as event
           from (select v.updated_at as changed_at, %1$s from %2$s as v where %3$s %4$s order by %5$s limit ($3).max_rows + 1) as v
         %6$s
       ),
       page as (select *, row_number() over (order by %7$s) as place, count(*) over () as found from changed order by %7$s limit ($3).max_rows)
       select jsonb_build_object(
         ''events'', coalesce(jsonb_agg(event order by changed_at, id) filter (where event is not null), ''[]''),
         ''deleted'', coalesce(jsonb_agg(jsonb_build_object(''id'', id, ''deleted_at'', changed_at) order by changed_at, id)
           filter (where event is null), ''[]''),
         ''edges'', case when count(*) > 0 then jsonb_build_object(
           ''first'', (array_agg(jsonb_build_array(changed_at, id) order by changed_at, id))[1],
           ''last'', (array_agg(jsonb_build_array(changed_at, id) order by changed_at desc, id desc))[1]) end,
         ''has_more'', coalesce(max(found) > ($3).max_rows, false),
         ''sync_until'', $4)
       from page',
      private.event_columns(), read_changes.relation, private.event_conditions(read_changes.filter, v_is_own),
      case when (read_changes.place).at is not null then
        format('and (v.updated_at, v.id) %s (($3).at, ($3).id)', case when (read_changes.place).is_backward then '<' else '>' end) end,
      case when (read_changes.place).is_backward then 'v.updated_at desc, v.id desc' else 'v.updated_at, v.id' end,
      case when v_is_own then 'union all select d.deleted_at, d.id, null from private.my_deletions(($2).updated_since, $3) as d' end,
      v_order)
    into v_page using read_changes.owner_id, read_changes.filter, read_changes.place, v_until;
  return v_page;
end;
$$;
comment on function private.read_changes(text, uuid, private.event_filter, private.page_position, timestamptz) is
  'A page of changed events and of deletions in the order of (time of change, id): {events, deleted, edges, has_more, sync_until}. sync_until is taken from the first page to those that follow. Deletions are told to the owner only: a teammate''s would tell of events that he was never shown.';
grant execute on function private.read_changes(text, uuid, private.event_filter, private.page_position, timestamptz) to authenticated;

create function private.read_teammate_changes(owner_id uuid, filter private.event_filter, place private.page_position, sync_until timestamptz)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_filter private.event_filter;
  v_page jsonb;
  v_count private.event_count;
begin
  perform private.require_readable_owner(read_teammate_changes.owner_id);
  v_filter := private.shown_filter(read_teammate_changes.owner_id, read_teammate_changes.filter);
  v_page := private.read_changes('private.judged_events', read_teammate_changes.owner_id, v_filter,
    read_teammate_changes.place, read_teammate_changes.sync_until);
  v_count := private.count_visible(read_teammate_changes.owner_id, v_filter);
  return v_page || jsonb_build_object('total', v_count.total, 'total_is_estimate', v_count.is_estimate);
end;
$$;
comment on function private.read_teammate_changes(uuid, private.event_filter, private.page_position, timestamptz) is
  'private.read_changes of what a teammate''s rules show to the caller, with the total. Errors: those of private.require_readable_owner.';
grant execute on function private.read_teammate_changes(uuid, private.event_filter, private.page_position, timestamptz) to authenticated;

-- Reserved query words of the REST interface (limit, order) and of SQL (from, to) cannot be argument names.
create function public.get_filtered_events(
  starts_at timestamptz default null,
  ends_at timestamptz default null,
  contact_id uuid default null,
  number text default null,
  type text default null,
  direction text default null,
  status text default null,
  source text default null,
  line_id uuid default null,
  min_duration integer default null,
  max_duration integer default null,
  updated_since timestamptz default null,
  user_id uuid default null,
  sort text default null,
  max_rows integer default 50,
  cursor_ts timestamptz default null,
  cursor_id uuid default null,
  backward boolean default false,
  sync_until timestamptz default null
)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_owner constant uuid := coalesce(get_filtered_events.user_id, (select auth.uid()));
  v_is_own constant boolean := v_owner = (select auth.uid());
  v_sort constant text := coalesce(get_filtered_events.sort, case when get_filtered_events.updated_since is null then 'desc' else 'changes' end);
  v_filter constant private.event_filter := row(get_filtered_events.starts_at, get_filtered_events.ends_at, get_filtered_events.contact_id,
    get_filtered_events.number, get_filtered_events.type, get_filtered_events.direction, get_filtered_events.status,
    get_filtered_events.source, get_filtered_events.line_id, get_filtered_events.min_duration, get_filtered_events.max_duration,
    get_filtered_events.updated_since);
  v_place constant private.page_position := row(get_filtered_events.cursor_ts, get_filtered_events.cursor_id,
    coalesce(get_filtered_events.backward, false), v_sort <> 'desc',
    least(greatest(coalesce(get_filtered_events.max_rows, 50), 1), 200));
  v_page jsonb;
  v_count private.event_count;
begin
  perform private.require_scope('events:read');
  perform private.require_filter(v_filter);
  if v_sort not in ('desc', 'asc', 'changes') or (v_sort = 'changes' and get_filtered_events.updated_since is null) then
    raise exception using errcode = 'PT400', message = 'validation_failed',
      detail = 'The order is desc, asc, or changes, which needs updated_since';
  end if;
  -- Dynamic, because a stable function that calls a volatile one is meant here and nowhere else.
  execute case
      when v_sort = 'changes' and v_is_own then 'select private.read_changes(''private.own_events'', $1, $2, $3, $4)'
      when v_sort = 'changes' then 'select private.read_teammate_changes($1, $2, $3, $4)'
      when v_is_own then 'select private.read_page(''private.own_events'', $1, $2, $3)'
      else 'select private.read_teammate_page($1, $2, $3)' end
    into v_page using v_owner, v_filter, v_place, get_filtered_events.sync_until;
  if v_page ? 'total' then
    return v_page;
  end if;
  if get_filtered_events.cursor_ts is null and not (v_page -> 'has_more')::boolean then
    v_count := (jsonb_array_length(v_page -> 'events'), false);
  else
    v_count := private.count_my_events(v_filter);
  end if;
  return v_page || jsonb_build_object('total', v_count.total, 'total_is_estimate', v_count.is_estimate);
end;
$$;
comment on function public.get_filtered_events(timestamptz, timestamptz, uuid, text, text, text, text, text, uuid, integer, integer, timestamptz, uuid, text, integer, timestamptz, uuid, boolean, timestamptz) is
  'A page of events of the caller, or of a teammate (user_id) as the privacy rules allow: {events, has_more, total, total_is_estimate}. starts_at inclusive, ends_at exclusive; max_rows 1 to 200; sort desc or asc by (ts, id), after cursor_ts and cursor_id, before them with backward; has_more speaks of the direction read. With updated_since and no other sort: changes, in the order of (updated_at, id), with deleted [{id, deleted_at}] among them (one''s own), edges {first, last} of the page, and sync_until: the updated_since of the next round, passed on with the cursor. The total counts events, exact from the roll-ups or up to 10,000 rows looked at, else an estimate. Errors: not_authenticated (401), validation_failed, range_invalid (400), role_insufficient (403), user_not_found (404).';
revoke execute on function public.get_filtered_events(timestamptz, timestamptz, uuid, text, text, text, text, text, uuid, integer, integer, timestamptz, uuid, text, integer, timestamptz, uuid, boolean, timestamptz) from public, anon;
grant execute on function public.get_filtered_events(timestamptz, timestamptz, uuid, text, text, text, text, text, uuid, integer, integer, timestamptz, uuid, text, integer, timestamptz, uuid, boolean, timestamptz) to authenticated;
