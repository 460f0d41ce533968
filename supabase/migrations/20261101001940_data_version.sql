-- The version of what an answer is made from: the same text as long as the same question has the same answer. Answers are
-- kept with it outside the database (shared/cache/result_cache.ts), and asking for it is what judges whoever takes them from there.

create function private.data_digest(reads text, owner_id uuid, contact_id uuid, organization_id uuid, is_over boolean)
returns text
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_caller constant uuid := (select auth.uid());
  v_claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  v_organization uuid;
  v_people uuid[] := array[data_digest.owner_id];
  v_roles text[];
  v_slots bigint[];
  v_versions bigint[];
  v_shared_slots bigint[];
  v_shared bigint[];
  v_digest text;
begin
  if v_caller is null then
    raise exception using errcode = 'PT401', message = 'not_authenticated', detail = 'Sign in first';
  end if;
  if data_digest.owner_id is not null then
    perform private.require_readable_owner(data_digest.owner_id);
  end if;
  if data_digest.contact_id is not null then
    v_people := v_people || private.readable_contact_owner(data_digest.contact_id);
  end if;
  if data_digest.reads = 'teammates' then
    v_people := v_people || array(select t.id from private.teammate_ids(private.role_rank('member')) as t (id) order by t.id);
  elsif data_digest.reads = 'organization' then
    v_organization := private.my_organization(data_digest.organization_id);
    select v_people || array_agg(m.user_id order by m.user_id), array_agg(m.role order by m.user_id) into v_people, v_roles
      from public.org_members as m where m.organization_id = v_organization;
  end if;
  -- Counts by slot, never their sum: of two writers at once a replica may show the one first that the primary shows second.
  select array_agg(v.slot order by v.slot), array_agg(v.version order by v.slot) into v_slots, v_versions
    from private.data_versions as v where v.user_id = v_caller;
  -- Who does not share is in no answer, nor is what he does.
  select array_agg(v.slot order by v.slot), array_agg(v.shared order by v.slot) into v_shared_slots, v_shared
    from private.data_versions as v join public.profiles as p on p.user_id = v.user_id
   where v.user_id = any (v_people) and v.shared > 0 and not p.do_not_share;
  -- Arrays as text: with a text for each person a thousand of them take four times as long.
  v_digest := concat_ws(E'\n', v_caller, v_claims -> 'key_scopes', v_slots, v_versions, v_organization, v_people, v_roles, v_shared_slots, v_shared,
    array(select c from private.prediction_coefficients as c order by c.horizon_days),
    case when not data_digest.is_over then date_trunc('minute', now()) end);
  return encode(sha256(convert_to(v_digest, 'UTF8')), 'hex');
end;
$$;
comment on function private.data_digest(text, uuid, uuid, uuid, boolean) is 'The work of public.get_data_version.';
grant execute on function private.data_digest(text, uuid, uuid, uuid, boolean) to authenticated;

create function public.get_data_version(
  reads text default 'own', user_id uuid default null, contact_id uuid default null, organization_id uuid default null,
  ends_at timestamptz default null)
returns text
language plpgsql stable
set search_path = ''
as $$
begin
  perform private.require_scope('analytics:read', 'contacts:read');
  if coalesce(get_data_version.reads, '') not in ('own', 'teammates', 'organization') then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'reads is own, teammates or organization';
  end if;
  return private.data_digest(get_data_version.reads, get_data_version.user_id, get_data_version.contact_id,
    get_data_version.organization_id, coalesce(get_data_version.ends_at <= now(), false));
end;
$$;
comment on function public.get_data_version(text, uuid, uuid, uuid, timestamptz) is
  'A text that is another one after every committed change of what the caller''s answers are made from: his own data and profile, what teammates may see of user_id''s and of contact_id''s owner, and what reads names besides: own (nothing), teammates (all whose data he may read), organization (everybody in it, and their roles; default: his only one). It changes with each minute, too, unless ends_at is over: then time has no part in the answer. Read it before the data. Errors: not_authenticated (401), validation_failed (400), role_insufficient (403), user_not_found, contact_not_found, organization_not_found (404).';
revoke execute on function public.get_data_version(text, uuid, uuid, uuid, timestamptz) from public, anon;
grant execute on function public.get_data_version(text, uuid, uuid, uuid, timestamptz) to authenticated;

-- Reads at a replica. The primary tells the version when a request comes in; the replica answers in the snapshot in which it
-- has that version, or not at all. So nobody reads anything older than what was committed before he asked.
create function public.read_at_version(version text, reads jsonb, function_name text, arguments jsonb default '{}')
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  perform private.require_scope('analytics:read', 'contacts:read');
  if private.call_reader('get_data_version', read_at_version.reads) #>> '{}' is distinct from read_at_version.version then
    raise exception using errcode = 'PT409', message = 'replica_behind', detail = 'The data has another version here';
  end if;
  return private.call_reader(read_at_version.function_name, read_at_version.arguments);
end;
$$;
comment on function public.read_at_version(text, jsonb, text, jsonb) is
  'What one of the reading functions answers to these arguments where get_data_version answers version to reads (its arguments by name), both in one snapshot: for replicas. Errors: replica_behind (409: ask the primary), validation_failed (400), and those of both functions.';
revoke execute on function public.read_at_version(text, jsonb, text, jsonb) from public, anon;
grant execute on function public.read_at_version(text, jsonb, text, jsonb) to authenticated;
