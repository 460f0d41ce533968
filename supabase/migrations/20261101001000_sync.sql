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
create function private.source_health(kind text, last_heard_at timestamptz, queue_depth integer, drift_seconds double precision, errors jsonb)
returns text
language sql stable
set search_path = ''
as $$
  select case
    when source_health.last_heard_at is null then 'unknown'
    when now() - source_health.last_heard_at > fails_after or source_health.queue_depth >= 10000 then 'failing'
    when now() - source_health.last_heard_at > warns_after or source_health.queue_depth >= 1000
      or abs(source_health.drift_seconds) > 300 or jsonb_array_length(source_health.errors) > 0 then 'degraded'
    else 'healthy' end
  from (select
    case source_health.kind when 'device' then interval '24 hours' when 'carrier' then interval '35 days'
      when 'backup' then interval '35 days' else interval '100 years' end as warns_after,
    case source_health.kind when 'device' then interval '72 hours' when 'carrier' then interval '95 days'
      when 'backup' then interval '95 days' else interval '100 years' end as fails_after) as t
$$;
comment on function private.source_health(text, timestamptz, integer, double precision, jsonb) is
  'healthy, degraded, failing, or unknown when the source was never heard of.';
grant execute on function private.source_health(text, timestamptz, integer, double precision, jsonb) to authenticated;

create function public.analyze_sync_health()
returns jsonb
language sql stable
set search_path = ''
as $$
  with source as (
    select s.*, heard.at as last_heard_at,
      private.source_health(s.kind, heard.at, s.queue_depth, s.clock_drift_seconds, s.errors) as health
    from public.sync_sources as s
    cross join lateral (select greatest(s.last_report_at, s.last_ingest_at) as at) as heard
    where s.user_id = (select auth.uid())
  )
  select jsonb_build_object(
    'overall_health', coalesce(
      (array['failing', 'degraded', 'unknown', 'healthy'])[min(array_position(array['failing', 'degraded', 'unknown', 'healthy'], health))],
      'unknown'),
    'sources', coalesce(jsonb_object_agg(kind || case when name = '' then '' else ':' || name end, jsonb_build_object(
      'kind', kind, 'name', name, 'health', health,
      'last_heard_at', last_heard_at, 'last_report_at', last_report_at, 'last_ingest_at', last_ingest_at,
      'last_event_at', last_event_at,
      'silent_hours', round(extract(epoch from now() - last_heard_at) / 3600, 1),
      'queue_depth', queue_depth, 'clock_drift_seconds', clock_drift_seconds, 'errors', errors)), '{}'),
    'generated_at', now())
  from source
$$;
comment on function public.analyze_sync_health() is
  'Health of the caller''s sources: {overall_health, sources: {"kind:name": {…}}, generated_at}; the worst source decides. A source never heard of is unknown, and no source at all is unknown too.';
revoke execute on function public.analyze_sync_health() from public, anon;
grant execute on function public.analyze_sync_health() to authenticated;
