-- Alerts: what somebody should look at, once. An alert is a person's, an organisation's (its admins'), or the operator's. It
-- stays one row while it lasts, however often it is seen. It says what and when, never whom: no names, numbers or texts.

create table public.alerts (
  id uuid primary key default private.uuid_v7(),
  owner_id uuid references public.profiles (user_id) on delete cascade,
  organization_id uuid references public.organizations (id) on delete cascade,
  kind text not null check (kind ~ '^[a-z][a-z_]{0,49}$'),
  severity text not null check (severity in ('info', 'warning', 'error')),
  dedup_key text not null check (char_length(dedup_key) <= 200),
  title text not null check (char_length(title) between 1 and 300),
  details jsonb not null default '{}' check (jsonb_typeof(details) = 'object' and pg_column_size(details) <= 10000),
  occurred_at timestamptz,
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now(),
  count integer not null default 1,
  resolved_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by uuid references public.profiles (user_id) on delete set null,
  constraint alerts_one_addressee check (num_nonnulls(owner_id, organization_id) <= 1)
);
create unique index alerts_open_idx on public.alerts (coalesce(owner_id, organization_id, '00000000-0000-0000-0000-000000000000'), kind, dedup_key)
  where resolved_at is null;
create index alerts_owner_idx on public.alerts (owner_id, id) where owner_id is not null;
create index alerts_organization_idx on public.alerts (organization_id, id) where organization_id is not null;
create index alerts_acknowledged_by_idx on public.alerts (acknowledged_by) where acknowledged_by is not null;

create function private.administered_organization_ids()
returns setof uuid
language sql stable security definer
set search_path = ''
as $$
  select m.organization_id from public.org_members as m
   where m.user_id = (select auth.uid()) and private.role_rank(m.role) >= private.role_rank('admin')
$$;
comment on function private.administered_organization_ids() is 'The organisations in which the caller is admin or owner now.';
grant execute on function private.administered_organization_ids() to authenticated;

alter table public.alerts enable row level security;
create policy alerts_select on public.alerts for select to authenticated
  using (owner_id = (select auth.uid()) or organization_id in (select private.administered_organization_ids()));
grant select on public.alerts to authenticated;
grant select, insert, update, delete on public.alerts to service_role;
comment on table public.alerts is
  'What to look at: a person''s, an organisation''s for its admins, or (neither) the operator''s. Written by private.raise_alert and private.resolve_alert.';
comment on column public.alerts.dedup_key is 'What of its kind it is about: one alert is open for it at a time.';
comment on column public.alerts.details is 'Ids, times and measures. No names, numbers or texts; an organisation''s alert says nothing that comes from one member''s events.';
comment on column public.alerts.occurred_at is 'When what it tells of happened; null for a state.';
comment on column public.alerts.count is 'How often it was seen while open.';
select private.limit_keys('public.alerts', null, null);
insert into private.user_tables values ('public.alerts', 'owner_id', 'Alerts about one''s own data', null);
insert into private.expiring_rows values ('public.alerts',
  $$resolved_at < now() - interval '90 days' or last_seen < now() - interval '180 days'$$, 'Alerts that are over');

create function private.alert_json(alert public.alerts)
returns jsonb
language sql stable
set search_path = ''
as $$
  select to_jsonb(alert_json.alert) - '{owner_id,dedup_key}'::text[] || jsonb_build_object('user_id', (alert_json.alert).owner_id)
$$;
comment on function private.alert_json(public.alerts) is 'An alert as the API and webhooks show it.';
grant execute on function private.alert_json(public.alerts) to authenticated, service_role;

create function private.raise_alert(
  owner_id uuid, organization_id uuid, kind text, severity text, dedup_key text, title text, details jsonb default '{}',
  occurred_at timestamptz default null)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_is_new boolean;
begin
  insert into public.alerts as a (owner_id, organization_id, kind, severity, dedup_key, title, details, occurred_at)
  values (raise_alert.owner_id, raise_alert.organization_id, raise_alert.kind, raise_alert.severity, raise_alert.dedup_key,
    raise_alert.title, raise_alert.details, raise_alert.occurred_at)
  on conflict (coalesce(owner_id, organization_id, '00000000-0000-0000-0000-000000000000'), kind, dedup_key) where resolved_at is null
  do update set last_seen = now(), count = a.count + 1, severity = excluded.severity, title = excluded.title, details = excluded.details
  returning a.count = 1 into v_is_new;
  return v_is_new;
end;
$$;
comment on function private.raise_alert(uuid, uuid, text, text, text, text, jsonb, timestamptz) is
  'Raises an alert for a person, an organisation or (both null) the operator, or sees the open one with this key again: true when it is new. For definer functions only; title and details must not hold names, numbers or texts.';

create function private.resolve_alert(owner_id uuid, organization_id uuid, kind text, dedup_key text)
returns void
language sql volatile
set search_path = ''
as $$
  update public.alerts as a set resolved_at = now()
   where coalesce(a.owner_id, a.organization_id, '00000000-0000-0000-0000-000000000000')
         = coalesce(resolve_alert.owner_id, resolve_alert.organization_id, '00000000-0000-0000-0000-000000000000')
     and a.kind = resolve_alert.kind and a.dedup_key = resolve_alert.dedup_key and a.resolved_at is null
$$;
comment on function private.resolve_alert(uuid, uuid, text, text) is 'Ends the open alert with this key, if there is one. For definer functions only.';

-- Reading and acknowledging

create function public.get_alerts(
  state text default 'open', kind text default null, organization_id uuid default null, max_rows integer default 50,
  cursor_id uuid default null, backward boolean default false)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_rows constant integer := least(greatest(get_alerts.max_rows, 1), 200);
  v_answer jsonb;
begin
  perform private.require_person();
  perform private.require_account();
  if coalesce(get_alerts.state, '') not in ('open', 'unacknowledged', 'resolved', 'all') then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'state is open, unacknowledged, resolved or all';
  end if;
  if get_alerts.organization_id is not null
     and get_alerts.organization_id not in (select private.administered_organization_ids()) then
    raise exception using errcode = 'PT404', message = 'organization_not_found', detail = 'No such organisation that you administer';
  end if;
  with mine as (
    -- Row-level security says the same; said here, it is also true for who bypasses it.
    select a.* from public.alerts as a
     where (a.owner_id = (select auth.uid()) or a.organization_id in (select private.administered_organization_ids()))
       and (get_alerts.organization_id is null or a.organization_id = get_alerts.organization_id)
       and (get_alerts.kind is null or a.kind = get_alerts.kind)
       and case get_alerts.state when 'all' then true when 'resolved' then a.resolved_at is not null
             when 'unacknowledged' then a.resolved_at is null and a.acknowledged_at is null else a.resolved_at is null end
  ),
  page as (
    select private.alert_json(m::public.alerts) as alert,
      row_number() over (order by case when get_alerts.backward then m.id end, case when not get_alerts.backward then m.id end desc) as position
      from mine as m
     where get_alerts.cursor_id is null
        or case when get_alerts.backward then m.id > get_alerts.cursor_id else m.id < get_alerts.cursor_id end
     order by position limit v_rows + 1
  )
  select jsonb_build_object(
    'alerts', coalesce(jsonb_agg(page.alert order by case when get_alerts.backward then -page.position else page.position end)
      filter (where page.position <= v_rows), '[]'),
    'has_more', count(*) > v_rows, 'total', (select count(*) from mine), 'total_is_estimate', false)
    into v_answer from page;
  return v_answer;
end;
$$;
comment on function public.get_alerts(text, text, uuid, integer, uuid, boolean) is
  'A page of the alerts of the caller and of the organisations he administers, newest first: {alerts, has_more, total, total_is_estimate}. state open (not resolved), unacknowledged, resolved or all. Errors: not_authenticated (401), validation_failed (400), organization_not_found (404).';
revoke execute on function public.get_alerts(text, text, uuid, integer, uuid, boolean) from public, anon;
grant execute on function public.get_alerts(text, text, uuid, integer, uuid, boolean) to authenticated;

create function private.acknowledge_alert(alert_id uuid, acknowledged boolean)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_alert public.alerts;
begin
  perform private.require_account();
  update public.alerts as a set
      acknowledged_at = case when acknowledge_alert.acknowledged then coalesce(a.acknowledged_at, now()) end,
      acknowledged_by = case when acknowledge_alert.acknowledged then coalesce(a.acknowledged_by, (select auth.uid())) end
   where a.id = acknowledge_alert.alert_id
     and (a.owner_id = (select auth.uid()) or a.organization_id in (select private.administered_organization_ids()))
  returning * into v_alert;
  if not found then
    raise exception using errcode = 'PT404', message = 'alert_not_found', detail = 'No such alert of yours or of an organisation that you administer';
  end if;
  return private.alert_json(v_alert);
end;
$$;
comment on function private.acknowledge_alert(uuid, boolean) is 'The work of public.acknowledge_alert.';
grant execute on function private.acknowledge_alert(uuid, boolean) to authenticated;

create function public.acknowledge_alert(alert_id uuid, acknowledged boolean default true)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.require_person();
  select private.acknowledge_alert(acknowledge_alert.alert_id, acknowledge_alert.acknowledged)
$$;
comment on function public.acknowledge_alert(uuid, boolean) is
  'Says that somebody takes care of an alert, or takes that back: the alert. The first to say it stays named. Errors: not_authenticated (401), alert_not_found (404).';
revoke execute on function public.acknowledge_alert(uuid, boolean) from public, anon;
grant execute on function public.acknowledge_alert(uuid, boolean) to authenticated;

-- The operator's view

create function private.get_jobs()
returns jsonb
language sql stable security definer
set search_path = ''
as $$
  select jsonb_build_object(
    'jobs', coalesce((select jsonb_agg(jsonb_build_object(
        'name', s.name, 'kind', s.kind, 'cron', s.cron, 'time_zone', s.time_zone, 'enabled', s.enabled,
        'timeout_seconds', extract(epoch from s.timeout), 'max_attempts', s.max_attempts,
        'last_due_at', private.last_due(s.cron, s.time_zone, now()),
        'last_done_at', (select max(r.finished_at) from private.job_runs as r where r.job = s.name and r.state = 'done'),
        'runs', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'state', r.state, 'attempt', r.attempt, 'started_at', r.started_at,
            'finished_at', r.finished_at, 'result', r.result, 'error_code', r.error_code, 'error_at', r.error_at) order by r.started_at desc, r.id desc), '[]')
          from (select * from private.job_runs as r where r.job = s.name order by r.started_at desc, r.id desc limit 5) as r))
        order by s.name) from private.job_schedule as s), '[]'),
    'alerts', coalesce((select jsonb_agg(private.alert_json(a) order by a.id desc)
        from public.alerts as a where a.owner_id is null and a.organization_id is null and a.resolved_at is null), '[]'))
$$;
comment on function private.get_jobs() is 'The work of public.get_jobs.';
grant execute on function private.get_jobs() to service_role;

create function public.get_jobs()
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.get_jobs()
$$;
comment on function public.get_jobs() is
  'For the operator: {jobs: [{name, kind, cron, time_zone, enabled, timeout_seconds, max_attempts, last_due_at, last_done_at, runs (the last five)}], alerts (open, of the operation itself)}.';
revoke execute on function public.get_jobs() from public, anon;
grant execute on function public.get_jobs() to service_role;

-- Scans: jobs that go through the owners whose data moved on and raise what the analytics say.

create table private.scans (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  scan text not null,
  scanned_at timestamptz not null,
  data_version bigint not null,
  error_code text check (char_length(error_code) <= 100),
  primary key (user_id, scan)
);
comment on table private.scans is 'When a scan last went through a person''s data, and the data''s version then.';
insert into private.user_tables values ('private.scans', 'user_id', 'When the data was last scanned', null);

-- The analytics answer for the caller. They name him in every condition, so what a job may bypass changes nothing.
create function private.act_as(owner_id uuid)
returns void
language sql volatile
set search_path = ''
as $$
  select set_config('request.jwt.claims', case when act_as.owner_id is null then ''
      else jsonb_build_object('sub', act_as.owner_id, 'role', 'authenticated')::text end, true),
    set_config('request.jwt.claim.sub', coalesce(act_as.owner_id::text, ''), true)
$$;
comment on function private.act_as(uuid) is
  'Makes auth.uid() this person until the transaction or act_as(null) ends it. For jobs, which have no caller of their own; granted to nobody.';

create function private.settle_alerts(owner_id uuid, kind text, since timestamptz, seen_keys text[])
returns integer
language sql volatile
set search_path = ''
as $$
  with gone as (
    update public.alerts as a set resolved_at = now()
     where a.owner_id = settle_alerts.owner_id and a.kind = settle_alerts.kind and a.resolved_at is null
       and a.occurred_at >= settle_alerts.since and a.dedup_key <> all (settle_alerts.seen_keys)
    returning 1
  )
  select count(*)::integer from gone
$$;
comment on function private.settle_alerts(uuid, text, timestamptz, text[]) is 'Resolves a person''s open alerts of a kind since a time that a scan did not find again: how many.';

create function private.scan_anomalies(owner_id uuid)
returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_since timestamptz;
  v_found jsonb;
  v_item jsonb;
  v_key text;
  v_keys text[] := array[]::text[];
  v_raised integer := 0;
begin
  v_since := (select date_trunc('day', now(), p.time_zone) - interval '7 days' from public.profiles as p where p.user_id = scan_anomalies.owner_id);
  perform private.act_as(scan_anomalies.owner_id);
  v_found := public.detect_anomalies(v_since) -> 'anomalies';
  perform private.act_as(null);
  for v_item in select value from jsonb_array_elements(v_found) loop
    v_key := concat_ws('|', v_item ->> 'test', v_item ->> 'date', case when v_item ->> 'test' in ('new_number', 'drop_off') then v_item ->> 'contact_id' end);
    v_keys := v_keys || v_key;
    v_raised := v_raised + private.raise_alert(scan_anomalies.owner_id, null, 'anomaly', 'info', v_key, v_item ->> 'explanation',
      v_item - '{contact_name,explanation,event_ids}'::text[], (v_item ->> 'from')::timestamptz)::integer;
  end loop;
  perform private.settle_alerts(scan_anomalies.owner_id, 'anomaly', v_since, v_keys);
  return v_raised;
end;
$$;
comment on function private.scan_anomalies(uuid) is
  'Raises what detect_anomalies finds in a person''s last seven whole days, at one false alarm in 60 days, and resolves what it finds no more: the number of new alerts.';

create function private.scan_gaps(owner_id uuid)
returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_since timestamptz;
  v_found jsonb;
  v_item jsonb;
  v_key text;
  v_keys text[] := array[]::text[];
  v_raised integer := 0;
begin
  v_since := (select date_trunc('day', now(), p.time_zone) - interval '30 days' from public.profiles as p where p.user_id = scan_gaps.owner_id);
  perform private.act_as(scan_gaps.owner_id);
  v_found := public.detect_data_gaps(v_since, min_hours => 24) -> 'gaps';
  perform private.act_as(null);
  for v_item in select value from jsonb_array_elements(v_found) where value ->> 'verdict' in ('proven', 'suspected') loop
    v_key := concat_ws('|', v_item ->> 'channel', v_item ->> 'start');
    v_keys := v_keys || v_key;
    v_raised := v_raised + private.raise_alert(scan_gaps.owner_id, null, 'data_gap',
      case v_item ->> 'verdict' when 'proven' then 'warning' else 'info' end, v_key,
      format(case v_item ->> 'verdict' when 'proven' then 'Data of %s hours is missing' else 'Data of %s hours may be missing' end, v_item ->> 'duration_hours'),
      v_item - '{evidence}'::text[], (v_item ->> 'start')::timestamptz)::integer;
  end loop;
  -- A gap that began before the window may still reach into it.
  perform private.settle_alerts(scan_gaps.owner_id, 'data_gap', v_since, v_keys);
  return v_raised;
end;
$$;
comment on function private.scan_gaps(uuid) is
  'Raises the proven and suspected gaps of 24 hours and more that detect_data_gaps finds in a person''s last 30 days, and resolves those it finds no more: the number of new alerts.';

create function private.scan_rollups(owner_id uuid)
returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_rows integer;
  v_rollups jsonb;
begin
  select count(*), coalesce(jsonb_agg(distinct c.rollup), '[]') into v_rows, v_rollups from private.check_rollups(scan_rollups.owner_id) as c;
  if v_rows = 0 then
    perform private.resolve_alert(null, null, 'rollup_drift', scan_rollups.owner_id::text);
    return 0;
  end if;
  return private.raise_alert(null, null, 'rollup_drift', 'error', scan_rollups.owner_id::text, 'Roll-ups differ from the events: see private.rebuild_rollups',
    jsonb_build_object('user_id', scan_rollups.owner_id, 'rows', v_rows, 'rollups', v_rollups))::integer;
end;
$$;
comment on function private.scan_rollups(uuid) is 'Raises an alert for the operator where a person''s roll-ups are not what the events say: the number of new alerts.';

create function private.scan_owners(scan text, due_owners uuid[], deadline timestamptz)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_owner uuid;
  v_scanned integer := 0;
  v_raised integer := 0;
  v_failed integer := 0;
  v_version bigint;
  v_code text;
  v_more boolean := false;
begin
  foreach v_owner in array scan_owners.due_owners loop
    -- At least one, or an overloaded database would never get on.
    v_more := v_scanned > 0 and clock_timestamp() >= scan_owners.deadline;
    exit when v_more;
    v_version := private.data_version(v_owner);
    v_code := null;
    -- What is wrong with one person's data must not keep the others' from being looked at; it is kept and told instead.
    begin
      v_raised := v_raised + case scan_owners.scan
        when 'anomalies' then private.scan_anomalies(v_owner)
        when 'gaps' then private.scan_gaps(v_owner)
        when 'rollups' then private.scan_rollups(v_owner) end;
    exception when others then
      get stacked diagnostics v_code = returned_sqlstate;
      v_failed := v_failed + 1;
      perform private.raise_alert(null, null, 'scan_failed', 'error', scan_owners.scan, format('The scan for %s fails for some persons', scan_owners.scan),
        jsonb_build_object('scan', scan_owners.scan, 'error_code', v_code, 'user_id', v_owner));
    end;
    -- A person who left meanwhile has nothing to keep.
    insert into private.scans as s (user_id, scan, scanned_at, data_version, error_code)
    select p.user_id, scan_owners.scan, now(), v_version, v_code from public.profiles as p where p.user_id = v_owner
    on conflict on constraint scans_pkey do update
       set scanned_at = excluded.scanned_at, data_version = excluded.data_version, error_code = excluded.error_code;
    v_scanned := v_scanned + 1;
  end loop;
  if v_failed = 0 and not exists (select from private.scans as s where s.scan = scan_owners.scan and s.error_code is not null) then
    perform private.resolve_alert(null, null, 'scan_failed', scan_owners.scan);
  end if;
  return jsonb_build_object('scanned', v_scanned, 'raised', v_raised, 'failed', v_failed, 'more', v_more);
end;
$$;
comment on function private.scan_owners(text, uuid[], timestamptz) is 'Scans (anomalies, gaps, rollups) these owners until the deadline: {scanned, raised, failed, more}.';

-- New data is looked at after three hours, so that an import under way is not judged in the middle; without new data a day
-- that is over and a silence are news once a day. Who has no event of the last 60 days is no news.
create function private.owners_to_scan(scan text, max_rows integer)
returns uuid[]
language sql stable
set search_path = ''
as $$
  select array(
    select p.user_id
      from public.profiles as p
      left join private.scans as s on s.user_id = p.user_id and s.scan = owners_to_scan.scan
     where (s.user_id is null or s.scanned_at < now() - interval '24 hours'
            or (s.scanned_at < now() - interval '3 hours' and s.data_version <> private.data_version(p.user_id)))
       and exists (select from public.events as e where e.user_id = p.user_id and e.ts >= now() - interval '60 days')
     order by s.scanned_at nulls first, p.user_id limit owners_to_scan.max_rows)
$$;
comment on function private.owners_to_scan(text, integer) is 'The owners whose data a scan should go through now, those not seen for longest first.';

create function private.job_anomaly_scan(deadline timestamptz)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select case when cardinality(owners) = 200 then found || '{"more": true}' else found end
    from private.owners_to_scan('anomalies', 200) as owners
    cross join lateral (select private.scan_owners('anomalies', owners, job_anomaly_scan.deadline) as found offset 0) as one
$$;
comment on function private.job_anomaly_scan(timestamptz) is 'Job: alerts of anomalies for owners with recent data: {scanned, raised, failed, more}.';

create function private.job_gap_scan(deadline timestamptz)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select case when cardinality(owners) = 200 then found || '{"more": true}' else found end
    from private.owners_to_scan('gaps', 200) as owners
    cross join lateral (select private.scan_owners('gaps', owners, job_gap_scan.deadline) as found offset 0) as one
$$;
comment on function private.job_gap_scan(timestamptz) is 'Job: alerts of gaps in the data for owners with recent data: {scanned, raised, failed, more}.';

create function private.job_rollup_check(deadline timestamptz)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.scan_owners('rollups', array(
      select p.user_id
        from public.profiles as p
        left join private.scans as s on s.user_id = p.user_id and s.scan = 'rollups'
       where s.user_id is null or s.scanned_at < now() - interval '7 days'
       order by s.scanned_at nulls first, p.user_id
       limit greatest(100 - (select count(*) from private.scans as today where today.scan = 'rollups' and today.scanned_at > now() - interval '12 hours'), 0)),
    job_rollup_check.deadline)
$$;
comment on function private.job_rollup_check(timestamptz) is
  'Job: compares the roll-ups of up to 100 owners a night with their events, each at most once a week: {scanned, raised, failed, more}.';
