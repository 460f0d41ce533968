-- Rules of the catalogue. A rule is a function in pg_temp that returns its offenders; it must return none, and it
-- must name the offender of a fixture that breaks it, so that no rule passes because it looks at nothing.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
select plan(86);

-- What a rule returns while a fixture is in place. The fixture is undone.
create function pg_temp.offenders_with(rule text, fixture text)
returns text
language plpgsql
as $$
declare
  v_offenders text;
begin
  begin
    execute fixture;
    execute format('select string_agg(offender, E''\n'' order by offender) from pg_temp.%I() as offender', rule)
      into v_offenders;
    raise exception using errcode = 'UNDO0';
  exception when sqlstate 'UNDO0' then
    null;
  end;
  return v_offenders;
end;
$$;

-- Two tests: nothing breaks the rule, and the fixture does.
create function pg_temp.check_rule(rule text, says text, fixture text, offender text)
returns setof text
language plpgsql
as $$
begin
  return next is_empty(format('select * from pg_temp.%I()', rule), says);
  return next is(pg_temp.offenders_with(rule, fixture), offender, rule || ' names an offender');
end;
$$;

create function pg_temp.tables()
returns table (oid oid, schema name, name text, acl aclitem[], has_rls boolean)
language sql stable
as $$
  select c.oid, n.nspname, n.nspname || '.' || c.relname, c.relacl, c.relrowsecurity
    from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
   where n.nspname in ('public', 'private') and c.relkind in ('r', 'p')
     and not exists (select from pg_catalog.pg_depend as d where d.objid = c.oid and d.deptype = 'e')
$$;

create function pg_temp.functions()
returns table (oid oid, schema name, name text, acl aclitem[], is_definer boolean, config text[], volatility "char")
language sql stable
as $$
  select p.oid, n.nspname, n.nspname || '.' || p.proname, p.proacl, p.prosecdef, p.proconfig, p.provolatile
    from pg_catalog.pg_proc as p join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
   where n.nspname in ('public', 'private')
     and not exists (select from pg_catalog.pg_depend as d where d.objid = p.oid and d.deptype = 'e')
$$;

-- Policies, one row per role and action.
create function pg_temp.policies()
returns table (relation oid, name text, permissive boolean, role oid, action "char", conditions text)
language sql stable
as $$
  select p.polrelid, c.relname || '.' || p.polname, p.polpermissive, role, action,
         concat_ws(' / ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    from pg_catalog.pg_policy as p
    join pg_catalog.pg_class as c on c.oid = p.polrelid
    cross join unnest(p.polroles) as role
    cross join unnest(case p.polcmd when '*' then '{r,a,w,d}'::"char"[] else array[p.polcmd] end) as action
   where c.relnamespace = 'public'::regnamespace
$$;

-- Grants on relations and columns of public and private: grantee 0 is PUBLIC.
create function pg_temp.grants()
returns table (schema name, name text, kind "char", grantee oid, privilege text)
language sql stable
as $$
  select n.nspname, n.nspname || '.' || c.relname, c.relkind, a.grantee, a.privilege_type
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    cross join lateral (
      select * from aclexplode(c.relacl)
      union all
      select x.* from pg_catalog.pg_attribute as t cross join lateral aclexplode(t.attacl) as x where t.attrelid = c.oid
    ) as a
   where n.nspname in ('public', 'private') and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
$$;

-- Row-level security

create function pg_temp.tables_without_rls() returns setof text language sql as $$
  select name from pg_temp.tables() where schema = 'public' and not has_rls
$$;
select pg_temp.check_rule('tables_without_rls', 'Every table in public has row-level security',
  'create table public.bad (id integer primary key)', 'public.bad');

create function pg_temp.overlapping_policies() returns setof text language sql as $$
  select relation::regclass || ' ' || role::regrole || ' ' || action::text
    from pg_temp.policies() where permissive group by relation, role, action having count(*) > 1
$$;
select pg_temp.check_rule('overlapping_policies',
  'A table has at most one permissive policy per role and action, because they are ORed',
  'create policy bad on public.events for all to authenticated using (user_id = (select auth.uid()))',
  'events authenticated r');

create function pg_temp.policies_for_no_role() returns setof text language sql as $$
  select distinct name from pg_temp.policies() where role = 0
$$;
select pg_temp.check_rule('policies_for_no_role', 'Every policy names its roles',
  'create policy bad on public.events for insert with check (user_id = (select auth.uid()))', 'events.bad');

create function pg_temp.policies_for_anon() returns setof text language sql as $$
  select distinct name from pg_temp.policies() where role = 'anon'::regrole
$$;
select pg_temp.check_rule('policies_for_anon', 'No policy lets anon in',
  'create policy bad on public.events for select to anon using (user_id = (select auth.uid()))', 'events.bad');

create function pg_temp.policies_with_bare_functions() returns setof text language sql as $$
  select distinct name from pg_temp.policies()
   where regexp_replace(regexp_replace(conditions, '\( ?SELECT NULLIF\(private\.has_scope\(''[a-z:]+''::text\), false\) AS "nullif"\)', '', 'g'),
         '\( ?SELECT [^()]+\(\)[^()]*\)', '', 'g') ~ '[a-z_]+\.[a-z_]+\('
$$;
select pg_temp.check_rule('policies_with_bare_functions',
  'A policy calls functions in a sub-select, once per statement and not once per row',
  'create policy bad on public.events for insert to authenticated with check (user_id = auth.uid())', 'events.bad');

create function pg_temp.policies_without_the_caller() returns setof text language sql as $$
  -- A restrictive policy only takes away.
  select distinct name from pg_temp.policies() where permissive and conditions !~ '(auth\.uid|private\.my_organization_ids)\(\)'
$$;
select pg_temp.check_rule('policies_without_the_caller', 'Every policy asks who the caller is',
  'create policy bad on public.events for insert to authenticated with check (true)', 'events.bad');

create function pg_temp.updates_without_check() returns setof text language sql as $$
  select c.relname || '.' || p.polname
    from pg_catalog.pg_policy as p join pg_catalog.pg_class as c on c.oid = p.polrelid
   where c.relnamespace = 'public'::regnamespace and p.polcmd in ('w', 'a', '*') and p.polwithcheck is null
$$;
select pg_temp.check_rule('updates_without_check', 'A policy for writing says what the new row may be',
  'create policy bad on public.events for update to authenticated using (user_id = (select auth.uid()))', 'events.bad');

create function pg_temp.tables_open_to_keys() returns setof text language sql as $$
  select t.name || ' ' || wanted.action::text
    from pg_temp.tables() as t cross join unnest('{r,a,w,d}'::"char"[]) as wanted (action)
   where t.schema = 'public' and not exists (
     select from pg_temp.policies() as p
      where p.relation = t.oid and not p.permissive and p.role = 'authenticated'::regrole and p.action = wanted.action
        and p.conditions ~ '^\(\( SELECT NULLIF\(private\.has_scope\(''[a-z]+(:[a-z]+)?''::text\), false\) AS "nullif"\) IS NOT NULL\)')
$$;
select pg_temp.check_rule('tables_open_to_keys',
  'Every table in public says what API keys may do with it (private.limit_keys)',
  'drop policy events_key_delete on public.events; drop policy lines_key_select on public.lines;
   create policy lines_key_select on public.lines for select to authenticated using (true)',
  E'public.events d\npublic.lines r');
create function pg_temp.policies_open_where_null() returns setof text language sql as $$
  select distinct name from pg_temp.policies()
   where conditions ~* ' OR \([a-z_."]+ IS NULL\)' or conditions ~* '\([a-z_."]+ IS NULL\) OR '
      or conditions ~* 'uid\(\)[^()]*\) IS NULL'
$$;
select pg_temp.check_rule('policies_open_where_null',
  'A null opens no row: neither one in the row nor a caller who is nobody',
  'create policy bad on public.events for insert to authenticated
     with check (user_id = (select auth.uid()) or contact_id is null);
   create policy worse on public.contacts for insert to authenticated with check ((select auth.uid()) is null)',
  E'contacts.worse\nevents.bad');

create function pg_temp.policies_that_read_tables() returns setof text language sql as $$
  select distinct name from pg_temp.policies() where conditions ~* '\mfrom\M'
$$;
select pg_temp.check_rule('policies_that_read_tables',
  'A policy reads no table itself, where a name may bind to another table''s column: it asks a function',
  'create policy bad on public.events for insert to authenticated
     with check (exists (select from public.contacts as c where c.user_id = (select auth.uid()) and c.id = contact_id))',
  'events.bad');

create function pg_temp.owners_that_users_may_change() returns setof text language sql as $$
  select t.name || '.' || a.attname from pg_temp.tables() as t
    join pg_catalog.pg_attribute as a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
   where t.schema = 'public' and has_column_privilege('authenticated', t.oid, a.attnum, 'update')
     and (a.attname ~ '^((user|owner|organization|member)_id|role|created_at)$'
          or exists (select from pg_catalog.pg_index as i
                      where i.indrelid = t.oid and i.indisprimary and a.attnum = any (i.indkey)))
$$;
select pg_temp.check_rule('owners_that_users_may_change',
  'Nobody gives a row another owner, organisation, role or key',
  'grant update (user_id, role) on public.org_members to authenticated',
  E'public.org_members.role\npublic.org_members.user_id');

create function pg_temp.grants_without_policy() returns setof text language sql as $$
  select distinct g.name || ' ' || g.privilege from pg_temp.grants() as g
   where g.schema = 'public' and g.kind in ('r', 'p') and g.grantee = 'authenticated'::regrole
     and not exists (
       select from pg_temp.policies() as p
        where p.relation = g.name::regclass and p.role = g.grantee
          and p.action = case g.privilege when 'SELECT' then 'r' when 'INSERT' then 'a' when 'UPDATE' then 'w'
            when 'DELETE' then 'd' end::"char")
$$;
select pg_temp.check_rule('grants_without_policy',
  'What a signed-in user is granted on a table has a policy: no grant goes further than the rules',
  'grant truncate on public.events to authenticated', 'public.events TRUNCATE');

-- Grants

create function pg_temp.grants_to_anon() returns setof text language sql as $$
  select distinct name || ' ' || privilege from pg_temp.grants() where grantee in (0, 'anon'::regrole)
$$;
select pg_temp.check_rule('grants_to_anon', 'Nothing in public or private is granted to anon or PUBLIC',
  'grant select (id) on public.events to anon', 'public.events SELECT');

create function pg_temp.functions_for_anon() returns setof text language sql as $$
  select name from pg_temp.functions() where has_function_privilege('anon', oid, 'execute')
$$;
select pg_temp.check_rule('functions_for_anon', 'No function is executable by anon or PUBLIC',
  'grant execute on function private.create_profile() to public', 'private.create_profile');

create function pg_temp.private_tables_granted() returns setof text language sql as $$
  select distinct g.name || ' ' || g.grantee::regrole from pg_temp.grants() as g
   where g.schema = 'private' and g.kind <> 'v'
     and g.grantee in ('anon'::regrole, 'authenticated'::regrole, 'service_role'::regrole)
$$;
select pg_temp.check_rule('private_tables_granted',
  'No table or materialised view of private is granted to an API role',
  'grant select on private.deleted_events to authenticated', 'private.deleted_events authenticated');

create function pg_temp.private_views_without_barrier() returns setof text language sql as $$
  select distinct g.name from pg_temp.grants() as g
    join pg_catalog.pg_class as c on c.oid = g.name::regclass
   where g.kind = 'v' and g.grantee = 'authenticated'::regrole
     and not coalesce(c.reloptions, '{}') && '{security_barrier=true,security_barrier=on,security_invoker=true,security_invoker=on}'
$$;
select pg_temp.check_rule('private_views_without_barrier',
  'A view that a signed-in user may read is a security barrier, or under his own row-level security: his conditions see no hidden row',
  'create view private.bad as select 1 as one; grant select on private.bad to authenticated', 'private.bad');

create function pg_temp.service_grants() returns setof text language sql as $$
  -- Profiles come and go with their auth.users row, so service_role neither makes nor removes one. The audit log is
  -- written by triggers and read through its function, whoever asks.
  select t.name || ': ' || coalesce(string_agg(g.privilege, ', ' order by g.privilege), 'nothing')
    from pg_temp.tables() as t
    left join pg_temp.grants() as g on g.name = t.name and g.grantee = 'service_role'::regrole
   where t.schema = 'public'
   group by t.name
  having coalesce(string_agg(g.privilege, ', ' order by g.privilege), 'nothing')
         <> case t.name when 'public.profiles' then 'SELECT, UPDATE' when 'public.audit_log' then 'nothing' else 'DELETE, INSERT, SELECT, UPDATE' end
$$;
select pg_temp.check_rule('service_grants',
  'service_role reads and writes rows of every table in public but the audit log, and makes or removes no profile',
  'revoke delete on public.lines from service_role; grant truncate on public.events to service_role',
  E'public.events: DELETE, INSERT, SELECT, TRUNCATE, UPDATE\npublic.lines: INSERT, SELECT, UPDATE');

create function pg_temp.roles_in_private() returns setof text language sql as $$
  select role from unnest(array['anon', 'public']) as role where has_schema_privilege(role::name, 'private', 'usage')
$$;
select pg_temp.check_rule('roles_in_private', 'anon can not use the schema private',
  'grant usage on schema private to anon', 'anon');

create function pg_temp.creators() returns setof text language sql as $$
  select role || ' in ' || schema
    from unnest(array['anon', 'authenticated', 'service_role']) as role cross join unnest(array['public', 'private']) as schema
   where has_schema_privilege(role::name, schema, 'create')
$$;
select pg_temp.check_rule('creators', 'No API role creates objects in public or private',
  'grant create on schema public to authenticated', 'authenticated in public');

-- Functions

create function pg_temp.functions_with_open_search_path() returns setof text language sql as $$
  select name from pg_temp.functions() where not coalesce('search_path=""' = any (config), false)
$$;
select pg_temp.check_rule('functions_with_open_search_path', 'Every function states an empty search_path',
  'create function private.bad() returns integer language sql set search_path = public as $f$ select 1 $f$',
    'private.bad');

create function pg_temp.functions_that_need_a_session() returns setof text language sql as $$
  select f.name from pg_temp.functions() as f join pg_catalog.pg_proc as p on p.oid = f.oid
   where p.prosrc ~* '\m(pg_(try_)?advisory_(un)?lock(_\w+)?\s*\(|create\s+(local\s+|global\s+)?temp|(un)?listen\s+\w+\s*;|deallocate|discard\s|lastval\s*\(|currval\s*\(|with\s+hold\M|set\s+session|(set|reset)\s+role\M(?!\s*=))'
      or p.prosrc ~* 'set_config\s*\([^;]*,\s*false\s*\)'
$$;
select pg_temp.check_rule('functions_that_need_a_session',
  'No function leaves anything behind in its session, so that a pooler may give each transaction another one',
  'create function private.bad() returns void language plpgsql as $f$ begin perform pg_advisory_lock(1); end $f$;
   create function private.worse() returns void language plpgsql as $f$ begin perform set_config(''phonelog.reading'', ''x'', false); end $f$;
   create function private.good() returns void language plpgsql as $f$ begin perform pg_advisory_xact_lock(1), set_config(''phonelog.reading'', ''false'', true); end $f$',
  E'private.bad\nprivate.worse');

create function pg_temp.public_definers() returns setof text language sql as $$
  select name from pg_temp.functions() where schema = 'public' and is_definer
$$;
select pg_temp.check_rule('public_definers', 'A security definer function is in private, never in public',
  'create function public.bad() returns integer language sql security definer as $f$ select 1 $f$', 'public.bad');

create function pg_temp.functions_open_to_keys() returns setof text language sql as $$
  -- read_recorded calls another of them, which asks.
  select f.name from pg_temp.functions() as f join pg_catalog.pg_proc as p on p.oid = f.oid
   where f.schema = 'public' and has_function_privilege('authenticated', f.oid, 'execute') and f.name <> 'public.read_recorded'
     and p.prosrc !~ '^\s*select private\.require_(scope\(''[a-z:, '']+''\)|person\(\));'
     and p.prosrc !~ '\n\s*begin\s+perform private\.require_(scope\(''[a-z:, '']+''\)|person\(\));'
$$;
select pg_temp.check_rule('functions_open_to_keys',
  'Every function that a signed-in user may call begins with the scope that an API key needs, or keeps keys out',
  'create function public.bad() returns integer language plpgsql as $f$ begin return 1; end $f$;
   grant execute on function public.bad() to authenticated', 'public.bad');

create function pg_temp.definers_that_trust_an_owner() returns setof text language sql as $$
  select f.name from pg_temp.functions() as f join pg_catalog.pg_proc as p on p.oid = f.oid
   where f.is_definer and has_function_privilege('authenticated', f.oid, 'execute')
     and p.proargnames[1:p.pronargs] && '{owner_id,user_id,requesting_user_id,target_user_id}'
     and p.prosrc !~ format('perform private\.require_readable_owner\(%s\.owner_id\)', p.proname)
$$;
select pg_temp.check_rule('definers_that_trust_an_owner',
  'No security definer function that a user may call takes its owner as an argument without asking require_readable_owner: the caller is auth.uid()',
  'alter function private.touch_source(uuid, text, text) security definer;
   grant execute on function private.touch_source(uuid, text, text) to authenticated', 'private.touch_source');

create function pg_temp.definers_that_ask_nobody() returns setof text language sql as $$
  -- settled_until tells a time that is the same for everybody.
  select f.name from pg_temp.functions() as f join pg_catalog.pg_proc as p on p.oid = f.oid
   where f.is_definer and has_function_privilege('authenticated', f.oid, 'execute') and f.name <> 'private.settled_until'
     and p.prosrc !~ '(auth\.uid|private\.(my_[a-z_]+|require_[a-z_]+|teammate_ids|import_for_update|readable_contact_owner|export_owner|webhook_for_update|administered_organization))\('
$$;
select pg_temp.check_rule('definers_that_ask_nobody',
  'A security definer function that a user may call asks who he is, itself or by a function that does',
  'create function private.bad() returns bigint language sql security definer set search_path = ''''
     as $f$ select count(*) from public.events $f$;
   grant execute on function private.bad() to authenticated', 'private.bad');

create function pg_temp.reads_that_may_write() returns setof text language sql as $$
  select name from pg_temp.functions()
   where schema = 'public' and volatility = 'v'
     and name ~ '^public\.(get|search|analyze|detect|score|predict|match|run|export|begin)_'
$$;
select pg_temp.check_rule('reads_that_may_write', 'A function that reads is stable, so that a replica can serve it',
  'alter function public.get_profile() volatile', 'public.get_profile');

-- Comments

create function pg_temp.relations_without_comment() returns setof text language sql as $$
  select n.nspname || '.' || c.relname
    from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
   where n.nspname in ('public', 'private') and c.relkind in ('r', 'p', 'v', 'm')
     and obj_description(c.oid, 'pg_class') is null
$$;
select pg_temp.check_rule('relations_without_comment', 'Every table and view has a comment',
  'comment on view private.visible_events is null; comment on table public.lines is null',
  E'private.visible_events\npublic.lines');

create function pg_temp.functions_without_comment() returns setof text language sql as $$
  select name from pg_temp.functions() where obj_description(oid, 'pg_proc') is null
$$;
select pg_temp.check_rule('functions_without_comment', 'Every function in public and private has a comment',
  'comment on function public.get_profile() is null', 'public.get_profile');

-- Keys

create function pg_temp.tables_without_primary_key() returns setof text language sql as $$
  select t.name from pg_temp.tables() as t
   where not exists (select from pg_catalog.pg_index as i where i.indrelid = t.oid and i.indisprimary)
$$;
select pg_temp.check_rule('tables_without_primary_key', 'Every table has a primary key',
  'create table public.bad (id integer)', 'public.bad');

create function pg_temp.foreign_keys_without_action() returns setof text language sql as $$
  select t.name || '.' || k.conname from pg_catalog.pg_constraint as k join pg_temp.tables() as t on t.oid = k.conrelid
   where k.contype = 'f' and k.confdeltype = 'a'
$$;
select pg_temp.check_rule('foreign_keys_without_action', 'Every foreign key says what a deletion does',
  'create table public.bad (id uuid primary key constraint bad_fkey references public.profiles)',
    'public.bad.bad_fkey');

create function pg_temp.foreign_keys_without_index() returns setof text language sql as $$
  select t.name || '.' || k.conname from pg_catalog.pg_constraint as k join pg_temp.tables() as t on t.oid = k.conrelid
   where k.contype = 'f' and not exists (
     select from pg_catalog.pg_index as i
      where i.indrelid = k.conrelid and i.indisvalid
        and (string_to_array(i.indkey::text, ' ')::smallint[])[1:cardinality(k.conkey)] @> k.conkey
        -- An index of the rows that have a reference is enough: a null refers to nothing.
        and coalesce(pg_get_expr(i.indpred, i.indrelid) ~ '^\([a-z_]+ IS NOT NULL\)$', true))
$$;
select pg_temp.check_rule('foreign_keys_without_index', 'Every foreign key has an index that its columns lead',
  'drop index public.events_contact_idx; create index on public.events (user_id, ts, contact_id)',
  'public.events.events_user_id_contact_id_fkey');

create function pg_temp.foreign_keys_to_auth() returns setof text language sql as $$
  select t.name || '.' || k.conname from pg_catalog.pg_constraint as k join pg_temp.tables() as t on t.oid = k.conrelid
    join pg_catalog.pg_class as c on c.oid = k.confrelid and c.relnamespace = 'auth'::regnamespace
   where k.contype = 'f'
     and not exists (select from pg_catalog.pg_index as i
                      where i.indrelid = k.confrelid and i.indisprimary
                        and i.indkey::smallint[] @> k.confkey and k.confkey @> i.indkey::smallint[])
$$;
select pg_temp.check_rule('foreign_keys_to_auth',
  'A foreign key to auth refers to a primary key: Auth promises no other column',
  $fixture$do $f$
    declare
      v_column name := (select a.attname from pg_catalog.pg_index as i
        join pg_catalog.pg_attribute as a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
       where i.indrelid = 'auth.users'::regclass and i.indisunique and not i.indisprimary and i.indnatts = 1
         and i.indpred is null and i.indexprs is null limit 1);
    begin
      if v_column is null then
        alter table auth.users add unique (created_at);
        v_column := 'created_at';
      end if;
      execute format('create table public.bad as select %I from auth.users limit 0', v_column);
      execute format('alter table public.bad add constraint bad_fkey foreign key (%1$I) references auth.users (%1$I)',
        v_column);
    end;
  $f$$fixture$, 'public.bad.bad_fkey');

create function pg_temp.foreign_keys_across_owners() returns setof text language sql as $$
  select t.name || '.' || k.conname
    from pg_catalog.pg_constraint as k
    join pg_temp.tables() as t on t.oid = k.conrelid
    join pg_catalog.pg_attribute as mine on mine.attrelid = k.conrelid and mine.attname = 'user_id'
    join pg_catalog.pg_attribute as theirs on theirs.attrelid = k.confrelid and theirs.attname = 'user_id'
   -- Another person may be named as who did it.
   where k.contype = 'f' and k.confrelid <> 'public.profiles'::regclass
     and not exists (select from unnest(k.conkey, k.confkey) as pair (mine, theirs)
                      where pair.mine = mine.attnum and pair.theirs = theirs.attnum)
$$;
select pg_temp.check_rule('foreign_keys_across_owners',
  'What a person''s row refers to is the same person''s: the key has the owner on both sides',
  'alter table public.contacts add constraint contacts_id_key unique (id);
   create table public.bad (user_id uuid, contact_id uuid constraint bad_fkey references public.contacts (id))',
  'public.bad.bad_fkey');

create function pg_temp.keys_not_led_by_owner() returns setof text language sql as $$
  -- org_members is read by organisation as much as by person, so its key leads with the organisation; it is small
  -- and belongs to the tenant, not to one person.
  select t.name || ' ' || i.indexrelid::regclass
    from pg_temp.tables() as t
    join pg_catalog.pg_attribute as a on a.attrelid = t.oid and a.attname = 'user_id' and not a.attisdropped
    join pg_catalog.pg_index as i on i.indrelid = t.oid and i.indisunique
   where i.indkey[0] <> a.attnum and t.name <> 'public.org_members'
$$;
select pg_temp.check_rule('keys_not_led_by_owner',
  'Primary and unique keys lead with the owner, so that data can be sharded by owner',
  'create table private.bad (id uuid primary key, user_id uuid)', 'private.bad private.bad_pkey');

create function pg_temp.foreign_keys_not_led_by_owner() returns setof text language sql as $$
  -- On a distributed Postgres the tables with a user_id are cut up by it; profiles, organisations, memberships and what
  -- has no user_id are small and stand whole on every node, so a shard may refer to them, but not they to a shard.
  with whole (oid) as (values ('public.profiles'::regclass), ('public.organizations'), ('public.org_members')),
  cut as (
    select t.oid, a.attnum as owner from pg_temp.tables() as t
      join pg_catalog.pg_attribute as a on a.attrelid = t.oid and a.attname = 'user_id' and not a.attisdropped
     where t.oid not in (select w.oid from whole as w)
  )
  select t.name || '.' || k.conname
    from pg_catalog.pg_constraint as k
    join pg_temp.tables() as t on t.oid = k.conrelid
    left join cut as mine on mine.oid = k.conrelid
    left join cut as theirs on theirs.oid = k.confrelid
   where k.contype = 'f'
     and case when theirs.oid is not null then mine.oid is null or k.conkey[1] <> mine.owner or k.confkey[1] <> theirs.owner
           else mine.oid is not null and k.confrelid not in (select w.oid from whole as w) end
$$;
select pg_temp.check_rule('foreign_keys_not_led_by_owner',
  'A foreign key to a person''s data leads with the owner on both sides, and other keys of such data go to what every shard has',
  'create table public.bad (user_id uuid, other uuid, contact_id uuid, coefficients integer,
     constraint bad_lead_fkey foreign key (other, contact_id) references public.contacts (user_id, id),
     constraint bad_target_fkey foreign key (coefficients) references private.prediction_coefficients (horizon_days));
   create table public.worse (owner uuid, contact_id uuid,
     constraint worse_fkey foreign key (owner, contact_id) references public.contacts (user_id, id))',
  E'public.bad.bad_lead_fkey\npublic.bad.bad_target_fkey\npublic.worse.worse_fkey');

-- Data

create function pg_temp.unregistered_tables() returns setof text language sql as $$
  select t.name from pg_temp.tables() as t
    join pg_catalog.pg_attribute as a on a.attrelid = t.oid and a.attname = 'user_id' and not a.attisdropped
   where t.oid not in (select u.table_name from private.user_tables as u)
$$;
select pg_temp.check_rule('unregistered_tables',
  'Every table with a user_id is in the registry that export, erasure and retention work from',
  'create table private.bad (user_id uuid primary key)', 'private.bad');

create function pg_temp.registered_in_vain() returns setof text language sql as $$
  select u.table_name || '.' || u.owner_column from private.user_tables as u
   where not exists (select from pg_catalog.pg_attribute as a
                      where a.attrelid = u.table_name and a.attname = u.owner_column and a.atttypid = 'uuid'::regtype)
      or (u.time_column is not null
          and not exists (select from pg_catalog.pg_attribute as a
                           where a.attrelid = u.table_name and a.attname = u.time_column
                             and a.atttypid = 'timestamptz'::regtype))
$$;
select pg_temp.check_rule('registered_in_vain', 'The registry names only tables, owner and time columns that exist',
  $$create table private.bad (id uuid primary key);
    insert into private.user_tables values ('private.bad', 'user_id', 'Nothing', null)$$, 'private.bad.user_id');

create function pg_temp.times_without_zone() returns setof text language sql as $$
  select t.name || '.' || a.attname from pg_temp.tables() as t
    join pg_catalog.pg_attribute as a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
   where a.atttypid in ('timestamp'::regtype, 'time'::regtype, 'timetz'::regtype)
$$;
select pg_temp.check_rule('times_without_zone', 'Every time is a timestamptz',
  'create table public.bad (id integer primary key, at timestamp)', 'public.bad.at');

create function pg_temp.public_views() returns setof text language sql as $$
  select c.relname::text from pg_catalog.pg_class as c
   where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm')
     and not exists (select from pg_catalog.pg_depend as d where d.objid = c.oid and d.deptype = 'e')
$$;
select pg_temp.check_rule('public_views', 'No view is in public, where row-level security would not apply to it',
  'create materialized view public.bad as select 1 as one', 'bad');

create function pg_temp.owner_columns_that_may_be_null() returns setof text language sql as $$
  select t.name from pg_temp.tables() as t
    join pg_catalog.pg_attribute as a on a.attrelid = t.oid and a.attname = 'user_id' and not a.attisdropped
   where not a.attnotnull
$$;
select pg_temp.check_rule('owner_columns_that_may_be_null', 'Every row of a person''s data has an owner',
  'create table private.bad (id integer primary key, user_id uuid)', 'private.bad');

-- Default privileges: what a migration forgets to close is closed.

create table public.new_table (id bigint generated always as identity primary key, user_id uuid);
create function public.new_function() returns integer language sql as 'select 1';
create sequence public.new_sequence;

select is_empty(
  $$select role, privilege from unnest(array['anon', 'authenticated', 'service_role']) as role
     cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as privilege
     where has_table_privilege(role::name, 'public.new_table', privilege)$$,
  'A new table is closed to every API role until a migration states its grants');
select is_empty(
  $$select role from unnest(array['anon', 'authenticated', 'service_role']) as role
     where has_function_privilege(role::name, 'public.new_function()', 'execute')$$,
  'A new function is closed to every API role');
select is_empty(
  $$select role from unnest(array['anon', 'authenticated', 'service_role']) as role
     where has_sequence_privilege(role::name, 'public.new_sequence', 'usage')$$,
  'A new sequence is closed to every API role');

grant select on public.new_table to authenticated;
grant execute on function public.new_function() to authenticated;
grant usage on sequence public.new_sequence to authenticated;
select ok(has_table_privilege('authenticated', 'public.new_table', 'select'), 'A grant opens a table');
select ok(has_function_privilege('authenticated', 'public.new_function()', 'execute'), 'A grant opens a function');
select ok(has_sequence_privilege('authenticated', 'public.new_sequence', 'usage'), 'A grant opens a sequence');

select * from finish();
rollback;
