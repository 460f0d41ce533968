-- API keys: plk_<id>_<secret><checksum>. A program acts as the key's owner, within the key's scopes. Only the hash of the
-- secret is here; the function surface `keys` makes the secret, and shared/access/auth.ts turns a key into a token of its owner.

create function private.api_key_scopes()
returns text[]
language sql immutable parallel safe
set search_path = ''
as $$
  select array['admin:read', 'analytics:read', 'contacts:read', 'contacts:write', 'events:read', 'events:write',
    'imports:write', 'nlq:query', 'privacy:read', 'sync:write']
$$;
comment on function private.api_key_scopes() is 'Every scope there is, as in shared/access/api_key.ts.';

create table private.api_keys (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  id uuid not null default gen_random_uuid(),
  name text not null check (char_length(btrim(name)) between 1 and 100),
  key_hash bytea not null check (octet_length(key_hash) = 32),
  scopes text[] not null check (cardinality(scopes) > 0 and scopes <@ private.api_key_scopes()),
  networks cidr[] not null default '{}' check (cardinality(networks) <= 50),
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  rotated_at timestamptz,
  previous_hash bytea check (octet_length(previous_hash) = 32),
  previous_until timestamptz,
  last_used_at timestamptz,
  last_used_address inet,
  last_refused_at timestamptz,
  revoked_at timestamptz,
  primary key (user_id, id)
);
create index api_keys_id_idx on private.api_keys (id);
comment on table private.api_keys is 'API keys of persons, without their secrets.';
comment on column private.api_keys.key_hash is 'SHA-256 of the secret: 256 random bits need no slow hash.';
comment on column private.api_keys.previous_hash is 'Of the secret before the last rotation, good until previous_until.';
comment on column private.api_keys.last_used_at is 'Written at most once a minute.';
comment on column private.api_keys.last_refused_at is 'When a refusal was last put into the audit log: at most once a minute.';
insert into private.user_tables values ('private.api_keys', 'user_id', 'API keys, without their secrets', null);

-- An organisation sees what its members' keys do; who is in none has a log of his own.
create function private.audit_key(action text, owner_id uuid, key_id uuid, details jsonb)
returns void
language sql volatile
set search_path = ''
as $$
  select private.record_audit(audit_key.action, place.organization_id, 'user', audit_key.owner_id::text,
      jsonb_build_object('key_id', audit_key.key_id) || audit_key.details)
    from (select m.organization_id from public.org_members as m where m.user_id = audit_key.owner_id
          union all
          select null where not exists (select from public.org_members as m where m.user_id = audit_key.owner_id)) as place
$$;
comment on function private.audit_key(text, uuid, uuid, jsonb) is
  'Records what happened to a key in the audit log of each of its owner''s organisations, or in the owner''s own.';

create function private.describe_key(key private.api_keys)
returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object('id', key.id, 'name', key.name, 'scopes', key.scopes, 'networks', key.networks,
    'state', case when key.revoked_at is not null then 'revoked' when key.expires_at <= now() then 'expired' else 'active' end,
    'created_at', key.created_at, 'expires_at', key.expires_at, 'rotated_at', key.rotated_at,
    'previous_until', case when key.previous_until > now() then key.previous_until end,
    'last_used_at', key.last_used_at, 'last_used_address', host(key.last_used_address), 'revoked_at', key.revoked_at)
$$;
comment on function private.describe_key(private.api_keys) is 'A key as its owner sees it.';

create function private.get_api_keys()
returns jsonb
language sql stable security definer
set search_path = ''
as $$
  select coalesce(jsonb_agg(private.describe_key(k) order by k.created_at desc, k.id), '[]')
    from private.api_keys as k where k.user_id = (select auth.uid())
$$;
comment on function private.get_api_keys() is 'The work of public.get_api_keys.';
grant execute on function private.get_api_keys() to authenticated;

create function public.get_api_keys()
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.require_person();
  select private.get_api_keys()
$$;
comment on function public.get_api_keys() is
  'The caller''s API keys, newest first: [{id, name, scopes, networks, state active|expired|revoked, created_at, expires_at, rotated_at, previous_until, last_used_at (to the minute), last_used_address, revoked_at}]. Not for keys. Errors: scope_insufficient (403).';
revoke execute on function public.get_api_keys() from public, anon;
grant execute on function public.get_api_keys() to authenticated;

create function private.require_key_hash(key_hash text)
returns bytea
language plpgsql immutable
set search_path = ''
as $$
begin
  if require_key_hash.key_hash is null or require_key_hash.key_hash !~ '^[0-9a-f]{64}$' then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'The hash of a secret has 64 hexadecimal digits';
  end if;
  return decode(require_key_hash.key_hash, 'hex');
end;
$$;
comment on function private.require_key_hash(text) is 'A SHA-256 from its digits. Errors: validation_failed (400).';

create function private.create_api_key(name text, key_hash text, scopes text[], expires_at timestamptz, networks text[])
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_hash constant bytea := private.require_key_hash(create_api_key.key_hash);
  v_key private.api_keys;
begin
  perform private.require_account();
  if char_length(btrim(coalesce(create_api_key.name, ''))) not between 1 and 100
     or coalesce(cardinality(create_api_key.scopes), 0) = 0
     or not coalesce(create_api_key.scopes <@ private.api_key_scopes(), false)
     or coalesce(create_api_key.expires_at, 'infinity') <= now()
     or coalesce(cardinality(create_api_key.networks), 0) > 50
     or exists (select from unnest(create_api_key.networks) as n where n is null or not pg_input_is_valid(n, 'cidr')) then
    raise exception using errcode = 'PT400', message = 'validation_failed',
      detail = 'A key has a name of 1 to 100 characters, known scopes, an expiry to come if any, and up to 50 networks';
  end if;
  -- Two requests at once must not both find room.
  perform from public.profiles as p where p.user_id = (select auth.uid()) for update;
  if (select count(*) from private.api_keys as k where k.user_id = (select auth.uid()) and k.revoked_at is null) >= 50 then
    raise exception using errcode = 'PT409', message = 'key_limit_reached', detail = 'A person has up to 50 keys: revoke one first';
  end if;
  insert into private.api_keys (user_id, name, key_hash, scopes, expires_at, networks)
  values ((select auth.uid()), btrim(create_api_key.name), v_hash,
    array(select distinct s from unnest(create_api_key.scopes) as s order by s), create_api_key.expires_at,
    array(select distinct n::cidr from unnest(create_api_key.networks) as n order by 1))
  returning * into v_key;
  perform private.audit_key('api_key.created', v_key.user_id, v_key.id,
    jsonb_build_object('scopes', v_key.scopes, 'expires_at', v_key.expires_at, 'networks', v_key.networks));
  return private.describe_key(v_key);
end;
$$;
comment on function private.create_api_key(text, text, text[], timestamptz, text[]) is 'The work of public.create_api_key.';
grant execute on function private.create_api_key(text, text, text[], timestamptz, text[]) to authenticated;

create function public.create_api_key(
  name text, key_hash text, scopes text[], expires_at timestamptz default null, networks text[] default '{}')
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.require_person();
  select private.create_api_key(create_api_key.name, create_api_key.key_hash, create_api_key.scopes, create_api_key.expires_at,
    create_api_key.networks)
$$;
comment on function public.create_api_key(text, text, text[], timestamptz, text[]) is
  'A new key of the caller, whose secret has this SHA-256 (64 hexadecimal digits); without networks it may come from anywhere. Answers as an entry of get_api_keys. Not for keys. Errors: validation_failed (400), scope_insufficient (403), key_limit_reached (409).';
revoke execute on function public.create_api_key(text, text, text[], timestamptz, text[]) from public, anon;
grant execute on function public.create_api_key(text, text, text[], timestamptz, text[]) to authenticated;

create function private.rotate_api_key(key_id uuid, key_hash text, overlap_seconds integer)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_hash constant bytea := private.require_key_hash(rotate_api_key.key_hash);
  v_key private.api_keys;
begin
  if coalesce(rotate_api_key.overlap_seconds, -1) not between 0 and 2592000 then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'The secrets may overlap for up to 30 days';
  end if;
  update private.api_keys as k
     set previous_hash = k.key_hash, previous_until = now() + make_interval(secs => rotate_api_key.overlap_seconds),
         key_hash = v_hash, rotated_at = now()
   where k.user_id = (select auth.uid()) and k.id = rotate_api_key.key_id and k.revoked_at is null
  returning * into v_key;
  if not found then
    raise exception using errcode = 'PT404', message = 'key_not_found', detail = 'No such key';
  end if;
  perform private.audit_key('api_key.rotated', v_key.user_id, v_key.id, jsonb_build_object('previous_until', v_key.previous_until));
  return private.describe_key(v_key);
end;
$$;
comment on function private.rotate_api_key(uuid, text, integer) is 'The work of public.rotate_api_key.';
grant execute on function private.rotate_api_key(uuid, text, integer) to authenticated;

create function public.rotate_api_key(key_id uuid, key_hash text, overlap_seconds integer default 86400)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.require_person();
  select private.rotate_api_key(rotate_api_key.key_id, rotate_api_key.key_hash, rotate_api_key.overlap_seconds)
$$;
comment on function public.rotate_api_key(uuid, text, integer) is
  'Gives one of the caller''s keys another secret (its SHA-256); the one before is good for overlap_seconds more, any older one no longer. Not for keys. Errors: key_not_found (404), validation_failed (400), scope_insufficient (403).';
revoke execute on function public.rotate_api_key(uuid, text, integer) from public, anon;
grant execute on function public.rotate_api_key(uuid, text, integer) to authenticated;

create function private.revoke_api_key(key_id uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  update private.api_keys as k set revoked_at = now()
   where k.user_id = (select auth.uid()) and k.id = revoke_api_key.key_id and k.revoked_at is null;
  if not found then
    raise exception using errcode = 'PT404', message = 'key_not_found', detail = 'No such key';
  end if;
  perform private.audit_key('api_key.revoked', (select auth.uid()), revoke_api_key.key_id, '{}');
end;
$$;
comment on function private.revoke_api_key(uuid) is 'The work of public.revoke_api_key.';
grant execute on function private.revoke_api_key(uuid) to authenticated;

create function public.revoke_api_key(key_id uuid)
returns void
language sql volatile
set search_path = ''
as $$
  select private.require_person();
  select private.revoke_api_key(revoke_api_key.key_id)
$$;
comment on function public.revoke_api_key(uuid) is
  'Ends one of the caller''s keys for good, from the next request on. Not for keys. Errors: key_not_found (404), scope_insufficient (403).';
revoke execute on function public.revoke_api_key(uuid) from public, anon;
grant execute on function public.revoke_api_key(uuid) to authenticated;

-- Both sides are hashed with a number that nobody knows, so that the time of the comparison tells nothing of the secret's hash.
create function private.is_same_hash(one bytea, other bytea)
returns boolean
language sql volatile
set search_path = ''
as $$
  select coalesce(sha256(nonce || is_same_hash.one) = sha256(nonce || is_same_hash.other), false)
    from (select uuid_send(gen_random_uuid()) as nonce) as blinding
$$;
comment on function private.is_same_hash(bytea, bytea) is 'Compares in a time that does not depend on where they differ; false for null.';

create function private.verify_api_key(key_id uuid, key_hash text, address inet)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_hash constant bytea := case when verify_api_key.key_hash ~ '^[0-9a-f]{64}$' then decode(verify_api_key.key_hash, 'hex') end;
  v_key private.api_keys;
  v_account jsonb;
  v_refused text;
begin
  select * into v_key from private.api_keys as k where k.id = verify_api_key.key_id;
  -- Auth's columns for accounts that were stopped are not everywhere.
  select to_jsonb(u) into v_account from auth.users as u where u.id = v_key.user_id;
  v_refused := case
    when not (private.is_same_hash(v_hash, v_key.key_hash)
      or (private.is_same_hash(v_hash, v_key.previous_hash) and coalesce(v_key.previous_until > now(), false))) then 'secret'
    when v_key.revoked_at is not null then 'revoked'
    when v_account is null or v_account ->> 'deleted_at' is not null
      or coalesce((v_account ->> 'banned_until')::timestamptz > now(), false) then 'owner'
    when cardinality(v_key.networks) > 0
      and not coalesce(verify_api_key.address <<= any (v_key.networks), false) then 'network'
    when v_key.expires_at <= now() then 'expired' end;
  if v_refused is not null then
    if v_key.id is not null and coalesce(v_key.last_refused_at < now() - interval '1 minute', true) then
      update private.api_keys as k set last_refused_at = now() where k.user_id = v_key.user_id and k.id = v_key.id;
      perform private.audit_key('auth.failed', v_key.user_id, v_key.id, jsonb_build_object('reason', v_refused));
    end if;
    -- What is wrong is for the holder of the right secret only, and only where he can do something about it.
    return jsonb_build_object('state', case when v_refused = 'expired' then 'expired' else 'invalid' end);
  end if;
  if coalesce(v_key.last_used_at < now() - interval '1 minute', true) then
    update private.api_keys as k set last_used_at = now(), last_used_address = verify_api_key.address
     where k.user_id = v_key.user_id and k.id = v_key.id;
    if v_key.last_used_at is null or v_key.last_used_at < now() - interval '1 day'
       or v_key.last_used_address is distinct from verify_api_key.address then
      perform private.audit_key('api_key.used', v_key.user_id, v_key.id, '{}');
    end if;
  end if;
  return jsonb_build_object('state', 'valid', 'user_id', v_key.user_id, 'key_id', v_key.id, 'scopes', v_key.scopes);
end;
$$;
comment on function private.verify_api_key(uuid, text, inet) is
  'Whether this secret (its SHA-256) of this key may be used from this address now: {state valid, user_id, key_id, scopes}, {state expired} for the right secret of a key past its time, else {state invalid}. Writes the use at most once a minute, and to the audit log the first use of a day or from another address, and a refusal at most once a minute.';

create function private.admit_request(
  limits jsonb, cost integer, address text, address_bucket text, user_id uuid, key_id uuid, key_hash text, charge boolean)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_address constant inet := case when pg_input_is_valid(admit_request.address, 'inet') then admit_request.address::inet end;
  v_key constant jsonb := case when admit_request.key_id is not null
    then private.verify_api_key(admit_request.key_id, admit_request.key_hash, v_address) end;
  v_user constant uuid := coalesce((v_key ->> 'user_id')::uuid, admit_request.user_id);
  v_limits constant jsonb := private.rate_limits_of(v_user, admit_request.limits);
begin
  return jsonb_build_object('key', v_key, 'limits', v_limits, 'verdicts', case when admit_request.charge then
    private.charge_buckets(
      (select coalesce(jsonb_agg(v_limits -> b.name || jsonb_build_object('name', b.name, 'bucket', b.name || ':' || b.id)), '[]')
         from (values ('user', v_user::text), ('key', v_key ->> 'key_id'), ('address', admit_request.address_bucket)) as b (name, id)
        where b.id is not null and v_limits ? b.name),
      admit_request.cost) end);
end;
$$;
comment on function private.admit_request(jsonb, integer, text, text, uuid, uuid, text, boolean) is 'The work of public.admit_request.';
grant execute on function private.admit_request(jsonb, integer, text, text, uuid, uuid, text, boolean) to service_role;

create function public.admit_request(
  limits jsonb, cost integer, address text default null, address_bucket text default null, user_id uuid default null,
  key_id uuid default null, key_hash text default null, charge boolean default true)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.admit_request(admit_request.limits, admit_request.cost, admit_request.address, admit_request.address_bucket,
    admit_request.user_id, admit_request.key_id, admit_request.key_hash, admit_request.charge)
$$;
comment on function public.admit_request(jsonb, integer, text, text, uuid, uuid, text, boolean) is
  'For the functions with the secret key, once per request: verifies an API key and charges the buckets of the person, the key and the address with the default limits {user, key, address: {limit, window}} given: {key (private.verify_api_key), limits as they are for this person, verdicts (private.charge_buckets; null without charge)}. A key that is not valid is charged to its address.';
revoke execute on function public.admit_request(jsonb, integer, text, text, uuid, uuid, text, boolean) from public, anon;
grant execute on function public.admit_request(jsonb, integer, text, text, uuid, uuid, text, boolean) to service_role;

-- What a key's token may do on /rest/v1 by itself. The functions admit keys by their own scopes.
select private.limit_keys(t.relation::regclass, t.read_scope, t.write_scope)
  from (values
    ('public.audit_log', null, null),
    ('public.contact_numbers', 'contacts:read', null),
    ('public.contacts', 'contacts:read', 'contacts:write'),
    ('public.coverage', 'analytics:read', null),
    ('public.events', 'events:read', 'events:write'),
    ('public.idempotency_keys', null, null),
    ('public.imports', 'imports:write', null),
    ('public.lines', 'events:read', null),
    ('public.nlq_embeddings', null, null),
    ('public.nlq_queries', null, null),
    ('public.org_members', 'admin:read', null),
    ('public.organizations', 'admin:read', null),
    ('public.privacy_rules', 'privacy:read', null),
    ('public.profiles', null, null),
    ('public.rate_limit_settings', 'admin:read', null),
    ('public.sync_sources', 'analytics:read', null)) as t (relation, read_scope, write_scope);
