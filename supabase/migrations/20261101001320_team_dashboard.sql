-- The organisation's board: what its people did in a period, as far as nobody keeps it private. Everybody is counted as
-- teammates see them, also the caller, so the board is the same for all who may see it.

create function private.my_rank_in(organization_id uuid)
returns integer
language sql stable security definer
set search_path = ''
as $$
  select coalesce((select private.role_rank(m.role) from public.org_members as m
    where m.organization_id = my_rank_in.organization_id and m.user_id = (select auth.uid())), 0)
$$;
comment on function private.my_rank_in(uuid) is 'The caller''s rank in an organisation (private.role_rank); 0: not in it.';
grant execute on function private.my_rank_in(uuid) to authenticated;

create type private.team_measures as (
  part integer, user_id uuid, members bigint, calls bigint, sms bigint, inbound bigint, answered bigint, missed bigint,
  talk_seconds bigint, answered_seconds bigint, answered_timed bigint);
comment on type private.team_measures is
  'The sums of private.activity: of one part of a period, with how many members have events in it, or (part null) of one member.';

create function private.team_activity_between(organization_id uuid, bounds timestamptz[], top private.grain)
returns setof private.team_measures
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_generic_plan set jit = off set enable_memoize = off
as $$
begin
  if private.my_rank_in(team_activity_between.organization_id) = 0 then
    raise exception using errcode = 'PT404', message = 'organization_not_found', detail = 'No such organisation of yours';
  end if;
  return query
  with member as materialized (
    select row_number() over ()::integer as id, m.user_id from private.sharing_members as m
     where m.organization_id = team_activity_between.organization_id
  ),
  hidden as materialized (
    select r.user_id, r.contact_id from member as m join public.privacy_rules as r on r.user_id = m.user_id where r.visibility = 'private'
  ),
  piece as materialized (select * from private.pieces_of(team_activity_between.bounds, team_activity_between.top)),
  whole as materialized (
    select array_agg(p.starts_at order by p.starts_at) as starts, array_agg(p.part order by p.starts_at) as parts,
      min(p.starts_at) as since, max(p.ends_at) as upto
      from piece as p where p.grain = team_activity_between.top
  ),
  -- A sliver belongs to the parts on both its sides, for the one it is more and for the other less: it is read once.
  span as materialized (
    select row_number() over (order by p.starts_at)::integer as id, p.grain, p.starts_at, p.ends_at, m.month,
      case when team_activity_between.top = 'month' and sum(p.sign) = 0 and p.grain is distinct from 'day' then
        case when p.starts_at < m.month and (p.grain is null or p.ends_at = m.month) then floor(extract(epoch from p.starts_at - m.month) / 3600)
          when p.starts_at >= m.month and (p.grain is null or p.starts_at = m.month) and p.ends_at <= m.month + interval '12 hours'
            then ceil(extract(epoch from p.ends_at - m.month) / 3600) end::smallint end as hours,
      array_agg(p.part) as parts, array_agg(p.sign) as signs, sum(p.sign)::integer as net
      from piece as p
      cross join lateral (select date_trunc('month', p.starts_at + interval '14 hours', 'UTC') as month) as m
     where p.grain is distinct from team_activity_between.top group by p.grain, p.starts_at, p.ends_at, m.month
  ),
  side as materialized (select s.id, p.part, p.sign from span as s cross join lateral unnest(s.parts, s.signs) as p (part, sign)),
  -- Between two local months there is such a sliver: private.month_edges has the sums of its whole hours for each member. Where
  -- it is part of an hour, its events are looked for if that hour has any.
  edge as materialized (
    select s.grain, s.hours, array_agg(s.month order by s.month) as months, array_agg(s.id order by s.month) as ids,
      array_agg(s.starts_at order by s.month) as starts, array_agg(s.ends_at order by s.month) as ends
      from span as s where s.hours is not null group by s.grain, s.hours
  ),
  apart as (
    select s.id, s.grain, s.starts_at, s.ends_at, m.id as member, m.user_id from span as s cross join member as m where s.hours is null
    union all
    select e.ids[a.at], null, e.starts[a.at], e.ends[a.at], m.id, m.user_id
      from edge as e cross join member as m
      cross join lateral (
        select width_bucket(a.month, e.months) as at from private.month_edges as a
         where a.user_id = m.user_id and a.hours = e.hours and a.month = any (e.months) and not a.is_private and a.farthest_hour > 0 offset 0) as a
     where e.grain is null
  ),
  sliver as materialized (
    select e.ids[width_bucket(a.month, e.months)] as id, m.id as member, a.calls, a.sms, a.inbound, a.answered, a.missed,
      a.talk_seconds::double precision, a.answered_seconds::double precision, a.answered_timed
      from edge as e cross join member as m
      cross join lateral (
        select * from private.month_edges as a
         where a.user_id = m.user_id and a.hours = e.hours and a.month = any (e.months) and not a.is_private offset 0) as a
     where e.grain is not null
    union all
    select s.id, s.member, a.*
      from apart as s
      cross join lateral (
        select sum(a.calls)::integer as calls, sum(a.sms)::integer, sum(a.inbound)::integer, sum(a.answered)::integer, sum(a.missed)::integer,
          sum(a.talk_seconds::double precision), sum(a.answered_seconds::double precision), sum(a.answered_timed)::integer
          from private.activity as a
         where a.user_id = s.user_id and a.grain = s.grain and a.bucket >= s.starts_at and a.bucket < s.ends_at and not a.is_private) as a
     where s.grain is not null and a.calls is not null
    union all
    select s.id, s.member, e.*
      from apart as s
      cross join lateral (
        select sum(e.calls)::integer as calls, sum(e.sms)::integer, sum(e.inbound)::integer, sum(e.answered)::integer, sum(e.missed)::integer,
          sum(e.talk_seconds::double precision), sum(e.answered_seconds::double precision), sum(e.answered_timed)::integer
          from private.event_measures as e
         where e.user_id = s.user_id and e.ts >= s.starts_at and e.ts < s.ends_at
           and ((e.user_id, e.contact_id) in (select h.user_id, h.contact_id from hidden as h)) is not true) as e
     where s.grain is null and e.calls is not null
  ),
  -- The whole buckets of all parts lie next to each other: one range of each member.
  bucket as materialized (
    select w.parts[width_bucket(a.bucket, w.starts)] as part, m.id as member, a.calls, a.sms, a.inbound, a.answered, a.missed,
      a.talk_seconds::double precision, a.answered_seconds::double precision, a.answered_timed
      from whole as w cross join member as m
      cross join lateral (
        select * from private.activity as a
         where a.user_id = m.user_id and a.grain = team_activity_between.top and a.bucket >= w.since and a.bucket < w.upto
           and not a.is_private offset 0) as a
  ),
  -- Of the sums of a member, what the slivers add to one part and take from the next is nothing. Whole numbers below 2^53: sums
  -- of integers and doubles are exact, and faster than those of bigint.
  per_member as (
    select t.member, sum(t.sign * t.calls) as calls, sum(t.sign * t.sms) as sms, sum(t.sign * t.inbound) as inbound, sum(t.sign * t.answered) as answered,
      sum(t.sign * t.missed) as missed, sum(t.sign * t.talk_seconds)::bigint as talk_seconds, sum(t.sign * t.answered_seconds)::bigint as answered_seconds,
      sum(t.sign * t.answered_timed) as answered_timed
      from (
        select 1 as sign, b.* from bucket as b
        union all
        select s.net, v.* from span as s join sliver as v on v.id = s.id where s.net <> 0) as t
     group by t.member
  ),
  per_part as (
    select t.part, sum(t.sign * t.calls)::bigint as calls, sum(t.sign * t.sms)::bigint as sms, sum(t.sign * t.inbound)::bigint as inbound,
      sum(t.sign * t.answered)::bigint as answered, sum(t.sign * t.missed)::bigint as missed, sum(t.sign * t.talk_seconds)::bigint as talk_seconds,
      sum(t.sign * t.answered_seconds)::bigint as answered_seconds, sum(t.sign * t.answered_timed)::bigint as answered_timed
      from (
        select b.part, 1 as sign, sum(b.calls) as calls, sum(b.sms) as sms, sum(b.inbound) as inbound, sum(b.answered) as answered, sum(b.missed) as missed,
          sum(b.talk_seconds) as talk_seconds, sum(b.answered_seconds) as answered_seconds, sum(b.answered_timed) as answered_timed
          from bucket as b group by b.part
        union all
        select side.part, side.sign, v.calls, v.sms, v.inbound, v.answered, v.missed, v.talk_seconds, v.answered_seconds, v.answered_timed
          from side
          join (select v.id, sum(v.calls) as calls, sum(v.sms) as sms, sum(v.inbound) as inbound, sum(v.answered) as answered, sum(v.missed) as missed,
                  sum(v.talk_seconds) as talk_seconds, sum(v.answered_seconds) as answered_seconds, sum(v.answered_timed) as answered_timed
                  from sliver as v group by v.id) as v on v.id = side.id) as t
     group by t.part
  ),
  active as (
    select t.part, count(*) as members
      from (
        select t.part
          from (
            select b.part, b.member, b.calls + b.sms as events from bucket as b
            union all
            select side.part, v.member, side.sign * v.events from side
              join (select v.id, v.member, v.calls + v.sms as events from sliver as v) as v on v.id = side.id) as t
         group by t.part, t.member
        having sum(t.events) > 0) as t
     group by t.part
  )
  select null::integer, m.user_id, null::bigint, t.calls, t.sms, t.inbound, t.answered, t.missed, t.talk_seconds, t.answered_seconds, t.answered_timed
    from per_member as t join member as m on m.id = t.member
  union all
  select p.part, null, a.members, p.calls, p.sms, p.inbound, p.answered, p.missed, p.talk_seconds, p.answered_seconds, p.answered_timed
    from per_part as p join active as a on a.part = p.part;
end;
$$;
comment on function private.team_activity_between(uuid, timestamptz[], private.grain) is
  'Without private contacts, between ascending bounds: the sums of each part in which anybody has events, and those of each member over all parts; members without any roll-up row are left out. Errors: organization_not_found (404).';
grant execute on function private.team_activity_between(uuid, timestamptz[], private.grain) to authenticated;

create function private.team_contacts_between(organization_id uuid, starts_at timestamptz, ends_at timestamptz)
returns table (user_id uuid, contacts bigint)
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
begin
  if private.my_rank_in(team_contacts_between.organization_id) = 0 then
    raise exception using errcode = 'PT404', message = 'organization_not_found', detail = 'No such organisation of yours';
  end if;
  return query
  select s.user_id, count(*)
    from private.sharing_members as m
    join private.contact_stats as s on s.user_id = m.user_id
   where m.organization_id = team_contacts_between.organization_id
     and s.first_ts < team_contacts_between.ends_at and s.last_ts >= team_contacts_between.starts_at
     and case when s.first_ts >= team_contacts_between.starts_at or s.last_ts < team_contacts_between.ends_at then true
       else exists (select from public.events as e where e.user_id = s.user_id and e.contact_id = s.contact_id
         and e.ts >= team_contacts_between.starts_at and e.ts < team_contacts_between.ends_at) end
     and (s.user_id, s.contact_id) not in (
       select r.user_id, r.contact_id from private.sharing_members as o join public.privacy_rules as r on r.user_id = o.user_id
        where o.organization_id = team_contacts_between.organization_id and r.visibility = 'private')
   group by s.user_id;
end;
$$;
comment on function private.team_contacts_between(uuid, timestamptz, timestamptz) is
  'How many contacts each member had events with in [starts_at, ends_at), private ones left out. Errors: organization_not_found (404).';
grant execute on function private.team_contacts_between(uuid, timestamptz, timestamptz) to authenticated;

create function private.team_member_ids(organization_id uuid)
returns setof uuid
language sql stable security definer
set search_path = ''
as $$
  select m.user_id from private.sharing_members as m
   where m.organization_id = team_member_ids.organization_id and private.my_rank_in(team_member_ids.organization_id) > 0
$$;
comment on function private.team_member_ids(uuid) is 'Everybody who shares in an organisation of the caller; nobody in another.';
grant execute on function private.team_member_ids(uuid) to authenticated;

create function private.team_names(organization_id uuid)
returns table (user_id uuid, display_name text, role text)
language sql stable security definer
set search_path = ''
as $$
  select m.user_id, p.display_name, m.role
    from private.sharing_members as m join public.profiles as p on p.user_id = m.user_id
   where m.organization_id = team_names.organization_id
     and private.my_rank_in(team_names.organization_id) >= private.role_rank('analyst')
$$;
comment on function private.team_names(uuid) is 'Names and roles of the members, for analysts and up of the organisation; nothing for others.';
grant execute on function private.team_names(uuid) to authenticated;

create function private.my_organization(organization_id uuid)
returns uuid
language plpgsql stable
set search_path = ''
as $$
declare
  v_ids constant uuid[] := array(select id from private.my_organization_ids() as id order by id);
begin
  if (select auth.uid()) is null then
    raise exception using errcode = 'PT401', message = 'not_authenticated', detail = 'Sign in first';
  end if;
  if my_organization.organization_id is null and cardinality(v_ids) > 1 then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'You are in several organisations: say which by organization_id';
  end if;
  if cardinality(v_ids) = 0 or coalesce(my_organization.organization_id, v_ids[1]) <> all (v_ids) then
    raise exception using errcode = 'PT404', message = 'organization_not_found', detail = 'No such organisation of yours';
  end if;
  return coalesce(my_organization.organization_id, v_ids[1]);
end;
$$;
comment on function private.my_organization(uuid) is
  'The named organisation of the caller, or the only one. Errors: not_authenticated (401), validation_failed (400: several, none named), organization_not_found (404).';
grant execute on function private.my_organization(uuid) to authenticated;

create function public.get_team_dashboard_metrics(
  organization_id uuid default null, starts_at timestamptz default null, ends_at timestamptz default null, granularity text default null,
  compare text default 'previous_period', metric text default 'total_events', time_zone text default null, max_rows integer default 50)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_organization constant uuid := private.my_organization(get_team_dashboard_metrics.organization_id);
  v_rank constant integer := private.my_rank_in(v_organization);
  v_profile public.profiles;
  v_zone text;
  v_granularity text;
  v_to constant timestamptz := coalesce(get_team_dashboard_metrics.ends_at, date_trunc('minute', now()) + interval '1 minute');
  v_from timestamptz;
  v_before tstzrange;
  v_bounds timestamptz[];
  v_answer jsonb;
  v_then jsonb;
begin
  perform private.require_scope('analytics:read');
  select * into v_profile from public.profiles as p where p.user_id = (select auth.uid());
  v_zone := coalesce(get_team_dashboard_metrics.time_zone, v_profile.time_zone, 'UTC');
  if coalesce(get_team_dashboard_metrics.compare, '') not in ('previous_period', 'previous_year', 'none')
     or coalesce(get_team_dashboard_metrics.metric, '') not in ('total_events', 'total_calls', 'total_sms', 'inbound', 'outbound', 'answered_calls',
       'missed_calls', 'unique_contacts', 'total_call_duration_minutes') then
    raise exception using errcode = 'PT400', message = 'validation_failed',
      detail = 'compare is previous_period, previous_year or none; metric is one of the figures of the board';
  end if;
  perform private.require_period('epoch', 'epoch'::timestamptz + interval '1 hour', 'month', v_zone);
  v_from := coalesce(get_team_dashboard_metrics.starts_at, date_subtract(date_trunc('day', v_to - interval '1 microsecond', v_zone), interval '29 days', v_zone));
  v_granularity := coalesce(get_team_dashboard_metrics.granularity, case
    when v_to - v_from <= interval '92 days' then 'day' when v_to - v_from <= interval '750 days' then 'week' else 'month' end);
  perform private.require_period(v_from, v_to, v_granularity, v_zone);

  v_bounds := private.bucket_bounds(v_from, v_to, v_granularity, v_zone, coalesce(v_profile.week_start, 1));
  with sums as materialized (
    select * from private.team_activity_between(v_organization, private.cut_bounds(v_bounds, v_from, v_to), private.grain_for(v_granularity))
  ),
  figures as materialized (
    select m.user_id, coalesce(c.contacts, 0) as unique_contacts, coalesce(s.calls + s.sms, 0) as total_events, coalesce(s.calls, 0) as total_calls,
      coalesce(s.sms, 0) as total_sms, coalesce(s.inbound, 0) as inbound, coalesce(s.calls + s.sms - s.inbound, 0) as outbound,
      coalesce(s.answered, 0) as answered_calls, coalesce(s.missed, 0) as missed_calls,
      round(coalesce(s.talk_seconds, 0) / 60.0, 2) as total_call_duration_minutes,
      round(s.answered_seconds::numeric / nullif(s.answered_timed, 0) / 60, 2) as avg_call_duration_minutes,
      coalesce(s.answered_seconds, 0) as answered_seconds, coalesce(s.answered_timed, 0) as answered_timed
      from private.team_member_ids(v_organization) as m (user_id)
      left join sums as s on s.user_id = m.user_id
      left join private.team_contacts_between(v_organization, v_from, v_to) as c on c.user_id = m.user_id
  ),
  ranked as (
    select f.*, (to_jsonb(f) ->> get_team_dashboard_metrics.metric)::numeric as value from figures as f
  ),
  board as (
    select r.*, rank() over (order by r.value desc) as rank,
      round((100 * percent_rank() over (order by r.value))::numeric) as percentile
      from ranked as r
  )
  select jsonb_build_object(
    'totals', (select jsonb_build_object('members', count(*), 'active_members', count(*) filter (where total_events > 0),
        'total_events', sum(total_events), 'total_calls', sum(total_calls), 'total_sms', sum(total_sms), 'inbound', sum(inbound),
        'outbound', sum(outbound), 'answered_calls', sum(answered_calls), 'missed_calls', sum(missed_calls),
        'total_call_duration_minutes', sum(total_call_duration_minutes),
        'avg_call_duration_minutes', round(sum(answered_seconds)::numeric / nullif(sum(answered_timed), 0) / 60, 2)) from figures),
    'leaderboard', case when v_rank >= private.role_rank('analyst') then (
      select coalesce(jsonb_agg(jsonb_build_object('rank', b.rank, 'percentile', b.percentile, 'user_id', b.user_id, 'name', n.display_name, 'role', n.role,
          'total_events', b.total_events, 'total_calls', b.total_calls, 'total_sms', b.total_sms, 'inbound', b.inbound, 'outbound', b.outbound,
          'answered_calls', b.answered_calls, 'missed_calls', b.missed_calls, 'unique_contacts', b.unique_contacts,
          'total_call_duration_minutes', b.total_call_duration_minutes, 'avg_call_duration_minutes', b.avg_call_duration_minutes)
          order by b.rank, b.user_id), '[]')
        from (select * from board order by rank, user_id
               limit least(greatest(coalesce(get_team_dashboard_metrics.max_rows, 50), 1), 200)) as b
        left join private.team_names(v_organization) as n on n.user_id = b.user_id) end,
    -- The quantiles of a handful of people are their figures.
    'percentiles', case when v_rank >= private.role_rank('analyst') or (select count(*) from figures) >= 5 then (
      select jsonb_object_agg('p' || q, (select percentile_cont(q / 100.0) within group (order by r.value) from ranked as r))
        from unnest(array[10, 25, 50, 75, 90]) as q) end,
    'time_series', jsonb_build_object('granularity', v_granularity, 'data', (
      select jsonb_agg(bucket || jsonb_build_object(
          'total_events', coalesce(p.calls + p.sms, 0), 'calls', coalesce(p.calls, 0), 'sms', coalesce(p.sms, 0), 'inbound', coalesce(p.inbound, 0),
          'outbound', coalesce(p.calls + p.sms - p.inbound, 0), 'active_members', coalesce(p.members, 0),
          'avg_duration', round(p.answered_seconds::numeric / nullif(p.answered_timed, 0), 1)) order by i)
        from unnest(private.time_buckets(v_bounds, v_from, v_to, v_zone)) with ordinality as given (bucket, i) left join sums as p on p.part = i)))
  into v_answer;

  v_before := private.compared_period(v_from, v_to, get_team_dashboard_metrics.compare, v_zone);
  if v_before is not null then
    select jsonb_build_object('active_members', count(*) filter (where calls + sms > 0),
        'total_events', coalesce(sum(calls + sms), 0), 'total_calls', coalesce(sum(calls), 0), 'total_sms', coalesce(sum(sms), 0),
        'inbound', coalesce(sum(inbound), 0), 'outbound', coalesce(sum(calls + sms - inbound), 0),
        'answered_calls', coalesce(sum(answered), 0), 'missed_calls', coalesce(sum(missed), 0),
        'total_call_duration_minutes', round(coalesce(sum(talk_seconds), 0) / 60.0, 2),
        'avg_call_duration_minutes', round(sum(answered_seconds)::numeric / nullif(sum(answered_timed), 0) / 60, 2))
      into v_then
      from private.team_activity_between(v_organization, array[lower(v_before), upper(v_before)], 'month') as t
     where t.user_id is not null;
  end if;
  return v_answer || jsonb_build_object(
    'organization_id', v_organization, 'from', v_from, 'to', v_to, 'time_zone', v_zone, 'metric', get_team_dashboard_metrics.metric,
    'comparison', case when v_before is not null then jsonb_build_object(
      'mode', get_team_dashboard_metrics.compare, 'from', lower(v_before), 'to', upper(v_before),
      'metrics', (select jsonb_object_agg(key, private.change_of((v_answer -> 'totals' ->> key)::numeric, value::numeric))
                    from jsonb_each_text(v_then))) end,
    'generated_at', now());
end;
$$;
comment on function public.get_team_dashboard_metrics(uuid, timestamptz, timestamptz, text, text, text, text, integer) is
  'An organisation''s board of [starts_at, ends_at): totals, zero-filled time_series, comparison, percentiles of the metric over the members (for analysts and up, or from five members on), and for analysts and up the leaderboard by the metric. Private contacts and members who do not share count nowhere, the caller neither. Defaults: the only organisation, the last 30 local days, buckets to suit the period. Errors: not_authenticated (401), validation_failed, range_invalid, range_too_large (400), organization_not_found (404).';
revoke execute on function public.get_team_dashboard_metrics(uuid, timestamptz, timestamptz, text, text, text, text, integer) from public, anon;
grant execute on function public.get_team_dashboard_metrics(uuid, timestamptz, timestamptz, text, text, text, text, integer) to authenticated;
