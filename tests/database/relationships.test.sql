-- Relationships: who knows a person, what is shared, and what no rule lets others see.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';

select plan(17);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
create function pg_temp.a_user(name text) returns void language sql as $$
  insert into auth.users (id, email) values (pg_temp.id(a_user.name), md5(a_user.name) || '@intel.test')
$$;
create function pg_temp.a_contact(who text, contact text, number text default null) returns void language sql as $$
  insert into public.contacts (user_id, id, name) values (pg_temp.id(who), pg_temp.id(who || contact), contact);
  insert into public.contact_numbers (user_id, number, contact_id)
  select pg_temp.id(who), number, pg_temp.id(who || contact) where number is not null
$$;
create function pg_temp.an_event(who text, contact text, ts timestamptz, type text, direction text, status text default null, duration integer default null)
returns void language sql as $$
  insert into public.events (user_id, ts, contact_id, type, direction, status, duration, source, sources, fingerprint)
  values (pg_temp.id(who), ts, pg_temp.id(who || contact), type, direction, status, duration, 'device', '{device}', gen_random_uuid())
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
  select format('select pg_temp.ask(%L, %L)', who, query)
$$;


create function pg_temp.relationships(who text, contact uuid) returns jsonb language sql as $$
  select pg_temp.ask(who, format('select public.get_contact_relationships(%L)', contact))::jsonb
$$;
create function pg_temp.knowing(who text, contact uuid) returns text language sql as $$
  select string_agg(entry ->> 'display_name', ' ' order by place)
    from jsonb_array_elements(pg_temp.relationships(who, contact) -> 'known_by') with ordinality as e (entry, place)
$$;

select pg_temp.a_user(name) from unnest(array['ann', 'bob', 'cy', 'dan', 'vic', 'eve']) as name;
update public.profiles set display_name = name from unnest(array['ann', 'bob', 'cy', 'dan', 'vic', 'eve']) as name where user_id = pg_temp.id(name);
insert into public.organizations (id, name) values (pg_temp.id('team'), 'Team');
insert into public.org_members (organization_id, user_id, role)
select pg_temp.id('team'), pg_temp.id(name), case name when 'vic' then 'viewer' else 'member' end from unnest(array['ann', 'bob', 'cy', 'dan', 'vic']) as name;

select pg_temp.a_contact('ann', 'Mia', '+447700900001');
select is(pg_temp.relationships('ann', pg_temp.id('annMia')) -> 'known_by', '[]', 'A contact without events is known by nobody');
select is(pg_temp.relationships('ann', pg_temp.id('annMia')) -> 'together', '[]', 'And occurs with nobody');
select pg_temp.an_event('ann', 'Mia', now() - interval '1 day', 'sms', 'inbound', 'received');
select is(pg_temp.knowing('ann', pg_temp.id('annMia')), 'ann', 'One event, and it is known by its owner');
select pg_temp.a_contact('bob', 'Mia', '+447700900001');
select pg_temp.an_event('bob', 'Mia', now() - make_interval(days => d), 'sms', 'inbound', 'received') from generate_series(3, 6) as d;
select pg_temp.a_contact('eve', 'Mia', '+447700900001'), pg_temp.an_event('eve', 'Mia', now() - interval '1 day', 'sms', 'inbound', 'received');
select is(pg_temp.knowing('ann', pg_temp.id('annMia')), 'bob ann', 'Who has more days with a person comes first, and no stranger');
select is(pg_temp.knowing('bob', pg_temp.id('bobMia')), 'bob ann', 'It is the same from the other side');
select is(pg_temp.knowing('bob', pg_temp.id('annMia')), 'bob ann', 'And of the teammate''s contact');
select pg_temp.a_contact('vic', 'Mia', '+447700900001'), pg_temp.an_event('vic', 'Mia', now() - interval '1 day', 'sms', 'inbound', 'received');
select is(pg_temp.knowing('vic', pg_temp.id('vicMia')), 'vic', 'A viewer learns of nobody else');
delete from public.events where user_id = pg_temp.id('vic');

-- Shared contacts

select pg_temp.a_contact(who, 'Tom', '+447700900002'), pg_temp.an_event(who, 'Tom', now() - interval '2 days', 'sms', 'inbound', 'received')
  from unnest(array['ann', 'bob']) as who;
select pg_temp.a_contact(who, 'BANK24', 'BANK24'), pg_temp.an_event(who, 'BANK24', now() - interval '2 days', 'sms', 'inbound', 'received')
  from unnest(array['ann', 'bob']) as who;
select is(pg_temp.relationships('ann', pg_temp.id('annMia')) #> '{known_by,0,mutual}',
  jsonb_build_object('count', 1, 'adamic_adar', 0.9102, 'contacts', jsonb_build_array(
    jsonb_build_object('contact_id', pg_temp.id('annTom'), 'name', 'Tom', 'owners', 2))),
  'What both know is named as the caller names it; a sender without a number is nobody');
select pg_temp.a_contact(who, 'Tom', '+447700900002'), pg_temp.an_event(who, 'Tom', now() - interval '2 days', 'sms', 'inbound', 'received') from unnest(array['cy', 'dan']) as who;
select is(pg_temp.relationships('ann', pg_temp.id('annMia')) #> '{known_by,0,mutual,count}', '0', 'What most members know ties nobody');
insert into public.privacy_rules (user_id, contact_id, visibility) values (pg_temp.id('dan'), pg_temp.id('danTom'), 'private');
select is(pg_temp.relationships('ann', pg_temp.id('annMia')) #>> '{known_by,0,mutual,contacts,0,owners}', '3', 'A private contact is not one of them');

-- Rules

insert into public.privacy_rules (user_id, contact_id, mask_number) values (pg_temp.id('bob'), pg_temp.id('bobMia'), true);
select is(pg_temp.knowing('ann', pg_temp.id('annMia')), 'ann', 'A contact with a masked number is not matched');
select is(pg_temp.knowing('ann', pg_temp.id('bobMia')), 'bob', 'Nor does the masked one lead to others');
select is(pg_temp.knowing('bob', pg_temp.id('bobMia')), 'bob ann', 'Its owner is not kept from what others show');
update public.privacy_rules set visibility = 'private' where contact_id = pg_temp.id('bobMia');
select throws_ok(pg_temp.asking('ann', format('select public.get_contact_relationships(%L)', pg_temp.id('bobMia'))), 'PT404', 'contact_not_found',
  'A private contact is not found');
select throws_ok(pg_temp.asking('eve', format('select public.get_contact_relationships(%L)', pg_temp.id('annMia'))), 'PT404', 'contact_not_found',
  'A stranger''s contact is not found');
select throws_ok(pg_temp.asking('ann', format($$select public.get_contact_relationships(%L, '2026-05-02', '2026-05-01')$$, pg_temp.id('annMia'))), 'PT400', 'range_invalid',
  'A period ends after it begins');
select throws_ok(pg_temp.asking('ann', 'select count(*) from private.shared_numbers(array[''+447700900001''])'), '42501', null,
  'Nobody looks numbers up by themselves');

select * from finish();
rollback;
