-- Writing the roll-ups: triggers add to them what a statement did to the events, to what retention kept, and to the rules.

-- The statements that add changes to the roll-ups: one ordered upsert each. Texts, because only the trigger itself sees
-- its transition tables.
create function private.roll_up_statements(changes text)
returns text[]
language sql immutable
set search_path = ''
as $$
  with change as (
    select format('
      select user_id, ts, contact_id, line_id, type, direction, status, source, is_private, sign,
        case when type = ''call'' then sign else 0 end as calls,
        case when type = ''sms'' then sign else 0 end as sms,
        case when direction = ''inbound'' then sign else 0 end as inbound,
        case when type = ''call'' and status = ''answered'' then sign else 0 end as answered,
        case when status = ''missed'' then sign else 0 end as missed,
        coalesce(duration, 0) * sign as talk_seconds,
        case when status = ''answered'' then coalesce(duration, 0) * sign else 0 end as answered_seconds,
        case when status = ''answered'' and duration is not null then sign else 0 end as answered_timed,
        date_trunc(''day'', ts, ''UTC'') as day, floor(extract(minute from ts) / 15) as quarter
      from (%s) as change', roll_up_statements.changes) as measured
  )
  select array[format('
    with hourly as (
      select user_id, date_trunc(''hour'', ts, ''UTC'') as hour, is_private, sum(calls) as calls, sum(sms) as sms, sum(inbound) as inbound, sum(answered) as answered,
      sum(missed) as missed, sum(talk_seconds) as talk_seconds, sum(answered_seconds) as answered_seconds, sum(answered_timed) as answered_timed,
        coalesce(sum(calls) filter (where quarter = 1), 0) as calls_15, coalesce(sum(calls) filter (where quarter = 2), 0) as calls_30, coalesce(sum(calls) filter (where quarter = 3), 0) as calls_45,
        coalesce(sum(sms) filter (where quarter = 1), 0) as sms_15, coalesce(sum(sms) filter (where quarter = 2), 0) as sms_30, coalesce(sum(sms) filter (where quarter = 3), 0) as sms_45
      from (%s) as change group by 1, 2, 3
    ),
    edges as (
      insert into private.month_edges as e (user_id, hours, month, is_private, calls, sms, inbound, answered, missed, talk_seconds, answered_seconds, answered_timed, farthest_hour)
      select h.user_id, k, h.month, h.is_private, sum(h.calls), sum(h.sms), sum(h.inbound), sum(h.answered), sum(h.missed), sum(h.talk_seconds),
        sum(h.answered_seconds), sum(h.answered_timed), sum(case when k = h.hours then h.calls + h.sms else 0 end)
      from (
        select h.*, date_part(''epoch'', h.hour - h.month)::integer / 3600 + (h.hour >= h.month)::integer as hours
          from (select *, date_trunc(''month'', hour + interval ''14 hours'', ''UTC'') as month from hourly) as h
         where h.hour < h.month + interval ''12 hours'') as h
      cross join lateral generate_series(case when h.hours < 0 then -14 else h.hours end, case when h.hours < 0 then h.hours else 12 end) as k
      group by 1, 2, 3, 4
      order by 1, 2, 3, 4
      on conflict (user_id, hours, month, is_private) do update set
        calls = e.calls + excluded.calls, sms = e.sms + excluded.sms, inbound = e.inbound + excluded.inbound, answered = e.answered + excluded.answered,
        missed = e.missed + excluded.missed, talk_seconds = e.talk_seconds + excluded.talk_seconds, answered_seconds = e.answered_seconds + excluded.answered_seconds,
        answered_timed = e.answered_timed + excluded.answered_timed, farthest_hour = e.farthest_hour + excluded.farthest_hour
    ),
    weekly as (
      insert into private.week_hours as w (user_id, month, hour, calls, calls_15, calls_30, calls_45, sms, sms_15, sms_30, sms_45,
        private_calls, private_calls_15, private_calls_30, private_calls_45, private_sms, private_sms_15, private_sms_30, private_sms_45)
      select user_id, date_trunc(''month'', hour, ''UTC''),
        (date_part(''isodow'', hour at time zone ''UTC'') - 1) * 24 + date_part(''hour'', hour at time zone ''UTC''),
        sum(calls), sum(calls_15), sum(calls_30), sum(calls_45), sum(sms), sum(sms_15), sum(sms_30), sum(sms_45),
        sum(case when is_private then calls else 0 end), sum(case when is_private then calls_15 else 0 end),
        sum(case when is_private then calls_30 else 0 end), sum(case when is_private then calls_45 else 0 end),
        sum(case when is_private then sms else 0 end), sum(case when is_private then sms_15 else 0 end),
        sum(case when is_private then sms_30 else 0 end), sum(case when is_private then sms_45 else 0 end)
      from hourly
      group by 1, 2, 3
      order by 1, 2, 3
      on conflict (user_id, month, hour) do update set
        calls = w.calls + excluded.calls, calls_15 = w.calls_15 + excluded.calls_15, calls_30 = w.calls_30 + excluded.calls_30, calls_45 = w.calls_45 + excluded.calls_45,
        sms = w.sms + excluded.sms, sms_15 = w.sms_15 + excluded.sms_15, sms_30 = w.sms_30 + excluded.sms_30, sms_45 = w.sms_45 + excluded.sms_45,
        private_calls = w.private_calls + excluded.private_calls, private_calls_15 = w.private_calls_15 + excluded.private_calls_15, private_calls_30 = w.private_calls_30 + excluded.private_calls_30, private_calls_45 = w.private_calls_45 + excluded.private_calls_45,
        private_sms = w.private_sms + excluded.private_sms, private_sms_15 = w.private_sms_15 + excluded.private_sms_15, private_sms_30 = w.private_sms_30 + excluded.private_sms_30, private_sms_45 = w.private_sms_45 + excluded.private_sms_45
    )
    insert into private.activity as a (user_id, grain, bucket, is_private, calls, sms, inbound, answered, missed, talk_seconds, answered_seconds, answered_timed,
      calls_15, calls_30, calls_45, sms_15, sms_30, sms_45)
    select user_id, g.grain, g.bucket, is_private, sum(calls), sum(sms), sum(inbound), sum(answered), sum(missed), sum(talk_seconds), sum(answered_seconds), sum(answered_timed),
      sum(case when g.grain = ''hour'' then calls_15 else 0 end), sum(case when g.grain = ''hour'' then calls_30 else 0 end),
      sum(case when g.grain = ''hour'' then calls_45 else 0 end), sum(case when g.grain = ''hour'' then sms_15 else 0 end),
      sum(case when g.grain = ''hour'' then sms_30 else 0 end), sum(case when g.grain = ''hour'' then sms_45 else 0 end)
    from hourly
    cross join lateral (values (''hour''::private.grain, hour), (''day'', date_trunc(''day'', hour, ''UTC'')),
      (''month'', date_trunc(''month'', hour, ''UTC''))) as g (grain, bucket)
    group by user_id, g.grain, g.bucket, is_private
    order by user_id, g.grain, g.bucket, is_private
    on conflict (user_id, grain, bucket, is_private) do update set
      calls = a.calls + excluded.calls, sms = a.sms + excluded.sms, inbound = a.inbound + excluded.inbound, answered = a.answered + excluded.answered,
      missed = a.missed + excluded.missed, talk_seconds = a.talk_seconds + excluded.talk_seconds, answered_seconds = a.answered_seconds + excluded.answered_seconds, answered_timed = a.answered_timed + excluded.answered_timed,
      calls_15 = a.calls_15 + excluded.calls_15, calls_30 = a.calls_30 + excluded.calls_30, calls_45 = a.calls_45 + excluded.calls_45, sms_15 = a.sms_15 + excluded.sms_15,
      sms_30 = a.sms_30 + excluded.sms_30, sms_45 = a.sms_45 + excluded.sms_45', measured),
  format('
    insert into private.activity_parts as a (user_id, day, is_private, type, direction, status, source, line_id, events, talk_seconds, answered_timed)
    select user_id, day, is_private, type, direction, coalesce(status, ''unknown''), source,
      coalesce(line_id, ''00000000-0000-0000-0000-000000000000''), sum(sign), sum(talk_seconds), sum(answered_timed)
    from (%s) as change
    group by 1, 2, 3, 4, 5, 6, 7, 8
    order by 1, 2, 3, 4, 5, 6, 7, 8
    on conflict (user_id, day, is_private, type, direction, status, source, line_id) do update set
      events = a.events + excluded.events, talk_seconds = a.talk_seconds + excluded.talk_seconds,
      answered_timed = a.answered_timed + excluded.answered_timed', measured),
  format('
    insert into private.call_durations as d (user_id, grain, bucket, is_private, seconds, calls)
    select user_id, g.grain, g.bucket, is_private, talk_seconds / sign, sum(sign)
    from (%s) as change
    cross join lateral (values (''month''::private.grain, date_trunc(''month'', day, ''UTC'')), (''year'', date_trunc(''year'', day, ''UTC''))) as g (grain, bucket)
    where answered_timed <> 0
    group by 1, 2, 3, 4, 5
    order by 1, 2, 3, 4, 5
    on conflict (user_id, grain, bucket, is_private, seconds) do update set calls = d.calls + excluded.calls', measured),
  format('
    with met as (
      select user_id, contact_id, bool_or(is_private) as is_private, array_agg(distinct date_trunc(''hour'', ts, ''UTC'')) as hours
        from (%s) as change where sign > 0 and contact_id is not null group by 1, 2
    ),
    -- A contact that is met for the first time gets the next bit of its owner.
    numbered as materialized (
      select m.*, b.bit is null as is_new, coalesce(b.bit,
        coalesce((select max(o.bit) + 1 from private.contact_bits as o where o.user_id = m.user_id), 0)
          + row_number() over (partition by m.user_id, b.bit is null order by m.contact_id) - 1)::integer as bit
        from met as m left join private.contact_bits as b on b.user_id = m.user_id and b.contact_id = m.contact_id
    ),
    made as (
      insert into private.contact_bits (user_id, contact_id, bit) select user_id, contact_id, bit from numbered where is_new
    ),
    hourly as (
      select n.user_id, n.is_private, hour, bit_or(set_bit(pg_catalog."bit"(B''0'', n.size, true), n.bit, 1)) as contacts, max(n.bit) + 1 as used
        from (select *, max(bit) over (partition by user_id) + 1 as size from numbered) as n cross join unnest(n.hours) as hour group by 1, 2, 3
    )
    insert into private.contact_sets as s (user_id, grain, bucket, is_private, contacts)
    select h.user_id, g.grain, g.bucket, h.is_private, pg_catalog."bit"(bit_or(h.contacts), max(h.used), true)
      from hourly as h
      cross join lateral (values (''hour''::private.grain, h.hour), (''day'', date_trunc(''day'', h.hour, ''UTC''))) as g (grain, bucket)
     group by 1, 2, 3, 4
     order by 1, 2, 3, 4
    on conflict (user_id, grain, bucket, is_private) do update set
      contacts = pg_catalog."bit"(s.contacts, greatest(length(s.contacts), length(excluded.contacts)), true)
        | pg_catalog."bit"(excluded.contacts, greatest(length(s.contacts), length(excluded.contacts)), true)
     where length(excluded.contacts) > length(s.contacts)
        or excluded.contacts <> (excluded.contacts & pg_catalog."bit"(s.contacts, length(excluded.contacts), true))', roll_up_statements.changes),
  -- A row that the upsert made has no xmax; one it met has that of the lock it took.
  format('
    with daily as (
      select user_id, day, contact_id, min(ts) as first_ts, max(ts) as last_ts,
        sum(calls) as calls, sum(sms) as sms, sum(inbound) as inbound, sum(answered) as answered,
        sum(missed) as missed, sum(talk_seconds) as talk_seconds, sum(answered_seconds) as answered_seconds, sum(answered_timed) as answered_timed
      from (%s) as change where contact_id is not null
      group by user_id, day, contact_id
    ),
    put as (
      insert into private.contact_activity as a (user_id, grain, bucket, contact_id, calls, sms, inbound, answered, missed, talk_seconds, answered_seconds, answered_timed)
      select user_id, g.grain, g.bucket, contact_id, sum(calls), sum(sms), sum(inbound), sum(answered), sum(missed), sum(talk_seconds), sum(answered_seconds), sum(answered_timed)
      from daily
      cross join lateral (values (''day''::private.grain, day), (''month'', date_trunc(''month'', day, ''UTC''))) as g (grain, bucket)
      group by user_id, g.grain, g.bucket, contact_id
      order by user_id, g.grain, g.bucket, contact_id
      on conflict (user_id, grain, bucket, contact_id) do update set
        calls = a.calls + excluded.calls, sms = a.sms + excluded.sms, inbound = a.inbound + excluded.inbound, answered = a.answered + excluded.answered,
        missed = a.missed + excluded.missed, talk_seconds = a.talk_seconds + excluded.talk_seconds, answered_seconds = a.answered_seconds + excluded.answered_seconds, answered_timed = a.answered_timed + excluded.answered_timed
      returning a.user_id, a.grain, a.bucket, a.contact_id, a.xmax = 0 as is_new
    ),
    total as (
      select user_id, contact_id, min(first_ts) as first_ts, max(last_ts) as last_ts,
        sum(calls) as calls, sum(sms) as sms, sum(inbound) as inbound, sum(answered) as answered,
        sum(missed) as missed, sum(talk_seconds) as talk_seconds, sum(answered_seconds) as answered_seconds, sum(answered_timed) as answered_timed
      from daily group by user_id, contact_id
    ),
    days as (
      select user_id, contact_id, count(*) filter (where is_new and grain = ''day'') as new_days from put group by user_id, contact_id
    )
    insert into private.contact_stats as s (user_id, contact_id, first_ts, last_ts, calls, sms, inbound, answered, missed, talk_seconds, answered_seconds, answered_timed, active_days)
    select user_id, contact_id, first_ts, last_ts, calls, sms, inbound, answered, missed, talk_seconds, answered_seconds, answered_timed, new_days
    from total join days using (user_id, contact_id)
    order by user_id, contact_id
    on conflict (user_id, contact_id) do update set
      first_ts = least(s.first_ts, excluded.first_ts), last_ts = greatest(s.last_ts, excluded.last_ts),
      calls = s.calls + excluded.calls, sms = s.sms + excluded.sms, inbound = s.inbound + excluded.inbound, answered = s.answered + excluded.answered,
      missed = s.missed + excluded.missed, talk_seconds = s.talk_seconds + excluded.talk_seconds, answered_seconds = s.answered_seconds + excluded.answered_seconds, answered_timed = s.answered_timed + excluded.answered_timed,
      active_days = s.active_days + excluded.active_days', measured)]
  from change
$$;
comment on function private.roll_up_statements(text) is
  'SQL that adds changes to activity, month_edges and week_hours, activity_parts and call_durations, fourth to contact_sets (what is there now; the rest is for private.clean_up_statements), and fifth to contact_activity and contact_stats. changes: a query of user_id, ts, contact_id, line_id, type, direction, status, duration, source, is_private, and sign: 1 for what is there now, -1 for what was, or as many times that as a row of private.kept_sums stands for.';

create function private.clean_up_statements(changes text)
returns text[]
language sql immutable
set search_path = ''
as $$
  select array[format('
    with emptied as (select distinct user_id, ts, date_trunc(''day'', ts, ''UTC'') as day from (%s) as change where sign < 0),
    hours as (
      delete from private.activity as a
       using (select distinct e.user_id, g.grain, g.bucket from emptied as e
               cross join lateral (values (''hour''::private.grain, date_trunc(''hour'', e.ts, ''UTC'')), (''day'', e.day),
                 (''month'', date_trunc(''month'', e.day, ''UTC''))) as g (grain, bucket)) as k
       where a.user_id = k.user_id and a.grain = k.grain and a.bucket = k.bucket and a.calls = 0 and a.sms = 0
    ),
    edges as (
      delete from private.month_edges as m using (select distinct user_id, date_trunc(''month'', ts + interval ''14 hours'', ''UTC'') as month from emptied) as k
       where m.user_id = k.user_id and m.month = k.month and m.calls = 0 and m.sms = 0
    ),
    weekly as (
      delete from private.week_hours as w using (select distinct user_id, date_trunc(''month'', day, ''UTC'') as month from emptied) as k
       where w.user_id = k.user_id and w.month = k.month and w.calls = 0 and w.sms = 0
    ),
    parts as (
      delete from private.activity_parts as a using (select distinct user_id, day from emptied) as k
       where a.user_id = k.user_id and a.day = k.day and a.events = 0
    )
    delete from private.call_durations as d
     using (select distinct e.user_id, g.grain, g.bucket from emptied as e
             cross join lateral (values (''month''::private.grain, date_trunc(''month'', e.day, ''UTC'')),
               (''year'', date_trunc(''year'', e.day, ''UTC''))) as g (grain, bucket)) as k
     where d.user_id = k.user_id and d.grain = k.grain and d.bucket = k.bucket and d.calls = 0', clean_up_statements.changes),
  -- A contact leaves a set with its last event there: the hours are made anew from their events, the days from their hours.
  format('
    with touched as materialized (
      select distinct user_id, date_trunc(''hour'', ts, ''UTC'') as hour, date_trunc(''day'', ts, ''UTC'') as day from (%s) as change
       where sign < 0 and contact_id is not null
    ),
    owner as materialized (
      select t.user_id, coalesce((select max(b.bit) + 1 from private.contact_bits as b where b.user_id = t.user_id), 0) as size
        from (select distinct user_id from touched) as t
    ),
    hourly as materialized (
      select t.user_id, t.day, t.hour, m.is_private, bit_or(set_bit(pg_catalog."bit"(B''0'', o.size, true), m.bit, 1)) as contacts, max(m.bit) + 1 as used
        from touched as t join owner as o on o.user_id = t.user_id
        cross join lateral (
          select b.bit, m.is_private
            from private.all_measures as m join private.contact_bits as b on b.user_id = m.user_id and b.contact_id = m.contact_id
           where m.user_id = t.user_id and m.ts >= t.hour and m.ts < t.hour + interval ''1 hour'' offset 0) as m
       group by 1, 2, 3, 4
    ),
    truth as materialized (
      select user_id, ''hour''::private.grain as grain, hour as bucket, is_private, pg_catalog."bit"(contacts, used, true) as contacts from hourly
      union all
      select d.user_id, ''day''::private.grain, d.day, d.is_private, pg_catalog."bit"(bit_or(d.contacts), max(d.used), true)
        from (
          select user_id, day, is_private, contacts, used from hourly
          union all
          select s.user_id, k.day, s.is_private, pg_catalog."bit"(s.contacts, o.size, true), length(s.contacts)
            from (select distinct user_id, day from touched) as k join owner as o on o.user_id = k.user_id
            join private.contact_sets as s on s.user_id = k.user_id and s.grain = ''hour'' and s.bucket >= k.day and s.bucket < k.day + interval ''24 hours''
           where not exists (select from touched as t where t.user_id = s.user_id and t.hour = s.bucket)
        ) as d
       group by 1, 2, 3, 4
    ),
    gone as (
      delete from private.contact_sets as s
       using (select user_id, ''hour''::private.grain as grain, hour as bucket from touched union select user_id, ''day''::private.grain, day from touched) as k
       where s.user_id = k.user_id and s.grain = k.grain and s.bucket = k.bucket
         and not exists (select from truth as t where t.user_id = s.user_id and t.grain = s.grain and t.bucket = s.bucket and t.is_private = s.is_private)
    )
    insert into private.contact_sets as s (user_id, grain, bucket, is_private, contacts)
    select user_id, grain, bucket, is_private, contacts from truth
     order by 1, 2, 3, 4
    on conflict (user_id, grain, bucket, is_private) do update set contacts = excluded.contacts where s.contacts <> excluded.contacts', clean_up_statements.changes),
  format('
    with emptied as (
      select distinct user_id, contact_id, date_trunc(''day'', ts, ''UTC'') as day from (%s) as change where sign < 0 and contact_id is not null
    ),
    gone as (
      delete from private.contact_activity as a
       using (select distinct e.user_id, e.contact_id, g.grain, g.bucket from emptied as e
               cross join lateral (values (''day''::private.grain, e.day), (''month'', date_trunc(''month'', e.day, ''UTC''))) as g (grain, bucket)) as k
       where a.user_id = k.user_id and a.grain = k.grain and a.bucket = k.bucket and a.contact_id = k.contact_id
         and a.calls = 0 and a.sms = 0
      returning a.user_id, a.grain, a.bucket, a.contact_id
    )
    update private.contact_stats as s set
        active_days = s.active_days - (select count(*) from gone
          where gone.user_id = s.user_id and gone.contact_id = s.contact_id and gone.grain = ''day''),
        first_ts = coalesce((select e.ts from public.events as e where e.user_id = s.user_id and e.contact_id = s.contact_id
                              order by e.ts limit 1), s.first_ts),
        last_ts = coalesce((select e.ts from public.events as e where e.user_id = s.user_id and e.contact_id = s.contact_id
                             order by e.ts desc limit 1), s.last_ts)
      from (select distinct user_id, contact_id from emptied) as k
     where s.user_id = k.user_id and s.contact_id = k.contact_id', clean_up_statements.changes),
  format('
    delete from private.contact_stats as s using (select distinct user_id, contact_id from (%s) as change where sign < 0) as k
     where s.user_id = k.user_id and s.contact_id = k.contact_id and s.calls = 0 and s.sms = 0', clean_up_statements.changes)]
$$;
comment on function private.clean_up_statements(text) is
  'SQL that drops what changes left empty in the roll-ups: first in those by time, second in contact_sets, then in those by contact. changes: as for private.roll_up_statements.';

-- The owner's lock, which ingest holds already, makes writers of one person follow each other: no deadlock, and a first or
-- last event that is looked up again after a removal is the one that holds.
create function private.roll_up_events()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_columns constant text := 'user_id, ts, contact_id, line_id, type, direction, status, duration, source';
  v_changes text;
  v_statement text;
  v_owners uuid[];
  v_owner uuid;
  v_removes boolean;
begin
  v_changes := case tg_op
    when 'INSERT' then format('select %s, 1 as sign from added', v_columns)
    when 'DELETE' then format('select %s, -1 as sign from removed', v_columns)
    else format(
      'select %1$s, 1 as sign from added as a where exists (select from removed as r where r.user_id = a.user_id and r.id = a.id and %2$s)
       union all
       select %1$s, -1 from removed as r where exists (select from added as a where r.user_id = a.user_id and r.id = a.id and %2$s)',
      v_columns,
      '(a.ts, a.contact_id, a.line_id, a.type, a.direction, a.status, a.duration, a.source)
       is distinct from (r.ts, r.contact_id, r.line_id, r.type, r.direction, r.status, r.duration, r.source)') end;
  execute format('select array_agg(distinct user_id order by user_id), bool_or(sign < 0) from (%s) as change', v_changes)
    into v_owners, v_removes;
  if v_owners is null then
    return null;
  end if;
  foreach v_owner in array v_owners loop
    perform private.lock_owner(v_owner);
  end loop;
  v_changes := format('
    select change.*, r.user_id is not null as is_private from (%s) as change
      left join public.privacy_rules as r
        on r.user_id = change.user_id and r.contact_id = change.contact_id and r.visibility = ''private'' ', v_changes);
  foreach v_statement in array private.roll_up_statements(v_changes) loop
    execute v_statement;
  end loop;
  if v_removes then
    foreach v_statement in array private.clean_up_statements(v_changes) loop
      execute v_statement;
    end loop;
  end if;
  return null;
end;
$$;
comment on function private.roll_up_events() is 'Trigger: keeps the roll-ups at the sum of the events.';

create trigger events_roll_up_insert after insert on public.events
  referencing new table as added for each statement execute function private.roll_up_events();
create trigger events_roll_up_update after update on public.events
  referencing old table as removed new table as added for each statement execute function private.roll_up_events();
create trigger events_roll_up_delete after delete on public.events
  referencing old table as removed for each statement execute function private.roll_up_events();

create function private.roll_up_kept_sums()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_changes constant text := format(
    'select user_id, ts, null::uuid as contact_id, null::uuid as line_id, type, direction, status, duration, source, is_private, %s from %s',
    case tg_op when 'INSERT' then 'events as sign' else '-events as sign' end, case tg_op when 'INSERT' then 'added' else 'removed' end);
  v_statement text;
  v_owner uuid;
begin
  for v_owner in execute format('select distinct user_id from (%s) as change order by 1', v_changes) loop
    perform private.lock_owner(v_owner);
  end loop;
  foreach v_statement in array (private.roll_up_statements(v_changes))[1:3] loop
    execute v_statement;
  end loop;
  if tg_op = 'DELETE' then
    execute (private.clean_up_statements(v_changes))[1];
  end if;
  return null;
end;
$$;
comment on function private.roll_up_kept_sums() is 'Trigger: keeps in the roll-ups of time what retention kept of removed events.';
create trigger kept_sums_roll_up_insert after insert on private.kept_sums
  referencing new table as added for each statement execute function private.roll_up_kept_sums();
create trigger kept_sums_roll_up_delete after delete on private.kept_sums
  referencing old table as removed for each statement execute function private.roll_up_kept_sums();

create function private.roll_up_privacy()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_moved text;
  v_changes text;
  v_statement text;
  v_owners uuid[];
  v_owner uuid;
begin
  v_moved := case tg_op
    when 'INSERT' then 'select user_id, contact_id, true as is_private from added where visibility = ''private'' '
    when 'DELETE' then 'select user_id, contact_id, false as is_private from removed where visibility = ''private'' '
    else 'select a.user_id, a.contact_id, a.visibility = ''private'' as is_private from added as a join removed as r using (user_id, contact_id)
           where (a.visibility = ''private'') <> (r.visibility = ''private'')' end;
  execute format('select array_agg(distinct user_id order by user_id) from (%s) as moved', v_moved) into v_owners;
  if v_owners is null then
    return null;
  end if;
  foreach v_owner in array v_owners loop
    perform private.lock_owner(v_owner);
  end loop;
  v_changes := format('
    select e.user_id, e.ts, e.contact_id, e.line_id, e.type, e.direction, e.status, e.duration, e.source, s.sign, (s.sign = 1) = moved.is_private as is_private
      from (%s) as moved join public.events as e on e.user_id = moved.user_id and e.contact_id = moved.contact_id
      cross join (values (1), (-1)) as s (sign)', v_moved);
  foreach v_statement in array (private.roll_up_statements(v_changes))[1:3] loop
    execute v_statement;
  end loop;
  foreach v_statement in array (private.clean_up_statements(v_changes))[1:2] loop
    execute v_statement;
  end loop;
  return null;
end;
$$;
comment on function private.roll_up_privacy() is 'Trigger: moves what a rule makes private, or no longer, to the sums where it belongs.';

create trigger privacy_rules_roll_up_insert after insert on public.privacy_rules
  referencing new table as added for each statement execute function private.roll_up_privacy();
create trigger privacy_rules_roll_up_update after update on public.privacy_rules
  referencing old table as removed new table as added for each statement execute function private.roll_up_privacy();
create trigger privacy_rules_roll_up_delete after delete on public.privacy_rules
  referencing old table as removed for each statement execute function private.roll_up_privacy();

-- What a cascade takes is gone from all tables before any statement trigger sees it: a rule that went with its contact could
-- not be asked for any more. So rules go first, while the events that they move are there.
create function private.delete_rules_first()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_table_name = 'contacts' then
    delete from public.privacy_rules as r where r.user_id = old.user_id and r.contact_id = old.id;
  else
    delete from public.privacy_rules as r where r.user_id = old.user_id;
  end if;
  return old;
end;
$$;
comment on function private.delete_rules_first() is
  'Trigger: deletes the privacy rules of a contact or an account before the row itself, so that the roll-ups see both steps.';

create trigger contacts_delete_rules_first before delete on public.contacts
  for each row execute function private.delete_rules_first();
create trigger profiles_delete_rules_first before delete on public.profiles
  for each row execute function private.delete_rules_first();
