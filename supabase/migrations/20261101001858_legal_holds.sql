-- Legal holds. Restricted, so that no other way to delete the account goes round a hold either.

create table public.legal_holds (
  user_id uuid not null references public.profiles (user_id) on delete restrict,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  reason text not null check (char_length(btrim(reason)) between 1 and 500),
  set_by uuid references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  primary key (user_id, organization_id)
);
create index legal_holds_organization_idx on public.legal_holds (organization_id);
create index legal_holds_set_by_idx on public.legal_holds (set_by) where set_by is not null;
alter table public.legal_holds enable row level security;
grant select, insert, update, delete on public.legal_holds to service_role;
comment on table public.legal_holds is
  'People whose data an organisation must preserve: while there is one, no event of the person is deleted, nothing is erased and nothing expires. Read and written by its admins through functions; the person is told that there is one, not why.';
insert into private.user_tables values ('public.legal_holds', 'user_id', 'Legal holds on the person', null);

create function private.is_held(owner_id uuid)
returns boolean
language sql stable
set search_path = ''
as $$
  select exists (select from public.legal_holds as h where h.user_id = is_held.owner_id)
$$;
comment on function private.is_held(uuid) is 'Whether a legal hold preserves this person''s data. For definer functions only.';

create function private.get_legal_holds(organization_id uuid)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_organization constant uuid := private.administered_organization(get_legal_holds.organization_id);
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('organization_id', h.organization_id, 'user_id', h.user_id, 'reason', h.reason,
      'set_by', h.set_by, 'created_at', h.created_at) order by h.created_at, h.user_id), '[]')
    from public.legal_holds as h where h.organization_id = v_organization);
end;
$$;
comment on function private.get_legal_holds(uuid) is 'The work of public.get_legal_holds.';
grant execute on function private.get_legal_holds(uuid) to authenticated;

create function public.get_legal_holds(organization_id uuid default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  perform private.require_person();
  return private.get_legal_holds(get_legal_holds.organization_id);
end;
$$;
comment on function public.get_legal_holds(uuid) is
  'The legal holds of an organisation of which the caller is an admin: [{organization_id, user_id, reason, set_by, created_at}]. Errors: not_authenticated (401), role_insufficient (403), organization_not_found (404).';
revoke execute on function public.get_legal_holds(uuid) from public, anon;
grant execute on function public.get_legal_holds(uuid) to authenticated;

create function private.set_legal_hold(member_id uuid, reason text, organization_id uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_organization constant uuid := private.administered_organization(set_legal_hold.organization_id);
begin
  if char_length(btrim(coalesce(set_legal_hold.reason, ''))) not between 1 and 500 then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'A hold needs a reason of 1 to 500 characters';
  end if;
  insert into public.legal_holds as h (user_id, organization_id, reason, set_by)
  select m.user_id, m.organization_id, btrim(set_legal_hold.reason), (select auth.uid())
    from public.org_members as m where m.organization_id = v_organization and m.user_id = set_legal_hold.member_id
  on conflict on constraint legal_holds_pkey do update set reason = excluded.reason, set_by = excluded.set_by;
  if not found then
    raise exception using errcode = 'PT404', message = 'user_not_found', detail = 'No such member of the organisation';
  end if;
  perform private.record_audit('legal_hold.set', v_organization, 'user', set_legal_hold.member_id::text);
  return private.get_legal_holds(v_organization);
end;
$$;
comment on function private.set_legal_hold(uuid, text, uuid) is 'The work of public.set_legal_hold.';
grant execute on function private.set_legal_hold(uuid, text, uuid) to authenticated;

create function public.set_legal_hold(member_id uuid, reason text, organization_id uuid default null)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  return private.set_legal_hold(set_legal_hold.member_id, set_legal_hold.reason, set_legal_hold.organization_id);
end;
$$;
comment on function public.set_legal_hold(uuid, text, uuid) is
  'Preserves a member''s data until the hold is lifted; by admins. Returns the organisation''s holds. Errors: not_authenticated (401), validation_failed (400), role_insufficient (403), organization_not_found, user_not_found (404).';
revoke execute on function public.set_legal_hold(uuid, text, uuid) from public, anon;
grant execute on function public.set_legal_hold(uuid, text, uuid) to authenticated;

-- Nobody lifts his own: what is preserved is often held against him.
create function private.lift_legal_hold(member_id uuid, organization_id uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_organization constant uuid := private.administered_organization(lift_legal_hold.organization_id);
begin
  if lift_legal_hold.member_id = (select auth.uid()) then
    raise exception using errcode = 'PT403', message = 'not_permitted', detail = 'A hold on oneself is lifted by another admin';
  end if;
  delete from public.legal_holds as h where h.organization_id = v_organization and h.user_id = lift_legal_hold.member_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'user_not_found', detail = 'No hold on such a member';
  end if;
  perform private.record_audit('legal_hold.lifted', v_organization, 'user', lift_legal_hold.member_id::text);
end;
$$;
comment on function private.lift_legal_hold(uuid, uuid) is 'The work of public.lift_legal_hold.';
grant execute on function private.lift_legal_hold(uuid, uuid) to authenticated;

create function public.lift_legal_hold(member_id uuid, organization_id uuid default null)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  perform private.lift_legal_hold(lift_legal_hold.member_id, lift_legal_hold.organization_id);
end;
$$;
comment on function public.lift_legal_hold(uuid, uuid) is
  'Ends a legal hold of the organisation; by its admins, nobody his own. Errors: not_authenticated (401), role_insufficient, not_permitted (403), organization_not_found, user_not_found (404).';
revoke execute on function public.lift_legal_hold(uuid, uuid) from public, anon;
grant execute on function public.lift_legal_hold(uuid, uuid) to authenticated;
