-- Members of an organisation: invited, changed, removed, gone. Every decision elsewhere reads org_members as it is now, so
-- whoever is removed sees nothing with his next request, whatever token he has.

create table private.org_invitations (
  organization_id uuid not null,
  id uuid not null default private.uuid_v7(),
  email text not null check (email ~ '^[^@\s]+@[^@\s]+$' and char_length(email) <= 254),
  role text not null check (role in ('owner', 'admin', 'analyst', 'member', 'viewer')),
  token_hash bytea not null unique,
  invited_by uuid not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (organization_id, id),
  unique (organization_id, email),
  -- Who leaves leaves no door open.
  foreign key (organization_id, invited_by) references public.org_members (organization_id, user_id) on delete cascade
);
create index org_invitations_invited_by_idx on private.org_invitations (organization_id, invited_by);
create index org_invitations_expires_idx on private.org_invitations (expires_at);
comment on table private.org_invitations is 'Open invitations; those taken, replaced or expired are deleted. Of the token the hash is kept only.';
select private.audit_table('private.org_invitations', '{email}');

-- The row of the organisation is what its changes queue at, so that two admins cannot remove each other at once.
create function private.lock_members(organization_id uuid)
returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_rank integer;
begin
  perform from public.organizations as o where o.id = lock_members.organization_id for update;
  v_rank := private.my_rank_in(lock_members.organization_id);
  if v_rank = 0 then
    raise exception using errcode = 'PT404', message = 'organization_not_found', detail = 'No such organisation of yours';
  end if;
  return v_rank;
end;
$$;
comment on function private.lock_members(uuid) is
  'The caller''s rank in the organisation, whose members nobody else changes until the transaction ends. Errors: organization_not_found (404). For definer functions only.';

create function private.require_grantable(rank integer, role text)
returns void
language plpgsql immutable
set search_path = ''
as $$
declare
  v_role_rank constant integer := private.role_rank(require_grantable.role);
begin
  if v_role_rank = 0 then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'A role is owner, admin, analyst, member or viewer';
  end if;
  if require_grantable.rank < private.role_rank('admin')
     or (v_role_rank >= require_grantable.rank and require_grantable.rank < private.role_rank('owner')) then
    raise exception using errcode = 'PT403', message = 'role_insufficient',
      detail = 'Admins give roles below their own, owners every role';
  end if;
end;
$$;
comment on function private.require_grantable(integer, text) is
  'Raises unless who has this rank may give this role: admins those below theirs, owners also owner, so that an organisation can change hands. Errors: validation_failed (400), role_insufficient (403).';

create function private.lower_member(rank integer, organization_id uuid, member_id uuid)
returns public.org_members
language plpgsql stable
set search_path = ''
as $$
declare
  v_member public.org_members;
begin
  select m.* into v_member from public.org_members as m
   where m.organization_id = lower_member.organization_id and m.user_id = lower_member.member_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'member_not_found', detail = 'No such member of this organisation';
  end if;
  -- Nobody is below himself.
  if lower_member.rank < private.role_rank('admin') or private.role_rank(v_member.role) >= lower_member.rank then
    raise exception using errcode = 'PT403', message = 'role_insufficient',
      detail = 'Admins change members below them, and nobody himself';
  end if;
  return v_member;
end;
$$;
comment on function private.lower_member(integer, uuid, uuid) is
  'The member, if who has this rank may change him: an admin or owner above him, and not himself. Errors: member_not_found (404), role_insufficient (403).';

create function private.invite_member(organization_id uuid, email text, role text, days integer)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  c_open constant integer := 1000;
  v_email constant text := lower(btrim(invite_member.email));
  v_token constant text := 'pli_' || encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'hex');
  v_invitation private.org_invitations;
begin
  perform private.require_grantable(private.lock_members(invite_member.organization_id), invite_member.role);
  if coalesce(v_email !~ '^[^@\s]+@[^@\s]+$' or char_length(v_email) > 254, true) or invite_member.days not between 1 and 30 then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'An invitation has an e-mail address and lasts 1 to 30 days';
  end if;
  if exists (select from public.org_members as m join auth.users as u on u.id = m.user_id
              where m.organization_id = invite_member.organization_id and lower(u.email) = v_email) then
    raise exception using errcode = 'PT409', message = 'already_member', detail = 'This person is a member';
  end if;
  delete from private.org_invitations as i
   where i.organization_id = invite_member.organization_id and (i.email = v_email or i.expires_at <= now());
  if (select count(*) from private.org_invitations as i where i.organization_id = invite_member.organization_id) >= c_open then
    raise exception using errcode = 'PT409', message = 'too_many_invitations', detail = 'An organisation has at most 1000 open invitations';
  end if;
  insert into private.org_invitations (organization_id, email, role, token_hash, invited_by, expires_at)
  values (invite_member.organization_id, v_email, invite_member.role, sha256(convert_to(v_token, 'UTF8')), (select auth.uid()),
    now() + make_interval(days => invite_member.days))
  returning * into v_invitation;
  return jsonb_build_object('id', v_invitation.id, 'organization_id', v_invitation.organization_id, 'email', v_email,
    'role', v_invitation.role, 'created_at', v_invitation.created_at, 'expires_at', v_invitation.expires_at, 'token', v_token);
end;
$$;
comment on function private.invite_member(uuid, text, text, integer) is 'The work of public.invite_member.';
grant execute on function private.invite_member(uuid, text, text, integer) to authenticated;

create function public.invite_member(email text, role text default 'member', days integer default 7, organization_id uuid default null)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  return private.invite_member(private.my_organization(invite_member.organization_id), invite_member.email, invite_member.role, invite_member.days);
end;
$$;
comment on function public.invite_member(text, text, integer, uuid) is
  'Invites a person by e-mail: {id, organization_id, email, role, created_at, expires_at, token}. The token is told this once, for the caller to pass on; an earlier invitation of the same address is void. For admins, to roles below theirs, and owners. Default: the only organisation. Errors: validation_failed (400), role_insufficient (403), organization_not_found (404), already_member, too_many_invitations (409).';
revoke execute on function public.invite_member(text, text, integer, uuid) from public, anon;
grant execute on function public.invite_member(text, text, integer, uuid) to authenticated;

create function private.accept_invitation(token text)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me constant uuid := (select auth.uid());
  v_hash constant bytea := sha256(convert_to(coalesce(accept_invitation.token, ''), 'UTF8'));
  v_invitation private.org_invitations;
  v_inviter_rank integer;
begin
  perform private.require_account();
  -- The organisation first: whoever changes its members holds it.
  perform from public.organizations as o
   where o.id = (select i.organization_id from private.org_invitations as i where i.token_hash = v_hash) for update;
  select i.* into v_invitation from private.org_invitations as i
    join auth.users as u on u.id = v_me and lower(u.email) = i.email
   where i.token_hash = v_hash and i.expires_at > now();
  select private.role_rank(m.role) into v_inviter_rank from public.org_members as m
   where m.organization_id = v_invitation.organization_id and m.user_id = v_invitation.invited_by;
  -- Who invited may have lost the right since.
  if v_invitation.id is null or v_inviter_rank < private.role_rank('admin')
     or (private.role_rank(v_invitation.role) >= v_inviter_rank and v_inviter_rank < private.role_rank('owner')) then
    raise exception using errcode = 'PT404', message = 'invitation_not_found',
      detail = 'No such invitation to your e-mail address, or it has expired';
  end if;
  delete from private.org_invitations as i where i.organization_id = v_invitation.organization_id and i.id = v_invitation.id;
  insert into public.org_members (organization_id, user_id, role) values (v_invitation.organization_id, v_me, v_invitation.role)
  on conflict on constraint org_members_pkey do nothing;
  if not found then
    raise exception using errcode = 'PT409', message = 'already_member', detail = 'You are a member already';
  end if;
  return (select jsonb_build_object('organization_id', o.id, 'organization_name', o.name, 'role', v_invitation.role)
            from public.organizations as o where o.id = v_invitation.organization_id);
end;
$$;
comment on function private.accept_invitation(text) is 'The work of public.accept_invitation.';
grant execute on function private.accept_invitation(text) to authenticated;

create function public.accept_invitation(token text)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  return private.accept_invitation(accept_invitation.token);
end;
$$;
comment on function public.accept_invitation(text) is
  'Makes the caller a member as his invitation says: {organization_id, organization_name, role}. It must be to his e-mail address, and who sent it must still have the right to. Errors: not_authenticated (401), invitation_not_found (404), already_member (409).';
revoke execute on function public.accept_invitation(text) from public, anon;
grant execute on function public.accept_invitation(text) to authenticated;

create function private.withdraw_invitation(organization_id uuid, invitation_id uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_organization constant uuid := private.administered_organization(withdraw_invitation.organization_id);
begin
  delete from private.org_invitations as i
   where i.organization_id = v_organization and i.id = withdraw_invitation.invitation_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'invitation_not_found', detail = 'No such invitation of this organisation';
  end if;
end;
$$;
comment on function private.withdraw_invitation(uuid, uuid) is 'The work of public.withdraw_invitation.';
grant execute on function private.withdraw_invitation(uuid, uuid) to authenticated;

create function public.withdraw_invitation(invitation_id uuid, organization_id uuid default null)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  perform private.withdraw_invitation(withdraw_invitation.organization_id, withdraw_invitation.invitation_id);
end;
$$;
comment on function public.withdraw_invitation(uuid, uuid) is
  'Takes an open invitation back. For admins and up. Default: the only organisation. Errors: role_insufficient (403), organization_not_found, invitation_not_found (404).';
revoke execute on function public.withdraw_invitation(uuid, uuid) from public, anon;
grant execute on function public.withdraw_invitation(uuid, uuid) to authenticated;

create function private.change_member(organization_id uuid, member_id uuid, role text)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_rank constant integer := private.lock_members(change_member.organization_id);
  v_member public.org_members := private.lower_member(v_rank, change_member.organization_id, change_member.member_id);
begin
  perform private.require_grantable(v_rank, change_member.role);
  update public.org_members as m set role = change_member.role
   where m.organization_id = v_member.organization_id and m.user_id = v_member.user_id
  returning m.* into v_member;
  return to_jsonb(v_member);
end;
$$;
comment on function private.change_member(uuid, uuid, text) is 'The work of public.change_member.';
grant execute on function private.change_member(uuid, uuid, text) to authenticated;

create function public.change_member(member_id uuid, role text, organization_id uuid default null)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  return private.change_member(private.my_organization(change_member.organization_id), change_member.member_id, change_member.role);
end;
$$;
comment on function public.change_member(uuid, text, uuid) is
  'Gives a member another role: {organization_id, user_id, role, joined_at}. For admins and owners above the member, never for oneself; admins give roles below theirs. Default: the only organisation. Errors: validation_failed (400), role_insufficient (403), organization_not_found, member_not_found (404).';
revoke execute on function public.change_member(uuid, text, uuid) from public, anon;
grant execute on function public.change_member(uuid, text, uuid) to authenticated;

create function private.remove_member(organization_id uuid, member_id uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_rank constant integer := private.lock_members(remove_member.organization_id);
begin
  if remove_member.member_id <> (select auth.uid()) then
    perform private.lower_member(v_rank, remove_member.organization_id, remove_member.member_id);
  elsif v_rank = private.role_rank('owner') and not exists (
    select from public.org_members as m
     where m.organization_id = remove_member.organization_id and m.user_id <> remove_member.member_id and m.role = 'owner') then
    raise exception using errcode = 'PT409', message = 'last_owner', detail = 'Make somebody else an owner first';
  end if;
  delete from public.org_members as m
   where m.organization_id = remove_member.organization_id and m.user_id = remove_member.member_id;
end;
$$;
comment on function private.remove_member(uuid, uuid) is 'The work of public.remove_member.';
grant execute on function private.remove_member(uuid, uuid) to authenticated;

create function public.remove_member(member_id uuid, organization_id uuid default null)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  perform private.remove_member(private.my_organization(remove_member.organization_id), remove_member.member_id);
end;
$$;
comment on function public.remove_member(uuid, uuid) is
  'Removes a member below the caller, an admin or owner; or lets the caller leave, unless he is the last owner. In force with the next request. Default: the only organisation. Errors: role_insufficient (403), organization_not_found, member_not_found (404), last_owner (409).';
revoke execute on function public.remove_member(uuid, uuid) from public, anon;
grant execute on function public.remove_member(uuid, uuid) to authenticated;

-- Names are for members and up, addresses and invitations for admins and up: a viewer sees aggregates only.
create function private.get_members(organization_id uuid, max_rows integer, cursor_at timestamptz, cursor_id uuid, backward boolean)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_limit constant integer := least(greatest(coalesce(get_members.max_rows, 50), 1), 200);
  v_backward constant boolean := coalesce(get_members.backward, false);
  v_rank constant integer := private.my_rank_in(get_members.organization_id);
  v_rows jsonb;
begin
  if v_rank = 0 then
    raise exception using errcode = 'PT404', message = 'organization_not_found', detail = 'No such organisation of yours';
  end if;
  select coalesce(jsonb_agg(to_jsonb(t) order by t.joined_at, t.user_id), '[]') into v_rows from (
    select m.organization_id, m.user_id, m.role, m.joined_at, m.user_id = (select auth.uid()) as is_me,
      case when v_rank >= private.role_rank('member') or m.user_id = (select auth.uid()) then p.display_name end as display_name,
      case when v_rank >= private.role_rank('admin') or m.user_id = (select auth.uid()) then u.email end as email
      from public.org_members as m
      join public.profiles as p on p.user_id = m.user_id
      join auth.users as u on u.id = m.user_id
     where m.organization_id = get_members.organization_id
       and (get_members.cursor_id is null or case when v_backward
            then (m.joined_at, m.user_id) < (get_members.cursor_at, get_members.cursor_id)
            else (m.joined_at, m.user_id) > (get_members.cursor_at, get_members.cursor_id) end)
     order by case when v_backward then null else m.joined_at end, case when v_backward then null else m.user_id end,
       m.joined_at desc, m.user_id desc
     limit v_limit + 1) as t;
  return jsonb_build_object(
    'members', case when jsonb_array_length(v_rows) <= v_limit then v_rows when v_backward then v_rows - 0 else v_rows - v_limit end,
    'has_more', jsonb_array_length(v_rows) > v_limit,
    'total', (select count(*) from public.org_members as m where m.organization_id = get_members.organization_id),
    'total_is_estimate', false);
end;
$$;
comment on function private.get_members(uuid, integer, timestamptz, uuid, boolean) is 'The work of public.get_members.';
grant execute on function private.get_members(uuid, integer, timestamptz, uuid, boolean) to authenticated;

create function public.get_members(
  organization_id uuid default null, max_rows integer default 50, cursor_at timestamptz default null, cursor_id uuid default null, backward boolean default false)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  perform private.require_person();
  return private.get_members(private.my_organization(get_members.organization_id), get_members.max_rows, get_members.cursor_at, get_members.cursor_id, get_members.backward);
end;
$$;
comment on function public.get_members(uuid, integer, timestamptz, uuid, boolean) is
  'A page of the members of one of the caller''s organisations by joining: {members [{organization_id, user_id, role, joined_at, is_me, display_name (for members and up), email (for admins and up)}], has_more, total, total_is_estimate}. Keyset by (joined_at, user_id). Errors: validation_failed (400), organization_not_found (404).';
revoke execute on function public.get_members(uuid, integer, timestamptz, uuid, boolean) from public, anon;
grant execute on function public.get_members(uuid, integer, timestamptz, uuid, boolean) to authenticated;

create function private.get_invitations(organization_id uuid)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_organization constant uuid := private.administered_organization(get_invitations.organization_id);
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'organization_id', i.organization_id, 'email', i.email, 'role', i.role,
        'invited_by', i.invited_by, 'created_at', i.created_at, 'expires_at', i.expires_at) order by i.created_at, i.id), '[]')
      from private.org_invitations as i where i.organization_id = v_organization and i.expires_at > now());
end;
$$;
comment on function private.get_invitations(uuid) is 'The work of public.get_invitations.';
grant execute on function private.get_invitations(uuid) to authenticated;

create function public.get_invitations(organization_id uuid default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  perform private.require_person();
  return private.get_invitations(get_invitations.organization_id);
end;
$$;
comment on function public.get_invitations(uuid) is
  'The open invitations of an organisation, at most 1000: [{id, organization_id, email, role, invited_by, created_at, expires_at}]. For admins and up. Default: the only organisation. Errors: validation_failed (400), role_insufficient (403), organization_not_found (404).';
revoke execute on function public.get_invitations(uuid) from public, anon;
grant execute on function public.get_invitations(uuid) to authenticated;
