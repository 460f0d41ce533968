-- The version of what an answer is made from: the same text as long as the same question has the same answer. Answers are
-- kept under it outside the database (shared/result_cache.ts), and asking for it is what judges whoever takes them from there.

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
  -- Arrays as text: with a text for each person a thousand of them take four times as long.
  v_digest := concat_ws(E'\n', v_caller, v_claims -> 'key_scopes', private.data_version(v_caller), v_organization, v_people, v_roles,
    -- Who does not share is in no answer, nor is what he does.
    array(select v.shared from private.data_versions as v join public.profiles as p on p.user_id = v.user_id
           where v.user_id = any (v_people) and v.shared > 0 and not p.do_not_share order by v.user_id, v.slot),
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
