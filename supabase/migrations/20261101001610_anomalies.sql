-- Anomalies: days, calls, hours, numbers and contacts that are not like the caller's own past. Every test of a day has
-- a share of one budget, "one false alarm in so many days", and a p-value that is a rank among the owner's own past days,
-- steadied by what ordinary phone logs show. Nothing is pooled: no other person's rows are read.

-- lambda: mean of the past days with a half-life of 14 days, times a weekday factor shrunk by 8 days. The score is the
-- distance from lambda in standard deviations: the owner's own variance per event, shrunk to `dispersion` by 60 days, times
-- lambda, and bursts of `burst` events that come whatever lambda is. A change below least_change scores 0, and so do the
-- first 7 usable days. A day that
-- was anomalous itself enters the baseline at the limit of the ordinary.
create function private.score_counts(counts bigint[], weekdays integer[], usable boolean[], least_change double precision, dispersion double precision, burst double precision)
returns table (day integer, expected double precision, score double precision)
language plpgsql immutable
set search_path = ''
as $$
declare
  v_decay constant double precision := power(0.5, 1 / 14.0);
  v_days integer := 0;
  v_weight double precision := 0;
  v_sum double precision := 0;
  v_squares double precision := 0;
  v_week_weight double precision[] := array_fill(0::double precision, array[7]);
  v_week_sum double precision[] := array_fill(0::double precision, array[7]);
  v_mean double precision;
  v_lambda double precision;
  v_ratio double precision;
  v_value double precision;
  v_weekday integer;
begin
  for i in 1 .. coalesce(cardinality(score_counts.counts), 0) loop
    v_weekday := score_counts.weekdays[i];
    v_value := score_counts.counts[i];
    day := i;
    expected := null;
    score := 0;
    if v_weight > 0 then
      v_mean := v_sum / v_weight;
      v_lambda := case when v_mean > 0
        then v_mean * (v_week_sum[v_weekday] + 8 * v_mean) / (v_week_weight[v_weekday] * v_mean + 8 * v_mean) else 0 end;
      v_ratio := case when v_mean > 0 then greatest(1,
        ((v_squares / v_weight - v_mean * v_mean) * v_weight + 60 * score_counts.dispersion * v_mean) / (v_weight * v_mean + 60 * v_mean))
        else score_counts.dispersion end;
      expected := v_lambda;
      if v_days >= 7 and score_counts.usable[i] then
        if abs(v_value - v_lambda) >= score_counts.least_change then
          score := (v_value - v_lambda) / sqrt(v_ratio * v_lambda + score_counts.burst * score_counts.burst);
        end if;
        v_value := least(v_value, v_lambda + greatest(score_counts.least_change, 3 * sqrt(v_ratio * greatest(v_lambda, 0.1))));
      end if;
    end if;
    v_weight := v_weight * v_decay;
    v_sum := v_sum * v_decay;
    v_squares := v_squares * v_decay;
    if score_counts.usable[i] then
      v_days := v_days + 1;
      v_weight := v_weight + 1;
      v_sum := v_sum + v_value;
      v_squares := v_squares + v_value * v_value;
      v_week_weight[v_weekday] := v_week_weight[v_weekday] * v_decay + 1;
      v_week_sum[v_weekday] := v_week_sum[v_weekday] * v_decay + v_value;
    end if;
    return next;
  end loop;
end;
$$;
comment on function private.score_counts(bigint[], integer[], boolean[], double precision, double precision, double precision) is
  'Per day: what was to be expected from the days before it, and how far the count is from that; above 0 more, below 0 less, 0 not worth a word or not told yet.';
grant execute on function private.score_counts(bigint[], integer[], boolean[], double precision, double precision, double precision) to authenticated;

-- The share of ordinary days that score as much or more, as the phone logs of 45 people show (deno task backtest prints
-- the fit): a ceiling, which is the share of days above least_change, and an exponential tail.
create function private.ordinary_tail(test text, score double precision)
returns double precision
language sql immutable parallel safe
set search_path = ''
as $$
  select case when abs(ordinary_tail.score) = 0 then 1 else least(t.ceiling, t.at * exp(-t.steepness * (abs(ordinary_tail.score) - t.score))) end
    from (values
      ('calls', 0.05, 0.0125, 1.80, 1.8),
      ('texts', 0.20, 0.0167, 2.3, 1.5),
      ('hour', 0.10, 0.0133, 1.6, 3.0),
      ('new_number', 0.005, 0.00115, 2.4, 3.0),
      ('new_numbers', 0.03, 0.0133, 2.2, 2.3)) as t (test, ceiling, at, score, steepness)
   where t.test = ordinary_tail.test
$$;
comment on function private.ordinary_tail(text, double precision) is
  'Probability that an ordinary day of an ordinary person scores as much in this test; what the owner''s own rank is steadied by.';
grant execute on function private.ordinary_tail(text, double precision) to authenticated;

-- How one alarm's budget is shared. Calls are what a person notices; texts come in conversations, and a conversation more
-- says little.
create function private.alarm_share(test text)
returns double precision
language sql immutable parallel safe
set search_path = ''
as $$
  select case alarm_share.test when 'calls' then 0.76 when 'texts' then 0.05 when 'duration' then 0.07 when 'hour' then 0.05
    when 'new_number' then 0.03 when 'new_numbers' then 0.01 when 'drop_off' then 0.03 end
$$;
comment on function private.alarm_share(text) is 'The part of the false-alarm budget that a test of a day may use; the parts sum to 1.';
grant execute on function private.alarm_share(text) to authenticated;

create type private.day_test as (
  test text, day integer, observed double precision, expected double precision, score double precision, p_value double precision,
  contact_id uuid, event_id uuid, hour timestamptz);
comment on type private.day_test is 'One test of one local day (1 is the first of the history) that scored at all.';

-- Conformal: the rank of a day's score among the 180 usable days before it, with 120 ordinary days added.
create function private.rank_tests(tests private.day_test[], usable_days integer[], first_day integer)
returns setof private.day_test
language sql immutable
set search_path = ''
as $$
  select t.test, t.day, t.observed, t.expected, t.score,
    ((select count(*) from unnest(rank_tests.tests) as o
       where o.test = t.test and o.day < t.day and o.day >= t.day - 180 and abs(o.score) >= abs(t.score))
      + 120 * private.ordinary_tail(t.test, t.score))
    / (120 + (select count(*) from unnest(rank_tests.usable_days) as d where d < t.day and d >= t.day - 180)),
    t.contact_id, t.event_id, t.hour
  from unnest(rank_tests.tests) as t
  where t.day >= rank_tests.first_day and t.p_value is null
  union all
  select t.* from unnest(rank_tests.tests) as t where t.day >= rank_tests.first_day and t.p_value is not null
$$;
comment on function private.rank_tests(private.day_test[], integer[], integer) is
  'The tests of the days from first_day on with their p-values; one that came with its own keeps it.';
grant execute on function private.rank_tests(private.day_test[], integer[], integer) to authenticated;

-- Benjamini-Hochberg over the tests of one day, weighted by their shares (Genovese, Roeder, Wasserman 2006).
create function private.alarms_of(tests private.day_test[], alarm_days integer)
returns setof private.day_test
language sql immutable
set search_path = ''
as $$
  with weighted as (
    select t, t.p_value / private.alarm_share(t.test) as p,
      row_number() over (partition by t.day order by t.p_value / private.alarm_share(t.test), t.test) as place
    from unnest(alarms_of.tests) as t
  ),
  last_place as (
    select (w.t).day as day, max(w.place) as place from weighted as w where w.p <= w.place / alarms_of.alarm_days::double precision group by 1
  )
  select (w.t).* from weighted as w join last_place as l on l.day = (w.t).day and w.place <= l.place
$$;
comment on function private.alarms_of(private.day_test[], integer) is
  'The tests that are alarms at a rate of one false alarm in so many days.';
grant execute on function private.alarms_of(private.day_test[], integer) to authenticated;

create function private.day_bounds(starts_at timestamptz, ends_at timestamptz, time_zone text)
returns timestamptz[]
language sql stable
set search_path = ''
as $$
  select coalesce(array_agg(moment at time zone day_bounds.time_zone order by moment), '{}')
    from generate_series(
      date_trunc('day', (day_bounds.starts_at - interval '1 microsecond') at time zone day_bounds.time_zone) + interval '1 day',
      date_trunc('day', day_bounds.ends_at at time zone day_bounds.time_zone), interval '1 day') as moment
$$;
comment on function private.day_bounds(timestamptz, timestamptz, text) is
  'The local midnights in [starts_at, ends_at]: the bounds of the whole local days in between.';
grant execute on function private.day_bounds(timestamptz, timestamptz, text) to authenticated;

-- Days that say nothing about a channel: a hole between what sources claim, or a silence that is suspected to be one.
create function private.gap_ranges(channel text, silences private.silence[])
returns tstzmultirange
language sql stable
set search_path = ''
as $$
  select private.uncovered(gap_ranges.channel) + coalesce((
    select range_agg(tstzrange(s.starts_at, s.ends_at)) from unnest(gap_ranges.silences) as s
     where s.channel in ('all', gap_ranges.channel) and s.surprise >= 3 and s.p_quiet <= 0.05), '{}')
$$;
comment on function private.gap_ranges(text, private.silence[]) is 'Where data of a type (call, sms) of the caller is missing, or suspected to be.';
grant execute on function private.gap_ranges(text, private.silence[]) to authenticated;

-- Median and robust spread (1.4826 MAD, half an e-fold at least) of ln(seconds), and how many lasted how long.
create type private.duration_profile as (total bigint, middle double precision, spread double precision, seconds integer[], upto bigint[]);
comment on type private.duration_profile is 'Durations of calls: their number, the median of ln(seconds), its robust spread, and the cumulative histogram.';

create function private.duration_profile(seconds integer[], calls bigint[])
returns private.duration_profile
language sql immutable
set search_path = ''
as $$
  with lasting as (
    select s as seconds, sum(n) as calls from unnest(duration_profile.seconds, duration_profile.calls) as h (s, n) where s > 0 group by s
  ),
  ranked as (select l.*, sum(l.calls) over (order by l.seconds) as upto, sum(l.calls) over () as total from lasting as l),
  middle as (select ln(min(r.seconds))::double precision as ln from ranked as r where r.upto >= r.total / 2),
  away as (
    select abs(ln(r.seconds) - m.ln)::double precision as far, sum(r.calls) over (order by abs(ln(r.seconds) - m.ln)) as upto, r.total
      from ranked as r cross join middle as m
  )
  select max(r.total)::bigint, (select m.ln from middle as m),
    greatest(1.4826 * (select min(a.far) from away as a where a.upto >= a.total / 2), 0.5)::double precision,
    array_agg(r.seconds order by r.seconds), array_agg(r.upto::bigint order by r.seconds)
  from ranked as r
$$;
comment on function private.duration_profile(integer[], bigint[]) is 'The profile of a histogram of seconds; total is null without calls.';
grant execute on function private.duration_profile(integer[], bigint[]) to authenticated;

create function private.rare_duration(profile private.duration_profile, times double precision)
returns double precision
language sql immutable
set search_path = ''
as $$
  select greatest(exp(least((rare_duration.profile).middle + 2 * (rare_duration.profile).spread, 20)), coalesce((
    select max(h.s) from unnest((rare_duration.profile).seconds, (rare_duration.profile).upto) as h (s, upto)
     where (rare_duration.profile).total - h.upto >= rare_duration.times), 0))
$$;
comment on function private.rare_duration(private.duration_profile, double precision) is
  'The seconds above which calls are unusual (z = 2) and came at most so many times.';
grant execute on function private.rare_duration(private.duration_profile, double precision) to authenticated;

-- Calls that lasted longer than the owner's calls do, or, with somebody of three calls at most, longer than the owner's
-- calls with such strangers do. Robust z on ln(seconds); ten minutes and z = 2 at least. The p-value is the number of such
-- calls to be expected in a day: calls a day times the call's rank among those of this year and the last, steadied by 20 calls of a normal
-- distribution of ln(seconds) that is a fifth wider than the owner's.
create function private.long_calls(bounds timestamptz[], first_day integer)
returns setof private.day_test
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
declare
  v_owner constant uuid := (select auth.uid());
  v_from constant timestamptz := long_calls.bounds[long_calls.first_day];
  v_to constant timestamptz := long_calls.bounds[cardinality(long_calls.bounds)];
  -- This calendar year and the one before: the roll-up's coarsest buckets.
  v_since constant timestamptz := date_trunc('year', v_to - interval '1 year', 'UTC');
  v_all private.duration_profile;
  v_strange private.duration_profile;
  v_least double precision;
  v_days double precision;
begin
  v_all := (select private.duration_profile(array_agg(d.seconds), array_agg(d.calls::bigint)) from private.call_durations as d
    where d.user_id = v_owner and d.grain = 'year' and d.bucket >= v_since and d.bucket < v_to);
  v_strange := (select private.duration_profile(array_agg((s.answered_seconds / s.answered_timed)::integer), array_agg(1::bigint))
    from private.contact_stats as s
    where s.user_id = v_owner and s.answered_timed between 1 and 3 and s.last_ts >= v_since);
  if coalesce(v_all.total, 0) < 20 then
    return;
  end if;
  v_days := greatest(extract(epoch from v_to - greatest(v_since, (select min(s.first_ts) from private.contact_stats as s where s.user_id = v_owner))) / 86400, 7);
  -- What comes more than once in ten days is no alarm at any rate that may be asked for.
  v_least := greatest(600, least(private.rare_duration(v_all, 0.1 * v_days),
    case when v_strange.total >= 10 then private.rare_duration(v_strange, 0.1 * v_days) end));
  return query
  with long as (
    select e.id, e.ts, e.contact_id, e.duration as seconds, coalesce(s.answered_timed <= 3 and v_strange.total >= 10, false) as is_strange
      from (select a.bucket from private.activity as a
             where a.user_id = v_owner and a.grain = 'hour' and a.bucket >= v_from - interval '1 hour' and a.bucket < v_to
             group by a.bucket having sum(a.talk_seconds) >= v_least order by sum(a.talk_seconds) desc limit 300) as a
      join public.events as e on e.user_id = v_owner and e.ts >= a.bucket and e.ts < a.bucket + interval '1 hour'
      left join private.contact_stats as s on s.user_id = e.user_id and s.contact_id = e.contact_id
     where e.type = 'call' and e.status = 'answered' and e.duration >= v_least and e.ts >= v_from and e.ts < v_to
  ),
  judged as (
    select l.*, p.profile, (ln(l.seconds) - (p.profile).middle) / (p.profile).spread as z
      from long as l cross join lateral (select case when l.is_strange then v_strange else v_all end as profile) as p
  )
  select distinct on (width_bucket(j.ts, long_calls.bounds))
    'duration'::text, width_bucket(j.ts, long_calls.bounds), j.seconds::double precision, exp((j.profile).middle), j.z::double precision,
    (j.profile).total / v_days
      * (greatest((j.profile).total - coalesce((select max(h.upto) from unnest((j.profile).seconds, (j.profile).upto) as h (s, upto) where h.s < j.seconds), 0) - 1, 0)
        + 20 * erfc(j.z / (1.2 * sqrt(2.0))) / 2) / ((j.profile).total + 20),
    j.contact_id, j.id, null::timestamptz
  from judged as j where j.z >= 2
  order by width_bucket(j.ts, long_calls.bounds), j.z desc, j.id;
end;
$$;
comment on function private.long_calls(timestamptz[], integer) is
  'The most unusually long call of each day from first_day on, with its p-value: observed its seconds, expected the median of such calls. Errors: not_authenticated (401).';
grant execute on function private.long_calls(timestamptz[], integer) to authenticated;

-- Three or more events in a local hour that is asleep on at least 97 of 100 other days. Hours begin as the UTC hours do.
create function private.odd_hours(bounds timestamptz[], time_zone text)
returns setof private.day_test
language sql stable
set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
  with hour as materialized (
    select a.bucket, a.calls + a.sms as events, extract(hour from a.bucket at time zone odd_hours.time_zone)::integer as of_day,
      width_bucket(a.bucket, odd_hours.bounds) as day
    from private.own_hours(odd_hours.bounds[1], odd_hours.bounds[cardinality(odd_hours.bounds)]) as a
  ),
  known as (select h.of_day, count(distinct h.day) as days from hour as h group by h.of_day),
  total as (select count(distinct h.day) as days from hour as h)
  select distinct on (h.day) 'hour'::text, h.day, h.events::double precision, round((k.days - 1)::numeric / (t.days - 1), 4)::double precision,
    (-log((k.days - 0.5) / t.days))::double precision, null::double precision, null::uuid, null::uuid, h.bucket
  from hour as h join known as k on k.of_day = h.of_day cross join total as t
  where t.days >= 14 and h.events >= 3 and (k.days - 1) <= 0.03 * (t.days - 1)
  order by h.day, k.days, h.events desc, h.bucket
$$;
comment on function private.odd_hours(timestamptz[], text) is
  'Per day the caller''s oddest hour with three events or more: observed is their number, expected the share of other days with any event in that hour.';
grant execute on function private.odd_hours(timestamptz[], text) to authenticated;

-- Numbers that were never heard of before: eight events or more within a day of the first. In the first two weeks of a
-- log everybody is new.
create function private.new_numbers(bounds timestamptz[])
returns table (contact_id uuid, day integer, first_ts timestamptz, events bigint)
language sql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
  select s.contact_id, width_bucket(s.first_ts, new_numbers.bounds), s.first_ts,
    case when s.calls + s.sms < 8 then s.calls + s.sms else (
      select count(*) from public.events as e
       where e.user_id = s.user_id and e.contact_id = s.contact_id and e.ts < s.first_ts + interval '24 hours') end
  from private.contact_stats as s
  where s.user_id = (select auth.uid())
    and s.first_ts >= greatest(new_numbers.bounds[1], (select min(f.first_ts) from private.contact_stats as f
      where f.user_id = (select auth.uid())) + interval '14 days')
    and s.first_ts < new_numbers.bounds[cardinality(new_numbers.bounds)]
$$;
comment on function private.new_numbers(timestamptz[]) is
  'The caller''s contacts first heard of within the bounds, and their events within 24 hours (where there may be eight).';
grant execute on function private.new_numbers(timestamptz[]) to authenticated;

-- Contacts of ten active days and more that went silent. A silence of L after n gaps that span S in sum has the surprise
-- n ln(1 + L/S), as an exponential with a gamma-distributed rate has it; halved, because people come in bursts. The
-- alarm falls on the day when the expected number of such silences a day, over all contacts, gets below the budget.
create function private.drop_offs(bounds timestamptz[], first_day integer, rate double precision)
returns setof private.day_test
language sql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
  with regular as materialized (
    select s.contact_id, s.last_ts, s.active_days - 1 as gaps, extract(epoch from s.last_ts - s.first_ts)::double precision / 86400 as span
      from private.contact_stats as s
     where s.user_id = (select auth.uid()) and s.active_days >= 10
       and s.last_ts - s.first_ts >= interval '14 days'
  ),
  pace as (select coalesce(sum(r.gaps / r.span), 0) as gaps_per_day from regular as r),
  due as (
    select r.*, 2 * ln(p.gaps_per_day / drop_offs.rate) as surprise,
      r.span * (exp(least(2 * ln(p.gaps_per_day / drop_offs.rate) / r.gaps, 50)) - 1) as silent_days
    from regular as r cross join pace as p where p.gaps_per_day > drop_offs.rate
  )
  select 'drop_off'::text, width_bucket(d.last_ts + make_interval(secs => 86400 * d.silent_days), drop_offs.bounds),
    round(extract(epoch from drop_offs.bounds[cardinality(drop_offs.bounds)] - d.last_ts) / 86400, 1)::double precision,
    d.span / d.gaps, d.surprise, drop_offs.rate * 0.999, d.contact_id, null::uuid, d.last_ts
  from due as d
  where d.silent_days < 36500
    and d.last_ts + make_interval(secs => 86400 * d.silent_days) >= drop_offs.bounds[drop_offs.first_day]
    and d.last_ts + make_interval(secs => 86400 * d.silent_days) < drop_offs.bounds[cardinality(drop_offs.bounds)]
$$;
comment on function private.drop_offs(timestamptz[], integer, double precision) is
  'The caller''s regular contacts whose silence became hard to believe on a day from first_day on and still lasts: observed is the silence in days, expected the mean gap.';
grant execute on function private.drop_offs(timestamptz[], integer, double precision) to authenticated;

create function private.describe_anomaly(alarm private.day_test, bounds timestamptz[], time_zone text)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_from constant timestamptz := describe_anomaly.bounds[describe_anomaly.alarm.day];
  v_to constant timestamptz := describe_anomaly.bounds[describe_anomaly.alarm.day + 1];
  v_type constant text := case describe_anomaly.alarm.test when 'calls' then 'call' when 'texts' then 'sms' end;
  v_observed constant numeric := trim_scale(round(describe_anomaly.alarm.observed::numeric, 2));
  v_expected constant numeric := round(describe_anomaly.alarm.expected::numeric, 2);
  v_contact uuid := describe_anomaly.alarm.contact_id;
  v_name text;
  v_events uuid[];
begin
  if v_type is not null and v_contact is null then
    select e.contact_id into v_contact from public.events as e
     where e.user_id = (select auth.uid()) and e.ts >= v_from and e.ts < v_to and e.type = v_type and e.contact_id is not null
     group by e.contact_id order by count(*) desc, e.contact_id limit 1;
  end if;
  select c.name into v_name from public.contacts as c where c.user_id = (select auth.uid()) and c.id = v_contact;
  v_events := case when describe_anomaly.alarm.event_id is not null then array[describe_anomaly.alarm.event_id] else array(
    select e.id from public.events as e
     where e.user_id = (select auth.uid())
       and e.ts >= case describe_anomaly.alarm.test when 'hour' then describe_anomaly.alarm.hour when 'drop_off' then describe_anomaly.alarm.hour else v_from end
       and e.ts < case describe_anomaly.alarm.test when 'hour' then describe_anomaly.alarm.hour + interval '1 hour'
         when 'drop_off' then describe_anomaly.alarm.hour + interval '1 second' when 'new_number' then v_to + interval '1 day' else v_to end
       and (v_type is null or e.type = v_type)
       and (describe_anomaly.alarm.test not in ('new_number', 'drop_off') or e.contact_id = v_contact)
     order by e.ts, e.id limit 5) end;
  return jsonb_build_object(
    'kind', case describe_anomaly.alarm.test when 'calls' then 'volume' when 'texts' then 'volume' when 'duration' then 'duration' when 'hour' then 'unusual_hour'
      when 'drop_off' then 'drop_off' else 'new_number_burst' end,
    'test', describe_anomaly.alarm.test,
    'direction', case when describe_anomaly.alarm.score < 0 or describe_anomaly.alarm.test = 'drop_off' then 'down' else 'up' end,
    'channel', coalesce(v_type, case describe_anomaly.alarm.test when 'duration' then 'call' else 'all' end),
    'date', to_char(v_from at time zone describe_anomaly.time_zone, 'YYYY-MM-DD'), 'from', v_from, 'to', v_to,
    'observed', v_observed, 'expected', v_expected,
    'score', round(abs(describe_anomaly.alarm.score)::numeric, 2), 'p_value', round(describe_anomaly.alarm.p_value::numeric, 6),
    'contact_id', v_contact, 'contact_name', v_name, 'event_ids', to_jsonb(v_events),
    'explanation', case describe_anomaly.alarm.test
      when 'calls' then format('%s calls where about %s were to be expected', v_observed::integer, round(v_expected, 1))
      when 'texts' then format('%s messages where about %s were to be expected', v_observed::integer, round(v_expected, 1))
      when 'duration' then format('A call of %s minutes; half of the calls are shorter than %s', round(v_observed / 60), round(v_expected / 60, 1))
      when 'hour' then format('%s events in an hour that has any on %s %% of the other days', v_observed::integer, round(100 * v_expected, 1))
      when 'new_number' then format('%s events within a day with a number that was not known before', v_observed::integer)
      when 'new_numbers' then format('%s numbers that were not known before, where about %s were to be expected', v_observed::integer, round(v_expected, 1))
      else format('Nothing for %s days from a contact who was in touch every %s days', v_observed, round(v_expected, 1)) end);
end;
$$;
comment on function private.describe_anomaly(private.day_test, timestamptz[], text) is 'An alarm as detect_anomalies shows it.';
grant execute on function private.describe_anomaly(private.day_test, timestamptz[], text) to authenticated;

create function public.detect_anomalies(
  starts_at timestamptz default null, ends_at timestamptz default null, time_zone text default null, alarm_days integer default 60)
returns jsonb
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
declare
  v_owner constant uuid := (select auth.uid());
  v_period constant private.period :=
    private.health_period(detect_anomalies.starts_at, detect_anomalies.ends_at, detect_anomalies.time_zone, 90, 400);
  v_until constant timestamptz := least(v_period.ends_at, now());
  v_began timestamptz;
  v_bounds timestamptz[];
  v_days integer;
  v_first integer;
  v_weekdays integer[];
  v_calls bigint[];
  v_texts bigint[];
  v_new private.day_test[];
  v_new_counts bigint[];
  v_no_calls boolean[];
  v_no_texts boolean[];
  v_silences private.silence[];
  v_call_gaps tstzmultirange;
  v_text_gaps tstzmultirange;
  v_tests private.day_test[];
  v_alarms private.day_test[];
begin
  perform private.require_scope('analytics:read');
  if detect_anomalies.alarm_days is null or detect_anomalies.alarm_days not between 7 and 3650 then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'alarm_days is 7 to 3650';
  end if;
  -- The day of the first event is not whole. Four months before the period are what its first days are judged by.
  select e.ts into v_began from public.events as e where e.user_id = v_owner order by e.ts limit 1;
  v_bounds := private.day_bounds(greatest(v_began, date_subtract(v_period.starts_at, interval '120 days', v_period.time_zone)), v_until, v_period.time_zone);
  v_days := greatest(coalesce(cardinality(v_bounds), 0) - 1, 0);
  v_first := 1 + (select count(*) from unnest(v_bounds) as b where b < v_period.starts_at);

  if v_began is not null and v_days > 0 and v_first <= v_days then
    v_weekdays := array(select extract(isodow from b at time zone v_period.time_zone)::integer from unnest(v_bounds[1:v_days]) with ordinality as t (b, i) order by i);
    select array_agg(coalesce(a.calls, 0) order by d), array_agg(coalesce(a.sms, 0) order by d) into v_calls, v_texts
      from generate_series(1, v_days) as d left join private.activity_between(v_owner, v_bounds, 'day') as a on a.part = d;
    v_silences := array(select s from private.silences(v_period.starts_at, v_until, v_period.time_zone, 24) as s);
    v_call_gaps := private.gap_ranges('call', v_silences);
    v_text_gaps := private.gap_ranges('sms', v_silences);
    v_no_calls := array(select v_call_gaps && tstzrange(v_bounds[d], v_bounds[d + 1]) from generate_series(1, v_days) as d order by d);
    v_no_texts := array(select v_text_gaps && tstzrange(v_bounds[d], v_bounds[d + 1]) from generate_series(1, v_days) as d order by d);
    v_new := array(select row('new_number', n.day, n.events, 0, ln(n.events), null, n.contact_id, null, null)::private.day_test
      from private.new_numbers(v_bounds) as n);
    v_new_counts := array(select count(n.contact_id) from generate_series(1, v_days) as d left join unnest(v_new) as n on n.day = d group by d order by d);

    v_tests := array(
      select row('calls', s.day, v_calls[s.day], s.expected, s.score, null, null, null, null)::private.day_test
        from private.score_counts(v_calls, v_weekdays, array(select not g from unnest(v_no_calls) with ordinality as t (g, i) order by i), 5, 3, 4) as s where s.score <> 0
      union all
      select row('texts', s.day, v_texts[s.day], s.expected, s.score, null, null, null, null)::private.day_test
        from private.score_counts(v_texts, v_weekdays, array(select not g from unnest(v_no_texts) with ordinality as t (g, i) order by i), 10, 8, 10) as s where s.score <> 0
      union all
      select row('new_numbers', s.day, v_new_counts[s.day], s.expected, s.score, null, null, null, null)::private.day_test
        from private.score_counts(v_new_counts, v_weekdays, array(select not (v_no_calls[d] and v_no_texts[d]) from generate_series(1, v_days) as d order by d), 5, 2, 2) as s
       where s.score > 0 and v_bounds[s.day] >= v_began + interval '21 days'
      union all
      select n from (select distinct on (m.day) m as n from unnest(v_new) as m where m.observed >= 8 order by m.day, m.observed desc, m.contact_id) as n
      union all
      select o from private.odd_hours(v_bounds, v_period.time_zone) as o
      union all
      select l from private.long_calls(v_bounds, v_first) as l
      union all
      select x from private.drop_offs(v_bounds, v_first, private.alarm_share('drop_off') / detect_anomalies.alarm_days) as x);
    v_tests := array(select r from private.rank_tests(v_tests, array(select generate_series(1, v_days)), v_first) as r);
    v_alarms := array(select a from private.alarms_of(v_tests, detect_anomalies.alarm_days) as a order by a.day, a.p_value, a.test);
  end if;

  return jsonb_build_object(
    'from', v_period.starts_at, 'to', v_period.ends_at, 'time_zone', v_period.time_zone, 'alarm_days', detect_anomalies.alarm_days,
    'anomalies', coalesce((select jsonb_agg(private.describe_anomaly(a, v_bounds, v_period.time_zone) order by i)
      from unnest(v_alarms) with ordinality as t (test, day, observed, expected, score, p_value, contact_id, event_id, hour, i)
      cross join lateral (select row(t.test, t.day, t.observed, t.expected, t.score, t.p_value, t.contact_id, t.event_id, t.hour)::private.day_test as a) as r), '[]'),
    'days_judged', case when v_began is null then 0 else greatest(v_days - greatest(v_first - 1, 7), 0) end,
    'days_left_out', coalesce((select count(*) from generate_series(v_first, v_days) as d where v_no_calls[d] or v_no_texts[d]), 0),
    'false_alarms_expected', round(case when v_began is null then 0 else greatest(v_days - greatest(v_first - 1, 7), 0) end / detect_anomalies.alarm_days::numeric, 2),
    'generated_at', now());
end;
$$;
comment on function public.detect_anomalies(timestamptz, timestamptz, text, integer) is
  'What in the whole local days of [starts_at, ends_at) is unlike the caller''s own past: {anomalies: [{kind volume|duration|unusual_hour|new_number_burst|drop_off, test, direction, channel, date, from, to, observed, expected, score, p_value, contact_id, contact_name, event_ids, explanation}], days_judged, days_left_out, false_alarms_expected, …}. alarm_days: one false alarm in so many days, over all tests. Volume counts events, duration seconds, drop_off days. Default: the last 90 local days. Errors: not_authenticated (401), validation_failed, range_invalid, range_too_large (400).';
revoke execute on function public.detect_anomalies(timestamptz, timestamptz, text, integer) from public, anon;
grant execute on function public.detect_anomalies(timestamptz, timestamptz, text, integer) to authenticated;
