-- Data gaps: what proves one, what only makes it likely, and what must not.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(42);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;
create function pg_temp.a_user(name text) returns void language sql as $$
  insert into auth.users (id, email) values (pg_temp.id(a_user.name), md5(a_user.name) || '@gaps.test')
$$;
create function pg_temp.ask(who text, query text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform set_config('request.jwt.claims',
    case ask.who when 'nobody' then '{}' else jsonb_build_object('sub', pg_temp.id(ask.who))::text end, true);
  perform set_config('role', 'authenticated', true);
  execute ask.query into v_answer;
  perform set_config('role', 'none', true);
  return v_answer;
end;
$$;
create function pg_temp.asking(who text, arguments text) returns text language sql as $$
  select format('select pg_temp.ask(%L, %L)', who, format('select detect_data_gaps(%s)', arguments))
$$;
create function pg_temp.gaps(who text, arguments text default $$'2026-03-01', '2026-05-01', 'UTC'$$) returns jsonb language sql as $$
  select pg_temp.ask(who, format('select detect_data_gaps(%s)', arguments))::jsonb
$$;
-- The gaps of a verdict as text: channel, first and last moment.
create function pg_temp.found(answer jsonb, verdict text) returns text language sql as $$
  select string_agg(concat_ws(' ', g ->> 'channel', to_char((g ->> 'start')::timestamptz, 'MM-DD HH24:MI'), to_char((g ->> 'end')::timestamptz, 'MM-DD HH24:MI')), ', '
    order by g ->> 'start', g ->> 'channel')
    from jsonb_array_elements(answer -> 'gaps') as g where g ->> 'verdict' = found.verdict
$$;
create function pg_temp.evidence(answer jsonb, verdict text) returns text language sql as $$
  select string_agg(e ->> 'kind', ' ' order by i) from jsonb_array_elements(answer -> 'gaps') as g
    cross join lateral jsonb_array_elements(g -> 'evidence') with ordinality as v (e, i) where g ->> 'verdict' = evidence.verdict
$$;
create function pg_temp.an_event(who text, ts timestamptz, type text, number text default '+447700900001', direction text default 'inbound',
  duration integer default 60, sources text[] default '{device:Phone}', source_id text default null)
returns void language sql as $$
  insert into public.contacts (user_id, id, name) values (pg_temp.id(who), pg_temp.id(who || number), number) on conflict do nothing;
  insert into public.contact_numbers (user_id, number, contact_id) values (pg_temp.id(who), number, pg_temp.id(who || number)) on conflict do nothing;
  insert into public.events (user_id, ts, number, contact_id, type, direction, status, duration, source, sources, source_id, fingerprint)
  values (pg_temp.id(who), ts, number, pg_temp.id(who || number), type, direction, case type when 'call' then 'answered' when 'sms' then 'received' end,
    case type when 'call' then duration end, split_part(sources[1], ':', 1), sources, source_id, gen_random_uuid())
$$;
-- A person who calls at 9 and 15 and gets texts at 11, 13 and 19, every day.
create function pg_temp.a_life(who text, since date, upto date) returns void language sql as $$
  insert into public.events (user_id, ts, number, type, direction, status, duration, source, sources, fingerprint)
  select pg_temp.id(who), day + hour * interval '1 hour' + interval '7 minutes', '+447700900001', type, 'inbound',
    case type when 'call' then 'answered' else 'received' end, case type when 'call' then 60 end, 'device', '{device:Phone}', gen_random_uuid()
    from generate_series(a_life.since::timestamptz, a_life.upto::timestamptz - interval '1 day', interval '1 day') as day
    cross join (values (9, 'call'), (11, 'sms'), (13, 'sms'), (15, 'call'), (19, 'sms')) as h (hour, type)
$$;
create function pg_temp.a_claim(who text, kind text, type text, covered text) returns void language sql as $$
  insert into public.sync_sources (user_id, id, kind, name) values (pg_temp.id(who), pg_temp.id(who || kind), kind, 'Phone') on conflict do nothing;
  insert into public.coverage (user_id, sync_source_id, type, covered) values (pg_temp.id(who), pg_temp.id(who || kind), type, covered::tstzmultirange)
$$;

-- No event, one event, two

select pg_temp.a_user(name) from unnest(array['zoe', 'uma', 'ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida', 'ivy', 'jon', 'kim']) as name;
select is(pg_temp.gaps('zoe') - '{generated_at,coverage}'::text[],
  '{"from": "2026-03-01T00:00:00+00:00", "to": "2026-05-01T00:00:00+00:00", "time_zone": "UTC", "min_hours": 6, "gaps": [], "trailing_gap": null,
    "shortest_detectable_gap_hours": {"all": null, "call": null, "sms": null}, "incomplete_imports": []}',
  'Without events there is no gap and nothing is made up');
select is(pg_temp.gaps('zoe') -> 'coverage',
  '{"sms": {"share": null, "has_claims": false, "covered_hours": 0.0}, "call": {"share": null, "has_claims": false, "covered_hours": 0.0}}',
  'Nobody claims anything');
select pg_temp.an_event('uma', '2026-03-10 09:00Z', 'call');
select is(pg_temp.gaps('uma') -> 'gaps', '[]', 'One event makes no gap');
select is(pg_temp.gaps('uma') #>> '{trailing_gap,verdict}', 'quiet', 'One event says nothing about the silence since');
select pg_temp.an_event('uma', '2026-04-10 09:00Z', 'call');
select is(pg_temp.gaps('uma') -> 'gaps', '[]', 'A month between two events is no gap: there is no rhythm');

-- A life with a hole

select pg_temp.a_life('ann', '2026-02-01', '2026-04-10'), pg_temp.a_life('ann', '2026-04-14', '2026-05-15');
select is(pg_temp.found(pg_temp.gaps('ann'), 'suspected'), 'all 04-09 19:07 04-14 09:07', 'Four days without anything in a steady life are suspected');
select is(pg_temp.found(pg_temp.gaps('ann'), 'proven'), null, 'Silence alone proves nothing');
select is(pg_temp.evidence(pg_temp.gaps('ann'), 'suspected'), 'surprise', 'The evidence is the surprise');
select is((select g -> 'resync' from jsonb_array_elements(pg_temp.gaps('ann') -> 'gaps') as g where g ->> 'verdict' = 'suspected'),
  '{"source": "device:Phone", "from": "2026-04-09T19:07:00+00:00", "to": "2026-04-14T09:07:00+00:00"}',
  'It says what to sync again');
select ok((select (g ->> 'expected_events')::numeric between 15 and 25 from jsonb_array_elements(pg_temp.gaps('ann') -> 'gaps') as g where g ->> 'verdict' = 'suspected'),
  'About twenty events were to be expected');
select pg_temp.a_life('kim', '2026-02-01', '2026-04-10'), pg_temp.a_life('kim', '2026-04-14', '2026-04-20'), pg_temp.a_life('kim', '2026-05-12', '2026-05-15');
select ok((select (g ->> 'expected_events')::numeric between 8 and 15 from jsonb_array_elements(pg_temp.gaps('kim') -> 'gaps') as g
  where g ->> 'channel' = 'all' and g ->> 'start' like '2026-04-09%'),
  'What is expected is judged by four weeks on either side: fewer where little followed');
select is(pg_temp.found(pg_temp.gaps('ann', $$'2026-03-01', '2026-05-01', 'Asia/Kathmandu'$$), 'suspected'), 'all 04-09 19:07 04-14 09:07',
  'It is the same gap in a zone of quarter hours');
select is(pg_temp.found(pg_temp.gaps('ann', $$'2026-03-01', '2026-04-05', 'UTC'$$), 'suspected'), null, 'A period before it does not show it');
select is(pg_temp.gaps('bob') -> 'gaps', '[]', 'Nor does somebody else''s');

select pg_temp.an_event('ida', day + interval '12 hours', 'call') from generate_series(timestamptz '2026-02-10', '2026-05-10', '2 days') as day
 where day <> '2026-04-11';
select is(pg_temp.gaps('ida') -> 'gaps', '[]', 'The same four days of somebody who calls every other day are nothing');

-- A channel that falls silent

select pg_temp.a_life('cat', '2026-02-01', '2026-05-15');
select is(pg_temp.gaps('cat') -> 'gaps', '[]', 'A steady life has no gap');
delete from public.events where user_id = pg_temp.id('cat') and type = 'sms' and ts between '2026-04-10' and '2026-04-14';
select is(pg_temp.found(pg_temp.gaps('cat'), 'suspected'), 'sms 04-09 19:07 04-14 11:07', 'Texts that stop while calls go on are a gap of that channel');
select is(pg_temp.evidence(pg_temp.gaps('cat'), 'suspected'), 'surprise other_channel_active', 'The calls meanwhile are evidence');

-- What sources claim

select pg_temp.a_life('dan', '2026-02-01', '2026-04-10'), pg_temp.a_life('dan', '2026-04-14', '2026-05-15');
select pg_temp.a_claim('dan', 'device', type, '{[2026-02-01,2026-04-10),[2026-04-14,2026-05-15)}') from unnest(array['call', 'sms']) as type;
select is(pg_temp.found(pg_temp.gaps('dan'), 'proven'), 'all 04-10 00:00 04-14 00:00', 'What no source says it delivered is proven to be missing');
select is(pg_temp.found(pg_temp.gaps('dan'), 'suspected'), null, 'The silence around it is the same gap');
select is(pg_temp.evidence(pg_temp.gaps('dan'), 'proven'), 'no_coverage surprise', 'The evidence is the claims, and the surprise');
select pg_temp.an_event('dan', '2026-04-12 10:00Z', 'call', sources => '{carrier}');
select is(pg_temp.found(pg_temp.gaps('dan'), 'proven'), 'sms 04-10 00:00 04-14 00:00', 'A call from elsewhere in it leaves a hole in the texts');
select pg_temp.an_event('dan', '2026-04-12 12:00Z', 'call');
select is(pg_temp.found(pg_temp.gaps('dan'), 'proven'), null, 'An event from the source itself shows that it delivered without saying so');
delete from public.events where user_id = pg_temp.id('dan') and ts between '2026-04-11' and '2026-04-13';
select pg_temp.a_claim('dan', 'backup', type, '{[2026-04-01,2026-05-01)}') from unnest(array['call', 'sms']) as type;
select is(pg_temp.found(pg_temp.gaps('dan'), 'proven'), null, 'What another source delivered is not missing');
select is(pg_temp.gaps('dan') #>> '{coverage,call,share}', '1.0000', 'All of the period is covered then');
select pg_temp.a_claim('eve', 'device', 'call', '{[2026-03-05,2026-03-10),[2026-03-12,2026-03-20)}');
select is(pg_temp.found(pg_temp.gaps('eve'), 'proven'), 'call 03-10 00:00 03-12 00:00', 'A hole of the claims needs no events');
select is(pg_temp.found(pg_temp.gaps('eve', $$'2026-03-01', '2026-05-01', 'UTC', 72$$), 'proven'), null, 'Nothing shorter than asked for is shown');

-- What teammates know

insert into public.organizations (id, name) values (pg_temp.id('org'), 'Org');
insert into public.org_members (organization_id, user_id, role)
  values (pg_temp.id('org'), pg_temp.id('fay'), 'member'), (pg_temp.id('org'), pg_temp.id('gus'), 'member'), (pg_temp.id('org'), pg_temp.id('jon'), 'viewer');
insert into public.lines (user_id, name, number) values (pg_temp.id('fay'), 'SIM', '+447700900777'), (pg_temp.id('jon'), 'SIM', '+447700900778');
select pg_temp.a_life('fay', '2026-02-01', '2026-04-10'), pg_temp.a_life('fay', '2026-04-14', '2026-05-15');
select pg_temp.an_event('gus', ts::timestamptz, 'call', '+447700900777', 'inbound') from unnest(array['2026-04-11 10:00Z', '2026-04-12 10:00Z']) as ts;
select is(pg_temp.found(pg_temp.gaps('fay'), 'proven'), 'all 04-09 19:07 04-14 09:07', 'Two calls that a teammate had with this phone prove the gap');
select is((select count(*) from public.audit_log as a where a.action = 'data.read' and a.actor = pg_temp.id('fay') and a.owner_id = pg_temp.id('gus')), 1::bigint,
  'That the log of the teammate was read is noted');
select pg_temp.a_life('ivy', '2026-02-01', '2026-05-15');
insert into public.lines (user_id, name, number) values (pg_temp.id('ivy'), 'SIM', '+447700900779');
insert into public.org_members (organization_id, user_id, role) values (pg_temp.id('org'), pg_temp.id('ivy'), 'member');
select pg_temp.an_event('gus', '2026-04-11 02:00Z', 'call', '+447700900779');
select set_config('phonelog.noted_reads', '', true);
select is(jsonb_array_length(pg_temp.gaps('ivy') -> 'gaps'), 0, 'One call in a night like every other is no gap');
select is((select count(*) from public.audit_log as a where a.action = 'data.read' and a.actor = pg_temp.id('ivy')), 0::bigint,
  'and what bears on no answer is not said to be read');
select is((select g #> '{evidence,0,count}' from jsonb_array_elements(pg_temp.gaps('fay') -> 'gaps') as g where g ->> 'verdict' = 'proven'), '2', 'They are counted');
savepoint before_private;
insert into public.privacy_rules (user_id, contact_id, visibility) values (pg_temp.id('gus'), pg_temp.id('gus+447700900777'), 'private');
create temporary table with_private as select pg_temp.gaps('fay') - 'generated_at' as answer;
delete from public.events where user_id = pg_temp.id('gus');
select is((select answer from with_private), pg_temp.gaps('fay') - 'generated_at', 'A private contact of the teammate is as if it were not there');
rollback to before_private;
savepoint before_mask;
insert into public.privacy_rules (user_id, contact_id, mask_number) values (pg_temp.id('gus'), pg_temp.id('gus+447700900777'), true);
select is(pg_temp.found(pg_temp.gaps('fay'), 'proven'), null, 'A masked number tells nothing');
rollback to before_mask;
update public.events set direction = 'outbound', status = 'missed', duration = 0 where user_id = pg_temp.id('gus');
select is(pg_temp.found(pg_temp.gaps('fay'), 'proven'), null, 'Calls that nobody took may never have reached the phone');
update public.events set direction = 'outbound', status = 'answered', duration = 90 where user_id = pg_temp.id('gus');
select is(pg_temp.found(pg_temp.gaps('fay'), 'proven'), 'all 04-09 19:07 04-14 09:07', 'Calls that were talked did');
delete from public.events where user_id = pg_temp.id('gus') and ts < '2026-04-12';
select is(pg_temp.found(pg_temp.gaps('fay'), 'proven'), null, 'One event may be an error');

-- What ids tell

create function pg_temp.a_count(who text, skips integer) returns void language sql as $$
  with numbered as (
    select e.id, row_number() over (order by e.ts) + case when e.ts > '2026-04-12' then skips else 0 end as n
      from public.events as e where e.user_id = pg_temp.id(who) and e.type = 'sms'
  )
  update public.events as e set source_id = 'sms-' || n.n from numbered as n where e.user_id = pg_temp.id(who) and e.id = n.id
$$;
select pg_temp.a_life('hal', '2026-02-01', '2026-04-10'), pg_temp.a_life('hal', '2026-04-14', '2026-05-15');
select pg_temp.a_count('hal', 0);
select is(pg_temp.found(pg_temp.gaps('hal'), 'proven'), null, 'A count without a hole proves nothing');
select pg_temp.a_count('hal', 12);
select is(pg_temp.evidence(pg_temp.gaps('hal'), 'proven'), 'id_sequence surprise other_channel_active', 'Twelve ids that were skipped in the silence prove it');

-- Bad input

select throws_ok(pg_temp.asking('nobody', ''), 'PT401', 'not_authenticated', 'Nobody has no gaps');
select throws_ok(pg_temp.asking('ann', $$'2026-05-01', '2026-04-01'$$), 'PT400', 'range_invalid', 'A period does not end before it begins');
select throws_ok(pg_temp.asking('ann', $$'1826-05-01', '2026-04-01'$$), 'PT400', 'range_too_large', 'Two hundred years are too many');

select * from finish();
rollback;
