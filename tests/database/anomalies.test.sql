-- Anomalies: each kind is found where it was put, and an ordinary life has none.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(33);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;
create function pg_temp.a_user(name text) returns void language sql as $$
  insert into auth.users (id, email) values (pg_temp.id(a_user.name), md5(a_user.name) || '@anomalies.test')
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
  select format('select pg_temp.ask(%L, %L)', who, format('select detect_anomalies(%s)', arguments))
$$;
create function pg_temp.anomalies(who text, arguments text default $$'2026-03-15', '2026-05-01', 'UTC'$$) returns jsonb language sql as $$
  select pg_temp.ask(who, format('select detect_anomalies(%s)', arguments))::jsonb
$$;
create function pg_temp.found(answer jsonb) returns text language sql as $$
  select string_agg(concat_ws(' ', a ->> 'date', a ->> 'kind', a ->> 'direction', a ->> 'channel', a ->> 'observed'), ', ' order by i)
    from jsonb_array_elements(answer -> 'anomalies') with ordinality as f (a, i)
$$;
create function pg_temp.an_event(who text, ts timestamptz, type text, number text default '+447700900001', duration integer default 60)
returns void language sql as $$
  insert into public.contacts (user_id, id, name) values (pg_temp.id(who), pg_temp.id(who || number), 'Name of ' || number) on conflict do nothing;
  insert into public.events (user_id, ts, number, contact_id, type, direction, status, duration, source, sources, fingerprint)
  values (pg_temp.id(who), ts, number, pg_temp.id(who || number), type, 'inbound', case type when 'call' then 'answered' when 'sms' then 'received' end,
    case type when 'call' then duration end, 'device', '{device}', gen_random_uuid())
$$;
-- Two to four calls of one to four minutes and one to three texts a day, with three people.
create function pg_temp.a_life(who text) returns void language sql as $$
  insert into public.contacts (user_id, id, name)
  select pg_temp.id(who), pg_temp.id(who || number), 'Name of ' || number from unnest(array['+447700900001', '+447700900002', '+447700900003']) as number;
  insert into public.events (user_id, ts, number, contact_id, type, direction, status, duration, source, sources, fingerprint)
  select pg_temp.id(who), ts, number, pg_temp.id(who || number), type, 'inbound', case type when 'call' then 'answered' when 'sms' then 'received' end,
    duration, 'device', '{device}', gen_random_uuid()
  from (
    select '2026-01-10'::timestamptz + day * interval '1 day' + (9 + 3 * i) * interval '1 hour' + (day * 7 % 40) * interval '1 minute' as ts,
      'call' as type, '+44770090000' || 1 + (day + i) % 3 as number, 60 + (day * 37 + i * 53) % 180 as duration
      from generate_series(0, 110) as day cross join lateral generate_series(0, 1 + day % 3) as i
    union all
    select '2026-01-10'::timestamptz + day * interval '1 day' + (10 + 3 * i) * interval '1 hour', 'sms', '+44770090000' || 1 + (day + i) % 3, null
      from generate_series(0, 110) as day cross join lateral generate_series(0, day % 3) as i) as e
$$;

select pg_temp.a_user(name) from unnest(array['zoe', 'uma', 'ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus']) as name;
select pg_temp.a_life(name) from unnest(array['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus']) as name;

-- Nothing to find

select is(pg_temp.anomalies('zoe') - 'generated_at',
  '{"from": "2026-03-15T00:00:00+00:00", "to": "2026-05-01T00:00:00+00:00", "time_zone": "UTC", "alarm_days": 60, "anomalies": [], "days_judged": 0,
    "days_left_out": 0, "false_alarms_expected": 0.00}', 'Without events no day is judged');
select pg_temp.an_event('uma', '2026-04-01 12:00Z', 'call');
select is(pg_temp.found(pg_temp.anomalies('uma')), null, 'One event is no anomaly');
select pg_temp.an_event('uma', '2026-04-02 12:00Z', 'call');
select is(pg_temp.found(pg_temp.anomalies('uma')), null, 'Nor are two');
select is(pg_temp.found(pg_temp.anomalies('ann')), null, 'An ordinary life has none');
select is(pg_temp.anomalies('ann') ->> 'days_judged', '47', 'Every day of it is judged');
select is(pg_temp.anomalies('ann', $$'2026-03-15', '2026-04-30 23:59Z', 'UTC'$$) ->> 'days_judged', '46', 'A day that is not whole is not');
select is(pg_temp.found(pg_temp.anomalies('ann', $$'2026-03-15', '2026-05-01', 'Pacific/Chatham'$$)), null, 'Whole days are those of the zone');

-- Volume

select pg_temp.an_event('bob', '2026-04-20 12:00Z'::timestamptz + i * interval '40 minutes', 'call', '+44770090000' || 1 + i % 3) from generate_series(1, 12) as i;
select is(pg_temp.found(pg_temp.anomalies('bob')), '2026-04-20 volume up call 15', 'Twelve calls more on a day are found');
create temporary table spike as select pg_temp.anomalies('bob') #> '{anomalies,0}' as a;
select ok((a ->> 'expected')::numeric between 2 and 4, 'About three were to be expected') from spike;
select ok((a ->> 'p_value')::numeric < 1 / 60.0, 'It is rarer than one day in sixty') from spike;
select is(jsonb_array_length(a -> 'event_ids'), 5, 'Five of its events are named') from spike;
select is(a ->> 'from', '2026-04-20T00:00:00+00:00', 'It is the day from its midnight') from spike;
select is(pg_temp.found(pg_temp.anomalies('bob', $$'2026-03-15', '2026-05-01', 'Asia/Kathmandu'$$)), '2026-04-20 volume up call 12',
  'In Kathmandu the day ends at a quarter past six and has three calls less');
select is(pg_temp.found(pg_temp.anomalies('bob', $$'2026-04-21', '2026-05-01', 'UTC'$$)), null, 'The days after it are not strange for being like the days before');
select is(pg_temp.found(pg_temp.anomalies('bob', $$'2026-03-15', '2026-04-20', 'UTC'$$)), null, 'A period that ends before it does not show it');
delete from public.events where user_id = pg_temp.id('bob') and ts::date = '2026-04-20';
select is(pg_temp.found(pg_temp.anomalies('bob')), null, 'A day of three calls less is nothing to speak of');
select pg_temp.an_event('cat', '2026-04-20 09:00Z'::timestamptz + i * interval '8 minutes', 'sms') from generate_series(1, 70) as i;
select is(split_part(pg_temp.found(pg_temp.anomalies('cat')), ', ', 1), '2026-04-20 volume up sms 72', 'Seventy texts more are found');
select is(pg_temp.anomalies('cat') #>> '{anomalies,0,contact_name}', 'Name of +447700900001', 'The contact of most of them is named');
delete from public.events where user_id = pg_temp.id('cat') and ts::date = '2026-04-20';

-- Duration

select pg_temp.an_event('dan', '2026-04-20 18:10Z', 'call', '+447700900001', 9000);
select is(pg_temp.found(pg_temp.anomalies('dan')), '2026-04-20 duration up call 9000', 'A call of two and a half hours is found');
select is(pg_temp.anomalies('dan') #>> '{anomalies,0,event_ids,0}', (select id::text from public.events where user_id = pg_temp.id('dan') and duration = 9000),
  'The call is named');

-- Unusual hour

select pg_temp.an_event('eve', '2026-04-20 03:00Z'::timestamptz + i * interval '5 minutes', 'sms') from generate_series(1, 6) as i;
select is(pg_temp.found(pg_temp.anomalies('eve')), '2026-04-20 unusual_hour up all 6', 'Six texts at three at night are found');

-- A new number

select pg_temp.an_event('fay', '2026-04-20 09:00Z'::timestamptz + i * interval '20 minutes', 'sms', '+447700900099') from generate_series(1, 24) as i;
select is(pg_temp.anomalies('fay') #>> '{anomalies,0,kind}', 'new_number_burst', 'Two dozen texts with a number never seen before are found');
select is(pg_temp.anomalies('fay') #>> '{anomalies,0,contact_id}', pg_temp.id('fay+447700900099')::text, 'The number''s contact is named');

-- Somebody who is not heard of any more

delete from public.events where user_id = pg_temp.id('gus') and number = '+447700900002' and ts > '2026-03-10';
select is((select string_agg(a ->> 'contact_name', ',') from jsonb_array_elements(pg_temp.anomalies('gus') -> 'anomalies') as a where a ->> 'kind' = 'drop_off'),
  'Name of +447700900002', 'A daily contact who went silent is found');
select pg_temp.an_event('gus', '2026-04-28 12:00Z', 'call', '+447700900002');
select is((select string_agg(a ->> 'contact_name', ',') from jsonb_array_elements(pg_temp.anomalies('gus') -> 'anomalies') as a where a ->> 'kind' = 'drop_off'),
  null, 'Until heard of again');

-- The baseline

select is((select score from private.score_counts(array_fill(3::bigint, array[20]) || 30::bigint, array_fill(1, array[21]), array_fill(true, array[21]), 5, 3, 4) where day = 21) > 4, true,
  'Ten times the mean scores high');
select is((select sum(abs(score)) from private.score_counts('{}', '{}', '{}', 5, 3, 4)), null, 'No day scores nothing');
select ok((select max(expected) < 6 from private.score_counts(array_fill(3::bigint, array[20]) || 300::bigint || array_fill(3::bigint, array[9]), array_fill(1, array[30]), array_fill(true, array[30]), 5, 3, 4) where day > 21),
  'A day that was an anomaly does not become what is expected');
select is((select count(*) from private.score_counts(array_fill(3::bigint, array[10]) || array_fill(0::bigint, array[9]) || 3::bigint, array_fill(1, array[20]), array_fill(true, array[10]) || array_fill(false, array[9]) || true, 5, 3, 4)
  where score <> 0), 0::bigint, 'Days left out score nothing and leave what is expected as it was');
select is(round(private.alarm_share('calls')::numeric + private.alarm_share('texts')::numeric + private.alarm_share('duration')::numeric + private.alarm_share('hour')::numeric
  + private.alarm_share('new_number')::numeric + private.alarm_share('new_numbers')::numeric + private.alarm_share('drop_off')::numeric, 6), 1.000000, 'The shares of the budget sum to 1');

-- Bad input

select throws_ok(pg_temp.asking('nobody', ''), 'PT401', 'not_authenticated', 'Nobody has no anomalies');
select throws_ok(pg_temp.asking('ann', $$time_zone => 'Mars/Olympus'$$), 'PT400', 'validation_failed', 'A zone is one that exists');
select throws_ok(pg_temp.asking('ann', $$alarm_days => 1$$), 'PT400', 'validation_failed', 'An alarm a day is none');

select * from finish();
rollback;
