-- Erasure: the work of private.job_erasure, in steps that can be broken off anywhere.

-- A tombstone that says nothing but the id, for clients that keep a copy: its time is before all events, so that no report
-- is taken for it. private.job_retention lets it go after 90 days.
create function private.bury_events(owner_id uuid, event_ids uuid[])
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  insert into private.deleted_events (user_id, fingerprint, event_id, ts, type, direction)
  select bury_events.owner_id, id, id, timestamptz 'epoch', 'call', 'inbound' from unnest(bury_events.event_ids) as id
  on conflict on constraint deleted_events_pkey do nothing;
  delete from public.events as e where e.user_id = bury_events.owner_id and e.id = any (bury_events.event_ids);
end;
$$;
comment on function private.bury_events(uuid, uuid[]) is
  'Deletes events and leaves tombstones that hold their ids only. For definer functions that hold the owner''s lock.';

-- What else a person's tables say of somebody. What can be had again goes as a whole: questions, cached answers, kept
-- replies, archives, and imports under way, whose unread rest is text.
create function private.erase_mentions(owner_id uuid, subject jsonb)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  delete from public.nlq_queries as q where q.user_id = erase_mentions.owner_id and private.mentions(to_jsonb(q)::text, erase_mentions.subject);
  perform private.drop_cached_answers(erase_mentions.owner_id);
  delete from public.idempotency_keys as k
   where k.user_id = erase_mentions.owner_id and private.mentions(concat_ws(' ', k.key, k.response), erase_mentions.subject);
  update public.imports as i set parser = null, state = 'failed', finished_at = now(), errors = jsonb_build_array(jsonb_build_object(
      'position', null, 'code', 'import_stopped', 'detail', 'An erasure came in between: import the file again'))
   where i.user_id = erase_mentions.owner_id and i.parser is not null;
  update public.imports as i set filename = null, errors = '[]', options = '{}'
   where i.user_id = erase_mentions.owner_id and private.mentions(concat_ws(' ', i.filename, i.errors, i.options), erase_mentions.subject);
  update public.sync_sources as s set errors = '[]'
   where s.user_id = erase_mentions.owner_id and private.mentions(s.errors::text, erase_mentions.subject);
  update public.contacts as c set
      also_known_as = array(select alias from unnest(c.also_known_as) as alias where not private.mentions(alias, erase_mentions.subject))
   where c.user_id = erase_mentions.owner_id and c.also_known_as <> '{}' and c.id is distinct from (erase_mentions.subject ->> 'contact_id')::uuid
     and private.mentions(array_to_string(c.also_known_as, ' / '), erase_mentions.subject);
  delete from public.data_exports as e where e.user_id = erase_mentions.owner_id;
  delete from public.alerts as a where a.owner_id = erase_mentions.owner_id;
end;
$$;
comment on function private.erase_mentions(uuid, jsonb) is
  'Removes what a person''s history, caches, imports, archives and other contacts'' aliases say of the subject. Texts with other people, and notes, are the owner''s own words and stay. For private.erase_subject only.';

create function private.erase_subject(request public.erasure_requests, max_rows integer)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
declare
  v_owner constant uuid := (request).user_id;
  v_subject constant jsonb := (request).subject;
  v_contact_id constant uuid := (v_subject ->> 'contact_id')::uuid;
  v_numbers constant text[] := array(select jsonb_array_elements_text(v_subject -> 'numbers'));
  v_ids uuid[];
begin
  perform private.lock_owner(v_owner);
  v_ids := array(
    select id from (
      (select e.id from public.events as e where e.user_id = v_owner and e.contact_id = v_contact_id limit erase_subject.max_rows)
      union
      (select e.id from public.events as e where e.user_id = v_owner and e.number = any (v_numbers) limit erase_subject.max_rows)) as event);
  if cardinality(v_ids) > 0 then
    perform private.bury_events(v_owner, v_ids);
    update public.erasure_requests as r set state = 'running', erased_events = r.erased_events + cardinality(v_ids)
     where r.user_id = v_owner and r.id = (request).id;
    return false;
  end if;
  delete from private.deleted_events as d where d.user_id = v_owner and d.number = any (v_numbers);
  delete from public.contact_numbers as n where n.user_id = v_owner and n.number = any (v_numbers);
  delete from public.contacts as c where c.user_id = v_owner and c.id = v_contact_id;
  perform private.erase_mentions(v_owner, v_subject);
  if (request).keep_out then
    insert into private.forgotten_numbers (user_id, digest, request_id)
    select distinct v_owner, private.number_digest(v_owner, number, private.secret_key('forgotten_numbers')), (request).id
      from unnest(v_numbers) as number;
  end if;
  update public.erasure_requests as r set state = 'done', subject = null, finished_at = now() where r.user_id = v_owner and r.id = (request).id;
  perform private.record_audit('erasure.completed', null, 'user', v_owner::text, jsonb_build_object('scope', (request).scope));
  return true;
end;
$$;
comment on function private.erase_subject(public.erasure_requests, integer) is
  'The next step of the erasure of a contact or number: a batch of events, and with the last one all the rest; true when it is done. For private.job_erasure only.';

create function private.erase_rows(owner_id uuid, max_rows integer)
returns bigint
language plpgsql volatile
set search_path = ''
as $$
declare
  v_table record;
  v_rows bigint;
  v_total bigint := 0;
begin
  perform private.lock_owner(erase_rows.owner_id);
  -- Events first, which the roll-ups follow; then tables of public, which others follow, then those that follow.
  for v_table in
    select t.table_name, t.owner_column from private.user_tables as t
     where t.table_name not in ('public.profiles'::regclass, 'public.org_members'::regclass, 'public.erasure_requests'::regclass)
       and t.table_name::text not like '%audit%'
     order by t.table_name <> 'public.events'::regclass, t.table_name <> 'private.kept_sums'::regclass, t.table_name::text like 'private.%', t.table_name::text
  loop
    execute format('delete from %1$s where ctid = any (array(select ctid from %1$s where %2$I = $1 limit $2))', v_table.table_name, v_table.owner_column)
      using erase_rows.owner_id, erase_rows.max_rows - v_total;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    exit when v_total >= erase_rows.max_rows;
  end loop;
  return v_total;
end;
$$;
comment on function private.erase_rows(uuid, integer) is
  'Deletes up to max_rows rows of a person from the tables of the registry, and returns how many. For private.job_erasure only.';

-- An organisation is never without an owner: the highest in rank, of these the one who is in it longest, takes over.
create function private.leave_organizations(owner_id uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_member record;
begin
  for v_member in
    select m.organization_id,
           (select o.user_id from public.org_members as o where o.organization_id = m.organization_id and o.user_id <> m.user_id
             order by private.role_rank(o.role) desc, o.joined_at, o.user_id limit 1) as heir_id
      from public.org_members as m where m.user_id = leave_organizations.owner_id order by m.organization_id
  loop
    perform from public.organizations as o where o.id = v_member.organization_id for update;
    perform private.record_audit('erasure.completed', v_member.organization_id, 'account', null);
    if v_member.heir_id is null then
      delete from public.organizations as o where o.id = v_member.organization_id;
    else
      delete from public.org_members as m where m.organization_id = v_member.organization_id and m.user_id = leave_organizations.owner_id;
      update public.org_members as m set role = 'owner'
       where m.organization_id = v_member.organization_id and m.user_id = v_member.heir_id
         and not exists (select from public.org_members as o where o.organization_id = m.organization_id and o.role = 'owner');
    end if;
  end loop;
end;
$$;
comment on function private.leave_organizations(uuid) is
  'Takes a person out of the organisations: an organisation without anybody else goes, one without another owner is handed over. For private.erase_account only.';

create function private.erase_account(owner_id uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_email constant text := (select lower(u.email) from auth.users as u where u.id = erase_account.owner_id);
  v_table record;
  v_left bigint;
begin
  perform private.lock_owner(erase_account.owner_id);
  perform private.leave_organizations(erase_account.owner_id);
  delete from auth.users as u where u.id = erase_account.owner_id;

  -- Tables without a foreign key to the account, and what others' rows say of it: a question that was understood as one
  -- about this person has the id; an invitation has the address.
  for v_table in
    select t.table_name, format('%I = $1', t.owner_column) as condition from private.user_tables as t where t.table_name::text not like '%audit%'
    union all
    select 'public.nlq_queries'::regclass, 'strpos(to_jsonb(t)::text, $1::text) > 0'
    union all
    select to_regclass('private.rate_limits'), 'strpos(to_jsonb(t)::text, $1::text) > 0'
    union all
    select a.attrelid::regclass, format('lower(%I::text) = $2', a.attname)
      from pg_catalog.pg_attribute as a join pg_catalog.pg_class as c on c.oid = a.attrelid
     where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind = 'r' and a.attname = 'email' and not a.attisdropped
    union all
    -- Of Auth what has no cascade, such as its own log of sign-ins.
    select a.attrelid::regclass, case a.attname when 'payload' then 'strpos(t.payload::text, $1::text) > 0' else format('%I::text = $1::text', a.attname) end
      from pg_catalog.pg_attribute as a join pg_catalog.pg_class as c on c.oid = a.attrelid
     where c.relnamespace = 'auth'::regnamespace and c.relkind = 'r' and not a.attisdropped
       and (a.attname = 'user_id' or (c.relname = 'audit_log_entries' and a.attname = 'payload'))
       and has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'delete')
  loop
    continue when v_table.table_name is null;
    execute format('delete from %s as t where %s', v_table.table_name, v_table.condition) using erase_account.owner_id, v_email;
  end loop;
  if to_regproc('private.pseudonymize_audit') is not null then
    execute format('select %s($1)', to_regproc('private.pseudonymize_audit')) using erase_account.owner_id;
  end if;

  for v_table in select * from private.user_tables as t where t.table_name::text not like '%audit%' loop
    execute format('select count(*) from %s where %I = $1', v_table.table_name, v_table.owner_column) into v_left using erase_account.owner_id;
    if v_left > 0 then
      raise exception 'Cannot erase the account: % still has % rows of it', v_table.table_name, v_left;
    end if;
  end loop;
end;
$$;
comment on function private.erase_account(uuid) is
  'The last step of the erasure of an account: organisations, the account itself with all that refers to it, traces of it in others'' rows, the pseudonym in the audit log. Raises when anything is left. For private.job_erasure only.';

create function private.job_erasure(deadline timestamptz)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  c_rows constant integer := 2000;
  -- Steps share a transaction while they are short, so that nobody waits long for a row.
  v_until constant timestamptz := least(job_erasure.deadline, clock_timestamp() + interval '1 second');
  v_request public.erasure_requests;
  v_steps integer := 0;
  v_finished integer := 0;
begin
  loop
    select r.* into v_request from public.erasure_requests as r
     where r.state <> 'done' and r.due_at <= now() and not private.is_held(r.user_id)
     order by r.due_at, r.id limit 1 for update skip locked;
    exit when not found;
    v_steps := v_steps + 1;
    if v_request.scope <> 'account' then
      v_finished := v_finished + private.erase_subject(v_request, c_rows)::integer;
    else
      update public.erasure_requests as r set state = 'running' where r.user_id = v_request.user_id and r.id = v_request.id;
      if private.erase_rows(v_request.user_id, c_rows) < c_rows then
        perform private.erase_account(v_request.user_id);
        v_finished := v_finished + 1;
      end if;
    end if;
    if clock_timestamp() >= v_until then
      return jsonb_build_object('steps', v_steps, 'finished', v_finished, 'more', true);
    end if;
  end loop;
  return jsonb_build_object('steps', v_steps, 'finished', v_finished, 'more', false);
end;
$$;
comment on function private.job_erasure(timestamptz) is
  'Carries out the erasures that are due and not held, in steps of at most 2,000 rows or so, for about a second at a time: {steps, finished, more}. Killed in the middle, the next call goes on.';

select private.audit_table('public.legal_holds', '{reason}');
select private.audit_table('public.erasure_requests');
select private.limit_keys('public.legal_holds', null, null);
select private.limit_keys('public.erasure_requests', null, null);
