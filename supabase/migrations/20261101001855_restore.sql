-- The way back: what an archive of private.request_export holds goes into the account of whoever imports it. Ids stay as they
-- were, since keys begin with the owner. What the account has already wins; nothing in an archive is believed but by the
-- tables' own rules, for anybody can write one.

-- A function of its own, as private.insert_reports: the checks of foreign keys take its plan_cache_mode.
create function private.insert_restored(owner_id uuid, restored public.events[])
returns bigint
language plpgsql volatile
set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_inserted bigint;
begin
  insert into public.events (user_id, id, ts, number, contact_id, line_id, type, direction, status, duration, content,
                             source, source_id, sources, metadata, fingerprint)
  select insert_restored.owner_id, e.id, e.ts, e.number, e.contact_id, e.line_id, e.type, e.direction, e.status, e.duration, e.content,
         e.source, e.source_id, e.sources, e.metadata, e.fingerprint
    from unnest(insert_restored.restored) as e
  on conflict do nothing;
  get diagnostics v_inserted = row_count;
  return v_inserted;
end;
$$;
comment on function private.insert_restored(uuid, public.events[]) is
  'Inserts events as given, for this owner, and says how many were new. For private.restore_events only.';

-- What an import of ours would not have let in either.
create function private.is_restorable(event public.events)
returns boolean
language sql stable
set search_path = ''
as $$
  select coalesce(is_restorable.event.ts between timestamptz '1985-01-01 00:00:00+00' and now() + interval '1 day', false)
    and pg_column_size(is_restorable.event.metadata) <= 20000
    and cardinality(is_restorable.event.sources) between 1 and 20
    and not exists (select from unnest(is_restorable.event.sources) as name where coalesce(char_length(name), 200) > 120)
$$;
comment on function private.is_restorable(public.events) is
  'Whether an event of an archive keeps to what ingest asks for and no constraint does: its time, the size of its metadata, its sources.';

create function private.restore_events(owner_id uuid, since timestamptz, rows jsonb)
returns jsonb
language plpgsql volatile
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_given public.events[];
  v_new public.events[];
  v_near private.ingest_match[] := array[]::private.ingest_match[];
  v_known uuid[];
  v_inserted bigint;
  v_merged bigint := 0;
begin
  select array_agg(e) into v_given from jsonb_populate_recordset(null::public.events, restore_events.rows) as e
   where private.is_restorable(e);
  -- A contact that the account knows under another id is found by the number.
  select array_agg(row(restore_events.owner_id, e.id, e.ts, e.number, coalesce(c.id, n.contact_id), l.id, e.type, e.direction, e.status,
             e.duration, e.content, e.source, e.source_id, e.sources, coalesce(e.metadata, '{}'), e.fingerprint, now(), now())::public.events)
    into v_new
    from (select distinct on (given.fingerprint) given.* from unnest(v_given) as given order by given.fingerprint, given.id) as e
    left join public.contacts as c on c.user_id = restore_events.owner_id and c.id = e.contact_id
    left join public.contact_numbers as n on n.user_id = restore_events.owner_id and n.number = e.number and e.contact_id is not null
    left join public.lines as l on l.user_id = restore_events.owner_id and l.id = e.line_id
   where not exists (select from public.events as known
                      where known.user_id = restore_events.owner_id and known.fingerprint = e.fingerprint)
     and not exists (select from public.events as known where known.user_id = restore_events.owner_id and known.id = e.id)
     and not exists (select from private.event_variants as v
                      where v.user_id = restore_events.owner_id and v.fingerprint = e.fingerprint)
     and not exists (select from private.deleted_events as d
                      where d.user_id = restore_events.owner_id and (d.fingerprint = e.fingerprint));

  -- Events that another source has brought here before are the same event; those of the archive are not compared with each other.
  if exists (select from public.events as e where e.user_id = restore_events.owner_id and e.updated_at < restore_events.since)
     or exists (select from private.deleted_events as d where d.user_id = restore_events.owner_id and d.deleted_at < restore_events.since) then
    v_near := private.pair_nearest(array(
      select row(m.index, m.event_id, m.delta, m.is_deleted)::private.ingest_match
        from unnest(private.near_matches(restore_events.owner_id, array(
          select row(r.ordinality, r.ts, r.number, r.type, r.direction, r.status, r.duration, r.content, r.line_id, r.source, r.source_id,
              r.sources[1], null, r.metadata, r.fingerprint, null, null, null)::private.incoming_event
            from unnest(v_new) with ordinality as r))) as m
       where m.is_deleted or exists (select from public.events as e
               where e.user_id = restore_events.owner_id and e.id = m.event_id and e.created_at < restore_events.since)));
    insert into private.event_variants (user_id, fingerprint, event_id, reported_by, source_id, ts, duration)
    select restore_events.owner_id, r.fingerprint, m.event_id, r.sources[1], r.source_id, r.ts, r.duration
      from unnest(v_near) as m join unnest(v_new) with ordinality as r on r.ordinality = m.index where not m.is_deleted;
    get diagnostics v_merged = row_count;
    update public.events as e set
        status = coalesce(e.status, r.status), duration = coalesce(e.duration, r.duration), content = coalesce(e.content, r.content),
        line_id = coalesce(e.line_id, r.line_id), metadata = r.metadata || e.metadata,
        sources = e.sources || array(select name from unnest(r.sources) as name where name <> all (e.sources))
      from unnest(v_near) as m join unnest(v_new) with ordinality as r on r.ordinality = m.index
     where e.user_id = restore_events.owner_id and e.id = m.event_id and not m.is_deleted;
    v_known := array(select r.fingerprint from unnest(v_near) as m join unnest(v_new) with ordinality as r on r.ordinality = m.index);
    v_new := array(select r from unnest(v_new) as r where r.fingerprint <> all (v_known));
  end if;
  v_inserted := private.insert_restored(restore_events.owner_id, coalesce(v_new, '{}'));
  return jsonb_build_object('inserted', v_inserted, 'merged', v_merged,
    'refused', jsonb_array_length(restore_events.rows) - coalesce(cardinality(v_given), 0));
end;
$$;
comment on function private.restore_events(uuid, timestamptz, jsonb) is
  'Takes in a page of events of an archive: {inserted, merged, refused}, the rest was known. since is when the import began: only older events can be the same call from another source. For private.restore_table only.';

-- A number that has another contact here: two contacts of one person, of whom the one that the archive brought gives way.
create function private.restore_numbers(owner_id uuid, since timestamptz, rows jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_pair record;
  v_moved jsonb := jsonb_build_object();
  v_strays text[];
  v_inserted bigint;
begin
  for v_pair in
    select distinct on (r.contact_id) r.contact_id as from_id, n.contact_id as into_id
      from jsonb_populate_recordset(null::public.contact_numbers, restore_numbers.rows) as r
      join public.contact_numbers as n on n.user_id = restore_numbers.owner_id and n.number = r.number and n.contact_id <> r.contact_id
      join public.contacts as c on c.user_id = restore_numbers.owner_id and c.id = r.contact_id and c.created_at >= restore_numbers.since
     order by r.contact_id, n.number
  loop
    perform private.merge_contacts(restore_numbers.owner_id, v_pair.from_id, v_pair.into_id);
    v_moved := v_moved || jsonb_build_object(v_pair.from_id, v_pair.into_id);
  end loop;
  insert into public.contact_numbers (user_id, number, contact_id)
  select restore_numbers.owner_id, r.number, c.id
    from jsonb_populate_recordset(null::public.contact_numbers, restore_numbers.rows) as r
    join public.contacts as c on c.user_id = restore_numbers.owner_id
      and c.id = coalesce((v_moved ->> r.contact_id::text)::uuid, r.contact_id)
  on conflict (user_id, number) do nothing;
  get diagnostics v_inserted = row_count;
  -- Their contact gave way with a page before.
  select array_agg(distinct r.number) into v_strays
    from jsonb_populate_recordset(null::public.contact_numbers, restore_numbers.rows) as r
   where r.number is not null and not exists (
     select from public.contact_numbers as n where n.user_id = restore_numbers.owner_id and n.number = r.number);
  if v_strays is not null then
    perform private.resolve_contacts(restore_numbers.owner_id, v_strays, array_fill(null::text, array[cardinality(v_strays)]), 'log');
  end if;
  return jsonb_build_object('inserted', v_inserted + coalesce(cardinality(v_strays), 0));
end;
$$;
comment on function private.restore_numbers(uuid, timestamptz, jsonb) is
  'Takes in a page of numbers of an archive: {inserted}, the rest was known. For private.restore_table only.';

create function private.restore_table(owner_id uuid, since timestamptz, table_name text, rows jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_inserted bigint;
begin
  case restore_table.table_name
  when 'events' then
    return private.restore_events(restore_table.owner_id, restore_table.since, restore_table.rows);
  when 'contact_numbers' then
    return private.restore_numbers(restore_table.owner_id, restore_table.since, restore_table.rows);
  when 'profiles' then
    -- As sign-up left it: what somebody has set here himself stays.
    update public.profiles as p set display_name = r.display_name, time_zone = r.time_zone, default_region = r.default_region,
        locale = r.locale, week_start = r.week_start
      from jsonb_populate_recordset(null::public.profiles, restore_table.rows) as r
     where p.user_id = restore_table.owner_id and p.updated_at = p.created_at;
  when 'lines' then
    insert into public.lines (user_id, id, name, number, kind)
    select restore_table.owner_id, r.id, r.name, r.number, r.kind
      from jsonb_populate_recordset(null::public.lines, restore_table.rows) as r
    on conflict do nothing;
  when 'sync_sources' then
    insert into public.sync_sources (user_id, id, kind, name, last_report_at, last_ingest_at, last_event_at, queue_depth, clock_drift_seconds, errors)
    select restore_table.owner_id, r.id, r.kind, r.name, r.last_report_at, r.last_ingest_at, r.last_event_at, r.queue_depth,
           r.clock_drift_seconds, r.errors
      from jsonb_populate_recordset(null::public.sync_sources, restore_table.rows) as r
    on conflict do nothing;
  when 'coverage' then
    -- The source may have another id here; the importing function has put its kind and name beside.
    insert into public.coverage as c (user_id, sync_source_id, type, covered)
    select restore_table.owner_id, s.id, r.type, range_agg(tstzrange((piece ->> 'from')::timestamptz, (piece ->> 'to')::timestamptz))
      from jsonb_to_recordset(restore_table.rows) as r (kind text, name text, type text, covered jsonb)
      join public.sync_sources as s on s.user_id = restore_table.owner_id and s.kind = r.kind and s.name = r.name
      cross join jsonb_array_elements(r.covered) as piece
     where isfinite((piece ->> 'from')::timestamptz) and isfinite((piece ->> 'to')::timestamptz)
     group by s.id, r.type
    on conflict (user_id, sync_source_id, type) do update set covered = c.covered + excluded.covered, updated_at = now()
      where not c.covered @> excluded.covered;
    get diagnostics v_inserted = row_count;
    return jsonb_build_object('inserted', v_inserted, 'refused', (
      select count(*) from jsonb_to_recordset(restore_table.rows) as r (kind text, name text)
       where not exists (select from public.sync_sources as s
                          where s.user_id = restore_table.owner_id and s.kind = r.kind and s.name = r.name)));
  when 'contacts' then
    insert into public.contacts (user_id, id, name, name_source, also_known_as, company, tags, notes)
    select restore_table.owner_id, r.id, r.name, r.name_source, r.also_known_as, r.company, r.tags, r.notes
      from jsonb_populate_recordset(null::public.contacts, restore_table.rows) as r
    on conflict do nothing;
  when 'privacy_rules' then
    insert into public.privacy_rules (user_id, contact_id, visibility, mask_number, mask_content)
    select restore_table.owner_id, r.contact_id, r.visibility, r.mask_number, r.mask_content
      from jsonb_populate_recordset(null::public.privacy_rules, restore_table.rows) as r
    on conflict do nothing;
  when 'event_variants' then
    insert into private.event_variants (user_id, fingerprint, event_id, reported_by, source_id, ts, duration)
    select restore_table.owner_id, r.fingerprint, r.event_id, r.reported_by, r.source_id, r.ts, r.duration
      from jsonb_populate_recordset(null::private.event_variants, restore_table.rows) as r
      join public.events as e on e.user_id = restore_table.owner_id and e.id = r.event_id
     where not exists (select from public.events as known
                        where known.user_id = restore_table.owner_id and known.fingerprint = r.fingerprint)
    on conflict do nothing;
  when 'deleted_events' then
    insert into private.deleted_events (user_id, fingerprint, event_id, ts, number, type, direction, duration, deleted_at)
    select restore_table.owner_id, r.fingerprint, r.event_id, r.ts, r.number, r.type, r.direction, r.duration, least(r.deleted_at, now())
      from jsonb_populate_recordset(null::private.deleted_events, restore_table.rows) as r
     where not exists (select from public.events as known
                        where known.user_id = restore_table.owner_id and known.fingerprint = r.fingerprint)
    on conflict do nothing;
  when 'nlq_queries' then
    insert into public.nlq_queries (user_id, id, asked_at, question, normalized, template, local_date, time_zone, planner, planner_version,
        plan, resolved, sentence, clarification, data_version, context_id, is_follow_up, feedback, feedback_at, corrected_plan, cache, took_ms)
    select restore_table.owner_id, r.id, least(r.asked_at, now()), r.question, r.normalized, r.template, r.local_date, r.time_zone, r.planner,
           r.planner_version, r.plan, r.resolved, r.sentence, r.clarification, 0, r.context_id, r.is_follow_up, r.feedback, r.feedback_at,
           r.corrected_plan, r.cache, r.took_ms
      from jsonb_populate_recordset(null::public.nlq_queries, restore_table.rows) as r
    on conflict do nothing;
  else
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'No such table in an archive';
  end case;
  get diagnostics v_inserted = row_count;
  return jsonb_build_object('inserted', v_inserted);
end;
$$;
comment on function private.restore_table(uuid, timestamptz, text, jsonb) is
  'Takes in a page of one table of an archive for its owner: {inserted, merged?, refused?}, the rest was known. For private.restore_tables only.';

create function private.restore_tables(owner_id uuid, since timestamptz, pages jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_page jsonb;
  v_taken jsonb;
  v_found bigint;
  v_sums bigint[] := array[0, 0, 0, 0];
  v_fault jsonb;
begin
  perform private.lock_owner(restore_tables.owner_id);
  for v_page in select value from jsonb_array_elements(restore_tables.pages) loop
    v_found := jsonb_array_length(v_page -> 'rows');
    begin
      v_taken := private.restore_table(restore_tables.owner_id, restore_tables.since, v_page ->> 'table', v_page -> 'rows');
    exception when integrity_constraint_violation or data_exception then
      -- No archive of ours: the rows of this file are not kept.
      v_taken := jsonb_build_object('refused', v_found);
      v_fault := jsonb_build_object('code', 'archive_row_invalid', 'position', v_page ->> 'file',
        'detail', 'A row is not as an export writes it');
    end;
    v_sums[1] := v_sums[1] + coalesce((v_taken ->> 'inserted')::bigint, 0);
    v_sums[2] := v_sums[2] + coalesce((v_taken ->> 'merged')::bigint, 0);
    v_sums[3] := v_sums[3] + v_found - coalesce((v_taken ->> 'inserted')::bigint, 0) - coalesce((v_taken ->> 'merged')::bigint, 0)
      - coalesce((v_taken ->> 'refused')::bigint, 0);
    v_sums[4] := v_sums[4] + coalesce((v_taken ->> 'refused')::bigint, 0);
    exit when v_fault is not null;
  end loop;
  return jsonb_build_object('found', v_sums[1] + v_sums[2] + v_sums[3] + v_sums[4], 'inserted', v_sums[1], 'merged', v_sums[2],
    'duplicate', v_sums[3], 'refused', v_sums[4], 'fault', v_fault);
end;
$$;
comment on function private.restore_tables(uuid, timestamptz, jsonb) is
  'Takes in files of an archive [{file, table, rows}], in order: {found, inserted, merged, duplicate, refused, fault}; a fault {code, position, detail} ends it at the file that is not as an export writes it. For private.advance_import only, which checks the owner.';
