-- Foundation: what every later file stands on. Schemas, extensions, closed default privileges, small helpers.
--
-- public      tables (RLS) and callable functions (security invoker); the only exposed schema
-- private     helpers, derived data and security definer functions; never exposed
-- extensions  extensions

-- What a Supabase project already has. On Supabase (hosted or local) this block changes nothing; on a plain
-- PostgreSQL 17 it creates the roles and the part of the auth schema that the other files name.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'anon') then
    create role anon nologin;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = 'authenticated') then
    create role authenticated nologin;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    create role service_role nologin bypassrls;
  end if;
  if to_regclass('auth.users') is null then
    create schema if not exists auth;
    create table auth.users (
      id uuid primary key,
      email varchar(255),
      raw_user_meta_data jsonb,
      created_at timestamptz default now()
    );
  end if;
  if to_regprocedure('auth.uid()') is null then
    create function auth.uid() returns uuid language sql stable set search_path = '' as $f$
      select coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
      )::uuid
    $f$;
  end if;
  if not has_schema_privilege('authenticated', 'auth', 'usage') then
    grant usage on schema auth to anon, authenticated, service_role;
  end if;
end;
$$;

create schema if not exists extensions;
grant usage on schema extensions to anon, authenticated, service_role;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists pg_trgm with schema extensions;
create extension if not exists unaccent with schema extensions;
create extension if not exists btree_gin with schema extensions;
create extension if not exists vector with schema extensions;

-- Nothing is granted by default: each object states its own grants. Postgres gives EXECUTE to PUBLIC globally,
-- and Supabase gives everything in public to the API roles, so both are taken back.
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke execute on functions from anon, authenticated, service_role;
revoke create on schema public from public;
grant usage on schema public to anon, authenticated, service_role;

create schema private;
comment on schema private is 'Helpers, derived data and security definer functions. Not exposed by the API.';
revoke all on schema private from public;
grant usage on schema private to authenticated, service_role;

-- Keys that grow with time keep a person's rows together in the index (RFC 9562, version 7).
create function private.uuid_v7()
returns uuid
language plpgsql volatile parallel safe
set search_path = ''
as $$
begin
  return (lpad(to_hex((date_part('epoch', clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(gen_random_uuid()::text, 16))::uuid;
end;
$$;
comment on function private.uuid_v7() is 'A new UUID version 7: 48 bits of Unix milliseconds, then the variant and random bits of a version 4.';
grant execute on function private.uuid_v7() to authenticated, service_role;

create function private.is_time_zone(name text)
returns boolean
language plpgsql immutable parallel safe
set search_path = ''
as $$
begin
  -- Postgres also takes abbreviations and POSIX rules such as "ABC+3"; the contract is IANA names only.
  if is_time_zone.name is null
     or is_time_zone.name !~ '^(UTC|GMT|Etc/GMT([+-]([0-9]|1[0-4])|0)?|[A-Z][A-Za-z_]+(/[A-Za-z_-]+){1,2})$' then
    return false;
  end if;
  perform timestamptz 'epoch' at time zone is_time_zone.name;
  return true;
exception when invalid_parameter_value then
  return false;
end;
$$;
comment on function private.is_time_zone(text) is 'True for an IANA time zone name that this server knows.';
grant execute on function private.is_time_zone(text) to authenticated, service_role;

create function private.set_updated_at()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;
comment on function private.set_updated_at() is 'Trigger: stamps updated_at.';

-- Export, erasure and retention work from this list, so that no table of a person's data is forgotten: a test
-- fails when a table with a user_id column is missing here.
create table private.user_tables (
  table_name regclass primary key,
  owner_column name not null default 'user_id',
  holds text not null,
  time_column name,
  left_out text,
  left_out_columns jsonb not null default '{}' check (jsonb_typeof(left_out_columns) = 'object')
);
comment on table private.user_tables is
  'Registry of every table that holds a person''s data: its owner column, what it holds, and the column of event time that retention goes by (null: kept as long as the account). left_out: why a person''s export does not have it (null: it has); left_out_columns: the same of single columns, {column: reason}.';
