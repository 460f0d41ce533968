-- When a person's data changed: answers are kept until it moves on.

-- The version of a person's data is the sum over his rows. A writer takes any row that no other transaction holds, and makes
-- one where there is none, so none waits for another: a person has as many rows as he had writers at once.
create table private.data_versions (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  slot bigint generated always as identity,
  version bigint not null default 1,
  shared bigint not null default 0,
  primary key (user_id, slot)
);
comment on table private.data_versions is
  'Counts the changes of a person''s data that answers depend on: private.data_version is the sum.';
comment on column private.data_versions.shared is
  'Counts those changes that teammates may see: what their answers depend on.';
insert into private.user_tables values ('private.data_versions', 'user_id', 'How often the data changed', null);

create function private.data_version(owner_id uuid)
returns bigint
language sql stable
set search_path = ''
as $$
  select coalesce(sum(v.version), 0)::bigint from private.data_versions as v where v.user_id = data_version.owner_id
$$;
comment on function private.data_version(uuid) is
  'A number that grows with every committed change of what this person''s answers are made from. Read it before the data: then an answer is never older than its version. For definer functions only.';

create function private.my_data_version()
returns bigint
language sql stable security definer
set search_path = ''
as $$
  select private.data_version((select auth.uid()))
$$;
comment on function private.my_data_version() is 'private.data_version of the caller.';
grant execute on function private.my_data_version() to authenticated;

create function private.bump_data_version(owner_id uuid, is_shared boolean)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  update private.data_versions as v set version = v.version + 1, shared = v.shared + bump_data_version.is_shared::integer
   where v.user_id = bump_data_version.owner_id
     and v.slot = (select free.slot from private.data_versions as free where free.user_id = bump_data_version.owner_id
                    order by free.slot limit 1 for update skip locked);
  if not found then
    -- Nobody's data: the account is going, and this change with it.
    insert into private.data_versions (user_id, shared)
    select p.user_id, bump_data_version.is_shared::integer from public.profiles as p where p.user_id = bump_data_version.owner_id;
  end if;
end;
$$;
comment on function private.bump_data_version(uuid, boolean) is
  'Adds a change to private.data_version, and to what teammates may see when it is_shared. It never waits for another writer.';

-- What happens with a private contact is no change to teammates: an answer of theirs that had to be made anew would tell
-- that there is one.
create function private.count_data_change()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  c_counted constant text := tg_argv[0];
  c_shared constant text := tg_argv[1];
  c_condition constant text := tg_argv[2];
  c_rows constant text := case tg_op when 'INSERT' then 'added' else 'removed' end;
  v_shown text;
  v_owner record;
begin
  v_shown := case when c_shared = '' then 'select null::uuid as user_id where false'
    when tg_op = 'UPDATE' then format('(select user_id, %1$s from added except select user_id, %1$s from removed)
      union all (select user_id, %1$s from removed except select user_id, %1$s from added)', c_shared)
    else format('select user_id, %s from %s', c_shared, c_rows) end;
  for v_owner in execute format('
      select o.user_id, exists (select from (%s) as shown where shown.user_id = o.user_id and %s) as is_shared
        from (select distinct user_id from (%s) as counted) as o order by o.user_id',
    v_shown, c_condition,
    case when tg_op = 'UPDATE' then format('select user_id, %1$s from added except select user_id, %1$s from removed', c_counted)
      else format('select user_id from %s', c_rows) end)
  loop
    perform private.bump_data_version(v_owner.user_id, v_owner.is_shared);
    if tg_op = 'DELETE' then
      perform private.drop_cached_answers(v_owner.user_id);
    end if;
  end loop;
  return null;
end;
$$;
comment on function private.count_data_change() is
  'Trigger: counts a statement that changed somebody''s data in private.data_versions. Its arguments: the columns whose update counts, those that teammates may see (none: empty), and in which rows, called shown. What is deleted goes from the answers that are kept, too.';

do $$
declare
  c_open constant text := 'not exists (select from public.privacy_rules as r where r.user_id = shown.user_id and r.contact_id = shown.%1$s and r.visibility = ''private'')';
  -- Contacts without events are shown to nobody.
  c_known constant text := 'exists (select from public.events as e where e.user_id = shown.user_id and e.contact_id = shown.%1$s)';
  v_table record;
  v_event text;
begin
  for v_table in
    select * from (values
      ('public.events', 'id, ts, number, contact_id, line_id, type, direction, status, duration, content, source, sources',
        'id, ts, number, contact_id, type, direction, status, duration, content, source', format(c_open, 'contact_id')),
      ('private.event_variants', 'fingerprint, event_id, ts', '', 'true'),
      ('public.contacts', 'id, name, also_known_as, company, tags',
        'id, name, company', format(c_known || ' and ' || c_open, 'id')),
      ('public.contact_numbers', 'number, contact_id',
        'number, contact_id', format(c_known || ' and ' || c_open, 'contact_id')),
      ('public.privacy_rules', 'contact_id, visibility, mask_number, mask_content',
        'contact_id, visibility, visibility <> ''private'' and mask_number, visibility <> ''private'' and mask_content', format(c_known, 'contact_id')),
      ('public.lines', 'id, name, number, kind', '', 'true'),
      ('public.sync_sources', 'id, kind, name, last_report_at, last_ingest_at, last_event_at, errors', '', 'true'),
      ('public.coverage', 'sync_source_id, type, covered', '', 'true'),
      ('public.imports', 'id, state, kind, filename, declared, found, refused, errors, created_at', '', 'true'),
      ('public.profiles', 'display_name, time_zone, default_region, locale, week_start, do_not_share', 'display_name, do_not_share', 'true')) as t (name, columns, shared, condition)
  loop
    foreach v_event in array array['insert', 'update', 'delete'] loop
      continue when v_table.name = 'public.profiles' and v_event <> 'update';
      execute format('create trigger %I after %s on %s referencing %s for each statement execute function private.count_data_change(%L, %L, %L)',
        split_part(v_table.name, '.', 2) || '_count_' || v_event, v_event, v_table.name,
        case v_event when 'insert' then 'new table as added' when 'delete' then 'old table as removed'
          else 'old table as removed new table as added' end,
        v_table.columns, v_table.shared, v_table.condition);
    end loop;
  end loop;
end;
$$;
