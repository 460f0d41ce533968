-- Token buckets, and the limits that organisations set.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
select plan(26);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
create function pg_temp.a_bucket(name text, max_tokens integer default 10, seconds integer default 3600) returns jsonb language sql as $$
  select jsonb_build_object('name', a_bucket.name, 'bucket', a_bucket.name || ':1', 'limit', a_bucket.max_tokens, 'window', a_bucket.seconds)
$$;
create function pg_temp.charge(cost integer, variadic buckets jsonb[]) returns text language sql as $$
  select string_agg(concat_ws(' ', v ->> 'name', v ->> 'allowed', v ->> 'remaining'), ', ' order by n)
    from jsonb_array_elements(private.charge_buckets(to_jsonb(charge.buckets), charge.cost)) with ordinality as t (v, n)
$$;

select is(private.charge_buckets('[]', 1), '[]', 'Without buckets there is no verdict');
select is(pg_temp.charge(1, pg_temp.a_bucket('a')), 'a true 9', 'A bucket is full at first');
select is(pg_temp.charge(3, pg_temp.a_bucket('a')), 'a true 6', 'A request takes what it costs');
select is(pg_temp.charge(0, pg_temp.a_bucket('a')), 'a true 6', 'Or nothing');
select is(pg_temp.charge(7, pg_temp.a_bucket('a'), pg_temp.a_bucket('b')), 'a false 6, b true 10',
  'When one bucket has too few, none is charged');
select is_empty($$select from private.rate_limits where bucket = 'b:1'$$, 'And nothing is written');
select is(pg_temp.charge(6, pg_temp.a_bucket('b'), pg_temp.a_bucket('a')), 'b true 4, a true 0', 'Verdicts come in the order asked');
select is(pg_temp.charge(1, pg_temp.a_bucket('a')), 'a false 0', 'An empty bucket allows nothing');
select is(pg_temp.charge(50, pg_temp.a_bucket('c')), 'c true 0', 'What costs more than the limit takes the whole bucket');
select is(v - 'reset' - 'retry_after', '{"name": "a", "allowed": false, "limit": 10, "window": 3600, "remaining": 0}',
    'A verdict says whose limit it is and what is left')
  from (select private.charge_buckets(jsonb_build_array(pg_temp.a_bucket('a')), 2) -> 0 as v) as t;
select ok((v -> 'retry_after')::integer between 715 and 720 and (v -> 'reset')::integer between 3595 and 3600,
    'And when there are enough again, and when all are')
  from (select private.charge_buckets(jsonb_build_array(pg_temp.a_bucket('a')), 2) -> 0 as v) as t;

update private.rate_limits set charged_at = charged_at - interval '720 seconds' where bucket = 'a:1';
select is(pg_temp.charge(1, pg_temp.a_bucket('a')), 'a true 1', 'Tokens come back with time');
update private.rate_limits set charged_at = charged_at - interval '1 day' where bucket = 'a:1';
select is(pg_temp.charge(1, pg_temp.a_bucket('a')), 'a true 9', 'Not more than the limit');
update private.rate_limits set charged_at = charged_at + interval '1 day' where bucket = 'a:1';
select is(pg_temp.charge(1, pg_temp.a_bucket('a')), 'a true 8', 'A clock that went back takes none away');
select is(pg_temp.charge(1, pg_temp.a_bucket('a', 5)), 'a true 4', 'A lower limit holds at once');
select is(pg_temp.charge(1, pg_temp.a_bucket('a', 100)), 'a true 3', 'A higher one gives no tokens, but brings them back faster');

select is((private.job_expire_rate_limits(now() + interval '1 minute')) ->> 'deleted', '0', 'The job keeps what is not full');
update private.rate_limits set full_at = now() - interval '1 second' where bucket in ('a:1', 'b:1');
select is(private.job_expire_rate_limits(now() + interval '1 minute'), '{"deleted": 2, "more": false}', 'And forgets what is');

-- The limits of a person

insert into auth.users (id, email) select pg_temp.id(name), name || '@limits.test' from unnest('{ann,ben,eve}'::text[]) as name;
insert into public.organizations (id, name) select pg_temp.id(name), name from unnest('{Acme,Bolt}'::text[]) as name;
insert into public.org_members (organization_id, user_id, role)
values (pg_temp.id('Acme'), pg_temp.id('ann'), 'admin'), (pg_temp.id('Acme'), pg_temp.id('ben'), 'member'), (pg_temp.id('Bolt'), pg_temp.id('ben'), 'owner');
create function pg_temp.limits(who text) returns text language sql as $$
  select string_agg(concat(key, ' ', value ->> 'limit', '/', value ->> 'window'), ', ' order by key)
    from jsonb_each(private.rate_limits_of(pg_temp.id(limits.who), '{"user": {"limit": 100, "window": 60}, "key": {"limit": 50, "window": 60}}'))
$$;
select is(pg_temp.limits('ben'), 'key 50/60, user 100/60', 'Who says nothing has the defaults');
insert into public.rate_limit_settings (organization_id, user_limit) values (pg_temp.id('Acme'), 10);
select is(pg_temp.limits('ann'), 'key 50/60, user 10/60', 'An organisation sets one limit and leaves the other');
insert into public.rate_limit_settings (organization_id, user_limit, key_limit, window_seconds) values (pg_temp.id('Bolt'), 20, 5, 1);
select is(pg_temp.limits('ben'), 'key 5/1, user 20/1', 'Of two organisations the more generous counts, by the second');
select is(pg_temp.limits('eve'), 'key 50/60, user 100/60', 'Others are not concerned');
select is(pg_temp.limits(null), 'key 50/60, user 100/60', 'Nor is nobody');

create function pg_temp.asking(who text, query text) returns text language sql as $$
  select format('select pg_temp.ask(%L, %L)', asking.who, asking.query)
$$;
create function pg_temp.ask(who text, query text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform set_config('request.jwt.claims', jsonb_build_object('sub', pg_temp.id(ask.who), 'role', 'authenticated')::text, true);
  perform set_config('role', 'authenticated', true);
  execute ask.query into v_answer;
  perform set_config('role', 'none', true);
  return v_answer;
end;
$$;
select is(pg_temp.ask('ann', 'select count(*) from public.rate_limit_settings'), '1', 'A member reads the limits of his organisation only');
select throws_ok(pg_temp.asking('ann', 'insert into public.rate_limit_settings (organization_id) values (gen_random_uuid()) returning 1'), '42501', null,
  'Nobody writes them but through set_rate_limits');
select throws_ok(pg_temp.asking('ann', $$select admit_request('{}', 1)$$), '42501', null,
  'Nobody charges another''s bucket: admit_request is the functions'' own');

select * from finish();
rollback;
