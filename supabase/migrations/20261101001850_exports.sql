-- Exports: all that is held about a person, as one ZIP archive. It is made page by page by whoever holds its lease (the request,
-- a job), each page kept as a part in the same transaction that moves on, so that one that was killed goes on where it was.

create table public.data_exports (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  id uuid not null default private.uuid_v7(),
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'expired', 'deleted')),
  requested_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  expires_at timestamptz,
  tables jsonb not null check (jsonb_typeof(tables) = 'array'),
  table_index integer not null default 0,
  page integer not null default 0,
  after jsonb,
  next_part integer not null default 1,
  rows_done bigint not null default 0,
  bytes bigint,
  attempts integer not null default 0,
  lease uuid,
  lease_until timestamptz,
  primary key (user_id, id)
);
create unique index data_exports_unfinished_idx on public.data_exports (user_id) where state in ('queued', 'running');
create index data_exports_due_idx on public.data_exports (requested_at) where state in ('queued', 'running');
create index data_exports_expiry_idx on public.data_exports (expires_at) where state = 'done';
create index data_exports_id_idx on public.data_exports (id);
alter table public.data_exports enable row level security;
create policy data_exports_select on public.data_exports for select to authenticated using (user_id = (select auth.uid()));
grant select (user_id, id, state, requested_at, started_at, finished_at, expires_at, tables, rows_done, bytes)
  on public.data_exports to authenticated;
grant select, insert, update, delete on public.data_exports to service_role;
select private.limit_keys('public.data_exports', null, null);
comment on table public.data_exports is
  'Archives of their data that people asked for. A row outlives its archive for 90 days, so that the limit on requests holds.';
comment on column public.data_exports.requested_at is 'Rows that were created later are not in the archive.';
comment on column public.data_exports.tables is 'What goes in, in order: [{name, rows}], rows as counted when it was asked for.';
comment on column public.data_exports.after is 'Key of the last row of the current table that is in a part; null at its start.';
comment on column public.data_exports.attempts is 'Times it was taken up since the last part: after five it has failed.';
comment on column public.data_exports.lease is 'Who works on it, until lease_until.';
insert into private.user_tables values ('public.data_exports', 'user_id', 'Archives of one''s data that were asked for', null);

create table private.export_parts (
  user_id uuid not null,
  export_id uuid not null,
  part integer not null,
  start_byte bigint,
  length integer not null,
  files jsonb not null default '[]',
  bytes bytea not null,
  primary key (user_id, export_id, part),
  foreign key (user_id, export_id) references public.data_exports (user_id, id) on delete cascade
);
-- What a part holds is deflated already.
alter table private.export_parts alter column bytes set storage external;
comment on table private.export_parts is
  'Archives in the making and done: the parts in order are the ZIP file. 0 is the manifest, the last the directory, those between have the files of one page of a table each. start_byte is known when it is done.';
insert into private.user_tables (table_name, holds, left_out) values
  ('private.export_parts', 'Archives that were asked for', 'The archives themselves');

update private.user_tables as u set left_out = given.reason
  from (values
    ('private.activity', 'Sums of the events'),
    ('private.month_edges', 'Sums of the events'),
    ('private.week_hours', 'Sums of the events'),
    ('private.activity_parts', 'Sums of the events'),
    ('private.contact_activity', 'Sums of the events'),
    ('private.contact_stats', 'Sums of the events'),
    ('private.call_durations', 'Sums of the events'),
    ('private.contact_bits', 'Numbers of the contacts'),
    ('private.contact_sets', 'Sums of the events'),
    ('private.event_texts', 'Search index of the events'),
    ('private.contact_names', 'Search index of the contacts'),
    ('private.data_versions', 'A counter of changes'),
    ('private.embedding_queue', 'A queue of work on the questions'),
    ('public.nlq_embeddings', 'Computed from the questions'),
    ('public.idempotency_keys', 'Copies, for 24 hours, of answers to requests')) as given (name, reason)
 where u.table_name = to_regclass(given.name);
update private.user_tables as u set left_out_columns = given.columns
  from (values
    ('public.imports', '{"parser": "The unread end of a file that is being imported"}'::jsonb),
    ('public.nlq_queries', '{"answer": "Copies of rows that are here themselves, until the data changes", "answer_key": "Finds those copies", "data_version": "A counter of changes"}'),
    ('public.data_exports', '{"tables": "The contents of the archive: manifest.json has them", "after": "Where the work stands", "lease_until": "Where the work stands", "lease": "Where the work stands"}')
  ) as given (name, columns)
 where u.table_name = to_regclass(given.name);

-- A secret stays in even where nobody thought of saying so; the reason is given all the same.
create function private.export_columns(table_name regclass)
returns table (name name, type text, reason text)
language sql stable
set search_path = ''
as $$
  select a.attname, format_type(a.atttypid, a.atttypmod), coalesce(
      u.left_out_columns ->> a.attname::text,
      case when a.attname::text ~ '(secret|hash|digest|token|password|salt)' then 'Proves that somebody knows a secret, and says nothing else'
           when t.typname in ('bytea', 'tsvector', 'vector') then 'Computed, and of no use elsewhere' end)
    from private.user_tables as u
    join pg_catalog.pg_attribute as a on a.attrelid = u.table_name and a.attnum > 0 and not a.attisdropped
    join pg_catalog.pg_type as t on t.oid = a.atttypid
   where u.table_name = export_columns.table_name and a.attname <> u.owner_column
   order by a.attnum
$$;
comment on function private.export_columns(regclass) is
  'The columns of a table of the registry but its owner, each with the reason why an export leaves it out, or null. For definer functions only.';

create function private.export_tables()
returns table (table_name regclass, name name, holds text, owner_column name, left_out text, place integer)
language sql stable
set search_path = ''
as $$
  -- What others refer to comes first, so that an archive can be taken in from its start.
  select u.table_name, c.relname, u.holds, u.owner_column, u.left_out,
         coalesce(array_position('{profiles,lines,sync_sources,coverage,contacts,privacy_rules,contact_numbers,events,event_variants,deleted_events,nlq_queries}'::name[],
           c.relname), 100)
    from private.user_tables as u join pg_catalog.pg_class as c on c.oid = u.table_name
$$;
comment on function private.export_tables() is
  'The registry as archives know it: name of each table''s files, what it holds, the reason why it is left out or null, its place. For definer functions only.';

-- For whom this request reads: the caller, or, where a job works on it, the owner of an export.
create function private.export_owner(export_id uuid)
returns uuid
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_owner uuid;
begin
  if private.actor_type() = 'service' then
    select e.user_id into v_owner from public.data_exports as e
     where e.id = export_owner.export_id and e.state in ('queued', 'running', 'done');
    if v_owner is null then
      raise exception using errcode = 'PT404', message = 'export_not_found', detail = 'No such export';
    end if;
    return v_owner;
  end if;
  perform private.require_person();
  perform private.require_account();
  return (select auth.uid());
end;
$$;
comment on function private.export_owner(uuid) is
  'The person whose data the request may read whole: the caller; for the service role the owner of this export. Errors: not_authenticated (401), scope_insufficient (403), export_not_found (404). For definer functions only.';

create function private.export_user_data_page(table_name text, after jsonb, snapshot_at timestamptz, max_rows integer, export_id uuid)
returns json
language plpgsql stable security definer
set search_path = '' set timezone = 'UTC'
as $$
declare
  v_owner constant uuid := private.export_owner(export_user_data_page.export_id);
  v_max_rows constant integer := least(greatest(coalesce(export_user_data_page.max_rows, 5000), 1), 5000);
  v_table record;
  v_created name;
  v_keys text[];
  v_types text[];
  v_after constant jsonb := nullif(export_user_data_page.after, 'null');
  v_query text;
  v_line json;
  v_key jsonb;
  v_rows json[] := array[]::json[];
  v_bytes bigint := 0;
  v_last jsonb;
  v_next jsonb;
begin
  select t.* into v_table from private.export_tables() as t where t.name = export_user_data_page.table_name and t.left_out is null;
  if v_table.table_name is null then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'No such table in an export';
  end if;
  select array_agg(format('t.%I', a.attname) order by k.place), array_agg(format_type(a.atttypid, null) order by k.place)
    into v_keys, v_types
    from pg_catalog.pg_index as i
    cross join unnest(i.indkey::smallint[]) with ordinality as k (attnum, place)
    join pg_catalog.pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
   where i.indrelid = v_table.table_name and i.indisprimary and a.attname <> v_table.owner_column;
  if v_after is not null and (jsonb_typeof(v_after) <> 'array' or jsonb_array_length(v_after) <> coalesce(cardinality(v_keys), 0)) then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'after is the next of the page before';
  end if;
  select a.attname into v_created from pg_catalog.pg_attribute as a
   where a.attrelid = v_table.table_name and a.atttypid = 'timestamptz'::regtype and not a.attisdropped
     and a.attname in ('created_at', 'asked_at', 'joined_at', 'deleted_at', 'requested_at')
   order by a.attname limit 1;
  select format('select to_json(r) as line, %s as key from %s as t cross join lateral (select %s) as r where t.%I = $1%s%s%s limit $4 + 1',
      case when v_keys is null then 'null::jsonb' else format('jsonb_build_array(%s)', array_to_string(v_keys, ', ')) end,
      v_table.table_name,
      string_agg(case c.type
        when 'tstzmultirange' then format('(select coalesce(json_agg(json_build_object(''from'', lower(piece), ''to'', upper(piece)) order by piece), ''[]'')
          from unnest(t.%1$I) as piece) as %1$I', c.name)
        else format('t.%I', c.name) end, ', '),
      v_table.owner_column,
      case when v_created is not null and export_user_data_page.snapshot_at is not null then format(' and t.%I <= $3', v_created) end,
      case when v_after is not null then format(' and (%s) > (%s)', array_to_string(v_keys, ', '),
        (select string_agg(format('($2 ->> %s)::%s', place - 1, type), ', ' order by place)
           from unnest(v_types) with ordinality as u (type, place))) end,
      case when v_keys is not null then ' order by ' || array_to_string(v_keys, ', ') end)
    into v_query
    from private.export_columns(v_table.table_name) as c where c.reason is null;
  -- Row by row, since few large rows make a page too: nothing is read beyond it.
  for v_line, v_key in execute v_query using v_owner, v_after, export_user_data_page.snapshot_at, v_max_rows loop
    if cardinality(v_rows) = v_max_rows or (v_bytes > 0 and v_bytes + octet_length(v_line::text) > 3000000) then
      v_next := v_last;
      exit;
    end if;
    v_rows := v_rows || v_line;
    v_bytes := v_bytes + octet_length(v_line::text);
    v_last := v_key;
  end loop;
  return json_build_object(
    'columns', (select json_agg(c.name) from private.export_columns(v_table.table_name) as c where c.reason is null),
    'rows', v_rows, 'next', v_next);
end;
$$;
comment on function private.export_user_data_page(text, jsonb, timestamptz, integer, uuid) is 'The work of public.export_user_data_page.';
grant execute on function private.export_user_data_page(text, jsonb, timestamptz, integer, uuid) to authenticated, service_role;

create function public.export_user_data_page(
  table_name text, after jsonb default null, snapshot_at timestamptz default null, max_rows integer default 5000, export_id uuid default null)
returns json
language sql stable
set search_path = ''
as $$
  select private.require_person();
  select private.export_user_data_page(export_user_data_page.table_name, export_user_data_page.after, export_user_data_page.snapshot_at,
    export_user_data_page.max_rows, export_user_data_page.export_id)
$$;
comment on function public.export_user_data_page(text, jsonb, timestamptz, integer, uuid) is
  'A page of the caller''s own rows of a table of the registry, by its key: {columns, rows, next}; up to max_rows (1 to 5,000) and 3 MB, next is the after of the page that follows, null at the end. Rows created after snapshot_at are left out, where the table says when; times are in UTC. The service role reads for the owner of export_id. Errors: validation_failed (400), not_authenticated (401), scope_insufficient (403: an API key), export_not_found (404).';
revoke execute on function public.export_user_data_page(text, jsonb, timestamptz, integer, uuid) from public, anon;
grant execute on function public.export_user_data_page(text, jsonb, timestamptz, integer, uuid) to authenticated, service_role;

create function private.export_json(export public.data_exports)
returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object('id', export_json.export.id, 'state', export_json.export.state, 'requested_at', export_json.export.requested_at,
    'started_at', export_json.export.started_at, 'finished_at', export_json.export.finished_at, 'expires_at', export_json.export.expires_at,
    'rows_done', export_json.export.rows_done,
    'rows_expected', (select coalesce(sum((t ->> 'rows')::bigint), 0) from jsonb_array_elements(export_json.export.tables) as t),
    'bytes', export_json.export.bytes)
$$;
comment on function private.export_json(public.data_exports) is 'An export as the API shows it.';

create function private.drop_archive(owner_id uuid, export_id uuid, state text)
returns void
language sql volatile
set search_path = ''
as $$
  delete from private.export_parts as p where p.user_id = drop_archive.owner_id and p.export_id = drop_archive.export_id;
  update public.data_exports as e set state = drop_archive.state, lease = null, lease_until = null
   where e.user_id = drop_archive.owner_id and e.id = drop_archive.export_id;
$$;
comment on function private.drop_archive(uuid, uuid, text) is 'Deletes the archive of an export and says in which state that leaves it. For definer functions only.';

create function private.request_export()
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_owner constant uuid := private.export_owner(null);
  v_table record;
  v_rows bigint;
  v_tables jsonb := jsonb_build_array();
  v_export public.data_exports;
begin
  -- Whoever is writing this person's events now is waited for: what he writes is in.
  perform private.lock_owner(v_owner);
  if exists (select from public.data_exports as e where e.user_id = v_owner and e.state in ('queued', 'running')) then
    raise exception using errcode = 'PT409', message = 'export_in_progress', detail = 'An export is being made: wait for it, or delete it';
  end if;
  if (select count(*) from public.data_exports as e where e.user_id = v_owner and e.requested_at > now() - interval '24 hours') >= 5 then
    raise exception using errcode = 'PT429', message = 'export_limit_reached', detail = 'Five exports were asked for within 24 hours';
  end if;
  for v_table in select t.* from private.export_tables() as t where t.left_out is null order by t.place, t.name loop
    execute format('select count(*) from %s where %I = $1', v_table.table_name, v_table.owner_column) into v_rows using v_owner;
    v_tables := v_tables || jsonb_build_object('name', v_table.name, 'rows', v_rows);
  end loop;
  insert into public.data_exports (user_id, requested_at, tables) values (v_owner, clock_timestamp(), v_tables) returning * into v_export;
  -- The two newest archives stay beside the new one.
  perform private.drop_archive(old.user_id, old.id, 'expired')
    from (select e.user_id, e.id from public.data_exports as e where e.user_id = v_owner and e.state = 'done'
           order by e.finished_at desc, e.id desc offset 2) as old;
  perform private.record_audit('export.requested', null, 'user', v_owner::text, jsonb_build_object('export_id', v_export.id));
  return private.export_json(v_export);
end;
$$;
comment on function private.request_export() is 'The work of public.request_export.';
grant execute on function private.request_export() to authenticated;

create function public.request_export()
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.require_person();
  select private.request_export()
$$;
comment on function public.request_export() is
  'Asks for an archive of all that is held about the caller: {id, state queued|running|done|failed|expired, requested_at, started_at, finished_at, expires_at, rows_done, rows_expected, bytes}. One at a time, five in 24 hours; a third archive is deleted when a fourth is asked for. Errors: not_authenticated (401), scope_insufficient (403: an API key), export_in_progress (409), export_limit_reached (429).';
revoke execute on function public.request_export() from public, anon;
grant execute on function public.request_export() to authenticated;

create function private.get_exports(export_id uuid, max_rows integer, cursor_id uuid, backward boolean)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_owner constant uuid := private.export_owner(null);
  v_max_rows constant integer := least(greatest(get_exports.max_rows, 1), 200);
  v_result jsonb;
begin
  with page as (
    select e as export,
      row_number() over (order by case when get_exports.backward then e.id end, case when not get_exports.backward then e.id end desc) as position
      from public.data_exports as e
     where e.user_id = v_owner and e.state <> 'deleted'
       and (get_exports.export_id is null or e.id = get_exports.export_id)
       and (get_exports.cursor_id is null
            or case when get_exports.backward then e.id > get_exports.cursor_id else e.id < get_exports.cursor_id end)
     order by position limit v_max_rows + 1
  )
  select jsonb_build_object(
      'exports', coalesce(jsonb_agg(private.export_json(page.export) order by case when get_exports.backward then -page.position else page.position end)
        filter (where page.position <= v_max_rows), '[]'),
      'has_more', count(*) > v_max_rows,
      'total', (select count(*) from public.data_exports as e where e.user_id = v_owner and e.state <> 'deleted'),
      'total_is_estimate', false)
    into v_result from page;
  return v_result;
end;
$$;
comment on function private.get_exports(uuid, integer, uuid, boolean) is 'The work of public.get_exports.';
grant execute on function private.get_exports(uuid, integer, uuid, boolean) to authenticated;

create function public.get_exports(export_id uuid default null, max_rows integer default 50, cursor_id uuid default null, backward boolean default false)
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.require_person();
  select private.get_exports(get_exports.export_id, get_exports.max_rows, get_exports.cursor_id, get_exports.backward)
$$;
comment on function public.get_exports(uuid, integer, uuid, boolean) is
  'A page of the caller''s exports, newest first, or the one named: {exports, has_more, total, total_is_estimate}. Errors: not_authenticated (401), scope_insufficient (403: an API key).';
revoke execute on function public.get_exports(uuid, integer, uuid, boolean) from public, anon;
grant execute on function public.get_exports(uuid, integer, uuid, boolean) to authenticated;

create function private.delete_export(export_id uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_owner constant uuid := private.export_owner(null);
begin
  perform from public.data_exports as e
   where e.user_id = v_owner and e.id = delete_export.export_id and e.state <> 'deleted' for update;
  if not found then
    raise exception using errcode = 'PT404', message = 'export_not_found', detail = 'No such export of yours';
  end if;
  perform private.drop_archive(v_owner, delete_export.export_id, 'deleted');
  perform private.record_audit('export.deleted', null, 'user', v_owner::text, jsonb_build_object('export_id', delete_export.export_id));
end;
$$;
comment on function private.delete_export(uuid) is 'The work of public.delete_export.';
grant execute on function private.delete_export(uuid) to authenticated;

create function public.delete_export(export_id uuid)
returns void
language sql volatile
set search_path = ''
as $$
  select private.require_person();
  select private.delete_export(delete_export.export_id)
$$;
comment on function public.delete_export(uuid) is
  'Deletes an archive of the caller''s, or stops its making; links to it lead nowhere from then on. Errors: not_authenticated (401), scope_insufficient (403: an API key), export_not_found (404).';
revoke execute on function public.delete_export(uuid) from public, anon;
grant execute on function public.delete_export(uuid) to authenticated;

create function private.open_export_download(export_id uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_owner constant uuid := private.export_owner(open_export_download.export_id);
  v_export public.data_exports;
begin
  select * into v_export from public.data_exports as e
   where e.user_id = v_owner and e.id = open_export_download.export_id and e.state <> 'deleted';
  if not found then
    raise exception using errcode = 'PT404', message = 'export_not_found', detail = 'No such export of yours';
  end if;
  if v_export.state = 'expired' or v_export.expires_at <= now() then
    raise exception using errcode = 'PT410', message = 'export_expired', detail = 'The archive was deleted: ask for another';
  end if;
  if v_export.state <> 'done' then
    raise exception using errcode = 'PT409', message = 'export_not_ready', detail = format('The export is %s', v_export.state);
  end if;
  perform private.record_audit('export.downloaded', null, 'user', v_owner::text,
    jsonb_build_object('export_id', v_export.id, 'by', case when private.actor_type() = 'service' then 'link' else 'token' end));
  return jsonb_build_object('bytes', v_export.bytes, 'requested_at', v_export.requested_at);
end;
$$;
comment on function private.open_export_download(uuid) is 'The work of public.open_export_download.';
grant execute on function private.open_export_download(uuid) to authenticated, service_role;

create function public.open_export_download(export_id uuid)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.require_person();
  select private.open_export_download(open_export_download.export_id)
$$;
comment on function public.open_export_download(uuid) is
  'What a download of the caller''s archive needs, {bytes, requested_at}; it is recorded. The service role opens the archive that a signed link names. Errors: not_authenticated (401), scope_insufficient (403: an API key), export_not_found (404), export_not_ready (409), export_expired (410).';
revoke execute on function public.open_export_download(uuid) from public, anon;
grant execute on function public.open_export_download(uuid) to authenticated, service_role;

create function private.read_export(export_id uuid, at_byte bigint)
returns jsonb
language sql stable security definer
set search_path = ''
as $$
  select jsonb_build_object('content', translate(encode(substr(p.bytes, (read_export.at_byte - p.start_byte)::integer + 1), 'base64'), E'\n', ''),
      'next', p.start_byte + p.length)
    from public.data_exports as e
    join private.export_parts as p on p.user_id = e.user_id and p.export_id = e.id
   where e.id = read_export.export_id and e.state = 'done' and e.expires_at > now()
     and p.start_byte <= read_export.at_byte and p.start_byte + p.length > read_export.at_byte
$$;
comment on function private.read_export(uuid, bigint) is 'The work of public.read_export.';
grant execute on function private.read_export(uuid, bigint) to service_role;

create function public.read_export(export_id uuid, at_byte bigint)
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.read_export(read_export.export_id, read_export.at_byte)
$$;
comment on function public.read_export(uuid, bigint) is
  'For the function that serves downloads: the archive from this byte to the end of the part that has it, {content: base64, next}; null when there is none.';
revoke execute on function public.read_export(uuid, bigint) from public, anon;
grant execute on function public.read_export(uuid, bigint) to service_role;

-- The making, by the service role.

create function private.claim_export(export_id uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_export public.data_exports;
begin
  loop
    update public.data_exports as e set
        state = case when e.attempts < 5 then 'running' else 'failed' end,
        started_at = coalesce(e.started_at, now()), attempts = e.attempts + 1,
        lease = gen_random_uuid(), lease_until = now() + interval '2 minutes'
     where (e.user_id, e.id) = (
       select d.user_id, d.id from public.data_exports as d
        where d.state in ('queued', 'running') and (d.lease_until is null or d.lease_until < now())
          and (claim_export.export_id is null or d.id = claim_export.export_id)
        order by d.requested_at limit 1 for update skip locked)
    returning * into v_export;
    exit when v_export.state is distinct from 'failed';
    perform private.drop_archive(v_export.user_id, v_export.id, 'failed');
  end loop;
  if v_export.id is null then
    return null;
  end if;
  return jsonb_build_object('id', v_export.id, 'lease', v_export.lease, 'requested_at', v_export.requested_at,
    'tables', (select jsonb_agg(t ->> 'name') from jsonb_array_elements(v_export.tables) as t),
    'table_index', v_export.table_index, 'page', v_export.page, 'after', v_export.after, 'next_part', v_export.next_part);
end;
$$;
comment on function private.claim_export(uuid) is 'The work of public.claim_export.';
grant execute on function private.claim_export(uuid) to service_role;

create function public.claim_export(export_id uuid default null)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.claim_export(claim_export.export_id)
$$;
comment on function public.claim_export(uuid) is
  'For the service role: takes the export named, or the one that waits longest, for two minutes from its last part: {id, lease, requested_at, tables, table_index, page, after, next_part}; null when there is none or somebody has it. One that was taken up five times without a part has failed.';
revoke execute on function public.claim_export(uuid) from public, anon;
grant execute on function public.claim_export(uuid) to service_role;

create function private.leased_export(export_id uuid, lease uuid)
returns public.data_exports
language plpgsql volatile
set search_path = ''
as $$
declare
  v_export public.data_exports;
begin
  select * into v_export from public.data_exports as e
   where e.id = leased_export.export_id and e.lease = leased_export.lease and e.state = 'running' for update;
  if not found then
    raise exception using errcode = 'PT409', message = 'export_lease_lost', detail = 'Somebody else works on this export, or it was deleted';
  end if;
  return v_export;
end;
$$;
comment on function private.leased_export(uuid, uuid) is 'The export, locked. Errors: export_lease_lost (409). For definer functions only.';

create function private.add_export_part(export_id uuid, lease uuid, part integer, content text, files jsonb, place jsonb)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_export constant public.data_exports := private.leased_export(add_export_part.export_id, add_export_part.lease);
  v_bytes constant bytea := decode(add_export_part.content, 'base64');
begin
  if add_export_part.part <> v_export.next_part then
    raise exception using errcode = 'PT409', message = 'export_lease_lost', detail = format('Part %s is due', v_export.next_part);
  end if;
  insert into private.export_parts (user_id, export_id, part, length, files, bytes)
  values (v_export.user_id, v_export.id, add_export_part.part, octet_length(v_bytes), add_export_part.files, v_bytes);
  update public.data_exports as e set
      next_part = e.next_part + 1, attempts = 0, lease_until = now() + interval '2 minutes',
      table_index = (add_export_part.place ->> 'table_index')::integer, page = (add_export_part.place ->> 'page')::integer,
      after = nullif(add_export_part.place -> 'after', 'null'),
      rows_done = e.rows_done + (add_export_part.place ->> 'rows')::bigint
   where e.user_id = v_export.user_id and e.id = v_export.id;
end;
$$;
comment on function private.add_export_part(uuid, uuid, integer, text, jsonb, jsonb) is 'The work of public.add_export_part.';
grant execute on function private.add_export_part(uuid, uuid, integer, text, jsonb, jsonb) to service_role;

create function public.add_export_part(export_id uuid, lease uuid, part integer, content text, files jsonb, place jsonb)
returns void
language sql volatile
set search_path = ''
as $$
  select private.add_export_part(add_export_part.export_id, add_export_part.lease, add_export_part.part, add_export_part.content,
    add_export_part.files, add_export_part.place)
$$;
comment on function public.add_export_part(uuid, uuid, integer, text, jsonb, jsonb) is
  'For the service role: keeps the next part of a claimed export (base64; files: what is in it) and moves on to place {table_index, page, after, rows: of this part}, in one. Errors: export_lease_lost (409).';
revoke execute on function public.add_export_part(uuid, uuid, integer, text, jsonb, jsonb) from public, anon;
grant execute on function public.add_export_part(uuid, uuid, integer, text, jsonb, jsonb) to service_role;

create function private.release_export(export_id uuid, lease uuid)
returns void
language sql volatile security definer
set search_path = ''
as $$
  update public.data_exports as e set lease = null, lease_until = null
   where e.id = release_export.export_id and e.lease = release_export.lease
$$;
comment on function private.release_export(uuid, uuid) is 'The work of public.release_export.';
grant execute on function private.release_export(uuid, uuid) to service_role;

create function public.release_export(export_id uuid, lease uuid)
returns void
language sql volatile
set search_path = ''
as $$
  select private.release_export(release_export.export_id, release_export.lease)
$$;
comment on function public.release_export(uuid, uuid) is 'For the service role: leaves a claimed export to whoever claims it next.';
revoke execute on function public.release_export(uuid, uuid) from public, anon;
grant execute on function public.release_export(uuid, uuid) to service_role;

create function private.export_contents(export_id uuid)
returns json
language plpgsql stable security definer
set search_path = '' set timezone = 'UTC'
as $$
declare
  v_owner constant uuid := private.export_owner(export_contents.export_id);
begin
  return json_build_object(
    'account', (select json_build_object('id', a.id, 'email', a.email, 'created_at', a.created_at) from auth.users as a where a.id = v_owner),
    'tables', (select json_agg(json_build_object('name', t.name, 'holds', t.holds) order by t.place, t.name)
                 from private.export_tables() as t where t.left_out is null),
    'left_out', (select coalesce(json_agg(json_build_object('table', o.name, 'column', o.column_name, 'reason', o.reason) order by o.name, o.column_name), '[]')
                   from (select t.name, null as column_name, t.left_out as reason from private.export_tables() as t where t.left_out is not null
                         union all
                         select t.name, c.name, c.reason from private.export_tables() as t cross join private.export_columns(t.table_name) as c
                          where t.left_out is null and c.reason is not null) as o),
    'parts', (select coalesce(json_agg(json_build_object('length', p.length, 'files', p.files) order by p.part), '[]')
                from private.export_parts as p where p.user_id = v_owner and p.export_id = export_contents.export_id and p.part > 0));
end;
$$;
comment on function private.export_contents(uuid) is 'The work of public.export_contents.';
grant execute on function private.export_contents(uuid) to service_role;

create function public.export_contents(export_id uuid)
returns json
language sql stable
set search_path = ''
as $$
  select private.export_contents(export_contents.export_id)
$$;
comment on function public.export_contents(uuid) is
  'For the service role, what the manifest of an export says: {account {id, email, created_at}, tables [{name, holds}], left_out [{table, column, reason}], parts [{length, files}]}. Errors: export_not_found (404).';
revoke execute on function public.export_contents(uuid) from public, anon;
grant execute on function public.export_contents(uuid) to service_role;

create function private.finish_export(export_id uuid, lease uuid, manifest text, directory text)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_export constant public.data_exports := private.leased_export(finish_export.export_id, finish_export.lease);
begin
  insert into private.export_parts (user_id, export_id, part, length, bytes)
  select v_export.user_id, v_export.id, given.part, octet_length(given.bytes), given.bytes
    from (values (0, decode(finish_export.manifest, 'base64')), (v_export.next_part, decode(finish_export.directory, 'base64'))) as given (part, bytes);
  update private.export_parts as p set start_byte = placed.start_byte
    from (select part, sum(length) over (order by part) - length as start_byte
            from private.export_parts where user_id = v_export.user_id and export_parts.export_id = v_export.id) as placed
   where p.user_id = v_export.user_id and p.export_id = v_export.id and p.part = placed.part;
  update public.data_exports as e set
      state = 'done', finished_at = now(), expires_at = now() + interval '72 hours', lease = null, lease_until = null,
      bytes = (select sum(p.length) from private.export_parts as p where p.user_id = e.user_id and p.export_id = e.id)
   where e.user_id = v_export.user_id and e.id = v_export.id;
end;
$$;
comment on function private.finish_export(uuid, uuid, text, text) is 'The work of public.finish_export.';
grant execute on function private.finish_export(uuid, uuid, text, text) to service_role;

create function public.finish_export(export_id uuid, lease uuid, manifest text, directory text)
returns void
language sql volatile
set search_path = ''
as $$
  select private.finish_export(finish_export.export_id, finish_export.lease, finish_export.manifest, finish_export.directory)
$$;
comment on function public.finish_export(uuid, uuid, text, text) is
  'For the service role: gives a claimed export its first part, with the manifest, and its last, the ZIP directory (base64); it can be downloaded for 72 hours. Errors: export_lease_lost (409).';
revoke execute on function public.finish_export(uuid, uuid, text, text) from public, anon;
grant execute on function public.finish_export(uuid, uuid, text, text) to service_role;

create function private.job_expire_exports(deadline timestamptz)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_due record;
  v_expired integer := 0;
  v_removed integer;
begin
  for v_due in
    select e.user_id, e.id from public.data_exports as e
     where e.state = 'done' and e.expires_at <= now() order by e.expires_at limit 1000 for update skip locked
  loop
    exit when clock_timestamp() >= job_expire_exports.deadline;
    perform private.drop_archive(v_due.user_id, v_due.id, 'expired');
    v_expired := v_expired + 1;
  end loop;
  delete from public.data_exports as e
   where e.state in ('expired', 'deleted', 'failed') and e.requested_at < now() - interval '90 days';
  get diagnostics v_removed = row_count;
  return jsonb_build_object('expired', v_expired, 'removed', v_removed,
    'more', exists (select from public.data_exports as e where e.state = 'done' and e.expires_at <= now()));
end;
$$;
comment on function private.job_expire_exports(timestamptz) is
  'Job: deletes archives whose 72 hours are over, and after 90 days the rows of those that are gone: {expired, removed, more}. Safe to run twice and to be killed.';
