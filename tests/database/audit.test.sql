-- The audit log: what gets into it, who reads it, and that nobody changes it unseen.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(150);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
create function pg_temp.become(who text, key_id text default null) returns void language plpgsql as $$
begin
  perform set_config('role', case who when 'nobody' then 'none' when 'service' then 'service_role' when 'anon' then 'anon' else 'authenticated' end, true);
  perform set_config('request.jwt.claims', case when who in ('nobody', 'service', 'anon') then '{}'
    else jsonb_strip_nulls(jsonb_build_object('sub', pg_temp.id(who), 'key_id', key_id, 'key_scopes', '["analytics:read", "contacts:read", "contacts:write"]'::jsonb))::text end, true);
  perform set_config('phonelog.noted_reads', '', true);
  perform set_config('phonelog.reading', '', true);
  perform set_config('phonelog.admitted_key', '', true);
end;
$$;
-- Runs a statement as somebody and gives its one value; an error is given as its message.
create function pg_temp.ask(who text, query text, key_id text default null) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform pg_temp.become(who, key_id);
  begin
    execute query into v_answer;
  exception when others then
    v_answer := sqlerrm;
  end;
  perform pg_temp.become('nobody');
  return v_answer;
end;
$$;
-- The same as a GET of the REST interface runs it, which cannot write.
create function pg_temp.get(who text, query text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform pg_temp.become(who);
  begin
    perform set_config('transaction_read_only', 'on', true);
    execute query into v_answer;
    raise exception using errcode = 'UNDO0';
  exception when sqlstate 'UNDO0' then null;
    when others then v_answer := sqlerrm;
  end;
  perform pg_temp.become('nobody');
  return v_answer;
end;
$$;
grant execute on all functions in schema pg_temp to public;

-- What was written since a mark, oldest first.
create temporary table mark (at timestamptz);
insert into mark values (clock_timestamp());
create function pg_temp.news() returns setof public.audit_log language plpgsql as $$
declare
  v_since timestamptz;
begin
  select at into v_since from pg_temp.mark;
  update pg_temp.mark set at = clock_timestamp();
  return query select * from public.audit_log as a where a.at >= v_since order by a.at, a.id;
end;
$$;
create function pg_temp.actions() returns text[] language sql as $$ select array(select action from pg_temp.news()) $$;

insert into auth.users (id, email) select pg_temp.id(n), n || '@audit.test' from unnest(array['ann', 'ben', 'cat', 'vic', 'eve', 'sam']) as n;
insert into public.organizations (id, name) values (pg_temp.id('here'), 'Here'), (pg_temp.id('there'), 'There');
insert into public.org_members (organization_id, user_id, role) values
  (pg_temp.id('here'), pg_temp.id('ann'), 'member'), (pg_temp.id('here'), pg_temp.id('ben'), 'member'), (pg_temp.id('here'), pg_temp.id('cat'), 'admin'),
  (pg_temp.id('here'), pg_temp.id('vic'), 'viewer'), (pg_temp.id('there'), pg_temp.id('eve'), 'owner');
select set_config('request.headers', '{"x-request-id": "req-1", "x-client-address": "192.0.2.7"}', true);

-- Writes
select results_eq($$select distinct subject_type, organization_id is not null, actor_type from pg_temp.news() order by 1$$,
  $$values ('org_members', true, 'system'), ('organizations', true, 'system'), ('profiles', false, 'system')$$,
  'An organisation''s rows are in its log, a person''s in none');
insert into public.contacts (user_id, id, name, name_source, notes, tags)
  values (pg_temp.id('ann'), pg_temp.id('zoe'), 'Zoe Quux', 'user', 'xylophone', '{oncologist}');
insert into public.contact_numbers (user_id, number, contact_id) values (pg_temp.id('ann'), '+447700900555', pg_temp.id('zoe'));
select pg_temp.become('ann');
insert into public.privacy_rules (user_id, contact_id, visibility) values (pg_temp.id('ann'), pg_temp.id('zoe'), 'public');
update public.privacy_rules set visibility = 'team', mask_number = true where contact_id = pg_temp.id('zoe');
update public.contacts set name = 'Zoe Quuz' where id = pg_temp.id('zoe');
update public.contacts set name = name where id = pg_temp.id('zoe');
delete from public.privacy_rules where contact_id = pg_temp.id('zoe');
select pg_temp.become('nobody');
create temporary table written as select * from pg_temp.news();
select results_eq('select action from written', array['contacts.insert', 'contact_numbers.insert', 'privacy_rules.insert', 'privacy_rules.update',
  'contacts.update', 'privacy_rules.delete'], 'Every write is told, and one that changed nothing is not');
select results_eq($$select old, new, details from written where action = 'privacy_rules.update'$$,
  $$values ('{"visibility": "public", "mask_number": false}'::jsonb, '{"visibility": "team", "mask_number": true}'::jsonb, '{"columns": ["mask_number", "visibility"]}'::jsonb)$$,
  'An update tells the changed columns before and after');
select results_eq($$select old, new, details from written where action = 'contacts.update'$$,
  $$values (null::jsonb, null::jsonb, '{"columns": ["name"]}'::jsonb)$$, 'What is secret is told by the column''s name only');
select results_eq($$select old ->> 'visibility', new from written where action = 'privacy_rules.delete'$$, $$values ('team', null::jsonb)$$,
  'A deletion tells what was there');
select is_empty($$select * from written as w where w::text ~ 'Quu|xylophone|oncologist|900555'$$, 'No name, number or text is in the log');
select results_eq($$select distinct actor, actor_type, owner_id, subject_id, request_id, host(address) from written where subject_type = 'privacy_rules'$$,
  $$values (pg_temp.id('ann'), 'user', pg_temp.id('ann'), pg_temp.id('zoe')::text, 'req-1', '192.0.2.7')$$, 'It says who, whose, what and from where');

select lives_ok($$select pg_temp.ask('ann', $q$select public.ingest_events((select jsonb_agg(jsonb_build_object('ts', now() - make_interval(mins => i),
    'number', '+4477009001' || lpad((i % 20)::text, 2, '0'), 'type', 'sms', 'direction', 'inbound', 'content', 'xylophone ' || i,
    'source', case when i % 3 = 0 then 'device' else 'carrier' end)) from generate_series(1, 30) as i))$q$)$$, 'Ann takes in events');
create temporary table bulk as select * from pg_temp.news();
select results_eq($$select action, details from bulk order by 1, 2$$,
  $$values ('contact_numbers.insert', '{"rows": 20}'::jsonb), ('contacts.insert', '{"rows": 20}'), ('events.insert', '{"rows": 10, "source": "device"}'), ('events.insert', '{"rows": 20, "source": "carrier"}')$$,
  'Many rows of a statement are counted, events by their source');
select is_empty($$select * from bulk as w where w::text ~ 'xylophone|447700'$$, 'Nothing of them is in the log');
select pg_temp.ask('ann', $$select public.delete_event(id) from public.events order by ts limit 1$$);
select results_eq($$select action, subject_id is not null, old ->> 'type', details -> 'columns' ? 'content', old ? 'content' from pg_temp.news()$$,
  $$values ('events.delete', true, 'sms', true, false)$$, 'One deleted event is told by itself');
select lives_ok($$delete from public.events where user_id = pg_temp.id('nobody at all')$$, 'A statement may find nothing');
select is_empty('select * from pg_temp.news()', 'Nothing is told of a statement that found nothing');

select pg_temp.ask('ann', $$update public.contacts set name_source = 'card' where id = pg_temp.id('zoe') returning name$$, 'key_1');
select pg_temp.ask('service', $$update public.contacts set name_source = 'log' where id = pg_temp.id('zoe') returning name$$);
update public.contacts set name_source = 'user' where id = pg_temp.id('zoe');
select results_eq($$select actor_type, actor, key_id, new ->> 'name_source' from pg_temp.news()$$,
  $$values ('api_key', pg_temp.id('ann'), 'key_1', 'card'), ('service', null, null, 'log'), ('system', null, null, 'user')$$,
  'A key, the service and the system are told apart');
select pg_temp.ask('ann', $$update public.profiles set locale = 'it' returning locale$$);
select set_config('request.headers', '{"x-client-address": "no address", "x-request-id": "' || repeat('x', 5000) || '"}', true);
select pg_temp.ask('ann', $$update public.profiles set locale = 'es' returning locale$$);
select results_eq($$select address is null, char_length(request_id) from pg_temp.news() where new ->> 'locale' = 'es'$$, $$values (true, 200)$$,
  'A header that is no address, or too long, stops nothing');
select set_config('request.headers', '{"x-request-id": "req-1", "x-client-address": "192.0.2.7"}', true);

-- Nobody else writes
select is(pg_temp.ask(who, statement), 'permission denied for table audit_log', who || ' can not: ' || statement)
  from unnest(array['ann', 'cat', 'service', 'anon']) as who
  cross join unnest(array['select count(*) from public.audit_log', $$insert into public.audit_log (actor_type, action) values ('user', 'a.b')$$,
    $$update public.audit_log set action = 'a.b'$$, 'delete from public.audit_log', 'truncate public.audit_log']) as statement;
select throws_ok($$update public.audit_log set action = 'a.b'$$, 'PT403', 'not_permitted', 'Not even its owner changes it');
select throws_ok('delete from public.audit_log', 'PT403', 'not_permitted', 'Not even its owner deletes from it');
select throws_ok('truncate public.audit_log', 'PT403', 'not_permitted', 'Not even its owner empties it');
select is(pg_temp.ask('ann', $$select private.record_audit('a.b', null, null, null)$$), 'permission denied for function record_audit', 'A user can not make entries');

-- Reads of somebody else's data
select pg_temp.actions();
select is(pg_temp.get('ben', $$select public.get_dashboard_metrics(user_id => pg_temp.id('ann')) ->> 'total_events'$$), 'read_not_recorded',
  'A transaction that cannot write does not read a teammate''s data');
select is(pg_temp.ask('ben', $$select public.get_dashboard_metrics(user_id => pg_temp.id('ann')) ->> 'total_events'$$), '29', 'One that can does');
select results_eq($$select action, organization_id, actor, owner_id, subject_type, details from pg_temp.news()$$,
  $$values ('data.read', pg_temp.id('here'), pg_temp.id('ben'), pg_temp.id('ann'), 'user', '{"function": ""}'::jsonb)$$, 'It is noted in the log of the organisation that both share');
select is(pg_temp.get('ben', $$select public.get_dashboard_metrics(user_id => pg_temp.id('ann')) ->> 'total_events'$$), '29', 'For some minutes the same read needs no new note');
select set_config('request.path', '/rpc/get_dashboard_metrics', true);
select is(pg_temp.get('ben', $$select public.get_dashboard_metrics(user_id => pg_temp.id('ann')) ->> 'total_events'$$), 'read_not_recorded', 'Another function does');
select set_config('request.path', '/rpc/read_recorded', true);
select is(pg_temp.ask('ben', $$select public.read_recorded('get_dashboard_metrics', jsonb_build_object('user_id', pg_temp.id('ann'))) ->> 'total_events'$$), '29', 'read_recorded answers the same');
select results_eq($$select action, details from pg_temp.news()$$, $$values ('data.read', '{"function": "get_dashboard_metrics"}'::jsonb)$$, 'and notes which function read');
select pg_temp.ask('ben', $$select public.read_recorded('get_dashboard_metrics', jsonb_build_object('user_id', pg_temp.id('ann')))$$);
select is(pg_temp.actions(), '{}', 'Once in ten minutes');
select pg_temp.ask('ben', $$select public.read_recorded('get_dashboard_metrics', jsonb_build_object('user_id', pg_temp.id('ann')))$$, 'key_1');
select is(pg_temp.actions(), array['data.read'], 'A key is another reader');
select is(pg_temp.ask('ben', $$select public.read_recorded('get_filtered_events', jsonb_build_object('user_id', pg_temp.id('ann')))$$, 'key_1'), 'scope_insufficient',
  'and reads no more through read_recorded than its scopes allow');
select is(pg_temp.ask('cat', $$select public.get_audit_log(pg_temp.id('here'))$$, 'key_1'), 'scope_insufficient', 'nor the log');
select set_config('request.path', '/rpc/get_dashboard_metrics', true);
select is(pg_temp.get('ben', $$select public.get_dashboard_metrics(user_id => pg_temp.id('ann')) ->> 'total_events'$$), '29', 'What read_recorded noted holds for the function itself');
select set_config('phonelog.audit_change', 'seal', true);
update public.audit_log set at = at - interval '10 minutes' where action = 'data.read';
select set_config('phonelog.audit_change', '', true);
select is(pg_temp.get('ben', $$select public.get_dashboard_metrics(user_id => pg_temp.id('ann')) ->> 'total_events'$$), 'read_not_recorded', 'After ten minutes it is noted again');
select set_config('request.path', '/rpc/x', true);
create function pg_temp.readers() returns setof text language plpgsql as $$
declare
  v_event constant uuid := (select e.id from public.events as e where e.user_id = pg_temp.id('ann') limit 1);
  v_contact constant uuid := (select e.contact_id from public.events as e where e.user_id = pg_temp.id('ann') limit 1);
  v_query text;
begin
  foreach v_query in array array[
    format('select public.get_event(%L)', v_event), format('select public.get_contact(%L)', v_contact),
    format('select public.get_contact_intelligence(%L)', v_contact), format('select public.get_contact_relationships(%L)', v_contact),
    'select public.get_filtered_events(user_id => pg_temp.id(''ann''))', 'select public.search_events(''xylophone'', user_id => pg_temp.id(''ann''))',
    'select public.search_contacts(''44770090010'', user_id => pg_temp.id(''ann''))', 'select public.get_trends(user_id => pg_temp.id(''ann''))',
    'select public.get_activity_heatmap(user_id => pg_temp.id(''ann''))'] loop
    return next is(pg_temp.get('ben', v_query), 'read_not_recorded', 'Not read unnoted: ' || split_part(v_query, '(', 1));
    return next isnt(pg_temp.get('ann', v_query), 'read_not_recorded', 'Her own data needs no note: ' || split_part(v_query, '(', 1));
  end loop;
end;
$$;
select pg_temp.readers();
select pg_temp.actions();
select is(pg_temp.ask('vic', $$select public.get_filtered_events(user_id => pg_temp.id('ann'))$$), 'role_insufficient', 'A viewer reads no rows');
select is(pg_temp.ask('eve', $$select public.get_filtered_events(user_id => pg_temp.id('ann'))$$), 'user_not_found', 'A stranger neither');
select is(pg_temp.actions(), '{}', 'What was refused is no read');
select is(pg_temp.ask('ben', format('select public.read_recorded(%L, %L)', f, a)), 'validation_failed', 'read_recorded refuses ' || f || ' ' || a)
  from (values ('delete_event', '{"event_id": null}'), ('set_privacy_rules', '{"rule": null, "is_for_all": true}'), ('no_such', '{}'), ('get_profile', '{"x": 1}'), ('get_profile', '[]'), ('pg_sleep', '{}')) as t (f, a);
select is(pg_temp.ask('ben', $$select public.read_recorded('get_profile') ->> 'user_id'$$), pg_temp.id('ben')::text, 'It calls one without arguments too');
select is(pg_temp.ask('anon', $$select public.read_recorded('get_profile')$$), 'permission denied for function read_recorded', 'Nobody without an account calls it');

-- Reading the log
select set_config('request.path', '/rpc/get_audit_log', true);
select is(pg_temp.ask(who, $$select public.get_audit_log(pg_temp.id('here')) -> 'total'$$), problem, who || ' may not read the organisation''s log')
  from (values ('ben', 'role_insufficient'), ('vic', 'role_insufficient'), ('eve', 'organization_not_found'), ('sam', 'organization_not_found')) as t (who, problem);
select is(pg_temp.get('cat', $$select public.get_audit_log(pg_temp.id('here')) -> 'total'$$), 'read_not_recorded', 'An admin''s reading must be noted');
select is(pg_temp.ask('cat', $$select (public.get_audit_log(pg_temp.id('here'), action => 'data.read') -> 'entries' -> 0 ->> 'actor')$$), pg_temp.id('ben')::text, 'An admin reads it');
select results_eq($$select action, actor, organization_id from pg_temp.news()$$, $$values ('audit.read', pg_temp.id('cat'), pg_temp.id('here'))$$, 'which is an entry itself');
select is(pg_temp.ask('cat', $$select count(*) from jsonb_array_elements(public.get_audit_log(pg_temp.id('here'), max_rows => 200) -> 'entries') as e
  where e ->> 'organization_id' is distinct from pg_temp.id('here')::text$$), '0', 'All of it is the organisation''s: nothing of a person''s own data');
select is(pg_temp.ask('eve', $$select count(*) from jsonb_array_elements(public.get_audit_log(pg_temp.id('there')) -> 'entries') as e
  where e ->> 'organization_id' is distinct from pg_temp.id('there')::text$$), '0', 'Organisations are kept apart');
select is(pg_temp.ask('ann', $$select jsonb_agg(distinct e -> 'action' order by e -> 'action') from jsonb_array_elements(public.get_audit_log(max_rows => 200) -> 'entries') as e$$),
  '["contact_numbers.insert", "contacts.insert", "contacts.update", "data.read", "events.delete", "events.insert", "org_members.insert", "privacy_rules.delete", "privacy_rules.insert", "privacy_rules.update", "profiles.insert", "profiles.update"]',
  'A person sees what was done to his data, and who read it');
select is(pg_temp.ask('ann', $$select jsonb_agg(distinct e -> 'address') from jsonb_array_elements(public.get_audit_log(action => 'data.read') -> 'entries') as e$$), '[null]',
  'but not from where others came');
select is(pg_temp.ask('ben', $$select jsonb_agg(distinct e -> 'address') from jsonb_array_elements(public.get_audit_log(action => 'data.read') -> 'entries') as e$$), '["192.0.2.7"]',
  'as they themselves do');
select is(pg_temp.ask('sam', $$select public.get_audit_log(max_rows => 200) -> 'total'$$), '1', 'and nothing of others');
select is(pg_temp.ask('cat', $$select public.get_audit_log(pg_temp.id('here'), action => 'data.read', actor => pg_temp.id('ben'), subject_type => 'user', subject_id => pg_temp.id('ann')::text) -> 'total'$$),
  '3', 'It is filtered by action, actor and subject');
select is(pg_temp.ask('cat', $$select public.get_audit_log(pg_temp.id('here'), ends_at => now()) -> 'total'$$), '3', 'and by time, the end excluded');
create function pg_temp.paged(who text, step integer) returns jsonb language plpgsql as $$
declare
  v_page jsonb;
  v_last jsonb;
  v_ids jsonb := '[]';
begin
  loop
    v_page := pg_temp.ask(who, format('select public.get_audit_log(max_rows => %s, cursor_at => %L, cursor_id => %L)', step, v_last ->> 'at', v_last ->> 'id'))::jsonb;
    v_ids := v_ids || jsonb_path_query_array(v_page, '$.entries[*].id');
    v_last := v_page -> 'entries' -> -1;
    exit when not (v_page ->> 'has_more')::boolean;
  end loop;
  return v_ids;
end;
$$;
select is(pg_temp.paged('ann', 3), pg_temp.paged('ann', 200), 'Pages give every entry once');
select is(pg_temp.ask('ann', format('select jsonb_path_query_array(public.get_audit_log(max_rows => 2, cursor_at => %L, cursor_id => %L, backward => true), ''$.entries[*].id'')',
    (select at from public.audit_log where id = (pg_temp.paged('ann', 200) ->> 4)::uuid), pg_temp.paged('ann', 200) ->> 4))::jsonb,
  jsonb_path_query_array(pg_temp.paged('ann', 200), '$[2 to 3]'), 'and lead back');

-- The chain
select is((private.job_seal_audit(clock_timestamp() + interval '10 seconds') ->> 'more')::boolean, false, 'The job seals what is there');
select is((select count(*) from public.audit_log where seq is null), 0::bigint, 'Nothing is left open');
select is(private.job_seal_audit(clock_timestamp()) ->> 'sealed', '0', 'A second run finds nothing');
create function pg_temp.verdict(of text, anchor jsonb default null) returns text language sql as $$
  select coalesce((select string_agg(distinct f ->> 'kind', ' ' order by f ->> 'kind') from jsonb_array_elements(v -> 'faults') as f), '')
    || case when (v ->> 'is_intact')::boolean then 'intact' else '' end
    from public.verify_audit_log(case when of <> 'none' then pg_temp.id(of) end, anchor) as v
$$;
-- The same after a hand at the tables, which is taken back.
create function pg_temp.after(tampering text, of text default 'here', anchor jsonb default null) returns text language plpgsql as $$
declare
  v_verdict text;
begin
  begin
    alter table public.audit_log disable trigger audit_log_keep;
    execute tampering;
    v_verdict := pg_temp.verdict(of, anchor);
    raise exception using errcode = 'UNDO0';
  exception when sqlstate 'UNDO0' then null;
  end;
  return v_verdict;
end;
$$;
select is(pg_temp.verdict(log), 'intact', 'The chain of ' || log || ' is whole') from unnest(array['here', 'there', 'none']) as log;
select is((public.verify_audit_log(pg_temp.id('here')) -> 'head' ->> 'seq')::bigint, (select count(*) from public.audit_log where organization_id = pg_temp.id('here') and seq is not null), 'It counts the rows');
select is(pg_temp.after(format('update public.audit_log set %s where seq = 3 and organization_id = pg_temp.id(''here'')', change)), verdict, 'Seen: ' || change)
  from (values ('actor = gen_random_uuid()', 'changed'), ('action = ''a.b''', 'changed'), ('at = at + interval ''1 microsecond''', 'changed'), ('new = ''{"role": "owner"}''', 'changed'),
    ('address = ''192.0.2.8''', 'changed'), ('request_id = ''x''', 'changed'), ('details = ''{}''', 'changed'), ('subject_id = null', 'changed'), ('owner_id = null', 'changed'), ('actor_type = ''user''', 'changed'),
    ('old = ''{}''', 'changed'), ('key_id = ''k''', 'changed'), ('hash = ''\x00''', 'changed not_after_the_one_before'), ('seq = null, salts = null, digests = null, prev_hash = null, hash = null', 'missing_before tail_missing'),
    ('organization_id = gen_random_uuid()', 'missing_before tail_missing'), ('salts = array[null::uuid, null, null]', 'changed erased_by_nobody'),
    ('salts = array[salts[1], salts[2], null], old = null, new = null, details = ''{}''', 'erased_by_nobody')) as t (change, verdict);
select is(pg_temp.after($$delete from public.audit_log where seq = 3 and organization_id = pg_temp.id('here')$$), 'missing_before tail_missing', 'Seen: a deleted row');
select is(pg_temp.after($$delete from public.audit_log where seq = 3 and organization_id = pg_temp.id('here');
  drop index public.audit_log_seal_idx;
  update public.audit_log set seq = seq - 1 where seq > 3 and organization_id = pg_temp.id('here');
  update private.audit_heads set count = count - 1 where chain = pg_temp.id('here')$$), 'changed not_after_the_one_before', 'Seen: a deleted row with the others moved up');
select is(pg_temp.after($$update public.audit_log set seq = -1 where seq = 2 and organization_id = pg_temp.id('here');
  update public.audit_log set seq = 2 where seq = 3 and organization_id = pg_temp.id('here');
  update public.audit_log set seq = 3 where seq = -1$$), 'not_after_the_one_before', 'Seen: a swapped pair');
select is(pg_temp.after($$delete from public.audit_log where seq >= 5 and organization_id = pg_temp.id('here')$$), 'tail_missing', 'Seen: a truncated tail');
select is(pg_temp.after($$delete from public.audit_log where organization_id = pg_temp.id('here')$$), 'tail_missing', 'Seen: all of it gone');
select is(pg_temp.after($$delete from private.audit_heads where chain = pg_temp.id('here')$$), 'tail_missing', 'Seen: its head gone');
create temporary table anchor as select public.verify_audit_log(pg_temp.id('here')) -> 'head' as head;
create function pg_temp.rewound() returns text language sql as $$
  select $q$delete from public.audit_log where seq >= 5 and organization_id = pg_temp.id('here');
    update private.audit_heads as h set count = 4, hash = (select a.hash from public.audit_log as a where a.seq = 4 and a.organization_id = h.chain) where h.chain = pg_temp.id('here')$q$
$$;
select is(pg_temp.after(pg_temp.rewound()), 'intact', 'A tail cut with its head looks whole from inside');
select is(pg_temp.after(pg_temp.rewound(), 'here', (select head from anchor)), 'anchor_missing', 'but not to who kept an anchor');
select private.job_seal_audit(clock_timestamp() + interval '10 seconds');
select is(pg_temp.verdict('here', (select head from anchor)), 'intact', 'The anchor holds when the chain has grown');
select is(pg_temp.ask('ben', $$select public.verify_audit_log(pg_temp.id('here'))$$), 'role_insufficient', 'A member does not verify');
select is(pg_temp.ask('ann', $$select public.verify_audit_log()$$), 'role_insufficient', 'and nobody the rows of no organisation');
select is(pg_temp.ask('cat', $$select public.verify_audit_log(pg_temp.id('here')) ->> 'is_intact'$$), 'true', 'An admin does');

-- Erasure
select pg_temp.ask('ann', $$update public.profiles set locale = 'pt' returning locale$$);
select private.pseudonymize_audit(pg_temp.id('ann'));
select is_empty($$select * from public.audit_log as a where strpos(a::text, pg_temp.id('ann')::text) > 0$$, 'An erased person is in no row of the log');
select is((select count(distinct owner_id) from public.audit_log where action = 'user.erased'), 1::bigint, 'One pseudonym stands for her');
select is_empty($$select * from public.audit_log as a join (select distinct owner_id from public.audit_log where action = 'user.erased') as e on a.actor = e.owner_id
  where num_nonnulls(a.address, a.request_id, a.key_id) > 0$$, 'Nothing says where she came from');
select is(pg_temp.verdict(log), 'intact', 'The chain of ' || log || ' holds after the erasure') from unnest(array['here', 'there', 'none']) as log;
select private.job_seal_audit(clock_timestamp() + interval '10 seconds');
select is(pg_temp.verdict(log), 'intact', 'and when what was erased unsealed is sealed: ' || log) from unnest(array['here', 'none']) as log;
select is(pg_temp.after($$update public.audit_log set actor = gen_random_uuid() where salts[1] is null$$, 'none'), 'erased_by_nobody', 'Seen: another pseudonym');
select is(pg_temp.after($$update public.audit_log set salts = array[null, salts[2], salts[3]], actor = (select owner_id from public.audit_log where action = 'user.erased' limit 1), request_id = null, address = null, key_id = null
  where actor = pg_temp.id('ben')$$), 'erased_by_nobody', 'Seen: more erased than was');
select is(pg_temp.after($$update public.audit_log set details = '{"x": 1}' where salts[3] is null$$, 'none'), 'changed', 'Seen: words put where erased ones were');
select private.pseudonymize_audit(pg_temp.id('ben'));
select is(pg_temp.verdict('here'), 'intact', 'Two erasures of rows that name both hold');

-- Failures
select is(pg_temp.ask('service', $$select public.record_auth_failure('token_invalid', 'events')$$), 'true', 'A refused token is noted');
select is(pg_temp.ask('ann', $$select public.record_auth_failure('token_invalid', 'events')$$), 'permission denied for function record_auth_failure', 'by the functions only');
select is((select count(*) from generate_series(1, 100) where pg_temp.ask('service', $$select public.record_auth_failure('token_invalid', 'events')$$) = 'true'), 9::bigint, 'An address fills ten rows a minute');
select is((select count(*) from generate_series(1, 300) as i where set_config('request.headers', jsonb_build_object('x-client-address', '192.0.2.' || i % 250)::text, true) is not null
  and pg_temp.ask('service', $$select public.record_auth_failure('token_invalid', 'events')$$) = 'true'), 50::bigint, 'All together sixty');

select * from finish();
rollback;
