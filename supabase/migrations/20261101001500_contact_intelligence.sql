-- Contact intelligence: one contact in depth. Totals of all time come from the roll-ups; the events of the window are read once.

-- Whose contact it is, when the caller may read it: one's own without looking further, a teammate's by the one view that decides.
create function private.readable_contact_owner(contact_id uuid)
returns uuid
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_owner uuid;
begin
  if (select auth.uid()) is null then
    raise exception using errcode = 'PT401', message = 'not_authenticated', detail = 'Sign in first';
  end if;
  select c.user_id into v_owner from public.contacts as c
   where c.user_id = (select auth.uid()) and c.id = readable_contact_owner.contact_id;
  if v_owner is null then
    select v.user_id into v_owner from private.visible_contacts as v
     where v.user_id = any (array(select private.teammate_ids(private.role_rank('member')))) and v.id = readable_contact_owner.contact_id;
  end if;
  if v_owner is null then
    raise exception using errcode = 'PT404', message = 'contact_not_found', detail = 'No such contact';
  end if;
  perform private.record_read(v_owner);
  return v_owner;
end;
$$;
comment on function private.readable_contact_owner(uuid) is
  'The owner of a contact that the caller may read; a teammate''s is noted (private.record_read). Errors: not_authenticated (401), contact_not_found (404), read_not_recorded (409).';
grant execute on function private.readable_contact_owner(uuid) to authenticated;

create type private.interaction_features as (
  contact_id uuid, last_ts timestamptz, elapsed_days double precision, active double precision, observed double precision,
  active_days integer, recent_days integer, earlier_days integer, observed_days integer,
  gaps integer, usual_gap double precision, long_gap double precision);
comment on type private.interaction_features is
  'What is known of a contact at a moment: time of and days since the last event; weighted active and observed days (the terms); plain active days in the last 90, the last 28 and the 62 before; days the log covers of those 90; gaps between active days: how many, median and 90th percentile in days.';

-- Days and not events: one index range of the roll-up for all contacts, one look-up per contact.
create function private.interaction_features(
  owner_id uuid, as_of timestamptz, only_contact uuid default null, without uuid[] default '{}')
returns setof private.interaction_features
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_today constant timestamptz := date_trunc('day', interaction_features.as_of, 'UTC');
  -- In days since the epoch.
  v_now constant double precision := date_part('epoch', interaction_features.as_of) / 86400;
  v_since timestamptz;
  v_observed double precision;
  v_observed_days integer;
begin
  select greatest(v_today - interval '89 days', date_trunc('day', min(s.first_ts), 'UTC')) into v_since
    from private.contact_stats as s
   where s.user_id = interaction_features.owner_id and s.contact_id <> all (interaction_features.without);
  select sum(power(2, -(v_now - day) / 28)), count(*) into v_observed, v_observed_days
    from generate_series((date_part('epoch', v_since) / 86400)::integer, (date_part('epoch', v_today) / 86400)::integer) as day;

  return query
  with known as materialized (
    select s.contact_id, t.last_ts,
      greatest(date_part('epoch', interaction_features.as_of - t.last_ts) / 86400, 0) as elapsed_days
      from private.contact_stats as s
      cross join lateral (
        select case when s.last_ts < interaction_features.as_of then s.last_ts else (
          select e.ts from public.events as e
           where e.user_id = s.user_id and e.contact_id = s.contact_id and e.ts < interaction_features.as_of
           order by e.ts desc limit 1) end as last_ts
      ) as t
     where s.user_id = interaction_features.owner_id and s.first_ts < interaction_features.as_of
       and (interaction_features.only_contact is null or s.contact_id = interaction_features.only_contact)
       and s.contact_id <> all (interaction_features.without)
  ),
  active_day as (
    select d.contact_id, d.day, d.day - lag(d.day) over (partition by d.contact_id order by d.day) as gap
      from (
        select a.contact_id, (date_part('epoch', a.bucket) / 86400)::integer as day
          from private.contact_activity as a join known as k on k.contact_id = a.contact_id
         where a.user_id = interaction_features.owner_id and a.grain = 'day' and a.bucket >= v_since and a.bucket <= v_today
           -- Today counts for what happened before now.
           and (a.bucket < v_today or k.last_ts >= v_today)
           and (interaction_features.only_contact is null or a.contact_id = interaction_features.only_contact)
           and a.calls + a.sms > 0
      ) as d
  ),
  summed as (
    select d.contact_id,
      sum(power(2, -(v_now - d.day) / 28)) as active, count(*) as active_days,
      count(*) filter (where d.day > floor(v_now) - 28) as recent_days, count(d.gap) as gaps,
      percentile_cont(0.5) within group (order by d.gap) as usual_gap,
      percentile_disc(0.9) within group (order by d.gap) as long_gap
    from active_day as d group by d.contact_id
  )
  select k.contact_id, k.last_ts, k.elapsed_days, coalesce(s.active, 0), v_observed,
    coalesce(s.active_days, 0)::integer, coalesce(s.recent_days, 0)::integer,
    coalesce(s.active_days - s.recent_days, 0)::integer, v_observed_days, coalesce(s.gaps, 0)::integer,
    s.usual_gap, s.long_gap::double precision
  from known as k left join summed as s on s.contact_id = k.contact_id;
end;
$$;
comment on function private.interaction_features(uuid, timestamptz, uuid, uuid[]) is
  'Features of a person''s contacts (or of only_contact) just before as_of, from earlier events only; without: contacts that count nowhere. For definer functions, which check the reader.';

-- Poisson regression of weekly counts on time, with the spread of the counts themselves: bursts make plain Poisson too sure.
create function private.log_linear_trend(counts integer[])
returns jsonb
language plpgsql immutable
set search_path = ''
as $$
declare
  v_n constant integer := cardinality(log_linear_trend.counts);
  v_middle constant double precision := (v_n - 1) / 2.0;
  v_total bigint := 0;
  v_a double precision;
  v_b double precision := 0;
  v_step double precision;
  v_mean double precision;
  v_x double precision;
  v_s0 double precision;
  v_s1 double precision;
  v_s2 double precision;
  v_g0 double precision;
  v_g1 double precision;
  v_spread double precision := 0;
  v_error double precision;
  v_low double precision;
  v_high double precision;
begin
  for i in 1 .. v_n loop
    v_total := v_total + log_linear_trend.counts[i];
  end loop;
  if v_n < 6 or v_total < 10 then
    return jsonb_build_object('verdict', 'unknown', 'weeks', v_n, 'sessions', v_total, 'change_pct_4_weeks', null, 'interval_95', null);
  end if;
  v_a := ln(v_total::double precision / v_n);
  for round in 1 .. 40 loop
    v_s0 := 0; v_s1 := 0; v_s2 := 0; v_g0 := 0; v_g1 := 0;
    for i in 1 .. v_n loop
      v_x := i - 1 - v_middle;
      v_mean := exp(greatest(least(v_a + v_b * v_x, 30), -30));
      v_s0 := v_s0 + v_mean; v_s1 := v_s1 + v_mean * v_x; v_s2 := v_s2 + v_mean * v_x * v_x;
      v_g0 := v_g0 + log_linear_trend.counts[i] - v_mean; v_g1 := v_g1 + (log_linear_trend.counts[i] - v_mean) * v_x;
    end loop;
    exit when v_s0 * v_s2 - v_s1 * v_s1 < 1e-9;
    v_step := (v_s0 * v_g1 - v_s1 * v_g0) / (v_s0 * v_s2 - v_s1 * v_s1);
    v_step := greatest(least(v_step, 0.5), -0.5);
    v_b := v_b + v_step;
    -- The level that fits the slope exactly keeps Newton's method from running away.
    v_mean := 0;
    for i in 1 .. v_n loop
      v_mean := v_mean + exp(v_b * (i - 1 - v_middle));
    end loop;
    v_a := ln(v_total / v_mean);
    exit when abs(v_step) < 1e-10;
  end loop;
  v_s0 := 0; v_s1 := 0; v_s2 := 0;
  for i in 1 .. v_n loop
    v_x := i - 1 - v_middle;
    v_mean := exp(v_a + v_b * v_x);
    v_s0 := v_s0 + v_mean; v_s1 := v_s1 + v_mean * v_x; v_s2 := v_s2 + v_mean * v_x * v_x;
    v_spread := v_spread + (log_linear_trend.counts[i] - v_mean) ^ 2 / greatest(v_mean, 1e-9);
  end loop;
  v_spread := greatest(v_spread / (v_n - 2), 1);
  v_error := sqrt(v_spread * v_s0 / greatest(v_s0 * v_s2 - v_s1 * v_s1, 1e-9));
  v_low := 4 * (v_b - 1.96 * v_error);
  v_high := 4 * (v_b + 1.96 * v_error);
  return jsonb_build_object(
    'verdict', case when v_low > 0 then 'rising' when v_high < 0 then 'falling'
      when v_low > -ln(2) and v_high < ln(2) then 'steady' else 'unknown' end,
    'weeks', v_n, 'sessions', v_total,
    'change_pct_4_weeks', round((100 * (exp(least(4 * v_b, 20)) - 1))::numeric, 1),
    'interval_95', jsonb_build_array(round((100 * (exp(greatest(v_low, -20)) - 1))::numeric, 1), round((100 * (exp(least(v_high, 20)) - 1))::numeric, 1)));
end;
$$;
comment on function private.log_linear_trend(integer[]) is
  'Trend of weekly counts, oldest first: {verdict, weeks, sessions, change_pct_4_weeks, interval_95}. Log-linear Poisson regression, errors scaled by the dispersion (quasi-Poisson, at least 1). rising or falling where the 95 % interval excludes no change, steady where it lies within halving and doubling per 4 weeks, else unknown; unknown below 6 weeks or 10 sessions.';

-- Days with contact, bursts, regular hours and stability say more of a tie than counts do; its score is checked against
-- the total count by `deno task backtest --only strength`.
create function private.tie_strength(owner_id uuid, contact_id uuid, as_of timestamptz, features private.interaction_features)
returns jsonb
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_f constant private.interaction_features := tie_strength.features;
  v_since constant timestamptz := date_trunc('day', tie_strength.as_of, 'UTC') - interval '89 days';
  v_sessions integer;
  v_hours integer;
  v_weeks integer;
  v_days double precision;
  v_bursts double precision;
  v_regular double precision;
  v_stable double precision;
  v_decay double precision;
  v_score double precision;
  v_events bigint;
  v_inbound bigint;
begin
  if v_f.contact_id is null then
    return null;
  end if;
  select count(*) filter (where coalesce(e.ts - e.before_ts > interval '1 hour', true)),
    count(distinct floor(date_part('epoch', e.ts) / 3600)::bigint % 168),
    count(distinct floor(date_part('epoch', tie_strength.as_of - e.ts) / 604800))
    into v_sessions, v_hours, v_weeks
    from (select e.ts, lag(e.ts) over (order by e.ts) as before_ts from public.events as e
           where e.user_id = tie_strength.owner_id and e.contact_id = tie_strength.contact_id
             and e.ts >= v_since and e.ts < tie_strength.as_of) as e;
  select s.calls + s.sms, s.inbound into v_events, v_inbound from private.contact_stats as s
   where s.user_id = tie_strength.owner_id and s.contact_id = tie_strength.contact_id;
  v_days := ln(1 + 9.0 * v_f.active_days / v_f.observed_days) / ln(10);
  v_bursts := least(1, ln(1 + 7.0 * v_sessions / v_f.observed_days) / ln(22));
  v_regular := least(1, ln(1 + 28.0 * v_hours / v_f.observed_days) / ln(41));
  v_stable := least(1, v_weeks / ceil(v_f.observed_days / 7.0));
  v_decay := case when v_f.gaps >= 1 then least(1, 8 * greatest(v_f.usual_gap, 1) / greatest(v_f.elapsed_days, 1e-9)) else 1 end;
  v_score := 100 * v_decay * (0.4 * v_days + 0.25 * v_bursts + 0.25 * v_regular + 0.1 * v_stable);
  return jsonb_build_object(
    'score', case when v_events >= 3 and v_inbound > 0 and v_inbound < v_events then round(v_score::numeric) end,
    'verdict', case when v_events < 3 or v_inbound = 0 or v_inbound = v_events then 'unknown'
      when v_decay < 1 or v_f.active_days = 0 then 'fading' when v_score >= 60 then 'strong' when v_score >= 30 then 'moderate' else 'weak' end,
    'parts', jsonb_build_object(
      'days', jsonb_build_object('value', round(v_days::numeric, 3), 'weight', 0.4, 'active_days', v_f.active_days),
      'bursts', jsonb_build_object('value', round(v_bursts::numeric, 3), 'weight', 0.25, 'sessions', v_sessions),
      'regular_hours', jsonb_build_object('value', round(v_regular::numeric, 3), 'weight', 0.25, 'hours_of_week', v_hours),
      'stability', jsonb_build_object('value', round(v_stable::numeric, 3), 'weight', 0.1, 'weeks', v_weeks),
      'decay', jsonb_build_object('value', round(v_decay::numeric, 3), 'usual_gap_days', v_f.usual_gap, 'elapsed_days', round(v_f.elapsed_days::numeric, 2))),
    'observed_days', v_f.observed_days,
    'is_one_way', v_inbound = 0 or v_inbound = v_events);
end;
$$;
comment on function private.tie_strength(uuid, uuid, timestamptz, private.interaction_features) is
  'Strength of a tie over the last 90 UTC days, 0 to 100 with its parts (0 to 1) and weights: days with contact, 1-hour bursts, hours of the week, weeks with contact, times decay once a silence is over 8 usual gaps. score null and verdict unknown for a one-way tie or fewer than 3 events.';

create function private.contact_intelligence(contact_id uuid, starts_at timestamptz, ends_at timestamptz, as_of timestamptz, time_zone text)
returns jsonb
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_owner constant uuid := private.readable_contact_owner(contact_intelligence.contact_id);
  v_hidden constant uuid[] := private.hidden_contacts(v_owner);
  v_week_start constant integer := coalesce((select p.week_start from public.profiles as p where p.user_id = (select auth.uid())), 1);
  v_stats private.contact_stats;
  v_features private.interaction_features;
  v_until constant timestamptz := least(contact_intelligence.ends_at, contact_intelligence.as_of);
  v_since timestamptz;
  v_weeks integer;
  v_answer jsonb;
begin
  select s.* into v_stats from private.contact_stats as s
   where s.user_id = v_owner and s.contact_id = contact_intelligence.contact_id;
  select f.* into v_features from private.interaction_features(v_owner, v_until, contact_intelligence.contact_id, v_hidden) as f;
  v_since := greatest(contact_intelligence.starts_at, v_stats.first_ts);
  v_weeks := greatest(floor(date_part('epoch', v_until - v_since) / 604800), 0)::integer;
  -- Read from the last event to the first, as the index has them: what comes after an event is known when it is met.
  with line as materialized (
    select t.ts, t.ts at time zone contact_intelligence.time_zone as local_time, t.is_call, t.is_inbound, t.is_talk, t.is_missed, t.duration, t.is_unanswered,
      coalesce(t.ts - t.before_ts > interval '1 hour', true) as is_session_start,
      case when t.before_inbound <> t.is_inbound and t.before_asks and t.ts - t.before_ts <= interval '24 hours'
        then date_part('epoch', t.ts - t.before_ts) end as response_seconds,
      t.before_call as response_to_call,
      case when t.is_unanswered then case when t.is_inbound then t.reaction_of_owner else t.reaction_of_contact end end as reaction_ts
    from (
      select e.ts, e.is_call, e.is_inbound, e.is_talk, e.is_missed, e.is_unanswered, e.duration,
        lead(e.ts) over w as before_ts, lead(e.is_inbound) over w as before_inbound, lead(e.is_call) over w as before_call,
        lead(e.is_unanswered or e.is_message) over w as before_asks,
        min(e.ts) filter (where not e.is_inbound or e.is_talk) over w as reaction_of_owner,
        min(e.ts) filter (where e.is_inbound or e.is_talk) over w as reaction_of_contact
      from (
        select e.id, e.ts, e.duration, e.type = 'call' as is_call, e.direction = 'inbound' as is_inbound,
          coalesce(e.status = 'missed', false) as is_missed, e.type = 'call' and e.status is not distinct from 'answered' as is_talk,
          e.type = 'sms' and e.status is distinct from 'failed' as is_message,
          e.type = 'call' and (coalesce(e.status, '') in ('missed', 'declined', 'voicemail')
            or (e.status is null and e.direction = 'outbound' and coalesce(e.duration, 1) = 0)) as is_unanswered
          from public.events as e
         where e.user_id = v_owner and e.contact_id = contact_intelligence.contact_id
           -- What returns a call may come after the window.
           and e.ts >= contact_intelligence.starts_at and e.ts < contact_intelligence.ends_at + interval '7 days'
      ) as e
      window w as (order by e.ts desc, e.id desc rows between unbounded preceding and 1 preceding)
    ) as t
    where t.ts < contact_intelligence.ends_at
  ),
  sums as (
    select count(*) as events, count(*) filter (where is_call) as calls, count(*) filter (where is_inbound) as inbound,
      count(*) filter (where is_talk) as answered, count(*) filter (where is_missed) as missed,
      coalesce(sum(duration), 0) as talk_seconds,
      percentile_cont(0.5) within group (order by duration) filter (where is_talk) as median_duration,
      count(*) filter (where is_session_start) as sessions,
      count(*) filter (where is_session_start and not is_inbound) as initiated_by_owner
      from line
  ),
  day as (
    select date, events, date - lag(date) over (order by date) as gap
      from (select local_time::date as date, count(*) as events from line group by 1) as d
  ),
  days as (
    select count(*) as active_days,
      count(distinct (date - (v_week_start - 1) - (extract(isodow from date - (v_week_start - 1))::integer - 1))) as active_weeks,
      count(distinct date_trunc('month', date::timestamp)) as active_months,
      percentile_cont(0.5) within group (order by gap) as median_gap
      from day
  ),
  spread as (
    select percentile_cont(0.5) within group (order by abs(gap - days.median_gap)) as mad from day cross join days where gap is not null
  ),
  cell as (
    select date_part('isodow', local_time)::integer as weekday, date_part('hour', local_time)::integer as hour, count(*) as events
      from line group by 1, 2
  ),
  profile as (
    select jsonb_agg(hours order by weekday) as rows
      from (select w as weekday, jsonb_agg(coalesce(c.events, 0) order by h) as hours
              from generate_series(1, 7) as w cross join generate_series(0, 23) as h
              left join cell as c on c.weekday = w and c.hour = h group by w) as by_weekday
  ),
  response as (
    -- By a boolean: an ordered aggregate sorts by its group, and sorting words by locale takes longer than all the rest.
    select is_inbound, jsonb_build_object('median_seconds', percentile_cont(0.5) within group (order by response_seconds), 'count', count(response_seconds),
        'to_messages', jsonb_build_object('median_seconds', percentile_cont(0.5) within group (order by response_seconds) filter (where not response_to_call),
          'count', count(response_seconds) filter (where not response_to_call)),
        'to_calls', jsonb_build_object('median_seconds', percentile_cont(0.5) within group (order by response_seconds) filter (where response_to_call),
          'count', count(response_seconds) filter (where response_to_call))) as figures
      from line where response_seconds is not null group by 1
  ),
  missed as (
    select is_inbound, jsonb_build_object('calls', count(*), 'returned', count(*) filter (where reaction_ts <= ts + interval '7 days'),
        'never_returned', count(*) filter (where (reaction_ts <= ts + interval '7 days') is not true and ts + interval '7 days' < contact_intelligence.as_of),
        'open', count(*) filter (where (reaction_ts <= ts + interval '7 days') is not true and ts + interval '7 days' >= contact_intelligence.as_of),
        'last_unreturned_at', max(ts) filter (where (reaction_ts <= ts + interval '7 days') is not true)) as figures
      from line where is_unanswered group by 1
  ),
  week as (
    select floor(date_part('epoch', v_until - ts) / 604800)::integer as age, count(*)::integer as sessions
      from line where is_session_start and ts < v_until group by 1
  )
  select jsonb_build_object(
    'totals', jsonb_build_object('events', s.events, 'calls', s.calls, 'sms', s.events - s.calls, 'inbound', s.inbound, 'outbound', s.events - s.inbound,
      'answered_calls', s.answered, 'missed_calls', s.missed, 'talk_seconds', s.talk_seconds, 'median_duration_seconds', s.median_duration),
    'all_time', jsonb_build_object('events', coalesce(v_stats.calls + v_stats.sms, 0), 'calls', coalesce(v_stats.calls, 0), 'sms', coalesce(v_stats.sms, 0),
      'inbound', coalesce(v_stats.inbound, 0), 'answered_calls', coalesce(v_stats.answered, 0), 'missed_calls', coalesce(v_stats.missed, 0),
      'talk_seconds', coalesce(v_stats.talk_seconds, 0), 'active_days', coalesce(v_stats.active_days, 0),
      'first_interaction_at', v_stats.first_ts, 'last_interaction_at', v_stats.last_ts),
    'frequency', jsonb_build_object(
      'per_day', round((s.events / observed.days)::numeric, 3), 'per_week', round((s.events * 7 / observed.days)::numeric, 3),
      'per_month', round((s.events * 30.4375 / observed.days)::numeric, 3),
      'active_days', d.active_days, 'active_weeks', d.active_weeks, 'active_months', d.active_months,
      'median_gap_days', d.median_gap, 'gap_mad_days', spread.mad, 'sessions', s.sessions,
      'events_per_session', round(s.events::numeric / nullif(s.sessions, 0), 2)),
    'hour_profile', profile.rows,
    'reciprocity', jsonb_build_object('initiated_by_owner', s.initiated_by_owner, 'initiated_by_contact', s.sessions - s.initiated_by_owner,
      'balance', round(s.initiated_by_owner::numeric / nullif(s.sessions, 0), 3)),
    'response_time', jsonb_build_object('owner', coalesce((select figures from response where not is_inbound), none.response),
      'contact', coalesce((select figures from response where is_inbound), none.response)),
    'unanswered', jsonb_build_object('by_owner', coalesce((select figures from missed where is_inbound), none.missed),
      'by_contact', coalesce((select figures from missed where not is_inbound), none.missed)),
    'trend', private.log_linear_trend(array(
      select coalesce(w.sessions, 0) from generate_series(v_weeks - 1, 0, -1) as age left join week as w using (age) order by age desc)),
    'strength', private.tie_strength(v_owner, contact_intelligence.contact_id, v_until, v_features),
    'prediction', private.predict_contact(contact_intelligence.contact_id, 7, v_until, contact_intelligence.time_zone))
    into v_answer
    from sums as s cross join days as d cross join spread cross join profile
    cross join (select nullif(greatest(date_part('epoch', v_until - v_since) / 86400, 1), 0) as days) as observed
    cross join (select
      '{"count": 0, "median_seconds": null, "to_messages": {"count": 0, "median_seconds": null}, "to_calls": {"count": 0, "median_seconds": null}}'::jsonb as response,
      '{"calls": 0, "returned": 0, "never_returned": 0, "open": 0, "last_unreturned_at": null}'::jsonb as missed) as none;
  return v_answer;
end;
$$;
comment on function private.contact_intelligence(uuid, timestamptz, timestamptz, timestamptz, text) is
  'The figures of public.get_contact_intelligence. Only the kind, direction, outcome and time of events are read, which no rule masks; a teammate''s private contact is not found, and counts nowhere.';
grant execute on function private.contact_intelligence(uuid, timestamptz, timestamptz, timestamptz, text) to authenticated;

create function public.get_contact_intelligence(
  contact_id uuid, starts_at timestamptz default null, ends_at timestamptz default null, time_zone text default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_now constant timestamptz := date_trunc('minute', now()) + interval '1 minute';
  v_to constant timestamptz := coalesce(get_contact_intelligence.ends_at, v_now);
  v_owner constant uuid := private.readable_contact_owner(get_contact_intelligence.contact_id);
  v_zone text;
  v_from timestamptz;
  v_contact jsonb;
begin
  perform private.require_scope('contacts:read');
  v_zone := coalesce(get_contact_intelligence.time_zone,
    (select p.time_zone from public.profiles as p where p.user_id = (select auth.uid())), 'UTC');
  if not private.is_time_zone(v_zone) then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'time_zone is an IANA name such as Europe/Berlin';
  end if;
  v_from := coalesce(get_contact_intelligence.starts_at,
    date_subtract(date_trunc('day', v_to - interval '1 microsecond', v_zone), interval '364 days', v_zone));
  if v_from >= v_to then
    raise exception using errcode = 'PT400', message = 'range_invalid', detail = 'from must be before to';
  end if;
  if v_to - v_from > interval '7320 days' then
    raise exception using errcode = 'PT400', message = 'range_too_large', detail = 'The period is longer than 20 years';
  end if;
  select jsonb_build_object('id', v.id, 'user_id', v.user_id, 'name', v.name, 'company', v.company, 'numbers', v.numbers) into v_contact
    from private.visible_contacts as v where v.user_id = v_owner and v.id = get_contact_intelligence.contact_id;
  return jsonb_build_object('contact', v_contact, 'from', v_from, 'to', v_to, 'time_zone', v_zone)
    || private.contact_intelligence(get_contact_intelligence.contact_id, v_from, v_to, v_now, v_zone)
    || jsonb_build_object('generated_at', now());
end;
$$;
comment on function public.get_contact_intelligence(uuid, timestamptz, timestamptz, text) is
  'One contact of the caller, or a teammate''s as the privacy rules allow, in [starts_at, ends_at) (default: the last 365 local days up to the end of this minute): {contact, from, to, time_zone, totals, all_time, frequency, hour_profile (7 ISO weekdays × 24 local hours), reciprocity, response_time, unanswered, trend, strength, prediction, generated_at}. A session is a run of events with at most an hour between them; gaps are days between local days with contact. A response is the first event of one side after a message or unanswered call of the other, both in the window and at most 24 hours apart. An unanswered call (missed, declined, voicemail; outbound of 0 seconds without a status) is returned by an answered call, or any event of the side that was called, within 7 days, and open until then. Strength, prediction: as of the end of the window. Errors: not_authenticated (401), contact_not_found (404), validation_failed, range_invalid, range_too_large (400).';
revoke execute on function public.get_contact_intelligence(uuid, timestamptz, timestamptz, text) from public, anon;
grant execute on function public.get_contact_intelligence(uuid, timestamptz, timestamptz, text) to authenticated;
