-- The week as a grid: how much happens at which hour of which weekday.

create function public.get_activity_heatmap(
  starts_at timestamptz default null, ends_at timestamptz default null, time_zone text default null, user_id uuid default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_owner constant uuid := coalesce(get_activity_heatmap.user_id, (select auth.uid()));
  v_profile public.profiles;
  v_zone text;
  v_to constant timestamptz := coalesce(get_activity_heatmap.ends_at, date_trunc('minute', now()) + interval '1 minute');
  v_from timestamptz;
  v_cells jsonb;
  v_total bigint;
  v_busiest jsonb;
begin
  perform private.require_scope('analytics:read');
  perform private.require_readable_owner(v_owner);
  select * into v_profile from public.profiles as p where p.user_id = (select auth.uid());
  v_zone := coalesce(get_activity_heatmap.time_zone, v_profile.time_zone, 'UTC');
  perform private.require_period('epoch', 'epoch'::timestamptz + interval '1 hour', 'month', v_zone);
  v_from := coalesce(get_activity_heatmap.starts_at, date_subtract(date_trunc('day', v_to - interval '1 microsecond', v_zone), interval '89 days', v_zone));
  perform private.require_period(v_from, v_to, 'month', v_zone);

  with cell as materialized (
    select weekday, hour, coalesce(h.calls, 0) as calls, coalesce(h.sms, 0) as sms
      from generate_series(1, 7) as weekday
      cross join generate_series(0, 23) as hour
      left join private.hours_of_week(v_owner, v_from, v_to, v_zone) as h using (weekday, hour)
  )
  select
    jsonb_agg(jsonb_build_object('weekday', weekday, 'hour', hour, 'total_events', calls + sms, 'calls', calls, 'sms', sms)
      order by (weekday - coalesce(v_profile.week_start, 1) + 7) % 7, hour),
    sum(calls + sms),
    (select jsonb_build_object('weekday', weekday, 'hour', hour, 'total_events', calls + sms) from cell
      where calls + sms > 0 order by calls + sms desc, weekday, hour limit 1)
    into v_cells, v_total, v_busiest
    from cell;
  return jsonb_build_object(
    'user_id', v_owner, 'from', v_from, 'to', v_to, 'time_zone', v_zone,
    'total_events', v_total, 'cells', v_cells, 'busiest', v_busiest, 'generated_at', now());
end;
$$;
comment on function public.get_activity_heatmap(timestamptz, timestamptz, text, uuid) is
  'The 168 cells {weekday 1 Monday-7 Sunday, hour 0-23, total_events, calls, sms} of [starts_at, ends_at) for the caller or a teammate (user_id) as the privacy rules allow, from the caller''s first day of the week on, and the busiest. Default: the last 90 local days. Errors: not_authenticated (401), validation_failed, range_invalid, range_too_large (400), role_insufficient (403), user_not_found (404).';
revoke execute on function public.get_activity_heatmap(timestamptz, timestamptz, text, uuid) from public, anon;
grant execute on function public.get_activity_heatmap(timestamptz, timestamptz, text, uuid) to authenticated;
