-- API keys: what is kept, what is compared, what a key's token may do.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
select plan(42);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
create function pg_temp.hash(secret text) returns text language sql immutable as $$ select encode(sha256(secret::bytea), 'hex') $$;
insert into auth.users (id, email) select pg_temp.id(name), name || '@keys.test' from unnest('{ann,ben}'::text[]) as name;

-- What a query of one value answers to a person, or to a key of his with these scopes.
create function pg_temp.ask(who text, scopes text[], query text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform set_config('request.jwt.claims', (jsonb_build_object('sub', pg_temp.id(ask.who))
    || case when ask.scopes is null then '{}' else jsonb_build_object('key_id', pg_temp.id('key'), 'key_scopes', ask.scopes) end)::text, true);
  perform set_config('phonelog.admitted_key', '', true);
  perform set_config('role', 'authenticated', true);
  execute ask.query into v_answer;
  perform set_config('role', 'none', true);
  return v_answer;
end;
$$;
create function pg_temp.asking(who text, scopes text[], query text) returns text language sql as $$
  select format('select pg_temp.ask(%L, %L, %L)', asking.who, asking.scopes, asking.query)
$$;

-- Making keys

create temporary table made as
select pg_temp.ask('ann', null, format('select create_api_key(%L, %L, %L, null, %L)', ' One ', pg_temp.hash('one'), '{events:read}', '{10.0.0.0/8}'))::jsonb as key;
select is(key - 'id' - 'created_at', '{"name": "One", "scopes": ["events:read"], "networks": ["10.0.0.0/8"], "state": "active", "expires_at": null,
  "rotated_at": null, "previous_until": null, "last_used_at": null, "last_used_address": null, "revoked_at": null}',
  'A key is described without its hash') from made;
select is(pg_temp.ask('ben', null, 'select get_api_keys()'), '[]', 'Nobody sees another''s keys');
select throws_ok(pg_temp.asking('ann', null, query), 'PT400', 'validation_failed', says)
  from (values
    ($$select create_api_key('x', 'no hash', '{events:read}')$$, 'A hash has 64 digits'),
    ($$select create_api_key('x', null, '{events:read}')$$, 'Null is no hash'),
    (format('select create_api_key(%L, %L, %L)', ' ', pg_temp.hash('x'), '{events:read}'), 'A name is needed'),
    (format('select create_api_key(%L, %L, %L)', 'x', pg_temp.hash('x'), '{}'), 'So is a scope'),
    (format('select create_api_key(%L, %L, %L)', 'x', pg_temp.hash('x'), '{events:read,all}'), 'That is known'),
    (format('select create_api_key(%L, %L, %L)', 'x', pg_temp.hash('x'), '{NULL}'), 'And not null'),
    (format('select create_api_key(%L, %L, %L, now())', 'x', pg_temp.hash('x'), '{events:read}'), 'An expiry lies ahead'),
    (format('select create_api_key(%L, %L, %L, null, %L)', 'x', pg_temp.hash('x'), '{events:read}', '{10.0.0.1/8}'), 'A network is one')) as t (query, says);
select throws_ok(pg_temp.asking('who is gone', null, format('select create_api_key(%L, %L, %L)', 'x', pg_temp.hash('x'), '{events:read}')),
  'PT401', 'not_authenticated', 'A token of a deleted account makes none');
select throws_ok(pg_temp.asking('ann', scopes, query), 'PT403', 'scope_insufficient', 'No key, whatever its scopes: ' || query)
  from (values (private.api_key_scopes())) as s (scopes), (values
    ('select get_api_keys()'),
    (format('select create_api_key(%L, %L, %L)', 'x', pg_temp.hash('x'), '{events:read}')),
    (format('select rotate_api_key(gen_random_uuid(), %L)', pg_temp.hash('x'))),
    ('select revoke_api_key(gen_random_uuid())'),
    ('select set_rate_limits(gen_random_uuid(), 1)'),
    ('select create_organization(''Mine'')')) as t (query);

-- Verifying

create function pg_temp.verify(secret text, address inet default '10.1.2.3') returns text language sql as $$
  select private.verify_api_key((select (key ->> 'id')::uuid from made), pg_temp.hash(verify.secret), verify.address) ->> 'state'
$$;
select is(pg_temp.verify('one'), 'valid', 'The secret, from an allowed network');
select is(pg_temp.verify('two'), 'invalid', 'Another secret');
select is(pg_temp.verify('one', '11.1.2.3'), 'invalid', 'Another network');
select is(pg_temp.verify('one', null), 'invalid', 'No address');
select is(private.verify_api_key(gen_random_uuid(), pg_temp.hash('one'), '10.1.2.3'), '{"state": "invalid"}', 'Another key');
select is(private.verify_api_key((select (key ->> 'id')::uuid from made), hash, '10.1.2.3'), '{"state": "invalid"}', 'What is no hash: ' || coalesce(hash, 'null'))
  from unnest(array[null, '', 'x', upper(pg_temp.hash('one'))]) as hash;
select pg_temp.ask('ann', null, format('select rotate_api_key(%L, %L, 60)', key ->> 'id', pg_temp.hash('two'))) from made;
select is(pg_temp.verify('one') || ' ' || pg_temp.verify('two'), 'valid valid', 'After a rotation both secrets are good');
update private.api_keys set previous_until = now();
select is(pg_temp.verify('one') || ' ' || pg_temp.verify('two'), 'invalid valid', 'Until the overlap ends');
update private.api_keys set expires_at = now();
select is(pg_temp.verify('two') || ' ' || pg_temp.verify('one'), 'expired invalid', 'An expiry is told to who has the secret');
select is(pg_temp.verify('two', '11.1.2.3'), 'invalid', 'And is where he may be');
update private.api_keys set expires_at = null, revoked_at = now();
select is(pg_temp.verify('two'), 'invalid', 'A revoked key is not told from a wrong one');
update private.api_keys set revoked_at = now() - interval '91 days';
select private.job_expire_rows(clock_timestamp() + interval '1 minute');
select is((select count(*) from private.api_keys), 0::bigint, 'The job forgets keys that were revoked long ago');

-- A key's token

insert into public.contacts (user_id, name) values (pg_temp.id('ann'), 'Zoe');
select is(pg_temp.ask('ann', scopes::text[], 'select count(*) from public.contacts'), n, says)
  from (values
    (null, '1', 'A person reads his table'),
    ('{contacts:read}', '1', 'So does a key with its scope'),
    ('{contacts:write}', '0', 'Another scope opens nothing'),
    ('{}', '0', 'Nor does none')) as t (scopes, n, says);
select is(pg_temp.ask('ann', '{contacts:read}', 'select (get_contacts() -> ''contacts'' -> 0 ->> ''name'')'), 'Zoe',
  'A function that admits the key reads what it needs');
select is(pg_temp.ask('ann', '{events:read}', 'select get_profile() ->> ''user_id'''), pg_temp.id('ann')::text,
  'Also from a table that keys may not read by themselves');
select is(pg_temp.ask('ann', '{events:read}', 'select count(*) from public.profiles'), '0', 'Which stays closed to them otherwise');
select throws_ok(pg_temp.asking('ann', '{contacts:write}', 'select get_contacts()'), 'PT403', 'scope_insufficient', 'Others refuse it');
select is(pg_temp.ask('ann', '{contacts:read,contacts:write}', 'with u as (update public.contacts set notes = ''x'' returning 1) select count(*) from u'), '1',
  'Writing needs its own scope');
select is(pg_temp.ask('ann', '{contacts:read}', 'with u as (update public.contacts set notes = ''y'' returning 1) select count(*) from u'), '0',
  'Which reading does not give');

select * from finish();
rollback;
