-- Data quality: a defect lowers its own component, the more the more of it there is, and no other.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(28);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;
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
create function pg_temp.asking(who text, arguments text) returns text language sql as $$
  select format('select pg_temp.ask(%L, %L)', who, format('select score_data_quality(%s)', arguments))
$$;
create function pg_temp.quality(who text) returns jsonb language sql as $$
  select pg_temp.ask(who, 'select score_data_quality(now() - interval ''20 days'')')::jsonb -> 'components'
$$;
create function pg_temp.scores(quality jsonb) returns text language sql as $$
  select string_agg(key || ' ' || coalesce(value ->> 'score', '-'), ', ' order by key) from jsonb_each(quality)
$$;
create function pg_temp.an_event(ts timestamptz, type text, number text, content text default null, sources text[] default '{device,carrier}')
returns uuid language sql as $$
  insert into public.events (user_id, ts, number, contact_id, type, direction, status, duration, content, source, sources, fingerprint)
  values (pg_temp.id('ann'), ts, number, pg_temp.id('contact'), type, 'inbound', case type when 'call' then 'answered' when 'sms' then 'received' end,
    case type when 'call' then 60 end, content, 'device', sources, gen_random_uuid()) returning id
$$;
insert into auth.users (id, email) select pg_temp.id(name), name || '@quality.test' from unnest(array['ann', 'zoe']) as name;
insert into public.contacts (user_id, id) values (pg_temp.id('ann'), pg_temp.id('contact'));
insert into public.sync_sources (user_id, id, kind, last_report_at) select pg_temp.id('ann'), pg_temp.id(kind), kind, now() from unnest(array['device', 'carrier']) as kind;
insert into public.coverage (user_id, sync_source_id, type, covered)
select pg_temp.id('ann'), pg_temp.id(kind), 'call', tstzmultirange(tstzrange(now() - interval '10 days', now() + interval '1 hour')) from unnest(array['device', 'carrier']) as kind;
create temporary table event as
select i, pg_temp.an_event(date_trunc('second', now()) - i * interval '5 hours', 'call', '+4477009' || 10000 + i) as id from generate_series(1, 20) as i;
create temporary table sound as select pg_temp.quality('ann') as q;

select is(pg_temp.scores(pg_temp.quality('zoe')), 'corroboration -, coverage -, duplicates -, freshness -, linkage -, numbers -, timestamps -',
  'Without data nothing is scored');
select is(pg_temp.ask('zoe', 'select score_data_quality()')::jsonb -> 'overall',
  '{"score": null, "formula": "mean of the components that could be checked", "components": []}', 'Nor overall');
select is(pg_temp.scores(q),
  'corroboration 1.0000, coverage 1.0000, duplicates 1.0000, freshness 1.0000, linkage 1.0000, numbers 1.0000, timestamps 1.0000', 'Sound data scores 1') from sound;
select is(q #>> '{linkage,checked}', '20', 'Every event is checked') from sound;

-- Which components have another score than before while a defect is in place: score and failing.
create function pg_temp.changed(defect text) returns text language plpgsql as $$
declare
  v_fields text;
begin
  begin
    execute defect;
    select string_agg(b.key || ' ' || (a.value ->> 'score') || ' ' || (a.value ->> 'failing'), ', ' order by b.key) into v_fields
      from jsonb_each((select q from sound)) as b join jsonb_each(pg_temp.quality('ann')) as a on a.key = b.key
     where a.value -> 'score' is distinct from b.value -> 'score';
    raise exception using errcode = 'UNDO0';
  exception when sqlstate 'UNDO0' then
    null;
  end;
  return v_fields;
end;
$$;
create function pg_temp.numbered(defect text, n integer) returns text language sql as $$ select replace(defect, '$n', n::text) $$;

select is(pg_temp.changed(pg_temp.numbered(defect, n)), worse, format('%s: %s', says, n))
  from (values
    ('Events that one of two sources did not report lower corroboration',
      $$update public.events set sources = '{device}' where id in (select id from event where i <= $n)$$, 1, 'corroboration 0.9500 1'),
    ('Events that one of two sources did not report lower corroboration',
      $$update public.events set sources = '{device}' where id in (select id from event where i <= $n)$$, 4, 'corroboration 0.8000 4'),
    ('Events in the future lower timestamps',
      $$update public.events set ts = ts + interval '30 days' where id in (select id from event where i <= $n)$$, 1, 'timestamps 0.9500 1'),
    ('Events in the future lower timestamps',
      $$update public.events set ts = ts + interval '30 days' where id in (select id from event where i <= $n)$$, 4, 'timestamps 0.8000 4'),
    ('Numbers without their country lower numbers',
      $$update public.events set number = '0' || substr(number, 4) where id in (select id from event where i <= $n)$$, 1, 'numbers 0.9500 1'),
    ('Numbers without their country lower numbers',
      $$update public.events set number = '0' || substr(number, 4) where id in (select id from event where i <= $n)$$, 4, 'numbers 0.8000 4'),
    ('Events without a contact lower linkage',
      $$update public.events set contact_id = null where id in (select id from event where i <= $n)$$, 1, 'linkage 0.9500 1'),
    ('Events without a contact lower linkage',
      $$update public.events set contact_id = null where id in (select id from event where i <= $n)$$, 4, 'linkage 0.8000 4'),
    ('Copies two seconds later lower duplicates',
      $$select pg_temp.an_event(ts + interval '2 seconds', 'call', number) from public.events where id in (select id from event where i <= $n)$$, 1, 'duplicates 0.9524 1'),
    ('Copies two seconds later lower duplicates',
      $$select pg_temp.an_event(ts + interval '2 seconds', 'call', number) from public.events where id in (select id from event where i <= $n)$$, 4, 'duplicates 0.8333 4'),
    ('Copies an hour later lower timestamps, as a clock change makes them',
      $$select pg_temp.an_event(ts + interval '1 hour', 'call', number) from public.events where id in (select id from event where i <= $n)$$, 1, 'timestamps 0.9524 1'),
    ('Copies an hour later lower timestamps, as a clock change makes them',
      $$select pg_temp.an_event(ts + interval '1 hour', 'call', number) from public.events where id in (select id from event where i <= $n)$$, 4, 'timestamps 0.8333 4'),
    ('Sources that are late lower freshness',
      $$update public.sync_sources set last_report_at = now() - interval '200 days' where kind = any ((array['device', 'carrier'])[:$n])$$, 1, 'freshness 0.5000 1'),
    ('Sources that are late lower freshness',
      $$update public.sync_sources set last_report_at = now() - interval '200 days' where kind = any ((array['device', 'carrier'])[:$n])$$, 2, 'freshness 0.0000 2')
  ) as d (says, defect, n, worse);
select is(pg_temp.changed($$update public.coverage set covered = covered - tstzmultirange(tstzrange(now() - interval '9 days', now() - interval '8 days'))$$),
  'coverage 0.9000 24.00', 'A day that no source claims lowers coverage');
select is(pg_temp.changed($$update public.coverage set covered = covered - tstzmultirange(tstzrange(now() - interval '9 days', now() - interval '7 days'))$$),
  'coverage 0.8000 48.00', 'Two days lower it twice as much');
select is(pg_temp.changed($$update public.events set number = '88822' where user_id = pg_temp.id('ann')$$), null, 'A short code is as it should be');
select is(pg_temp.changed($$update public.events set number = 'MyBank' where user_id = pg_temp.id('ann')$$), null, 'So is a sender''s name');
select is(pg_temp.changed($$update public.events set number = null, contact_id = null where id in (select id from event where i <= 3)$$), null,
  'A number that was withheld is not checked');
update public.events set contact_id = null where id = (select id from event where i = 1);
select is(pg_temp.quality('ann') #> '{linkage,sample_ids}', (select to_jsonb(array[id]) from event where i = 1), 'Those that fail are named');
select is(pg_temp.scores(pg_temp.quality('zoe')), 'corroboration -, coverage -, duplicates -, freshness -, linkage -, numbers -, timestamps -',
  'One person''s data is not in another''s score');
select is((pg_temp.ask('ann', 'select score_data_quality(now() - interval ''20 days'')')::jsonb #>> '{overall,score}')::numeric,
  round((6 + 0.95) / 7, 4), 'The overall score is the mean');
select throws_ok(pg_temp.asking('nobody', ''), 'PT401', 'not_authenticated', 'Nobody has no data');
select throws_ok(pg_temp.asking('ann', $$'2026-05-01', '2026-05-01'$$), 'PT400', 'range_invalid', 'A period is longer than nothing');

select * from finish();
rollback;
