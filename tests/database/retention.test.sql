-- Retention: what is older than the policies say goes, does not come back, and figures keep or lose it as chosen.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(69);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;
create function pg_temp.ask(who text, query text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform set_config('request.jwt.claims', jsonb_build_object('sub', pg_temp.id(ask.who))::text, true);
  perform set_config('role', 'authenticated', true);
  execute ask.query into v_answer;
  perform set_config('role', 'none', true);
  perform set_config('request.jwt.claims', '', true);
  return v_answer;
end;
$$;
create function pg_temp.asking(who text, query text) returns text language sql as $$
  select format('select pg_temp.ask(%L, %L)', asking.who, asking.query)
$$;
create function pg_temp.set(who text, policies text, more text default '') returns jsonb language sql as $$
  select pg_temp.ask(set.who, format('select public.set_retention(%L %s)', set.policies, set.more))::jsonb
$$;
create function pg_temp.setting(who text, policies text, more text default '') returns text language sql as $$
  select format('select pg_temp.set(%L, %L, %L)', setting.who, setting.policies, setting.more)
$$;
create function pg_temp.work() returns bigint language plpgsql as $$
declare
  v_result jsonb;
  v_removed bigint := 0;
begin
  for i in 1 .. 100 loop
    v_result := private.job_retention(clock_timestamp() + interval '1 minute');
    v_removed := v_removed + (v_result ->> 'removed')::bigint;
    exit when not (v_result ->> 'more')::boolean;
  end loop;
  return v_removed;
end;
$$;
-- Ages in days of what a person has of a type.
create function pg_temp.ages(who text, kind text) returns integer[] language sql as $$
  select coalesce(array_agg(extract(day from now() - e.ts)::integer order by e.ts desc), '{}') from public.events as e where e.user_id = pg_temp.id(ages.who) and e.type = ages.kind
$$;
create function pg_temp.history() returns text language sql as $$
  select jsonb_agg(jsonb_build_object('ts', now() - n * interval '1 day' - interval '20 minutes', 'number', '+4916000' || n % 2, 'type', type, 'direction', 'inbound', 'contact_name', 'C' || n % 2)
      || case type when 'call' then jsonb_build_object('duration', n) else jsonb_build_object('content', 'text ' || n) end)::text
    from unnest(array['call', 'sms']) as type cross join unnest(array[1, 40, 80, 400]) as n
$$;

insert into auth.users (id, email) select pg_temp.id(name), name || '@retention.test' from unnest(array['ann', 'boss', 'mia', 'out']) as name;
insert into public.organizations (id, name) values (pg_temp.id('ours'), 'Ours'), (pg_temp.id('other'), 'Other');
insert into public.org_members (organization_id, user_id, role)
values (pg_temp.id('ours'), pg_temp.id('boss'), 'owner'), (pg_temp.id('ours'), pg_temp.id('ann'), 'member'), (pg_temp.id('ours'), pg_temp.id('mia'), 'member'),
  (pg_temp.id('other'), pg_temp.id('ann'), 'member'), (pg_temp.id('other'), pg_temp.id('out'), 'owner');
select pg_temp.ask(who, format('select public.ingest_events(%L)', pg_temp.history())) from unnest(array['ann', 'mia', 'boss']) as who;

-- Policies

select is(pg_temp.ask('ann', 'select public.get_retention()')::jsonb, '{"organization_id": null, "erasure_grace_days": null, "policies": [], "expired": {}}', 'At first everything is kept');
select is(pg_temp.work(), 0::bigint, 'and nothing goes');
select throws_ok(pg_temp.setting('ann', policies), 'PT400', 'validation_failed', 'Not a list of policies: ' || policies)
  from unnest(array['{}', '[1]', 'null', '[{"type": "call"}]', '[{"keep_days": 0}]', '[{"keep_days": 40000}]', '[{"keep_days": "x"}]', '[{"keep_days": 99999999999}]', '[{"type": "fax", "keep_days": 9}]',
    '[{"keep_days": 9}, {"keep_days": 10}]', '[{"keep_days": 9, "user_id": "x"}]', '[{"keep_days": 9, "user_id": "8f0b3f1e-0000-4000-8000-000000000000"}]']) as policies;
select throws_ok(pg_temp.setting('ann', '[]', ', erasure_grace_days => 3'), 'PT400', 'validation_failed', 'The grace of erasures is an organisation''s matter');
select is(pg_temp.set('ann', '[{"type": "call", "keep_days": 60}]', ', is_dry_run => true') -> 'expired', '{"call": 2}', 'A dry run says what would go');
select is_empty('select from public.retention_policies', 'and changes nothing');
select is(pg_temp.set('ann', '[{"type": "call", "keep_days": 60}]') #>> '{policies,0,effective_at}', to_json(now()) #>> '{}', 'One''s own policy applies at once');
select is(pg_temp.ask('ann', 'select public.get_retention() -> ''expired''')::jsonb, '{"call": 2}', 'What waits to be removed is told');
select is(pg_temp.work(), 2::bigint, 'The job removes it');
select is(pg_temp.ages('ann', 'call'), '{1,40}', 'what is older is gone');
select is(pg_temp.ages('ann', 'sms'), '{1,40,80,400}', 'of this type only');
select is(pg_temp.ages('mia', 'call'), '{1,40,80,400}', 'and of this person only');
select is_empty('select * from private.check_rollups()', 'The roll-ups follow');
select is_empty('select from private.kept_sums', 'Nothing is kept of it');
select is(pg_temp.work(), 0::bigint, 'Twice does no harm');

-- It does not come back

select is((select jsonb_object_agg(coalesce(r ->> 'code', r ->> 'outcome'), 1) from jsonb_array_elements(pg_temp.ask('ann', format('select public.ingest_events(%L) -> ''results''', pg_temp.history()))::jsonb) as r),
  '{"duplicate": 1, "ts_beyond_retention": 1}', 'An import refuses what the policy does not keep');
select is(pg_temp.ages('ann', 'call'), '{1,40}', 'so nothing comes back');
select is((select array_agg(distinct (ts, number, fingerprint = event_id)::text) from private.deleted_events), '{"(\"1970-01-01 00:00:00+00\",,t)"}', 'though nothing is kept to know it by');
update private.deleted_events set deleted_at = now() - interval '91 days' where ctid = (select min(ctid) from private.deleted_events);
select pg_temp.work();
select is((select count(*) from private.deleted_events), 1::bigint, 'and what tells clients of it goes after 90 days');
select pg_temp.ask('ann', format('select public.delete_event(id) from public.events where type = ''call'' and ts < %L', now() - interval '30 days'));
select is((select count(*) from private.deleted_events where number is not null), 1::bigint, 'What the person deletes is known by its number');
select pg_temp.set('ann', '[{"type": "call", "keep_days": 30}]');
select pg_temp.work();
select is((select count(*) from private.deleted_events where number is not null), 0::bigint, 'until it is older than what is kept');
select is(pg_temp.set('ann', '[]') -> 'policies', '[]', 'A policy can be taken back');
select is(pg_temp.ask('ann', format('select public.ingest_events(%L) #>> ''{counts,inserted}''', pg_temp.history())), '3', 'then an import brings things in again');

-- Sums

-- Two of a kind in one hour are one row of sums.
select pg_temp.ask('mia', format('select public.ingest_events(%L)', (select jsonb_agg(jsonb_build_object('ts', date_trunc('hour', now() - interval '450 days') + n * interval '1 minute',
  'number', '+49160000', 'type', 'call', 'direction', 'outbound', 'duration', 33)) from generate_series(1, 2) as n)));
create temporary table sums_before as
select bucket, grain, is_private, calls, sms, inbound, answered, missed, talk_seconds, answered_timed from private.activity where user_id = pg_temp.id('mia');
create temporary table durations_before as select * from private.call_durations where user_id = pg_temp.id('mia');
insert into public.privacy_rules (user_id, contact_id, visibility) select user_id, id, 'private' from public.contacts where user_id = pg_temp.id('mia') and name = 'C1';
delete from public.privacy_rules;
select pg_temp.set('mia', '[{"keep_days": 60, "keep_sums": true}]');
select is(pg_temp.work(), 6::bigint, 'With kept sums the events go as well');
select is((select array_agg(events order by events) from private.kept_sums), '{1,1,1,1,2}', 'Hour by hour and kind by kind they are added up');
select is(pg_temp.ages('mia', 'call') || pg_temp.ages('mia', 'sms'), '{1,40,1,40}', 'of every type');
select is_empty(format($$(select bucket, grain, is_private, calls, sms, inbound, answered, missed, talk_seconds, answered_timed from private.activity where user_id = %L) except table pg_temp.sums_before$$, pg_temp.id('mia')),
  'The figures stay what they were');
select is_empty(format($$table pg_temp.sums_before except (select bucket, grain, is_private, calls, sms, inbound, answered, missed, talk_seconds, answered_timed from private.activity where user_id = %L)$$, pg_temp.id('mia')), 'none of them is lost');
select is_empty(format('(table pg_temp.durations_before except select * from private.call_durations where user_id = %1$L) union all (select * from private.call_durations where user_id = %1$L except table pg_temp.durations_before)', pg_temp.id('mia')),
  'Medians, too');
select is_empty('select * from private.check_rollups()', 'The check knows of kept sums');
select lives_ok(format('select private.rebuild_rollups(%L)', pg_temp.id('mia')), 'The roll-ups can be made again');
select is_empty('select * from private.check_rollups()', 'and hold them still');
select is(pg_temp.ask('mia', format($$select public.get_dashboard_metrics(%L, %L) ->> 'total_events'$$, now() - interval '500 days', now())), '10', 'The dashboard goes on counting');
select is((select sum(calls + sms) from private.contact_stats where user_id = pg_temp.id('mia')), 4::bigint, 'without telling who it was with');
select pg_temp.set('mia', '[{"keep_days": 60, "keep_sums": true}, {"type": "call", "keep_days": 100}]');
select pg_temp.work();
select is((select sum(events) from private.kept_sums), 3::bigint, 'The more particular policy counts: of calls of before 100 days not even sums are kept');
select pg_temp.set('mia', '[{"keep_days": 60, "keep_sums": false}]');
select pg_temp.work();
select is_empty('select from private.kept_sums', 'Sums are dropped when they are no longer to be kept');
select is_empty('select * from private.check_rollups()', 'and the roll-ups with them');
select is(pg_temp.ask('mia', format($$select public.get_dashboard_metrics(%L, %L) ->> 'total_events'$$, now() - interval '500 days', now())), '4', 'So the dashboard counts what there is');
insert into public.privacy_rules (user_id, contact_id, visibility) select user_id, id, 'private' from public.contacts where user_id = pg_temp.id('mia') and name = 'C0';
select pg_temp.set('mia', '[{"keep_days": 30, "keep_sums": true}]');
select pg_temp.work();
select is((select bool_and(is_private) from private.kept_sums where user_id = pg_temp.id('mia')), true, 'What was private stays private as a sum');
select is_empty('select * from private.check_rollups()', 'in the roll-ups as well');
delete from public.privacy_rules;
select pg_temp.set('mia', '[]');

-- Questions

insert into public.nlq_queries (user_id, asked_at, question, normalized, local_date, time_zone, planner, planner_version, data_version, is_follow_up, cache)
select pg_temp.id('ann'), now() - n * interval '1 day', 'q' || n, 'q', '2026-01-01', 'UTC', 'built_in', '1', 0, false, 'miss' from unnest(array[1, 50]) as n;
select pg_temp.set('ann', '[{"type": "question", "keep_days": 30}]');
select is(pg_temp.work(), 1::bigint, 'Questions go by when they were asked');
select is((select array_agg(question) from public.nlq_queries where user_id = pg_temp.id('ann')), '{q1}', 'the older ones');
select pg_temp.set('ann', '[]');

-- Organisations

select throws_ok(pg_temp.setting('ann', '[{"keep_days": 60}]', format(', organization_id => %L', pg_temp.id('ours'))), 'PT403', 'role_insufficient', 'A member sets no policy of the organisation');
select throws_ok(pg_temp.setting('out', '[{"keep_days": 60}]', format(', organization_id => %L', pg_temp.id('ours'))), 'PT404', 'organization_not_found', 'nor does an owner of another');
select throws_ok(pg_temp.setting('boss', format('[{"keep_days": 60, "user_id": "%s"}]', pg_temp.id('out')), format(', organization_id => %L', pg_temp.id('ours'))), 'PT404', 'user_not_found', 'nor is one set for a stranger');
select throws_ok(pg_temp.setting('boss', '[{"keep_days": 6}]', format(', organization_id => %L', pg_temp.id('ours'))), 'PT400', 'validation_failed', 'An organisation keeps a week at least');
select throws_ok(pg_temp.asking('ann', format('select public.get_retention(%L)', pg_temp.id('ours'))), 'PT403', 'role_insufficient', 'Members do not see the policies for others');
insert into public.privacy_rules (user_id, contact_id, visibility) select user_id, id, 'private' from public.contacts where user_id = pg_temp.id('ann') and name = 'C0';
update public.profiles set do_not_share = true where user_id = pg_temp.id('mia');
select is(pg_temp.set('boss', '[{"type": "sms", "keep_days": 30}]', format(', organization_id => %L, is_dry_run => true', pg_temp.id('ours'))) -> 'expired', '{"sms": 3}',
  'A dry run of an organisation counts neither private contacts nor who does not share');
select is((pg_temp.set('boss', format('[{"type": "sms", "keep_days": 60}, {"keep_days": 300}, {"user_id": "%s", "keep_days": 20}]', pg_temp.id('boss')), format(', organization_id => %L, erasure_grace_days => 3', pg_temp.id('ours')))
  #>> '{policies,0,effective_at}')::timestamptz, now() + interval '1 day', 'It applies a day later');
select is(pg_temp.work(), 0::bigint, 'so that a mistake can be undone');
select is((select erasure_grace_days from public.organizations where id = pg_temp.id('ours')), 3::smallint, 'The grace of erasures is set with it');
update public.retention_policies set effective_at = now();
insert into public.legal_holds (user_id, organization_id, reason) values (pg_temp.id('ann'), pg_temp.id('other'), 'Case');
select pg_temp.work();
select is(pg_temp.ages('ann', 'sms'), '{1,40,80,400}', 'A legal hold of any organisation wins');
select is(pg_temp.ask('ann', format($$select public.ingest_events(%L) #>> '{counts,refused}'$$, pg_temp.history())), '0', 'and nothing is refused meanwhile');
select is(pg_temp.ages('boss', 'call') || pg_temp.ages('boss', 'sms'), '{1,1}', 'The policy for the member comes before those for all');
select is(pg_temp.ages('mia', 'sms'), '{1}', 'Who does not share is under the policies, too');
delete from public.legal_holds;
select pg_temp.set('ann', '[{"type": "call", "keep_days": 50}]');
select pg_temp.work();
select is(pg_temp.ages('ann', 'sms'), '{1,40}', 'The policy for the type comes before that for all');
select is(pg_temp.ages('ann', 'call'), '{1,40}', 'and one''s own when it is the shorter one');
select is_empty('select * from private.check_rollups()', 'At the end the roll-ups are in order');

select * from finish();
rollback;
