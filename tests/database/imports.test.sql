-- Imports: a file comes in parts; each part's rows, counts and parser state are kept together.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(96);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;

create function pg_temp.a_user(name text) returns void language sql as $$
  insert into auth.users (id, email, raw_user_meta_data)
  values (pg_temp.id(a_user.name), md5(a_user.name) || '@imports.test',
    '{"time_zone": "Europe/Berlin", "default_region": "DE"}')
  on conflict do nothing
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

-- Imports have names here; their ids are kept aside.
create temporary table import_id (name text primary key, id uuid not null);
create function pg_temp.open(who text, name text, options jsonb default '{}') returns jsonb language plpgsql as $$
declare
  v_import jsonb;
begin
  perform pg_temp.a_user(open.who);
  v_import := pg_temp.ask(open.who, format('select open_import(%L, 1000, null, %L)', open.name || '.csv', open.options))::jsonb;
  insert into import_id values (open.name, (v_import ->> 'id')::uuid);
  return v_import;
end;
$$;
create function pg_temp.begin_call(name text, part integer, digest text) returns text language sql as $$
  select format('select begin_import_part(%L, %s, %L)', i.id, begin_call.part, begin_call.digest) from import_id as i
    where i.name = begin_call.name
$$;
create function pg_temp.advance_call(name text, part integer, digest text, result jsonb) returns text language sql as $$
  select format('select advance_import(%L, %s, %L, %L)', i.id, advance_call.part, advance_call.digest, advance_call.result)
    from import_id as i where i.name = advance_call.name
$$;
create function pg_temp.begin_part(who text, name text, part integer, digest text) returns jsonb language sql as $$
  select pg_temp.ask(begin_part.who, pg_temp.begin_call(begin_part.name, begin_part.part, begin_part.digest))::jsonb
$$;
create function pg_temp.advance(who text, name text, part integer, digest text, result jsonb) returns jsonb language sql as $$
  select pg_temp.ask(advance.who, pg_temp.advance_call(advance.name, advance.part, advance.digest, advance.result))::jsonb
$$;
create function pg_temp.counts(import jsonb) returns text language sql as $$
  select concat_ws(' ', import ->> 'state', import ->> 'found', import ->> 'inserted', import ->> 'merged',
    import ->> 'duplicate', import ->> 'refused')
$$;
create function pg_temp.texts(variadic contents text[]) returns jsonb language sql as $$
  select jsonb_agg(jsonb_build_object('ts', '2026-05-01T09:00:0' || n || 'Z', 'number', '+4930101', 'type', 'sms', 'direction',
    'inbound',
    'content', content, 'position', 'line ' || n) order by n) from unnest(contents) with ordinality as c (content, n)
$$;
create function pg_temp.events_of(who text) returns integer language sql as $$
  select count(*)::integer from public.events where user_id = pg_temp.id(who)
$$;

-- Opening

select is(
  pg_temp.open('ann', 'calls', '{"date_order": "dmy"}') - '{id,created_at,updated_at}'::text[],
  '{"state": "open", "kind": null, "filename": "calls.csv", "bytes": 1000, "bytes_read": 0, "declared": null, "found": 0, "inserted": 0,
    "merged": 0, "duplicate": 0, "refused": 0, "errors": [], "options": {"date_order": "dmy"}, "next_part": 0,
      "finished_at": null}'::jsonb,
  'An import opens empty, and shows neither parser nor digest');
select throws_ok(pg_temp.asking('ann', query), 'PT400', 'validation_failed', says)
  from (values
    ('select open_import(kind => ''pdf'')', 'There is no import of a PDF'),
    ('select open_import(bytes => -1)', 'A file has no size below 0'),
    (format('select open_import(%L)', repeat('x', 256)), 'A file name has at most 255 characters'),
    ('select open_import(options => ''[]'')', 'Options are an object')) as t (query, says);
select throws_ok(pg_temp.asking('nobody', 'select open_import()'), 'PT401', 'not_authenticated',
  'A token without a subject opens nothing');
select pg_temp.a_user('ben');

-- Parts

select is(
  pg_temp.begin_part('ann', 'calls', 0, 'a') - 'import',
  '{"repeated": false, "parser": null, "profile": {"time_zone": "Europe/Berlin", "default_region": "DE"}}'::jsonb,
  'The first part begins without a parser state, with the profile''s zone and region');
select throws_ok(pg_temp.asking('ann', pg_temp.begin_call('calls', 1, 'b')), 'PT409', 'import_part_out_of_order',
  'Part 1 can not come before part 0');
select throws_ok(pg_temp.asking('ann', pg_temp.advance_call('calls', 1, 'b', '{}')), 'PT409', 'import_part_out_of_order',
  'Nor be taken in');
select is(
  pg_temp.advance('ann', 'calls', 0, 'a', jsonb_build_object('kind', 'csv', 'bytes', 400, 'declared', 5,
    'parser', '{"line": 5, "tail": "2026-"}'::jsonb, 'events', pg_temp.texts('one', 'two')
      || jsonb_build_array(pg_temp.texts('x') -> 0 || '{"type": "fax", "position": "line 3"}'),
    'refusals', '[{"position": "line 4", "code": "date_unreadable", "detail": "No date"}]'::jsonb))
      - '{id,created_at,updated_at,filename,bytes,options}'::text[],
  '{"state": "running", "kind": "csv", "bytes_read": 400, "declared": 5, "found": 4, "inserted": 2, "merged": 0, "duplicate": 0, "refused": 2,
    "errors": [{"position": "line 4", "code": "date_unreadable", "detail": "No date"},
               {"position": "line 3", "code": "type_invalid", "detail": "The type is call or sms"}],
    "next_part": 1, "finished_at": null}'::jsonb,
  'A part''s rows are counted, and what is refused is listed with its place in the file');
select is(pg_temp.events_of('ann'), 2, 'Its events are there');

select is(pg_temp.begin_part('ann', 'calls', 0, 'a') ->> 'repeated', 'true', 'The same part again is known');
select is(pg_temp.counts(pg_temp.begin_part('ann', 'calls', 0, 'a') -> 'import'), 'running 4 2 0 0 2',
  'It is answered with the import as it stands');
select is(pg_temp.begin_part('ann', 'calls', 0, 'a') -> 'parser', null, 'And without the parser''s state');
select is(
  pg_temp.counts(pg_temp.advance('ann', 'calls', 0, 'a', jsonb_build_object('kind', 'csv', 'events', pg_temp.texts('three')))),
    'running 4 2 0 0 2',
  'Taking it in again changes no count');
select is(pg_temp.events_of('ann'), 2, 'And adds no row');
select throws_ok(pg_temp.asking('ann', pg_temp.begin_call('calls', 0, 'z')), 'PT409', 'import_part_differs',
  'The same part with other bytes is refused');
select is(
  pg_temp.begin_part('ann', 'calls', 1, 'b') -> 'parser', '{"line": 5, "tail": "2026-"}'::jsonb,
    'The next part goes on where the parser stood');
select throws_ok(pg_temp.asking('ann', pg_temp.begin_call('calls', 2, 'c')), 'PT409', 'import_part_out_of_order',
  'A part can not be left out');

select is(
  pg_temp.counts(pg_temp.advance('ann', 'calls', 1, 'b', jsonb_build_object('kind', 'csv', 'bytes', 600, 'events',
    pg_temp.texts('one', 'two', 'three'), 'final', true,
    'parser', '{"line": 9}'::jsonb, 'coverage', '[{"type": "sms", "from": "2026-05-01T09:00:00Z", "to": "2026-05-02T00:00:00Z"}]'::jsonb))),
  'done 7 3 0 2 2', 'The last part ends the import; rows that came before are duplicates');
select is(
  (select concat_ws(' ', bytes_read, declared, parser, next_part, (finished_at is not null)::text) from public.imports
    where id = (select id from import_id where name = 'calls')),
  '1000 5 2 true', 'What the parser kept of the file is gone');
select is(
  (select string_agg(concat_ws(' ', s.kind, s.name, c.type, c.covered), ', ') from public.coverage as c
     join public.sync_sources as s on s.user_id = c.user_id and s.id = c.sync_source_id where c.user_id = pg_temp.id('ann')),
  'backup csv sms {["2026-05-01 09:00:00+00","2026-05-02 00:00:00+00")}',
    'A finished import claims what the file covers');
select throws_ok(pg_temp.asking('ann', pg_temp.begin_call('calls', 2, 'c')), 'PT409', 'import_not_open',
  'A finished import takes no more parts');
select is(pg_temp.begin_part('ann', 'calls', 1, 'b') ->> 'repeated', 'true', 'Its last part again is known');
select throws_ok(pg_temp.asking('ann', pg_temp.advance_call('calls', 1, 'other', '{}')), 'PT409', 'import_part_differs',
  'Of two requests with one part the second is told that its bytes were not taken');
select throws_ok(pg_temp.asking('ann', pg_temp.advance_call('calls', 2, 'c', '{}')), 'PT409', 'import_not_open',
  'A part that comes to a finished import in between is refused');
select is(pg_temp.events_of('ann'), 3, 'The file has left three events');

select pg_temp.open('ann', 'again');
select is(
  pg_temp.counts(pg_temp.advance('ann', 'again', 0, 'a', jsonb_build_object('kind', 'csv', 'events', pg_temp.texts('one',
    'two', 'three'), 'final', true))),
  'done 3 0 0 3 0', 'The same file in another import is all duplicates');
select pg_temp.open('ann', 'nothing');
select is(pg_temp.counts(pg_temp.advance('ann', 'nothing', 0, 'a', '{"kind": "csv", "final": true}')), 'done 0 0 0 0 0',
  'An empty file is an import too');
select pg_temp.open('ann', 'xml');
select is(
  pg_temp.counts(pg_temp.advance('ann', 'xml', 0, 'a', jsonb_build_object('kind', 'sms_backup_xml', 'events',
    pg_temp.texts('one'), 'final', true))),
  'done 1 0 1 0 0', 'An event that another kind of backup reports too is merged');

-- Parts of the wrong shape change nothing.

select pg_temp.open('ann', 'shapes');
select throws_ok(pg_temp.asking('ann', pg_temp.advance_call('shapes', 0, 'a', result)), 'PT400', 'validation_failed', says)
  from (values
    ('{"kind": "pdf"}'::jsonb, 'A part is of a known kind'),
    ('{"kind": "csv", "final": "perhaps"}', 'A part is the last or not'),
    ('{"kind": "csv", "bytes": "many"}', 'A part has a number of bytes'),
    ('{"kind": "csv", "final": true, "coverage": [{"type": "sms", "from": "then", "to": "now"}]}',
      'Coverage has times'),
    ('{"kind": "csv", "events": {}}', 'Events are a list'),
    ('{"kind": "csv", "cards": [{"name": "Anna", "numbers": "+4930101"}]}',
      'A card''s numbers are a list')) as t (result, says);
select is(pg_temp.counts(pg_temp.begin_part('ann', 'shapes', 0, 'a') -> 'import'), 'open 0 0 0 0 0',
  'The import stands where it stood');

-- Faults

select pg_temp.open('fay', 'cut off');
select is(
  pg_temp.counts(pg_temp.advance('fay', 'cut off', 0, 'a', jsonb_build_object('kind', 'sms_backup_xml', 'events',
    pg_temp.texts('one',
    'two'),
    'parser', '{"tail": "<sms"}'::jsonb, 'final', true, 'fault',
      '{"position": "line 3", "code": "xml_invalid", "detail": "The file ends inside a tag"}'::jsonb,
    'coverage', '[{"type": "sms", "from": "2026-05-01T09:00:00Z", "to": "2026-05-02T00:00:00Z"}]'::jsonb))),
  'failed 2 2 0 0 0', 'A fault fails the import');
select is(pg_temp.events_of('fay'), 2, 'The rows before the fault are kept');
select is(
  (select errors from public.imports where user_id = pg_temp.id('fay')),
  '[{"position": "line 3", "code": "xml_invalid", "detail": "The file ends inside a tag"}]'::jsonb,
    'The fault is listed');
select is_empty(format('select from public.coverage where user_id = %L', pg_temp.id('fay')),
  'A failed import claims no coverage');
select is((select parser from public.imports where user_id = pg_temp.id('fay')), null,
  'A failed import keeps nothing of the file');
select throws_ok(pg_temp.asking('fay', pg_temp.begin_call('cut off', 1, 'b')), 'PT409', 'import_not_open',
  'A failed import takes no more parts');

select pg_temp.open('fay', 'refusals');
select pg_temp.advance('fay', 'refusals', 0, 'a', jsonb_build_object('kind', 'csv', 'refusals',
  (select jsonb_agg(jsonb_build_object('position', 'line ' || n, 'code', 'bad', 'detail',
    'Bad')) from generate_series(1, 120) as n)));
select is(
  (select concat_ws(' ', refused, jsonb_array_length(errors), errors #>> '{0,position}', errors #>> '{99,position}')
    from public.imports where filename = 'refusals.csv'),
  '120 100 line 1 line 100', 'All refusals are counted, the first 100 listed');
select pg_temp.advance('fay', 'refusals', 1, 'b',
  '{"kind": "csv", "fault": {"position": "line 121", "code": "too_long", "detail": "Too long"}}');
select is(
  (select concat_ws(' ', jsonb_array_length(errors), errors #>> '{99,position}') from public.imports
    where filename = 'refusals.csv'),
  '100 line 121', 'The fault that ended an import is always among them');

-- Mapping

select pg_temp.open('max', 'columns', '{"date_order": "dmy"}');
select is(
  pg_temp.advance('max', 'columns', 0, 'a',
    '{"kind": "csv", "bytes": 400, "fault": {"code": "columns_missing", "detail": "Which column is the number?"}}')
    - '{id,created_at,updated_at,filename,finished_at}'::text[],
  '{"state": "needs_mapping", "kind": "csv", "bytes": 1000, "bytes_read": 400, "declared": null, "found": 0, "inserted": 0, "merged": 0, "duplicate": 0,
    "refused": 0, "errors": [{"code": "columns_missing", "detail": "Which column is the number?"}],
      "options": {"date_order": "dmy"}, "next_part": 0}'::jsonb,
  'A file whose columns are not clear waits for a mapping');
select throws_ok(pg_temp.asking('max', pg_temp.begin_call('columns', 0, 'a')), 'PT409', 'import_not_open',
  'Until then it takes no part');
create function pg_temp.map_call(name text, options jsonb) returns text language sql as $$
  select format('select map_import(%L, %L)', i.id, map_call.options) from import_id as i where i.name = map_call.name
$$;
select is(
  pg_temp.ask('max', pg_temp.map_call('columns', '{"mapping": {"number": "Nr."}}'))::jsonb
    - '{id,created_at,updated_at,filename}'::text[],
  '{"state": "open", "kind": "csv", "bytes": 1000, "bytes_read": 0, "declared": null, "found": 0, "inserted": 0, "merged": 0, "duplicate": 0, "refused": 0,
    "errors": [], "options": {"date_order": "dmy", "mapping": {"number": "Nr."}}, "next_part": 0, "finished_at": null}'::jsonb,
  'With a mapping it is open at part 0, beside the options that it had');
select is(pg_temp.begin_part('max', 'columns', 0, 'a') ->> 'repeated', 'false',
  'Part 0 comes again and is not taken for a repetition');
select is(
  pg_temp.counts(pg_temp.advance('max', 'columns', 0, 'a', jsonb_build_object('kind', 'csv', 'events', pg_temp.texts('one',
    'two')))),
    'running 2 2 0 0 0',
  'It is taken in');
select throws_ok(pg_temp.asking('max', pg_temp.map_call('columns', '{}')), 'PT409', 'import_not_open',
  'An import that has parts takes no other mapping');
select throws_ok(pg_temp.asking('ann', pg_temp.map_call('calls', '{}')), 'PT409', 'import_not_open',
  'Nor does a finished one');

-- Another's import

select throws_ok(pg_temp.asking('ben', query), 'PT404', 'import_not_found', says)
  from (values (pg_temp.begin_call('columns', 1, 'b'),
    'Another''s import does not exist for a stranger who begins a part'),
    (pg_temp.advance_call('columns', 1, 'b', '{}'), 'Nor for one who sends a part'),
    (pg_temp.map_call('columns', '{}'), 'Nor for one who maps it')) as t (query, says);
select throws_ok(pg_temp.asking('ann', format('select begin_import_part(%L, 0, ''a'')', pg_temp.id('no import'))), 'PT404',
  'import_not_found',
  'Nor does one that nobody opened');
select is(pg_temp.ask('ben', 'select get_imports() ->> ''total'''), '0', 'A stranger lists no import');
select is(pg_temp.ask('ben', format('select get_imports(%L) -> ''imports''', id)), '[]',
  'Nor gets one by id') from import_id where name = 'columns';
select is(pg_temp.ask('ben', 'select count(*) from (select id, state from public.imports) as i'), '0',
  'Nor reads the table');
select is(pg_temp.ask('max', 'select count(*) from (select id, state from public.imports) as i'), '1',
  'The owner reads the table');
select throws_ok(pg_temp.asking('max', 'select parser from public.imports'), '42501', null,
  'The parser''s state is no column for the API, not even the owner''s');
select throws_ok(pg_temp.asking('max', 'update public.imports set state = ''done'''), '42501', null,
  'Nobody writes an import around the functions');

-- Lists

select is(
  pg_temp.ask('ann', $$select string_agg(i ->> 'filename', ' ' order by i ->> 'id' desc)
    from jsonb_array_elements(get_imports() -> 'imports') as i$$),
  pg_temp.ask('ann', $$select string_agg(i ->> 'filename', ' ' order by n)
    from jsonb_array_elements(get_imports() -> 'imports') with ordinality as l (i, n)$$),
  'Imports are listed newest first');
create function pg_temp.page(arguments text) returns text language sql as $$
  select pg_temp.ask('ann', format($q$select (select string_agg((select count(*) from public.imports as later
    where later.id >= (i ->> 'id')::uuid)::text, ' ' order by n)
      from jsonb_array_elements(page -> 'imports') with ordinality as l (i, n)) || ', ' || (page ->> 'has_more') || ', '
        || (page ->> 'total')
    from get_imports(%s) as page$q$, arguments))
$$;
create function pg_temp.nth(place integer) returns text language sql as $$
  select quote_literal(id) || '::uuid' from public.imports where user_id = pg_temp.id('ann') order by id desc offset place - 1 limit 1
$$;
select is(pg_temp.page('max_rows => 2'), '1 2, true, 5', 'The first page has the newest two of five');
select is(pg_temp.page('max_rows => 2, cursor_id => ' || pg_temp.nth(2)), '3 4, true, 5',
  'The next page goes on after it');
select is(pg_temp.page('max_rows => 2, cursor_id => ' || pg_temp.nth(4)), '5, false, 5',
  'The last page has the oldest');
select is(pg_temp.page('backward => true, max_rows => 2, cursor_id => ' || pg_temp.nth(5)), '3 4, true, 5',
  'Backward goes the same way back');
select is(pg_temp.page('backward => true, max_rows => 2, cursor_id => ' || pg_temp.nth(3)), '1 2, false, 5',
  'And ends at the newest');

-- Address cards

create function pg_temp.cards(who text, cards jsonb) returns text language plpgsql as $$
declare
  v_name constant text := md5(random()::text);
begin
  perform pg_temp.open(who, v_name);
  return pg_temp.counts(pg_temp.advance(who, v_name, 0, 'a', jsonb_build_object('kind', 'vcard', 'cards', cards, 'final', true)));
end;
$$;
create function pg_temp.a_contact(who text, place integer, name text, name_source text,
  variadic numbers text[]) returns void language sql as $$
  insert into public.contacts (user_id, id, name, name_source)
  values (pg_temp.id(who), ('00000000-0000-7000-8000-' || lpad(place::text, 12, '0'))::uuid, name, name_source);
  insert into public.contact_numbers (user_id, number, contact_id)
  select pg_temp.id(who), number, ('00000000-0000-7000-8000-' || lpad(place::text, 12, '0'))::uuid from unnest(numbers) as number;
$$;
create function pg_temp.contacts_of(who text) returns text language sql as $$
  select string_agg(concat_ws(' ', coalesce(c.name, '?'), nullif(array(select unnest(c.also_known_as) order by 1)::text,
    '{}'), numbers), ' / ' order by c.name, numbers)
    from public.contacts as c
    cross join lateral (select string_agg(n.number, '+' order by n.number collate "C") as numbers from public.contact_numbers as n
                         where n.user_id = c.user_id and n.contact_id = c.id) as n
   where c.user_id = pg_temp.id(who)
$$;
select is(pg_temp.cards('vic', '[{"name": "Anna", "numbers": ["101", "102"], "company": "Acme"}, {"name": "Bea", "numbers": ["103"]}]'), 'done 2 2 0 0 0',
  'New cards are new contacts');
select is(pg_temp.contacts_of('vic'), 'Anna 101+102 / Bea 103', 'Each with its numbers');
select is(pg_temp.cards('vic', '[{"name": "Anna", "numbers": ["101", "102"], "company": "Acme"}, {"name": "Bea", "numbers": ["103"]}]'), 'done 2 0 0 2 0',
  'The same cards again are duplicates');
select is(pg_temp.cards('vic', '[{"name": "Anna", "numbers": ["101", "104"]}, {"name": "Bea", "numbers": ["103"], "company": "Bears"}]'), 'done 2 0 2 0 0',
  'A new number or company is merged');
select is(pg_temp.contacts_of('vic'), 'Anna 101+102+104 / Bea 103', 'Into the contact that was there');
select is((select string_agg(company, ', ' order by name) from public.contacts where user_id = pg_temp.id('vic')), 'Acme, Bears',
  'Companies are kept');

select pg_temp.a_user('joe');
select pg_temp.a_contact('joe', 1, null, null, '101'), pg_temp.a_contact('joe', 2, null, null, '102');
select pg_temp.open('joe', 'joe''s texts');
select pg_temp.advance('joe', 'joe''s texts', 0, 'a', jsonb_build_object('kind', 'csv', 'final', true, 'events',
  jsonb_build_array(
  pg_temp.texts('one') -> 0 || '{"number": "101"}', pg_temp.texts('two') -> 0 || '{"number": "102"}')));
select is(pg_temp.cards('joe', '[{"name": "Anna", "numbers": ["101", "102"]}]'), 'done 1 0 1 0 0',
  'A card with the numbers of two nameless contacts');
select is(pg_temp.contacts_of('joe'), 'Anna 101+102', 'Joins them under its name');
select is(
  (select count(*)::integer from public.events as e join public.contacts as c on c.user_id = e.user_id and c.id = e.contact_id
    where c.user_id = pg_temp.id('joe') and c.name = 'Anna'),
  2,
  'With their events');

select pg_temp.a_user('lou');
select pg_temp.a_contact('lou', 1, 'Ann', 'log', '101');
select is(pg_temp.cards('lou', '[{"name": "Anna", "numbers": ["101"]}]') || ', ' || pg_temp.contacts_of('lou'),
  'done 1 0 1 0 0, Anna {Ann} 101',
  'A card''s name wins over a log''s');
select pg_temp.a_contact('lou', 2, 'Mum', 'user', '102');
select is(pg_temp.cards('lou', '[{"name": "Mary", "numbers": ["102", "103"]}]') || ', ' || pg_temp.contacts_of('lou'),
  'done 1 0 1 0 0, Anna {Ann} 101 / Mum {Mary} 102+103', 'The user''s name wins over a card''s');
select pg_temp.a_user('ned'), pg_temp.a_contact('ned', 1, 'Anna', 'log', '101');
select is(pg_temp.cards('ned', '[{"name": "101", "numbers": ["101", "102"]}]') || ', ' || pg_temp.contacts_of('ned'),
  'done 1 0 1 0 0, Anna 101+102', 'A card whose name is a number takes no name away');
select pg_temp.cards('sue', '[{"name": "Anna", "numbers": ["101"]}]'), pg_temp.cards('sue',
  '[{"name": "Annie", "numbers": ["101"]}]');
select is((select array(select unnest(also_known_as || name) order by 1) from public.contacts where user_id = pg_temp.id('sue')),
  '{Anna,Annie}',
  'A second card''s name for a number is remembered');
select lives_ok($$select pg_temp.cards('odd', '[{"name": "Odd", "numbers": ["-"]}]')$$,
  'A card with the number "-" does not fail its file');

select pg_temp.a_user('kim');
select pg_temp.a_contact('kim', 1, 'A. Smith', 'log', '101'), pg_temp.a_contact('kim', 2, 'Mum', 'user', '102');
select pg_temp.cards('kim', '[{"name": "Anna", "numbers": ["101", "102"]}]');
select is(pg_temp.contacts_of('kim'), 'Mum {"A. Smith",Anna} 101+102',
  'The user''s name survives when a card joins its contact to an older one');

select pg_temp.cards('pam',
  '[{"name": "Anna", "numbers": ["101", "100"]}, {"name": "Bert", "numbers": ["102", "100"]}]');
select alike(pg_temp.contacts_of('pam'), 'Anna %101% / Bert %102%',
  'Two people whose cards share a landline stay two contacts');

-- Rules of contacts that become one: the stricter wins.

create function pg_temp.a_rule(who text, place integer, visibility text, mask_number boolean,
  mask_content boolean) returns void language sql as $$
  insert into public.privacy_rules (user_id, contact_id, visibility, mask_number, mask_content)
  values (pg_temp.id(who), ('00000000-0000-7000-8000-' || lpad(place::text, 12, '0'))::uuid, visibility, mask_number,
    mask_content)
$$;
create function pg_temp.rule_after_merge(one text[], other text[]) returns text language plpgsql as $$
declare
  v_user constant text := md5(random()::text);
begin
  perform pg_temp.a_user(v_user), pg_temp.a_contact(v_user, 1, null, null, '101'), pg_temp.a_contact(v_user, 2, null, null,
    '102');
  if one is not null then perform pg_temp.a_rule(v_user, 1, one[1], one[2]::boolean, one[3]::boolean); end if;
  if other is not null then perform pg_temp.a_rule(v_user, 2, other[1], other[2]::boolean, other[3]::boolean); end if;
  perform pg_temp.cards(v_user, '[{"name": "Anna", "numbers": ["101", "102"]}]');
  return (select string_agg(concat_ws(' ', visibility, mask_number::text, mask_content::text),
    ', ') from public.privacy_rules where user_id = pg_temp.id(v_user));
end;
$$;
select is(pg_temp.rule_after_merge(one, other), becomes, says)
  from (values
    ('{public,false,false}'::text[], '{private,false,false}'::text[], 'private false false',
      'Public and private become private'),
    ('{private,false,false}', '{public,false,false}', 'private false false', 'Private and public too'),
    ('{public,false,false}', '{team,false,false}', 'team false false', 'Public and team become team'),
    ('{private,false,false}', '{team,false,false}', 'private false false', 'Private and team become private'),
    ('{team,true,false}', '{team,false,true}', 'team true true', 'What one of them masks is masked'),
    ('{team,false,true}', '{team,true,false}', 'team true true', 'Whichever of them it is'),
    ('{public,false,false}', '{public,false,false}', 'public false false', 'What both show is shown'),
    (null, '{private,true,true}', 'private true true', 'A rule goes with the contact that is joined to one without'),
    (null, '{public,false,false}', 'team false true',
      'A contact without a rule is not opened by the rule of one that joins it: no rule means the defaults'),
    (null, null, null, 'No rule comes of none')) as t (one, other, becomes, says);

-- Whatever came

select is_empty(
  'select filename from public.imports where found <> inserted + merged + duplicate + refused',
    'Of every import the counts add up');
select isnt_empty('select from public.imports where merged > 0 and user_id = ' || quote_literal(pg_temp.id('ann')),
  'Among imports with every kind of count');

select * from finish();
rollback;
