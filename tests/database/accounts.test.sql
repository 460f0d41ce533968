-- Accounts: profiles, organisations, contacts, sync reports, idempotency keys, and that deletion leaves nothing.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(117);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;

create function pg_temp.a_user(name text, metadata jsonb default null) returns void language sql as $$
  insert into auth.users (id, email, raw_user_meta_data)
  values (pg_temp.id(a_user.name), md5(a_user.name) || '@accounts.test', a_user.metadata)
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

-- Profiles

create function pg_temp.profile_from(metadata jsonb) returns text language plpgsql as $$
declare
  v_user constant text := 'profile from ' || coalesce(metadata::text, 'nothing');
begin
  perform pg_temp.a_user(v_user, metadata);
  return (select concat_ws(' | ', coalesce(display_name, '-'), time_zone, default_region, locale, week_start)
    from public.profiles where user_id = pg_temp.id(v_user));
end;
$$;
select is(pg_temp.profile_from(metadata), profile, says)
  from (values
    (null::jsonb, '- | UTC | US | en | 1', 'A new user without metadata has a profile with the defaults'),
    ('{}', '- | UTC | US | en | 1', 'Empty metadata are none'),
    ('{"display_name": "Ann", "time_zone": "Asia/Kathmandu", "default_region": "NP", "locale": "ne-NP", "week_start": 7}',
      'Ann | Asia/Kathmandu | NP | ne-NP | 7',
      'Valid metadata are taken'),
    ('{"display_name": "  ", "time_zone": "Mars/Olympus", "default_region": "Nepal", "locale": "Nepali!", "week_start": 8}',
      '- | UTC | US | en | 1',
      'What is not valid falls back to the default and does not stop the sign-up'),
    ('{"display_name": "Ann", "time_zone": "UTC+3", "week_start": "7"}', 'Ann | UTC | US | en | 7',
      'Each field for itself'),
    ('{"time_zone": null, "week_start": {"a": 1}, "locale": [], "default_region": 1}', '- | UTC | US | en | 1',
      'Nor do values of other types'),
    ('{"full_name": "Ann Smith"}', 'Ann Smith | UTC | US | en | 1', 'The name may come as other providers send it'),
    ('["Ann"]', '- | UTC | US | en | 1', 'Nor metadata that are a list')) as t (metadata, profile, says);
select is(char_length(split_part(pg_temp.profile_from(jsonb_build_object('name', repeat('x', 300))), ' | ', 1)), 200,
  'A name that is too long is cut');
select is_empty('select from auth.users as u where not exists (select from public.profiles as p where p.user_id = u.id)',
  'Every user has a profile');

select pg_temp.a_user('ann', '{"display_name": "Ann"}'), pg_temp.a_user('ben'), pg_temp.a_user('eve');
select is(pg_temp.ask('ann', 'select get_profile() ->> ''display_name'''), 'Ann', 'A user reads his profile');
select throws_ok(pg_temp.asking('nobody', 'select get_profile()'), 'PT401', 'not_authenticated',
  'A token without a subject has no profile');
select throws_ok(pg_temp.asking('a user who is gone', 'select get_profile()'), 'PT401', 'not_authenticated',
  'Nor has a token of a deleted account');
select is(pg_temp.ask('ann', 'with u as (update public.profiles set time_zone = ''Europe/Berlin'' returning 1) select count(*) from u'), '1',
  'A user changes his zone, and nobody else''s');
select throws_ok(pg_temp.asking('ann', 'update public.profiles set time_zone = ''Mars/Olympus'' returning 1'), '23514', null,
  'Not to a zone that nobody knows');
select throws_ok(pg_temp.asking('ann', 'update public.profiles set user_id = gen_random_uuid() returning 1'), '42501', null,
  'Nobody gives his profile away');

-- Organisations

create temporary table organization as select pg_temp.ask('ann', 'select create_organization(''  Acme '')')::uuid as id;
grant select on organization to public;
select is((select name from public.organizations join organization using (id)), 'Acme', 'A user makes an organisation');
select results_eq('select user_id, role from public.org_members join organization on organization_id = id',
  $$values (pg_temp.id('ann'), 'owner')$$,
  'And is its only member and owner');
select is(pg_temp.ask('ann', 'select name from public.organizations'), 'Acme', 'He reads it');
select is(pg_temp.ask('ben', 'select count(*) from public.organizations'), '0', 'Others do not');
select throws_ok(pg_temp.asking('ann', query), 'PT400', 'validation_failed', says)
  from (values
    ('select create_organization(''  '')', 'A blank name is no name'),
    ('select create_organization(null)', 'Nor is null'),
    (format('select create_organization(%L)', repeat('x', 201)), 'A name has at most 200 characters')) as t (query, says);
select throws_ok(pg_temp.asking('nobody', 'select create_organization(''Mine'')'), 'PT401', 'not_authenticated',
  'A token without a subject makes none');

-- Sync reports and health

create function pg_temp.health(who text) returns text language sql as $$
  select pg_temp.ask(who, $q$select (h ->> 'overall_health') || ': ' || coalesce((
    select string_agg(key || ' ' || (value ->> 'health'), ', ' order by key) from jsonb_each(h -> 'sources')),
      'no sources') from analyze_sync_health() as h$q$)
$$;
select is(pg_temp.health('ann'), 'unknown: no sources', 'Without a source the health is unknown');
insert into public.sync_sources (user_id, kind) values (pg_temp.id('ann'), 'carrier');
select is(pg_temp.health('ann'), 'unknown: carrier unknown', 'A source that was never heard of is unknown');
select pg_temp.ask('ann', $$select report_sync('{"source": "device", "name": "phone", "queue_depth": 3, "from": "2026-05-01T00:00Z", "to": "2026-05-02T00:00Z"}')$$);
select is(pg_temp.health('ann'), 'unknown: carrier unknown, device:phone healthy',
  'A source that reports is healthy; the worst source decides');
delete from public.sync_sources where kind = 'carrier' and user_id = pg_temp.id('ann');
select is(pg_temp.health('ann'), 'healthy: device:phone healthy', 'All sources healthy is healthy');
select is(pg_temp.ask('ann', 'select get_coverage()')::jsonb #- '{0,updated_at}' #- '{1,updated_at}', $$[
  {"source": "device", "name": "phone", "type": "call", "intervals": [{"from": "2026-05-01T00:00:00+00:00",
    "to": "2026-05-02T00:00:00+00:00"}]},
  {"source": "device", "name": "phone", "type": "sms", "intervals": [{"from": "2026-05-01T00:00:00+00:00",
    "to": "2026-05-02T00:00:00+00:00"}]}]$$::jsonb,
  'What it says it delivered is covered, for calls and messages');
select pg_temp.ask('ann', $$select report_sync('{"source": "device", "name": "phone", "from": "2026-05-02T00:00Z", "to": "2026-05-03T00:00Z", "types": ["sms"]}')$$);
select is(pg_temp.ask('ann', $$select string_agg((c ->> 'type') || ' ' || (c #>> '{intervals,0,to}'),
  ', ' order by c ->> 'type') from jsonb_array_elements(get_coverage()) as c$$),
  'call 2026-05-02T00:00:00+00:00, sms 2026-05-03T00:00:00+00:00', 'A report may be about one type');
select is((select concat_ws(' ', queue_depth, errors, (last_report_at = now())::text, clock_drift_seconds)
  from public.sync_sources where user_id = pg_temp.id('ann')),
  '3 [] true',
  'A report without a queue depth leaves the known one');
select is(pg_temp.ask('ben', 'select get_coverage()'), '[]', 'Coverage is one''s own');
select is(pg_temp.health('ben'), 'unknown: no sources', 'So is health');

-- A report under a new name each time, and the health that it gives.
create function pg_temp.health_of(report jsonb) returns text language plpgsql as $$
declare
  v_user constant text := 'source ' || md5(report::text || random()::text);
begin
  perform pg_temp.a_user(v_user);
  perform pg_temp.ask(v_user, format('select report_sync(%L)', report));
  return split_part(pg_temp.health(v_user), ':', 1);
end;
$$;
select is(pg_temp.health_of('{"source": "device"}' || report), health, says)
  from (values
    ('{"errors": [{"code": "permission_denied", "detail": "No access to the log"}]}'::jsonb, 'degraded',
      'A source that reports errors is degraded'),
    ('{"errors": []}', 'healthy', 'A source that reports none is healthy'),
    ('{"queue_depth": 999}', 'healthy', 'A short queue is healthy'),
    ('{"queue_depth": 1000}', 'degraded', 'A long queue is degraded'),
    ('{"queue_depth": 10000}', 'failing', 'A very long queue is failing'),
    (jsonb_build_object('sent_at', now() + interval '299 s'), 'healthy', 'A clock that is a little off is healthy'),
    (jsonb_build_object('sent_at', now() + interval '301 s'), 'degraded',
      'A clock that is ahead by more than five minutes is degraded'),
    (jsonb_build_object('sent_at', now() - interval '301 s'), 'degraded', 'So is one that is behind')) as t (report,
    health,
    says);
create function pg_temp.health_after(kind text, silence interval) returns text language plpgsql as $$
declare
  v_user constant text := 'silent ' || kind || silence;
begin
  perform pg_temp.a_user(v_user);
  insert into public.sync_sources (user_id, kind, last_ingest_at, last_report_at)
  values (pg_temp.id(v_user), health_after.kind, now() - silence, now() - silence - interval '1 year');
  return split_part(pg_temp.health(v_user), ':', 1);
end;
$$;
select is(pg_temp.health_after(kind, silence), health, format('A %s that has been silent for %s is %s', kind, silence, health))
  from (values
    ('device', interval '24 hours', 'healthy'),
    ('device', '24 hours 1 second', 'degraded'),
    ('device', '72 hours', 'degraded'),
    ('device', '72 hours 1 second', 'failing'),
    ('carrier', '34 days', 'healthy'),
    ('carrier', '36 days', 'degraded'),
    ('carrier', '96 days', 'failing'),
    ('backup', '96 days', 'failing'),
    ('manual', '1000 days', 'healthy'), ('api', '1000 days', 'healthy')) as t (kind, silence, health);
select is(pg_temp.health_after('device', interval '73 hours') || ' ' || (
    select pg_temp.ask('silent device' || interval '73 hours', $$select (h #>> '{sources,device,silent_hours}')
      from analyze_sync_health() as h$$)),
      'failing 73.0',
  'The health says for how long a source has been silent');
select throws_ok(pg_temp.asking('ben', format('select report_sync(%L)', report)), 'PT400', 'validation_failed', says)
  from (values
    ('{}'::jsonb, 'A report names its source'),
    ('{"source": "pigeon"}', 'A pigeon is no source'),
    ('{"source": "device", "from": "then", "to": "now"}', 'A report has times'),
    ('{"source": "device", "queue_depth": "long"}', 'A queue has a number'),
    ('{"source": "device", "queue_depth": -1}', 'Not below 0'),
    ('{"source": "device", "queue_depth": 99999999999}', 'And of a size that can be'),
    ('{"source": "device", "errors": {}}', 'Errors are a list'),
    ('{"source": "device", "sent_at": "2026-13-01T00:00Z"}', 'There is no month 13'),
    (jsonb_build_object('source', 'device', 'name', repeat('x', 101)), 'A name has at most 100 characters')
  ) as t (report, says);
select is_empty(format('select from public.sync_sources where user_id = %L', pg_temp.id('ben')),
  'A report that is refused leaves no source');
select throws_ok(pg_temp.asking('nobody', $$select report_sync('{"source": "device"}')$$), 'PT401', 'not_authenticated',
  'A token without a subject reports nothing');

-- Idempotency keys

create function pg_temp.claim(key text, hash text default 'h') returns text language sql
  as $$ select format('select claim_idempotency_key(%L, %L)', key, hash) $$;
create function pg_temp.settle(key text, status integer) returns text language sql
  as $$ select format('select settle_idempotency_key(%L, %s, ''answer'')', key, status) $$;
select is(pg_temp.ask('ann', pg_temp.claim('k')), null, 'A new key is the caller''s');
select throws_ok(pg_temp.asking('ann', pg_temp.claim('k')), 'PT409', 'request_in_progress',
  'The same request before the first is answered is in progress');
select throws_ok(pg_temp.asking('ann', pg_temp.claim('k', 'other')), 'PT422', 'idempotency_key_reused',
  'Another request with the key is refused at once');
select is(pg_temp.ask('ben', pg_temp.claim('k')), null, 'Another user''s key of the same name is another key');
select pg_temp.ask('ann', pg_temp.settle('k', 201));
select is(pg_temp.ask('ann', pg_temp.claim('k'))::jsonb, '{"status": 201, "response": "answer"}',
  'The same request later is answered as the first time');
select throws_ok(pg_temp.asking('ann', pg_temp.claim('k', 'other')), 'PT422', 'idempotency_key_reused',
  'Another request with the key is refused');
select throws_ok(pg_temp.asking('ben', pg_temp.claim('k')), 'PT409', 'request_in_progress',
  'The other user''s key is not settled by it');
select is((select count(*)::integer from public.idempotency_keys where key = 'k'), 2, 'Two users, two keys');
select pg_temp.ask('ann', pg_temp.claim('refused')), pg_temp.ask('ann', pg_temp.settle('refused', 422));
select is(pg_temp.ask('ann', pg_temp.claim('refused'))::jsonb ->> 'status', '422',
  'An answer that refuses is kept, too');
select pg_temp.ask('ann', pg_temp.claim('odd'));
select throws_ok(pg_temp.asking('ann', pg_temp.settle('odd', 302)), 'PT400', 'validation_failed', 'No answer of ours has another status');
select pg_temp.ask('ann', pg_temp.claim('fault')), pg_temp.ask('ann', pg_temp.settle('fault', 500));
select is(pg_temp.ask('ann', pg_temp.claim('fault', 'other')), null, 'After a fault of ours the key is free');
update public.idempotency_keys set created_at = now() - interval '61 seconds' where key = 'fault';
select is(pg_temp.ask('ann', pg_temp.claim('fault', 'third')), null, 'So is a key whose request never ended');
update public.idempotency_keys set created_at = now() - interval '59 seconds' where key = 'fault';
select throws_ok(pg_temp.asking('ann', pg_temp.claim('fault', 'third')), 'PT409', 'request_in_progress',
  'But not before a minute is over');
update public.idempotency_keys set created_at = now() - interval '23 hours' where key = 'k' and user_id = pg_temp.id('ann');
select is(pg_temp.ask('ann', pg_temp.claim('k'))::jsonb ->> 'status', '201', 'An answer is kept for a day');
update public.idempotency_keys set created_at = now() - interval '25 hours' where key = 'k';
select is(pg_temp.ask('ann', pg_temp.claim('k', 'new')), null, 'And not for longer');
select is(pg_temp.ask('eve', 'select count(*) from public.idempotency_keys'), '0', 'Nobody reads another''s keys');

-- Contacts

insert into public.contacts (user_id, id, name, company, tags, also_known_as, name_source) values
  (pg_temp.id('ben'), pg_temp.id('Anna'), 'Anna', 'Acme', '{friend,work}', '{Annie}', 'log'),
  (pg_temp.id('ben'), pg_temp.id('bea'), 'bea', null, '{friend}', '{}', 'log'),
  (pg_temp.id('ben'), pg_temp.id('Carl_1'), 'Carl_1', '100% Ltd', '{}', '{}', 'log'),
  (pg_temp.id('ben'), pg_temp.id('Carlo1'), 'Carlo1', null, '{}', '{}', 'log'),
  (pg_temp.id('ben'), pg_temp.id('nameless'), null, null, '{}', '{}', null),
  (pg_temp.id('ben'), pg_temp.id('sender'), null, null, '{}', '{}', null),
  (pg_temp.id('eve'), pg_temp.id('Eve''s Anna'), 'Anna', null, '{friend}', '{}', 'log');
insert into public.contact_numbers (user_id, number, contact_id)
  values (pg_temp.id('ben'), '+4930123456', pg_temp.id('Anna')), (pg_temp.id('ben'), '+4930999', pg_temp.id('Anna')),
  (pg_temp.id('ben'), '+14155550101', pg_temp.id('bea')),
  (pg_temp.id('ben'), '+14155550102', pg_temp.id('nameless')),
  (pg_temp.id('ben'), 'MyBank', pg_temp.id('sender'));
create function pg_temp.contacts(arguments text) returns text language sql as $$
  select pg_temp.ask('ben', format($q$select coalesce(string_agg(coalesce(c ->> 'name', c #>> '{numbers,0}'),
    ' ' order by n), 'none') || ', ' || (l ->> 'has_more') || ', ' || (l ->> 'total')
    from get_contacts(%s) as l left join lateral jsonb_array_elements(l -> 'contacts') with ordinality as e (c, n) on true
      group by l$q$, arguments))
$$;
create function pg_temp.after(contact text) returns text language sql as $$
  select format('cursor_name => %L, cursor_id => %L', case when name is null then '~' else ' ' || lower(name) end, id)
    from public.contacts where id = pg_temp.id(after.contact)
$$;
select alike(pg_temp.contacts(''), 'Anna bea Carl\_1 Carlo1 %, false, 6',
  'Contacts are listed by name, whatever the capitals');
select matches(pg_temp.contacts(''), 'Carlo1 (\+14155550102 MyBank|MyBank \+14155550102),',
  'Those without a name come last');
select is(pg_temp.contacts(arguments), found, says)
  from (values
    ('q => ''ANN''', 'Anna, false, 1', 'A search does not care about capitals'),
    ('q => ''annie''', 'Anna, false, 1', 'It finds other names'),
    ('q => ''acme''', 'Anna, false, 1', 'And companies'),
    ('q => ''123456''', 'Anna, false, 1', 'And parts of numbers'),
    ('q => ''(415) 555-01''', 'bea +14155550102, false, 2', 'However they are written'),
    ('q => ''mybank''', 'MyBank, false, 1', 'And named senders, whatever the capitals'),
    ('q => ''%''', 'Carl_1, false, 1', 'A per cent sign is a per cent sign'),
    ('q => ''l_1''', 'Carl_1, false, 1', 'An underscore is an underscore'),
    ('q => ''xyz''', 'none, false, 0', 'What is not there is not found'),
    ('q => ''\''', 'none, false, 0', 'Nor is a backslash'),
    ('tag => ''friend''', 'Anna bea, false, 2', 'A tag finds who has it'),
    ('tag => ''frien''', 'none, false, 0', 'Not a part of it'),
    ('tag => ''friend'', q => ''b''', 'bea, false, 1', 'Tag and search go together')) as t (arguments, found, says);
select is(pg_temp.contacts('max_rows => 2'), 'Anna bea, true, 6', 'The first page says that there are more');
select is(pg_temp.contacts('max_rows => 2, ' || pg_temp.after('bea')), 'Carl_1 Carlo1, true, 6',
  'The next page goes on after it');
select is(pg_temp.contacts('max_rows => 2, backward => true, ' || pg_temp.after('Carlo1')), 'bea Carl_1, true, 6',
  'Backward goes the same way back');
select is(pg_temp.contacts('max_rows => 2, backward => true, ' || pg_temp.after('bea')), 'Anna, false, 6',
  'To the first');
select is(pg_temp.contacts('max_rows => 0'), 'Anna, true, 6', 'A page has at least one');
select is(pg_temp.ask('eve', 'select get_contacts(tag => ''friend'') ->> ''total'''), '1', 'Everybody lists his own');

create function pg_temp.update_call(contact text, changes jsonb) returns text language sql
  as $$ select format('select update_contact(%L, %L)', pg_temp.id(contact), changes) $$;
select is(pg_temp.ask('ben', pg_temp.update_call('bea', '{"name": " Bea B. ", "company": "Bears", "tags": ["work", "work", "bear"], "notes": "Likes honey"}'))::jsonb
    - '{created_at,updated_at,first_interaction_at,last_interaction_at}'::text[],
  jsonb_build_object('user_id', pg_temp.id('ben'), 'id', pg_temp.id('bea'), 'name', 'Bea B.', 'also_known_as', '[]'::jsonb,
    'company', 'Bears', 'tags', '["bear", "work"]'::jsonb,
    'notes', 'Likes honey', 'numbers', '["+14155550101"]'::jsonb, 'interaction_count', 0),
      'A contact is edited and returned');
select is((select name_source from public.contacts where id = pg_temp.id('bea')), 'user',
  'Its name is now the user''s');
select is(pg_temp.ask('ben', pg_temp.update_call('bea', '{"tags": []}'))::jsonb ->> 'company', 'Bears',
  'What is not given stays');
select is((select tags from public.contacts where id = pg_temp.id('bea')), '{}', 'What is given changes');
select pg_temp.ask('ben', pg_temp.update_call('bea', '{"name": null, "notes": ""}'));
select is((select concat_ws(' ', coalesce(name, '-'), coalesce(name_source, '-'), coalesce(notes, '-')) from public.contacts
  where id = pg_temp.id('bea')), '- - -',
  'Null or nothing removes a field');
select throws_ok(pg_temp.asking('ben', pg_temp.update_call('Anna', changes)), 'PT400', 'validation_failed', says)
  from (values
    (jsonb_build_object('name', repeat('x', 201)), 'A name has at most 200 characters'),
    (jsonb_build_object('notes', repeat('x', 10001)), 'Notes have at most 10,000'),
    ('{"tags": "friend"}', 'Tags are a list'),
    ('{"tags": null}', 'And not null'),
    (jsonb_build_object('tags', (select jsonb_agg(n::text) from generate_series(1, 51) as n)),
      'There are at most 50 tags')
  ) as t (changes, says);
select is((select name from public.contacts where id = pg_temp.id('Anna')), 'Anna',
  'A change that is refused changes nothing');
select throws_ok(pg_temp.asking('eve', pg_temp.update_call('Anna', '{"name": "Mine"}')), 'PT404', 'contact_not_found',
  'Another''s contact does not exist');
select throws_ok(pg_temp.asking('ben', pg_temp.update_call('no contact', '{"name": "Mine"}')), 'PT404', 'contact_not_found',
  'Nor does one that nobody has');

-- Deletion

select pg_temp.a_user('leaver');
select pg_temp.ask('leaver', 'select create_organization(''Leavers'')');
insert into public.lines (user_id, name) values (pg_temp.id('leaver'), 'Work');
select pg_temp.ask('leaver', $$select ingest_events('[{"ts": "2026-05-01T09:00:00Z", "number": "101", "type": "call", "direction": "inbound", "contact_name": "Anna"},
  {"ts": "2026-05-01T09:30:00Z", "number": "101", "type": "call", "direction": "inbound", "status": "answered", "duration": 60},
  {"ts": "2026-05-01T09:40:00Z", "number": "101", "type": "sms", "direction": "inbound", "content": "See you"},
  {"ts": "2026-05-01T10:00:00Z", "number": "101", "type": "call",
    "direction": "inbound"}]', 'device', coverage => '{"from": "2026-05-01T00:00Z", "to": "2026-05-02T00:00Z"}')$$);
select pg_temp.ask('leaver', $$select ingest_events('[{"ts": "2026-05-01T09:00:01Z", "number": "101", "type": "call", "direction": "inbound"}]', 'carrier')$$);
select pg_temp.ask('leaver', format('select delete_event(%L)', id)) from public.events
  where user_id = pg_temp.id('leaver') and ts = '2026-05-01 10:00Z';
select pg_temp.ask('leaver', $$select ingest_events('[{"ts": "2026-05-01T11:00:00Z", "number": "102", "type": "call", "direction": "inbound"}]')$$);
set local phonelog.erasure_grace_days = '0';
select pg_temp.ask('leaver', $$select request_erasure(preview_erasure('number', number => '102') ->> 'confirmation', 'number', number => '102')$$);
select private.job_erasure(clock_timestamp() + interval '1 minute');
select pg_temp.ask('leaver', $$select set_retention('[{"keep_days": 30}]')$$);
insert into private.kept_sums (user_id, ts, is_private, type, direction, source, events) values (pg_temp.id('leaver'), '2026-01-01', false, 'call', 'inbound', 'api', 1);
insert into public.privacy_rules (user_id, contact_id) select user_id, id from public.contacts
  where user_id = pg_temp.id('leaver');
select pg_temp.ask('leaver', 'select open_import(''a.csv'')'), pg_temp.ask('leaver', pg_temp.claim('k'));
select pg_temp.ask('leaver', format('select record_nlq_query(%L)', '{"question": "Calls?", "normalized": "calls", "local_date": "2026-05-01", "time_zone": "UTC",
    "planner": "built_in", "planner_version": "1", "plan": {}, "data_version": 0, "cache": "miss", "embedding_model": "m", "embedding_version": "1"}'::jsonb || vector))
  from unnest(array['{}', (select jsonb_build_object('embedding', jsonb_agg(n)) from generate_series(1, 384) as n)]) as vector;

select pg_temp.ask('leaver', format('select create_api_key(%L, %L, %L)', 'A program', encode(sha256('x'), 'hex'), '{events:read}'));
select pg_temp.ask('leaver', 'select request_export()');
insert into private.export_parts (user_id, export_id, part, length, bytes)
  select user_id, id, 1, 1, 'x' from public.data_exports where user_id = pg_temp.id('leaver');
insert into public.alerts (owner_id, kind, severity, dedup_key, title) values (pg_temp.id('leaver'), 'anomaly', 'info', 'x', 'Something');
insert into private.scans (user_id, scan, scanned_at, data_version) values (pg_temp.id('leaver'), 'anomalies', now(), 1);
insert into private.webhooks (owner_id, url, types) values (pg_temp.id('leaver'), 'https://hooks.example.test/', '{alert.raised}');

create function pg_temp.rows_of(who text) returns table (name text, rows bigint) language plpgsql as $$
declare
  v_table private.user_tables;
begin
  -- A legal hold does not go with the account: it keeps the account.
  for v_table in select * from private.user_tables where table_name <> 'public.legal_holds'::regclass loop
    return query execute format('select %L::text, count(*) from %s where %I = %L', v_table.table_name, v_table.table_name,
      v_table.owner_column, pg_temp.id(who));
  end loop;
end;
$$;
select is_empty($$select name from pg_temp.rows_of('leaver') where rows = 0$$,
  'Before the deletion every table of personal data has rows of the user');
create temporary table others as select t.name, t.rows from pg_temp.rows_of('ben') as t;
delete from auth.users where id = pg_temp.id('leaver');
select is_empty($$select name, rows from pg_temp.rows_of('leaver') where rows > 0$$, 'After it no table has any');
select results_eq($$select * from pg_temp.rows_of('ben')$$, 'select * from others',
  'Other people''s rows are untouched');
select isnt_empty('select from others where rows > 0', 'Of which there are some');

select * from finish();
rollback;
