-- Predictions: shapes for nobody, one and two events, the arithmetic, refitting, and who may ask.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';

select plan(34);

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


create function pg_temp.predict(who text, arguments text) returns jsonb language sql as $$
  select pg_temp.ask(who, format('select public.predict_interactions(%s)', arguments))::jsonb
$$;

-- Arithmetic

select is(private.solve_linear('{{4,1},{1,3}}', '{1,2}'), array[1 / 11.0::double precision, 7 / 11.0::double precision], 'A linear system is solved');
select is(round(private.poisson_at_most(2, 3)::numeric, 6), 0.423190, 'The Poisson tail is that of tables');
select is(private.poisson_at_most(0, 1.0), exp(-1.0::double precision), 'No event at all has e to the minus mean');
select is(round(private.probability_of('{0,1,0,0}', private.prediction_terms(1 - 0.05, 1, 10, 1))::numeric, 6), 0.5, 'Recency is the logarithm of the days');
select is((private.prediction_terms(28, 0, 20, 7))[4], ln(2::double precision), 'A silence counts from two weeks on');
select is((private.prediction_terms(3, 0, 20, 7))[4], 0::double precision, 'A shorter silence does not');
select is(array(select horizon_days from private.prediction_coefficients order by 1), '{1,7,14,28}', 'Each horizon has coefficients');
select is(
  round(private.days_until(row(null, 0.1, 0.4, 0.5, 0.6)::private.interaction_forecast, 0.5)::numeric, 6), 14.000000,
  'The probability of a horizon is reached at the horizon');
select is(round(private.days_until(row(null, 1 - exp(-0.2), 0.9, 0.95, 0.99)::private.interaction_forecast, 1 - exp(-0.1))::numeric, 6), 0.500000,
  'Between horizons the hazard is even');
select is(private.days_until(row(null, 0.1, 0.2, 0.3, 0.4)::private.interaction_forecast, 0.5), null, 'What is not reached within 28 days has no date');

-- No event, one event, two events

select pg_temp.a_user('zoe'), pg_temp.a_user('uma'), pg_temp.a_user('eve');
select is(pg_temp.predict('zoe', '') - 'generated_at' - 'as_of',
  '{"total": 0, "overdue": [], "drifting": [], "has_more": false, "is_stale": true, "time_zone": "UTC", "data_until": null, "predictions": [], "horizon_days": 7, "total_is_estimate": false}',
  'Without events there is an empty answer');
select pg_temp.a_contact('uma', 'Bo'), pg_temp.an_event('uma', 'Bo', '2026-05-01 12:00Z', 'sms', 'inbound', 'received');
create temporary table one as select pg_temp.predict('uma', $$as_of => '2026-05-02 12:00Z'$$) as a;
select is(a #>> '{predictions,0,name}', 'Bo', 'One event is enough for a prediction') from one;
select is((a #>> '{predictions,0,elapsed_days}')::numeric, 1.00, 'It knows how long ago it was') from one;
select is(a #>> '{predictions,0,confidence,level}', 'low', 'And that it knows little') from one;
select is(a #> '{predictions,0,likely}', '{"hour": 12, "share": 0.1, "weekday": 5}'::jsonb || jsonb_build_object('share', (a #>> '{predictions,0,likely,share}')::numeric),
  'The hour is that of the event') from one;
select is(pg_temp.predict('uma', $$as_of => '2026-04-30 12:00Z'$$) -> 'total', '0', 'Before the event nothing is known');
select pg_temp.an_event('uma', 'Bo', '2026-05-02 11:00Z', 'sms', 'outbound', 'sent');
select is(pg_temp.predict('uma', $$as_of => '2026-05-02 12:00Z'$$) #>> '{predictions,0,confidence,active_days}', '2', 'Two events are two days');
select ok((pg_temp.predict('uma', $$as_of => '2026-05-02 12:00Z'$$) #>> '{predictions,0,probability}')::numeric > (a #>> '{predictions,0,probability}')::numeric,
  'The second makes the third likelier') from one;
select is(pg_temp.predict('uma', $$as_of => '2026-05-02 12:00Z', time_zone => 'Asia/Kathmandu'$$) #>> '{predictions,0,likely,weekday}', '5',
  'The hour of the week is local');
select is(pg_temp.predict('uma', $$as_of => '2026-05-02 12:00Z', standing => 'overdue'$$) -> 'total', '0', 'Two events make nobody overdue');

-- Whose data

select is(pg_temp.predict('eve', $$as_of => '2026-05-02 12:00Z'$$) -> 'total', '0', 'One person''s events are not in another''s predictions');
select throws_ok(pg_temp.asking('eve', format('select public.predict_interactions(contact_id => %L)', pg_temp.id('umaBo'))), 'PT404', 'contact_not_found',
  'A stranger''s contact is not found');
select throws_ok(pg_temp.asking('nobody', 'select public.predict_interactions()'), 'PT401', 'not_authenticated', 'Nobody is told to sign in');
select throws_ok(pg_temp.asking('uma', 'select public.predict_interactions(horizon => 3)'), 'PT400', 'validation_failed', 'There is no horizon of 3 days');
select throws_ok(pg_temp.asking('uma', 'select public.predict_interactions(horizon => null)'), 'PT400', 'validation_failed', 'Nor one of null');
select throws_ok(pg_temp.asking('uma', $$select public.predict_interactions(time_zone => 'Mars/Olympus')$$), 'PT400', 'validation_failed', 'A zone is one that exists');
select throws_ok(pg_temp.asking('uma', 'select count(*) from private.prediction_coefficients'), '42501', null, 'A user does not read the coefficients');
select throws_ok(pg_temp.asking('uma', 'select count(*) from private.fit_predictions()'), '42501', null, 'A user does not refit them');
select throws_ok(pg_temp.asking('uma', format('select count(*) from private.interaction_features(%L, now())', pg_temp.id('uma'))), '42501', null,
  'A user does not read features of anybody');

-- Refitting: a world in which a contact is in touch every day or never again.

select is_empty('select * from private.fit_predictions()', 'Two events do not move the coefficients');
select pg_temp.a_user('w' || n) from generate_series(1, 12) as n;
select pg_temp.a_contact('w' || n, 'c' || c) from generate_series(1, 12) as n cross join generate_series(1, 8) as c;
select pg_temp.an_event('w' || n, 'c' || c, timestamptz '2026-01-01 12:00Z' + make_interval(days => d, mins => n + c), 'sms', 'inbound', 'received')
  from generate_series(1, 12) as n cross join generate_series(1, 8) as c
  cross join lateral generate_series(0, 100 - case when c > 3 then c * 9 + n else 0 end) as d where c < 7 or d < 2;
create temporary table before as select * from private.prediction_coefficients;
create temporary table fitted as select * from private.fit_predictions('2026-05-01', 500);
select ok((select count(*) >= 2 from fitted), 'Enough of another rhythm moves them');
select ok((select bool_and(f.basis = 'fitted' and f.sample_size > 500 and f.log_loss < 0.3) from fitted as f), 'What is fitted says so, and fits');
select is_empty('select * from private.fit_predictions(timestamptz ''2026-05-01'', 1000000)', 'Too few examples change nothing');
select ok((select bool_and(f.recency is distinct from b.recency) from fitted as f join before as b using (horizon_days)), 'They are other coefficients than before');

select * from finish();
rollback;
