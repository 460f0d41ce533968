-- Retention: how long calls, messages and questions are kept, by the time of the event. A person says it for himself, the
-- admins of an organisation for its members. private.job_retention removes what is older; ingest refuses it, so that an old
-- backup does not bring it back and no trace of a removed row is needed to know it again.

create table public.retention_policies (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid references public.organizations (id) on delete cascade,
  member_id uuid references public.profiles (user_id) on delete cascade,
  type text check (type in ('call', 'sms', 'question')),
  keep_days integer not null,
  keep_sums boolean not null default false,
  effective_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (organization_id, member_id, type),
  constraint retention_policies_whose check (organization_id is not null or member_id is not null),
  constraint retention_policies_days check (keep_days between case when organization_id is null then 1 else 7 end and 36500)
);
create index retention_policies_member_idx on public.retention_policies (member_id) where member_id is not null;
alter table public.retention_policies enable row level security;
create policy retention_policies_select on public.retention_policies for select to authenticated
  using (member_id = (select auth.uid()) or (member_id is null and organization_id in (select private.my_organization_ids())));
grant select on public.retention_policies to authenticated;
grant select, insert, update, delete on public.retention_policies to service_role;
comment on table public.retention_policies is
  'How long a person''s data is kept. Of one organisation (or of the person''s own) the most particular applies: that for the member before that for all, that for the type before that for all. Among organisations and the person''s own the shortest applies.';
comment on column public.retention_policies.organization_id is 'Null: the person''s own.';
comment on column public.retention_policies.member_id is 'Null: every member of the organisation.';
comment on column public.retention_policies.type is 'Calls, messages or questions in words; null: all.';
comment on column public.retention_policies.keep_sums is 'Figures go on counting what was removed (private.kept_sums), without who it was with.';
comment on column public.retention_policies.effective_at is 'When it begins to apply: an organisation''s a day after it removes more than before, so that a mistake can be undone.';
create trigger retention_policies_set_updated_at before update on public.retention_policies
  for each row execute function private.set_updated_at();
insert into private.user_tables values ('public.retention_policies', 'member_id', 'How long data is kept', null);

create type private.retention_floor as (type text, floor timestamptz, sums_floor timestamptz);
comment on type private.retention_floor is 'What is older than floor goes; of it what is older than sums_floor goes from the figures, too.';

create function private.retention_floors(owner_id uuid, at timestamptz default now())
returns setof private.retention_floor
language plpgsql stable
set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select applied.type, max(applied.since), max(applied.since) filter (where not applied.keep_sums)
    from (
      select distinct on (p.organization_id, t.type) t.type, retention_floors.at - make_interval(days => p.keep_days) as since,
             p.keep_sums or t.type = 'question' as keep_sums
        from public.retention_policies as p
        join unnest(array['call', 'sms', 'question']) as t (type) on p.type is null or p.type = t.type
       where p.effective_at <= retention_floors.at
         and (p.member_id = retention_floors.owner_id or p.member_id is null)
         and (p.organization_id is null
              or p.organization_id in (select m.organization_id from public.org_members as m where m.user_id = retention_floors.owner_id))
       order by p.organization_id, t.type, p.member_id is null, p.type is null
    ) as applied
   where not private.is_held(retention_floors.owner_id)
   group by applied.type;
end;
$$;
comment on function private.retention_floors(uuid, timestamptz) is
  'From when on a person''s data is kept, per type with a policy; nothing while a legal hold lasts. For definer functions only.';

-- What ingest does not take back, as it stands in private.ingest_batch.
create function private.refuse_removed(owner_id uuid, events private.incoming_event[])
returns private.incoming_event[]
language plpgsql volatile
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_floors constant private.retention_floor[] := array(select f from private.retention_floors(refuse_removed.owner_id) as f);
  v_forgotten text[] := array[]::text[];
begin
  if exists (select from private.forgotten_numbers as f where f.user_id = refuse_removed.owner_id) then
    v_forgotten := private.forgotten_among(refuse_removed.owner_id, array(select e.number from unnest(refuse_removed.events) as e));
  end if;
  if v_floors = '{}' and v_forgotten = '{}' then
    return refuse_removed.events;
  end if;
  return array(
    select case
        when e.code is not null then e
        when e.number = any (v_forgotten) then row(e.index, e.ts, e.number, e.type, e.direction, e.status, e.duration, e.content, e.line_id,
          e.source, e.source_id, e.reported_by, e.contact_name, e.metadata, e.fingerprint,
          'number_erased', 'number', 'You erased this number and keep it out')::private.incoming_event
        when e.ts < f.floor then row(e.index, e.ts, e.number, e.type, e.direction, e.status, e.duration, e.content, e.line_id,
          e.source, e.source_id, e.reported_by, e.contact_name, e.metadata, e.fingerprint,
          'ts_beyond_retention', 'ts', 'The event is older than a retention policy keeps it')::private.incoming_event
        else e end
      from unnest(refuse_removed.events) as e
      left join unnest(v_floors) as f on f.type = e.type
     order by e.index);
end;
$$;
comment on function private.refuse_removed(uuid, private.incoming_event[]) is
  'A batch in which what its owner erased (number_erased), or what a retention policy does not keep (ts_beyond_retention), is refused. For definer functions only.';

create function private.remove_expired(owner_id uuid, max_rows integer)
returns bigint
language plpgsql volatile
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_floor private.retention_floor;
  v_ids uuid[];
  v_rows bigint;
  v_total bigint := 0;
begin
  for v_floor in select * from private.retention_floors(remove_expired.owner_id) as f order by f.type loop
    if v_floor.type = 'question' then
      delete from public.nlq_queries as q
       where q.user_id = remove_expired.owner_id
         and q.id = any (array(select o.id from public.nlq_queries as o
                                where o.user_id = remove_expired.owner_id and o.asked_at < v_floor.floor limit remove_expired.max_rows));
      get diagnostics v_rows = row_count;
      v_total := v_total + v_rows;
      continue;
    end if;
    perform private.lock_owner(remove_expired.owner_id);
    v_ids := array(select e.id from public.events as e
                    where e.user_id = remove_expired.owner_id and e.ts < v_floor.floor and e.type = v_floor.type
                    order by e.ts limit remove_expired.max_rows);
    if cardinality(v_ids) > 0 then
      insert into private.kept_sums (user_id, ts, is_private, type, direction, status, source, duration, events)
      select e.user_id, date_trunc('hour', e.ts, 'UTC'), r.user_id is not null, e.type, e.direction, e.status, e.source, e.duration, count(*)
        from public.events as e
        left join public.privacy_rules as r on r.user_id = e.user_id and r.contact_id = e.contact_id and r.visibility = 'private'
       where e.user_id = remove_expired.owner_id and e.id = any (v_ids)
         and (v_floor.sums_floor is null or date_trunc('hour', e.ts, 'UTC') >= v_floor.sums_floor)
       group by 1, 2, 3, 4, 5, 6, 7, 8;
      perform private.bury_events(remove_expired.owner_id, v_ids);
      v_total := v_total + cardinality(v_ids);
    end if;
    -- What the person deleted himself is known by its time and number; ingest refuses it by its time now.
    delete from private.deleted_events as d
     where d.user_id = remove_expired.owner_id and d.type = v_floor.type and d.ts < v_floor.floor and d.ts > timestamptz 'epoch';
    delete from private.kept_sums as k
     where k.user_id = remove_expired.owner_id and k.type = v_floor.type and k.ts < v_floor.sums_floor;
  end loop;
  return v_total;
end;
$$;
comment on function private.remove_expired(uuid, integer) is
  'Removes up to max_rows of each type that a person''s policies no longer keep, and returns how many went. For private.job_retention only.';

create function private.job_retention(deadline timestamptz)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  c_rows constant integer := 2000;
  v_until constant timestamptz := least(job_retention.deadline, clock_timestamp() + interval '1 second');
  v_owner uuid;
  v_rows bigint;
  v_total bigint := 0;
  v_people integer := 0;
begin
  -- Nobody asks for the deletions of a client that was away for so long: it starts anew.
  delete from private.deleted_events as d where d.ts = timestamptz 'epoch' and d.deleted_at < now() - interval '90 days';
  for v_owner in
    select p.member_id from public.retention_policies as p where p.organization_id is null
    union
    select m.user_id from public.retention_policies as p join public.org_members as m on m.organization_id = p.organization_id
    order by 1
  loop
    v_rows := private.remove_expired(v_owner, c_rows);
    v_total := v_total + v_rows;
    v_people := v_people + (v_rows > 0)::integer;
    if v_rows > 0 then
      perform private.record_audit('retention.applied', null, 'user', v_owner::text, jsonb_build_object('rows', v_rows));
    end if;
    if v_rows >= c_rows or clock_timestamp() >= v_until then
      return jsonb_build_object('removed', v_total, 'people', v_people, 'more', true);
    end if;
  end loop;
  return jsonb_build_object('removed', v_total, 'people', v_people, 'more', false);
end;
$$;
comment on function private.job_retention(timestamptz) is
  'Removes what the policies no longer keep, 2,000 rows of a type or about a second at a time: {removed, people, more}. Killed in the middle, the next call goes on.';

-- What the policies would remove now. Of members the caller sees what teammates see: who does not share, and private
-- contacts, are not counted, so that no policy that is tried out tells of them.
create function private.count_expired(organization_id uuid, at timestamptz)
returns jsonb
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_owner constant uuid := (select auth.uid());
  v_counts jsonb;
begin
  if count_expired.organization_id is null then
    return (
      select coalesce(jsonb_object_agg(f.type, case when f.type = 'question'
          then (select count(*) from public.nlq_queries as q where q.user_id = v_owner and q.asked_at < f.floor)
          else (select count(*) from public.events as e where e.user_id = v_owner and e.type = f.type and e.ts < f.floor) end), '{}')
        from private.retention_floors(v_owner, count_expired.at) as f);
  end if;
  if private.my_rank_in(count_expired.organization_id) < private.role_rank('admin') then
    raise exception using errcode = 'PT403', message = 'role_insufficient', detail = 'This takes an admin of the organisation';
  end if;
  select coalesce(jsonb_object_agg(c.type, c.events), '{}') into v_counts
    from (
      select f.type, sum(expired.events) as events
        from private.sharing_members as m
        cross join lateral private.retention_floors(m.user_id, count_expired.at) as f
        cross join lateral (
          select count(*) as events from public.events as e
            left join public.privacy_rules as r on r.user_id = e.user_id and r.contact_id = e.contact_id
           where e.user_id = m.user_id and e.type = f.type and e.ts < f.floor and coalesce(r.visibility, 'team') <> 'private') as expired
       where m.organization_id = count_expired.organization_id and f.type <> 'question'
       group by f.type) as c;
  return v_counts;
end;
$$;
comment on function private.count_expired(uuid, timestamptz) is
  'How many rows of each type the policies that are effective at this time would remove: of the caller, or (for admins, as teammates see them) of an organisation''s members. Errors: role_insufficient (403).';
grant execute on function private.count_expired(uuid, timestamptz) to authenticated;

create function private.retention_json(organization_id uuid)
returns jsonb
language sql stable security definer
set search_path = ''
as $$
  select jsonb_build_object(
    'organization_id', retention_json.organization_id,
    'erasure_grace_days', (select o.erasure_grace_days from public.organizations as o where o.id = retention_json.organization_id),
    'policies', coalesce(jsonb_agg(jsonb_build_object('user_id', p.member_id, 'type', p.type, 'keep_days', p.keep_days, 'keep_sums', p.keep_sums,
      'effective_at', p.effective_at) order by p.member_id nulls first, p.type nulls first), '[]'))
    from public.retention_policies as p
   where case when retention_json.organization_id is null then p.organization_id is null and p.member_id = (select auth.uid())
     else p.organization_id = retention_json.organization_id and private.my_rank_in(p.organization_id) >= private.role_rank('admin') end
$$;
comment on function private.retention_json(uuid) is
  'The policies of the caller himself, or (for admins) of an organisation, as the API shows them.';
grant execute on function private.retention_json(uuid) to authenticated;

create function public.get_retention(organization_id uuid default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  perform private.require_person();
  perform private.require_account();
  if get_retention.organization_id is not null then
    perform private.administered_organization(get_retention.organization_id);
  end if;
  return private.retention_json(get_retention.organization_id)
    || jsonb_build_object('expired', private.count_expired(get_retention.organization_id, now()));
end;
$$;
comment on function public.get_retention(uuid) is
  'The caller''s own policies, or those of an organisation that he administers: {organization_id, erasure_grace_days, policies [{user_id (null: all members), type (null: all), keep_days, keep_sums, effective_at}], expired {type: rows that wait to be removed}}; of members as teammates see them. Errors: not_authenticated (401), role_insufficient (403), organization_not_found (404).';
revoke execute on function public.get_retention(uuid) from public, anon;
grant execute on function public.get_retention(uuid) to authenticated;

create function private.set_retention(policies jsonb, organization_id uuid, erasure_grace_days integer, is_dry_run boolean)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_organization constant uuid := set_retention.organization_id;
  v_later constant timestamptz := case when v_organization is null then now() else now() + interval '1 day' end;
  v_answer jsonb;
begin
  if v_organization is not null then
    perform private.administered_organization(v_organization);
    if exists (select from jsonb_to_recordset(set_retention.policies) as p (user_id uuid)
                where p.user_id is not null and p.user_id not in (select m.user_id from public.org_members as m where m.organization_id = v_organization)) then
      raise exception using errcode = 'PT404', message = 'user_not_found', detail = 'No such member of the organisation';
    end if;
  elsif set_retention.erasure_grace_days is not null
     or exists (select from jsonb_to_recordset(set_retention.policies) as p (user_id uuid) where p.user_id is not null) then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'Policies for members, and the time to take back an erasure, are those of an organisation';
  end if;
  begin
    delete from public.retention_policies as old
     where case when v_organization is null then old.organization_id is null and old.member_id = (select auth.uid())
             else old.organization_id = v_organization end
       and not exists (
         select from jsonb_to_recordset(set_retention.policies) as p (user_id uuid, type text)
          where old.member_id is not distinct from coalesce(p.user_id, case when v_organization is null then (select auth.uid()) end)
            and old.type is not distinct from p.type);
    insert into public.retention_policies as old (organization_id, member_id, type, keep_days, keep_sums, effective_at)
    select v_organization, coalesce(p.user_id, case when v_organization is null then (select auth.uid()) end), p.type, p.keep_days,
           coalesce(p.keep_sums, false), v_later
      from jsonb_to_recordset(set_retention.policies) as p (user_id uuid, type text, keep_days integer, keep_sums boolean)
    on conflict on constraint retention_policies_organization_id_member_id_type_key do update set
      keep_days = excluded.keep_days, keep_sums = excluded.keep_sums,
      effective_at = case when excluded.keep_days < old.keep_days or (old.keep_sums and not excluded.keep_sums)
        then excluded.effective_at else old.effective_at end;
    if set_retention.erasure_grace_days is not null then
      update public.organizations as o set erasure_grace_days = set_retention.erasure_grace_days where o.id = v_organization;
    end if;
    v_answer := private.retention_json(v_organization) || jsonb_build_object('expired', private.count_expired(v_organization, v_later));
    if set_retention.is_dry_run then
      raise exception using errcode = 'UNDO0';
    end if;
  exception
    when sqlstate 'UNDO0' then return v_answer;
    when check_violation or not_null_violation or cardinality_violation then
      raise exception using errcode = 'PT400', message = 'validation_failed',
        detail = 'A policy has a type (call, sms, question or none) of its own and keeps 1 to 36500 days, an organisation''s at least 7; an erasure can be taken back for 0 to 30 days';
  end;
  perform private.record_audit('retention.set', v_organization, case when v_organization is null then 'user' else 'organization' end,
    coalesce(v_organization, (select auth.uid()))::text, v_answer - 'expired');
  return v_answer;
end;
$$;
comment on function private.set_retention(jsonb, uuid, integer, boolean) is 'The work of public.set_retention.';
grant execute on function private.set_retention(jsonb, uuid, integer, boolean) to authenticated;

create function public.set_retention(policies jsonb, organization_id uuid default null, erasure_grace_days integer default null, is_dry_run boolean default false)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  perform private.require_account();
  if jsonb_typeof(set_retention.policies) is distinct from 'array' or jsonb_array_length(set_retention.policies) > 1000
     or exists (select from jsonb_array_elements(set_retention.policies) as p where jsonb_typeof(p) <> 'object') then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'Policies are an array of at most 1000 objects';
  end if;
  return private.set_retention(set_retention.policies, set_retention.organization_id, set_retention.erasure_grace_days, set_retention.is_dry_run);
exception when invalid_text_representation or numeric_value_out_of_range then
  raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'A policy is {user_id, type, keep_days, keep_sums}';
end;
$$;
comment on function public.set_retention(jsonb, uuid, integer, boolean) is
  'Puts the policies [{user_id, type, keep_days, keep_sums}] in the place of the caller''s own, or of an organisation''s that he administers, and says as get_retention does what they remove; a dry run changes nothing. What an organisation shortens applies a day later. Errors: not_authenticated (401), validation_failed (400), role_insufficient (403), organization_not_found, user_not_found (404).';
revoke execute on function public.set_retention(jsonb, uuid, integer, boolean) from public, anon;
grant execute on function public.set_retention(jsonb, uuid, integer, boolean) to authenticated;

select private.audit_table('public.retention_policies');
select private.limit_keys('public.retention_policies', null, null);
