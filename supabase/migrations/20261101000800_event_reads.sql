-- Reading events: one, and pages of many.

create function public.get_event(event_id uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_event jsonb;
begin
  select to_jsonb(v) into v_event from private.visible_events as v
   where v.id = get_event.event_id
     and v.user_id = any (array(select private.teammate_ids(private.role_rank('member'))) || (select auth.uid()));
  if v_event is null then
    raise exception using errcode = 'PT404', message = 'event_not_found', detail = 'No such event';
  end if;
  return v_event;
end;
$$;
comment on function public.get_event(uuid) is
  'One event that the caller may read, masked as its owner''s rules say. Errors: event_not_found (404).';
revoke execute on function public.get_event(uuid) from public, anon;
grant execute on function public.get_event(uuid) to authenticated;

-- The statement is put together from the filters that are given, so that each shape gets a plan of its own; values
-- are parameters throughout. Reserved query words of the REST interface (limit, order) and of SQL (from, to) cannot be argument names.
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
  sort text default 'desc',
  max_rows integer default 50,
  cursor_ts timestamptz default null,
  cursor_id uuid default null,
  backward boolean default false
)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_owner constant uuid := coalesce(get_filtered_events.user_id, (select auth.uid()));
  v_rows constant integer := least(greatest(coalesce(get_filtered_events.max_rows, 50), 1), 200);
  v_ascending constant boolean := (get_filtered_events.sort = 'asc') <> coalesce(get_filtered_events.backward, false);
  v_relation constant text := case when v_owner = (select auth.uid()) then 'private.own_events' else 'private.visible_events' end;
  v_where text := 'v.user_id = $1';
  v_order text;
  v_events jsonb;
  v_total bigint;
  v_more boolean;
begin
  perform private.require_readable_owner(v_owner);
  v_where := concat_ws(' and ', v_where,
    case when get_filtered_events.starts_at is not null then 'v.ts >= $2' end,
    case when get_filtered_events.ends_at is not null then 'v.ts < $3' end,
    case when get_filtered_events.contact_id is not null then 'v.contact_id = $4' end,
    case when get_filtered_events.number is not null then 'v.number = $5' end,
    case when get_filtered_events.type is not null then 'v.type = $6' end,
    case when get_filtered_events.direction is not null then 'v.direction = $7' end,
    case when get_filtered_events.status is not null then 'v.status = $8' end,
    case when get_filtered_events.source is not null then 'v.source = $9' end,
    case when get_filtered_events.line_id is not null then 'v.line_id = $10' end,
    case when get_filtered_events.min_duration is not null then 'v.duration >= $11' end,
    case when get_filtered_events.max_duration is not null then 'v.duration <= $12' end,
    case when get_filtered_events.updated_since is not null then 'v.updated_at >= $13' end);
  execute format('select count(*) from %s as v where %s', v_relation, v_where)
    into v_total
    using v_owner, get_filtered_events.starts_at, get_filtered_events.ends_at, get_filtered_events.contact_id,
      get_filtered_events.number, get_filtered_events.type, get_filtered_events.direction,
      get_filtered_events.status, get_filtered_events.source, get_filtered_events.line_id,
      get_filtered_events.min_duration, get_filtered_events.max_duration, get_filtered_events.updated_since;

  if get_filtered_events.cursor_ts is not null then
    v_where := v_where || ' and (v.ts, v.id) ' || case when v_ascending then '>' else '<' end || ' ($14, $15)';
  end if;
  v_order := case when v_ascending then 'v.ts, v.id' else 'v.ts desc, v.id desc' end;
  execute format(
    'select coalesce(jsonb_agg(to_jsonb(v) order by %1$s), ''[]'')
       from (select v.* from %3$s as v where %2$s order by %1$s limit $16 + 1) as v', v_order, v_where, v_relation)
    into v_events
    using v_owner, get_filtered_events.starts_at, get_filtered_events.ends_at, get_filtered_events.contact_id,
      get_filtered_events.number, get_filtered_events.type, get_filtered_events.direction,
      get_filtered_events.status, get_filtered_events.source, get_filtered_events.line_id,
      get_filtered_events.min_duration, get_filtered_events.max_duration, get_filtered_events.updated_since,
      get_filtered_events.cursor_ts, get_filtered_events.cursor_id, v_rows;
  v_more := jsonb_array_length(v_events) > v_rows;
  v_events := case when v_more then v_events - v_rows else v_events end;
  if get_filtered_events.backward then
    select coalesce(jsonb_agg(value order by position desc), '[]') into v_events
      from jsonb_array_elements(v_events) with ordinality as page (value, position);
  end if;
  return jsonb_build_object(
    'events', v_events,
    'has_more', v_more,
    'total', v_total,
    'total_is_estimate', false);
end;
$$;
comment on function public.get_filtered_events(timestamptz, timestamptz, uuid, text, text, text, text, text, uuid, integer, integer, timestamptz, uuid, text, integer, timestamptz, uuid, boolean) is
  'A page of events of the caller, or of a teammate (user_id) as the privacy rules allow: {events, has_more, total, total_is_estimate}. starts_at inclusive, ends_at exclusive; max_rows 1 to 200; keyset by (ts, id) after cursor_ts and cursor_id, before them with backward. has_more speaks of the direction read. Errors: not_authenticated (401), role_insufficient (403), user_not_found (404).';
revoke execute on function public.get_filtered_events(timestamptz, timestamptz, uuid, text, text, text, text, text, uuid, integer, integer, timestamptz, uuid, text, integer, timestamptz, uuid, boolean) from public, anon;
grant execute on function public.get_filtered_events(timestamptz, timestamptz, uuid, text, text, text, text, text, uuid, integer, integer, timestamptz, uuid, text, integer, timestamptz, uuid, boolean) to authenticated;
