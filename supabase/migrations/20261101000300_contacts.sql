-- Contacts and their numbers. A number belongs to one contact of its owner; a contact may have several.

create table public.contacts (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  id uuid not null default private.uuid_v7(),
  name text check (char_length(name) between 1 and 200),
  name_source text check (name_source in ('user', 'card', 'log')),
  also_known_as text[] not null default '{}' check (cardinality(also_known_as) <= 20),
  company text check (char_length(company) between 1 and 200),
  tags text[] not null default '{}' check (cardinality(tags) <= 50),
  notes text check (char_length(notes) <= 10000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, id)
);
-- The name first: an index that begins as the primary key does is taken for a foreign key check of an owner whom the
-- statistics do not know yet, and then reads all of his contacts for each row.
create index contacts_name_idx on public.contacts (lower(name), user_id);
alter table public.contacts alter column user_id set statistics 0;
alter table public.contacts enable row level security;
create policy contacts_select on public.contacts for select to authenticated
  using (user_id = (select auth.uid()));
create policy contacts_update on public.contacts for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
grant select on public.contacts to authenticated;
grant update (name, name_source, company, tags, notes) on public.contacts to authenticated;
grant select, insert, update, delete on public.contacts to service_role;
comment on table public.contacts is
  'The people and senders in a person''s log. Created by ingest and by address cards; a withheld number is none.';
comment on column public.contacts.name_source is
  'Where the name is from: user (edited), card (vCard), log (a call log). A weaker source never overwrites a stronger one.';
comment on column public.contacts.also_known_as is 'Other names that logs gave to this contact''s numbers.';
create trigger contacts_set_updated_at before update on public.contacts
  for each row execute function private.set_updated_at();
insert into private.user_tables values ('public.contacts', 'user_id', 'Contacts: names, tags, notes', null);

create table public.contact_numbers (
  user_id uuid not null,
  number text not null check (char_length(number) between 1 and 64),
  contact_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (user_id, number),
  foreign key (user_id, contact_id) references public.contacts (user_id, id) on delete cascade
);
create index contact_numbers_contact_idx on public.contact_numbers (user_id, contact_id);
alter table public.contact_numbers alter column user_id set statistics 0;
alter table public.contact_numbers enable row level security;
create policy contact_numbers_select on public.contact_numbers for select to authenticated
  using (user_id = (select auth.uid()));
grant select on public.contact_numbers to authenticated;
grant select, insert, update, delete on public.contact_numbers to service_role;
comment on table public.contact_numbers is
  'E.164 numbers, short codes and named senders, each tied to one contact of its owner.';
insert into private.user_tables values ('public.contact_numbers', 'user_id', 'Numbers of contacts', null);
