-- Versions of the data: what changes the one under which an answer is kept, what does not, and who is told it at all.
begin;
set local client_min_messages = error;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(78);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;
-- What a function answers to somebody, or the code of its refusal.
create function pg_temp.ask(who text, query text, claims jsonb default '{}') returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform set_config('request.jwt.claims', case when ask.who = 'nobody' then '{}' else (jsonb_build_object('sub', pg_temp.id(ask.who)) || ask.claims)::text end, true);
  perform set_config('role', 'authenticated', true);
  begin
    execute 'select ' || ask.query into v_answer;
  exception when sqlstate 'PT400' or sqlstate 'PT401' or sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT409' then
    v_answer := sqlerrm;
  end;
  perform set_config('role', 'none', true);
  return v_answer;
end;
$$;

insert into auth.users (id, email) select pg_temp.id(name), name || '@version.test'
  from unnest(array['ann', 'ben', 'viv', 'eve', 'new']) as name;
insert into public.organizations (id, name) select pg_temp.id(name), name from unnest(array['Here', 'There']) as name;
insert into public.org_members (organization_id, user_id, role) select pg_temp.id(organization), pg_temp.id(who), role
  from (values ('Here', 'ann', 'owner'), ('Here', 'ben', 'member'), ('Here', 'viv', 'viewer'), ('There', 'eve', 'owner')) as m (organization, who, role);
insert into public.contacts (user_id, id, name) select pg_temp.id(who), pg_temp.id(who || ' ' || contact), contact
  from unnest(array['ann', 'ben', 'eve']) as who cross join unnest(array['open', 'private', 'silent']) as contact;
insert into public.contact_numbers (user_id, number, contact_id) select c.user_id, '+4477009000' || row_number() over (order by c.user_id, c.name), c.id from public.contacts as c;
insert into public.privacy_rules (user_id, contact_id, visibility) select pg_temp.id('ann'), pg_temp.id('ann private'), 'private';
create function pg_temp.an_event(owner text, contact text, n integer) returns void language sql as $$
  insert into public.events (user_id, id, ts, contact_id, type, direction, status, duration, source, sources, fingerprint)
  select pg_temp.id(owner), pg_temp.id(owner || ' event ' || n), '2026-05-01 00:00Z'::timestamptz + n * interval '1 day', pg_temp.id(owner || ' ' || contact),
    'call', 'inbound', 'answered', n, 'device', '{device}', pg_temp.id(owner || ' print ' || n)
$$;
select pg_temp.an_event(who, contact, case contact when 'open' then 1 else 2 end)
  from unnest(array['ann', 'ben', 'eve']) as who cross join unnest(array['open', 'private']) as contact;

select isnt(pg_temp.ask('viv', 'get_data_version()'), pg_temp.ask('new', 'get_data_version()'), 'Two callers without data have two versions');

-- Whose version a statement changes: of Ben's own answers, of those on Ann, on a contact of hers, on all teammates and on the board.
create function pg_temp.versions() returns jsonb language sql as $$
  select jsonb_object_agg(name, pg_temp.ask('ben', query)) from (values
    ('own', 'get_data_version()'),
    ('ann', format('get_data_version(user_id => %L)', pg_temp.id('ann'))),
    ('contact', format('get_data_version(contact_id => %L)', pg_temp.id('ann open'))),
    ('teammates', 'get_data_version(''teammates'')'),
    ('board', 'get_data_version(''organization'')')) as t (name, query)
$$;
create function pg_temp.changed_by(statement text) returns text language plpgsql as $$
declare
  v_before constant jsonb := pg_temp.versions();
  v_changed text;
begin
  execute changed_by.statement;
  select string_agg(key, ' ' order by key) into v_changed from jsonb_each(pg_temp.versions()) where value <> v_before -> key;
  return coalesce(v_changed, '');
end;
$$;
select is(pg_temp.changed_by(statement), changed, format('%s: %s', coalesce(nullif(changed, ''), 'nothing'), statement)) from (values
  ('select 1', ''),
  -- What teammates may see of Ann
  ($$select pg_temp.an_event('ann', 'open', 3)$$, 'ann board contact teammates'),
  ($$update public.events set duration = 9 where id = pg_temp.id('ann event 3')$$, 'ann board contact teammates'),
  ($$update public.events set contact_id = null where id = pg_temp.id('ann event 3')$$, 'ann board contact teammates'),
  ($$delete from public.events where id = pg_temp.id('ann event 3')$$, 'ann board contact teammates'),
  ($$update public.contacts set name = 'Opal' where id = pg_temp.id('ann open')$$, 'ann board contact teammates'),
  ($$update public.contact_numbers set number = '+447700900999' where contact_id = pg_temp.id('ann open')$$, 'ann board contact teammates'),
  ($$insert into public.privacy_rules (user_id, contact_id, mask_number) values (pg_temp.id('ann'), pg_temp.id('ann open'), true)$$, 'ann board contact teammates'),
  ($$update public.privacy_rules set mask_number = false where contact_id = pg_temp.id('ann open')$$, 'ann board contact teammates'),
  ($$delete from public.privacy_rules where contact_id = pg_temp.id('ann open')$$, 'ann board contact teammates'),
  ($$update public.profiles set display_name = 'Anna' where user_id = pg_temp.id('ann')$$, 'ann board contact teammates'),
  -- What they may not, and what does not change
  ($$select pg_temp.an_event('ann', 'private', 4)$$, ''),
  ($$update public.events set duration = 9 where id = pg_temp.id('ann event 4')$$, ''),
  ($$delete from public.events where id = pg_temp.id('ann event 4')$$, ''),
  ($$update public.contacts set name = 'Secret' where id = pg_temp.id('ann private')$$, ''),
  ($$update public.contact_numbers set number = '+447700900998' where contact_id = pg_temp.id('ann private')$$, ''),
  ($$update public.privacy_rules set mask_number = true where contact_id = pg_temp.id('ann private')$$, ''),
  ($$update public.contacts set name = 'Nobody yet' where id = pg_temp.id('ann silent')$$, ''),
  ($$insert into public.privacy_rules (user_id, contact_id, visibility) values (pg_temp.id('ann'), pg_temp.id('ann silent'), 'private')$$, ''),
  ($$insert into public.contacts (user_id, id, name) values (pg_temp.id('ann'), pg_temp.id('ann new'), 'New')$$, ''),
  ($$update public.contacts set tags = '{t}' where id = pg_temp.id('ann open')$$, ''),
  ($$insert into public.lines (user_id, name) values (pg_temp.id('ann'), 'SIM')$$, ''),
  ($$insert into public.sync_sources (user_id, kind) values (pg_temp.id('ann'), 'device')$$, ''),
  ($$update public.profiles set time_zone = 'Asia/Tokyo' where user_id = pg_temp.id('ann')$$, ''),
  ($$select pg_temp.an_event('eve', 'open', 3)$$, ''),
  -- An event that goes to, or comes from, a private contact
  ($$update public.events set contact_id = pg_temp.id('ann private') where id = pg_temp.id('ann event 1')$$, 'ann board contact teammates'),
  ($$update public.events set contact_id = pg_temp.id('ann open') where id = pg_temp.id('ann event 1')$$, 'ann board contact teammates'),
  ($$update public.privacy_rules set visibility = 'public' where contact_id = pg_temp.id('ann private')$$, 'ann board contact teammates'),
  ($$update public.privacy_rules set visibility = 'private' where contact_id = pg_temp.id('ann private')$$, 'ann board contact teammates'),
  -- Ben's own
  ($$select pg_temp.an_event('ben', 'open', 3)$$, 'ann board contact own teammates'),
  ($$update public.profiles set time_zone = 'Asia/Tokyo' where user_id = pg_temp.id('ben')$$, 'ann board contact own teammates'),
  ($$update public.profiles set week_start = 7 where user_id = pg_temp.id('ben')$$, 'ann board contact own teammates'),
  ($$insert into public.coverage (user_id, sync_source_id, type, covered) select pg_temp.id('ben'), private.touch_source(pg_temp.id('ben'), 'device', ''), 'call', '{[2026-05-01,2026-05-02)}'$$,
    'ann board contact own teammates'),
  -- Others come, go, and get another role
  ($$insert into public.org_members (organization_id, user_id, role) select pg_temp.id('Here'), pg_temp.id('new'), 'member'$$, 'board teammates'),
  ($$insert into public.lines (user_id, name) values (pg_temp.id('new'), 'The first that is counted of him')$$, ''),
  ($$update public.org_members set role = 'analyst' where user_id = pg_temp.id('new')$$, 'board'),
  ($$delete from public.org_members where user_id = pg_temp.id('new')$$, 'board teammates'),
  ($$update public.org_members set role = 'analyst' where user_id = pg_temp.id('ben')$$, 'board'),
  ($$insert into public.org_members (organization_id, user_id, role) select pg_temp.id('There'), pg_temp.id('new'), 'member'$$, ''),
  -- What predictions are made with
  ($$update private.prediction_coefficients set recency = recency - 1 where horizon_days = 7$$, 'ann board contact own teammates')
) as t (statement, changed);

-- Time

select is(pg_temp.ask('ben', $$get_data_version(ends_at => now() - interval '1 second')$$), pg_temp.ask('ben', $$get_data_version(ends_at => '2020-01-01Z')$$),
  'A period that is over is not told by when it ended');
select isnt(pg_temp.ask('ben', $$get_data_version(ends_at => now() - interval '1 second')$$), pg_temp.ask('ben', 'get_data_version()'), 'One that is not has the minute in its version');
select is(pg_temp.ask('ben', $$get_data_version(ends_at => now() + interval '1 second')$$), pg_temp.ask('ben', 'get_data_version()'), 'So has one that ends later');

-- Who is told

select isnt(pg_temp.ask('ann', query), pg_temp.ask('ben', query), 'Two callers have two versions: ' || query)
  from unnest(array['get_data_version()', $$get_data_version('organization')$$, $$get_data_version('teammates')$$]) as query;
select isnt(pg_temp.ask('ben', 'get_data_version()', '{"key_id": "k", "key_scopes": ["analytics:read"]}'), pg_temp.ask('ben', 'get_data_version()'),
  'An API key has others than its owner');
select is(pg_temp.ask(who, query), refusal, format('%s: %s to %s', refusal, query, who)) from (values
  ('nobody', 'get_data_version()', 'not_authenticated'),
  ('ben', $$get_data_version('all')$$, 'validation_failed'),
  ('ben', $$get_data_version(null)$$, 'validation_failed'),
  ('viv', format('get_data_version(user_id => %L)', pg_temp.id('ann')), 'role_insufficient'),
  ('eve', format('get_data_version(user_id => %L)', pg_temp.id('ann')), 'user_not_found'),
  ('ben', format('get_data_version(contact_id => %L)', pg_temp.id('ann private')), 'contact_not_found'),
  ('ben', format('get_data_version(contact_id => %L)', pg_temp.id('ann silent')), 'contact_not_found'),
  ('eve', format('get_data_version(contact_id => %L)', pg_temp.id('ann open')), 'contact_not_found'),
  ('viv', format('get_data_version(contact_id => %L)', pg_temp.id('ann open')), 'contact_not_found'),
  ('ben', format('get_data_version(''organization'', organization_id => %L)', pg_temp.id('There')), 'organization_not_found'),
  ('eve', format('get_data_version(''organization'', organization_id => %L)', pg_temp.id('Here')), 'organization_not_found')
) as t (who, query, refusal);
-- At a replica: of two who wrote at the same time it may show the one first that the primary shows second.

create function pg_temp.when_only(writer text, place integer, who text, query text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  update private.data_versions as v set version = v.version + 1, shared = v.shared + 1
   where v.slot = (select s.slot from private.data_versions as s where s.user_id = pg_temp.id(when_only.writer) order by s.slot offset when_only.place limit 1);
  v_answer := pg_temp.ask(when_only.who, when_only.query);
  raise exception using errcode = 'P0002';
exception when no_data_found then
  return v_answer;
end;
$$;
delete from private.data_versions where user_id in (pg_temp.id('ann'), pg_temp.id('viv'));
insert into private.data_versions (user_id) select pg_temp.id(who) from unnest(array['ann', 'ann', 'viv']) as who;
select isnt(pg_temp.when_only('ann', 0, 'ann', 'get_data_version()'), pg_temp.when_only('ann', 1, 'ann', 'get_data_version()'),
  'Either of one''s own two changes without the other is another version');
select isnt(pg_temp.when_only('ann', 0, 'ben', query), pg_temp.when_only('viv', 0, 'ben', query), 'So is that of either teammate: ' || query)
  from unnest(array[$$get_data_version('teammates')$$, $$get_data_version('organization')$$]) as query;

create function pg_temp.at(who text, version text, reads text, called text) returns text language sql as $$
  select pg_temp.ask(at.who, format('read_at_version(%L, %L, %L, %L)', at.version, at.reads, 'get_dashboard_metrics', at.called))
$$;
select is(pg_temp.at('ben', pg_temp.ask('ben', 'get_data_version()'), '{}', '{}')::jsonb - 'generated_at',
  pg_temp.ask('ben', 'get_dashboard_metrics()')::jsonb - 'generated_at', 'read_at_version answers as the function does where the version is the same');
select is(pg_temp.at(who, version, reads, called), refusal, format('%s to %s: %s %s', refusal, who, reads, called)) from (values
  ('ben', pg_temp.ask('ann', 'get_data_version()'), '{}', '{}', 'replica_behind'),
  ('ben', pg_temp.ask('ben', 'get_data_version()'), '{"reads": "teammates"}', '{}', 'replica_behind'),
  ('ben', null, '{}', '{}', 'replica_behind'),
  ('ben', pg_temp.ask('ben', 'get_data_version()'), '{}', '{"nonsense": 1}', 'validation_failed'),
  ('ben', pg_temp.ask('ben', 'get_data_version()'), '{"nonsense": 1}', '{}', 'validation_failed'),
  ('ben', pg_temp.ask('ben', 'get_data_version()'), '[]', '{}', 'validation_failed'),
  ('nobody', null, '{}', '{}', 'not_authenticated'),
  ('eve', pg_temp.ask('eve', 'get_data_version()'), '{}', format('{"user_id": "%s"}', pg_temp.id('ann')), 'user_not_found'),
  ('eve', null, format('{"user_id": "%s"}', pg_temp.id('ann')), '{}', 'user_not_found')
) as t (who, version, reads, called, refusal);
select is(pg_temp.when_only('ben', 0, 'ben', format('read_at_version(%L, ''{}'', ''get_profile'')', pg_temp.ask('ben', 'get_data_version()'))), 'replica_behind',
  'A change that the primary had not yet is refused like one that the replica lacks');
delete from public.org_members where user_id = pg_temp.id('ben');
select is(pg_temp.ask('ben', query), refusal, 'Who has left gets nothing: ' || query) from (values
  ($$get_data_version('organization')$$, 'organization_not_found'),
  (format('get_data_version(user_id => %L)', pg_temp.id('ann')), 'user_not_found'),
  (format('get_data_version(contact_id => %L)', pg_temp.id('ann open')), 'contact_not_found')) as t (query, refusal);
select throws_ok($$set local role anon; select get_data_version()$$, '42501', null, 'Nor do those who are not signed in');
reset role;
select throws_ok(format($$set local role authenticated; select * from private.data_versions where user_id = %L$$, pg_temp.id('ann')), '42501', null, 'Nobody reads the counters');
reset role;

select * from finish();
rollback;
