-- Predictions: who is likely to be in touch in the next 1, 7, 14 and 28 days, and who is overdue or drifting away.
--
-- One logistic per horizon h over three terms, chosen by `deno task backtest` (people held out; it prints what it beat):
--   recency  ln(E + 0.05)                 E = days since the last event
--   rhythm   ln((1 - q)^(-sqrt h) - 1)    q = (A + 1) / (O + 2), the log odds of contact within sqrt h independent days;
--                                         A = UTC days with an event in the last 90, O = all UTC days since the log
--                                         began, each day weighing half for every 28 days of its age
--   silence  ln(max(E, 14) / 14)          how far a silence goes beyond two weeks
-- Sums and a maximum, so the order of arrival does not matter; rates and not counts, so a young log and an old one compare.

-- plpgsql where a row's worth of arithmetic is wanted: a function in SQL that is not inlined costs ten times as much.

create table private.prediction_coefficients (
  horizon_days integer primary key check (horizon_days in (1, 7, 14, 28)),
  intercept double precision not null,
  recency double precision not null,
  rhythm double precision not null,
  silence double precision not null,
  basis text not null check (basis in ('default', 'extrapolated', 'fitted')),
  sample_size integer not null,
  log_loss double precision,
  fitted_at timestamptz not null default now()
);
comment on table private.prediction_coefficients is
  'Coefficients of private.interaction_probability per horizon. basis: default (the phone logs of the back-test), extrapolated (from a shorter horizon; those logs last 28 days), fitted (this deployment''s events, by private.fit_predictions). sample_size: forecasts fitted on; log_loss: on those held out.';
-- As `deno task backtest --only predictions` prints them.
insert into private.prediction_coefficients (horizon_days, intercept, recency, rhythm, silence, basis, sample_size) values
  (1, -0.132, -0.202, 1.011, -1, 'default', 11956),
  (7, 0.762, -0.197, 1.107, -1, 'default', 7496),
  (14, 1.055, -0.199, 1.975, -1, 'default', 2974),
  (28, 0.960, -0.200, 2.481, -1, 'extrapolated', 0);

create function private.prediction_terms(elapsed_days double precision, active double precision, observed double precision, horizon_days integer)
returns double precision[]
language plpgsql immutable parallel safe
set search_path = ''
as $$
begin
  return array[1, ln(prediction_terms.elapsed_days + 0.05),
    ln(power(1 - (prediction_terms.active + 1) / (greatest(prediction_terms.observed, prediction_terms.active) + 2),
      -sqrt(prediction_terms.horizon_days)) - 1),
    ln(greatest(prediction_terms.elapsed_days, 14) / 14)];
end;
$$;
comment on function private.prediction_terms(double precision, double precision, double precision, integer) is
  'The terms 1, recency, rhythm and silence (see the head of this file) of a contact: days since the last event, weighted active and observed days.';

create function private.probability_of(coefficients double precision[], terms double precision[])
returns double precision
language plpgsql immutable parallel safe
set search_path = ''
as $$
begin
  return 1 / (1 + exp(-greatest(least(
    coefficients[1] * terms[1] + coefficients[2] * terms[2] + coefficients[3] * terms[3] + coefficients[4] * terms[4], 500), -500)));
end;
$$;
comment on function private.probability_of(double precision[], double precision[]) is
  'Logistic of the sum of four coefficients times four terms.';

create type private.interaction_forecast as (
  features private.interaction_features, p_1 double precision, p_7 double precision, p_14 double precision, p_28 double precision);
comment on type private.interaction_forecast is 'A contact''s features and its probabilities of an event within 1, 7, 14 and 28 days.';

-- A longer horizon holds the shorter one, so a probability is at least that of the horizon before. Four decimals: what
-- is shown is what is sorted and paged by.
create function private.interaction_forecasts(
  owner_id uuid, as_of timestamptz, only_contact uuid default null, without uuid[] default '{}')
returns setof private.interaction_forecast
language sql stable
set search_path = ''
as $$
  with coefficient as (
    select array_agg(array[c.intercept, c.recency, c.rhythm, c.silence] order by c.horizon_days) as b
      from private.prediction_coefficients as c
  )
  select row(f.*)::private.interaction_features, greatest(least(p.p_1, 0.9999), 0.0001),
    greatest(least(greatest(p.p_1, p.p_7), 0.9999), 0.0001), greatest(least(greatest(p.p_1, p.p_7, p.p_14), 0.9999), 0.0001),
    greatest(least(greatest(p.p_1, p.p_7, p.p_14, p.p_28), 0.9999), 0.0001)
  from private.interaction_features(interaction_forecasts.owner_id, interaction_forecasts.as_of,
    interaction_forecasts.only_contact, interaction_forecasts.without) as f
  cross join coefficient as c
  cross join lateral (
    select
      round(private.probability_of(array[c.b[1][1], c.b[1][2], c.b[1][3], c.b[1][4]],
        private.prediction_terms(f.elapsed_days, f.active, f.observed, 1))::numeric, 4)::double precision as p_1,
      round(private.probability_of(array[c.b[2][1], c.b[2][2], c.b[2][3], c.b[2][4]],
        private.prediction_terms(f.elapsed_days, f.active, f.observed, 7))::numeric, 4)::double precision as p_7,
      round(private.probability_of(array[c.b[3][1], c.b[3][2], c.b[3][3], c.b[3][4]],
        private.prediction_terms(f.elapsed_days, f.active, f.observed, 14))::numeric, 4)::double precision as p_14,
      round(private.probability_of(array[c.b[4][1], c.b[4][2], c.b[4][3], c.b[4][4]],
        private.prediction_terms(f.elapsed_days, f.active, f.observed, 28))::numeric, 4)::double precision as p_28
  ) as p
$$;
comment on function private.interaction_forecasts(uuid, timestamptz, uuid, uuid[]) is
  'private.interaction_features with the probabilities of each horizon, rising with the horizon, four decimals, never 0 or 1.';

create function private.days_until(forecast private.interaction_forecast, probability double precision)
returns double precision
language sql immutable parallel safe
set search_path = ''
as $$
  -- Between the horizons the hazard is even: -ln(1 - P) runs straight from (0, 0) through each.
  with point as (
    select days, -ln(greatest(1 - p, 1e-9)) as hazard
      from (values (0, 0::double precision), (1, (days_until.forecast).p_1), (7, (days_until.forecast).p_7),
        (14, (days_until.forecast).p_14), (28, (days_until.forecast).p_28)) as v (days, p)
  ),
  stretch as (
    select days, hazard, lead(days) over (order by days) as next_days, lead(hazard) over (order by days) as next_hazard from point
  )
  select days + (next_days - days) * (wanted - hazard) / nullif(next_hazard - hazard, 0)
    from stretch cross join (select -ln(1 - days_until.probability) as wanted) as w
   where hazard < wanted and next_hazard >= wanted
   order by days limit 1
$$;
comment on function private.days_until(private.interaction_forecast, double precision) is
  'Days after which the probability of contact reaches this value (between 0 and 1); null where it does not within 28.';

create function private.poisson_at_most(count integer, mean double precision)
returns double precision
language plpgsql immutable parallel safe
set search_path = ''
as $$
declare
  v_term double precision := exp(-poisson_at_most.mean);
  v_sum double precision := v_term;
begin
  for k in 1 .. poisson_at_most.count loop
    v_term := v_term * poisson_at_most.mean / k;
    v_sum := v_sum + v_term;
  end loop;
  return v_sum;
end;
$$;
comment on function private.poisson_at_most(integer, double precision) is 'P(X <= count) for a Poisson variable of a positive mean below 700.';

create function private.standing_of(features private.interaction_features)
returns text
language plpgsql immutable parallel safe
set search_path = ''
as $$
declare
  v_f constant private.interaction_features := standing_of.features;
  v_expected constant double precision := v_f.earlier_days * 28.0 / nullif(v_f.observed_days - 28, 0);
begin
  return case
    when v_f.gaps >= 4 and v_f.elapsed_days > 8 * greatest(v_f.usual_gap, 1) and v_f.elapsed_days > 14 then 'drifting'
    when v_f.observed_days >= 56 and v_expected >= 3 and private.poisson_at_most(v_f.recent_days, v_expected) < 0.05 then 'drifting'
    when v_f.gaps >= 4 and v_f.elapsed_days > v_f.long_gap + 1 and v_f.elapsed_days > 2 * v_f.usual_gap then 'overdue'
    else 'usual' end;
end;
$$;
comment on function private.standing_of(private.interaction_features) is
  'overdue: silent for longer than nine of ten gaps between its active days (plus the day itself) and than twice the usual one. drifting: silent for over 8 usual gaps and two weeks, or active days of the last 28 fewer than the days before lead to expect (Poisson, 5 %). usual: neither, or too little to tell (four gaps; three expected days).';

create function private.explain_forecast(forecast private.interaction_forecast, horizon integer)
returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_array(
    jsonb_build_object('term', 'recency', 'value', round(f.elapsed_days::numeric, 2), 'effect', round((c.recency * t.terms[2])::numeric, 3),
      'text', case when f.elapsed_days < 1 then 'Last in touch today or yesterday'
        else format('Last in touch %s days ago', round(f.elapsed_days)) end),
    jsonb_build_object('term', 'rhythm', 'value', round((f.active / nullif(f.observed, 0))::numeric, 3), 'effect', round((c.rhythm * t.terms[3])::numeric, 3),
      'text', format('In touch on %s of the last %s days, recent days counting more', f.active_days, f.observed_days)),
    jsonb_build_object('term', 'silence', 'value', round(greatest(f.elapsed_days - 14, 0)::numeric, 2), 'effect', round((c.silence * t.terms[4])::numeric, 3),
      'text', case when f.elapsed_days > 14 then format('Silent for %s days beyond two weeks', round(f.elapsed_days - 14))
        else 'Not silent for more than two weeks' end),
    jsonb_build_object('term', 'base', 'value', null, 'effect', round(c.intercept::numeric, 3),
      'text', format('Base rate of the %s-day model', c.horizon_days)))
  from (select ((explain_forecast.forecast).features).*) as f
  join private.prediction_coefficients as c on c.horizon_days = explain_forecast.horizon
  cross join lateral (select private.prediction_terms(f.elapsed_days, f.active, f.observed, c.horizon_days) as terms) as t
$$;
comment on function private.explain_forecast(private.interaction_forecast, integer) is
  'Why: [{term, value, effect, text}], effects in log odds; their sum is the log odds of the horizon''s probability (before it is raised to that of a shorter one).';

-- Hours with an event, not events: one long chat must not outweigh a year. The owner's own habits count for 20 hours.
create function private.likely_hour(owner_id uuid, contact_id uuid, as_of timestamptz, time_zone text, habits double precision[])
returns jsonb
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_hours double precision[] := array(select 20 * share from unnest(likely_hour.habits) with ordinality as u (share, cell) order by cell);
  v_total double precision := 20;
  v_best integer := 1;
  v_cell integer;
  v_local timestamp without time zone;
begin
  for v_local in
    select distinct date_trunc('hour', recent.ts at time zone likely_hour.time_zone)
      from (select e.ts from public.events as e
             where e.user_id = likely_hour.owner_id and e.contact_id = likely_hour.contact_id and e.ts < likely_hour.as_of
             order by e.ts desc limit 500) as recent
  loop
    v_cell := (date_part('isodow', v_local)::integer - 1) * 24 + date_part('hour', v_local)::integer + 1;
    v_hours[v_cell] := v_hours[v_cell] + 1;
    v_total := v_total + 1;
  end loop;
  for cell in 2 .. 168 loop
    -- The first of equals, whatever the last bit of a sum says.
    if v_hours[cell] > v_hours[v_best] + 1e-9 then
      v_best := cell;
    end if;
  end loop;
  return jsonb_build_object('weekday', (v_best - 1) / 24 + 1, 'hour', (v_best - 1) % 24, 'share', round((v_hours[v_best] / v_total)::numeric, 4));
end;
$$;
comment on function private.likely_hour(uuid, uuid, timestamptz, text, double precision[]) is
  'The local hour of the week in which the last 500 events with a contact were most often, shrunk to habits: {weekday ISO, hour, share}.';

create function private.hour_habits(owner_id uuid, as_of timestamptz, time_zone text)
returns double precision[]
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_since constant timestamptz := date_trunc('day', hour_habits.as_of, 'UTC') - interval '89 days';
  v_until constant timestamptz := date_trunc('hour', hour_habits.as_of, 'UTC') + interval '1 hour';
  v_hours double precision[] := array_fill(0::double precision, array[168]);
  v_is_own constant boolean := hour_habits.owner_id = (select auth.uid());
  v_total double precision := 0;
  v_cell integer;
  v_local timestamp without time zone;
begin
  -- The middle of a UTC hour says the local hour in every zone, half and quarter hours included.
  for v_local in
    select distinct (a.bucket + interval '30 minutes') at time zone hour_habits.time_zone from private.activity as a
     where a.user_id = hour_habits.owner_id and a.grain = 'hour' and a.bucket >= v_since and a.bucket < v_until
       and (v_is_own or not a.is_private)
  loop
    v_cell := (date_part('isodow', v_local)::integer - 1) * 24 + date_part('hour', v_local)::integer + 1;
    v_hours[v_cell] := v_hours[v_cell] + 1;
    v_total := v_total + 1;
  end loop;
  return array(select case when v_total = 0 then 1.0 / 168 else hours / v_total end
                 from unnest(v_hours) with ordinality as u (hours, cell) order by cell);
end;
$$;
comment on function private.hour_habits(uuid, timestamptz, text) is
  'Share of a person''s hours with events in the last 90 days per local hour of the week (168 from Monday 0:00); even shares without any. A teammate''s private contacts count nowhere.';

create function private.describe_prediction(forecast private.interaction_forecast, horizon integer, as_of timestamptz, likely jsonb)
returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'contact_id', f.contact_id,
    'probability', case describe_prediction.horizon when 1 then p.p_1 when 7 then p.p_7 when 14 then p.p_14 else p.p_28 end,
    'probabilities', jsonb_build_object('1', p.p_1, '7', p.p_7, '14', p.p_14, '28', p.p_28),
    'outlook', case when p.p_28 >= 0.5 then 'expected' else 'not_within_28_days' end,
    'expected_at', date_trunc('minute', describe_prediction.as_of + days.half * interval '24 hours'),
    'interval_80', jsonb_build_object(
      'from', date_trunc('minute', describe_prediction.as_of + days.tenth * interval '24 hours'),
      'to', date_trunc('minute', describe_prediction.as_of + days.nine_tenths * interval '24 hours')),
    'likely', describe_prediction.likely,
    'confidence', jsonb_build_object(
      'level', case when f.active_days >= 10 and f.observed_days >= 28 then 'high' when f.active_days >= 3 and f.observed_days >= 14 then 'medium' else 'low' end,
      'active_days', f.active_days, 'observed_days', f.observed_days,
      'basis', (select c.basis from private.prediction_coefficients as c where c.horizon_days = describe_prediction.horizon)),
    'standing', private.standing_of((describe_prediction.forecast).features),
    'last_interaction_at', f.last_ts,
    'elapsed_days', round(f.elapsed_days::numeric, 2),
    'usual_gap_days', f.usual_gap,
    'reasons', private.explain_forecast(describe_prediction.forecast, describe_prediction.horizon))
  from (select ((describe_prediction.forecast).features).*) as f
  cross join (select (describe_prediction.forecast).*) as p
  cross join lateral (select private.days_until(describe_prediction.forecast, 0.1) as tenth, private.days_until(describe_prediction.forecast, 0.5) as half,
    private.days_until(describe_prediction.forecast, 0.9) as nine_tenths) as days
$$;
comment on function private.describe_prediction(private.interaction_forecast, integer, timestamptz, jsonb) is
  'A forecast as the API shows it: probability within horizon days, all four, when it reaches 0.5 (expected_at; null: not within 28 days) and 0.1 to 0.9 (interval_80), likely hour, confidence, standing and reasons.';

create function private.predict_contact(contact_id uuid, horizon integer, as_of timestamptz, time_zone text)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_owner constant uuid := private.readable_contact_owner(predict_contact.contact_id);
  v_hidden constant uuid[] := private.hidden_contacts(v_owner);
  v_forecast private.interaction_forecast;
begin
  select f.* into v_forecast
    from private.interaction_forecasts(v_owner, predict_contact.as_of, predict_contact.contact_id, v_hidden) as f;
  if v_forecast.p_1 is null then
    return null;
  end if;
  return private.describe_prediction(v_forecast, predict_contact.horizon, predict_contact.as_of,
    private.likely_hour(v_owner, predict_contact.contact_id, predict_contact.as_of, predict_contact.time_zone,
      private.hour_habits(v_owner, predict_contact.as_of, predict_contact.time_zone)));
end;
$$;
comment on function private.predict_contact(uuid, integer, timestamptz, text) is
  'private.describe_prediction of one contact that the caller may read; null without an event before as_of. A teammate''s private contacts count nowhere in it. Errors: not_authenticated (401), contact_not_found (404).';
grant execute on function private.predict_contact(uuid, integer, timestamptz, text) to authenticated;

create function private.predict_contacts(
  horizon integer, standing text, as_of timestamptz, time_zone text, max_rows integer,
  cursor_probability double precision, cursor_id uuid, backward boolean)
returns jsonb
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_me constant uuid := (select auth.uid());
  v_habits constant double precision[] := private.hour_habits(v_me, predict_contacts.as_of, predict_contacts.time_zone);
  v_is_fresh boolean;
  v_answer jsonb;
begin
  -- Where the whole log has stopped, silence says nothing about a contact.
  v_is_fresh := coalesce((select max(s.last_ts) from private.contact_stats as s where s.user_id = v_me) > predict_contacts.as_of - interval '7 days', false);
  with forecast as materialized (
    select f as forecast, (f.features).contact_id,
      case predict_contacts.horizon when 1 then f.p_1 when 7 then f.p_7 when 14 then f.p_14 else f.p_28 end as probability,
      case when v_is_fresh then private.standing_of(f.features) else 'usual' end as standing
      from private.interaction_forecasts(v_me, predict_contacts.as_of) as f
  ),
  wanted as (
    select f.* from forecast as f where predict_contacts.standing is null or f.standing = predict_contacts.standing
  ),
  page as (
    select w.*, row_number() over (
        order by case when predict_contacts.backward then w.probability end, case when predict_contacts.backward then w.contact_id end desc,
                 w.probability desc, w.contact_id) as place
      from wanted as w
     where predict_contacts.cursor_id is null
        or case when predict_contacts.backward
             then w.probability > predict_contacts.cursor_probability
               or (w.probability = predict_contacts.cursor_probability and w.contact_id < predict_contacts.cursor_id)
             else w.probability < predict_contacts.cursor_probability
               or (w.probability = predict_contacts.cursor_probability and w.contact_id > predict_contacts.cursor_id) end
     order by place limit predict_contacts.max_rows + 1
  ),
  notable as (
    select f.*, row_number() over (partition by f.standing
        order by case f.standing when 'overdue' then (f.forecast).p_28 else ((f.forecast).features).earlier_days end desc, f.contact_id) as place
      from forecast as f where f.standing <> 'usual'
  ),
  named as (
    select n.standing, n.place, jsonb_build_object('contact_id', n.contact_id, 'name', c.name, 'elapsed_days', round(n.elapsed_days::numeric, 2),
        'usual_gap_days', n.usual_gap, 'recent_days', n.recent_days, 'earlier_days', n.earlier_days, 'last_interaction_at', n.last_ts,
        'text', case n.standing
          when 'overdue' then format('Silent for %s days; nine of ten gaps were at most %s', round(n.elapsed_days), n.long_gap)
          else format('In touch on %s of the last 28 days and on %s of the %s before; silent for %s days', n.recent_days, n.earlier_days,
            greatest(n.observed_days - 28, 0), round(n.elapsed_days)) end) as entry
      from (select n.standing, n.place, ((n.forecast).features).* from notable as n where n.place <= 10) as n
      join public.contacts as c on c.user_id = v_me and c.id = n.contact_id
  )
  select jsonb_build_object(
    'predictions', coalesce((
      select jsonb_agg(private.describe_prediction(p.forecast, predict_contacts.horizon, predict_contacts.as_of,
            private.likely_hour(v_me, p.contact_id, predict_contacts.as_of, predict_contacts.time_zone, v_habits))
          || jsonb_build_object('name', c.name, 'standing', p.standing)
        order by p.probability desc, p.contact_id)
        from page as p join public.contacts as c on c.user_id = v_me and c.id = p.contact_id
       where p.place <= predict_contacts.max_rows), '[]'),
    'overdue', coalesce((select jsonb_agg(n.entry order by n.place) from named as n where n.standing = 'overdue'), '[]'),
    'drifting', coalesce((select jsonb_agg(n.entry order by n.place) from named as n where n.standing = 'drifting'), '[]'),
    'data_until', (select max(s.last_ts) from private.contact_stats as s where s.user_id = v_me),
    'is_stale', not v_is_fresh,
    'has_more', (select count(*) > predict_contacts.max_rows from page),
    'total', (select count(*) from wanted))
    into v_answer;
  return v_answer;
end;
$$;
comment on function private.predict_contacts(integer, text, timestamptz, text, integer, double precision, uuid, boolean) is
  'The work of public.predict_interactions for the caller''s own contacts.';
grant execute on function private.predict_contacts(integer, text, timestamptz, text, integer, double precision, uuid, boolean) to authenticated;

create function public.predict_interactions(
  horizon integer default 7, contact_id uuid default null, standing text default null, time_zone text default null,
  as_of timestamptz default null, max_rows integer default 50,
  cursor_probability double precision default null, cursor_id uuid default null, backward boolean default false)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_as_of constant timestamptz := coalesce(predict_interactions.as_of, date_trunc('minute', now()) + interval '1 minute');
  v_zone text;
  v_answer jsonb;
begin
  perform private.require_scope('analytics:read');
  if (select auth.uid()) is null then
    raise exception using errcode = 'PT401', message = 'not_authenticated', detail = 'Sign in first';
  end if;
  v_zone := coalesce(predict_interactions.time_zone,
    (select p.time_zone from public.profiles as p where p.user_id = (select auth.uid())), 'UTC');
  if not private.is_time_zone(v_zone) then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'time_zone is an IANA name such as Europe/Berlin';
  end if;
  if coalesce(predict_interactions.horizon, 0) not in (1, 7, 14, 28) or predict_interactions.standing not in ('overdue', 'drifting', 'usual') then
    raise exception using errcode = 'PT400', message = 'validation_failed',
      detail = 'horizon is 1, 7, 14 or 28 days; standing is overdue, drifting or usual';
  end if;
  if predict_interactions.contact_id is not null then
    select jsonb_build_object('predictions', coalesce(jsonb_agg(one || jsonb_build_object('name', (
        select v.name from private.visible_contacts as v
         where v.user_id = private.readable_contact_owner(predict_interactions.contact_id) and v.id = predict_interactions.contact_id))), '[]'),
        'overdue', '[]'::jsonb, 'drifting', '[]'::jsonb, 'data_until', max(one ->> 'last_interaction_at')::timestamptz, 'is_stale', false,
        'has_more', false, 'total', count(one))
      into v_answer
      from private.predict_contact(predict_interactions.contact_id, predict_interactions.horizon, v_as_of, v_zone) as one where one is not null;
  else
    v_answer := private.predict_contacts(predict_interactions.horizon, predict_interactions.standing, v_as_of, v_zone,
      least(greatest(coalesce(predict_interactions.max_rows, 50), 1), 200), predict_interactions.cursor_probability,
      predict_interactions.cursor_id, coalesce(predict_interactions.backward, false));
  end if;
  return v_answer || jsonb_build_object('horizon_days', predict_interactions.horizon, 'as_of', v_as_of, 'time_zone', v_zone,
    'total_is_estimate', false, 'generated_at', now());
end;
$$;
comment on function public.predict_interactions(integer, uuid, text, text, timestamptz, integer, double precision, uuid, boolean) is
  'Who of the caller''s contacts is likely to be in touch within horizon (1, 7, 14, 28) days of as_of (default: the end of this minute), likeliest first: {horizon_days, as_of, time_zone, predictions[{contact_id, name, probability, probabilities, outlook, expected_at, interval_80, likely, confidence, standing, reasons, …}], overdue[], drifting[] (ten each), data_until, is_stale, has_more, total, generated_at}. contact_id: that contact only, a teammate''s too as the privacy rules allow; standing: those that are overdue or drifting. Keyset by (probability, contact_id). Method: see the head of its migration. Errors: not_authenticated (401), validation_failed (400), contact_not_found (404).';
revoke execute on function public.predict_interactions(integer, uuid, text, text, timestamptz, integer, double precision, uuid, boolean) from public, anon;
grant execute on function public.predict_interactions(integer, uuid, text, text, timestamptz, integer, double precision, uuid, boolean) to authenticated;

-- Refitting on the deployment's own events.

create function private.solve_linear(matrix double precision[], vector double precision[])
returns double precision[]
language plpgsql immutable
set search_path = ''
as $$
declare
  v_n constant integer := cardinality(solve_linear.vector);
  v_a double precision[] := solve_linear.matrix;
  v_b double precision[] := solve_linear.vector;
  v_x double precision[] := solve_linear.vector;
  v_factor double precision;
begin
  -- The matrices here are positive definite (curvature plus prior), so no pivoting is needed.
  for i in 1 .. v_n loop
    for j in i + 1 .. v_n loop
      v_factor := v_a[j][i] / v_a[i][i];
      for k in i .. v_n loop
        v_a[j][k] := v_a[j][k] - v_factor * v_a[i][k];
      end loop;
      v_b[j] := v_b[j] - v_factor * v_b[i];
    end loop;
  end loop;
  for i in reverse v_n .. 1 loop
    v_x[i] := v_b[i];
    for k in i + 1 .. v_n loop
      v_x[i] := v_x[i] - v_a[i][k] * v_x[k];
    end loop;
    v_x[i] := v_x[i] / v_a[i][i];
  end loop;
  return v_x;
end;
$$;
comment on function private.solve_linear(double precision[], double precision[]) is
  'x of matrix · x = vector for a positive definite matrix, by elimination.';

create type private.prediction_example as (
  group_key bigint, elapsed_days double precision, active double precision, observed double precision, next_days double precision);
comment on type private.prediction_example is
  'A contact at a moment of the past: its features, and days to the next event (null: none within 28). group_key: which examples are held out together.';

create function private.prediction_examples(as_of timestamptz, max_people integer default 200)
returns setof private.prediction_example
language sql stable
set search_path = ''
as $$
  with person as (
    -- Private contacts are no part of it, so that what is fitted is the same whether they exist or not.
    select s.user_id, min(s.first_ts) as first_ts, max(s.last_ts) as last_ts,
      array(select r.contact_id from public.privacy_rules as r where r.user_id = s.user_id and r.visibility = 'private') as hidden
      from private.contact_stats as s
     where not exists (select from public.privacy_rules as r
                        where r.user_id = s.user_id and r.contact_id = s.contact_id and r.visibility = 'private')
     group by s.user_id
     order by hashtextextended(s.user_id::text, 1) limit prediction_examples.max_people
  ),
  moment as (
    select p.user_id, p.hidden, least(p.last_ts, prediction_examples.as_of) - interval '28 days' - make_interval(days => 7 * k, hours => 5 * k) as at
      from person as p cross join generate_series(0, 15) as k
     where least(p.last_ts, prediction_examples.as_of) - interval '28 days' - make_interval(days => 7 * k, hours => 5 * k) > p.first_ts + interval '7 days'
  )
  select case when (select count(*) from person) >= 10 then hashtextextended(m.user_id::text, 2)
      else hashtextextended(m.user_id::text || f.contact_id::text, 2) end,
    f.elapsed_days, f.active, f.observed,
    (select extract(epoch from e.ts - m.at)::double precision / 86400 from public.events as e
      where e.user_id = m.user_id and e.contact_id = f.contact_id and e.ts >= m.at and e.ts < m.at + interval '28 days'
      order by e.ts limit 1)
  from moment as m
  cross join lateral private.interaction_features(m.user_id, m.at, null, m.hidden) as f
$$;
comment on function private.prediction_examples(timestamptz, integer) is
  'Weekly forecasts that could have been made in the past, of up to 200 people and all their contacts but private ones, each with what came: people are held out together, contacts where there are fewer than ten people.';

-- Newton's method on four numbers per example: every round is one pass over arrays.
create function private.fit_logistic(x2 double precision[], x3 double precision[], x4 double precision[], happened integer[], prior double precision[])
returns double precision[]
language plpgsql immutable
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_b double precision[] := fit_logistic.prior;
  v_next double precision[] := fit_logistic.prior;
  v_value double precision := '-infinity'::double precision;
  v_sums record;
  v_off double precision[];
begin
  for round in 1 .. 60 loop
    select sum(y * eta - greatest(eta, 0) - ln(1 + exp(-abs(eta)))) as value,
      array[sum(y - p), sum((y - p) * a), sum((y - p) * b), sum((y - p) * c)] as gradient,
      array[
        array[sum(v) + 10, sum(v * a), sum(v * b), sum(v * c)],
        array[sum(v * a), sum(v * a * a) + 10, sum(v * a * b), sum(v * a * c)],
        array[sum(v * b), sum(v * a * b), sum(v * b * b) + 10, sum(v * b * c)],
        array[sum(v * c), sum(v * a * c), sum(v * b * c), sum(v * c * c) + 10]] as curvature
      into v_sums
      from (
        select a, b, c, y, eta, p, p * (1 - p) as v
          from (
            select a, b, c, y, eta, 1 / (1 + exp(-eta)) as p
              from (
                -- Within reach of exp, which raises an error beyond it.
                select a, b, c, y, greatest(least(v_next[1] + v_next[2] * a + v_next[3] * b + v_next[4] * c, 30), -30) as eta
                  from unnest(fit_logistic.x2, fit_logistic.x3, fit_logistic.x4, fit_logistic.happened) as example (a, b, c, y)
              ) as e offset 0
          ) as e offset 0
      ) as e;
    v_off := array[v_next[1] - prior[1], v_next[2] - prior[2], v_next[3] - prior[3], v_next[4] - prior[4]];
    v_sums.value := v_sums.value - 5 * (v_off[1] ^ 2 + v_off[2] ^ 2 + v_off[3] ^ 2 + v_off[4] ^ 2);
    if v_sums.value < v_value then
      -- The step went too far: half of it.
      v_next := array[(v_b[1] + v_next[1]) / 2, (v_b[2] + v_next[2]) / 2, (v_b[3] + v_next[3]) / 2, (v_b[4] + v_next[4]) / 2];
      continue;
    end if;
    exit when v_sums.value - v_value < 1e-9;
    v_b := v_next;
    v_value := v_sums.value;
    v_off := private.solve_linear(v_sums.curvature, array[v_sums.gradient[1] - 10 * v_off[1], v_sums.gradient[2] - 10 * v_off[2],
      v_sums.gradient[3] - 10 * v_off[3], v_sums.gradient[4] - 10 * v_off[4]]);
    v_next := array[v_b[1] + v_off[1], v_b[2] + v_off[2], v_b[3] + v_off[3], v_b[4] + v_off[4]];
  end loop;
  return v_b;
end;
$$;
comment on function private.fit_logistic(double precision[], double precision[], double precision[], integer[], double precision[]) is
  'Coefficients of a logistic regression on three terms and a constant, drawn to the prior as by ten examples.';

create function private.loss_of(coefficients double precision[], x2 double precision[], x3 double precision[], x4 double precision[], y integer[])
returns double precision
language sql immutable
set search_path = ''
as $$
  select avg(-ln(greatest(case when e.y = 1 then p else 1 - p end, 1e-6)))
    from unnest(loss_of.x2, loss_of.x3, loss_of.x4, loss_of.y) as e (a, b, c, y)
    cross join lateral (select 1 / (1 + exp(-greatest(least(
      coefficients[1] + coefficients[2] * a + coefficients[3] * b + coefficients[4] * c, 500), -500))) as p) as q
$$;
comment on function private.loss_of(double precision[], double precision[], double precision[], double precision[], integer[]) is
  'Mean log loss (natural) of coefficients on examples; null without any.';

create function private.fit_predictions(as_of timestamptz default now(), min_examples integer default 2000)
returns setof private.prediction_coefficients
language plpgsql volatile
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_examples private.prediction_example[];
  v_horizon integer;
  v_before private.prediction_coefficients;
  v_prior double precision[];
  v_b double precision[];
  v_train record;
  v_loss double precision;
begin
  select array_agg(x) into v_examples
    from (select x from private.prediction_examples(fit_predictions.as_of) as x
           order by hashtextextended(x.group_key::text || x.elapsed_days::text, 3) limit 50000) as x;
  foreach v_horizon in array array[1, 7, 14, 28] loop
    continue when (
      select count(*) < fit_predictions.min_examples or count(*) filter (where x.next_days < v_horizon) < 100
        or count(*) filter (where x.next_days is null or x.next_days >= v_horizon) < 100
        from unnest(v_examples) as x) is not false;
    select c.* into v_before from private.prediction_coefficients as c where c.horizon_days = v_horizon;
    v_prior := array[v_before.intercept, v_before.recency, v_before.rhythm, v_before.silence];
    with example as materialized (
      select x.group_key % 5 = 0 as is_held, private.prediction_terms(x.elapsed_days, x.active, x.observed, v_horizon) as t,
        case when x.next_days < v_horizon then 1 else 0 end as y
        from unnest(v_examples) as x
    )
    select array_agg(t[2]) filter (where not is_held) as x2, array_agg(t[3]) filter (where not is_held) as x3,
        array_agg(t[4]) filter (where not is_held) as x4, array_agg(y) filter (where not is_held) as y,
        array_agg(t[2]) filter (where is_held) as held_x2, array_agg(t[3]) filter (where is_held) as held_x3,
        array_agg(t[4]) filter (where is_held) as held_x4, array_agg(y) filter (where is_held) as held_y
      into v_train from example;
    v_b := private.fit_logistic(v_train.x2, v_train.x3, v_train.x4, v_train.y, v_prior);
    v_loss := private.loss_of(v_b, v_train.held_x2, v_train.held_x3, v_train.held_x4, v_train.held_y);
    continue when (v_loss < private.loss_of(v_prior, v_train.held_x2, v_train.held_x3, v_train.held_x4, v_train.held_y)) is not true;
    return query
    update private.prediction_coefficients as c set
        intercept = v_b[1], recency = v_b[2], rhythm = v_b[3], silence = v_b[4], basis = 'fitted',
        sample_size = cardinality(v_examples), log_loss = v_loss, fitted_at = now()
     where c.horizon_days = v_horizon
    returning c.*;
  end loop;
end;
$$;
comment on function private.fit_predictions(timestamptz, integer) is
  'Fits the coefficients on this deployment''s events before as_of by Newton''s method and returns the rows it replaced: horizons with at least min_examples forecasts and 100 of each outcome, and only where the new coefficients beat the old on the fifth that was held out. Rows of private contacts are no part of it. For the operator''s schedule, not for users.';
grant execute on function private.fit_predictions(timestamptz, integer) to service_role;
