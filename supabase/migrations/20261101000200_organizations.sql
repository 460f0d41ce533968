-- Profiles, organisations and their members.

create table public.profiles (
  user_id uuid primary key references auth.users (id) on delete cascade,
  display_name text check (char_length(display_name) between 1 and 200),
  time_zone text not null default 'UTC' check (private.is_time_zone(time_zone)),
  default_region text not null default 'US' check (default_region ~ '^[A-Z]{2}$'),
  locale text not null default 'en' check (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  week_start smallint not null default 1 check (week_start between 1 and 7),
  do_not_share boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table public.profiles enable row level security;
create policy profiles_select on public.profiles for select to authenticated
  using (user_id = (select auth.uid()));
create policy profiles_update on public.profiles for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
grant select on public.profiles to authenticated;
grant update (display_name, time_zone, default_region, locale, week_start) on public.profiles to authenticated;
grant select, update on public.profiles to service_role;
comment on table public.profiles is 'One row per user: how this person reads time and numbers.';
comment on column public.profiles.time_zone is 'IANA name; periods and buckets are cut in it unless a request names another.';
comment on column public.profiles.default_region is 'ISO 3166-1 alpha-2; numbers without a country code are read as dialled from there.';
comment on column public.profiles.week_start is 'ISO weekday that begins a week: 1 Monday … 7 Sunday.';
comment on column public.profiles.do_not_share is
  'The person''s "do not share" (CCPA 1798.120): teammates see nothing of this log and no figure counts it. Written by set_sharing.';
create trigger profiles_set_updated_at before update on public.profiles
  for each row execute function private.set_updated_at();
insert into private.user_tables values ('public.profiles', 'user_id', 'How the person reads time and numbers', null);

-- Bad metadata must not stop a sign-up, so anything that is not valid falls back to the column's default.
create function private.create_profile()
returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
  v_meta jsonb := coalesce(new.raw_user_meta_data, '{}'::jsonb);
begin
  insert into public.profiles (user_id, display_name, time_zone, default_region, locale, week_start)
  values (
    new.id,
    nullif(left(btrim(coalesce(v_meta ->> 'display_name', v_meta ->> 'full_name', v_meta ->> 'name')), 200), ''),
    case when private.is_time_zone(v_meta ->> 'time_zone') then v_meta ->> 'time_zone' else 'UTC' end,
    case when v_meta ->> 'default_region' ~ '^[A-Z]{2}$' then v_meta ->> 'default_region' else 'US' end,
    case when v_meta ->> 'locale' ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$' then v_meta ->> 'locale' else 'en' end,
    case when v_meta ->> 'week_start' ~ '^[1-7]$' then (v_meta ->> 'week_start')::smallint else 1 end
  )
  on conflict (user_id) do nothing;
  return new;
end;
$$;
comment on function private.create_profile() is
  'Trigger on auth.users: gives each new user a profile, from valid sign-up metadata where there is some.';
create trigger create_profile_for_new_user after insert on auth.users
  for each row execute function private.create_profile();
insert into public.profiles (user_id) select id from auth.users on conflict do nothing;

-- A token outlives its account by up to an hour.
create function private.require_account()
returns void
language plpgsql stable security definer
set search_path = ''
as $$
begin
  if not exists (select from public.profiles as p where p.user_id = (select auth.uid())) then
    raise exception using errcode = 'PT401', message = 'not_authenticated', detail = 'Sign in first';
  end if;
end;
$$;
comment on function private.require_account() is
  'Raises unless the caller is a user whose account exists. Errors: not_authenticated (401).';
grant execute on function private.require_account() to authenticated;

create table public.organizations (
  id uuid primary key default private.uuid_v7(),
  name text not null check (char_length(btrim(name)) between 1 and 200),
  erasure_grace_days smallint check (erasure_grace_days between 0 and 30),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table public.organizations enable row level security;
grant select, insert, update, delete on public.organizations to service_role;
comment on table public.organizations is 'A tenant: people who share what their privacy rules allow.';
comment on column public.organizations.erasure_grace_days is
  'How long an erasure that a member asked for can be taken back; null: as the environment says, else 7 days.';
create trigger organizations_set_updated_at before update on public.organizations
  for each row execute function private.set_updated_at();

create table public.org_members (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'analyst', 'member', 'viewer')),
  joined_at timestamptz not null default now(),
  primary key (organization_id, user_id)
);
create index org_members_user_id_idx on public.org_members (user_id);
alter table public.org_members enable row level security;
grant select, insert, update, delete on public.org_members to service_role;
comment on table public.org_members is
  'Who belongs to which organisation, and as what. Written by functions only, which keep the rank rules.';
insert into private.user_tables values ('public.org_members', 'user_id', 'Memberships and roles', null);

create function private.role_rank(role text)
returns integer
language sql immutable parallel safe
set search_path = ''
as $$
  select case role_rank.role
    when 'owner' then 5 when 'admin' then 4 when 'analyst' then 3 when 'member' then 2 when 'viewer' then 1
    else 0 end
$$;
comment on function private.role_rank(text) is
  'Roles in order: owner 5, admin 4, analyst 3, member 2, viewer 1, anything else 0. Roles are never compared as text.';
grant execute on function private.role_rank(text) to authenticated, service_role;

create function private.my_organization_ids()
returns setof uuid
language sql stable security definer
set search_path = ''
as $$
  select m.organization_id from public.org_members as m where m.user_id = (select auth.uid())
$$;
comment on function private.my_organization_ids() is 'The organisations the caller is in now.';
grant execute on function private.my_organization_ids() to authenticated;

-- Who does not share is in no team view: every reader of more than one's own rows goes by this view.
create view private.sharing_members
as
select m.* from public.org_members as m join public.profiles as p on p.user_id = m.user_id and not p.do_not_share;
comment on view private.sharing_members is
  'The members whose log counts for teammates, as far as their privacy rules show it: all but those who said "do not share". Granted to nobody.';

-- Roles are judged in the organisation that both share, so an admin elsewhere is a stranger here.
create function private.teammate_ids(min_rank integer)
returns setof uuid
language sql stable security definer
set search_path = ''
as $$
  select distinct theirs.user_id
    from public.org_members as mine
    join private.sharing_members as theirs on theirs.organization_id = mine.organization_id
   where mine.user_id = (select auth.uid())
     and theirs.user_id <> mine.user_id
     and private.role_rank(mine.role) >= teammate_ids.min_rank
$$;
comment on function private.teammate_ids(integer) is
  'The other members of the organisations in which the caller has at least this rank (private.role_rank), without those who do not share.';
grant execute on function private.teammate_ids(integer) to authenticated;

create function private.rank_beside(person_id uuid)
returns integer
language plpgsql stable security definer
set search_path = ''
as $$
begin
  return coalesce((
    select max(private.role_rank(mine.role))
      from public.org_members as mine
      join private.sharing_members as theirs on theirs.organization_id = mine.organization_id and theirs.user_id = rank_beside.person_id
     where mine.user_id = (select auth.uid()) and mine.user_id <> rank_beside.person_id), 0);
end;
$$;
comment on function private.rank_beside(uuid) is
  'The caller''s highest rank (private.role_rank) in an organisation that he shares with this person; 0 where there is none or the person does not share. Says of one person what private.teammate_ids says of all.';
grant execute on function private.rank_beside(uuid) to authenticated;

create policy organizations_select on public.organizations for select to authenticated
  using (id in (select private.my_organization_ids()));
grant select on public.organizations to authenticated;
create policy org_members_select on public.org_members for select to authenticated
  using (organization_id in (select private.my_organization_ids()));
grant select on public.org_members to authenticated;

create function private.create_organization(name text)
returns uuid
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_id uuid;
begin
  perform private.require_account();
  if char_length(btrim(coalesce(create_organization.name, ''))) not between 1 and 200 then
    raise exception using errcode = 'PT400', message = 'validation_failed',
      detail = 'An organisation needs a name of 1 to 200 characters';
  end if;
  insert into public.organizations (name) values (btrim(create_organization.name)) returning id into v_id;
  insert into public.org_members (organization_id, user_id, role) values (v_id, (select auth.uid()), 'owner');
  return v_id;
end;
$$;
comment on function private.create_organization(text) is 'The work of public.create_organization.';
grant execute on function private.create_organization(text) to authenticated;

create function public.create_organization(name text)
returns uuid
language sql volatile
set search_path = ''
as $$
  select private.require_person();
  select private.create_organization(create_organization.name)
$$;
comment on function public.create_organization(text) is
  'Creates an organisation with the caller as its owner and returns its id. Errors: validation_failed (400).';
revoke execute on function public.create_organization(text) from public, anon;
grant execute on function public.create_organization(text) to authenticated;

-- One place decides whether the caller may read a person's rows at all; which of them is private.visible_events' part.
create function private.require_readable_owner(owner_id uuid)
returns void
language plpgsql stable
set search_path = ''
as $$
declare
  v_rank integer;
begin
  if (select auth.uid()) is null then
    raise exception using errcode = 'PT401', message = 'not_authenticated', detail = 'Sign in first';
  end if;
  if require_readable_owner.owner_id = (select auth.uid()) then
    return;
  end if;
  v_rank := private.rank_beside(require_readable_owner.owner_id);
  if v_rank >= private.role_rank('member') then
    perform private.record_read(require_readable_owner.owner_id);
    return;
  end if;
  if v_rank > 0 then
    raise exception using errcode = 'PT403', message = 'role_insufficient',
      detail = 'A viewer sees the organisation''s aggregates only';
  end if;
  raise exception using errcode = 'PT404', message = 'user_not_found', detail = 'No such user in your organisations';
end;
$$;
comment on function private.require_readable_owner(uuid) is
  'Raises unless the caller is this person or a member (or above) of an organisation they share, and notes the read of a teammate''s data (private.record_read). Errors: not_authenticated (401), role_insufficient (403), user_not_found (404), read_not_recorded (409).';
grant execute on function private.require_readable_owner(uuid) to authenticated;

create function public.get_profile()
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_profile jsonb;
begin
  perform private.require_scope('events:read', 'events:write', 'contacts:read', 'imports:write');
  select to_jsonb(p) into v_profile from public.profiles as p where p.user_id = (select auth.uid());
  if v_profile is null then
    raise exception using errcode = 'PT401', message = 'not_authenticated', detail = 'This account is gone';
  end if;
  return v_profile;
end;
$$;
comment on function public.get_profile() is
  'The caller''s profile: {user_id, display_name, time_zone, default_region, locale, week_start, …}. Errors: not_authenticated (401).';
revoke execute on function public.get_profile() from public, anon;
grant execute on function public.get_profile() to authenticated;
