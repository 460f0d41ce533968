-- Data gaps: which silences are holes in the data. Proven by what sources, files and teammates say; suspected where the
-- owner's own rhythm makes the silence hard to believe; quiet otherwise.

create type private.silence as (
  channel text, starts_at timestamptz, ends_at timestamptz, hours double precision, surprise double precision,
  expected_events double precision, p_quiet double precision, other_events bigint, is_trailing boolean);
comment on type private.silence is
  'Whole UTC hours without an event of a channel (all, call, sms): surprise in nats (sessions expected), p_quiet 0 to 1, events of the other channel meanwhile.';

-- The rate of active hours by local hour and weekday, each shrunk to the mean by four pseudo-observations, gives every
-- hour an exposure. A silence's surprise is -ln of the probability that all active hours from 28 days before it to 28 days
-- after it, strewn by exposure, miss it; five of them at least, or nothing is said. Nobody's log is a Poisson process, so what counts
-- is the surprise beside the owner's other silences: p_quiet is the chance that the greatest of as many silences with an
-- exponential tail, whose scale is told by the three greatest others, is as surprising.
create function private.silences(starts_at timestamptz, ends_at timestamptz, time_zone text, min_hours integer)
returns setof private.silence
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
declare
  v_owner constant uuid := (select auth.uid());
  v_first timestamptz;
  v_last timestamptz;
  v_hours integer;
  -- Of each channel (all, call, sms) and hour, one channel after the other: what has been expected up to its end, how many
  -- hours had something, and how many events of the other channel there were.
  v_exposure double precision[];
  v_active bigint[];
  v_others bigint[];
  -- The hours that had something, and how many events they had in the mean.
  v_all integer[];
  v_calls integer[];
  v_sms integer[];
  v_pace double precision[];
begin
  -- From five weeks before the period, or from the last event before them, so that a silence that began earlier is whole.
  select coalesce(
      (select max(a.bucket) from private.activity as a where a.user_id = v_owner and a.grain = 'hour'
          and a.bucket < silences.starts_at - interval '35 days' and a.bucket >= silences.starts_at - interval '400 days'),
      (select min(a.bucket) from private.activity as a where a.user_id = v_owner and a.grain = 'hour'
          and a.bucket >= silences.starts_at - interval '35 days')) into v_first;
  -- Up to four weeks after it, but not on and on where nothing follows.
  v_last := least(date_bin('1 hour', now(), timestamptz 'epoch'), greatest(date_bin('1 hour', silences.ends_at, timestamptz 'epoch'),
    (select max(a.bucket) + interval '1 hour' from private.activity as a where a.user_id = v_owner and a.grain = 'hour'
        and a.bucket < silences.ends_at + interval '28 days')));
  if v_first is null or v_first >= v_last then
    return;
  end if;
  v_hours := (extract(epoch from v_last - v_first) / 3600)::integer;
  with hour as materialized (
    select h.i, date_part('hour', h.clock)::integer as of_day, date_part('isodow', h.clock)::integer as of_week,
      coalesce(a.calls, 0) as calls, coalesce(a.sms, 0) as sms
    from (select i, v_first + make_interval(hours => i - 1) as bucket, (v_first + make_interval(hours => i - 1)) at time zone silences.time_zone as clock
            from generate_series(1, v_hours) as i) as h
    left join (select a.bucket, sum(a.calls) as calls, sum(a.sms) as sms from private.activity as a
                where a.user_id = v_owner and a.grain = 'hour' and a.bucket >= v_first and a.bucket < v_last
                group by a.bucket) as a on a.bucket = h.bucket
  ),
  cell as materialized (
    select c.channel, h.of_day, h.of_week, h.hours, c.active, c.events
      from (select of_day, of_week, count(*)::double precision as hours, count(*) filter (where calls + sms > 0)::double precision as active,
              count(*) filter (where calls > 0)::double precision as with_calls, count(*) filter (where sms > 0)::double precision as with_sms,
              sum(calls)::double precision as calls, sum(sms)::double precision as sms
              from hour group by of_day, of_week) as h
      cross join lateral (values (1, h.active, h.calls + h.sms), (2, h.with_calls, h.calls), (3, h.with_sms, h.sms)) as c (channel, active, events)
  ),
  mean as materialized (
    select c.channel, sum(c.active) / sum(c.hours) as active from cell as c group by c.channel having sum(c.active) > 0
  ),
  rate as materialized (
    select c.*,
      (sum(c.active) over days + 4 * m.active) / (sum(c.hours) over days + 4)
        * (sum(c.active) over weeks / 24 + 4 * m.active) / (sum(c.hours) over weeks / 24 + 4) / m.active as exposure
    from cell as c join mean as m on m.channel = c.channel
    window days as (partition by c.channel, c.of_day), weeks as (partition by c.channel, c.of_week)
  ),
  -- The channels side by side: one pass over the hours is enough.
  pace as materialized (
    select r.of_day, r.of_week, coalesce(max(r.exposure) filter (where r.channel = 1), 0) as of_all,
      coalesce(max(r.exposure) filter (where r.channel = 2), 0) as of_calls, coalesce(max(r.exposure) filter (where r.channel = 3), 0) as of_sms
      from rate as r group by r.of_day, r.of_week
  ),
  upto as (
    select h.i, h.calls, h.sms,
      sum(p.of_all) over w as of_all, sum(p.of_calls) over w as of_calls, sum(p.of_sms) over w as of_sms,
      count(*) filter (where h.calls + h.sms > 0) over w as active, count(*) filter (where h.calls > 0) over w as with_calls,
      count(*) filter (where h.sms > 0) over w as with_sms, sum(h.calls) over w as all_calls, sum(h.sms) over w as all_sms
    from hour as h join pace as p on p.of_day = h.of_day and p.of_week = h.of_week
    window w as (order by h.i rows unbounded preceding)
  )
  select array_agg(u.of_all order by u.i) || array_agg(u.of_calls order by u.i) || array_agg(u.of_sms order by u.i),
      array_agg(u.active order by u.i) || array_agg(u.with_calls order by u.i) || array_agg(u.with_sms order by u.i),
      array_fill(0::bigint, array[v_hours]) || array_agg(u.all_sms::bigint order by u.i) || array_agg(u.all_calls::bigint order by u.i),
      array_agg(u.i order by u.i) filter (where u.calls + u.sms > 0), array_agg(u.i order by u.i) filter (where u.calls > 0),
      array_agg(u.i order by u.i) filter (where u.sms > 0),
      (select array_agg((select sum(r.events) / sum(r.active) from rate as r where r.channel = c.channel) order by c.channel) from generate_series(1, 3) as c (channel))
    into v_exposure, v_active, v_others, v_all, v_calls, v_sms, v_pace
    from upto as u;
  return query
  with run as (
    select c.channel, (c.channel - 1) * v_hours as at, a.i, lead(a.i) over (partition by c.channel order by a.i) as next_i
      from (values (1, v_all), (2, v_calls), (3, v_sms)) as c (channel, hours) cross join lateral unnest(c.hours) as a (i)
  ),
  silent as (
    select r.channel, v_first + make_interval(hours => r.i) as starts_at, v_first + make_interval(hours => r.end_i - 1) as ends_at,
      r.end_i - r.i - 1 as hours, v_exposure[r.at + r.end_i - 1] - v_exposure[r.at + r.i] as exposure,
      -- Four weeks before and after it, as far as there are any.
      v_exposure[r.at + least(r.end_i + 671, v_hours)] - case when r.i > 672 then v_exposure[r.at + r.i - 672] else 0 end as exposure_around,
      v_active[r.at + least(r.end_i + 671, v_hours)] - case when r.i > 672 then v_active[r.at + r.i - 672] else 0 end as active_around,
      case when not r.is_trailing then v_others[r.at + r.end_i - 1] - v_others[r.at + r.i] end as others,
      v_pace[r.channel] as events_per_active, r.is_trailing
    from (select run.*, coalesce(run.next_i, v_hours + 1) as end_i, run.next_i is null as is_trailing from run) as r
    where r.end_i - r.i - 1 >= 5
  ),
  judged as (
    select s.*, s.active_around * s.exposure / (s.exposure_around - s.exposure) as sessions,
      -s.active_around * ln(1 - s.exposure / s.exposure_around) as surprise
    from silent as s where s.active_around >= 5 and s.exposure < s.exposure_around
  ),
  ranked as materialized (
    select j.*, row_number() over (partition by j.channel order by j.is_trailing, j.surprise desc, j.starts_at) as place,
      count(*) over (partition by j.channel) as silences
    from judged as j
  ),
  top as materialized (
    select r.channel, array_agg(r.surprise order by r.place) as surprises from ranked as r where r.place <= 4 and not r.is_trailing group by r.channel
  ),
  scaled as (
    select r.*, ((coalesce(t.surprises[1], 1) + coalesce(t.surprises[2], 1) + coalesce(t.surprises[3], 1) + coalesce(t.surprises[4], 1)
          - coalesce(case when r.place <= 4 and not r.is_trailing then r.surprise else t.surprises[4] end, 1)) / 3 + 1)
        / (1 + ln(greatest(r.silences - 1, 2) / 2.0))::double precision as scale
    from ranked as r join top as t on t.channel = r.channel
  )
  select (array['all', 'call', 'sms'])[s.channel], s.starts_at, s.ends_at, s.hours::double precision, s.surprise, s.sessions * s.events_per_active,
    1 - exp(greatest(s.silences * ln(greatest(1 - exp(-least(s.surprise / s.scale, 30)), 1e-30)), -500)), coalesce(s.others, 0)::bigint, s.is_trailing
  from scaled as s
  where s.hours >= silences.min_hours
    and s.ends_at > silences.starts_at and s.starts_at < silences.ends_at;
end;
$$;
comment on function private.silences(timestamptz, timestamptz, text, integer) is
  'The caller''s silences of at least min_hours (5 or more) whole hours that touch [starts_at, ends_at), per channel, with how surprising each is under the owner''s hour-of-week rhythm and beside the owner''s other silences. Errors: not_authenticated (401).';
grant execute on function private.silences(timestamptz, timestamptz, text, integer) to authenticated;

create function private.own_hours(starts_at timestamptz, ends_at timestamptz)
returns table (bucket timestamptz, calls integer, sms integer, talk_seconds bigint)
language sql stable security definer
set search_path = ''
as $$
  select a.bucket, sum(a.calls)::integer, sum(a.sms)::integer, sum(a.talk_seconds)::bigint from private.activity as a
   where a.user_id = (select auth.uid()) and a.grain = 'hour' and a.bucket >= own_hours.starts_at and a.bucket < own_hours.ends_at
   group by a.bucket
$$;
comment on function private.own_hours(timestamptz, timestamptz) is
  'The caller''s UTC hours that begin in [starts_at, ends_at) and have events: calls, messages, seconds talked.';
grant execute on function private.own_hours(timestamptz, timestamptz) to authenticated;

create function private.uncovered(event_type text)
returns tstzmultirange
language sql stable
set search_path = ''
as $$
  select coalesce((
    select tstzmultirange(tstzrange(lower(claimed.covered), upper(claimed.covered))) - claimed.covered
      from (select range_agg(c.covered) as covered from public.coverage as c
             where c.user_id = (select auth.uid()) and c.type = uncovered.event_type) as claimed), '{}')
$$;
comment on function private.uncovered(text) is
  'The holes between what the caller''s sources say they delivered of a type: no source claims them, though some claims lie before and after. Empty without claims; what lies before the first or after the last is no hole.';
grant execute on function private.uncovered(text) to authenticated;

-- What teammates logged with the caller. The contact is looked up by number here, the rows come from the view that
-- decides what the caller may see: a private contact, or a masked number, is as if it were not there. Only what cannot
-- have passed the caller's phone by is taken: what the caller sent or dialled, and calls that were talked.
create type private.mirrored_event as (
  teammate_id uuid, event_id uuid, ts timestamptz, type text, direction text, line_id uuid);
comment on type private.mirrored_event is 'An event that a teammate logged with the caller, seen from the caller''s side.';

create function private.mirrored_events(silent tstzmultirange)
returns setof private.mirrored_event
language sql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
  select e.user_id, e.id, e.ts, e.type, case e.direction when 'inbound' then 'outbound' else 'inbound' end, l.id
  from (select distinct n.user_id, n.contact_id
          from public.lines as own
          join public.contact_numbers as n on n.number = own.number
         where own.user_id = (select auth.uid())
           and n.user_id = any (array(select private.teammate_ids(private.role_rank('member'))))) as known
  cross join lateral (
    select v.* from private.visible_events as v
     where v.user_id = known.user_id and v.contact_id = known.contact_id
       and v.ts >= lower(mirrored_events.silent) and v.ts < upper(mirrored_events.silent)
     order by v.ts desc limit 20000) as e
  join public.lines as l on l.user_id = (select auth.uid()) and l.number = e.number
  where e.user_id <> (select auth.uid()) and mirrored_events.silent @> e.ts
    and (e.direction = 'inbound' or (e.type = 'call' and e.status = 'answered' and e.duration >= 60))
    and not exists (
      select from private.deleted_events as d
       where d.user_id = (select auth.uid()) and d.type = e.type and d.direction <> e.direction
         and d.ts between e.ts - interval '10 minutes' and e.ts + interval '10 minutes')
$$;
comment on function private.mirrored_events(tstzmultirange) is
  'Events in these ranges that teammates logged with one of the caller''s own numbers, as the privacy rules show them; without what the caller deleted.';
grant execute on function private.mirrored_events(tstzmultirange) to authenticated;

-- A source that numbers its rows tells how many are missing between two of them. Only a counter that runs without holes
-- elsewhere (95 of 100 steps around are by one) is believed, and the caller's deletions are taken off.
create function private.lost_ids(starts_at timestamptz, ends_at timestamptz, channel text)
returns bigint
language sql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
  with near as (
    (select e.id, e.ts, e.type, e.source, e.source_id from public.events as e
      where e.user_id = (select auth.uid()) and e.ts < lost_ids.starts_at order by e.ts desc limit 100)
    union all
    (select e.id, e.ts, e.type, e.source, e.source_id from public.events as e
      where e.user_id = (select auth.uid()) and e.ts >= lost_ids.starts_at and e.ts < lost_ids.ends_at + interval '60 days' order by e.ts limit 100)
  ),
  numbered as (
    select n.ts, n.type, given.counter, substring(given.source_id from '(\d{1,15})$')::bigint as value
    from near as n
    cross join lateral (
      select n.source || '|' || substring(n.source_id from '^(.*?)\d{1,15}$') as counter, n.source_id
      union all
      select v.reported_by || '|' || substring(v.source_id from '^(.*?)\d{1,15}$'), v.source_id
        from private.event_variants as v where v.user_id = (select auth.uid()) and v.event_id = n.id
    ) as given
    where given.counter is not null and (lost_ids.channel = 'all' or n.type = lost_ids.channel)
  ),
  known as (
    select split_part(split_part(n.counter, '|', 1), ':', 1) || '|' || split_part(n.counter, '|', 2) as counter, n.type, n.ts, n.value from numbered as n
  ),
  step as (
    select k.counter, k.type, k.ts, k.value - lag(k.value) over w as by, lag(k.ts) over w as since
      from known as k window w as (partition by k.counter, k.type order by k.ts, k.value)
  ),
  judged as (
    select s.counter, s.type, max(s.by - 1) filter (where s.since < lost_ids.starts_at and s.ts >= lost_ids.ends_at
        and s.since >= lost_ids.starts_at - interval '1 hour' and s.ts < lost_ids.ends_at + interval '1 hour') as lost,
      count(*) filter (where s.by = 1) as dense, count(*) filter (where s.by is not null and not (s.since < lost_ids.starts_at and s.ts >= lost_ids.ends_at)) as steps
    from step as s group by s.counter, s.type
  )
  select greatest(coalesce(max(j.lost), 0) - (
      select count(*) from private.deleted_events as d where d.user_id = (select auth.uid())
         and d.ts >= lost_ids.starts_at - interval '1 day' and d.ts < lost_ids.ends_at + interval '1 day'), 0)
    from judged as j where j.steps >= 20 and j.dense >= 0.95 * j.steps and j.lost > 0
$$;
comment on function private.lost_ids(timestamptz, timestamptz, text) is
  'How many ids of a source''s own dense numbering are skipped between the events on both sides of a silence (in the hour before starts_at and from ends_at on); 0 where nothing can be told.';
grant execute on function private.lost_ids(timestamptz, timestamptz, text) to authenticated;

create function private.neighbour_event(moment timestamptz, channel text, is_before boolean)
returns public.events
language plpgsql stable
set search_path = ''
as $$
declare
  v_event public.events;
begin
  if neighbour_event.is_before then
    select e.* into v_event from public.events as e
     where e.user_id = (select auth.uid()) and e.ts >= neighbour_event.moment - interval '1 hour' and e.ts < neighbour_event.moment
       and (neighbour_event.channel = 'all' or e.type = neighbour_event.channel) order by e.ts desc limit 1;
  else
    select e.* into v_event from public.events as e
     where e.user_id = (select auth.uid()) and e.ts >= neighbour_event.moment and e.ts < neighbour_event.moment + interval '1 hour'
       and (neighbour_event.channel = 'all' or e.type = neighbour_event.channel) order by e.ts limit 1;
  end if;
  return v_event;
end;
$$;
comment on function private.neighbour_event(timestamptz, text, boolean) is
  'The caller''s last event of a channel in the hour before a moment, or the first in the hour from it on.';
grant execute on function private.neighbour_event(timestamptz, text, boolean) to authenticated;

-- One silence as gaps: as many as it has uncovered stretches, otherwise itself.
create function private.gaps_of(silence private.silence, holes tstzmultirange, mirrored private.mirrored_event[], ends_at timestamptz)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_before constant public.events := private.neighbour_event(gaps_of.silence.starts_at, gaps_of.silence.channel, true);
  v_after constant public.events := case when not gaps_of.silence.is_trailing
    then private.neighbour_event(gaps_of.silence.ends_at, gaps_of.silence.channel, false) end;
  v_start constant timestamptz := coalesce(v_before.ts, gaps_of.silence.starts_at);
  v_end constant timestamptz := coalesce(v_after.ts, least(gaps_of.ends_at, date_trunc('minute', now()) + interval '1 minute'));
  v_is_surprising constant boolean := gaps_of.silence.surprise >= 3;
  v_evidence jsonb := jsonb_build_array();
  v_proofs integer := 0;
  v_lost bigint := 0;
  v_seen bigint := 0;
  v_seen_first jsonb;
  v_seen_line uuid;
  v_verdict text;
  v_common jsonb;
begin
  if cardinality(gaps_of.mirrored) >= 2 then
    select count(*), jsonb_agg(jsonb_build_object('user_id', m.teammate_id, 'event_id', m.event_id, 'ts', m.ts, 'type', m.type,
        'direction', m.direction) order by m.ts, m.event_id) filter (where m.place <= 5), min(m.line_id::text)::uuid
      into v_seen, v_seen_first, v_seen_line
      from (select t.*, row_number() over (order by t.ts, t.event_id) as place from unnest(gaps_of.mirrored) as t
             where t.ts > v_start + interval '10 minutes' and t.ts < v_end - interval '10 minutes') as m;
    if v_seen >= 2 then
      v_proofs := v_proofs + 1;
      v_evidence := v_evidence || jsonb_build_object('kind', 'teammate_events', 'count', v_seen, 'events', v_seen_first,
        'detail', format('Teammates logged %s events with this person in it', v_seen));
    end if;
  end if;
  if v_is_surprising and gaps_of.silence.p_quiet <= 0.5 and not gaps_of.silence.is_trailing then
    v_lost := coalesce(private.lost_ids(gaps_of.silence.starts_at, gaps_of.silence.ends_at, gaps_of.silence.channel), 0);
    if v_lost >= 2 then
      v_proofs := v_proofs + 1;
      v_evidence := v_evidence || jsonb_build_object('kind', 'id_sequence', 'count', v_lost, 'detail', format('The source numbered %s events that did not arrive', v_lost));
    end if;
  end if;
  if v_is_surprising then
    v_evidence := v_evidence || jsonb_build_object('kind', 'surprise', 'count', round(gaps_of.silence.expected_events::numeric, 1),
      'detail', format('About %s events were to be expected; a silence as surprising comes once in %s histories like this one',
        round(gaps_of.silence.expected_events::numeric), case when gaps_of.silence.p_quiet < 0.001 then 'over 1000'
          else round(1 / gaps_of.silence.p_quiet::numeric, 1)::text end));
  end if;
  if gaps_of.silence.channel <> 'all' and gaps_of.silence.other_events > 0 then
    v_evidence := v_evidence || jsonb_build_object('kind', 'other_channel_active', 'count', gaps_of.silence.other_events,
      'detail', format('%s events of the other channel arrived meanwhile', gaps_of.silence.other_events));
  end if;
  v_verdict := case when v_proofs > 0 then 'proven' when v_is_surprising and gaps_of.silence.p_quiet <= 0.05 then 'suspected' else 'quiet' end;
  v_common := jsonb_build_object(
    'channel', gaps_of.silence.channel, 'is_trailing', gaps_of.silence.is_trailing,
    'line_id', coalesce(case when v_seen >= 2 then v_seen_line end, case when v_before.line_id = v_after.line_id then v_before.line_id end),
    'expected_events', round(gaps_of.silence.expected_events::numeric, 1), 'surprise', round(gaps_of.silence.surprise::numeric, 2),
    'p_quiet', round(gaps_of.silence.p_quiet::numeric, 4));
  return (
    select jsonb_agg(v_common || jsonb_build_object(
        'start', lower(piece.span), 'end', upper(piece.span),
        'duration_hours', round(extract(epoch from upper(piece.span) - lower(piece.span)) / 3600, 1),
        'verdict', case when piece.is_hole then 'proven' else v_verdict end,
        'source', coalesce(piece.source, v_before.sources[1]),
        'evidence', case when piece.is_hole then jsonb_build_array(jsonb_build_object('kind', 'no_coverage', 'count', null,
          'detail', 'No source says that it delivered this stretch, though some do for before and after')) else '[]' end || v_evidence,
        'resync', jsonb_build_object('source', coalesce(piece.source, v_before.sources[1]), 'from', lower(piece.span), 'to', upper(piece.span)))
      order by lower(piece.span))
    from (
      select hole as span, true as is_hole, (
          select s.kind || case when s.name = '' then '' else ':' || s.name end
            from public.coverage as c join public.sync_sources as s on s.user_id = c.user_id and s.id = c.sync_source_id
           where c.user_id = (select auth.uid()) and (gaps_of.silence.channel in ('all', c.type))
             and lower(c.covered) < upper(hole)
           order by (select min(abs(extract(epoch from upper(i) - lower(hole)))) from unnest(c.covered) as i), s.kind, s.name limit 1) as source
        from unnest(gaps_of.holes) as hole
      union all
      select tstzrange(v_start, v_end), false, null where isempty(gaps_of.holes)
    ) as piece);
end;
$$;
comment on function private.gaps_of(private.silence, tstzmultirange, private.mirrored_event[], timestamptz) is
  'The gaps that a silence of the caller amounts to, as detect_data_gaps shows them; holes are the uncovered stretches in it.';
grant execute on function private.gaps_of(private.silence, tstzmultirange, private.mirrored_event[], timestamptz) to authenticated;

-- An event in a hole shows that the source did deliver there, of whichever type it is, and merely did not say so.
create function private.is_delivered(hole tstzrange, channel text)
returns boolean
language sql stable
set search_path = ''
as $$
  select exists (
    select from public.events as e
     where e.user_id = (select auth.uid()) and e.ts >= lower(is_delivered.hole) and e.ts < upper(is_delivered.hole)
       and (is_delivered.channel in ('all', e.type) or exists (
         select from unnest(e.sources) as reporter
           join public.sync_sources as s on s.kind = split_part(reporter, ':', 1)
           join public.coverage as c on c.user_id = s.user_id and c.sync_source_id = s.id
          where s.user_id = e.user_id and c.type = is_delivered.channel)))
$$;
comment on function private.is_delivered(tstzrange, text) is
  'True when the caller has an event of the channel in the range, or one from a kind of source that claims to deliver the channel.';
grant execute on function private.is_delivered(tstzrange, text) to authenticated;

create function private.incomplete_imports()
returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
      'import_id', i.id, 'filename', i.filename, 'kind', i.kind, 'state', i.state, 'declared', i.declared, 'found', i.found,
      'missing', greatest(i.declared - i.found, 0), 'verdict', case when i.state = 'failed' then 'proven' else 'suspected' end,
      'created_at', i.created_at) order by i.id), '[]')
  from public.imports as i
  where i.user_id = (select auth.uid())
    and (i.state = 'failed' or (i.state = 'done' and i.declared > i.found))
    and not exists (
      select from public.imports as later
       where later.user_id = i.user_id and later.id > i.id and later.state = 'done' and later.kind is not distinct from i.kind
         and (later.filename is not distinct from i.filename or later.found >= greatest(i.declared, i.found))
         and later.found >= coalesce(later.declared, 0))
$$;
comment on function private.incomplete_imports() is
  'Files of the caller that did not come in whole and were not imported again since. A file that was cut off is proven to miss rows; one with fewer rows than it declares is suspected only, because such counts are often wrong.';
grant execute on function private.incomplete_imports() to authenticated;

create function private.covered_share(starts_at timestamptz, ends_at timestamptz)
returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_object_agg(t.type, jsonb_build_object(
      'has_claims', claimed.covered is not null,
      'covered_hours', round(coalesce(inside.seconds, 0) / 3600, 1),
      'share', case when claimed.covered is not null
        then round(coalesce(inside.seconds, 0) / extract(epoch from covered_share.ends_at - covered_share.starts_at), 4) end))
  from (values ('call'), ('sms')) as t (type)
  cross join lateral (
    select range_agg(c.covered) as covered from public.coverage as c where c.user_id = (select auth.uid()) and c.type = t.type) as claimed
  left join lateral (
    select sum(extract(epoch from upper(i) - lower(i))) as seconds
      from unnest(claimed.covered * tstzmultirange(tstzrange(covered_share.starts_at, covered_share.ends_at))) as i) as inside on true
$$;
comment on function private.covered_share(timestamptz, timestamptz) is
  'How much of [starts_at, ends_at) the caller''s sources together say they delivered: {call|sms: {has_claims, covered_hours, share 0 to 1, null without claims}}.';
grant execute on function private.covered_share(timestamptz, timestamptz) to authenticated;

create type private.period as (starts_at timestamptz, ends_at timestamptz, time_zone text);
comment on type private.period is 'A half-open period and the zone in which its days are meant.';

create function private.health_period(starts_at timestamptz, ends_at timestamptz, time_zone text, days integer, max_days integer)
returns private.period
language plpgsql stable
set search_path = ''
as $$
declare
  v_zone text;
  -- Up to the end of this minute, so that the answer keeps its ETag for a while.
  v_to constant timestamptz := coalesce(health_period.ends_at, date_trunc('minute', now()) + interval '1 minute');
  v_from timestamptz;
begin
  perform private.require_readable_owner((select auth.uid()));
  v_zone := coalesce(health_period.time_zone, (select p.time_zone from public.profiles as p where p.user_id = (select auth.uid())), 'UTC');
  if not private.is_time_zone(v_zone) then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'time_zone is an IANA name such as Europe/Berlin';
  end if;
  if not isfinite(v_to) or not isfinite(coalesce(health_period.starts_at, v_to)) then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'from and to are instants';
  end if;
  v_from := coalesce(health_period.starts_at,
    date_subtract(date_trunc('day', v_to - interval '1 microsecond', v_zone), make_interval(days => health_period.days - 1), v_zone));
  if v_from >= v_to then
    raise exception using errcode = 'PT400', message = 'range_invalid', detail = 'from must be before to';
  end if;
  if v_to - v_from > make_interval(days => health_period.max_days) then
    raise exception using errcode = 'PT400', message = 'range_too_large',
      detail = format('The period has more than %s days', health_period.max_days);
  end if;
  return row(v_from, v_to, v_zone)::private.period;
end;
$$;
comment on function private.health_period(timestamptz, timestamptz, text, integer, integer) is
  'The period that a data health function answers for: default the last so many local days up to the end of this minute, in the caller''s zone. Errors: not_authenticated (401), validation_failed, range_invalid, range_too_large (400).';
grant execute on function private.health_period(timestamptz, timestamptz, text, integer, integer) to authenticated;

-- A gap of one channel that lies in a gap of all of them, or the other way round, is the same gap: the stronger verdict
-- stays, of two alike the wider channel.
create function private.distinct_gaps(gaps jsonb)
returns jsonb
language sql immutable
set search_path = ''
as $$
  with gap as materialized (
    select value as gap, ordinality as i, (value ->> 'start')::timestamptz as starts_at, (value ->> 'end')::timestamptz as ends_at,
      array_position(array['quiet', 'suspected', 'proven'], value ->> 'verdict') as rank, value ->> 'channel' as channel
    from jsonb_array_elements(distinct_gaps.gaps) with ordinality
  )
  select coalesce(jsonb_agg(g.gap order by g.starts_at, g.channel), '[]')
  from gap as g
  where not exists (
    select from gap as o
     where o.i <> g.i
       and extract(epoch from least(o.ends_at, g.ends_at) - greatest(o.starts_at, g.starts_at)) >= 0.8 * extract(epoch from g.ends_at - g.starts_at)
       and (o.rank > g.rank
         or (o.rank = g.rank and o.channel = 'all' and g.channel <> 'all')
         -- Of two channels that are silent together one is enough where they are not worth a gap of both.
         or (o.rank = g.rank and o.channel <> 'all' and g.channel = 'all' and o.ends_at - o.starts_at > g.ends_at - g.starts_at
           and extract(epoch from g.ends_at - g.starts_at) < 0.8 * extract(epoch from o.ends_at - o.starts_at)
           -- Where that one is told, and not left out for another of both.
           and not exists (
             select from gap as b
              where b.channel = 'all' and b.rank >= o.rank
                and extract(epoch from least(b.ends_at, o.ends_at) - greatest(b.starts_at, o.starts_at)) >= 0.8 * extract(epoch from o.ends_at - o.starts_at)))))
$$;
comment on function private.distinct_gaps(jsonb) is 'The gaps without those that another one contains and explains.';
grant execute on function private.distinct_gaps(jsonb) to authenticated;

create function private.find_gaps(period private.period, silences private.silence[], min_hours integer, with_quiet boolean)
returns jsonb
language plpgsql stable
set search_path = '' set jit = off
as $$
declare
  v_owner constant uuid := (select auth.uid());
  v_until constant timestamptz := least((find_gaps.period).ends_at, date_trunc('minute', now()) + interval '1 minute');
  v_calls constant tstzmultirange := private.uncovered('call');
  v_texts constant tstzmultirange := private.uncovered('sms');
  v_mirrored private.mirrored_event[] := array[]::private.mirrored_event[];
  v_here private.mirrored_event[];
  v_heard tstzmultirange := tstzmultirange();
  v_silence private.silence;
  v_holes tstzmultirange;
  v_gaps jsonb := jsonb_build_array();
begin
  -- What is silent for two months or more is no phone that failed to sync for a while.
  if exists (select from public.lines as l where l.user_id = v_owner and l.number is not null)
     and exists (select from private.teammate_ids(private.role_rank('member')) as t (id) where t.id <> v_owner) then
    v_mirrored := array(select m from private.mirrored_events((
      select coalesce(range_agg(tstzrange(s.starts_at, s.ends_at)), '{}') from unnest(find_gaps.silences) as s where s.hours <= 24 * 60)) as m);
    v_heard := (select coalesce(range_agg(tstzrange(m.ts, m.ts, '[]')), '{}') from unnest(v_mirrored) as m);
  end if;

  foreach v_silence in array find_gaps.silences loop
    -- Most are nights: nothing is asked about them.
    continue when (v_silence.surprise < 3 or (not find_gaps.with_quiet and v_silence.p_quiet > 0.5)) and not v_heard && tstzrange(v_silence.starts_at, v_silence.ends_at)
      and not v_calls && tstzrange(v_silence.starts_at - interval '1 hour', v_silence.ends_at + interval '1 hour')
      and not v_texts && tstzrange(v_silence.starts_at - interval '1 hour', v_silence.ends_at + interval '1 hour');
    select coalesce(range_agg(hole), '{}') into v_holes
      from unnest(case v_silence.channel when 'all' then v_calls * v_texts when 'call' then v_calls else v_texts end) as hole
     where hole <@ tstzrange(v_silence.starts_at - interval '1 hour', v_silence.ends_at + interval '1 hour')
       and hole && tstzrange((find_gaps.period).starts_at, (find_gaps.period).ends_at)
       and upper(hole) - lower(hole) >= make_interval(hours => find_gaps.min_hours)
       and not private.is_delivered(hole, v_silence.channel);
    v_here := array(select m from unnest(v_mirrored) as m
      where m.ts >= v_silence.starts_at and m.ts < v_silence.ends_at and v_silence.channel in ('all', m.type));
    continue when v_silence.surprise < 3 and isempty(v_holes) and cardinality(v_here) < 2;
    -- What a teammate's log says is read where it bears on an answer.
    if cardinality(v_here) >= 2 then
      perform private.record_read(t.id) from (select distinct m.teammate_id as id from unnest(v_here) as m) as t;
    end if;
    v_gaps := v_gaps || private.gaps_of(v_silence, v_holes, v_here, v_until);
  end loop;

  -- Holes before the first event, or of somebody without any: nothing is expected there, and yet nothing was delivered.
  v_gaps := v_gaps || coalesce((
    select jsonb_agg(jsonb_build_object(
        'channel', h.channel, 'is_trailing', false, 'line_id', null, 'expected_events', null, 'surprise', null, 'p_quiet', null,
        'start', lower(hole), 'end', upper(hole), 'duration_hours', round(extract(epoch from upper(hole) - lower(hole)) / 3600, 1),
        'verdict', 'proven', 'source', null, 'evidence', jsonb_build_array(jsonb_build_object('kind', 'no_coverage', 'count', null,
          'detail', 'No source says that it delivered this stretch, though some do for before and after')),
        'resync', jsonb_build_object('source', null, 'from', lower(hole), 'to', upper(hole))))
      from (values ('all', v_calls * v_texts), ('call', v_calls), ('sms', v_texts)) as h (channel, holes)
      cross join lateral unnest(h.holes) as hole
     where hole && tstzrange((find_gaps.period).starts_at, (find_gaps.period).ends_at)
       and upper(hole) - lower(hole) >= make_interval(hours => find_gaps.min_hours)
       and not exists (select from unnest(find_gaps.silences) as s where s.channel = h.channel
         and hole <@ tstzrange(s.starts_at - interval '1 hour', s.ends_at + interval '1 hour'))
       and not private.is_delivered(hole, h.channel)), '[]');

  select coalesce(jsonb_agg(gap), '[]') into v_gaps
    from jsonb_array_elements(v_gaps) as gap
   where (gap ->> 'verdict' <> 'quiet' or (find_gaps.with_quiet and (gap ->> 'surprise')::numeric >= 3))
     and (gap ->> 'duration_hours')::numeric >= find_gaps.min_hours
     and (gap ->> 'end')::timestamptz > (find_gaps.period).starts_at and (gap ->> 'start')::timestamptz < (find_gaps.period).ends_at;

  return private.distinct_gaps(v_gaps);
end;
$$;
comment on function private.find_gaps(private.period, private.silence[], integer, boolean) is
  'The gaps of min_hours and more in the caller''s data of the period, as detect_data_gaps shows them, without those of verdict quiet where they are not wanted; silences are those of the period (private.silences).';
grant execute on function private.find_gaps(private.period, private.silence[], integer, boolean) to authenticated;

create function public.detect_data_gaps(
  starts_at timestamptz default null, ends_at timestamptz default null, time_zone text default null, min_hours integer default 6)
returns jsonb
language plpgsql stable
set search_path = '' set jit = off
as $$
declare
  v_owner constant uuid := (select auth.uid());
  v_period constant private.period :=
    private.health_period(detect_data_gaps.starts_at, detect_data_gaps.ends_at, detect_data_gaps.time_zone, 90, 400);
  v_until constant timestamptz := least(v_period.ends_at, date_trunc('minute', now()) + interval '1 minute');
  v_silences private.silence[];
  v_trailing jsonb;
  v_last timestamptz;
begin
  perform private.require_scope('analytics:read');
  if detect_data_gaps.min_hours is null or detect_data_gaps.min_hours not between 1 and 720 then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'min_hours is 1 to 720';
  end if;
  v_silences := array(select s from private.silences(v_period.starts_at, v_period.ends_at, v_period.time_zone,
    greatest(detect_data_gaps.min_hours - 2, 5)) as s);
  select e.ts into v_last from public.events as e where e.user_id = v_owner and e.ts < v_until order by e.ts desc limit 1;
  select jsonb_build_object('start', v_last, 'end', v_until, 'duration_hours', round(extract(epoch from v_until - v_last) / 3600, 1),
      'expected_events', coalesce(round(s.expected_events::numeric, 1), 0), 'surprise', coalesce(round(s.surprise::numeric, 2), 0),
      'p_quiet', coalesce(round(s.p_quiet::numeric, 4), 1),
      'verdict', case when s.surprise >= 3 and s.p_quiet <= 0.05 then 'suspected' else 'quiet' end) into v_trailing
    from (select 1) as one left join unnest(v_silences) as s on s.channel = 'all' and s.is_trailing
   where v_last is not null;

  return jsonb_build_object(
    'from', v_period.starts_at, 'to', v_period.ends_at, 'time_zone', v_period.time_zone, 'min_hours', detect_data_gaps.min_hours,
    'gaps', private.find_gaps(v_period, v_silences, detect_data_gaps.min_hours, true),
    'trailing_gap', v_trailing,
    'shortest_detectable_gap_hours', (
      select jsonb_object_agg(c.channel, case when c.active > 0 then round(3.0 * c.hours / c.active, 1) end)
        from (select t.channel, count(*) filter (where case t.channel when 'all' then a.calls + a.sms when 'call' then a.calls else a.sms end > 0) as active,
                     extract(epoch from v_until - greatest(v_period.starts_at, min(a.bucket))) / 3600 as hours
                from (values ('all'), ('call'), ('sms')) as t (channel)
                left join private.own_hours(v_period.starts_at, v_until) as a on true
               group by t.channel) as c),
    'coverage', private.covered_share(v_period.starts_at, greatest(v_until, v_period.starts_at + interval '1 second')),
    'incomplete_imports', private.incomplete_imports(),
    'generated_at', now());
end;
$$;
comment on function public.detect_data_gaps(timestamptz, timestamptz, text, integer) is
  'Where the caller''s data of [starts_at, ends_at) has holes: {gaps: [{start, end, duration_hours, verdict proven|suspected|quiet, channel all|call|sms, line_id, source, expected_events, surprise (nats), p_quiet, evidence [{kind, count, detail}], resync {source, from, to}, is_trailing}], trailing_gap, shortest_detectable_gap_hours {channel}, coverage, incomplete_imports, …}. Gaps of min_hours and more. Default: the last 90 local days. Errors: not_authenticated (401), validation_failed, range_invalid, range_too_large (400).';
revoke execute on function public.detect_data_gaps(timestamptz, timestamptz, text, integer) from public, anon;
grant execute on function public.detect_data_gaps(timestamptz, timestamptz, text, integer) to authenticated;
