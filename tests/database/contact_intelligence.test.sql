-- Contact intelligence: nobody, one and two events, the trend, open and returned calls, and who may read.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';

select plan(36);

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


create function pg_temp.intelligence(who text, contact uuid, arguments text default '') returns jsonb language sql as $$
  select pg_temp.ask(who, format('select public.get_contact_intelligence(%L%s)', contact, coalesce(', ' || nullif(arguments, ''), '')))::jsonb
$$;
create function pg_temp.may(contact uuid) returns text language sql as $$
  select format($q$select public.get_contact_intelligence(%L, '2026-05-01', '2026-06-01', 'UTC')$q$, contact)
$$;

-- Trend

select is(private.log_linear_trend('{}') ->> 'verdict', 'unknown', 'No weeks have no trend');
select is(private.log_linear_trend('{5,5,5,5,5}') ->> 'verdict', 'unknown', 'Five weeks are too few');
select is(private.log_linear_trend('{0,0,1,0,2,0,1,0}') ->> 'verdict', 'unknown', 'Four sessions are too few');
select is(private.log_linear_trend(array_fill(7, array[12])), '{"weeks": 12, "verdict": "steady", "sessions": 84, "change_pct_4_weeks": 0.0, "interval_95": [-23.6, 30.9]}'
  || jsonb_build_object('interval_95', private.log_linear_trend(array_fill(7, array[12])) -> 'interval_95'), 'The same each week is steady');
select is(private.log_linear_trend('{1,2,4,8,16,32,64}') -> 'change_pct_4_weeks', '1500.0', 'Doubling each week is 16 times in four');
select is(private.log_linear_trend('{1,2,4,8,16,32,64}') ->> 'verdict', 'rising', 'And rises');
select is(private.log_linear_trend('{64,32,16,8,4,2,1}') ->> 'verdict', 'falling', 'Halving falls');
select is(private.log_linear_trend('{40,0,0,0,0,0,0,0,0,0,41}') ->> 'verdict', 'unknown', 'Two bursts tell nothing, however large');
select is(private.log_linear_trend('{0,0,0,0,0,0,0,0,0,60}') ->> 'weeks', '10', 'All at the end is answered, too');

-- No event, one event, two events

select pg_temp.a_user('ann'), pg_temp.a_user('bob'), pg_temp.a_user('vic'), pg_temp.a_user('eve');
insert into public.organizations (id, name) values (pg_temp.id('team'), 'Team');
insert into public.org_members (organization_id, user_id, role)
values (pg_temp.id('team'), pg_temp.id('ann'), 'owner'), (pg_temp.id('team'), pg_temp.id('bob'), 'member'), (pg_temp.id('team'), pg_temp.id('vic'), 'viewer');
select pg_temp.a_contact('ann', 'Bo', '+447700900001');
create temporary table answer as select pg_temp.intelligence('ann', pg_temp.id('annBo')) as a;
select is(a #>> '{totals,events}', '0', 'A contact without events has none') from answer;
select is(a -> 'frequency',
  '{"per_day": 0, "per_week": 0, "sessions": 0, "per_month": 0, "active_days": 0, "active_weeks": 0, "gap_mad_days": null, "active_months": 0, "median_gap_days": null, "events_per_session": null}',
  'No mean or gap is made up') from answer;
select is(jsonb_array_length(a -> 'hour_profile') || ' × ' || jsonb_array_length(a #> '{hour_profile,6}'), '7 × 24', 'The profile has all its hours') from answer;
select is(array[a ->> 'strength', a ->> 'prediction', a #>> '{trend,verdict}'], array[null, null, 'unknown'], 'Strength, prediction and trend are not known') from answer;
select is(a #> '{response_time,owner,to_calls}', '{"count": 0, "median_seconds": null}', 'Nor are response times') from answer;

select pg_temp.an_event('ann', 'Bo', '2026-05-04 23:30Z', 'call', 'inbound', 'missed', 0);
create temporary table one as select pg_temp.intelligence('ann', pg_temp.id('annBo'), $$'2026-05-01', '2026-06-01', 'Europe/Berlin'$$) as a;
select is(a #>> '{hour_profile,1,1}', '1', 'Half past eleven on a Monday in UTC is a Tuesday in Berlin') from one;
select is(a #> '{unanswered,by_owner}', '{"open": 0, "calls": 1, "returned": 0, "never_returned": 1, "last_unreturned_at": "2026-05-04T23:30:00+00:00"}',
  'A missed call that nobody returned is one') from one;
select is(a #>> '{strength,verdict}', 'unknown', 'One event is no tie') from one;
select is(a #>> '{strength,score}', null, 'And has no score') from one;
select isnt(a #>> '{prediction,probability}', null, 'But something to expect') from one;
select pg_temp.an_event('ann', 'Bo', '2026-05-11 23:29Z', 'sms', 'outbound', 'sent');
select is(pg_temp.intelligence('ann', pg_temp.id('annBo'), $$'2026-05-01', '2026-06-01', 'UTC'$$) #>> '{unanswered,by_owner,returned}', '1',
  'A message within 7 days returns a missed call');
select is(pg_temp.intelligence('ann', pg_temp.id('annBo'), $$'2026-05-01', '2026-05-05', 'UTC'$$) #>> '{unanswered,by_owner,returned}', '1',
  'Also after the end of the window');
select is(pg_temp.intelligence('ann', pg_temp.id('annBo'), $$'2026-05-01', '2026-06-01', 'UTC'$$) #>> '{frequency,median_gap_days}', '7', 'The gap is in local days');
select is(pg_temp.intelligence('ann', pg_temp.id('annBo'), $$'2026-05-01', '2026-06-01', 'UTC'$$) #>> '{response_time,owner,count}', '0',
  'A message a week later is no response');
select pg_temp.a_contact('ann', 'Now'), pg_temp.an_event('ann', 'Now', now() - interval '2 days', 'call', 'inbound', 'missed', 0),
  pg_temp.an_event('ann', 'Now', now() - interval '10 days', 'call', 'outbound', null, 0);
select is(pg_temp.intelligence('ann', pg_temp.id('annNow')) #>> '{unanswered,by_owner,open}', '1', 'A call missed two days ago is open');
select is(pg_temp.intelligence('ann', pg_temp.id('annNow')) #>> '{unanswered,by_contact,returned}', '0', 'A call of theirs after 7 days does not return one');
select pg_temp.a_contact('ann', 'Way');
select pg_temp.an_event('ann', 'Way', timestamptz '2026-05-01' + make_interval(days => d), 'sms', 'inbound', 'received') from generate_series(0, 20) as d;
select is(pg_temp.intelligence('ann', pg_temp.id('annWay'), $$'2026-05-01', '2026-06-01', 'UTC'$$) -> 'strength' -> 'verdict', '"unknown"',
  'A tie of one direction is unknown, however many events it has');
select is(pg_temp.intelligence('ann', pg_temp.id('annWay'), $$'2026-05-01', '2026-06-01', 'UTC'$$) #>> '{strength,is_one_way}', 'true', 'And says that it is one-way');
select pg_temp.an_event('ann', 'Way', '2026-05-10 12:00Z', 'sms', 'outbound', 'sent');
select is(pg_temp.intelligence('ann', pg_temp.id('annWay'), $$'2026-05-01', '2026-05-22', 'UTC'$$) #>> '{strength,verdict}', 'strong', 'Daily contact is strong');
select is(pg_temp.intelligence('ann', pg_temp.id('annWay'), $$'2026-05-01', '2026-06-10', 'UTC'$$) #>> '{strength,verdict}', 'fading', 'After over eight usual gaps of silence it fades');

-- Who may read

select is(pg_temp.ask('bob', pg_temp.may(pg_temp.id('annBo')))::jsonb #>> '{totals,events}', '2', 'A member reads a teammate''s contact');
insert into public.privacy_rules (user_id, contact_id, mask_number) values (pg_temp.id('ann'), pg_temp.id('annBo'), true);
select is(pg_temp.ask('bob', pg_temp.may(pg_temp.id('annBo')))::jsonb #> '{contact,numbers}', '[]', 'Its number is masked as the rule says');
select is(pg_temp.ask('ann', pg_temp.may(pg_temp.id('annBo')))::jsonb #> '{contact,numbers}', '["+447700900001"]', 'Not for its owner');
update public.privacy_rules set visibility = 'private';
select throws_ok(pg_temp.asking('bob', pg_temp.may(pg_temp.id('annBo'))), 'PT404', 'contact_not_found', 'A private contact is not found by a teammate');
select throws_ok(pg_temp.asking('vic', pg_temp.may(pg_temp.id('annWay'))), 'PT404', 'contact_not_found', 'A viewer finds no contact');
select throws_ok(pg_temp.asking('eve', pg_temp.may(pg_temp.id('annWay'))), 'PT404', 'contact_not_found', 'Nor does a stranger');
select throws_ok(pg_temp.asking('nobody', pg_temp.may(pg_temp.id('annWay'))), 'PT401', 'not_authenticated', 'Nobody is told to sign in');

select * from finish();
rollback;
