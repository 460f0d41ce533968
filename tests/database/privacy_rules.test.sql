-- Privacy rules as their owner sets them, one by one and in bulk.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(46);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
create function pg_temp.ask(who text, query text, key_id text default null) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform set_config('request.jwt.claims', jsonb_strip_nulls(jsonb_build_object('sub', pg_temp.id(who), 'key_id', key_id))::text, true);
  perform set_config('role', 'authenticated', true);
  begin
    execute query into v_answer;
  exception when others then
    v_answer := sqlerrm;
  end;
  perform set_config('role', 'none', true);
  return v_answer;
end;
$$;
grant execute on all functions in schema pg_temp to public;
create function pg_temp.rules() returns text language sql as $$
  select coalesce(string_agg(c.name || ' ' || r.visibility || case when r.mask_number then ' number' else '' end || case when r.mask_content then ' content' else '' end, ', ' order by c.name), '')
    from public.privacy_rules as r join public.contacts as c on c.user_id = r.user_id and c.id = r.contact_id where r.user_id = pg_temp.id('ann')
$$;

insert into auth.users (id, email) select pg_temp.id(n), n || '@rules.test' from unnest(array['ann', 'ben', 'sam']) as n;
insert into public.organizations (id, name) values (pg_temp.id('here'), 'Here');
insert into public.org_members (organization_id, user_id, role) values (pg_temp.id('here'), pg_temp.id('ann'), 'member'), (pg_temp.id('here'), pg_temp.id('ben'), 'owner');
insert into public.contacts (user_id, id, name, name_source, tags)
select pg_temp.id(who), pg_temp.id(name), name, 'user', tags
  from (values ('ann', 'Cat', '{family}'::text[]), ('ann', 'Dan', '{family,work}'), ('ann', 'Eve', '{work}'), ('ann', 'Fay', '{}'), ('ben', 'Zoe', '{family}')) as c (who, name, tags);
insert into public.events (user_id, ts, number, contact_id, type, direction, status, source, sources, fingerprint)
select c.user_id, now() - interval '1 day', '+447700900' || row_number() over (), c.id, 'call', 'inbound', 'missed', 'device', '{device}', gen_random_uuid()
  from public.contacts as c where c.user_id in (pg_temp.id('ann'), pg_temp.id('ben'));

select is(pg_temp.ask('ann', $$select public.get_privacy_rule(pg_temp.id('Cat')) - 'contact_id'$$)::jsonb,
  '{"contact_name": "Cat", "is_default": true, "visibility": "team", "mask_number": false, "mask_content": true, "updated_at": null}', 'Without a rule the default holds');
select is((select private.default_rule()), (select jsonb_object_agg(column_name, case column_name when 'visibility' then to_jsonb(split_part(column_default, '''', 2)) else column_default::jsonb end)
  from information_schema.columns where table_schema = 'public' and table_name = 'privacy_rules' and column_name in ('visibility', 'mask_number', 'mask_content')), 'which is the default of the columns');
select is(pg_temp.ask('ann', $$select public.set_privacy_rules('{"visibility": "private"}', array[pg_temp.id('Cat')])$$), '{"more": false, "changed": 1, "contacts": 1}', 'One contact gets a rule');
select is(pg_temp.rules(), 'Cat private content', 'and has it');
select is(pg_temp.ask('ann', $$select public.get_privacy_rule(pg_temp.id('Cat')) - 'contact_id' - 'updated_at'$$)::jsonb,
  '{"contact_name": "Cat", "is_default": false, "visibility": "private", "mask_number": false, "mask_content": true}', 'It is told');
select is(pg_temp.ask('ann', $$select public.set_privacy_rules('{"visibility": "private"}', array[pg_temp.id('Cat')])$$), '{"more": false, "changed": 0, "contacts": 1}', 'The same again changes nothing');
select is(pg_temp.ask('ann', $$select public.set_privacy_rules('{"mask_number": true, "mask_content": false}', array[pg_temp.id('Cat'), pg_temp.id('Cat')])$$), '{"more": false, "changed": 1, "contacts": 1}', 'A rule replaces the one before');
select is(pg_temp.rules(), 'Cat team number', 'whole');
select is(pg_temp.ask('ann', $$select public.set_privacy_rules('{"visibility": "private"}', tag => 'family')$$), '{"more": false, "changed": 2, "contacts": 2}', 'A tag');
select is(pg_temp.rules(), 'Cat private content, Dan private content', 'means those that have it');
select is(pg_temp.ask('ann', $$select public.set_privacy_rules('{"visibility": "private"}', tag => 'Family')$$), '{"more": false, "changed": 0, "contacts": 0}', 'and no other');
select is(pg_temp.ask('ann', $$select public.set_privacy_rules('{"visibility": "public"}', is_for_all => true)$$), '{"more": false, "changed": 4, "contacts": 4}', 'All');
select is(pg_temp.rules(), 'Cat public content, Dan public content, Eve public content, Fay public content', 'means all of the caller''s');
select is((select count(*) from public.privacy_rules where user_id = pg_temp.id('ben')), 0::bigint, 'and nobody else''s');
select is(pg_temp.ask('ann', $$select public.set_privacy_rules(null, array[pg_temp.id('Cat'), pg_temp.id('Dan')])$$), '{"more": false, "changed": 2, "contacts": 2}', 'Null takes rules away');
select is(pg_temp.rules(), 'Eve public content, Fay public content', 'from those that are meant');
select is(pg_temp.ask('ann', 'select public.set_privacy_rules(' || arguments || ')'), problem, arguments)
  from (values
    ($$'{"visibility": "private"}', array[pg_temp.id('Eve'), pg_temp.id('Zoe')]$$, 'contact_not_found'), ($$'{"visibility": "private"}', array[gen_random_uuid()]$$, 'contact_not_found'),
    ($$null, array[pg_temp.id('Zoe')]$$, 'contact_not_found'), ($$'{"visibility": "secret"}', is_for_all => true$$, 'validation_failed'), ($$'{"visibility": null}', is_for_all => true$$, 'validation_failed'),
    ($$'{"mask_number": "true"}', is_for_all => true$$, 'validation_failed'), ($$'{"colour": 1}', is_for_all => true$$, 'validation_failed'), ($$'[]', is_for_all => true$$, 'validation_failed'),
    ($$'"private"', is_for_all => true$$, 'validation_failed'), ($$'{}'$$, 'validation_failed'), ($$'{}', tag => 'work', is_for_all => true$$, 'validation_failed'),
    ($$'{}', array[pg_temp.id('Eve')], 'work'$$, 'validation_failed'), ($$'{}', array_fill(gen_random_uuid(), array[1001])$$, 'validation_failed')) as t (arguments, problem);
select is(pg_temp.rules(), 'Eve public content, Fay public content', 'What is refused changes nothing');
select is(pg_temp.ask('ann', $$select public.set_privacy_rules('{}', is_for_all => true)$$, 'key_1'), 'scope_insufficient', 'A key sets none');
select is(pg_temp.ask('nobody', $$select public.set_privacy_rules('{}', is_for_all => true)$$), 'not_authenticated', 'Who has no account sets none');
select is(pg_temp.ask('ben', $$select public.get_privacy_rule(pg_temp.id('Eve'))$$), 'contact_not_found', 'A teammate''s rules are not told');
select is(pg_temp.ask('ben', $$select public.get_privacy_rules() -> 'total'$$), '0', 'nor counted');

-- In force at once, for reads, roll-ups and versions
create function pg_temp.seen() returns text language plpgsql as $$
begin
  perform set_config('phonelog.noted_reads', '', true);
  return pg_temp.ask('ben', $q$select (public.get_dashboard_metrics(user_id => pg_temp.id('ann')) ->> 'total_events') || ' ' || (public.get_filtered_events(user_id => pg_temp.id('ann')) ->> 'total')
    || ' ' || (public.get_team_dashboard_metrics() -> 'totals' ->> 'total_events')$q$);
end;
$$;
select is(pg_temp.seen(), '4 4 5', 'A teammate sees what is shown');
create temporary table before as select private.data_version(pg_temp.id('ann')) as version;
select pg_temp.ask('ann', $$select public.set_privacy_rules('{"visibility": "private"}', tag => 'work')$$);
select is(pg_temp.seen(), '2 2 3', 'and no more what is private now');
select ok(private.data_version(pg_temp.id('ann')) > (select version from before), 'The version of the data has moved on');
select is_empty($$select * from private.check_rollups(pg_temp.id('ann'))$$, 'The roll-ups are exact');

-- In steps
insert into public.events (user_id, ts, number, contact_id, type, direction, status, source, sources, fingerprint)
select pg_temp.id('ann'), timestamptz '2020-01-01' + make_interval(secs => i), '+447700900' || n, pg_temp.id(n), 'call', 'inbound', 'missed', 'device', '{device}', gen_random_uuid()
  from unnest(array['Cat', 'Dan', 'Eve']) as n cross join generate_series(1, 10000) as i;
select pg_temp.ask('ann', $$select public.set_privacy_rules(null, is_for_all => true)$$);
create temporary table step as
select (pg_temp.ask('ann', $$select public.set_privacy_rules('{"visibility": "private"}', is_for_all => true)$$)::jsonb) as told, i from generate_series(1, 3) as i;
select is((select array_agg(told -> 'more' order by i) from step), array['true', 'false', 'false']::jsonb[], 'Contacts with many events are done in steps');
select is((select sum((told -> 'changed')::integer) from step), 4::bigint, 'each contact in one of them');
select is(pg_temp.rules(), 'Cat private content, Dan private content, Eve private content, Fay private content', 'until all are done');
select is_empty($$select * from private.check_rollups(pg_temp.id('ann'))$$, 'The roll-ups are exact then, too');

-- The list
select pg_temp.ask('ann', $$select public.set_privacy_rules('{"visibility": "private"}', is_for_all => true)$$);
select pg_temp.ask('ann', $$select public.set_privacy_rules('{"visibility": "public"}', tag => 'family')$$);
create function pg_temp.paged(step integer) returns jsonb language plpgsql as $$
declare
  v_page jsonb;
  v_ids jsonb := '[]';
begin
  loop
    v_page := pg_temp.ask('ann', format('select public.get_privacy_rules(null, %s, %L)', step, v_ids ->> -1))::jsonb;
    v_ids := v_ids || jsonb_path_query_array(v_page, '$.rules[*].contact_id');
    exit when not (v_page ->> 'has_more')::boolean;
  end loop;
  return v_ids;
end;
$$;
select is(jsonb_array_length(pg_temp.paged(3)), 4, 'Pages give every rule');
select is(pg_temp.paged(1), pg_temp.paged(200), 'once');
select is(pg_temp.ask('ann', format('select jsonb_path_query_array(public.get_privacy_rules(null, 1, %L, true), ''$.rules[*].contact_id'')', pg_temp.paged(9) ->> 2))::jsonb,
  jsonb_build_array(pg_temp.paged(9) -> 1), 'and lead back');
select is(pg_temp.ask('ann', $$select public.get_privacy_rules('public') -> 'total'$$), '2', 'It is narrowed to a visibility');

select * from finish();
rollback;
