-- Questions as plans: what is refused, who is answered what, and what a teammate's rules keep back.
begin;
set local client_min_messages = error;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select no_plan();

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;
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
-- A plan that counts everything, with these keys instead; filters likewise.
create function pg_temp.plan(changes jsonb default '{}', filters jsonb default '{}') returns jsonb language sql as $$
  select '{"intent": "count", "metric": "events", "dimension": null, "starts_at": null, "ends_at": null, "time_zone": "UTC", "week_start": 1,
      "compare": null, "part": null, "sort": "newest", "limit": 50, "horizon_days": null}'::jsonb
    || jsonb_build_object('filters', '{"contact_ids": [], "excluded_contact_ids": [], "company": null, "tag": null, "number": null, "is_known": null,
      "type": null, "direction": null, "statuses": [], "min_seconds": null, "max_seconds": null, "hours": [], "weekdays": [], "text": null,
      "source": null, "line_id": null}'::jsonb || plan.filters) || plan.changes
$$;
create function pg_temp.call(plan jsonb, owner text default null) returns text language sql as $$
  select format('select run_query_plan(%L, %L)', call.plan, pg_temp.id(call.owner))
$$;
create function pg_temp.answer(who text, plan jsonb, owner text default null) returns jsonb language sql as $$
  select pg_temp.ask(who, pg_temp.call(plan, owner))::jsonb
$$;
create function pg_temp.asking(who text, plan jsonb, owner text default null) returns text language sql as $$
  select format('select pg_temp.ask(%L, %L)', who, pg_temp.call(plan, owner))
$$;
create function pg_temp.value(who text, filters jsonb, owner text default null) returns text language sql as $$
  select pg_temp.answer(who, pg_temp.plan('{}', filters), owner) ->> 'value'
$$;

insert into auth.users (id, email, raw_user_meta_data)
select pg_temp.id(name), name || '@plan.test', '{"time_zone": "Europe/Berlin"}' from unnest(array['ann', 'ben', 'vic', 'zoe', 'new']) as name;
insert into public.organizations (id, name) values (pg_temp.id('here'), 'Here');
insert into public.org_members (organization_id, user_id, role)
values (pg_temp.id('here'), pg_temp.id('ann'), 'owner'), (pg_temp.id('here'), pg_temp.id('ben'), 'member'), (pg_temp.id('here'), pg_temp.id('vic'), 'viewer');
insert into public.lines (user_id, id, name) values (pg_temp.id('ann'), pg_temp.id('line'), 'Work SIM');
insert into public.contacts (user_id, id, name, company, tags)
select pg_temp.id('ann'), pg_temp.id(name), name, company, tags
  from (values ('Mum', null, '{Family}'::text[]), ('Jürgen', 'Café Zürich', '{}'), ('Private Eye', 'Café Zürich', '{Family}'), ('Mask', null, '{}')) as c (name, company, tags);
insert into public.contact_numbers (user_id, number, contact_id)
select pg_temp.id('ann'), number, pg_temp.id(name)
  from (values ('+15550000001', 'Mum'), ('+15550000002', 'Jürgen'), ('+15550000003', 'Private Eye'), ('+15550000004', 'Mask')) as n (number, name);
insert into public.privacy_rules (user_id, contact_id, visibility, mask_number, mask_content)
values (pg_temp.id('ann'), pg_temp.id('Private Eye'), 'private', false, false), (pg_temp.id('ann'), pg_temp.id('Mask'), 'team', true, true),
  (pg_temp.id('ann'), pg_temp.id('Jürgen'), 'team', false, false);
create function pg_temp.an_event(name text, who text, ts timestamptz, type text, direction text, status text, duration integer default null, content text default null)
returns void language sql as $$
  insert into public.events (user_id, id, ts, number, contact_id, line_id, type, direction, status, duration, content, source, sources, fingerprint)
  values (pg_temp.id('ann'), pg_temp.id(an_event.name), an_event.ts,
    coalesce((select number from public.contact_numbers where contact_id = pg_temp.id(an_event.who)), an_event.who),
    (select contact_id from public.contact_numbers where contact_id = pg_temp.id(an_event.who)),
    case when an_event.name like 'line%' then pg_temp.id('line') end, an_event.type, an_event.direction,
    an_event.status, an_event.duration, an_event.content, 'device', '{device}', gen_random_uuid())
$$;
select pg_temp.an_event(name, who, ts::timestamptz, type, direction, status, duration, content)
  from (values
    ('m1', 'Mum', '2026-03-28 23:30Z', 'call', 'outbound', 'answered', 600, null),
    ('m2', 'Mum', '2026-03-29 00:30Z', 'call', 'outbound', 'answered', 60, null),
    ('m3', 'Mum', '2026-03-29 22:30Z', 'call', 'inbound', 'missed', null, null),
    ('line1', 'Jürgen', '2026-03-30 08:00Z', 'call', 'inbound', 'voicemail', 20, null),
    ('j2', 'Jürgen', '2026-03-30 09:00Z', 'sms', 'outbound', 'sent', null, 'See you at dinner'),
    ('j3', 'Jürgen', '2026-03-30 10:00Z', 'call', 'inbound', 'missed', null, null),
    ('p1', 'Private Eye', '2026-03-30 11:00Z', 'call', 'inbound', 'missed', null, null),
    ('p2', 'Private Eye', '2026-03-30 12:00Z', 'sms', 'inbound', 'received', null, 'dinner in secret'),
    ('k1', 'Mask', '2026-03-30 13:00Z', 'sms', 'inbound', 'received', null, 'dinner behind a mask'),
    ('n1', '+15559999999', '2026-03-30 14:00Z', 'call', 'inbound', 'missed', null, null),
    ('n2', '+15559999999', '2026-03-30 15:00Z', 'call', 'inbound', 'missed', null, null))
  as e (name, who, ts, type, direction, status, duration, content);

-- What is refused

select throws_ok(pg_temp.asking('ann', bad.plan), 'PT400', bad.code, bad.what)
  from (values
    ('[]'::jsonb, 'validation_failed', 'A plan is an object'),
    (pg_temp.plan() - 'limit', 'validation_failed', 'Every key is there'),
    (pg_temp.plan('{"sql": "select 1"}'), 'validation_failed', 'No key is there that is not known'),
    (pg_temp.plan('{"intent": "delete"}'), 'validation_failed', 'The intent is one of those that are known'),
    (pg_temp.plan('{"intent": null}'), 'validation_failed', 'There is an intent'),
    (pg_temp.plan('{"intent": ["count"]}'), 'validation_failed', 'An intent is a word'),
    (pg_temp.plan('{"metric": "count(*)"}'), 'validation_failed', 'A metric is not an expression'),
    (pg_temp.plan('{"metric": "talk_time"}'), 'validation_failed', 'A count measures no time'),
    (pg_temp.plan('{"intent": "duration"}'), 'validation_failed', 'A duration measures no events'),
    (pg_temp.plan('{"dimension": "contact"}'), 'validation_failed', 'A count has no dimension'),
    (pg_temp.plan('{"intent": "top", "sort": "most"}'), 'validation_failed', 'A ranking has a dimension'),
    (pg_temp.plan('{"intent": "top", "sort": "most", "dimension": "hour"}'), 'validation_failed', 'Times are ranked by busiest'),
    (pg_temp.plan('{"intent": "top", "sort": "newest", "dimension": "contact"}'), 'validation_failed', 'A ranking goes by most or least'),
    (pg_temp.plan('{"intent": "top", "sort": "most", "dimension": "contact", "metric": "contacts"}'), 'validation_failed', 'Contacts are not counted per contact'),
    (pg_temp.plan('{"intent": "list", "sort": "most"}'), 'validation_failed', 'A list goes by time or length'),
    (pg_temp.plan('{"limit": 201}'), 'validation_failed', 'No more than 200 rows'),
    (pg_temp.plan('{"limit": 1.5}'), 'validation_failed', 'A whole number of rows'),
    (pg_temp.plan('{"limit": 1e300}'), 'validation_failed', 'A number of rows that fits'),
    (pg_temp.plan('{"limit": null}'), 'validation_failed', 'A limit is given'),
    (pg_temp.plan('{"week_start": 8}'), 'validation_failed', 'Weeks have seven days'),
    (pg_temp.plan('{"time_zone": "Mars/Olympus"}'), 'validation_failed', 'A zone exists'),
    (pg_temp.plan('{"time_zone": null}'), 'validation_failed', 'A zone is given'),
    (pg_temp.plan('{"horizon_days": 3}'), 'validation_failed', 'Horizons are those of the predictions'),
    (pg_temp.plan('{"starts_at": "yesterday"}'), 'validation_failed', 'An instant is not a word'),
    (pg_temp.plan('{"starts_at": "2026-02-30T00:00:00Z"}'), 'validation_failed', 'An instant exists'),
    (pg_temp.plan('{"starts_at": "2026-02-01T00:00:00"}'), 'validation_failed', 'An instant has an offset'),
    (pg_temp.plan('{"starts_at": "infinity"}'), 'validation_failed', 'An instant has an end'),
    (pg_temp.plan('{"starts_at": 5}'), 'validation_failed', 'An instant is a text'),
    (pg_temp.plan('{"starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-02T00:00:00Z"}'), 'range_invalid', 'A period begins before it ends'),
    (pg_temp.plan('{}', '{"contact_ids": ["x''; drop table events; --"]}'), 'validation_failed', 'A contact is a UUID'),
    (pg_temp.plan('{}', '{"contact_ids": [null]}'), 'validation_failed', 'A list holds no null'),
    (pg_temp.plan('{}', '{"contact_ids": null}'), 'validation_failed', 'A list is a list'),
    (pg_temp.plan('{}', jsonb_build_object('contact_ids', (select jsonb_agg(gen_random_uuid()) from generate_series(1, 11)))), 'validation_failed', 'Ten contacts at most'),
    (pg_temp.plan('{}', '{"type": "fax"}'), 'validation_failed', 'A type is call or sms'),
    (pg_temp.plan('{}', '{"statuses": ["lost"]}'), 'validation_failed', 'A status is known'),
    (pg_temp.plan('{}', '{"min_seconds": 60, "max_seconds": 59}'), 'validation_failed', 'The shortest is not longer than the longest'),
    (pg_temp.plan('{}', '{"min_seconds": -1}'), 'validation_failed', 'Seconds are not negative'),
    (pg_temp.plan('{}', '{"hours": [{"from": 0}]}'), 'validation_failed', 'Hours have two ends'),
    (pg_temp.plan('{}', '{"hours": [{"from": null, "to": 60}]}'), 'validation_failed', 'Both ends are minutes'),
    (pg_temp.plan('{}', '{"hours": [{"from": 0, "to": 1441}]}'), 'validation_failed', 'A day has 1440 minutes'),
    (pg_temp.plan('{}', '{"weekdays": [0]}'), 'validation_failed', 'Weekdays are 1 to 7'),
    (pg_temp.plan('{}', '{"is_known": "yes"}'), 'validation_failed', 'A flag is true or false'),
    (pg_temp.plan('{}', '{"text": ""}'), 'validation_failed', 'A text is not empty'),
    (pg_temp.plan('{}', '{"line_id": "Work SIM"}'), 'validation_failed', 'A line is a UUID'),
    (pg_temp.plan('{}', '{"where": "true"}'), 'validation_failed', 'No filter is there that is not known'),
    (pg_temp.plan('{"intent": "compare"}'), 'validation_failed', 'A comparison has two sides'),
    (pg_temp.plan('{"part": {}}'), 'validation_failed', 'Only a share has a part'),
    (pg_temp.plan('{"intent": "share", "part": {"contact_ids": null, "type": null, "direction": null, "statuses": [], "is_known": null}}'), 'validation_failed', 'A part is narrower than the whole'),
    (pg_temp.plan('{"intent": "profile"}'), 'validation_failed', 'A profile is somebody''s'),
    (pg_temp.plan('{"intent": "gaps"}', '{"number": "+1"}'), 'validation_failed', 'What gaps cannot keep to is not dropped in silence'),
    (pg_temp.plan('{"intent": "predict"}', '{"type": "call"}'), 'validation_failed', 'Nor what predictions cannot'),
    (pg_temp.plan('{"intent": "unreturned"}', '{"type": "sms"}'), 'validation_failed', 'Messages are not returned'),
    (pg_temp.plan('{"intent": "trend", "dimension": "hour", "starts_at": "2020-01-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"}'), 'range_too_large', 'No more than 4,000 buckets'))
  as bad (plan, code, what);

-- Who is answered

select throws_ok(pg_temp.asking('nobody', pg_temp.plan()), 'PT401', 'not_authenticated', 'Without a sign-in there is no answer');
select throws_ok(pg_temp.asking('zoe', pg_temp.plan(), 'ann'), 'PT404', 'user_not_found', 'A stranger does not exist');
select throws_ok(pg_temp.asking('vic', pg_temp.plan(), 'ann'), 'PT403', 'role_insufficient', 'A viewer is answered nothing about a teammate');
select throws_ok(pg_temp.asking('zoe', '{}'::jsonb, 'ann'), 'PT404', 'user_not_found', 'Who may not ask is not told what is wrong with the plan');
select is(pg_temp.value('ann', '{}'), '11', 'The owner counts all of the log');
select is(pg_temp.value('ben', '{}', 'ann'), '9', 'A teammate counts what is not private');
select is(pg_temp.value('ben', '{}'), '0', 'Nobody else''s events count as one''s own');
select is(pg_temp.value('ben', jsonb_build_object('contact_ids', jsonb_build_array(pg_temp.id('Mum')))), '0', 'A contact of somebody else is nobody in one''s own log');
select is(pg_temp.answer('new', pg_temp.plan()), '{"value": 0, "values": {}, "rows": [], "total": 0, "citations": [], "warnings": []}', 'An empty log has an answer');
select is(pg_temp.answer('new', pg_temp.plan('{"intent": "duration", "metric": "average_duration"}')) -> 'value', 'null', 'The mean of nothing is null');
select is(pg_temp.answer('new', pg_temp.plan('{"intent": "trend"}')) -> 'rows', '[]', 'Nothing has no trend');
select is(pg_temp.answer('new', pg_temp.plan('{"intent": "share", "part": {"contact_ids": null, "type": "call", "direction": null, "statuses": [], "is_known": null}}')) -> 'value', 'null', 'Of nothing there is no share');

-- What rules keep back

select is(pg_temp.value('ann', '{"text": "dinner"}'), '3', 'The owner finds texts');
select is(pg_temp.value('ben', '{"text": "dinner"}', 'ann'), '1', 'A teammate finds those that are open');
select is(pg_temp.value('ann', '{"number": "+15550000004"}'), '1', 'The owner asks by number');
select is(pg_temp.value('ben', '{"number": "+15550000004"}', 'ann'), '0', 'A masked number equals nothing');
select is(pg_temp.value('ben', '{"number": "+15550000002"}', 'ann'), '3', 'Another one does');
select is(pg_temp.value('ann', '{"company": "cafe zurich"}'), '5', 'A company is known without case and accents');
select is(pg_temp.value('ann', '{"company": "Café"}'), '0', 'A company is asked by its whole name');
select is(pg_temp.value('ben', '{"company": "Café Zürich"}', 'ann'), '3', 'A private contact of the company is none');
select is(pg_temp.value('ann', '{"tag": "family"}'), '5', 'A tag is known without case');
select throws_ok(pg_temp.asking('ben', p.plan, 'ann'), 'PT403', 'not_permitted', 'Of a teammate one may not ask: ' || p.what)
  from (values (pg_temp.plan('{}', '{"tag": "family"}'), 'tags'), (pg_temp.plan('{}', jsonb_build_object('line_id', pg_temp.id('line'))), 'lines'),
    (pg_temp.plan('{"intent": "top", "dimension": "line", "sort": "most"}'), 'a ranking of lines'), (pg_temp.plan('{"intent": "gaps"}'), 'gaps'),
    (pg_temp.plan('{"intent": "quality"}'), 'quality'), (pg_temp.plan('{"intent": "predict"}'), 'all predictions')) as p (plan, what);
select is(pg_temp.value('ann', jsonb_build_object('line_id', pg_temp.id('line'))), '1', 'The owner asks by line');
select is((select jsonb_agg(row ->> 'name' order by n) from jsonb_array_elements(
    pg_temp.answer('ben', pg_temp.plan('{"intent": "top", "dimension": "contact", "sort": "most"}'), 'ann') -> 'rows') with ordinality as r (row, n)),
  '["Jürgen", "Mum", "Mask"]', 'A ranking for a teammate leaves out the private contact');
select is(pg_temp.answer('ben', pg_temp.plan('{"intent": "list"}', '{"type": "sms"}'), 'ann') #> '{rows,0}' -> 'number', 'null', 'Rows for a teammate are masked');
select is(jsonb_array_length(pg_temp.answer('ben', pg_temp.plan('{"intent": "list"}'), 'ann') -> 'citations'), 9, 'A teammate is cited what he sees');
select throws_ok(pg_temp.asking('ben', pg_temp.plan('{"intent": "profile"}', jsonb_build_object('contact_ids', jsonb_build_array(pg_temp.id('Private Eye')))), 'ann'),
  'PT404', 'contact_not_found', 'A private contact has no profile');
select throws_ok(pg_temp.asking('ben', pg_temp.plan('{"intent": "profile"}', jsonb_build_object('contact_ids', jsonb_build_array(pg_temp.id('Mum'))))),
  'PT404', 'contact_not_found', 'A profile is of the log that was asked');
select throws_ok(pg_temp.asking('zoe', pg_temp.plan('{"intent": "predict"}', jsonb_build_object('contact_ids', jsonb_build_array(pg_temp.id('Mum'))))),
  'PT404', 'contact_not_found', 'A stranger predicts nothing');

-- What is answered

select is(pg_temp.answer('ann', pg_temp.plan('{"time_zone": "Europe/Berlin", "starts_at": "2026-03-28T23:00:00Z", "ends_at": "2026-03-29T22:00:00Z"}')) ->> 'value', '2',
  'A day of 23 hours is its instants');
select is((select jsonb_agg(jsonb_build_array(row ->> 'key', row -> 'value') order by n) from jsonb_array_elements(
    pg_temp.answer('ann', pg_temp.plan('{"intent": "busiest", "dimension": "day", "sort": "most", "time_zone": "Europe/Berlin"}')) -> 'rows') with ordinality as r (row, n)),
  '[["2026-03-30T00:00:00+02:00", 9], ["2026-03-29T00:00:00+01:00", 2]]', 'Days are local ones, with the offset of their start');
select is(pg_temp.answer('ann', pg_temp.plan('{"intent": "count", "time_zone": "Europe/Berlin"}', '{"hours": [{"from": 1320, "to": 120}]}')) ->> 'value', '3',
  'Hours over midnight, in the zone of the plan');
select is(pg_temp.answer('ann', pg_temp.plan('{"intent": "duration", "metric": "longest_duration"}')) -> 'citations', jsonb_build_array(pg_temp.id('m1')), 'The longest call is cited');
select is(pg_temp.answer('ann', pg_temp.plan('{"intent": "compare", "compare": {"starts_at": null, "ends_at": null, "has_interval": false, "contact_ids": null,
    "type": "sms", "direction": null, "statuses": []}}', '{"type": "call"}')) - 'citations' - 'warnings',
  '{"value": 5, "values": {"first": 8, "second": 3, "change_pct": 166.7}, "total": 8,
    "rows": [{"side": 1, "value": 8, "events": 8}, {"side": 2, "value": 3, "events": 3}]}', 'A comparison is first minus second');
select is(pg_temp.answer('ann', pg_temp.plan('{"intent": "share", "part": {"contact_ids": null, "type": null, "direction": null, "statuses": ["missed"], "is_known": null}}',
  '{"type": "call"}')) ->> 'value', '62.5', 'A share is a percentage');
select is((select jsonb_agg(jsonb_build_array(coalesce(row ->> 'name', row ->> 'number'), row -> 'missed_calls') order by n) from jsonb_array_elements(
    pg_temp.answer('ann', pg_temp.plan('{"intent": "unreturned"}', '{"type": "call", "direction": "inbound"}')) -> 'rows') with ordinality as r (row, n)),
  '[["+15559999999", 2], ["Private Eye", 1], ["Jürgen", 1], ["Mum", 1]]', 'Calls to return: since the last sign of life, numbers without a contact too');
select is(pg_temp.answer('ann', pg_temp.plan('{"intent": "last", "limit": 1}')) #>> '{rows,0,id}', pg_temp.id('n2')::text, 'The last event');
select is(pg_temp.answer('ann', pg_temp.plan('{"intent": "top", "dimension": "line", "sort": "most"}')) -> 'rows',
  jsonb_build_array(jsonb_build_object('rank', 1, 'key', pg_temp.id('line'), 'name', 'Work SIM', 'value', 1, 'events', 1)), 'Lines by their names');
select is(pg_temp.answer('ann', pg_temp.plan('{"intent": "profile"}', jsonb_build_object('contact_ids', jsonb_build_array(pg_temp.id('Mum'))))) #>> '{rows,0,name}', 'Mum', 'A profile');
select is(jsonb_array_length(pg_temp.answer('ann', pg_temp.plan('{"intent": "quality"}')) -> 'rows'), 7, 'Quality by component');
select is(pg_temp.answer('ann', pg_temp.plan('{"intent": "gaps", "starts_at": "2024-01-01T00:00:00Z", "ends_at": "2026-04-01T00:00:00Z"}')) #>> '{warnings,0,code}', 'period_cut',
  'Of a long period gaps are looked for in the last 400 days, and it is said');
select is(pg_temp.answer('ann', pg_temp.plan('{"intent": "predict"}', jsonb_build_object('contact_ids', jsonb_build_array(pg_temp.id('Mum'))))) #>> '{rows,0,name}', 'Mum', 'A prediction');
select ok((pg_temp.answer('ann', pg_temp.plan('{"intent": "predict", "horizon_days": 28}')) ->> 'total')::integer >= 3, 'All predictions');
select is((select provolatile::text from pg_proc where oid = 'public.run_query_plan'::regproc), 's', 'A read-only transaction is enough');

-- What counts as an answer to a call

insert into public.events (user_id, ts, number, type, direction, status, source, sources, fingerprint)
select pg_temp.id('zoe'), ('2026-05-01T' || at || 'Z')::timestamptz, number, type, direction, status, 'device', '{device}', gen_random_uuid()
  from (values ('10:00', '+1501', 'call', 'inbound', 'missed'), ('11:00', '+1501', 'call', 'inbound', 'answered'),
    ('09:00', '+1502', 'sms', 'outbound', 'sent'), ('10:01', '+1502', 'call', 'inbound', 'missed'),
    ('10:00', '+1503', 'call', 'inbound', 'missed'), ('11:00', '+1503', 'sms', 'outbound', 'sent'),
    ('10:02', '+1504', 'call', 'inbound', 'missed'), ('11:00', '+1504', 'sms', 'inbound', 'received'),
    ('10:00', '+1505', 'call', 'inbound', 'declined'), ('10:03', null, 'call', 'inbound', 'missed'),
    ('12:00', '+1506', 'call', 'outbound', 'missed'), ('13:00', '+1506', 'sms', 'inbound', 'received'),
    ('12:00', '+1507', 'call', 'outbound', 'declined'), ('13:00', '+1507', 'sms', 'outbound', 'sent'),
    ('12:00', '+1508', 'call', 'outbound', 'voicemail'), ('13:00', '+1508', 'call', 'outbound', 'answered')) as e (at, number, type, direction, status);
create function pg_temp.open(direction text, changes jsonb default '{}') returns jsonb language sql as $$
  select jsonb_agg(row ->> 'number' order by n) from jsonb_array_elements(pg_temp.answer('zoe',
    pg_temp.plan('{"intent": "unreturned"}' || open.changes, jsonb_build_object('direction', open.direction))) -> 'rows') with ordinality as r (row, n)
$$;
select is(pg_temp.open('inbound'), '["+1504", "+1502"]',
  'A missed call is returned by anything one did later or a call that was answered, not by what was before nor by another try; a declined one, and one without a number, are nothing to return');
select is(pg_temp.open('outbound'), '["+1507"]', 'My call is returned by anything of theirs or a call that they took');
select is(pg_temp.open('inbound', '{"ends_at": "2026-05-01T10:30:00Z"}'), '["+1504", "+1502"]', 'A call is returned whenever that was, also after the period');

-- A proven hole in the data is told

insert into public.sync_sources (user_id, id, kind, name) values (pg_temp.id('ann'), pg_temp.id('phone'), 'device', 'Phone');
insert into public.coverage (user_id, sync_source_id, type, covered)
select pg_temp.id('ann'), pg_temp.id('phone'), type, '{[2026-03-01Z,2026-03-10Z),[2026-03-12Z,2026-04-10Z)}'
  from unnest(array['call', 'sms']) as type;
select is((select jsonb_agg(distinct w ->> 'verdict') from jsonb_array_elements(pg_temp.answer('ann',
    pg_temp.plan('{"starts_at": "2026-03-09T00:00:00Z", "ends_at": "2026-04-01T00:00:00Z"}')) -> 'warnings') as w where w ->> 'code' = 'data_gap' and w ->> 'starts_at' like '2026-03-10%'), '["proven"]',
  'A period with a hole has a warning');
select is((select count(*) from jsonb_array_elements(pg_temp.answer('ann',
    pg_temp.plan('{"starts_at": "2026-03-29T00:00:00Z", "ends_at": "2026-03-30T00:00:00Z"}')) -> 'warnings') as w where w ->> 'verdict' = 'proven'), 0::bigint,
  'A period without has none');

select * from finish();
rollback;
