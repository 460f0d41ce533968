-- Who calls and from where, as the request says it. Roles and claims are set by PostgREST from the verified token and decide;
-- headers can be sent by anybody who calls the REST interface himself: they are noted as stated and decide nothing.

create function private.request_header(name text)
returns text
language plpgsql stable
set search_path = ''
as $$
declare
  v_headers constant text := nullif(current_setting('request.headers', true), '');
begin
  return left(nullif(btrim(v_headers::json ->> lower(request_header.name)), ''), 200);
end;
$$;
comment on function private.request_header(text) is
  'A header of the HTTP request, as sent, cut at 200 characters; null outside a request. For the record only.';
grant execute on function private.request_header(text) to authenticated, service_role;

create function private.client_address()
returns inet
language plpgsql stable
set search_path = ''
as $$
declare
  v_address constant text := private.request_header('x-client-address');
begin
  return case when pg_input_is_valid(v_address, 'inet') then v_address::inet end;
end;
$$;
comment on function private.client_address() is
  'Where the request came from, as the functions say it in x-client-address; null when nothing valid is said. For the record only.';
grant execute on function private.client_address() to authenticated, service_role;

create function private.jwt_claims()
returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb, '{}')
$$;
comment on function private.jwt_claims() is 'The claims of the caller''s verified token; {} outside a request.';
grant execute on function private.jwt_claims() to authenticated, service_role;

-- The role that PostgREST has set stays readable inside security definer functions, and no request can set another.
create function private.actor_type()
returns text
language sql stable
set search_path = ''
as $$
  select case coalesce(nullif(current_setting('role', true), ''), 'none')
    when 'authenticated' then case when private.current_key_id() is null then 'user' else 'api_key' end
    when 'service_role' then 'service'
    when 'anon' then 'anonymous'
    else 'system' end
$$;
comment on function private.actor_type() is
  'What kind of caller this is: user, api_key, service (the secret key), anonymous, or system (jobs and operators, who come without the API).';
grant execute on function private.actor_type() to authenticated, service_role;
