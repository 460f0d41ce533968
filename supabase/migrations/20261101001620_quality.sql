-- Data quality: what share of the data is as it should be, one component for each way in which it may not be. The
-- components are the answer; the overall score is their mean.

create function private.quality_component(name text, checked numeric, failing numeric, sample_ids uuid[], detail text)
returns jsonb
language sql immutable
set search_path = ''
as $$
  select jsonb_build_object('name', quality_component.name, 'checked', quality_component.checked, 'failing', quality_component.failing,
    'score', case when quality_component.checked > 0 then round(1 - quality_component.failing / quality_component.checked, 4) end,
    'sample_ids', to_jsonb(coalesce(quality_component.sample_ids, '{}')), 'detail', quality_component.detail)
$$;
comment on function private.quality_component(text, numeric, numeric, uuid[], text) is
  'A component as score_data_quality shows it: score = 1 - failing / checked, null where nothing could be checked.';
grant execute on function private.quality_component(text, numeric, numeric, uuid[], text) to authenticated;

-- What two sources of the caller both claim to deliver.
create function private.twice_covered(event_type text)
returns tstzmultirange
language sql stable
set search_path = ''
as $$
  select coalesce(range_agg(a.covered * b.covered), '{}')
    from public.coverage as a
    join public.coverage as b on b.user_id = a.user_id and b.type = a.type and b.sync_source_id > a.sync_source_id
   where a.user_id = (select auth.uid()) and a.type = twice_covered.event_type
$$;
comment on function private.twice_covered(text) is 'The ranges for which two or more of the caller''s sources claim a type of event.';
grant execute on function private.twice_covered(text) to authenticated;

create function private.event_quality(starts_at timestamptz, ends_at timestamptz)
returns jsonb
language sql stable
set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
  with twice as materialized (
    select private.twice_covered('call') as calls, private.twice_covered('sms') as texts
  ),
  event as materialized (
    select e.id, e.ts, e.number, e.contact_id, e.type, coalesce(e.line_id, '00000000-0000-0000-0000-000000000000') as line_id,
      cardinality(e.sources) as reports,
      -- Bills list what was talked.
      (e.type = 'sms' or e.status = 'answered') and case e.type when 'call' then t.calls else t.texts end @> e.ts as is_claimed_twice,
      -- Equal but for the time: calls that were not talked and texts without words say too little to be told apart.
      case when e.type = 'call' and e.duration > 0 or e.content is not null
        then hashtextextended(concat_ws('|', e.type, e.direction, e.number, e.duration, e.content), 0) end as likeness
    from public.events as e cross join twice as t
    where e.user_id = (select auth.uid()) and e.ts >= event_quality.starts_at and e.ts < event_quality.ends_at
  ),
  -- Of a line that no two sources ever reported, none is to be expected to.
  due as (
    select e.id, e.ts, e.reports from event as e
     where e.is_claimed_twice and (e.type, e.line_id) in (select r.type, r.line_id from event as r where r.reports > 1)
  ),
  -- Short codes and named senders are as they should be; a longer number without its country is not.
  odd_number as (
    select n.number from (select distinct e.number from event as e where e.number is not null offset 0) as n
     where n.number !~ '^\+[1-9][0-9]{6,14}$' and n.number !~ '^[0-9]{2,6}$' and n.number !~ '[[:alpha:]]'
  ),
  alike as (
    select e.id, e.ts, e.ts - lag(e.ts) over w as since from event as e where e.likeness is not null
    window w as (partition by e.likeness order by e.ts, e.id)
  ),
  -- The same record read in two zones, or on both sides of a clock change: a whole hour apart, to two seconds.
  shifted as (
    select distinct a.id, a.ts from event as a join event as b on b.likeness = a.likeness
     where a.likeness is not null and abs(extract(epoch from a.ts - b.ts) - 3600) <= 2
  ),
  failing as (
    select 'corroboration' as component, d.id, d.ts from due as d where d.reports < 2
    union all
    select 'duplicates', a.id, a.ts from alike as a where a.since <= interval '5 seconds'
    union all
    select 'timestamps', e.id, e.ts from event as e where e.ts > now() + interval '5 minutes'
    union all
    select 'timestamps', s.id, s.ts from shifted as s where s.ts <= now() + interval '5 minutes'
    union all
    select 'numbers', e.id, e.ts from event as e where e.number in (select o.number from odd_number as o)
    union all
    select 'linkage', e.id, e.ts from event as e where e.number is not null and e.contact_id is null
  ),
  failed as (
    select f.component, count(*) as events, (array_agg(f.id order by f.ts desc, f.id))[1:5] as ids from failing as f group by f.component
  ),
  checked as (
    select count(*) as events, (select count(*) from due) as due_twice, count(e.likeness) as alike, count(e.number) as numbered from event as e
  )
  select jsonb_agg(private.quality_component(k.name, k.checked, coalesce(f.events, 0), f.ids, k.detail) order by k.place)
  from checked as c
  cross join lateral (values
    (1, 'corroboration', c.due_twice, 'Answered calls and texts that two sources should have reported by their claims, and how many only one did'),
    (2, 'duplicates', c.alike, 'Events with a length or a text, and how many repeat another within five seconds'),
    (3, 'timestamps', c.events, 'Events, and how many lie in the future or repeat another exactly one hour later'),
    (4, 'numbers', c.numbered, 'Events with a number, and how many are not in international form'),
    (5, 'linkage', c.numbered, 'Events with a number, and how many belong to no contact')) as k (place, name, checked, detail)
  left join failed as f on f.component = k.name
$$;
comment on function private.event_quality(timestamptz, timestamptz) is
  'The components of the caller''s data quality that are told from the events of [starts_at, ends_at): corroboration, duplicates, timestamps, numbers, linkage.';
grant execute on function private.event_quality(timestamptz, timestamptz) to authenticated;

create function private.coverage_quality(starts_at timestamptz, ends_at timestamptz)
returns jsonb
language sql stable
set search_path = ''
as $$
  with claimed as (
    select c.type, range_agg(c.covered) as covered from public.coverage as c where c.user_id = (select auth.uid()) group by c.type
  ),
  -- Before the first claim there is nothing to hold a source to.
  due as (
    select c.covered, tstzrange(greatest(coverage_quality.starts_at, lower(c.covered)), coverage_quality.ends_at) as span
      from claimed as c where greatest(coverage_quality.starts_at, lower(c.covered)) < coverage_quality.ends_at
  ),
  seconds as (
    select sum(extract(epoch from upper(d.span) - lower(d.span))) as due,
      sum((select coalesce(sum(extract(epoch from upper(i) - lower(i))), 0) from unnest(d.covered * tstzmultirange(d.span)) as i)) as covered
      from due as d
  )
  select private.quality_component('coverage', coalesce(round(s.due / 3600, 2), 0), coalesce(round((s.due - s.covered) / 3600, 2), 0), null,
    'Hours since the first claim, per type that any source claims, and how many of them none does') from seconds as s
$$;
comment on function private.coverage_quality(timestamptz, timestamptz) is
  'The coverage component: hours per type in [starts_at, ends_at), and how many no source of the caller claims.';
grant execute on function private.coverage_quality(timestamptz, timestamptz) to authenticated;

create function private.freshness_quality()
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.quality_component('freshness', count(*), count(*) filter (where s.is_late), (array_agg(s.id order by s.id) filter (where s.is_late))[1:5],
    'Sources that should deliver on their own, and how many are late; sample_ids are sources')
  from (
    select s.id, private.source_health(s.kind, greatest(s.last_report_at, s.last_ingest_at), null, null, '[]') in ('degraded', 'failing', 'unknown') as is_late
      from public.sync_sources as s where s.user_id = (select auth.uid()) and s.kind in ('device', 'carrier', 'backup')
  ) as s
$$;
comment on function private.freshness_quality() is 'The freshness component: the caller''s devices, carriers and backups, and how many are late now.';
grant execute on function private.freshness_quality() to authenticated;

create function public.score_data_quality(starts_at timestamptz default null, ends_at timestamptz default null, time_zone text default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_period constant private.period :=
    private.health_period(score_data_quality.starts_at, score_data_quality.ends_at, score_data_quality.time_zone, 30, 400);
  v_components jsonb;
begin
  perform private.require_scope('analytics:read');
  v_components := jsonb_build_array(private.coverage_quality(v_period.starts_at, least(v_period.ends_at, date_trunc('minute', now()))))
    || private.event_quality(v_period.starts_at, case when score_data_quality.ends_at is null then 'infinity' else v_period.ends_at end)
    || private.freshness_quality();
  return jsonb_build_object(
    'from', v_period.starts_at, 'to', v_period.ends_at, 'time_zone', v_period.time_zone,
    'components', (select jsonb_object_agg(c ->> 'name', c - 'name') from jsonb_array_elements(v_components) as c),
    'overall', (select jsonb_build_object('score', round(avg((c ->> 'score')::numeric), 4), 'formula', 'mean of the components that could be checked',
        'components', coalesce(jsonb_agg(c ->> 'name' order by c ->> 'name') filter (where c ->> 'score' is not null), '[]'))
      from jsonb_array_elements(v_components) as c),
    'generated_at', now());
end;
$$;
comment on function public.score_data_quality(timestamptz, timestamptz, text) is
  'How good the caller''s data of [starts_at, ends_at) is: {components: {coverage, corroboration, duplicates, timestamps, numbers, linkage, freshness: {score 0 to 1, checked, failing, sample_ids, detail}}, overall {score, formula, components}, …}. score = 1 - failing / checked, null where nothing could be checked. Default: the last 30 local days, and what lies in the future. Errors: not_authenticated (401), validation_failed, range_invalid, range_too_large (400).';
revoke execute on function public.score_data_quality(timestamptz, timestamptz, text) from public, anon;
grant execute on function public.score_data_quality(timestamptz, timestamptz, text) to authenticated;
