-- Monitoring: how the system is (figures beside their thresholds), the same for Prometheus, slow statements over time, and
-- one member's figures for his admins. Nothing here names a person, a number or a text but the last.

do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_stat_statements') then
    create extension if not exists pg_stat_statements with schema extensions;
  end if;
exception when insufficient_privilege then
  raise notice 'pg_stat_statements can not be created by this role: slow statements are not watched';
end;
$$;

-- Health

create table private.health_thresholds (
  name text primary key check (name ~ '^[a-z][a-z_]*$'),
  area text not null,
  unit text not null,
  warn_at double precision,
  fail_at double precision,
  says text not null,
  constraint health_thresholds_order check (fail_at >= warn_at)
);
comment on table private.health_thresholds is
  'What private.measure_AREA measures, and from which value on (inclusive) it is a warning or a failure; null: never. The operator changes it to suit the machine.';
insert into private.health_thresholds values
  ('connections', 'server', 'percent', 70, 90, 'Of the connections that the server takes, those in use'),
  ('longest_transaction', 'server', 'seconds', 300, 3600, 'Age of the oldest open transaction'),
  ('lock_waits', 'server', 'sessions', 5, 20, 'Sessions that wait for a lock'),
  ('cache_misses', 'server', 'percent', 10, null, 'Of the blocks that were read, those not in memory'),
  ('transaction_age', 'server', 'transactions', 5e8, 1.5e9, 'Oldest unfrozen transaction; writes stop at 2.1e9'),
  ('replica_lag', 'replication', 'seconds', 10, 60, 'How far the slowest replica is behind'),
  ('replica_behind', 'replication', 'bytes', 64e6, 1e9, 'What the slowest replica has still to apply'),
  ('slots_behind', 'replication', 'bytes', 1e9, 1e10, 'Log that is kept for a replication slot that nobody reads'),
  ('embedding_queue', 'queues', 'questions', 1000, 10000, 'Questions that wait for a vector'),
  ('embedding_queue_age', 'queues', 'seconds', 1800, 21600, 'For how long the next one is overdue'),
  ('stuck_imports', 'queues', 'imports', 1, 20, 'Imports that are running and have not moved for an hour'),
  ('webhook_queue', 'queues', 'messages', 1000, 10000, 'Webhook messages that wait'),
  ('webhook_queue_age', 'queues', 'seconds', 900, 7200, 'For how long the next one is overdue'),
  ('jobs_failing', 'jobs', 'jobs', 1, 3, 'Enabled jobs whose last run failed or was lost'),
  ('jobs_late', 'jobs', 'jobs', 1, 3, 'Enabled jobs that are ten minutes past their time'),
  ('open_alerts', 'jobs', 'alerts', 1, null, 'Open alerts for the operator of severity error, these checks'' own left out'),
  ('rollup_drift', 'rollups', 'rows', 1, 1, 'Rows of a sample in which the roll-ups differ from the events'),
  ('slow_statements', 'statements', 'milliseconds', 1000, null, 'Mean time of the slowest statement since the last snapshot'),
  ('database_size', 'storage', 'bytes', 50e9, 100e9, 'The database on disk: set it to what the disk takes'),
  ('dead_rows', 'storage', 'percent', 40, null, 'Largest share of dead rows in a table of 50,000 rows or more');

create type private.measure as (name text, value double precision, details jsonb);
comment on type private.measure is 'One value of private.health_thresholds, and what it is made of.';

create function private.measure_server()
returns setof private.measure
language sql stable
set search_path = ''
as $$
  with session as materialized (
    select a.state, a.wait_event_type, a.xact_start
      from pg_catalog.pg_stat_activity as a where a.backend_type = 'client backend'
  )
  select 'connections', round(100.0 * used.sessions / limits.usable, 1)::double precision, jsonb_build_object(
      'used', used.sessions, 'usable', limits.usable, 'by_state', used.by_state)
    from (select coalesce(sum(t.sessions), 0) as sessions, coalesce(jsonb_object_agg(t.state, t.sessions), '{}') as by_state
            from (select coalesce(s.state, 'other') as state, count(*) as sessions from session as s group by 1) as t) as used
    cross join (select current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer as usable) as limits
  union all
  select 'longest_transaction', coalesce(round(extract(epoch from max(clock_timestamp() - s.xact_start)), 1), 0)::double precision, '{}' from session as s
  union all
  select 'lock_waits', count(*), '{}' from session as s where s.wait_event_type = 'Lock'
  union all
  -- The first million of blocks fills the memory.
  select 'cache_misses', round(100.0 * d.blks_read / (d.blks_hit + d.blks_read), 2)::double precision, '{}'
    from pg_catalog.pg_stat_database as d where d.datname = current_database() and d.blks_hit + d.blks_read > 1000000
  union all
  select 'transaction_age', max(age(d.datfrozenxid)), '{}' from pg_catalog.pg_database as d
$$;
comment on function private.measure_server() is 'Measures of sessions and of the server.';

create function private.measure_replication()
returns setof private.measure
language sql stable
set search_path = ''
as $$
  with replica as materialized (
    select r.application_name as name, r.state, r.sync_state,
      -- A replica that stands still reports no new lag, but falls behind in bytes.
      coalesce(extract(epoch from r.replay_lag), 0) as seconds, pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn) as bytes
      from pg_catalog.pg_stat_replication as r where not pg_is_in_recovery()
  )
  select 'replica_lag', max(r.seconds)::double precision,
    jsonb_build_object('replicas', jsonb_agg(jsonb_build_object('name', r.name, 'state', r.state, 'sync', r.sync_state, 'seconds', r.seconds, 'bytes', r.bytes)))
    from replica as r having count(*) > 0
  union all
  select 'replica_behind', max(coalesce(r.bytes, 0))::double precision, '{}' from replica as r having count(*) > 0
  union all
  select 'slots_behind', max(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn))::double precision, jsonb_build_object('slots', count(*))
    from pg_catalog.pg_replication_slots as s where not s.active and not pg_is_in_recovery() having count(*) > 0
$$;
comment on function private.measure_replication() is 'Measures of the replicas and slots of a primary; none where it has none.';

create function private.measure_queues()
returns setof private.measure
language sql stable
set search_path = ''
as $$
  select 'embedding_queue', count(*)::double precision, jsonb_build_object(
      'given_up', (select count(*) from private.embedding_queue as w where w.attempts >= 5))
    from private.embedding_queue as w where w.attempts < 5
  union all
  select 'embedding_queue_age', coalesce(round(extract(epoch from now() - min(w.next_attempt_at))), 0)::double precision, '{}'
    from private.embedding_queue as w where w.attempts < 5 and w.next_attempt_at < now()
  union all
  select 'stuck_imports', count(*), '{}'
    from public.imports as i where i.state = 'running' and i.updated_at < now() - interval '1 hour'
  union all
  select 'webhook_queue', count(*), jsonb_build_object(
      'given_up_today', (select count(*) from private.webhook_messages as m where m.state = 'dead' and m.finished_at > now() - interval '1 day'))
    from private.webhook_messages as m join private.webhooks as w on w.id = m.webhook_id where w.enabled and m.state = 'pending'
  union all
  select 'webhook_queue_age', coalesce(round(extract(epoch from now() - min(m.next_attempt_at))), 0)::double precision, '{}'
    from private.webhook_messages as m join private.webhooks as w on w.id = m.webhook_id
   where w.enabled and m.state = 'pending' and m.next_attempt_at < now()
$$;
comment on function private.measure_queues() is 'Measures of what waits to be done.';

create function private.measure_jobs()
returns setof private.measure
language sql stable
set search_path = ''
as $$
  with job as materialized (
    select s.name, last.state, last.started_at, last.finished_at, last.error_code, coalesce(last.state in ('failed', 'lost'), false) as is_failing,
      due.at > greatest(last.started_at, s.updated_at) and due.at < now() - interval '10 minutes' as is_late
      from private.job_schedule as s
      left join lateral (
        select r.* from private.job_runs as r where r.job = s.name order by r.started_at desc, r.id desc limit 1) as last on true
      cross join lateral (select private.last_due(s.cron, s.time_zone, now()) as at) as due
     where s.enabled
  )
  select 'jobs_failing', count(*) filter (where j.is_failing)::double precision, jsonb_build_object('last_runs', coalesce(jsonb_agg(jsonb_build_object(
      'job', j.name, 'state', j.state, 'started_at', j.started_at, 'seconds', round(extract(epoch from j.finished_at - j.started_at), 2),
      'error_code', j.error_code) order by j.name), '[]'))
    from job as j
  union all
  select 'jobs_late', count(*), jsonb_build_object('jobs', coalesce(jsonb_agg(j.name order by j.name), '[]')) from job as j where j.is_late
  union all
  select 'open_alerts', count(*), jsonb_build_object('kinds', coalesce(jsonb_agg(distinct a.kind), '[]'))
    from public.alerts as a
   where a.owner_id is null and a.organization_id is null and a.resolved_at is null and a.severity = 'error' and a.kind <> 'health'
$$;
comment on function private.measure_jobs() is 'Measures of the jobs, with the last run of each, and of what they reported.';

-- Everybody is gone through by the job rollup_check; this is a look at a few, each small enough to be looked at in passing.
create function private.measure_rollups()
returns setof private.measure
language plpgsql stable
set search_path = ''
as $$
declare
  v_budget constant interval := coalesce(nullif(current_setting('phonelog.drift_budget', true), ''), '300 ms')::interval;
  c_most_events constant integer := 5000;
  v_started constant timestamptz := clock_timestamp();
  v_place constant uuid := gen_random_uuid();
  v_owner uuid;
  v_owners integer := 0;
  v_rows integer := 0;
begin
  for v_owner in
    select t.user_id from (
      (select p.user_id, 1 as turn from public.profiles as p where p.user_id >= v_place order by p.user_id limit 20)
      union all
      (select p.user_id, 2 from public.profiles as p where p.user_id < v_place order by p.user_id limit 20)) as t
     order by t.turn, t.user_id
  loop
    exit when clock_timestamp() - v_started > v_budget;
    continue when (select count(*) from (select from public.events as e where e.user_id = v_owner limit c_most_events + 1) as few) > c_most_events;
    v_rows := v_rows + (select count(*) from private.check_rollups(v_owner));
    v_owners := v_owners + 1;
  end loop;
  return next row('rollup_drift', v_rows, jsonb_build_object('owners_looked_at', v_owners,
    'last_whole_check', (select max(s.scanned_at) from private.scans as s where s.scan = 'rollups')))::private.measure;
end;
$$;
comment on function private.measure_rollups() is
  'Compares the roll-ups of some persons taken at random, of at most 5,000 events each, with their events, for about 0.3 s.';

create function private.measure_storage()
returns setof private.measure
language sql stable
set search_path = ''
as $$
  with relation as materialized (
    select s.schemaname || '.' || s.relname as name, pg_total_relation_size(s.relid) as bytes, s.n_live_tup as live, s.n_dead_tup as dead
      from pg_catalog.pg_stat_user_tables as s
  )
  select 'database_size', pg_database_size(current_database())::double precision, jsonb_build_object('largest', (
      select jsonb_agg(jsonb_build_object('table', t.name, 'bytes', t.bytes, 'rows', t.live) order by t.bytes desc, t.name)
        from (select * from relation as r order by r.bytes desc, r.name limit 10) as t))
  union all
  (select 'dead_rows', round(100.0 * r.dead / (r.live + r.dead), 1)::double precision, jsonb_build_object('table', r.name)
    from relation as r where r.live + r.dead >= 50000 order by 2 desc limit 1)
$$;
comment on function private.measure_storage() is 'Measures of the disk: the database with its ten largest tables, and rows that wait for vacuum.';

-- Slow statements

create table private.query_stats (
  taken_at timestamptz not null,
  query_id bigint not null,
  query text not null check (char_length(query) <= 1000),
  calls bigint not null,
  total_ms double precision not null,
  max_ms double precision not null,
  rows bigint not null,
  blocks_read bigint not null,
  primary key (taken_at, query_id)
);
comment on table private.query_stats is
  'Snapshots of pg_stat_statements: of the statements that took most time in all, their figures so far. Two snapshots of a statement give what was between them.';
comment on column private.query_stats.query is 'With $1 in place of every value.';
insert into private.expiring_rows values
  ('private.query_stats', $$taken_at < now() - interval '14 days'$$, 'Snapshots of pg_stat_statements');

create type private.statement_figures as (
  query_id bigint, query text, calls bigint, total_ms double precision, max_ms double precision, rows bigint, blocks_read bigint);
comment on type private.statement_figures is 'What a statement took so far; time in milliseconds.';

create function private.statement_figures()
returns setof private.statement_figures
language plpgsql stable
set search_path = ''
as $$
declare
  v_schema constant name := (select x.extnamespace::regnamespace::name from pg_catalog.pg_extension as x where x.extname = 'pg_stat_statements');
begin
  if v_schema is null then
    return;
  end if;
  -- Values are replaced in these kinds of statements only; in others, such as SET and DO, they may stand in full.
  return query execute format($f$
    select s.queryid, left(max(s.query), 1000), sum(s.calls)::bigint, sum(s.total_exec_time), max(s.max_exec_time), sum(s.rows)::bigint, sum(s.shared_blks_read)::bigint
      from %I.pg_stat_statements as s
     where s.dbid = (select d.oid from pg_catalog.pg_database as d where d.datname = current_database())
       and s.queryid is not null and s.query ~* '^\s*(/\*.*?\*/\s*)*(with|select|insert|update|delete|merge)\M'
     group by s.queryid$f$, v_schema);
exception when object_not_in_prerequisite_state then
  -- Created, but the server does not load the library.
  return;
end;
$$;
comment on function private.statement_figures() is
  'The statements of this database that pg_stat_statements knows, normalised; none where the server does not have it.';

create function private.job_query_stats(deadline timestamptz)
returns jsonb
language sql volatile
set search_path = ''
as $$
  with taken as (
    insert into private.query_stats (taken_at, query_id, query, calls, total_ms, max_ms, rows, blocks_read)
    select date_trunc('minute', now()), f.query_id, f.query, f.calls, f.total_ms, f.max_ms, f.rows, f.blocks_read
      from private.statement_figures() as f
     where not exists (select from private.query_stats as q where q.taken_at = date_trunc('minute', now()))
     order by f.total_ms desc limit 200
    on conflict on constraint query_stats_pkey do nothing
    returning 1
  )
  select jsonb_build_object('statements', count(*)) from taken
$$;
comment on function private.job_query_stats(timestamptz) is
  'Job: keeps the figures of the 200 statements that took most time: {statements}. A second run within the minute keeps nothing.';

create function private.measure_statements()
returns setof private.measure
language sql stable
set search_path = ''
as $$
  with figures as materialized (select * from private.statement_figures()),
  since as materialized (
    select max(q.taken_at) as taken_at from private.query_stats as q where q.taken_at <= now() - interval '5 minutes'
  ),
  recent as (
    -- Fewer calls than in the snapshot: the counters began anew.
    select f.query, f.max_ms, f.calls - coalesce(q.calls, 0) as calls, (f.total_ms - coalesce(q.total_ms, 0)) / nullif(f.calls - coalesce(q.calls, 0), 0) as mean_ms
      from figures as f cross join since
      left join private.query_stats as q on q.taken_at = since.taken_at and q.query_id = f.query_id and q.calls <= f.calls
     -- Jobs work in slices of two seconds, on purpose; one that takes too long is told as such.
     where f.query !~ '\madvance_job_run\M'
  ),
  slowest as materialized (select * from recent as r where r.calls > 0 order by r.mean_ms desc limit 10)
  select 'slow_statements', coalesce(round(max(s.mean_ms)::numeric, 1), 0)::double precision, jsonb_build_object(
      'since', (select since.taken_at from since),
      'slowest', coalesce(jsonb_agg(jsonb_build_object('query', left(s.query, 300), 'calls', s.calls,
        'mean_ms', round(s.mean_ms::numeric, 2), 'max_ms', round(s.max_ms::numeric, 2)) order by s.mean_ms desc), '[]'))
    from slowest as s
  having (select count(*) from figures) > 0
$$;
comment on function private.measure_statements() is
  'The ten slowest statements, but for jobs'', by mean time since the last snapshot that is five minutes old, or since the server''s counters began; nothing without pg_stat_statements. max_ms is over all time.';

create function private.system_health(areas text[])
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_area text;
  v_part jsonb;
  v_checks jsonb := jsonb '[]';
begin
  foreach v_area in array system_health.areas loop
    begin
      execute format($f$
        select coalesce(jsonb_agg(jsonb_build_object('name', t.name, 'area', t.area, 'status', case
              when m.value >= t.fail_at then 'fail' when m.value >= t.warn_at then 'warn' else 'ok' end,
            'value', m.value, 'unit', t.unit, 'warn_at', t.warn_at, 'fail_at', t.fail_at, 'says', t.says, 'details', m.details)), '[]')
          from private.%I() as m join private.health_thresholds as t on t.name = m.name$f$, 'measure_' || v_area) into v_part;
    exception when others then
      -- What can not be measured is told, and does not hide the rest.
      v_part := jsonb_build_array(jsonb_build_object('name', v_area, 'area', v_area, 'status', 'fail', 'value', null, 'unit', null,
        'warn_at', null, 'fail_at', null, 'says', 'This could not be measured', 'details', jsonb_build_object('error_code', sqlstate)));
    end;
    v_checks := v_checks || v_part;
  end loop;
  return v_checks;
end;
$$;
comment on function private.system_health(text[]) is
  'The measures of these areas (server, replication, queues, jobs, rollups, statements, storage) beside their thresholds: [{name, area, status ok|warn|fail, value, unit, warn_at, fail_at, says, details}]. An area that fails is one failed check with the SQLSTATE.';
grant execute on function private.system_health(text[]) to service_role;

create function private.schema_version()
returns text
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_version text;
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    execute 'select max(version) from supabase_migrations.schema_migrations' into v_version;
  end if;
  return v_version;
end;
$$;
comment on function private.schema_version() is 'Version of the last migration that was applied; null where no history is kept.';
grant execute on function private.schema_version() to service_role;

create function public.get_system_health()
returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'checks', private.system_health('{server,replication,queues,jobs,rollups,statements,storage}'),
    'schema_version', private.schema_version(), 'server_version', current_setting('server_version'), 'generated_at', now())
$$;
comment on function public.get_system_health() is
  'For the operator: {checks: [{name, area, status ok|warn|fail, value, unit, warn_at, fail_at (inclusive; null: never), says, details}], schema_version, server_version, generated_at}. Takes about half a second.';
revoke execute on function public.get_system_health() from public, anon;
grant execute on function public.get_system_health() to service_role;

create function private.job_health_alerts(deadline timestamptz)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_check jsonb;
  v_raised integer := 0;
  v_bad text[] := array[]::text[];
begin
  if clock_timestamp() >= job_health_alerts.deadline then
    return jsonb_build_object('raised', 0, 'more', true);
  end if;
  for v_check in
    select value from jsonb_array_elements(private.system_health('{server,replication,queues,jobs,rollups,statements,storage}'))
     where value ->> 'status' <> 'ok'
  loop
    v_bad := v_bad || (v_check ->> 'name');
    v_raised := v_raised + private.raise_alert(null, null, 'health', case v_check ->> 'status' when 'fail' then 'error' else 'warning' end,
      v_check ->> 'name', format('%s: %s %s', v_check ->> 'says', coalesce(v_check ->> 'value', 'unknown'), v_check ->> 'unit'),
      v_check - '{details,says,name}'::text[])::integer;
  end loop;
  perform private.resolve_alert(null, null, 'health', a.dedup_key)
    from public.alerts as a
   where a.owner_id is null and a.organization_id is null and a.kind = 'health' and a.resolved_at is null and a.dedup_key <> all (v_bad);
  return jsonb_build_object('raised', v_raised, 'open', cardinality(v_bad));
end;
$$;
comment on function private.job_health_alerts(timestamptz) is
  'Job: one open alert for the operator for each check that is not ok, resolved when it is: {raised (new ones), open}.';
insert into private.job_schedule (name, kind, cron, timeout) values
  ('health_alerts', 'sql', '*/5 * * * *', '30 seconds'),
  ('query_stats', 'sql', '*/10 * * * *', '30 seconds');

-- Metrics

create function private.metric_family(name text, kind text, help text, samples jsonb)
returns jsonb
language sql immutable
set search_path = ''
as $$
  select jsonb_build_object('name', metric_family.name, 'type', metric_family.kind, 'help', metric_family.help, 'samples', coalesce(metric_family.samples, '[]'))
$$;
comment on function private.metric_family(text, text, text, jsonb) is
  'A metric (counter or gauge) as functions/admin writes it down: {name, type, help, samples: [{labels, value}]}.';

create function private.metric_sample(value numeric, variadic labels text[] default '{}')
returns jsonb
language sql immutable
set search_path = ''
as $$
  select jsonb_build_object('labels', jsonb_object(metric_sample.labels), 'value', metric_sample.value)
$$;
comment on function private.metric_sample(numeric, text[]) is 'One value of a metric; labels: name, value, name, value, …';

create function private.data_metrics()
returns setof jsonb
language sql stable
set search_path = ''
as $$
  with relation as materialized (
    select s.schemaname || '.' || s.relname as name, s.relid, s.n_live_tup, s.n_tup_ins, s.n_tup_upd, s.n_tup_del
      from pg_catalog.pg_stat_user_tables as s where s.schemaname in ('public', 'private')
  )
  select private.metric_family('phonelog_users', 'gauge', 'Accounts', jsonb_build_array(private.metric_sample((select count(*) from public.profiles))))
  union all
  select private.metric_family('phonelog_organizations', 'gauge', 'Organisations', jsonb_build_array(private.metric_sample((select count(*) from public.organizations))))
  union all
  select private.metric_family('phonelog_events', 'gauge', 'Events that are stored, as the statistics estimate',
    (select jsonb_agg(private.metric_sample(r.n_live_tup)) from relation as r where r.name = 'public.events'))
  union all
  select private.metric_family('phonelog_table_rows', 'gauge', 'Rows of a table, as the statistics estimate',
    (select jsonb_agg(private.metric_sample(r.n_live_tup, 'table', r.name) order by r.name) from relation as r))
  union all
  select private.metric_family('phonelog_table_bytes', 'gauge', 'A table on disk with its indexes',
    (select jsonb_agg(private.metric_sample(pg_total_relation_size(r.relid), 'table', r.name) order by r.name) from relation as r))
  union all
  select private.metric_family('phonelog_table_changes_total', 'counter', 'Rows that were inserted, updated and deleted',
    (select jsonb_agg(private.metric_sample(c.rows, 'table', r.name, 'operation', c.operation) order by r.name, c.operation)
       from relation as r cross join lateral (values ('insert', r.n_tup_ins), ('update', r.n_tup_upd), ('delete', r.n_tup_del)) as c (operation, rows)))
$$;
comment on function private.data_metrics() is 'Metrics of what is stored.';

create function private.server_metrics()
returns setof jsonb
language sql stable
set search_path = ''
as $$
  with server as materialized (select * from pg_catalog.pg_stat_database as d where d.datname = current_database())
  select private.metric_family('phonelog_database_bytes', 'gauge', 'The database on disk',
    jsonb_build_array(private.metric_sample(pg_database_size(current_database()))))
  union all
  select private.metric_family('phonelog_database_connections', 'gauge', 'Sessions of clients by their state',
    (select jsonb_agg(private.metric_sample(t.sessions, 'state', t.state) order by t.state)
       from (select coalesce(a.state, 'other') as state, count(*) as sessions
               from pg_catalog.pg_stat_activity as a where a.backend_type = 'client backend' group by 1) as t))
  union all
  select private.metric_family('phonelog_database_connections_limit', 'gauge', 'Connections that the server takes',
    jsonb_build_array(private.metric_sample(current_setting('max_connections')::numeric)))
  union all
  select private.metric_family('phonelog_database_transactions_total', 'counter', 'Transactions of this database by how they ended',
    (select jsonb_build_array(private.metric_sample(s.xact_commit, 'end', 'commit'), private.metric_sample(s.xact_rollback, 'end', 'rollback')) from server as s))
  union all
  select private.metric_family('phonelog_database_blocks_total', 'counter', 'Blocks that were read, from memory or from disk',
    (select jsonb_build_array(private.metric_sample(s.blks_hit, 'from', 'memory'), private.metric_sample(s.blks_read, 'from', 'disk')) from server as s))
  union all
  select private.metric_family('phonelog_database_deadlocks_total', 'counter', 'Deadlocks', (select jsonb_build_array(private.metric_sample(s.deadlocks)) from server as s))
  union all
  select private.metric_family('phonelog_database_temporary_bytes_total', 'counter', 'Written to temporary files by queries that did not fit into memory',
    (select jsonb_build_array(private.metric_sample(s.temp_bytes)) from server as s))
  union all
  select private.metric_family('phonelog_schema_version', 'gauge', 'The last migration that was applied, as a number',
    (select jsonb_agg(private.metric_sample(v.version::numeric)) from private.schema_version() as v (version) where v.version ~ '^\d{1,20}$'))
$$;
comment on function private.server_metrics() is 'Metrics of the database server.';

create function private.job_metrics()
returns setof jsonb
language sql stable
set search_path = ''
as $$
  with last as materialized (
    select s.name, r.state, extract(epoch from r.finished_at - r.started_at) as seconds, extract(epoch from done.at) as done_at
      from private.job_schedule as s
      left join lateral (select r.* from private.job_runs as r where r.job = s.name order by r.started_at desc, r.id desc limit 1) as r on true
      cross join lateral (select max(d.finished_at) as at from private.job_runs as d where d.job = s.name and d.state = 'done') as done
     where s.enabled
  )
  select private.metric_family('phonelog_job_last_run', 'gauge', '1 for the state of the last run of a job, 0 for the others',
    (select jsonb_agg(private.metric_sample((l.state = s.state)::integer, 'job', l.name, 'state', s.state) order by l.name, s.state)
       from last as l cross join unnest(array['running', 'done', 'failed', 'lost']) as s (state) where l.state is not null))
  union all
  select private.metric_family('phonelog_job_last_run_seconds', 'gauge', 'How long the last run took that is over',
    (select jsonb_agg(private.metric_sample(l.seconds, 'job', l.name) order by l.name) from last as l where l.seconds is not null))
  union all
  select private.metric_family('phonelog_job_last_done_timestamp_seconds', 'gauge', 'When a job was last done',
    (select jsonb_agg(private.metric_sample(l.done_at, 'job', l.name) order by l.name) from last as l where l.done_at is not null))
  union all
  select private.metric_family('phonelog_alerts_open', 'gauge', 'Open alerts by severity',
    (select jsonb_agg(private.metric_sample((select count(*) from public.alerts as a where a.severity = s.severity and a.resolved_at is null), 'severity', s.severity)
        order by s.severity)
       from unnest(array['info', 'warning', 'error']) as s (severity)))
$$;
comment on function private.job_metrics() is 'Metrics of jobs and alerts.';

create function private.health_metrics()
returns setof jsonb
language sql stable
set search_path = ''
as $$
  with health as materialized (
    select c.value ->> 'name' as name, c.value ->> 'status' as status, (c.value ->> 'value')::numeric as value, c.value ->> 'unit' as unit
      from jsonb_array_elements(private.system_health('{server,replication,queues,jobs,storage}')) as c
  )
  select private.metric_family('phonelog_health_status', 'gauge', 'Checks of GET /admin/health that cost little: 0 ok, 1 warn, 2 fail',
    (select jsonb_agg(private.metric_sample(case h.status when 'ok' then 0 when 'warn' then 1 else 2 end, 'check', h.name) order by h.name) from health as h))
  union all
  select private.metric_family('phonelog_health_value', 'gauge', 'What the checks measured, each in its unit',
    (select jsonb_agg(private.metric_sample(h.value, 'check', h.name, 'unit', h.unit) order by h.name) from health as h where h.value is not null))
$$;
comment on function private.health_metrics() is 'Metrics of the health checks, those left out that take time (rollups, statements).';

create function private.system_metrics()
returns jsonb
language sql stable security definer
set search_path = ''
as $$
  select jsonb_agg(family) from (
    select family from private.health_metrics() as family
    union all select family from private.data_metrics() as family
    union all select family from private.server_metrics() as family
    union all select family from private.job_metrics() as family) as t
$$;
comment on function private.system_metrics() is 'The work of public.get_system_metrics.';
grant execute on function private.system_metrics() to service_role;

create function public.get_system_metrics()
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.system_metrics()
$$;
comment on function public.get_system_metrics() is
  'For the operator, to be asked every few seconds: [{name, type counter|gauge, help, samples: [{labels, value}]}], counts and sizes only.';
revoke execute on function public.get_system_metrics() from public, anon;
grant execute on function public.get_system_metrics() to service_role;

-- Traces

create function private.trace_request()
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_trace constant text := substring(private.request_header('traceparent') from '^[0-9a-f]{2}-([0-9a-f]{32})-');
begin
  if v_trace is not null then
    perform set_config('application_name', 'phonelog ' || v_trace, true);
  end if;
end;
$$;
comment on function private.trace_request() is
  'For PostgREST''s db-pre-request: names the transaction after the trace of its request (header traceparent), so that pg_stat_activity and the server''s log tell which request a statement belongs to.';
grant execute on function private.trace_request() to authenticated, service_role;

-- A member's figures for his admins

create function private.require_administered_user(person_id uuid)
returns void
language plpgsql stable
set search_path = ''
as $$
declare
  v_rank constant integer := private.rank_beside(require_administered_user.person_id);
begin
  if (select auth.uid()) is null then
    raise exception using errcode = 'PT401', message = 'not_authenticated', detail = 'Sign in first';
  end if;
  if require_administered_user.person_id = (select auth.uid()) or v_rank >= private.role_rank('admin') then
    return;
  end if;
  if v_rank > 0 then
    raise exception using errcode = 'PT403', message = 'role_insufficient', detail = 'A member''s figures are for admins and owners';
  end if;
  raise exception using errcode = 'PT404', message = 'user_not_found', detail = 'No such user in your organisations';
end;
$$;
comment on function private.require_administered_user(uuid) is
  'Raises unless the caller is this person or an admin or owner of an organisation they share. Errors: not_authenticated (401), role_insufficient (403), user_not_found (404).';
grant execute on function private.require_administered_user(uuid) to authenticated;

create function private.user_usage(owner_id uuid, starts_at timestamptz, ends_at timestamptz)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform private.require_administered_user(user_usage.owner_id);
  perform private.require_readable_owner(user_usage.owner_id);
  return jsonb_build_object(
    'display_name', (select p.display_name from public.profiles as p where p.user_id = user_usage.owner_id),
    'memberships', (select coalesce(jsonb_agg(jsonb_build_object('organization_id', m.organization_id, 'role', m.role, 'joined_at', m.joined_at)
        order by m.joined_at, m.organization_id), '[]')
      from public.org_members as m
     where m.user_id = user_usage.owner_id
       and (m.user_id = (select auth.uid()) or private.my_rank_in(m.organization_id) >= private.role_rank('admin'))),
    'sources', (select coalesce(jsonb_object_agg(s.source, s.events), '{}') from (
        select a.source, sum(a.events) as events from private.activity_parts as a
         where a.user_id = user_usage.owner_id and (a.user_id = (select auth.uid()) or not a.is_private)
         group by a.source) as s),
    'questions', (select count(*) from public.nlq_queries as q
      where q.user_id = user_usage.owner_id and q.asked_at >= user_usage.starts_at and q.asked_at < user_usage.ends_at));
end;
$$;
comment on function private.user_usage(uuid, timestamptz, timestamptz) is
  'How a person uses the system: {display_name, memberships (those that the caller administers), sources (events of all time by source, others'' private contacts left out), questions (in the period)}. Errors: those of private.require_administered_user.';
grant execute on function private.user_usage(uuid, timestamptz, timestamptz) to authenticated;

create function public.get_user_metrics(
  target_user_id uuid, starts_at timestamptz default null, ends_at timestamptz default null, time_zone text default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_profile public.profiles;
  v_zone text;
  v_from timestamptz;
  v_to constant timestamptz := coalesce(get_user_metrics.ends_at, date_trunc('minute', now()) + interval '1 minute');
  v_before tstzrange;
  v_now private.period_figures;
  v_then private.period_figures;
  v_ever private.period_figures;
begin
  perform private.require_scope('admin:read');
  perform private.require_administered_user(get_user_metrics.target_user_id);
  select * into v_profile from public.profiles as p where p.user_id = (select auth.uid());
  v_zone := coalesce(get_user_metrics.time_zone, v_profile.time_zone, 'UTC');
  perform private.require_period('epoch', 'epoch'::timestamptz + interval '1 hour', 'day', v_zone);
  v_from := coalesce(get_user_metrics.starts_at, date_subtract(date_trunc('day', v_to - interval '1 microsecond', v_zone), interval '29 days', v_zone));
  perform private.require_period(v_from, v_to, 'day', v_zone);
  v_before := private.compared_period(v_from, v_to, 'previous_period', v_zone);

  v_now := private.period_figures(get_user_metrics.target_user_id,
    private.cut_bounds(private.bucket_bounds(v_from, v_to, 'day', v_zone, 1), v_from, v_to), 'day', true);
  v_then := private.period_figures(get_user_metrics.target_user_id, array[lower(v_before), upper(v_before)], 'month', false);
  v_ever := private.period_figures(get_user_metrics.target_user_id,
    array['1970-01-01 00:00:00+00', date_trunc('minute', now()) + interval '1 minute'], 'month', false);
  return private.user_usage(get_user_metrics.target_user_id, v_from, v_to) || jsonb_build_object(
    'user_id', get_user_metrics.target_user_id, 'from', v_from, 'to', v_to, 'time_zone', v_zone,
    'period', to_jsonb(v_now.totals) || jsonb_build_object('active_days', (
      select count(*) from jsonb_array_elements(v_now.parts) as part where (part ->> 'total_events')::integer > 0)),
    'comparison', jsonb_build_object('from', lower(v_before), 'to', upper(v_before),
      'metrics', (select jsonb_object_agg(key, private.change_of(value::numeric, (to_jsonb(v_then.totals) ->> key)::numeric))
                    from jsonb_each_text(to_jsonb(v_now.totals)))),
    'all_time', to_jsonb(v_ever.totals) - 'new_contacts' || jsonb_build_object('last_event_at', private.freshness_of(get_user_metrics.target_user_id) -> 'last_event_at'),
    'generated_at', now());
end;
$$;
comment on function public.get_user_metrics(uuid, timestamptz, timestamptz, text) is
  'Figures of one person for himself and for the admins and owners of his organisations: the period [starts_at, ends_at) beside the one before, all time, events by source, questions asked, memberships. No contact is named; others'' private contacts count nowhere. Defaults: the last 30 local days, the caller''s zone. Errors: not_authenticated (401), validation_failed, range_invalid, range_too_large (400), role_insufficient, scope_insufficient (403), user_not_found (404), read_not_recorded (409).';
revoke execute on function public.get_user_metrics(uuid, timestamptz, timestamptz, text) from public, anon;
grant execute on function public.get_user_metrics(uuid, timestamptz, timestamptz, text) to authenticated;
