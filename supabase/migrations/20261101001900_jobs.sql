-- Jobs: what runs by itself. One table says what and when; each run has a row with a lease, so that a job runs once at a
-- time, through poolers too, and one whose process died is taken up again. Whoever ticks (pg_cron, the local scheduler) asks
-- once a minute which jobs are due: the schedule, zones, retries and what was missed are decided here and nowhere else.

create function private.cron_field(field text, lowest integer, highest integer)
returns integer[]
language plpgsql immutable parallel safe
set search_path = ''
as $$
declare
  v_values integer[] := array[]::integer[];
  v_part text;
  v_match text[];
  v_first integer;
  v_last integer;
  v_step integer;
begin
  foreach v_part in array string_to_array(cron_field.field, ',') loop
    v_match := regexp_match(v_part, '^(?:(\*)|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?$');
    if v_match is null then
      return null;
    end if;
    v_first := coalesce(v_match[2]::integer, cron_field.lowest);
    v_last := case when v_match[1] is not null then cron_field.highest
      when v_match[3] is not null then v_match[3]::integer
      when v_match[4] is not null then cron_field.highest else v_first end;
    v_step := coalesce(v_match[4]::integer, 1);
    if v_first < cron_field.lowest or v_last > cron_field.highest or v_first > v_last or v_step < 1 then
      return null;
    end if;
    v_values := v_values || array(select generate_series(v_first, v_last, v_step));
  end loop;
  return nullif(array(select distinct value from unnest(v_values) as value order by value), '{}');
end;
$$;
comment on function private.cron_field(text, integer, integer) is
  'The values of one field of a cron expression (*, 5, 1-5, */10, 1-30/2, lists of these), in order; null when it is none.';

create function private.is_cron(cron text)
returns boolean
language sql immutable parallel safe
set search_path = ''
as $$
  select cardinality(part) = 5
     and private.cron_field(part[1], 0, 59) is not null and private.cron_field(part[2], 0, 23) is not null
     and private.cron_field(part[3], 1, 31) is not null and private.cron_field(part[4], 1, 12) is not null
     and private.cron_field(part[5], 0, 7) is not null
    from string_to_array(is_cron.cron, ' ') as part
$$;
comment on function private.is_cron(text) is
  'True for a cron expression of five fields as crontab(5) has it: minute, hour, day of month, month, day of week (0 and 7 are Sunday), without names.';

create table private.job_schedule (
  name text primary key check (name ~ '^[a-z][a-z_]{0,49}$'),
  kind text not null default 'sql' check (kind in ('sql', 'function')),
  cron text not null check (private.is_cron(cron)),
  time_zone text not null default 'UTC' check (private.is_time_zone(time_zone)),
  enabled boolean not null default true,
  timeout interval not null default '60 seconds' check (timeout between interval '1 second' and interval '140 seconds'),
  max_attempts integer not null default 4 check (max_attempts between 1 and 20),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table private.job_schedule is
  'What runs and when. kind sql: private.job_NAME(deadline) returns jsonb; kind function: functions/jobs/NAME.ts. A change counts from when it is made: times before it are not made up for.';
comment on column private.job_schedule.timeout is 'How long a run may go on with work that is left; below the 150 seconds that the platform gives a request.';
comment on column private.job_schedule.max_attempts is 'After so many failed attempts in a row an alert is raised, and the next scheduled time is waited for.';
create trigger job_schedule_set_updated_at before update on private.job_schedule
  for each row execute function private.set_updated_at();

create table private.job_runs (
  id uuid primary key default private.uuid_v7(),
  job text not null references private.job_schedule (name) on update cascade on delete cascade,
  state text not null default 'running' check (state in ('running', 'done', 'failed', 'lost')),
  attempt integer not null check (attempt > 0),
  started_at timestamptz not null default clock_timestamp(),
  deadline timestamptz not null,
  expires_at timestamptz not null,
  finished_at timestamptz,
  result jsonb not null default '{}' check (jsonb_typeof(result) = 'object'),
  error_code text check (char_length(error_code) <= 100),
  error_at text check (char_length(error_at) <= 200),
  constraint job_runs_finished check ((state = 'running') = (finished_at is null))
);
-- Half of "once at a time"; the other half is the lease, without which a killed run would stop its job for ever.
create unique index job_runs_running_idx on private.job_runs (job) where state = 'running';
create index job_runs_job_idx on private.job_runs (job, started_at desc, id desc);
comment on table private.job_runs is 'History of the jobs. lost: the lease ended and nobody had finished the run.';
comment on column private.job_runs.expires_at is 'The lease: a run that is not finished then, and that nobody is working at, counts as lost.';
comment on column private.job_runs.result is 'What the job counted, summed over its slices; more: work was left.';
comment on column private.job_runs.error_code is 'SQLSTATE or a code of ours. Never the error''s text, which may hold somebody''s data.';
comment on column private.job_runs.error_at is 'Where in the SQL it failed.';

create function private.last_due(cron text, time_zone text, moment timestamptz)
returns timestamptz
language sql stable
set search_path = ''
as $$
  with field as materialized (
    select private.cron_field(part[1], 0, 59) as minutes, private.cron_field(part[2], 0, 23) as hours,
      private.cron_field(part[3], 1, 31) as days, private.cron_field(part[4], 1, 12) as months,
      array(select w % 7 from unnest(private.cron_field(part[5], 0, 7)) as w) as weekdays,
      part[3] <> '*' and part[5] <> '*' as is_either
    from string_to_array(last_due.cron, ' ') as part
  ),
  -- Two days are enough: when the times of the last one are still to come, those of the one before are over.
  day as materialized (
    select calendar.day, f.hours, f.minutes
      from field as f
      cross join lateral (select (last_due.moment at time zone last_due.time_zone)::date - back as day from generate_series(0, 366) as back) as calendar
     where extract(month from calendar.day)::integer = any (f.months)
       and case when f.is_either
         then extract(day from calendar.day)::integer = any (f.days) or extract(dow from calendar.day)::integer = any (f.weekdays)
         else extract(day from calendar.day)::integer = any (f.days) and extract(dow from calendar.day)::integer = any (f.weekdays) end
     order by calendar.day desc limit 2
  )
  select max(due.at)
    from day
    cross join lateral (select (day.day + make_time(h, m, 0)) at time zone last_due.time_zone as at from unnest(day.hours) as h cross join unnest(day.minutes) as m) as due
   where due.at <= last_due.moment
$$;
comment on function private.last_due(text, text, timestamptz) is
  'When a job with this schedule was last due, up to and with the moment; null when that is more than a year ago. A local time that a change of the clocks leaves out is due an hour later; one that comes twice, the second time.';

create function private.retry_delay(attempt integer)
returns interval
language sql immutable parallel safe
set search_path = ''
as $$
  select make_interval(mins => 1 << least(2 * (retry_delay.attempt - 1), 6))
$$;
comment on function private.retry_delay(integer) is 'How long after a failed attempt the next one may come: 1, 4, 16, then 64 minutes.';

create function private.notice_due_jobs()
returns table (name text, kind text, timeout interval)
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_job record;
begin
  for v_job in
    select s.name, s.kind, s.timeout, due.at as due_at, due.is_scheduled
      from private.job_schedule as s
      left join lateral (
        select r.* from private.job_runs as r where r.job = s.name order by r.started_at desc, r.id desc limit 1) as last on true
      cross join lateral (
        select at, at > greatest(last.started_at, s.updated_at) as is_scheduled from private.last_due(s.cron, s.time_zone, now()) as at) as due
     where s.enabled
       and case coalesce(last.state, 'none')
         when 'running' then last.expires_at < now()
         when 'none' then due.is_scheduled
         when 'done' then due.is_scheduled or coalesce((last.result ->> 'more')::boolean, false)
         else due.is_scheduled or (last.attempt < s.max_attempts and last.finished_at + private.retry_delay(last.attempt) <= now()) end
     order by s.name
  loop
    if v_job.is_scheduled and v_job.due_at < now() - interval '10 minutes' then
      perform private.raise_alert(null, null, 'job_missed', 'warning', v_job.name, format('The job %s did not run when it was due', v_job.name),
        jsonb_build_object('job', v_job.name), v_job.due_at);
    end if;
    name := v_job.name;
    kind := v_job.kind;
    timeout := v_job.timeout;
    return next;
  end loop;
end;
$$;
comment on function private.notice_due_jobs() is
  'The jobs to start now: by schedule, because work was left, because a failed attempt is to be repeated, or because a run was lost. What should have run ten minutes ago becomes an alert. Ask once a minute.';

create function private.close_job_run(run_id uuid, state text, result jsonb, error_code text, error_at text)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_run private.job_runs;
begin
  update private.job_runs as r set
      state = close_job_run.state, finished_at = clock_timestamp(), result = close_job_run.result,
      error_code = left(close_job_run.error_code, 100), error_at = left(close_job_run.error_at, 200)
   where r.id = close_job_run.run_id
  returning * into v_run;
  if v_run.state = 'done' then
    perform private.resolve_alert(null, null, kind, v_run.job) from unnest(array['job_failed', 'job_missed']) as kind;
  elsif v_run.attempt >= (select s.max_attempts from private.job_schedule as s where s.name = v_run.job) then
    perform private.raise_alert(null, null, 'job_failed', 'error', v_run.job,
      format('The job %s failed %s times in a row', v_run.job, v_run.attempt),
      jsonb_build_object('job', v_run.job, 'run_id', v_run.id, 'error_code', v_run.error_code, 'error_at', v_run.error_at), v_run.finished_at);
  end if;
end;
$$;
comment on function private.close_job_run(uuid, text, jsonb, text, text) is 'Ends a run; its last attempt, when failed, becomes an alert, and a run that is done ends the job''s alerts.';

create function private.start_job_run(name text)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_job private.job_schedule;
  v_last private.job_runs;
  v_run private.job_runs;
begin
  -- Whoever starts this job waits here for whoever does so at the same time.
  select * into v_job from private.job_schedule as s where s.name = start_job_run.name for update;
  if not found then
    raise exception using errcode = 'PT404', message = 'job_not_found', detail = 'No such job in private.job_schedule';
  end if;
  select * into v_last from private.job_runs as r where r.job = v_job.name order by r.started_at desc, r.id desc limit 1;
  if v_last.state = 'running' then
    -- A slice that takes longer than the lease holds the row, and so is not lost.
    perform from private.job_runs as r
      where r.id = v_last.id and r.state = 'running' and r.expires_at < clock_timestamp() for update skip locked;
    if not found then
      return null;
    end if;
    perform private.close_job_run(v_last.id, 'lost', v_last.result, 'lost', null);
    v_last.state := 'lost';
  end if;
  insert into private.job_runs (job, attempt, deadline, expires_at)
  values (v_job.name,
    case when v_last.state in ('failed', 'lost') and v_last.attempt < v_job.max_attempts
           and not coalesce(private.last_due(v_job.cron, v_job.time_zone, now()) > greatest(v_last.started_at, v_job.updated_at), false)
      then v_last.attempt + 1 else 1 end,
    clock_timestamp() + v_job.timeout, clock_timestamp() + v_job.timeout + interval '30 seconds')
  returning * into v_run;
  return jsonb_build_object('run_id', v_run.id, 'kind', v_job.kind, 'attempt', v_run.attempt,
    'seconds', extract(epoch from v_job.timeout));
end;
$$;
comment on function private.start_job_run(text) is
  'Begins a run: {run_id, kind, attempt, seconds it may take}; null while another one of the job goes on. Errors: job_not_found (404).';
grant execute on function private.start_job_run(text) to service_role;

create function private.add_counts(counts jsonb, more_counts jsonb)
returns jsonb
language sql immutable
set search_path = ''
as $$
  select add_counts.counts || coalesce((
    select jsonb_object_agg(key, case when jsonb_typeof(value) = 'number' and jsonb_typeof(add_counts.counts -> key) = 'number'
        then to_jsonb((add_counts.counts ->> key)::numeric + value::text::numeric) else value end)
      from jsonb_each(add_counts.more_counts)), '{}')
$$;
comment on function private.add_counts(jsonb, jsonb) is 'Two results of a job in one: numbers are added, of anything else the later stays.';

-- A slice is a transaction of its own: what it did and that it did it are kept together, or neither.
create function private.advance_job_run(run_id uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  c_slice constant interval := interval '2 seconds';
  c_lease constant interval := interval '60 seconds';
  v_run private.job_runs;
  v_slice jsonb;
  v_code text;
  v_at text;
begin
  select * into v_run from private.job_runs as r where r.id = advance_job_run.run_id and r.state = 'running' for update skip locked;
  if not found then
    raise exception using errcode = 'PT409', message = 'job_run_over', detail = 'This run is over, or in other hands';
  end if;
  if to_regprocedure(format('private.%I(timestamptz)', 'job_' || v_run.job)) is null then
    v_code := 'job_function_missing';
  else
    begin
      execute format('select private.%I($1)', 'job_' || v_run.job) into v_slice using least(v_run.deadline, clock_timestamp() + c_slice);
      v_run.result := private.add_counts(v_run.result - 'more', coalesce(v_slice, '{}'));
    exception when others then
      get stacked diagnostics v_code = returned_sqlstate, v_at = pg_exception_context;
      v_at := substring(v_at from 'function ([^\n]*)');
    end;
  end if;
  if v_code is not null then
    perform private.close_job_run(v_run.id, 'failed', v_run.result, v_code, v_at);
    v_run.state := 'failed';
  elsif coalesce((v_run.result ->> 'more')::boolean, false) and clock_timestamp() < v_run.deadline then
    update private.job_runs as r set result = v_run.result, expires_at = clock_timestamp() + c_lease where r.id = v_run.id;
  else
    perform private.close_job_run(v_run.id, 'done', v_run.result, null, null);
    v_run.state := 'done';
  end if;
  return jsonb_build_object('state', v_run.state, 'result', v_run.result, 'error_code', v_code, 'error_at', v_at);
end;
$$;
comment on function private.advance_job_run(uuid) is
  'Runs one slice (2 seconds, then the job stops at its next step) of an SQL job: {state running|done|failed, result, error_code, error_at}. Call it until the state is not running. Errors: job_run_over (409).';
grant execute on function private.advance_job_run(uuid) to service_role;

create function private.finish_job_run(run_id uuid, state text, result jsonb, error_code text)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform from private.job_runs as r
    where r.id = finish_job_run.run_id and r.state = 'running' for update;
  if not found or coalesce(finish_job_run.state, '') not in ('done', 'failed') then
    raise exception using errcode = 'PT409', message = 'job_run_over', detail = 'This run is over, or the state is none';
  end if;
  perform private.close_job_run(finish_job_run.run_id, finish_job_run.state, coalesce(finish_job_run.result, '{}'), finish_job_run.error_code, null);
end;
$$;
comment on function private.finish_job_run(uuid, text, jsonb, text) is 'Ends a run of a job of kind function as done or failed. Errors: job_run_over (409).';
grant execute on function private.finish_job_run(uuid, text, jsonb, text) to service_role;

create function public.start_job_run(name text)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.start_job_run(start_job_run.name)
$$;
comment on function public.start_job_run(text) is
  'For functions/jobs: begins a run of a job: {run_id, kind sql|function, attempt, seconds}; null while another one goes on. Errors: job_not_found (404).';
revoke execute on function public.start_job_run(text) from public, anon;
grant execute on function public.start_job_run(text) to service_role;

-- PostgREST takes statement_timeout from here for the whole call; the API's own is 8 seconds, and a job's step may take longer.
create function public.advance_job_run(run_id uuid)
returns jsonb
language sql volatile
set search_path = '' set statement_timeout = '120s'
as $$
  select private.advance_job_run(advance_job_run.run_id)
$$;
comment on function public.advance_job_run(uuid) is
  'For functions/jobs: one slice of an SQL job: {state running|done|failed, result, error_code, error_at}. Errors: job_run_over (409).';
revoke execute on function public.advance_job_run(uuid) from public, anon;
grant execute on function public.advance_job_run(uuid) to service_role;

create function public.finish_job_run(run_id uuid, state text, result jsonb default '{}', error_code text default null)
returns void
language sql volatile
set search_path = ''
as $$
  select private.finish_job_run(finish_job_run.run_id, finish_job_run.state, finish_job_run.result, finish_job_run.error_code)
$$;
comment on function public.finish_job_run(uuid, text, jsonb, text) is
  'For functions/jobs: ends a run of kind function as done or failed. Errors: job_run_over (409).';
revoke execute on function public.finish_job_run(uuid, text, jsonb, text) from public, anon;
grant execute on function public.finish_job_run(uuid, text, jsonb, text) to service_role;

-- Ticking

create function private.call_due_jobs(functions_url text, key_name text)
returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_key text;
  v_job record;
  v_calls integer := 0;
begin
  execute format('select s.decrypted_secret from %s as s where s.name = $1', to_regclass('vault.decrypted_secrets')) into v_key using call_due_jobs.key_name;
  if v_key is null then
    raise exception 'Cannot call the jobs: Vault has no secret named "%"', call_due_jobs.key_name;
  end if;
  for v_job in select j.name, j.timeout from private.notice_due_jobs() as j loop
    execute format('select %s.http_post(url := $1, body := $2, headers := $3, timeout_milliseconds := $4)', to_regnamespace('net'))
      using call_due_jobs.functions_url || '/jobs/' || v_job.name, '{}'::jsonb,
        jsonb_build_object('content-type', 'application/json', 'apikey', v_key),
        (extract(epoch from v_job.timeout + interval '10 seconds') * 1000)::integer;
    v_calls := v_calls + 1;
  end loop;
  return v_calls;
end;
$$;
comment on function private.call_due_jobs(text, text) is
  'Posts to functions/jobs for each job that is due, with the secret key that Vault keeps under key_name; pg_net sends after the commit. What pg_cron calls each minute on Supabase.';

create function private.install_job_schedules(functions_url text default null, key_name text default 'phonelog_jobs')
returns jsonb
language plpgsql volatile
set search_path = ''
as $install$
declare
  v_found boolean;
  v_command text;
begin
  if to_regprocedure('cron.schedule(text,text,text)') is null then
    raise exception 'Cannot install the schedules: this database has no pg_cron';
  end if;
  if install_job_schedules.functions_url is null then
    -- A block, because a function cannot commit after each slice.
    v_command := $tick$do $jobs$
declare
  v_name text;
  v_run uuid;
  v_state text;
begin
  foreach v_name in array array(select j.name from private.notice_due_jobs() as j where j.kind = 'sql') loop
    v_run := private.start_job_run(v_name) ->> 'run_id';
    v_state := case when v_run is null then 'busy' else 'running' end;
    commit;
    while v_state = 'running' loop
      v_state := private.advance_job_run(v_run) ->> 'state';
      commit;
    end loop;
  end loop;
end $jobs$$tick$;
  else
    if install_job_schedules.functions_url !~ '^https?://[^/[:space:]?#]+(/[^[:space:]?#]*)?[^/]$' then
      raise exception 'Cannot install the schedules: functions_url is the functions'' address without a slash at its end, such as https://abc.supabase.co/functions/v1';
    end if;
    if to_regnamespace('net') is null or to_regclass('vault.decrypted_secrets') is null then
      raise exception 'Cannot install the schedules: this database has no pg_net, or no Vault';
    end if;
    execute format('select exists (select from %s as s where s.name = $1)', to_regclass('vault.decrypted_secrets')) into v_found using install_job_schedules.key_name;
    if not v_found then
      raise exception 'Cannot install the schedules: Vault has no secret named "%"', install_job_schedules.key_name;
    end if;
    v_command := format('select private.call_due_jobs(%L, %L)', install_job_schedules.functions_url, install_job_schedules.key_name);
  end if;
  execute format('select %s.schedule($1, $2, $3)', to_regnamespace('cron')) using 'phonelog-jobs', '* * * * *', v_command;
  return jsonb_build_object('schedule', 'phonelog-jobs', 'mode', case when install_job_schedules.functions_url is null then 'sql' else 'http' end,
    'jobs', (select jsonb_agg(s.name order by s.name) from private.job_schedule as s
              where s.enabled and (s.kind = 'sql' or install_job_schedules.functions_url is not null)));
end;
$install$;
comment on function private.install_job_schedules(text, text) is
  'Has pg_cron start the due jobs each minute: on Supabase over functions/jobs at functions_url with the secret key in Vault, without an address the SQL jobs in this database. Run it again to change either; run by the migrations'' role.';

create function private.remove_job_schedules()
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  if to_regclass('cron.job') is not null then
    execute format('select cron.unschedule(j.jobid) from %s as j where j.jobname = $1', to_regclass('cron.job')) using 'phonelog-jobs';
  end if;
end;
$$;
comment on function private.remove_job_schedules() is 'Takes private.install_job_schedules back.';

-- Rows that have had their time

create table private.expiring_rows (
  table_name regclass primary key,
  condition text not null,
  holds text not null
);
comment on table private.expiring_rows is 'What private.job_expire_rows deletes: the rows of a table for which the SQL condition holds.';
insert into private.expiring_rows values
  ('public.idempotency_keys', $$created_at < now() - interval '24 hours'$$, 'Answers to repeated writes'),
  ('private.embedding_queue', $$attempts >= 5 and next_attempt_at < now() - interval '30 days'$$, 'Questions that never got a vector'),
  ('private.api_keys', $$revoked_at < now() - interval '90 days'$$, 'Keys that were revoked'),
  -- The last run of a job stays, whatever its age: the schedule goes by it.
  ('private.job_runs', $$state <> 'running' and finished_at < now() - case state when 'done' then interval '7 days' else interval '90 days' end
    and exists (select from private.job_runs as later where later.job = job_runs.job and later.started_at > job_runs.started_at)$$, 'History of jobs');

create function private.job_expire_rows(deadline timestamptz)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  c_batch constant integer := 1000;
  v_rule record;
  v_rows integer;
  v_counts jsonb := '{}'::jsonb;
begin
  for v_rule in select r.table_name, r.condition from private.expiring_rows as r order by r.table_name::text loop
    loop
      if clock_timestamp() >= job_expire_rows.deadline then
        return v_counts || '{"more": true}';
      end if;
      execute format('delete from %1$s where ctid = any (array(select ctid from %1$s where %2$s limit %3$s for update skip locked))',
        v_rule.table_name, v_rule.condition, c_batch);
      get diagnostics v_rows = row_count;
      if v_rows > 0 then
        v_counts := private.add_counts(v_counts, jsonb_build_object(v_rule.table_name::text, v_rows));
      end if;
      exit when v_rows < c_batch;
    end loop;
  end loop;

  -- An answer that is kept repeats the rows it was made of; a question that nobody asks again does not need it.
  update public.nlq_queries as q set answer = null
   where (q.user_id, q.id) in (
     select old.user_id, old.id from public.nlq_queries as old
      where old.answer is not null and old.asked_at < now() - interval '30 days' limit c_batch for update skip locked);
  get diagnostics v_rows = row_count;
  v_counts := v_counts || jsonb_build_object('answers', v_rows, 'more', v_rows = c_batch);

  -- An upload that was given up holds the unread text of its last part.
  update public.imports as i set
      state = 'failed', parser = null, finished_at = now(),
      errors = i.errors || '[{"position": "", "code": "abandoned", "detail": "No part came for 30 days"}]'
   where i.state in ('open', 'running', 'needs_mapping') and i.updated_at < now() - interval '30 days';
  get diagnostics v_rows = row_count;
  v_counts := v_counts || jsonb_build_object('imports', v_rows);

  if to_regclass('cron.job_run_details') is not null then
    execute format('delete from %s as d using %s as j where j.jobid = d.jobid and j.jobname = $1 and d.end_time < now() - interval ''7 days''',
      to_regclass('cron.job_run_details'), to_regclass('cron.job')) using 'phonelog-jobs';
  end if;
  return v_counts;
end;
$$;
comment on function private.job_expire_rows(timestamptz) is
  'Job: deletes what private.expiring_rows names, answers kept for questions of a month ago, and uploads that stopped as long ago: rows by table. Tombstones of deleted events stay: they keep the events deleted.';

-- The embedded engine has no autovacuum; on a server this catches what autovacuum has not got to.
create function private.job_statistics(deadline timestamptz)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_table regclass;
  v_analyzed integer := 0;
begin
  foreach v_table in array array(
    select s.relid::regclass from pg_catalog.pg_stat_user_tables as s
      join pg_catalog.pg_class as c on c.oid = s.relid
     where s.schemaname in ('public', 'private') and s.n_mod_since_analyze > 1000 + 0.2 * greatest(c.reltuples, 0)
     order by s.n_mod_since_analyze desc)
  loop
    if clock_timestamp() >= job_statistics.deadline then
      return jsonb_build_object('analyzed', v_analyzed, 'more', true);
    end if;
    execute format('analyze %s', v_table);
    v_analyzed := v_analyzed + 1;
  end loop;
  return jsonb_build_object('analyzed', v_analyzed);
end;
$$;
comment on function private.job_statistics(timestamptz) is 'Job: analyses the tables of which more than a fifth changed since: {analyzed}.';

create function private.job_coefficients_refit(deadline timestamptz)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select jsonb_build_object('horizons', count(*)) from private.fit_predictions()
$$;
comment on function private.job_coefficients_refit(timestamptz) is
  'Job: fits the predictions'' coefficients again, where there is enough to fit them to: {horizons that were replaced}. One step, whatever the deadline: 50,000 examples at most.';

insert into private.job_schedule (name, kind, cron, timeout) values
  ('seal_audit', 'sql', '* * * * *', '50 seconds'),
  ('webhooks', 'function', '* * * * *', '50 seconds'),
  ('exports', 'function', '* * * * *', '50 seconds'),
  ('expire_exports', 'sql', '*/15 * * * *', '60 seconds'),
  ('embeddings', 'function', '*/5 * * * *', '60 seconds'),
  ('erasure', 'sql', '*/10 * * * *', '120 seconds'),
  ('expire_rate_limits', 'sql', '*/15 * * * *', '30 seconds'),
  ('anomaly_scan', 'sql', '7 * * * *', '120 seconds'),
  ('gap_scan', 'sql', '37 * * * *', '120 seconds'),
  ('statistics', 'sql', '45 * * * *', '60 seconds'),
  ('expire_rows', 'sql', '50 * * * *', '120 seconds'),
  ('dataset', 'sql', '40 1 * * *', '60 seconds'),
  ('retention', 'sql', '20 2 * * *', '120 seconds'),
  ('rollup_check', 'sql', '15 3 * * *', '120 seconds'),
  ('coefficients_refit', 'sql', '30 3 * * 0', '120 seconds');
