-- "Do not share", and the anonymised dataset: cells, suppression, releases.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(44);

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

insert into auth.users (id, email) select pg_temp.id(name), name || '@dataset.test' from unnest(array['owner', 'p1', 'p2', 'p3', 'p4', 'p5', 'viewer', 'out']) as name;
insert into public.organizations (id, name, created_at) values (pg_temp.id('ours'), 'Ours', '2026-01-01'), (pg_temp.id('other'), 'Other', '2026-01-01');
insert into public.org_members (organization_id, user_id, role, joined_at)
select pg_temp.id('ours'), pg_temp.id(name), case name when 'owner' then 'owner' when 'viewer' then 'viewer' when 'p1' then 'analyst' else 'member' end, '2026-01-01'
  from unnest(array['owner', 'p1', 'p2', 'p3', 'p4', 'p5', 'viewer']) as name;
insert into public.org_members (organization_id, user_id, role) values (pg_temp.id('other'), pg_temp.id('out'), 'owner');

-- Sharing

select pg_temp.ask('p2', format('select public.ingest_events(%L)', jsonb_build_array(jsonb_build_object('ts', now() - interval '1 hour', 'number', '+491700', 'type', 'sms', 'direction', 'inbound', 'content', 'hello', 'contact_name', 'Zed'))));
create function pg_temp.seen_by_all() returns text language sql as $$
  select string_agg(pg_temp.ask(who, query), E'\n' order by who, query)
    from unnest(array['owner', 'p1', 'viewer']) as who
   cross join unnest(array[
     $q$select jsonb_agg(v) from private.visible_events as v$q$, $q$select jsonb_agg(v) from private.visible_contacts as v$q$,
     $q$select public.get_team_dashboard_metrics(starts_at => now() - interval '1 day', ends_at => now()) - 'generated_at'$q$]) as query
$$;
create temporary table seen as select pg_temp.seen_by_all() as shared;
select is(pg_temp.ask('p2', 'select public.get_sharing()'), '{"do_not_share": false}', 'At first a log is shared as the rules say');
select is((select shared ~ 'Zed' and shared ~ '"total_events": 1' from seen), true, 'and teammates see it');
select throws_ok(pg_temp.asking('p2', 'update public.profiles set do_not_share = true'), '42501', null, 'The choice is made through its function');
select throws_ok(pg_temp.asking('p2', 'select public.set_sharing(null)'), 'PT400', 'validation_failed', 'and is yes or no');
select is(pg_temp.ask('p2', 'select public.set_sharing(true)'), '{"do_not_share": true}', 'A person says "do not share"');
alter table seen add column hidden text;
update seen set hidden = pg_temp.seen_by_all();
select is((select hidden ~ 'Zed|"total_events": [1-9]' or strpos(hidden, pg_temp.id('p2')::text) > 0 from seen), false, 'Nobody sees anything of it any more, in rows or figures');
select throws_ok(pg_temp.asking('owner', format('select public.get_dashboard_metrics(target_user_id => %L)', pg_temp.id('p2'))), 'PT404', 'user_not_found', 'nor is answered about this person')
  where exists (select from pg_proc where proname = 'get_dashboard_metrics' and 'target_user_id' = any (proargnames));
select throws_ok(pg_temp.asking('owner', format('select public.get_dashboard_metrics(user_id => %L)', pg_temp.id('p2'))), 'PT404', 'user_not_found', 'nor is answered about this person')
  where exists (select from pg_proc where proname = 'get_dashboard_metrics' and 'user_id' = any (proargnames));
select pg_temp.ask('p2', format('select public.ingest_events(%L)', jsonb_build_array(jsonb_build_object('ts', now() - interval '2 hours', 'number', '+491701', 'type', 'call', 'direction', 'inbound', 'duration', 7))));
select is(pg_temp.seen_by_all(), hidden, 'Whatever happens in it, all answers to others stay the same') from seen;
select is(pg_temp.ask('p2', 'select count(*) from private.visible_events'), '2', 'The person sees it all');
select is(pg_temp.ask('p2', 'select public.set_sharing(false)'), '{"do_not_share": false}', 'The choice can be taken back');
select isnt(pg_temp.seen_by_all(), hidden, 'and others see it again') from seen;
select is((select array_agg(details -> 'do_not_share' order by at) from public.audit_log where action = 'sharing.set'), array['true', 'false']::jsonb[], 'Both are in the log');
delete from public.events;

-- Cells. Contributions by hand: leaf 0 is inbound calls at night.

create function pg_temp.given(figures text) returns private.contribution[] language sql as $$
  select array_agg(row(pg_temp.id(f[1]), f[2]::integer, f[3]::integer, f[4]::bigint,
      array(select convert_to(f[1] || n, 'UTF8') from generate_series(1, f[5]::integer) as n))::private.contribution)
    from (select string_to_array(line, ' ') as f from string_to_table(given.figures, ', ') as line) as l
$$;
select is(private.dataset_is_safe(pg_temp.given(figures), 1), is_safe, says) from (values
  ('a 0 10 100 1, b 0 10 100 1, c 0 10 100 1, d 0 10 100 1, e 0 10 100 1', true, 'Five alike are safe'),
  ('a 0 10 100 2, b 0 10 100 1, c 0 10 100 1, d 0 10 100 1', false, 'Four members are not'),
  ('a 0 10 100 1, b 0 10 100 1, c 0 10 100 1, d 0 10 100 1, e 1 10 100 1', false, 'nor is the fifth''s part of another cell'),
  ('a 0 10 100 4, b 0 10 100 0, c 0 10 100 0, d 0 10 100 0, e 0 10 100 0', false, 'Four at the other end are too few'),
  ('a 0 100 100 1, b 0 10 100 1, c 0 3 100 1, d 0 3 100 1, e 0 3 100 1', false, 'The second largest must not guess the largest''s events'),
  ('a 0 90 100 1, b 0 10 100 1, c 0 3 100 1, d 0 3 100 1, e 0 3 100 1', true, 'to within a tenth'),
  ('a 0 10 999 1, b 0 10 10 1, c 0 10 10 1, d 0 10 10 1, e 0 10 10 1', false, 'nor seconds')) as c (figures, is_safe, says);
create function pg_temp.five(leaf integer, events integer, names text default 'abcde') returns text language sql as $$
  select string_agg(format('%s %s %s 0 1', name, five.leaf, five.events), ', ') from string_to_table(five.names, null) as name
$$;
select is(private.dataset_children(pg_temp.given(concat_ws(', ', pg_temp.five(0, 3), pg_temp.five(1, 2), pg_temp.five(2, 1))), 7, array[1, 2, 4]), '{1,2,4}', 'Safe children are all told');
select is(private.dataset_children(pg_temp.given(concat_ws(', ', pg_temp.five(0, 3), pg_temp.five(1, 2), pg_temp.five(2, 1, 'abcd'))), 7, array[1, 2, 4]), '{1}',
  'One that is not safe takes the smallest of the others with it, or it could be computed');
select is(private.dataset_children(pg_temp.given(concat_ws(', ', pg_temp.five(0, 3), pg_temp.five(1, 2), pg_temp.five(2, 1))), 15, array[1, 2, 4, 8]), '{1,2}', 'Also where nothing happened: that is told of nobody');
select is(private.dataset_children(pg_temp.given(concat_ws(', ', pg_temp.five(0, 3), pg_temp.five(1, 1, 'abc'), pg_temp.five(2, 1, 'cde'))), 7, array[1, 2, 4]), '{1}', 'Two that are safe together hide each other');
select is(private.dataset_children(pg_temp.given(concat_ws(', ', pg_temp.five(0, 3), pg_temp.five(1, 1, 'ab'))), 3, array[1, 2]), '{}', 'In the end none is told');

-- Releases

create function pg_temp.week() returns date language sql as $$
  select (date_trunc('week', (now() - interval '2 days') at time zone 'UTC') - interval '7 days')::date
$$;
create function pg_temp.calls(names text[], hour integer, events integer, number text default null) returns void language sql as $$
  select pg_temp.ask(name, format('select public.ingest_events(%L)', (select jsonb_agg(jsonb_build_object('ts', (pg_temp.week() + hour * interval '1 hour' + n * interval '1 minute') at time zone 'UTC',
      'number', coalesce(calls.number, '+4917' || name_number), 'type', 'call', 'direction', 'inbound', 'duration', 60)) from generate_series(1, calls.events) as n)))
    from unnest(calls.names) with ordinality as p (name, name_number)
$$;
select throws_ok(pg_temp.asking('owner', 'select public.get_dataset()'), 'PT404', 'dataset_not_found', 'Before the first release there is none');
select pg_temp.calls('{owner,p1,p2,p3,p4,p5}', 8, 4);
select pg_temp.calls('{owner,p1,p2,p3,p4,p5}', 14, 3);
select pg_temp.calls('{owner,p1,p2,p3,p4}', 20, 1, '+4918');
select is(private.job_dataset(clock_timestamp() + interval '1 minute') ->> 'released', (select count(*)::text from public.organizations), 'The job releases the last whole week of each organisation');
select is(private.job_dataset(clock_timestamp() + interval '1 minute') ->> 'released', '0', 'once');
select throws_ok(pg_temp.asking(who, 'select public.get_dataset()'), 'PT403', 'role_insufficient', who || ' does not see it') from unnest(array['p2', 'viewer']) as who;
select throws_ok(pg_temp.asking('out', format('select public.get_dataset(%L)', pg_temp.id('ours'))), 'PT404', 'organization_not_found', 'nor does anybody of another organisation');
create temporary table release as select pg_temp.ask('p1', 'select public.get_dataset()')::jsonb as first;
select is((select jsonb_agg(c) from release cross join jsonb_array_elements(first -> 'cells') as c where not (c ->> 'is_suppressed')::boolean),
  '[{"kind": "all", "events": 47, "day_part": "all", "is_suppressed": false, "talk_minutes": 47}, {"kind": "all", "events": 24, "day_part": "morning", "is_suppressed": false, "talk_minutes": 24}]',
  'An analyst sees the cells that are safe: of three, the smallest hides the night, the evening''s one number, and itself');
select is((select jsonb_array_length(first -> 'cells') from release), 21, 'and which ones there are');
select is((select first -> 'numbers' -> 0 -> 'events' from release), '"5-9"', 'and numbers that five members know, as hashes with a band');
select is((select strpos(first::text, '4918') from release), 0, 'and never a number');
select is((select first ->> 'week' from release), pg_temp.week()::text, 'of this week');
select throws_ok(pg_temp.asking('p1', format('select public.get_dataset(week => %L)', pg_temp.week() - 7)), 'PT404', 'dataset_not_found', 'and of no other');
select is(pg_temp.ask('out', 'select public.get_dataset() -> ''cells'' -> 0')::jsonb, '{"kind": "all", "events": null, "day_part": "all", "is_suppressed": true, "talk_minutes": null}', 'Of fewer than five nothing is told');

delete from public.events where user_id = pg_temp.id('p5');
delete from public.org_members where user_id = pg_temp.id('p4');
update public.profiles set do_not_share = true where user_id = pg_temp.id('p3');
select private.job_dataset(clock_timestamp() + interval '1 minute');
select is(pg_temp.ask('p1', 'select public.get_dataset()')::jsonb, first, 'Whatever changes afterwards, the release stays') from release;
select isnt(private.dataset_of(pg_temp.id('ours'), pg_temp.week()) -> 'cells', first -> 'cells', 'though it would be another') from release;
select is((select bool_and((c ->> 'is_suppressed')::boolean) from jsonb_array_elements(private.dataset_of(pg_temp.id('ours'), pg_temp.week()) -> 'cells') as c), true,
  'Who left, or does not share, is not counted');
update public.profiles set do_not_share = false;
insert into public.org_members (organization_id, user_id, role, joined_at) values (pg_temp.id('ours'), pg_temp.id('p4'), 'member', pg_temp.week() + interval '1 day');
select is((select bool_and((c ->> 'is_suppressed')::boolean) from jsonb_array_elements(private.dataset_of(pg_temp.id('ours'), pg_temp.week()) -> 'cells') as c), true,
  'nor is who joined in the middle of the week');
select isnt((private.dataset_of(pg_temp.id('ours'), date '2026-05-04') #>> '{numbers}'), 'x', 'Another month') ;
select is((select count(*) from private.secrets where name like 'dataset:' || pg_temp.id('ours') || ':%'), 2::bigint, 'has a key of its own');
update private.secrets set created_at = now() - interval '63 days' where name like 'dataset:%2026-05';
select private.job_dataset(clock_timestamp() + interval '1 minute');
select is((select count(*) from private.secrets where name like 'dataset:%2026-05'), 0::bigint, 'which is destroyed after two months');

select * from finish();
rollback;
