-- Rate limits: token buckets. A bucket holds up to `limit` tokens and gains `limit` in `window_seconds`; a request takes
-- as many as its route costs from each of its buckets (person, key, address) or, when one has too few, none from any.

create table public.rate_limit_settings (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  user_limit integer check (user_limit between 1 and 1000000),
  key_limit integer check (key_limit between 1 and 1000000),
  window_seconds integer not null default 60 check (window_seconds between 1 and 86400),
  updated_at timestamptz not null default now()
);
alter table public.rate_limit_settings enable row level security;
create policy rate_limit_settings_select on public.rate_limit_settings for select to authenticated
  using (organization_id in (select private.my_organization_ids()));
grant select on public.rate_limit_settings to authenticated;
grant select, insert, update, delete on public.rate_limit_settings to service_role;
create trigger rate_limit_settings_set_updated_at before update on public.rate_limit_settings
  for each row execute function private.set_updated_at();
comment on table public.rate_limit_settings is
  'What an organisation''s members and their API keys may ask for, where it is not the default. Who is in several has the most generous.';
comment on column public.rate_limit_settings.user_limit is 'Tokens per window for each member; null: the default.';
comment on column public.rate_limit_settings.key_limit is 'Tokens per window for each API key of a member; null: the default.';

-- Not worth a log: after a crash the buckets are full.
create unlogged table private.rate_limits (
  bucket text primary key,
  tokens double precision not null,
  charged_at timestamptz not null,
  full_at timestamptz not null
) with (fillfactor = 50);
comment on table private.rate_limits is
  'Token buckets that are not full, by user:ID, key:ID or address:IP: the tokens left when it was last charged.';

create function private.set_rate_limits(organization_id uuid, user_limit integer, key_limit integer, window_seconds integer)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_role constant text := (select m.role from public.org_members as m
    where m.organization_id = set_rate_limits.organization_id and m.user_id = (select auth.uid()));
begin
  if v_role is null then
    raise exception using errcode = 'PT404', message = 'organization_not_found', detail = 'No such organisation';
  end if;
  if private.role_rank(v_role) < private.role_rank('admin') then
    raise exception using errcode = 'PT403', message = 'role_insufficient', detail = 'Admins set the limits';
  end if;
  if coalesce(set_rate_limits.user_limit, 1) not between 1 and 1000000
     or coalesce(set_rate_limits.key_limit, 1) not between 1 and 1000000
     or coalesce(set_rate_limits.window_seconds, 0) not between 1 and 86400 then
    raise exception using errcode = 'PT400', message = 'validation_failed',
      detail = 'A limit is 1 to 1,000,000 in a window of 1 to 86,400 seconds';
  end if;
  insert into public.rate_limit_settings (organization_id, user_limit, key_limit, window_seconds)
  values (set_rate_limits.organization_id, set_rate_limits.user_limit, set_rate_limits.key_limit, set_rate_limits.window_seconds)
  on conflict on constraint rate_limit_settings_pkey do update
    set user_limit = excluded.user_limit, key_limit = excluded.key_limit, window_seconds = excluded.window_seconds;
  perform private.record_audit('rate_limits.changed', set_rate_limits.organization_id, 'organization',
    set_rate_limits.organization_id::text, jsonb_build_object('user_limit', set_rate_limits.user_limit,
      'key_limit', set_rate_limits.key_limit, 'window_seconds', set_rate_limits.window_seconds));
end;
$$;
comment on function private.set_rate_limits(uuid, integer, integer, integer) is 'The work of public.set_rate_limits.';
grant execute on function private.set_rate_limits(uuid, integer, integer, integer) to authenticated;

create function public.set_rate_limits(
  organization_id uuid, user_limit integer default null, key_limit integer default null, window_seconds integer default 60)
returns void
language sql volatile
set search_path = ''
as $$
  select private.require_person();
  select private.set_rate_limits(set_rate_limits.organization_id, set_rate_limits.user_limit, set_rate_limits.key_limit,
    set_rate_limits.window_seconds)
$$;
comment on function public.set_rate_limits(uuid, integer, integer, integer) is
  'Says what each member of an organisation, and each of their API keys, may ask for in a window of so many seconds; null is the default. For admins. Errors: organization_not_found (404), role_insufficient (403), validation_failed (400).';
revoke execute on function public.set_rate_limits(uuid, integer, integer, integer) from public, anon;
grant execute on function public.set_rate_limits(uuid, integer, integer, integer) to authenticated;

create function private.rate_limits_of(user_id uuid, defaults jsonb)
returns jsonb
language sql stable
set search_path = ''
as $$
  -- The most generous is the one that gives the most per second.
  select rate_limits_of.defaults
      || coalesce((select jsonb_build_object('user', jsonb_build_object('limit', s.user_limit, 'window', s.window_seconds))
          from public.rate_limit_settings as s join public.org_members as m on m.organization_id = s.organization_id
         where m.user_id = rate_limits_of.user_id and s.user_limit is not null
         order by s.user_limit::numeric / s.window_seconds desc limit 1), '{}')
      || coalesce((select jsonb_build_object('key', jsonb_build_object('limit', s.key_limit, 'window', s.window_seconds))
          from public.rate_limit_settings as s join public.org_members as m on m.organization_id = s.organization_id
         where m.user_id = rate_limits_of.user_id and s.key_limit is not null
         order by s.key_limit::numeric / s.window_seconds desc limit 1), '{}')
$$;
comment on function private.rate_limits_of(uuid, jsonb) is
  'The limits {user, key, address: {limit, window}} of this person: the defaults, or what his organisations say.';

create function private.charge_buckets(buckets jsonb, cost integer)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_now timestamptz;
  v_verdicts jsonb;
begin
  -- Always in the same order, so that no two requests wait for each other; until the end of the transaction.
  perform pg_advisory_xact_lock(1819108, place.hash)
    from (select distinct hashtext(b ->> 'bucket') as hash from jsonb_array_elements(charge_buckets.buckets) as b order by 1) as place;
  v_now := clock_timestamp();
  with asked as (
    select a.ordinality, a.item ->> 'name' as name, a.item ->> 'bucket' as bucket, (a.item -> 'limit')::integer as max_tokens,
           (a.item -> 'limit')::double precision / (a.item -> 'window')::integer as per_second, (a.item -> 'window')::integer as seconds,
           least(charge_buckets.cost, (a.item -> 'limit')::integer) as cost
      from jsonb_array_elements(charge_buckets.buckets) with ordinality as a (item, ordinality)
  ),
  found as (
    select asked.*, case when r.bucket is null then asked.max_tokens
        else least(asked.max_tokens, r.tokens + greatest(extract(epoch from v_now - r.charged_at)::double precision, 0) * asked.per_second) end as tokens
      from asked left join private.rate_limits as r on r.bucket = asked.bucket
  ),
  judged as (
    select f.*, f.tokens >= f.cost as is_enough, bool_and(f.tokens >= f.cost) over () as is_allowed from found as f
  ),
  charged as (
    select j.*, case when j.is_allowed then j.tokens - j.cost else j.tokens end as rest from judged as j
  ),
  written as (
    insert into private.rate_limits (bucket, tokens, charged_at, full_at)
    select c.bucket, c.rest, v_now, v_now + make_interval(secs => (c.max_tokens - c.rest) / c.per_second) from charged as c where c.is_allowed
    on conflict (bucket) do update set tokens = excluded.tokens, charged_at = excluded.charged_at, full_at = excluded.full_at
  )
  select jsonb_agg(jsonb_build_object('name', c.name, 'allowed', c.is_enough, 'limit', c.max_tokens, 'window', c.seconds,
           'remaining', floor(c.rest), 'reset', ceil((c.max_tokens - c.rest) / c.per_second),
           'retry_after', case when c.is_enough then 0 else greatest(1, ceil((c.cost - c.rest) / c.per_second)) end) order by c.ordinality)
    into v_verdicts from charged as c;
  return coalesce(v_verdicts, '[]');
end;
$$;
comment on function private.charge_buckets(jsonb, integer) is
  'Takes cost tokens from each bucket [{name, bucket, limit, window (seconds)}], all or none: a verdict for each, in order: {name, allowed, limit, window, remaining (whole tokens), reset (seconds until it is full), retry_after (seconds until there are enough)}. A cost above the limit counts as the limit. A token bucket, exact under concurrency.';

create function private.job_expire_rate_limits(deadline timestamptz)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  c_batch constant integer := 10000;
  v_deleted integer := 0;
  v_now integer;
begin
  loop
    -- Locked ones are in use; a bucket that is full again says nothing.
    with done as (
      select r.bucket from private.rate_limits as r where r.full_at < clock_timestamp() limit c_batch for update skip locked
    )
    delete from private.rate_limits as r using done where r.bucket = done.bucket;
    get diagnostics v_now = row_count;
    v_deleted := v_deleted + v_now;
    exit when v_now < c_batch or clock_timestamp() >= job_expire_rate_limits.deadline;
  end loop;
  return jsonb_build_object('deleted', v_deleted, 'more', v_now = c_batch);
end;
$$;
comment on function private.job_expire_rate_limits(timestamptz) is
  'Job: deletes buckets that are full again, 10,000 at a time: {deleted, more}.';

select private.audit_table('public.rate_limit_settings');
