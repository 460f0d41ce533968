-- What a caller with an API key may do. The token of a key is one of its owner's, with two claims more: key_id and
-- key_scopes. A person's own token has neither and may do all that its owner may. Row-level security holds for both.
--
-- Every table in public has restrictive policies by private.has_scope (private.limit_keys makes them), and every
-- function in public begins with private.require_scope or private.require_person; catalogue tests hold both.

create function private.current_key_id()
returns text
language sql stable parallel safe
set search_path = ''
as $$
  select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'key_id'
$$;
comment on function private.current_key_id() is 'The API key whose token the caller has; null for a person.';
grant execute on function private.current_key_id() to authenticated, service_role;

-- A function that admitted the key reads more tables than the key may read by themselves: what it answers is its own
-- matter. The setting is local to the transaction, which is one request, and names the key.
create function private.has_scope(scope text)
returns boolean
language sql stable parallel safe
set search_path = ''
as $$
  select case
      when claims is null or not claims ? 'key_id' then true
      when claims ->> 'key_id' = current_setting('phonelog.admitted_key', true) then true
      else coalesce(claims -> 'key_scopes' ? has_scope.scope, false) end
    from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb as claims) as request
$$;
comment on function private.has_scope(text) is
  'True for a person, for a key with this scope, and inside a function that admitted the key (private.require_scope).';
grant execute on function private.has_scope(text) to authenticated, service_role;

create function private.require_scope(variadic scopes text[])
returns void
language plpgsql stable
set search_path = ''
as $$
declare
  v_claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
begin
  if v_claims is null or not v_claims ? 'key_id'
     or v_claims ->> 'key_id' = current_setting('phonelog.admitted_key', true) then
    return;
  end if;
  if not coalesce(v_claims -> 'key_scopes' ?| require_scope.scopes, false) then
    raise exception using errcode = 'PT403', message = 'scope_insufficient',
      detail = 'This needs an API key with the scope ' || array_to_string(require_scope.scopes, ' or ');
  end if;
  perform set_config('phonelog.admitted_key', v_claims ->> 'key_id', true);
end;
$$;
comment on function private.require_scope(text[]) is
  'First statement of a public function: raises unless the caller is a person or a key with one of these scopes, and admits the key to the tables that the function reads. Errors: scope_insufficient (403).';
grant execute on function private.require_scope(text[]) to authenticated, service_role;

create function private.require_person()
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if private.current_key_id() is not null then
    raise exception using errcode = 'PT403', message = 'scope_insufficient', detail = 'No API key may do this: sign in';
  end if;
end;
$$;
comment on function private.require_person() is
  'First statement of a public function that keys may not call at all. Errors: scope_insufficient (403).';
grant execute on function private.require_person() to authenticated, service_role;

create function private.limit_keys(relation regclass, read_scope text, write_scope text)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_name constant text := (select c.relname from pg_catalog.pg_class as c where c.oid = limit_keys.relation);
  -- "is not null" and not the boolean itself: the planner takes a boolean that it does not know for half of the rows.
  v_condition constant text := '(select nullif(private.has_scope(%L), false)) is not null';
  v_reads constant text := format(v_condition, coalesce(limit_keys.read_scope, 'none'));
  v_writes constant text := format(v_condition, coalesce(limit_keys.write_scope, 'none'));
begin
  execute format('create policy %I on %s as restrictive for select to authenticated using (%s)',
    v_name || '_key_select', limit_keys.relation, v_reads);
  execute format('create policy %I on %s as restrictive for insert to authenticated with check (%s)',
    v_name || '_key_insert', limit_keys.relation, v_writes);
  execute format('create policy %I on %s as restrictive for update to authenticated using (%s) with check (%s)',
    v_name || '_key_update', limit_keys.relation, v_writes, v_writes);
  execute format('create policy %I on %s as restrictive for delete to authenticated using (%s)',
    v_name || '_key_delete', limit_keys.relation, v_writes);
end;
$$;
comment on function private.limit_keys(regclass, text, text) is
  'For migrations: the restrictive policies of a table in public. A null scope keeps keys out; persons are not limited.';
