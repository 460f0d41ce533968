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
