-- Pages of events: every filter beside a plain query, and pages both ways.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(78);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;

-- What a query of one value answers to this user.
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
create function pg_temp.page(arguments text) returns jsonb language sql as $$
  select pg_temp.ask('ann', format('select get_filtered_events(%s)', page.arguments))::jsonb
$$;
create function pg_temp.ids(page jsonb) returns text[] language sql as $$
  select coalesce(array_agg(e ->> 'id' order by n),
    '{}') from jsonb_array_elements(page -> 'events') with ordinality as l (e, n)
$$;

-- 60 events, three of them at each moment, so that pages have to tell equal times apart.
insert into auth.users (id, email)
select pg_temp.id(name), name || '@reads.test' from unnest(array['ann', 'ben', 'zoe']) as name;
insert into public.contacts (user_id, id, name)
select pg_temp.id('ann'), pg_temp.id('contact ' || n), 'Contact ' || n from generate_series(0, 2) as n;
insert into public.lines (user_id, id, name) values (pg_temp.id('ann'), pg_temp.id('line'), 'Work');
insert into public.events (user_id, id, ts, number, contact_id, line_id, type, direction, status, duration, source, sources,
                           fingerprint, updated_at)
select pg_temp.id('ann'), md5('event ' || n)::uuid, '2026-05-01 00:00Z'::timestamptz + (n / 3) * interval '1 hour',
       '+4930' || n % 4, pg_temp.id('contact ' || n % 3), case when n % 5 = 0 then pg_temp.id('line') end,
       case when n % 2 = 0 then 'call' else 'sms' end, case when n % 7 < 3 then 'inbound' else 'outbound' end,
       case when n % 2 = 1 then 'received' when n % 4 = 0 then 'missed' else 'answered' end,
       case when n % 2 = 0 then n * 10 end, case when n % 6 = 0 then 'carrier' else 'device' end, '{device}',
       md5('fingerprint ' || n)::uuid, '2026-06-01 00:00Z'::timestamptz + n * interval '1 minute'
  from generate_series(0, 59) as n;
insert into public.events (user_id, id, ts, type, direction, source, sources, fingerprint)
values (pg_temp.id('ben'), pg_temp.id('ben''s event'), '2026-05-01 05:00Z', 'call', 'inbound', 'device', '{device}',
        pg_temp.id('ben''s fingerprint'));

select is(pg_temp.ask('zoe', 'select get_filtered_events()')::jsonb,
  '{"events": [], "has_more": false, "total": 0, "total_is_estimate": false}',
  'Without events a page is empty');
select is(pg_temp.ask('ben', 'select get_filtered_events()')::jsonb #- '{events,0}',
  '{"events": [], "has_more": false, "total": 1, "total_is_estimate": false}',
  'One event is one row');
select is((select string_agg(key, ' ' order by key collate "C")
  from jsonb_object_keys(pg_temp.ask('ben', 'select get_filtered_events()')::jsonb #> '{events,0}') as key),
  'contact_id contact_name content created_at direction duration id line_id masked metadata number source source_id sources status ts type updated_at user_id',
    'It has every field');
select is(pg_temp.ask('ben', format('select get_event(%L)', pg_temp.id('ben''s event')))::jsonb, pg_temp.ask('ben',
  'select get_filtered_events()')::jsonb #> '{events,0}',
  'One event by its id has the same fields');

-- Filters

select is(
    pg_temp.ids(pg_temp.page('max_rows => 200, ' || filter)),
    pg_temp.ask('ann', format('select array_agg(id::text order by ts desc, id desc) from public.events where %s',
      condition))::text[],
    format('Filtered by %s it is what a plain query finds', filter))
  from (values
    ('starts_at => ''2026-05-01 05:00Z''', 'ts >= ''2026-05-01 05:00Z'''),
    ('ends_at => ''2026-05-01 05:00Z''', 'ts < ''2026-05-01 05:00Z'''),
    ('starts_at => ''2026-05-01 05:00Z'', ends_at => ''2026-05-01 06:00Z''', 'ts = ''2026-05-01 05:00Z'''),
    (format('contact_id => %L', pg_temp.id('contact 1')), 'contact_id = pg_temp.id(''contact 1'')'),
    ('number => ''+49301''', 'number = ''+49301'''),
    ('type => ''call''', 'type = ''call'''),
    ('direction => ''inbound''', 'direction = ''inbound'''),
    ('status => ''missed''', 'status = ''missed'''),
    ('source => ''carrier''', 'source = ''carrier'''),
    (format('line_id => %L', pg_temp.id('line')), 'line_id = pg_temp.id(''line'')'),
    ('min_duration => 100', 'duration >= 100'),
    ('max_duration => 100', 'duration <= 100'),
    ('updated_since => ''2026-06-01 00:30Z'', sort => ''desc''', 'updated_at >= ''2026-06-01 00:30Z'''),
    ('type => ''call'', direction => ''inbound'', min_duration => 100, max_duration => 500, number => ''+49302''',
      'type = ''call'' and direction = ''inbound'' and duration between 100 and 500 and number = ''+49302''')) as f (filter, condition);
select is(pg_temp.page('max_rows => 2, type => ''call''') - 'events',
  '{"has_more": true, "total": 30, "total_is_estimate": false}',
  'The total counts what the filters let through');
select is(pg_temp.page('number => ''no such number''') - 'events', '{"has_more": false, "total": 0, "total_is_estimate": false}',
  'Nothing found is a total of 0');
select is(jsonb_array_length(pg_temp.page('') -> 'events'), 50, 'A page has 50 rows unless told');
select is(jsonb_array_length(pg_temp.page(format('max_rows => %s', asked)) -> 'events'), given,
  format('Asked for %s rows it has %s', asked, given))
  from (values (0, 1), (-5, 1), (60, 60), (1000, 60)) as r (asked, given);
select is(pg_temp.page('max_rows => 60') -> 'has_more', 'false', 'The last row is the end');
select is(pg_temp.page('max_rows => 59') -> 'has_more', 'true', 'One row left is more');

-- Pages

create function pg_temp.walk(sort text, size integer, backward boolean) returns text[] language plpgsql as $$
declare
  v_page jsonb;
  v_edge jsonb;
  v_ids text[] := '{}';
begin
  if backward then
    -- A cursor behind the far end.
    v_page := pg_temp.page(format('sort => %L, max_rows => 1, cursor_ts => %L, cursor_id => %L, backward => true', sort,
      case sort when 'asc' then '2027-01-01' else '2020-01-01' end, '00000000-0000-0000-0000-000000000000'));
  else
    v_page := pg_temp.page(format('sort => %L, max_rows => %s', sort, size));
  end if;
  loop
    v_ids := case when backward then pg_temp.ids(v_page) || v_ids else v_ids || pg_temp.ids(v_page) end;
    exit when not (v_page -> 'has_more')::boolean or cardinality(v_ids) > 100;
    v_edge := v_page -> 'events' -> case when backward then 0 else -1 end;
    v_page := pg_temp.page(format('sort => %L, max_rows => %s, cursor_ts => %L, cursor_id => %L, backward => %L', sort, size,
      v_edge ->> 'ts', v_edge ->> 'id', backward));
  end loop;
  return v_ids;
end;
$$;
select is(pg_temp.walk(sort, size, backward),
    case sort when 'asc' then array(select id::text from public.events where user_id = pg_temp.id('ann') order by ts, id)
      else array(select id::text from public.events where user_id = pg_temp.id('ann') order by ts desc, id desc) end,
    format('Pages of %s, %s, %s, give each row once and in order', size, sort,
      case when backward then 'backward' else 'forward' end))
  from unnest(array['desc', 'asc']) as sort cross join unnest(array[1, 7, 30]) as size cross
    join unnest(array[false, true]) as backward;
select is(
  pg_temp.page(format('max_rows => 5, type => ''call'', cursor_ts => %L, cursor_id => %L', '2026-05-01 10:00Z',
    pg_temp.id('x'))) -> 'total', '30',
    'The total is that of all pages');

-- Totals

select is((pg_temp.page('max_rows => 1, ' || filter) ->> 'total')::bigint, pg_temp.ask('ann', format('select count(*) from public.events where %s',
      condition))::bigint, format('The total by %s is what a plain query counts', filter))
  from (values
    ('starts_at => ''2026-05-01 05:00Z''', 'ts >= ''2026-05-01 05:00Z'''),
    ('ends_at => ''2026-05-01 05:30Z'', type => ''sms''', 'ts < ''2026-05-01 05:30Z'' and type = ''sms'''),
    ('direction => ''outbound''', 'direction = ''outbound'''),
    ('type => ''call'', direction => ''inbound''', 'type = ''call'' and direction = ''inbound'''),
    ('status => ''answered''', 'status = ''answered'''),
    ('status => ''answered'', type => ''sms''', 'status = ''answered'' and type = ''sms'''),
    ('source => ''carrier'', status => ''missed''', 'source = ''carrier'' and status = ''missed'''),
    (format('line_id => %L', pg_temp.id('line')), 'line_id = pg_temp.id(''line'')'),
    (format('contact_id => %L', pg_temp.id('contact 1')), 'contact_id = pg_temp.id(''contact 1'')'),
    (format('contact_id => %L, direction => ''inbound'', starts_at => ''2026-05-01 02:00Z''', pg_temp.id('contact 1')),
      'contact_id = pg_temp.id(''contact 1'') and direction = ''inbound'' and ts >= ''2026-05-01 02:00Z'''),
    ('number => ''+49301'', type => ''sms''', 'number = ''+49301'' and type = ''sms'''),
    ('min_duration => 100', 'duration >= 100')) as f (filter, condition);

-- What makes no sense is refused

select throws_ok(format('select pg_temp.page(%L)', arguments), 'PT400', code, format('Asked for %s it says %s', arguments, code))
  from (values
    ('starts_at => ''2026-05-02'', ends_at => ''2026-05-01''', 'range_invalid'),
    ('starts_at => ''2026-05-01'', ends_at => ''2026-05-01''', 'range_invalid'),
    ('min_duration => 2, max_duration => 1', 'validation_failed'),
    ('type => ''fax''', 'validation_failed'),
    ('sort => ''up''', 'validation_failed'),
    ('sort => ''changes''', 'validation_failed')) as b (arguments, code);

-- Changes

create function pg_temp.changes(page jsonb) returns text[] language sql as $$
  select coalesce(array_agg(id order by at, id::uuid), '{}') from (
    select e ->> 'id' as id, (e ->> 'updated_at')::timestamptz as at from jsonb_array_elements(changes.page -> 'events') as e
    union all
    select d ->> 'id', (d ->> 'deleted_at')::timestamptz from jsonb_array_elements(changes.page -> 'deleted') as d) as c
$$;
select pg_temp.ask('ann', format('select delete_event(%L)', md5('event ' || n)::uuid)) from unnest(array[7, 8, 40]) as n;
update private.deleted_events set deleted_at = '2026-06-01 00:20:30Z' where event_id = md5('event 8')::uuid;
select is(pg_temp.changes(pg_temp.page('updated_since => ''2026-06-01 00:10Z'', max_rows => 200')), (
    select array_agg(id::text order by at, id) from (
      select id, updated_at as at from public.events where user_id = pg_temp.id('ann') and updated_at >= '2026-06-01 00:10Z'
      union all
      select event_id, deleted_at from private.deleted_events where user_id = pg_temp.id('ann')) as c),
  'Changes are what was made or changed since, and what was deleted');
select is(pg_temp.page('updated_since => ''2026-06-01 00:10Z'', max_rows => 200') #> '{deleted,0}',
  jsonb_build_object('id', md5('event 8')::uuid, 'deleted_at', '2026-06-01T00:20:30+00:00'), 'A deletion is an id and a time');
create function pg_temp.walk_changes(size integer) returns text[] language plpgsql as $$
declare
  v_page jsonb := pg_temp.page(format('updated_since => ''2026-06-01 00:10Z'', max_rows => %s', walk_changes.size));
  v_ids text[] := '{}';
begin
  loop
    assert jsonb_array_length(v_page -> 'events') + jsonb_array_length(v_page -> 'deleted') <= walk_changes.size;
    v_ids := v_ids || pg_temp.changes(v_page);
    exit when not (v_page -> 'has_more')::boolean or cardinality(v_ids) > 100;
    v_page := pg_temp.page(format('updated_since => ''2026-06-01 00:10Z'', max_rows => %s, cursor_ts => %L, cursor_id => %L, sync_until => %L',
      walk_changes.size, v_page #>> '{edges,last,0}', v_page #>> '{edges,last,1}', v_page ->> 'sync_until'));
  end loop;
  return v_ids;
end;
$$;
select is(pg_temp.walk_changes(size), pg_temp.changes(pg_temp.page('updated_since => ''2026-06-01 00:10Z'', max_rows => 200')),
    format('Pages of %s lead through changes and deletions in one order, none left out', size))
  from unnest(array[1, 7, 49]) as size;
select is(pg_temp.changes(pg_temp.page(format('updated_since => ''2026-06-01 00:10Z'', max_rows => 5, backward => true, cursor_ts => %L, cursor_id => %L',
    p #>> '{edges,last,0}', p #>> '{edges,last,1}'))), (pg_temp.changes(p))[5:9], 'And back')
  from (select pg_temp.page('updated_since => ''2026-06-01 00:10Z'', max_rows => 10') as p) as p;
select is(pg_temp.page('updated_since => ''2026-06-01 00:10Z'', sort => ''asc''') ? 'deleted', false,
  'By time, updated_since is a filter like others');
select ok((pg_temp.page('updated_since => ''2026-06-01''') ->> 'sync_until')::timestamptz <= now(),
  'What is told as settled is not ahead of this transaction');
select is(pg_temp.page('updated_since => ''2026-06-01'', sync_until => ''2026-06-02''') ->> 'sync_until', '2026-06-02T00:00:00+00:00',
  'The pages of a round say the same');

-- A teammate's changes: what the rules hide does not show, not even by its deletion

insert into public.organizations (id, name) values (pg_temp.id('here'), 'Here');
insert into public.org_members (organization_id, user_id, role)
select pg_temp.id('here'), pg_temp.id(name), 'member' from unnest(array['ann', 'ben']) as name;
create function pg_temp.seen() returns jsonb language sql as $$
  select pg_temp.ask('ben', format('select get_filtered_events(user_id => %L, updated_since => ''2026-06-01'', max_rows => 200, sync_until => ''2026-06-02'')',
    pg_temp.id('ann')))::jsonb
$$;
create function pg_temp.first_pages() returns jsonb language sql as $$
  select pg_temp.ask('ben', format('select jsonb_agg(get_filtered_events(user_id => %L, max_rows => 3, type => t)) from unnest(array[null, ''call'']) as t',
    pg_temp.id('ann')))::jsonb
$$;
insert into private.deleted_events (user_id, fingerprint, event_id, ts, type, direction)
values (pg_temp.id('ben'), pg_temp.id('gone'), pg_temp.id('gone'), '2026-05-01', 'call', 'inbound');
select is(jsonb_array_length(pg_temp.seen() -> 'events'), 57, 'A teammate sees the changes');
select is(pg_temp.seen() -> 'deleted', '[]', 'But no deletion, not even of his own');
insert into public.privacy_rules (user_id, contact_id, visibility) values (pg_temp.id('ann'), pg_temp.id('contact 1'), 'private');
create temporary table before as select pg_temp.seen() as seen, pg_temp.first_pages() as pages;
select is(pages #>> '{0,total}', (select count(*)::text from public.events where user_id = pg_temp.id('ann')
    and contact_id <> pg_temp.id('contact 1')), 'A private contact is not counted') from before;
delete from public.events where user_id = pg_temp.id('ann') and contact_id = pg_temp.id('contact 1');
delete from public.contacts where user_id = pg_temp.id('ann') and id = pg_temp.id('contact 1');
select is(pg_temp.seen(), seen, 'With and without a private contact, changes are the same') from before;
select is(pg_temp.first_pages(), pages, 'And pages, with their totals') from before;
select is(pg_temp.ask('ben', format('select get_filtered_events(user_id => %L, line_id => %L)', pg_temp.id('ann'), pg_temp.id('line')))::jsonb -> 'total',
  '0', 'A teammate''s line finds nothing');

-- Deleting

select throws_ok(format('select pg_temp.ask(''ann'', %L)', format('select delete_event(%L)', pg_temp.id('ben''s event'))),
  'PT404', 'event_not_found',
  'Another''s event can not be deleted');
select is((select count(*)::integer from public.events where user_id = pg_temp.id('ben')), 1, 'It stays');
select pg_temp.ask('ben', format('select delete_event(%L)', pg_temp.id('ben''s event')));
select is((select count(*)::integer from public.events where user_id = pg_temp.id('ben')), 0, 'Its owner deletes it');
select throws_ok(format('select pg_temp.ask(''ben'', %L)', format('select delete_event(%L)', pg_temp.id('ben''s event'))),
  'PT404', 'event_not_found',
  'Only once');
select throws_ok(format('select pg_temp.ask(''ben'', %L)', format('select get_event(%L)', pg_temp.id('ben''s event'))),
  'PT404', 'event_not_found',
  'And it is gone');

select * from finish();
rollback;
