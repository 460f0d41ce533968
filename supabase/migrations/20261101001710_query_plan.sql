-- Questions: a plan, read from a question or written by a program, answered from the log by fixed statements. Nothing of a
-- plan becomes SQL but by the closed sets below; its values are parameters. One's own log is read under row-level security,
-- a teammate's as private.judged_events shows it.

-- Reading a plan: jsonb of any shape comes in, only what is known goes on.

create function private.refuse_plan(detail text)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  raise exception using errcode = 'PT400', message = 'validation_failed', detail = refuse_plan.detail;
end;
$$;
comment on function private.refuse_plan(text) is 'Raises validation_failed (400) with this detail.';
grant execute on function private.refuse_plan(text) to authenticated;

create function private.require_keys(value jsonb, path text, keys text[])
returns void
language plpgsql stable
set search_path = ''
as $$
declare
  v_wrong text;
begin
  if jsonb_typeof(require_keys.value) is distinct from 'object' then
    perform private.refuse_plan(require_keys.path || ' is an object');
  end if;
  select string_agg(key, ', ' order by key) into v_wrong from unnest(require_keys.keys) as key where not require_keys.value ? key;
  if v_wrong is not null then
    perform private.refuse_plan(format('%s lacks %s', require_keys.path, v_wrong));
  end if;
  if exists (select from jsonb_object_keys(require_keys.value) as key where key <> all (require_keys.keys)) then
    perform private.refuse_plan(format('%s has a key that is not known', require_keys.path));
  end if;
end;
$$;
comment on function private.require_keys(jsonb, text, text[]) is 'Raises unless the value is an object with these keys and no other. Errors: validation_failed (400).';
grant execute on function private.require_keys(jsonb, text, text[]) to authenticated;

create function private.plan_word(value jsonb, path text, words text[])
returns text
language plpgsql stable
set search_path = ''
as $$
begin
  if jsonb_typeof(plan_word.value) <> 'null' and (jsonb_typeof(plan_word.value) <> 'string' or (plan_word.value #>> '{}') <> all (plan_word.words)) then
    perform private.refuse_plan(format('%s is one of %s', plan_word.path, array_to_string(plan_word.words, ', ')));
  end if;
  return plan_word.value #>> '{}';
end;
$$;
comment on function private.plan_word(jsonb, text, text[]) is 'One word of a closed set, or null. Errors: validation_failed (400).';
grant execute on function private.plan_word(jsonb, text, text[]) to authenticated;

create function private.plan_text(value jsonb, path text, max_length integer)
returns text
language plpgsql stable
set search_path = ''
as $$
begin
  if jsonb_typeof(plan_text.value) <> 'null'
     and (jsonb_typeof(plan_text.value) <> 'string' or char_length(plan_text.value #>> '{}') not between 1 and plan_text.max_length) then
    perform private.refuse_plan(format('%s is a text of 1 to %s characters', plan_text.path, plan_text.max_length));
  end if;
  return plan_text.value #>> '{}';
end;
$$;
comment on function private.plan_text(jsonb, text, integer) is 'A text, or null. Errors: validation_failed (400).';
grant execute on function private.plan_text(jsonb, text, integer) to authenticated;

create function private.plan_integer(value jsonb, path text, least_value integer, most integer)
returns integer
language plpgsql stable
set search_path = ''
as $$
begin
  if jsonb_typeof(plan_integer.value) = 'null' then
    return null;
  end if;
  if jsonb_typeof(plan_integer.value) <> 'number' or (plan_integer.value)::numeric % 1 <> 0
     or (plan_integer.value)::numeric not between plan_integer.least_value and plan_integer.most then
    perform private.refuse_plan(format('%s is a whole number from %s to %s', plan_integer.path, plan_integer.least_value, plan_integer.most));
  end if;
  return (plan_integer.value)::numeric::integer;
end;
$$;
comment on function private.plan_integer(jsonb, text, integer, integer) is 'A whole number within bounds, or null. Errors: validation_failed (400).';
grant execute on function private.plan_integer(jsonb, text, integer, integer) to authenticated;

create function private.plan_flag(value jsonb, path text)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  if jsonb_typeof(plan_flag.value) not in ('boolean', 'null') then
    perform private.refuse_plan(plan_flag.path || ' is true, false or null');
  end if;
  return (plan_flag.value #>> '{}')::boolean;
end;
$$;
comment on function private.plan_flag(jsonb, text) is 'True, false or null. Errors: validation_failed (400).';
grant execute on function private.plan_flag(jsonb, text) to authenticated;

create function private.plan_moment(value jsonb, path text)
returns timestamptz
language plpgsql stable
set search_path = ''
as $$
begin
  -- With an offset: what a time means must not depend on the session.
  if jsonb_typeof(plan_moment.value) <> 'null' and (jsonb_typeof(plan_moment.value) <> 'string'
       or (plan_moment.value #>> '{}') !~ '^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$'
       or not pg_input_is_valid(plan_moment.value #>> '{}', 'timestamptz')) then
    perform private.refuse_plan(plan_moment.path || ' is an instant such as 2026-05-01T00:00:00Z');
  end if;
  return (plan_moment.value #>> '{}')::timestamptz;
end;
$$;
comment on function private.plan_moment(jsonb, text) is 'An instant in ISO 8601 with its offset, or null. Errors: validation_failed (400).';
grant execute on function private.plan_moment(jsonb, text) to authenticated;

create function private.plan_id(value jsonb, path text)
returns uuid
language plpgsql stable
set search_path = ''
as $$
begin
  if jsonb_typeof(plan_id.value) <> 'null' and (jsonb_typeof(plan_id.value) <> 'string'
       or (plan_id.value #>> '{}') !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') then
    perform private.refuse_plan(plan_id.path || ' is a UUID');
  end if;
  return (plan_id.value #>> '{}')::uuid;
end;
$$;
comment on function private.plan_id(jsonb, text) is 'A UUID, or null. Errors: validation_failed (400).';
grant execute on function private.plan_id(jsonb, text) to authenticated;

create function private.plan_items(value jsonb, path text, max_items integer)
returns setof jsonb
language plpgsql stable rows 10
set search_path = ''
as $$
begin
  if jsonb_typeof(plan_items.value) <> 'array' or jsonb_array_length(plan_items.value) > plan_items.max_items then
    perform private.refuse_plan(format('%s is a list of at most %s', plan_items.path, plan_items.max_items));
  end if;
  if jsonb_path_exists(plan_items.value, '$[*] ? (@ == null)') then
    perform private.refuse_plan(plan_items.path || ' holds no null');
  end if;
  return query select item from jsonb_array_elements(plan_items.value) as item;
end;
$$;
comment on function private.plan_items(jsonb, text, integer) is 'The items of a list without nulls. Errors: validation_failed (400).';
grant execute on function private.plan_items(jsonb, text, integer) to authenticated;

create function private.plan_ids(value jsonb, path text, max_items integer)
returns uuid[]
language sql stable
set search_path = ''
as $$
  select nullif(array(select private.plan_id(item, plan_ids.path) from private.plan_items(plan_ids.value, plan_ids.path, plan_ids.max_items) as item), '{}')
$$;
comment on function private.plan_ids(jsonb, text, integer) is 'A list of UUIDs; null when it is empty, which filters by nothing. Errors: validation_failed (400).';
grant execute on function private.plan_ids(jsonb, text, integer) to authenticated;

create function private.plan_statuses(value jsonb, path text)
returns text[]
language sql stable
set search_path = ''
as $$
  select nullif(array(
    select private.plan_word(item, plan_statuses.path, '{answered,missed,declined,voicemail,blocked,sent,received,failed}')
      from private.plan_items(plan_statuses.value, plan_statuses.path, 8) as item), '{}')
$$;
comment on function private.plan_statuses(jsonb, text) is 'A list of statuses; null when it is empty. Errors: validation_failed (400).';
grant execute on function private.plan_statuses(jsonb, text) to authenticated;

create type private.plan_filter as (
  starts_at timestamptz, ends_at timestamptz, contact_ids uuid[], without_ids uuid[], company text, tag text, is_known boolean, number text,
  type text, direction text, statuses text[], min_seconds integer, max_seconds integer, hours integer[], weekdays integer[], search_text text,
  source text, line_id uuid, time_zone text, known_ids uuid[], words tsquery, is_void boolean);
comment on type private.plan_filter is
  'Which events a question is about; null: not by this. hours: first and last minute of each stretch of the local day, in turn. contact_ids and without_ids hold company and tag too once private.find_plan_contacts was asked, known_ids the contacts with a name, words the search. is_void: nothing can fulfil it.';

create function private.read_plan_filter(plan jsonb)
returns private.plan_filter
language plpgsql stable
set search_path = ''
as $$
declare
  v_given constant jsonb := read_plan_filter.plan -> 'filters';
  v_filter private.plan_filter;
  v_item jsonb;
begin
  perform private.require_keys(v_given, 'filters', '{contact_ids,excluded_contact_ids,company,tag,number,is_known,type,direction,statuses,min_seconds,max_seconds,hours,weekdays,text,source,line_id}');
  v_filter.starts_at := private.plan_moment(read_plan_filter.plan -> 'starts_at', 'starts_at');
  v_filter.ends_at := private.plan_moment(read_plan_filter.plan -> 'ends_at', 'ends_at');
  v_filter.contact_ids := private.plan_ids(v_given -> 'contact_ids', 'filters.contact_ids', 10);
  v_filter.without_ids := private.plan_ids(v_given -> 'excluded_contact_ids', 'filters.excluded_contact_ids', 10);
  v_filter.company := private.plan_text(v_given -> 'company', 'filters.company', 200);
  v_filter.tag := private.plan_text(v_given -> 'tag', 'filters.tag', 200);
  v_filter.is_known := private.plan_flag(v_given -> 'is_known', 'filters.is_known');
  v_filter.number := private.plan_text(v_given -> 'number', 'filters.number', 64);
  v_filter.type := private.plan_word(v_given -> 'type', 'filters.type', '{call,sms}');
  v_filter.direction := private.plan_word(v_given -> 'direction', 'filters.direction', '{inbound,outbound}');
  v_filter.statuses := private.plan_statuses(v_given -> 'statuses', 'filters.statuses');
  v_filter.min_seconds := private.plan_integer(v_given -> 'min_seconds', 'filters.min_seconds', 0, 604800);
  v_filter.max_seconds := private.plan_integer(v_given -> 'max_seconds', 'filters.max_seconds', 0, 604800);
  for v_item in select item from private.plan_items(v_given -> 'hours', 'filters.hours', 4) as item loop
    perform private.require_keys(v_item, 'filters.hours', '{from,to}');
    v_filter.hours := v_filter.hours || private.plan_integer(v_item -> 'from', 'filters.hours.from', 0, 1439) || private.plan_integer(v_item -> 'to', 'filters.hours.to', 1, 1440);
  end loop;
  if array_position(v_filter.hours, null) is not null then
    perform private.refuse_plan('filters.hours has from and to in minutes');
  end if;
  v_filter.weekdays := nullif(array(
    select private.plan_integer(item, 'filters.weekdays', 1, 7) from private.plan_items(v_given -> 'weekdays', 'filters.weekdays', 7) as item), '{}');
  v_filter.search_text := private.plan_text(v_given -> 'text', 'filters.text', 200);
  v_filter.source := private.plan_word(v_given -> 'source', 'filters.source', '{carrier,device,backup,manual,api}');
  v_filter.line_id := private.plan_id(v_given -> 'line_id', 'filters.line_id');
  v_filter.time_zone := read_plan_filter.plan ->> 'time_zone';
  if v_filter.min_seconds > v_filter.max_seconds then
    perform private.refuse_plan('filters.min_seconds is more than filters.max_seconds');
  end if;
  if v_filter.search_text is not null then
    v_filter.words := (private.read_query(v_filter.search_text)).words;
    v_filter.is_void := v_filter.words is null;
  end if;
  return v_filter;
end;
$$;
comment on function private.read_plan_filter(jsonb) is 'The filters and the period of a plan. Errors: validation_failed (400).';
grant execute on function private.read_plan_filter(jsonb) to authenticated;

create function private.require_interval(filter private.plan_filter)
returns private.plan_filter
language plpgsql stable
set search_path = ''
as $$
begin
  if (require_interval.filter).starts_at >= (require_interval.filter).ends_at then
    raise exception using errcode = 'PT400', message = 'range_invalid', detail = 'starts_at must be before ends_at';
  end if;
  return require_interval.filter;
end;
$$;
comment on function private.require_interval(private.plan_filter) is 'The filter, when its period ends after it begins. Errors: range_invalid (400).';
grant execute on function private.require_interval(private.plan_filter) to authenticated;

-- The other side of a comparison: the first one, but for what is said of it.
create function private.compared_filter(filter private.plan_filter, given jsonb)
returns private.plan_filter
language plpgsql stable
set search_path = ''
as $$
declare
  v_side private.plan_filter := compared_filter.filter;
  v_from timestamptz;
  v_to timestamptz;
  v_ids uuid[];
begin
  perform private.require_keys(compared_filter.given, 'compare', '{starts_at,ends_at,has_interval,contact_ids,type,direction,statuses}');
  v_from := private.plan_moment(compared_filter.given -> 'starts_at', 'compare.starts_at');
  v_to := private.plan_moment(compared_filter.given -> 'ends_at', 'compare.ends_at');
  if coalesce(private.plan_flag(compared_filter.given -> 'has_interval', 'compare.has_interval'), false) then
    v_side.starts_at := v_from;
    v_side.ends_at := v_to;
  end if;
  v_ids := case when jsonb_typeof(compared_filter.given -> 'contact_ids') <> 'null' then
    private.plan_ids(compared_filter.given -> 'contact_ids', 'compare.contact_ids', 10) end;
  if v_ids is not null then
    v_side.contact_ids := v_ids;
    v_side.company := null;
    v_side.tag := null;
    v_side.number := null;
    v_side.is_known := null;
  end if;
  v_side.type := coalesce(private.plan_word(compared_filter.given -> 'type', 'compare.type', '{call,sms}'), v_side.type);
  v_side.direction := coalesce(private.plan_word(compared_filter.given -> 'direction', 'compare.direction', '{inbound,outbound}'), v_side.direction);
  v_side.statuses := coalesce(private.plan_statuses(compared_filter.given -> 'statuses', 'compare.statuses'), v_side.statuses);
  return private.require_interval(v_side);
end;
$$;
comment on function private.compared_filter(private.plan_filter, jsonb) is
  'The second side of a comparison; contacts that are named there stand in for whoever the first side is about: its contacts, company, tag, number, known or not. Errors: validation_failed, range_invalid (400).';
grant execute on function private.compared_filter(private.plan_filter, jsonb) to authenticated;

create function private.part_filter(filter private.plan_filter, given jsonb)
returns private.plan_filter
language plpgsql stable
set search_path = ''
as $$
declare
  v_part private.plan_filter := part_filter.filter;
  v_type text;
  v_direction text;
  v_is_known boolean;
  v_statuses text[];
  v_ids uuid[];
begin
  perform private.require_keys(part_filter.given, 'part', '{contact_ids,type,direction,statuses,is_known}');
  v_type := private.plan_word(part_filter.given -> 'type', 'part.type', '{call,sms}');
  v_direction := private.plan_word(part_filter.given -> 'direction', 'part.direction', '{inbound,outbound}');
  v_is_known := private.plan_flag(part_filter.given -> 'is_known', 'part.is_known');
  v_statuses := private.plan_statuses(part_filter.given -> 'statuses', 'part.statuses');
  v_ids := case when jsonb_typeof(part_filter.given -> 'contact_ids') <> 'null' then private.plan_ids(part_filter.given -> 'contact_ids', 'part.contact_ids', 10) end;
  if coalesce(v_type, v_direction, v_is_known::text, v_statuses::text, v_ids::text) is null then
    perform private.refuse_plan('part narrows the whole by something');
  end if;
  v_part.is_void := coalesce(v_part.is_void, false) or coalesce(v_type <> v_part.type, false) or coalesce(v_direction <> v_part.direction, false)
    or coalesce(v_is_known <> v_part.is_known, false) or coalesce(not v_statuses && v_part.statuses, false) or coalesce(not v_ids && v_part.contact_ids, false);
  v_part.type := coalesce(v_type, v_part.type);
  v_part.direction := coalesce(v_direction, v_part.direction);
  v_part.is_known := coalesce(v_is_known, v_part.is_known);
  v_part.statuses := case when v_statuses is null then v_part.statuses
    else array(select s from unnest(v_statuses) as s where v_part.statuses is null or s = any (v_part.statuses)) end;
  v_part.contact_ids := case when v_ids is null then v_part.contact_ids
    else array(select i from unnest(v_ids) as i where v_part.contact_ids is null or i = any (v_part.contact_ids)) end;
  return v_part;
end;
$$;
comment on function private.part_filter(private.plan_filter, jsonb) is 'Of a share: what of the whole belongs to the part. Errors: validation_failed (400).';
grant execute on function private.part_filter(private.plan_filter, jsonb) to authenticated;

create type private.query_plan as (
  intent text, metric text, dimension text, sort text, max_rows integer, horizon_days integer, time_zone text, week_start integer,
  filter private.plan_filter, other private.plan_filter);
comment on type private.query_plan is 'A plan that was checked. other: the second side of a comparison, or the part of a share.';

-- What an intent cannot keep to is refused, so that no word of a question is dropped in silence.
create function private.require_answerable(plan private.query_plan)
returns void
language plpgsql stable
set search_path = ''
as $$
declare
  v_plan constant private.query_plan := require_answerable.plan;
  v_dimensions constant text[] := case v_plan.intent
    when 'top' then array['contact', 'type', 'direction', 'status', 'source', 'line'] when 'busiest' then array['hour', 'weekday', 'day', 'week', 'month', 'year']
    when 'trend' then array['hour', 'day', 'week', 'month', 'year'] else array[]::text[] end;
  v_rest private.plan_filter := v_plan.filter;
begin
  if (v_plan.dimension is not null and v_plan.dimension <> all (v_dimensions)) or (v_plan.dimension is null and v_plan.intent in ('top', 'busiest')) then
    perform private.refuse_plan(format('%s goes by %s', v_plan.intent, coalesce(nullif(array_to_string(v_dimensions, ', '), ''), 'no dimension')));
  end if;
  if (v_plan.intent = 'count' and v_plan.metric not in ('events', 'contacts'))
     or (v_plan.intent = 'duration' and v_plan.metric in ('events', 'contacts'))
     or (v_plan.intent = 'share' and v_plan.metric not in ('events', 'contacts', 'talk_time'))
     or (v_plan.dimension = 'contact' and v_plan.metric = 'contacts') then
    perform private.refuse_plan(format('%s does not measure %s', v_plan.intent, v_plan.metric));
  end if;
  if (v_plan.intent = 'list' and v_plan.sort not in ('newest', 'oldest', 'longest', 'shortest'))
     or (v_plan.intent in ('top', 'busiest') and v_plan.sort not in ('most', 'least')) then
    perform private.refuse_plan(format('%s is not sorted by %s', v_plan.intent, v_plan.sort));
  end if;
  if v_plan.intent = 'unreturned' and (v_plan.filter).type = 'sms' then
    perform private.refuse_plan('unreturned speaks of calls');
  end if;
  if v_plan.intent in ('profile', 'predict', 'gaps', 'quality') then
    v_rest.time_zone := null;
    if v_plan.intent <> 'predict' then
      v_rest.starts_at := null;
      v_rest.ends_at := null;
    end if;
    if v_plan.intent in ('profile', 'predict') then
      v_rest.contact_ids := null;
    elsif v_plan.intent = 'gaps' then
      v_rest.type := null;
    end if;
    -- True of a row when all of it is null.
    if not v_rest is null then
      perform private.refuse_plan(v_plan.intent || ' takes no such filter');
    end if;
  end if;
  if v_plan.intent = 'profile' and cardinality((v_plan.filter).contact_ids) is distinct from 1 then
    perform private.refuse_plan('profile speaks of one contact');
  end if;
end;
$$;
comment on function private.require_answerable(private.query_plan) is 'Raises unless the parts of the plan fit its intent. Errors: validation_failed (400).';
grant execute on function private.require_answerable(private.query_plan) to authenticated;

create function private.read_plan(plan jsonb)
returns private.query_plan
language plpgsql stable
set search_path = ''
as $$
declare
  v_given constant jsonb := read_plan.plan;
  v_plan private.query_plan;
begin
  perform private.require_keys(v_given, 'plan',
    '{intent,metric,dimension,filters,starts_at,ends_at,time_zone,week_start,compare,part,sort,limit,horizon_days}');
  v_plan.intent := private.plan_word(v_given -> 'intent', 'intent',
    '{count,duration,list,top,last,first,trend,compare,share,busiest,unreturned,profile,gaps,quality,predict}');
  v_plan.metric := private.plan_word(v_given -> 'metric', 'metric',
    '{events,contacts,talk_time,average_duration,median_duration,longest_duration,shortest_duration}');
  v_plan.dimension := private.plan_word(v_given -> 'dimension', 'dimension',
    '{contact,hour,weekday,day,week,month,year,type,direction,status,source,line}');
  v_plan.sort := private.plan_word(v_given -> 'sort', 'sort', '{newest,oldest,longest,shortest,most,least}');
  v_plan.max_rows := private.plan_integer(v_given -> 'limit', 'limit', 1, 200);
  v_plan.horizon_days := private.plan_integer(v_given -> 'horizon_days', 'horizon_days', 1, 28);
  v_plan.week_start := private.plan_integer(v_given -> 'week_start', 'week_start', 1, 7);
  v_plan.time_zone := private.plan_text(v_given -> 'time_zone', 'time_zone', 64);
  if not private.is_time_zone(v_plan.time_zone) then
    perform private.refuse_plan('time_zone is an IANA name such as Europe/Berlin');
  end if;
  if v_plan.intent is null or v_plan.metric is null or v_plan.sort is null or v_plan.max_rows is null or v_plan.week_start is null then
    perform private.refuse_plan('intent, metric, sort, limit and week_start are given');
  end if;
  if v_plan.horizon_days not in (1, 7, 14, 28) then
    perform private.refuse_plan('horizon_days is 1, 7, 14 or 28');
  end if;
  if (v_given -> 'compare' <> 'null') <> (v_plan.intent = 'compare') or (v_given -> 'part' <> 'null') <> (v_plan.intent = 'share') then
    perform private.refuse_plan('compare belongs to the intent compare, part to share');
  end if;
  v_plan.filter := private.require_interval(private.read_plan_filter(v_given));
  if v_plan.intent = 'compare' then
    v_plan.other := private.compared_filter(v_plan.filter, v_given -> 'compare');
  elsif v_plan.intent = 'share' then
    v_plan.other := private.part_filter(v_plan.filter, v_given -> 'part');
  end if;
  perform private.require_answerable(v_plan);
  return v_plan;
end;
$$;
comment on function private.read_plan(jsonb) is 'A plan, checked key by key. Errors: validation_failed, range_invalid (400).';
grant execute on function private.read_plan(jsonb) to authenticated;

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
  'The filter with the contacts of its company and tag (whole values, without case and accents), and those with a name where that matters. Errors: those of private.require_readable_owner.';
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
          least(plan_groups.bounds[cardinality(plan_groups.bounds)], v_ends_at)),
          case when plan_groups.bounds[2] - plan_groups.bounds[1] >= interval '27 days' then 'month' when plan_groups.bounds[2] - plan_groups.bounds[1] >= interval '22 hours' then 'day' else 'hour' end::private.grain) as c
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
