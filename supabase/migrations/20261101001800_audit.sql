-- The audit log: who did what to what, kept apart by organisation. Rows come from triggers and definer functions only, are
-- sealed into one chain of hashes per organisation, and are never changed again but to put a pseudonym for an erased person.

create table public.audit_log (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid,
  at timestamptz not null default clock_timestamp(),
  actor uuid,
  actor_type text not null check (actor_type in ('user', 'api_key', 'service', 'system', 'anonymous')),
  key_id text,
  action text not null check (action ~ '^[a-z_]+(\.[a-z_]+)+$'),
  owner_id uuid,
  subject_type text check (char_length(subject_type) <= 100),
  subject_id text check (char_length(subject_id) <= 200),
  old jsonb check (jsonb_typeof(old) = 'object'),
  new jsonb check (jsonb_typeof(new) = 'object'),
  request_id text,
  address inet,
  details jsonb not null default '{}' check (jsonb_typeof(details) = 'object'),
  seq bigint,
  salts uuid[] check (cardinality(salts) = 3),
  digests bytea[] check (cardinality(digests) = 3),
  prev_hash bytea,
  hash bytea,
  constraint audit_log_sealed_whole check (num_nulls(seq, salts, digests, prev_hash, hash) in (0, 5))
);
create unique index audit_log_seal_idx on public.audit_log (organization_id, seq) nulls not distinct where seq is not null;
create index audit_log_unsealed_idx on public.audit_log (at, id) where seq is null;
create index audit_log_organization_idx on public.audit_log (organization_id, at desc, id desc) where organization_id is not null;
create index audit_log_actor_idx on public.audit_log (actor, at desc, id desc) where actor is not null;
create index audit_log_owner_idx on public.audit_log (owner_id, at desc, id desc) where owner_id is not null;
create index audit_log_reads_idx on public.audit_log (actor, at desc) where action in ('data.read', 'audit.read');
create index audit_log_failures_idx on public.audit_log (at) where action = 'auth.failed';
alter table public.audit_log enable row level security;
comment on table public.audit_log is
  'Who did what: written by triggers and by private.record_audit, read through get_audit_log. Closed to every API role, the secret key''s too. Refers to no table, so that it outlives what it tells of.';
comment on column public.audit_log.organization_id is 'Whose log it is; null for what concerns one person''s own data, which no organisation sees.';
comment on column public.audit_log.actor is 'The user, or the pseudonym of one who was erased; null for the service, the system and the unknown.';
comment on column public.audit_log.owner_id is 'The person whose data it was, or the pseudonym; null for what is an organisation''s own.';
comment on column public.audit_log.old is 'Former values of the changed columns; secrets and content are left out, details.columns names them.';
comment on column public.audit_log.new is 'New values of the changed columns, as old.';
comment on column public.audit_log.request_id is 'As the request said it.';
comment on column public.audit_log.address is 'As the function said it.';
comment on column public.audit_log.seq is 'Place in the organisation''s chain; null until private.job_seal_audit has been there.';
comment on column public.audit_log.salts is
  'One for each part that an erasure may clear (1 actor, key_id, request_id, address; 2 owner_id, subject_id; 3 old, new, details); null when it did.';
comment on column public.audit_log.digests is 'private.audit_digests: salted hashes of the three parts, which the row''s hash is made of, so that it holds when a part was erased.';
comment on column public.audit_log.hash is 'private.audit_hash over prev_hash and the whole row.';

create function private.keep_audit_log()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- Nobody but the tables' owner gets here. He is stopped from doing it by mistake; what he does on purpose breaks the chain.
  if tg_op = 'UPDATE' and current_setting('phonelog.audit_change', true) in ('seal', 'pseudonym') then
    return null;
  end if;
  raise exception using errcode = 'PT403', message = 'not_permitted', detail = 'The audit log is only added to';
end;
$$;
comment on function private.keep_audit_log() is 'Trigger: refuses to change, delete or truncate rows of the audit log. Errors: not_permitted (403).';
create trigger audit_log_keep before update or delete or truncate on public.audit_log
  for each statement execute function private.keep_audit_log();

create function private.record_audit(
  action text, organization_id uuid, subject_type text, subject_id text, details jsonb default '{}')
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_type constant text := private.actor_type();
  v_actor constant uuid := case when v_type in ('user', 'api_key') then (select auth.uid()) end;
begin
  insert into public.audit_log (organization_id, actor, actor_type, key_id, action, owner_id, subject_type, subject_id, request_id, address, details)
  values (record_audit.organization_id, v_actor, v_type, private.current_key_id(), record_audit.action,
    case when record_audit.subject_type = 'user' then record_audit.subject_id::uuid
         when record_audit.organization_id is null then v_actor end,
    record_audit.subject_type, record_audit.subject_id, private.request_header('x-request-id'), private.client_address(),
    coalesce(record_audit.details, '{}'));
end;
$$;
comment on function private.record_audit(text, uuid, text, text, jsonb) is
  'Adds a row to the audit log, the actor as the request says. A subject of type user (its id a user''s) is the person whose data it was. For definer functions only; details must not hold content, names or numbers.';

-- Writes

create function private.audit_columns(change jsonb, hidden text[])
returns jsonb
language sql immutable
set search_path = ''
as $$
  select nullif(coalesce(jsonb_object_agg(key, value) filter (where value <> 'null'), '{}'), '{}')
    from jsonb_each(audit_columns.change) where key <> all (audit_columns.hidden)
$$;
comment on function private.audit_columns(jsonb, text[]) is 'The columns of a row that may be written down, without nulls; null when there are none.';

-- What a statement did to a table. Few rows are told one by one; many, and all that ingest brings in, as counts.
create function private.audit_statement()
returns trigger
language plpgsql volatile security definer
set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  c_each constant integer := 10;
  v_rows constant text := case tg_op when 'DELETE' then 'removed' else 'added' end;
  v_source constant text := tg_argv[6];
  v_type constant text := private.actor_type();
  v_count integer;
begin
  execute format('select count(*) from (select from %I limit %s) as r', v_rows, c_each + 1) into v_count;
  if v_count = 0 then
    return null;
  end if;
  execute format(
    'insert into public.audit_log (organization_id, owner_id, subject_id, old, new, details, action, subject_type, actor, actor_type, key_id, request_id, address) '
    || case when v_count > c_each or (tg_op = 'INSERT' and v_source <> '') then
      'select %1$s, %2$s, null, null, null, jsonb_strip_nulls(jsonb_build_object(''rows'', count(*), ''source'', %6$s)), $1, $2, $3, $4, $5, $6, $7
         from %3$I as r group by 1, 2, %6$s'
    else
      'select %1$s, %2$s, left(r.%4$I::text, 200), private.audit_columns(c.old, $8), private.audit_columns(c.new, $8),
          jsonb_build_object(''columns'', c.columns), $1, $2, $3, $4, $5, $6, $7
         from %3$I as r %5$s
         cross join lateral (
           select jsonb_object_agg(key, b.row -> key) as old, jsonb_object_agg(key, b.row_now -> key) as new, jsonb_agg(key order by key) as columns
             from (select %7$s as row, %8$s as row_now) as b
             cross join lateral jsonb_object_keys(coalesce(b.row_now, b.row)) as key
            where key <> all ($9) and b.row -> key is distinct from b.row_now -> key and coalesce(b.row_now -> key, b.row -> key) is not null
              and not (b.row is null and b.row_now -> key = ''null'') and not (b.row_now is null and b.row -> key = ''null'')
         ) as c
        where c.columns is not null or %9$L <> ''UPDATE'''
    end,
    tg_argv[1], tg_argv[2], v_rows, tg_argv[0],
    case tg_op when 'UPDATE' then format('join removed as o using (%s)', tg_argv[3]) else '' end,
    case when v_source = '' then 'null::text' else 'r.' || v_source end,
    case tg_op when 'INSERT' then 'null::jsonb' when 'UPDATE' then 'to_jsonb(o)' else 'to_jsonb(r)' end,
    case tg_op when 'DELETE' then 'null::jsonb' else 'to_jsonb(r)' end,
    tg_op)
    using tg_table_name || '.' || lower(tg_op), tg_table_name::text, case when v_type in ('user', 'api_key') then (select auth.uid()) end,
      v_type, private.current_key_id(), private.request_header('x-request-id'), private.client_address(),
      tg_argv[4]::text[], tg_argv[5]::text[];
  return null;
end;
$$;
comment on function private.audit_statement() is
  'Trigger of private.audit_table: writes what a statement did to the audit log. Arguments: the column that names a row, whose log and whose data as SQL over r, the primary key, the columns whose values are withheld, those not told at all, the source column or nothing.';

create function private.audit_table(audited regclass, secret_columns text[] default '{}')
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_columns constant text[] := array(
    select a.attname::text from pg_catalog.pg_attribute as a where a.attrelid = audit_table.audited and a.attnum > 0 and not a.attisdropped);
  v_key constant text[] := array(
    select a.attname::text from pg_catalog.pg_index as i cross join unnest(i.indkey) as k (attnum)
      join pg_catalog.pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
     where i.indrelid = audit_table.audited and i.indisprimary);
  -- Documents and bytes can hold anything.
  v_hidden constant text[] := audit_table.secret_columns || array(
    select a.attname::text from pg_catalog.pg_attribute as a
     where a.attrelid = audit_table.audited and a.attnum > 0 and not a.attisdropped
       and format_type(a.atttypid, null) ~ '(json|jsonb|bytea|tsvector|vector|range)$');
  v_name constant name := (select c.relname from pg_catalog.pg_class as c where c.oid = audit_table.audited);
  v_event text;
begin
  if not audit_table.secret_columns <@ v_columns then
    raise exception 'Cannot audit %: it has no column of that name', audit_table.audited;
  end if;
  foreach v_event in array array['insert', 'update', 'delete'] loop
    execute format('create trigger %I after %s on %s referencing %s for each statement execute function private.audit_statement(%L, %L, %L, %L, %L, %L, %L)',
      v_name || '_audit_' || v_event, v_event, audit_table.audited,
      case v_event when 'insert' then 'new table as added' when 'delete' then 'old table as removed'
        else 'old table as removed new table as added' end,
      (select c from unnest(array['id', 'contact_id', 'user_id', v_key[1]]) with ordinality as t (c, place) where c = any (v_columns) order by place limit 1),
      case when audit_table.audited = 'public.organizations'::regclass then 'r.id'
           when 'organization_id' = any (v_columns) then 'r.organization_id' else 'null::uuid' end,
      case when 'user_id' = any (v_columns) then 'r.user_id' when 'owner_id' = any (v_columns) then 'r.owner_id' else 'null::uuid' end,
      array_to_string(array(select quote_ident(k) from unnest(v_key) as k), ', '), v_hidden,
      array['created_at', 'updated_at', 'organization_id', 'user_id', 'owner_id', 'id'],
      case when 'source' = any (v_columns) then 'source' else '' end);
  end loop;
end;
$$;
comment on function private.audit_table(regclass, text[]) is
  'From now on writes to this table are in the audit log. Values of the columns given, and of documents and bytes, are left out. For migrations.';

select private.audit_table('public.profiles', '{display_name}');
select private.audit_table('public.organizations', '{name}');
select private.audit_table('public.org_members');
select private.audit_table('public.lines', '{name,number}');
select private.audit_table('public.contacts', '{name,also_known_as,company,tags,notes}');
select private.audit_table('public.contact_numbers', '{number}');
select private.audit_table('public.events', '{number,content,source_id,sources,fingerprint}');
select private.audit_table('public.privacy_rules');
select private.audit_table('public.imports', '{filename}');

-- Reads of somebody else's data. The reading functions are stable and run in transactions that cannot write, where one is
-- let through only if the same read was noted a few minutes ago; otherwise the caller is sent to public.read_recorded,
-- which does the same read in a transaction that can. So no read goes unnoted, whichever way it is asked for.

create function private.note_read(action text, organization_ids uuid[], person_id uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_type constant text := private.actor_type();
  v_reader constant uuid := case when v_type in ('user', 'api_key') then (select auth.uid()) end;
  v_function constant text := coalesce(nullif(current_setting('phonelog.reading', true), ''), regexp_replace(current_setting('request.path', true), '^.*/', ''), '');
begin
  if exists (
    select from public.audit_log as a
     where a.actor = v_reader and a.at > clock_timestamp() - interval '10 minutes'
       and a.action in ('data.read', 'audit.read') and a.action = note_read.action
       and a.owner_id is not distinct from note_read.person_id and a.organization_id = any (note_read.organization_ids)
       and a.key_id is not distinct from private.current_key_id() and a.actor_type = v_type and a.details ->> 'function' = v_function) then
    return;
  end if;
  if current_setting('transaction_read_only')::boolean then
    raise exception using errcode = 'PT409', message = 'read_not_recorded',
      detail = 'Data of somebody else is read through read_recorded, which notes it';
  end if;
  insert into public.audit_log (organization_id, actor, actor_type, key_id, action, owner_id, subject_type, subject_id, request_id, address, details)
  select o.id, v_reader, v_type, private.current_key_id(), note_read.action, note_read.person_id,
    case when note_read.person_id is null then 'organization' else 'user' end, coalesce(note_read.person_id, o.id)::text,
    private.request_header('x-request-id'), private.client_address(), jsonb_build_object('function', v_function)
    from unnest(note_read.organization_ids) as o (id);
end;
$$;
comment on function private.note_read(text, uuid[], uuid) is
  'Puts a read into the logs of these organisations, once in 10 minutes for each reader, person and function. Errors: read_not_recorded (409) where it would have to write in a read-only transaction. For definer functions only.';

create function private.record_read(person_id uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_noted constant text := coalesce(current_setting('phonelog.noted_reads', true), '');
begin
  if record_read.person_id = (select auth.uid()) or strpos(v_noted, record_read.person_id::text) > 0 then
    return;
  end if;
  perform private.note_read('data.read', array(
    select mine.organization_id from public.org_members as mine
      join public.org_members as theirs on theirs.organization_id = mine.organization_id and theirs.user_id = record_read.person_id
     where mine.user_id = (select auth.uid()) and private.role_rank(mine.role) >= private.role_rank('member')), record_read.person_id);
  -- Several functions of one request ask: the first answer holds to its end.
  perform set_config('phonelog.noted_reads', v_noted || ' ' || record_read.person_id, true);
end;
$$;
comment on function private.record_read(uuid) is
  'Notes that the caller reads data of this teammate, in the logs of the organisations that let him. One''s own is not noted. Errors: those of private.note_read.';
grant execute on function private.record_read(uuid) to authenticated;

create function private.call_reader(function_name text, arguments jsonb)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_function record;
  v_answer jsonb;
begin
  -- A document may come as its text, as it does in the URL of a GET.
  select coalesce(string_agg(format(case when type = 'jsonb'::regtype
           then '%1$I => case jsonb_typeof(a.%1$I) when ''string'' then (a.%1$I #>> ''{}'')::jsonb else a.%1$I end'
           else '%1$I => a.%1$I' end, arg), ', ') filter (where arg is not null), '') as named,
         string_agg(format('%I %s', arg, format_type(type, null)), ', ') filter (where arg is not null) as columns,
         count(arg) as given
    into v_function
    from pg_catalog.pg_proc as p
    left join lateral unnest(p.proargnames[1:p.pronargs], p.proargtypes::oid[]) as t (arg, type) on call_reader.arguments ? arg
   where p.pronamespace = 'public'::regnamespace and p.proname = call_reader.function_name and p.provolatile = 's'
     and p.prorettype = any ('{jsonb,text}'::regtype[])
   group by p.oid;
  if not found or jsonb_typeof(call_reader.arguments) is distinct from 'object'
     or v_function.given <> (select count(*) from jsonb_object_keys(call_reader.arguments)) then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'No function that reads has this name and these arguments';
  end if;
  -- What was noted of another function of this transaction is not noted of this one.
  perform set_config('phonelog.reading', call_reader.function_name, true), set_config('phonelog.noted_reads', '', true);
  execute format('select to_jsonb(public.%I(%s))', call_reader.function_name, v_function.named)
    || case when v_function.given > 0 then format(' from jsonb_to_record($1) as a (%s)', v_function.columns) else '' end
    into v_answer using call_reader.arguments;
  return v_answer;
end;
$$;
comment on function private.call_reader(text, jsonb) is
  'What a public function that reads answers to these arguments by name, with the caller''s rights and in the snapshot of the caller''s statement. Errors: validation_failed (400), and those of the function.';
grant execute on function private.call_reader(text, jsonb) to authenticated, service_role;

create function public.read_recorded(function_name text, arguments jsonb default '{}')
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.call_reader(read_recorded.function_name, read_recorded.arguments)
$$;
comment on function public.read_recorded(text, jsonb) is
  'What one of the reading functions answers to these arguments, in a transaction that can note the read of a teammate''s data in the audit log. Errors: validation_failed (400), and those of the function.';
revoke execute on function public.read_recorded(text, jsonb) from public, anon;
grant execute on function public.read_recorded(text, jsonb) to authenticated, service_role;

-- The chain. Each row's hash covers the hash before it and the whole row, what can be erased by way of salted digests.

create table private.audit_heads (
  chain uuid primary key,
  count bigint not null default 0,
  hash bytea not null default '\x',
  sealed_at timestamptz not null default now()
);
comment on table private.audit_heads is
  'How many rows each organisation''s chain has and the hash of the last; the zero UUID: rows of no organisation. Told by verify_audit_log, to be kept elsewhere as an anchor.';

create function private.audit_digests(entry public.audit_log, salts uuid[])
returns bytea[]
language sql immutable
set search_path = ''
as $$
  select array_agg(coalesce(
      sha256(uuid_send(salts[place]) || convert_to(part::text, 'UTF8')), entry.digests[place]) order by place)
    from (values
      (1, jsonb_build_array(entry.actor, entry.key_id, entry.request_id, host(entry.address))),
      (2, jsonb_build_array(entry.owner_id, entry.subject_id)),
      (3, jsonb_build_array(entry.old, entry.new, entry.details))) as t (place, part)
$$;
comment on function private.audit_digests(public.audit_log, uuid[]) is
  'Salted SHA-256 of the three parts of a row that an erasure may clear; of a part without salt the digest that the row has.';

create function private.audit_hash(entry public.audit_log)
returns bytea
language sql immutable
set search_path = ''
as $$
  select sha256(entry.prev_hash || convert_to(jsonb_build_array(
    entry.seq, entry.id, entry.organization_id, (extract(epoch from entry.at) * 1000000)::bigint, entry.actor_type, entry.action, entry.subject_type,
    encode(entry.digests[1], 'hex'), encode(entry.digests[2], 'hex'), encode(entry.digests[3], 'hex'))::text, 'UTF8'))
$$;
comment on function private.audit_hash(public.audit_log) is 'SHA-256 over prev_hash and the row, its three parts by their digests.';

-- What is committed when a batch begins comes before what is committed later, so the order of the chain needs no lock that
-- writers would wait for: they only insert. A row is open to unseen removal until it is sealed, hence often.
create function private.job_seal_audit(deadline timestamptz)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  c_none constant uuid := uuid '00000000-0000-0000-0000-000000000000';
  c_batch constant integer := 500;
  v_entry public.audit_log;
  v_head private.audit_heads;
  v_chain uuid;
  v_sealed integer := 0;
  v_batch integer;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('seal_audit', 0)) then
    return jsonb_build_object('sealed', 0, 'is_busy', true);
  end if;
  perform set_config('phonelog.audit_change', 'seal', true);
  loop
    v_batch := 0;
    v_head := null;
    for v_entry in
      select (a.entry).*
        from (select a as entry from public.audit_log as a where a.seq is null order by a.at, a.id limit c_batch) as a
       order by (a.entry).organization_id, (a.entry).at, (a.entry).id
    loop
      v_chain := coalesce(v_entry.organization_id, c_none);
      if v_head.chain is distinct from v_chain then
        update private.audit_heads as h set count = v_head.count, hash = v_head.hash, sealed_at = now() where h.chain = v_head.chain;
        insert into private.audit_heads (chain) values (v_chain) on conflict do nothing;
        select * into strict v_head from private.audit_heads as h where h.chain = v_chain;
      end if;
      v_entry.seq := v_head.count + 1;
      v_entry.prev_hash := v_head.hash;
      v_entry.salts := array[gen_random_uuid(), gen_random_uuid(), gen_random_uuid()];
      v_entry.digests := private.audit_digests(v_entry, v_entry.salts);
      v_entry.hash := private.audit_hash(v_entry);
      update public.audit_log as a
         set seq = v_entry.seq, prev_hash = v_entry.prev_hash, salts = v_entry.salts, digests = v_entry.digests, hash = v_entry.hash
       where a.id = v_entry.id;
      v_head.count := v_entry.seq;
      v_head.hash := v_entry.hash;
      v_batch := v_batch + 1;
    end loop;
    update private.audit_heads as h set count = v_head.count, hash = v_head.hash, sealed_at = now() where h.chain = v_head.chain;
    v_sealed := v_sealed + v_batch;
    exit when v_batch < c_batch or clock_timestamp() >= job_seal_audit.deadline;
  end loop;
  perform set_config('phonelog.audit_change', '', true);
  return jsonb_build_object('sealed', v_sealed, 'more', v_batch = c_batch);
end;
$$;
comment on function private.job_seal_audit(timestamptz) is
  'Job: puts new rows of the audit log at the end of their organisation''s chain: {sealed, more}. A second run at the same time does nothing.';

-- Erasure puts a pseudonym for a person. The digests stay and so does the chain; without the salts nobody can try names on them.
create function private.pseudonymize_audit(user_id uuid)
returns uuid
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_pseudonym constant uuid := gen_random_uuid();
  v_id constant text := pseudonymize_audit.user_id::text;
begin
  perform set_config('phonelog.audit_change', 'pseudonym', true);
  with named as (
    select a.id, a.actor is not distinct from pseudonymize_audit.user_id as is_actor,
           a.owner_id is not distinct from pseudonymize_audit.user_id or a.subject_id is not distinct from v_id as is_owner,
           strpos(concat(a.old, a.new, a.details), v_id) > 0 as is_told
      from public.audit_log as a
     where a.actor = pseudonymize_audit.user_id or a.owner_id = pseudonymize_audit.user_id or a.subject_id = v_id
        or strpos(concat(a.old, a.new, a.details), v_id) > 0
  ),
  erased as (
    update public.audit_log as a set
        actor = case when n.is_actor then v_pseudonym else a.actor end,
        key_id = case when not n.is_actor then a.key_id end,
        request_id = case when not n.is_actor then a.request_id end,
        address = case when not n.is_actor then a.address end,
        owner_id = case when n.is_owner then v_pseudonym else a.owner_id end,
        subject_id = case when not n.is_owner then a.subject_id end,
        old = case when not (n.is_owner or n.is_told) then a.old end,
        new = case when not (n.is_owner or n.is_told) then a.new end,
        details = case when n.is_owner or n.is_told then '{}' else a.details end,
        salts = case when a.salts is not null then array[
          case when not n.is_actor then a.salts[1] end,
          case when not n.is_owner then a.salts[2] end,
          case when not (n.is_owner or n.is_told) then a.salts[3] end] end
      from named as n
     where a.id = n.id
    returning a.organization_id, case when a.seq is null then 0
        else n.is_actor::integer + n.is_owner::integer + (n.is_owner or n.is_told)::integer end as parts
  )
  insert into public.audit_log (organization_id, actor_type, action, owner_id, subject_type, details)
  select e.organization_id, private.actor_type(), 'user.erased', v_pseudonym, 'user', jsonb_build_object('parts', sum(e.parts))
    from erased as e group by e.organization_id;
  perform set_config('phonelog.audit_change', '', true);
  return v_pseudonym;
end;
$$;
comment on function private.pseudonymize_audit(uuid) is
  'Takes a person out of the audit log: a new pseudonym for him in every row, his values, addresses and salts gone, and one row per log that says how much (user.erased). Call it last, after the deletes that are themselves recorded. Returns the pseudonym, which is kept beside no name.';

create function private.administered_organization(organization_id uuid)
returns uuid
language plpgsql stable
set search_path = ''
as $$
declare
  v_id uuid;
begin
  if private.actor_type() in ('service', 'system') then
    return administered_organization.organization_id;
  end if;
  v_id := private.my_organization(administered_organization.organization_id);
  if private.my_rank_in(v_id) < private.role_rank('admin') then
    raise exception using errcode = 'PT403', message = 'role_insufficient', detail = 'This is for the organisation''s admins';
  end if;
  return v_id;
end;
$$;
comment on function private.administered_organization(uuid) is
  'private.my_organization, of which the caller must be an admin or owner; for the service the one given, which may be none. Errors: those of my_organization, role_insufficient (403).';
grant execute on function private.administered_organization(uuid) to authenticated;

create function private.verify_audit_log(organization_id uuid, anchor jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  c_none constant uuid := uuid '00000000-0000-0000-0000-000000000000';
  v_organization constant uuid := private.administered_organization(verify_audit_log.organization_id);
  v_answer jsonb;
begin
  -- One snapshot for head and rows: a job may be sealing.
  with head as materialized (
    select coalesce(max(h.count), 0) as count, coalesce(max(encode(h.hash, 'hex')), '') as hash
      from private.audit_heads as h where h.chain = coalesce(v_organization, c_none)
  ),
  entry as materialized (
    select a, a.seq, a.id, lag(a.seq, 1, 0::bigint) over (order by a.seq) as before, lag(a.hash, 1, '\x'::bytea) over (order by a.seq) as prev_hash
      from public.audit_log as a
     where a.organization_id is not distinct from v_organization and a.seq is not null
  ),
  -- What is left of erased parts: how many each erasure claims, and whom they are now under.
  erasure as (
    select (e.a).owner_id as pseudonym, ((e.a).details ->> 'parts')::bigint as parts from entry as e where (e.a).action = 'user.erased' and (e.a).salts[3] is not null
    union all
    select a.owner_id, (a.details ->> 'parts')::bigint from public.audit_log as a
     where a.seq is null and a.action = 'user.erased' and a.organization_id is not distinct from v_organization
  ),
  fault as (
    select e.seq, e.id, case
        when e.seq <> e.before + 1 then 'missing_before'
        when (e.a).prev_hash <> e.prev_hash then 'not_after_the_one_before'
        when private.audit_digests(e.a, (e.a).salts) <> (e.a).digests or private.audit_hash(e.a) <> (e.a).hash then 'changed'
        when ((e.a).salts[1] is null and num_nonnulls((e.a).key_id, (e.a).request_id, (e.a).address) > 0)
          or ((e.a).salts[2] is null and (e.a).subject_id is not null)
          or ((e.a).salts[3] is null and ((e.a).details <> '{}' or num_nonnulls((e.a).old, (e.a).new) > 0)) then 'changed'
        when ((e.a).salts[1] is null and not exists (select from erasure as x where x.pseudonym = (e.a).actor))
          or ((e.a).salts[2] is null and not exists (select from erasure as x where x.pseudonym = (e.a).owner_id)) then 'erased_by_nobody' end as kind
      from entry as e
    union all
    select h.count, null, 'tail_missing' from head as h where h.count <> (select count(*) from entry)
        or h.hash <> coalesce((select encode((e.a).hash, 'hex') from entry as e order by e.seq desc limit 1), '')
    union all
    select (verify_audit_log.anchor ->> 'seq')::bigint, null, 'anchor_missing'
     where (verify_audit_log.anchor ->> 'seq')::bigint > 0 and not exists (
       select from entry as e where e.seq = (verify_audit_log.anchor ->> 'seq')::bigint and encode((e.a).hash, 'hex') = verify_audit_log.anchor ->> 'hash')
    union all
    select null, null, 'erased_by_nobody'
     where (select coalesce(sum(num_nulls((e.a).salts[1], (e.a).salts[2], (e.a).salts[3])), 0) from entry as e) <> (select coalesce(sum(x.parts), 0) from erasure as x)
  )
  select jsonb_build_object(
      'is_intact', not exists (select from fault as f where f.kind is not null),
      'rows', (select count(*) from entry),
      'unsealed', (select count(*) from public.audit_log as a where a.seq is null and a.organization_id is not distinct from v_organization),
      'head', (select jsonb_build_object('seq', h.count, 'hash', h.hash) from head as h),
      'faults', coalesce((select jsonb_agg(jsonb_build_object('seq', f.seq, 'id', f.id, 'kind', f.kind) order by f.seq nulls last)
        from (select * from fault as f where f.kind is not null order by f.seq nulls last limit 100) as f), '[]'))
    into v_answer;
  perform private.record_audit('audit.verified', v_organization, 'organization', v_organization::text,
    v_answer - 'faults');
  return v_answer;
end;
$$;
comment on function private.verify_audit_log(uuid, jsonb) is 'The work of public.verify_audit_log.';
grant execute on function private.verify_audit_log(uuid, jsonb) to authenticated, service_role;

create function public.verify_audit_log(organization_id uuid default null, anchor jsonb default null)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_scope('admin:read');
  return private.verify_audit_log(verify_audit_log.organization_id, verify_audit_log.anchor);
end;
$$;
comment on function public.verify_audit_log(uuid, jsonb) is
  'Whether the sealed rows of an organisation''s audit log are all there, unchanged and in order: {is_intact, rows, unsealed, head {seq, hash}, faults [{seq, id, kind missing_before|not_after_the_one_before|changed|erased_by_nobody|tail_missing|anchor_missing}]}. anchor is a head told earlier: what was sealed then must still be there. For admins and up; default: the only organisation, for the secret key the rows of none. It is recorded. Errors: not_authenticated (401), validation_failed (400: in several, none named), organization_not_found (404), role_insufficient (403).';
revoke execute on function public.verify_audit_log(uuid, jsonb) from public, anon;
grant execute on function public.verify_audit_log(uuid, jsonb) to authenticated, service_role;

-- Reading

create function private.read_audit_log(
  organization_id uuid, starts_at timestamptz, ends_at timestamptz, actor uuid, action text, subject_type text, subject_id text,
  max_rows integer, cursor_at timestamptz, cursor_id uuid, backward boolean)
returns jsonb
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  c_counted constant integer := 10000;
  v_me constant uuid := (select auth.uid());
  v_limit constant integer := least(greatest(coalesce(read_audit_log.max_rows, 50), 1), 200);
  v_backward constant boolean := coalesce(read_audit_log.backward, false);
  v_where text;
  v_rows jsonb;
  v_total bigint;
begin
  if private.actor_type() <> 'service' then
    perform private.require_account();
  end if;
  if read_audit_log.organization_id is not null or private.actor_type() = 'service' then
    perform private.administered_organization(read_audit_log.organization_id);
    if read_audit_log.organization_id is not null then
      perform private.note_read('audit.read', array[read_audit_log.organization_id], null);
    end if;
    v_where := 'a.organization_id ' || case when read_audit_log.organization_id is null then 'is null' else '= $1' end;
  elsif v_me is null then
    raise exception using errcode = 'PT401', message = 'not_authenticated', detail = 'Sign in first';
  else
    v_where := '(a.actor = $2 or a.owner_id = $2)';
  end if;
  v_where := v_where || concat(
    case when read_audit_log.starts_at is not null then ' and a.at >= $3' end,
    case when read_audit_log.ends_at is not null then ' and a.at < $4' end,
    case when read_audit_log.actor is not null then ' and a.actor = $5' end,
    case when read_audit_log.action is not null then ' and a.action = $6' end,
    case when read_audit_log.subject_type is not null then ' and a.subject_type = $7' end,
    case when read_audit_log.subject_id is not null then ' and a.subject_id = $8' end);
  -- Where somebody came from is his own matter and that of his organisation's admins.
  execute format(
    'select coalesce(jsonb_agg(to_jsonb(t) - ''is_mine'' || case when t.is_mine then ''{}'' else ''{"key_id": null, "request_id": null, "address": null}''::jsonb end
         order by t.at %1$s, t.id %1$s), ''[]'')
       from (select a.id, a.at, a.organization_id, a.actor, a.actor_type, a.key_id, a.action, a.owner_id, a.subject_type, a.subject_id,
               a.old, a.new, a.request_id, host(a.address) as address, a.details, a.seq, $9 or a.actor is not distinct from $2 as is_mine
               from public.audit_log as a where %3$s %4$s order by a.at %1$s, a.id %1$s limit %2$s) as t',
    case when v_backward then 'asc' else 'desc' end, v_limit + 1, v_where,
    case when read_audit_log.cursor_id is not null then ' and (a.at, a.id) ' || case when v_backward then '>' else '<' end || ' ($10, $11)' else '' end)
    into v_rows
    using read_audit_log.organization_id, v_me, read_audit_log.starts_at, read_audit_log.ends_at, read_audit_log.actor, read_audit_log.action,
      read_audit_log.subject_type, read_audit_log.subject_id, v_where not like '(%', read_audit_log.cursor_at, read_audit_log.cursor_id;
  execute format('select count(*) from (select from public.audit_log as a where %s limit %s) as t', v_where, c_counted)
    into v_total
    using read_audit_log.organization_id, v_me, read_audit_log.starts_at, read_audit_log.ends_at, read_audit_log.actor, read_audit_log.action,
      read_audit_log.subject_type, read_audit_log.subject_id;
  return jsonb_build_object(
    'entries', (select coalesce(jsonb_agg(e order by case when v_backward then -place else place end), '[]')
      from jsonb_array_elements(v_rows) with ordinality as t (e, place) where place <= v_limit),
    'has_more', jsonb_array_length(v_rows) > v_limit, 'total', v_total, 'total_is_estimate', v_total >= c_counted);
end;
$$;
comment on function private.read_audit_log(uuid, timestamptz, timestamptz, uuid, text, text, text, integer, timestamptz, uuid, boolean) is
  'The work of public.get_audit_log.';
grant execute on function private.read_audit_log(uuid, timestamptz, timestamptz, uuid, text, text, text, integer, timestamptz, uuid, boolean)
  to authenticated, service_role;

create function public.get_audit_log(
  organization_id uuid default null, starts_at timestamptz default null, ends_at timestamptz default null, actor uuid default null,
  action text default null, subject_type text default null, subject_id text default null,
  max_rows integer default 50, cursor_at timestamptz default null, cursor_id uuid default null, backward boolean default false)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  perform private.require_scope('admin:read');
  return private.read_audit_log(get_audit_log.organization_id, get_audit_log.starts_at, get_audit_log.ends_at, get_audit_log.actor,
    get_audit_log.action, get_audit_log.subject_type, get_audit_log.subject_id, get_audit_log.max_rows, get_audit_log.cursor_at,
    get_audit_log.cursor_id, get_audit_log.backward);
end;
$$;
comment on function public.get_audit_log(uuid, timestamptz, timestamptz, uuid, text, text, text, integer, timestamptz, uuid, boolean) is
  'A page of an organisation''s audit log, newest first, for its admins and up; without one, of what the caller did and of what was done to his data: {entries [{id, at, organization_id, actor, actor_type, key_id, action, owner_id, subject_type, subject_id, old, new, request_id, address, details, seq}], has_more, total, total_is_estimate}. Keyset by (at, id); totals count up to 10,000. Reading an organisation''s log is itself recorded. Errors: not_authenticated (401), organization_not_found (404), role_insufficient (403), read_not_recorded (409).';
revoke execute on function public.get_audit_log(uuid, timestamptz, timestamptz, uuid, text, text, text, integer, timestamptz, uuid, boolean) from public, anon;
grant execute on function public.get_audit_log(uuid, timestamptz, timestamptz, uuid, text, text, text, integer, timestamptz, uuid, boolean)
  to authenticated, service_role;

-- Tokens and keys that the functions refused. Whoever sends forged tokens must not fill the disk: at most 60 rows a minute in all
-- and 10 for an address; the rest is dropped.
create function private.record_auth_failure(reason text, surface text)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if private.actor_type() <> 'service' then
    raise exception using errcode = 'PT403', message = 'not_permitted', detail = 'For the functions only';
  end if;
  if (select count(*) >= 60 or count(*) filter (where a.address is not distinct from private.client_address()) >= 10
        from public.audit_log as a where a.action = 'auth.failed' and a.at > clock_timestamp() - interval '1 minute') then
    return false;
  end if;
  perform private.record_audit('auth.failed', null, 'surface', left(record_auth_failure.surface, 50),
    jsonb_build_object('reason', left(record_auth_failure.reason, 50)));
  return true;
end;
$$;
comment on function private.record_auth_failure(text, text) is 'The work of public.record_auth_failure.';
grant execute on function private.record_auth_failure(text, text) to service_role;

create function public.record_auth_failure(reason text, surface text)
returns boolean
language sql volatile
set search_path = ''
as $$
  select private.record_auth_failure(record_auth_failure.reason, record_auth_failure.surface)
$$;
comment on function public.record_auth_failure(text, text) is
  'Notes that a token or key was refused (reason a problem code), at most 60 a minute and 10 for an address; whether it did. For the secret key. Errors: not_permitted (403).';
revoke execute on function public.record_auth_failure(text, text) from public, anon;
grant execute on function public.record_auth_failure(text, text) to service_role;
