-- Privacy: what teammates may see of a person's events. One view decides for every channel.

create table public.privacy_rules (
  user_id uuid not null,
  contact_id uuid not null,
  visibility text not null default 'team' check (visibility in ('private', 'team', 'public')),
  mask_number boolean not null default false,
  mask_content boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, contact_id),
  foreign key (user_id, contact_id) references public.contacts (user_id, id) on delete cascade
);
alter table public.privacy_rules enable row level security;
create policy privacy_rules_select on public.privacy_rules for select to authenticated
  using (user_id = (select auth.uid()));
create policy privacy_rules_insert on public.privacy_rules for insert to authenticated
  with check (user_id = (select auth.uid()));
create policy privacy_rules_update on public.privacy_rules for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy privacy_rules_delete on public.privacy_rules for delete to authenticated
  using (user_id = (select auth.uid()));
grant select, delete on public.privacy_rules to authenticated;
grant insert (user_id, contact_id, visibility, mask_number, mask_content) on public.privacy_rules to authenticated;
grant update (visibility, mask_number, mask_content) on public.privacy_rules to authenticated;
grant select, insert, update, delete on public.privacy_rules to service_role;
comment on table public.privacy_rules is
  'Per contact: who else in the organisation sees its events, and how much. No rule means the column defaults.';
comment on column public.privacy_rules.visibility is
  'private: nobody else. team: members and up. public: the whole organisation, viewers in aggregates.';
comment on column public.privacy_rules.mask_number is 'Teammates see no number.';
comment on column public.privacy_rules.mask_content is 'Teammates see no text. The default.';
create trigger privacy_rules_set_updated_at before update on public.privacy_rules
  for each row execute function private.set_updated_at();
insert into private.user_tables values ('public.privacy_rules', 'user_id', 'What teammates may see, per contact', null);

-- The one decision: which rows of a person a teammate sees, and how much of them. Masked columns are null here, so
-- nothing built on it can search, filter or sort by them. Whether the caller is a teammate at all is not asked here:
-- the view below does, and the definer functions that read this one ask private.require_readable_owner first. They
-- read it because it is no barrier, so that a page comes from the index; raw_number is for their index conditions only.
-- It is a case and not an "or", whose two sides the planner would look for in the indexes. Readers name the owner.
create view private.judged_events
as
select
  e.user_id, e.id, e.ts,
  case when access.sees_number then e.number end as number,
  e.contact_id,
  case when access.is_own then e.line_id end as line_id,
  e.type, e.direction, e.status, e.duration,
  case when access.sees_content then e.content end as content,
  e.source,
  case when access.is_own then e.source_id end as source_id,
  case when access.is_own then e.sources end as sources,
  case when access.is_own then e.metadata end as metadata,
  c.name as contact_name,
  array_remove(array[
    case when not access.sees_number then 'number' end,
    case when not access.sees_content then 'content' end], null) as masked,
  e.created_at, e.updated_at,
  e.number as raw_number
from public.events as e
left join public.contacts as c on c.user_id = e.user_id and c.id = e.contact_id
left join public.privacy_rules as r on r.user_id = e.user_id and r.contact_id = e.contact_id
-- The offset keeps the planner from asking who the caller is once per column.
cross join lateral (select e.user_id = (select auth.uid()) as is_own offset 0) as caller
cross join lateral (
  select caller.is_own,
    caller.is_own or not coalesce(r.mask_number, false) as sees_number,
    caller.is_own or not coalesce(r.mask_content, true) as sees_content
) as access
where case when access.is_own then true else coalesce(r.visibility, 'team') <> 'private' end;
comment on view private.judged_events is
  'Every event that its owner''s rules show to teammates, one''s own in full, with number and content masked as they say. Granted to nobody: for private.visible_events and for definer functions that have checked the caller.';

-- It runs with its owner's rights, so row-level security of the tables does not apply and its condition is the whole
-- truth; security_barrier keeps a caller's own conditions from seeing a row before it.
create view private.visible_events
with (security_barrier)
as
select
  v.user_id, v.id, v.ts, v.number, v.contact_id, v.line_id, v.type, v.direction, v.status, v.duration, v.content, v.source,
  v.source_id, v.sources, v.metadata, v.contact_name, v.masked, v.created_at, v.updated_at
from private.judged_events as v
where case
    when v.user_id = (select auth.uid()) then true
    when v.user_id = any (array(select private.teammate_ids(private.role_rank('member')))) then true
    else false end;
comment on view private.visible_events is
  'Every event the caller may read, own and teammates'', with number and content masked as the privacy rules say. masked lists the columns that were.';
grant select on private.visible_events to authenticated;

-- The same columns of one's own events. A barrier sorts all rows of a person for one page of them; here row-level
-- security of the tables holds instead, and the page comes from the index.
create view private.own_events
with (security_invoker)
as
select
  e.user_id, e.id, e.ts, e.number, e.contact_id, e.line_id, e.type, e.direction, e.status, e.duration, e.content,
  e.source, e.source_id, e.sources, e.metadata, c.name as contact_name, '{}'::text[] as masked,
  e.created_at, e.updated_at
from public.events as e
left join public.contacts as c on c.user_id = e.user_id and c.id = e.contact_id;
comment on view private.own_events is
  'The caller''s own events as private.visible_events shows them, under row-level security: for pages and counts of one''s own.';
grant select on private.own_events to authenticated;

-- The same decision for contacts.
create view private.judged_contacts
as
select c.user_id, c.id, access.is_own, access.is_own or not coalesce(r.mask_number, false) as sees_number
from public.contacts as c
left join public.privacy_rules as r on r.user_id = c.user_id and r.contact_id = c.id
cross join lateral (select c.user_id = (select auth.uid()) as is_own offset 0) as access
where case when access.is_own then true else coalesce(r.visibility, 'team') <> 'private' end;
comment on view private.judged_contacts is
  'Every contact that its owner''s rules show to teammates, and whether with its numbers. Granted to nobody: for private.visible_contacts and for definer functions that have checked the caller.';

create view private.visible_contacts
with (security_barrier)
as
select
  c.user_id, c.id, c.name,
  case when j.is_own then c.also_known_as else '{}' end as also_known_as,
  c.company,
  case when j.is_own then c.tags else '{}' end as tags,
  case when j.is_own then c.notes end as notes,
  case when j.sees_number
    then array(select n.number from public.contact_numbers as n
                where n.user_id = c.user_id and n.contact_id = c.id order by n.number)
    else '{}' end as numbers,
  c.created_at, c.updated_at
from private.judged_contacts as j
join public.contacts as c on c.user_id = j.user_id and c.id = j.id
where case
    when j.is_own then true
    when c.user_id = any (array(select private.teammate_ids(private.role_rank('member'))))
      then exists (select from public.events as e where e.user_id = c.user_id and e.contact_id = c.id)
    else false end;
comment on view private.visible_contacts is
  'Every contact the caller may read: own, and teammates'' contacts with events that their rules show. Tags and notes stay the owner''s.';
grant select on private.visible_contacts to authenticated;

create function private.hidden_contacts(owner_id uuid)
returns uuid[]
language plpgsql stable security definer
set search_path = ''
as $$
begin
  return (
  select case when hidden_contacts.owner_id = (select auth.uid()) then '{}'
    else array(select r.contact_id from public.privacy_rules as r
                where r.user_id = hidden_contacts.owner_id and r.visibility = 'private') end);
end;
$$;
comment on function private.hidden_contacts(uuid) is
  'The contacts whose events private.visible_events keeps from the caller: none of one''s own, a teammate''s private ones. For definer functions; the sums of time keep them apart as is_private.';

-- Whether something is hidden must not be told by time either: it is looked for as what nobody has.
create function private.shown_number(owner_id uuid, number text)
returns text
language sql stable
set search_path = ''
as $$
  select case when shown_number.owner_id <> (select auth.uid()) and exists (
      select from public.contact_numbers as n
        join public.privacy_rules as r on r.user_id = n.user_id and r.contact_id = n.contact_id
       where n.user_id = shown_number.owner_id and n.number = shown_number.number and (r.visibility = 'private' or r.mask_number))
    then '' else shown_number.number end
$$;
comment on function private.shown_number(uuid, text) is
  'The number; the empty one, which no event has, where the owner''s rules keep it from the caller. For definer functions that checked the caller.';

create function private.shown_contacts(owner_id uuid, contact_ids uuid[])
returns uuid[]
language sql stable
set search_path = ''
as $$
  select coalesce(array_agg(case when wanted.id = any (hidden.ids) then '00000000-0000-0000-0000-000000000000' else wanted.id end
      order by wanted.position), shown_contacts.contact_ids)
    from unnest(shown_contacts.contact_ids) with ordinality as wanted (id, position)
    cross join (select private.hidden_contacts(shown_contacts.owner_id) as ids) as hidden
$$;
comment on function private.shown_contacts(uuid, uuid[]) is
  'The ids, and the nil one, which no contact has, for those that private.hidden_contacts has: as private.shown_number. For definer functions that checked the caller.';
