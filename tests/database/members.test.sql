-- Members: who invites, changes and removes whom.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
set local time zone 'UTC';
select plan(60);

create function pg_temp.id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;
-- What a query of one value answers to this user, or the message of its error.
create function pg_temp.ask(who text, query text, key_id text default null) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform set_config('request.jwt.claims', jsonb_strip_nulls(jsonb_build_object('sub', pg_temp.id(who), 'key_id', key_id))::text, true);
  perform set_config('role', 'authenticated', true);
  begin
    execute query into v_answer;
  exception when others then
    v_answer := sqlerrm;
  end;
  perform set_config('role', 'none', true);
  return v_answer;
end;
$$;
grant execute on all functions in schema pg_temp to public;
create function pg_temp.role_of(who text) returns text language sql as $$
  select role from public.org_members where organization_id = pg_temp.id('here') and user_id = pg_temp.id(who)
$$;

create temporary table roles (name text, rank integer);
insert into roles select r, private.role_rank(r) from unnest(array['owner', 'admin', 'analyst', 'member', 'viewer']) as r;
grant select on roles to public;
insert into auth.users (id, email)
select pg_temp.id(n), n || '@Members.test' from unnest(array['owner', 'admin', 'analyst', 'member', 'viewer', 'owner2', 'admin2', 'analyst2', 'member2', 'viewer2', 'new', 'other', 'eve']) as n;
insert into public.organizations (id, name) values (pg_temp.id('here'), 'Here'), (pg_temp.id('there'), 'There');
insert into public.org_members (organization_id, user_id, role)
select pg_temp.id('here'), pg_temp.id(name || suffix), name from roles cross join unnest(array['', '2']) as suffix;
insert into public.org_members (organization_id, user_id, role) values (pg_temp.id('there'), pg_temp.id('eve'), 'owner');

-- Every caller, member and new role: what happens must be what the rule says. Each is undone.
create function pg_temp.outcome(who text, query text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  begin
    v_answer := pg_temp.ask(who, query);
    raise exception using errcode = 'UNDO0';
  exception when sqlstate 'UNDO0' then null;
  end;
  return case when v_answer = '' or v_answer like '{%' then 'done' else v_answer end;
end;
$$;
select is_empty($$
  select c.name, t.name, n.name from roles as c cross join roles as t cross join roles as n
   where pg_temp.outcome(c.name, format('select public.change_member(%L, %L)', pg_temp.id(t.name || '2'), n.name))
     <> case when c.rank >= 4 and t.rank < c.rank and (n.rank < c.rank or c.rank = 5) then 'done' else 'role_insufficient' end
$$, 'Of 125 changes of roles those are done in which the caller is an admin or owner above the member and gives what he may');
select is_empty($$
  select c.name, t.name from roles as c cross join roles as t
   where pg_temp.outcome(c.name, format('select public.remove_member(%L)::text', pg_temp.id(t.name || '2')))
     <> case when c.rank >= 4 and t.rank < c.rank then 'done' else 'role_insufficient' end
$$, 'Of 25 removals those in which the caller is an admin or owner above the member');
select is_empty($$
  select c.name, n.name from roles as c cross join roles as n
   where pg_temp.outcome(c.name, format('select public.invite_member(%L, %L)', 'x@y.test', n.name))
     <> case when c.rank >= 4 and (n.rank < c.rank or c.rank = 5) then 'done' else 'role_insufficient' end
$$, 'Of 25 invitations those to roles that the caller may give');
select is(pg_temp.outcome(name, format('select public.change_member(%L, %L)', pg_temp.id(name), 'owner')), 'role_insufficient', 'No ' || name || ' changes his own role')
  from roles;
select is(pg_temp.outcome('admin', format('select public.change_member(%L, %L)', pg_temp.id('member2'), bad)), 'validation_failed', bad || ' is no role')
  from unnest(array['', 'Owner', 'root']) as bad;
select is(pg_temp.ask('eve', query), problem, 'An owner elsewhere can not: ' || query)
  from (values
    (format('select public.change_member(%L, %L, %L)', pg_temp.id('viewer2'), 'member', pg_temp.id('here')), 'organization_not_found'),
    (format('select public.remove_member(%L, %L)', pg_temp.id('viewer2'), pg_temp.id('here')), 'organization_not_found'),
    (format('select public.invite_member(%L, %L, 7, %L)', 'x@y.test', 'viewer', pg_temp.id('here')), 'organization_not_found'),
    (format('select public.get_members(%L)', pg_temp.id('here')), 'organization_not_found'),
    (format('select public.get_invitations(%L)', pg_temp.id('here')), 'organization_not_found'),
    (format('select public.withdraw_invitation(%L, %L)', gen_random_uuid(), pg_temp.id('here')), 'organization_not_found'),
    (format('select public.change_member(%L, %L)', pg_temp.id('viewer2'), 'member'), 'member_not_found'),
    (format('select public.remove_member(%L)', pg_temp.id('viewer2')), 'member_not_found')) as t (query, problem);
select is(pg_temp.ask('admin', query, 'key_1'), 'scope_insufficient', 'A key can not: ' || query)
  from unnest(array[format('select public.change_member(%L, %L)', pg_temp.id('viewer2'), 'member'), format('select public.remove_member(%L)', pg_temp.id('viewer2')),
    'select public.invite_member(''x@y.test'')', 'select public.accept_invitation(''x'')', format('select public.withdraw_invitation(%L)', gen_random_uuid())]) as query;
select is(pg_temp.ask('admin', statement), 'permission denied for table ' || relation, 'Nobody writes the tables: ' || statement)
  from (values ('insert into public.org_members (organization_id, user_id, role) values (null, null, null)', 'org_members'), ('update public.org_members set role = ''owner''', 'org_members'),
    ('delete from public.org_members', 'org_members'), ('select * from private.org_invitations', 'org_invitations')) as t (statement, relation);

-- Invitations
create temporary table invitation as select pg_temp.ask('admin', $$select public.invite_member(' New@members.TEST ', 'analyst')$$)::jsonb as told;
grant select on invitation to public;
select ok((select told ->> 'token' ~ '^pli_[0-9a-f]{64}$' and told ->> 'email' = 'new@members.test' from invitation), 'The inviter is told the token');
select is_empty($$select * from private.org_invitations as i where strpos(i::text, (select told ->> 'token' from invitation)) > 0$$, 'which is not kept');
select is_empty($$select * from public.audit_log as a where a::text ~* 'new@members|pli_'$$, 'The log names neither address nor token');
select is((select count(*) from public.audit_log where action = 'org_invitations.insert' and organization_id = pg_temp.id('here') and actor = pg_temp.id('admin') and new ->> 'role' = 'analyst'),
  1::bigint, 'but says who invited to what');
select is(pg_temp.ask('admin', $$select public.get_invitations() -> 0 ->> 'email'$$), 'new@members.test', 'Admins see what is open');
select is(pg_temp.ask('analyst', $$select public.get_invitations()$$), 'role_insufficient', 'Others do not');
select is(pg_temp.ask('other', format('select public.accept_invitation(%L)', (select told ->> 'token' from invitation))), 'invitation_not_found', 'It is for its address only');
select is(pg_temp.ask('new', $$select public.accept_invitation('pli_no')$$), 'invitation_not_found', 'and for its token');
select is(pg_temp.ask('new', $$select public.accept_invitation(null)$$), 'invitation_not_found', 'and for some');
select is(pg_temp.ask('admin', $$select public.invite_member('new@members.test', 'member') ->> 'role'$$), 'member', 'A second invitation of an address');
select is(pg_temp.ask('new', format('select public.accept_invitation(%L)', (select told ->> 'token' from invitation))), 'invitation_not_found', 'voids the first');
update invitation set told = pg_temp.ask('admin', $$select public.invite_member('new@members.test', 'viewer')$$)::jsonb;
update private.org_invitations set expires_at = now();
select is(pg_temp.ask('new', format('select public.accept_invitation(%L)', (select told ->> 'token' from invitation))), 'invitation_not_found', 'It expires');
update private.org_invitations set expires_at = now() + interval '1 hour';
update public.org_members set role = 'analyst' where user_id = pg_temp.id('admin');
select is(pg_temp.ask('new', format('select public.accept_invitation(%L)', (select told ->> 'token' from invitation))), 'invitation_not_found', 'It is void when who sent it has lost the right');
update public.org_members set role = 'admin' where user_id = pg_temp.id('admin');
select is(pg_temp.ask('new', format('select public.accept_invitation(%L) ->> ''role''', (select told ->> 'token' from invitation))), 'viewer', 'Who is invited becomes a member');
select is(pg_temp.role_of('new'), 'viewer', 'with that role');
select is(pg_temp.ask('new', format('select public.accept_invitation(%L)', (select told ->> 'token' from invitation))), 'invitation_not_found', 'once');
select is(pg_temp.ask('admin', $$select public.invite_member('NEW@members.test')$$), 'already_member', 'A member is not invited');
select pg_temp.ask('admin2', $$select public.invite_member('gone@members.test')$$);
select pg_temp.ask('owner', format('select public.remove_member(%L)', pg_temp.id('admin2')));
select is_empty($$select * from private.org_invitations where email = 'gone@members.test'$$, 'Who is removed leaves no invitation behind');
select is(pg_temp.ask('admin', format('select public.invite_member(%L, ''member'', %s)', email, days)), 'validation_failed', format('No invitation to %s for %s days', email, days))
  from (values ('nobody', 7), ('a@b@c', 7), ('', 7), (repeat('x', 250) || '@y.test', 7), ('a@b.test', 0), ('a@b.test', 31)) as t (email, days);

-- Leaving
select is(pg_temp.ask('owner2', format('select public.remove_member(%L)::text', pg_temp.id('owner2'))), '', 'An owner leaves while there is another');
select is(pg_temp.ask('owner', format('select public.remove_member(%L)', pg_temp.id('owner'))), 'last_owner', 'The last one stays');
select is(pg_temp.ask('viewer', format('select public.remove_member(%L)::text', pg_temp.id('viewer'))), '', 'Everybody else may leave');
select is(pg_temp.role_of('owner') || coalesce(pg_temp.role_of('owner2'), '') || coalesce(pg_temp.role_of('viewer'), ''), 'owner', 'which is so');

-- The list
select is(pg_temp.ask('admin', $$select jsonb_agg(e -> 'email') from jsonb_array_elements(public.get_members(max_rows => 3) -> 'members') as e$$)::jsonb,
  (select jsonb_agg(u.email order by m.joined_at, m.user_id) from (select * from public.org_members where organization_id = pg_temp.id('here') order by joined_at, user_id limit 3) as m
    join auth.users as u on u.id = m.user_id), 'Admins see addresses');
select is(pg_temp.ask('member', $$select count(e ->> 'email') from jsonb_array_elements(public.get_members() -> 'members') as e$$), '1', 'Members see their own only');
create function pg_temp.paged(step integer) returns jsonb language plpgsql as $$
declare
  v_page jsonb;
  v_last jsonb;
  v_ids jsonb := '[]';
begin
  loop
    v_page := pg_temp.ask('admin', format('select public.get_members(null, %s, %L, %L)', step, v_last ->> 'joined_at', v_last ->> 'user_id'))::jsonb;
    v_ids := v_ids || jsonb_path_query_array(v_page, '$.members[*].user_id');
    v_last := v_page -> 'members' -> -1;
    exit when not (v_page ->> 'has_more')::boolean;
  end loop;
  return v_ids;
end;
$$;
select is(pg_temp.paged(2), pg_temp.paged(200), 'Pages give every member once');
select is(pg_temp.ask('admin', format('select jsonb_path_query_array(public.get_members(null, 2, (select joined_at from public.org_members where user_id = %1$L and organization_id = %2$L), %1$L, true), ''$.members[*].user_id'')',
  pg_temp.paged(200) ->> 4, pg_temp.id('here')))::jsonb, jsonb_path_query_array(pg_temp.paged(200), '$[2 to 3]'), 'and lead back');

select * from finish();
rollback;
