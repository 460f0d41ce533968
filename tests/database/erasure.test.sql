-- Erasure: after it nothing in the database says who was meant. Everything that stands in any table is looked at.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(90);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;
create function pg_temp.ask(who text, query text, claims jsonb default '{}') returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform set_config('request.jwt.claims', (jsonb_build_object('sub', pg_temp.id(ask.who)) || ask.claims)::text, true);
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

-- Where any of these words stands: in every row of every table of every schema but the system's own.
create function pg_temp.found(words text[]) returns text language plpgsql set search_path = '' as $$
declare
  v_table regclass;
  v_found boolean;
  v_all text[] := array[]::text[];
begin
  for v_table in
    select c.oid from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
     where c.relkind in ('r', 'm') and n.nspname !~ '^(pg_|information_schema)' order by c.oid::regclass::text
  loop
    execute format('select exists (select from %s as t where exists (select from unnest($1) as word where strpos(lower(t::text), lower(word)) > 0))', v_table)
      into v_found using found.words;
    if v_found then
      v_all := v_all || v_table::text;
    end if;
  end loop;
  return array_to_string(v_all, ', ');
end;
$$;
create function pg_temp.work() returns jsonb language plpgsql as $$
declare
  v_result jsonb;
begin
  for i in 1 .. 200 loop
    v_result := private.job_erasure(clock_timestamp() + interval '1 minute');
    exit when not (v_result ->> 'more')::boolean;
  end loop;
  return v_result;
end;
$$;
create function pg_temp.log(who text, events text) returns text language sql as $$
  select pg_temp.ask(log.who, format('select public.ingest_events(%L)', log.events))
$$;

insert into auth.users (id, email) select pg_temp.id(name), name || '@erasure.test' from unnest(array['eve', 'ben', 'adam', 'sol']) as name;
update public.profiles set display_name = 'Evelina Quux' where user_id = pg_temp.id('eve');
insert into public.organizations (id, name) values (pg_temp.id('ours'), 'Ours'), (pg_temp.id('alone'), 'Quux family'), (pg_temp.id('theirs'), 'Theirs');
insert into public.org_members (organization_id, user_id, role, joined_at)
values (pg_temp.id('ours'), pg_temp.id('eve'), 'owner', '2026-01-01'), (pg_temp.id('ours'), pg_temp.id('ben'), 'member', '2026-01-02'),
  (pg_temp.id('ours'), pg_temp.id('adam'), 'admin', '2026-01-03'), (pg_temp.id('alone'), pg_temp.id('eve'), 'owner', '2026-01-01'),
  (pg_temp.id('theirs'), pg_temp.id('sol'), 'owner', '2026-01-01');
select pg_temp.log(who, $$[
  {"ts": "2026-05-01T08:00:00Z", "number": "+491519990001", "type": "call", "direction": "inbound", "duration": 61, "contact_name": "Quentin Zyxw"},
  {"ts": "2026-05-02T08:00:00Z", "number": "+491519990002", "type": "sms", "direction": "inbound", "content": "zyxwtext one", "contact_name": "Quentin Zyxw"},
  {"ts": "2026-05-03T08:00:00Z", "number": "+491519990002", "type": "sms", "direction": "outbound", "content": "zyxwtext two", "contact_name": "Quentin Zyxw"},
  {"ts": "2026-05-04T08:00:00Z", "number": "+491528880001", "type": "call", "direction": "outbound", "duration": 10, "contact_name": "Rosalind Wvut"},
  {"ts": "2026-05-05T08:00:00Z", "number": "+491528880001", "type": "sms", "direction": "inbound", "content": "wvuttext", "contact_name": "Rosalind Wvut"},
  {"ts": "2026-05-06T08:00:00Z", "type": "call", "direction": "inbound", "status": "missed"}]$$)
  from unnest(array['eve', 'sol']) as who;
select pg_temp.log('ben', $$[{"ts": "2026-05-01T08:00:00Z", "number": "+441110000001", "type": "call", "direction": "inbound", "duration": 5, "contact_name": "Ben Friend"}]$$);
select pg_temp.ask('sol', $$select public.delete_event(id) from public.events where content = 'zyxwtext two'$$);
select pg_temp.ask(who, format('select public.record_nlq_query(%L)', jsonb_build_object('question', question, 'normalized', lower(question),
    'template', 'calls', 'local_date', '2026-05-10', 'time_zone', 'UTC', 'planner', 'built_in', 'planner_version', 'p1', 'plan', '{"intent": "count"}'::jsonb,
    'resolved', resolved, 'sentence', sentence, 'cache', 'miss', 'took_ms', 5, 'data_version', 0)))
  from (values ('eve', 'Calls with quentin zyxw?', '{}'::jsonb, 'One.'), ('sol', 'Calls with quentin zyxw?', '{}', 'One.'), ('sol', 'Who called from 01519 990001?', '{}', 'Somebody.'),
    ('sol', 'Top contact?', '{}', 'Quéntin  ZYXW, 3 times.'), ('sol', 'Calls with Rosalind?', '{}', 'Rosalind Wvut, 1.'),
    ('ben', 'How much did Evelina call?', jsonb_build_object('user_id', pg_temp.id('eve')), 'Much.'), ('ben', 'My calls?', '{}', 'One.')) as q (who, question, resolved, sentence);
update public.nlq_queries set sentence = 'Quéntin  ZYXW, 3 times.' where question = 'Top contact?';
insert into public.idempotency_keys (user_id, key, request_hash, status, response)
values (pg_temp.id('sol'), 'k1', 'h', 200, '{"detail": "zyxw +491519990001"}'), (pg_temp.id('sol'), 'k2', 'h', 200, '{}');
insert into public.imports (user_id, state, filename, parser) values (pg_temp.id('sol'), 'running', 'a.csv', '{"tail": "zyxwtext thr"}');
insert into public.imports (user_id, state, filename) values (pg_temp.id('sol'), 'done', 'Calls with Quentin Zyxw.csv'), (pg_temp.id('sol'), 'done', 'all.csv');
update public.contacts set also_known_as = '{Quentin Zyxw,Rosi}' where user_id = pg_temp.id('sol') and name = 'Rosalind Wvut';

-- Preview and confirmation

select is(pg_temp.ask('sol', $$select public.preview_erasure('contact', (select id from public.contacts where name = 'Quentin Zyxw')) -> 'counts'$$)::jsonb,
  '{"public.contacts": 1, "public.contact_numbers": 2, "public.events": 2, "private.deleted_events": 1, "public.nlq_queries": 3}',
  'The preview of a contact counts what would go');
select is(pg_temp.ask('eve', $$select public.preview_erasure('account') -> 'organizations'$$)::jsonb,
  (select jsonb_agg(jsonb_build_object('id', id, 'name', name, 'role', 'owner', 'outcome', outcome) order by id)
     from (values (pg_temp.id('ours'), 'Ours', 'handed_over'), (pg_temp.id('alone'), 'Quux family', 'removed')) as o (id, name, outcome)),
  'The preview of an account says what becomes of its organisations');
select is(pg_temp.ask('eve', $$select public.preview_erasure('account') #>> '{counts,public.events}'$$), '6', 'and counts its rows');
select is(pg_temp.ask('eve', $$select public.preview_erasure('account') ->> 'confirmation'$$), pg_temp.ask('eve', $$select public.preview_erasure('account') ->> 'confirmation'$$),
  'The confirmation stays while nothing changes');
select throws_ok(pg_temp.asking('eve', $$select public.request_erasure('guess', 'account')$$), 'PT409', 'confirmation_outdated', 'Nothing is erased without the confirmation of the preview');
select throws_ok(pg_temp.asking('eve', $$select public.request_erasure(null, 'account')$$), 'PT409', 'confirmation_outdated', 'nor with none');
select throws_ok(pg_temp.asking('sol', format($$select public.request_erasure(%L, 'account')$$, pg_temp.ask('eve', $$select public.preview_erasure('account') ->> 'confirmation'$$))),
  'PT409', 'confirmation_outdated', 'nor with somebody else''s');
create temporary table confirmations as select pg_temp.ask('eve', $$select public.preview_erasure('account') ->> 'confirmation'$$) as old;
select pg_temp.log('eve', $$[{"ts": "2026-05-07T08:00:00Z", "number": "+491528880001", "type": "call", "direction": "outbound", "duration": 10}]$$);
select throws_ok(pg_temp.asking('eve', format($$select public.request_erasure(%L, 'account')$$, old)), 'PT409', 'confirmation_outdated', 'nor when there is more than it showed') from confirmations;
select throws_ok(pg_temp.asking('eve', $$select public.preview_erasure(scope, contact_id, number) from (values (null, null::uuid, null)) as a (scope, contact_id, number)$$), 'PT400', 'validation_failed', 'A scope is needed');
select throws_ok(pg_temp.asking('eve', format('select public.preview_erasure(%s)', args)), 'PT400', 'validation_failed', 'The scope fits what is named: ' || args)
  from unnest(array[$$'contact'$$, $$'number'$$, $$'everything'$$, $$'account', number => '+491'$$, $$'contact', gen_random_uuid(), '+491'$$]) as args;
select throws_ok(pg_temp.asking('ben', format($$select public.preview_erasure('contact', %L)$$, (select id from public.contacts where user_id = pg_temp.id('eve') limit 1))),
  'PT404', 'contact_not_found', 'Nobody erases a teammate''s contact');
select throws_ok(pg_temp.asking('ben', $$select public.preview_erasure('number', number => '+491519990001')$$), 'PT404', 'contact_not_found', 'nor a number of a teammate''s log');
select throws_ok($$select pg_temp.ask('eve', 'select public.preview_erasure(''account'')', '{"key_id": "8f0b3f1e-0000-4000-8000-000000000000", "key_scopes": ["events:read"]}')$$,
  'PT403', null, 'An API key erases nothing');

-- Grace, cancellation, holds

create function pg_temp.request(who text, args text) returns text language sql as $$
  select pg_temp.ask(request.who, format('select public.request_erasure(public.preview_erasure(%1$s) ->> ''confirmation'', %1$s)', request.args))
$$;
select is((pg_temp.request('eve', $$'account'$$)::jsonb ->> 'due_at')::timestamptz, now() + interval '7 days', 'An erasure is due in seven days');
select throws_ok($$select pg_temp.request('eve', '''account''')$$, 'PT409', 'erasure_requested', 'It is asked for once');
select is(pg_temp.work() ->> 'steps', '0', 'Until then nothing happens');
select is(pg_temp.ask('eve', $$select jsonb_agg(e -> 'state') from jsonb_array_elements(public.get_erasures()) as e$$), '["waiting"]', 'The person sees the request');
select is(pg_temp.ask('ben', $$select public.get_erasures()$$), '[]', 'Others do not');
select throws_ok(pg_temp.asking('ben', format('select public.cancel_erasure(%L)', id)), 'PT404', 'erasure_not_found', 'nor take it back') from public.erasure_requests;
select is(pg_temp.ask('eve', $$select public.cancel_erasure() ->> 'state'$$), 'waiting', 'The person takes it back');
select is_empty('select from public.erasure_requests', 'and it is gone');
select throws_ok(pg_temp.asking('eve', 'select public.cancel_erasure()'), 'PT404', 'erasure_not_found', 'once');
set local phonelog.erasure_grace_days = '0';
select is((pg_temp.ask('eve', $$select public.preview_erasure('account') ->> 'grace_days'$$)), '0', 'The environment says how long the grace is');
update public.organizations set erasure_grace_days = 14 where id = pg_temp.id('ours');
select is((pg_temp.ask('eve', $$select public.preview_erasure('account') ->> 'grace_days'$$)), '14', 'unless an organisation does');
update public.organizations set erasure_grace_days = null where id = pg_temp.id('ours');

select throws_ok(pg_temp.asking('ben', format($$select public.set_legal_hold(%L, 'Case 7')$$, pg_temp.id('eve'))), 'PT403', 'role_insufficient', 'A member sets no hold');
select throws_ok(pg_temp.asking('sol', format($$select public.set_legal_hold(%L, 'Case 7', %L)$$, pg_temp.id('eve'), pg_temp.id('ours'))), 'PT404', 'organization_not_found', 'nor an admin of another organisation');
select throws_ok(pg_temp.asking('sol', format($$select public.set_legal_hold(%L, 'Case 7')$$, pg_temp.id('eve'))), 'PT404', 'user_not_found', 'nor anybody on a stranger');
select throws_ok(pg_temp.asking('adam', format($$select public.set_legal_hold(%L, ' ')$$, pg_temp.id('eve'))), 'PT400', 'validation_failed', 'A hold has a reason');
select is(jsonb_array_length(pg_temp.ask('adam', format($$select public.set_legal_hold(%L, 'Case 7')$$, pg_temp.id('eve')))::jsonb), 1, 'An admin sets one');
select throws_ok($$select pg_temp.request('eve', '''account''')$$, 'PT409', 'legal_hold', 'Who is held is not erased');
select throws_ok(format('delete from auth.users where id = %L', pg_temp.id('eve')), '23503', null, 'not by Auth either');
select throws_ok(pg_temp.asking('eve', 'select public.delete_event(id) from public.events limit 1'), 'PT409', 'legal_hold', 'Who is held deletes no event');
select is(pg_temp.ask('eve', $$select public.preview_erasure('account') ->> 'is_held'$$), 'true', 'and is told that there is a hold');
select throws_ok(pg_temp.asking('eve', $$select reason from public.legal_holds$$), '42501', null, 'but not why by the table');
select throws_ok(pg_temp.asking('eve', format($$select public.lift_legal_hold(%L, %L)$$, pg_temp.id('eve'), pg_temp.id('ours'))), 'PT403', 'not_permitted', 'Nobody lifts his own hold, the owner neither');
select lives_ok(pg_temp.asking('adam', format($$select public.lift_legal_hold(%L)$$, pg_temp.id('eve'))), 'Another admin lifts it');
select pg_temp.request('eve', $$'account'$$);
insert into public.legal_holds (user_id, organization_id, reason) values (pg_temp.id('eve'), pg_temp.id('ours'), 'Late');
select is(pg_temp.work() ->> 'steps', '0', 'A hold that comes after the request wins, too');
delete from public.legal_holds;
update public.erasure_requests set due_at = now() + interval '1 day';

-- A contact

select throws_ok($$select pg_temp.request('sol', '''contact'', gen_random_uuid()')$$, 'PT404', 'contact_not_found', 'An unknown contact can not be erased');
select pg_temp.request('sol', $$'contact', (select id from public.contacts where name = 'Quentin Zyxw')$$);
create temporary table kept_ids as select id from public.events where user_id = pg_temp.id('sol') and number like '+4915199%';
select is(pg_temp.work(), '{"steps": 2, "finished": 1, "more": false}', 'An erasure without grace is done by the next run');
delete from public.erasure_requests where user_id = pg_temp.id('eve');
select is(pg_temp.ask('sol', $$select jsonb_agg(e - 'id' - 'requested_at' - 'due_at' - 'finished_at') from jsonb_array_elements(public.get_erasures()) as e$$)::jsonb,
  '[{"scope": "contact", "state": "done", "contact_id": null, "numbers": [], "keep_out": true, "erased_events": 2}]', 'The request stays without saying who it was');
select is((select array_agg(coalesce(number, 'withheld') order by ts) from public.events where user_id = pg_temp.id('sol')), '{+491528880001,+491528880001,withheld}', 'The events of others stay');
select is((select array_agg(question order by question) from public.nlq_queries where user_id = pg_temp.id('sol')), '{Calls with Rosalind?}', 'Questions and answers that mention the person are gone, however written');
select is((select array_agg(key) from public.idempotency_keys where user_id = pg_temp.id('sol')), '{k2}', 'and kept replies');
select is((select array_agg(concat(state, ':', filename, ':', parser) order by filename) from public.imports where user_id = pg_temp.id('sol')), '{failed:a.csv:,done:all.csv:,done::}',
  'An import under way is stopped, a file name is forgotten');
select is((select also_known_as from public.contacts where user_id = pg_temp.id('sol') and name = 'Rosalind Wvut'), '{Rosi}', 'and the alias of another contact');
select is_empty(format('select * from private.check_rollups(%L)', pg_temp.id('sol')), 'The roll-ups are those of what is left');
select is((select array_agg(distinct (ts, number, type, fingerprint = event_id)::text) from private.deleted_events where user_id = pg_temp.id('sol')),
  '{"(\"1970-01-01 00:00:00+00\",,call,t)"}', 'Tombstones hold nothing but the id');
select is((select count(*) from private.deleted_events as d join kept_ids as k on k.id = d.event_id), 2::bigint, 'for clients that keep a copy');

-- It does not come back

select is((select jsonb_agg(r -> 'code' order by r -> 'index') from jsonb_array_elements(pg_temp.log('sol', $$[
  {"ts": "2026-05-01T08:00:00Z", "number": "+49 1519 990001", "type": "call", "direction": "inbound", "duration": 61, "contact_name": "Quentin Zyxw"},
  {"ts": "2026-05-02T08:00:00Z", "number": "+491519990002", "type": "sms", "direction": "inbound", "content": "zyxwtext one", "contact_name": "Quentin Zyxw"},
  {"ts": "2026-05-08T08:00:00Z", "number": "+491528880002", "type": "call", "direction": "inbound"}]$$)::jsonb -> 'results') as r),
  '["number_erased", "number_erased", null]', 'A later import is refused what was erased');
select is(private.ingest_cards(pg_temp.id('sol'), '[{"name": "Quentin Zyxw", "numbers": ["+491519990001"]}, {"name": "Both", "numbers": ["+491519990002", "+491528880009"]}, {"name": "No number", "numbers": []}]'),
  '{"inserted": 2, "merged": 0, "duplicate": 0, "refused": 1}', 'so are address cards');
select is((select count(*) from public.contact_numbers where user_id = pg_temp.id('sol') and number like '+4915199%'), 0::bigint, 'and numbers on others'' cards');
select isnt((select digest from private.forgotten_numbers where user_id = pg_temp.id('sol') limit 1), sha256('+491519990001'), 'The numbers are known by a keyed hash');
select is(private.forgotten_among(pg_temp.id('ben'), '{+491519990001}'), '{}', 'of this owner');
select is(pg_temp.ask('sol', $$select public.cancel_erasure((public.get_erasures() -> 0 ->> 'id')::uuid) ->> 'state'$$), 'done', 'The request can be forgotten');
select is(pg_temp.log('sol', $$[{"ts": "2026-05-01T08:00:00Z", "number": "+491519990001", "type": "call", "direction": "inbound", "duration": 61}]$$)::jsonb #>> '{counts,inserted}', '1',
  'and then the number comes in again');

-- A number

select pg_temp.log('sol', $$[{"ts": "2026-05-02T09:00:00Z", "number": "+491519990002", "type": "sms", "direction": "inbound", "content": "zyxwtext one", "contact_name": "Quentin Zyxw"},
  {"ts": "2026-05-02T10:00:00Z", "number": "+491519990003", "type": "sms", "direction": "inbound", "content": "zyxwtext two", "contact_name": "Quentin Zyxw"}]$$);
select is(pg_temp.ask('sol', $$select public.preview_erasure('number', number => '+49 151 9990002') -> 'contact_id'$$), 'null', 'A number of several leaves its contact');
select pg_temp.ask('sol', $$select public.request_erasure(public.preview_erasure('number', number => '+491519990002') ->> 'confirmation', 'number', number => '+491519990002', keep_out => false)$$);
select pg_temp.work();
select is((select array_agg(n.number order by n.number) from public.contacts as c join public.contact_numbers as n on n.user_id = c.user_id and n.contact_id = c.id
  where c.user_id = pg_temp.id('sol') and c.name = 'Quentin Zyxw'), '{+491519990003}', 'which keeps the others');
select is_empty($$select from public.events where number = '+491519990002' and user_id = pg_temp.id('sol')$$, 'Its events are gone');
select is_empty($$select from private.forgotten_numbers$$, 'Without keep_out nothing of it is kept');
select is(pg_temp.log('sol', $$[{"ts": "2026-05-02T09:00:00Z", "number": "+491519990002", "type": "sms", "direction": "inbound", "content": "zyxwtext one"}]$$)::jsonb #>> '{counts,inserted}', '1',
  'and an import brings it back');

-- An account

delete from auth.users where id = pg_temp.id('sol');
select is((select array_agg(place) from unnest(array['auth.users', 'private.contact_names', 'private.contact_stats', 'private.event_texts', 'public.contacts', 'public.events',
    'public.nlq_queries', 'public.organizations', 'public.profiles']) as place
  where place <> all (string_to_array(pg_temp.found(array['zyxw', 'wvut', '491519990001', 'Quux', 'eve@erasure.test', pg_temp.id('eve')::text]), ', '))),
  null, 'The search finds what there is');
select pg_temp.request('eve', $$'account'$$);
create temporary table marks as select array['zyxw', 'wvut', '491519990001', '491519990002', '491528880001', 'Evelina', 'Quux', 'eve@erasure.test', pg_temp.id('eve')::text] as words;
drop table kept_ids, confirmations;
select is(pg_temp.work(), '{"steps": 1, "finished": 1, "more": false}', 'An account is erased');
select is(pg_temp.found(array_remove(words, pg_temp.id('eve')::text)), '', 'No table has a number, name or text of the person any more') from marks;
select is(pg_temp.found(array[pg_temp.id('eve')::text]), case when to_regproc('private.pseudonymize_audit') is null then 'public.audit_log' else '' end,
  'nor the id, in the audit log neither where it gives pseudonyms');
select is((select count(*) from private.user_tables) > 20, true, 'The registry was not empty');
select is((select array_agg(user_id || ' ' || role order by role) from public.org_members where organization_id = pg_temp.id('ours')),
  array[pg_temp.id('ben') || ' member', pg_temp.id('adam') || ' owner'], 'The organisation has an owner: the highest of the others');
select is_empty(format('select from public.organizations where id = %L', pg_temp.id('alone')), 'An organisation of nobody else is gone');
select is((select array_agg(question) from public.nlq_queries), '{My calls?}', 'A teammate''s question about the person is gone');
select is((select count(*) from public.events), 1::bigint, 'A teammate''s own events stay');
select isnt_empty(format($$select from public.audit_log where action = 'erasure.completed' and organization_id = %L and subject_id is null and actor is null$$, pg_temp.id('ours')),
  'The audit log says that an account was erased, and not whose');
select is_empty('select * from private.check_rollups()', 'The roll-ups are in order');
select throws_ok(pg_temp.asking('eve', $$select public.preview_erasure('account')$$), 'PT401', 'not_authenticated', 'A token that is left opens nothing');
select is(pg_temp.work() ->> 'steps', '0', 'There is nothing more to do');

-- The work in steps

insert into auth.users (id, email) values (pg_temp.id('max'), 'max@erasure.test');
select pg_temp.log('max', (select jsonb_agg(jsonb_build_object('ts', timestamptz '2026-01-01' + n * interval '1 hour', 'number', '+4916000' || n % 7, 'type', 'call', 'direction', 'inbound',
  'duration', n, 'contact_name', 'C' || n % 7)) from generate_series(1, 900) as n)::text);
select is(private.erase_rows(pg_temp.id('max'), 100), 100::bigint, 'A step takes so many rows');
select is((select count(*) from public.events where user_id = pg_temp.id('max')), 800::bigint, 'events first');
select is_empty(format('select * from private.check_rollups(%L)', pg_temp.id('max')), 'and leaves the roll-ups in order');
select is((select count(*) from (select private.erase_rows(pg_temp.id('max'), 500) from generate_series(1, 20)) as steps), 20::bigint, 'Steps after the last do no harm');
select lives_ok(format('select private.erase_account(%L)', pg_temp.id('max')), 'and the account goes');
select is(pg_temp.found(array[pg_temp.id('max')::text]), '', 'as if it had never been');

-- Keys in a Vault, by a stand-in with its interface

create schema vault;
create table vault.secrets (id uuid primary key default gen_random_uuid(), secret text);
create view vault.decrypted_secrets as select id, secret as decrypted_secret from vault.secrets;
create function vault.create_secret(new_secret text, new_name text default null, new_description text default '', new_key_id uuid default null)
returns uuid language sql as $$ insert into vault.secrets (secret) values (new_secret) returning id $$;
select is(private.secret_key('test'), private.secret_key('test'), 'A key stays the same');
select isnt(private.secret_key('test'), private.secret_key('other'), 'and is of its name');
select is((select count(*) from private.secrets where name in ('test', 'other') and key is null), 2::bigint, 'With a Vault there is no key in the table');
select is((select count(*) from vault.secrets where decode(secret, 'hex') = private.secret_key('test')), 1::bigint, 'but in the Vault');
select lives_ok($$select private.drop_secret_key('test')$$, 'A key can be destroyed');
select is((select count(*) from vault.secrets), 1::bigint, 'in the Vault, too');
delete from vault.secrets;
select throws_ok($$select private.secret_key('other')$$, 'PT500', 'internal_error', 'A key that is lost is no key: numbers that were erased stay out');

select * from finish();
rollback;
