-- Jobs: schedules, leases, retries, and what expires.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
select plan(54);

-- Schedules

select is(private.cron_field('*/20', 0, 59), '{0,20,40}', 'A step counts from the first value');
select is(private.cron_field('1-5/2,4,1', 0, 59), '{1,3,4,5}', 'Lists and ranges make one ordered set');
select is(private.cron_field('5/10', 0, 59), '{5,15,25,35,45,55}', 'A value with a step goes on to the end');
select is(private.cron_field(bad, 1, 31), null, format('%s is no day of a month', bad))
  from unnest(array['0', '32', '5-3', '*/0', 'mon', '', '1,', '-1', '1--2']) as bad;
select is(private.is_cron(bad), false, format('"%s" is no schedule', bad)) from unnest(array['* * * *', '* * * * * *', '60 * * * *', '@daily']) as bad;

select is(private.last_due('15 3 * * *', 'UTC', '2026-11-23 03:15:00+00'), '2026-11-23 03:15:00+00'::timestamptz, 'A job is due at its minute');
select is(private.last_due('15 3 * * *', 'UTC', '2026-11-23 03:14:59+00'), '2026-11-22 03:15:00+00'::timestamptz, 'Before it, the time of the day before counts');
select is(private.last_due('15 3 * * *', 'Asia/Kathmandu', '2026-11-23 00:00:00+00'), '2026-11-22 21:30:00+00'::timestamptz, 'The time is local, also where the hour has quarters');
select is(private.last_due('0 4 1 * 1', 'UTC', '2026-11-03 00:00:00+00'), '2026-11-02 04:00:00+00'::timestamptz, 'Day of month and weekday are either, where both are given');
select is(private.last_due('30 2 * * *', 'Europe/Berlin', '2026-03-29 12:00:00+00'), '2026-03-29 01:30:00+00'::timestamptz, 'A local time that is left out is due an hour later');
select is(private.last_due('0 0 29 2 *', 'UTC', '2026-11-23 00:00:00+00'), null, 'What was not due for a year is not due');

-- Runs

create table pg_temp.counted (n integer);
grant all on pg_temp.counted to public;
create function private.job_probe(deadline timestamptz) returns jsonb language plpgsql set search_path = '' as $$
begin
  insert into pg_temp.counted values (1);
  return jsonb_build_object('seen', 2, 'what', 'probe', 'more', (select count(*) < 3 from pg_temp.counted));
end $$;
create function private.job_broken(deadline timestamptz) returns jsonb language plpgsql set search_path = '' as $$
begin
  insert into pg_temp.counted values (9);
  raise exception 'a text with somebody''s number +4917012345' using errcode = 'XX123';
end $$;
delete from private.job_schedule;
insert into private.job_schedule (name, cron) values ('probe', '0 0 1 1 *'), ('broken', '0 0 1 1 *'), ('missing', '0 0 1 1 *');

select throws_ok($$select private.start_job_run('nothing; drop table public.events')$$, 'PT404', 'job_not_found', 'Only a job of the table runs');
select isnt(private.start_job_run('probe'), null, 'A job starts');
select is(private.start_job_run('probe'), null, 'Another run of it waits for nothing: it does not start');
select throws_ok($$insert into private.job_runs (job, attempt, deadline, expires_at) values ('probe', 1, now(), now())$$, '23505', null,
  'Two running rows of a job cannot be');
create function pg_temp.advance(job text) returns jsonb language sql as $$
  select private.advance_job_run((select id from private.job_runs as r where r.job = advance.job and r.state = 'running')) $$;
select is(pg_temp.advance('probe') ->> 'state', 'running', 'Work that is left keeps the run going');
select is(pg_temp.advance('probe') ->> 'state', 'running', 'A second slice');
select is(pg_temp.advance('probe'), '{"state": "done", "result": {"seen": 6, "what": "probe", "more": false}, "error_code": null, "error_at": null}',
  'The run is done when nothing is left, with the sum of its counts');
select throws_ok($$select private.advance_job_run((select id from private.job_runs where job = 'probe'))$$, 'PT409', 'job_run_over', 'A run that is over does not go on');

select lives_ok($$select private.start_job_run('probe')$$, 'Then the job may start again');
update private.job_runs set expires_at = now() - interval '1 second' where state = 'running';
select is(private.start_job_run('probe') ->> 'attempt', '2', 'A run whose lease ended is lost, and its work taken up in the next attempt');
select is((select count(*)::integer from private.job_runs where job = 'probe' and state = 'lost'), 1, 'The history says that it was lost');
select private.finish_job_run((select id from private.job_runs where state = 'running'), 'done', '{}', null);

truncate pg_temp.counted;
select private.start_job_run('broken');
select matches(pg_temp.advance('broken')::text, '"error_code": "XX123"', 'A job that fails says its code');
select is((select count(*)::integer from pg_temp.counted), 0, 'What a failed slice did is undone');
select is((select error_at from private.job_runs where job = 'broken'), 'private.job_broken(timestamp with time zone) line 4 at RAISE', 'and where it was is kept');
select is((select count(*)::integer from private.job_runs as r where r::text ~ '4917012345'), 0, 'The text of the error is kept nowhere');
select private.start_job_run('missing');
select is(pg_temp.advance('missing') ->> 'error_code', 'job_function_missing', 'A job without its function fails its run, and says why');

-- Due, retried, given up

create function pg_temp.due() returns text[] language sql as $$ select array(select name from private.notice_due_jobs()) $$;
select is(pg_temp.due(), '{}', 'A failed job is not repeated at once');
update private.job_runs set finished_at = finished_at - interval '40 seconds' where job = 'broken';
select is(pg_temp.due(), '{}', 'nor before a minute is over');
update private.job_runs set finished_at = finished_at - interval '40 seconds' where job = 'broken';
select is(pg_temp.due(), '{broken}', 'It is repeated after a minute');
select is(array(select private.retry_delay(n) from generate_series(1, 5) as n),
  '{00:01:00,00:04:00,00:16:00,01:04:00,01:04:00}'::interval[], 'Each attempt waits longer');
do $$ begin for i in 2 .. 4 loop perform private.start_job_run('broken'); perform pg_temp.advance('broken'); end loop; end $$;
update private.job_runs set finished_at = finished_at - interval '1 day', started_at = started_at - interval '1 day' where job = 'broken';
select is(pg_temp.due(), '{}', 'After the last attempt it waits for its schedule');
select results_eq($$select kind, dedup_key, details ->> 'error_code', count from public.alerts$$,
  $$values ('job_failed', 'broken', 'XX123', 1)$$, 'and one alert is raised');
select private.start_job_run('broken');
select private.finish_job_run((select id from private.job_runs where state = 'running'), 'done', '{}', null);
select isnt_empty($$select from public.alerts where kind = 'job_failed' and resolved_at is not null$$, 'A run that is done ends it');

alter table private.job_schedule disable trigger job_schedule_set_updated_at;
update private.job_schedule set cron = '* * * * *', updated_at = now() - interval '1 hour' where name = 'probe';
delete from private.job_runs where job = 'probe';
select is(pg_temp.due(), '{probe}', 'A job that never ran is due by its schedule');
update private.job_schedule set enabled = false where name = 'probe';
select is(pg_temp.due(), '{}', 'A disabled job never is');
update private.job_schedule set enabled = true, cron = to_char(now() - interval '20 minutes', 'FMMI FMHH24') || ' * * *' where name = 'probe';
select pg_temp.due();
select pg_temp.due();
select results_eq($$select dedup_key, count from public.alerts where kind = 'job_missed'$$, $$values ('probe', 2)$$,
  'What should have run ten minutes ago and more becomes one alert, however often it is noticed');
insert into private.job_runs (job, attempt, state, started_at, deadline, expires_at, finished_at, result)
values ('missing', 1, 'done', clock_timestamp(), now(), now(), now(), '{"more": true}');
select ok('missing' = any (pg_temp.due()), 'A job with work left goes on in the next minute');

-- Who may

select is(has_function_privilege(role, 'public.' || name, 'execute'), false, format('%s can not call %s', role, name))
  from unnest(array['anon', 'authenticated']) as role, unnest(array['start_job_run(text)', 'get_jobs()']) as name;
select throws_ok($$select private.install_job_schedules()$$, 'P0001', 'Cannot install the schedules: this database has no pg_cron',
  'Without pg_cron the installation says so');

select * from finish();
rollback;
