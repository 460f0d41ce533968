-- Questions in words: versions of the data, which plan and which answer is taken again, feedback, vectors, names.
begin;
set local client_min_messages = error;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(200);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;
create function pg_temp.ask(who text, query text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform set_config('request.jwt.claims', case when ask.who = 'nobody' then '{}' else jsonb_build_object('sub', pg_temp.id(ask.who))::text end, true);
  perform set_config('role', 'authenticated', true);
  execute ask.query into v_answer;
  perform set_config('role', 'none', true);
  return v_answer;
end;
$$;
create function pg_temp.serve(query text) returns jsonb language plpgsql as $$
declare
  v_answer jsonb;
begin
  perform set_config('role', 'service_role', true);
  execute serve.query into v_answer;
  perform set_config('role', 'none', true);
  return v_answer;
end;
$$;

insert into auth.users (id, email) select pg_temp.id(name), name || '@nlq.test' from unnest(array['ann', 'ben', 'new']) as name;
insert into public.organizations (id, name) values (pg_temp.id('here'), 'Here');
insert into public.org_members (organization_id, user_id, role)
values (pg_temp.id('here'), pg_temp.id('ann'), 'member'), (pg_temp.id('here'), pg_temp.id('ben'), 'owner');
update public.profiles set time_zone = 'Europe/Berlin', default_region = 'DE' where user_id = pg_temp.id('ann');
insert into public.contacts (user_id, id, name, also_known_as, company, tags)
select pg_temp.id(owner), pg_temp.id(owner || name || number), name, aka, company, tags
  from (values ('ann', 'Mum', '+491701', '{Mama}'::text[], null, '{family}'::text[]), ('ann', 'John Smith', '+491702', '{}', 'Siemens AG', '{work}'),
    ('ann', 'Jonas Meyer', '+491703', '{}', 'Siemens AG', '{}'), ('ann', 'Anna', '+491704', '{}', null, '{}'), ('ann', 'Anna', '+491705', '{}', null, '{}'),
    ('ann', 'Jürgen Müller', '+491706', '{}', null, '{}'), ('ben', 'Mum', '+491801', '{}', null, '{}'),
    ('ben', 'Zebulon', '+491802', '{}', 'Zeta', '{zoo}')) as c (owner, name, number, aka, company, tags);
insert into public.contact_numbers (user_id, number, contact_id)
select user_id, number, id from public.contacts as c
  join unnest(array['+491701', '+491702', '+491703', '+491704', '+491705', '+491706', '+491801', '+491802']) as number
    on c.id in (pg_temp.id('ann' || c.name || number), pg_temp.id('ben' || c.name || number));
insert into public.lines (user_id, id, name) values (pg_temp.id('ann'), pg_temp.id('line'), 'Work phone'), (pg_temp.id('ben'), pg_temp.id('ben line'), 'Zeppelin');
insert into public.privacy_rules (user_id, contact_id) values (pg_temp.id('ann'), pg_temp.id('annMum+491701'));
create function pg_temp.an_event(owner text, contact text, number text, type text, direction text, n integer) returns void language sql as $$
  insert into public.events (user_id, id, ts, number, contact_id, type, direction, status, duration, content, source, sources, fingerprint)
  select pg_temp.id(owner), pg_temp.id(owner || ' event ' || n), '2026-05-01 00:00Z'::timestamptz + n * interval '1 day', number, pg_temp.id(owner || contact || number),
    type, direction, case when type = 'sms' then case direction when 'inbound' then 'received' else 'sent' end when n % 2 = 0 then 'missed' else 'answered' end,
    case when type = 'call' then abs(n) end, case when type = 'sms' then 'text' end, 'device', '{device}', pg_temp.id(owner || ' print ' || n)
$$;
select pg_temp.an_event('ann', 'Mum', '+491701', 'call', 'inbound', n) from generate_series(1, 4) as n;
select pg_temp.an_event('ann', 'Mum', '+491701', 'sms', 'outbound', 5);
select pg_temp.an_event('ann', 'Anna', '+491705', 'call', 'outbound', n) from generate_series(6, 7) as n;
select pg_temp.an_event('ann', 'John Smith', '+491702', 'call', 'outbound', -200);
select pg_temp.an_event('ben', 'Zebulon', '+491802', 'call', 'inbound', 1);

-- Versions

create function pg_temp.growth(statement text, who text default 'ann') returns bigint language plpgsql as $$
declare
  v_before constant bigint := private.data_version(pg_temp.id(growth.who));
begin
  execute growth.statement;
  return private.data_version(pg_temp.id(growth.who)) - v_before;
end;
$$;
select cmp_ok(pg_temp.growth(statement), '>', 0::bigint, 'The version grows with: ' || statement)
  from unnest(array[
    $$select pg_temp.an_event('ann', 'Mum', '+491701', 'call', 'inbound', 8)$$,
    $$update public.events set duration = 9 where user_id = pg_temp.id('ann') and id = pg_temp.id('ann event 8')$$,
    $$delete from public.events where user_id = pg_temp.id('ann') and id = pg_temp.id('ann event 8')$$,
    $$insert into public.contacts (user_id, id, name) values (pg_temp.id('ann'), pg_temp.id('temporary'), 'Temporary')$$,
    $$update public.contacts set name = 'Temp' where id = pg_temp.id('temporary')$$,
    $$update public.contacts set also_known_as = '{Tempo}' where id = pg_temp.id('temporary')$$,
    $$update public.contacts set company = 'Time' where id = pg_temp.id('temporary')$$,
    $$update public.contacts set tags = '{short}' where id = pg_temp.id('temporary')$$,
    $$insert into public.contact_numbers (user_id, number, contact_id) values (pg_temp.id('ann'), '+499', pg_temp.id('temporary'))$$,
    $$update public.contact_numbers set contact_id = pg_temp.id('annMum+491701') where user_id = pg_temp.id('ann') and number = '+499'$$,
    $$delete from public.contact_numbers where user_id = pg_temp.id('ann') and number = '+499'$$,
    $$insert into public.privacy_rules (user_id, contact_id) values (pg_temp.id('ann'), pg_temp.id('temporary'))$$,
    $$update public.privacy_rules set visibility = 'private' where contact_id = pg_temp.id('temporary')$$,
    $$delete from public.privacy_rules where contact_id = pg_temp.id('temporary')$$,
    $$delete from public.contacts where id = pg_temp.id('temporary')$$,
    $$insert into public.lines (user_id, id, name) values (pg_temp.id('ann'), pg_temp.id('sim'), 'SIM')$$,
    $$update public.lines set name = 'eSIM' where id = pg_temp.id('sim')$$,
    $$delete from public.lines where id = pg_temp.id('sim')$$,
    $$insert into public.sync_sources (user_id, id, kind) values (pg_temp.id('ann'), pg_temp.id('phone'), 'device')$$,
    $$update public.sync_sources set last_report_at = now() where id = pg_temp.id('phone')$$,
    $$insert into public.coverage (user_id, sync_source_id, type, covered) values (pg_temp.id('ann'), pg_temp.id('phone'), 'call', '{[2026-05-01,2026-05-02)}')$$,
    $$update public.coverage set covered = '{[2026-05-01,2026-05-03)}' where sync_source_id = pg_temp.id('phone')$$,
    $$insert into public.imports (user_id, id) values (pg_temp.id('ann'), pg_temp.id('file'))$$,
    $$update public.imports set state = 'done', declared = 7 where id = pg_temp.id('file')$$,
    $$update public.profiles set time_zone = 'Europe/Paris' where user_id = pg_temp.id('ann')$$,
    $$update public.profiles set time_zone = 'Europe/Berlin', week_start = 7 where user_id = pg_temp.id('ann')$$,
    $$update public.profiles set display_name = 'Ann' where user_id = pg_temp.id('ann')$$,
    $$update public.events set sources = '{device,backup}' where user_id = pg_temp.id('ann')$$]) as statement;
select is(pg_temp.growth(statement), 0::bigint, 'The version stays with: ' || statement)
  from unnest(array[
    $$update public.contacts set notes = 'n' where user_id = pg_temp.id('ann')$$,
    $$update public.contacts set name = name where user_id = pg_temp.id('ann')$$,
    $$update public.events set metadata = '{"a": 1}' where user_id = pg_temp.id('ann')$$,
    $$update public.events set duration = duration where user_id = pg_temp.id('ann')$$,
    $$delete from public.events where user_id = pg_temp.id('ann') and id = pg_temp.id('no such')$$,
    $$update public.sync_sources set queue_depth = 3 where user_id = pg_temp.id('ann')$$,
    $$update public.imports set bytes_read = 9 where user_id = pg_temp.id('ann')$$,
    $$select pg_temp.an_event('ben', 'Zebulon', '+491802', 'call', 'inbound', 9)$$,
    $$update public.contacts set name = 'Zeb' where user_id = pg_temp.id('ben')$$]) as statement;
select is(pg_temp.growth($$select pg_temp.an_event('ann', 'Mum', '+491701', 'call', 'inbound', n) from generate_series(20, 21) as n$$) -
  pg_temp.growth($$insert into public.lines (user_id, name) select pg_temp.id('ann'), 'L' || n from generate_series(1, 50) as n$$), 1::bigint,
  'A statement counts once, however many rows it writes');
select is(pg_temp.growth($$insert into public.lines (user_id, name) select pg_temp.id(who), 'Both' from unnest(array['ann', 'ben']) as who$$, 'ben'), 1::bigint,
  'A statement over several people counts for each');

-- Names, kept as the contacts have them

select is_empty('(table private.contact_names except table private.true_contact_names) union all (table private.true_contact_names except table private.contact_names)',
  'The names kept are those of the contacts');
select isnt_empty($$select from private.contact_names where called = 'Zeb'$$, 'Also after a change of name');

-- The context of a question

create function pg_temp.record(who text, query jsonb) returns uuid language sql as $$
  select pg_temp.ask(who, format('select record_nlq_query(%L)', jsonb_build_object('question', 'Calls today?', 'normalized', 'calls today',
    'template', 'calls ⟨time⟩', 'local_date', '2026-05-10', 'time_zone', 'Europe/Berlin', 'planner', 'built_in', 'planner_version', 'p1',
    'plan', jsonb_build_object('intent', 'count'), 'resolved', '{}'::jsonb, 'cache', 'miss', 'took_ms', 5,
    'data_version', private.data_version(pg_temp.id(who))) || query))::uuid
$$;
create function pg_temp.context(who text, key text, on_day text default '2026-05-10', arguments text default '') returns jsonb language sql as $$
  select pg_temp.ask(who, format('select get_nlq_context(%L, %L, planner_version => ''p1'' %s)', key, on_day, arguments))::jsonb
$$;
create function pg_temp.cached(who text, key text, on_day text default '2026-05-10', arguments text default '') returns text language sql as $$
  select pg_temp.context(who, key, on_day, arguments) #>> '{cached,plan,intent}'
$$;

select is(pg_temp.context('ann', 'calls today') - 'version', '{"profile": {"time_zone": "Europe/Berlin", "week_start": 7, "default_region": "DE", "locale": "en"},
  "time_zone": "Europe/Berlin", "local_date": "2026-05-10", "previous": null, "cached": null, "rejected_plan": null}', 'A new question has the profile and nothing else');
select is(pg_temp.context('ann', 'calls today') -> 'version', to_jsonb(private.data_version(pg_temp.id('ann'))), 'It names the version of the data');
select is(pg_temp.ask('new', $$select get_nlq_context('x') ->> 'version'$$), '0', 'Who has no data has version 0');
select is(pg_temp.ask('new', $$select get_nlq_context('x', time_zone => 'Pacific/Kiritimati') ->> 'local_date'$$), (now() at time zone 'Pacific/Kiritimati')::date::text,
  'Without a date it is today''s, in the zone asked for');
select throws_ok($$select pg_temp.ask('new', $q$select get_nlq_context('x', time_zone => 'Mars/Base')$q$)$$, 'PT400', 'validation_failed', 'A zone that is none is refused');
select throws_ok($$select pg_temp.ask('nobody', $q$select get_nlq_context('x')$q$)$$, 'PT401', 'not_authenticated', 'Nobody has no context');

select pg_temp.record('ann', '{}');
select is(pg_temp.cached('ann', 'calls today'), 'count', 'A question that was asked today has its plan');
select is(pg_temp.cached('ann', key, on_day, arguments), null, 'There is none for another ' || what)
  from (values ('text', 'calls toda', '2026-05-10', ''), ('day', 'calls today', '2026-05-11', ''), ('zone', 'calls today', '2026-05-10', ', time_zone => ''UTC'''),
    ('conversation', 'calls today', '2026-05-10', format(', context_id => %L', (select id from public.nlq_queries limit 1)))) as c (what, key, on_day, arguments);
select is(pg_temp.ask('ann', $$select get_nlq_context('calls today', '2026-05-10', planner_version => 'p2') ->> 'cached'$$), null, 'Nor of another planner');
select is(pg_temp.cached('ben', 'calls today', '2026-05-10', ', time_zone => ''Europe/Berlin'''), null, 'Nor for another person');
select pg_temp.record('ann', '{"normalized": "what", "plan": null, "answer": {"answer": null, "clarification": {"question": "Who?", "choices": []}}}');
select is(pg_temp.cached('ann', 'what'), null, 'What was asked back has no plan');
create temporary table asked as select pg_temp.record('ann', '{"normalized": "and in may", "template": "and ⟨time⟩", "embedding_model": "m"}'
  || jsonb_build_object('context_id', (select id from public.nlq_queries where normalized = 'what'))) as id;
select is(pg_temp.cached('ann', 'and in may'), null, 'A follow-up has none by itself');
select is((pg_temp.context('ann', 'x', arguments => format(', context_id => %L', id)) -> 'previous') - 'asked_at',
    jsonb_build_object('query_id', id, 'question', 'Calls today?', 'plan', '{"intent": "count"}'::jsonb, 'clarification', null, 'feedback', null),
    'The question before comes with its plan') from asked;
select is(pg_temp.context('ann', 'x', arguments => format(', context_id => %L', context_id)) #>> '{previous,clarification,question}', 'Who?',
    'Or with what was asked back') from asked join public.nlq_queries as q on q.id = asked.id;
select is(pg_temp.context('ben', 'x', arguments => format(', context_id => %L', id)) -> 'previous', 'null', 'Another''s is not there') from asked;
select is((select count(*) from private.embedding_queue), 0::bigint, 'A follow-up gets no vector');
select pg_temp.ask('ann', format('select delete_nlq_query(%L)', q.context_id)) from asked join public.nlq_queries as q on q.id = asked.id;
select is(pg_temp.cached('ann', 'and in may'), null, 'Also when the question before is gone');

select throws_ok(format('select pg_temp.record(''ann'', %L)', query), status, code, 'Refused: ' || query)
  from (values ('{"question": ""}', 'PT400', 'validation_failed'), ('{"question": null}', 'PT400', 'validation_failed'), ('{"planner": "guess"}', 'PT400', 'validation_failed'),
    ('{"local_date": "31 May"}', 'PT400', 'validation_failed'), ('{"took_ms": 1e20}', 'PT400', 'validation_failed'), ('{"plan": "drop table"}', 'PT400', 'validation_failed'),
    ('{"cache": "all"}', 'PT400', 'validation_failed'), ('{"embedding_model": "m", "embedding_version": "1", "embedding": [1, 2]}', 'PT400', 'validation_failed'),
    ('{"context_id": "00000000-0000-0000-0000-000000000000"}', 'PT404', 'nlq_query_not_found')) as r (query, status, code);
select throws_ok(format('select pg_temp.record(''ann'', %L)', jsonb_build_object('question', repeat('x', 1001))), 'PT400', 'validation_failed', 'A question of 1,001 letters is refused');
select throws_ok(format('select pg_temp.record(''ben'', %L)', jsonb_build_object('context_id', id)), 'PT404', 'nlq_query_not_found', 'Another''s question is no context') from asked;
select throws_ok($$select pg_temp.ask('nobody', $q$select record_nlq_query('{"question": "x"}')$q$)$$, 'PT401', 'not_authenticated', 'Nobody asks nothing');
create temporary table claimed as select pg_temp.record('ann', jsonb_build_object('normalized', 'mine', 'user_id', pg_temp.id('ben'), 'id', pg_temp.id('q'),
  'feedback', 'right', 'sentence', 'x', 'asked_at', '2020-01-01')) as id;
select is((select row(q.user_id, q.feedback, q.sentence, q.asked_at)::text from public.nlq_queries as q join claimed on claimed.id = q.id),
  row(pg_temp.id('ann'), null::text, null::text, now())::text, 'Who asked and when is not for him to say');

-- Feedback

create temporary table judged as select pg_temp.record('ann', '{"normalized": "judged", "plan": {"intent": "list"}}') as id;
create function pg_temp.judge(who text, verdict text, plan text default null) returns text language sql as $$
  select pg_temp.ask(who, format('select record_nlq_feedback(%L, %L, %L)', (select id from judged), verdict, plan))
$$;
select pg_temp.judge('ann', 'wrong');
select is(pg_temp.cached('ann', 'judged'), null, 'A reading called wrong is not taken again');
select is(pg_temp.context('ann', 'judged') -> 'rejected_plan', '{"intent": "list"}', 'It is told as rejected');
select pg_temp.record('ann', '{"normalized": "judged", "plan": {"intent": "list"}}');
select is(pg_temp.cached('ann', 'judged'), null, 'Nor when it was asked once more');
select pg_temp.judge('ann', 'right');
select is(pg_temp.cached('ann', 'judged'), 'list', 'What is said last holds');
select pg_temp.judge('ann', 'meant', '{"intent": "top", "time": {"kind": "rolling"}}');
select is(pg_temp.cached('ann', 'judged'), 'top', 'What was meant is taken');
select is(pg_temp.context('ann', 'judged') #> '{cached,is_corrected}', 'true', 'And told as corrected');
select is(pg_temp.cached('ann', 'judged', '2027-01-01'), 'top', 'On other days too');
select is(pg_temp.cached('ann', 'judged', '2027-01-01', ', time_zone => ''UTC'''), null, 'Not in another zone');
select is(pg_temp.cached('ben', 'judged', '2026-05-10', ', time_zone => ''Europe/Berlin'''), null, 'Not for another person');
select pg_temp.judge('ann', 'meant', '{"intent": "top", "time": {"kind": "range", "since": {"kind": "absolute", "from": "2026-05-01"}}}');
select is(pg_temp.cached('ann', 'judged', on_day), plan, 'A correction with dates holds on its day: ' || on_day)
  from (values ('2026-05-10', 'top'), ('2026-05-11', null)) as d (on_day, plan);
create temporary table judged_again as select pg_temp.record('ann', '{"normalized": "judged", "plan": {"intent": "first"}}') as id;
select pg_temp.ask('ann', format('select record_nlq_feedback(%L, ''wrong'')', id)) from judged_again;
select is(pg_temp.context('ann', 'judged') -> 'rejected_plan', '{"intent": "first"}', 'Of two that were asked the same the last said holds');
select pg_temp.judge('ann', 'meant', '{"intent": "last"}');
select is(pg_temp.cached('ann', 'judged'), 'last', 'Whichever was asked first');
select throws_ok(format('select pg_temp.judge(%L, %L, %L)', who, verdict, plan), status, code, format('%s says %s: %s', who, verdict, code))
  from (values ('ben', 'wrong', null, 'PT404', 'nlq_query_not_found'), ('ann', 'maybe', null, 'PT400', 'validation_failed'), ('ann', null, null, 'PT400', 'validation_failed'),
    ('ann', 'meant', null, 'PT400', 'validation_failed'), ('ann', 'right', '{}', 'PT400', 'validation_failed'), ('ann', 'meant', '[]', 'PT400', 'validation_failed'),
    ('ann', 'meant', 'null', 'PT400', 'validation_failed')) as f (who, verdict, plan, status, code);

-- Answers

create function pg_temp.found(who text, key text default 'key-0123456789abcdef') returns text language sql as $$
  select pg_temp.ask(who, format('select find_nlq_answer(%L) #>> ''{answer,answer}''', key))
$$;
create function pg_temp.answer(who text, query jsonb default '{}') returns uuid language sql as $$
  select pg_temp.record(who, '{"normalized": "answered", "answer_key": "key-0123456789abcdef", "answer": {"answer": "Two calls", "rows": [{"content": "secret"}]}}' || query)
$$;
select pg_temp.answer('ann');
select is(pg_temp.found('ann'), 'Two calls', 'An answer is found again');
select is(pg_temp.found('ben'), null, 'Not by another person');
select is(pg_temp.found('ann', 'key-of-another-plan'), null, 'Not for another plan');
select pg_temp.an_event('ann', 'Mum', '+491701', 'call', 'inbound', 30);
select is(pg_temp.found('ann'), null, 'Not after new data');
select pg_temp.answer('ann', jsonb_build_object('data_version', private.data_version(pg_temp.id('ann')) - 1));
select is((select count(*) from public.nlq_queries where answer is not null), 0::bigint, 'What was made before the data changed is not kept, nor what was kept before');
select pg_temp.answer('ann', '{"answer_key": null}');
select is((select count(*) from public.nlq_queries where answer is not null), 0::bigint, 'Nor what has no key');
select pg_temp.answer('ann', jsonb_build_object('answer', jsonb_build_object('answer', 'Long', 'rows', repeat('x', 500001))));
select is(pg_temp.found('ann'), null, 'Nor what is long');
select pg_temp.answer('ann');
select pg_temp.answer('ben');
select pg_temp.ask('ann', format('select delete_event(%L)', pg_temp.id('ann event 30')));
select is((select array_agg(user_id) from public.nlq_queries where answer is not null), array[pg_temp.id('ben')],
  'When an event is deleted, no answer of its owner keeps it');
select is((select array_agg(distinct sentence) from public.nlq_queries where normalized = 'answered' and user_id = pg_temp.id('ann')), array['Long', 'Two calls'], 'What was said stays in the history');

-- Tables

select is(pg_temp.ask(who, format('select count(*) from public.%I where user_id <> %L', name, pg_temp.id(who))), '0', format('%s reads no %s of others', who, name))
  from unnest(array['nlq_queries', 'nlq_embeddings']) as name cross join unnest(array['ann', 'ben', 'new']) as who;
select isnt(pg_temp.ask('ann', 'select count(*) from public.nlq_queries'), '0', 'But one''s own');
select throws_ok(format('select pg_temp.ask(''ann'', %L)', statement), '42501', null, 'Not permitted: ' || statement)
  from unnest(array['update public.nlq_queries set sentence = ''x''', 'insert into public.nlq_queries (user_id) values (null)', 'delete from public.nlq_embeddings',
    'insert into public.nlq_embeddings (user_id) values (null)', 'select * from private.data_versions', 'select * from private.embedding_queue', 'select * from private.contact_names',
    'select private.data_version(null)', 'select claim_embeddings(''m'')', 'select store_embeddings(''m'', ''1'', ''[]'')']) as statement;

-- History

insert into public.nlq_queries (user_id, id, question, normalized, local_date, time_zone, planner, planner_version, plan, is_follow_up, data_version, cache)
select pg_temp.id('new'), ('00000000-0000-7000-8000-00000000000' || n)::uuid, 'Question ' || n, 'question ' || n, '2026-05-10', 'UTC', 'built_in', 'p1', '{}', false, 0, 'miss'
  from generate_series(1, 5) as n;
create function pg_temp.page(arguments text, who text default 'new') returns text language sql as $$
  select concat_ws(' ', (select string_agg(right(q ->> 'question', 1), '' order by n) from jsonb_array_elements(h -> 'queries') with ordinality as l (q, n)), h -> 'has_more', h -> 'total')
    from (select pg_temp.ask(who, format('select get_nlq_history(%s)', arguments))::jsonb as h) as t
$$;
select is(pg_temp.page(arguments), page, format('History (%s)', arguments))
  from (values ('', '54321 false 5'), ('2', '54 true 5'), ('2, ''00000000-0000-7000-8000-000000000004''', '32 true 5'), ('2, ''00000000-0000-7000-8000-000000000002''', '1 false 5'),
    ('2, ''00000000-0000-7000-8000-000000000001'', true', '32 true 5'), ('2, ''00000000-0000-7000-8000-000000000003'', true', '54 false 5'),
    ('0', '5 true 5'), ('5', '54321 false 5')) as h (arguments, page);
select throws_ok($$select pg_temp.ask('ann', $q$select delete_nlq_query('00000000-0000-7000-8000-000000000001')$q$)$$, 'PT404', 'nlq_query_not_found', 'Another''s question is not deleted');
select pg_temp.ask('new', $$select delete_nlq_query('00000000-0000-7000-8000-000000000001')$$);
select is(pg_temp.page(''), '5432 false 4', 'One''s own is');
select is(pg_temp.ask('new', 'select clear_nlq_history()'), '4', 'All are cleared');
select is(pg_temp.page('') || pg_temp.page('1, null, true'), 'false 0false 0', 'Then there is none');
select cmp_ok((select count(*) from public.nlq_queries), '>', 0::bigint, 'Of others there are still');

-- Vectors

create function pg_temp.vector(first integer, second integer) returns jsonb language sql as $$
  select jsonb_agg(case n when 1 then first when 2 then second else 0 end) from generate_series(1, 384) as n
$$;
create function pg_temp.embed(who text, template text, first integer, second integer, query jsonb default '{}') returns uuid language sql as $$
  select pg_temp.record(who, jsonb_build_object('normalized', template || ' normalized', 'template', template, 'plan', jsonb_build_object('intent', template),
    'embedding_model', 'lexical', 'embedding_version', '1', 'embedding', pg_temp.vector(first, second)) || query)
$$;
create function pg_temp.matches(who text, arguments text default '''lexical'', ''1''') returns text language sql as $$
  select coalesce(string_agg((m ->> 'template') || ' ' || round((m ->> 'similarity')::numeric, 2), ', ' order by n), '')
    from jsonb_array_elements(pg_temp.ask(who, format('select match_nlq_queries(%L, %s)', pg_temp.vector(1, 0), arguments))::jsonb) with ordinality as l (m, n)
$$;
create temporary table vectors as
select 'same' as name, pg_temp.embed('ann', 'same', 2, 0) as id union all select 'near', pg_temp.embed('ann', 'near', 1, 1)
union all select 'far', pg_temp.embed('ann', 'far', 0, 3) union all select 'opposite', pg_temp.embed('ann', 'opposite', -1, 0);
select pg_temp.embed('ann', 'zero', 0, 0), pg_temp.embed('ann', 'other model', 1, 0, '{"embedding_model": "gte-small"}'),
  pg_temp.embed('ann', 'other version', 1, 0, '{"embedding_version": "2"}'), pg_temp.embed('ben', 'ben''s', 1, 0);
select is((select count(*) from public.nlq_embeddings as e join public.nlq_queries as q on q.id = e.query_id where q.template = 'zero'), 0::bigint,
  'A vector without a direction is not kept');
select is(pg_temp.matches('ann'), 'same 1.00, near 0.71, far 0.00, opposite -1.00', 'The nearest come first, of the same model and version, one''s own');
select is(pg_temp.matches('ben'), 'ben''s 1.00', 'Each has his own');
select is(pg_temp.matches('ann', '''lexical'', ''1'', 1'), 'same 1.00', 'As many as asked for');
select is(pg_temp.matches('new'), '', 'Who asked nothing has none');
select is(pg_temp.ask('ann', format('select jsonb_array_length(match_nlq_queries(%L, ''lexical'', ''1''))', pg_temp.vector(0, 0))), '0', 'Nothing is near to nothing');
select pg_temp.ask('ann', format('select record_nlq_feedback(%L, ''wrong'')', id)) from vectors where name = 'same';
select pg_temp.ask('ann', format('select record_nlq_feedback(%L, ''meant'', ''{"intent": "meant"}'')', id)) from vectors where name = 'near';
select is(pg_temp.matches('ann', '''lexical'', ''1'', 2'), 'near 0.71, far 0.00', 'A reading called wrong is no match');
select is(pg_temp.ask('ann', format('select match_nlq_queries(%L, ''lexical'', ''1'') #>> ''{0,plan,intent}''', pg_temp.vector(1, 0))), 'meant', 'A corrected one has its correction');
select throws_ok(format('select pg_temp.ask(''ann'', %L)', format('select match_nlq_queries(%L, ''lexical'', ''1'')', given)), 'PT400', 'validation_failed', given || ' is no vector')
  from unnest(array['[1, 2]', 'x', '']) as given;
select pg_temp.ask('ann', format('select delete_nlq_query(%L)', id)) from vectors where name = 'far';
select is((select count(*) from public.nlq_embeddings where query_id = (select id from vectors where name = 'far')), 0::bigint, 'A vector goes with its question');

-- The queue

create temporary table waiting as
select n, pg_temp.record('ann', jsonb_build_object('normalized', 'waiting', 'template', 'waiting ' || n, 'embedding_model', 'openai')) as id from generate_series(1, 3) as n;
select is((select count(*) from private.embedding_queue), 3::bigint, 'A model that is not inline queues the question');
create temporary table claim as select pg_temp.serve($$select claim_embeddings('openai', 2)$$) as claimed;
select is(jsonb_array_length(claimed), 2, 'A worker claims as many as it wants') from claim;
select matches(claimed #>> '{0,text}', '^waiting \d$', 'With the text to embed') from claim;
select is(jsonb_array_length(pg_temp.serve($$select claim_embeddings('openai', 100)$$)), 1, 'What is claimed is not claimed again');
select is(pg_temp.serve($$select claim_embeddings('openai', 100)$$), '[]', 'Until it is due');
select is(pg_temp.serve(format('select store_embeddings(''openai'', ''1'', %L)', jsonb_build_array(
    (claimed -> 0) || jsonb_build_object('embedding', pg_temp.vector(1, 0)), (claimed -> 1) || jsonb_build_object('error', 'Too many requests'),
    jsonb_build_object('user_id', pg_temp.id('ben'), 'query_id', claimed #> '{0,query_id}', 'embedding', pg_temp.vector(1, 0))))),
  '{"stored": 1, "failed": 1}', 'Those with a vector are stored, a question of another owner is none') from claim;
select is((select array_agg(last_error order by last_error) from private.embedding_queue), array['Too many requests', null], 'The others stay, with their error');
select is(pg_temp.matches('ann', '''openai'', ''1'''), (select claimed #>> '{0,text}' from claim) || ' 1.00', 'What was stored is found');
create function pg_temp.waits() returns interval[] language sql as $$
  select array_agg(distinct next_attempt_at - now()) from private.embedding_queue
$$;
select is(pg_temp.waits(), array[interval '1 minute'], 'An attempt that failed is tried again in a minute');
create function pg_temp.try_again() returns integer language plpgsql as $$
begin
  update private.embedding_queue set next_attempt_at = now();
  return jsonb_array_length(pg_temp.serve($q$select claim_embeddings('openai', 100)$q$));
end;
$$;
select is(pg_temp.try_again(), 2, 'Then it is claimed');
select is(pg_temp.waits(), array[interval '2 minutes'], 'Each time it waits twice as long');
select is(array[pg_temp.try_again(), pg_temp.try_again(), pg_temp.try_again(), pg_temp.try_again()], array[2, 2, 2, 0], 'After five attempts it is given up');
select is((select count(*) from private.embedding_queue), 2::bigint, 'And can still be looked at');

-- Suggestions

create function pg_temp.suggested(who text, prefix text, max_rows integer default 10) returns text language sql as $$
  select coalesce(string_agg((s ->> 'normalized') || ' ' || (s ->> 'uses'), ', ' order by n), '')
    from jsonb_array_elements(pg_temp.ask(who, format('select get_nlq_suggestions(%L, %s)', prefix, max_rows))::jsonb -> 'history') with ordinality as l (s, n)
$$;
select pg_temp.record('new', jsonb_build_object('normalized', q)) from unnest(array['calls with mum', 'calls with mum', 'calls yesterday', 'longest call', 'wrong calls']) as q;
select pg_temp.record('new', '{"normalized": "calls asked back", "plan": null}');
select pg_temp.ask('new', format('select record_nlq_feedback(%L, ''wrong'')', id)) from public.nlq_queries where normalized = 'wrong calls';
select is(pg_temp.suggested('new', prefix), found, format('"%s" suggests', prefix))
  from (values ('calls', 'calls with mum 2, calls yesterday 1, longest call 1'), ('calls w', 'calls with mum 2, calls yesterday 1, longest call 1'), ('yesterdy', 'calls yesterday 1'), ('zzz', ''), ('%', '')) as s (prefix, found);
select is(pg_temp.suggested('new', '', 1), 'calls with mum 2', 'Without a beginning the most used comes first');
select is(pg_temp.suggested('ben', 'calls with'), '', 'Nobody gets what another asked');
select is((select string_agg(c ->> 'name', ', ' order by n) from jsonb_array_elements(pg_temp.ask('ann', 'select get_nlq_suggestions()')::jsonb -> 'contacts') with ordinality as l (c, n)),
  'Mum, Anna', 'The contacts of the last 90 days of the log, most frequent first');
select is(pg_temp.ask('ann', 'select get_nlq_suggestions()')::jsonb #> '{contacts,0,times}',
  '{"inbound_call": {"count": 6, "last_at": "2026-05-22T00:00:00+00:00"}, "missed_call": {"count": 3, "last_at": "2026-05-21T00:00:00+00:00"},
    "outbound_sms": {"count": 1, "last_at": "2026-05-06T00:00:00+00:00"}}', 'With what there was and when last');
select is(pg_temp.ask('new', 'select get_nlq_suggestions()')::jsonb -> 'contacts', '[]', 'Who has no log has none');

-- Mentions

create function pg_temp.meant(who text, mention text) returns text language sql as $$
  select coalesce(string_agg(concat_ws(' ', m ->> 'kind', m ->> 'name', m ->> 'also_known_as', m ->> 'number', m ->> 'score', case when (m -> 'exact')::boolean then 'exact' end), ', ' order by n), '')
    from jsonb_array_elements(pg_temp.ask(who, format('select match_mentions(%L)', jsonb_build_array(mention)))::jsonb #> '{0,matches}') with ordinality as l (m, n)
$$;
select is(pg_temp.meant('ann', mention), found, format('"%s" means', mention))
  from (values
    ('Mum', 'contact Mum +491701 1 exact'),
    ('mama', 'contact Mum Mama +491701 0.98 exact'),
    ('ANNA', 'contact Anna +491705 1 exact, contact Anna +491704 1 exact'),
    ('muller', 'contact Jürgen Müller +491706 0.9'),
    ('Müller, Jürgen', 'contact Jürgen Müller +491706 0.85'),
    ('john', 'contact John Smith +491702 0.9'),
    ('jür', 'contact Jürgen Müller +491706 0.75'),
    ('Mun', 'contact Mum +491701 0.4667'),
    ('smiht', 'contact John Smith +491702 0.56'),
    ('jurgen muler', 'contact Jürgen Müller +491706 0.6462'),
    ('Siemens', 'company Siemens AG 0.9'),
    ('family', 'tag family 1 exact'),
    ('work', 'tag work 1 exact, line Work phone 0.9'),
    ('xylophone', ''), ('%', ''), ('', '')) as m (mention, found);
insert into public.contacts (user_id, name) select pg_temp.id('ann'), 'Jho Hon ' || n from generate_series(1, 70) as n;
select matches(pg_temp.meant('ann', 'jhon'), '^contact John Smith \+491702 0.525, contact Jho Hon', 'Two letters that changed places are found among many names that are alike');
select is(pg_temp.meant('ann', mention), '', format('"%s" of a teammate means nobody', mention)) from unnest(array['Zeb', 'Zebulon', 'Zeta', 'zoo', 'Zeppelin']) as mention;
select is(pg_temp.meant('ben', 'Zeta'), 'company Zeta 1 exact', 'To him it does');
select is(pg_temp.ask('ann', $$select jsonb_path_query_array(match_mentions('["Mum", "xylophone", "Anna"]'), '$[*].mention')$$), '["Mum", "xylophone", "Anna"]', 'Each mention has its answer, in order');
select is(pg_temp.ask('nobody', $$select match_mentions('["Mum"]') #> '{0,matches}'$$), '[]', 'Nobody has no contacts');
select throws_ok(format('select pg_temp.ask(''ann'', %L)', format('select match_mentions(%L)', given)), 'PT400', 'validation_failed', 'No mentions: ' || left(given, 20))
  from unnest(array['{}', '"Mum"', '[1]', '[null]', jsonb_build_array(repeat('x', 201))::text, (select jsonb_agg('x'::text) from generate_series(1, 21))::text]) as given;

-- The end of an account

delete from auth.users where id = pg_temp.id('ann');
select is_empty($$select user_id from private.data_versions where user_id = pg_temp.id('ann') union all select user_id from public.nlq_queries where user_id = pg_temp.id('ann')
  union all select user_id from private.contact_names where user_id = pg_temp.id('ann') union all select user_id from private.embedding_queue where user_id = pg_temp.id('ann')$$,
  'Nothing is left of who goes');

select * from finish();
rollback;
