-- Lines (a SIM or handset), sync sources (what delivers events) and coverage (what each says it delivered).

create table public.lines (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  id uuid not null default private.uuid_v7(),
  name text not null check (char_length(btrim(name)) between 1 and 100),
  number text check (number ~ '^\+[1-9][0-9]{6,14}$'),
  kind text not null default 'sim' check (kind in ('sim', 'handset')),
  created_at timestamptz not null default now(),
  primary key (user_id, id)
);
alter table public.lines enable row level security;
create policy lines_select on public.lines for select to authenticated using (user_id = (select auth.uid()));
create policy lines_insert on public.lines for insert to authenticated with check (user_id = (select auth.uid()));
create policy lines_update on public.lines for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy lines_delete on public.lines for delete to authenticated using (user_id = (select auth.uid()));
grant select, delete on public.lines to authenticated;
grant insert (user_id, name, number, kind), update (name, number, kind) on public.lines to authenticated;
grant select, insert, update, delete on public.lines to service_role;
comment on table public.lines is 'A SIM or handset of the person; events may name the line they went over.';
insert into private.user_tables values ('public.lines', 'user_id', 'SIMs and handsets', null);

create table public.sync_sources (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  id uuid not null default private.uuid_v7(),
  kind text not null check (kind in ('carrier', 'device', 'backup', 'manual', 'api')),
  name text not null default '' check (char_length(name) <= 100),
  last_report_at timestamptz,
  last_ingest_at timestamptz,
  last_event_at timestamptz,
  queue_depth integer check (queue_depth >= 0),
  clock_drift_seconds double precision,
  errors jsonb not null default '[]' check (jsonb_typeof(errors) = 'array'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, id),
  unique (user_id, kind, name)
);
alter table public.sync_sources enable row level security;
create policy sync_sources_select on public.sync_sources for select to authenticated
  using (user_id = (select auth.uid()));
grant select on public.sync_sources to authenticated;
grant select, insert, update, delete on public.sync_sources to service_role;
comment on table public.sync_sources is
  'What delivers events: a carrier feed, a phone, a kind of backup. Made on first delivery or report.';
comment on column public.sync_sources.name is 'Tells two sources of one kind apart, such as two phones; empty for the only one.';
comment on column public.sync_sources.clock_drift_seconds is 'The source''s clock minus ours at its last report.';
comment on column public.sync_sources.errors is 'The errors of its last report, newest first: [{code, detail, at}].';
create trigger sync_sources_set_updated_at before update on public.sync_sources
  for each row execute function private.set_updated_at();
insert into private.user_tables values ('public.sync_sources', 'user_id', 'Where events come from', null);

create table public.coverage (
  user_id uuid not null,
  sync_source_id uuid not null,
  type text not null check (type in ('call', 'sms')),
  covered tstzmultirange not null,
  updated_at timestamptz not null default now(),
  primary key (user_id, sync_source_id, type),
  foreign key (user_id, sync_source_id) references public.sync_sources (user_id, id) on delete cascade
);
alter table public.coverage enable row level security;
create policy coverage_select on public.coverage for select to authenticated using (user_id = (select auth.uid()));
grant select on public.coverage to authenticated;
grant select, insert, update, delete on public.coverage to service_role;
comment on table public.coverage is
  'The intervals for which a source says it delivered every event of a type: half-open, joined where they touch.';
insert into private.user_tables values ('public.coverage', 'user_id', 'Intervals each source delivered in full', null);

create function private.touch_source(owner_id uuid, kind text, name text)
returns uuid
language sql volatile
set search_path = ''
as $$
  insert into public.sync_sources as s (user_id, kind, name)
  values (touch_source.owner_id, touch_source.kind, coalesce(touch_source.name, ''))
  on conflict (user_id, kind, name) do update set updated_at = now()
  returning s.id
$$;
comment on function private.touch_source(uuid, text, text) is
  'The id of this person''s source, made when it is new. For definer functions only.';

create function private.add_coverage(owner_id uuid, source_id uuid, type text, covered_from timestamptz, covered_to timestamptz)
returns void
language sql volatile
set search_path = ''
as $$
  insert into public.coverage as c (user_id, sync_source_id, type, covered)
  select add_coverage.owner_id, add_coverage.source_id, add_coverage.type,
         tstzmultirange(tstzrange(add_coverage.covered_from, add_coverage.covered_to))
   where add_coverage.covered_from < add_coverage.covered_to
     and isfinite(add_coverage.covered_from) and isfinite(add_coverage.covered_to)
  on conflict (user_id, sync_source_id, type)
    do update set covered = c.covered + excluded.covered, updated_at = now()
$$;
comment on function private.add_coverage(uuid, uuid, text, timestamptz, timestamptz) is
  'Joins an interval [from, to) to what a source covers. For definer functions only.';
