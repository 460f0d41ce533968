-- Search: what is found, in which order, and that what is masked is not.
begin;
set local client_min_messages = error;
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
  return v_answer;
end;
$$;
create function pg_temp.search(who text, q text, arguments text default '') returns jsonb language sql as $$
  select pg_temp.ask(search.who, format('select search_events(%L %s)', search.q, search.arguments))::jsonb
$$;
-- The texts found, oldest first: what they are matters here, not their order.
create function pg_temp.texts(who text, q text, arguments text default '') returns text[] language sql as $$
  select coalesce(array_agg(coalesce(e ->> 'content', e ->> 'number', '-') order by e ->> 'ts'), '{}')
    from jsonb_array_elements(pg_temp.search(texts.who, texts.q, texts.arguments) -> 'events') as e
$$;
create function pg_temp.people(who text, q text, arguments text default '') returns text[] language sql as $$
  select coalesce(array_agg(coalesce(c ->> 'name', c #>> '{numbers,0}') order by n), '{}')
    from jsonb_array_elements(pg_temp.ask(people.who, format('select search_contacts(%L %s)', people.q, people.arguments))::jsonb -> 'contacts')
      with ordinality as l (c, n)
$$;

insert into auth.users (id, email)
select pg_temp.id(name), name || '@search.test' from unnest(array['ann', 'ben', 'vic', 'zoe']) as name;
insert into public.organizations (id, name) values (pg_temp.id('here'), 'Here');
insert into public.org_members (organization_id, user_id, role)
values (pg_temp.id('here'), pg_temp.id('ann'), 'owner'), (pg_temp.id('here'), pg_temp.id('ben'), 'member'), (pg_temp.id('here'), pg_temp.id('vic'), 'viewer');
insert into public.contacts (user_id, id, name, also_known_as, company)
select pg_temp.id('ann'), pg_temp.id(name), name, aka, company
  from (values ('Jürgen Müller', '{Chef}'::text[], 'Stadtwerke'), ('Jurgita Mull', '{}', null), ('Catherine O''Neil', '{Cathy}', null),
    ('Private Eye', '{}', 'Agency'), ('Open Book', '{}', null), ('Mask', '{}', null)) as c (name, aka, company);
insert into public.contacts (user_id, id) values (pg_temp.id('ann'), pg_temp.id('BANK24'));
insert into public.contact_numbers (user_id, number, contact_id)
select pg_temp.id('ann'), number, pg_temp.id(name)
  from (values ('+493012345678', 'Jürgen Müller'), ('+493012399999', 'Jurgita Mull'), ('+442071234567', 'Catherine O''Neil'),
    ('+15550001111', 'Private Eye'), ('+15550002222', 'Open Book'), ('+15550003333', 'Mask'), ('BANK24', 'BANK24')) as n (number, name);
insert into public.privacy_rules (user_id, contact_id, visibility, mask_number, mask_content)
values (pg_temp.id('ann'), pg_temp.id('Private Eye'), 'private', false, false), (pg_temp.id('ann'), pg_temp.id('Open Book'), 'team', false, false),
  (pg_temp.id('ann'), pg_temp.id('Mask'), 'team', true, true);
create function pg_temp.a_message(contact text, content text, n integer) returns void language sql as $$
  insert into public.events (user_id, id, ts, number, contact_id, type, direction, status, content, source, sources, fingerprint)
  select pg_temp.id('ann'), pg_temp.id('message ' || n), '2026-05-01 00:00Z'::timestamptz + n * interval '1 hour',
    (select number from public.contact_numbers where contact_id = pg_temp.id(contact)), pg_temp.id(contact), 'sms', 'inbound', 'received',
    content, 'device', '{device}', pg_temp.id('print ' || n)
$$;
select pg_temp.a_message(contact, content, n)
  from (values ('Jürgen Müller', 'Dinner tomorrow at eight?', 1),
    ('Jürgen Müller', 'No dinner, the train is late.See you', 2),
    ('Jurgita Mull', 'Straße gesperrt, and/or Umleitung', 3),
    ('Catherine O''Neil', 'Привет, УВИДИМСЯ завтра', 4),
    ('Catherine O''Neil', '明日会いましょう 👍 TOMORROW', 5),
    ('Private Eye', 'secret tomorrow', 6),
    ('Open Book', 'open tomorrow 12.50', 7),
    ('Mask', 'hidden tomorrow', 8),
    ('BANK24', 'Your code is 471193', 9)) as m (contact, content, n);

-- Text

select is(pg_temp.texts('ann', q), found, format('%s finds it', q))
  from (values
    ('dinner tomorrow', array['Dinner tomorrow at eight?']),
    ('"dinner tomorrow"', array['Dinner tomorrow at eight?']),
    ('"tomorrow dinner"', '{}'),
    ('dinner -late', array['Dinner tomorrow at eight?']),
    ('train or straße', array['No dinner, the train is late.See you', 'Straße gesperrt, and/or Umleitung']),
    ('strasse', array['Straße gesperrt, and/or Umleitung']),
    ('STRASSE gesp', array['Straße gesperrt, and/or Umleitung']),
    ('see', array['No dinner, the train is late.See you']),
    ('umleitung', array['Straße gesperrt, and/or Umleitung']),
    ('увидимся', array['Привет, УВИДИМСЯ завтра']),
    ('увид', array['Привет, УВИДИМСЯ завтра']),
    ('会い', array['明日会いましょう 👍 TOMORROW']),
    ('会明', '{}'),
    ('12.50', array['open tomorrow 12.50']),
    ('12,50', array['open tomorrow 12.50']),
    ('471193', array['Your code is 471193']),
    ('zebra', '{}')) as t (q, found);
select is(pg_temp.search('ann', 'tomorrow') -> 'total', '5', 'All are counted');
select is(pg_temp.search('ann', 'tomorrow', ', max_rows => 2') - '{events,searched_at}'::text[],
  '{"has_more": true, "total": 5, "total_is_estimate": false}', 'Also when the page is short');
select is(pg_temp.texts('ann', 'tomorrow', filter), found, format('With %s it is narrowed', filter))
  from (values
    (format(', contact_id => %L', pg_temp.id('Open Book')), array['open tomorrow 12.50']),
    (', number => ''+493012345678''', array['Dinner tomorrow at eight?']),
    (', type => ''call''', '{}'),
    (', starts_at => ''2026-05-01 06:00Z'', ends_at => ''2026-05-01 08:00Z''', array['secret tomorrow', 'open tomorrow 12.50'])) as f (filter, found);

-- Names and numbers

select is(pg_temp.people('ann', q), found, format('%s finds the person', q))
  from (values
    ('muller', array['Jürgen Müller']),
    ('Jur', array['Jürgen Müller', 'Jurgita Mull']),
    ('MÜLL', array['Jürgen Müller', 'Jurgita Mull']),
    ('muller jurgen', array['Jürgen Müller']),
    ('jurgen muler', array['Jürgen Müller', 'Jurgita Mull']),
    ('Cathrine', array['Catherine O''Neil']),
    ('o neil', array['Catherine O''Neil']),
    ('chef', array['Jürgen Müller']),
    ('stadtw', array['Jürgen Müller']),
    ('erine', array['Catherine O''Neil']),
    ('+49 30 12345678', array['Jürgen Müller']),
    ('030 123', array['Jürgen Müller', 'Jurgita Mull']),
    ('4567', array['Catherine O''Neil', 'Jürgen Müller']),
    ('bank', array['BANK24']),
    ('%', '{}'),
    ('!!', '{}'),
    ('xylophone', '{}')) as p (q, found);
select is(pg_temp.texts('ann', 'jürgen'), array['Dinner tomorrow at eight?', 'No dinner, the train is late.See you'],
  'A name finds the events with that contact');
select is(pg_temp.texts('ann', '5678'), array['Dinner tomorrow at eight?', 'No dinner, the train is late.See you'],
  'A part of a number finds its events');
select is(pg_temp.search('ann', 'tomorrow') #> '{events,0,matched_by}', '["text"]', 'It says how it was found');

-- Highlights

select is((select e -> 'highlights' from jsonb_array_elements(pg_temp.search('ann', 'tomorr') -> 'events') as e where e ->> 'content' like '明%'),
  '{"content": [{"start": 12, "end": 20}], "contact_name": [], "number": []}', 'Highlights count as JavaScript and phones do');
select is(pg_temp.search('ann', '会い') #> '{events,0,highlights,content}', '[{"start": 2, "end": 4}]', 'A word of a script without spaces is one range');
select is(pg_temp.search('ann', '3012345') #> '{events,0,highlights,number}', '[{"start": 3, "end": 10}]', 'In a number too');

-- What a teammate finds

select is(pg_temp.texts('ben', q, format(', user_id => %L', pg_temp.id('ann'))), found, format('A teammate who asks for %s finds only what is shown', q))
  from (values ('tomorrow', array['open tomorrow 12.50']), ('secret', '{}'), ('hidden', '{}'), ('1111', '{}'), ('3333', '{}'), ('2222', array['open tomorrow 12.50']),
    ('eye', '{}'), ('mask', array['-']), ('chef', '{}')) as t (q, found);
select is(pg_temp.people('ben', 'chef', format(', user_id => %L', pg_temp.id('ann'))) || pg_temp.people('ben', 'eye', format(', user_id => %L', pg_temp.id('ann')))
    || pg_temp.people('ben', '3333', format(', user_id => %L', pg_temp.id('ann'))), '{}', 'Nor the people by what he is not shown');
create function pg_temp.answers() returns jsonb language sql as $$
  select jsonb_object_agg(q, jsonb_build_array(
      pg_temp.search('ben', q, format(', user_id => %L', pg_temp.id('ann'))) - 'searched_at',
      pg_temp.ask('ben', format('select search_contacts(%L, user_id => %L)', q, pg_temp.id('ann')))))
    from unnest(array['tomorrow', 'secret', 'eye', 'private', 'pri', 'agency', '1111', '555', 'prvate eye', 'or', '-x']) as q
$$;
create temporary table before as select pg_temp.answers() as answers;
delete from public.events where contact_id = pg_temp.id('Private Eye');
delete from public.contacts where id = pg_temp.id('Private Eye');
select is(pg_temp.answers(), answers, 'With and without a private contact every answer is the same') from before;
select throws_ok(format('select pg_temp.search(%L, ''x'', %L)', who, format(', user_id => %L', pg_temp.id('ann'))), status, code, format('%s: %s', who, code))
  from (values ('vic', 'PT403', 'role_insufficient'), ('zoe', 'PT404', 'user_not_found')) as w (who, status, code);

-- Best first: whose whole name it is, whose name it begins, who has it as a word; 500 events are more than are ranked

insert into public.contacts (user_id, id, name, company)
select pg_temp.id('zoe'), pg_temp.id(name), name, company
  from (values ('Dana', 'Acme'), ('Dana Lund', null), ('Ola Dana', null), ('Danae', null)) as c (name, company);
insert into public.events (user_id, id, ts, contact_id, type, direction, source, sources, fingerprint)
select pg_temp.id('zoe'), pg_temp.id(name || n), '2026-05-01 00:00Z'::timestamptz + n * interval '1 minute', pg_temp.id(name), 'call', 'inbound', 'device',
    '{device}', pg_temp.id('print ' || name || n)
  from (values ('Dana', 1, 120), ('Dana Lund', 121, 300), ('Ola Dana', 301, 460), ('Danae', 461, 500)) as c (name, since, upto)
  cross join lateral generate_series(since, upto) as n;
create function pg_temp.found(q text, arguments text default '') returns text language sql as $$
  select format('%s: %s', answer ->> 'total', string_agg(format('%s %s', called.name, called.events), ', ' order by called.at))
    from pg_temp.search('zoe', found.q, found.arguments) as answer
    cross join lateral (
      select e ->> 'contact_name' as name, count(*) as events, min(at) as at
        from jsonb_array_elements(answer -> 'events') with ordinality as listed (e, at) group by 1) as called
   group by answer
$$;
select is(pg_temp.people('zoe', 'dana'), array['Dana', 'Dana Lund', 'Danae', 'Ola Dana'], 'A whole name comes first, with a company, too');
select is(pg_temp.found('dana', ', max_rows => 200'), '500: Dana 120, Danae 40, Dana Lund 40',
  'The best 200 are of the best contacts, the newest of equal ones first; all are counted');
select is(pg_temp.found('dana', ', max_rows => 200, sort => ''asc'''), '500: Dana 120, Dana Lund 80', 'By time they all are led through');
select is(pg_temp.found('dana', ', max_rows => 200, type => ''call'''), '500: Dana 120, Danae 40, Dana Lund 40', 'A filter that lets all of them pass changes nothing');

-- Words follow the events

update public.events set content = 'Supper after all' where id = pg_temp.id('message 1');
select is(pg_temp.texts('ann', 'dinner tomorrow') || pg_temp.texts('ann', 'supper'), array['Supper after all'], 'A changed text is found by its new words only');
delete from public.events where id = pg_temp.id('message 1');
select is(pg_temp.texts('ann', 'supper'), '{}', 'A deleted one by none');
select results_eq('select count(*) from private.event_texts where user_id = pg_temp.id(''ann'')',
  'select count(*) from public.events where user_id = pg_temp.id(''ann'') and content is not null', 'Each text has its words, and nothing else has');

select throws_ok(format('select pg_temp.search(''ann'', %L)', q), 'PT400', 'validation_failed', format('%s characters are refused', length(q)))
  from unnest(array['', '   ', repeat('x', 201)]) as q;

select * from finish();
rollback;
