-- Imports: a file comes in parts; each part is one transaction that keeps its rows, its counts and where the parser
-- stands together, so a part can be repeated and a killed process loses nothing that was acknowledged.

create table public.imports (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  id uuid not null default private.uuid_v7(),
  state text not null default 'open' check (state in ('open', 'running', 'done', 'failed', 'needs_mapping')),
  kind text check (kind in ('sms_backup_xml', 'csv', 'ndjson', 'vcard', 'phonelog_export')),
  filename text check (char_length(filename) <= 255),
  bytes bigint check (bytes >= 0),
  bytes_read bigint not null default 0,
  declared bigint,
  found bigint not null default 0,
  inserted bigint not null default 0,
  merged bigint not null default 0,
  duplicate bigint not null default 0,
  refused bigint not null default 0,
  errors jsonb not null default '[]' check (jsonb_typeof(errors) = 'array'),
  options jsonb not null default '{}' check (jsonb_typeof(options) = 'object' and pg_column_size(options) <= 20000),
  parser jsonb check (pg_column_size(parser) <= 8000000),
  next_part integer not null default 0,
  last_part_digest text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (user_id, id)
);
alter table public.imports enable row level security;
create policy imports_select on public.imports for select to authenticated using (user_id = (select auth.uid()));
-- parser holds the file's unread tail, text included, so it is no column for the API.
grant select (user_id, id, state, kind, filename, bytes, bytes_read, declared, found, inserted, merged, duplicate,
  refused, errors, options, next_part, created_at, updated_at, finished_at) on public.imports to authenticated;
grant select, insert, update, delete on public.imports to service_role;
comment on table public.imports is
  'One row per imported file: what was declared, found and what became of it. found = inserted + merged + duplicate + refused.';
comment on column public.imports.errors is 'The first 100: [{position, code, detail}].';
comment on column public.imports.parser is 'Where the parser stands between two parts; removed at the end.';
create trigger imports_set_updated_at before update on public.imports
  for each row execute function private.set_updated_at();
insert into private.user_tables values ('public.imports', 'user_id', 'Imported files and their counts', null);

create function private.import_json(import public.imports)
returns jsonb
language sql stable
set search_path = ''
as $$
  select to_jsonb(import_json.import) - '{user_id,parser,last_part_digest}'::text[]
$$;
comment on function private.import_json(public.imports) is 'An import as the API shows it.';
grant execute on function private.import_json(public.imports) to authenticated;

create function private.import_for_update(import_id uuid)
returns public.imports
language plpgsql volatile
set search_path = ''
as $$
declare
  v_import public.imports;
begin
  select * into v_import from public.imports as i
   where i.user_id = (select auth.uid()) and i.id = import_for_update.import_id for update;
  if not found then
    raise exception using errcode = 'PT404', message = 'import_not_found', detail = 'No such import of yours';
  end if;
  return v_import;
end;
$$;
comment on function private.import_for_update(uuid) is 'The caller''s import, locked. Errors: import_not_found (404).';

create function private.open_import(filename text, bytes bigint, kind text, options jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_import public.imports;
begin
  perform private.require_account();
  insert into public.imports (user_id, filename, bytes, kind, options)
  values ((select auth.uid()), open_import.filename, open_import.bytes, open_import.kind, coalesce(open_import.options, '{}'))
  returning * into v_import;
  return private.import_json(v_import);
end;
$$;
comment on function private.open_import(text, bigint, text, jsonb) is 'The work of public.open_import.';
grant execute on function private.open_import(text, bigint, text, jsonb) to authenticated;

create function public.open_import(filename text default null, bytes bigint default null, kind text default null, options jsonb default '{}')
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_scope('imports:write');
  return private.open_import(open_import.filename, open_import.bytes, open_import.kind, open_import.options);
exception when check_violation then
  raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'No such kind of import, or a size below 0';
end;
$$;
comment on function public.open_import(text, bigint, text, jsonb) is
  'Opens an import for the caller and returns it. Errors: not_authenticated (401), validation_failed (400).';
revoke execute on function public.open_import(text, bigint, text, jsonb) from public, anon;
grant execute on function public.open_import(text, bigint, text, jsonb) to authenticated;

-- Whether a part may come now. A part that was taken in already is answered with the import as it stands.
create function private.begin_import_part(import_id uuid, part integer, part_digest text)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_import public.imports;
begin
  select * into v_import from public.imports as i
   where i.user_id = (select auth.uid()) and i.id = begin_import_part.import_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'import_not_found', detail = 'No such import of yours';
  end if;
  if begin_import_part.part < v_import.next_part then
    if begin_import_part.part = v_import.next_part - 1 and begin_import_part.part_digest <> v_import.last_part_digest then
      raise exception using errcode = 'PT409', message = 'import_part_differs',
        detail = format('Part %s was taken in with other bytes', begin_import_part.part);
    end if;
    return jsonb_build_object('repeated', true, 'import', private.import_json(v_import));
  end if;
  if v_import.state not in ('open', 'running') then
    raise exception using errcode = 'PT409', message = 'import_not_open', detail = format('The import is %s', v_import.state);
  end if;
  if begin_import_part.part > v_import.next_part then
    raise exception using errcode = 'PT409', message = 'import_part_out_of_order',
      detail = format('The next part is %s', v_import.next_part);
  end if;
  return jsonb_build_object('repeated', false, 'import', private.import_json(v_import), 'parser', v_import.parser,
    'profile', (select jsonb_build_object('time_zone', p.time_zone, 'default_region', p.default_region)
                  from public.profiles as p where p.user_id = v_import.user_id));
end;
$$;
comment on function private.begin_import_part(uuid, integer, text) is 'The work of public.begin_import_part.';
grant execute on function private.begin_import_part(uuid, integer, text) to authenticated;

create function public.begin_import_part(import_id uuid, part integer, part_digest text)
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.require_scope('imports:write');
  select private.begin_import_part(begin_import_part.import_id, begin_import_part.part, begin_import_part.part_digest)
$$;
comment on function public.begin_import_part(uuid, integer, text) is
  'What the parser needs for the next part: {repeated, import, parser, profile {time_zone, default_region}}. Errors: import_not_found (404), import_not_open, import_part_out_of_order, import_part_differs (409).';
revoke execute on function public.begin_import_part(uuid, integer, text) from public, anon;
grant execute on function public.begin_import_part(uuid, integer, text) to authenticated;

create function private.advance_import(import_id uuid, part integer, part_digest text, result jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_import public.imports := private.import_for_update(advance_import.import_id);
  v_events constant jsonb := coalesce(advance_import.result -> 'events', '[]');
  v_cards constant jsonb := coalesce(advance_import.result -> 'cards', '[]');
  v_refusals constant jsonb := coalesce(advance_import.result -> 'refusals', '[]');
  -- Of many refusals only the first ones travel, and their number.
  v_refused constant bigint := greatest(jsonb_array_length(v_refusals), (advance_import.result ->> 'refused')::bigint);
  v_fault jsonb := nullif(advance_import.result -> 'fault', 'null');
  v_final constant boolean := coalesce((advance_import.result ->> 'final')::boolean, false);
  v_results private.ingest_result[];
  v_counts jsonb;
  v_restored jsonb;
  v_source_id uuid;
begin
  -- Between begin_import_part and here another request may have taken this part in.
  if advance_import.part < v_import.next_part then
    if advance_import.part = v_import.next_part - 1
       and advance_import.part_digest is distinct from v_import.last_part_digest then
      raise exception using errcode = 'PT409', message = 'import_part_differs',
        detail = format('Part %s was taken in with other bytes', advance_import.part);
    end if;
    return private.import_json(v_import);
  end if;
  if v_import.state not in ('open', 'running') then
    raise exception using errcode = 'PT409', message = 'import_not_open', detail = format('The import is %s', v_import.state);
  end if;
  if advance_import.part > v_import.next_part then
    raise exception using errcode = 'PT409', message = 'import_part_out_of_order',
      detail = format('The next part is %s', v_import.next_part);
  end if;
  v_results := private.ingest_batch(v_import.user_id, v_events, 'backup', advance_import.result ->> 'kind');
  v_counts := private.ingest_cards(v_import.user_id, v_cards);
  v_restored := private.restore_tables(v_import.user_id, v_import.created_at, coalesce(advance_import.result -> 'pages', '[]'));
  v_fault := coalesce(nullif(v_restored -> 'fault', 'null'), v_fault);
  select jsonb_build_object(
      'inserted', (v_counts ->> 'inserted')::bigint + (v_restored ->> 'inserted')::bigint + count(*) filter (where outcome = 'inserted'),
      'merged', (v_counts ->> 'merged')::bigint + (v_restored ->> 'merged')::bigint + count(*) filter (where outcome = 'merged'),
      'duplicate', (v_counts ->> 'duplicate')::bigint + (v_restored ->> 'duplicate')::bigint + count(*) filter (where outcome = 'duplicate'),
      'refused', v_refused + (v_restored ->> 'refused')::bigint + count(*) filter (where outcome = 'refused'))
    into v_counts from unnest(v_results);

  if v_final and v_fault is null and nullif(advance_import.result -> 'coverage', 'null') is not null then
    v_source_id := private.touch_source(v_import.user_id, 'backup', advance_import.result ->> 'kind');
    perform private.add_coverage(v_import.user_id, v_source_id, c ->> 'type',
        (c ->> 'from')::timestamptz, (c ->> 'to')::timestamptz)
      from jsonb_array_elements(advance_import.result -> 'coverage') as c;
  end if;

  update public.imports as i set
      kind = coalesce(advance_import.result ->> 'kind', i.kind),
      state = case
        when v_fault ->> 'code' = 'columns_missing' then 'needs_mapping'
        when v_fault is not null then 'failed'
        when v_final then 'done' else 'running' end,
      bytes_read = i.bytes_read + coalesce((advance_import.result ->> 'bytes')::bigint, 0),
      declared = coalesce((advance_import.result ->> 'declared')::bigint, i.declared),
      found = i.found + jsonb_array_length(v_events) + jsonb_array_length(v_cards) + v_refused + (v_restored ->> 'found')::bigint,
      inserted = i.inserted + (v_counts ->> 'inserted')::bigint,
      merged = i.merged + (v_counts ->> 'merged')::bigint,
      duplicate = i.duplicate + (v_counts ->> 'duplicate')::bigint,
      refused = i.refused + (v_counts ->> 'refused')::bigint,
      errors = (
        select coalesce(jsonb_agg(value order by rank, position), '[]') from (
          select value, rank, position from (
            select value, 0 as rank, ordinality as position from jsonb_array_elements(i.errors) with ordinality
            union all
            select jsonb_build_object('position', value ->> 'position', 'code', coalesce(value ->> 'code', 'refused'),
                     'detail', coalesce(value ->> 'detail', '')), 1, ordinality
              from jsonb_array_elements(v_refusals) with ordinality
            union all
            select jsonb_build_object('position', v_events -> r.index ->> 'position', 'code', r.code, 'detail', r.detail), 2, r.index
              from unnest(v_results) as r where r.outcome = 'refused'
          ) as listed order by rank, position limit 100 - (v_fault is not null)::integer
        ) as first_ones
      ) || case when v_fault is null then '[]' else jsonb_build_array(v_fault) end,
      parser = case when v_final or v_fault is not null then null else advance_import.result -> 'parser' end,
      next_part = case when v_fault ->> 'code' = 'columns_missing' then 0 else advance_import.part + 1 end,
      last_part_digest = advance_import.part_digest,
      finished_at = case when v_final or v_fault is not null then now() end
   where i.user_id = v_import.user_id and i.id = v_import.id
  returning * into v_import;
  return private.import_json(v_import);
end;
$$;
comment on function private.advance_import(uuid, integer, text, jsonb) is 'The work of public.advance_import.';
grant execute on function private.advance_import(uuid, integer, text, jsonb) to authenticated;

create function public.advance_import(import_id uuid, part integer, part_digest text, result jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_scope('imports:write');
  return private.advance_import(advance_import.import_id, advance_import.part, advance_import.part_digest, advance_import.result);
exception when check_violation or invalid_text_representation or invalid_datetime_format or invalid_parameter_value then
  raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'The parsed part is not of the expected shape';
end;
$$;
comment on function public.advance_import(uuid, integer, text, jsonb) is
  'Takes in one parsed part {kind, events, cards, pages (of an archive), refusals, fault, bytes, declared, parser, final, coverage} of the caller''s import, in one transaction, and returns the import. A part that is in already changes nothing. Errors: import_not_found (404), import_not_open, import_part_out_of_order, import_part_differs (409), validation_failed (400).';
revoke execute on function public.advance_import(uuid, integer, text, jsonb) from public, anon;
grant execute on function public.advance_import(uuid, integer, text, jsonb) to authenticated;

create function private.map_import(import_id uuid, options jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_import public.imports := private.import_for_update(map_import.import_id);
begin
  if v_import.state not in ('open', 'needs_mapping') then
    raise exception using errcode = 'PT409', message = 'import_not_open', detail = format('The import is %s', v_import.state);
  end if;
  update public.imports as i set
      state = 'open', options = i.options || map_import.options, errors = '[]', bytes_read = 0,
      next_part = 0, last_part_digest = null, parser = null, finished_at = null
   where i.user_id = v_import.user_id and i.id = v_import.id
  returning * into v_import;
  return private.import_json(v_import);
end;
$$;
comment on function private.map_import(uuid, jsonb) is 'The work of public.map_import.';
grant execute on function private.map_import(uuid, jsonb) to authenticated;

create function public.map_import(import_id uuid, options jsonb)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.require_scope('imports:write');
  select private.map_import(map_import.import_id, map_import.options)
$$;
comment on function public.map_import(uuid, jsonb) is
  'Gives the caller''s import, before any part is in, other options (mapping, time_zone, date_order) and opens it again at part 0. Errors: import_not_found (404), import_not_open (409).';
revoke execute on function public.map_import(uuid, jsonb) from public, anon;
grant execute on function public.map_import(uuid, jsonb) to authenticated;

create function public.get_imports(import_id uuid default null, max_rows integer default 50, cursor_id uuid default null, backward boolean default false)
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.require_scope('imports:write');
  with page as (
    select i.id, jsonb_build_object('id', i.id, 'state', i.state, 'kind', i.kind, 'filename', i.filename,
        'bytes', i.bytes, 'bytes_read', i.bytes_read, 'declared', i.declared, 'found', i.found,
        'inserted', i.inserted, 'merged', i.merged, 'duplicate', i.duplicate, 'refused', i.refused,
        'errors', i.errors, 'options', i.options, 'next_part', i.next_part,
        'created_at', i.created_at, 'updated_at', i.updated_at, 'finished_at', i.finished_at) as import,
      row_number() over (order by case when get_imports.backward then i.id end, case when not get_imports.backward then i.id end desc) as position
      from public.imports as i
     where i.user_id = (select auth.uid())
       and (get_imports.import_id is null or i.id = get_imports.import_id)
       and (get_imports.cursor_id is null
            or case when get_imports.backward then i.id > get_imports.cursor_id else i.id < get_imports.cursor_id end)
     order by position limit least(greatest(get_imports.max_rows, 1), 200) + 1
  )
  select jsonb_build_object(
    'imports', coalesce(jsonb_agg(page.import order by case when get_imports.backward then -page.position else page.position end)
      filter (where page.position <= least(greatest(get_imports.max_rows, 1), 200)), '[]'),
    'has_more', count(*) > least(greatest(get_imports.max_rows, 1), 200),
    'total', (select count(*) from public.imports as i where i.user_id = (select auth.uid())),
    'total_is_estimate', false)
  from page
$$;
comment on function public.get_imports(uuid, integer, uuid, boolean) is
  'A page of the caller''s imports, newest first, or the one named: {imports, has_more, total, total_is_estimate}.';
revoke execute on function public.get_imports(uuid, integer, uuid, boolean) from public, anon;
grant execute on function public.get_imports(uuid, integer, uuid, boolean) to authenticated;
