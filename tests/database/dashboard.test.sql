-- Dashboard metrics against figures computed by hand, and against a plain query over generated events.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(110);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;

create function pg_temp.a_user(name text, metadata jsonb default '{}') returns void language sql as $$
  insert into auth.users (id, email, raw_user_meta_data)
  values (pg_temp.id(a_user.name), md5(a_user.name) || '@dashboard.test', a_user.metadata)
$$;

-- What a query of one value answers to this user; "nobody" has a token without a subject.
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
create function pg_temp.metrics_call(arguments text) returns text language sql as $$
  select format('select get_dashboard_metrics(%s)', metrics_call.arguments)
$$;
create function pg_temp.metrics(who text, arguments text) returns jsonb language sql as $$
  select pg_temp.ask(metrics.who, pg_temp.metrics_call(metrics.arguments))::jsonb
$$;
create function pg_temp.period("from" text, "to" text, more text default '') returns text language sql as $$
  select format('starts_at => %L, ends_at => %L%s', period."from", period."to", coalesce(', ' || nullif(more, ''), ''))
$$;
create function pg_temp.asking(who text, arguments text) returns text language sql as $$
  select format('select pg_temp.metrics(%L, %L)', asking.who, asking.arguments)
$$;

create function pg_temp.an_event(who text, ts timestamptz, contact text, type text, direction text, status text default null,
  duration integer default null)
returns void language sql as $$
  insert into public.contacts (user_id, id, name) select pg_temp.id(who), pg_temp.id(contact), contact
    where contact is not null on conflict do nothing;
  insert into public.events (user_id, ts, number, contact_id, type, direction, status, duration, source, sources, fingerprint)
  values (pg_temp.id(who), ts, '#' || contact, pg_temp.id(contact), type, direction, status, duration, 'device', '{device}',
    gen_random_uuid())
$$;
create function pg_temp.totals(metrics jsonb) returns text language sql as $$
  select string_agg(coalesce(metrics ->> field, '-'), ' ' order by place) from unnest(array[
    'total_events', 'total_calls', 'total_sms', 'inbound', 'outbound', 'answered_calls', 'missed_calls', 'unique_contacts',
      'new_contacts',
    'total_call_duration_minutes', 'avg_call_duration_minutes', 'median_call_duration_minutes', 'busiest_hour',
      'busiest_weekday']) with ordinality as f (field, place)
$$;
-- The series as text: one word per bucket, date or hour and the number of events.
create function pg_temp.series(metrics jsonb) returns text language sql as $$
  select string_agg((b ->> 'time_bucket') || '=' || (b ->> 'total_events'), ' ' order by n)
    from jsonb_array_elements(metrics #> '{time_series,data}') with ordinality as s (b, n)
$$;
create function pg_temp.buckets(metrics jsonb) returns integer language sql as $$
  select jsonb_array_length(metrics #> '{time_series,data}')
$$;

-- No event, one event

select pg_temp.a_user('zoe'), pg_temp.a_user('uma');
create temporary table answer as select pg_temp.metrics('zoe', pg_temp.period('2026-05-04', '2026-05-11')) as nothing;
select is(pg_temp.totals(nothing), '0 0 0 0 0 0 0 0 0 0.00 - - - -',
  'Without events counts are 0, and no mean, median or hour is made up') from answer;
select is(nothing #> '{top_contact}', 'null', 'There is no top contact') from answer;
select is(nothing -> 'top_contacts', '[]', 'The list of top contacts is empty') from answer;
select is(nothing #> '{data_freshness,last_event_at}', 'null', 'There is no newest event') from answer;
select is(nothing #> '{comparison,metrics,total_events}', '{"current": 0, "previous": 0, "change": 0, "change_pct": null}',
  'Nothing beside nothing is no percentage') from answer;
select is(nothing #> '{comparison,metrics,avg_call_duration_minutes}',
  '{"current": null, "previous": null, "change": null, "change_pct": null}',
  'Nor is a missing mean') from answer;
select is(pg_temp.series(nothing),
  '2026-05-04T00:00:00+00:00=0 2026-05-05T00:00:00+00:00=0 2026-05-06T00:00:00+00:00=0 2026-05-07T00:00:00+00:00=0 2026-05-08T00:00:00+00:00=0 2026-05-09T00:00:00+00:00=0 2026-05-10T00:00:00+00:00=0',
  'A series without events has all its buckets') from answer;
select is(nothing #> '{time_series,data,0}',
  '{"time_bucket": "2026-05-04T00:00:00+00:00", "total_events": 0, "calls": 0, "sms": 0, "inbound": 0, "outbound": 0, "unique_contacts": 0, "avg_duration": null, "is_partial": false}',
  'An empty bucket has every field') from answer;

select pg_temp.an_event('uma', '2026-05-06 13:30Z', 'Anna', 'call', 'inbound', 'answered', 90);
select is(pg_temp.totals(pg_temp.metrics('uma', pg_temp.period('2026-05-04', '2026-05-11'))),
  '1 1 0 1 0 1 0 1 1 1.50 1.50 1.50 13 3',
  'One call gives every figure');
select is(pg_temp.metrics('uma', pg_temp.period('2026-05-04', '2026-05-11')) -> 'top_contact',
  jsonb_build_object('contact_id', pg_temp.id('Anna'), 'name', 'Anna', 'number', '#Anna', 'interaction_count', 1),
    'Its contact is the top contact');
select is(pg_temp.metrics('uma', pg_temp.period('2026-05-04', '2026-05-11')) #> '{time_series,data,2}',
  '{"time_bucket": "2026-05-06T00:00:00+00:00", "total_events": 1, "calls": 1, "sms": 0, "inbound": 1, "outbound": 0, "unique_contacts": 1, "avg_duration": 90.0, "is_partial": false}',
  'Its bucket has it');
select is(pg_temp.metrics('uma', pg_temp.period('2026-05-04', '2026-05-11')) #> '{comparison,metrics,total_events}',
  '{"current": 1, "previous": 0, "change": 1, "change_pct": null}',
  'Something beside nothing is no percentage');
select is(pg_temp.totals(pg_temp.metrics('zoe', pg_temp.period('2026-05-04', '2026-05-11'))), pg_temp.totals(nothing),
  'One person''s event is not in another''s figures') from answer;

-- A few events, by hand

select pg_temp.a_user('ann');
select pg_temp.an_event('ann', ts::timestamptz, contact, type, direction, status, duration) from (values
  ('2026-05-04 09:00Z', 'A', 'call', 'inbound', 'answered', 60),
  ('2026-05-04 09:30Z', 'A', 'call', 'outbound', 'answered', 180),
  ('2026-05-05 09:10Z', 'B', 'call', 'inbound', 'missed', 0),
  ('2026-05-05 14:00Z', 'A', 'sms', 'inbound', 'received', null),
  ('2026-05-06 09:50Z', 'C', 'sms', 'outbound', 'sent', null),
  ('2026-05-07 20:00Z', 'C', 'call', 'inbound', null, 0),
  ('2026-05-08 21:00Z', null, 'call', 'inbound', 'missed', 0),
  ('2026-05-08 22:00Z', 'B', 'call', 'outbound', 'answered', 300),
  ('2026-04-28 10:00Z', 'A', 'call', 'inbound', 'answered', 120),
  ('2026-04-30 10:00Z', 'A', 'sms', 'inbound', 'received', null)) as e (ts, contact, type, direction, status, duration);
create temporary table week as select pg_temp.metrics('ann', pg_temp.period('2026-05-04', '2026-05-11')) as m;
select is(pg_temp.totals(m), '8 6 2 5 3 3 2 3 2 9.00 3.00 3.00 9 1',
  'A week''s figures are those computed by hand') from week;
select is((m ->> 'answered_calls')::integer + (m ->> 'missed_calls')::integer, 5,
  'A call of 0 seconds without a status is neither answered nor missed') from week;
select is((select count(*)::integer from jsonb_array_elements(m -> 'top_contacts')), 3,
  'A withheld number is no contact') from week;
select is((select string_agg(concat_ws(' ', t ->> 'name', t ->> 'interaction_count'), ', ' order by n)
  from jsonb_array_elements(m -> 'top_contacts') with ordinality as l (t, n) where n = 1),
  'A 3', 'The contact with the most events is the top contact') from week;
select is(m -> 'top_contact', m #> '{top_contacts,0}', 'And the first of the list') from week;
select is(m #> array['comparison', 'metrics', field], becomes::jsonb, format('The change of %s is that computed by hand', field))
  from week cross join (values
    ('total_events', '{"current": 8, "previous": 2, "change": 6, "change_pct": 300.0}'),
    ('total_calls', '{"current": 6, "previous": 1, "change": 5, "change_pct": 500.0}'),
    ('missed_calls', '{"current": 2, "previous": 0, "change": 2, "change_pct": null}'),
    ('avg_call_duration_minutes',
      '{"current": 3.00, "previous": 2.00, "change": 1.00, "change_pct": 50.0}')) as t (field, becomes);
select is(
  pg_temp.metrics('ann', pg_temp.period('2026-04-27', '2026-05-04', 'compare => ''none''')) -> 'comparison', 'null',
    'Without a comparison there is none');
select is(
  pg_temp.metrics('ann', pg_temp.period('2026-05-11', '2026-05-18')) #> '{comparison,metrics,total_events}',
  '{"current": 0, "previous": 8, "change": -8, "change_pct": -100.0}', 'To nothing is a fall of 100 %');
select is(
  (select string_agg(concat(b ->> 'calls', b ->> 'sms', b ->> 'inbound', b ->> 'outbound', b ->> 'unique_contacts', ':',
    coalesce(b ->> 'avg_duration', '-')), ' ' order by n)
     from jsonb_array_elements(m #> '{time_series,data}') with ordinality as s (b, n)),
  '20111:120.0 11202:- 01011:- 10101:- 20111:300.0 00000:- 00000:-',
    'Each day''s counts are those computed by hand') from week;

-- Ends

select is(pg_temp.metrics('ann', pg_temp.period(f, t)) ->> 'total_events', events, says)
  from (values
    ('2026-05-04T09:00:00Z', '2026-05-04T09:30:00Z', '1',
      'An event at the start is in the period, one at the end is not'),
    ('2026-05-04T09:00:00.001Z', '2026-05-04T09:30:00.001Z', '1', 'A millisecond later it is the other way round'),
    ('2026-05-04T09:00:00Z', '2026-05-04T09:00:00.001Z', '1', 'A period may be a millisecond long')) as p (f,
    t,
    events,
    says);
select is(
  pg_temp.metrics('ann', pg_temp.period('2026-05-04T09:30:00Z', '2026-05-04T10:00:00Z')) #> '{comparison,metrics,total_events}',
  '{"current": 1, "previous": 1, "change": 0, "change_pct": 0.0}',
    'The previous period ends where this one begins, and counts nothing twice');
select is(
  (select string_agg(b ->> 'is_partial', ' ' order by n) from jsonb_array_elements(
     pg_temp.metrics('ann', pg_temp.period('2026-05-04T09:00:00Z',
       '2026-05-06T12:00:00Z')) #> '{time_series,data}') with ordinality as s (b, n)),
  'true false true', 'Buckets that the period cuts say so');

-- Zones

select pg_temp.a_user('ram', '{"time_zone": "Asia/Kathmandu"}');
select pg_temp.an_event('ram', ts::timestamptz, 'A', 'call', 'inbound')
  from unnest(array['2026-05-04 18:14Z', '2026-05-04 18:15Z', '2026-05-04 18:50Z']) as ts;
select is(pg_temp.series(pg_temp.metrics('ram', pg_temp.period('2026-05-03T18:15:00Z', '2026-05-05T18:15:00Z'))),
  '2026-05-04T00:00:00+05:45=1 2026-05-05T00:00:00+05:45=2', 'In Kathmandu the day changes at 18:15 UTC');
select is(pg_temp.series(pg_temp.metrics('ram', pg_temp.period('2026-05-04T17:15:00Z', '2026-05-04T19:15:00Z',
  'granularity => ''hour'''))),
  '2026-05-04T23:00:00+05:45=1 2026-05-05T00:00:00+05:45=2', 'And hours at 15 minutes past');
select is(pg_temp.metrics('ram', pg_temp.period('2026-05-04', '2026-05-06')) ->> 'busiest_hour', '0',
  'The busiest hour is one of the zone');
select is(pg_temp.metrics('ram', pg_temp.period('2026-05-04', '2026-05-06')) ->> 'busiest_weekday', '2',
  'So is the busiest weekday');
select is(pg_temp.metrics('ram', pg_temp.period('2026-05-04', '2026-05-06', 'time_zone => ''UTC''')) ->> 'busiest_hour', '18',
  'A zone that is asked for goes before the profile''s');
select is(pg_temp.metrics('ram', pg_temp.period('2026-05-04', '2026-05-06')) ->> 'time_zone', 'Asia/Kathmandu',
  'The answer names its zone');

select pg_temp.a_user('eve', '{"time_zone": "Europe/Berlin"}');
select is(pg_temp.buckets(pg_temp.metrics('eve', pg_temp.period(f, t, format('granularity => ''hour'', time_zone => %L',
  zone)))), hours,
    format('%s in %s has %s hours', left(f, 10), zone, hours))
  from (values
    ('Europe/Berlin', '2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00', 23),
    ('Europe/Berlin', '2026-10-25T00:00:00+02:00', '2026-10-26T00:00:00+01:00', 25),
    ('Europe/Berlin', '2026-10-26T00:00:00+01:00', '2026-10-27T00:00:00+01:00', 24),
    ('America/New_York', '2026-03-08T00:00:00-05:00', '2026-03-09T00:00:00-04:00', 23),
    ('America/New_York', '2026-11-01T00:00:00-04:00', '2026-11-02T00:00:00-05:00', 25))
    as d (zone, f, t, hours);
select pg_temp.an_event('eve', ts::timestamptz, 'A', 'call', 'inbound')
  from unnest(array['2026-10-25 00:30Z', '2026-10-25 01:30Z', '2026-10-25 01:45Z', '2026-10-25 22:59Z', '2026-10-24 21:59Z']) as ts;
select is(pg_temp.series(pg_temp.metrics('eve', pg_temp.period('2026-10-25T01:00:00+02:00', '2026-10-25T04:00:00+01:00',
  'granularity => ''hour'''))),
  '2026-10-25T01:00:00+02:00=0 2026-10-25T02:00:00+02:00=1 2026-10-25T02:00:00+01:00=2 2026-10-25T03:00:00+01:00=0',
    'The hour that comes twice is two buckets, told apart by their offsets');
select is(pg_temp.series(pg_temp.metrics('eve', pg_temp.period('2026-10-24T00:00:00+02:00',
  '2026-10-27T00:00:00+01:00'))),
  '2026-10-24T00:00:00+02:00=1 2026-10-25T00:00:00+02:00=4 2026-10-26T00:00:00+01:00=0',
    'The day of 25 hours is one bucket');
select is(pg_temp.metrics('eve', pg_temp.period('2026-10-25T00:00:00+02:00',
  '2026-10-26T00:00:00+01:00')) ->> 'busiest_hour', '2',
  'Both of its hours from 2 to 3 are the hour 2');

-- Weeks

select pg_temp.a_user('sun', '{"week_start": 7}');
select pg_temp.an_event(who, '2026-05-03 10:00Z', 'A', 'call', 'inbound') from unnest(array['sun', 'ann']) as who;
select is(pg_temp.series(pg_temp.metrics('ann', pg_temp.period('2026-05-01', '2026-05-04', 'granularity => ''week'''))),
  '2026-04-27T00:00:00+00:00=1',
  'A Sunday ends a week that begins on Monday');
select is(pg_temp.series(pg_temp.metrics('sun', pg_temp.period('2026-05-01', '2026-05-04', 'granularity => ''week'''))),
  '2026-04-26T00:00:00+00:00=0 2026-05-03T00:00:00+00:00=1', 'And begins a week that begins on Sunday');
select is(pg_temp.series(pg_temp.metrics('ann', pg_temp.period('2026-03-01', '2026-06-01',
  'granularity => ''month'''))),
  '2026-03-01T00:00:00+00:00=0 2026-04-01T00:00:00+00:00=2 2026-05-01T00:00:00+00:00=9',
    'Months have their own lengths');

-- Comparisons

create function pg_temp.compared(who text, arguments text) returns text language sql as $$
  select concat_ws(' ', (c ->> 'from')::timestamptz, (c ->> 'to')::timestamptz, c #>> '{metrics,total_events,previous}')
    from (select pg_temp.metrics(who, arguments) -> 'comparison' as c) as m
$$;
select pg_temp.a_user('leo'), pg_temp.a_user('lea', '{"time_zone": "Europe/Berlin"}');
select pg_temp.an_event(who, ts::timestamptz, 'A', 'call', 'inbound') from unnest(array['leo', 'lea']) as who
  cross join unnest(array['2023-02-28 12:00Z', '2024-02-28 12:00Z', '2024-02-29 12:00Z', '2024-03-01 12:00Z',
    '2023-02-27 23:30Z']) as ts;
select is(pg_temp.compared('leo', pg_temp.period('2024-02-29', '2024-03-01', 'compare => ''previous_year''')),
  '2023-02-28 00:00:00+00 2023-03-01 00:00:00+00 1',
  '29 February is compared with the year before''s 28th');
select is(pg_temp.compared('leo', pg_temp.period('2025-02-28', '2025-03-01', 'compare => ''previous_year''')),
  '2024-02-28 00:00:00+00 2024-03-01 00:00:00+00 2',
  'Up to 1 March is compared up to 1 March, 29 February included');
select is(pg_temp.compared('lea', pg_temp.period('2024-02-29T00:00:00+01:00', '2024-03-01T00:00:00+01:00',
  'compare => ''previous_year''')),
  '2023-02-27 23:00:00+00 2023-02-28 23:00:00+00 2', 'A year before is the same local time, in the zone');
select is(pg_temp.compared('leo', pg_temp.period('2024-02-29', '2024-03-01')), '2024-02-28 00:00:00+00 2024-02-29 00:00:00+00 1',
  'The previous period of a day is the day before');
select pg_temp.an_event('lea', '2026-03-15 23:30Z', 'A', 'call', 'inbound');
select is(pg_temp.compared('lea', pg_temp.period('2026-03-23T00:00:00+01:00', '2026-03-30T00:00:00+02:00')),
  '2026-03-15 23:00:00+00 2026-03-22 23:00:00+00 1',
  'The period before a week with a clock change is the week before, from local midnight');
set local time zone 'America/New_York';
create temporary table seen_from_new_york as select pg_temp.compared('leo', pg_temp.period('2026-03-09T00:00:00Z',
  '2026-03-12T00:00:00Z')) as comparison;
set local time zone 'UTC';
select is(split_part(comparison, ' ', 1) || ' ' || split_part(comparison, ' ', 2), '2026-03-05 19:00:00-05',
  'The session''s own zone moves no period') from seen_from_new_york;

-- Defaults

create temporary table by_default as select pg_temp.metrics('eve', '') as m;
select is(pg_temp.buckets(m), 30, 'Without a period it is the last 30 days') from by_default;
select is((m ->> 'to')::timestamptz, date_trunc('minute', now()) + interval '1 minute',
  'Up to the end of this minute') from by_default;
select is((m ->> 'from')::timestamptz, ((((m ->> 'to')::timestamptz - interval '1 microsecond') at time zone 'Europe/Berlin')::date - 29)::timestamp at time zone 'Europe/Berlin',
  'From local midnight 29 days ago') from by_default;
select is(pg_temp.buckets(pg_temp.metrics('eve', 'ends_at => ''2026-05-11T00:00:00+02:00''')), 30,
  'When that is midnight, too');
select is(m #>> '{time_series,data,29,is_partial}', 'true', 'Today is not over') from by_default;
select is(m #>> '{time_series,granularity}', 'day', 'By day') from by_default;

-- What is not valid

select throws_ok(pg_temp.asking('ann', arguments), 'PT400', code, says)
  from (values
    (pg_temp.period('2026-05-02', '2026-05-01'), 'range_invalid', 'A period does not end before it begins'),
    (pg_temp.period('2026-05-01', '2026-05-01'), 'range_invalid', 'An empty period is none'),
    (pg_temp.period('2014-01-01', '2026-01-01'), 'range_too_large', 'Twelve years have too many days'),
    (pg_temp.period('2026-01-01', '2026-06-20', 'granularity => ''hour'''), 'range_too_large',
      'Half a year has too many hours'),
    (pg_temp.period('2026-05-01', '2026-05-02', 'granularity => ''minute'''), 'validation_failed',
      'There are no buckets of a minute'),
    (pg_temp.period('2026-05-01', '2026-05-02', 'granularity => null'), 'validation_failed',
      'A granularity is not null'),
    (pg_temp.period('2026-05-01', '2026-05-02', 'compare => ''last_week'''), 'validation_failed',
      'There are three comparisons'),
    (pg_temp.period('2026-05-01', '2026-05-02', 'time_zone => ''Mars/Olympus'''), 'validation_failed',
      'A zone that nobody knows'),
    (pg_temp.period('2026-05-01', '2026-05-02', 'time_zone => ''CET'''), 'validation_failed',
      'An abbreviation is no zone'),
    (pg_temp.period('2026-05-01', '2026-05-02', 'time_zone => ''+02:00'''), 'validation_failed',
      'An offset is no zone'),
    (pg_temp.period('2026-05-01', '2026-05-02', 'time_zone => ''Europe/Berlin3'''), 'validation_failed',
      'A misspelt zone is not taken for a POSIX rule')) as t (arguments,
    code,
    says);
select throws_ok(pg_temp.asking('nobody', ''), 'PT401', 'not_authenticated',
  'A token without a subject gets no figures');
select is(pg_temp.buckets(pg_temp.metrics('zoe', pg_temp.period('2015-01-01', '2025-12-13'))), 3999,
  'Eleven years of days are not too many');
select is(private.is_time_zone(zone), is_zone, format('%s is %s time zone', zone, case when is_zone then 'a' else 'no' end))
  from (values
    ('UTC', true),
    ('Europe/Berlin', true),
    ('America/Port-au-Prince', true),
    ('America/Argentina/Buenos_Aires', true),
    ('Etc/GMT+12', true),
    ('Etc/GMT-14', true),
    ('europe/berlin', false),
    ('EST5EDT', false),
    ('Foo/Bar-3', false),
    ('Foo/Bar5', false),
    ('Etc/GMT+99', false),
    ('', false)) as z (zone, is_zone);

-- Generated events: the series beside a plain query, in many zones, around their clock changes

select pg_temp.a_user('many');
insert into public.contacts (user_id, id, name)
select pg_temp.id('many'), pg_temp.id('many ' || n), 'C' || n from generate_series(0, 9) as n;
insert into public.events (user_id, ts, number, contact_id, type, direction, status, duration, source, sources, fingerprint)
select pg_temp.id('many'), period + (r[1] * interval '70 days'), '#',
       case when r[2] < 0.9 then pg_temp.id('many ' || floor(r[2] * 10)) end,
       case when r[3] < 0.6 then 'call' else 'sms' end,
       case when r[4] < 0.5 then 'inbound' else 'outbound' end,
       case when r[3] < 0.3 then 'answered' when r[3] < 0.5 then 'missed' end,
       case when r[3] < 0.3 then floor(r[4] * 900)::integer when r[3] < 0.5 then 0 end,
       'device', '{device}', md5('many' || n || period)::uuid
  from unnest(array['2026-02-20 00:00Z', '2026-09-10 00:00Z']::timestamptz[]) as period
  cross join generate_series(1, 700) as n
  cross join lateral (
    -- Four numbers from 0 to 1, the same in every run.
    select array_agg(('x' || substr(md5('seed' || n || period), 1 + 8 * k, 7))::bit(28)::integer / 268435456.0 order by k) as r
      from generate_series(0, 3) as k) as random;

-- One line per bucket that has events: its local start, for hours with the offset, and its figures.
create function pg_temp.counted(zone text, granularity text, "from" timestamptz, "to" timestamptz)
returns setof text language sql as $$
  select concat_ws(' ', bucket, count(*), count(*) filter (where type = 'call'), count(*) filter (where type = 'sms'),
           count(*) filter (where direction = 'inbound'), count(*) filter (where direction = 'outbound'),
           count(distinct contact_id), coalesce(round(avg(duration) filter (where status = 'answered'), 1)::text, '-'))
    from (
      select e.*, case granularity
          when 'hour' then to_char(local, 'YYYY-MM-DD"T"HH24') || ' ' || (local - (e.ts at time zone 'UTC'))
          when 'day' then local::date::text
          when 'week' then (local::date - extract(isodow from local)::integer + 1)::text
          else to_char(local, 'YYYY-MM-"01"') end as bucket
        from public.events as e cross join lateral (select e.ts at time zone zone as local) as l
       where e.user_id = pg_temp.id('many') and e.ts >= counted."from" and e.ts < counted."to"
    ) as e
   group by bucket
$$;
create function pg_temp.shown(metrics jsonb, granularity text) returns setof text language sql as $$
  select concat_ws(' ',
      case granularity
        when 'hour' then left(bucket, 13) || ' ' || (replace(right(bucket, 6), '+', '') || ':00')::interval
        else left(bucket, 10) end,
      b ->> 'total_events', b ->> 'calls', b ->> 'sms', b ->> 'inbound', b ->> 'outbound', b ->> 'unique_contacts',
      coalesce(b ->> 'avg_duration', '-'))
    from jsonb_array_elements(metrics #> '{time_series,data}') as b cross join lateral (select b ->> 'time_bucket' as bucket) as t
   where b ->> 'total_events' <> '0'
$$;
create function pg_temp.mismatches(zone text, granularity text) returns setof text language plpgsql as $$
declare
  v_from timestamptz;
  v_to timestamptz;
  v_metrics jsonb;
begin
  for v_from, v_to in
    values ('2026-02-20 00:00Z'::timestamptz, '2026-05-01 00:00Z'::timestamptz), ('2026-09-13 07:20Z', '2026-11-08 11:11Z')
  loop
    v_metrics := pg_temp.metrics('many', pg_temp.period(v_from::text, v_to::text,
      format('compare => ''none'', granularity => %L, time_zone => %L', granularity, zone)));
    return query
      select 'not counted: ' || line from (
        select * from pg_temp.shown(v_metrics, granularity)
        except select * from pg_temp.counted(zone, granularity, v_from, v_to)) as l (line);
    return query
      select 'not shown: ' || line from (
        select * from pg_temp.counted(zone, granularity, v_from, v_to)
        except select * from pg_temp.shown(v_metrics, granularity)) as l (line);
    return query
      select format('the series has %s events, the total is %s', sum, v_metrics ->> 'total_events')
        from (select sum((b ->> 'total_events')::integer) as sum
                from jsonb_array_elements(v_metrics #> '{time_series,data}') as b) as s
       where sum <> (v_metrics ->> 'total_events')::integer;
  end loop;
end;
$$;
select is_empty(format('select * from pg_temp.mismatches(%L, %L)', zone, granularity),
  format('In %s the series by %s is what a plain query counts', zone, granularity))
  from unnest(array['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Africa/Cairo', 'America/Havana']) as zone
  cross join unnest(array['hour', 'day', 'week', 'month']) as granularity;
select is_empty(
    $$select from jsonb_array_elements(pg_temp.metrics('many', pg_temp.period('2026-02-20', '2026-05-01',
        'granularity => ''hour'', time_zone => ''Australia/Lord_Howe''')) #> '{time_series,data}') as b
      having sum((b ->> 'total_events')::integer) <> 700$$, 'Where clocks change by half an hour the hours hold all events, too');
select is((select count(*)::integer from pg_temp.counted('UTC', 'day', '2026-02-20', '2026-05-01')) > 60, true,
  'The plain query counts something');

select * from finish();
rollback;
