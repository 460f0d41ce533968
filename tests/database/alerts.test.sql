-- Alerts, the scans that raise them, webhooks' outbox, and what expires.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
select plan(55);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5('alerts ' || name)::uuid $$;
insert into auth.users (id, email) select pg_temp.id(n), n || '@alerts.test' from unnest(array['ann', 'bob', 'cal', 'dan', 'eve']) as n;
insert into public.organizations (id, name) values (pg_temp.id('org'), 'Org'), (pg_temp.id('other'), 'Other');
insert into public.org_members (organization_id, user_id, role) values
  (pg_temp.id('org'), pg_temp.id('ann'), 'owner'), (pg_temp.id('org'), pg_temp.id('bob'), 'admin'), (pg_temp.id('org'), pg_temp.id('cal'), 'analyst'),
  (pg_temp.id('other'), pg_temp.id('dan'), 'owner'), (pg_temp.id('other'), pg_temp.id('cal'), 'admin');
grant execute on function pg_temp.id(text) to public;
-- Runs a query as PostgREST would for this person, and gives its one value.
create function pg_temp.ask(who text, query text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform set_config('request.jwt.claims', jsonb_build_object('sub', pg_temp.id(ask.who))::text, true), set_config('role', 'authenticated', true);
  execute ask.query into v_answer;
  perform set_config('role', 'none', true), set_config('request.jwt.claims', '', true);
  return v_answer;
end $$;
create function pg_temp.asking(who text, query text) returns text language sql as $$
  select format('select pg_temp.ask(%L, %L)', asking.who, asking.query) $$;

-- Once, not every minute

select is(private.raise_alert(pg_temp.id('cal'), null, 'test_kind', 'info', 'a', 'Title', '{"n": 1}'), true, 'The first sight of something is a new alert');
select is(private.raise_alert(pg_temp.id('cal'), null, 'test_kind', 'error', 'a', 'Worse', '{"n": 2}'), false, 'The second is not');
select results_eq($$select count, severity, title, details from public.alerts$$, $$values (2, 'error', 'Worse', '{"n": 2}'::jsonb)$$,
  'It counts it, and says how it is now');
select is(private.raise_alert(pg_temp.id('cal'), null, 'test_kind', 'info', 'b', 'Title'), true, 'Another key is another alert');
select is(private.raise_alert(pg_temp.id('dan'), null, 'test_kind', 'info', 'a', 'Title'), true, 'and so is another person''s');
select private.resolve_alert(pg_temp.id('cal'), null, 'test_kind', 'a');
select is(private.raise_alert(pg_temp.id('cal'), null, 'test_kind', 'info', 'a', 'Again'), true, 'What comes back after it was over is new');
select is(private.raise_alert(null, pg_temp.id('org'), 'test_kind', 'info', 'a', 'Org'), true, 'An organisation has its own');
select is(private.raise_alert(null, null, 'test_kind', 'info', 'a', 'Operator'), true, 'and so has the operator');
select throws_ok($$select private.raise_alert(pg_temp.id('cal'), pg_temp.id('org'), 'test_kind', 'info', 'c', 'Both')$$, '23514', null,
  'An alert is a person''s or an organisation''s');

-- Who sees them

create function pg_temp.titles(who text, state text default 'open') returns text language sql as $$
  select pg_temp.ask(titles.who, format('select string_agg(a ->> ''title'', '' '' order by a ->> ''title'') from jsonb_array_elements(public.get_alerts(%L) -> ''alerts'') as a', titles.state)) $$;
select is(pg_temp.titles('ann'), 'Org', 'An owner sees the organisation''s alerts, and no member''s');
select is(pg_temp.titles('bob'), 'Org', 'and so does an admin');
select is(pg_temp.titles('cal'), 'Again Title', 'An analyst sees his own; that he is admin elsewhere opens nothing here');
select is(pg_temp.titles('dan'), 'Title', 'Another organisation''s owner sees his own');
select is(pg_temp.titles('eve'), null, 'A stranger sees none');
select is(pg_temp.titles('cal', 'resolved'), 'Worse', 'Resolved ones are asked for');
select is(pg_temp.ask('bob', 'select string_agg(title, '' '') from public.alerts'), 'Org', 'The table itself shows the same');
select throws_ok(pg_temp.asking('bob', 'select public.get_alerts(''closed'')'), 'PT400', 'validation_failed', 'An unknown state is refused');
select throws_ok(pg_temp.asking('bob', format('select public.get_alerts(organization_id => %L)', pg_temp.id('other'))), 'PT404', 'organization_not_found',
  'Another''s organisation is not found');
select throws_ok(pg_temp.asking('bob', 'update public.alerts set title = ''x'' returning title'), '42501', null, 'Nobody writes the table');

create temp table org_alert as select format('select public.acknowledge_alert(%L', a.id) as call from public.alerts as a where a.title = 'Org';
select throws_ok(pg_temp.asking('cal', call || ')'), 'PT404', 'alert_not_found', 'Who may not see an alert can not acknowledge it') from org_alert;
select is(pg_temp.ask('bob', call || ')')::jsonb ->> 'acknowledged_by', pg_temp.id('bob')::text, 'An admin acknowledges it') from org_alert;
select is(pg_temp.ask('ann', call || ')')::jsonb ->> 'acknowledged_by', pg_temp.id('bob')::text, 'The first to do so stays named') from org_alert;
select is(pg_temp.titles('ann', 'unacknowledged'), null, 'It is no longer among those that wait');
select is(pg_temp.ask('ann', call || ', false)')::jsonb -> 'acknowledged_at', 'null', 'and that may be taken back') from org_alert;
select is(private.raise_alert(null, pg_temp.id('org'), 'test_kind', 'info', 'a', 'Org'), false, 'Acknowledging does not make it new when it is seen again');

-- Webhooks' outbox

delete from public.alerts;
insert into private.webhooks (id, owner_id, organization_id, url, types, enabled) values
  (pg_temp.id('cal alerts'), pg_temp.id('cal'), null, 'https://a.test/h', '{alert.raised,alert.resolved}', true),
  (pg_temp.id('cal events'), pg_temp.id('cal'), null, 'https://a.test/h', '{events.created}', true),
  (pg_temp.id('cal off'), pg_temp.id('cal'), null, 'https://a.test/h', '{alert.raised,events.created}', false),
  (pg_temp.id('org alerts'), null, pg_temp.id('org'), 'https://a.test/h', '{alert.raised}', true);
select private.raise_alert(pg_temp.id('cal'), null, 'test_kind', 'info', 'a', 'T');
select private.raise_alert(pg_temp.id('cal'), null, 'test_kind', 'info', 'a', 'T');
select private.resolve_alert(pg_temp.id('cal'), null, 'test_kind', 'a');
select private.raise_alert(pg_temp.id('dan'), null, 'test_kind', 'info', 'a', 'T');
select private.raise_alert(null, pg_temp.id('other'), 'test_kind', 'info', 'a', 'T');
select private.raise_alert(null, pg_temp.id('org'), 'test_kind', 'info', 'a', 'T');
select private.resolve_alert(null, pg_temp.id('org'), 'test_kind', 'a');
select private.raise_alert(null, null, 'test_kind', 'info', 'a', 'T');
select results_eq($$select webhook_id, type from private.webhook_messages order by 1, 2$$,
  $$select pg_temp.id(n), t from (values ('cal alerts', 'alert.raised'), ('cal alerts', 'alert.resolved'), ('org alerts', 'alert.raised')) as v (n, t) order by 1, 2$$,
  'An alert is told once when it comes and once when it goes, to whom it belongs and to who asked for it');

truncate private.webhook_messages;
select pg_temp.ask('cal', 'select public.ingest_events(jsonb_agg(jsonb_build_object(''ts'', now() - n * interval ''1 hour'', ''number'', ''+4915110000'' || (100 + n), ''type'', ''call'',
  ''direction'', ''inbound'', ''duration'', 60))) from generate_series(1, 3) as n');
select pg_temp.ask('dan', 'select public.ingest_events(jsonb_build_array(jsonb_build_object(''ts'', now() - interval ''1 hour'', ''number'', ''+4915110000'', ''type'', ''call'', ''direction'', ''inbound'')))');
select results_eq($$select webhook_id, type, data ->> 'user_id', data -> 'event_ids' from private.webhook_messages$$,
  $$select pg_temp.id('cal events'), 'events.created'::text, pg_temp.id('cal')::text,
      (select jsonb_agg(e.id order by e.id) from public.events as e where e.user_id = pg_temp.id('cal'))$$,
  'New events are told in one message a statement, by their ids, to their owner''s webhook alone');
select throws_ok(format($$insert into private.webhooks (organization_id, url, types) values (%L, 'https://a.test', '{events.created}')$$, pg_temp.id('org')),
  '23514', null, 'An organisation''s webhook is told of no events');
truncate private.webhook_messages;
insert into public.events (user_id, ts, type, direction, source, sources, fingerprint)
select pg_temp.id('cal'), now() - n * interval '1 minute', 'call', 'inbound', 'api', '{api}', md5('many ' || n)::uuid from generate_series(1, 2500) as n;
select results_eq($$select jsonb_array_length(data -> 'event_ids') from private.webhook_messages order by 1$$, $$values (500), (1000), (1000)$$,
  'A large statement comes in messages of a thousand ids');

-- Sending

truncate private.webhook_messages;
insert into private.webhook_messages (webhook_id, type, data) select pg_temp.id('cal alerts'), 'webhook.test', '{}' from generate_series(1, 30);
create temp table claimed as select private.claim_webhook_messages(50) as messages;
select is(jsonb_array_length(messages), 20, 'Twenty messages of a webhook go at once') from claimed;
select is(messages -> 0 -> 'secret_versions', '[1]', 'A message names the version of its secret') from claimed;
select is(jsonb_array_length(private.claim_webhook_messages(50)), 10, 'What is claimed is not claimed again; the rest is');
select is(private.settle_webhook_messages((select jsonb_agg(jsonb_build_object('webhook_id', m -> 'webhook_id', 'id', m -> 'id', 'status', 500, 'error', 'status'))
  from claimed, jsonb_array_elements(messages) as m)), '{"delivered": 0, "failed": 20, "dead": 0}', 'Failures are kept');
update private.webhook_messages set next_attempt_at = now();
select is(jsonb_array_length(private.claim_webhook_messages(50)), 1, 'A webhook that fails is tried with one message at a time');
update private.webhook_messages set next_attempt_at = now(), attempts = 7;
create temp table last_try as select private.claim_webhook_messages(50) as messages;
select is(private.settle_webhook_messages((select jsonb_agg(jsonb_build_object('webhook_id', m -> 'webhook_id', 'id', m -> 'id', 'status', null, 'error', 'timeout'))
  from last_try, jsonb_array_elements(messages) as m)), '{"delivered": 0, "failed": 1, "dead": 1}', 'After the eighth attempt a message is dead');
select results_eq($$select owner_id, details ->> 'webhook_id' from public.alerts where kind = 'webhook_failing' and resolved_at is null$$,
  $$select pg_temp.id('cal'), pg_temp.id('cal alerts')::text$$, 'and an alert says so to its owner');
select is(private.settle_webhook_messages((select jsonb_agg(jsonb_build_object('webhook_id', m -> 'webhook_id', 'id', m -> 'id', 'status', 204))
  from claimed, jsonb_array_elements(messages) as m)) ->> 'delivered', '19', 'What is dead stays dead; the others were delivered at last');
select is_empty($$select from public.alerts where kind = 'webhook_failing' and resolved_at is null$$, 'which ends the alert');
update private.webhook_messages set created_at = now() - interval '73 hours' where state = 'pending';
select is(jsonb_path_query_array(private.claim_webhook_messages(50), '$[*].type'), '["alert.raised"]', 'After three days what waits is given up, and its owner told');
select is((select count(*)::integer from private.webhook_messages where state = 'pending' and type = 'webhook.test'), 0, 'all of it');
insert into private.webhook_messages (webhook_id, type, data) select pg_temp.id('cal events'), 'webhook.test', '{}' from generate_series(1, 2);
select private.settle_webhook_messages((select jsonb_agg(jsonb_build_object('webhook_id', m -> 'webhook_id', 'id', m -> 'id', 'status', 410, 'error', 'status'))
  from jsonb_array_elements(private.claim_webhook_messages(1)) as m));
select is((select enabled from private.webhooks where id = pg_temp.id('cal events')), false, 'A receiver that says that it is gone is asked no more');

-- Scans

delete from public.alerts;
delete from public.events;
insert into public.events (user_id, ts, type, direction, status, duration, source, sources, fingerprint)
select pg_temp.id('eve'), date_trunc('day', now()) - d * interval '1 day' + n * interval '10 minutes', 'call', 'inbound', 'answered', 60, 'api', '{api}', md5('scan ' || d || ' ' || n)::uuid
  from generate_series(2, 100) as d cross join generate_series(60, 62 + d % 3 + case when d = 3 then 60 else 0 end) as n;
select is(private.job_anomaly_scan(clock_timestamp() + interval '1 minute') - 'raised', '{"scanned": 1, "failed": 0, "more": false}',
  'Only who has recent events is scanned');
select isnt_empty(format($$select from public.alerts where owner_id = %L and kind = 'anomaly' and details ->> 'kind' = 'volume'
    and details ->> 'date' = to_char(now() - interval '3 days', 'YYYY-MM-DD') and count = 1$$, pg_temp.id('eve')),
  'A day unlike the others becomes its owner''s alert');
select is_empty($$select from public.alerts where details ?| '{contact_name,event_ids,evidence,number}'::text[]$$, 'Alerts hold no names and no numbers');
select is(private.job_anomaly_scan(clock_timestamp() + interval '1 minute') ->> 'scanned', '0', 'Who was scanned is left alone for a while');
update private.scans set scanned_at = now() - interval '25 hours';
select is(private.job_anomaly_scan(clock_timestamp() + interval '1 minute') ->> 'raised', '0', 'A second scan raises nothing twice');
select is(current_setting('request.jwt.claims', true), '', 'After a scan the job is nobody again');
update private.scans set scanned_at = now() - interval '4 hours';
delete from public.events where user_id = pg_temp.id('eve') and ts >= date_trunc('day', now()) - interval '3 days' and ts < date_trunc('day', now()) - interval '2 days';
select private.job_anomaly_scan(clock_timestamp() + interval '1 minute');
select is_empty($$select from public.alerts where kind = 'anomaly' and details ->> 'kind' = 'volume' and details ->> 'direction' = 'up' and resolved_at is null$$,
  'When its events are gone the alert is over');
delete from public.events where user_id = pg_temp.id('eve') and ts > now() - interval '20 days' and ts < now() - interval '10 days';
select private.job_gap_scan(clock_timestamp() + interval '1 minute');
select isnt_empty(format($$select from public.alerts where owner_id = %L and kind = 'data_gap' and details ->> 'verdict' = 'suspected'$$, pg_temp.id('eve')),
  'Ten days of silence become an alert');

select is(private.job_rollup_check(clock_timestamp() + interval '1 minute') ->> 'raised', '0', 'Roll-ups that are right raise nothing');
update private.activity set calls = calls + 1 where user_id = pg_temp.id('eve') and grain = 'hour';
update private.scans set scanned_at = now() - interval '8 days' where scan = 'rollups';
select is(private.job_rollup_check(clock_timestamp() + interval '1 minute') ->> 'raised', '1', 'Drift becomes the operator''s alert');
select private.rebuild_rollups(pg_temp.id('eve'));
update private.scans set scanned_at = now() - interval '8 days' where scan = 'rollups';
select private.job_rollup_check(clock_timestamp() + interval '1 minute');
select is_empty($$select from public.alerts where kind = 'rollup_drift' and resolved_at is null$$, 'and is over when they are right again');

-- What expires

insert into public.idempotency_keys (user_id, key, request_hash, created_at) values
  (pg_temp.id('ann'), 'old', 'x', now() - interval '25 hours'), (pg_temp.id('ann'), 'new', 'x', now());
insert into public.imports (user_id, state, parser, updated_at) values
  (pg_temp.id('ann'), 'running', '{"tail": "half a message"}', now() - interval '31 days'), (pg_temp.id('ann'), 'running', '{}', now());
select is(private.job_expire_rows(clock_timestamp() + interval '1 minute') - 'private.webhook_messages',
  '{"public.idempotency_keys": 1, "answers": 0, "imports": 1, "more": false}', 'Each kind of row goes when it has had its time');
select results_eq($$select state, parser is null from public.imports order by state$$, $$values ('failed', true), ('running', false)$$,
  'An upload that was given up keeps no text');
select is(private.job_expire_rows(clock_timestamp() - interval '1 second') ->> 'more', 'true', 'Past its deadline a job says that work is left');

select * from finish();
rollback;
