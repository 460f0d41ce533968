-- Exports: pages of every table, whose they are, what stays in, and who works on one.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(59);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;
insert into auth.users (id, email) select pg_temp.id(name), name || '@exports.test' from unnest('{ann,ben,cleo}'::text[]) as name;

-- What a query of one value answers to this user; "nobody" has a token without a subject, "key" is an API key of ann's,
-- "service" has the secret key.
create function pg_temp.ask(who text, query text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform set_config('request.jwt.claims', case ask.who
    when 'nobody' then '{}'
    when 'service' then '{"role": "service_role"}'
    when 'key' then jsonb_build_object('sub', pg_temp.id('ann'), 'key_id', 'k1', 'key_scopes', '["events:read", "admin:read"]'::jsonb)::text
    else jsonb_build_object('sub', pg_temp.id(ask.who))::text end, true);
  perform set_config('role', case ask.who when 'service' then 'service_role' when 'anon' then 'anon' else 'authenticated' end, true);
  execute ask.query into v_answer;
  perform set_config('role', 'none', true);
  return v_answer;
end;
$$;
create function pg_temp.asking(who text, query text) returns text language sql as $$
  select format('select pg_temp.ask(%L, %L)', asking.who, asking.query)
$$;

select pg_temp.ask(who, format($$select ingest_events((select jsonb_agg(jsonb_build_object('ts', timestamptz '2026-05-01 09:00Z' + n * interval '1 minute',
    'number', '+4477009%s' || to_char(n %% 5, 'FM00'), 'type', 'sms', 'direction', 'inbound', 'content', 'Text ' || n))
  from generate_series(1, 12) as n), 'device', coverage => '{"from": "2026-05-01T00:00Z", "to": "2026-05-02T00:00Z"}')$$, code))
  from (values ('ann', '001'), ('ben', '002')) as t (who, code);
insert into public.privacy_rules (user_id, contact_id) select user_id, id from public.contacts;

-- Pages

create function pg_temp.all_pages(who text, table_name text, max_rows integer) returns jsonb language plpgsql as $$
declare
  v_page jsonb;
  v_rows jsonb := '[]';
begin
  loop
    v_page := pg_temp.ask(all_pages.who, format('select export_user_data_page(%L, %L, null, %s)',
      all_pages.table_name, v_page -> 'next', all_pages.max_rows))::jsonb;
    v_rows := v_rows || (v_page -> 'rows');
    exit when v_page -> 'next' = 'null';
    if jsonb_array_length(v_page -> 'rows') = 0 then
      raise exception 'A page with a next has no rows';
    end if;
  end loop;
  return v_rows;
end;
$$;
select is((select jsonb_agg(r ->> 'content' order by r ->> 'id') from jsonb_array_elements(pg_temp.all_pages('ann', 'events', max_rows)) as r),
    (select jsonb_agg(content order by id) from public.events where user_id = pg_temp.id('ann')),
    format('Pages of %s have every event once, and nobody else''s', max_rows))
  from unnest('{1,5,12,13,5000}'::integer[]) as max_rows;
select is(jsonb_array_length(pg_temp.all_pages('ann', t.name, 1)), jsonb_array_length(pg_temp.all_pages('ann', t.name, 5000)),
    'Row by row as at once: ' || t.name)
  from (select c.relname as name from private.user_tables as u join pg_class as c on c.oid = u.table_name
         where u.left_out is null and c.relname in ('profiles', 'contacts', 'contact_numbers', 'privacy_rules', 'coverage', 'sync_sources')
         order by 1) as t;
select is(pg_temp.ask('ann', $$select export_user_data_page('coverage') -> 'rows' -> 0 ->> 'covered'$$),
  '[{"from" : "2026-05-01T00:00:00+00:00", "to" : "2026-05-02T00:00:00+00:00"}]', 'Intervals are lists of ISO 8601 times in UTC');
select matches(pg_temp.ask('ann', $$set local time zone 'Asia/Kathmandu'; select export_user_data_page('events', max_rows => 1) -> 'rows' -> 0 ->> 'ts'$$),
  '^2026-05-01T09:\d\d:00\+00:00$', 'Times are in UTC whatever the session''s zone');
select is(pg_temp.ask('ann', $$select json_array_length(export_user_data_page('events', snapshot_at => now() - interval '1 day') -> 'rows')$$), '0',
  'Rows created after the snapshot are left out');
update public.events set content = repeat('x', 100000) where user_id = pg_temp.id('ben');
update public.events set metadata = jsonb_build_object('a', repeat('ü', 100000)) where user_id = pg_temp.id('ben');
insert into public.events (user_id, ts, type, direction, source, sources, fingerprint, content)
  select pg_temp.id('ben'), now(), 'sms', 'inbound', 'device', '{device}', gen_random_uuid(), repeat('y', 100000) from generate_series(1, 60);
select ok(json_array_length(page -> 'rows') < 72 and octet_length(page::text) < 3200000 and json_typeof(page -> 'next') = 'array',
    'A page ends at 3 MB, however few rows that is')
  from (select pg_temp.ask('ben', $$select export_user_data_page('events')$$)::json as page) as big;
select is(jsonb_array_length(pg_temp.all_pages('ben', 'events', 20)), 72, 'and none is lost for it');

select throws_ok(pg_temp.asking('ann', $$select export_user_data_page('events', '["x"]')$$), '22P02', null, 'A next that is none is refused');
select throws_ok(pg_temp.asking('ann', $$select export_user_data_page('events', '[1, 2]')$$), 'PT400', 'validation_failed', 'A next of another key too');
select throws_ok(pg_temp.asking('ann', format('select export_user_data_page(%L)', name)), 'PT400', 'validation_failed', 'No page of ' || name)
  from unnest('{activity,export_parts,user_tables,users,auth.users,"events; drop table public.events","public.events"}'::text[]) as name;

-- The registry

select is_empty($$select t.name from private.export_tables() as t group by t.name having count(*) > 1$$, 'No two tables have files of one name');
select is_empty($$select t.name || '.' || c.name from private.export_tables() as t cross join private.export_columns(t.table_name) as c
     where t.left_out is null and c.reason is null and c.name::text ~ '(secret|hash|digest|token|password|salt)'$$, 'No column of a secret is in an export');
create table private.bad (user_id uuid primary key, key_hash text, vault bytea, kept text);
insert into private.user_tables (table_name, holds) values ('private.bad', 'Secrets');
select is((select array_agg(c.name) from private.export_columns('private.bad') as c where c.reason is null), '{kept}'::name[],
  'What looks like a secret stays in though nobody said so');
select ok(pg_temp.ask('ann', 'select request_export()') is not null, 'A new table does not stop an export');
select ok((select tables from public.data_exports) @> '[{"name": "bad", "rows": 0}, {"name": "events", "rows": 12}, {"name": "profiles", "rows": 1}]',
  'and is in it, with the rows as counted');
select is((select tables -> 0 ->> 'name' from public.data_exports), 'profiles', 'What others refer to comes first');

-- Who

select throws_ok(pg_temp.asking('nobody', query), 'PT401', 'not_authenticated', 'Nobody may call ' || query)
  from unnest(array['select export_user_data_page(''events'')', 'select request_export()', 'select get_exports()']) as query;
select throws_ok(pg_temp.asking('key', query), 'PT403', 'scope_insufficient', 'An API key may not call ' || query)
  from unnest(array['select export_user_data_page(''events'')', 'select request_export()', 'select get_exports()',
    format('select delete_export(%L)', (select id from public.data_exports)), format('select open_export_download(%L)', (select id from public.data_exports))]) as query;
select throws_ok(pg_temp.asking('ann', query), '42501', null, 'A signed-in user can not call ' || query)
  from unnest(array['select claim_export()', 'select read_export(gen_random_uuid(), 0)', 'select export_contents(gen_random_uuid())',
    'select lease from public.data_exports', 'select finish_export(gen_random_uuid(), gen_random_uuid(), '''', '''')']) as query;
select is(pg_temp.ask('ben', 'select get_exports() -> ''exports'''), '[]', 'Nobody sees another''s exports');
select is(jsonb_array_length(pg_temp.ask('ann', 'select get_exports() -> ''exports''')::jsonb), 1, 'The owner sees his own');
select is(pg_temp.ask('service', format($$select json_array_length(export_user_data_page('events', export_id => %L) -> 'rows')$$, (select id from public.data_exports))),
  '12', 'The service role reads for the owner of an export');
select throws_ok(pg_temp.asking('service', $$select export_user_data_page('events')$$), 'PT404', 'export_not_found', 'and for nobody without one');

-- The making

create temporary table claim as select pg_temp.ask('service', 'select claim_export()')::jsonb as claim;
select is(claim ->> 'next_part', '1', 'The service role takes the export that waits') from claim;
select is(pg_temp.ask('service', 'select claim_export()'), null, 'Nobody takes it a second time');
create function pg_temp.part(number integer, lease text) returns text language sql as $$
  select pg_temp.asking('service', format('select add_export_part(%L, %L, %s, ''eHl6'', ''[]'', ''{"table_index": 1, "page": 0, "after": null, "rows": 2}'')',
    claim ->> 'id', coalesce(part.lease, claim ->> 'lease'), part.number)) from claim
$$;
select lives_ok(pg_temp.part(1, null), 'A part is kept');
select throws_ok(pg_temp.part(1, null), 'PT409', 'export_lease_lost', 'not twice');
select throws_ok(pg_temp.part(2, gen_random_uuid()::text), 'PT409', 'export_lease_lost', 'nor from somebody else');
select results_eq('select table_index, next_part, rows_done from public.data_exports', 'values (1, 2, 2::bigint)', 'It moves on with its part');
update public.data_exports set lease_until = now() - interval '1 second';
select is(pg_temp.ask('service', 'select claim_export()')::jsonb ->> 'next_part', '2', 'After a kill it goes on behind the last part');
select throws_ok(pg_temp.part(2, null), 'PT409', 'export_lease_lost', 'and whoever comes back late is told');
do $$
begin
  for n in 1..5 loop
    update public.data_exports set lease_until = now() - interval '1 second';
    perform pg_temp.ask('service', 'select claim_export()');
  end loop;
end;
$$;
select results_eq('select state, (select count(*) from private.export_parts) from public.data_exports', $$values ('failed', 0::bigint)$$,
  'One that was taken up five times without a part has failed, and its parts are gone');

-- The end

update public.data_exports set state = 'deleted', requested_at = now() - interval '91 days';
select is(private.job_expire_exports(now() + interval '1 minute'), '{"more": false, "expired": 0, "removed": 1}', 'Rows of gone archives go after 90 days');
select is(private.job_expire_exports(now() + interval '1 minute'), '{"more": false, "expired": 0, "removed": 0}', 'The job is safe to run twice');

select * from finish();
rollback;
