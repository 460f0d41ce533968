-- Health, metrics, slow statements, alerts of the operator, and a member's figures for his admins.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(69);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;

-- One check of the health. The schedule is as it is a moment after the installation, however old the template is; what
-- others do on the same server counts for nothing.
update private.job_schedule set enabled = enabled;
update private.health_thresholds set warn_at = null, fail_at = null where area in ('server', 'replication');
create function pg_temp.check_of(area text, name text) returns jsonb language sql as $$
  select c.value from jsonb_array_elements(private.system_health(array[check_of.area])) as c where c.value ->> 'name' = check_of.name
$$;
create function pg_temp.told(area text, name text) returns text language sql as $$
  select (c ->> 'status') || ' ' || (c ->> 'value') from pg_temp.check_of(told.area, told.name) as c
$$;

-- Who may ask

select is_empty($$
  select role || ' ' || fn from unnest(array['anon', 'authenticated']) as role
    cross join unnest(array['public.get_system_health()', 'public.get_system_metrics()', 'private.system_health(text[])', 'private.system_metrics()',
      'private.job_health_alerts(timestamptz)', 'private.job_query_stats(timestamptz)', 'private.statement_figures()', 'private.schema_version()']) as fn
   where has_function_privilege(role::name, fn, 'execute')$$, 'Nobody but the operator may ask for health or metrics');
create function pg_temp.as_service(query text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform set_config('role', 'service_role', true);
  execute as_service.query into v_answer;
  perform set_config('role', 'none', true);
  return v_answer;
end;
$$;
select isnt(pg_temp.as_service($$select public.get_system_health() -> 'checks' -> 0$$), null, 'The secret key asks for the health');
select isnt(pg_temp.as_service($$select public.get_system_metrics() -> 0$$), null, 'The secret key asks for the metrics');

-- Health

select is_empty($$
  select m.name from (
    select name from private.measure_server() union all select name from private.measure_replication() union all select name from private.measure_queues()
    union all select name from private.measure_jobs() union all select name from private.measure_rollups() union all select name from private.measure_statements()
    union all select name from private.measure_storage()) as m
   where m.name not in (select t.name from private.health_thresholds as t)$$, 'Every measure has thresholds');
select is_empty($$
  select c.value from jsonb_array_elements(public.get_system_health() -> 'checks') as c
   where not c.value ?& array['name', 'area', 'status', 'value', 'unit', 'warn_at', 'fail_at', 'says', 'details']
      or c.value ->> 'status' not in ('ok', 'warn', 'fail')$$, 'Every check has a status, a value and its thresholds');
select is((public.get_system_health() ->> 'server_version'), current_setting('server_version'), 'The health tells the server''s version');

select is(pg_temp.told('queues', 'embedding_queue'), 'ok 0', 'An empty queue is fine');
update private.health_thresholds set warn_at = 0, fail_at = 1 where name = 'embedding_queue';
select is(pg_temp.told('queues', 'embedding_queue'), 'warn 0', 'A value at the first threshold is a warning');
update private.health_thresholds set warn_at = null, fail_at = 0 where name = 'embedding_queue';
select is(pg_temp.told('queues', 'embedding_queue'), 'fail 0', 'A value at the second threshold is a failure, with or without the first');
update private.health_thresholds set warn_at = null, fail_at = null where name = 'embedding_queue';
select is(pg_temp.told('queues', 'embedding_queue'), 'ok 0', 'Without thresholds nothing is wrong');
select throws_ok($$update private.health_thresholds set warn_at = 2, fail_at = 1 where name = 'embedding_queue'$$, '23514', null, 'A failure is not before its warning');

insert into auth.users (id, email) select pg_temp.id(name), name || '@monitoring.test'
  from unnest(array['owner', 'admin', 'analyst', 'member', 'viewer', 'elsewhere', 'alone']) as name;
insert into public.nlq_queries (user_id, id, question, normalized, local_date, time_zone, planner, planner_version, data_version, is_follow_up, cache)
select pg_temp.id('member'), pg_temp.id('q' || i), 'calls', 'calls', '2026-05-01', 'UTC', 'built_in', '1', 0, false, 'miss' from generate_series(1, 3) as i;
insert into private.embedding_queue (user_id, query_id, attempts, next_attempt_at) values
  (pg_temp.id('member'), pg_temp.id('q1'), 0, now() - interval '1 hour'),
  (pg_temp.id('member'), pg_temp.id('q2'), 1, now() + interval '1 hour'),
  (pg_temp.id('member'), pg_temp.id('q3'), 5, now() - interval '9 hours');
select is(pg_temp.told('queues', 'embedding_queue'), 'ok 2', 'The queue counts what waits');
select is(pg_temp.check_of('queues', 'embedding_queue') -> 'details', '{"given_up": 1}', 'What was given up is told beside');
select is(pg_temp.told('queues', 'embedding_queue_age'), 'warn 3600', 'The age of a queue is how long the next is overdue');

select is(pg_temp.told('queues', 'stuck_imports'), 'ok 0', 'No import is stuck');
insert into public.imports (user_id, state, updated_at) values
  (pg_temp.id('member'), 'running', now() - interval '2 hours'), (pg_temp.id('member'), 'running', now()), (pg_temp.id('member'), 'open', now() - interval '2 days');
select is(pg_temp.told('queues', 'stuck_imports'), 'warn 1', 'An import that runs and has not moved for an hour is stuck');

insert into private.webhooks (id, owner_id, url, types, enabled) values
  (pg_temp.id('hook'), pg_temp.id('member'), 'https://hooks.test/', '{alert.raised}', true),
  (pg_temp.id('off'), pg_temp.id('member'), 'https://off.test/', '{alert.raised}', false);
insert into private.webhook_messages (webhook_id, type, data, state, next_attempt_at, finished_at) values
  (pg_temp.id('hook'), 'alert.raised', '{}', 'pending', now() - interval '20 minutes', null),
  (pg_temp.id('hook'), 'alert.raised', '{}', 'dead', now(), now()),
  (pg_temp.id('off'), 'alert.raised', '{}', 'pending', now() - interval '9 hours', null);
select is(pg_temp.told('queues', 'webhook_queue'), 'ok 1', 'Messages of a webhook that is switched off do not wait');
select is(pg_temp.told('queues', 'webhook_queue_age'), 'warn 1200', 'A message that is overdue is a warning');
select is(pg_temp.check_of('queues', 'webhook_queue') -> 'details', '{"given_up_today": 1}', 'Dead messages are told');

-- Jobs

select is(pg_temp.told('jobs', 'jobs_failing'), 'ok 0', 'No job has failed');
select is(pg_temp.told('jobs', 'jobs_late'), 'ok 0', 'A job that was never due is not late');
insert into private.job_runs (job, state, attempt, deadline, expires_at, started_at, finished_at, error_code) values
  ('seal_audit', 'failed', 1, now(), now(), now() - interval '3 minutes', now() - interval '2 minutes', '23505'),
  ('seal_audit', 'done', 1, now(), now(), now() - interval '1 minute', now(), null),
  ('exports', 'done', 1, now(), now(), now() - interval '3 minutes', now() - interval '2 minutes', null),
  ('exports', 'failed', 1, now(), now(), now() - interval '1 minute', now(), '40001');
select is(pg_temp.told('jobs', 'jobs_failing'), 'warn 1', 'The last run of a job counts, not an earlier one');
select is(
  (select jsonb_path_query_first(pg_temp.check_of('jobs', 'jobs_failing'), '$.details.last_runs[*] ? (@.job == "exports")') - '{started_at}'::text[]),
  '{"job": "exports", "state": "failed", "seconds": 60.00, "error_code": "40001"}', 'The last run of each job is told');
update private.job_schedule set enabled = false where name = 'exports';
select is(pg_temp.told('jobs', 'jobs_failing'), 'ok 0', 'A job that is switched off does not fail');
insert into private.job_schedule (name, cron, created_at, updated_at) values ('late_one', '* * * * *', now() - interval '1 day', now() - interval '1 day');
select is(pg_temp.told('jobs', 'jobs_late'), 'ok 0', 'A job that is due this minute is not late');
update private.health_thresholds set warn_at = 1 where name = 'jobs_late';
insert into private.job_schedule (name, cron, created_at, updated_at) values
  ('forgotten', format('%s %s * * *', extract(minute from now() - interval '15 minutes'), extract(hour from now() - interval '15 minutes')),
   now() - interval '1 day', now() - interval '1 day');
select is(pg_temp.told('jobs', 'jobs_late'), 'warn 1', 'A job that is ten minutes past its time is late');
select is(pg_temp.check_of('jobs', 'jobs_late') -> 'details', '{"jobs": ["forgotten"]}', 'The late job is named');
delete from private.job_schedule where name in ('late_one', 'forgotten');

-- Roll-ups

-- However slow the machine is.
set local phonelog.drift_budget = '1 minute';

select is(pg_temp.told('rollups', 'rollup_drift'), 'ok 0', 'Roll-ups without events are right');
insert into public.contacts (user_id, id, name) values (pg_temp.id('member'), pg_temp.id('friend'), 'Friend'), (pg_temp.id('member'), pg_temp.id('doctor'), 'Doctor');
insert into public.privacy_rules (user_id, contact_id, visibility) values (pg_temp.id('member'), pg_temp.id('doctor'), 'private');
insert into public.events (user_id, ts, number, contact_id, type, direction, status, duration, source, sources, fingerprint)
select pg_temp.id('member'), e.ts::timestamptz, '#' || e.contact, pg_temp.id(e.contact), e.type, e.direction, e.status, e.duration, e.source, array[e.source], gen_random_uuid()
  from (values ('2026-05-01 10:00', 'friend', 'call', 'inbound', 'answered', 60, 'device'), ('2026-05-01 11:00', 'friend', 'call', 'inbound', 'missed', 0, 'device'),
    ('2026-05-02 12:00', 'friend', 'sms', 'outbound', 'sent', null, 'backup'), ('2026-05-03 13:00', 'doctor', 'call', 'outbound', 'answered', 600, 'carrier'),
    ('2026-04-20 12:00', 'friend', 'sms', 'inbound', 'received', null, 'backup')) as e (ts, contact, type, direction, status, duration, source);
select is(pg_temp.told('rollups', 'rollup_drift'), 'ok 0', 'Roll-ups that the events'' triggers keep are right');
select is((pg_temp.check_of('rollups', 'rollup_drift') -> 'details' ->> 'owners_looked_at')::integer,
  (select count(*)::integer from public.profiles), 'With few persons all are looked at');
update private.activity set missed = missed + 1 where user_id = pg_temp.id('member') and grain = 'day' and bucket = '2026-05-01';
select is(pg_temp.told('rollups', 'rollup_drift'), 'fail 2', 'A changed row and the true one are two rows that differ');
update private.activity set missed = missed - 1 where user_id = pg_temp.id('member') and grain = 'day' and bucket = '2026-05-01';
select is(pg_temp.told('rollups', 'rollup_drift'), 'ok 0', 'Set right, nothing differs');

-- An area that can not be measured

alter table private.embedding_queue rename to elsewhere;
select is((select jsonb_agg(c.value - '{says}'::text[]) from jsonb_array_elements(private.system_health('{queues,storage}')) as c where c.value ->> 'area' = 'queues'),
  '[{"name": "queues", "area": "queues", "status": "fail", "value": null, "unit": null, "warn_at": null, "fail_at": null, "details": {"error_code": "42P01"}}]',
  'An area that can not be measured is a failed check with the SQLSTATE');
select matches(pg_temp.told('storage', 'database_size'), '^ok \d+$', 'The other areas are measured all the same');
alter table private.elsewhere rename to embedding_queue;

-- Slow statements

select is((private.job_query_stats(now()) ->> 'statements')::integer > 0, (select count(*) > 0 from private.statement_figures()),
  'A snapshot has the statements that the server knows');
select is(private.job_query_stats(now()) ->> 'statements', '0', 'A second snapshot within the minute keeps nothing');
select is_empty($$select query from private.query_stats where query !~* '^\s*(/\*.*?\*/\s*)*(with|select|insert|update|delete|merge)\M'$$,
  'Statements in which values stand in full are not kept');
create or replace function private.statement_figures() returns setof private.statement_figures language sql stable set search_path = '' as $$
  values (1::bigint, 'select one', 11::bigint, 5100::double precision, 5000::double precision, 11::bigint, 0::bigint),
    (2, 'select two', 5, 50, 20, 5, 0), (3, 'select three', 100, 900000, 9000, 100, 0), (4, 'select four', 2, 30, 20, 2, 0),
    (5, 'select * from "public"."advance_job_run"("run_id" => $1)', 3, 60000, 20000, 3, 0)
$$;
delete from private.query_stats;
insert into private.query_stats (taken_at, query_id, query, calls, total_ms, max_ms, rows, blocks_read) values
  (now() - interval '6 minutes', 1, 'select one', 10, 100, 20, 10, 0), (now() - interval '6 minutes', 2, 'select two', 100, 9000, 90, 100, 0),
  (now() - interval '6 minutes', 3, 'select three', 100, 900000, 9000, 100, 0), (now() - interval '1 minute', 1, 'select one', 11, 5100, 5000, 11, 0);
select is(pg_temp.told('statements', 'slow_statements'), 'warn 5000', 'The slowest statement goes by its mean since the last snapshot that is five minutes old');
select is((select jsonb_agg(jsonb_build_array(s ->> 'query', s -> 'calls', s -> 'mean_ms'))
    from jsonb_array_elements(pg_temp.check_of('statements', 'slow_statements') -> 'details' -> 'slowest') as s),
  '[["select one", 1, 5000.00], ["select four", 2, 15.00], ["select two", 5, 10.00]]',
  'What was not called since is left out, and jobs, which take their time; after a reset and for new ones the figures are as they stand');
create or replace function private.statement_figures() returns setof private.statement_figures language sql stable set search_path = '' as
  'select null::bigint, null::text, null::bigint, null::double precision, null::double precision, null::bigint, null::bigint where false';
select is(pg_temp.check_of('statements', 'slow_statements'), null, 'Without pg_stat_statements there is no such check');

-- Alerts: once

update private.health_thresholds set warn_at = 0, fail_at = null where name = 'lock_waits';
select is(private.job_health_alerts(now() + interval '1 minute') - 'open', '{"raised": 4}', 'Each check that is not ok raises an alert');
select is(private.job_health_alerts(now() + interval '1 minute') - 'open', '{"raised": 0}', 'The second time nothing is raised');
select results_eq($$select dedup_key, severity, count, owner_id is null and organization_id is null from public.alerts where kind = 'health' and resolved_at is null order by 1$$,
  $$values ('embedding_queue_age', 'warning', 2, true), ('lock_waits', 'warning', 2, true), ('stuck_imports', 'warning', 2, true), ('webhook_queue_age', 'warning', 2, true)$$, 'There is one open alert for each, for the operator');
select is((select title from public.alerts where dedup_key = 'embedding_queue_age'), 'For how long the next one is overdue: 3600 seconds', 'The alert says what was measured');
update private.health_thresholds set warn_at = 5 where name = 'lock_waits';
select is(private.job_health_alerts(now() + interval '1 minute'), '{"raised": 0, "open": 3}', 'A check that is ok again is no longer open');
select is((select count(*) from public.alerts where dedup_key = 'lock_waits' and resolved_at is not null), 1::bigint, 'Its alert is resolved');
update private.health_thresholds set warn_at = 0 where name = 'lock_waits';
select is(private.job_health_alerts(now() + interval '1 minute') - 'open', '{"raised": 1}', 'When it comes back, it is a new alert');

-- Metrics

create temporary table family as select m.value ->> 'name' as name, m.value ->> 'type' as type, m.value -> 'samples' as samples
  from jsonb_array_elements(public.get_system_metrics()) as m;
select is_empty($$select name from family group by name having count(*) > 1$$, 'No metric comes twice');
select is_empty($$select name from family where name !~ '^phonelog_[a-z_]+$' or type not in ('counter', 'gauge') or (type = 'counter') <> (name ~ '_total$')$$,
  'Metrics are named as Prometheus has it');
select is_empty($$select name, s from family cross join jsonb_array_elements(samples) as s where jsonb_typeof(s -> 'value') <> 'number' or jsonb_typeof(s -> 'labels') <> 'object'$$,
  'Every value is a number');
select is((select samples -> 0 ->> 'value' from family where name = 'phonelog_users'), (select count(*)::text from public.profiles), 'Users are counted');
select is((select jsonb_object_agg(s -> 'labels' ->> 'state', s -> 'value') from family cross join jsonb_array_elements(samples) as s
    where name = 'phonelog_job_last_run' and s -> 'labels' ->> 'job' = 'seal_audit'),
  '{"running": 0, "done": 1, "failed": 0, "lost": 0}', 'A job''s last run is in one state');
select is((select jsonb_object_agg(s -> 'labels' ->> 'severity', s -> 'value') from family cross join jsonb_array_elements(samples) as s where name = 'phonelog_alerts_open') -> 'warning',
  to_jsonb((select count(*) from public.alerts where severity = 'warning' and resolved_at is null)), 'Open alerts are counted');
select is((select s -> 'value' from family cross join jsonb_array_elements(samples) as s where name = 'phonelog_health_status' and s -> 'labels' ->> 'check' = 'embedding_queue_age'),
  '1', 'Checks are metrics, too');

-- Traces

select set_config('request.headers', '{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}', true);
select private.trace_request();
select is(current_setting('application_name'), 'phonelog 4bf92f3577b34da6a3ce929d0e0e4736', 'A transaction can be named after its request''s trace');
select set_config('application_name', 'plain', true), set_config('request.headers', '{"traceparent": "nonsense"}', true);
select private.trace_request();
select is(current_setting('application_name'), 'plain', 'What is no trace names nothing');
select set_config('request.headers', '', true);

-- A member's figures

insert into public.organizations (id, name) values (pg_temp.id('org'), 'One'), (pg_temp.id('other'), 'Other');
insert into public.org_members (organization_id, user_id, role) select pg_temp.id('org'), pg_temp.id(role), role from unnest(array['owner', 'admin', 'analyst', 'member', 'viewer']) as role;
insert into public.org_members (organization_id, user_id, role) values (pg_temp.id('other'), pg_temp.id('elsewhere'), 'owner'), (pg_temp.id('other'), pg_temp.id('analyst'), 'admin');
update public.nlq_queries set asked_at = '2026-05-01 12:00' where user_id = pg_temp.id('member') and id <> pg_temp.id('q3');

create function pg_temp.figures(who text, arguments text default 'starts_at => ''2026-05-01'', ends_at => ''2026-05-08''') returns jsonb language plpgsql as $$
declare
  v_answer jsonb;
begin
  perform set_config('request.jwt.claims', case who when 'nobody' then '{}' else jsonb_build_object('sub', pg_temp.id(who))::text end, true);
  perform set_config('role', 'authenticated', true);
  execute format('select public.get_user_metrics(%L, %s)', pg_temp.id('member'), arguments) into v_answer;
  perform set_config('role', 'none', true);
  return v_answer;
end;
$$;
select is(pg_temp.figures('admin') -> 'period',
  '{"total_events": 3, "total_calls": 2, "total_sms": 1, "inbound": 2, "outbound": 1, "answered_calls": 1, "missed_calls": 1, "unique_contacts": 1, "new_contacts": 0,
    "total_call_duration_minutes": 1.00, "avg_call_duration_minutes": 1.00, "median_call_duration_minutes": 1.00, "active_days": 2}',
  'An admin sees a member''s figures, private contacts left out');
select is(pg_temp.figures('owner') - 'memberships' - 'generated_at', pg_temp.figures('admin') - 'memberships' - 'generated_at', 'An owner sees the same');
select is(pg_temp.figures('admin') -> 'sources', '{"backup": 2, "device": 2}', 'Sources are of all time, without what came with private contacts');
select is(pg_temp.figures('admin') -> 'all_time' ->> 'total_events' || ' ' || (pg_temp.figures('admin') -> 'all_time' ->> 'last_event_at'),
  '4 2026-05-02T12:00:00+00:00', 'All time goes up to the last event that is not private');
select is(pg_temp.figures('admin') ->> 'questions', '2', 'Questions of the period are counted');
select is(pg_temp.figures('member') -> 'sources', '{"backup": 2, "carrier": 1, "device": 2}', 'One''s own figures are whole');
select is(jsonb_array_length(pg_temp.figures('admin') -> 'memberships'), 1, 'Memberships are those that the caller administers');
select throws_ok(format('select pg_temp.figures(%L)', who), code, message, who || ' may not')
  from (values ('analyst', 'PT403', 'role_insufficient'), ('viewer', 'PT403', 'role_insufficient'), ('elsewhere', 'PT404', 'user_not_found'),
    ('alone', 'PT404', 'user_not_found'), ('nobody', 'PT401', 'not_authenticated')) as t (who, code, message);
select throws_ok($$select pg_temp.figures('admin', 'time_zone => ''Nowhere''')$$, 'PT400', 'validation_failed', 'A zone has to exist');

select * from finish();
rollback;
