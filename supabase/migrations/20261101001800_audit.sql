-- A copy for the clone of API keys and rate limits: the audit part's own file replaces it.

create table public.audit_log (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid,
  at timestamptz not null default clock_timestamp(),
  actor uuid,
  actor_type text not null check (actor_type in ('user', 'api_key', 'service', 'system', 'anonymous')),
  key_id text,
  action text not null check (action ~ '^[a-z_]+(\.[a-z_]+)+$'),
  owner_id uuid,
  subject_type text check (char_length(subject_type) <= 100),
  subject_id text check (char_length(subject_id) <= 200),
  old jsonb check (jsonb_typeof(old) = 'object'),
  new jsonb check (jsonb_typeof(new) = 'object'),
  request_id text,
  address inet,
  details jsonb not null default '{}' check (jsonb_typeof(details) = 'object'),
  seq bigint,
  salts uuid[] check (cardinality(salts) = 3),
  digests bytea[] check (cardinality(digests) = 3),
  prev_hash bytea,
  hash bytea,
  constraint audit_log_sealed_whole check (num_nulls(seq, salts, digests, prev_hash, hash) in (0, 5))
);
create unique index audit_log_seal_idx on public.audit_log (organization_id, seq) nulls not distinct where seq is not null;
create index audit_log_unsealed_idx on public.audit_log (at, id) where seq is null;
create index audit_log_organization_idx on public.audit_log (organization_id, at desc, id desc) where organization_id is not null;
create index audit_log_actor_idx on public.audit_log (actor, at desc, id desc) where actor is not null;
create index audit_log_owner_idx on public.audit_log (owner_id, at desc, id desc) where owner_id is not null;
create index audit_log_failures_idx on public.audit_log (at) where action = 'auth.failed';
alter table public.audit_log enable row level security;
comment on table public.audit_log is
  'Who did what: written by triggers and by private.record_audit, read through get_audit_log. Closed to every API role, the secret key''s too. Refers to no table, so that it outlives what it tells of.';
comment on column public.audit_log.organization_id is 'Whose log it is; null for what concerns one person''s own data, which no organisation sees.';
comment on column public.audit_log.actor is 'The user, or the pseudonym of one who was erased; null for the service, the system and the unknown.';
comment on column public.audit_log.owner_id is 'The person whose data it was, or the pseudonym; null for what is an organisation''s own.';
comment on column public.audit_log.old is 'Former values of the changed columns; secrets and content are left out, details.columns names them.';
comment on column public.audit_log.new is 'New values of the changed columns, as old.';
comment on column public.audit_log.request_id is 'As the request said it.';
comment on column public.audit_log.address is 'As the function said it.';
comment on column public.audit_log.seq is 'Place in the organisation''s chain; null until private.job_seal_audit has been there.';
comment on column public.audit_log.salts is
  'One for each part that an erasure may clear (1 actor, key_id, request_id, address; 2 owner_id, subject_id; 3 old, new, details); null when it did.';
comment on column public.audit_log.digests is 'private.audit_digests: salted hashes of the three parts, which the row''s hash is made of, so that it holds when a part was erased.';
comment on column public.audit_log.hash is 'private.audit_hash over prev_hash and the whole row.';

grant select, insert, update, delete on public.audit_log to service_role;

create function private.record_audit(
  action text, organization_id uuid, subject_type text, subject_id text, details jsonb default '{}')
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_type constant text := private.actor_type();
  v_actor constant uuid := case when v_type in ('user', 'api_key') then (select auth.uid()) end;
begin
  insert into public.audit_log (organization_id, actor, actor_type, key_id, action, owner_id, subject_type, subject_id, request_id, address, details)
  values (record_audit.organization_id, v_actor, v_type, private.current_key_id(), record_audit.action,
    case when record_audit.subject_type = 'user' then record_audit.subject_id::uuid
         when record_audit.organization_id is null then v_actor end,
    record_audit.subject_type, record_audit.subject_id, private.request_header('x-request-id'), private.client_address(),
    coalesce(record_audit.details, '{}'));
end;
$$;
comment on function private.record_audit(text, uuid, text, text, jsonb) is
  'Adds a row to the audit log, the actor as the request says. A subject of type user (its id a user''s) is the person whose data it was. For definer functions only; details must not hold content, names or numbers.';

create function private.record_auth_failure(reason text, surface text)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if private.actor_type() <> 'service' then
    raise exception using errcode = 'PT403', message = 'not_permitted', detail = 'For the functions only';
  end if;
  if (select count(*) >= 60 or count(*) filter (where a.address is not distinct from private.client_address()) >= 10
        from public.audit_log as a where a.action = 'auth.failed' and a.at > clock_timestamp() - interval '1 minute') then
    return false;
  end if;
  perform private.record_audit('auth.failed', null, 'surface', left(record_auth_failure.surface, 50),
    jsonb_build_object('reason', left(record_auth_failure.reason, 50)));
  return true;
end;
$$;
comment on function private.record_auth_failure(text, text) is 'The work of public.record_auth_failure.';
grant execute on function private.record_auth_failure(text, text) to service_role;

create function public.record_auth_failure(reason text, surface text)
returns boolean
language sql volatile
set search_path = ''
as $$
  select private.record_auth_failure(record_auth_failure.reason, record_auth_failure.surface)
$$;
comment on function public.record_auth_failure(text, text) is
  'Notes that a token or key was refused (reason a problem code), at most 60 a minute and 10 for an address; whether it did. For the secret key. Errors: not_permitted (403).';
revoke execute on function public.record_auth_failure(text, text) from public, anon;
grant execute on function public.record_auth_failure(text, text) to service_role;
