-- Ingest: the one way events come in. Reads a batch, and merges what is already known.

create type private.incoming_event as (
  index integer,
  ts timestamptz,
  number text,
  type text,
  direction text,
  status text,
  duration integer,
  content text,
  line_id uuid,
  source text,
  source_id text,
  reported_by text,
  contact_name text,
  metadata jsonb,
  fingerprint uuid,
  code text,
  path text,
  detail text
);

create type private.ingest_match as (index integer, event_id uuid, delta double precision, is_deleted boolean);

create type private.ingest_result as (index integer, outcome text, id uuid, code text, path text, detail text);

create function private.read_events(owner_id uuid, events jsonb, source text, source_name text)
returns private.incoming_event[]
language sql stable
set search_path = ''
as $$
  with item as materialized (
    select (ordinality - 1)::integer as index, value,
      value ->> 'ts' as ts, value ->> 'type' as type, value ->> 'direction' as direction,
      value ->> 'status' as status, value -> 'duration' as duration, value ->> 'line_id' as line_id,
      coalesce(value ->> 'source', read_events.source) as source
    from jsonb_array_elements(read_events.events) with ordinality
  ),
  timed as materialized (
    -- Read once: a time with an offset, or null.
    select item.*, case when ts ~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|z|[+-]\d\d(:?\d\d)?)$'
        and pg_input_is_valid(ts, 'timestamptz') then ts::timestamptz end as at
      from item
  ),
  judged as (
    select item.*,
      case
        when jsonb_typeof(value) <> 'object' then '{event_invalid,"",An event is an object}'::text[]
        when ts is null then '{ts_missing,ts,An event needs a time}'
        when at is null
          then '{ts_invalid,ts,"The time is ISO 8601 with an offset, such as 2026-05-01T09:30:00Z"}'
        when at > now() + interval '1 day'
          then '{ts_in_future,ts,The time is more than a day ahead of now}'
        when at < timestamptz '1985-01-01 00:00:00+00'
          then '{ts_too_old,ts,The time is before 1985}'
        when coalesce(type, '') not in ('call', 'sms') then '{type_invalid,type,The type is call or sms}'
        when coalesce(direction, '') not in ('inbound', 'outbound')
          then '{direction_invalid,direction,The direction is inbound or outbound}'
        when status is not null and not (
          (type = 'call' and status in ('answered', 'missed', 'declined', 'voicemail', 'blocked'))
          or (type = 'sms' and status in ('sent', 'received', 'failed')))
          then '{status_invalid,status,"The status is answered, missed, declined, voicemail or blocked for a call; sent, received or failed for a message"}'
        when jsonb_typeof(duration) not in ('number', 'null')
          or (jsonb_typeof(duration) = 'number' and duration::numeric not between 0 and 604800)
          then '{duration_invalid,duration,The duration is a number of seconds from 0 to 604800}'
        when char_length(value ->> 'number') > 64 then '{number_invalid,number,A number has at most 64 characters}'
        when char_length(value ->> 'content') > 100000
          then '{content_too_long,content,A message has at most 100000 characters}'
        when char_length(value ->> 'source_id') > 200
          then '{source_id_too_long,source_id,A source id has at most 200 characters}'
        when item.source not in ('carrier', 'device', 'backup', 'manual', 'api')
          then '{source_invalid,source,"The source is carrier, device, backup, manual or api"}'
        when line_id is not null and not (pg_input_is_valid(line_id, 'uuid') and exists (
          select from public.lines as l where l.user_id = read_events.owner_id and l.id::text = lower(item.line_id)))
          then '{line_not_found,line_id,No such line of yours}'
        when coalesce(jsonb_typeof(value -> 'metadata'), 'null') not in ('object', 'null')
          or pg_column_size(value -> 'metadata') > 20000
          then '{metadata_invalid,metadata,The metadata is an object of at most 20 kB}'
      end as fault
    from timed as item
  ),
  event as materialized (
    select index, fault,
      case when fault is null then date_trunc('milliseconds', at) end as ts,
      private.clean_number(value ->> 'number') as number, type, direction,
      case
        when status is not null then status
        when type = 'sms' then case direction when 'inbound' then 'received' else 'sent' end
        when fault is null and jsonb_typeof(duration) = 'number' and duration::numeric > 0 then 'answered'
      end as status,
      case when fault is null and type = 'call' and jsonb_typeof(duration) = 'number'
        then round(duration::numeric)::integer end as duration,
      nullif(value ->> 'content', '') as content,
      case when fault is null then line_id::uuid end as line_id,
      source, nullif(value ->> 'source_id', '') as source_id,
      private.clean_name(value ->> 'contact_name') as contact_name,
      coalesce(nullif(value -> 'metadata', 'null'), '{}') as metadata
    from judged
  )
  select coalesce(array_agg(row(
      index, ts, number, type, direction, status, duration, content, line_id, source, source_id,
      case when source = read_events.source and coalesce(read_events.source_name, '') <> ''
        then source || ':' || read_events.source_name else source end,
      contact_name, metadata,
      case when fault is null
        then private.event_fingerprint(type, direction, number, ts, duration, content) end,
      fault[1], fault[2], fault[3])::private.incoming_event order by index), '{}')
  from event
$$;
comment on function private.read_events(uuid, jsonb, text, text) is
  'Reads and judges a batch: each event normalised, or with the code, path and detail of its first fault.';

-- Pairs each new report with at most one known event and each event with at most one report, nearest first.
create function private.pair_nearest(candidates private.ingest_match[])
returns private.ingest_match[]
language plpgsql immutable
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_left private.ingest_match[] := pair_nearest.candidates;
  v_pairs private.ingest_match[] := array[]::private.ingest_match[];
  v_round private.ingest_match[];
begin
  while cardinality(v_left) > 0 loop
    select array_agg(row(b.index, b.event_id, b.delta, b.is_deleted)::private.ingest_match) into v_round
      from (select distinct on (best.event_id) best.*
              from (select distinct on (c.index) c.*, count(*) over (partition by c.index) as choices
                      from unnest(v_left) as c order by c.index, c.delta, c.event_id) as best
             order by best.event_id, best.choices, best.delta, best.index) as b;
    v_pairs := v_pairs || v_round;
    select coalesce(array_agg(row(c.index, c.event_id, c.delta, c.is_deleted)::private.ingest_match), '{}') into v_left
      from unnest(v_left) as c
     where not exists (select from unnest(v_round) as r where r.index = c.index)
       and not exists (select from unnest(v_round) as r where r.event_id = c.event_id);
  end loop;
  return v_pairs;
end;
$$;
comment on function private.pair_nearest(private.ingest_match[]) is 'One-to-one matching, greedily by distance in time.';

-- Which known events (or tombstones) may be the same as a report that is not known exactly. Within one source two
-- events a second apart are two events, so only another source's report is matched loosely.
create function private.near_matches(owner_id uuid, reports private.incoming_event[])
returns private.ingest_match[]
language plpgsql stable
set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  return (
  select coalesce(array_agg(row(r.index, known.event_id,
      abs(extract(epoch from known.ts - r.ts))::double precision, known.is_deleted)::private.ingest_match), '{}')
  from unnest(near_matches.reports) as r
  cross join lateral (
    -- The limit, which no phone reaches, keeps the plan at one index look-up per report, whatever the statistics say.
    (select e.id as event_id, e.ts, false as is_deleted
      from public.events as e
     where e.user_id = near_matches.owner_id
       and e.ts between r.ts - interval '2 seconds' and r.ts + interval '2 seconds'
       and e.type = r.type and e.direction = r.direction and e.number is not distinct from r.number
       and (
         (e.source = r.source and e.source_id = r.source_id)
         or (
           (e.duration is null or r.duration is null or abs(e.duration - r.duration) <= 1)
           and case when r.reported_by = any (e.sources)
             then e.ts = r.ts and e.content is not distinct from r.content
             else e.content is null or r.content is null or e.content = r.content end
         )
       )
     order by e.ts desc limit 100)
    union all
    (select d.event_id, d.ts, true
      from private.deleted_events as d
     where d.user_id = near_matches.owner_id
       and d.ts between r.ts - interval '2 seconds' and r.ts + interval '2 seconds'
       and d.type = r.type and d.direction = r.direction and d.number is not distinct from r.number
       and (d.duration is null or r.duration is null or abs(d.duration - r.duration) <= 1)
       -- The text of a deleted message is gone; its fingerprint tells whether it was this one.
       and (r.type = 'call' or r.content is null or d.fingerprint in (
         private.event_fingerprint(r.type, r.direction, r.number, d.ts, d.duration, r.content),
         private.event_fingerprint(r.type, r.direction, r.number, d.ts, d.duration, null)))
     order by d.ts desc limit 100)
  ) as known);
end;
$$;
comment on function private.near_matches(uuid, private.incoming_event[]) is
  'Candidates for a merge: same number, type and direction, start within 2 s, duration within 1 s or not given, text equal or not given, from another source; or the same source''s own id.';

-- A function of its own: the checks of foreign keys take its plan_cache_mode, and would be planned anew for every event.
create function private.insert_reports(owner_id uuid, reports private.incoming_event[], contact_ids uuid[])
returns table (id uuid, fingerprint uuid)
language plpgsql volatile
set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  insert into public.events as e (user_id, ts, number, contact_id, line_id, type, direction, status, duration, content,
                                  source, source_id, sources, metadata, fingerprint)
  select insert_reports.owner_id, r.ts, r.number, insert_reports.contact_ids[r.ordinality], r.line_id, r.type, r.direction, r.status, r.duration,
         r.content, r.source, r.source_id, array[r.reported_by], r.metadata, r.fingerprint
    from unnest(insert_reports.reports) with ordinality as r
  returning e.id, e.fingerprint;
end;
$$;
comment on function private.insert_reports(uuid, private.incoming_event[], uuid[]) is
  'Inserts new reports, each with the contact at its place. For private.ingest_reports only.';

-- The reports of one source: exact first, then near, then new. The plans are made for the arrays at hand, since a plan
-- for arrays of unknown length joins them row by row.
create function private.ingest_reports(owner_id uuid, reports private.incoming_event[])
returns private.ingest_result[]
language plpgsql volatile
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_exact private.ingest_match[];
  v_near private.ingest_match[];
  v_left private.incoming_event[];
  v_new private.incoming_event[];
  v_contact_ids uuid[];
  v_results private.ingest_result[];
begin
  select coalesce(array_agg(row(r.index, known.event_id, 0, known.is_deleted)::private.ingest_match), '{}') into v_exact
    from unnest(ingest_reports.reports) as r
    join lateral (
      select e.id as event_id, false as is_deleted from public.events as e
       where e.user_id = ingest_reports.owner_id and e.fingerprint = r.fingerprint
      union all
      select v.event_id, false from private.event_variants as v
       where v.user_id = ingest_reports.owner_id and v.fingerprint = r.fingerprint
      union all
      select d.event_id, true from private.deleted_events as d
       where d.user_id = ingest_reports.owner_id and d.fingerprint = r.fingerprint
      limit 1
    ) as known on true;

  select coalesce(array_agg(r::private.incoming_event order by r.index), '{}') into v_left
    from (
      select distinct on (r.fingerprint) r.* from unnest(ingest_reports.reports) as r
       where not exists (select from unnest(v_exact) as x where x.index = r.index)
       order by r.fingerprint, r.index
    ) as r;
  -- A statement of its own: within unnest() the planner would call it as well, to know how many rows to expect.
  v_near := private.near_matches(ingest_reports.owner_id, v_left);
  -- An event that this batch reports exactly is taken: its twin a second later is another event.
  v_near := private.pair_nearest(array(
    select row(c.index, c.event_id, c.delta, c.is_deleted)::private.ingest_match
      from unnest(v_near) as c
     where not exists (select from unnest(v_exact) as x where x.event_id = c.event_id)));

  if cardinality(v_near) > 0 then
    insert into private.event_variants (user_id, fingerprint, event_id, reported_by, source_id, ts, duration)
    select ingest_reports.owner_id, r.fingerprint, n.event_id, r.reported_by, r.source_id, r.ts, r.duration
      from unnest(v_left) as r join unnest(v_near) as n on n.index = r.index
     where not n.is_deleted;
    insert into private.deleted_events (user_id, fingerprint, event_id, ts, number, type, direction, duration)
    select ingest_reports.owner_id, r.fingerprint, n.event_id, r.ts, r.number, r.type, r.direction, r.duration
      from unnest(v_left) as r join unnest(v_near) as n on n.index = r.index
     -- A report without text would stand for every text of its second.
     where n.is_deleted and (r.type = 'call' or r.content is not null);
  end if;

  if cardinality(v_exact || v_near) > 0 then
    with better as (
      select distinct on (m.event_id) m.event_id, r.*
        from unnest(v_exact || v_near) as m
        join unnest(ingest_reports.reports) as r on r.index = m.index
       where not m.is_deleted
       order by m.event_id, m.index
    ),
    improved as (
      update public.events as e set
          status = case when e.status is null or (e.status = 'missed' and b.status in ('declined', 'voicemail', 'blocked'))
            then b.status else e.status end,
          duration = coalesce(e.duration, b.duration),
          content = coalesce(e.content, b.content),
          line_id = coalesce(e.line_id, b.line_id),
          metadata = b.metadata || e.metadata,
          sources = case when b.reported_by = any (e.sources) then e.sources else e.sources || b.reported_by end
        from better as b
       where e.user_id = ingest_reports.owner_id and e.id = b.event_id
         and (not b.reported_by = any (e.sources)
              or (e.status is null and b.status is not null)
              or (e.status = 'missed' and b.status in ('declined', 'voicemail', 'blocked'))
              or (e.duration is null and b.duration is not null)
              or (e.content is null and b.content is not null)
              or (e.line_id is null and b.line_id is not null))
      returning b.index
    )
    select array_agg(row(r.index,
        case when i.index is not null or (n.index is not null and not n.is_deleted) then 'merged' else 'duplicate' end,
        m.event_id, null, null, null)::private.ingest_result) into v_results
      from unnest(v_exact || v_near) as m
      join unnest(ingest_reports.reports) as r on r.index = m.index
      left join improved as i on i.index = r.index
      left join unnest(v_near) as n on n.index = r.index;
  end if;

  select coalesce(array_agg(r::private.incoming_event order by r.index), '{}'), array_agg(n.contact_id order by r.index)
    into v_new, v_contact_ids
    from unnest(v_left) as r
    left join public.contact_numbers as n on n.user_id = ingest_reports.owner_id and n.number = r.number
   where not exists (select from unnest(v_near) as x where x.index = r.index);
  select coalesce(v_results, '{}') || coalesce(array_agg(row(r.index,
      case when r.index = min_index.index then 'inserted' else 'duplicate' end,
      fresh.id, null, null, null)::private.ingest_result), '{}') into v_results
    from unnest(ingest_reports.reports) as r
    join private.insert_reports(ingest_reports.owner_id, v_new, v_contact_ids) as fresh on fresh.fingerprint = r.fingerprint
    join (select l.index, l.fingerprint from unnest(v_left) as l) as min_index on min_index.fingerprint = r.fingerprint;

  -- Copies within the batch of a report that was merged.
  return v_results || array(
    select row(copy.index, 'duplicate', n.event_id, null, null, null)::private.ingest_result
      from unnest(v_near) as n
      join unnest(v_left) as l on l.index = n.index
      join unnest(ingest_reports.reports) as copy on copy.fingerprint = l.fingerprint and copy.index <> l.index);
end;
$$;
comment on function private.ingest_reports(uuid, private.incoming_event[]) is
  'Takes in the valid reports of one source. For private.ingest_batch only, which holds the owner''s lock.';

-- Everything of a batch in one transaction. The lock makes one person's ingests follow each other, so two imports
-- at once cannot both find an event new; other people's are not held up.
create function private.ingest_batch(owner_id uuid, events jsonb, source text, source_name text)
returns private.ingest_result[]
language plpgsql volatile
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_events private.incoming_event[];
  v_results private.ingest_result[];
  v_source record;
  v_source_id uuid;
begin
  perform private.lock_owner(ingest_batch.owner_id);
  v_events := private.refuse_removed(ingest_batch.owner_id,
    private.read_events(ingest_batch.owner_id, ingest_batch.events, ingest_batch.source, ingest_batch.source_name));
  select coalesce(array_agg(row(e.index, 'refused', null, e.code, e.path, e.detail)::private.ingest_result), '{}')
    into v_results from unnest(v_events) as e where e.code is not null;

  perform private.resolve_contacts(ingest_batch.owner_id, array_agg(given.number order by given.first_index),
      array_agg(given.name order by given.first_index), 'log')
    from (select e.number, e.contact_name as name, min(e.index) as first_index from unnest(v_events) as e
           where e.code is null and e.number is not null group by e.number, e.contact_name) as given;

  for v_source in
    select e.source, e.reported_by, max(e.ts) as last_event_at,
           array_agg(e::private.incoming_event order by e.index) as reports
      from unnest(v_events) as e where e.code is null
     group by e.source, e.reported_by order by e.reported_by
  loop
    v_results := v_results || private.ingest_reports(ingest_batch.owner_id, v_source.reports);
    v_source_id := private.touch_source(ingest_batch.owner_id, v_source.source,
      case when v_source.reported_by = v_source.source then ''
           else substr(v_source.reported_by, char_length(v_source.source) + 2) end);
    update public.sync_sources as s
       set last_ingest_at = now(), last_event_at = greatest(s.last_event_at, v_source.last_event_at)
     where s.user_id = ingest_batch.owner_id and s.id = v_source_id;
  end loop;
  return v_results;
end;
$$;
comment on function private.ingest_batch(uuid, jsonb, text, text) is
  'Ingests a batch for its owner and says of each event what became of it. For definer functions only.';

create function private.ingest_events(events jsonb, source text, source_name text, coverage jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_owner constant uuid := (select auth.uid());
  v_results private.ingest_result[];
begin
  v_results := private.ingest_batch(v_owner, ingest_events.events, ingest_events.source, ingest_events.source_name);
  if ingest_events.coverage is not null then
    perform private.add_coverage(v_owner,
        private.touch_source(v_owner, ingest_events.source, ingest_events.source_name), type,
        (ingest_events.coverage ->> 'from')::timestamptz, (ingest_events.coverage ->> 'to')::timestamptz)
      from unnest(array['call', 'sms']) as type
     where ingest_events.coverage -> 'types' is null or ingest_events.coverage -> 'types' ? type;
  end if;
  return jsonb_build_object(
    'counts', (
      select jsonb_build_object(
        'inserted', count(*) filter (where outcome = 'inserted'), 'merged', count(*) filter (where outcome = 'merged'),
        'duplicate', count(*) filter (where outcome = 'duplicate'), 'refused', count(*) filter (where outcome = 'refused'))
      from unnest(v_results)),
    'results', (
      select coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(r)) order by r.index), '[]') from unnest(v_results) as r));
end;
$$;
comment on function private.ingest_events(jsonb, text, text, jsonb) is 'The work of public.ingest_events.';
grant execute on function private.ingest_events(jsonb, text, text, jsonb) to authenticated;

create function public.ingest_events(events jsonb, source text default 'api', source_name text default '', coverage jsonb default null)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_scope('events:write');
  perform private.require_account();
  if jsonb_typeof(ingest_events.events) is distinct from 'array' or jsonb_array_length(ingest_events.events) not between 1 and 1000 then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'A batch is an array of 1 to 1000 events';
  end if;
  if coalesce(ingest_events.source, '') not in ('carrier', 'device', 'backup', 'manual', 'api') or char_length(ingest_events.source_name) > 100 then
    raise exception using errcode = 'PT400', message = 'validation_failed',
      detail = 'The source is carrier, device, backup, manual or api, its name at most 100 characters';
  end if;
  if ingest_events.coverage is not null and not (
       pg_input_is_valid(coalesce(ingest_events.coverage ->> 'from', ''), 'timestamptz')
       and pg_input_is_valid(coalesce(ingest_events.coverage ->> 'to', ''), 'timestamptz')) then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'Coverage has a from and a to';
  end if;
  return private.ingest_events(ingest_events.events, ingest_events.source, coalesce(ingest_events.source_name, ''), ingest_events.coverage);
end;
$$;
comment on function public.ingest_events(jsonb, text, text, jsonb) is
  'Takes in up to 1,000 of the caller''s events, in one transaction. Returns {counts, results: [{index, outcome: inserted|merged|duplicate|refused, id, code, path, detail}]}. coverage {from, to, types?} claims that the source delivered everything in between. Errors: not_authenticated (401), validation_failed (400).';
revoke execute on function public.ingest_events(jsonb, text, text, jsonb) from public, anon;
grant execute on function public.ingest_events(jsonb, text, text, jsonb) to authenticated;
