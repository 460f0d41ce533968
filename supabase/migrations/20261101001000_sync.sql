-- Sync: what sources report about themselves, and how healthy that looks.

create function private.report_sync(report jsonb)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_owner constant uuid := (select auth.uid());
  v_source_id uuid;
begin
  perform private.require_account();
  v_source_id := private.touch_source(v_owner, report_sync.report ->> 'source', report_sync.report ->> 'name');
  update public.sync_sources as s set
      last_report_at = now(),
      queue_depth = coalesce((report_sync.report ->> 'queue_depth')::integer, s.queue_depth),
      clock_drift_seconds = extract(epoch from (report_sync.report ->> 'sent_at')::timestamptz - now()),
      errors = coalesce(nullif(report_sync.report -> 'errors', 'null'), '[]')
   where s.user_id = v_owner and s.id = v_source_id;
  perform private.add_coverage(v_owner, v_source_id, type,
      (report_sync.report ->> 'from')::timestamptz, (report_sync.report ->> 'to')::timestamptz)
    from unnest(array['call', 'sms']) as type
   where report_sync.report ->> 'from' is not null
     and (nullif(report_sync.report -> 'types', 'null') is null or report_sync.report -> 'types' ? type);
end;
$$;
comment on function private.report_sync(jsonb) is 'The work of public.report_sync.';
grant execute on function private.report_sync(jsonb) to authenticated;

create function public.report_sync(report jsonb)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_scope('sync:write');
  perform private.report_sync(report_sync.report);
exception when check_violation or not_null_violation or invalid_text_representation or invalid_datetime_format
  or datetime_field_overflow or numeric_value_out_of_range then
  raise exception using errcode = 'PT400', message = 'validation_failed',
    detail = 'A report has a source and valid times, counts and errors';
end;
$$;
comment on function public.report_sync(jsonb) is
  'A source of the caller says {source, name?, from?, to?, types?, queue_depth?, sent_at?, errors?: [{code, detail, at}]}: [from, to) was delivered in full. Errors: not_authenticated (401), validation_failed (400).';
revoke execute on function public.report_sync(jsonb) from public, anon;
grant execute on function public.report_sync(jsonb) to authenticated;

create function public.get_coverage()
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.require_scope('analytics:read');
  select coalesce(jsonb_agg(jsonb_build_object(
      'source', s.kind, 'name', s.name, 'type', c.type,
      'intervals', (select jsonb_agg(jsonb_build_object('from', lower(i), 'to', upper(i)) order by i) from unnest(c.covered) as i),
      'updated_at', c.updated_at) order by s.kind, s.name, c.type), '[]')
  from public.coverage as c
  join public.sync_sources as s on s.user_id = c.user_id and s.id = c.sync_source_id
  where c.user_id = (select auth.uid())
$$;
comment on function public.get_coverage() is
  'Per source and type of the caller, the half-open intervals that it says it delivered in full.';
revoke execute on function public.get_coverage() from public, anon;
grant execute on function public.get_coverage() to authenticated;

-- How long each kind may stay silent: phones deliver all day, carriers and backups when somebody thinks of it;
-- manual entry and programs owe nothing.
create function private.source_faults(kind text, last_heard_at timestamptz, queue_depth integer, drift_seconds double precision, errors jsonb)
returns jsonb
language sql stable
set search_path = ''
as $$
  with fault as (
    select f.place, f.severity, f.code, f.detail
    from (select
      case source_faults.kind when 'device' then 24 when 'carrier' then 35 * 24 when 'backup' then 35 * 24 end as warns_after,
      case source_faults.kind when 'device' then 72 when 'carrier' then 95 * 24 when 'backup' then 95 * 24 end as fails_after,
      extract(epoch from now() - source_faults.last_heard_at) / 3600 as silent_hours) as t
    cross join lateral (values
      (1, case when source_faults.last_heard_at is null then 'unknown' end, 'never_heard',
        'It has never reported nor delivered anything'),
      (2, case when t.silent_hours > t.fails_after then 'failing' when t.silent_hours > t.warns_after then 'degraded' end, 'silent',
        format('Nothing was heard of it for %s hours; more than %s are unusual for a %s', round(t.silent_hours), t.warns_after, source_faults.kind)),
      (3, case when source_faults.queue_depth >= 10000 then 'failing' when source_faults.queue_depth >= 1000 then 'degraded' end, 'queue_long',
        format('%s events wait to be delivered', source_faults.queue_depth)),
      (4, case when abs(source_faults.drift_seconds) > 300 then 'degraded' end, 'clock_drift',
        format('Its clock is %s minutes %s', round(abs(source_faults.drift_seconds)::numeric / 60), case when source_faults.drift_seconds > 0 then 'ahead' else 'behind' end)),
      (5, case when jsonb_array_length(source_faults.errors) > 0 then 'degraded' end, 'errors_reported',
        format('Its last report has %s errors', jsonb_array_length(source_faults.errors)))) as f (place, severity, code, detail)
    where f.severity is not null
  )
  select coalesce(jsonb_agg(jsonb_build_object('code', fault.code, 'severity', fault.severity, 'detail', fault.detail) order by fault.place), '[]') from fault
$$;
comment on function private.source_faults(text, timestamptz, integer, double precision, jsonb) is
  'What is wrong with a source: [{code never_heard|silent|queue_long|clock_drift|errors_reported, severity unknown|degraded|failing, detail}].';
grant execute on function private.source_faults(text, timestamptz, integer, double precision, jsonb) to authenticated;

create function private.worst_health(healths text[])
returns text
language sql immutable parallel safe
set search_path = ''
as $$
  select coalesce((array['failing', 'degraded', 'unknown', 'healthy'])[min(array_position(array['failing', 'degraded', 'unknown', 'healthy'], health))], 'unknown')
    from unnest(worst_health.healths) as health
$$;
comment on function private.worst_health(text[]) is 'The worst of these; unknown of none.';
grant execute on function private.worst_health(text[]) to authenticated;

create function private.source_health(kind text, last_heard_at timestamptz, queue_depth integer, drift_seconds double precision, errors jsonb)
returns text
language sql stable
set search_path = ''
as $$
  -- A source that was never heard of is not known, whatever else is said of it.
  select case when source_health.last_heard_at is null then 'unknown' else private.worst_health(array(
      select f ->> 'severity' from jsonb_array_elements(private.source_faults(source_health.kind, source_health.last_heard_at,
        source_health.queue_depth, source_health.drift_seconds, source_health.errors)) as f) || 'healthy'::text) end
$$;
comment on function private.source_health(text, timestamptz, integer, double precision, jsonb) is
  'healthy, degraded, failing, or unknown when the source was never heard of.';
grant execute on function private.source_health(text, timestamptz, integer, double precision, jsonb) to authenticated;

create function public.analyze_sync_health()
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.require_scope('analytics:read', 'sync:write');
  with source as (
    select s.*, heard.at as last_heard_at,
      private.source_health(s.kind, heard.at, s.queue_depth, s.clock_drift_seconds, s.errors) as health
    from public.sync_sources as s
    cross join lateral (select greatest(s.last_report_at, s.last_ingest_at) as at) as heard
    where s.user_id = (select auth.uid())
  )
  select jsonb_build_object(
    'overall_health', private.worst_health(array_agg(health)),
    'sources', coalesce(jsonb_object_agg(kind || case when name = '' then '' else ':' || name end, jsonb_build_object(
      'kind', kind, 'name', name, 'health', health,
      'last_heard_at', last_heard_at, 'last_report_at', last_report_at, 'last_ingest_at', last_ingest_at,
      'last_event_at', last_event_at,
      'silent_hours', round(extract(epoch from now() - last_heard_at) / 3600, 1),
      'queue_depth', queue_depth, 'clock_drift_seconds', clock_drift_seconds, 'errors', errors,
      'reasons', private.source_faults(kind, last_heard_at, queue_depth, clock_drift_seconds, errors))), '{}'),
    'generated_at', now())
  from source
$$;
comment on function public.analyze_sync_health() is
  'Health of the caller''s sources: {overall_health, sources: {"kind:name": {health, reasons [{code, severity, detail}], …}}, generated_at}; the worst source decides. A source never heard of is unknown, and no source at all is unknown too.';
revoke execute on function public.analyze_sync_health() from public, anon;
grant execute on function public.analyze_sync_health() to authenticated;
