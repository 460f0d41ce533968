-- Who sees what of a person's calls and messages, through every channel that SQL has.
--
-- The keeper's rows are looked at by everyone else. Each contact stands for one rule; its number and the text of
-- its one message carry its name, so that what a reader got can be told from the answer.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(191);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
grant execute on function pg_temp.id(text) to public;

create function pg_temp.a_user(name text) returns void language sql as $$
  insert into auth.users (id, email) values (pg_temp.id(a_user.name), a_user.name || '@tenancy.test')
$$;

-- What a query of one value answers to this user; "anon" has no account, "nobody" a token without a subject.
create function pg_temp.ask(who text, query text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform set_config('request.jwt.claims',
    case when ask.who in ('anon', 'nobody') then '{}' else jsonb_build_object('sub', pg_temp.id(ask.who))::text end, true);
  perform set_config('role', case ask.who when 'anon' then 'anon' else 'authenticated' end, true);
  execute ask.query into v_answer;
  perform set_config('role', 'none', true);
  return v_answer;
end;
$$;

-- How many rows a statement of this user changes.
create function pg_temp.changed_by(who text, statement text) returns bigint language plpgsql as $$
declare
  v_rows bigint;
begin
  perform set_config('request.jwt.claims', jsonb_build_object('sub', pg_temp.id(changed_by.who))::text, true);
  perform set_config('role', 'authenticated', true);
  execute changed_by.statement;
  get diagnostics v_rows = row_count;
  perform set_config('role', 'none', true);
  return v_rows;
end;
$$;

create function pg_temp.asking(who text, query text) returns text language sql as $$
  select format('select pg_temp.ask(%L, %L)', asking.who, asking.query)
$$;
create function pg_temp.changing(who text, statement text) returns text language sql as $$
  select format('select pg_temp.changed_by(%L, %L)', changing.who, changing.statement)
$$;

-- People: two organisations; the watcher is an admin there and only a viewer here.
select pg_temp.a_user(name) from unnest(array['keeper', 'owner', 'admin', 'analyst', 'member', 'viewer', 'leaver',
  'stranger', 'admin_elsewhere', 'watcher']) as name;
insert into public.organizations (id, name) values (pg_temp.id('here'), 'Here'), (pg_temp.id('elsewhere'), 'Elsewhere');
insert into public.org_members (organization_id, user_id, role)
select pg_temp.id(organization), pg_temp.id(name), role
  from (values ('here', 'keeper', 'member'), ('here', 'owner', 'owner'), ('here', 'admin', 'admin'),
    ('here', 'analyst', 'analyst'), ('here', 'member', 'member'), ('here', 'viewer', 'viewer'),
    ('here', 'leaver', 'admin'), ('here', 'watcher', 'viewer'),
    ('elsewhere', 'admin_elsewhere', 'admin'), ('elsewhere', 'watcher', 'admin')) as m (organization, name, role);

-- The keeper's contacts, one for each rule, and what a teammate may see of its number and text.
create temporary table rule (contact text primary key, visibility text, mask_number boolean, mask_content boolean);
insert into rule values
  ('Private', 'private', false, false),
  ('Private masked', 'private', true, true),
  ('Team', 'team', false, true),
  ('Team open', 'team', false, false),
  ('Team masked', 'team', true, true),
  ('Team numberless', 'team', true, false),
  ('Public', 'public', false, true),
  ('Public open', 'public', false, false),
  ('Public masked', 'public', true, true),
  ('Unruled', null, null, null);
grant select on rule to public;

insert into public.contacts (user_id, id, name, name_source, also_known_as, tags, notes)
select pg_temp.id('keeper'), pg_temp.id(contact), contact, 'log', array[contact || ' aka'], '{friend}', contact || ' note'
  from rule;
insert into public.contact_numbers (user_id, number, contact_id)
select pg_temp.id('keeper'), '#' || contact, pg_temp.id(contact) from rule;
insert into public.privacy_rules (user_id, contact_id, visibility, mask_number, mask_content)
select pg_temp.id('keeper'), pg_temp.id(contact), visibility, mask_number, mask_content
  from rule where visibility is not null;
insert into public.lines (user_id, id, name) values (pg_temp.id('keeper'), pg_temp.id('line'), 'Work');

create function pg_temp.a_message(owner text, contact text, number text, ts timestamptz)
returns void language sql as $$
  insert into public.events (user_id, id, ts, number, contact_id, line_id, type, direction, status, content,
                             source, source_id, sources, metadata, fingerprint)
  values (pg_temp.id(owner), pg_temp.id('message of ' || coalesce(contact, 'a withheld number')), ts, number,
    pg_temp.id(contact), case owner when 'keeper' then pg_temp.id('line') end, 'sms', 'inbound', 'received',
    'text of ' || coalesce(contact, 'a withheld number'), 'device', 'device-' || coalesce(contact, '0'), '{device}',
    '{"battery": 7}', md5(owner || coalesce(contact, ''))::uuid)
$$;
select pg_temp.a_message('keeper', contact, '#' || contact, '2026-05-04 09:00+00'::timestamptz + n * interval '1 hour')
  from (select contact, row_number() over (order by visibility is not distinct from 'private', contact) as n from rule) as r;
select pg_temp.a_message('keeper', null, null, '2026-05-03 12:00+00');

-- The member has one row too, so that a raw read that works is told from one that is empty for all.
insert into public.contacts (user_id, id, name) values (pg_temp.id('member'), pg_temp.id('Member''s'), 'Member''s');
select pg_temp.a_message('member', 'Member''s', '#Member''s', '2026-05-01 12:00+00');
insert into public.privacy_rules (user_id, contact_id) values (pg_temp.id('member'), pg_temp.id('Member''s'));

-- What a teammate's answer must be, as text: contact, number or -, content or -.
create function pg_temp.shown_to_teammates() returns text[] language sql as $$
  select array_agg(line order by line) from (
    select contact || ' | ' || case when mask_number then '-' else '#' || contact end || ' | '
           || case when mask_content then '-' else 'text of ' || contact end
      from rule where visibility <> 'private'
    union all select 'Unruled | #Unruled | -'
    union all select '- | - | -'
  ) as l (line)
$$;
create function pg_temp.shown_to_keeper() returns text[] language sql as $$
  select array_agg(line order by line) from (
    select contact || ' | #' || contact || ' | text of ' || contact from rule
    union all select '- | - | text of a withheld number'
  ) as l (line)
$$;

-- The same lines, from the JSON of a list and from the view.
create function pg_temp.listed(who text, arguments text default '') returns text[] language sql as $$
  select coalesce(array_agg(line order by line), '{}') from (
    select concat_ws(' | ', coalesce(e ->> 'contact_name', '-'), coalesce(e ->> 'number', '-'), coalesce(e ->> 'content',
      '-'))
      from jsonb_array_elements(pg_temp.ask(who, format(
        'select get_filtered_events(user_id => %L%s)', pg_temp.id('keeper'), arguments))::jsonb -> 'events') as e
  ) as l (line)
$$;
create function pg_temp.viewed(who text) returns text[] language sql as $$
  select pg_temp.ask(who, format($q$
    select coalesce(array_agg(line order by line), '{}') from (
      select concat_ws(' | ', coalesce(contact_name, '-'), coalesce(number, '-'), coalesce(content, '-'))
        from private.visible_events where user_id = %L) as l (line)$q$, pg_temp.id('keeper')))::text[]
$$;

-- The row's owner

select is(pg_temp.listed('keeper'), pg_temp.shown_to_keeper(),
  'The owner of the rows sees all of them, unmasked, in lists');
select is(pg_temp.viewed('keeper'), pg_temp.shown_to_keeper(),
  'The owner of the rows sees all of them, unmasked, in the view');
select is(pg_temp.ask('keeper', 'select count(*) from public.events'), '11', 'The owner reads his rows from the table');

-- Lists

select is(pg_temp.listed(role), pg_temp.shown_to_teammates(),
    format('The organisation''s %s sees team and public rows in lists, masked as the rules say, and no private ones', role))
  from unnest(array['owner', 'admin', 'analyst', 'member']) as role;
select is(pg_temp.viewed(role), pg_temp.shown_to_teammates(), format('The organisation''s %s sees the same in the view', role))
  from unnest(array['owner', 'admin', 'analyst', 'member']) as role;
select is(pg_temp.viewed(role), '{}', format('The view shows nothing of the keeper to the %s', role))
  from unnest(array['viewer', 'stranger', 'admin_elsewhere', 'watcher', 'nobody']) as role;
select is(
  pg_temp.ask('member', format('select get_filtered_events(user_id => %L) ->> ''total''', pg_temp.id('keeper'))), '9',
  'The total of a list counts no private row');
select is(
  pg_temp.ask('keeper', 'select get_filtered_events() ->> ''total'''), '11',
    'The owner''s own total counts all his rows');
select is(
  pg_temp.ask('member', $$select get_filtered_events() -> 'events' -> 0 ->> 'content'$$), 'text of Member''s',
  'A list without user_id is the caller''s own');
select is(
  pg_temp.ask('member', format($$select jsonb_path_query_array(get_filtered_events(user_id => %L),
    '$.events[*] ? (@.line_id != null || @.source_id != null || @.sources != null || @.metadata != null)')$$,
      pg_temp.id('keeper'))),
  '[]', 'Lines, source ids and metadata are the owner''s alone');
select isnt(
  pg_temp.ask('keeper', $$select jsonb_path_query_array(get_filtered_events(),
    '$.events[*] ? (@.line_id != null && @.source_id != null && @.metadata != null)')$$),
  '[]', 'The owner sees his lines, source ids and metadata');
select is(
  pg_temp.ask('member', format($$select string_agg(distinct e ->> 'masked', ' ' order by e ->> 'masked')
    from jsonb_array_elements(get_filtered_events(user_id => %L) -> 'events') as e
    where e ->> 'contact_name' in ('Team masked', 'Team', 'Team numberless', 'Team open')$$, pg_temp.id('keeper'))),
  '["content"] ["number", "content"] ["number"] []', 'A masked row says which of its fields are masked');

select throws_ok(
    pg_temp.asking(role, format('select get_filtered_events(user_id => %L)', pg_temp.id('keeper'))),
    'PT403', 'role_insufficient', format('A %s is refused lists of a teammate''s rows: role_insufficient', role))
  from unnest(array['viewer', 'watcher']) as role;
select throws_ok(
    pg_temp.asking(role, format('select get_filtered_events(user_id => %L)', pg_temp.id('keeper'))),
    'PT404', 'user_not_found', format('For the %s there is no such user', role))
  from unnest(array['stranger', 'admin_elsewhere']) as role;
select throws_ok(
  pg_temp.asking('stranger', format('select get_filtered_events(user_id => %L)', pg_temp.id('no such person'))),
  'PT404', 'user_not_found', 'A user who does not exist is answered as one who is a stranger');
select throws_ok(pg_temp.asking('nobody', 'select get_filtered_events()'),
  'PT401', 'not_authenticated', 'A token without a subject is not authenticated');
select is(pg_temp.ask('viewer', 'select get_filtered_events() ->> ''total'''), '0', 'A viewer reads his own list');

-- Filters reach nothing that is hidden or masked.

select is(pg_temp.listed('member', format(', contact_id => %L', pg_temp.id('Private'))), '{}',
  'A filter by a private contact finds nothing for a teammate');
select is(pg_temp.listed('keeper', format(', contact_id => %L', pg_temp.id('Private'))),
  '{Private | #Private | text of Private}',
  'The same filter finds the row for its owner');
select is(pg_temp.listed('member', format(', contact_id => %L', pg_temp.id('Team masked'))), '{Team masked | - | -}',
  'A filter by a contact whose number is masked finds the row, still masked');
select is(pg_temp.listed('member', format(', number => %L', '#' || contact)), '{}',
    format('A filter by the number of %s finds nothing for a teammate', contact))
  from unnest(array['Team masked', 'Public masked', 'Team numberless', 'Private']) as contact;
select is(
  pg_temp.ask('member', format($$select get_filtered_events(user_id => %L, number => '#Team masked') ->> 'total'$$,
    pg_temp.id('keeper'))),
  '0', 'Nor is a masked number found in the total');
select is(pg_temp.listed('member', ', number => ''#Team'''), '{Team | #Team | -}',
  'A filter by a number that is shown finds its row');
select is(pg_temp.listed('keeper', ', number => ''#Team masked'''),
  '{Team masked | #Team masked | text of Team masked}',
  'The owner filters by any number of his');
select is(pg_temp.listed('member', format(', line_id => %L', pg_temp.id('line'))), '{}',
  'A filter by the owner''s line finds nothing for a teammate');
select is(cardinality(pg_temp.listed('keeper', format(', line_id => %L', pg_temp.id('line')))), 11,
  'The owner filters by his line');
create function pg_temp.probe(condition text) returns text language sql as $$
  select format('select count(*) from private.visible_events where 1 / (case when %s then 0 else 1 end) = 1', probe.condition)
$$;
select lives_ok(pg_temp.asking('member', pg_temp.probe(condition)), says)
  from (values
    (format('contact_id = %L', pg_temp.id('Private')), 'A condition of a teammate''s is never asked of a private row'),
    ('content like ''%Team masked'' or number = ''#Team masked''', 'Nor of what is masked')) as t (condition, says);
select lives_ok(pg_temp.asking('stranger', pg_temp.probe('direction = ''inbound''')),
  'A condition of a stranger''s is asked of no row');
select throws_ok(pg_temp.asking('keeper', pg_temp.probe(condition)), '22012', null, 'Of the owner''s rows it is asked')
  from unnest(array[format('contact_id = %L', pg_temp.id('Private')), 'content like ''%Team masked''']) as condition;

-- One event

create function pg_temp.event(who text, contact text) returns jsonb language sql as $$
  select pg_temp.ask(who, format('select get_event(%L)', pg_temp.id('message of ' || contact)))::jsonb
$$;
select is(
    pg_temp.event('member', contact) - '{user_id,id,ts,contact_id,type,direction,status,duration,source,created_at,updated_at,line_id,source_id,sources,metadata}'::text[],
    jsonb_build_object('contact_name', contact, 'number', case when not mask_number then '#' || contact end,
      'content', case when not mask_content then 'text of ' || contact end,
      'masked', to_jsonb(array_remove(array[case when mask_number then 'number' end,
        case when mask_content then 'content' end], null))),
    format('An event of %s opens for a teammate, masked as its rule says', contact))
  from rule where visibility <> 'private' order by contact;
select is(pg_temp.event('member', 'Unruled') ->> 'number', '#Unruled', 'Without a rule a teammate sees the number');
select is(pg_temp.event('member', 'Unruled') ->> 'content', null, 'Without a rule a teammate does not see the text');
select is(pg_temp.event('keeper', 'Unruled') ->> 'content', 'text of Unruled', 'The owner sees the text');
select is(pg_temp.event('keeper', 'Private masked') ->> 'number', '#Private masked',
  'The owner opens a private event of his');
select throws_ok(pg_temp.asking('member', format('select get_event(%L)', pg_temp.id('message of ' || contact))),
    'PT404', 'event_not_found', format('An event of %s does not exist for a teammate', contact))
  from unnest(array['Private', 'Private masked']) as contact;
select throws_ok(pg_temp.asking(role, format('select get_event(%L)', pg_temp.id('message of Public open'))),
    'PT404', 'event_not_found', format('Not even a public event exists for the %s', role))
  from unnest(array['viewer', 'watcher', 'stranger', 'admin_elsewhere', 'nobody']) as role;

-- Contacts

select is(
    pg_temp.ask('member', format($$select array[get_contact(%L) ->> 'numbers', get_contact(%1$L) ->> 'interaction_count']$$,
      pg_temp.id(contact)))::text[],
    array[case when mask_number then '[]' else jsonb_build_array('#' || contact)::text end, '1'],
    format('The contact %s opens for a teammate, its number masked as its rule says', contact))
  from rule where visibility is distinct from 'private' order by contact;
select is(
  pg_temp.ask('member', format($$select array[c ->> 'also_known_as', c ->> 'tags', c ->> 'notes']
    from get_contact(%L) as c$$, pg_temp.id('Public open'))),
  '{[],[],NULL}', 'Other names, tags and notes of a contact stay its owner''s');
select is(
  pg_temp.ask('keeper', format($$select array[c ->> 'also_known_as', c ->> 'tags', c ->> 'notes']
    from get_contact(%L) as c$$, pg_temp.id('Private')))::text[],
  array['["Private aka"]', '["friend"]', 'Private note'], 'The owner sees them');
select throws_ok(pg_temp.asking(role, format('select get_contact(%L)', pg_temp.id(contact))),
    'PT404', 'contact_not_found', format('The contact %s does not exist for the %s', contact, role))
  from (values ('member', 'Private'), ('admin', 'Private'), ('owner', 'Private masked'), ('viewer', 'Public open'),
    ('watcher', 'Public open'), ('stranger', 'Public open'), ('admin_elsewhere', 'Public open')) as t (role, contact);
insert into public.contacts (user_id, id, name) values (pg_temp.id('keeper'), pg_temp.id('Silent'), 'Silent');
select throws_ok(pg_temp.asking('member', format('select get_contact(%L)', pg_temp.id('Silent'))),
  'PT404', 'contact_not_found', 'A contact without any event is no teammate''s business');
select is(pg_temp.ask('keeper', format('select get_contact(%L) ->> ''name''', pg_temp.id('Silent'))), 'Silent',
  'Its owner sees it');
select is(pg_temp.ask(role, 'select get_contacts() ->> ''total'''), total, format('The contact list of the %s is his own', role))
  from (values ('keeper', '11'), ('member', '1'), ('admin', '0'), ('stranger', '0')) as t (role, total);
select is(pg_temp.ask('member', $$select string_agg(name, ', ' order by name) from private.visible_contacts$$),
  'Member''s, Public, Public masked, Public open, Team, Team masked, Team numberless, Team open, Unruled',
  'The view of contacts shows a teammate no private and no silent contact');
select is(pg_temp.ask(role, 'select count(*) from private.visible_contacts'), '0',
  format('The view of contacts shows the %s nothing', role))
  from unnest(array['viewer', 'stranger', 'admin_elsewhere']) as role;

-- Aggregates

create function pg_temp.metrics(who text) returns jsonb language sql as $$
  select pg_temp.ask(who, format(
    $q$select get_dashboard_metrics(starts_at => '2026-05-03', ends_at => '2026-05-06', user_id => %L)$q$,
      pg_temp.id('keeper')))::jsonb
$$;
create function pg_temp.figures(metrics jsonb) returns text language sql as $$
  select concat_ws(' ', metrics ->> 'total_events', metrics ->> 'total_sms', metrics ->> 'unique_contacts',
    metrics ->> 'new_contacts', (select sum((d ->> 'total_events')::integer)
      from jsonb_array_elements(metrics #> '{time_series,data}') as d),
    jsonb_array_length(metrics -> 'top_contacts'))
$$;
select is(pg_temp.figures(pg_temp.metrics('keeper')), '11 11 10 10 11 10', 'The owner''s figures count all his rows');
select is(pg_temp.figures(pg_temp.metrics(role)), '9 9 8 8 9 8', format('The figures for the %s count no private row', role))
  from unnest(array['owner', 'admin', 'analyst', 'member']) as role;
select is(
  (select string_agg(t ->> 'name' || coalesce(' ' || (t ->> 'number'), ''), ', ' order by t ->> 'name')
     from jsonb_array_elements(pg_temp.metrics('admin') -> 'top_contacts') as t),
  'Public #Public, Public masked, Public open #Public open, Team #Team, Team masked, Team numberless, Team open #Team open, Unruled #Unruled',
  'The most frequent contacts are those that are shown, without masked numbers');
select is(
  pg_temp.metrics('member') #>> '{data_freshness,last_event_at}', '2026-05-04T17:00:00+00:00',
  'For a teammate the newest event is the newest that is shown, not a private one');
select is(
  pg_temp.metrics('keeper') #>> '{data_freshness,last_event_at}', '2026-05-04T19:00:00+00:00',
  'For the owner it is the private one');
select throws_ok(
    pg_temp.asking(role, format('select get_dashboard_metrics(user_id => %L)', pg_temp.id('keeper'))),
    'PT403', 'role_insufficient', format('A %s is refused a teammate''s figures', role))
  from unnest(array['viewer', 'watcher']) as role;
select throws_ok(
    pg_temp.asking(role, format('select get_dashboard_metrics(user_id => %L)', pg_temp.id('keeper'))),
    'PT404', 'user_not_found', format('For the %s there are no figures of the keeper', role))
  from unnest(array['stranger', 'admin_elsewhere']) as role;

-- Tables as they are

select is(pg_temp.ask(role, format('select count(*) from public.%I', relation)), rows,
    format('A raw read of %s gives the %s only rows of his own', relation, role))
  from (values
    ('keeper', 'events', '11'),
    ('member', 'events', '1'),
    ('owner', 'events', '0'),
    ('stranger', 'events', '0'),
    ('keeper', 'contacts', '11'),
    ('member', 'contacts', '1'),
    ('owner', 'contacts', '0'),
    ('stranger', 'contacts', '0'),
    ('keeper', 'privacy_rules', '9'),
    ('member', 'privacy_rules', '1'),
    ('owner', 'privacy_rules', '0'),
    ('stranger', 'privacy_rules', '0'),
    ('keeper', 'contact_numbers', '10'),
    ('owner', 'contact_numbers', '0'),
    ('keeper', 'lines', '1'),
    ('owner', 'lines', '0'),
    ('owner', 'profiles', '1'), ('member', 'org_members', '8'), ('stranger', 'org_members', '0'),
    ('admin_elsewhere', 'organizations', '1'), ('watcher', 'organizations', '2'), ('stranger', 'organizations', '0'))
    as t (role, relation, rows);
select throws_ok(pg_temp.asking('anon', query), '42501', null, format('anon can not run: %s', query))
  from unnest(array['select count(*) from public.events', 'select count(*) from public.contacts',
    'select count(*) from private.visible_events', 'select get_filtered_events()', 'select get_dashboard_metrics()',
    format('select get_event(%L)', pg_temp.id('message of Public open')), format('select get_contact(%L)',
      pg_temp.id('Public open')),
    'select get_contacts()', $$select ingest_events('[]')$$, $$select create_organization('Mine')$$]) as query;

-- Nobody writes what is another's.

select is(pg_temp.changed_by(role, statement), rows, says)
  from (values
    ('admin', 'update public.contacts set notes = ''seen''', 0::bigint, 'An admin can not edit a member''s contacts'),
    ('member', 'update public.contacts set notes = ''seen''', 1, 'A member edits his own contacts'),
    ('admin', 'update public.privacy_rules set visibility = ''public''', 0,
      'An admin can not change a member''s rules'),
    ('member', 'update public.privacy_rules set visibility = ''public''', 1, 'A member changes his own rules'),
    ('owner', 'delete from public.privacy_rules', 0, 'Not even the organisation''s owner can remove a member''s rules'),
    ('member', 'delete from public.privacy_rules', 1, 'A member removes his own rules'),
    ('admin', 'update public.lines set name = ''Mine''', 0, 'An admin can not rename a member''s lines'),
    ('keeper', 'update public.lines set name = ''Office''', 1, 'The keeper renames his own line'),
    ('admin', 'delete from public.lines', 0, 'An admin can not remove a member''s lines'),
    ('owner', 'update public.profiles set time_zone = ''Asia/Tokyo''', 1,
      'An update of profiles reaches one''s own only')
  ) as t (role, statement, rows, says);
select is((select count(*)::integer from public.privacy_rules where user_id = pg_temp.id('keeper') and visibility = 'public'), 3,
  'The keeper''s rules are as he left them');
select is((select string_agg(name, ', ') from public.contacts where notes = 'seen'), 'Member''s',
  'One contact was changed: the member''s own');
select is((select string_agg(name, ', ') from public.lines where user_id = pg_temp.id('keeper')), 'Office', 'The keeper''s line is still his');
select is((select count(*)::integer from public.profiles where updated_at = now() and time_zone = 'Asia/Tokyo'), 1,
  'One profile was changed: the owner''s own');

select throws_ok(pg_temp.changing(role, statement), '42501', null, says)
  from (values
    ('admin', format('insert into public.privacy_rules (user_id, contact_id, visibility) values (%L, %L, ''public'')',
      pg_temp.id('keeper'), pg_temp.id('Unruled')),
      'An admin can not make a rule in a member''s name'),
    ('admin', format('insert into public.lines (user_id, name) values (%L, ''Mine'')', pg_temp.id('keeper')),
      'An admin can not make a line in a member''s name'),
    ('member', format('update public.contacts set user_id = %L', pg_temp.id('admin')),
      'Nobody gives a contact to somebody else'),
    ('keeper', format('update public.privacy_rules set user_id = %L', pg_temp.id('member')),
      'Nobody gives a rule to somebody else'),
    ('keeper', format('update public.lines set user_id = %L', pg_temp.id('member')),
      'Nobody gives a line to somebody else'),
    ('keeper', 'update public.events set content = ''other''', 'Nobody rewrites events, not even his own'),
    ('keeper', 'delete from public.events', 'Nobody deletes events around delete_event'),
    ('keeper', 'delete from public.contacts', 'Nobody deletes contacts'),
    ('keeper', format('insert into public.contact_numbers (user_id, number, contact_id) values (%L, ''1'', %L)',
      pg_temp.id('keeper'), pg_temp.id('Team')),
      'Nobody adds numbers to contacts but ingest'),
    ('keeper', 'select count(*) from private.deleted_events', 'Nobody reads the tombstones of deleted events'),
    ('keeper', 'select count(*) from private.event_variants', 'Nobody reads the reports behind an event')
  ) as t (role, statement, says);
select throws_ok(
  pg_temp.changing('admin', format('insert into public.privacy_rules (user_id, contact_id) values (%L, %L)',
    pg_temp.id('admin'), pg_temp.id('Unruled'))),
  '23503', null, 'A rule of one''s own can not name another''s contact');
select is(
  pg_temp.changed_by('keeper', format('insert into public.privacy_rules (user_id, contact_id) values (%L, %L)',
    pg_temp.id('keeper'), pg_temp.id('Silent'))),
  1::bigint, 'The keeper makes a rule for his own contact');
select is(
  pg_temp.changed_by('member', format('insert into public.lines (user_id, name) values (%L, ''Home'')', pg_temp.id('member'))),
  1::bigint, 'The member makes a line of his own');
select throws_ok(pg_temp.asking('admin', format('select delete_event(%L)', pg_temp.id('message of Public open'))),
  'PT404', 'event_not_found', 'A teammate who sees an event can not delete it');
select throws_ok(pg_temp.asking('admin', format('select update_contact(%L, %L)', pg_temp.id('Public open'),
  '{"name": "Mine"}')),
  'PT404', 'contact_not_found', 'A teammate who sees a contact can not rename it');
select is(pg_temp.ask('admin', format('select get_contact(%L) ->> ''name''', pg_temp.id('Public open'))), 'Public open',
  'The contact that he could not rename is one that he sees');

-- Memberships and roles are written by functions only.

select throws_ok(pg_temp.changing(role, statement), '42501', null, says)
  from (values
    ('member', 'update public.org_members set role = ''owner''', 'A member can not make himself the owner'),
    ('admin', 'update public.org_members set role = ''owner'' where user_id = auth.uid()', 'Nor can an admin'),
    ('owner', 'delete from public.org_members', 'Not even the owner removes members around the functions'),
    ('stranger', format('insert into public.org_members (organization_id, user_id, role) values (%L, %L, ''viewer'')',
      pg_temp.id('here'), pg_temp.id('stranger')),
      'A stranger can not make himself a member'),
    ('owner', 'update public.organizations set name = ''Ours''', 'Nobody renames an organisation around the functions'),
    ('stranger', 'insert into public.organizations (name) values (''Mine'')',
      'Nobody makes an organisation around create_organization')
  ) as t (role, statement, says);
select is(pg_temp.ask('member', format('select role from public.org_members where user_id = %L', pg_temp.id('member'))),
  'member',
  'The member reads that he is one');

-- What changes, changes at once.

select is(cardinality(pg_temp.listed('leaver')), 9, 'An admin sees the shared rows');
delete from public.org_members where user_id = pg_temp.id('leaver');
select throws_ok(pg_temp.asking('leaver', format('select get_filtered_events(user_id => %L)', pg_temp.id('keeper'))),
  'PT404', 'user_not_found', 'Removed, he sees none, in the same transaction');
select is(pg_temp.viewed('leaver'), '{}', 'Nor does the view show him any');
select throws_ok(pg_temp.asking('leaver', format('select get_event(%L)', pg_temp.id('message of Public open'))),
  'PT404', 'event_not_found', 'Nor can he open one that he knows');
select throws_ok(pg_temp.asking('leaver', format('select get_dashboard_metrics(user_id => %L)', pg_temp.id('keeper'))),
  'PT404', 'user_not_found', 'Nor does he get figures');

update public.org_members set role = 'member' where user_id = pg_temp.id('viewer');
select is(pg_temp.listed('viewer'), pg_temp.shown_to_teammates(),
  'A viewer who is made a member sees what members see');
update public.org_members set role = 'viewer' where user_id = pg_temp.id('admin');
select throws_ok(pg_temp.asking('admin', format('select get_event(%L)', pg_temp.id('message of Public open'))),
  'PT404', 'event_not_found', 'An admin who is made a viewer sees no events any more');

select is(
  pg_temp.changed_by('keeper', format('update public.privacy_rules set visibility = ''private'' where contact_id = %L',
    pg_temp.id('Team open'))),
  1::bigint, 'The keeper makes a contact private');
select throws_ok(pg_temp.asking('member', format('select get_event(%L)', pg_temp.id('message of Team open'))),
  'PT404', 'event_not_found', 'Its event is gone for teammates');
select is(pg_temp.metrics('member') ->> 'total_events', '8', 'It is in no count any more');
select is(
  pg_temp.changed_by('keeper', format('update public.privacy_rules set visibility = ''team'', mask_number = true where contact_id = %L', pg_temp.id('Team open'))),
  1::bigint, 'The keeper shows it again without its number');
select is(pg_temp.event('member', 'Team open') ->> 'number', null, 'Its number is masked');
select is(pg_temp.event('member', 'Team open') ->> 'content', 'text of Team open', 'Its text is shown');
select is(
  pg_temp.changed_by('keeper', format('delete from public.privacy_rules where contact_id = %L', pg_temp.id('Team open'))),
  1::bigint, 'The keeper removes the rule');
select is(pg_temp.event('member', 'Team open') ->> 'number', '#Team open', 'Without a rule its number is shown');
select is(pg_temp.event('member', 'Team open') ->> 'content', null, 'Without a rule its text is masked');

delete from public.org_members where user_id = pg_temp.id('keeper');
select is(pg_temp.viewed('member'), '{}', 'When the keeper leaves the organisation nobody there sees his rows');
select is(cardinality(pg_temp.viewed('keeper')), 11, 'He keeps them');

select * from finish();
rollback;
