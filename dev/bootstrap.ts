import type { Database } from "./database.ts";
import { createLite } from "./lite.ts";

/** Roles of PostgREST. They belong to the whole server, so another database may be making them right now. */
const ROLES = `
do $$
declare
  v_role record;
begin
  for v_role in
    select * from (values
      ('anon', 'nologin'),
      ('authenticated', 'nologin'),
      ('service_role', 'nologin bypassrls'),
      ('authenticator', 'login noinherit')
    ) as wanted (name, options)
  loop
    begin
      if not exists (select from pg_catalog.pg_roles where rolname = v_role.name) then
        execute format('create role %I %s', v_role.name, v_role.options);
      end if;
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
  for v_role in
    select granted.rolname as name, member.rolname as member
      from pg_catalog.pg_roles as granted
      join pg_catalog.pg_roles as member
        on member.rolname = 'authenticator' or (member.rolname = current_user and not member.rolsuper)
     where granted.rolname in ('anon', 'authenticated', 'service_role')
       and not pg_has_role(member.oid, granted.oid, 'set')
  loop
    begin
      execute format('grant %I to %I', v_role.name, v_role.member);
    exception when internal_error or unique_violation then null; -- a concurrent grant of the same
    end;
  end loop;
end;
$$;`;

/** PostgREST sets \`request.jwt.claims\`; older servers and \`@supabase/lite\` set one setting per claim as well. */
const AUTH_FUNCTIONS = `
create or replace function auth.jwt() returns jsonb language sql stable as $$
  select nullif(current_setting('request.jwt.claims', true), '')::jsonb
$$;
create or replace function auth.uid() returns uuid language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), auth.jwt() ->> 'sub')::uuid
$$;
create or replace function auth.role() returns text language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim.role', true), ''), auth.jwt() ->> 'role')
$$;
create or replace function auth.email() returns text language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim.email', true), ''), auth.jwt() ->> 'email')
$$;
grant usage on schema auth to anon, authenticated, service_role;`;

/** A new Supabase database gives the API roles everything in public: migrations have to take it back. */
const NEW_DATABASE = `
grant usage on schema public to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public grant execute on functions to anon, authenticated, service_role;
do $$ begin
  execute format('alter database %I set search_path = "$user", public, extensions', current_database());
end $$;`;

/** Whose database it is: one of a Supabase project, or one that `bootstrap` prepared. */
export type DatabaseKind = "supabase" | "local";

interface State {
  users_owner: string | null;
  users_columns: number;
  is_migrated: boolean;
}

async function readState(db: Database): Promise<State> {
  const [state] = await db.query<State>(`
    select
      (select pg_get_userbyid(relowner) from pg_class where oid = to_regclass('auth.users')) as users_owner,
      (select count(*)::int from information_schema.columns
        where table_schema = 'auth' and table_name = 'users'
          and column_name in ('encrypted_password', 'email_confirmed_at')) as users_columns,
      to_regclass('supabase_migrations.schema_migrations') is not null as is_migrated`);
  if (state === undefined) throw new Error("Cannot read the state of the database");
  return state;
}

/**
 * Gives a plain Postgres or PGlite what a Supabase database has before the first migration: the API roles, the
 * schema `auth` with its tables and functions, the default privileges. Running it again changes nothing. A
 * database of a Supabase project has all of it and is left alone.
 */
export async function bootstrap(db: Database): Promise<DatabaseKind> {
  const before = await readState(db);
  if (before.users_owner === "supabase_auth_admin") return "supabase";
  if (before.users_owner !== null && before.users_columns < 2) {
    throw new Error(
      "Cannot use this database: its auth.users lacks the columns of Supabase Auth; start from an empty database",
    );
  }
  await db.exec(ROLES);
  const options = { jwt_secret: crypto.randomUUID(), public_url: "http://127.0.0.1", log: () => {} };
  const lite = createLite(db.connection, options);
  await db.exclusive(() => lite.ensureSystemSchema());
  // Lite reports no failure of its own statements.
  if ((await readState(db)).users_columns < 2) throw new Error("Cannot create the tables of Supabase Auth");
  await db.exec(AUTH_FUNCTIONS);
  if (!before.is_migrated) await db.exec(NEW_DATABASE);
  return "local";
}
