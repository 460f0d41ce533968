-- Ingest: one call or message is one row, however often and from wherever it comes.
--
-- Each scenario has a user of its own, named after it, so that no scenario sees another's rows.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(176);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;

create function pg_temp.a_user(name text) returns void language sql as $$
  insert into auth.users (id, email) values (pg_temp.id(a_user.name), md5(a_user.name) || '@ingest.test') on conflict do nothing
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
create function pg_temp.asking(who text, query text) returns text language sql as $$
  select format('select pg_temp.ask(%L, %L)', asking.who, asking.query)
$$;

-- Ingests as this user, who is made when new.
create function pg_temp.ingest(who text, source text, events jsonb) returns jsonb language plpgsql as $$
begin
  perform pg_temp.a_user(ingest.who);
  return pg_temp.ask(ingest.who, format('select ingest_events(%L, %L, %L)',
    case jsonb_typeof(ingest.events) when 'array' then ingest.events else jsonb_build_array(ingest.events) end,
    split_part(ingest.source, ':', 1), split_part(ingest.source, ':', 2)));
end;
$$;
-- The same, and only what became of each event.
create function pg_temp.outcomes(who text, source text, events jsonb) returns text language sql as $$
  select string_agg(r ->> 'outcome', ' ' order by (r ->> 'index')::integer)
    from jsonb_array_elements(pg_temp.ingest(outcomes.who, outcomes.source, outcomes.events) -> 'results') as r
$$;

create function pg_temp.a_call(changes jsonb default '{}', seconds numeric default 0) returns jsonb language sql as $$
  select jsonb_build_object('ts', to_char(timestamp '2026-05-01 09:00' + seconds * interval '1 second',
    'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'number', '+14155550101', 'type', 'call', 'direction', 'inbound', 'duration', 60) || changes
$$;
create function pg_temp.a_text(changes jsonb default '{}', seconds numeric default 0) returns jsonb language sql as $$
  select pg_temp.a_call('{"type": "sms", "content": "ok"}', seconds) - 'duration' || changes
$$;

create function pg_temp.events_of(who text) returns integer language sql as $$
  select count(*)::integer from public.events where user_id = pg_temp.id(who)
$$;
create function pg_temp.column_of(who text, expression text) returns text language plpgsql as $$
declare
  v_values text;
begin
  execute format('select string_agg(%s, '' / '' order by ts, id) from public.events where user_id = %L',
    format('coalesce((%s)::text, ''null'')', expression), pg_temp.id(who)) into v_values;
  return v_values;
end;
$$;

-- The same batch again

select is(pg_temp.outcomes('twice', 'device', jsonb_build_array(pg_temp.a_call(), pg_temp.a_text())),
  'inserted inserted',
  'New events are inserted');
select is(pg_temp.outcomes('twice', 'device', jsonb_build_array(pg_temp.a_call(), pg_temp.a_text())),
  'duplicate duplicate',
  'The same events again are duplicates');
select is(pg_temp.events_of('twice'), 2, 'The same batch twice adds no row');
select is(
  pg_temp.ingest('twice', 'device', pg_temp.a_call()) -> 'results' -> 0 ->> 'id',
  (select id::text from public.events where user_id = pg_temp.id('twice') and type = 'call'),
  'A duplicate is answered with the id of the event it is');
select is(
  pg_temp.outcomes('copies', 'device', jsonb_build_array(pg_temp.a_call(), pg_temp.a_text(), pg_temp.a_call(),
    pg_temp.a_text(), pg_temp.a_call())),
  'inserted inserted duplicate duplicate duplicate', 'Copies inside a batch are duplicates of the first');
select is(pg_temp.events_of('copies'), 2, 'Copies inside a batch add no row');
select is(
  pg_temp.outcomes('empty fields', 'device', jsonb_build_array(
    pg_temp.a_call() - 'duration', pg_temp.a_call() - 'number', pg_temp.a_call() - 'number' - 'duration',
    pg_temp.a_text() - 'content', pg_temp.a_text() - 'content' - 'number')),
  'inserted inserted inserted inserted inserted', 'Events without number, duration or text differ from each other');
select is(
  pg_temp.outcomes('empty fields', 'device', jsonb_build_array(
    pg_temp.a_call('{"duration": null}'), pg_temp.a_call('{"number": null}'), pg_temp.a_call('{"number": "", "duration": null}'),
    pg_temp.a_text('{"content": ""}'), pg_temp.a_text('{"content": null, "number": "(Unknown)"}'))),
  'duplicate duplicate duplicate duplicate duplicate',
    'No duration, number or text equals none, however it is written');
select is(
  pg_temp.ingest('every outcome', 'device', pg_temp.a_call()) -> 'counts',
  '{"inserted": 1, "merged": 0, "duplicate": 0, "refused": 0}', 'Counts say what became of the events');
select is(
  pg_temp.ingest('every outcome', 'carrier', jsonb_build_array(
    pg_temp.a_call('{}', 1), pg_temp.a_call('{}', 1), pg_temp.a_text(), pg_temp.a_call('{"type": "fax"}')))
      #- '{results,0,id}' #- '{results,1,id}' #- '{results,2,id}',
  '{"counts": {"inserted": 1, "merged": 1, "duplicate": 1, "refused": 1},
    "results": [{"index": 0, "outcome": "merged"}, {"index": 1, "outcome": "duplicate"}, {"index": 2, "outcome": "inserted"},
                {"index": 3, "outcome": "refused", "code": "type_invalid", "path": "type",
                  "detail": "The type is call or sms"}]}'::jsonb,
  'Each event of a batch has one outcome, and the counts add up');

-- Two sources

create temporary sequence scenario;
create function pg_temp.second_report(first jsonb, second jsonb,
  source text default 'carrier') returns text language plpgsql as $$
declare
  v_user constant text := 'scenario ' || nextval('scenario');
  v_outcome text;
begin
  perform pg_temp.ingest(v_user, 'device', first);
  v_outcome := pg_temp.outcomes(v_user, source, second);
  return format('%s, %s row(s)', v_outcome, pg_temp.events_of(v_user));
end;
$$;
select is(pg_temp.second_report(pg_temp.a_call(), pg_temp.a_call('{}', seconds)), becomes,
    format('A call that another source reports %s s later: %s', seconds, becomes))
  from (values
    (0, 'merged, 1 row(s)'),
    (1, 'merged, 1 row(s)'),
    (2.0, 'merged, 1 row(s)'),
    (2.001, 'inserted, 2 row(s)'),
    (-2.0, 'merged, 1 row(s)'), (-2.001, 'inserted, 2 row(s)'), (45, 'inserted, 2 row(s)')) as t (seconds, becomes);
select is(pg_temp.second_report(pg_temp.a_call(), pg_temp.a_call(jsonb_build_object('duration', duration), 1)), becomes,
    format('A call of 60 s that another source gives %s s: %s', duration, becomes))
  from (values (60, 'merged, 1 row(s)'), (61, 'merged, 1 row(s)'), (59, 'merged, 1 row(s)'), (62, 'inserted, 2 row(s)'),
    (58, 'inserted, 2 row(s)'), (null, 'merged, 1 row(s)')) as t (duration, becomes);
select is(pg_temp.second_report(pg_temp.a_call(), pg_temp.a_call(changes, 1)), 'inserted, 2 row(s)', says)
  from (values
    ('{"direction": "outbound"}'::jsonb, 'A call the other way is another call'),
    ('{"number": "+14155550102"}', 'A call with another number is another call'),
    ('{"number": null}', 'A call with a withheld number is no call with a known one'),
    ('{"type": "sms"}', 'A message is no call')) as t (changes, says);
select is(pg_temp.second_report(pg_temp.a_call() - 'number', pg_temp.a_call('{}', 1) - 'number'), 'merged, 1 row(s)',
  'Two reports of a call with a withheld number merge');
select is(pg_temp.second_report(pg_temp.a_text(), pg_temp.a_text('{}', 2)), 'merged, 1 row(s)',
  'Two reports of a message merge');
select is(pg_temp.second_report(pg_temp.a_text(), pg_temp.a_text('{"content": "no"}', 1)), 'inserted, 2 row(s)',
  'A message with another text is another message');
select is(pg_temp.second_report(pg_temp.a_text(), pg_temp.a_text('{}', 1) - 'content'), 'merged, 1 row(s)',
  'A carrier''s message without text merges with the phone''s');
select is(pg_temp.second_report(pg_temp.a_call(), pg_temp.a_call('{}', 1), 'device'), 'inserted, 2 row(s)',
  'Within one source two calls a second apart are two calls');
select is(pg_temp.second_report(pg_temp.a_call(), pg_temp.a_call('{}', 0.001), 'device'), 'inserted, 2 row(s)',
  'Even a millisecond apart');
select is(pg_temp.second_report(pg_temp.a_call(), pg_temp.a_call('{}', 1), 'device:tablet'), 'merged, 1 row(s)',
  'Two devices, told apart by name, are two sources');
select is(
  pg_temp.second_report(pg_temp.a_text('{"source_id": "m-1"}'), pg_temp.a_text('{"source_id": "m-1", "content": "okay"}', 1),
    'device'),
  'merged, 1 row(s)', 'A report with the source''s own id is the same event when its text was changed');
select is(
  pg_temp.second_report(pg_temp.a_text('{"source_id": "m-1"}'), pg_temp.a_text('{"source_id": "m-2"}', 1), 'device'),
  'inserted, 2 row(s)', 'A report with another id of the source is another event');

-- One report for one event

select is(pg_temp.outcomes('two oks ' || lag, 'device', jsonb_build_array(pg_temp.a_text(), pg_temp.a_text('{}', 1))),
  'inserted inserted',
    format('Two texts "ok" a second apart are two messages (before a source that is %s s late)', lag))
  from unnest(array[0, 0.4, -0.4, 1, -1, 1.5, -1.5]) as lag;
select is(
    cardinality(array_positions(string_to_array(
      pg_temp.outcomes('two oks ' || lag, 'carrier', jsonb_build_array(pg_temp.a_text('{}', lag), pg_temp.a_text('{}',
        1 + lag))), ' '),
        'inserted')),
    0, format('They stay two when another source, %s s late, reports both', lag))
  from unnest(array[0, 0.4, -0.4, 1, -1, 1.5, -1.5]) as lag;
select is(
    concat_ws(' ',
      pg_temp.outcomes('two oks ' || lag, 'device', jsonb_build_array(pg_temp.a_text(), pg_temp.a_text('{}', 1))),
      pg_temp.outcomes('two oks ' || lag, 'carrier', jsonb_build_array(pg_temp.a_text('{}', lag), pg_temp.a_text('{}', 1 + lag))),
      pg_temp.events_of('two oks ' || lag)),
    'duplicate duplicate duplicate duplicate 2', format('Importing both again adds nothing (%s s late)', lag))
  from unnest(array[0, 0.4, -0.4, 1, -1]) as lag;
select is(pg_temp.outcomes('missed by one', 'device', pg_temp.a_text()), 'inserted',
  'A message that both sources report');
select is(
  pg_temp.outcomes('missed by one', 'carrier', jsonb_build_array(pg_temp.a_text(), pg_temp.a_text('{}', 1))),
    'merged inserted',
  'Its twin a second later, which only the second source reports, is not swallowed by it');
select is(pg_temp.outcomes('three for two', 'device', jsonb_build_array(pg_temp.a_text(), pg_temp.a_text('{}', 1))),
  'inserted inserted',
  'Two messages of one source');
select is(
  pg_temp.outcomes('three for two', 'carrier', jsonb_build_array(pg_temp.a_text('{}', 0.2), pg_temp.a_text('{}', 0.9),
    pg_temp.a_text('{}', 1.3))),
  'merged merged inserted', 'Of three reports for two events the nearest merge and the third is new');
select is(
  pg_temp.outcomes('one by one', 'device', pg_temp.a_text()) || ' ' || pg_temp.outcomes('one by one', 'carrier',
    pg_temp.a_text('{}', 1))
    || ' ' || pg_temp.outcomes('one by one', 'carrier', pg_temp.a_text('{}', 2)),
  'inserted merged inserted', 'An event that a source has reported takes no second report of that source');

-- The better fields are kept.

select pg_temp.ingest('better', 'device:phone', jsonb_build_array(
  pg_temp.a_call('{"metadata": {"sim": 1}}') - 'duration', pg_temp.a_text('{}', 100) - 'content',
  pg_temp.a_call('{"status": "missed", "duration": 0}', 200), pg_temp.a_call('{"status": "answered"}', 300)));
insert into public.lines (user_id, id, name) values (pg_temp.id('better'), pg_temp.id('better line'), 'Work');
select is(
  pg_temp.outcomes('better', 'carrier', jsonb_build_array(
    pg_temp.a_call(jsonb_build_object('line_id', pg_temp.id('better line'), 'metadata', '{"sim": 2, "cell": "x"}'::jsonb), 1),
    pg_temp.a_text('{"content": "words"}', 101),
    pg_temp.a_call('{"status": "voicemail", "duration": 0}', 201), pg_temp.a_call('{"status": "declined", "duration": 61}',
      301))),
  'merged merged merged merged', 'A second source''s reports merge');
select is(pg_temp.column_of('better', 'duration'), '60 / null / 0 / 60',
  'A missing duration is filled in, a known one stays');
select is(pg_temp.column_of('better', 'content'), 'null / words / null / null', 'A missing text is filled in');
select is(pg_temp.column_of('better', 'status'), 'answered / received / voicemail / answered',
  'A missing status is filled in, a missed call is told more exactly, an answered call stays answered');
select is(pg_temp.column_of('better', 'line_id = pg_temp.id(''better line'')'), 'true / null / null / null',
  'A missing line is filled in');
select is(pg_temp.column_of('better', 'metadata'), '{"sim": 1, "cell": "x"} / {} / {} / {}',
  'Metadata are joined, the first report''s win');
select is(pg_temp.column_of('better', 'sources'),
  '{device:phone,carrier} / {device:phone,carrier} / {device:phone,carrier} / {device:phone,carrier}',
  'An event lists every source that reported it');
select is(pg_temp.column_of('better', 'source'), 'device / device / device / device',
  'Its own source stays the first one');
select is(
  pg_temp.outcomes('better later', 'carrier', pg_temp.a_text() - 'content') || ' ' || pg_temp.outcomes('better later',
    'device', pg_temp.a_text('{"content": "words"}'))
    || ' ' || pg_temp.outcomes('better later', 'device', pg_temp.a_text('{"content": "words"}')),
  'inserted merged duplicate', 'The same second once more is a duplicate');

-- Status

select is(pg_temp.outcomes('status', 'device', jsonb_build_array(
    pg_temp.a_call('{"status": "missed", "duration": 0}'), pg_temp.a_call('{"duration": 0}', 10), pg_temp.a_call('{}', 20),
    pg_temp.a_call('{}', 30) - 'duration', pg_temp.a_text('{}', 40), pg_temp.a_text('{"direction": "outbound"}', 50),
    pg_temp.a_call('{"status": "missed", "duration": 12}', 60))),
  'inserted inserted inserted inserted inserted inserted inserted', 'Events come with and without a status');
select is(pg_temp.column_of('status', 'status'), 'missed / null / answered / null / received / sent / missed',
  'Missed stays missed; a call of 0 seconds is not missed; a call that lasted was answered; a message went its way');

-- Deleted events stay deleted.

create function pg_temp.delete_all(who text) returns integer language plpgsql as $$
declare
  v_event uuid;
begin
  for v_event in select id from public.events where user_id = pg_temp.id(who) loop
    perform pg_temp.ask(who, format('select delete_event(%L)', v_event));
  end loop;
  return pg_temp.events_of(who);
end;
$$;
select pg_temp.ingest('deleter', 'device', jsonb_build_array(pg_temp.a_call(), pg_temp.a_text('{}', 100),
  pg_temp.a_text('{"content": null}', 200)));
select pg_temp.ingest('deleter', 'carrier', pg_temp.a_call('{}', -1));
select is(pg_temp.delete_all('deleter'), 0, 'Their owner deletes events');
select is(
  pg_temp.outcomes('deleter', 'device', jsonb_build_array(pg_temp.a_call(), pg_temp.a_text('{}', 100),
    pg_temp.a_text('{"content": null}', 200))),
  'duplicate duplicate duplicate', 'The source that reported them does not bring them back');
select is(pg_temp.outcomes('deleter', 'carrier', pg_temp.a_call('{}', -1)), 'duplicate',
  'Nor does a source whose report had merged');
select is(pg_temp.outcomes('deleter', 'backup:xml', pg_temp.a_call('{"duration": 61}', 1.5)), 'duplicate',
  'Nor does a source that never reported the call before');
select is(pg_temp.outcomes('deleter', 'backup:xml', pg_temp.a_text('{}', 100)), 'duplicate',
  'Nor does a source that never reported the message before');
select is(pg_temp.outcomes('deleter', 'backup:xml', pg_temp.a_text('{}', 101)), 'duplicate',
  'Nor when its clock is a second off');
select is(pg_temp.outcomes('deleter', 'backup:csv', pg_temp.a_text('{}', 100) - 'content'), 'duplicate',
  'Nor when it gives no text');
select is(
  pg_temp.outcomes('deleter', 'device', jsonb_build_array(
    pg_temp.a_call('{}', 50), pg_temp.a_text('{"content": "no"}', 100), pg_temp.a_call('{"number": "+14155550102"}'))),
  'inserted inserted inserted', 'Other events near them come in as ever');
select is(pg_temp.outcomes('other deleter', 'device', pg_temp.a_call()), 'inserted',
  'What one person deleted is nothing to another');
select ok(
  not exists (select from private.deleted_events as d where d.user_id = pg_temp.id('deleter') and d::text ilike '%ok%'),
    'The text of a deleted message is gone');

-- What is refused, and the rest kept

select pg_temp.a_user('refused'), pg_temp.a_user('line owner');
insert into public.lines (user_id, id, name)
values (pg_temp.id('refused'), pg_temp.id('own line'), 'Mine'), (pg_temp.id('line owner'), pg_temp.id('foreign line'),
  'Not yours');

create function pg_temp.refusal(event jsonb) returns text language sql as $$
  select concat_ws(' at ', coalesce(r ->> 'code', r ->> 'outcome'), nullif(r ->> 'path', ''))
    from jsonb_array_elements(pg_temp.ingest('refused', 'device', jsonb_build_array(event)) -> 'results') as r
$$;
select is(pg_temp.refusal(event), code, format('%s: %s', code, says))
  from (values
    ('"event"'::jsonb, 'event_invalid', 'a string is no event'),
    ('null', 'event_invalid', 'null is no event'),
    ('[]', 'event_invalid', 'an array is no event'),
    ('{}', 'ts_missing at ts', 'an event has a time'),
    (pg_temp.a_call('{"ts": null}'), 'ts_missing at ts', 'a null time is none'),
    (pg_temp.a_call('{"ts": "today"}'), 'ts_invalid at ts', 'words are no time'),
    (pg_temp.a_call('{"ts": "2026-05-01T09:00:00"}'), 'ts_invalid at ts', 'a time has an offset'),
    (pg_temp.a_call('{"ts": "2026-02-30T09:00:00Z"}'), 'ts_invalid at ts', 'there is no 30 February'),
    (pg_temp.a_call('{"ts": "2026-05-01T25:00:00Z"}'), 'ts_invalid at ts', 'there is no hour 25'),
    (pg_temp.a_call('{"ts": 1777626000000}'), 'ts_invalid at ts', 'milliseconds are no ISO time'),
    (pg_temp.a_call(jsonb_build_object('ts', to_char(now() + interval '25 hours', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))),
      'ts_in_future at ts',
      'an event is not from the day after tomorrow'),
    (pg_temp.a_call('{"ts": "1984-12-31T23:59:59Z"}'), 'ts_too_old at ts', 'there were no mobile phones'),
    (pg_temp.a_call('{"type": "fax"}'), 'type_invalid at type', 'a fax is neither call nor message'),
    (pg_temp.a_call() - 'type', 'type_invalid at type', 'an event has a type'),
    (pg_temp.a_call('{"direction": "sideways"}'), 'direction_invalid at direction', 'there are two directions'),
    (pg_temp.a_call() - 'direction', 'direction_invalid at direction', 'an event has a direction'),
    (pg_temp.a_call('{"status": "received"}'), 'status_invalid at status', 'a call is not received like a message'),
    (pg_temp.a_text('{"status": "missed"}'), 'status_invalid at status', 'a message is not missed like a call'),
    (pg_temp.a_call('{"duration": -1}'), 'duration_invalid at duration', 'no call is shorter than nothing'),
    (pg_temp.a_call('{"duration": 604801}'), 'duration_invalid at duration', 'no call lasts longer than a week'),
    (pg_temp.a_call('{"duration": "60"}'), 'duration_invalid at duration', 'a duration is a number'),
    (pg_temp.a_call(jsonb_build_object('number', repeat('9', 65))), 'number_invalid at number',
      'a number has 64 characters at most'),
    (pg_temp.a_text(jsonb_build_object('content', repeat('x', 100001))), 'content_too_long at content',
      'a text has 100,000 characters at most'),
    (pg_temp.a_call(jsonb_build_object('source_id', repeat('x', 201))), 'source_id_too_long at source_id',
      'an id has 200 characters at most'),
    (pg_temp.a_call('{"source": "pigeon"}'), 'source_invalid at source', 'a pigeon is no source'),
    (pg_temp.a_call('{"line_id": "no uuid"}'), 'line_not_found at line_id', 'a line id is a UUID'),
    (pg_temp.a_call(jsonb_build_object('line_id', pg_temp.id('no line'))), 'line_not_found at line_id',
      'an unknown line'),
    (pg_temp.a_call(jsonb_build_object('line_id', pg_temp.id('foreign line'))), 'line_not_found at line_id',
      'another user''s line'),
    (pg_temp.a_call('{"metadata": []}'), 'metadata_invalid at metadata', 'metadata are an object'),
    (pg_temp.a_call(jsonb_build_object('metadata', jsonb_build_object('x', repeat('x', 20001)))),
      'metadata_invalid at metadata',
      'metadata have 20 kB at most')) as t (event, code, says);
select is(pg_temp.events_of('refused'), 0, 'What is refused leaves no row');
select is(pg_temp.refusal(event), 'inserted', 'Taken in: ' || says)
  from (values
    (pg_temp.a_call('{"ts": "1985-01-01T00:00:00Z"}'), 'the oldest time'),
    (pg_temp.a_call('{"ts": "2026-05-01 14:45+0545"}'), 'a time with a space, without seconds, at +05:45'),
    (pg_temp.a_call('{"duration": 604800}'), 'the longest call'),
    (pg_temp.a_call(jsonb_build_object('number', repeat('9', 64))), 'the longest number'),
    (pg_temp.a_text(jsonb_build_object('content', repeat('x', 100000))), 'the longest text'),
    (pg_temp.a_call(jsonb_build_object('line_id', upper(pg_temp.id('own line')::text)), 3),
      'a line of one''s own, in capitals'),
    (pg_temp.a_call('{"metadata": null, "line_id": null, "status": null, "contact_name": null, "source": null}', 1),
      'nulls for what is not known'),
    (pg_temp.a_call('{"surprise": 1}', 2), 'a field that nobody knows')) as t (event, says);
select is(
  pg_temp.outcomes('good among bad', 'device', jsonb_build_array('"?"'::jsonb, pg_temp.a_call(),
    pg_temp.a_call('{"ts": "today"}'), pg_temp.a_text(), '{}'::jsonb)),
  'refused inserted refused inserted refused', 'Good events among bad ones are kept');
select is(pg_temp.events_of('good among bad'), 2, 'Their rows are there');
select is(
  pg_temp.ask('good among bad', format('select ingest_events(%L) -> ''results'' -> 0',
    jsonb_build_array(pg_temp.a_call('{"direction": 1}'))))::jsonb,
  '{"index": 0, "outcome": "refused", "code": "direction_invalid", "path": "direction", "detail": "The direction is inbound or outbound"}',
  'A refusal has index, code, path and a sentence');
select lives_ok(
    format('select pg_temp.ingest(''odd numbers'', ''device'', %L)', pg_temp.a_call(jsonb_build_object('number', number))),
    format('One event with the number "%s" does not fail the batch', number))
  from unnest(array['-', '()', '.', '+', '*', '#', ' / ']) as number;

-- Batches that are refused as a whole

select pg_temp.a_user('batches');
select throws_ok(pg_temp.asking('batches', query), 'PT400', 'validation_failed', says)
  from (values
    ('select ingest_events(''[]'')', 'A batch has at least one event'),
    (format('select ingest_events(%L)', (select jsonb_agg(pg_temp.a_call('{}', n)) from generate_series(1, 1001) as n)),
      'A batch has at most 1,000 events'),
    ('select ingest_events(''{}'')', 'A batch is an array'),
    ('select ingest_events(''null'')', 'A batch is not null'),
    ('select ingest_events(null)', 'A batch is given'),
    (format('select ingest_events(%L, ''pigeon'')', jsonb_build_array(pg_temp.a_call())),
      'A batch comes from a known kind of source'),
    (format('select ingest_events(%L, null)', jsonb_build_array(pg_temp.a_call())),
      'A batch comes from some kind of source'),
    (format('select ingest_events(%L, ''device'', %L)', jsonb_build_array(pg_temp.a_call()), repeat('x', 101)),
      'A source''s name has at most 100 characters'),
    (format('select ingest_events(%L, coverage => ''{"from": "2026-05-01"}'')', jsonb_build_array(pg_temp.a_call())),
      'Coverage has an end'),
    (format('select ingest_events(%L, coverage => ''{"from": "then", "to": "now and then"}'')',
      jsonb_build_array(pg_temp.a_call())),
      'Coverage has times')
  ) as t (query, says);
select is(pg_temp.events_of('batches'), 0, 'A batch that is refused leaves no row');
select is(
  pg_temp.ask('batches', format('select ingest_events(%L) #>> ''{counts,inserted}''', (select jsonb_agg(pg_temp.a_call('{}', n))
    from generate_series(1, 1000) as n))),
  '1000', 'A batch of 1,000 events is taken in');
select throws_ok(pg_temp.asking('nobody', format('select ingest_events(%L)', jsonb_build_array(pg_temp.a_call()))),
  'PT401', 'not_authenticated', 'A token without a subject ingests nothing');
select throws_ok(
  pg_temp.asking('batches', format('select private.ingest_batch(%L, %L, ''device'', '''')', pg_temp.id('refused'),
    jsonb_build_array(pg_temp.a_call()))),
  '42501', null, 'Nobody ingests for another user');

-- Coverage

create function pg_temp.cover(who text, source text, name text, coverage jsonb) returns void language plpgsql as $$
begin
  perform pg_temp.a_user(cover.who);
  perform pg_temp.ask(cover.who, format('select ingest_events(%L, %L, %L, %L)', jsonb_build_array(pg_temp.a_call()),
    cover.source, cover.name, cover.coverage));
end;
$$;
create function pg_temp.covered(who text, type text) returns text language sql as $$
  select string_agg(s.kind || case s.name when '' then '' else ':' || s.name end || ' ' || replace(c.covered::text, '"', ''),
    ' / ' order by s.kind, s.name)
    from public.coverage as c join public.sync_sources as s on s.user_id = c.user_id and s.id = c.sync_source_id
   where c.user_id = pg_temp.id(who) and c.type = covered.type
$$;
select pg_temp.cover('covered', 'carrier', '', c)
  from unnest(array['{"from": "2026-01-01T00:00Z", "to": "2026-02-01T00:00Z"}',
    '{"from": "2026-03-01T00:00Z", "to": "2026-04-01T00:00Z"}']::jsonb[]) as c;
select is(pg_temp.covered('covered', 'call'),
  'carrier {[2026-01-01 00:00:00+00,2026-02-01 00:00:00+00),[2026-03-01 00:00:00+00,2026-04-01 00:00:00+00)}',
  'Claims that do not touch are two intervals, half-open');
select pg_temp.cover('covered', 'carrier', '', '{"from": "2026-02-01T00:00Z", "to": "2026-02-15T00:00Z"}');
select pg_temp.cover('covered', 'carrier', '',
  '{"from": "2026-02-10T00:00Z", "to": "2026-02-20T00:00Z", "types": ["sms"]}');
select is(pg_temp.covered('covered', 'call'),
  'carrier {[2026-01-01 00:00:00+00,2026-02-15 00:00:00+00),[2026-03-01 00:00:00+00,2026-04-01 00:00:00+00)}',
  'A claim that touches another joins it');
select is(pg_temp.covered('covered', 'sms'),
  'carrier {[2026-01-01 00:00:00+00,2026-02-20 00:00:00+00),[2026-03-01 00:00:00+00,2026-04-01 00:00:00+00)}',
  'A claim for messages alone says nothing of calls');
select pg_temp.cover('covered', 'device', 'phone',
  '{"from": "2026-05-01T00:00Z", "to": "2026-05-02T00:00Z", "types": ["call"]}');
select pg_temp.cover('covered', 'device', 'phone', '{"from": "2026-05-02T00:00Z", "to": "2026-05-01T00:00Z"}');
select is(split_part(pg_temp.covered('covered', 'call'), ' / ', 2),
  'device:phone {[2026-05-01 00:00:00+00,2026-05-02 00:00:00+00)}',
  'Each source has its own claims, and one that ends before it begins claims nothing');

-- Sources

select is(
  pg_temp.outcomes('mixed', 'device:phone', jsonb_build_array(
    pg_temp.a_call(), pg_temp.a_call('{"source": "carrier"}', 1), pg_temp.a_text('{"source": "carrier"}', 60),
      pg_temp.a_text('{}', 61))),
  'merged inserted inserted merged', 'A batch with events of two sources merges them with each other');
select is(pg_temp.column_of('mixed', 'sources'), '{carrier,device:phone} / {carrier,device:phone}',
  'Each event lists both');
select is(
  (select string_agg(concat_ws(' ', kind, nullif(name, ''), last_event_at, (last_ingest_at = now())::text), ' / ' order by kind)
     from public.sync_sources where user_id = pg_temp.id('mixed')),
  'carrier 2026-05-01 09:01:00+00 true / device phone 2026-05-01 09:01:01+00 true',
  'Each source is on record with its newest event');
select pg_temp.ingest('mixed', 'carrier', pg_temp.a_text('{}', -3600));
select is((select last_event_at from public.sync_sources where user_id = pg_temp.id('mixed') and kind = 'carrier'),
  '2026-05-01 09:01:00+00', 'An older event does not set it back');

-- Contacts

create function pg_temp.contacts_of(who text) returns text language sql as $$
  select string_agg(concat_ws(' ', coalesce(c.name, '?'), nullif(array(select unnest(c.also_known_as) order by 1)::text,
    '{}'), numbers), ' / ' order by c.name, numbers)
    from public.contacts as c
    cross join lateral (select string_agg(n.number, '+' order by n.number collate "C") as numbers from public.contact_numbers as n
                         where n.user_id = c.user_id and n.contact_id = c.id) as n
   where c.user_id = pg_temp.id(who)
$$;
-- Log entries (number, name), one minute apart.
create function pg_temp.log(who text, variadic entries text[]) returns text language plpgsql as $$
begin
  perform pg_temp.ingest(who, 'device', (
    select jsonb_agg(pg_temp.a_call(jsonb_build_object('number', split_part(entry, '=', 1), 'contact_name',
      nullif(split_part(entry, '=', 2), '')), 60 * n))
      from unnest(entries) with ordinality as e (entry, n)));
  return pg_temp.contacts_of(who);
end;
$$;
select is(pg_temp.log('two numbers', '101=Anna', '102=Anna'), 'Anna 101+102',
  'One name with two numbers is one contact');
select is(pg_temp.log('two numbers', '103=Anna', '104= Anna  '), 'Anna 101+102+103+104', 'In a later batch too');
select alike(pg_temp.log('two numbers', '105=ANNA', '106=anna'), 'Anna % 101+102+103+104+105+106',
  'And in capitals or without');
select is(pg_temp.log('two names', '101=Anna'), 'Anna 101', 'One number with a name');
select is(pg_temp.log('two names', '101=Bea'), 'Anna {Bea} 101',
  'A second name for a number is what the contact is also known as');
select is(pg_temp.log('two names', '101=Bea', '101=Anna', '101=Cleo'), 'Anna {Bea,Cleo} 101',
  'Each such name is kept once');
select is(pg_temp.log('two names at once', '101=Bea', '101=Anna'), 'Bea {Anna} 101',
  'Of two names in one batch the first one stays');
select is(pg_temp.log('no names', '101', '102', '101'), '? 101 / ? 102',
  'Numbers without a name are contacts without a name');
select is(pg_temp.log('no names', '101=Anna'), 'Anna 101 / ? 102',
  'A name that comes later is given to the contact of its number');
select is(pg_temp.log('no names', '102=Anna'), 'Anna 101+102',
  'A number without a name joins the contact that has the name');
select is(pg_temp.column_of('no names',
  'contact_id = (select id from public.contacts where user_id = pg_temp.id(''no names''))'),
  'true / true / true / true', 'Its events go with it');
select is(pg_temp.log('named together', '101', '102'), '? 101 / ? 102', 'Two numbers without a name');
select is(pg_temp.log('named together', '101=Anna', '102=Anna'), 'Anna 101+102',
  'They are one contact when one name comes for both');
select is(pg_temp.log('named and new', '101'), '? 101', 'A number without a name');
select is(pg_temp.log('named and new', '101=Anna', '102=Anna'), 'Anna 101+102',
  'It is one contact with a new number of the same name');
select is(pg_temp.log('no names at all', '101=101', '102=(Unknown)', '103=+1 (4)', '104=null', '105=  '),
  '? 101 / ? 102 / ? 103 / ? 104 / ? 105', 'A name that repeats a number or says that there is none is no name');
select is(pg_temp.log('withheld', '=Anna', '(Unknown)', 'private=Bea', '-1', '-2', 'Anonymous', 'RESTRICTED', 'null', '  '), null,
  'A withheld number makes no contact');
select is(pg_temp.column_of('withheld', 'concat(number, contact_id)'), ' /  /  /  /  /  /  /  / ',
  'Its events have neither number nor contact');
select is(pg_temp.log('senders', 'MyBank', '72000', 'tel:+1 (415) 555-0101', '0044 20 7946 0018', '*100#'),
  '? *100# / ? +14155550101 / ? +442079460018 / ? 72000 / ? MyBank',
  'Named senders and short codes stay as they are, formatting goes');
select pg_temp.ask('two names', format('select update_contact(%L, ''{"name": "Mum"}'')', (select id from public.contacts
  where user_id = pg_temp.id('two names'))));
select is(pg_temp.log('two names', '101=Anna', '101=Dora'), 'Mum {Anna,Bea,Cleo,Dora} 101',
  'A log does not overwrite the name that the user gave');

-- Nothing crosses owners.

select pg_temp.log('left', '101=Anna'), pg_temp.log('right', '101=Anna');
select is(
  (select count(distinct contact_id)::integer from public.events where user_id in (pg_temp.id('left'), pg_temp.id('right'))),
  2,
  'Two people''s contacts with one number are two contacts');
select is_empty(
  $$select from public.events as e where e.contact_id is not null
      and not exists (select from public.contacts as c where c.user_id = e.user_id and c.id = e.contact_id)$$,
  'Every event''s contact is its owner''s');
select isnt_empty('select from public.events where contact_id is not null', 'There are events with contacts');
select throws_ok(
  format('update public.events set contact_id = %L where user_id = %L', (select id from public.contacts
    where user_id = pg_temp.id('right')), pg_temp.id('left')),
  '23503', null, 'The tables do not let an event name another owner''s contact');

select * from finish();
rollback;
