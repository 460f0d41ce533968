-- Events: every call and message, one row each however often and from wherever it arrives.

create table public.events (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  id uuid not null default private.uuid_v7(),
  ts timestamptz not null,
  number text check (char_length(number) between 1 and 64),
  contact_id uuid,
  line_id uuid,
  type text not null check (type in ('call', 'sms')),
  direction text not null check (direction in ('inbound', 'outbound')),
  status text,
  duration integer check (duration between 0 and 604800),
  content text check (char_length(content) between 1 and 100000),
  source text not null check (source in ('carrier', 'device', 'backup', 'manual', 'api')),
  source_id text check (char_length(source_id) between 1 and 200),
  sources text[] not null check (cardinality(sources) > 0),
  metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  fingerprint uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, id),
  unique (user_id, fingerprint),
  foreign key (user_id, contact_id) references public.contacts (user_id, id) on delete set null (contact_id),
  foreign key (user_id, line_id) references public.lines (user_id, id) on delete set null (line_id),
  constraint events_status_check check (
    (type = 'call' and status in ('answered', 'missed', 'declined', 'voicemail', 'blocked'))
    or (type = 'sms' and status in ('sent', 'received', 'failed'))
  ),
  constraint events_duration_of_calls_only check (type = 'call' or duration is null)
);
create index events_ts_idx on public.events (user_id, ts desc, id desc) include (contact_id, type, direction, status, duration);
create index events_contact_idx on public.events (user_id, contact_id, ts desc, id desc) include (type, direction, status, duration);
-- How long calls lasted, for medians.
create index events_duration_idx on public.events (user_id, ts) include (contact_id, duration) where status = 'answered' and duration is not null;
-- What is rare is found without reading what lies between: a source, what went wrong, long calls.
create index events_source_idx on public.events (user_id, source, ts desc, id desc);
create index events_rare_status_idx on public.events (user_id, status, ts desc, id desc) where status not in ('answered', 'missed', 'sent', 'received');
create index events_long_calls_idx on public.events (user_id, ts desc, id desc) include (duration) where duration >= 600;
create index events_number_idx on public.events (user_id, number, ts desc, id desc);
create index events_line_idx on public.events (user_id, line_id, ts desc, id desc) where line_id is not null;
create index events_updated_idx on public.events (user_id, updated_at, id);
-- Without statistics of the owner every owner counts as one of many. With them, one who is new to the table counts as
-- having no rows at all, and any index that begins with user_id looks as good as the one that knows the row.
alter table public.events alter column user_id set statistics 0;
alter table public.events enable row level security;
-- The owner's rows only. Teammates read through private.visible_events, which masks; and nothing is written here
-- but by private.ingest_events and private.delete_event, which keep duplicates out.
create policy events_select on public.events for select to authenticated using (user_id = (select auth.uid()));
grant select on public.events to authenticated;
grant select, insert, update, delete on public.events to service_role;
comment on table public.events is 'Calls and messages. Read by their owner; written by ingest.';
comment on column public.events.ts is 'When it began.';
comment on column public.events.number is 'E.164, or as sent for short codes and named senders; null when withheld.';
comment on column public.events.status is 'Null when the source does not say. A call of 0 seconds is not a missed call.';
comment on column public.events.duration is 'Seconds, of calls; null when not known.';
comment on column public.events.source is 'The kind of source that reported it first.';
comment on column public.events.source_id is 'The event''s own id in that source.';
comment on column public.events.sources is 'Every source that reported it, as kind or kind:name.';
comment on column public.events.fingerprint is 'private.event_fingerprint of the first report.';
create trigger events_set_updated_at before update on public.events
  for each row execute function private.set_updated_at();
insert into private.user_tables values ('public.events', 'user_id', 'Calls and messages', 'ts');

-- Two reports with the same fingerprint are the same event. NULLs count as equal; status and names do not count.
create function private.event_fingerprint(
  type text, direction text, number text, ts timestamptz, duration integer, content text)
returns uuid
language plpgsql immutable parallel safe
set search_path = ''
as $$
begin
  return md5(
    event_fingerprint.type || '|' || event_fingerprint.direction || '|' || coalesce(event_fingerprint.number, '')
    || '|' || round(extract(epoch from event_fingerprint.ts) * 1000)::bigint
    || '|' || coalesce(event_fingerprint.duration::text, '')
    || '|' || coalesce(md5(event_fingerprint.content), '')
  )::uuid;
end;
$$;
comment on function private.event_fingerprint(text, text, text, timestamptz, integer, text) is
  'Identity of a report: type, direction, number, start in ms, duration and content.';

-- A merged report leaves its fingerprint, so that the same report is known when it comes again.
create table private.event_variants (
  user_id uuid not null,
  fingerprint uuid not null,
  event_id uuid not null,
  reported_by text not null,
  source_id text,
  ts timestamptz not null,
  duration integer,
  created_at timestamptz not null default now(),
  primary key (user_id, fingerprint),
  foreign key (user_id, event_id) references public.events (user_id, id) on delete cascade
);
create index event_variants_event_idx on private.event_variants (user_id, event_id);
alter table private.event_variants alter column user_id set statistics 0;
comment on table private.event_variants is 'The other reports that were merged into an event.';
insert into private.user_tables values ('private.event_variants', 'user_id', 'Merged reports of events', 'ts');

-- What the owner deleted must not come back with the next import; its text is gone, its identity stays.
create table private.deleted_events (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  fingerprint uuid not null,
  event_id uuid not null,
  ts timestamptz not null,
  number text,
  type text not null,
  direction text not null,
  duration integer,
  deleted_at timestamptz not null default now(),
  primary key (user_id, fingerprint)
);
create index deleted_events_ts_idx on private.deleted_events (user_id, ts);
create index deleted_events_deleted_at_idx on private.deleted_events (user_id, deleted_at, event_id);
alter table private.deleted_events alter column user_id set statistics 0;
comment on table private.deleted_events is
  'Tombstones of events their owner deleted: enough to know a report again, and to tell syncing clients.';
insert into private.user_tables values ('private.deleted_events', 'user_id', 'Identity of deleted events', 'ts');

-- Whoever changes events takes this before the first row: then writers of one person follow each other, and none waits
-- for a row while another waits for its roll-ups. A direct write without it may be told of a deadlock, never drift.
create function private.lock_owner(user_id uuid)
returns void
language sql volatile
set search_path = ''
as $$
  select pg_advisory_xact_lock(hashtextextended(lock_owner.user_id::text, 0))
$$;
comment on function private.lock_owner(uuid) is
  'Keeps other writers of this person''s events out until the transaction ends. For writers of events.';
grant execute on function private.lock_owner(uuid) to service_role;

create function private.delete_event(event_id uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_owner constant uuid := (select auth.uid());
begin
  perform private.lock_owner(v_owner);
  if private.is_held(v_owner) then
    raise exception using errcode = 'PT409', message = 'legal_hold', detail = 'A legal hold preserves your data; ask an admin of your organisation';
  end if;
  insert into private.deleted_events (user_id, fingerprint, event_id, ts, number, type, direction, duration)
  select e.user_id, report.fingerprint, e.id, report.ts, e.number, e.type, e.direction, report.duration
    from public.events as e
    cross join lateral (
      select e.fingerprint, e.ts, e.duration
      union all
      select v.fingerprint, v.ts, v.duration
        from private.event_variants as v where v.user_id = e.user_id and v.event_id = e.id
    ) as report
   where e.user_id = v_owner and e.id = delete_event.event_id
  on conflict (user_id, fingerprint) do nothing;
  delete from public.events as e where e.user_id = v_owner and e.id = delete_event.event_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'event_not_found', detail = 'No such event of yours';
  end if;
end;
$$;
comment on function private.delete_event(uuid) is 'The work of public.delete_event.';
grant execute on function private.delete_event(uuid) to authenticated;

create function public.delete_event(event_id uuid)
returns void
language sql volatile
set search_path = ''
as $$
  select private.require_scope('events:write');
  select private.delete_event(delete_event.event_id)
$$;
comment on function public.delete_event(uuid) is
  'Deletes one of the caller''s events for good; a later import does not bring it back. Errors: event_not_found (404), legal_hold (409).';
revoke execute on function public.delete_event(uuid) from public, anon;
grant execute on function public.delete_event(uuid) to authenticated;
