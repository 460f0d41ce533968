-- "Do not share", and the anonymised dataset of an organisation.

create function public.get_sharing()
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  perform private.require_person();
  perform private.require_account();
  return (select jsonb_build_object('do_not_share', p.do_not_share) from public.profiles as p where p.user_id = (select auth.uid()));
end;
$$;
comment on function public.get_sharing() is 'The caller''s choice: {do_not_share}. Errors: not_authenticated (401).';
revoke execute on function public.get_sharing() from public, anon;
grant execute on function public.get_sharing() to authenticated;

create function private.set_sharing(do_not_share boolean)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  update public.profiles as p set do_not_share = set_sharing.do_not_share
   where p.user_id = (select auth.uid()) and p.do_not_share <> set_sharing.do_not_share;
  if found then
    perform private.record_audit('sharing.set', null, 'user', (select auth.uid())::text, jsonb_build_object('do_not_share', set_sharing.do_not_share));
  end if;
end;
$$;
comment on function private.set_sharing(boolean) is 'The work of public.set_sharing.';
grant execute on function private.set_sharing(boolean) to authenticated;

create function public.set_sharing(do_not_share boolean)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  perform private.require_account();
  if set_sharing.do_not_share is null then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'do_not_share is true or false';
  end if;
  perform private.set_sharing(set_sharing.do_not_share);
  return public.get_sharing();
end;
$$;
comment on function public.set_sharing(boolean) is
  'Says whether the caller''s log is shared with teammates at all ("do not share", California Civil Code 1798.120); at once, in every team view and figure. Returns {do_not_share}. Errors: not_authenticated (401), validation_failed (400).';
revoke execute on function public.set_sharing(boolean) from public, anon;
grant execute on function public.set_sharing(boolean) to authenticated;

-- The dataset: one table of figures per organisation and week, made once and never again, which is all that can be asked
-- for. So no two answers about the same week can be subtracted, whoever joins, leaves, deletes or hides what in between; and
-- two weeks have no event in common.
--
-- Method: cell suppression by a threshold of contributors and the p% rule for dominance, then complementary suppression
-- (Hundepool et al., Statistical Disclosure Control, Wiley 2012, chapter 4; Sweeney, k-anonymity, IJUFKS 10:557, 2002). The
-- cells form a tree: everything, 4 parts of the day, 4 kinds of events in each. What can be computed from the published cells
-- are unions of published leaves and of the rest below each published cell (what it has more than its published children
-- together). A rest is therefore judged as a cell is, and further children are suppressed until it is safe or empty.

create table private.dataset_releases (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  week date not null check (extract(isodow from week) = 1),
  release jsonb not null,
  released_at timestamptz not null default now(),
  primary key (organization_id, week)
);
comment on table private.dataset_releases is
  'The anonymised figures of an organisation''s UTC weeks, from Monday. A row is written once; it has nothing of a person, so it outlives erasures.';

create type private.contribution as (member_id uuid, leaf integer, events integer, seconds bigint, people bytea[]);
comment on type private.contribution is
  'What one member adds to one leaf (4 × part of the day + kind): events, seconds of calls, and keyed hashes of the numbers at the other end.';

create function private.dataset_is_safe(contributions private.contribution[], leaves integer)
returns boolean
language sql immutable
set search_path = ''
as $$
  with chosen as (
    select c.* from unnest(dataset_is_safe.contributions) as c where (dataset_is_safe.leaves >> c.leaf) & 1 = 1
  ),
  of_member as (
    select c.member_id, sum(c.events) as events, sum(c.seconds) as seconds from chosen as c group by c.member_id
  ),
  judged as (
    select count(*) as members,
           array_agg(m.events order by m.events desc) as events, sum(m.events) as all_events,
           array_agg(m.seconds order by m.seconds desc) as seconds, sum(m.seconds) as all_seconds
      from of_member as m
  )
  select coalesce(j.members >= 5
      and j.all_events - j.events[1] - j.events[2] >= 0.1 * j.events[1]
      and j.all_seconds - j.seconds[1] - j.seconds[2] >= 0.1 * j.seconds[1]
      and (select count(distinct person) from chosen as c cross join lateral unnest(c.people) as person) >= 5, false)
    from judged as j
$$;
comment on function private.dataset_is_safe(private.contribution[], integer) is
  'Whether the figures of these leaves (a bit each) may be told: of at least 5 members and 5 people at the other end, and (p% rule, p = 10) the second largest contributor can not estimate the largest one''s events or seconds to within 10 %.';

create function private.dataset_children(contributions private.contribution[], parent integer, children integer[])
returns integer[]
language plpgsql immutable
set search_path = ''
as $$
declare
  -- The smallest last.
  v_open integer[] := array(
    select child from unnest(dataset_children.children) as child
     where private.dataset_is_safe(dataset_children.contributions, child)
     order by (select sum(c.events) from unnest(dataset_children.contributions) as c where (child >> c.leaf) & 1 = 1) desc, child);
  v_rest integer;
begin
  loop
    v_rest := dataset_children.parent & ~coalesce((select bit_or(child) from unnest(v_open) as child), 0);
    exit when v_open = '{}' or v_rest = 0 or private.dataset_is_safe(dataset_children.contributions, v_rest);
    v_open := v_open[1:cardinality(v_open) - 1];
  end loop;
  return v_open;
end;
$$;
comment on function private.dataset_children(private.contribution[], integer, integer[]) is
  'Which children of a published cell are published: the safe ones, as many of them as leave a safe rest or none.';

create function private.dataset_of(organization_id uuid, week date)
returns jsonb
language plpgsql volatile
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  c_all constant integer := 65535;
  v_from constant timestamptz := dataset_of.week::timestamp at time zone 'UTC';
  v_to constant timestamptz := v_from + interval '168 hours';
  -- A key for each month, destroyed two months later: the hashes of two months have nothing to do with each other, and in the
  -- end nobody can try numbers out any more.
  v_key constant bytea := private.secret_key(format('dataset:%s:%s', dataset_of.organization_id, to_char(dataset_of.week, 'YYYY-MM')));
  v_contributions private.contribution[];
  v_open integer[] := array[]::integer[];
  v_people jsonb := jsonb '[]';
begin
  with event as materialized (
    select e.user_id, e.number, e.duration, not coalesce(r.mask_number, false) as shows_number,
           4 * (extract(hour from e.ts at time zone p.time_zone)::integer / 6)
             + case e.type when 'call' then 0 else 2 end + case e.direction when 'inbound' then 0 else 1 end as leaf
      from private.sharing_members as m
      join public.profiles as p on p.user_id = m.user_id
      join public.events as e on e.user_id = m.user_id and e.ts >= v_from and e.ts < v_to
      left join public.privacy_rules as r on r.user_id = e.user_id and r.contact_id = e.contact_id
     -- Who came in the middle of the week is not in it: nobody learns by letting somebody in.
     where m.organization_id = dataset_of.organization_id and m.joined_at <= v_from and coalesce(r.visibility, 'team') <> 'private'
  ),
  person as materialized (
    select number, extensions.hmac(convert_to(number, 'UTF8'), v_key, 'sha256') as hash from (select distinct number from event where number is not null) as n
  ),
  of_member as (
    select person.hash, e.user_id, count(*) as events from event as e join person using (number) where e.shows_number group by 1, 2
  ),
  known as (
    select o.hash, count(*) as members, sum(o.events) as all_events, array_agg(o.events order by o.events desc) as events from of_member as o group by 1
  )
  select
    (select coalesce(array_agg(row(c.user_id, c.leaf, c.events, c.seconds, c.people)::private.contribution), '{}')
       from (select e.user_id, e.leaf, count(*)::integer as events, coalesce(sum(e.duration), 0) as seconds,
                    array_agg(distinct person.hash) filter (where person.hash is not null) as people
               from event as e left join person using (number) group by 1, 2) as c),
    (select coalesce(jsonb_agg(jsonb_build_object('hash', encode(substring(k.hash for 16), 'hex'), 'events', case
          when k.all_events < 10 then '5-9' when k.all_events < 20 then '10-19' when k.all_events < 50 then '20-49'
          when k.all_events < 100 then '50-99' else '100+' end) order by k.hash), '[]')
       from known as k where k.members >= 5 and k.all_events - k.events[1] - k.events[2] >= 0.1 * k.events[1])
    into v_contributions, v_people;

  if private.dataset_is_safe(v_contributions, c_all) then
    v_open := private.dataset_children(v_contributions, c_all, array[15, 15 << 4, 15 << 8, 15 << 12]);
    v_open := v_open || c_all || coalesce((
      select array_agg(leaf) from unnest(v_open) as part
       cross join lateral unnest(private.dataset_children(v_contributions, part,
         array(select 1 << i from generate_series(0, 15) as i where part & (1 << i) <> 0))) as leaf), '{}');
  end if;
  return jsonb_build_object(
    'cells', (
      select jsonb_agg(jsonb_build_object(
          'day_part', (array['all', 'night', 'morning', 'afternoon', 'evening'])[cell.part + 2],
          'kind', (array['all', 'call_inbound', 'call_outbound', 'sms_inbound', 'sms_outbound'])[cell.kind + 2],
          'is_suppressed', cell.leaves <> all (v_open),
          'events', case when cell.leaves = any (v_open) then figures.events end,
          'talk_minutes', case when cell.leaves = any (v_open) then round(figures.seconds / 60) end) order by cell.part, cell.kind)
        from (
          select -1 as part, -1 as kind, c_all as leaves
          union all select p, -1, 15 << (4 * p) from generate_series(0, 3) as p
          union all select p, k, 1 << (4 * p + k) from generate_series(0, 3) as p cross join generate_series(0, 3) as k) as cell
        cross join lateral (
          select coalesce(sum(c.events), 0) as events, coalesce(sum(c.seconds), 0) as seconds
            from unnest(v_contributions) as c where (cell.leaves >> c.leaf) & 1 = 1) as figures),
    'numbers', case when v_open = '{}' then '[]' else v_people end);
end;
$$;
comment on function private.dataset_of(uuid, date) is
  'The anonymised figures of an organisation''s week: {cells [{day_part, kind, is_suppressed, events, talk_minutes}], numbers [{hash, events: a band}]}. Parts of the day are each member''s local 00-06-12-18-24; private contacts, and who does not share, are not in it. numbers: those that 5 members or more had events with and show to teammates. For private.job_dataset only.';

create function private.job_dataset(deadline timestamptz)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  -- Two days for phones that sync late.
  v_week constant date := (date_trunc('week', (now() - interval '2 days') at time zone 'UTC') - interval '7 days')::date;
  v_until constant timestamptz := least(job_dataset.deadline, clock_timestamp() + interval '1 second');
  v_organization uuid;
  v_released integer := 0;
begin
  perform private.drop_secret_key(s.name) from private.secrets as s where s.name like 'dataset:%' and s.created_at < now() - interval '62 days';
  for v_organization in
    select o.id from public.organizations as o
     where o.created_at < (v_week + 7)::timestamp at time zone 'UTC'
       and not exists (select from private.dataset_releases as d where d.organization_id = o.id and d.week = v_week)
     order by o.id
  loop
    insert into private.dataset_releases (organization_id, week, release)
    values (v_organization, v_week, private.dataset_of(v_organization, v_week))
    on conflict on constraint dataset_releases_pkey do nothing;
    perform private.record_audit('dataset.released', v_organization, 'dataset', v_week::text);
    v_released := v_released + 1;
    if clock_timestamp() >= v_until then
      return jsonb_build_object('released', v_released, 'more', true);
    end if;
  end loop;
  return jsonb_build_object('released', v_released, 'more', false);
end;
$$;
comment on function private.job_dataset(timestamptz) is
  'Releases the last whole week of each organisation, once, two days after its end at the earliest; a week without a run has no release. {released, more}.';

create function private.get_dataset(organization_id uuid, week date)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_organization constant uuid := private.my_organization(get_dataset.organization_id);
  v_release jsonb;
begin
  if private.my_rank_in(v_organization) < private.role_rank('analyst') then
    raise exception using errcode = 'PT403', message = 'role_insufficient', detail = 'This takes an analyst of the organisation';
  end if;
  select jsonb_build_object('organization_id', v_organization, 'week', d.week,
      'from', d.week::timestamp at time zone 'UTC', 'to', (d.week + 7)::timestamp at time zone 'UTC', 'k', 5, 'released_at', d.released_at,
      'weeks', (select jsonb_agg(other.week order by other.week desc) from private.dataset_releases as other where other.organization_id = v_organization))
      || d.release into v_release
    from private.dataset_releases as d
   where d.organization_id = v_organization and (get_dataset.week is null or d.week = get_dataset.week)
   order by d.week desc limit 1;
  if v_release is null then
    raise exception using errcode = 'PT404', message = 'dataset_not_found', detail = 'No dataset of that week';
  end if;
  return v_release;
end;
$$;
comment on function private.get_dataset(uuid, date) is 'The work of public.get_dataset.';
grant execute on function private.get_dataset(uuid, date) to authenticated;

create function public.get_dataset(organization_id uuid default null, week date default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  perform private.require_scope('analytics:read');
  return private.get_dataset(get_dataset.organization_id, get_dataset.week);
end;
$$;
comment on function public.get_dataset(uuid, date) is
  'An organisation''s anonymised figures of a UTC week, given by its Monday (default: the last released), for analysts and up: {organization_id, week, from, to, k, released_at, weeks, cells, numbers} as private.dataset_of made them once. Errors: not_authenticated (401), validation_failed (400), role_insufficient (403), organization_not_found, dataset_not_found (404).';
revoke execute on function public.get_dataset(uuid, date) from public, anon;
grant execute on function public.get_dataset(uuid, date) to authenticated;
