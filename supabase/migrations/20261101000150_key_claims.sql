-- Stand-in in this clone for the file of the same name of "keys".
create function private.require_person()
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if nullif(current_setting('request.jwt.claims', true), '')::jsonb ? 'key_id' then
    raise exception using errcode = 'PT403', message = 'not_permitted', detail = 'An API key can not do this';
  end if;
end;
$$;
comment on function private.require_person() is 'Raises for an API key.';
grant execute on function private.require_person() to authenticated, service_role;

create function private.require_scope(variadic scopes text[])
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if not coalesce((nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'key_scopes') ?| require_scope.scopes, true) then
    raise exception using errcode = 'PT403', message = 'not_permitted', detail = 'An API key can not do this';
  end if;
end;
$$;
comment on function private.require_scope(text[]) is 'Raises for an API key without one of the scopes.';
grant execute on function private.require_scope(text[]) to authenticated, service_role;
